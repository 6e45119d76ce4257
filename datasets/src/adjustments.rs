//! The file of adjustments (R7): what an operator corrects in a closed epoch, and signs.
//!
//! ```json
//! {
//!   "version": 1,
//!   "corrects": { "reward_epoch": "2026-W20", "results_digest": "5f1c…" },
//!   "adjustments": [{ "contributor": "ada", "amount": -120, "reason": "the same drive under two ids" }],
//!   "operator": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
//!   "signature": "…"
//! }
//! ```
//!
//! White space and the order of names mean nothing: what is signed and what names the file is its canonical JSON
//! without `signature`. A correction is known by its epoch, contributor, amount and reason together, and none is applied
//! twice, whatever files it stands in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, canonical_json};
use crate::ids::{CONTRIBUTOR_ID_LENGTH, is_contributor_id};

/// The version of the file's form.
pub const ADJUSTMENTS_VERSION: u32 = 1;
/// Most adjustments in a file.
pub const MOST_ADJUSTMENTS: usize = 100_000;
/// Most bytes of a reason.
pub const MOST_REASON_BYTES: usize = 500;
/// What precedes the digest in the signed bytes. A device signs 32 bytes and nothing else, so that no signature of the
/// one can be passed off as one of the other, even by the same key.
const SIGNED_AS: &[u8] = b"cairn adjustments 1\n";

/// Corrections of one closed epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustments {
    /// [`ADJUSTMENTS_VERSION`].
    pub version: u32,
    /// The epoch that is corrected.
    pub corrects: Corrected,
    /// The corrections, at least one.
    pub adjustments: Vec<Line>,
    /// The Ed25519 public key of who signs, in base64.
    pub operator: String,
    /// Ed25519 over [`Adjustments::signed_bytes`], in base64; empty until it is signed.
    pub signature: String,
}

/// A closed epoch, as its manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrected {
    /// Its name.
    pub reward_epoch: String,
    /// Digest of its results.
    pub results_digest: Digest,
}

/// One correction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Whom it concerns.
    pub contributor: String,
    /// Units of the pool that are given, or below 0 taken back; never 0.
    pub amount: i64,
    /// Why, in one line. It is published.
    pub reason: String,
}

/// A file of adjustments that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdjustmentsError {
    /// Another form.
    #[error("it has version {found}; this build reads version {ADJUSTMENTS_VERSION}")]
    Version {
        /// The version it says.
        found: u32,
    },
    /// Too few or too many corrections.
    #[error("it has {found} adjustments; a file has 1 to {MOST_ADJUSTMENTS}")]
    Count {
        /// How many it has.
        found: usize,
    },
    /// A correction that is none.
    #[error("adjustment {line}: {fault}")]
    Line {
        /// Its place in the file, from 1.
        line: usize,
        /// What is wrong with it.
        fault: LineError,
    },
    /// The same correction again.
    #[error(
        "adjustment {line} says the same as another before it ({amount} for `{contributor}`: {reason}); where both are \
         meant, give each a reason of its own"
    )]
    Repeated {
        /// Its place in the file, from 1.
        line: usize,
        /// Whom it concerns.
        contributor: String,
        /// Its units.
        amount: i64,
        /// Its reason.
        reason: String,
    },
}

/// What is wrong with one correction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// No id.
    #[error("contributor `{id}` is no id; an id has 1 to {CONTRIBUTOR_ID_LENGTH} of A-Z a-z 0-9 . _ : -")]
    Contributor {
        /// What stands there.
        id: String,
    },
    /// Nothing.
    #[error("the amount for `{contributor}` is 0; give the units to add, or below 0 those to take back")]
    Nothing {
        /// Whom it concerns.
        contributor: String,
    },
    /// No reason that can be shown.
    #[error("the reason for `{contributor}` {what}; write one line of 1 to {MOST_REASON_BYTES} bytes")]
    Reason {
        /// Whom it concerns.
        contributor: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Line {
    /// Checks that there is a contributor, something to correct, and a reason in one line.
    ///
    /// # Errors
    /// [`LineError`] saying what is missing.
    pub fn check(&self) -> Result<(), LineError> {
        let contributor = self.contributor.clone();
        if !is_contributor_id(&contributor) {
            let id = contributor.escape_debug().take(CONTRIBUTOR_ID_LENGTH).collect();
            return Err(LineError::Contributor { id });
        }
        if self.amount == 0 {
            return Err(LineError::Nothing { contributor });
        }
        // Unicode ends a line in two more ways, and both would end one for whoever reads the ledger.
        let ends_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let what = if self.reason.trim().is_empty() {
            "is empty".to_owned()
        } else if self.reason.trim() != self.reason {
            "begins or ends with a space".to_owned()
        } else if self.reason.len() > MOST_REASON_BYTES {
            format!("has {} bytes", self.reason.len())
        } else if self.reason.contains(ends_line) {
            "has a line's end or another control character".to_owned()
        } else {
            return Ok(());
        };
        Err(LineError::Reason { contributor, what })
    }
}

impl Adjustments {
    /// Corrections that are not signed yet.
    #[must_use]
    pub fn unsigned(corrects: Corrected, adjustments: Vec<Line>, operator: String) -> Self {
        Self {
            version: ADJUSTMENTS_VERSION,
            corrects,
            adjustments,
            operator,
            signature: String::new(),
        }
    }

    /// Checks everything but the signature.
    ///
    /// # Errors
    /// [`AdjustmentsError`] naming the first place that is wrong.
    pub fn check(&self) -> Result<(), AdjustmentsError> {
        if self.version != ADJUSTMENTS_VERSION {
            return Err(AdjustmentsError::Version { found: self.version });
        }
        let found = self.adjustments.len();
        if !(1..=MOST_ADJUSTMENTS).contains(&found) {
            return Err(AdjustmentsError::Count { found });
        }
        let mut seen = BTreeSet::new();
        for (line, adjustment) in (1..).zip(&self.adjustments) {
            let fault = |fault| AdjustmentsError::Line { line, fault };
            adjustment.check().map_err(fault)?;
            if !seen.insert(adjustment) {
                return Err(AdjustmentsError::Repeated {
                    line,
                    contributor: adjustment.contributor.clone(),
                    amount: adjustment.amount,
                    reason: adjustment.reason.clone(),
                });
            }
        }
        Ok(())
    }

    /// SHA-256 of the canonical JSON of all but the signature: what names the file.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let said = serde_json::json!({
            "version": self.version,
            "corrects": self.corrects,
            "adjustments": self.adjustments,
            "operator": self.operator,
        });
        Digest::of(canonical_json(&said).as_bytes())
    }

    /// What the operator signs: the line `cairn adjustments 1`, and the 32 bytes of [`Adjustments::digest`].
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        [SIGNED_AS, &self.digest().0].concat()
    }
}

#[cfg(test)]
#[path = "adjustments_tests.rs"]
mod tests;
