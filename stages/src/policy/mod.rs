//! The policy: every number that can change a result, with its clause, unit and range.
//!
//! The text of the clauses is POLICY.md; `cairn policy reference` prints the fields from here.

mod section;
mod sections;

pub use section::{Bounds, Field};
pub use sections::{
    DedupPolicy, EvidencePolicy, IngestPolicy, PlacePolicy, RewardMode, RewardPolicy, ScorePolicy, TrimEnds,
};

use cairn_datasets::digest::{Digest, canonical_json};
use serde::{Deserialize, Serialize};

/// The version of the policy's form that this build reads.
pub const POLICY_VERSION: u64 = 1;

/// The rules of a run. What a file does not name keeps its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Policy {
    /// [`POLICY_VERSION`].
    pub version: u64,
    /// Clauses O: what is read.
    pub ingest: IngestPolicy,
    /// Clauses X, F, I and P1: which fixes and images count, and where they were.
    pub place: PlacePolicy,
    /// Clauses D: what has been seen already.
    pub dedup: DedupPolicy,
    /// Clauses E: what speaks against a pass, and from where on.
    pub evidence: EvidencePolicy,
    /// Clauses P, C and R2: how good passes and coverage are.
    pub score: ScorePolicy,
    /// Clauses R: who gets what share.
    pub reward: RewardPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: POLICY_VERSION,
            ingest: IngestPolicy::default(),
            place: PlacePolicy::default(),
            dedup: DedupPolicy::default(),
            evidence: EvidencePolicy::default(),
            score: ScorePolicy::default(),
            reward: RewardPolicy::default(),
        }
    }
}

/// A policy that cannot be run by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A value outside of its range.
    #[error("policy field `{field}` is {value}; {bounds} is wanted ({clause}: {meaning})")]
    OutOfRange {
        /// Section and name.
        field: String,
        /// The value given.
        value: String,
        /// What would do.
        bounds: String,
        /// The clause it belongs to.
        clause: &'static str,
        /// What the field says.
        meaning: &'static str,
    },
    /// A form this build does not know.
    #[error("policy version {version} is not one this build reads: it reads version {POLICY_VERSION}")]
    Version {
        /// The version given.
        version: u64,
    },
}

impl Policy {
    /// Every field of every section, in the order of the text.
    #[must_use]
    pub fn fields() -> Vec<Field> {
        [
            IngestPolicy::FIELDS,
            PlacePolicy::FIELDS,
            DedupPolicy::FIELDS,
            EvidencePolicy::FIELDS,
            ScorePolicy::FIELDS,
            RewardPolicy::FIELDS,
        ]
        .concat()
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`PolicyError`] for the first value outside of it.
    pub fn check(&self) -> Result<(), PolicyError> {
        if self.version != POLICY_VERSION {
            return Err(PolicyError::Version {
                version: self.version,
            });
        }
        let resolved = self.resolved();
        for field in Self::fields() {
            let value = &resolved[field.section][field.name];
            if !field.bounds.hold(value) {
                return Err(PolicyError::OutOfRange {
                    field: format!("{}.{}", field.section, field.name),
                    value: value.to_string(),
                    bounds: field.bounds.to_string(),
                    clause: field.clause,
                    meaning: field.meaning.trim(),
                });
            }
        }
        Ok(())
    }

    /// Every field with its value.
    #[must_use]
    pub fn resolved(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// SHA-256 over the canonical JSON of the resolved policy.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(canonical_json(&self.resolved()).as_bytes())
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
