//! Tracks: unbroken recordings in a trace object, cut out of its kept fixes and smoothed.

use cairn_datasets::units::{Position, Timestamp};

use super::gates::KeptFix;
use super::smooth::{Sample, smooth};
use crate::geodesy::distance_mm;
use crate::policy::PlacePolicy;

/// One fix of a track, smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackFix {
    /// Its place in the object.
    pub ordinal: u32,
    /// When it was taken; rises strictly along a track.
    pub at: Timestamp,
    /// Where it was, as the receiver said.
    pub raw: Position,
    /// Where it was, smoothed.
    pub position: Position,
    /// Direction of travel, degrees clockwise from north; while it stands, where it last went.
    pub course_deg: Option<u32>,
    /// Horizontal accuracy in mm: the greatest of the reported one (or `unknown-accuracy-mm`),
    /// the track's measured cross-track sigma and `least-accuracy-mm`.
    pub accuracy_mm: u32,
    /// Horizontal dilution of precision in thousandths, as reported.
    pub hdop_milli: Option<u32>,
}

/// One unbroken recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Path of the trace object.
    pub path: String,
    /// When that was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// Its fixes in order of time; at least one.
    pub fixes: Vec<TrackFix>,
    /// Measured cross-track sigma in mm.
    pub cross_track_mm: u32,
}

/// Cuts kept fixes, ordered by segment and place, where a segment ends, where the trace starts
/// again (F8), and between fixes more than `track-gap-ms` or `track-step-mm` apart.
pub fn cut<'a>(kept: &'a [KeptFix], policy: &'a PlacePolicy) -> impl Iterator<Item = &'a [KeptFix]> {
    kept.chunk_by(|a, b| {
        a.segment == b.segment && !b.restarts && !is_cut((a.at, a.position), (b.at, b.position), policy)
    })
}

/// Whether two neighbours in time are so far apart that a track, or a sequence of images, is cut
/// between them.
#[must_use]
pub fn is_cut(a: (Timestamp, Position), b: (Timestamp, Position), policy: &PlacePolicy) -> bool {
    b.0.since(a.0).unsigned_abs() > policy.track_gap_ms || distance_mm(a.1, b.1) > policy.track_step_mm
}

/// The tracks of one trace object.
#[must_use]
pub fn tracks(
    path: &str,
    uploaded_at: Option<Timestamp>,
    kept: &[KeptFix],
    policy: &PlacePolicy,
) -> Vec<Track> {
    cut(kept, policy)
        .map(|fixes| track(path, uploaded_at, fixes, policy))
        .collect()
}

/// One track: kept fixes without a cut in them, smoothed.
#[must_use]
pub fn track(path: &str, uploaded_at: Option<Timestamp>, kept: &[KeptFix], policy: &PlacePolicy) -> Track {
    let samples: Vec<Sample> = kept
        .iter()
        .map(|fix| Sample {
            at: fix.at,
            position: fix.position,
            accuracy_mm: fix.accuracy_mm,
        })
        .collect();
    let smoothed = smooth(&samples, policy);
    let least = policy.least_accuracy_mm.max(u64::from(smoothed.cross_track_mm));
    let fixes = kept
        .iter()
        .zip(&smoothed.points)
        .map(|(fix, point)| TrackFix {
            ordinal: fix.ordinal,
            at: fix.at,
            raw: fix.position,
            position: point.position,
            course_deg: point.course_deg,
            accuracy_mm: accuracy_mm(fix.accuracy_mm, least, policy),
            hdop_milli: fix.hdop_milli,
        })
        .collect();
    Track {
        path: path.to_owned(),
        uploaded_at,
        fixes,
        cross_track_mm: smoothed.cross_track_mm,
    }
}

/// The accuracy to believe, in mm: the reported one, or `unknown-accuracy-mm`, but no better than
/// `least`.
#[must_use]
pub fn accuracy_mm(reported: Option<u32>, least: u64, policy: &PlacePolicy) -> u32 {
    let accuracy = reported.map_or(policy.unknown_accuracy_mm, u64::from).max(least);
    u32::try_from(accuracy).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
