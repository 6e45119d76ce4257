//! D6: what of a session lies on earlier tracks, told to its objects and to the tiles of its sequences;
//! and the passes that lie there.
//!
//! A track whose rows are an earlier one's is a copy as a whole, and its windows are not asked. Else its
//! windows are, each by the earliest track that it lies on. A trace object is a copy when its tracks lie
//! on earlier ones from their first fix to their last; a pass, when it starts where its track does.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::Digest;
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{CopiedSpan, Pass, Recording, SequenceTile, TrackCopy};
use cairn_datasets::units::Timestamp;
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use crate::kernel::Cut;

/// What of a session lies on earlier tracks, by sequence and start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copied {
    spans: BTreeMap<(Digest, Timestamp), TrackCopy>,
}

/// Why a whole trace object is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedObject {
    /// D6 with the greatest median of its windows.
    pub finding: Finding,
    /// The object that holds the track on which it begins to lie.
    pub of_path: String,
}

impl Copied {
    /// Gives the tracks of a session what was found of them and their trails; takes of each window the
    /// earliest original, and of that the best fit.
    #[must_use]
    pub fn new(copies: Vec<TrackCopy>, tracks: &[Recording]) -> Self {
        let (whole, mut windows): (Vec<_>, Vec<_>) = copies.into_iter().partition(|copy| copy.cell.is_none());
        windows.sort_by(|a, b| order(b).cmp(&order(a)));
        let known: BTreeSet<Digest> = whole.iter().map(|copy| copy.sequence).collect();
        let mut trails: BTreeMap<Digest, Vec<&Recording>> = BTreeMap::new();
        for track in tracks.iter().filter(|track| !known.contains(&track.sequence)) {
            trails.entry(track.trail).or_default().push(track);
        }
        let mut spans = BTreeMap::new();
        for window in windows {
            let touches =
                |track: &&&Recording| track.start_at <= window.end_at && window.start_at <= track.end_at;
            for track in trails.get(&window.sequence).into_iter().flatten().filter(touches) {
                let sequence = track.sequence;
                // The last to come stays: the first in the order.
                spans.insert(
                    (sequence, window.start_at),
                    TrackCopy {
                        sequence,
                        ..window.clone()
                    },
                );
            }
        }
        spans.extend(
            whole
                .into_iter()
                .map(|copy| ((copy.sequence, copy.start_at), copy)),
        );
        Self { spans }
    }

    fn of(&self, sequence: Digest) -> impl Iterator<Item = &TrackCopy> {
        let all = (sequence, Timestamp(i64::MIN))..=(sequence, Timestamp(i64::MAX));
        self.spans.range(all).map(|(_, copy)| copy)
    }

    fn covers(&self, track: &Recording) -> bool {
        let mut open = track.start_at;
        for span in self.of(track.sequence) {
            if span.start_at > open {
                return false;
            }
            open = open.max(span.end_at);
        }
        open >= track.end_at && self.of(track.sequence).next().is_some()
    }

    /// The objects of which nothing but copies is kept, by path. A track that takes no time, a single fix, has no say.
    #[must_use]
    pub fn objects(&self, tracks: &[Recording]) -> BTreeMap<String, CopiedObject> {
        let mut by_path: BTreeMap<&str, Vec<&Recording>> = BTreeMap::new();
        for track in tracks.iter().filter(|track| track.end_at > track.start_at) {
            by_path.entry(&track.path).or_default().push(track);
        }
        let copied = |(path, mut tracks): (&str, Vec<&Recording>)| {
            tracks.sort_by_key(|track| track.ordinal);
            if !tracks.iter().all(|track| self.covers(track)) {
                return None;
            }
            let spans = || tracks.iter().flat_map(|track| self.of(track.sequence));
            let worst = spans().max_by_key(|span| span.median_mm)?;
            let finding =
                Finding::measured(Reason::CopiedTrack, worst.median_mm.into(), worst.limit_mm.into());
            let of_path = spans().next()?.of_path.clone();
            Some((path.to_owned(), CopiedObject { finding, of_path }))
        };
        by_path.into_iter().filter_map(copied).collect()
    }

    /// The spans, in each tile that their sequence has passes in.
    ///
    /// # Errors
    /// [`TableError`] when two rows of a tile have the same key.
    pub fn cuts(&self, tiles: &[SequenceTile]) -> Result<Vec<Cut>, TableError> {
        let rows = tiles.iter().flat_map(|tile| {
            self.of(tile.sequence).map(|copy| {
                let span = CopiedSpan {
                    sequence: copy.sequence,
                    start_at: copy.start_at,
                    end_at: copy.end_at,
                    of_path: copy.of_path.clone(),
                    of_sequence: copy.of_sequence,
                    median_mm: copy.median_mm,
                    limit_mm: copy.limit_mm,
                };
                (tile.tile.clone(), span)
            })
        });
        Cut::by_group(rows)
    }
}

/// The originals in the one order; then the best fit, and what tells two equal ones apart.
fn order(copy: &TrackCopy) -> impl Ord {
    let earliest = (
        copy.of_uploaded_at.is_none(),
        copy.of_uploaded_at,
        copy.of_draw,
        copy.of_path.clone(),
        copy.of_ordinal,
    );
    (earliest, copy.median_mm, copy.p90_mm, copy.shift_ms, copy.cell)
}

/// Spans of sequences, to be asked by pass.
#[derive(Clone, Debug, Default)]
pub struct Spans(BTreeMap<Digest, Vec<CopiedSpan>>);

impl Spans {
    /// Sorts spans by sequence, each in order of time.
    #[must_use]
    pub fn new(spans: Vec<CopiedSpan>) -> Self {
        let mut by_sequence: BTreeMap<Digest, Vec<CopiedSpan>> = BTreeMap::new();
        for span in spans {
            by_sequence.entry(span.sequence).or_default().push(span);
        }
        for spans in by_sequence.values_mut() {
            spans.sort_by_key(|span| span.start_at);
        }
        Self(by_sequence)
    }

    /// Calls a pass a duplicate when it starts within a span of its sequence, the first such.
    pub fn judge(&self, pass: &mut Pass) {
        let spans = self.0.get(&pass.sequence).map_or(&[][..], Vec::as_slice);
        let holds = |span: &&CopiedSpan| (span.start_at..=span.end_at).contains(&pass.start_at);
        let Some(span) = spans.iter().find(holds) else {
            return;
        };
        if pass.verdict == Verdict::Kept {
            pass.decide(Finding::measured(
                Reason::CopiedTrack,
                span.median_mm.into(),
                span.limit_mm.into(),
            ));
            pass.duplicate_of = Some(span.of_path.clone());
            pass.duplicate_sequence = Some(span.of_sequence);
        }
    }
}

#[cfg(test)]
#[path = "copied_tests.rs"]
mod tests;
