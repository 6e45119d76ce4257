//! D6: tracks that lie on an earlier track.
//!
//! Tracks meet in two ways. Those whose rows are the same (positions, and the times between them) meet by
//! the digest of their rows, whatever their length. Others meet in the cells that are drawn for it
//! ([`crate::trail::visits`]): there each has the moment of its passage and what it recorded around it,
//! the difference of the two moments is the shift in time, and each window of the later track around
//! the passage is held against the earlier track ([`fit`]). A tunnel that cuts a track must not hide a copy:
//! windows are those of a *trail* ([`crate::trail::windows`]).
//!
//! Whether a window lies on a track follows from the two passages alone. A window's original is the
//! earliest track that it lies on, and of several fits the best, so that neither buckets nor the order of
//! rows decide anything.

mod fit;
mod meeting;

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::ids::Precedence;
use cairn_datasets::tables::{Recording, TrackCopy, Visit};
use cairn_datasets::units::Timestamp;

use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::DedupPolicy;
use crate::trail::plane::{Place, Plane, PlaneTrail};
use crate::trail::unpack;
use crate::trail::windows::unpack_windows;
use fit::Fit;
use meeting::Passing;

/// Finds the tracks of a bucket that lie on earlier ones.
#[derive(Clone, Debug)]
pub struct CopyKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
    /// The epoch, whose name decides between equal upload times.
    pub epoch: Epoch,
}

impl CopyKernel {
    /// Its name and version.
    pub const ID: &'static str = "copies/3";
}

impl GroupKernel for CopyKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "dedup": self.dedup, "epoch": self.epoch.name })
    }

    fn apply(&self, _group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let mut found = same_rows(&self.dedup, &self.epoch, &tables.rows()?);
        found.extend(copies(&self.dedup, &self.epoch, &tables.rows()?));
        Ok(Cut::by_group(found)?)
    }
}

/// The tracks whose rows an earlier one has, each with the group that wants to hear of it.
#[must_use]
pub fn same_rows(policy: &DedupPolicy, epoch: &Epoch, tracks: &[Recording]) -> Vec<(String, TrackCopy)> {
    let order = |t: &&Recording| {
        let order = Precedence::new(&epoch.name, t.uploaded_at, &t.contributor, &t.path, t.ordinal);
        (order, t.sequence)
    };
    let mut alike: BTreeMap<Digest, Vec<&Recording>> = BTreeMap::new();
    for track in tracks {
        alike.entry(track.rows).or_default().push(track);
    }
    let mut found = Vec::new();
    for mut tracks in alike.into_values() {
        tracks.sort_by_cached_key(order);
        let Some((first, later)) = tracks.split_first() else {
            continue;
        };
        found.extend(later.iter().map(|track| {
            let copy = TrackCopy {
                sequence: track.sequence,
                start_at: track.start_at,
                cell: None,
                end_at: track.end_at,
                of_sequence: first.sequence,
                of_path: first.path.clone(),
                of_draw: Precedence::draw(&epoch.name, &first.contributor),
                of_ordinal: first.ordinal,
                of_uploaded_at: first.uploaded_at,
                shift_ms: first.start_at.since(track.start_at),
                median_mm: 0,
                p90_mm: 0,
                limit_mm: millimetres(policy.copy_median_mm),
            };
            (track.home.clone(), copy)
        }));
    }
    found
}

/// A window: of which trail, and when it starts.
type Key = (Digest, Timestamp);

/// What a window lies on: the place of the earlier track in the one order, how well, in which cell it was
/// found, when the window ends, and a visit of either track.
type Found<'a> = (usize, Fit, Cell, Timestamp, &'a Visit, &'a Visit);

/// The windows that lie on an earlier track, each with the group that wants to hear of it.
#[must_use]
pub fn copies(policy: &DedupPolicy, epoch: &Epoch, visits: &[Visit]) -> Vec<(String, TrackCopy)> {
    let ranks = ranks(epoch, visits);
    let mut cells: BTreeMap<Cell, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        cells.entry(visit.cell).or_default().push(visit);
    }
    let mut found: BTreeMap<Key, Found<'_>> = BTreeMap::new();
    for (cell, visits) in cells {
        let mut passings: Vec<(Passing, &Visit)> = visits
            .into_iter()
            .map(|visit| (passing(policy, &ranks, visit), visit))
            .collect();
        passings.sort_by_key(|(passing, visit)| (passing.rank, visit.at));
        for (index, (later, visit)) in passings.iter().enumerate() {
            let earlier = passings.get(..index).unwrap_or_default();
            let earlier = earlier.iter().filter(|(earlier, _)| earlier.rank < later.rank);
            for (earlier, of) in earlier.filter(|(earlier, _)| later.may_lie_on(earlier)) {
                for window in &later.windows {
                    let key = (visit.trail, Timestamp(visit.at.0 + window.0));
                    if found.get(&key).is_some_and(|best| best.0 < earlier.rank) {
                        continue;
                    }
                    let Some(fit) = later.lies_on(policy, *window, earlier) else {
                        continue;
                    };
                    // From here on the shift is that of the clocks.
                    let shift_ms = of.at.since(visit.at) + fit.shift_ms;
                    let end = Timestamp(visit.at.0 + window.1);
                    let new = (earlier.rank, Fit { shift_ms, ..fit }, cell, end, *visit, *of);
                    let best = found.entry(key).or_insert(new);
                    if (new.0, new.1, new.2) < (best.0, best.1, best.2) {
                        *best = new;
                    }
                }
            }
        }
    }
    let row = |((sequence, start_at), (_, fit, cell, end_at, visit, of)): (Key, Found<'_>)| {
        let copy = TrackCopy {
            sequence,
            start_at,
            cell: Some(cell.index()),
            end_at,
            of_sequence: of.sequence,
            of_path: of.path.clone(),
            of_draw: Precedence::draw(&epoch.name, &of.contributor),
            of_ordinal: of.ordinal,
            of_uploaded_at: of.uploaded_at,
            shift_ms: fit.shift_ms,
            median_mm: millimetres(fit.median_mm),
            p90_mm: millimetres(fit.p90_mm),
            limit_mm: millimetres(policy.copy_median_mm),
        };
        (visit.home.clone(), copy)
    };
    found.into_iter().map(row).collect()
}

/// The place of each trail in the one order. Several trails of an object differ in their first fix.
fn ranks(epoch: &Epoch, visits: &[Visit]) -> BTreeMap<Digest, usize> {
    let trails: BTreeMap<Digest, &Visit> = visits.iter().map(|visit| (visit.trail, visit)).collect();
    let order = |v: &&Visit| {
        let order = Precedence::new(&epoch.name, v.uploaded_at, &v.contributor, &v.path, v.ordinal);
        (order, v.trail)
    };
    let mut trails: Vec<&Visit> = trails.into_values().collect();
    trails.sort_by_cached_key(order);
    trails
        .iter()
        .enumerate()
        .map(|(rank, visit)| (visit.trail, rank))
        .collect()
}

fn passing(policy: &DedupPolicy, ranks: &BTreeMap<Digest, usize>, visit: &Visit) -> Passing {
    let trail = PlaneTrail::new(Plane::around(visit.cell), visit.at, &unpack(&visit.points));
    let windows = unpack_windows(&visit.windows)
        .into_iter()
        .map(|(start, end)| (start.since(visit.at), end.since(visit.at)))
        .filter(|(start, end)| {
            let fixes = trail.between(*start, *end);
            says_something(policy, fixes)
        })
        .collect();
    let rank = ranks.get(&visit.trail).copied().unwrap_or(usize::MAX);
    Passing::new(policy, rank, trail, windows)
}

/// Who drives evenly drives like everyone else who does. On foot it is noise that tells.
fn says_something(policy: &DedupPolicy, fixes: &[(i64, Place)]) -> bool {
    fixes.len() >= LEAST_FIXES
        && (fit::is_slow(policy, fixes) || fit::speed_changes(policy, fixes) >= policy.copy_speed_changes)
}

/// A window with fewer moments says nothing.
const LEAST_FIXES: usize = 10;

fn millimetres(mm: u64) -> u32 {
    u32::try_from(mm).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "copies_tests.rs"]
mod tests;
#[cfg(test)]
mod traffic;
