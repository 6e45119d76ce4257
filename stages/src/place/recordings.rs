//! What of a track goes to where copies are found (D6): the digest of its rows, and its passages
//! through the cells where tracks are held against each other.

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Recording, Visit};
use h3o::Resolution;

use super::track::Track;
use crate::policy::DedupPolicy;
use crate::trail::visits::{passages, reach_ms};
use crate::trail::{Moment, pack, thin};

/// Whose track it is.
#[derive(Clone, Copy, Debug)]
pub struct Recorder<'a> {
    /// Who recorded it.
    pub contributor: &'a str,
    /// The sequence it is the track of.
    pub sequence: Digest,
    /// The group of the session.
    pub home: &'a str,
}

/// The row of a track; `None` without a fix.
#[must_use]
pub fn recording(of: Recorder<'_>, track: &Track) -> Option<Recording> {
    let (first, last) = (track.fixes.first()?, track.fixes.last()?);
    Some(Recording {
        rows: rows(track),
        sequence: of.sequence,
        contributor: of.contributor.to_owned(),
        path: track.path.clone(),
        ordinal: first.ordinal,
        uploaded_at: track.uploaded_at,
        start_at: first.at,
        end_at: last.at,
        home: of.home.to_owned(),
    })
}

/// Whether a track is long enough, and moves enough, for its rows to be its own: `same-rows-fixes` fixes,
/// a third of them in different places. A receiver that stands or has frozen says the same over and over.
#[must_use]
pub fn has_rows_of_its_own(track: &Track, policy: &DedupPolicy) -> bool {
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

/// The passages of a track, each with what was recorded around it; none where the track is shorter than a window.
#[must_use]
pub fn visits(of: Recorder<'_>, track: &Track, policy: &DedupPolicy, cells: Resolution) -> Vec<Visit> {
    let (Some(first), Some(last)) = (track.fixes.first(), track.fixes.last()) else {
        return Vec::new();
    };
    let window = i64::try_from(policy.copy_window_ms).unwrap_or(i64::MAX);
    if last.at.since(first.at) < window {
        return Vec::new();
    }
    let moments: Vec<Moment> = track
        .fixes
        .iter()
        .map(|fix| Moment {
            at: fix.at,
            position: fix.position,
        })
        .collect();
    let trail = thin(&moments);
    let reach = reach_ms(policy);
    let around = |at| {
        let start = trail.partition_point(|m| m.at.since(at) < -reach);
        let end = trail.partition_point(|m| m.at.since(at) <= reach);
        pack(trail.get(start..end).unwrap_or_default())
    };
    passages(&trail, cells)
        .into_iter()
        .map(|passage| Visit {
            cell: passage.cell,
            sequence: of.sequence,
            at: passage.at,
            contributor: of.contributor.to_owned(),
            path: track.path.clone(),
            ordinal: first.ordinal,
            uploaded_at: track.uploaded_at,
            start_at: first.at,
            end_at: last.at,
            points: around(passage.at),
            home: of.home.to_owned(),
        })
        .collect()
}
