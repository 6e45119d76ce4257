//! The tree of claims, as `@openzeppelin/merkle-tree` makes, writes and checks it (`standard-v1`): one leaf for each payout
//! address, with all that its contributors may claim.
//!
//! A leaf is `keccak256(keccak256(abi.encode(address, uint256)))`, a node the same hash over its two children with the
//! smaller first, and the tree an array in which the children of `i` are `2 i + 1` and `2 i + 2`, with the leaves at its
//! end, the smallest last.

use std::collections::BTreeMap;

use cairn_datasets::tables::Reward;
use serde::Serialize;
use sha3::{Digest as _, Keccak256};

use super::Path;
use super::address::{Address, AddressError};

/// The name of the tree's form.
pub const FORMAT: &str = "standard-v1";
/// What a leaf is made of.
pub const LEAF_ENCODING: [&str; 2] = ["address", "uint256"];

/// 32 bytes of Keccak-256; written as `0x` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{}", cairn_datasets::digest::Digest(self.0))
    }
}

impl std::str::FromStr for Hash {
    type Err = cairn_datasets::digest::DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        Ok(Self(digits.parse::<cairn_datasets::digest::Digest>()?.0))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A claim that no leaf holds: without a payout address, or with one of another chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Unclaimed {
    /// Whose it is.
    pub contributor: String,
    /// Units of the pool, in decimal digits.
    pub claim: String,
    /// Where it is paid to, when known.
    pub payout_address: Option<String>,
}

/// The tree over the claims of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// In order of the addresses.
    values: Vec<Value>,
    tree: Vec<Hash>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    address: Address,
    amount: u128,
    /// Of its leaf, in the tree.
    place: usize,
}

/// Claims above 0 by address, and those that are in no leaf, in order of the contributors.
///
/// # Errors
/// [`AddressError`] when a payout address begins with `0x` and is none.
pub fn sorted(rewards: &[Reward]) -> Result<(BTreeMap<Address, u128>, Vec<Unclaimed>), AddressError> {
    let (mut claims, mut unclaimed) = (BTreeMap::new(), Vec::new());
    for row in rewards.iter().filter(|row| row.claim > 0) {
        match row
            .payout_address
            .as_deref()
            .map(Address::of_payout)
            .transpose()?
            .flatten()
        {
            // 2^64 claims of 2^64 units each would be needed to leave u128.
            Some(address) => *claims.entry(address).or_default() += u128::from(row.claim),
            None => unclaimed.push(Unclaimed {
                contributor: row.contributor.clone(),
                claim: row.claim.to_string(),
                payout_address: row.payout_address.clone(),
            }),
        }
    }
    Ok((claims, unclaimed))
}

impl Claims {
    /// The tree over amounts by address; `None` when there is none, since a tree has a leaf.
    #[must_use]
    pub fn of(amounts: &BTreeMap<Address, u128>) -> Option<Self> {
        let mut leaves: Vec<(Hash, usize)> = amounts
            .iter()
            .enumerate()
            .map(|(index, (address, amount))| (leaf(*address, *amount), index))
            .collect();
        leaves.sort_unstable();
        let size = (2 * leaves.len()).checked_sub(1)?;
        let mut values: Vec<Value> = amounts
            .iter()
            .map(|(address, amount)| Value {
                address: *address,
                amount: *amount,
                place: 0,
            })
            .collect();
        let mut tree = vec![Hash([0; 32]); size];
        for (at, (hash, index)) in (0..size).rev().zip(&leaves) {
            if let (Some(node), Some(value)) = (tree.get_mut(at), values.get_mut(*index)) {
                (*node, value.place) = (*hash, at);
            }
        }
        for at in (0..leaves.len().saturating_sub(1)).rev() {
            let children = (tree.get(2 * at + 1).copied(), tree.get(2 * at + 2).copied());
            if let (Some(node), (Some(left), Some(right))) = (tree.get_mut(at), children) {
                *node = parent(left, right);
            }
        }
        Some(Self { values, tree })
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.first().copied().unwrap_or(Hash([0; 32]))
    }

    /// How many leaves it has.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.values.len()
    }

    /// All amounts together, in units of the pool.
    #[must_use]
    pub fn amount(&self) -> u128 {
        self.values.iter().map(|value| value.amount).sum()
    }

    /// The amount of an address with its proof, if it has a leaf.
    #[must_use]
    pub fn prove(&self, address: Address) -> Option<(u128, Path<Hash>)> {
        let index = self
            .values
            .binary_search_by_key(&address, |value| value.address)
            .ok()?;
        let value = self.values.get(index)?;
        let (mut at, mut path) = (value.place, Vec::new());
        while let Some(before) = at.checked_sub(1) {
            let sibling = if before % 2 == 0 { at + 1 } else { before };
            path.push(self.tree.get(sibling).copied()?);
            at = before / 2;
        }
        Some((value.amount, path))
    }

    /// `claims.json`: what `JSON.stringify(tree.dump())` gives, and a line feed.
    #[must_use]
    pub fn dump(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Dump<'a> {
            format: &'a str,
            leaf_encoding: [&'a str; 2],
            tree: &'a [Hash],
            values: Vec<Dumped>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Dumped {
            value: [String; 2],
            tree_index: usize,
        }
        let values = self.values.iter().map(|value| Dumped {
            value: [value.address.to_string(), value.amount.to_string()],
            tree_index: value.place,
        });
        let dump = Dump {
            format: FORMAT,
            leaf_encoding: LEAF_ENCODING,
            tree: &self.tree,
            values: values.collect(),
        };
        // Texts, numbers and lists of them always have a form.
        serde_json::to_string(&dump).unwrap_or_default() + "\n"
    }
}

/// The root that an amount of an address has by its proof.
#[must_use]
pub fn root_of(address: Address, amount: u128, path: &[Hash]) -> Hash {
    path.iter()
        .fold(leaf(address, amount), |node, sibling| parent(node, *sibling))
}

/// Each of the two values lies right in 32 bytes. It is hashed twice, so that no node can pass for a leaf.
fn leaf(address: Address, amount: u128) -> Hash {
    let mut encoded = [0; 64];
    let (first, second) = encoded.split_at_mut(32);
    first[12..].copy_from_slice(&address.0);
    second[16..].copy_from_slice(&amount.to_be_bytes());
    Hash(Keccak256::digest(Keccak256::digest(encoded)).into())
}

fn parent(a: Hash, b: Hash) -> Hash {
    let hasher = Keccak256::new_with_prefix(a.min(b).0).chain_update(a.max(b).0);
    Hash(hasher.finalize().into())
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
