//! D4: an earlier image of the same cell or its one-ring shows the same.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Candidate, Image, Original, RepeatNote, Unmatched};
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use super::hash_index::{HashIndex, Query};
use super::reuse::slice_group;
use super::verdicts::repeated;
use crate::alike;
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
    /// By which clause, what was measured, and the limit for it, given position and heading.
    pub finding: Finding,
}

impl NearKernel {
    /// Its name and version.
    pub const ID: &'static str = "near/3";
}

impl GroupKernel for NearKernel {
    fn id(&self) -> &'static str {
        Self::ID
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
        image.repeats(&near.original, near.finding);
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
    let mut ordered: Vec<&Candidate> = candidates
        .iter()
        .filter(|c| u64::from(c.pdq_quality) >= policy.min_pdq_quality)
        .collect();
    ordered.sort_by_cached_key(|c| c.precedence(epochs));
    // Places in the order, so that "earlier" is "smaller".
    let mut cells: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
    for (place, candidate) in ordered.iter().enumerate() {
        cells.entry(candidate.cell).or_default().push(place);
    }
    let mut found = BTreeMap::new();
    for (cell, own) in &cells {
        let ring = cell.with_ring();
        let mut places: Vec<usize> = ring
            .iter()
            .filter_map(|cell| cells.get(cell))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        let around: Vec<&Candidate> = places
            .iter()
            .filter_map(|place| ordered.get(*place).copied())
            .collect();
        let judged = own.iter().filter_map(|place| {
            let later = ordered.get(*place).filter(|later| later.home == home)?;
            Some((*later, places.partition_point(|other| other < place)))
        });
        found.extend(matches(policy, epochs, &around, &judged.collect::<Vec<_>>()));
    }
    found
}

/// The earliest match of each image of a cell among those around it, of which so many are earlier.
fn matches(
    policy: &DedupPolicy,
    epochs: &Epochs,
    around: &[&Candidate],
    judged: &[(&Candidate, usize)],
) -> Vec<(Digest, Match)> {
    let hashes: Vec<Digest> = around.iter().map(|earlier| earlier.pdq).collect();
    let queries: Vec<Query<'_>> = judged
        .iter()
        .map(|(later, before)| Query {
            dihedral: &later.pdq_dihedral,
            before: *before,
        })
        .collect();
    let pair = |query: usize, at: usize| {
        judged
            .get(query)
            .map(|(later, _)| *later)
            .zip(around.get(at).copied())
    };
    let widest = u32::try_from(policy.near_bits.max(policy.close_bits)).unwrap_or(pdq::BITS);
    let nearest = HashIndex::new(&hashes, widest).earliest(&queries, |query, hit| {
        pair(query, hit.at)
            .is_some_and(|(later, earlier)| near(policy, epochs, later, earlier, hit.bits).is_some())
    });
    let mut found = Vec::new();
    for (query, (hit, (later, before))) in nearest.into_iter().zip(judged).enumerate() {
        let near = hit.and_then(|hit| {
            let (later, earlier) = pair(query, hit.at)?;
            near(policy, epochs, later, earlier, hit.bits)
        });
        let earlier = around.get(..*before).unwrap_or_default();
        if let Some(repeat) = near.or_else(|| cropped(policy, epochs, later, earlier)) {
            found.push((later.image_id, repeat));
        }
    }
    found
}

/// D4 by PDQ: whether so many bits are few enough for where the two were taken.
fn near(
    policy: &DedupPolicy,
    epochs: &Epochs,
    later: &Candidate,
    earlier: &Candidate,
    bits: u32,
) -> Option<Match> {
    let close = close(policy, later, earlier);
    let limit = if close {
        policy.close_bits.max(policy.near_bits)
    } else {
        policy.near_bits
    };
    (u64::from(bits) <= limit).then(|| Match {
        original: earlier.original(epochs, later, bits, apart_mm(later, earlier)),
        finding: Finding::measured(
            Reason::NearDuplicate,
            i64::from(bits),
            i64::try_from(limit).unwrap_or(i64::MAX),
        ),
    })
}

/// D4 by laying one picture over the other, for crops and borders, which move a picture under its
/// hash: the earliest that shows the same, among those close by that have the most bits in common. What they show says
/// more than any heading.
///
/// Pictures of one sequence are left to D3: a camera on its way sees much the same twice.
fn cropped(
    policy: &DedupPolicy,
    epochs: &Epochs,
    later: &Candidate,
    earlier: &[&Candidate],
) -> Option<Match> {
    if policy.crop_tries == 0 {
        return None;
    }
    let ppm = |share: u64| u32::try_from(share).unwrap_or(u32::MAX);
    let (reach, least) = (ppm(policy.crop_reach_ppm), ppm(policy.crop_ppm));
    let most = i32::try_from(policy.crop_most_ppm).unwrap_or(i32::MAX);
    let mut within: Vec<(u32, usize)> = earlier
        .iter()
        .enumerate()
        .filter(|(_, other)| later.sequence.is_none() || later.sequence != other.sequence)
        .map(|(at, other)| (pdq::distance(&later.pdq, &other.pdq), at))
        .filter(|(bits, _)| u64::from(*bits) <= policy.crop_bits)
        .collect();
    within.sort_unstable();
    // Bits are cheap and metres dear, so these are asked for of few.
    let near_by = |at: usize| {
        let other = earlier.get(at);
        other.is_some_and(|other| apart_mm(later, other) <= policy.close_mm)
    };
    let mut tries: Vec<(u32, usize)> = within
        .into_iter()
        .filter(|(_, at)| near_by(*at))
        .take(usize::try_from(policy.crop_tries).unwrap_or(usize::MAX))
        .collect();
    tries.sort_unstable_by_key(|(_, at)| *at);
    tries.into_iter().find_map(|(bits, at)| {
        let other = earlier.get(at)?;
        let overlay = alike::overlay(&later.thumbnail, &other.thumbnail, reach, least).filter(|overlay| {
            u64::from(overlay.part_ppm) >= policy.crop_part_ppm && overlay.is_crop_or_frame(most)
        })?;
        Some(Match {
            original: other.original(epochs, later, bits, apart_mm(later, other)),
            finding: Finding::measured(Reason::Cropped, i64::from(overlay.likeness_ppm), i64::from(least)),
        })
    })
}

/// Whether two were taken about there and looked about the same way. An unknown heading does not stand in the way.
fn close(policy: &DedupPolicy, later: &Candidate, earlier: &Candidate) -> bool {
    let turn = later
        .heading_deg
        .zip(earlier.heading_deg)
        .map_or(0, |(a, b)| turn_deg(a, b));
    u64::from(turn) <= policy.close_deg && apart_mm(later, earlier) <= policy.close_mm
}

fn apart_mm(later: &Candidate, earlier: &Candidate) -> u64 {
    distance_mm(later.position(), earlier.position())
}

#[cfg(test)]
#[path = "near_tests.rs"]
mod tests;
