use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::*;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn line(contributor: &str, amount: i64, reason: &str) -> Line {
    Line {
        contributor: contributor.into(),
        amount,
        reason: reason.into(),
    }
}

fn signed(epoch: &str, lines: Vec<Line>, key: &SigningKey) -> Adjustments {
    let corrects = Corrected {
        reward_epoch: epoch.into(),
        results_digest: Digest::of(epoch.as_bytes()),
    };
    let operator = encode(&key.verifying_key().to_bytes());
    let mut file = Adjustments::unsigned(corrects, lines, operator);
    file.signature = encode(&key.sign(&file.signed_bytes()).to_bytes());
    file
}

#[test]
fn policy_r7_only_what_the_operator_signed_is_taken() {
    let good = signed("2026-W20", vec![line("ada", -1, "why")], &key(1));
    assert_eq!(verify(&good), Ok(()));
    let with = |change: fn(&mut Adjustments)| {
        let mut file = good.clone();
        change(&mut file);
        verify(&file).unwrap_err()
    };
    assert_eq!(with(|f| f.adjustments[0].amount = -2), UnsignedError::DoesNotFit);
    assert_eq!(
        with(|f| f.corrects.reward_epoch.push('x')),
        UnsignedError::DoesNotFit
    );
    assert_eq!(with(|f| f.signature.clear()), UnsignedError::Missing);
    assert_eq!(with(|f| f.signature = "AAAA".into()), UnsignedError::DoesNotFit);
    let others = with(|f| f.operator = encode(&key(2).verifying_key().to_bytes()));
    assert_eq!(others, UnsignedError::DoesNotFit);
    let none = with(|f| f.operator = "me".into());
    assert!(none.to_string().contains("`me` is not 32 bytes"), "{none}");
    assert!(matches!(with(|f| f.adjustments.clear()), UnsignedError::Form(_)));
}

#[test]
fn a_key_and_a_signature_have_one_spelling() {
    let good = signed("2026-W20", vec![line("ada", -1, "why")], &key(1));
    let mut bare = good.clone();
    bare.signature = good.signature.trim_end_matches('=').into();
    assert_eq!(verify(&bare), Err(UnsignedError::Spelling { what: "signature" }));
    let mut bare = good.clone();
    bare.operator = good.operator.trim_end_matches('=').into();
    assert_eq!(verify(&bare), Err(UnsignedError::Spelling { what: "operator" }));
}

/// A device signs 32 bytes: those of an object's SHA-256. Nobody can have it sign an adjustment by an object.
#[test]
fn policy_r7_a_signature_over_a_digest_alone_signs_no_adjustment() {
    let mut file = signed("2026-W20", vec![line("ada", -1, "why")], &key(1));
    file.signature = encode(&key(1).sign(&file.digest().0).to_bytes());
    assert_eq!(verify(&file), Err(UnsignedError::DoesNotFit));
}

#[test]
fn policy_r7_the_ledger_is_sorted_and_sums_are_exact() {
    let one = signed(
        "2026-W20",
        vec![line("cem", 5, "a"), line("ada", -7, "b"), line("cem", -2, "c")],
        &key(1),
    );
    let other = signed("2026-W21", vec![line("cem", i64::MIN, "d")], &key(1));
    let rows = ledger(&[one.clone(), other.clone()]).unwrap();
    assert_eq!(rows[0].contributor, "ada");
    assert_eq!((rows[0].line, rows[0].file), (2, one.digest()));
    assert_eq!(
        files(&rows),
        [one.clone(), other.clone()].map(|f| (f.digest(), f)).into()
    );
    let fault = sums(
        &ledger(&[
            other.clone(),
            signed("2026-W22", vec![line("cem", -1, "e")], &key(1)),
        ])
        .unwrap(),
    );
    let fault = fault.unwrap_err().to_string();
    assert!(fault.contains("-9223372036854775809 for `cem`"), "{fault}");
    let sums = sums(&rows).unwrap();
    assert_eq!(
        sums,
        [("ada".to_owned(), -7), ("cem".to_owned(), i64::MIN + 3)].into()
    );
    assert!(ledger(&[one.clone(), one]).is_err());
}

proptest! {
    #[test]
    fn policy_r7_law_a_ledger_gives_its_files_again(
        drawn in prop::collection::vec(prop::collection::vec((0_usize..4, -50_i64..50), 1..8), 0..4),
        seed in 1_u8..5,
    ) {
        let file = |(number, lines): (usize, Vec<(usize, i64)>)| {
            let lines = (0..).zip(lines).map(|(at, (who, amount)): (usize, _)| {
                line(["ann", "ben", "cem", "dora"][who], if amount == 0 { 1 } else { amount }, &format!("line {at}"))
            });
            signed(&format!("epoch-{number}"), lines.collect(), &key(seed))
        };
        let made: Vec<Adjustments> = drawn.into_iter().enumerate().map(file).collect();
        let mut turned = made.clone();
        turned.reverse();
        let rows = ledger(&made).unwrap();
        prop_assert_eq!(&rows, &ledger(&turned).unwrap());
        let again = files(&rows);
        for (digest, file) in &again {
            prop_assert_eq!(*digest, file.digest());
            prop_assert_eq!(verify(file), Ok(()));
        }
        prop_assert_eq!(again.len(), made.len());
        let total: i64 = sums(&rows).unwrap().values().sum();
        let of_files = made.iter().flat_map(|f| &f.adjustments).map(|l| l.amount).sum::<i64>();
        prop_assert_eq!(total, of_files);
    }
}
