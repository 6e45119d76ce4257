use proptest::prelude::*;

use super::*;
use crate::pdq;

/// A picture some steps of 200 m to the north: a cell is some 50 m across, so that a step leads out of every ring.
fn candidate(name: &str, bits: usize, steps_north: i32, uploaded_at: i64) -> Candidate {
    super::super::samples::candidate(name, bits, steps_north * 200, uploaded_at)
}

fn epochs() -> Epochs {
    Epochs {
        history: vec!["before".into()],
        own: "now".into(),
    }
}

/// Every pair (later, earlier) that is found when all images are looked for.
fn pairs(candidates: &[Candidate]) -> Vec<(String, String)> {
    let mut wanted: Vec<Digest> = candidates.iter().map(|c| c.image_id).collect();
    wanted.sort_unstable();
    let found = reused(&DedupPolicy::default(), &epochs(), candidates, &wanted);
    let mut pairs: Vec<_> = found
        .into_iter()
        .map(|(_, repeat)| (repeat.repeat_path, repeat.repeat_of_path.unwrap()))
        .collect();
    pairs.sort();
    pairs
}

fn pair(later: &str, earlier: &str) -> (String, String) {
    (later.to_owned(), earlier.to_owned())
}

#[test]
fn policy_d5_the_earliest_picture_of_another_place_is_named() {
    let images = [
        candidate("a", 0, 0, 1),
        candidate("b", 24, 5, 2),
        candidate("c", 3, 9, 3),
        candidate("d", 25, 20, 4),
    ];
    // d is 25 bits from a, but 1 from b.
    assert_eq!(pairs(&images), [pair("b", "a"), pair("c", "a"), pair("d", "b")]);
}

#[test]
fn policy_d5_what_lies_in_the_ring_is_left_to_d4() {
    assert_eq!(pairs(&[candidate("a", 0, 0, 1), candidate("b", 0, 0, 2)]), []);
}

#[test]
fn policy_d5_only_what_is_still_kept_is_looked_for() {
    let images = [candidate("a", 0, 0, 1), candidate("b", 0, 5, 2)];
    let found = reused(&DedupPolicy::default(), &epochs(), &images, &[Digest::of(b"a")]);
    assert_eq!(found, []);
}

#[test]
fn policy_d5_low_pdq_quality_never_matches() {
    let mut dull = candidate("b", 0, 5, 2);
    dull.pdq_quality = 49;
    assert_eq!(pairs(&[candidate("a", 0, 0, 1), dull]), []);
}

#[test]
fn policy_d5_the_history_precedes_the_epoch_and_is_not_judged() {
    let past = Candidate {
        history: Some(0),
        home: String::new(),
        pdq_dihedral: Vec::new(),
        ..candidate("past", 0, 5, 9)
    };
    let wanted = [Digest::of(b"a")];
    let images = [candidate("a", 0, 0, 1), past];
    let found = reused(&DedupPolicy::default(), &epochs(), &images, &wanted);
    let (home, repeat) = &found[0];
    assert_eq!((found.len(), home.as_str()), (1, "tile=1"));
    assert_eq!(repeat.repeat_of_path.as_deref(), Some("past"));
    assert_eq!(repeat.repeat_epoch.as_deref(), Some("before"));
    assert_eq!(repeat.repeat_first_by.as_deref(), Some("history"));
}

proptest! {
    /// What the index finds is what holding every pair against each other finds.
    #[test]
    fn policy_d5_is_the_quadratic_search(
        seeds in proptest::collection::vec((0_usize..80, 0_i32..6, 0_i64..5), 0..40),
    ) {
        let images: Vec<Candidate> = seeds
            .iter()
            .enumerate()
            .map(|(i, (bits, north, at))| candidate(&format!("{i:02}"), *bits, *north, *at))
            .collect();
        let mut order: Vec<&Candidate> = images.iter().collect();
        order.sort_by_key(|c| c.precedence(&epochs()));
        let mut expected = Vec::new();
        for (i, later) in order.iter().enumerate() {
            let earliest = order[..i].iter().find(|earlier| {
                !later.cell.with_ring().contains(&earlier.cell)
                    && pdq::least_distance(&later.pdq_dihedral, &earlier.pdq) <= 24
            });
            if let Some(earlier) = earliest {
                expected.push(pair(&later.path, &earlier.path));
            }
        }
        expected.sort();
        prop_assert_eq!(pairs(&images), expected);
    }
}
