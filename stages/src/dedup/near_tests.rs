use proptest::prelude::*;

use super::super::samples::candidate;
use super::*;

fn epochs() -> Epochs {
    Epochs::only("test")
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

/// A picture without repetition, at 32x32, of which the first `cut` columns are cut off and the rest stretched.
fn thumbnail(seed: usize, cut: usize) -> Vec<u8> {
    let level = |x: usize, y: usize| {
        let wave = |across: usize, down: usize| {
            ((x * across + y * down + seed * 9_973) % 8_192).abs_diff(4_096) / 70
        };
        (wave(7, 3 + seed) + wave(3 + 2 * seed, 11) + wave(13, 5)) / 3 * 4
    };
    let cells = (0..32 * 32_usize).map(|at| (cut * 32 + at % 32 * (32 - 2 * cut), at / 32 * 32));
    cells.map(|(x, y)| u8::try_from(level(x, y)).unwrap()).collect()
}

/// Two contributors' pictures about there, one of them cropped, and further apart in bits than D4 allows.
fn crop_and_original() -> [Candidate; 2] {
    let (mut original, mut crop) = (candidate("a", 0, 0, 1), candidate("b", 90, 5, 2));
    (original.thumbnail, crop.thumbnail) = (thumbnail(1, 0), thumbnail(1, 1));
    (original.sequence, crop.sequence) = (Some(Digest([1; 32])), Some(Digest([2; 32])));
    [original, crop]
}

fn found(candidates: &[Candidate]) -> Option<Match> {
    near_duplicates(&DedupPolicy::default(), &epochs(), "tile=1", candidates).remove(&candidates[1].image_id)
}

#[test]
fn policy_d4_a_crop_is_found_whether_it_comes_before_or_after_its_original() {
    let [mut original, mut crop] = crop_and_original();
    let found_crop = found(&[original.clone(), crop.clone()]).unwrap();
    let Finding {
        reason,
        measured,
        threshold,
    } = found_crop.finding;
    assert_eq!((reason, threshold), (Reason::Cropped, Some(955_000)));
    assert!(measured > threshold, "{measured:?}");
    assert_eq!(
        (found_crop.original.image_id, found_crop.original.bits),
        (original.image_id, 90)
    );
    assert!(found_crop.original.mm.unwrap().abs_diff(5_000) < 100);

    std::mem::swap(&mut original.thumbnail, &mut crop.thumbnail);
    let found_whole = found(&[original, crop]).unwrap().finding;
    assert_eq!(found_whole.reason, Reason::Cropped);
    assert!(found_whole.measured > threshold, "{found_whole:?}");
}

#[test]
fn policy_d4_a_crop_has_to_be_about_there_of_another_sequence_and_not_too_far_in_bits() {
    let change = |change: &dyn Fn(&mut Candidate)| {
        let [original, mut crop] = crop_and_original();
        change(&mut crop);
        found(&[original, crop])
    };
    assert!(change(&|_| ()).is_some());
    assert!(
        change(&|crop| crop.sequence = None).is_some(),
        "no sequence is no common one"
    );
    assert_eq!(change(&|crop| crop.sequence = Some(Digest([1; 32]))), None);
    assert_eq!(change(&|crop| crop.lat_e7 += 250 * 9), None);
    assert!(
        change(&|crop| crop.heading_deg = Some(100)).is_some(),
        "what it shows says more"
    );
    assert_eq!(change(&|crop| crop.thumbnail = thumbnail(2, 0)), None);
    assert_eq!(change(&|crop| crop.pdq_quality = 49), None);
    assert_eq!(
        change(&|crop| crop.pdq_dihedral = [0xff; 256].to_vec()).map(|m| m.original.bits),
        Some(90)
    );
    assert_eq!(change(&|crop| crop.pdq = Digest([0xff; 32])), None);
}

/// The bound that keeps a crowded cell from costing a comparison of every two.
#[test]
fn policy_d4_only_so_many_are_aligned_the_nearest_in_bits_first() {
    let [original, crop] = crop_and_original();
    let mut images = vec![original, crop];
    for other in 0..32_usize {
        let mut near = candidate(&format!("c{other:02}"), 0, 0, 0);
        near.thumbnail = thumbnail(3 + other, 0);
        near.pdq.0 = std::array::from_fn(|at| crop_hash(&images[1], other, at));
        near.pdq_dihedral = near.pdq.0.repeat(8);
        images.push(near);
    }
    assert_eq!(found(&images), None);
    images.pop();
    assert!(found(&images).is_some());
}

/// The hash of a picture, but for forty bits of its own for each other.
fn crop_hash(crop: &Candidate, other: usize, at: usize) -> u8 {
    let byte = crop.pdq.0[at];
    if (at + 32 - other) % 32 < 5 { !byte } else { byte }
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
                let bits = pdq::least_distance(&later.pdq_dihedral, &earlier.pdq);
                later.cell.with_ring().contains(&earlier.cell)
                    && near(&policy, &epochs(), later, earlier, bits).is_some()
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
