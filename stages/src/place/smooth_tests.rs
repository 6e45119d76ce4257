use proptest::prelude::*;

use super::*;
use crate::geodesy::distance_mm;
use crate::place::fixtures::{HOME, START, after, at, near};

/// The smoother with the default policy.
fn smooth(samples: &[Sample]) -> Smoothed {
    super::smooth(samples, &PlacePolicy::default())
}

fn sample(at: Timestamp, position: Position) -> Sample {
    Sample {
        at,
        position,
        accuracy_mm: None,
    }
}

/// The farthest that smoothing moved a sample, in mm.
fn moved_mm(samples: &[Sample]) -> u64 {
    let smoothed = smooth(samples);
    assert_eq!(smoothed.points.len(), samples.len());
    let moved = samples.iter().zip(&smoothed.points);
    moved
        .map(|(sample, point)| distance_mm(sample.position, point.position))
        .max()
        .unwrap_or(0)
}

#[test]
fn nothing_and_one_fix_stay_what_they_are() {
    assert_eq!(smooth(&[]), Smoothed::default());
    let one = smooth(&[sample(START, HOME)]);
    assert_eq!(
        one.points,
        [Point {
            position: HOME,
            course_deg: None
        }]
    );
    assert_eq!(one.cross_track_mm, 0);
}

#[test]
fn a_clean_straight_track_is_not_moved() {
    let samples: Vec<Sample> = (0..200)
        .map(|s| sample(after(s * 1_000), at(s * 12_000, s * 5_000)))
        .collect();
    assert!(moved_mm(&samples) < 60, "{} mm", moved_mm(&samples));
    let smoothed = smooth(&samples);
    assert!(smoothed.cross_track_mm < 20);
    // atan(5 / 12) = 22.6 degrees.
    assert!(smoothed.points.iter().all(|point| point.course_deg == Some(23)));
}

#[test]
fn two_fixes_are_a_straight_line_and_stay() {
    let samples = [sample(after(0), at(0, 0)), sample(after(1_000), at(20_000, 0))];
    assert!(moved_mm(&samples) < 60, "{} mm", moved_mm(&samples));
}

#[test]
fn noise_across_the_way_is_halved_at_least_and_measured() {
    // Noise without memory, of 4 m at most: a fixed pattern whose runs do not repeat soon.
    let noise = |s: i64| (s * 7_919 % 17 - 8) * 500;
    let samples: Vec<Sample> = (0..300)
        .map(|s| sample(after(s * 1_000), at(s * 10_000, noise(s))))
        .collect();
    let smoothed = smooth(&samples);
    let rms = |positions: Vec<Position>| {
        let off = positions.iter().map(|p| f64::from(p.lon_e7 - HOME.lon_e7));
        libm::sqrt(off.map(|e7| e7 * e7).sum::<f64>() / 300.0)
    };
    let before = rms(samples.iter().map(|s| s.position).collect());
    let after = rms(smoothed.points.iter().map(|p| p.position).collect());
    assert!(after < before / 2.0, "{before} {after}");
    assert!(
        (1_500..4_000).contains(&smoothed.cross_track_mm),
        "{}",
        smoothed.cross_track_mm
    );
}

#[test]
fn an_accurate_fix_pulls_the_track_to_itself() {
    let mut samples: Vec<Sample> = (0..41)
        .map(|s| sample(after(s * 1_000), at(s * 10_000, 0)))
        .collect();
    samples[20].position = at(200_000, 6_000);
    let vague = smooth(&samples).points[20].position.lon_e7 - HOME.lon_e7;
    samples[20].accuracy_mm = Some(1_000);
    let sure = smooth(&samples).points[20].position.lon_e7 - HOME.lon_e7;
    assert!(sure > 2 * vague, "{sure} {vague}");
}

#[test]
fn the_smoother_is_the_least_squares_path() {
    // The Kalman smoother minimises the weighted squares of its model: any other path costs more.
    let samples: Vec<Sample> = (0..30)
        .map(|s| sample(after(s * 1_000), at(s * 9_000, (s * s * 31 % 13) * 700)))
        .collect();
    let plane = Plane::at(HOME);
    let raw = plane.enter(&samples);
    let states = backward(&forward(&samples, &raw, &PlacePolicy::default()));
    let cost = |states: &[State]| {
        let noise = variance(None, &PlacePolicy::default());
        let seen: f64 = raw
            .iter()
            .zip(states)
            .map(|(z, x)| (z.0 - x.east) * (z.0 - x.east) / noise)
            .sum();
        let driven: f64 = states
            .windows(2)
            .map(|pair| {
                // wᵀ Q⁻¹ w for t = 1: Q⁻¹ = | 12 -6 |, over q.
                //                           | -6  4 |
                let step = pair[1].east - pair[0].east - pair[0].east_speed;
                let speed = pair[1].east_speed - pair[0].east_speed;
                (12.0 * step * step - 12.0 * step * speed + 4.0 * speed * speed) / 4.0
            })
            .sum();
        seen + driven + states[0].east_speed * states[0].east_speed / FIRST_VELOCITY
    };
    // The filter starts at the first fix with its variance, which is the first measurement.
    let least = cost(&states);
    for index in 0..states.len() {
        for nudge in [-0.05, 0.05] {
            let mut other = states.clone();
            other[index].east += nudge;
            assert!(cost(&other) > least);
            let mut other = states.clone();
            other[index].east_speed += nudge;
            assert!(cost(&other) > least);
        }
    }
}

#[test]
fn the_course_of_a_stop_is_where_it_last_went() {
    let mut samples: Vec<Sample> = (0..30)
        .map(|s| sample(after(s * 1_000), at(0, s * 10_000)))
        .collect();
    samples.extend((30..60).map(|s| sample(after(s * 1_000), at(0, 290_000))));
    let smoothed = smooth(&samples);
    assert_eq!(smoothed.points[50].course_deg, Some(90));
    let still: Vec<Sample> = (0..30).map(|s| sample(after(s * 1_000), HOME)).collect();
    assert!(
        smooth(&still)
            .points
            .iter()
            .all(|point| point.course_deg.is_none())
    );
    // A stop at the start looks where it goes first.
    let late: Vec<Sample> = (0..60)
        .map(|s| sample(after(s * 1_000), at((s - 30).max(0) * -10_000, 0)))
        .collect();
    assert_eq!(smooth(&late).points[0].course_deg, Some(180));
}

#[test]
fn the_antimeridian_is_crossed_without_a_jump() {
    let edge = Position {
        lat_e7: -170_000_000,
        lon_e7: 1_799_999_000,
    };
    let samples: Vec<Sample> = (0..60)
        .map(|s| sample(after(s * 1_000), near(edge, 0, s * 10_000)))
        .collect();
    assert!(samples.last().unwrap().position.lon_e7 < 0);
    assert!(moved_mm(&samples) < 60, "{} mm", moved_mm(&samples));
    assert!(
        smooth(&samples)
            .points
            .iter()
            .all(|point| point.course_deg == Some(90))
    );
}

#[test]
fn near_a_pole_it_stays_on_the_globe() {
    for lat_e7 in [899_999_000_i64, -899_999_900, 900_000_000] {
        let samples: Vec<Sample> = (0..50)
            .map(|s| sample(after(s * 1_000), crate::geodesy::wrapped(lat_e7, s * 70_000_000)))
            .collect();
        for point in smooth(&samples).points {
            assert!(Position::new(point.position.lat_e7, point.position.lon_e7).is_some());
            assert!(distance_mm(point.position, samples[0].position) < 30_000_000);
        }
    }
}

#[test]
fn equal_times_and_huge_gaps_do_not_blow_up() {
    let equal: Vec<Sample> = (0..500).map(|s| sample(START, at(s % 3 * 1_000, 0))).collect();
    assert!(moved_mm(&equal) < 3_000);
    let millisecond: Vec<Sample> = (0..5_000).map(|s| sample(after(s), at(s * 10, 0))).collect();
    assert!(moved_mm(&millisecond) < 500, "{}", moved_mm(&millisecond));
    let ages = [
        sample(Timestamp(i64::MIN), at(0, 0)),
        sample(START, at(50_000, 0)),
        sample(Timestamp(i64::MAX), at(0, 9_000)),
    ];
    assert!(moved_mm(&ages) < 1_000, "{}", moved_mm(&ages));
}

prop_compose! {
    /// A walk of steps that F7 and F8 let through: later each time, and at most 55 m/s.
    fn walk()(steps in prop::collection::vec((1..120_000_i64, 0..9_u32, 0..70_i64, prop::option::of(0..10_000_u32)), 1..80))
        -> Vec<Sample>
    {
        let (mut ms, mut north, mut east) = (0, 0_i64, 0_i64);
        steps.into_iter().map(|(time, heading, share, accuracy_mm)| {
            ms += time;
            let mm = (time * 55).min(200_000) * share / 100;
            // Around a square: north, east, south, west and the corners between.
            north += mm * (1 - i64::from(heading) / 3);
            east += mm * (1 - i64::from(heading) % 3);
            Sample { at: after(ms), position: at(north, east), accuracy_mm }
        }).collect()
    }
}

proptest! {
    #[test]
    fn no_walk_is_moved_further_than_its_noise_allows(samples in walk()) {
        // Noise of 4.7 m against steps of 200 m at most.
        prop_assert!(moved_mm(&samples) < 400_000);
    }

    #[test]
    fn smoothing_knows_no_east_and_west(samples in walk()) {
        let mirror: Vec<Sample> = samples.iter().map(|s| Sample {
            position: Position { lon_e7: 2 * HOME.lon_e7 - s.position.lon_e7, ..s.position },
            ..*s
        }).collect();
        let (one, other) = (smooth(&samples), smooth(&mirror));
        for (a, b) in one.points.iter().zip(&other.points) {
            prop_assert_eq!(a.position.lat_e7, b.position.lat_e7);
            prop_assert!((i64::from(a.position.lon_e7) + i64::from(b.position.lon_e7) - 2 * i64::from(HOME.lon_e7)).abs() <= 1);
        }
        prop_assert_eq!(one.cross_track_mm, other.cross_track_mm);
    }

    #[test]
    fn garbage_stays_on_the_globe(garbage in prop::collection::vec(
        (any::<i64>(), any::<i32>(), any::<i32>(), prop::option::of(any::<u32>())), 0..40), acceleration_milli in any::<u64>())
    {
        let samples: Vec<Sample> = garbage.into_iter().map(|(at, lat, lon, accuracy_mm)| Sample {
            at: Timestamp(at),
            position: crate::geodesy::wrapped(i64::from(lat), i64::from(lon)),
            accuracy_mm,
        }).collect();
        let policy = PlacePolicy { default_sigma_mm: u64::MAX, acceleration_milli, ..PlacePolicy::default() };
        for point in super::smooth(&samples, &policy).points {
            prop_assert!(Position::new(point.position.lat_e7, point.position.lon_e7).is_some());
        }
    }
}
