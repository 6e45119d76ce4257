//! What of the tracks of a session goes to where copies are found (D6): the digest of each one's rows, and
//! their passages through the cells where tracks are held against each other.
//!
//! They are held against each other as a *trail*: the tracks of an object that follow each other within the length
//! of a window. A tunnel cuts a track; it must not make two that are too short for a window.

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Recording, Visit};
use h3o::Resolution;

use super::track::{Track, TrackFix};
use crate::policy::DedupPolicy;
use crate::trail::visits::passages;
use crate::trail::windows::{Trail, holding, pack_windows};
use crate::trail::{Moment, pack, thin};

/// Whose tracks they are.
#[derive(Clone, Copy, Debug)]
pub struct Recorder<'a> {
    /// Who recorded them.
    pub contributor: &'a str,
    /// The group of the session.
    pub home: &'a str,
}

/// The tracks of a session, as copies of them are looked for (D6).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// One row for each, and whether its rows are its own.
    pub recordings: Vec<(Recording, bool)>,
    /// Their passages.
    pub visits: Vec<Visit>,
}

/// A track and the sequence it is the track of.
type Known<'a> = (Digest, &'a Track);

impl Recorded {
    /// The rows and passages of tracks.
    #[must_use]
    pub fn of(by: Recorder<'_>, tracks: &[Known<'_>], policy: &DedupPolicy, cells: Resolution) -> Self {
        let mut recorded = Self::default();
        for trail in trails(tracks, window(policy)) {
            let Some((first, _)) = trail.first() else { continue };
            for (sequence, track) in &trail {
                let own = has_rows_of_its_own(track, policy);
                let row = recording(by, *first, *sequence, track);
                recorded.recordings.extend(row.map(|row| (row, own)));
            }
            recorded.visits.extend(visits(by, &trail, policy, cells));
        }
        recorded
    }
}

fn window(policy: &DedupPolicy) -> i64 {
    i64::try_from(policy.copy_window_ms).unwrap_or(i64::MAX)
}

/// The tracks by object and time, those together of which each begins within so many ms after the end of the one before.
fn trails<'a>(tracks: &[Known<'a>], within: i64) -> Vec<Vec<Known<'a>>> {
    let mut tracks: Vec<(_, Known<'a>)> = tracks
        .iter()
        .filter_map(|(sequence, track)| {
            let order = (track.path.as_str(), track.fixes.first()?.at, *sequence);
            Some((order, (*sequence, *track)))
        })
        .collect();
    tracks.sort_by_key(|(order, _)| *order);
    let follows = |a: &Track, b: &Track| match (a.fixes.last(), b.fixes.first()) {
        (Some(end), Some(start)) => (1..=within).contains(&start.at.since(end.at)),
        _ => false,
    };
    tracks
        .chunk_by(|(_, (_, a)), (_, (_, b))| a.path == b.path && follows(a, b))
        .map(|trail| trail.iter().map(|(_, known)| *known).collect())
        .collect()
}

/// The row of a track; `None` without a fix.
fn recording(by: Recorder<'_>, trail: Digest, sequence: Digest, track: &Track) -> Option<Recording> {
    let (first, last) = (track.fixes.first()?, track.fixes.last()?);
    Some(Recording {
        rows: rows(track),
        sequence,
        trail,
        contributor: by.contributor.to_owned(),
        path: track.path.clone(),
        ordinal: first.ordinal,
        uploaded_at: track.uploaded_at,
        start_at: first.at,
        end_at: last.at,
        home: by.home.to_owned(),
    })
}

/// Whether a track is long enough, and moves enough, for its rows to be its own: `same-rows-fixes` fixes,
/// a third of them in different places. A receiver that stands or has frozen says the same over and over.
fn has_rows_of_its_own(track: &Track, policy: &DedupPolicy) -> bool {
    let moves = track.fixes.windows(2).filter(|pair| match pair {
        [a, b] => a.raw != b.raw,
        _ => false,
    });
    let fixes = track.fixes.len() as u64;
    fixes >= policy.same_rows_fixes && moves.count() as u64 * 3 >= fixes
}

/// SHA-256 over the positions as the receiver gave them, and the times between them.
fn rows(track: &Track) -> Digest {
    let mut bytes = Vec::with_capacity(track.fixes.len() * 16);
    let start = track.fixes.first().map(|fix| fix.at);
    for fix in &track.fixes {
        let since = start.map_or(0, |start| fix.at.since(start));
        bytes.extend_from_slice(&since.to_le_bytes());
        bytes.extend_from_slice(&fix.raw.lat_e7.to_le_bytes());
        bytes.extend_from_slice(&fix.raw.lon_e7.to_le_bytes());
    }
    Digest::of_parts(&[b"rows", &bytes])
}

/// The passages of a trail's tracks, each with what the trail recorded around it; none where that is less than a
/// window holds.
fn visits(by: Recorder<'_>, trail: &[Known<'_>], policy: &DedupPolicy, cells: Resolution) -> Vec<Visit> {
    let Some((id, track)) = trail.first() else {
        return Vec::new();
    };
    let thinned = |track: &Track| {
        // As the receiver said: smoothing would make noise that somebody added last from fix to fix.
        let moment = |fix: &TrackFix| Moment {
            at: fix.at,
            position: fix.raw,
        };
        thin(&track.fixes.iter().map(moment).collect::<Vec<_>>())
    };
    let pieces: Vec<(Digest, Vec<Moment>)> = trail
        .iter()
        .map(|(sequence, track)| (*sequence, thinned(track)))
        .collect();
    let whole = Trail::new(pieces.iter().flat_map(|(_, moments)| moments).copied().collect());
    let windows = whole.windows(policy);
    if windows.is_empty() {
        return Vec::new();
    }
    let passages = pieces.iter().flat_map(|(sequence, moments)| {
        let passages = passages(moments, cells).into_iter();
        passages.map(|passage| (*sequence, passage))
    });
    passages
        .map(|(sequence, passage)| Visit {
            cell: passage.cell,
            sequence,
            trail: *id,
            at: passage.at,
            contributor: by.contributor.to_owned(),
            path: track.path.clone(),
            ordinal: track.fixes.first().map_or(0, |fix| fix.ordinal),
            uploaded_at: track.uploaded_at,
            windows: pack_windows(holding(&windows, passage.at)),
            points: pack(whole.around(policy, passage.at)),
            home: by.home.to_owned(),
        })
        .collect()
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
