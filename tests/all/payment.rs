//! R5, R6 and R7 of the oracle: a pool over its weights, to the last unit, and what may be claimed of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cairn_tests::{Published, Value};

/// R5: floors, then the units left one each to the largest remainders, ties to the smaller key.
fn shares<K: Ord + Clone>(pool: u128, weights: &BTreeMap<K, u128>) -> (BTreeMap<K, u128>, u128) {
    let whole: u128 = weights.values().sum();
    if whole == 0 {
        return (weights.keys().map(|key| (key.clone(), 0)).collect(), pool);
    }
    let product = |weight: u128| pool.checked_mul(weight).expect("two numbers of 64 bits");
    let mut paid: BTreeMap<K, u128> = weights
        .iter()
        .map(|(key, weight)| (key.clone(), product(*weight) / whole))
        .collect();
    let left = pool - paid.values().sum::<u128>();
    let mut claims: Vec<(Reverse<u128>, K)> = weights
        .iter()
        .map(|(key, weight)| (Reverse(product(*weight) % whole), key.clone()))
        .collect();
    claims.sort();
    for (_, key) in claims.into_iter().take(usize::try_from(left).unwrap()) {
        *paid.get_mut(&key).unwrap() += 1;
    }
    (paid, 0)
}

pub(crate) fn unsigned(value: i128) -> u128 {
    u128::try_from(value).unwrap()
}

/// R7: signed adjustments in a column of their own, outside of the pool; claim = max(0, reward + adjustments), where what
/// earlier epochs left of a debt counts as well, and what is left of it carries over. Gives what is left, by contributor.
pub(crate) fn check_claims(run: &Published, carried: &BTreeMap<String, i128>) -> BTreeMap<String, i128> {
    let ledger = run.table("adjustments");
    let mut adjusted: BTreeMap<&str, i128> = BTreeMap::new();
    for row in 0..ledger.rows() {
        *adjusted.entry(ledger.text("contributor", row)).or_default() += ledger.int("amount", row);
    }
    let rewards = run.table("rewards");
    let mut left = BTreeMap::new();
    let mut paid = 0;
    for row in 0..rewards.rows() {
        let id = rewards.text("contributor", row);
        let adjustment = adjusted.remove(id).unwrap_or(0);
        let owed = carried.get(id).copied().unwrap_or(0);
        let whole = rewards.int("reward", row) + owed + adjustment;
        let published = ["adjustment", "carried", "claim", "debt"].map(|column| rewards.int(column, row));
        assert_eq!(published, [adjustment, owed, whole.max(0), whole.min(0)], "{id}");
        if whole < 0 {
            left.insert(id.to_owned(), whole);
        }
        paid += rewards.int("reward", row);
    }
    assert!(adjusted.is_empty(), "adjusted and without a row: {adjusted:?}");
    let without = carried.keys().find(|id| {
        !rewards
            .column("contributor")
            .contains(&Value::Text((*id).clone()))
    });
    assert_eq!(without, None, "owes and has no row");
    let unallocated = i128::from(run.number("unallocated"));
    assert_eq!(paid + unallocated, i128::from(run.number("pool")));
    left
}

/// R5 and R6: rewards, and the lines of each.
pub(crate) fn check_payment(run: &Published, lines: &BTreeMap<(i128, String), u128>) {
    let mut sums: BTreeMap<String, u128> = BTreeMap::new();
    for ((_, contributor), credit) in lines {
        *sums.entry(contributor.clone()).or_default() += credit;
    }
    let pool = u128::from(run.number("pool"));
    let (paid, unallocated) = shares(pool, &sums);
    assert_eq!(u128::from(run.number("unallocated")), unallocated);
    let whole: u128 = sums.values().sum();
    let rewards = run.table("rewards");
    let published: BTreeMap<String, [u128; 3]> = (0..rewards.rows())
        .map(|row| {
            let numbers = ["credit", "weight_ppm", "reward"].map(|column| unsigned(rewards.int(column, row)));
            (rewards.text("contributor", row).to_owned(), numbers)
        })
        .collect();
    let ppm = |part: u128, whole: u128| (part * 1_000_000).checked_div(whole).unwrap_or(0);
    let worked_out: BTreeMap<String, [u128; 3]> = sums
        .iter()
        .map(|(id, sum)| (id.clone(), [*sum, ppm(*sum, whole), paid[id]]))
        .collect();
    assert_eq!(published, worked_out);
    // Without a history nothing is owed.
    let left = check_claims(run, &BTreeMap::new());
    assert_eq!(left, BTreeMap::new());

    let credits = run.table("credits");
    let published: BTreeMap<(i128, String), [u128; 3]> = (0..credits.rows())
        .map(|row| {
            let numbers = ["credit", "weight_ppm", "reward"].map(|column| unsigned(credits.int(column, row)));
            (
                (
                    credits.int("cell", row),
                    credits.text("contributor", row).to_owned(),
                ),
                numbers,
            )
        })
        .collect();
    let mut worked_out = BTreeMap::new();
    for (id, reward) in paid {
        let of: BTreeMap<i128, u128> = lines
            .iter()
            .filter(|((_, who), _)| *who == id)
            .map(|((cell, _), credit)| (*cell, *credit))
            .collect();
        let (items, _) = shares(reward, &of);
        for (cell, item) in items {
            worked_out.insert((cell, id.clone()), [of[&cell], ppm(of[&cell], sums[&id]), item]);
        }
    }
    assert_eq!(published, worked_out);
}
