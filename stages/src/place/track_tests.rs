use super::*;
use crate::place::fixtures::{after, at, kept};

fn policy() -> PlacePolicy {
    PlacePolicy::default()
}

fn lengths(kept: &[KeptFix]) -> Vec<usize> {
    cut(kept, &policy()).map(<[KeptFix]>::len).collect()
}

#[test]
fn policy_f_a_track_is_cut_at_gaps_over_120_s() {
    let fixes = [
        kept(0, after(0), at(0, 0)),
        kept(1, after(120_000), at(0, 0)),
        kept(2, after(240_001), at(0, 0)),
    ];
    assert_eq!(lengths(&fixes), [2, 1]);
}

#[test]
fn policy_f_a_track_is_cut_at_steps_over_200_m() {
    let fixes = [
        kept(0, after(0), at(0, 0)),
        kept(1, after(60_000), at(199_900, 0)),
        kept(2, after(120_000), at(400_500, 0)),
    ];
    assert_eq!(lengths(&fixes), [2, 1]);
}

#[test]
fn policy_f_a_track_ends_with_its_segment_and_at_a_restart() {
    let mut fixes = [
        kept(0, after(0), at(0, 0)),
        kept(1, after(1_000), at(0, 0)),
        kept(2, after(2_000), at(0, 0)),
        kept(3, after(3_000), at(0, 0)),
    ];
    fixes[1].segment = 0;
    fixes[2].segment = 1;
    fixes[3].segment = 1;
    fixes[3].restarts = true;
    assert_eq!(lengths(&fixes), [2, 1, 1]);
    assert_eq!(lengths(&[]), [0_usize; 0]);
}

#[test]
fn policy_p2_accuracy_is_no_better_than_the_least_and_the_measured_noise() {
    let policy = policy();
    assert_eq!(accuracy_mm(Some(1_000), policy.least_accuracy_mm, &policy), 3_000);
    assert_eq!(accuracy_mm(Some(8_000), policy.least_accuracy_mm, &policy), 8_000);
    assert_eq!(accuracy_mm(None, policy.least_accuracy_mm, &policy), 6_000);
    // A track that jitters 12 m to either side of a straight way is no better than that.
    let zigzag: Vec<KeptFix> = (0..60_u32)
        .map(|s| {
            let mut fix = kept(
                s,
                after(i64::from(s) * 1_000),
                at(i64::from(s) * 15_000, i64::from(s % 2) * 24_000),
            );
            fix.accuracy_mm = Some(4_000);
            fix
        })
        .collect();
    let [track] = tracks("a", None, &zigzag, &policy).try_into().unwrap();
    assert!(track.cross_track_mm > 8_000, "{}", track.cross_track_mm);
    assert!(
        track
            .fixes
            .iter()
            .all(|fix| fix.accuracy_mm == track.cross_track_mm)
    );
}
