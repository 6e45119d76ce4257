//! The tree of dispositions: what became of every object of an epoch, so that one verdict can be shown without the others,
//! and so that nobody can be told that an object was never there when it was.
//!
//! - The key of a leaf is SHA-256 over the object's path, and its value SHA-256 over the canonical JSON of the [`Disposition`].
//! - Leaves stand in rising order of their keys, so that two that are neighbours prove that nothing stands between them.
//! - A leaf is `SHA-256(0 ‖ key ‖ value)`, a node `SHA-256(1 ‖ left ‖ right)`; the shape is that of RFC 9162, 2.1.1.
//! - The root is `SHA-256(2 ‖ leaves as eight big-endian bytes ‖ head)`: a proof cannot lie about how many leaves there
//!   are, and so not about which are neighbours.

use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::tables::Object;
use cairn_datasets::units::Timestamp;
use serde::{Deserialize, Serialize};

use super::Path;

/// What became of an object: its row of `objects`, without what only counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disposition {
    /// Path of the object below the source.
    pub path: String,
    /// Who sent it.
    pub contributor: String,
    /// When it was uploaded, if known.
    pub uploaded_at: Option<Timestamp>,
    /// SHA-256 of its bytes, if they were read.
    pub sha256: Option<Digest>,
    /// `image`, `trace`, `video`, `sidecar` or `unknown`.
    pub kind: String,
    /// `kept`, `duplicate` or `rejected`.
    pub verdict: String,
    /// The clause that decided, empty when kept.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// The measured value, in the unit of the clause.
    pub measured: Option<i64>,
    /// The threshold it was held against.
    pub threshold: Option<i64>,
    /// Path of the earlier object that it repeats.
    pub duplicate_of: Option<String>,
}

impl Disposition {
    /// That of an object.
    #[must_use]
    pub fn of(object: &Object) -> Self {
        Self {
            path: object.path.clone(),
            contributor: object.contributor.clone(),
            uploaded_at: object.uploaded_at,
            sha256: object.sha256,
            kind: object.kind.clone(),
            verdict: object.verdict.name().to_owned(),
            reason: object.reason.code().to_owned(),
            detail: object.detail.clone(),
            measured: object.measured,
            threshold: object.threshold,
            duplicate_of: object.duplicate_of.clone(),
        }
    }

    /// Its leaf.
    #[must_use]
    pub fn leaf(&self) -> Leaf {
        // Texts, numbers and nothing always have a form.
        let value = serde_json::to_value(self).unwrap_or_default();
        Leaf {
            key: key(&self.path),
            value: Digest::of(canonical_json(&value).as_bytes()),
        }
    }
}

/// The key of an object's leaf.
#[must_use]
pub fn key(path: &str) -> Digest {
    Digest::of(path.as_bytes())
}

/// A leaf, which tells nothing to who does not know what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Which object it is of.
    pub key: Digest,
    /// What became of it.
    pub value: Digest,
}

/// A leaf with its place and its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// Its place, from 0.
    pub index: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// The sibling hashes from the leaf up.
    pub path: Path<Digest>,
}

/// Where an object is, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Here(Placed),
    /// It is not: the leaves before and after the place where it would stand, each if there is one.
    Between(Option<Placed>, Option<Placed>),
}

/// The tree over the objects of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispositions {
    leaves: Vec<Leaf>,
}

impl Dispositions {
    /// The tree of objects, in any order.
    #[must_use]
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Self {
        let leaves = objects.into_iter().map(|object| Disposition::of(object).leaf());
        let mut leaves: Vec<Leaf> = leaves.collect();
        leaves.sort_unstable();
        Self { leaves }
    }

    /// How many leaves it has.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        root(self.leaves(), head(&self.leaves))
    }

    /// Where the object at a path is, or would be, with proofs.
    #[must_use]
    pub fn find(&self, path: &str) -> Found {
        match self.leaves.binary_search_by_key(&key(path), |leaf| leaf.key) {
            Ok(index) => match self.placed(index) {
                Some(placed) => Found::Here(placed),
                None => Found::Between(None, None),
            },
            Err(index) => Found::Between(
                index.checked_sub(1).and_then(|before| self.placed(before)),
                self.placed(index),
            ),
        }
    }

    fn placed(&self, index: usize) -> Option<Placed> {
        let leaf = *self.leaves.get(index)?;
        let (mut path, mut within, mut index_within) = (Vec::new(), self.leaves.as_slice(), index);
        while let Some((left, right)) = halves(within) {
            if index_within < left.len() {
                path.push(head(right));
                within = left;
            } else {
                path.push(head(left));
                index_within -= left.len();
                within = right;
            }
        }
        path.reverse();
        let index = index as u64;
        Some(Placed { index, leaf, path })
    }
}

impl Placed {
    /// The root of the tree of so many leaves in which this leaf stands in its place; `None` when its proof is not one of
    /// such a tree (RFC 9162, 2.1.3.2).
    #[must_use]
    pub fn root(&self, leaves: u64) -> Option<Digest> {
        let mut last = leaves.checked_sub(1).filter(|last| self.index <= *last)?;
        let mut index = self.index;
        let mut node = leaf(&self.leaf);
        for sibling in &self.path {
            if last == 0 {
                return None;
            }
            if index % 2 == 1 || index == last {
                node = parent(*sibling, node);
                while index.is_multiple_of(2) && index != 0 {
                    (index, last) = (index / 2, last / 2);
                }
            } else {
                node = parent(node, *sibling);
            }
            (index, last) = (index / 2, last / 2);
        }
        (last == 0).then(|| root(leaves, node))
    }
}

/// The root of a tree of so many leaves with a head.
#[must_use]
pub fn root(leaves: u64, head: Digest) -> Digest {
    hash(&[&[2], &leaves.to_be_bytes(), &head.0])
}

/// The root of the tree without a leaf.
#[must_use]
pub fn empty_root() -> Digest {
    root(0, head(&[]))
}

fn leaf(leaf: &Leaf) -> Digest {
    hash(&[&[0], &leaf.key.0, &leaf.value.0])
}

fn parent(left: Digest, right: Digest) -> Digest {
    hash(&[&[1], &left.0, &right.0])
}

fn hash(parts: &[&[u8]]) -> Digest {
    Digest::of(&parts.concat())
}

fn head(leaves: &[Leaf]) -> Digest {
    match (halves(leaves), leaves) {
        (Some((left, right)), _) => parent(head(left), head(right)),
        (None, [only]) => leaf(only),
        (None, _) => Digest::of(b""),
    }
}

/// Of more than one leaf: the first so many as are the largest power of two below their number, and the rest.
fn halves(leaves: &[Leaf]) -> Option<(&[Leaf], &[Leaf])> {
    let most = leaves.len().checked_sub(1).filter(|most| *most > 0)?;
    leaves.split_at_checked(1 << most.ilog2())
}

#[cfg(test)]
#[path = "dispositions_tests.rs"]
mod tests;
