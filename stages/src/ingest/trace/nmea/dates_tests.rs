use super::super::super::RawFix;
use super::{Dates, forget_undated, time_us};

const HOUR: i64 = 3_600_000_000;

fn fix(time_us: i64) -> RawFix {
    RawFix {
        time_us: Some(time_us),
        ..RawFix::default()
    }
}

fn times(fixes: &[RawFix]) -> Vec<Option<i64>> {
    fixes.iter().map(|fix| fix.time_us).collect()
}

#[test]
fn midnight_turns_the_day() {
    let mut dates = Dates::new();
    dates.set(10, 23 * HOUR, &mut []);
    assert_eq!(dates.step(23 * HOUR + 1), time_us(10, 23 * HOUR + 1));
    assert_eq!(dates.step(0), time_us(11, 0));
    assert_eq!(
        dates.step(24 * HOUR - 1),
        time_us(10, 24 * HOUR - 1),
        "a latecomer"
    );
    assert_eq!(dates.step(1), time_us(11, 1));
    assert_eq!(dates.step(20 * HOUR), time_us(11, 20 * HOUR), "a pause");
    assert_eq!(dates.step(19 * HOUR), time_us(11, 19 * HOUR), "a step back");
}

#[test]
fn a_date_reaches_back_over_midnight() {
    let mut dates = Dates::new();
    let mut fixes = vec![fix(dates.step(24 * HOUR - 5)), fix(dates.step(5))];
    dates.set(100, 10, &mut fixes);
    assert_eq!(
        times(&fixes),
        [Some(time_us(99, 24 * HOUR - 5)), Some(time_us(100, 5))]
    );
    dates.set(200, 20, &mut fixes);
    assert_eq!(
        fixes[1].time_us,
        Some(time_us(100, 5)),
        "only the first date reaches back"
    );
    assert_eq!(forget_undated(&mut fixes), 0);
}

#[test]
fn without_a_date_there_is_no_time() {
    let mut dates = Dates::new();
    let mut fixes = vec![fix(dates.step(5)), fix(dates.step(6)), RawFix::default()];
    assert_eq!(forget_undated(&mut fixes), 2);
    assert_eq!(times(&fixes), [None, None, None]);
}

#[test]
fn no_number_of_midnights_overflows() {
    for dated in [false, true] {
        for step in [[0, 13 * HOUR], [24 * HOUR - 1, 0]] {
            let mut dates = Dates::new();
            if dated {
                dates.set(2_932_896, 0, &mut []);
            }
            // As if a hundred million midnights had passed.
            dates.day = if step[0] == 0 {
                dates.day.max(99_999_999)
            } else {
                -99_999_999
            };
            let mut fixes = Vec::new();
            for _ in 0..4 {
                fixes.extend(step.map(|clock_us| fix(dates.step(clock_us))));
            }
            dates.set(-719_528, 0, &mut fixes);
            dates.set(2_932_896, 0, &mut fixes);
            forget_undated(&mut fixes);
        }
    }
}
