//! Which day a time of day belongs to, when only some sentences name one.

use super::super::RawFix;
use crate::ingest::civil_time::within_calendar;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// The day that stands for "not known yet": times counted from it are negative and lie outside the calendar.
const UNDATED: i64 = -50_000_000;
/// The last day that is undated: as a time it still lies outside the calendar.
const LAST_UNDATED: i64 = -10_000_000;
/// How far a walk may go at all, so that no time overflows.
const FURTHEST: i64 = 100_000_000;

/// Walks along the times of day of a log.
///
/// A clock that falls back by more than half a day has passed midnight. One that springs by more than 23 hours is that of a
/// sentence from just before midnight that comes late. Times before the first date are counted from a day of their own and
/// get their dates when one is met.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    day: i64,
    clock_us: Option<i64>,
    dated: bool,
}

impl Dates {
    pub(super) fn new() -> Self {
        Self {
            day: UNDATED,
            clock_us: None,
            dated: false,
        }
    }

    /// The day of the next time of day as the clock alone tells.
    fn walked(&self, clock_us: i64) -> i64 {
        let step = clock_us - self.clock_us.unwrap_or(clock_us);
        let day = self.day + i64::from(step < -12 * HOUR_US) - i64::from(step > 23 * HOUR_US);
        day.clamp(-FURTHEST, if self.dated { FURTHEST } else { LAST_UNDATED })
    }

    /// Goes on to the next time of day, and gives its microseconds since 1970 (negative while no day is known).
    pub(super) fn step(&mut self, clock_us: i64) -> i64 {
        self.day = self.walked(clock_us);
        self.clock_us = Some(clock_us);
        time_us(self.day, clock_us)
    }

    /// A day is named for a time of day: earlier fixes without a day get theirs.
    pub(super) fn set(&mut self, day: i64, clock_us: i64, earlier: &mut [RawFix]) {
        if !self.dated {
            let shift = (day - self.walked(clock_us)) * DAY_US;
            for time in earlier.iter_mut().filter_map(|fix| fix.time_us.as_mut()) {
                if *time < 0 {
                    *time += shift;
                }
            }
        }
        self.dated = true;
        self.day = day;
        self.clock_us = Some(clock_us);
    }
}

/// Takes back the times of fixes whose day was never named, and counts them.
pub(super) fn forget_undated(fixes: &mut [RawFix]) -> u64 {
    let mut undated = 0;
    for fix in fixes {
        if fix.time_us.is_some_and(|time| within_calendar(time).is_none()) {
            fix.time_us = None;
            undated += 1;
        }
    }
    undated
}

/// Microseconds since 1970 of a time of day.
pub(super) fn time_us(day: i64, clock_us: i64) -> i64 {
    day * DAY_US + clock_us
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
