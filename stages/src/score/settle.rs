//! The last word about each object of a session, once it is known what became of what is in it;
//! and which sequences are confirmed by their own track and image (P6).

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::Digest;
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{
    Confirmation, ImageVerdict, Object, PrivateImages, Recording, Repeat, SequenceTile, TraceSummary,
    TrackCopy,
};
use cairn_datasets::verdict::{Finding, Reason, Verdict};
use serde_json::{Value, json};

use super::copied::{Copied, CopiedObject};
use crate::groups::OBJECTS;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};

/// Settles the objects of a session: reads `objects` as ingest left them, `repeats` of its trace
/// objects, `recordings` and `track_copies`, `trace_summaries`, `private_images`, `image_verdicts` and `sequence_tiles`; writes the last `objects`
/// rows for the group `objects`, and for each tile that a sequence has passes in `confirmations` and
/// `copied_spans`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SettleKernel;

impl SettleKernel {
    /// Its name and version.
    pub const ID: &'static str = "settle/4";
}

impl GroupKernel for SettleKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    /// Nothing but the rows: all that the policy says was said before.
    fn settings(&self) -> Value {
        json!({})
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        settle_session(tables).map_err(|source| StageError::Table {
            kernel: Self::ID,
            group: group.to_owned(),
            source,
        })
    }
}

fn settle_session(tables: &Tables) -> Result<Vec<Cut>, TableError> {
    let mut objects = tables.rows::<Object>()?;
    let verdicts = tables.rows::<ImageVerdict>()?;
    let found = Found::new(
        tables.rows::<Repeat>()?,
        tables.rows::<TraceSummary>()?,
        verdicts.clone(),
    )
    .hiding(tables.rows::<PrivateImages>()?);
    let recordings = tables.rows::<Recording>()?;
    let copied = Copied::new(tables.rows::<TrackCopy>()?, &recordings);
    let found = found.copied(copied.objects(&recordings));
    for object in &mut objects {
        settle(object, &found)?;
    }
    let mut cuts = vec![Cut::new(OBJECTS, objects)?];
    let tiles = tables.rows::<SequenceTile>()?;
    cuts.extend(copied.cuts(&tiles)?);
    cuts.extend(confirmations(&verdicts, tiles)?);
    Ok(cuts)
}

/// What later stages found out about the objects of a session, by path.
#[derive(Debug, Default)]
pub struct Found {
    repeats: BTreeMap<String, Repeat>,
    traces: BTreeMap<String, TraceSummary>,
    images: BTreeMap<String, Vec<ImageVerdict>>,
    private_images: BTreeMap<String, u32>,
    copied: BTreeMap<String, CopiedObject>,
}

impl Found {
    /// Collects the rows. Of repeats only those of whole objects (O6) matter: an image's are in
    /// its verdict already.
    #[must_use]
    pub fn new(repeats: Vec<Repeat>, traces: Vec<TraceSummary>, verdicts: Vec<ImageVerdict>) -> Self {
        let mut images: BTreeMap<String, Vec<ImageVerdict>> = BTreeMap::new();
        for verdict in verdicts {
            images.entry(verdict.path.clone()).or_default().push(verdict);
        }
        Self {
            repeats: repeats
                .into_iter()
                .filter(|r| r.repeat_reason == Some(Reason::SameBytes))
                .map(|r| (r.repeat_path.clone(), r))
                .collect(),
            traces: traces.into_iter().map(|t| (t.path.clone(), t)).collect(),
            images,
            private_images: BTreeMap::new(),
            copied: BTreeMap::new(),
        }
    }

    /// With the traces of which nothing but copies is kept (D6).
    #[must_use]
    pub fn copied(self, copied: BTreeMap<String, CopiedObject>) -> Self {
        Self { copied, ..self }
    }

    /// With the images that place found private (X1).
    #[must_use]
    pub fn hiding(self, private: Vec<PrivateImages>) -> Self {
        Self {
            private_images: private.into_iter().map(|p| (p.path, p.private)).collect(),
            ..self
        }
    }
}

/// Settles one object.
///
/// # Errors
/// [`TableError`] when an object that ingest kept was lost on the way: rows in are rows out.
pub fn settle(object: &mut Object, found: &Found) -> Result<(), TableError> {
    // What a sidecar says went into its images; nothing of it is left to settle.
    if object.verdict != Verdict::Kept || object.kind == "sidecar" {
        return Ok(());
    }
    object.private_images = found.private_images.get(&object.path).copied().unwrap_or(0);
    if let Some(verdicts) = found.images.get(&object.path) {
        settle_image(object, verdicts);
        return Ok(());
    }
    if object.private_images > 0 {
        hide(object);
        return Ok(());
    }
    if object.kind == "image" {
        return Err(lost(object, "image", "no verdict"));
    }
    let summary = found.traces.get(&object.path);
    if let Some(summary) = summary {
        object.fixes = summary.fixes;
        object.kept_fixes = summary.kept;
        object.private_fixes = summary.private;
        object.captured_at = summary.captured_at;
    }
    if let Some(repeat) = found.repeats.get(&object.path) {
        // Its fixes are an earlier object's: none of them counts here, and which of them are private
        // was not asked, so that it does not say either when the last one was taken.
        object.kept_fixes = 0;
        object.captured_at = None;
        object.decide(Finding::plain(Reason::SameBytes));
        object.duplicate_of.clone_from(&repeat.repeat_of_path);
        object.duplicate_epoch.clone_from(&repeat.repeat_epoch);
        return Ok(());
    }
    match summary {
        Some(summary) if summary.kept > 0 => {
            if let Some(copied) = found.copied.get(&object.path) {
                object.decide(copied.finding);
                object.duplicate_of = Some(copied.of_path.clone());
            }
        }
        Some(summary) if summary.private > 0 => hide(object),
        Some(summary) => reject_trace(object, summary.top_reason, summary.top_count),
        None if object.fixes == 0 => reject_trace(object, Reason::None, 0),
        None => return Err(lost(object, "trace", "no summary of its fixes")),
    }
    Ok(())
}

/// An object has the verdict of its image: of its first kept one, should it hold several, else of
/// its first. What D1 is to an image, O6 is to an object.
fn settle_image(object: &mut Object, verdicts: &[ImageVerdict]) {
    object.captured_at = verdicts.iter().filter_map(|v| v.captured_at).max();
    let first = verdicts
        .iter()
        .min_by_key(|v| (v.verdict != Verdict::Kept, v.ordinal));
    if let Some(first) = first {
        let reason = match first.reason {
            Reason::ImageSameBytes => Reason::SameBytes,
            other => other,
        };
        object.decide(Finding {
            reason,
            measured: first.measured,
            threshold: first.threshold,
        });
        object.duplicate_of.clone_from(&first.duplicate_of);
        object.duplicate_epoch.clone_from(&first.duplicate_epoch);
    }
}

/// X1: nothing of the object is left that is not private. When it was recorded is not said, and neither
/// is what its reader had to say, which may quote it.
fn hide(object: &mut Object) {
    object.decide(Finding::plain(Reason::Private));
    object.captured_at = None;
    object.detail.clear();
}

/// A trace without a kept fix: the clause that rejected most of them, how many (measured) of how
/// many (threshold). One without any fix was not readable as a trace.
fn reject_trace(object: &mut Object, top_reason: Reason, top_count: u32) {
    let fixes = object.fixes;
    let (finding, words) = if top_reason == Reason::None {
        let words = if fixes == 0 {
            "there is no fix in it".to_owned()
        } else {
            format!("none of its {fixes} fixes was kept")
        };
        (Finding::plain(Reason::Unreadable), words)
    } else {
        let words = format!("none of its {fixes} fixes was kept; {top_reason} rejected {top_count}");
        let finding = Finding::measured(top_reason, i64::from(top_count), i64::from(fixes));
        (finding, words)
    };
    object.decide(finding);
    if !object.detail.is_empty() {
        object.detail.push_str("; ");
    }
    object.detail.push_str(&words);
}

fn lost(object: &Object, kind: &str, what: &str) -> TableError {
    TableError::Column {
        column: "path".to_owned(),
        what: format!("names the {kind} `{}`, of which there is {what}", object.path),
    }
}

/// A row for each sequence with a kept image that agrees with its track, in each of its tiles.
fn confirmations(verdicts: &[ImageVerdict], tiles: Vec<SequenceTile>) -> Result<Vec<Cut>, TableError> {
    let confirmed: BTreeSet<Digest> = verdicts
        .iter()
        .filter(|v| v.agrees && v.verdict == Verdict::Kept)
        .filter_map(|v| v.sequence)
        .collect();
    let rows = tiles
        .into_iter()
        .filter(|tile| confirmed.contains(&tile.sequence))
        .map(|tile| {
            let row = Confirmation {
                sequence: tile.sequence,
                confirmed: true,
            };
            (tile.tile, row)
        });
    Cut::by_group(rows)
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
