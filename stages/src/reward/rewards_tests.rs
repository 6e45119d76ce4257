use super::*;

fn share(contributor: &str, credit: u64) -> Share {
    Share {
        contributor: contributor.into(),
        credit,
    }
}

fn paid(shares: &[Share], pool: u64) -> Rewards {
    rewards(shares, pool, &BTreeMap::new(), &Corrections::default()).unwrap()
}

#[test]
fn policy_r5_shares_of_all_tiles_are_summed_and_paid() {
    let paid = paid(&[share("ben", 2), share("ann", 3), share("ben", 2)], 10);
    let rows: Vec<_> = paid
        .rows
        .iter()
        .map(|r| (r.contributor.as_str(), r.credit, r.weight_ppm.parts(), r.reward))
        .collect();
    assert_eq!(rows, [("ann", 3, 428_571, 4), ("ben", 4, 571_428, 6)]);
    assert_eq!(paid.unallocated, 0);
}

#[test]
fn policy_r5_without_credit_the_pool_stays_whole() {
    let nobody = paid(&[], 10);
    assert_eq!((nobody.rows.len(), nobody.unallocated), (0, 10));
    let nothing = paid(&[share("ann", 0)], 10);
    assert_eq!(nothing.unallocated, 10);
    assert_eq!(
        (nothing.rows[0].reward, nothing.rows[0].weight_ppm.parts()),
        (0, 0)
    );
}

#[test]
fn payout_addresses_reach_those_who_have_a_share() {
    let addresses = BTreeMap::from([("ann".to_owned(), "0xA".to_owned()), ("zoe".into(), "0xZ".into())]);
    let paid = rewards(
        &[share("ann", 1), share("ben", 1)],
        2,
        &addresses,
        &Corrections::default(),
    )
    .unwrap();
    let known: Vec<_> = paid.rows.iter().map(|r| r.payout_address.as_deref()).collect();
    assert_eq!(known, [Some("0xA"), None]);
    let settled = |r: &Reward| (r.carried, r.adjustment, r.claim, r.debt);
    assert!(paid.rows.iter().all(|r| settled(r) == (0, 0, r.reward, 0)));
}

#[test]
fn policy_r5_a_credit_that_leaves_its_range_is_an_error() {
    let shares = [share("ann", u64::MAX), share("ann", 1)];
    let error = rewards(&shares, 1, &BTreeMap::new(), &Corrections::default()).unwrap_err();
    assert!(matches!(error, StageError::Overflow { .. }), "{error}");
}

#[test]
fn policy_r5_the_largest_numbers_are_exact() {
    let paid = paid(&[share("ann", u64::MAX), share("ben", u64::MAX)], u64::MAX);
    let rewards: Vec<_> = paid.rows.iter().map(|r| r.reward).collect();
    assert_eq!(rewards, [1 << 63, (1 << 63) - 1]);
}

fn units(of: &[(&str, i64)]) -> BTreeMap<String, i64> {
    of.iter().map(|(id, units)| ((*id).to_owned(), *units)).collect()
}

#[test]
fn policy_r7_corrections_lie_outside_of_the_pool_and_give_a_row_to_who_has_no_credit() {
    let corrections = Corrections {
        adjustments: units(&[("ann", -70), ("ben", 5), ("zoe", 8)]),
        carried: units(&[("ann", -10), ("eve", -3)]),
    };
    let addresses = BTreeMap::from([("zoe".to_owned(), "0xZ".to_owned())]);
    let shares = [share("ann", 1), share("ben", 1)];
    let paid = rewards(&shares, 101, &addresses, &corrections).unwrap();
    let rows: Vec<_> = paid
        .rows
        .iter()
        .map(|r| {
            let id = r.contributor.as_str();
            (id, r.credit, r.reward, r.carried, r.adjustment, r.claim, r.debt)
        })
        .collect();
    let wanted = [
        ("ann", 1, 51, -10, -70, 0, -29),
        ("ben", 1, 50, 0, 5, 55, 0),
        ("eve", 0, 0, -3, 0, 0, -3),
        ("zoe", 0, 0, 0, 8, 8, 0),
    ];
    assert_eq!(rows, wanted);
    assert_eq!(paid.unallocated, 0);
    assert_eq!(paid.rows[3].payout_address.as_deref(), Some("0xZ"));
    assert_eq!(paid.rows[3].weight_ppm.parts(), 0);
    // Without credit of anyone the pool stays whole.
    let nobody = rewards(&[], 101, &addresses, &corrections).unwrap();
    assert_eq!((nobody.rows.len(), nobody.unallocated), (4, 101));
}

#[test]
fn policy_r7_a_claim_that_leaves_its_range_is_an_error() {
    let corrections = Corrections {
        adjustments: units(&[("ann", 1)]),
        carried: BTreeMap::new(),
    };
    let error = rewards(&[share("ann", 1)], u64::MAX, &BTreeMap::new(), &corrections).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the claim of 18446744073709551616 for `ann` is over the limit of 18446744073709551615"
    );
}
