use super::{Trigger, Trip, drive};
use crate::city::rng::Rng;
use crate::city::streets::Streets;

fn trip() -> Trip {
    Trip {
        start_ms: 1_000,
        cruise_m_s: 10.0,
        slow_m_s: 5.5,
        on_foot: false,
        trigger: Trigger::EveryMs(2_000),
        shots: 200,
        sigma_m: 4.0,
    }
}

#[test]
fn cars_keep_to_city_speeds_and_fixes_come_every_second() {
    let mut rng = Rng::new(5, 6);
    let path = Streets::new(5, 3).route(&[], 3_000.0, &mut rng);
    let drive = drive(&trip(), &path, &mut rng);
    assert!(
        drive
            .fixes
            .windows(2)
            .all(|pair| pair[1].time_ms - pair[0].time_ms == 1_000)
    );
    assert!(drive.shots.len() > 100);
    for pair in drive.shots.windows(2) {
        assert_eq!(pair[1].time_ms - pair[0].time_ms, 2_000);
        let speed = pair[0].pose.at.distance(pair[1].pose.at) / 2.0;
        // The chord across a sharp bend is shorter than the way around it.
        assert!((2.5..13.5).contains(&speed), "{speed} m/s");
    }
}

#[test]
fn the_receivers_error_is_correlated_and_of_the_size_asked_for() {
    let (mut sum, mut product, mut count) = (0.0, 0.0, 0.0);
    for stream in 0..40 {
        let mut rng = Rng::new(7, stream);
        let path = Streets::new(5, 3).route(&[], 3_000.0, &mut rng);
        let trip = Trip {
            trigger: Trigger::EveryMs(1_000),
            ..trip()
        };
        let drive = drive(&trip, &path, &mut rng);
        let error = |i: usize| drive.shots[i].reported.x - drive.shots[i].pose.at.x;
        for i in 1..drive.shots.len() {
            sum += error(i) * error(i);
            product += error(i) * error(i - 1);
            count += 1.0;
        }
    }
    let sigma = f64::sqrt(sum / count);
    assert!((3.0..5.0).contains(&sigma), "{sigma} m");
    assert!((0.92..0.98).contains(&(product / sum)), "{}", product / sum);
}
