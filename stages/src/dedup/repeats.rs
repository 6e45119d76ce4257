//! O6, D1, D2: records whose digest an earlier record has.

use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::tables::{Fingerprint, Repeat};
use cairn_datasets::units::Position;
use cairn_datasets::verdict::Reason;

use crate::geodesy::distance_mm;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};

/// Finds the records of a bucket that repeat an earlier one, bit for bit.
#[derive(Clone, Debug)]
pub struct RepeatKernel {
    /// The epochs of the records, whose names decide between equal upload times.
    pub epochs: Epochs,
}

impl RepeatKernel {
    /// Its name and version.
    pub const ID: &'static str = "repeats/2";
}

impl GroupKernel for RepeatKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "epochs": self.epochs })
    }

    fn apply(&self, _group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let repeats = repeats(&self.epochs, &tables.rows::<Fingerprint>()?);
        Ok(Cut::by_group(repeats)?)
    }
}

/// The repeats among some fingerprints, each with the group that wants to hear of it. A record
/// that repeats by several clauses is named once, by the clause that comes first in the policy.
#[must_use]
pub fn repeats(epochs: &Epochs, prints: &[Fingerprint]) -> Vec<(String, Repeat)> {
    let mut alike: BTreeMap<(Digest, Reason), Vec<&Fingerprint>> = BTreeMap::new();
    for print in prints {
        alike.entry((print.digest, print.clause)).or_default().push(print);
    }
    let order =
        |p: &Fingerprint| epochs.precedence(p.history, p.uploaded_at, &p.contributor, &p.path, p.ordinal);
    let mut found: BTreeMap<(Digest, String, u32), (String, Repeat)> = BTreeMap::new();
    // Reasons order as the policy's text does, so the first entry for a record is the one to keep.
    let mut by_clause: Vec<_> = alike.into_iter().filter(|(_, group)| group.len() > 1).collect();
    by_clause.sort_by_key(|((digest, clause), _)| (*clause, *digest));
    for ((_, clause), mut group) in by_clause {
        group.sort_by_cached_key(|p| order(p));
        let mut later = group.into_iter().skip_while(|p| !p.passed);
        let Some(first) = later.next() else { continue };
        // About those of the history all is decided.
        for print in later.filter(|p| p.history.is_none()) {
            let repeat = Repeat {
                repeat_id: print.id,
                repeat_path: print.path.clone(),
                repeat_reason: Some(clause),
                repeat_of: Some(first.id),
                repeat_of_path: Some(first.path.clone()),
                repeat_epoch: epochs.past(first.history).map(str::to_owned),
                repeat_first_by: Some(order(first).first_by(&order(print)).to_owned()),
                repeat_bits: Some(0),
                repeat_mm: position(print)
                    .zip(position(first))
                    .map(|(a, b)| distance_mm(a, b)),
            };
            let record = (print.id, print.path.clone(), print.ordinal);
            found
                .entry(record)
                .or_insert_with(|| (print.home.clone(), repeat));
        }
    }
    found.into_values().collect()
}

fn position(print: &Fingerprint) -> Option<Position> {
    Position::new(print.lat_e7?, print.lon_e7?)
}

#[cfg(test)]
#[path = "repeats_tests.rs"]
mod tests;
