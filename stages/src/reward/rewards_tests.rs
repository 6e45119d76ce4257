use super::*;

fn share(contributor: &str, credit: u64) -> Share {
    Share {
        contributor: contributor.into(),
        credit,
    }
}

fn paid(shares: &[Share], pool: u64) -> Rewards {
    rewards(shares, pool, &BTreeMap::new()).unwrap()
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
    let paid = rewards(&[share("ann", 1), share("ben", 1)], 2, &addresses).unwrap();
    let known: Vec<_> = paid.rows.iter().map(|r| r.payout_address.as_deref()).collect();
    assert_eq!(known, [Some("0xA"), None]);
    assert!(paid.rows.iter().all(|r| r.adjustment == 0));
}

#[test]
fn policy_r5_a_credit_that_leaves_its_range_is_an_error() {
    let error = rewards(&[share("ann", u64::MAX), share("ann", 1)], 1, &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, StageError::Overflow { .. }), "{error}");
}

#[test]
fn policy_r5_the_largest_numbers_are_exact() {
    let paid = paid(&[share("ann", u64::MAX), share("ben", u64::MAX)], u64::MAX);
    let rewards: Vec<_> = paid.rows.iter().map(|r| r.reward).collect();
    assert_eq!(rewards, [1 << 63, (1 << 63) - 1]);
}
