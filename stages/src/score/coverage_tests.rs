use cairn_datasets::units::{Ppm, Timestamp};

use super::super::samples::{END, before_end, cell};
use super::*;

/// Slots of the given (heading, quality), captured and uploaded so many hours before the end.
fn slots(passes: &[(u32, u32, i64)]) -> Slots {
    let mut slots = Slots::from_history(&ScorePolicy::default(), &[]);
    for (heading, quality, hours) in passes {
        let at = Moment::end_of_epoch(before_end(*hours));
        slots.take(Some(*heading), Ppm::new(*quality), at);
    }
    slots
}

fn cover(slots: &Slots, contributors: u32) -> Option<Coverage> {
    let tally = Tally {
        contributors,
        passes: contributors,
        ..Tally::default()
    };
    coverage(&ScorePolicy::default(), END, cell(), slots, tally)
}

#[test]
fn policy_c2_quality_is_the_mean_of_the_filled_slots() {
    let one = cover(&slots(&[(0, 700_000, 24)]), 1).unwrap();
    assert_eq!((one.directions, one.quality_ppm.parts()), (1, 600_000));
    let two = cover(&slots(&[(0, 700_000, 24), (180, 350_001, 24)]), 1).unwrap();
    // The second has faded by 50,000.14, floored.
    assert_eq!((two.directions, two.quality_ppm.parts()), (2, 450_000));
}

#[test]
fn policy_c2_a_faded_slot_is_not_filled() {
    let row = cover(&slots(&[(0, 700_000, 168), (180, 700_000, 24)]), 1).unwrap();
    assert_eq!((row.directions, row.quality_ppm.parts()), (1, 600_000));
}

#[test]
fn policy_c3_freshness_falls_over_90_days() {
    let policy = ScorePolicy::default();
    assert_eq!(freshness(&policy, 0), Ppm::ONE);
    assert_eq!(freshness(&policy, 45 * Timestamp::DAY).parts(), 500_000);
    assert_eq!(freshness(&policy, 90 * Timestamp::DAY), Ppm::ZERO);
    assert_eq!(freshness(&policy, -5), Ppm::ONE);
    let row = cover(&slots(&[(0, 1_000_000, 100), (180, 1_000_000, 72)]), 1).unwrap();
    assert_eq!(row.newest_captured_at, Some(before_end(72)));
    assert_eq!(row.freshness_ppm.parts(), 966_666);
}

#[test]
fn policy_c4_confidence_is_full_with_three_contributors() {
    let filled = slots(&[(0, 1_000_000, 0)]);
    let confidence = |n| cover(&filled, n).unwrap().confidence_ppm.parts();
    assert_eq!(
        [0, 1, 2, 3, 9].map(confidence),
        [0, 333_333, 666_666, 1_000_000, 1_000_000]
    );
}

#[test]
fn policy_c5_score_is_half_without_confidence() {
    let filled = slots(&[(0, 800_000, 0)]);
    let score = |n| cover(&filled, n).unwrap().score_ppm.parts();
    assert_eq!(score(0), 400_000);
    // Of 800,000 the share of 500,000 + floor(333,333 / 2).
    assert_eq!(score(1), 533_332);
    assert_eq!(score(3), 800_000);
}

#[test]
fn a_cell_with_neither_passes_nor_standing_has_no_row() {
    assert_eq!(cover(&slots(&[]), 0), None);
    assert_eq!(cover(&slots(&[(0, 900_000, 168)]), 0), None);
}

#[test]
fn a_cell_whose_passes_are_worth_nothing_has_a_row_of_zeros() {
    let row = cover(&slots(&[]), 2).unwrap();
    assert_eq!(
        (row.score_ppm, row.directions, row.contributors),
        (Ppm::ZERO, 0, 2)
    );
    assert_eq!(row.newest_captured_at, None);
}
