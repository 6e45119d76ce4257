use super::*;

fn record(path: &str, kind: &str, contributor: &str, attack: &str, label: &str) -> TrueRecord {
    TrueRecord {
        path: path.into(),
        kind: kind.into(),
        ordinal: 0,
        contributor: contributor.into(),
        session: "s".into(),
        device: String::new(),
        attack: attack.into(),
        label: label.into(),
        of_path: None,
        of_ordinal: None,
        true_lat_e7: None,
        true_lon_e7: None,
        true_at: None,
        detail: String::new(),
        noise_mm: None,
        kept_ppm: None,
        shift_ms: None,
    }
}

fn found() -> Evaluation {
    Evaluation {
        attacks: BTreeMap::new(),
        clauses: BTreeMap::new(),
        confusion: BTreeMap::new(),
        honest: Honest::default(),
        money: Money::default(),
    }
}

#[test]
fn a_copy_is_caught_by_any_verdict_and_counted_right_by_its_clause_alone() {
    let mut found = found();
    let copy = record("eve/1.jpg", "image", "eve", "re-encode", "copy");
    picture(&mut found, &copy, Reason::NearDuplicate);
    picture(&mut found, &copy, Reason::Blurred);
    picture(&mut found, &copy, Reason::None);
    let attacked = &found.attacks["re-encode"];
    assert_eq!(attacked.pictures, Share { hits: 2, of: 3 });
    assert_eq!(attacked.pictures_by_clause, Share { hits: 1, of: 3 });
    assert_eq!(found.clauses["D4"].precision, Share { hits: 1, of: 1 });
    assert_eq!(found.clauses["D4"].recall, Share { hits: 1, of: 3 });
    assert_eq!(found.clauses["I6"].precision, Share { hits: 0, of: 1 });
}

#[test]
fn an_honest_picture_that_is_lost_counts_against_the_clause() {
    let mut found = found();
    let honest = record("ada/1.jpg", "image", "ada", "", "honest");
    picture(&mut found, &honest, Reason::None);
    picture(&mut found, &honest, Reason::Reused);
    assert_eq!(found.honest.lost, Share { hits: 1, of: 2 });
    assert_eq!(found.honest.reasons["D5-reused"], 1);
    assert_eq!(found.clauses["D5"].precision, Share { hits: 0, of: 1 });
    assert_eq!(found.confusion["honest"]["kept"], 1);
    // Standing still is honest, and one picture of it is enough.
    picture(
        &mut found,
        &record("ada/2.jpg", "image", "ada", "", "standing"),
        Reason::SamePlace,
    );
    assert_eq!(found.honest.lost, Share { hits: 1, of: 2 });
    assert_eq!(found.clauses["D3"].precision, Share { hits: 1, of: 1 });
}

#[test]
fn f1_is_the_harmonic_mean() {
    let clause = Clause {
        precision: Share { hits: 1, of: 2 },
        recall: Share { hits: 1, of: 1 },
    };
    assert_eq!(clause.f1_ppm(), Some(666_666));
    assert_eq!(Clause::default().f1_ppm(), None);
}

#[test]
fn attackers_earn_a_share_of_what_their_effort_is_worth() {
    let truth = [
        record("ada/1.jpg", "image", "ada", "", "honest"),
        record("ada/2.jpg", "image", "ada", "", "honest"),
        record("eve/1.jpg", "image", "eve", "crop", "copy"),
        record("sue/1.jpg", "image", "sue", "sybil", "part"),
    ];
    let reward = |contributor: &str, credit| Reward {
        contributor: contributor.into(),
        credit,
        weight_ppm: cairn_datasets::units::Ppm::ZERO,
        reward: 0,
        carried: 0,
        adjustment: 0,
        claim: 0,
        debt: 0,
        payout_address: None,
    };
    let tables = Tables {
        objects: Vec::new(),
        images: Vec::new(),
        passes: Vec::new(),
        rewards: vec![reward("ada", 1_000), reward("eve", 5), reward("sue", 400)],
    };
    let before = [reward("ada", 1_010), reward("stranger", 7)];
    let money = money(&truth, &tables, Some(&before));
    assert_eq!(money.attacks["crop"].honestly, 500);
    assert_eq!(money.attacks["crop"].share_ppm, Some(10_000));
    assert!(money.attacks["sybil"].real_work);
    assert_eq!(money.attackers_share_ppm, Some(10_000));
    assert_eq!(money.honest_without_attackers, Some(1_010));
    assert_eq!((money.honest_lost, money.honest_lost_ppm), (0, Some(0)));
}

#[test]
fn an_evaluation_is_said_in_tables() {
    let mut found = found();
    let copy = record("eve/1.jpg", "image", "eve", "re-encode", "copy");
    picture(&mut found, &copy, Reason::NearDuplicate);
    let said = text(&found);
    assert!(said.contains("re-encode  100.0 % (1 of 1)"), "{said}");
    assert!(markdown(&found).contains("| D4 | 100.0 % (1 of 1) | 100.0 % (1 of 1) | 100.0 % |"));
}
