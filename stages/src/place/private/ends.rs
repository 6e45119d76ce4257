//! Where trips start and end.
//!
//! A trip is what a session recorded without a break: its tracks before they are smoothed, and its
//! runs of images without a track, cut alike. A camera that writes a file a minute does not make a trip
//! a minute: where one recording starts within `max-time-to-trace-ms` and `track-step-mm` of the end of
//! an earlier one, the trip goes on. The first start of a trip and its last end always remain.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::tables::Shot;
use cairn_datasets::units::{Position, Timestamp};

use super::reach::{Reach, lat_reach_e7};
use crate::geodesy::distance_mm;
use crate::place::gates::on_null_island;
use crate::place::locate::TraceIndex;
use crate::place::trace_zone::utc;
use crate::place::track::{Track, is_cut};
use crate::policy::PlacePolicy;

/// How many recordings that start after an end, and how many before, are looked through for one that
/// goes on. Where there are more, the end stays an end.
const REACH: usize = 64;
/// More ends than this in the neighbourhood of a position, and it is taken to be near one. It bounds
/// the cost of a file that is cut into very many trips at one place.
const MOST_ENDS: usize = 100;

/// A time and a place.
type Moment = (Timestamp, Position);
/// When and where an image was taken, its path and its place in the object.
type Taken<'a> = (Moment, &'a str, u32);

/// One unbroken recording: its first moment and its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recording {
    pub first: Moment,
    pub last: Moment,
}

/// The recordings of a session: its tracks, not smoothed, and its runs of images.
pub(super) fn recordings(tracks: &[Track], shots: &[Shot], policy: &PlacePolicy) -> Vec<Recording> {
    let of_tracks = tracks.iter().filter_map(|track| {
        let (first, last) = (track.fixes.first()?, track.fixes.last()?);
        Some(Recording {
            first: (first.at, first.position),
            last: (last.at, last.position),
        })
    });
    of_tracks.chain(runs(tracks, shots, policy)).collect()
}

/// Runs of images that know when and where they were taken and lie on no track, per camera. Whether
/// they count does not matter: a picture of a dark garage is the start of a trip.
fn runs(tracks: &[Track], shots: &[Shot], policy: &PlacePolicy) -> Vec<Recording> {
    let index = TraceIndex::new(tracks);
    let mut cameras: BTreeMap<(&str, &str), Vec<Taken<'_>>> = BTreeMap::new();
    for shot in shots {
        let position = own_position(shot).filter(|own| !on_null_island(*own, policy));
        let (Some(at), Some(position)) = (utc(shot, &index), position) else {
            continue;
        };
        let on_track = index
            .nearest(at)
            .is_some_and(|on| on.away_ms <= policy.max_time_to_trace_ms);
        if !on_track {
            let camera = (shot.make.as_str(), shot.model.as_str());
            let image = ((at, position), shot.path.as_str(), shot.ordinal);
            cameras.entry(camera).or_default().push(image);
        }
    }
    let mut recordings = Vec::new();
    for mut images in cameras.into_values() {
        images.sort_by_key(|((at, _), path, ordinal)| (*at, *path, *ordinal));
        for run in images.chunk_by(|a, b| !is_cut(a.0, b.0, policy)) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                recordings.push(Recording {
                    first: first.0,
                    last: last.0,
                });
            }
        }
    }
    recordings
}

/// Where an image's own file puts it.
pub(super) fn own_position(shot: &Shot) -> Option<Position> {
    Position::new(shot.lat_e7?, shot.lon_e7?)
}

/// The ends of trips.
pub(super) fn trip_ends(recordings: &[Recording], policy: &PlacePolicy) -> Vec<Position> {
    let mut starts: Vec<(Timestamp, usize)> = recordings
        .iter()
        .enumerate()
        .map(|(number, recording)| (recording.first.0, number))
        .collect();
    starts.sort_unstable();
    let (mut goes_on, mut continues) = (vec![false; recordings.len()], vec![false; recordings.len()]);
    for (number, recording) in recordings.iter().enumerate() {
        let later = starts.partition_point(|(at, _)| *at < recording.last.0);
        let (before, after) = starts.split_at_checked(later).unwrap_or_default();
        let near = before
            .iter()
            .rev()
            .take(REACH)
            .chain(after.iter().take(REACH))
            .map(|(_, next)| *next);
        for next in near {
            if recordings
                .get(next)
                .is_some_and(|next| follows(recording, next, policy))
            {
                goes_on.iter_mut().skip(number).take(1).for_each(|on| *on = true);
                continues.iter_mut().skip(next).take(1).for_each(|on| *on = true);
            }
        }
    }
    let starts = recordings
        .iter()
        .zip(continues)
        .filter(|(_, continues)| !continues)
        .map(|(recording, _)| recording.first.1);
    let ends = recordings
        .iter()
        .zip(goes_on)
        .filter(|(_, goes_on)| !goes_on)
        .map(|(recording, _)| recording.last.1);
    starts.chain(ends).collect()
}

/// Whether `next` goes on where `recording` ends. It starts later and ends later, so that no recording
/// follows itself, and no two follow each other.
fn follows(recording: &Recording, next: &Recording, policy: &PlacePolicy) -> bool {
    let gap = next.first.0.since(recording.last.0).unsigned_abs();
    next.first.0 > recording.first.0
        && next.last.0 > recording.last.0
        && gap <= policy.max_time_to_trace_ms
        && distance_mm(recording.last.1, next.first.1) <= policy.track_step_mm
}

/// Ends of trips, to be asked by position.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    within_mm: u64,
    /// By row of latitude, a reach high, then by longitude.
    rows: BTreeSet<(i64, i32, i32)>,
}

impl Ends {
    /// Ends that hide everything within `within_mm`.
    pub(super) fn new(ends: impl IntoIterator<Item = Position>, within_mm: u64) -> Self {
        let row = |end: Position| (row(end.lat_e7, within_mm), end.lon_e7, end.lat_e7);
        Self {
            within_mm,
            rows: ends.into_iter().map(row).collect(),
        }
    }

    /// Whether a position lies within the distance of one of them, or among very many of them.
    pub(super) fn hide(&self, position: Position) -> bool {
        if self.rows.is_empty() {
            return false;
        }
        let reach = Reach::of(position, self.within_mm);
        let rows = row(reach.south, self.within_mm)..=row(reach.north, self.within_mm);
        let mut looked_at = 0;
        for row in rows {
            for lon in reach.lon_ranges() {
                let near = (row, lon.west, i32::MIN)..=(row, lon.east, i32::MAX);
                for (_, lon_e7, lat_e7) in self.rows.range(near) {
                    let end = Position {
                        lat_e7: *lat_e7,
                        lon_e7: *lon_e7,
                    };
                    looked_at += 1;
                    if looked_at > MOST_ENDS || distance_mm(end, position) <= self.within_mm {
                        return true;
                    }
                }
            }
        }
        false
    }
}

fn row(lat_e7: i32, within_mm: u64) -> i64 {
    i64::from(lat_e7).div_euclid(lat_reach_e7(within_mm))
}

#[cfg(test)]
#[path = "ends_tests.rs"]
mod tests;
