use cairn_datasets::table::Row;

use super::super::samples::{cells, pass};
use super::*;

fn kernel(demand: &[(Cell, u64)], region: &[(Cell, u64)]) -> CreditKernel {
    CreditKernel {
        policy: RewardPolicy::default(),
        demand: demand.iter().copied().collect(),
        region: region.iter().copied().collect(),
        buckets: 4,
    }
}

fn cuts(kernel: &CreditKernel, passes: &[Pass]) -> Vec<Cut> {
    let mut passes = passes.to_vec();
    passes.sort_by_key(Row::key);
    let mut tables = Tables::default();
    tables.insert(Pass::TABLE, Pass::to_batch(&passes).unwrap());
    kernel.apply("tile=x", &tables).unwrap()
}

fn rows<R: Row>(cuts: &[Cut]) -> Vec<R> {
    let of_table = cuts.iter().filter(|cut| cut.table == R::TABLE);
    of_table
        .flat_map(|cut| R::from_batch(&cut.rows).unwrap())
        .collect()
}

#[test]
fn policy_r3_credit_is_gain_times_demand_times_region_with_one_floor() {
    let micro = |gain, demand, region| credit(Ppm::new(gain), demand, region).unwrap();
    assert_eq!(micro(1_000_000, 1_000_000, 1_000_000), 1_000_000);
    assert_eq!(micro(400_000, 1_500_000, 500_000), 300_000);
    // Floored after each factor it would be 0.
    assert_eq!(micro(1, 500_000, 2_000_000), 1);
    assert_eq!(micro(999_999, 999_999, 999_999), 999_997);
    assert_eq!(micro(0, u64::MAX, u64::MAX), 0);
}

#[test]
fn policy_r3_a_credit_that_leaves_its_range_is_an_error() {
    let wide = credit(Ppm::ONE, u64::MAX, u64::MAX).unwrap_err();
    assert!(wide.to_string().contains("18446744073709551615"), "{wide}");
    let large = credit(Ppm::ONE, u64::MAX, 2_000_000).unwrap_err();
    assert!(large.to_string().contains("over the limit"), "{large}");
    assert_eq!(credit(Ppm::ONE, u64::MAX, 1_000_000).unwrap(), u64::MAX);
}

#[test]
fn policy_r3_passes_say_by_what_they_were_multiplied() {
    let cell = cells()[0];
    let cuts = cuts(
        &kernel(&[(cell, 2_000_000)], &[(cell, 500_000)]),
        &[pass("ann", cell, 1, 300_000)],
    );
    let row = &rows::<Pass>(&cuts)[0];
    assert_eq!(
        (row.demand_ppm, row.region_ppm, row.credit),
        (2_000_000, 500_000, 300_000)
    );
}

#[test]
fn policy_r4_what_is_not_kept_earns_nothing_whatever_it_claims_to_gain() {
    let mut copied = pass("ann", cells()[0], 1, 900_000);
    copied.decide(cairn_datasets::verdict::Finding::plain(
        cairn_datasets::verdict::Reason::CopiedTrack,
    ));
    let cuts = cuts(&kernel(&[], &[]), &[copied]);
    assert_eq!(rows::<Pass>(&cuts)[0].credit, 0);
    assert!(rows::<Credit>(&cuts).is_empty());
    assert!(rows::<Share>(&cuts).is_empty());
}

#[test]
fn a_kept_pass_that_gained_nothing_has_its_line_of_zero() {
    let cuts = cuts(&kernel(&[], &[]), &[pass("ann", cells()[0], 1, 0)]);
    assert_eq!(rows::<Credit>(&cuts)[0].credit, 0);
    assert_eq!(rows::<Share>(&cuts)[0].credit, 0);
}

#[test]
fn credits_are_sums_of_a_cell_and_shares_of_the_tile() {
    let [a, b, ..] = cells()[..] else {
        panic!("a ring has cells")
    };
    let passes = [
        pass("ann", a, 1, 100),
        pass("ann", a, 2, 20),
        pass("ann", b, 3, 3),
        pass("ben", b, 1, 7),
    ];
    let cuts = cuts(&kernel(&[], &[]), &passes);
    let mut credits: Vec<_> = rows::<Credit>(&cuts);
    credits.sort_by_key(Row::key);
    let credits: Vec<_> = credits
        .iter()
        .map(|c| (c.cell, c.contributor.as_str(), c.credit))
        .collect();
    assert_eq!(credits, [(a, "ann", 120), (b, "ann", 3), (b, "ben", 7)]);
    let shares: Vec<_> = rows::<Share>(&cuts)
        .into_iter()
        .map(|s| (s.contributor, s.credit))
        .collect();
    assert_eq!(shares, [("ann".to_owned(), 123), ("ben".to_owned(), 7)]);
}

#[test]
fn each_table_goes_to_its_group() {
    let cell = cells()[0];
    let passes = [
        pass("ann", cell, 1, 5),
        pass("ben", cell, 1, 5),
        pass("cem", cell, 1, 5),
    ];
    for cut in cuts(&kernel(&[], &[]), &passes) {
        match cut.table {
            "passes" => assert_eq!(cut.group, "tile=x"),
            "shares" => assert_eq!(cut.group, "epoch"),
            _ => {
                for row in Credit::from_batch(&cut.rows).unwrap() {
                    assert_eq!(cut.group, contributors_group(&row.contributor, 4));
                }
            }
        }
    }
    assert!(cuts(&kernel(&[], &[]), &[]).is_empty());
}

#[test]
fn contributors_fall_into_buckets_by_their_digest() {
    // SHA-256 of "abc" starts with ba.
    assert_eq!(contributors_group("abc", 256), "contributors=186");
    assert_eq!(contributors_group("abc", 16), "contributors=10");
    assert_eq!(contributors_group("abc", 0), "contributors=0");
}

#[test]
fn a_share_that_leaves_its_range_names_the_contributor() {
    let error = sums([("ann", u64::MAX), ("ben", 1), ("ann", 1)]).unwrap_err();
    assert!(error.to_string().contains("`ann`"), "{error}");
}
