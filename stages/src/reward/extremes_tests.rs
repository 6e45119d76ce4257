//! R5 and R6 at their ends: nothing to give, the largest pool, one contributor and a million, no weight and the
//! largest. What comes out is held against the words of the policy with products of 256 bits, which the code under
//! test never forms.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::tables::{Credit, Share};
use cairn_datasets::units::Position;
use proptest::prelude::*;

use super::debts::Corrections;
use super::samples::line;
use super::*;

/// A number of 256 bits: its high half, then its low one, so that they compare as numbers do.
type Wide = (u128, u128);

/// `a * b`, by halves of 64 bits as on paper.
fn times(a: u128, b: u128) -> Wide {
    let halves = |n: u128| (n >> 64, n & u128::from(u64::MAX));
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    // Each product of two halves leaves room for two more halves.
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 64);
    let (middle_high, middle_low) = halves(middle);
    let middle_low = middle_low + a_low * b_high;
    let high = a_high * b_high + middle_high + (middle_low >> 64);
    (high, (middle_low << 64) | (low & u128::from(u64::MAX)))
}

/// `a - b`.
fn minus(a: Wide, b: Wide) -> Wide {
    let (low, borrowed) = a.1.overflowing_sub(b.1);
    (a.0 - b.0 - u128::from(borrowed), low)
}

/// Says what of R5 a division breaks: floors, sum, and who has the units that are left.
fn fault<K: Ord>(pool: u64, weights: &[(K, u128)], divided: &Apportionment) -> Option<&'static str> {
    let whole: u128 = weights.iter().map(|(_, weight)| weight).sum();
    let given: u128 = divided.rewards.iter().map(|reward| u128::from(*reward)).sum();
    if given + u128::from(divided.unallocated) != u128::from(pool) || divided.rewards.len() != weights.len() {
        return Some("sum");
    }
    if whole == 0 {
        return (divided.unallocated != pool).then_some("nobody earned anything");
    }
    if divided.unallocated != 0 {
        return Some("unallocated");
    }
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for ((key, weight), reward) in weights.iter().zip(&divided.rewards) {
        let (product, reward) = (times(u128::from(pool), *weight), u128::from(*reward));
        let more = times(reward, whole) > product;
        let floor = if more { reward - 1 } else { reward };
        if times(floor, whole) > product || times(floor + 1, whole) <= product {
            return Some("floor");
        }
        let claim = (Reverse(minus(product, times(floor, whole))), key);
        if more {
            with.push(claim);
        } else {
            without.push(claim);
        }
    }
    // The last that has a unit comes before the first that has none.
    (with.iter().max() > without.iter().min() && !with.is_empty() && !without.is_empty())
        .then_some("remainders")
}

fn exact<K: Ord + Clone>(pool: u64, weights: &[(K, u128)]) -> Apportionment {
    let divided = apportion(pool, weights).unwrap();
    assert_eq!(fault(pool, weights, &divided), None, "pool {pool}");
    divided
}

const POOLS: [u64; 8] = [0, 1, 2, 7, 1_000_000, (1 << 63) + 1, u64::MAX - 1, u64::MAX];

#[test]
fn products_are_those_of_paper() {
    assert_eq!(times(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
    assert_eq!(times(1 << 100, 1 << 100), (1 << 72, 0));
    assert_eq!(times(u128::MAX, 3), (2, u128::MAX - 2));
    assert_eq!(minus((2, 0), (1, 1)), (0, u128::MAX));
}

/// A check that finds nothing wrong says nothing.
#[test]
fn every_wrong_division_is_seen() {
    let weights = [("ann", 3), ("ben", 3), ("cem", 1)];
    let of = |rewards: [u64; 3], unallocated| Apportionment {
        rewards: rewards.into(),
        unallocated,
    };
    // 8 * 3/7 = 3 3/7, 8 * 1/7 = 1 1/7: the unit left goes to one of equals, ann.
    assert_eq!(fault(8, &weights, &of([4, 3, 1], 0)), None);
    assert_eq!(fault(8, &weights, &of([3, 4, 1], 0)), Some("remainders"));
    assert_eq!(fault(8, &weights, &of([3, 3, 2], 0)), Some("remainders"));
    assert_eq!(fault(8, &weights, &of([5, 3, 0], 0)), Some("floor"));
    assert_eq!(fault(8, &weights, &of([2, 5, 1], 0)), Some("floor"));
    assert_eq!(fault(8, &weights, &of([3, 3, 1], 1)), Some("unallocated"));
    assert_eq!(fault(8, &weights, &of([4, 4, 1], 0)), Some("sum"));
    assert_eq!(
        fault(
            8,
            &[("ann", 0)],
            &Apportionment {
                rewards: vec![8],
                unallocated: 0
            }
        ),
        Some("nobody earned anything")
    );
}

#[test]
fn policy_r5_at_its_ends_is_exact() {
    let large = u128::from(u64::MAX);
    let cases: [&[u128]; 11] = [
        &[],
        &[0],
        &[0, 0, 0],
        &[1],
        &[u128::MAX],
        &[large, 1, 1],
        &[large, large, large],
        &[u128::MAX - 3, 1, 1, 1],
        &[u128::MAX / 3, u128::MAX / 3, u128::MAX / 3],
        &[0, u128::MAX - large, large],
        &[1 << 127, (1 << 127) - 1],
    ];
    for weights in cases {
        let weights: Vec<(usize, u128)> = weights.iter().copied().enumerate().collect();
        for pool in POOLS {
            exact(pool, &weights);
        }
    }
}

/// Weights as an epoch of a million would have them: many equal, many nothing, one beyond all others.
fn million() -> Vec<(u32, u64)> {
    let weight = |id: u32| match id % 5 {
        0 => 0,
        1 => 1,
        2 => u64::from(id),
        3 => 1_000_000,
        _ => u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    };
    let mut weights: Vec<(u32, u64)> = (0..1_000_000).map(|id| (id, weight(id))).collect();
    weights[500_000].1 = u64::MAX;
    weights
}

#[test]
fn policy_r5_a_million_contributors_are_exact() {
    let weights: Vec<(u32, u128)> = million()
        .into_iter()
        .map(|(id, weight)| (id, weight.into()))
        .collect();
    // Their sum is at the end of u128: the long way of every division.
    let wide: Vec<(u32, u128)> = weights.iter().map(|(id, weight)| (*id, weight << 43)).collect();
    for pool in [0, 7, u64::MAX] {
        exact(pool, &weights);
        exact(pool, &wide);
    }
    let nothing: Vec<(u32, u128)> = weights.iter().map(|(id, _)| (*id, 0)).collect();
    assert_eq!(exact(u64::MAX, &nothing).unallocated, u64::MAX);
    // One unit each for those with the smallest ids, since all are equal.
    let equal: Vec<(u32, u128)> = weights.iter().map(|(id, _)| (*id, u128::MAX >> 20)).collect();
    assert_eq!(exact(3, &equal).rewards[..4], [1, 1, 1, 0]);
}

#[test]
fn policy_r5_r6_a_million_contributors_get_their_rewards_and_lines() {
    let cells = super::samples::cells();
    let shares: Vec<Share> = million()
        .into_iter()
        .map(|(id, credit)| Share {
            contributor: format!("{id:07}"),
            credit,
        })
        .collect();
    let pool = u64::MAX;
    let paid = rewards(&shares, pool, &BTreeMap::new(), &Corrections::default()).unwrap();
    let weights: Vec<(&str, u128)> = shares
        .iter()
        .map(|s| (s.contributor.as_str(), s.credit.into()))
        .collect();
    let divided = Apportionment {
        rewards: paid.rows.iter().map(|row| row.reward).collect(),
        unallocated: paid.unallocated,
    };
    assert_eq!(fault(pool, &weights, &divided), None);
    // Each in two lines, of which one has the odd unit of credit.
    let halves = shares.iter().flat_map(|share| {
        let half = share.credit / 2;
        [
            line(&share.contributor, cells[0], half),
            line(&share.contributor, cells[1], share.credit - half),
        ]
    });
    let lines = line_items::line_items(halves.collect(), &paid.rows).unwrap();
    assert_eq!(lines.len(), 2_000_000);
    for (pair, reward) in lines.chunks(2).zip(&paid.rows) {
        assert_eq!(pair[0].contributor, reward.contributor);
        assert_eq!(
            u128::from(pair[0].reward) + u128::from(pair[1].reward),
            u128::from(reward.reward)
        );
    }
}

/// Cells of a square in the country, in their order.
fn square(side: i32) -> Vec<Cell> {
    let level = resolution(11).unwrap();
    let at = |n: i32| Position::new(556_000_000 + n / side * 5_000, -23_000_000 + n % side * 9_000);
    let cells: std::collections::BTreeSet<Cell> = (0..side * side)
        .map(|n| Cell::at(at(n).unwrap(), level))
        .collect();
    cells.into_iter().collect()
}

#[test]
fn policy_r6_one_contributor_with_a_hundred_thousand_lines_and_the_whole_pool() {
    let cells = square(330);
    assert!(cells.len() > 100_000, "{} cells", cells.len());
    // Two that take nearly all of a credit as large as credits are, and many of one micro-credit.
    let rest = u64::MAX - 2 * (u64::MAX / 3) - (cells.len() as u64 - 3);
    let credit = |n: usize| match n {
        0 | 1 => u64::MAX / 3,
        2 => rest,
        _ => 1,
    };
    let lines: Vec<Credit> = cells
        .iter()
        .enumerate()
        .map(|(n, cell)| line("ann", *cell, credit(n)))
        .collect();
    for pool in POOLS {
        let share = Share {
            contributor: "ann".into(),
            credit: u64::MAX,
        };
        let paid = rewards(&[share], pool, &BTreeMap::new(), &Corrections::default()).unwrap();
        assert_eq!((paid.rows[0].reward, paid.unallocated), (pool, 0));
        let lines = line_items::line_items(lines.clone(), &paid.rows).unwrap();
        let weights: Vec<(Cell, u128)> = lines.iter().map(|line| (line.cell, line.credit.into())).collect();
        let divided = Apportionment {
            rewards: lines.iter().map(|line| line.reward).collect(),
            unallocated: 0,
        };
        assert_eq!(fault(pool, &weights, &divided), None, "pool {pool}");
    }
}

/// Any weight, of any size, with a sum that u128 holds.
fn weights() -> impl Strategy<Value = Vec<(u32, u128)>> {
    let weight = (any::<u128>(), 5_u32..128).prop_map(|(weight, shift)| weight >> shift);
    let weight = prop_oneof![1 => Just(0_u128), 1 => Just(1_u128), 4 => weight];
    prop::collection::vec(weight, 0..32).prop_map(|weights| (0..).zip(weights).collect())
}

proptest! {
    #[test]
    fn policy_r5_law_any_division_is_exact(
        pool in prop_oneof![prop::sample::select(&POOLS[..]), any::<u64>()],
        weights in weights(),
    ) {
        let divided = apportion(pool, &weights).unwrap();
        prop_assert_eq!(fault(pool, &weights, &divided), None);
    }
}
