//! The clock of a camera that tells neither zone nor position, read by its session's tracks.
//!
//! Such a picture has a civil time. Where the session has a track, the camera was where the track
//! was, and its clock is taken to show the local time there. Whether the picture then lies on the
//! track is I1's question, as for any other.

use cairn_datasets::tables::Shot;
use cairn_datasets::units::{Position, Timestamp};

use super::locate::TraceIndex;
use crate::time_zone::local_to_utc_us;

/// A civil time as UTC, in the time zone of the tracks; `None` when the session has none.
#[must_use]
pub fn to_utc(civil: Timestamp, traces: &TraceIndex<'_>) -> Option<Timestamp> {
    // The nearest fix to a time that is hours off may lie in the next zone; the second answer does not.
    let first = in_zone_of(civil, traces.nearest(civil)?.position)?;
    in_zone_of(civil, traces.nearest(first)?.position)
}

/// When an image was taken, in UTC: as its file says, else by its civil time.
#[must_use]
pub fn utc(shot: &Shot, traces: &TraceIndex<'_>) -> Option<Timestamp> {
    shot.captured_at
        .or_else(|| shot.civil_at.and_then(|civil| to_utc(civil, traces)))
}

fn in_zone_of(civil: Timestamp, position: Position) -> Option<Timestamp> {
    local_to_utc_us(civil.0.checked_mul(1_000)?, position).map(Timestamp::from_micros)
}

#[cfg(test)]
#[path = "trace_zone_tests.rs"]
mod tests;
