//! The ends of what a pool can be, through the whole program.

use cairn_tests::Published;

use crate::fixtures::{SMALL, cairn, scratch};
use crate::oracle::check;

#[test]
fn policy_r5_the_smallest_and_the_largest_pool_are_paid_by_the_text() {
    for pool in [0, u64::MAX] {
        let scratch = scratch();
        let _ = cairn().publish(
            &SMALL.source,
            &scratch.join("out"),
            &["--pool", &pool.to_string()],
        );
        let run = Published::below(&scratch.join("out"));
        assert_eq!(run.number("pool"), pool);
        assert_eq!(run.number("unallocated"), 0, "somebody has credits");
        check(&run);
        // A pool changes what is paid and nothing that it is paid for.
        let credits = |run: &Published| run.table("passes").column("credit").to_vec();
        assert_eq!(credits(&run), credits(&SMALL.published));
        let rewards = run.table("rewards");
        let paid: u128 = (0..rewards.rows())
            .map(|row| u128::try_from(rewards.int("reward", row)).unwrap())
            .sum();
        assert_eq!(paid, u128::from(pool));
    }
}

#[test]
fn a_pool_that_no_number_holds_is_refused() {
    for pool in ["18446744073709551616", "-1", "1.5", "1e6"] {
        let scratch = scratch();
        let (source, out) = (SMALL.source_arg(), scratch.arg("out"));
        let ran = cairn().run(&[
            "run",
            "--source",
            &source,
            "--out",
            &out,
            &format!("--pool={pool}"),
        ]);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains("--pool"), "{ran}");
        assert!(!scratch.join("out").exists());
    }
}
