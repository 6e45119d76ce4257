use cairn_datasets::units::Ppm;

use super::*;

fn pass(quality: u32, gain: u32, demand: u64) -> Pass {
    let digest = cairn_datasets::digest::Digest::of(b"pass");
    let cell = "861f05b07ffffff".parse().unwrap();
    let began = cairn_datasets::units::Timestamp(0);
    Pass {
        fixes: 2,
        accuracy_mm: 3_000,
        has_track: true,
        position_ppm: Ppm::ONE,
        confirmation_ppm: Ppm::ONE,
        confirmed_by: "other-passes".to_owned(),
        quality_ppm: Ppm::new(quality),
        slot: Some(0),
        gain_ppm: Ppm::new(gain),
        demand_ppm: demand,
        region_ppm: 1_000_000,
        ..Pass::unjudged(digest, "ada", digest, cell, "a.gpx", began)
    }
}

#[test]
fn policy_r7_a_claim_says_what_it_is_made_of() {
    let digest = cairn_datasets::digest::Digest::of(b"file");
    let adjustment = |amount: i64, reason: &str| Adjustment {
        contributor: "ada".into(),
        file: digest,
        line: 1,
        corrects_epoch: "2026-W20".into(),
        corrects_digest: digest,
        amount,
        reason: reason.into(),
        operator: String::new(),
        signature: String::new(),
    };
    let said = |carried: i64, adjustments: &[Adjustment]| {
        let adjustment = adjustments.iter().map(|row| row.amount).sum();
        let (claim, debt) = cairn_stages::reward::debts::settle("ada", 1_500, carried, adjustment).unwrap();
        let reward = Reward {
            contributor: "ada".into(),
            credit: 1,
            weight_ppm: Ppm::ONE,
            reward: 1_500,
            carried,
            adjustment,
            claim,
            debt,
            payout_address: None,
        };
        let mut text = String::new();
        super::claim(&mut text, &reward, adjustments);
        text
    };
    assert_eq!(said(0, &[]), "");
    assert_eq!(
        said(-40, &[adjustment(-2_000, "copied"), adjustment(60, "missed")]),
        "        +1,500  reward of this epoch\n           \
         -40  owed from earlier epochs\n        \
         -2,000  correction of 2026-W20: copied\n           \
         +60  correction of 2026-W20: missed\n\
         So the claim is 0 units; 480 are left owing, and carry over to the next epoch (R7).\n"
    );
    assert!(said(-40, &[]).ends_with("So the claim is 1,460 units, and nothing is left owing (R7).\n"));
}

#[test]
fn policy_r3_a_gain_that_nobody_asked_for_is_not_laid_to_the_standing() {
    let said = |passes: &[Pass]| {
        let mut text = String::new();
        why_nothing(&mut text, passes);
        text
    };
    let undemanded = said(&[pass(500_000, 500_000, 0)]);
    assert!(
        undemanded.contains("1  what they add") && undemanded.contains("(R3)"),
        "{undemanded}"
    );
    assert!(!undemanded.contains("(R2)"), "{undemanded}");
    let stood = said(&[pass(500_000, 0, 1_000_000)]);
    assert!(stood.contains("(R2)") && !stood.contains("(R3)"), "{stood}");
}
