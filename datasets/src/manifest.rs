//! The manifest: what a run read, by which rules, and what it published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, canonical_json};
use crate::tables::Object;
use crate::units::Timestamp;

/// The version of the manifest's form.
pub const MANIFEST_VERSION: u32 = 1;

/// What a run published. Written last: a run without it does not exist for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// Name of the epoch.
    pub reward_epoch: String,
    /// SHA-256 over everything below that is a result: [`Manifest::digest`].
    pub results_digest: Digest,
    /// What the run read.
    pub inputs: Inputs,
    /// The rules it ran by.
    pub policy: PolicyRecord,
    /// The program.
    pub build: Build,
    /// The published tables by name.
    pub tables: BTreeMap<String, TableRecord>,
    /// How many rows of each table got each reason; kept rows count under `kept`.
    pub verdicts: BTreeMap<String, BTreeMap<String, u64>>,
    /// How many records are private: all that is said of them.
    #[serde(default, skip_serializing_if = "PrivateCounts::is_zero")]
    pub private: PrivateCounts,
    /// Units to share out.
    pub pool: u64,
    /// Units that nobody earned.
    pub unallocated: u64,
    /// Roots of the trees over the results, which follow from the tables.
    pub trees: Trees,
    /// What lies beside the tables and follows from them, by path. The report is not among it: it says how long things took.
    pub views: BTreeMap<String, ViewRecord>,
}

/// Roots by which one result can be checked without the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trees {
    /// That of the claims by payout address; `None` when none is above 0 and has an address of an EVM chain.
    pub claims: Option<ClaimsTree>,
    /// That of what became of every object.
    pub dispositions: DispositionsTree,
}

/// The tree of claims: OpenZeppelin's `standard-v1` over address and amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsTree {
    /// `0x` and 64 hexadecimal digits of Keccak-256.
    pub root: String,
    /// Addresses in it.
    pub leaves: u64,
    /// All its claims in units of the pool, in decimal digits.
    pub amount: String,
}

/// The tree of dispositions: SHA-256 in the shape of RFC 9162.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispositionsTree {
    /// The root.
    pub root: Digest,
    /// Objects in it.
    pub leaves: u64,
}

/// A file beside the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRecord {
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

impl ViewRecord {
    /// That of a file with these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        }
    }
}

/// What a run read, by value or by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Objects in the epoch.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// SHA-256 over the objects: path, contributor, session, upload time, size, digest, and what the manifest of uploads
    /// says of digest, device and signature, of each.
    pub root: Digest,
    /// The epoch as it was asked for: `all`, an ISO week, or FROM/TO.
    pub epoch: String,
    /// The epoch's end, and the moment ages are counted to.
    pub as_of: Timestamp,
    /// Result digests of the epochs whose standing this one started from.
    pub previous: Vec<Digest>,
    /// Result digests of the epochs that those say came before them and that are not among them, rising: so a later
    /// epoch knows whose debts were taken over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Digest>,
    /// SHA-256 over the demand multipliers, when there are any.
    pub demand: Option<Digest>,
    /// SHA-256 over the region multipliers, when there are any.
    pub region: Option<Digest>,
    /// SHA-256 over the payout addresses and who asks for trimmed ends, when there are any.
    pub contributors: Option<Digest>,
    /// SHA-256 over the registered devices with their contributors and keys, when there are any.
    pub devices: Option<Digest>,
    /// SHA-256 of the file of privacy zones, when there is one.
    pub zones: Option<Digest>,
    /// The Ed25519 public key that signed the adjustments, in base64, when there are any (R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Digests of the files of adjustments that this epoch applies, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Digest>,
    /// Digests of those that epochs before it applied, rising: none is applied twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<Digest>,
}

/// Records that lie in a privacy zone or at a trimmed end of a trip (X1), and are in no table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateCounts {
    /// Images.
    pub images: u64,
    /// Fixes.
    pub fixes: u64,
}

impl PrivateCounts {
    /// The counts of objects together.
    #[must_use]
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Self {
        objects.into_iter().fold(Self::default(), |sum, object| Self {
            images: sum.images + u64::from(object.private_images),
            fixes: sum.fixes + u64::from(object.private_fixes),
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// The rules a run went by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// SHA-256 over the canonical JSON of the resolved policy.
    pub digest: Digest,
    /// Every field with its value.
    pub resolved: serde_json::Value,
}

/// The program that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The program's version.
    pub version: String,
    /// Versions of the kernels, which change when a result may.
    pub kernels: Vec<String>,
    /// The commit of the source, with `-dirty` where the source was not all of it; `None` when the build did not know.
    pub commit: Option<String>,
    /// SHA-256 of `Cargo.lock`, which names every crate that went in.
    pub lock: Digest,
    /// The triple that it was built for.
    pub target: String,
}

/// A published table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRecord {
    /// Rows in all files.
    pub rows: u64,
    /// SHA-256 over the canonical rows in key order.
    pub digest: Digest,
    /// The files, in key order of their rows.
    pub files: Vec<FileRecord>,
}

/// A published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path below the epoch's folder.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

impl Manifest {
    /// SHA-256 over the results: epoch, inputs, policy, pool, and rows and digest of each table.
    /// How the rows lie in files, which build wrote them, and what follows from them stay out of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let tables: BTreeMap<_, _> = self
            .tables
            .iter()
            .map(|(name, t)| (name.as_str(), (t.rows, t.digest)))
            .collect();
        let results = serde_json::json!({
            "version": self.version,
            "reward_epoch": self.reward_epoch,
            "inputs": self.inputs,
            "policy": self.policy.digest,
            "tables": tables,
            "verdicts": self.verdicts,
            "private": self.private,
            "pool": self.pool,
            "unallocated": self.unallocated,
        });
        Digest::of(canonical_json(&results).as_bytes())
    }
}
