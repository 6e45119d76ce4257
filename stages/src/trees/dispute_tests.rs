use super::super::dispositions::Dispositions;
use super::super::proof::tests::objects;
use super::*;

fn dispute() -> (Dispute, String) {
    let objects = objects(9);
    let object = objects[4].path.clone();
    let dispute = Dispute {
        version: DISPUTE_VERSION,
        results_digest: Digest::of(b"results"),
        contributor: "ann".to_owned(),
        proof: Proof::of_object("2026-W20", &objects, &object),
        object,
        reason: "the camera writes the time elsewhere".to_owned(),
        evidence: vec![Evidence {
            name: "manual.pdf".to_owned(),
            bytes: 3,
            sha256: Digest::of(b"pdf"),
        }],
    };
    (dispute, Dispositions::of(&objects).root().to_string())
}

#[test]
fn a_dispute_is_of_a_verdict_that_is_proved() {
    let (dispute, root) = dispute();
    let verdict = dispute.check(&root).unwrap().unwrap();
    assert_eq!(
        (verdict.path.as_str(), verdict.reason.as_str()),
        ("ann/4.jpg", "I3-no-time")
    );
    assert!(matches!(
        dispute.check(&"0".repeat(64)),
        Err(DisputeError::Proof(_))
    ));
}

#[test]
fn what_a_dispute_has_to_be_is_said() {
    let (good, root) = dispute();
    let changed = |change: fn(&mut Dispute)| {
        let mut dispute = good.clone();
        change(&mut dispute);
        assert_ne!(dispute.digest(), good.digest(), "its name covers all of it");
        dispute.check(&root).unwrap_err().to_string()
    };
    assert!(changed(|d| d.version = 2).contains("version 2"));
    assert!(changed(|d| d.contributor = "a b".to_owned()).contains("`a b`"));
    assert!(changed(|d| d.contributor = "ben".to_owned()).contains("was sent by `ann`"));
    assert!(changed(|d| d.reason = " ".to_owned()).contains("0 bytes"));
    assert!(changed(|d| d.object = "ann/5.jpg".to_owned()).contains("`ann/4.jpg`"));
    let mut other = good.clone();
    other.evidence.clear();
    assert_ne!(other.digest(), good.digest());
}

#[test]
fn that_an_object_is_not_there_can_be_disputed() {
    let (mut dispute, root) = dispute();
    dispute.object = "ann/lost.jpg".to_owned();
    dispute.proof = Proof::of_object("2026-W20", &objects(9), "ann/lost.jpg");
    assert_eq!(dispute.check(&root), Ok(None));
}
