//! D4: an earlier image of the same cell or its one-ring shows the same.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Candidate, Image, Original, RepeatNote, Unmatched};
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use super::reuse::slice_group;
use super::verdicts::repeated;
use crate::geodesy::{distance_mm, turn_deg};
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::pdq;
use crate::policy::DedupPolicy;

/// Decides about the images of a tile: exact repeats first, then what place found, then near
/// duplicates. Those that are still kept are looked for everywhere (D5).
#[derive(Clone, Debug)]
pub struct NearKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
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
        serde_json::json!({ "dedup": self.dedup, "epochs": self.epochs })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let mut images = tables.rows::<Image>()?;
        let notes = tables.view::<RepeatNote>(Image::TABLE)?;
        let near = near_duplicates(&self.dedup, &self.epochs, group, &tables.rows::<Candidate>()?);
        let mut unmatched = Vec::new();
        for (image, note) in images.iter_mut().zip(&notes) {
            decide(image, note, &near);
            if image.verdict == Verdict::Kept {
                let row = Unmatched {
                    image_id: image.image_id,
                };
                unmatched.push((slice_group(&image.image_id), row));
            }
        }
        let mut cuts = Cut::by_group(unmatched)?;
        cuts.push(Cut::new(group, images)?);
        Ok(cuts)
    }
}

/// What is known by digest goes before everything, then what place found, then what is near.
fn decide(image: &mut Image, note: &RepeatNote, near: &BTreeMap<Digest, Match>) {
    if let Some((reason, original)) = repeated(note) {
        image.repeats(&original, Finding::plain(reason));
    } else if image.verdict == Verdict::Kept
        && let Some(near) = near.get(&image.image_id)
    {
        let (bits, limit) = (i64::from(near.original.bits), i64::from(near.limit));
        image.repeats(
            &near.original,
            Finding::measured(Reason::NearDuplicate, bits, limit),
        );
    }
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
