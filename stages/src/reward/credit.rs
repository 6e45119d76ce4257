//! R3: what passes earn, in micro-credits.
//!
//! A pass that adds a whole direction to a cell of ordinary demand earns a million micro-credits:
//! `floor(gain * demand * region / 1e12)`, one floor.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Credit, Pass, Share};
use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::Verdict;
use serde_json::{Value, json};

use super::modes::worth;
use super::{Multipliers, overflow};
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::RewardPolicy;

/// Credits the passes of a tile: reads `passes`; writes `passes` for the tile it ran on,
/// `credits` for buckets of contributors, and `shares` for the epoch.
///
/// Reward and weight of the `credits` are 0 here: [`super::SplitKernel`] fills them in when the
/// pool has been divided.
#[derive(Clone, Debug)]
pub struct CreditKernel {
    /// How credits follow from passes.
    pub policy: RewardPolicy,
    /// What is wanted where.
    pub demand: Multipliers,
    /// What a place is worth.
    pub region: Multipliers,
    /// Into how many groups the credits are cut, 1 to 256.
    pub buckets: u32,
}

impl CreditKernel {
    /// Its name and version.
    pub const ID: &'static str = "credit/2";
    /// The group that the shares are written for.
    pub const SHARES_GROUP: &'static str = crate::groups::EPOCH;

    /// Fills in demand, region and credit of a cell's passes.
    ///
    /// # Errors
    /// [`StageError::Overflow`] when a credit leaves `u64`.
    pub fn credit_cell(&self, cell: Cell, passes: &mut [Pass]) -> Result<(), StageError> {
        let (demand, region) = (self.demand.at(cell), self.region.at(cell));
        let worths = worth(self.policy.mode, passes);
        for (pass, worth) in passes.iter_mut().zip(worths) {
            pass.demand_ppm = demand;
            pass.region_ppm = region;
            pass.credit = credit(worth, demand, region)?;
        }
        Ok(())
    }

    fn run(&self, group: &str, passes: Vec<Pass>) -> Result<Vec<Cut>, StageError> {
        let mut cells: BTreeMap<Cell, Vec<Pass>> = BTreeMap::new();
        for pass in passes {
            cells.entry(pass.cell).or_default().push(pass);
        }
        let mut passes = Vec::new();
        let mut sums = Vec::new();
        for (cell, mut rows) in cells {
            self.credit_cell(cell, &mut rows)?;
            sums.extend(credits_of(cell, &rows)?);
            passes.extend(rows);
        }
        let shares = shares_of(&sums)?;
        let mut cuts = Vec::new();
        if !passes.is_empty() {
            cuts.push(Cut::new(group, passes)?);
        }
        let grouped = sums.into_iter().map(|credit| {
            let bucket = contributors_group(&credit.contributor, self.buckets);
            (bucket, credit)
        });
        cuts.extend(Cut::by_group(grouped)?);
        if !shares.is_empty() {
            cuts.push(Cut::new(Self::SHARES_GROUP, shares)?);
        }
        Ok(cuts)
    }
}

impl GroupKernel for CreditKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> Value {
        json!({
            "reward": self.policy,
            "demand": self.demand.digest(),
            "region": self.region.digest(),
            "buckets": self.buckets,
        })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let passes = tables.rows::<Pass>().map_err(|source| StageError::Table {
            kernel: Self::ID,
            group: group.to_owned(),
            source,
        })?;
        self.run(group, passes)
    }
}

/// R3: `floor(worth * demand * region / 1e12)`, in micro-credits.
///
/// # Errors
/// [`StageError::Overflow`] when the product leaves `u128` or the credit `u64`.
pub fn credit(worth: Ppm, demand_ppm: u64, region_ppm: u64) -> Result<u64, StageError> {
    let value = || format!("{worth} ppm at demand {demand_ppm} ppm and region {region_ppm} ppm");
    let product = u128::from(worth.parts())
        .checked_mul(u128::from(demand_ppm))
        .and_then(|product| product.checked_mul(u128::from(region_ppm)))
        .ok_or_else(|| overflow("the product behind a credit", value(), u128::MAX))?;
    u64::try_from(product / 1_000_000_000_000).map_err(|_| overflow("a credit", value(), u64::MAX))
}

/// The sums of a cell by contributor. Who has a kept pass in the cell has a row, if of 0: it says
/// that the pass was seen and that the map had it already.
///
/// # Errors
/// [`StageError::Overflow`] when a sum leaves `u64`.
pub fn credits_of(cell: Cell, passes: &[Pass]) -> Result<Vec<Credit>, StageError> {
    let kept = passes.iter().filter(|pass| pass.verdict == Verdict::Kept);
    let sums = sums(kept.map(|pass| (pass.contributor.as_str(), pass.credit)))?;
    let rows = sums.into_iter().map(|(contributor, credit)| Credit {
        contributor: contributor.to_owned(),
        cell,
        credit,
        weight_ppm: Ppm::ZERO,
        reward: 0,
    });
    Ok(rows.collect())
}

/// The sums of a tile by contributor.
fn shares_of(credits: &[Credit]) -> Result<Vec<Share>, StageError> {
    let sums = sums(credits.iter().map(|row| (row.contributor.as_str(), row.credit)))?;
    let rows = sums.into_iter().map(|(contributor, credit)| Share {
        contributor: contributor.to_owned(),
        credit,
    });
    Ok(rows.collect())
}

/// Checked sums of micro-credits by contributor.
///
/// # Errors
/// [`StageError::Overflow`] when a sum leaves `u64`.
pub(super) fn sums<'a>(
    rows: impl IntoIterator<Item = (&'a str, u64)>,
) -> Result<BTreeMap<&'a str, u64>, StageError> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (contributor, credit) in rows {
        let sum = sums.entry(contributor).or_default();
        *sum = sum.checked_add(credit).ok_or_else(|| {
            let value = format!("{sum} + {credit} of `{contributor}`");
            overflow("the credit of a contributor", value, u64::MAX)
        })?;
    }
    Ok(sums)
}

/// The group that a contributor's credits are written for: `contributors=<n>`, where n is the
/// first byte of SHA-256 over the id, modulo the number of buckets (1 to 256).
///
/// ```
/// use cairn_stages::reward::credit::contributors_group;
/// assert_eq!(contributors_group("ann", 1), "contributors=0");
/// ```
#[must_use]
pub fn contributors_group(contributor: &str, buckets: u32) -> String {
    let first = Digest::of(contributor.as_bytes()).0.first().copied();
    let bucket = u32::from(first.unwrap_or_default())
        .checked_rem(buckets)
        .unwrap_or_default();
    format!("contributors={bucket}")
}

#[cfg(test)]
#[path = "credit_tests.rs"]
mod tests;
