use proptest::prelude::*;

use super::*;

fn amounts(of: &[(u8, u128)]) -> BTreeMap<Address, u128> {
    of.iter()
        .map(|(byte, amount)| (Address([*byte; 20]), *amount))
        .collect()
}

/// Made by `@openzeppelin/merkle-tree` 1.0.8 of the same three values.
const ROOT: &str = "0xac2deae748d3e6cffc8eb07aeb4c751b21cd085018623a2e62c48fcc7aec6bf0";

#[test]
fn the_root_is_that_of_openzeppelin() {
    let three = amounts(&[
        (0x11, 1_000_000_000_000_000_001),
        (0x22, 2_000_000_000_000_000_004),
        (0x33, 3_000_000_000_000_000_009),
    ]);
    let tree = Claims::of(&three).unwrap();
    assert_eq!(tree.root().to_string(), ROOT);
    assert_eq!((tree.leaves(), tree.amount()), (3, 6_000_000_000_000_000_014));
}

#[test]
fn no_claim_is_no_tree_and_one_is_its_own_root() {
    assert_eq!(Claims::of(&BTreeMap::new()), None);
    let tree = Claims::of(&amounts(&[(1, 7)])).unwrap();
    assert_eq!(tree.prove(Address([1; 20])), Some((7, vec![])));
    assert_eq!(root_of(Address([1; 20]), 7, &[]), tree.root());
    assert!(tree.dump().starts_with(
        "{\"format\":\"standard-v1\",\"leafEncoding\":[\"address\",\"uint256\"],\"tree\":[\"0x"
    ));
}

proptest! {
    /// Every leaf has a proof, and no other amount or address has.
    #[test]
    fn every_leaf_is_proved_and_nothing_else(of in prop::collection::btree_map(any::<[u8; 20]>(), 1_u128.., 1..40), off in 1_u128..) {
        let amounts: BTreeMap<Address, u128> = of.into_iter().map(|(bytes, amount)| (Address(bytes), amount)).collect();
        let tree = Claims::of(&amounts).unwrap();
        for (address, amount) in &amounts {
            let (told, path) = tree.prove(*address).unwrap();
            prop_assert_eq!(told, *amount);
            prop_assert_eq!(root_of(*address, *amount, &path), tree.root());
            prop_assert_ne!(root_of(*address, amount.wrapping_add(off), &path), tree.root());
            let mut other = *address;
            other.0[7] ^= 1;
            prop_assert_ne!(root_of(other, *amount, &path), tree.root());
        }
    }
}

fn reward(contributor: &str, claim: u64, address: Option<&str>) -> Reward {
    Reward {
        contributor: contributor.to_owned(),
        credit: 0,
        weight_ppm: cairn_datasets::units::Ppm::ZERO,
        reward: claim,
        carried: 0,
        adjustment: 0,
        claim,
        debt: 0,
        payout_address: address.map(str::to_owned),
    }
}

#[test]
fn policy_r7_every_claim_is_in_a_leaf_or_listed() {
    let home = "0x52908400098527886E0F7030069857D2E4169EE7";
    let rewards = [
        reward("ann", 10, Some(home)),
        reward("ben", 20, None),
        reward("cem", 5, Some(&home.to_lowercase())),
        reward("dan", 0, Some("0xde709f2102306220921060314715629080e2fb77")),
        reward("eve", 30, Some("7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2")),
        reward("fay", 0, None),
    ];
    let (claims, unclaimed) = sorted(&rewards).unwrap();
    let told: Vec<(String, u128)> = claims.iter().map(|(a, n)| (a.to_string(), *n)).collect();
    assert_eq!(told, [(home.to_owned(), 15)], "two of one address share a leaf");
    let listed: Vec<(&str, &str)> = unclaimed
        .iter()
        .map(|u| (u.contributor.as_str(), u.claim.as_str()))
        .collect();
    assert_eq!(listed, [("ben", "20"), ("eve", "30")]);
    assert!(sorted(&[reward("gus", 1, Some("0x12"))]).is_err());
}
