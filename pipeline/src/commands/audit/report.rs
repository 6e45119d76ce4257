//! What an audit found, for people and for programs.

use std::fmt::Write;

use cairn_stages::audit::Divergence;
use serde_json::{Value, json};

use super::Level;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The table, or `manifest`, `inputs`, `source`, `attestation`, or the file beside the tables.
    pub table: String,
    /// The stage that makes what differs.
    pub stage: &'static str,
    /// What differs, in words.
    pub what: String,
    /// The first row that differs, where rows were compared.
    pub divergence: Option<Divergence>,
}

/// What an audit checked and found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was checked, in words, each with how much of it there was.
    pub checked: Vec<String>,
    /// What could not be checked, and why.
    pub unchecked: Vec<String>,
    /// What is not as it should be, in the order in which it was found.
    pub mismatches: Vec<Mismatch>,
}

impl Report {
    /// Whether nothing differs so far.
    pub(super) fn is_fine(&self) -> bool {
        self.mismatches.is_empty()
    }

    pub(super) fn mismatch(&mut self, table: &str, what: impl std::fmt::Display) {
        self.mismatches.push(Mismatch {
            table: table.to_owned(),
            stage: made_by(table, ""),
            what: what.to_string(),
            divergence: None,
        });
    }

    /// A row that differs.
    pub(super) fn diverges(&mut self, table: &str, divergence: Divergence) {
        let column = match &divergence {
            Divergence::Value { column, .. } => column.as_str(),
            _ => "",
        };
        self.mismatches.push(Mismatch {
            table: table.to_owned(),
            stage: made_by(table, column),
            what: divergence.to_string(),
            divergence: Some(divergence),
        });
    }

    /// Takes over of another's mismatches the first of each table.
    pub(super) fn add_first(&mut self, other: Self) {
        for mismatch in other.mismatches {
            if !self.mismatches.iter().any(|known| known.table == mismatch.table) {
                self.mismatches.push(mismatch);
            }
        }
    }

    pub(super) fn text(&self, location: &str, level: Level) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for line in &self.checked {
            let _ = writeln!(text, "checked  {line}");
        }
        for line in &self.unchecked {
            let _ = writeln!(text, "NOT CHECKED {line}");
        }
        for mismatch in &self.mismatches {
            let Mismatch {
                table, stage, what, ..
            } = mismatch;
            let _ = writeln!(text, "MISMATCH {table}: {what} (made by {stage})");
        }
        let _ = match (self.mismatches.first(), self.unchecked.is_empty()) {
            (None, true) => writeln!(
                text,
                "Yes: {location} is what it says it is, as far as level {level} looks."
            ),
            (None, false) => writeln!(
                text,
                "Yes: {location} is what it says it is, as far as level {level} looks and but for what could not be checked."
            ),
            (Some(first), _) => writeln!(text, "No: {location} differs, first in `{}`.", first.table),
        };
        text
    }

    pub(super) fn json(&self, level: Level) -> Value {
        let mismatches = self.mismatches.iter().map(|mismatch| {
            let mut row = json!({
                "table": mismatch.table,
                "stage": mismatch.stage,
                "difference": mismatch.what,
            });
            if let (Some(divergence), Some(fields)) = (&mismatch.divergence, row.as_object_mut()) {
                match divergence {
                    Divergence::Value {
                        key,
                        column,
                        published,
                        derived,
                        ..
                    } => {
                        let told = [
                            ("key", key),
                            ("column", column),
                            ("published", published),
                            ("derived", derived),
                        ];
                        fields.extend(told.map(|(name, value)| (name.to_owned(), value.as_str().into())));
                    }
                    Divergence::Surplus { key, .. } | Divergence::Missing { key, .. } => {
                        fields.insert("key".to_owned(), key.as_str().into());
                    }
                }
            }
            row
        });
        json!({
            "ok": self.is_fine(),
            "level": level.to_string(),
            "checked": self.checked,
            "unchecked": self.unchecked,
            "mismatches": mismatches.collect::<Vec<_>>(),
        })
    }
}

/// The stage that fills a column of a table; of a table, the one that makes its rows.
fn made_by(table: &str, column: &str) -> &'static str {
    match (table, column) {
        ("objects", "verdict" | "reason" | "measured" | "threshold" | "duplicate_of" | "duplicate_epoch")
        | ("images", "verdict" | "reason" | "measured" | "threshold")
        | ("passes", "duplicate_of" | "duplicate_sequence") => "dedup",
        ("images", column) if column.starts_with("duplicate_") => "dedup",
        (
            "images",
            "" | "sequence" | "pass_id" | "captured_at" | "time_source" | "lat_e7" | "lon_e7"
            | "position_source" | "cell" | "heading_deg" | "accuracy_mm" | "trace_mm",
        ) => "place",
        ("passes", "credit" | "demand_ppm" | "region_ppm") | ("credits" | "rewards" | "adjustments", _) => {
            "reward"
        }
        (
            "passes",
            "position_ppm" | "image_ppm" | "best_image" | "confirmation_ppm" | "confirmed_by" | "quality_ppm"
            | "integrity_ppm" | "slot" | "standing_ppm" | "gain_ppm" | "verdict" | "reason" | "measured"
            | "threshold" | "evidence" | "two_places_mm",
        )
        | ("images", "quality_ppm")
        | ("coverage" | "standing", _) => "score",
        ("objects" | "images", _) => "ingest",
        ("passes", _) => "place",
        ("inputs" | "source", _) => "the source",
        ("attestation", _) => "its signers",
        _ => "emit",
    }
}
