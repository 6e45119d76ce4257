//! The clock of a camera that tells neither zone nor position, read off its session's tracks.
//!
//! Such pictures have a civil time. Where the session has a track, an offset from UTC fits when
//! with it every such picture of the session falls on the tracks, within `max-time-to-trace-ms`
//! of a fix. Tried are the offsets in civil use today (IANA tz database 2024a), each only where
//! it is within `zone-stray-ms` of solar time, three hours: the widest that a country's clock strays
//! from it (western China, 2.9 h). One offset that fits is the camera's. Where several fit, nothing tells
//! them apart (solar time does not: Rome is an hour off it in winter and two in summer), and a
//! picture in the wrong place is worse than none: then the pictures have no time.

use cairn_datasets::units::{Position, Timestamp};

use super::locate::TraceIndex;
use crate::policy::PlacePolicy;

/// The offsets from UTC in civil use, in quarters of an hour.
const OFFSETS: [i64; 40] = [
    -48, -44, -40, -38, -36, -32, -28, -24, -20, -16, -14, -12, -10, -8, -4, 0, 4, 8, 12, 14, 16, 18, 20, 22,
    23, 24, 26, 28, 32, 35, 36, 38, 40, 42, 44, 48, 51, 52, 55, 56,
];
/// Milliseconds in a quarter of an hour.
const QUARTER_MS: i64 = 900_000;
/// Microseconds of solar time in 1e-7 degrees of longitude: 24 h / 360 degrees.
const SOLAR_MICROS_PER_E7: i64 = 24;

/// The one offset in ms, to be taken from the civil times, with which all of them fall on the
/// tracks; `None` when none or more than one does, or there are no times.
#[must_use]
pub fn offset_ms(civil: &[Timestamp], traces: &TraceIndex<'_>, policy: &PlacePolicy) -> Option<i64> {
    let mut fitting = OFFSETS
        .into_iter()
        .map(|quarters| quarters * QUARTER_MS)
        .filter(|offset| fits(*offset, civil, traces, policy));
    let offset = fitting.next()?;
    fitting.next().is_none().then_some(offset)
}

/// A civil time as UTC.
#[must_use]
pub fn to_utc(civil: Timestamp, offset_ms: i64) -> Timestamp {
    Timestamp(civil.0.saturating_sub(offset_ms))
}

fn fits(offset_ms: i64, civil: &[Timestamp], traces: &TraceIndex<'_>, policy: &PlacePolicy) -> bool {
    let on_trace = |time: &Timestamp| {
        traces
            .nearest(to_utc(*time, offset_ms))
            .filter(|on| on.away_ms <= policy.max_time_to_trace_ms)
            .is_some_and(|on| from_solar_ms(offset_ms, on.position) <= policy.zone_stray_ms)
    };
    !civil.is_empty() && civil.iter().all(on_trace)
}

/// How far an offset is from solar time at a position. The date line follows no meridian: a day
/// more or less is the same distance from the sun.
fn from_solar_ms(offset_ms: i64, position: Position) -> u64 {
    let solar = i64::from(position.lon_e7) * SOLAR_MICROS_PER_E7 / 1_000;
    let apart = (offset_ms - solar).rem_euclid(Timestamp::DAY).unsigned_abs();
    apart.min(Timestamp::DAY.unsigned_abs() - apart)
}

#[cfg(test)]
#[path = "trace_zone_tests.rs"]
mod tests;
