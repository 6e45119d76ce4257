//! The last word on every image, when all searches are done.

use cairn_datasets::table::Row;
use cairn_datasets::tables::{Image, ImageVerdict, Original, RepeatNote};
use cairn_datasets::verdict::{Finding, Reason};

use crate::groups::session_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::{DedupPolicy, PlacePolicy};

/// Says the last word on the images of a tile: reads `images` joined with the `repeats` that the search in the whole
/// epoch found (D5); writes `images` for the tile, and `image_verdicts` for their sessions.
#[derive(Clone, Debug)]
pub struct VerdictKernel {
    /// Clauses D.
    pub dedup: DedupPolicy,
    /// Clause P6's distance within which an image agrees with its track.
    pub place: PlacePolicy,
}

impl VerdictKernel {
    /// Its name and version.
    pub const ID: &'static str = "verdicts/1";
}

impl GroupKernel for VerdictKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "near-bits": self.dedup.near_bits, "agree-mm": self.place.agree_mm })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let mut images = tables.rows::<Image>()?;
        let notes = tables.view::<RepeatNote>(Image::TABLE)?;
        let limit = i64::try_from(self.dedup.near_bits).unwrap_or(i64::MAX);
        let mut verdicts = Vec::with_capacity(images.len());
        for (image, note) in images.iter_mut().zip(&notes) {
            if let Some((reason, original)) = repeated(note) {
                image.repeats(
                    &original,
                    Finding::measured(reason, i64::from(original.bits), limit),
                );
            }
            let session = session_group(&image.contributor, &image.session);
            verdicts.push((session, self.verdict(image)));
        }
        let mut cuts = Cut::by_group(verdicts)?;
        cuts.push(Cut::new(group, images)?);
        Ok(cuts)
    }
}

impl VerdictKernel {
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
}

/// What an image repeats, by which clause.
pub(super) fn repeated(note: &RepeatNote) -> Option<(Reason, Original)> {
    let original = Original {
        image_id: note.repeat_of?,
        path: note.repeat_of_path.clone()?,
        epoch: note.repeat_epoch.clone(),
        first_by: note.repeat_first_by.clone().unwrap_or_default(),
        bits: note.repeat_bits.unwrap_or_default(),
        mm: note.repeat_mm,
    };
    Some((note.repeat_reason?, original))
}
