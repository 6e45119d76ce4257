use super::*;
use crate::place::fixtures::{after, at, kept};
use crate::place::gates::KeptFix;
use crate::place::track::tracks;
use crate::policy::PlacePolicy;

/// A track north at 10 m/s from `start_ms`, a fix every `every_ms`, `east_mm` beside the home line.
fn line(path: &str, start_ms: i64, every_ms: i64, fixes: u32, east_mm: i64) -> Track {
    let kept: Vec<KeptFix> = (0..fixes)
        .map(|n| {
            let ms = i64::from(n) * every_ms;
            kept(n, after(start_ms + ms), at(ms * 10, east_mm))
        })
        .collect();
    tracks(path, None, &kept, &PlacePolicy::default()).remove(0)
}

#[test]
fn policy_i1_between_two_fixes_a_track_is_on_their_line() {
    let tracks = [line("a", 0, 4_000, 10, 0)];
    let on = TraceIndex::new(&tracks).nearest(after(5_000)).unwrap();
    assert_eq!((on.track, on.away_ms), (0, 1_000));
    assert!(distance_mm(on.position, at(50_000, 0)) < 100);
    assert_eq!(on.course_deg, Some(0));
}

#[test]
fn policy_i1_beyond_its_ends_a_track_is_at_its_last_fix() {
    let tracks = [line("a", 0, 1_000, 10, 0)];
    let index = TraceIndex::new(&tracks);
    let late = index.nearest(after(12_500)).unwrap();
    assert_eq!(
        (late.away_ms, late.position),
        (3_500, tracks[0].fixes[9].position)
    );
    let early = index.nearest(after(-500)).unwrap();
    assert_eq!(
        (early.away_ms, early.position),
        (500, tracks[0].fixes[0].position)
    );
}

#[test]
fn of_two_tracks_the_nearest_in_time_wins_and_of_equals_the_first() {
    let tracks = [
        line("a", 0, 2_000, 10, 0),
        line("b", 500, 2_000, 10, 50_000),
        line("c", 0, 2_000, 10, 90_000),
    ];
    let index = TraceIndex::new(&tracks);
    assert_eq!(index.nearest(after(2_400)).unwrap().track, 1);
    assert_eq!(index.nearest(after(2_000)).unwrap().track, 0);
    // Half way between a fix of b and one of a: both 750 ms away.
    assert_eq!(index.nearest(after(3_250)).unwrap().track, 0);
}

#[test]
fn an_image_with_a_position_is_held_against_the_nearest_track_in_space() {
    let tracks = [line("a", 0, 1_000, 60, 0), line("b", 300, 1_000, 60, 500_000)];
    let index = TraceIndex::new(&tracks);
    let (on, mm) = index
        .nearest_in_space(after(30_000), at(300_000, 480_000), 5_000)
        .unwrap();
    assert_eq!(on.track, 1);
    assert!((19_000..21_000).contains(&mm), "{mm}");
    assert!(index.nearest_in_space(after(64_301), at(0, 0), 5_000).is_none());
    assert!(
        TraceIndex::new(&[])
            .nearest_in_space(after(0), at(0, 0), 5_000)
            .is_none()
    );
    assert!(TraceIndex::new(&[]).nearest(after(0)).is_none());
}
