//! Where a session's tracks were at a moment.

use cairn_datasets::units::{Position, Timestamp};

use super::track::{Track, TrackFix};
use crate::geodesy::{between, distance_mm};

/// How many fixes before a moment, and how many after, are looked through for tracks that cover
/// it. It bounds the cost where a file holds very many tracks at once.
const REACH: usize = 64;

/// A moment on a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnTrack {
    /// The track, by its place in the list.
    pub track: usize,
    /// Milliseconds to the nearest fix of the track.
    pub away_ms: u64,
    /// Where the track was: on the line between the fixes before and after, or at its end.
    pub position: Position,
    /// Direction of travel at the nearest fix, degrees clockwise from north.
    pub course_deg: Option<u32>,
    /// Accuracy of the nearest fix in mm.
    pub accuracy_mm: u32,
}

/// The tracks of a session, to be asked by time.
#[derive(Debug)]
pub struct TraceIndex<'a> {
    tracks: &'a [Track],
    /// Time and track of every fix.
    fixes: Vec<(Timestamp, usize)>,
}

impl<'a> TraceIndex<'a> {
    /// Indexes tracks; of two that answer alike, the first of the list is meant.
    #[must_use]
    pub fn new(tracks: &'a [Track]) -> Self {
        let mut fixes: Vec<(Timestamp, usize)> = tracks
            .iter()
            .enumerate()
            .flat_map(|(number, track)| track.fixes.iter().map(move |fix| (fix.at, number)))
            .collect();
        fixes.sort_unstable();
        Self { tracks, fixes }
    }

    /// Whether there is no track at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fixes.is_empty()
    }

    /// The track with the fix nearest in time. Of equally near ones the first track of the list.
    #[must_use]
    pub fn nearest(&self, at: Timestamp) -> Option<OnTrack> {
        let later = self.fixes.partition_point(|fix| fix.0 < at);
        let after = self.fixes.get(later);
        // The first track of those whose fix has the last time before.
        let before = later
            .checked_sub(1)
            .and_then(|last| self.fixes.get(last))
            .and_then(|last| {
                let first = self.fixes.partition_point(|fix| fix.0 < last.0);
                self.fixes.get(first)
            });
        let nearest = [before, after]
            .into_iter()
            .flatten()
            .min_by_key(|fix| (away_ms(at, fix.0), fix.1))?;
        self.on_track(nearest.1, at)
    }

    /// Of the tracks with a fix within `within_ms` of a moment, the one nearest in space to
    /// `position`, with its distance in mm. Of equally near ones that with the nearer fix, then
    /// the first of the list. Of very many fixes only the 64 on either side are looked at.
    #[must_use]
    pub fn nearest_in_space(
        &self,
        at: Timestamp,
        position: Position,
        within_ms: u64,
    ) -> Option<(OnTrack, u64)> {
        let later = self.fixes.partition_point(|fix| fix.0 < at);
        let (before, after) = self.fixes.split_at_checked(later)?;
        let near = |fix: &&(Timestamp, usize)| away_ms(at, fix.0) <= within_ms;
        let before = before.iter().rev().take(REACH).take_while(near);
        let after = after.iter().take(REACH).take_while(near);
        let mut tracks: Vec<usize> = before.chain(after).map(|fix| fix.1).collect();
        tracks.sort_unstable();
        tracks.dedup();
        tracks
            .into_iter()
            .filter_map(|track| self.on_track(track, at))
            .map(|on| (on, distance_mm(position, on.position)))
            .min_by_key(|(on, mm)| (*mm, on.away_ms, on.track))
    }

    fn on_track(&self, number: usize, at: Timestamp) -> Option<OnTrack> {
        let fixes = self.tracks.get(number)?.fixes.as_slice();
        let later = fixes.partition_point(|fix| fix.at < at);
        let before = later.checked_sub(1).and_then(|last| fixes.get(last));
        let (nearest, position) = match (before, fixes.get(later)) {
            (Some(a), Some(b)) => {
                let nearer = if away_ms(at, b.at) < away_ms(at, a.at) {
                    b
                } else {
                    a
                };
                (nearer, on_line(a, b, at))
            }
            (Some(end), None) | (None, Some(end)) => (end, end.position),
            (None, None) => return None,
        };
        Some(OnTrack {
            track: number,
            away_ms: away_ms(at, nearest.at),
            position,
            course_deg: nearest.course_deg,
            accuracy_mm: nearest.accuracy_mm,
        })
    }
}

fn on_line(a: &TrackFix, b: &TrackFix, at: Timestamp) -> Position {
    between(a.position, b.position, at.since(a.at), b.at.since(a.at))
}

fn away_ms(a: Timestamp, b: Timestamp) -> u64 {
    a.0.abs_diff(b.0)
}

#[cfg(test)]
#[path = "locate_tests.rs"]
mod tests;
