//! D4: an earlier image of the same cell or its one-ring shows the same; and the last word on
//! every image of the tile, with what the epoch's search for reused ones (D5) found.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Candidate, Image, ImageVerdict, Original, RepeatNote, Reuse};
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use crate::geodesy::{distance_mm, turn_deg};
use crate::groups::session_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::pdq;
use crate::policy::{DedupPolicy, PlacePolicy};

/// Decides about the images of a tile: exact repeats first, then what place found, then near
/// duplicates, then those of other places.
#[derive(Clone, Debug)]
pub struct NearKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
    /// Clause P6's distance within which an image agrees with its track.
    pub place: PlacePolicy,
    /// The epochs of the images, whose names decide between equal upload times.
    pub epochs: Epochs,
}

/// The earliest image that one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// That image.
    pub original: Original,
    /// The largest PDQ distance that would have matched, given position and heading.
    pub limit: u32,
}

impl GroupKernel for NearKernel {
    fn id(&self) -> &'static str {
        "near/2"
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "dedup": self.dedup, "agree-mm": self.place.agree_mm, "epochs": self.epochs })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let mut images = tables.rows::<Image>()?;
        let notes = tables.view::<RepeatNote>(Image::TABLE)?;
        let near = near_duplicates(&self.dedup, &self.epochs, group, &tables.rows::<Candidate>()?);
        let reused = self.reused(tables.rows::<Reuse>()?);
        let mut verdicts = Vec::with_capacity(images.len());
        for (image, note) in images.iter_mut().zip(&notes) {
            self.decide(image, note, &near, &reused);
            verdicts.push((
                session_group(&image.contributor, &image.session),
                self.verdict(image),
            ));
        }
        let mut cuts = Cut::by_group(verdicts)?;
        cuts.push(Cut::new(group, images)?);
        Ok(cuts)
    }
}

impl NearKernel {
    fn verdict(&self, image: &Image) -> ImageVerdict {
        // Only a position of its own can agree: one taken from the track says nothing about it.
        let agrees =
            image.position_source == "file" && image.trace_mm.is_some_and(|mm| mm <= self.place.agree_mm);
        ImageVerdict {
            path: image.path.clone(),
            ordinal: image.ordinal,
            sequence: image.sequence,
            agrees,
            captured_at: image.captured_at,
            verdict: image.verdict,
            reason: image.reason,
            measured: image.measured,
            threshold: image.threshold,
            duplicate_of: image.duplicate_path.clone(),
            duplicate_epoch: image.duplicate_epoch.clone(),
        }
    }

    /// What is known by digest goes before everything, what is near before what is anywhere.
    fn decide(
        &self,
        image: &mut Image,
        note: &RepeatNote,
        near: &BTreeMap<Digest, Match>,
        reused: &BTreeMap<Digest, Reuse>,
    ) {
        if let (Some(reason), Some(original)) = (note.repeat_reason, repeated(note)) {
            image.repeats(&original, Finding::plain(reason));
        } else if image.verdict != Verdict::Kept {
        } else if let Some(near) = near.get(&image.image_id) {
            let (bits, limit) = (i64::from(near.original.bits), i64::from(near.limit));
            image.repeats(&near.original, Finding::measured(Reason::NearDuplicate, bits, limit));
        } else if let Some(reuse) = reused.get(&image.image_id) {
            let own = self.epochs.precedence(
                None,
                image.uploaded_at,
                &image.contributor,
                &image.path,
                image.ordinal,
            );
            let original = Original {
                image_id: reuse.of,
                path: reuse.path.clone(),
                epoch: self.epochs.past(reuse.history).map(str::to_owned),
                first_by: reuse.precedence(&self.epochs).first_by(&own).to_owned(),
                bits: reuse.bits,
                mm: Some(reuse.mm),
            };
            let limit = i64::try_from(self.dedup.near_bits).unwrap_or(i64::MAX);
            image.repeats(&original, Finding::measured(Reason::Reused, i64::from(reuse.bits), limit));
        }
    }

    /// The earliest of what the bands found for each image.
    fn reused(&self, found: Vec<Reuse>) -> BTreeMap<Digest, Reuse> {
        let mut earliest: BTreeMap<Digest, Reuse> = BTreeMap::new();
        for reuse in found {
            match earliest.get_mut(&reuse.image_id) {
                Some(held) if held.precedence(&self.epochs) <= reuse.precedence(&self.epochs) => {}
                Some(held) => *held = reuse,
                None => {
                    earliest.insert(reuse.image_id, reuse);
                }
            }
        }
        earliest
    }
}

/// What an image repeats by its digests.
fn repeated(note: &RepeatNote) -> Option<Original> {
    Some(Original {
        image_id: note.repeat_of?,
        path: note.repeat_of_path.clone()?,
        epoch: note.repeat_epoch.clone(),
        first_by: note.repeat_first_by.clone().unwrap_or_default(),
        bits: 0,
        mm: note.repeat_mm,
    })
}

/// For each image of the tile `home` that repeats an earlier one of its cell or the ring around it: the
/// earliest such image.
#[must_use]
pub fn near_duplicates(
    policy: &DedupPolicy,
    epochs: &Epochs,
    home: &str,
    candidates: &[Candidate],
) -> BTreeMap<Digest, Match> {
    let mut ordered: Vec<&Candidate> = candidates.iter().collect();
    ordered.sort_by_cached_key(|c| c.precedence(epochs));
    // Places in the order, so that "earlier" is "smaller".
    let mut cells: BTreeMap<Cell, Vec<(usize, &Candidate)>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (place, later) in ordered.into_iter().enumerate() {
        if later.home == home {
            let earliest = later
                .cell
                .with_ring()
                .into_iter()
                .filter_map(|cell| {
                    cells
                        .get(&cell)?
                        .iter()
                        .find_map(|(at, c)| Some((*at, compare(policy, epochs, later, c)?)))
                })
                .min_by_key(|(at, _)| *at);
            if let Some((_, earliest)) = earliest {
                found.insert(later.image_id, earliest);
            }
        }
        cells.entry(later.cell).or_default().push((place, later));
    }
    found
}

fn compare(policy: &DedupPolicy, epochs: &Epochs, later: &Candidate, earlier: &Candidate) -> Option<Match> {
    if u64::from(later.pdq_quality.min(earlier.pdq_quality)) < policy.min_pdq_quality {
        return None;
    }
    let bits = pdq::least_distance(&later.pdq_dihedral, &earlier.pdq);
    if u64::from(bits) > policy.near_bits.max(policy.close_bits) {
        return None;
    }
    let mm = distance_mm(later.position(), earlier.position());
    let turn = later
        .heading_deg
        .zip(earlier.heading_deg)
        .map_or(0, |(a, b)| turn_deg(a, b));
    let close = mm <= policy.close_mm && u64::from(turn) <= policy.close_deg;
    let limit = if close {
        policy.close_bits.max(policy.near_bits)
    } else {
        policy.near_bits
    };
    (u64::from(bits) <= limit).then(|| Match {
        original: earlier.original(epochs, later, bits, mm),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
#[path = "near_tests.rs"]
mod tests;
