use cairn_datasets::tables::Shot;
use proptest::prelude::*;

use super::*;
use crate::place::fixtures::{HOME, after, at, shot, shot_at};
use crate::place::track::TrackFix;
use crate::policy::Policy;

fn recording(first_s: i64, from: Position, last_s: i64, to: Position) -> Recording {
    Recording {
        first: (after(first_s * 1_000), from),
        last: (after(last_s * 1_000), to),
    }
}

fn ends(recordings: &[Recording]) -> Vec<Position> {
    trip_ends(recordings, &Policy::default().place)
}

#[test]
fn policy_x1_files_that_follow_each_other_are_one_trip() {
    let (a, b, c) = (at(0, 0), at(1_000_000, 0), at(2_000_000, 0));
    assert_eq!(ends(&[recording(0, a, 60, b), recording(61, b, 120, c)]), [a, c]);
    // Also when they overlap a little, and in any order.
    assert_eq!(ends(&[recording(59, b, 120, c), recording(0, a, 60, b)]), [a, c]);
    // A stop, a jump, and another way at the same time end a trip.
    assert_eq!(ends(&[recording(0, a, 60, b), recording(66, b, 120, c)]).len(), 4);
    assert_eq!(
        ends(&[recording(0, a, 60, b), recording(61, at(1_300_000, 0), 120, c)]).len(),
        4
    );
    assert_eq!(ends(&[recording(0, a, 60, b), recording(1, a, 60, b)]).len(), 4);
}

#[test]
fn policy_x1_a_recording_of_one_moment_is_an_end_and_follows_nothing_of_its_time() {
    let here = at(0, 0);
    assert_eq!(ends(&[recording(0, here, 0, here)]), [here, here]);
    assert_eq!(
        ends(&[recording(0, here, 0, here), recording(0, here, 0, here)]).len(),
        4
    );
}

fn track(seconds: std::ops::Range<i64>) -> Track {
    Track {
        path: "a.gpx".to_owned(),
        uploaded_at: None,
        fixes: seconds
            .map(|s| TrackFix {
                ordinal: 0,
                at: after(s * 1_000),
                raw: at(s * 10_000, 0),
                position: at(s * 10_000, 0),
                course_deg: None,
                accuracy_mm: 0,
                hdop_milli: None,
            })
            .collect(),
        cross_track_mm: 0,
    }
}

#[test]
fn policy_x1_images_without_a_track_are_recordings_per_camera_whether_they_count_or_not() {
    let mut other = shot_at("c/1.jpg", after(500_000), at(9, 0));
    other.model = "Two".to_owned();
    let shots: Vec<Shot> = vec![
        shot_at("a/1.jpg", after(400_000), at(0, 0)),
        Shot {
            mean_milli: 0,
            ..shot_at("a/2.jpg", after(450_000), at(150_000, 0))
        },
        other,
        // On the track, without a time, without a position, on null island.
        shot_at("b/1.jpg", after(12_000), at(0, 0)),
        Shot {
            captured_at: None,
            ..shot_at("b/2.jpg", after(0), at(0, 0))
        },
        Shot {
            captured_at: Some(after(600_000)),
            ..shot("b/3.jpg")
        },
        shot_at("b/4.jpg", after(600_000), Position { lat_e7: 5, lon_e7: 5 }),
    ];
    let found = recordings(&[track(0..10)], &shots, &Policy::default().place);
    let expected = [
        recording(0, at(0, 0), 9, at(90_000, 0)),
        recording(400, at(0, 0), 450, at(150_000, 0)),
        recording(500, at(9, 0), 500, at(9, 0)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn policy_x1_an_end_hides_what_is_within_the_distance_and_no_more() {
    let hidden = Ends::new([HOME], 100_000);
    assert!(hidden.hide(HOME) && hidden.hide(at(99_000, 0)) && hidden.hide(at(0, -98_000)));
    assert!(!hidden.hide(at(101_000, 0)) && !hidden.hide(at(0, 102_000)));
    assert!(!Ends::default().hide(HOME));
}

#[test]
fn very_many_ends_at_one_place_cost_no_more_than_a_hundred() {
    let many = (0..200_000).map(|n| at(i64::from(n % 50), i64::from(n / 50)));
    let hidden = Ends::new(many, 100_000);
    // Beyond the distance of all of them, and in the midst of them for all that anyone looks.
    let beside = at(130_000, 100_000);
    assert!((0..10_000).all(|_| hidden.hide(beside)));
    assert!(!hidden.hide(at(900_000, 0)));
}

fn any_place() -> impl Strategy<Value = Position> {
    let lat = prop_oneof![-900_000_000_i64..=900_000_000, 557_000_000_i64..557_020_000];
    let lon = prop_oneof![1_799_990_000_i64..1_800_010_000, 131_000_000_i64..131_020_000];
    (lat, lon).prop_map(|(lat, lon)| crate::geodesy::wrapped(lat, lon))
}

proptest! {
    /// The rows find what asking every end finds, and a longer distance hides no less.
    #[test]
    fn ends_hide_what_is_near_and_more_with_the_distance(
        ends in prop::collection::vec(any_place(), 0..40), asked in prop::collection::vec(any_place(), 40),
        mm in 0_u64..400_000, more in 0_u64..400_000,
    ) {
        let (near, far) = (Ends::new(ends.clone(), mm), Ends::new(ends.clone(), mm + more));
        for position in asked {
            let slowly = ends.iter().any(|end| distance_mm(*end, position) <= mm);
            prop_assert_eq!(near.hide(position), slowly);
            prop_assert!(!slowly || far.hide(position));
        }
    }

    /// The first start and the last end of all are always ends.
    #[test]
    fn the_first_start_and_the_last_end_remain(
        seeds in prop::collection::vec((0_i64..200, 0_i64..60, 0_i64..20, 0_i64..20), 1..20),
    ) {
        let recordings: Vec<Recording> = seeds
            .iter()
            .map(|(start, length, a, b)| recording(*start, at(a * 20_000, 0), start + length, at(b * 20_000, 0)))
            .collect();
        let ends = ends(&recordings);
        let first = recordings.iter().min_by_key(|r| r.first.0).unwrap();
        let last = recordings.iter().max_by_key(|r| r.last.0).unwrap();
        prop_assert!(ends.contains(&first.first.1) && ends.contains(&last.last.1));
    }
}
