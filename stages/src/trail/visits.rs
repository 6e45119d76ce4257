//! Where tracks are held against each other: a share of all cells, drawn by their hash.
//!
//! The cells a track passes are its shingles, and those among them whose hash is small are a sketch
//! of it: two tracks along the same way have the same cells in theirs, however they are cut. (This
//! is `MinHash` with a bound on the hash instead of on the number of hashes, "`FracMinHash`": L. Irber
//! et al., "Lightweight compositional analysis of metagenomes with `FracMinHash` and minimum
//! metagenome covers", 2022.) A copy shares with its original not one such cell but dozens, and the
//! moments in them give the shift in time for nothing.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::units::{Position, Timestamp};
use h3o::Resolution;

use super::Moment;
use crate::geodesy::{between, distance_mm};
use crate::policy::DedupPolicy;

/// Of so many cells one is such a cell.
const ONE_IN: u8 = 6;
/// The way between two moments is looked at every so many mm.
const PACE_MM: u64 = 8_000;
/// Most steps between two moments; tracks are cut at 200 m.
const MOST_PACES: u64 = 64;
/// Who stays longer in a cell, in ms, has no sharp moment in it.
const LONGEST_STAY_MS: i64 = 30_000;
/// Who is back in the cell within this, in ms, has not left it: noise at its edge.
const BACK_MS: i64 = 15_000;

/// A passage through a cell where tracks are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    /// The cell.
    pub cell: Cell,
    /// The middle of the stay.
    pub at: Timestamp,
}

/// The digest of a cell, by which it is drawn, and finds its bucket.
#[must_use]
pub fn cell_digest(cell: Cell) -> Digest {
    Digest::of_parts(&[b"tracks meet", &cell.index().to_le_bytes()])
}

fn is_drawn(cell: Cell) -> bool {
    // Not the bytes that choose the bucket.
    cell_digest(cell).0.last().is_some_and(|byte| byte % ONE_IN == 0)
}

/// The passages of a thinned track, in order of cell and time.
#[must_use]
pub fn passages(track: &[Moment], cells: Resolution) -> Vec<Passage> {
    let mut stays: BTreeMap<Cell, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    let mut known: BTreeMap<Cell, bool> = BTreeMap::new();
    let mut step = |at: Timestamp, position: Position| {
        let cell = Cell::at(position, cells);
        if !*known.entry(cell).or_insert_with(|| is_drawn(cell)) {
            return;
        }
        let stays = stays.entry(cell).or_default();
        match stays.last_mut() {
            Some((_, end)) if at.since(*end) <= BACK_MS => *end = at,
            _ => stays.push((at, at)),
        }
    };
    for pair in track.windows(2) {
        let [a, b] = pair else { continue };
        let paces = (distance_mm(a.position, b.position) / PACE_MM + 1).min(MOST_PACES);
        let paces = i64::try_from(paces).unwrap_or(1);
        for pace in 0..paces {
            let at = Timestamp(a.at.0 + b.at.since(a.at) * pace / paces);
            step(at, between(a.position, b.position, pace, paces));
        }
    }
    if let Some(end) = track.last() {
        step(end.at, end.position);
    }
    let middle = |cell: Cell, (start, end): (Timestamp, Timestamp)| {
        let stay = end.since(start);
        (stay <= LONGEST_STAY_MS).then(|| Passage {
            cell,
            at: Timestamp(start.0 + stay / 2),
        })
    };
    stays
        .into_iter()
        .flat_map(|(cell, stays)| stays.into_iter().filter_map(move |stay| middle(cell, stay)))
        .collect()
}

/// The windows of a track that spans these times, both included in each: one starts every
/// `copy-stride-ms` from the track's start on, and one ends with the track. None where the track is
/// shorter than a window.
#[must_use]
pub fn windows(policy: &DedupPolicy, start: Timestamp, end: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    windows_around_span(policy, (start, end), (start, end))
}

/// The windows of a track that hold a moment.
#[must_use]
pub fn windows_around(
    policy: &DedupPolicy,
    at: Timestamp,
    start: Timestamp,
    end: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    windows_around_span(policy, (at, at), (start, end))
        .into_iter()
        .filter(|(from, to)| (*from..=*to).contains(&at))
        .collect()
}

/// The windows of a track that reach into a span of time, and may be others next to it.
fn windows_around_span(
    policy: &DedupPolicy,
    span: (Timestamp, Timestamp),
    (start, end): (Timestamp, Timestamp),
) -> Vec<(Timestamp, Timestamp)> {
    let (length, stride) = (ms(policy.copy_window_ms), ms(policy.copy_stride_ms).max(1));
    let last = end.since(start) - length;
    if last < 0 {
        return Vec::new();
    }
    let first = ((span.0.since(start) - length) / stride).max(0);
    let mut starts: Vec<i64> = Vec::new();
    let mut from = first * stride;
    while from < last && start.0 + from <= span.1.0 {
        starts.push(from);
        from += stride;
    }
    starts.push(last);
    let window = |from: i64| (Timestamp(start.0 + from), Timestamp(start.0 + from + length));
    starts.into_iter().map(window).collect()
}

/// How much of a track goes with a passage, in ms before and after it: a window, and what a shift may reach.
#[must_use]
pub fn reach_ms(policy: &DedupPolicy) -> i64 {
    ms(policy.copy_window_ms) + BEYOND_MS
}

/// What a shift may reach beyond a window, in ms.
const BEYOND_MS: i64 = 30_000;

fn ms(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX / 4)
}
