//! What the report shows, and how it travels inside the page.

use std::collections::BTreeMap;

use cairn_datasets::units::Ppm;
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use super::shares::Shares;
use crate::engine::StageTime;

/// The largest integer up to which JavaScript's numbers are exact.
pub(crate) const EXACT: u64 = (1 << 53) - 1;

/// Everything the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportData {
    /// The reward epoch, as in `2026-W47`.
    pub reward_epoch: String,
    /// The moment the run judged from.
    pub as_of: String,
    /// Digest over all results.
    pub results_digest: String,
    /// Digest of the resolved policy.
    pub policy_digest: String,
    /// Version of Cairn that made the run.
    pub version: String,
    /// What there was to pay, in the pool's units.
    #[serde(serialize_with = "wide")]
    pub pool: u64,
    /// What of the pool nobody earned.
    #[serde(serialize_with = "wide")]
    pub unallocated: u64,
    /// Stored objects that were read.
    #[serde(serialize_with = "wide")]
    pub objects: u64,
    /// Their size.
    #[serde(serialize_with = "wide")]
    pub bytes: u64,
    /// The published tables.
    pub tables: Vec<TableView>,
    /// How many rows of each table ended how.
    pub verdicts: Vec<VerdictView>,
    /// Who gets what.
    pub rewards: Vec<RewardView>,
    /// How the rewards are spread over all who sent something.
    pub spread: SpreadView,
    /// How good what counts is.
    pub qualities: Vec<QualityView>,
    /// How long the stages took. What differs from run to run: nothing else on the page does.
    pub stages: Vec<StageTime>,
    /// The covered cells, the best ones where there are too many for a page.
    #[serde(serialize_with = "packed")]
    pub cells: Vec<CellView>,
    /// The objects that were not kept, up to a limit.
    pub findings: Vec<FindingView>,
    /// How many objects were not kept in all.
    #[serde(serialize_with = "wide")]
    pub findings_total: u64,
    /// How many cells are covered in all.
    #[serde(serialize_with = "wide")]
    pub cells_total: u64,
}

/// One published table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableView {
    /// Its name.
    pub name: String,
    /// Its rows.
    #[serde(serialize_with = "wide")]
    pub rows: u64,
    /// The digest of its canonical rows.
    pub digest: String,
}

/// How many rows of one table a clause of the policy decided.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerdictView {
    /// The table.
    pub table: String,
    /// `kept`, or the code of the clause.
    pub reason: String,
    /// `kept`, `duplicate` or `rejected`.
    pub verdict: String,
    /// What the reason means, in a sentence.
    pub meaning: String,
    /// The rows.
    #[serde(serialize_with = "wide")]
    pub count: u64,
}

/// What one contributor gets, and for what.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RewardView {
    /// The contributor.
    pub contributor: String,
    /// The sum of its credits, in micro-credits.
    #[serde(serialize_with = "wide")]
    pub credit: u64,
    /// Its share of all credits, floored.
    pub weight_ppm: u32,
    /// The reward, in the pool's units.
    #[serde(serialize_with = "wide")]
    pub reward: u64,
    /// Corrections of earlier epochs and what those left owing, outside of the pool.
    #[serde(serialize_with = "wide_units")]
    pub corrected: i128,
    /// What may be claimed.
    #[serde(serialize_with = "wide")]
    pub claim: u64,
    /// What is left owing, 0 or below.
    #[serde(serialize_with = "wide_units")]
    pub debt: i128,
    /// Cells it earned credits in.
    #[serde(serialize_with = "wide")]
    pub cells: u64,
    /// Its passes.
    #[serde(serialize_with = "wide")]
    pub passes: u64,
    /// The objects it sent.
    #[serde(serialize_with = "wide")]
    pub objects: u64,
    /// Those that were kept.
    #[serde(serialize_with = "wide")]
    pub kept: u64,
    /// Those that are duplicates.
    #[serde(serialize_with = "wide")]
    pub duplicates: u64,
    /// Those that were rejected.
    #[serde(serialize_with = "wide")]
    pub rejected: u64,
}

/// How the rewards are spread.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SpreadView {
    /// Gini coefficient and what the best paid tenth gets.
    pub shares: Shares,
    /// The Lorenz curve, in ppm, by twentieths of the contributors.
    pub lorenz: Vec<u32>,
}

/// How many of a kind are how good.
#[derive(Clone, Debug, Default, Serialize)]
pub struct QualityView {
    /// What is counted, as in `Kept images`.
    pub what: String,
    /// What is measured, as in `quality`.
    pub measure: String,
    /// How many lie in each twentieth from 0 to a million ppm; a million itself in the last.
    pub bins: Vec<u64>,
}

impl QualityView {
    /// Of nothing yet.
    #[must_use]
    pub fn of(what: &str, measure: &str) -> Self {
        Self {
            what: what.to_owned(),
            measure: measure.to_owned(),
            bins: vec![0; 20],
        }
    }

    /// Counts one more.
    pub fn count(&mut self, value: Ppm) {
        let bin = usize::try_from(value.parts() / 50_000)
            .unwrap_or_default()
            .min(19);
        if let Some(count) = self.bins.get_mut(bin) {
            *count += 1;
        }
    }
}

/// How well one cell is covered, and who earned what there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CellView {
    /// The cell's H3 index.
    pub cell: String,
    /// Its outline: longitude and latitude in degrees, not closed.
    pub ring: Vec<[f64; 2]>,
    /// Score (C5).
    pub score_ppm: u32,
    /// Quality (C2).
    pub quality_ppm: u32,
    /// Freshness (C3).
    pub freshness_ppm: u32,
    /// Confidence (C4).
    pub confidence_ppm: u32,
    /// Filled direction slots, 0 to 2.
    pub directions: u32,
    /// Independent contributors.
    pub contributors: u32,
    /// Kept passes.
    pub passes: u32,
    /// Kept images.
    pub images: u32,
    /// The newest capture.
    pub newest: Option<String>,
    /// Contributors with their micro-credits.
    pub credits: Vec<(String, u64)>,
}

/// One object that was not kept.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FindingView {
    /// Its path.
    pub path: String,
    /// Who sent it.
    pub contributor: String,
    /// The code of the clause that decided.
    pub reason: String,
    /// What else there is to say, such as where it broke.
    pub detail: String,
    /// The measured value, in the unit of the clause.
    #[serde(serialize_with = "wide_signed")]
    pub measured: Option<i64>,
    /// The threshold it was held against.
    #[serde(serialize_with = "wide_signed")]
    pub threshold: Option<i64>,
    /// The earlier record it repeats.
    pub duplicate_of: Option<String>,
}

/// An integer as a number where JavaScript reads it exactly, else as a string.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands fields over by reference"
)]
fn wide<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if *value <= EXACT {
        serializer.serialize_u64(*value)
    } else {
        serializer.collect_str(value)
    }
}

/// As [`wide`], for values that may be negative or missing.
#[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
fn wide_signed<S: Serializer>(value: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        None => serializer.serialize_none(),
        Some(v) if v.unsigned_abs() <= EXACT => serializer.serialize_i64(*v),
        Some(v) => serializer.collect_str(v),
    }
}

/// As [`wide`], for units that may be below 0.
fn wide_units<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    match i64::try_from(*value) {
        Ok(v) if v.unsigned_abs() <= EXACT => serializer.serialize_i64(v),
        _ => serializer.collect_str(value),
    }
}

/// A [`u64`] that serializes as [`wide`] says.
struct Wide(u64);

impl Serialize for Wide {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        wide(&self.0, serializer)
    }
}

/// The cells as rows of bare values with contributors by number: a fifth of the size of objects with names.
fn packed<S: Serializer>(cells: &[CellView], serializer: S) -> Result<S::Ok, S::Error> {
    let mut names: BTreeMap<&str, usize> = cells
        .iter()
        .flat_map(|c| &c.credits)
        .map(|(name, _)| (name.as_str(), 0))
        .collect();
    for (number, slot) in names.values_mut().enumerate() {
        *slot = number;
    }
    let mut out = serializer.serialize_struct("Cells", 2)?;
    out.serialize_field("names", &names.keys().collect::<Vec<_>>())?;
    out.serialize_field("rows", &Rows { cells, names: &names })?;
    out.end()
}

struct Rows<'a> {
    cells: &'a [CellView],
    names: &'a BTreeMap<&'a str, usize>,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.cells.len()))?;
        for c in self.cells {
            let credits: Vec<(usize, Wide)> = c
                .credits
                .iter()
                .filter_map(|(name, credit)| Some((*self.names.get(name.as_str())?, Wide(*credit))))
                .collect();
            rows.serialize_element(&(
                &c.cell,
                outline(&c.ring),
                c.score_ppm,
                c.quality_ppm,
                c.freshness_ppm,
                c.confidence_ppm,
                c.directions,
                c.contributors,
                c.passes,
                c.images,
                &c.newest,
                credits,
            ))?;
        }
        rows.end()
    }
}

/// The corners in millionths of a degree (0.1 m), each but the first as its distance from the one before, the short
/// way round the globe. Empty when a corner is no number.
fn outline(ring: &[[f64; 2]]) -> Vec<i64> {
    const TURN: i64 = 360_000_000;
    if ring.iter().flatten().any(|v| !v.is_finite()) {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(ring.len() * 2);
    let mut last: Option<(i64, i64)> = None;
    for &[lon, lat] in ring {
        let (x, y) = (micro(lon), micro(lat));
        match last {
            None => out.extend([x, y]),
            Some((px, py)) => out.extend([(x - px + TURN / 2).rem_euclid(TURN) - TURN / 2, y - py]),
        }
        last = Some((x, y));
    }
    out
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what any coordinate can be"
)]
fn micro(degrees: f64) -> i64 {
    (degrees.clamp(-360.0, 360.0) * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_take_the_short_way() {
        let ring = [[179.9999, 1.0], [-179.9999, 1.0], [-179.9999, 1.0001]];
        assert_eq!(outline(&ring), [179_999_900, 1_000_000, 200, 0, 0, 100]);
        assert_eq!(outline(&[[f64::NAN, 0.0]]), Vec::<i64>::new());
        assert_eq!(outline(&[]), Vec::<i64>::new());
    }
}
