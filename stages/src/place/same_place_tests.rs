use proptest::prelude::*;

use super::*;
use crate::place::fixtures::{HOME, UPLOADED, at};

/// Owned parts of a [`View`].
#[derive(Clone, Debug)]
struct Picture {
    path: String,
    position: Position,
    heading_deg: Option<u32>,
    pdq: Digest,
    dihedral: Vec<u8>,
    quality: u32,
}

/// A picture whose hash differs from another's in as many bits as their numbers do.
fn picture(path: &str, position: Position, bits: usize) -> Picture {
    let mut hash = [0_u8; 32];
    for bit in 0..bits {
        hash[bit / 8] |= 1 << (bit % 8);
    }
    // The other seven orientations are far from everything: of all hashes, half the bits differ.
    let mut dihedral = hash.to_vec();
    dihedral.extend([0x55; 32 * 7]);
    Picture {
        path: path.to_owned(),
        position,
        heading_deg: None,
        pdq: Digest(hash),
        dihedral,
        quality: 100,
    }
}

fn judged(pictures: &[Picture]) -> Vec<Option<SamePlace>> {
    let views: Vec<View<'_>> = pictures
        .iter()
        .map(|p| View {
            uploaded_at: Some(UPLOADED),
            path: &p.path,
            ordinal: 0,
            position: p.position,
            heading_deg: p.heading_deg,
            pdq: &p.pdq,
            dihedral: &p.dihedral,
            pdq_quality: p.quality,
        })
        .collect();
    same_place(&views, &DedupPolicy::default())
}

fn repeats(pictures: &[Picture]) -> Vec<Option<usize>> {
    judged(pictures)
        .into_iter()
        .map(|found| found.map(|repeat| repeat.of))
        .collect()
}

#[test]
fn policy_d3_needs_less_than_1_m() {
    let pair = |mm| judged(&[picture("1", at(0, 0), 0), picture("2", at(mm, 0), 10)]);
    let near = pair(900);
    assert_eq!(near[0], None);
    let SamePlace { of, bits, mm } = near[1].unwrap();
    assert_eq!((of, bits), (0, 10));
    assert!((880..=900).contains(&mm), "{mm}");
    assert_eq!(pair(1_020), [None, None]);
}

#[test]
fn policy_d3_needs_less_than_15_degrees_when_known() {
    let pair = |a, b| {
        let mut pair = [picture("1", HOME, 0), picture("2", HOME, 0)];
        (pair[0].heading_deg, pair[1].heading_deg) = (a, b);
        repeats(&pair)[1]
    };
    assert_eq!(pair(Some(355), Some(9)), Some(0));
    assert_eq!(pair(Some(355), Some(10)), None);
    assert_eq!(pair(Some(90), None), Some(0));
    assert_eq!(pair(None, None), Some(0));
}

#[test]
fn policy_d3_geometry_alone_never_discards_a_picture() {
    // A frozen fix: one position, different pictures.
    let frozen = [
        picture("27", HOME, 0),
        picture("28", HOME, 63),
        picture("29", HOME, 126),
    ];
    assert_eq!(repeats(&frozen), [None, None, None]);
    assert_eq!(
        repeats(&[picture("27", HOME, 0), picture("28", HOME, 62)]),
        [None, Some(0)]
    );
}

#[test]
fn policy_d3_a_hash_of_low_quality_matches_nothing() {
    let mut pair = [picture("1", HOME, 0), picture("2", HOME, 0)];
    pair[0].quality = 49;
    assert_eq!(repeats(&pair), [None, None]);
    pair[0].quality = 50;
    assert_eq!(repeats(&pair), [None, Some(0)]);
    pair[1].quality = 49;
    assert_eq!(repeats(&pair), [None, None]);
}

#[test]
fn policy_d3_turning_and_mirroring_the_later_picture_does_not_help() {
    let mut pair = [picture("1", HOME, 0), picture("2", HOME, 200)];
    pair[1].dihedral[64..96].fill(0);
    assert_eq!(repeats(&pair), [None, Some(0)]);
}

#[test]
fn policy_d3_compares_with_the_last_that_was_kept_so_a_slow_creep_is_not_swallowed() {
    let creep: Vec<Picture> = (0..7)
        .map(|n| picture(&n.to_string(), at(n * 400, 0), 0))
        .collect();
    assert_eq!(
        repeats(&creep),
        [None, Some(0), Some(0), None, Some(3), Some(3), None]
    );
}

#[test]
fn policy_d3_of_two_captures_the_later_upload_goes_so_that_d4_cannot_take_the_other() {
    // Taken as img9, img10, img11; by path img10 and img11 come first.
    let names = [
        picture("img9", HOME, 0),
        picture("img10", HOME, 5),
        picture("img11", HOME, 9),
    ];
    assert_eq!(repeats(&names), [Some(1), None, Some(1)]);
}

prop_compose! {
    fn some_picture()(name in "[a-d]{1,3}", mm in 0..4_000_i64, bits in 0..140_usize, quality in 45..60_u32,
                      heading_deg in prop::option::of(0..40_u32)) -> Picture {
        Picture { heading_deg, quality, ..picture(&name, at(mm, 0), bits) }
    }
}

proptest! {
    #[test]
    fn every_duplicate_names_an_earlier_record_that_is_kept(pictures in prop::collection::vec(some_picture(), 0..30)) {
        // Paths are unique in a session.
        let pictures: Vec<Picture> = pictures.into_iter().enumerate()
            .map(|(n, p)| Picture { path: format!("{}-{n}", p.path), ..p }).collect();
        let found = judged(&pictures);
        for (index, repeat) in found.iter().enumerate() {
            if let Some(repeat) = repeat {
                prop_assert!(found[repeat.of].is_none());
                prop_assert!(pictures[repeat.of].path < pictures[index].path);
                prop_assert!(repeat.bits <= 62 && repeat.mm < 1_000);
            }
        }
    }

    #[test]
    fn where_uploads_follow_captures_it_is_the_plain_walk(pictures in prop::collection::vec(some_picture(), 0..30)) {
        let pictures: Vec<Picture> = pictures.into_iter().enumerate()
            .map(|(n, p)| Picture { path: format!("{n:04}"), ..p }).collect();
        let policy = DedupPolicy::default();
        let mut last: Option<usize> = None;
        let mut plain = Vec::new();
        for (index, p) in pictures.iter().enumerate() {
            let view = |p: &'_ Picture| (p.position, p.heading_deg, p.pdq, p.quality);
            let hit = last.filter(|last| {
                let (a, b) = (view(&pictures[*last]), view(p));
                distance_mm(a.0, b.0) < 1_000
                    && a.1.zip(b.1).is_none_or(|(a, b)| turn_deg(a, b) < 15)
                    && a.3.min(b.3) >= 50
                    && u64::from(least_distance(&p.dihedral, &a.2)) <= policy.same_place_bits
            });
            plain.push(hit);
            if hit.is_none() {
                last = Some(index);
            }
        }
        prop_assert_eq!(repeats(&pictures), plain);
    }
}
