use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::{Reason, Verdict};
use proptest::prelude::*;

use super::*;

fn object(path: &str) -> Object {
    Object {
        path: path.to_owned(),
        contributor: "ann".to_owned(),
        session: "drive".to_owned(),
        device: None,
        uploaded_at: None,
        bytes: 12,
        sha256: Some(Digest::of(path.as_bytes())),
        signature: String::new(),
        kind: "image".to_owned(),
        format: "JPEG".to_owned(),
        verdict: Verdict::Rejected,
        reason: Reason::NoTime,
        detail: "no \"time\"\n".to_owned(),
        measured: Some(-3),
        threshold: None,
        duplicate_of: None,
        duplicate_epoch: None,
        images: 1,
        fixes: 0,
        kept_fixes: 0,
        private_images: 0,
        private_fixes: 0,
        captured_at: None,
    }
}

pub(in crate::trees) fn objects(count: usize) -> Vec<Object> {
    (0..count).map(|n| object(&format!("ann/{n}.jpg"))).collect()
}

fn root_of(objects: &[Object]) -> String {
    Dispositions::of(objects).root().to_string()
}

/// As it comes out of a file.
fn through_a_file(proof: &Proof) -> Proof {
    serde_json::from_str(&serde_json::to_string_pretty(proof).unwrap()).unwrap()
}

#[test]
fn a_verdict_is_proved_from_the_proof_and_the_root_alone() {
    for count in [1, 2, 7, 33] {
        let objects = objects(count);
        let root = root_of(&objects);
        for object in &objects {
            let proof = through_a_file(&Proof::of_object("2026-W20", &objects, &object.path));
            let proved = proof.verify(&root).unwrap();
            assert_eq!(proved, Proved::Disposition(Box::new(Disposition::of(object))));
            assert!(proved.to_string().ends_with("rejected by I3-no-time"), "{proved}");
            let others = root_of(&objects[1..]);
            assert!(matches!(proof.verify(&others), Err(VerifyError::Root { .. })));
        }
    }
}

#[test]
fn absence_is_proved_by_neighbours_and_by_no_others() {
    for count in [0, 1, 2, 7, 33] {
        let all = objects(count + 1);
        let (gone, objects) = all.split_last().unwrap();
        let root = root_of(objects);
        let proof = through_a_file(&Proof::of_object("2026-W20", objects, &gone.path));
        assert_eq!(proof.verify(&root), Ok(Proved::Absence(gone.path.clone())));
        // The same neighbours say nothing of the tree that has it.
        assert!(proof.verify(&root_of(&all)).is_err());
    }
}

#[test]
fn leaves_that_leave_room_between_them_prove_nothing() {
    let objects = objects(9);
    let (tree, root) = (Dispositions::of(&objects), root_of(&objects));
    let mut placed: Vec<Placed> = objects
        .iter()
        .filter_map(|object| match tree.find(&object.path) {
            Found::Here(placed) => Some(placed),
            Found::Between(..) => None,
        })
        .collect();
    placed.sort_by_key(|placed| placed.index);
    let of = |object: &str, before: Option<usize>, after: Option<usize>| {
        Proof::new(
            "2026-W20",
            Proves::Absence {
                root: tree.root(),
                leaves: 9,
                object: object.to_owned(),
                before: before.map(|at| placed[at].clone()),
                after: after.map(|at| placed[at].clone()),
            },
        )
    };
    // Whatever is shown of the tree, an object that is there is not proved away.
    for object in &objects {
        for before in std::iter::once(None).chain((0..9).map(Some)) {
            for after in std::iter::once(None).chain((0..9).map(Some)) {
                let proof = of(&object.path, before, after);
                assert!(proof.verify(&root).is_err(), "{before:?} {after:?}");
            }
        }
    }
}

fn reward(contributor: &str, claim: u64, payout_address: Option<&str>) -> Reward {
    Reward {
        contributor: contributor.to_owned(),
        credit: claim,
        weight_ppm: Ppm::ZERO,
        reward: claim,
        carried: 0,
        adjustment: 0,
        claim,
        debt: 0,
        payout_address: payout_address.map(str::to_owned),
    }
}

#[test]
fn policy_r7_a_claim_is_proved_or_it_is_said_why_not() {
    let home = "0x52908400098527886E0F7030069857D2E4169EE7";
    let other = "0xde709f2102306220921060314715629080e2fb77";
    let rewards = [
        reward("ann", 10, Some(home)),
        reward("ben", 20, None),
        reward("cem", 0, Some(other)),
        reward("dan", 3, Some(other)),
    ];
    let root = Claims::of(&claims::sorted(&rewards).unwrap().0)
        .unwrap()
        .root()
        .to_string();
    let proof = through_a_file(&Proof::of_claim("2026-W20", &rewards, "ann").unwrap());
    assert_eq!(proof.root(), root);
    assert_eq!(
        proof.verify(&root).unwrap().to_string(),
        format!("{home} may claim 10")
    );
    let Proves::Claim {
        address,
        path,
        root: told,
        ..
    } = proof.proves.clone()
    else {
        panic!("no claim");
    };
    let dearer = Proof::new(
        "2026-W20",
        Proves::Claim {
            root: told,
            address,
            amount: "11".to_owned(),
            path,
        },
    );
    assert!(matches!(dearer.verify(&root), Err(VerifyError::Root { .. })));
    for (who, says) in [
        ("ben", "unclaimed.json"),
        ("cem", "nothing to claim"),
        ("eve", "no contributor"),
    ] {
        let error = Proof::of_claim("2026-W20", &rewards, who).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

proptest! {
    /// Whatever text stands in for a root, an answer comes and not a panic.
    #[test]
    fn any_root_is_answered(root in "\\PC{0,80}", count in 0_usize..5) {
        let objects = objects(count);
        prop_assert!(Proof::of_object("2026-W20", &objects, "ann/0.jpg").verify(&root).is_err());
    }
}
