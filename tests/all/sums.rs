//! R3, R5 and R6 as sums of what was published: passes to credits, credits to rewards, rewards to the pool.

use cairn_tests::Published;
use polars::prelude::{DataFrame, IntoLazy, LazyFrame, SortMultipleOptions, col, lit};

fn sorted(frame: LazyFrame, by: &[&str], columns: &[&str]) -> DataFrame {
    let by: Vec<_> = by.to_vec();
    let columns: Vec<_> = columns.iter().map(|name| col(*name)).collect();
    frame
        .select(columns)
        .sort(by, SortMultipleOptions::default())
        .collect()
        .unwrap()
}

/// Nothing is lost or made between the passes of an epoch and its pool.
pub(crate) fn check_sums(run: &Published) {
    let table = |name: &str| run.polars(name);
    let (passes, credits, rewards) = (table("passes"), table("credits"), table("rewards"));
    let given: u128 = rewards.column("reward").map_or(0, |column| {
        column.u64().unwrap().iter().flatten().map(u128::from).sum()
    });
    assert_eq!(
        given + u128::from(run.number("unallocated")),
        u128::from(run.number("pool")),
        "the rewards and what nobody earned are the pool"
    );
    if credits.height() == 0 {
        assert_eq!((given, rewards.height()), (0, 0));
        return;
    }
    let line = ["cell", "contributor"];
    let kept = passes.lazy().filter(col("verdict").eq(lit("kept")));
    let earned = kept.group_by(line.map(col)).agg([col("credit").sum()]);
    let columns = ["cell", "contributor", "credit"];
    assert!(
        sorted(earned, &line, &columns).equals(&sorted(credits.clone().lazy(), &line, &columns)),
        "credits are the sums of the passes"
    );
    let paid = credits.lazy().group_by([col("contributor")]);
    let paid = paid.agg([col("credit").sum(), col("reward").sum()]);
    let columns = ["contributor", "credit", "reward"];
    assert!(
        sorted(paid, &columns[..1], &columns).equals(&sorted(rewards.lazy(), &columns[..1], &columns)),
        "line items add up to the reward"
    );
}
