//! R5 and R7: the pool over the contributors of an epoch, and what each may claim.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::tables::{Reward, Share};

use super::apportion::apportion;
use super::credit::sums;
use super::debts::{Corrections, settle};
use super::share_ppm;
use crate::kernel::StageError;

/// Name and version of this step.
pub const ID: &str = "rewards/2";

/// The rewards of an epoch. The sum of `rows[..].reward` and `unallocated` is the pool, whatever is corrected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rewards {
    /// One row for each contributor with a share, of 0 too, an adjustment or a debt, in order of the ids.
    pub rows: Vec<Reward>,
    /// Units of the pool that nobody earned.
    pub unallocated: u64,
}

/// Divides the pool (in its units) over the shares of all tiles, in any order, and settles each reward with what is
/// corrected. Of the payout addresses, by contributor, those of contributors without a row are passed over.
///
/// # Errors
/// [`StageError::Overflow`] when the credit or the claim of a contributor leaves `u64`, or the debt `i64`.
pub fn rewards(
    shares: &[Share],
    pool: u64,
    payout_addresses: &BTreeMap<String, String>,
    corrections: &Corrections,
) -> Result<Rewards, StageError> {
    let mut sums = sums(
        shares
            .iter()
            .map(|share| (share.contributor.as_str(), share.credit)),
    )?;
    let (carried, adjustments) = (&corrections.carried, &corrections.adjustments);
    // Who is only corrected has a row as well, with a credit of 0: it takes nothing of the pool.
    let corrected: BTreeSet<&String> = carried.keys().chain(adjustments.keys()).collect();
    for contributor in corrected {
        sums.entry(contributor).or_default();
    }
    let weights: Vec<(&str, u128)> = sums.iter().map(|(id, sum)| (*id, u128::from(*sum))).collect();
    // 2^64 contributors of 2^64 micro-credits each would be needed to leave u128.
    let whole: u128 = weights.iter().map(|(_, weight)| weight).sum();
    let divided = apportion(pool, &weights)?;
    let row = |((contributor, credit), reward): ((&&str, &u64), u64)| {
        let of = |units: &BTreeMap<String, i64>| units.get(*contributor).copied().unwrap_or_default();
        let (carried, adjustment) = (of(carried), of(adjustments));
        let (claim, debt) = settle(contributor, reward, carried, adjustment)?;
        Ok(Reward {
            contributor: (*contributor).to_owned(),
            credit: *credit,
            weight_ppm: share_ppm(*credit, whole),
            reward,
            carried,
            adjustment,
            claim,
            debt,
            payout_address: payout_addresses.get(*contributor).cloned(),
        })
    };
    let rows = sums.iter().zip(divided.rewards).map(row);
    Ok(Rewards {
        rows: rows.collect::<Result<_, StageError>>()?,
        unallocated: divided.unallocated,
    })
}

#[cfg(test)]
#[path = "rewards_tests.rs"]
mod tests;
