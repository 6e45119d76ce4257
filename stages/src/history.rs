//! What published epochs leave to those after them: rows for the groups in which this epoch's records are held
//! against earlier ones.
//!
//! | of the history | for | clauses |
//! |---|---|---|
//! | traces that were readable | buckets of digests | O6 |
//! | images that passed O and I | buckets of digests, tiles, the epoch | D1, D2, D4, D5 |
//! | kept images and passes | tiles | P6 |
//! | standing | tiles | R2 |
//! | debts, of its heads | the epoch | R7 |
//!
//! About records of the history all is decided: they are in no output.

use std::collections::BTreeSet;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::Manifest;
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{Image, Object, Pass, PastStanding, Standing, TRACK_AND_IMAGE, Witness};
use cairn_datasets::verdict::{Reason, Verdict};

use crate::groups::{bucket_group, tile_group};
use crate::ingest::trace_fingerprint;
use crate::kernel::Cut;
use crate::place::past_images;
use crate::place::tiles::Tiling;

/// Where one epoch of the history stands among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// Digest of its results.
    pub results: Digest,
    /// Digests of the epochs that came before it, as far as it knows, nearest or not.
    pub earlier: BTreeSet<Digest>,
}

impl Lineage {
    /// That of a published epoch.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let inputs = &manifest.inputs;
        Self {
            results: manifest.results_digest,
            earlier: inputs.previous.iter().chain(&inputs.before).copied().collect(),
        }
    }
}

/// The heads of a history, by their places in it: the epochs that no other of them started from, near or far. Every
/// epoch takes over the debts of its heads and says them again with its own, so that what is open is with the heads
/// alone (R7), and an older epoch may be named beside a newer one without counting its debts twice.
#[must_use]
pub fn heads(history: &[Lineage]) -> Vec<usize> {
    let taken_over: BTreeSet<&Digest> = history.iter().flat_map(|of| &of.earlier).collect();
    let places = (0..history.len()).zip(history);
    places
        .filter(|(_, of)| !taken_over.contains(&of.results))
        .map(|(place, _)| place)
        .collect()
}

/// The epochs that came before those of a history and are not among them, rising.
#[must_use]
pub fn before(history: &[Lineage]) -> Vec<Digest> {
    let named: BTreeSet<&Digest> = history.iter().map(|of| &of.results).collect();
    let earlier: BTreeSet<&Digest> = history.iter().flat_map(|of| &of.earlier).collect();
    earlier.difference(&named).map(|digest| **digest).collect()
}

/// One epoch of the history.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// Its number, the oldest being 0.
    pub history: u32,
    /// How this epoch is cut, whatever that one was.
    pub tiling: Tiling,
    /// Buckets of digests.
    pub buckets: u32,
}

impl Past {
    /// Its traces, for O6.
    ///
    /// # Errors
    /// [`TableError::KeyOrder`] when a path stands twice.
    pub fn objects(&self, objects: &[Object]) -> Result<Vec<Cut>, TableError> {
        let readable = |object: &&Object| {
            // What ingest refused is no original.
            let refused = object.reason.clause().starts_with('O') && object.reason != Reason::SameBytes;
            object.kind == "trace" && !refused
        };
        let prints = objects.iter().filter(readable).filter_map(|object| {
            let sha256 = object.sha256?;
            let print = trace_fingerprint(object, sha256, String::new(), Some(self.history));
            Some((bucket_group(&sha256, self.buckets), print))
        });
        Cut::by_group(prints)
    }

    /// Its images, for D1, D2, D4 and D5, and its kept ones as witnesses (P6).
    ///
    /// # Errors
    /// [`TableError::KeyOrder`] when an image stands twice.
    pub fn images(&self, images: &[Image]) -> Result<Vec<Cut>, TableError> {
        let mut cuts = past_images(images, self.history, self.tiling, self.buckets)?;
        cuts.extend(self.witnesses(speaking_images(images), true)?);
        Ok(cuts)
    }

    /// Its kept passes of confirmed sequences as witnesses (P6).
    ///
    /// # Errors
    /// [`TableError`] never, since each witness is written once.
    pub fn passes(&self, passes: &[Pass]) -> Result<Vec<Cut>, TableError> {
        self.witnesses(speaking_passes(passes), false)
    }

    /// What its slots stood at (R2).
    ///
    /// # Errors
    /// [`TableError::KeyOrder`] when a slot stands twice.
    pub fn standing(&self, standing: &[Standing]) -> Result<Vec<Cut>, TableError> {
        Cut::by_group(standing.iter().map(|slot| {
            let past = PastStanding {
                cell: slot.cell,
                history: self.history,
                slot: slot.slot,
                heading_deg: slot.heading_deg,
                quality_ppm: slot.quality_ppm,
                captured_at: slot.captured_at,
                uploaded_at: slot.uploaded_at,
            };
            (self.tile(slot.cell), past)
        }))
    }

    fn tile(&self, cell: Cell) -> String {
        tile_group(Some(cell), self.tiling.tile)
    }

    fn witnesses(&self, once: BTreeSet<(Cell, &str)>, with_image: bool) -> Result<Vec<Cut>, TableError> {
        Cut::by_group(once.into_iter().map(|(cell, contributor)| {
            let witness = Witness {
                cell,
                contributor: contributor.to_owned(),
                history: self.history,
                with_image,
            };
            (self.tile(cell), witness)
        }))
    }
}

/// Where whose kept images speak for others in later epochs (P6).
#[must_use]
pub fn speaking_images(images: &[Image]) -> BTreeSet<(Cell, &str)> {
    let kept = images.iter().filter(|image| image.verdict == Verdict::Kept);
    kept.filter_map(|image| Some((image.cell?, &*image.contributor)))
        .collect()
}

/// Where whose kept passes speak for others in later epochs (P6). As in their own epoch, what nothing speaks for speaks
/// for nothing.
#[must_use]
pub fn speaking_passes(passes: &[Pass]) -> BTreeSet<(Cell, &str)> {
    let kept = passes
        .iter()
        .filter(|pass| pass.verdict == Verdict::Kept && pass.confirmed_by == TRACK_AND_IMAGE);
    kept.map(|pass| (pass.cell, &*pass.contributor)).collect()
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
