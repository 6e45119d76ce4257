//! R7: what may be claimed, and what is left of a debt.
//!
//! # Laws
//! - `reward + carried + adjustment == claim + debt`, always; one of `claim` and `debt` is 0.
//! - So over a chain of epochs, each of which starts from the one before, the claims of a contributor are the rewards and
//!   the adjustments, less the debt that is still open.

use std::collections::BTreeMap;

use cairn_datasets::tables::Reward;

use super::adjustments::{add_up, units_overflow};
use super::overflow;
use crate::kernel::StageError;

/// What is settled with the rewards of an epoch besides its pool, in units of the pool by contributor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// The sums of the ledger.
    pub adjustments: BTreeMap<String, i64>,
    /// Debts that earlier epochs left, each below 0.
    pub carried: BTreeMap<String, i64>,
}

/// What a contributor may claim, and what is left owing (0 or below), both in units of the pool.
///
/// ```
/// use cairn_stages::reward::debts::settle;
/// assert_eq!(settle("ada", 100, -30, -20).unwrap(), (50, 0));
/// assert_eq!(settle("ada", 100, -30, -200).unwrap(), (0, -130));
/// ```
///
/// # Errors
/// [`StageError::Overflow`] when the claim leaves `u64`, or the debt `i64`.
pub fn settle(
    contributor: &str,
    reward: u64,
    carried: i64,
    adjustment: i64,
) -> Result<(u64, i64), StageError> {
    // Three numbers of 64 bits are far from the end of i128.
    let sum = i128::from(reward) + i128::from(carried) + i128::from(adjustment);
    if sum < 0 {
        let debt = i64::try_from(sum).map_err(|_| units_overflow("the debt", contributor, sum))?;
        return Ok((0, debt));
    }
    let claim = u64::try_from(sum)
        .map_err(|_| overflow("the claim", format!("{sum} for `{contributor}`"), u64::MAX))?;
    Ok((claim, 0))
}

/// The debts that the rewards of some epochs leave open together, by contributor.
///
/// # Errors
/// [`StageError::Overflow`] when a sum leaves `i64`.
pub fn open_debts<'a>(
    rewards: impl IntoIterator<Item = &'a Reward>,
) -> Result<BTreeMap<String, i64>, StageError> {
    let owing = rewards.into_iter().filter(|row| row.debt < 0);
    add_up(
        "the sum of debts",
        owing.map(|row| (row.contributor.as_str(), row.debt)),
    )
}

#[cfg(test)]
#[path = "debts_tests.rs"]
mod tests;
