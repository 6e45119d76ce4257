use cairn_datasets::units::{Ppm, Timestamp};
use proptest::prelude::*;

use super::super::samples::{END, HOUR, before_end, cell};
use super::*;

const WEEK: i64 = 168 * HOUR;

fn slots() -> Slots {
    Slots::from_history(&ScorePolicy::default(), &[])
}

/// Captured and uploaded at the same hour, counted back from the end.
fn at(hours_before_end: i64) -> Moment {
    Moment::end_of_epoch(before_end(hours_before_end))
}

fn parts(gain: Gain) -> (u32, u32, u32) {
    (gain.slot, gain.standing.parts(), gain.gain.parts())
}

fn ppm(parts: u32) -> Ppm {
    Ppm::new(parts)
}

#[test]
fn policy_r2_a_drive_repeated_next_day_earns_a_seventh() {
    let mut slots = slots();
    assert_eq!(parts(slots.take(Some(0), ppm(700_000), at(48))), (0, 0, 700_000));
    assert_eq!(
        parts(slots.take(Some(0), ppm(700_000), at(24))),
        (0, 600_000, 100_000)
    );
}

#[test]
fn policy_r2_a_better_picture_of_the_same_moment_earns_the_difference() {
    let mut slots = slots();
    slots.take(Some(0), ppm(200_000), at(24));
    assert_eq!(
        parts(slots.take(Some(0), ppm(900_000), at(24))),
        (0, 200_000, 700_000)
    );
}

#[test]
fn policy_r2_a_worse_pass_gains_nothing_and_changes_nothing() {
    let mut slots = slots();
    slots.take(Some(0), ppm(900_000), at(24));
    let before = slots.to_rows(cell());
    assert_eq!(parts(slots.take(Some(0), ppm(300_000), at(23))).2, 0);
    assert_eq!(slots.to_rows(cell()), before);
}

#[test]
fn policy_r2_after_the_fade_a_slot_is_worth_nothing() {
    let mut slots = slots();
    slots.take(Some(0), ppm(1_000_000), at(168));
    assert_eq!(slots.standings(at(0)), [Ppm::ZERO; 2]);
    assert_eq!(slots.standings(at(1))[0], ppm(5_953));
}

#[test]
fn policy_r2_rounding_pays_nobody() {
    let mut slots = slots();
    let moment = |ms: i64| Moment::end_of_epoch(Timestamp(END.0 + ms));
    slots.take(Some(0), ppm(1_000_000), moment(0));
    // In half a second a full slot fades by 0.8 of a unit.
    for ms in 1..=500 {
        assert_eq!(slots.take(Some(0), ppm(1_000_000), moment(ms)).gain, Ppm::ZERO);
    }
}

#[test]
fn policy_r2_age_is_the_lesser_of_both_gaps_and_never_negative() {
    let early = Moment {
        captured_at: Timestamp(0),
        uploaded_at: Some(Timestamp(1_000)),
    };
    let age = |captured, uploaded: Option<i64>| {
        let late = Moment {
            captured_at: Timestamp(captured),
            uploaded_at: uploaded.map(Timestamp),
        };
        late.age_ms(early)
    };
    assert_eq!(age(500, Some(9_000)), 500);
    assert_eq!(age(9_000, Some(1_200)), 200);
    assert_eq!(age(-500, Some(9_000)), 0);
    assert_eq!(age(9_000, Some(400)), 0);
    assert_eq!(age(9_000, None), 9_000, "an unknown upload gap does not count");
}

#[test]
fn policy_r2_times_of_a_slot_never_move_back() {
    let mut slots = slots();
    slots.take(Some(0), ppm(100_000), at(10));
    let older = Moment {
        captured_at: before_end(30),
        uploaded_at: None,
    };
    slots.take(Some(0), ppm(900_000), older);
    let [row] = &slots.to_rows(cell())[..] else {
        panic!("one slot is filled");
    };
    assert_eq!(row.quality_ppm, ppm(900_000));
    assert_eq!(row.captured_at, before_end(10));
    assert_eq!(row.uploaded_at, Some(before_end(10)));
}

#[test]
fn policy_r2_standing_is_carried_over_from_the_history() {
    let history = Standing {
        cell: cell(),
        slot: 1,
        heading_deg: Some(180),
        quality_ppm: ppm(700_000),
        captured_at: before_end(48),
        uploaded_at: None,
    };
    let mut slots = Slots::from_history(&ScorePolicy::default(), &[history]);
    assert_eq!(
        parts(slots.take(Some(170), ppm(800_000), at(24))),
        (1, 600_000, 200_000)
    );
}

#[test]
fn policy_c1_opposite_heading_opens_the_second_slot() {
    let mut slots = slots();
    slots.take(Some(0), ppm(500_000), at(24));
    assert_eq!(
        parts(slots.take(Some(180), ppm(500_000), at(24))),
        (1, 0, 500_000)
    );
}

#[test]
fn policy_c1_within_90_degrees_joins_the_nearest_and_a_tie_the_lower() {
    let mut slots = slots();
    slots.take(Some(0), ppm(500_000), at(24));
    slots.take(Some(180), ppm(500_000), at(24));
    assert_eq!(slots.take(Some(280), ppm(1), at(24)).slot, 0);
    assert_eq!(slots.take(Some(100), ppm(1), at(24)).slot, 1);
    assert_eq!(slots.take(Some(90), ppm(1), at(24)).slot, 0);
}

#[test]
fn policy_c1_far_from_both_joins_the_nearest() {
    let mut slots = slots();
    slots.take(Some(0), ppm(500_000), at(24));
    slots.take(Some(91), ppm(500_000), at(24));
    assert_eq!(slots.take(Some(230), ppm(1), at(24)).slot, 0, "130 against 139");
    assert_eq!(slots.take(Some(220), ppm(1), at(24)).slot, 1, "129 against 140");
}

#[test]
fn policy_c1_without_a_heading_joins_the_better_standing() {
    let mut slots = slots();
    assert_eq!(slots.take(None, ppm(100_000), at(24)).slot, 0);
    let mut slots = self::slots();
    slots.take(Some(0), ppm(200_000), at(24));
    slots.take(Some(180), ppm(300_000), at(24));
    assert_eq!(
        parts(slots.take(None, ppm(400_000), at(24))),
        (1, 300_000, 100_000)
    );
}

#[test]
fn policy_c1_a_slot_opened_without_a_heading_is_not_sold_twice() {
    let mut slots = slots();
    slots.take(None, ppm(300_000), at(24));
    assert_eq!(
        parts(slots.take(Some(45), ppm(800_000), at(24))),
        (0, 300_000, 500_000)
    );
    assert_eq!(
        slots.to_rows(cell())[0].heading_deg,
        Some(45),
        "and now it has one"
    );
    assert_eq!(slots.take(Some(225), ppm(1), at(24)).slot, 1);
}

#[test]
fn policy_c1_a_slot_keeps_its_openers_heading_until_it_has_faded() {
    let mut slots = slots();
    slots.take(Some(0), ppm(100_000), at(100));
    slots.take(Some(80), ppm(900_000), at(90));
    assert_eq!(slots.to_rows(cell())[0].heading_deg, Some(0));

    let later = Moment::end_of_epoch(Timestamp(END.0 + WEEK));
    slots.take(Some(80), ppm(900_000), later);
    let rows = slots.to_rows(cell());
    assert_eq!((rows.len(), rows[0].heading_deg), (1, Some(80)));
}

#[test]
fn policy_c1_a_faded_slot_is_open_whatever_its_heading_was() {
    let mut slots = slots();
    slots.take(Some(0), ppm(500_000), at(170));
    slots.take(Some(180), ppm(500_000), at(160));
    let joined = slots.clone().take(Some(100), ppm(1), at(0)).slot;
    assert_eq!(joined, 1, "80 degrees from the filled one");
    assert_eq!(parts(slots.take(Some(60), ppm(7), at(0))), (0, 0, 7));
}

#[test]
fn a_pass_worth_nothing_opens_nothing() {
    let mut slots = slots();
    assert_eq!(parts(slots.take(Some(0), Ppm::ZERO, at(24))), (0, 0, 0));
    assert!(slots.to_rows(cell()).is_empty());
}

/// Pieces of one drive: heading near 0 or none, any quality, captured within `span` ms.
fn drive(span: i64) -> impl Strategy<Value = Vec<(Option<u32>, u32, i64, Option<i64>)>> {
    let heading = prop_oneof![Just(None), (0_u32..45).prop_map(Some)];
    let upload = prop_oneof![Just(None), (0..3 * WEEK).prop_map(Some)];
    prop::collection::vec((heading, 0_u32..=1_000_000, 0..=span, upload), 1..40)
}

proptest! {
    /// The law of R2. The order of pieces is whatever their uploader could bring about.
    #[test]
    fn policy_r2_law_pieces_never_earn_more_than_the_fade_over_the_drive(
        pieces in (1..3 * WEEK).prop_flat_map(drive),
    ) {
        let mut slots = slots();
        let mut total = 0_u64;
        for (heading, quality, captured, uploaded) in &pieces {
            let moment = Moment { captured_at: Timestamp(*captured), uploaded_at: uploaded.map(Timestamp) };
            total += u64::from(slots.take(*heading, ppm(*quality), moment).gain.parts());
        }
        let best = pieces.iter().map(|p| u64::from(p.1)).max().unwrap_or_default();
        let first = pieces.iter().map(|p| p.2).min().unwrap_or_default();
        let last = pieces.iter().map(|p| p.2).max().unwrap_or_default();
        let fade = best * u64::try_from(last - first).unwrap() / u64::try_from(WEEK).unwrap();
        prop_assert!(total <= best + fade, "{total} > {best} + {fade}");
    }

    /// So a drive that took no time is worth its best piece, to the unit.
    #[test]
    fn policy_r2_law_pieces_of_a_moment_earn_the_best_of_them(pieces in drive(0)) {
        let mut slots = slots();
        let mut total = 0;
        for (heading, quality, captured, uploaded) in &pieces {
            let moment = Moment { captured_at: Timestamp(*captured), uploaded_at: uploaded.map(Timestamp) };
            total += slots.take(*heading, ppm(*quality), moment).gain.parts();
        }
        prop_assert_eq!(Some(total), pieces.iter().map(|p| p.1).max());
    }

    #[test]
    fn law_a_better_pass_never_gains_less(
        pieces in drive(WEEK),
        heading in prop::option::of(0_u32..360),
        (a, b) in (0_u32..=1_000_000, 0_u32..=1_000_000),
    ) {
        let mut slots = slots();
        for (heading, quality, captured, uploaded) in &pieces {
            let moment = Moment { captured_at: Timestamp(*captured), uploaded_at: uploaded.map(Timestamp) };
            slots.take(*heading, ppm(*quality), moment);
        }
        let gain = |quality| slots.clone().take(heading, ppm(quality), at(0)).gain;
        prop_assert!(gain(a.max(b)) >= gain(a.min(b)));
        prop_assert!(gain(a) <= ppm(a));
    }
}
