//! R5: the pool over the contributors of an epoch.

use std::collections::BTreeMap;

use cairn_datasets::tables::{Reward, Share};

use super::apportion::apportion;
use super::credit::sums;
use super::share_ppm;
use crate::kernel::StageError;

/// The rewards of an epoch. The sum of `rows[..].reward` and `unallocated` is the pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rewards {
    /// One row for each contributor with a share, of 0 too, in order of the ids.
    pub rows: Vec<Reward>,
    /// Units of the pool that nobody earned.
    pub unallocated: u64,
}

/// Divides the pool (in its units) over the shares of all tiles, in any order. Of the payout
/// addresses, by contributor, those of contributors without a share are passed over.
///
/// Adjustments (R7) are 0: there is no closed epoch to correct yet.
///
/// # Errors
/// [`StageError::Overflow`] when the credit of a contributor leaves `u64`.
pub fn rewards(
    shares: &[Share],
    pool: u64,
    payout_addresses: &BTreeMap<String, String>,
) -> Result<Rewards, StageError> {
    let sums = sums(
        shares
            .iter()
            .map(|share| (share.contributor.as_str(), share.credit)),
    )?;
    let weights: Vec<(&str, u128)> = sums.iter().map(|(id, sum)| (*id, u128::from(*sum))).collect();
    // 2^64 contributors of 2^64 micro-credits each would be needed to leave u128.
    let whole: u128 = weights.iter().map(|(_, weight)| weight).sum();
    let divided = apportion(pool, &weights)?;
    let rows = sums
        .iter()
        .zip(divided.rewards)
        .map(|((contributor, credit), reward)| Reward {
            contributor: (*contributor).to_owned(),
            credit: *credit,
            weight_ppm: share_ppm(*credit, whole),
            reward,
            adjustment: 0,
            payout_address: payout_addresses.get(*contributor).cloned(),
        })
        .collect();
    Ok(Rewards {
        rows,
        unallocated: divided.unallocated,
    })
}

#[cfg(test)]
#[path = "rewards_tests.rs"]
mod tests;
