//! E7: one device in two places at once.
//!
//! The group is a bucket of devices; a contributor whose uploads name none counts as one device, for
//! information. A device is in two places at once where it was seen at moments at most `two-places-ms`
//! apart, and further apart in space than `two-places-mm` and what it can go meanwhile.
//!
//! Anyone can write another's device into a manifest of uploads, and that must not hurt who owns it. So a
//! pass is held against what its own contributor sent, and what others sent with a valid signature.

use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Presence, TwoPlaces};
use cairn_datasets::units::Position;
use serde_json::{Value, json};

use crate::geodesy::distance_mm;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::EvidencePolicy;

/// How many moments before one, and how many after, are looked at: it bounds the cost where a device is
/// said to be everywhere.
const REACH: usize = 256;

/// Finds the passes of a bucket of devices whose device was elsewhere.
#[derive(Clone, Debug)]
pub struct TwoPlacesKernel {
    /// Clauses E.
    pub evidence: EvidencePolicy,
}

impl TwoPlacesKernel {
    /// Its name and version.
    pub const ID: &'static str = "two-places/1";
}

impl GroupKernel for TwoPlacesKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> Value {
        json!({ "evidence": self.evidence })
    }

    fn apply(&self, _group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        Ok(Cut::by_group(two_places(&self.evidence, &tables.rows()?))?)
    }
}

/// The passes whose device was elsewhere, with the tile of each.
#[must_use]
pub fn two_places(policy: &EvidencePolicy, seen: &[Presence]) -> Vec<(String, TwoPlaces)> {
    let mut devices: BTreeMap<&str, Vec<&Presence>> = BTreeMap::new();
    for presence in seen {
        devices.entry(&presence.device).or_default().push(presence);
    }
    let mut found: BTreeMap<Digest, (u64, &Presence)> = BTreeMap::new();
    for seen in devices.into_values() {
        let mut owners: BTreeMap<&str, Vec<&Presence>> = BTreeMap::new();
        for presence in &seen {
            owners.entry(&presence.contributor).or_default();
        }
        for (owner, moments) in &mut owners {
            let speaks = |p: &&&Presence| p.signed || p.contributor == *owner;
            moments.extend(seen.iter().filter(speaks).copied());
            moments.sort_by_key(|p| (p.at, p.pass_id));
            for (index, presence) in moments
                .iter()
                .enumerate()
                .filter(|(_, p)| p.contributor == *owner)
            {
                let before = moments.get(..index).unwrap_or_default().iter().rev();
                let after = moments.get(index + 1..).unwrap_or_default().iter();
                let apart = before
                    .take(REACH)
                    .chain(after.take(REACH))
                    .filter_map(|other| apart_mm(policy, presence, other))
                    .max();
                if let Some(mm) = apart {
                    let held = found.entry(presence.pass_id).or_insert((mm, presence));
                    held.0 = held.0.max(mm);
                }
            }
        }
    }
    let row = |(pass_id, (two_places_mm, of)): (Digest, (u64, &Presence))| {
        let row = TwoPlaces {
            pass_id,
            two_places_mm,
        };
        (of.home.clone(), row)
    };
    found.into_iter().map(row).collect()
}

/// How far apart two moments are, when no device can be at both.
fn apart_mm(policy: &EvidencePolicy, a: &Presence, b: &Presence) -> Option<u64> {
    let ms = a.at.since(b.at).unsigned_abs();
    if ms > policy.two_places_ms {
        return None;
    }
    let position = |p: &Presence| Position::new(p.lat_e7, p.lon_e7);
    let mm = distance_mm(position(a)?, position(b)?);
    let within = policy
        .two_places_mm
        .saturating_add(policy.jump_mm_s.saturating_mul(ms) / 1_000);
    (mm > within).then_some(mm)
}

#[cfg(test)]
#[path = "two_places_tests.rs"]
mod tests;
