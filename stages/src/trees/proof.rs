//! A proof in a file: one leaf of a tree, or that there is none, for who has the root and nothing else.

use std::fmt;

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Object, Reward};
use serde::{Deserialize, Serialize};

use super::Path;
use super::address::{Address, AddressError};
use super::claims::{self, Claims, Hash};
use super::dispositions::{self, Disposition, Dispositions, Found, Placed};

/// The version of the file's form.
pub const PROOF_VERSION: u32 = 1;

/// A proof. What it says of the epoch only helps to find the root: a root is of one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// [`PROOF_VERSION`].
    pub version: u32,
    /// The epoch that it was made of.
    pub reward_epoch: String,
    /// What is proved.
    #[serde(flatten)]
    pub proves: Proves,
}

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proves", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proves {
    /// What an address may claim.
    Claim {
        /// Root of the tree of claims.
        root: Hash,
        /// The address, with its checksum.
        address: String,
        /// Units of the pool, in decimal digits.
        amount: String,
        /// The sibling hashes.
        path: Path<Hash>,
    },
    /// What became of an object.
    Disposition {
        /// Root of the tree of dispositions.
        root: Digest,
        /// Objects of the epoch.
        leaves: u64,
        /// What became of it.
        disposition: Disposition,
        /// Its place among the leaves, from 0.
        index: u64,
        /// The sibling hashes.
        path: Path<Digest>,
    },
    /// That the epoch has no object at a path.
    Absence {
        /// Root of the tree of dispositions.
        root: Digest,
        /// Objects of the epoch.
        leaves: u64,
        /// The path.
        object: String,
        /// The leaf before the place where it would be; none at the first.
        before: Option<Placed>,
        /// The leaf after that place; none at the last.
        after: Option<Placed>,
    },
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// Nobody of that name.
    #[error("no contributor `{contributor}` has a reward in this epoch")]
    NoContributor {
        /// Who was asked about.
        contributor: String,
    },
    /// Nothing to claim.
    #[error("`{contributor}` has nothing to claim in this epoch; `cairn explain` says why")]
    NoClaim {
        /// Who was asked about.
        contributor: String,
    },
    /// Nowhere to claim it.
    #[error(
        "`{contributor}` has a claim of {claim} and no address of an EVM chain, so that the tree of claims does not hold \
         it: it is listed in unclaimed.json"
    )]
    Unclaimed {
        /// Who was asked about.
        contributor: String,
        /// Units of the pool.
        claim: u64,
    },
    /// A payout address that is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Another form.
    #[error("it has version {found}; this build reads version {PROOF_VERSION}")]
    Version {
        /// The version it says.
        found: u32,
    },
    /// An address or an amount that is none.
    #[error("{what}")]
    Form {
        /// What is wrong.
        what: String,
    },
    /// It leads to another root.
    #[error(
        "{what} leads to the root {found}, and the root is {wanted}: it is of another epoch, or something in it was changed"
    )]
    Root {
        /// The leaf.
        what: String,
        /// What comes out.
        found: String,
        /// What should.
        wanted: String,
    },
    /// Siblings that fit no tree of that size.
    #[error("{what}: {steps} sibling hashes do not lead from leaf {index} of {leaves} to a root")]
    Path {
        /// The leaf.
        what: String,
        /// How many there are.
        steps: usize,
        /// The place of the leaf.
        index: u64,
        /// Leaves of the tree.
        leaves: u64,
    },
    /// Leaves that leave room between them.
    #[error("the leaves that it names are not the neighbours of `{object}`: {what}")]
    NotNeighbours {
        /// The object that is said not to be there.
        object: String,
        /// Which condition they do not meet.
        what: &'static str,
    },
}

/// What a proof has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// An address may claim so many units.
    Claim(Address, u128),
    /// This became of an object.
    Disposition(Box<Disposition>),
    /// There is no object at this path.
    Absence(String),
}

impl fmt::Display for Proved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(address, amount) => write!(f, "{address} may claim {amount}"),
            Self::Disposition(what) if what.reason.is_empty() => {
                write!(
                    f,
                    "`{}` of `{}` was {}",
                    what.path, what.contributor, what.verdict
                )
            }
            Self::Disposition(what) => write!(
                f,
                "`{}` of `{}` was {} by {}",
                what.path, what.contributor, what.verdict, what.reason
            ),
            Self::Absence(path) => write!(f, "the epoch has no object `{path}`"),
        }
    }
}

impl Proof {
    /// Proves what the address of a contributor may claim.
    ///
    /// # Errors
    /// [`ProveError`] when the tree has no such leaf.
    pub fn of_claim(reward_epoch: &str, rewards: &[Reward], contributor: &str) -> Result<Self, ProveError> {
        let name = || contributor.to_owned();
        let row = rewards.iter().find(|row| row.contributor == contributor);
        let row = row.ok_or_else(|| ProveError::NoContributor { contributor: name() })?;
        if row.claim == 0 {
            return Err(ProveError::NoClaim { contributor: name() });
        }
        let unclaimed = || ProveError::Unclaimed {
            contributor: name(),
            claim: row.claim,
        };
        let address = row
            .payout_address
            .as_deref()
            .map(Address::of_payout)
            .transpose()?;
        let address = address.flatten().ok_or_else(unclaimed)?;
        let tree = Claims::of(&claims::sorted(rewards)?.0).ok_or_else(unclaimed)?;
        let (amount, path) = tree.prove(address).ok_or_else(unclaimed)?;
        let proves = Proves::Claim {
            root: tree.root(),
            address: address.to_string(),
            amount: amount.to_string(),
            path,
        };
        Ok(Self::new(reward_epoch, proves))
    }

    /// Proves what became of the object at a path, or that there is none.
    #[must_use]
    pub fn of_object(reward_epoch: &str, objects: &[Object], path: &str) -> Self {
        let tree = Dispositions::of(objects);
        let (root, leaves) = (tree.root(), tree.leaves());
        let object = objects.iter().find(|object| object.path == path);
        let proves = match (tree.find(path), object) {
            (Found::Here(placed), Some(object)) => Proves::Disposition {
                root,
                leaves,
                disposition: Disposition::of(object),
                index: placed.index,
                path: placed.path,
            },
            (Found::Here(placed), None) => Proves::Absence {
                root,
                leaves,
                object: path.to_owned(),
                before: Some(placed),
                after: None,
            },
            (Found::Between(before, after), _) => Proves::Absence {
                root,
                leaves,
                object: path.to_owned(),
                before,
                after,
            },
        };
        Self::new(reward_epoch, proves)
    }

    fn new(reward_epoch: &str, proves: Proves) -> Self {
        Self {
            version: PROOF_VERSION,
            reward_epoch: reward_epoch.to_owned(),
            proves,
        }
    }

    /// The root that it says it leads to.
    #[must_use]
    pub fn root(&self) -> String {
        match &self.proves {
            Proves::Claim { root, .. } => root.to_string(),
            Proves::Disposition { root, .. } | Proves::Absence { root, .. } => root.to_string(),
        }
    }

    /// What is proved to who knows the root from elsewhere. What the file itself says of the root is not believed.
    ///
    /// # Errors
    /// [`VerifyError`] saying why nothing is.
    pub fn verify(&self, root: &str) -> Result<Proved, VerifyError> {
        if self.version != PROOF_VERSION {
            return Err(VerifyError::Version { found: self.version });
        }
        let form = |what: String| VerifyError::Form { what };
        match &self.proves {
            Proves::Claim {
                address,
                amount,
                path,
                ..
            } => {
                let told: Hash = root.parse().map_err(|e| form(format!("the root: {e}")))?;
                let read = Address::of_payout(address).map_err(|e| form(e.to_string()))?;
                let read = read.ok_or_else(|| form(format!("`{address}` is no address of an EVM chain")))?;
                let units: u128 = amount
                    .parse()
                    .map_err(|_| form(format!("`{amount}` is no amount")))?;
                let found = claims::root_of(read, units, path);
                if found != told {
                    let what = format!("{read} with {units}");
                    return Err(other_root(what, found.to_string(), told.to_string()));
                }
                Ok(Proved::Claim(read, units))
            }
            Proves::Disposition {
                leaves,
                disposition,
                index,
                path,
                ..
            } => {
                let placed = Placed {
                    index: *index,
                    leaf: disposition.leaf(),
                    path: path.clone(),
                };
                stands(&format!("`{}`", disposition.path), &placed, *leaves, root)?;
                Ok(Proved::Disposition(Box::new(disposition.clone())))
            }
            Proves::Absence {
                leaves,
                object,
                before,
                after,
                ..
            } => {
                for (name, placed) in [("the leaf before", before), ("the leaf after", after)] {
                    if let Some(placed) = placed {
                        stands(name, placed, *leaves, root)?;
                    }
                }
                let (first, last) = (before.as_ref(), after.as_ref());
                if (first, last) == (None, None) && dispositions::empty_root() != digest(root)? {
                    let what = "the tree without leaves".to_owned();
                    let found = dispositions::empty_root().to_string();
                    return Err(other_root(what, found, root.to_owned()));
                }
                let key = dispositions::key(object);
                let end = if (first, last) == (None, None) { 0 } else { *leaves };
                let next = first.map_or(0, |before| before.index.saturating_add(1));
                let what = if first.is_some_and(|before| before.leaf.key >= key) {
                    "the one before stands at or after it"
                } else if last.is_some_and(|after| after.leaf.key <= key) {
                    "the one after stands at or before it"
                } else if last.map_or(end, |after| after.index) != next {
                    "others stand between them"
                } else {
                    return Ok(Proved::Absence(object.clone()));
                };
                let object = object.clone();
                Err(VerifyError::NotNeighbours { object, what })
            }
        }
    }
}

fn digest(root: &str) -> Result<Digest, VerifyError> {
    root.parse().map_err(|error| VerifyError::Form {
        what: format!("the root: {error}"),
    })
}

fn other_root(what: String, found: String, wanted: String) -> VerifyError {
    VerifyError::Root { what, found, wanted }
}

/// A leaf stands in its place in the tree that has the root.
fn stands(what: &str, placed: &Placed, leaves: u64, root: &str) -> Result<(), VerifyError> {
    let wanted = digest(root)?;
    let found = placed.root(leaves).ok_or_else(|| VerifyError::Path {
        what: what.to_owned(),
        steps: placed.path.len(),
        index: placed.index,
        leaves,
    })?;
    if found == wanted {
        return Ok(());
    }
    Err(other_root(what.to_owned(), found.to_string(), wanted.to_string()))
}

#[cfg(test)]
#[path = "proof_tests.rs"]
pub(super) mod tests;
