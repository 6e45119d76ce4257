//! R5 and R6 of the oracle: a pool over its weights, to the last unit.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cairn_tests::Published;

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
