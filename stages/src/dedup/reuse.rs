//! D5: a picture that was used before, anywhere outside of the ring that D4 searches, here or in the history.
//!
//! All images of the epoch and its history are the index; those that are still kept after D4 are looked for, slice
//! by slice. How they are sliced decides nothing about any of them.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::tables::{Candidate, Original, Repeat, Unmatched};
use cairn_datasets::verdict::Reason;

use super::hash_index::{HashIndex, Query};
use crate::geodesy::distance_mm;
use crate::groups::bucket_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::DedupPolicy;

/// Slices of the images that are looked for: each lays the whole index out, so few; each is a task, so some.
const SLICES: u32 = 8;

/// The slice in which an image is looked for.
pub(super) fn slice_group(image_id: &Digest) -> String {
    bucket_group(image_id, SLICES)
}

/// Looks for a slice of the images among all of the epoch and its history: reads `unmatched` and every one of
/// `candidates`; writes `repeats` for the tiles of the images found.
#[derive(Clone, Debug)]
pub struct ReuseKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
    /// The epochs of the images.
    pub epochs: Epochs,
}

impl ReuseKernel {
    /// Its name and version.
    pub const ID: &'static str = "reuse/1";
}

impl GroupKernel for ReuseKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "dedup": self.dedup, "epochs": self.epochs })
    }

    fn apply(&self, _group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let wanted: Vec<Digest> = tables
            .rows::<Unmatched>()?
            .iter()
            .map(|row| row.image_id)
            .collect();
        let found = reused(&self.dedup, &self.epochs, &tables.rows::<Candidate>()?, &wanted);
        Ok(Cut::by_group(found)?)
    }
}

/// Each wanted image of this epoch that shows what an earlier one outside of its ring shows, for its tile: the
/// earliest such image. `wanted` rises.
#[must_use]
pub fn reused(
    policy: &DedupPolicy,
    epochs: &Epochs,
    candidates: &[Candidate],
    wanted: &[Digest],
) -> Vec<(String, Repeat)> {
    let clear = |c: &&Candidate| u64::from(c.pdq_quality) >= policy.min_pdq_quality;
    let mut ordered: Vec<&Candidate> = candidates.iter().filter(clear).collect();
    ordered.sort_by_cached_key(|c| c.precedence(epochs));
    let hashes: Vec<Digest> = ordered.iter().map(|c| c.pdq).collect();
    let (later, queries): (Vec<&Candidate>, Vec<Query<'_>>) = ordered
        .iter()
        .enumerate()
        .filter(|(_, c)| c.history.is_none() && wanted.binary_search(&c.image_id).is_ok())
        .map(|(before, c)| {
            let dihedral = c.pdq_dihedral.as_slice();
            (*c, Query { dihedral, before })
        })
        .unzip();
    // Rings are dear and few are asked for.
    let mut rings: Vec<Option<Vec<Cell>>> = vec![None; later.len()];
    let mut elsewhere = |query: usize, at: usize| {
        let (Some(own), Some(ring), Some(earlier)) =
            (later.get(query), rings.get_mut(query), ordered.get(at))
        else {
            return false;
        };
        let ring = ring.get_or_insert_with(|| own.cell.with_ring());
        ring.binary_search(&earlier.cell).is_err()
    };
    let bits = u32::try_from(policy.near_bits).unwrap_or(u32::MAX);
    let found = HashIndex::new(&hashes, bits).earliest(&queries, |query, hit| elsewhere(query, hit.at));
    let repeats = later.iter().zip(found).filter_map(|(later, hit)| {
        let hit = hit?;
        let earlier = ordered.get(hit.at)?;
        let mm = distance_mm(earlier.position(), later.position());
        let original = earlier.original(epochs, later, hit.bits, mm);
        Some((later.home.clone(), repeat(later, original)))
    });
    repeats.collect()
}

fn repeat(later: &Candidate, original: Original) -> Repeat {
    Repeat {
        repeat_id: later.image_id,
        repeat_path: later.path.clone(),
        repeat_reason: Some(Reason::Reused),
        repeat_of: Some(original.image_id),
        repeat_of_path: Some(original.path),
        repeat_epoch: original.epoch,
        repeat_first_by: Some(original.first_by),
        repeat_bits: Some(original.bits),
        repeat_mm: original.mm,
    }
}

#[cfg(test)]
#[path = "reuse_tests.rs"]
mod tests;
