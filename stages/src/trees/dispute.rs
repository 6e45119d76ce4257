//! A dispute in a file: a contributor's word against one verdict, bound to the proof of what the verdict was and to the bytes of
//! what speaks against it.
//!
//! It is named by SHA-256 over its canonical JSON. An operator who agrees answers it with an adjustment (R7) whose reason begins
//! with that name, so that the ledger of the epoch that applies it shows both.

use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::ids::{CONTRIBUTOR_ID_LENGTH, is_contributor_id};
use serde::{Deserialize, Serialize};

use super::dispositions::Disposition;
use super::proof::{Proof, Proved, VerifyError};

/// The version of the file's form.
pub const DISPUTE_VERSION: u32 = 1;
/// Most bytes of the reason.
pub const MOST_REASON_BYTES: usize = 4_000;
/// What begins the reason of an adjustment that answers a dispute.
const ANSWERS: &str = "dispute ";

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// [`DISPUTE_VERSION`].
    pub version: u32,
    /// Digest of the results that are disputed.
    pub results_digest: Digest,
    /// Who disputes.
    pub contributor: String,
    /// Path of the object whose verdict is disputed.
    pub object: String,
    /// Why, in words.
    pub reason: String,
    /// Files that speak for it.
    pub evidence: Vec<Evidence>,
    /// What became of the object, or that it is not there.
    pub proof: Proof,
}

/// A file that speaks for a dispute. It is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its name, without folders.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// Why a dispute is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisputeError {
    /// Another form.
    #[error("it has version {found}; this build reads version {DISPUTE_VERSION}")]
    Version {
        /// The version it says.
        found: u32,
    },
    /// Nobody.
    #[error("contributor `{id}` is no id; an id has 1 to {CONTRIBUTOR_ID_LENGTH} of A-Z a-z 0-9 . _ : -")]
    Contributor {
        /// What stands there.
        id: String,
    },
    /// No reason that can be read.
    #[error("the reason has {bytes} bytes; write 1 to {MOST_REASON_BYTES}")]
    Reason {
        /// Its size.
        bytes: usize,
    },
    /// Its proof proves nothing.
    #[error("its proof: {0}")]
    Proof(#[from] VerifyError),
    /// Its proof proves something else.
    #[error("its proof is of `{proved}`, and it disputes what became of `{object}`")]
    OtherObject {
        /// What is proved, in words or by path.
        proved: String,
        /// What is disputed.
        object: String,
    },
    /// The object is of somebody else.
    #[error("`{object}` was sent by `{of}`, and `{contributor}` disputes it")]
    OtherContributor {
        /// What is disputed.
        object: String,
        /// Whose it is.
        of: String,
        /// Who disputes.
        contributor: String,
    },
}

impl Dispute {
    /// Its name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Texts, numbers and lists of them always have a form.
        let value = serde_json::to_value(self).unwrap_or_default();
        Digest::of(canonical_json(&value).as_bytes())
    }

    /// Checks its form, and its proof against the root of the disputed epoch. Gives the verdict; `None` when it disputes that the
    /// epoch has no such object.
    ///
    /// # Errors
    /// [`DisputeError`] saying why it is no dispute.
    pub fn check(&self, root: &str) -> Result<Option<Disposition>, DisputeError> {
        if self.version != DISPUTE_VERSION {
            return Err(DisputeError::Version { found: self.version });
        }
        if !is_contributor_id(&self.contributor) {
            let id = self
                .contributor
                .escape_debug()
                .take(CONTRIBUTOR_ID_LENGTH)
                .collect();
            return Err(DisputeError::Contributor { id });
        }
        let bytes = self.reason.trim().len();
        if !(1..=MOST_REASON_BYTES).contains(&bytes) {
            return Err(DisputeError::Reason { bytes });
        }
        let other = |proved: &str| DisputeError::OtherObject {
            proved: proved.to_owned(),
            object: self.object.clone(),
        };
        match self.proof.verify(root)? {
            Proved::Disposition(verdict) if verdict.path != self.object => Err(other(&verdict.path)),
            Proved::Disposition(verdict) if verdict.contributor != self.contributor => {
                Err(DisputeError::OtherContributor {
                    object: self.object.clone(),
                    of: verdict.contributor,
                    contributor: self.contributor.clone(),
                })
            }
            Proved::Disposition(verdict) => Ok(Some(*verdict)),
            Proved::Absence(path) if path == self.object => Ok(None),
            Proved::Absence(path) => Err(other(&path)),
            Proved::Claim(address, _) => Err(other(&address.to_string())),
        }
    }
}

/// The reason of an adjustment that answers a dispute.
#[must_use]
pub fn answer(dispute: &Digest, reason: &str) -> String {
    format!("{ANSWERS}{dispute}: {reason}")
}

/// The dispute that an adjustment with a reason answers, if it answers one.
///
/// ```
/// use cairn_datasets::digest::Digest;
/// use cairn_stages::trees::dispute::{answer, answered};
/// let dispute = Digest::of(b"a dispute");
/// assert_eq!(answered(&answer(&dispute, "the camera was new")), Some(dispute));
/// assert_eq!(answered("the same drive under two ids"), None);
/// ```
#[must_use]
pub fn answered(reason: &str) -> Option<Digest> {
    let (name, _) = reason.strip_prefix(ANSWERS)?.split_once(": ")?;
    name.parse().ok()
}

#[cfg(test)]
#[path = "dispute_tests.rs"]
mod tests;
