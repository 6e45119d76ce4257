//! Where tracks are held against each other: a share of all cells, drawn by their hash.
//!
//! The cells a track passes are its shingles, and those among them whose hash is small are a sketch
//! of it: two tracks along the same way have the same cells in theirs, however they are cut. Who stays long in
//! each cell passes few, so of those stays all are taken: on foot as by car about one in half a minute. (This
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

/// Of so many cells one is such a cell for everybody.
const ONE_IN: u8 = 6;
/// The way between two moments is looked at every so many mm.
const PACE_MM: u64 = 8_000;
/// Most steps between two moments; tracks are cut at 200 m.
const MOST_PACES: u64 = 64;
/// Who stays so long in a cell, in ms, meets others in every such cell.
const LONG_STAY_MS: i64 = 20_000;
/// Who stays longer in a cell, in ms, has no sharp moment in it.
const LONGEST_STAY_MS: i64 = 90_000;
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
    let mut step = |at: Timestamp, position: Position| {
        let stays = stays.entry(Cell::at(position, cells)).or_default();
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
    let taken = |(cell, stays): (Cell, Vec<(Timestamp, Timestamp)>)| {
        let least = if is_drawn(cell) { 0 } else { LONG_STAY_MS };
        stays.into_iter().filter_map(move |(start, end)| {
            let stay = end.since(start);
            (least..=LONGEST_STAY_MS).contains(&stay).then(|| Passage {
                cell,
                at: Timestamp(start.0 + stay / 2),
            })
        })
    };
    stays.into_iter().flat_map(taken).collect()
}
