use proptest::prelude::*;

use super::*;
use crate::place::fixtures::{END, HOME, START, UPLOADED, after, at, drive, fix};

fn policy() -> PlacePolicy {
    PlacePolicy::default()
}

fn window() -> CaptureWindow {
    CaptureWindow::new(&policy(), Some(UPLOADED), END, false)
}

fn gated(fixes: &[Fix]) -> GatedTrace {
    gate(fixes, &policy(), window())
}

/// What a lone fix is rejected for.
fn fate(fix: Fix) -> Reason {
    let gated = gated(&[fix]);
    gated.rejected.keys().copied().next().unwrap_or_default()
}

fn ordinals(gated: &GatedTrace) -> Vec<u32> {
    gated.kept.iter().map(|fix| fix.ordinal).collect()
}

#[test]
fn policy_f1_a_fix_without_time_is_rejected() {
    let mut one = fix(0, START, HOME);
    one.captured_at = None;
    // Also without a position: the first clause names the reason.
    one.lat_e7 = None;
    assert_eq!(fate(one), Reason::FixNoTime);
}

#[test]
fn policy_f2_a_fix_without_a_valid_position_is_rejected() {
    let mut half = fix(0, START, HOME);
    half.lon_e7 = None;
    assert_eq!(fate(half), Reason::FixPosition);
    let mut beyond = fix(0, START, HOME);
    beyond.lat_e7 = Some(900_000_001);
    assert_eq!(fate(beyond), Reason::FixPosition);
    let mut least = fix(0, START, HOME);
    (least.lat_e7, least.lon_e7) = (Some(i32::MIN), Some(i32::MIN));
    assert_eq!(fate(least), Reason::FixPosition);
}

#[test]
fn policy_f3_within_a_thousandth_of_a_degree_of_zero_is_no_position() {
    let place = |lat_e7, lon_e7| fix(0, START, Position { lat_e7, lon_e7 });
    assert_eq!(fate(place(10_000, -10_000)), Reason::FixNullIsland);
    assert_eq!(fate(place(10_001, 0)), Reason::None);
}

#[test]
fn policy_f4_captures_after_upload_or_too_long_before_it_are_rejected() {
    let when = |at| fate(fix(0, at, HOME));
    assert_eq!(when(UPLOADED), Reason::None);
    assert_eq!(when(Timestamp(UPLOADED.0 + 1)), Reason::FixTime);
    assert_eq!(when(Timestamp(UPLOADED.0 - 28 * Timestamp::DAY)), Reason::None);
    assert_eq!(
        when(Timestamp(UPLOADED.0 - 28 * Timestamp::DAY - 1)),
        Reason::FixTime
    );
}

#[test]
fn policy_f4_the_epochs_end_stands_in_for_an_unknown_upload_and_any_age_lifts_the_age() {
    let unknown = CaptureWindow::new(&policy(), None, END, false);
    assert_eq!(unknown.miss(END), None);
    assert_eq!(unknown.miss(Timestamp(END.0 + 5)), Some((-5, 0)));
    let old = Timestamp(END.0 - 29 * Timestamp::DAY);
    let days = |n: i64| n * Timestamp::DAY;
    assert_eq!(unknown.miss(old), Some((days(29), days(28))));
    let any = CaptureWindow::new(&policy(), None, END, true);
    assert_eq!(any.miss(Timestamp(i64::MIN)), None);
    // An upload after the end does not open the epoch to what came after it.
    let late = CaptureWindow::new(&policy(), Some(Timestamp(END.0 + 9)), END, true);
    assert_eq!(late.miss(Timestamp(END.0 + 1)), Some((-1, 0)));
}

#[test]
fn policy_f5_weak_fixes_are_rejected_when_known() {
    let one = fix(0, START, HOME);
    let with = |satellites, fix_3d| {
        fate(Fix {
            satellites,
            fix_3d,
            ..one.clone()
        })
    };
    assert_eq!(with(Some(3), None), Reason::FixWeak);
    assert_eq!(with(Some(4), Some(true)), Reason::None);
    assert_eq!(with(Some(12), Some(false)), Reason::FixWeak);
    assert_eq!(with(None, None), Reason::None);
}

#[test]
fn policy_f6_accuracy_decides_and_hdop_only_without_it() {
    let one = fix(0, START, HOME);
    let with = |accuracy_mm, hdop_milli| {
        fate(Fix {
            accuracy_mm,
            hdop_milli,
            ..one.clone()
        })
    };
    assert_eq!(with(Some(10_000), Some(9_000)), Reason::None);
    assert_eq!(with(Some(10_001), None), Reason::FixInaccurate);
    assert_eq!(with(None, Some(4_000)), Reason::None);
    assert_eq!(with(None, Some(4_001)), Reason::FixInaccurate);
}

#[test]
fn policy_f7_a_fix_must_be_later_than_the_kept_one_before_it() {
    let fixes = [
        fix(0, after(0), at(0, 0)),
        fix(1, after(0), at(0, 0)),
        fix(2, after(-1_000), at(0, 0)),
        fix(3, after(1_000), at(5_000, 0)),
    ];
    let gated = gated(&fixes);
    assert_eq!(ordinals(&gated), [0, 3]);
    assert_eq!(gated.rejected[&Reason::FixNotLater], 2);
}

#[test]
fn policy_f8_an_outlier_is_rejected_and_the_trace_goes_on() {
    let mut fixes = drive(10);
    (fixes[4].lat_e7, fixes[4].lon_e7) = (Some(HOME.lat_e7), Some(HOME.lon_e7 + 1_000_000));
    let gated = gated(&fixes);
    assert_eq!(ordinals(&gated), [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    assert!(gated.kept.iter().all(|fix| !fix.restarts));
}

#[test]
fn policy_f8_the_fifth_too_fast_fix_in_a_row_starts_the_trace_again() {
    // The first fix is the wrong one.
    let mut fixes = drive(10);
    fixes[0].lat_e7 = Some(HOME.lat_e7 + 10_000_000);
    let gated = gated(&fixes);
    assert_eq!(ordinals(&gated), [0, 5, 6, 7, 8, 9]);
    let restarts: Vec<u32> = gated
        .kept
        .iter()
        .filter(|fix| fix.restarts)
        .map(|fix| fix.ordinal)
        .collect();
    assert_eq!(restarts, [5]);
    assert_eq!(gated.rejected[&Reason::FixTooFast], 4);
}

#[test]
fn policy_f8_fast_steps_are_flagged_and_the_limit_itself_is_kept() {
    let fast = |mm| gated(&[fix(0, after(0), at(0, 0)), fix(1, after(1_000), at(mm, 0))]);
    assert_eq!((fast(39_900).kept.len(), fast(39_900).flagged), (2, 0));
    assert_eq!((fast(41_000).kept.len(), fast(41_000).flagged), (2, 1));
    assert_eq!((fast(54_900).kept.len(), fast(54_900).flagged), (2, 1));
    assert_eq!((fast(56_000).kept.len(), fast(56_000).flagged), (1, 0));
    assert!(!faster(55_000, 1_000, 55_000));
    assert!(faster(55_001, 1_000, 55_000));
}

#[test]
fn segments_are_walked_apart_even_when_a_file_mixes_them() {
    let mut fixes = Vec::new();
    for s in 0..6_u32 {
        let mut one = fix(
            s,
            after(i64::from(s) * 1_000),
            at(0, i64::from(s % 2) * 5_000_000),
        );
        one.segment = s % 2;
        fixes.push(one);
    }
    let gated = gated(&fixes);
    assert_eq!(ordinals(&gated), [0, 2, 4, 1, 3, 5]);
}

#[test]
fn the_summary_names_the_clause_that_rejected_most_and_of_equals_the_first() {
    let mut fixes = drive(6);
    fixes[1].satellites = Some(1);
    fixes[2].captured_at = None;
    let summary = gated(&fixes).summary("a/drive.gpx", fixes.len());
    assert_eq!((summary.fixes, summary.kept), (6, 4));
    assert_eq!((summary.top_reason, summary.top_count), (Reason::FixNoTime, 1));
    assert_eq!(summary.captured_at, Some(after(5_000)));
    let none = gated(&[]).summary("x", 0);
    assert_eq!((none.top_reason, none.captured_at), (Reason::None, None));
}

prop_compose! {
    pub(in crate::place) fn any_fix()(
        segment in 0..3_u32,
        captured_at in prop::option::weighted(0.95, prop_oneof![
            (0..200_000_i64).prop_map(after),
            any::<i64>().prop_map(Timestamp),
        ]),
        lat_e7 in prop::option::weighted(0.95, prop_oneof![
            (0..2_000_i32).prop_map(|d| HOME.lat_e7 + d),
            any::<i32>(),
        ]),
        lon_e7 in prop::option::weighted(0.95, prop_oneof![
            (0..2_000_i32).prop_map(|d| HOME.lon_e7 + d),
            any::<i32>(),
        ]),
        accuracy_mm in prop::option::of(0..12_000_u32),
        hdop_milli in prop::option::of(0..5_000_u32),
        satellites in prop::option::of(2..20_u32),
        fix_3d in prop::option::weighted(0.1, any::<bool>()),
    ) -> Fix {
        Fix { segment, captured_at, lat_e7, lon_e7, accuracy_mm, hdop_milli, satellites, fix_3d, ..fix(0, START, HOME) }
    }
}

pub(in crate::place) fn any_trace(most: usize) -> impl Strategy<Value = Vec<Fix>> {
    prop::collection::vec(any_fix(), 0..most).prop_map(|mut fixes| {
        for (ordinal, fix) in (0..).zip(&mut fixes) {
            fix.ordinal = ordinal;
        }
        fixes
    })
}

proptest! {
    #[test]
    fn every_fix_is_kept_or_rejected_and_kept_ones_rise_in_time(fixes in any_trace(60)) {
        let gated = gated(&fixes);
        let rejected: u32 = gated.rejected.values().sum();
        prop_assert_eq!(gated.kept.len() + rejected as usize, fixes.len());
        for pair in gated.kept.windows(2) {
            prop_assert!(pair[0].segment < pair[1].segment || pair[0].at < pair[1].at);
        }
    }

    #[test]
    fn gating_what_was_kept_keeps_all_of_it(fixes in any_trace(60)) {
        let once = gated(&fixes);
        // Without restarts, whose first fix is by definition too fast for the one before.
        prop_assume!(once.kept.iter().all(|fix| !fix.restarts));
        let ordinals: Vec<u32> = once.kept.iter().map(|fix| fix.ordinal).collect();
        let again: Vec<Fix> = fixes.into_iter().filter(|fix| ordinals.contains(&fix.ordinal)).collect();
        prop_assert_eq!(gated(&again).kept, once.kept);
    }
}
