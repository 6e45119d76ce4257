use cairn_datasets::cell::resolution;
use cairn_datasets::units::{Position, Timestamp};
use proptest::prelude::*;

use super::*;

fn epochs() -> Epochs {
    Epochs::only("test")
}

/// A picture whose hash has its first `bits` bits set, metres north of a corner of Lund.
fn candidate(name: &str, bits: usize, metres_north: i32, uploaded_at: i64) -> Candidate {
    let mut hash = [0_u8; 32];
    for bit in 0..bits {
        hash[bit / 8] |= 1 << (bit % 8);
    }
    let position = Position {
        lat_e7: 557_000_000 + metres_north * 90,
        lon_e7: 131_900_000,
    };
    Candidate {
        image_id: Digest::of(name.as_bytes()),
        history: None,
        home: "tile=1".into(),
        cell: Cell::at(position, resolution(11).unwrap()),
        lat_e7: position.lat_e7,
        lon_e7: position.lon_e7,
        heading_deg: Some(10),
        pdq: Digest(hash),
        pdq_quality: 100,
        pdq_dihedral: hash.repeat(8),
        uploaded_at: Some(Timestamp(uploaded_at)),
        contributor: "ada".into(),
        path: name.into(),
        ordinal: 0,
    }
}

fn pairs(candidates: &[Candidate]) -> Vec<(String, String, u32)> {
    let found = near_duplicates(&DedupPolicy::default(), &epochs(), "tile=1", candidates);
    let mut pairs: Vec<_> = candidates
        .iter()
        .filter_map(|c| {
            found
                .get(&c.image_id)
                .map(|m| (c.path.clone(), m.original.path.clone(), m.original.bits))
        })
        .collect();
    pairs.sort();
    pairs
}

#[test]
fn policy_d4_the_earliest_match_is_named_even_when_a_later_one_is_nearer() {
    let images = [
        candidate("a", 0, 0, 1),
        candidate("b", 40, 0, 2),
        candidate("c", 20, 0, 3),
    ];
    assert_eq!(pairs(&images), [("c".to_owned(), "a".to_owned(), 20)]);
}

#[test]
fn policy_d4_allows_31_bits_only_close_by_and_looking_the_same_way() {
    assert_eq!(
        pairs(&[candidate("a", 0, 0, 1), candidate("b", 31, 20, 2)]).len(),
        1
    );
    assert_eq!(
        pairs(&[candidate("a", 0, 0, 1), candidate("b", 31, 30, 2)]).len(),
        0
    );
    let mut turned = candidate("b", 31, 20, 2);
    turned.heading_deg = Some(60);
    assert_eq!(pairs(&[candidate("a", 0, 0, 1), turned]).len(), 0);
}

#[test]
fn policy_d4_low_pdq_quality_never_matches() {
    let mut dull = candidate("b", 0, 0, 2);
    dull.pdq_quality = 49;
    assert_eq!(pairs(&[candidate("a", 0, 0, 1), dull]).len(), 0);
}

#[test]
fn policy_d4_a_mirrored_picture_is_found_by_its_dihedral_hashes() {
    let mut mirrored = candidate("b", 128, 0, 2);
    mirrored.pdq_dihedral[32..64].copy_from_slice(&[0; 32]);
    assert_eq!(
        pairs(&[candidate("a", 0, 0, 1), mirrored]),
        [("b".to_owned(), "a".to_owned(), 0)]
    );
}

#[test]
fn a_halo_image_is_held_against_but_not_judged() {
    let mut halo = candidate("b", 0, 0, 2);
    halo.home = "tile=2".into();
    let images = [candidate("a", 0, 0, 1), halo, candidate("c", 0, 0, 3)];
    assert_eq!(pairs(&images), [("c".to_owned(), "a".to_owned(), 0)]);
}

proptest! {
    /// The index by cells finds what holding every pair against each other finds.
    #[test]
    fn near_duplicates_are_those_of_the_quadratic_search(
        seeds in proptest::collection::vec((0_usize..60, 0_i32..120, 0_i64..5), 0..24),
    ) {
        let images: Vec<Candidate> = seeds
            .iter()
            .enumerate()
            .map(|(i, (bits, north, at))| candidate(&format!("{i:02}"), *bits, *north, *at))
            .collect();
        let policy = DedupPolicy::default();
        let mut order: Vec<&Candidate> = images.iter().collect();
        order.sort_by_key(|c| c.precedence(&epochs()));
        let mut expected = Vec::new();
        for (i, later) in order.iter().enumerate() {
            let earliest = order[..i].iter().find(|earlier| {
                later.cell.with_ring().contains(&earlier.cell) && compare(&policy, &epochs(), later, earlier).is_some()
            });
            if let Some(earlier) = earliest {
                expected.push((later.path.clone(), earlier.path.clone()));
            }
        }
        expected.sort();
        let found: Vec<_> = pairs(&images).into_iter().map(|(a, b, _)| (a, b)).collect();
        prop_assert_eq!(found, expected);
    }
}
