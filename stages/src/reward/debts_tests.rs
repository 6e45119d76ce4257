use cairn_datasets::tables::Share;
use proptest::prelude::*;

use super::super::rewards;
use super::*;

#[test]
fn policy_r7_a_claim_is_never_below_zero_and_what_is_left_of_a_debt_stays() {
    for ((reward, carried, adjustment), wanted) in [
        ((0, 0, 0), (0, 0)),
        ((7, 0, 0), (7, 0)),
        ((7, 0, 5), (12, 0)),
        ((7, -3, -4), (0, 0)),
        ((7, -3, -5), (0, -1)),
        ((0, -3, 10), (7, 0)),
        ((u64::MAX, i64::MIN, 0), (u64::MAX - (1 << 63), 0)),
        ((u64::MAX, i64::MIN, i64::MIN), (0, -1)),
        ((0, i64::MIN, i64::MAX), (0, -1)),
    ] {
        assert_eq!(settle("ada", reward, carried, adjustment).unwrap(), wanted);
    }
    for (reward, carried, adjustment) in [(u64::MAX, 0, 1), (0, i64::MIN, -1)] {
        let error = settle("ada", reward, carried, adjustment).unwrap_err();
        assert!(matches!(error, StageError::Overflow { .. }), "{error}");
        assert!(error.to_string().contains("for `ada`"), "{error}");
    }
}

/// One epoch of a chain: shares, a pool, and corrections of whom.
type Drawn = (Vec<(usize, u64)>, u64, Vec<(usize, i64)>);

const WHO: [&str; 4] = ["ann", "ben", "cem", "dora"];

fn epoch() -> impl Strategy<Value = Drawn> {
    let shares = prop::collection::vec((0_usize..4, 0_u64..100), 0..5);
    let amounts = prop::collection::vec((0_usize..4, -2_000_i64..500), 0..4);
    (shares, 0_u64..1_000, amounts)
}

proptest! {
    #[test]
    fn policy_r7_law_nothing_is_lost_between_claim_and_debt(
        reward: u64,
        carried in i64::MIN..=0,
        adjustment: i64,
    ) {
        let sum = i128::from(reward) + i128::from(carried) + i128::from(adjustment);
        match settle("ada", reward, carried, adjustment) {
            Ok((claim, debt)) => {
                prop_assert_eq!(i128::from(claim) + i128::from(debt), sum);
                prop_assert!(debt <= 0 && (claim == 0 || debt == 0));
            }
            Err(_) => prop_assert!(sum > i128::from(u64::MAX) || sum < i128::from(i64::MIN)),
        }
    }

    #[test]
    fn policy_r7_law_over_a_chain_claims_are_rewards_and_adjustments_less_what_is_still_owed(
        epochs in prop::collection::vec(epoch(), 1..6),
    ) {
        let mut carried = BTreeMap::new();
        let mut due: BTreeMap<String, i128> = BTreeMap::new();
        let mut claimed: BTreeMap<String, i128> = BTreeMap::new();
        for (shares, pool, amounts) in epochs {
            let shares: Vec<Share> = shares
                .into_iter()
                .map(|(who, credit)| Share { contributor: WHO[who].to_owned(), credit })
                .collect();
            let adjustments = add_up("x", amounts.iter().map(|(who, amount)| (WHO[*who], *amount))).unwrap();
            let corrections = Corrections { adjustments, carried };
            let paid = rewards(&shares, pool, &BTreeMap::new(), &corrections).unwrap();
            let given: u64 = paid.rows.iter().map(|row| row.reward).sum();
            prop_assert_eq!(given + paid.unallocated, pool);
            for row in &paid.rows {
                let units = i128::from(row.reward) + i128::from(row.adjustment);
                *due.entry(row.contributor.clone()).or_default() += units;
                *claimed.entry(row.contributor.clone()).or_default() += i128::from(row.claim);
            }
            carried = open_debts(&paid.rows).unwrap();
        }
        for (contributor, due) in due {
            let open = carried.get(&contributor).copied().unwrap_or_default();
            prop_assert_eq!(claimed[&contributor], due - i128::from(open), "{}", contributor);
        }
    }
}
