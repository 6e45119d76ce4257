use proptest::prelude::*;

use super::*;

/// Hashes in a few families, so that many are within some bits of each other: members of a family
/// differ from it by the bits listed.
fn hashes(members: &[(u8, Vec<u8>)]) -> Vec<Digest> {
    members
        .iter()
        .map(|(family, flipped)| {
            let mut hash = Digest::of(&[*family]);
            for bit in flipped {
                flip(&mut hash, *bit);
            }
            hash
        })
        .collect()
}

fn flip(hash: &mut Digest, bit: u8) {
    hash.0[usize::from(bit / 8)] ^= 1 << (bit % 8);
}

/// Every pair by holding each against each.
fn by_brute_force(hashes: &[Digest], queries: &[Query<'_>], bits: u32) -> Vec<(usize, Hit)> {
    let mut found = Vec::new();
    for (place, query) in queries.iter().enumerate() {
        for (at, hash) in hashes.iter().enumerate().take(query.before) {
            let apart = pdq::least_distance(query.dihedral, hash);
            if apart <= bits {
                found.push((place, Hit { at, bits: apart }));
            }
        }
    }
    found
}

fn members(families: u8) -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    proptest::collection::vec(
        (0..families, proptest::collection::vec(any::<u8>(), 0..40)),
        0..60,
    )
}

proptest! {
    /// The law of the index: it finds what brute force finds, whatever the bands and the filter.
    #[test]
    fn the_index_finds_what_brute_force_finds(
        members in members(6),
        bits in 0_u32..80,
        modulus in 1_usize..4,
    ) {
        let hashes = hashes(&members);
        // The second position of each picture is the first of another, so that both count.
        let dihedral: Vec<Vec<u8>> = hashes
            .iter()
            .zip(hashes.iter().rev())
            .map(|(a, b)| [a.0, b.0].concat())
            .collect();
        let queries: Vec<Query<'_>> = dihedral
            .iter()
            .enumerate()
            .map(|(before, dihedral)| Query { dihedral, before })
            .collect();
        let accept = |query: usize, hit: Hit| (query + hit.at).is_multiple_of(modulus);
        let expected: Vec<_> = by_brute_force(&hashes, &queries, bits)
            .into_iter()
            .filter(|(query, hit)| accept(*query, *hit))
            .collect();
        let index = HashIndex::new(&hashes, bits);
        let mut all = Vec::new();
        index.each_by_band(&queries, |query, hit| {
            if accept(query, hit) {
                all.push((query, hit));
            }
            false
        });
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(&all, &expected);
        prop_assert_eq!(&index.all(&queries, accept), &expected);

        let mut earliest = vec![None; queries.len()];
        for (query, hit) in expected.into_iter().rev() {
            earliest[query] = Some(hit);
        }
        prop_assert_eq!(&index.earliest(&queries, accept), &earliest);
        let mut by_band = vec![None; queries.len()];
        index.each_by_band(&queries, |query, hit| {
            if accept(query, hit) {
                by_band[query] = Some(hit);
            }
            accept(query, hit)
        });
        prop_assert_eq!(by_band, earliest);
    }

    /// Bits spread as evenly as can be are the worst case: each band gets its share.
    #[test]
    fn no_spread_of_the_bits_over_the_bands_escapes(
        bits in 1_u32..64,
        offset in 0_u32..256,
        crowd in 1_usize..3000,
    ) {
        let original = Digest::of(b"original");
        let mut copy = original;
        for flipped in 0..bits {
            flip(&mut copy, u8::try_from((offset + flipped * 256 / bits) % 256).unwrap());
        }
        let mut hashes: Vec<Digest> =
            (0..crowd).map(|other| Digest::of(&other.to_le_bytes())).collect();
        hashes.insert(crowd / 2, original);
        let query = Query { dihedral: &copy.0, before: hashes.len() };
        let expected = by_brute_force(&hashes, &[query], bits);
        prop_assert!(expected.iter().any(|(_, hit)| hit.at == crowd / 2));
        let mut found = Vec::new();
        HashIndex::new(&hashes, bits).each_by_band(&[query], |query, hit| {
            found.push((query, hit));
            false
        });
        found.sort_unstable();
        found.dedup();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_hash_is_not_held_against_itself_nor_later_ones() {
    let hashes = [Digest([7; 32]); 3];
    let queries: Vec<Query<'_>> = hashes
        .iter()
        .enumerate()
        .map(|(before, hash)| Query {
            dihedral: &hash.0,
            before,
        })
        .collect();
    let index = HashIndex::new(&hashes, 24);
    let first = Hit { at: 0, bits: 0 };
    assert_eq!(
        index.earliest(&queries, |_, _| true),
        [None, Some(first), Some(first)]
    );
    assert_eq!(index.all(&queries, |_, _| true).len(), 3);
}

#[test]
fn every_bit_of_a_hash_lies_in_one_band_and_one_band_more_than_half_the_bits_is_there() {
    for bits in 0..=256 {
        let bands = bands(bits, usize::MAX / 2);
        assert!(bits / u32::try_from(bands.len()).unwrap() <= 1, "{bits} bits");
        let mut next = 0;
        for (band, after) in bands
            .iter()
            .zip(bands.iter().skip(1).map(|b| b.first).chain([256]))
        {
            assert_eq!(band.first, next);
            next = after;
            assert_eq!(band.width, (after - band.first).min(WIDEST_KEY));
        }
    }
}

#[test]
fn keys_cross_the_words_of_a_hash() {
    let mut hash = [0_u8; 32];
    (hash[7], hash[8]) = (0b1000_0000, 0b11);
    let band = Band { first: 62, width: 8 };
    assert_eq!(band.key(&words(&hash)), 0b1110);
    let whole = Band { first: 64, width: 2 };
    assert_eq!(whole.key(&words(&hash)), 0b11);
}

#[test]
fn a_crowd_is_searched_by_band_and_a_few_by_hand() {
    for bits in [24, 31] {
        assert!(!worth_it(&bands(bits, 50), 50, 50));
        assert!(worth_it(&bands(bits, 5_000), 5_000, 5_000));
        assert!(worth_it(&bands(bits, 100_000), 100_000, 100_000));
    }
    assert!(
        !worth_it(&bands(200, 100_000), 100_000, 100_000),
        "bands of two bits are no use"
    );
}
