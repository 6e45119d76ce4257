use proptest::prelude::*;

use super::*;

/// `a * b` as (high, low) 128-bit halves, by the 64-bit digits of `b`.
fn wide(a: u64, b: u128) -> (u128, u128) {
    let low_digit = u128::from(a) * (b & u128::from(u64::MAX));
    let high_digit = u128::from(a) * (b >> 64);
    let (low, carry) = low_digit.overflowing_add(high_digit << 64);
    ((high_digit >> 64) + u128::from(carry), low)
}

fn weights() -> impl Strategy<Value = Vec<(u32, u128)>> {
    let weight = prop_oneof![
        Just(0_u128),
        0_u128..100,
        any::<u64>().prop_map(u128::from),
        any::<u128>().prop_map(|w| w / 64),
    ];
    prop::collection::vec(weight, 0..40).prop_map(|weights| (0..).zip(weights).collect())
}

fn pool() -> impl Strategy<Value = u64> {
    prop_oneof![Just(u64::MAX), 0_u64..1_000, any::<u64>()]
}

#[test]
fn policy_r5_leftover_units_go_to_the_largest_remainders() {
    // 10 * 3/7 = 4 2/7, 10 * 2/7 = 2 6/7
    let divided = apportion(10, &[("a", 3), ("b", 2), ("c", 2)]).unwrap();
    assert_eq!((divided.rewards, divided.unallocated), (vec![4, 3, 3], 0));
}

#[test]
fn policy_r5_ties_go_to_the_smaller_key_wherever_it_stands() {
    assert_eq!(apportion(1, &[("b", 1), ("a", 1)]).unwrap().rewards, [0, 1]);
    assert_eq!(
        apportion(2, &[("c", 5), ("b", 5), ("a", 5)]).unwrap().rewards,
        [0, 1, 1]
    );
}

#[test]
fn policy_r5_without_weights_all_of_it_is_unallocated() {
    let nobody = apportion::<&str>(7, &[]).unwrap();
    assert_eq!((nobody.rewards, nobody.unallocated), (vec![], 7));
    let nothing = apportion(7, &[("a", 0), ("b", 0)]).unwrap();
    assert_eq!((nothing.rewards, nothing.unallocated), (vec![0, 0], 7));
}

#[test]
fn policy_r5_one_contributor_takes_the_pool() {
    for weight in [1, u128::from(u64::MAX), u128::MAX] {
        assert_eq!(apportion(u64::MAX, &[("a", weight)]).unwrap().rewards, [u64::MAX]);
    }
}

#[test]
fn policy_r5_weights_at_the_end_of_u128_are_exact() {
    let half = u128::MAX / 2;
    let divided = apportion(u64::MAX, &[("a", half), ("b", half), ("c", 1)]).unwrap();
    assert_eq!(divided.rewards, [1 << 63, (1 << 63) - 1, 0]);
}

#[test]
fn a_remainder_that_reaches_the_total_is_taken_out() {
    let (weight, total) = (1_u128 << 126, 1_u128 << 127);
    assert_eq!(mul_div(u64::MAX, weight, total), ((1 << 63) - 1, weight));
    assert_eq!(mul_div(u64::MAX - 1, weight, total), ((1 << 63) - 1, 0));
    assert_eq!(mul_div(6, u128::MAX / 3, u128::MAX), (2, 0));
}

#[test]
fn weights_that_sum_past_u128_are_an_error() {
    let error = apportion(1, &[("a", u128::MAX), ("b", 1)]).unwrap_err();
    assert!(matches!(error, StageError::Overflow { .. }), "{error}");
}

#[test]
fn many_contributors_share_a_small_pool() {
    let weights: Vec<(u32, u128)> = (0..100_000).map(|key| (key, 1)).collect();
    let divided = apportion(10, &weights).unwrap();
    assert_eq!(divided.rewards.iter().take(10).sum::<u64>(), 10);
    assert_eq!(divided.rewards.iter().sum::<u64>(), 10);
}

proptest! {
    #[test]
    fn policy_r5_law_rewards_and_unallocated_are_the_pool(pool in pool(), weights in weights()) {
        let divided = apportion(pool, &weights).unwrap();
        let given: u128 = divided.rewards.iter().map(|r| u128::from(*r)).sum();
        prop_assert_eq!(given + u128::from(divided.unallocated), u128::from(pool));
        prop_assert_eq!(divided.rewards.len(), weights.len());
        let any_weight = weights.iter().any(|(_, weight)| *weight > 0);
        prop_assert!(divided.unallocated == 0 || !any_weight);
    }

    /// The definition of the quotient, checked with the full 192-bit product.
    #[test]
    fn law_quotient_times_total_and_remainder_are_the_product(
        pool in pool(),
        weight in any::<u128>(),
        shift in 0_u32..128,
        more in any::<u128>(),
    ) {
        let weight = weight >> shift;
        let total = weight.saturating_add(more >> shift).max(1);
        let (quotient, remainder) = mul_div(pool, weight, total);
        prop_assert!(remainder < total);
        let (high, low) = wide(quotient, total);
        let (low, carry) = low.overflowing_add(remainder);
        prop_assert_eq!((high + u128::from(carry), low), wide(pool, weight));
    }

    #[test]
    fn policy_r5_law_each_gets_its_floor_or_one_more(pool in pool(), weights in weights()) {
        let total: u128 = weights.iter().map(|(_, weight)| weight).sum();
        prop_assume!(total > 0);
        let divided = apportion(pool, &weights).unwrap();
        for ((_, weight), reward) in weights.iter().zip(&divided.rewards) {
            // reward * total <= pool * weight + total, with at most one unit above the floor
            let floor = mul_div(pool, *weight, total).0;
            prop_assert!(*reward == floor || *reward == floor + 1);
            prop_assert!(*weight > 0 || *reward == 0);
        }
    }

    #[test]
    fn law_the_order_of_weights_does_not_matter(pool in pool(), weights in weights(), turn in 0_usize..40) {
        let mut turned = weights.clone();
        turned.rotate_left(turn.min(weights.len()));
        turned.reverse();
        let by_key = |weights: &[(u32, u128)]| {
            let rewards = apportion(pool, weights).unwrap().rewards;
            let mut rows: Vec<_> = weights.iter().map(|(key, _)| *key).zip(rewards).collect();
            rows.sort_unstable();
            rows
        };
        prop_assert_eq!(by_key(&weights), by_key(&turned));
    }

    #[test]
    fn law_more_weight_never_gets_less(pool in pool(), weights in weights()) {
        let divided = apportion(pool, &weights).unwrap();
        let mut rows: Vec<_> = weights.iter().map(|(_, weight)| *weight).zip(divided.rewards).collect();
        rows.sort_unstable();
        for pair in rows.windows(2) {
            prop_assert!(pair[0].0 == pair[1].0 || pair[0].1 <= pair[1].1, "{:?}", pair);
        }
    }
}
