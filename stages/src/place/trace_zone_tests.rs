use super::*;
use crate::place::fixtures::{after, at, kept};
use crate::place::gates::KeptFix;
use crate::place::track::{Track, tracks};
use crate::policy::PlacePolicy;

const HOUR: i64 = 3_600_000;

fn drive_of(seconds: u32) -> Vec<Track> {
    let kept: Vec<KeptFix> = (0..seconds)
        .map(|s| kept(s, after(i64::from(s) * 1_000), at(i64::from(s) * 10_000, 0)))
        .collect();
    tracks("a", None, &kept, &PlacePolicy::default())
}

#[test]
fn policy_i3_a_clock_without_a_zone_shows_the_local_time_of_the_track() {
    let tracks = drive_of(4 * 3_600);
    // Lund in summer is UTC+2, however long the drive.
    let utc = to_utc(after(2 * HOUR + 20_000), &TraceIndex::new(&tracks));
    assert_eq!(utc, Some(after(20_000)));
}

#[test]
fn policy_i3_without_a_track_nothing_tells_the_zone() {
    assert_eq!(to_utc(after(0), &TraceIndex::new(&[])), None);
}

#[test]
fn a_time_beyond_the_calendar_is_none() {
    let tracks = drive_of(60);
    assert_eq!(to_utc(Timestamp(i64::MAX), &TraceIndex::new(&tracks)), None);
}
