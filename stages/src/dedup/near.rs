//! D4: an earlier image of the same cell or its one-ring shows the same; and the last word on
//! every image of the tile.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::ids::Precedence;
use cairn_datasets::tables::{Candidate, Image, ImageVerdict, RepeatNote};
use cairn_datasets::units::Position;
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use crate::geodesy::{distance_mm, turn_deg};
use crate::groups::session_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::pdq;
use crate::policy::{DedupPolicy, PlacePolicy};

/// Decides about the images of a tile: exact repeats first, then what place found, then near
/// duplicates.
#[derive(Clone, Debug)]
pub struct NearKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
    /// Clause P6's distance within which an image agrees with its track.
    pub place: PlacePolicy,
    /// The epoch, whose name decides between equal upload times.
    pub epoch: Epoch,
}

/// The earliest image that one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// That image.
    pub of: Digest,
    /// Path of its object.
    pub path: String,
    /// PDQ distance in bits.
    pub bits: u32,
    /// Distance on the ground in mm.
    pub mm: u64,
    /// The largest PDQ distance that would have matched, given position and heading.
    pub limit: u32,
}

impl GroupKernel for NearKernel {
    fn id(&self) -> &'static str {
        "near/1"
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "dedup": self.dedup, "agree-mm": self.place.agree_mm, "epoch": self.epoch.name })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let mut images = tables.rows::<Image>()?;
        let notes = tables.view::<RepeatNote>(<Image as cairn_datasets::table::Row>::TABLE)?;
        let near = near_duplicates(&self.dedup, &self.epoch, &tables.rows::<Candidate>()?);
        let mut verdicts = Vec::with_capacity(images.len());
        for (image, note) in images.iter_mut().zip(&notes) {
            let original = decide(image, note, near.get(&image.image_id));
            verdicts.push((
                session_group(&image.contributor, &image.session),
                self.verdict(image, original),
            ));
        }
        let mut cuts = Cut::by_group(verdicts)?;
        cuts.push(Cut::new(group, images)?);
        Ok(cuts)
    }
}

impl NearKernel {
    fn verdict(&self, image: &Image, duplicate_of: Option<String>) -> ImageVerdict {
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
            duplicate_image: image.duplicate_of,
            duplicate_of,
        }
    }
}

/// Applies the precedence D1, D2, I, D3, D4 to one image and returns the path of the object it
/// repeats, when another clause than place's own decided.
fn decide(image: &mut Image, note: &RepeatNote, near: Option<&Match>) -> Option<String> {
    if let Some(reason) = note.repeat_reason {
        image.decide(Finding::plain(reason));
        image.duplicate_of = note.repeat_of;
        image.duplicate_bits = Some(0);
        image.duplicate_mm = note.repeat_mm;
        return note.repeat_of_path.clone();
    }
    let near = near.filter(|_| image.verdict == Verdict::Kept)?;
    image.decide(Finding::measured(
        Reason::NearDuplicate,
        i64::from(near.bits),
        i64::from(near.limit),
    ));
    image.duplicate_of = Some(near.of);
    image.duplicate_bits = Some(near.bits);
    image.duplicate_mm = Some(near.mm);
    Some(near.path.clone())
}

/// For each owned image that repeats an earlier one of its cell or the ring around it: the
/// earliest such image.
#[must_use]
pub fn near_duplicates(
    policy: &DedupPolicy,
    epoch: &Epoch,
    candidates: &[Candidate],
) -> BTreeMap<Digest, Match> {
    let mut ordered: Vec<&Candidate> = candidates.iter().collect();
    ordered.sort_by_cached_key(|c| {
        Precedence::new(&epoch.name, c.uploaded_at, &c.contributor, &c.path, c.ordinal)
    });
    // Places in the order, so that "earlier" is "smaller".
    let mut cells: BTreeMap<Cell, Vec<(usize, &Candidate)>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (place, later) in ordered.into_iter().enumerate() {
        if later.owned {
            let earliest = later
                .cell
                .with_ring()
                .into_iter()
                .filter_map(|cell| {
                    cells
                        .get(&cell)?
                        .iter()
                        .find_map(|(at, c)| Some((*at, compare(policy, later, c)?)))
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

fn compare(policy: &DedupPolicy, later: &Candidate, earlier: &Candidate) -> Option<Match> {
    if u64::from(later.pdq_quality.min(earlier.pdq_quality)) < policy.min_pdq_quality {
        return None;
    }
    let bits = pdq::least_distance(&later.pdq_dihedral, &earlier.pdq);
    if u64::from(bits) > policy.near_bits.max(policy.close_bits) {
        return None;
    }
    let mm = distance_mm(
        Position {
            lat_e7: later.lat_e7,
            lon_e7: later.lon_e7,
        },
        Position {
            lat_e7: earlier.lat_e7,
            lon_e7: earlier.lon_e7,
        },
    );
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
        of: earlier.image_id,
        path: earlier.path.clone(),
        bits,
        mm,
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
#[path = "near_tests.rs"]
mod tests;
