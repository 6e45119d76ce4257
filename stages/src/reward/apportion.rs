//! R5: dividing a pool in proportion to weights, to the last unit.
//!
//! # Laws
//! - `sum(rewards) + unallocated == pool`, always. `unallocated` is the whole pool when no weight
//!   is above 0, else 0.
//! - Each reward is `floor(pool * weight / sum)` or one more; it is 0 where the weight is 0.
//! - The units that the floors leave go one each to the largest remainders, ties to the smaller
//!   key. So the result of a key does not depend on the order in which keys are given, and of
//!   two keys the one with the more weight never gets less.
//!
//! The product of a `u64` and a `u128` needs 192 bits. It is never formed: `mul_div` divides
//! while it multiplies, bit by bit, and is exact for every weight up to the sum.

use std::cmp::Reverse;

use super::overflow;
use crate::kernel::StageError;

/// A pool, divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apportionment {
    /// What each weight gets, in the order of the weights, in units of the pool.
    pub rewards: Vec<u64>,
    /// What nobody gets: the whole pool when there is no weight, else 0.
    pub unallocated: u64,
}

/// Divides `pool` in proportion to the weights.
///
/// ```
/// use cairn_stages::reward::apportion;
/// let divided = apportion(100, &[("ann", 1), ("ben", 1), ("cem", 1)]).unwrap();
/// assert_eq!(divided.rewards, [34, 33, 33]);
/// assert_eq!(divided.unallocated, 0);
/// ```
///
/// # Errors
/// [`StageError::Overflow`] when the weights sum to more than `u128` holds.
pub fn apportion<K: Ord>(pool: u64, weights: &[(K, u128)]) -> Result<Apportionment, StageError> {
    let total = weights
        .iter()
        .try_fold(0_u128, |sum, (_, weight)| sum.checked_add(*weight))
        .ok_or_else(|| overflow("the sum of all weights", "more than that", u128::MAX))?;
    if total == 0 {
        return Ok(Apportionment {
            rewards: vec![0; weights.len()],
            unallocated: pool,
        });
    }
    let (mut rewards, remainders): (Vec<u64>, Vec<u128>) = weights
        .iter()
        .map(|(_, weight)| mul_div(pool, *weight, total))
        .unzip();
    let given = rewards
        .iter()
        .try_fold(0_u64, |sum, reward| sum.checked_add(*reward));
    let left = given
        .and_then(|given| pool.checked_sub(given))
        .unwrap_or_default();
    if left == 0 {
        return Ok(Apportionment {
            rewards,
            unallocated: 0,
        });
    }
    let mut claims: Vec<_> = (weights.iter().zip(&remainders).zip(&mut rewards))
        .enumerate()
        .map(|(index, (((key, _), remainder), reward))| (Reverse(*remainder), key, index, reward))
        .collect();
    claims.sort_unstable_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    // Remainders are below the sum and add up to `left` times the sum, so that more than `left`
    // of them are above 0: the units never run past those who have a claim.
    let mut unallocated = left;
    for (_, _, _, reward) in claims {
        if unallocated == 0 {
            break;
        }
        *reward = reward.saturating_add(1);
        unallocated -= 1;
    }
    Ok(Apportionment { rewards, unallocated })
}

/// `pool * weight / total` and what remains of the division, for `weight <= total`.
///
/// Goes over the bits of `pool` from the highest: doubles quotient and remainder, adds `weight`
/// to the remainder where the bit is set, and takes `total` out of it each time it is reached.
/// The remainder stays below `total`, so that nothing leaves 128 bits.
fn mul_div(pool: u64, weight: u128, total: u128) -> (u64, u128) {
    if weight >= total {
        return (pool, 0);
    }
    if let Some(product) = u128::from(pool).checked_mul(weight) {
        // Below `pool`, since `weight` is below `total`.
        return (u64::try_from(product / total).unwrap_or(pool), product % total);
    }
    let mut quotient = 0_u64;
    let mut remainder = 0_u128;
    for bit in (0..u64::BITS).rev() {
        let (carry, doubled) = add_below(remainder, remainder, total);
        quotient = 2 * quotient + carry;
        remainder = doubled;
        if pool >> bit & 1 == 1 {
            let (carry, sum) = add_below(remainder, weight, total);
            quotient += carry;
            remainder = sum;
        }
    }
    (quotient, remainder)
}

/// `a + b` of two numbers below `total`: how often `total` is in it (0 or 1), and the rest.
fn add_below(a: u128, b: u128, total: u128) -> (u64, u128) {
    let room = total - b;
    if a >= room { (1, a - room) } else { (0, a + b) }
}

#[cfg(test)]
#[path = "apportion_tests.rs"]
mod tests;
