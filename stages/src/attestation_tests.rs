use base64::prelude::{BASE64_STANDARD, Engine};
use cairn_datasets::cid::Codec;
use ed25519_dalek::{Signer, SigningKey};

use super::*;

/// A manifest with all that a statement says of one.
fn manifest() -> Manifest {
    let digest = |text: &str| Digest::of(text.as_bytes());
    serde_json::from_value(json!({
        "version": 1,
        "reward_epoch": "2026-W20",
        "results_digest": digest("results"),
        "inputs": {
            "objects": 3, "bytes": 4_000, "root": digest("inputs"), "epoch": "2026-W20", "as_of": "2026-05-18T00:00:00Z",
            "previous": [], "demand": null, "region": null, "contributors": null, "devices": null, "zones": null
        },
        "policy": { "digest": digest("policy"), "resolved": {} },
        "build": {
            "version": "0.1.0", "kernels": ["ingest/1"], "commit": "0123-dirty", "lock": digest("lock"),
            "target": "x86_64-unknown-linux-gnu"
        },
        "tables": {},
        "verdicts": {},
        "pool": 1_000_000,
        "unallocated": 0,
        "trees": { "claims": null, "dispositions": { "root": digest("objects"), "leaves": 3 } },
        "views": {}
    }))
    .unwrap()
}

fn car() -> Cid {
    Cid::of(Codec::DagPb, b"a folder")
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> Key {
    key(seed).verifying_key().to_bytes()
}

fn sign(envelope: &mut Envelope, seed: u8) {
    let signature = key(seed).sign(&envelope.signed_bytes().unwrap());
    envelope.add(&public(seed), &signature.to_bytes());
}

const BYTES: &[u8] = b"{ a manifest }";

fn envelope(seeds: &[u8]) -> Envelope {
    let mut envelope = Envelope::over(&statement(BYTES, &manifest(), Some(car())));
    for seed in seeds {
        sign(&mut envelope, *seed);
    }
    envelope
}

/// An envelope around any text, signed as it should be.
fn around(payload: &str) -> Vec<u8> {
    let mut envelope = envelope(&[]);
    envelope.payload = encode(payload.as_bytes());
    sign(&mut envelope, 1);
    envelope.bytes()
}

fn refused(bytes: &[u8]) -> AttestationError {
    check(bytes, BYTES, &manifest(), &[]).unwrap_err()
}

#[test]
fn what_is_signed_is_what_dsse_says() {
    let mut envelope = envelope(&[]);
    envelope.payload = encode(b"hello world");
    assert_eq!(
        envelope.signed_bytes().unwrap(),
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    );
}

#[test]
fn keys_that_signed_are_told_and_which_of_them_are_trusted() {
    let signers = check(
        &envelope(&[1, 2]).bytes(),
        BYTES,
        &manifest(),
        &[public(2), public(3)],
    )
    .unwrap();
    assert_eq!(signers.keys, [public(1), public(2)].into());
    assert_eq!(signers.trusted, [public(2)].into());
    assert_eq!(signers.car, Some(car()));
}

#[test]
fn the_same_signers_make_the_same_file_in_any_order_and_any_number() {
    let file = envelope(&[1, 2, 3]).bytes();
    for seeds in [&[3, 2, 1][..], &[2, 3, 1, 2, 2], &[1, 2, 3, 3]] {
        assert_eq!(envelope(seeds).bytes(), file, "{seeds:?}");
    }
    assert_eq!(Envelope::read(&file).unwrap().bytes(), file);
    assert!(file.ends_with(b"}\n"));
}

#[test]
fn other_white_space_and_another_alphabet_of_the_envelope_mean_nothing() {
    let envelope = envelope(&[1]);
    let mut other: Value = serde_json::from_slice(&envelope.bytes()).unwrap();
    for text in ["payload", "sig", "keyid"] {
        let at = match text {
            "payload" => &mut other["payload"],
            _ => &mut other["signatures"][0][text],
        };
        *at = at.as_str().unwrap().replace('+', "-").replace('/', "_").into();
    }
    let signers = check(other.to_string().as_bytes(), BYTES, &manifest(), &[]).unwrap();
    assert_eq!(signers.keys, [public(1)].into());
}

#[test]
fn another_manifest_is_refused_with_what_differs() {
    let bytes = envelope(&[1]).bytes();
    let mut others = vec![(BYTES.to_vec(), manifest(), "")];
    others.push((b"{ another }".to_vec(), manifest(), "subject[0].digest.sha256"));
    let mut change = |field: &'static str, change: &dyn Fn(&mut Manifest)| {
        let mut other = manifest();
        change(&mut other);
        others.push((BYTES.to_vec(), other, field));
    };
    change("predicate.reward_epoch", &|m| {
        m.reward_epoch = "2026-W21".to_owned();
    });
    change("predicate.results_digest", &|m| {
        m.results_digest = Digest::of(b"");
    });
    change("predicate.trees.dispositions.leaves", &|m| {
        m.trees.dispositions.leaves = 4;
    });
    change("predicate.trees.dispositions.root", &|m| {
        m.trees.dispositions.root = Digest::of(b"");
    });
    change("predicate.build.commit", &|m| m.build.commit = None);
    change("predicate.build.kernels", &|m| m.build.kernels.clear());
    for (manifest_bytes, manifest, wanted) in &others {
        match check(&bytes, manifest_bytes, manifest, &[]) {
            Ok(_) => assert_eq!(*wanted, ""),
            Err(AttestationError::Other { field, .. }) => assert_eq!(field, *wanted),
            Err(error) => panic!("{wanted}: {error}"),
        }
    }
    let said = refused(&around("{}")).to_string();
    assert!(said.contains("_type is not there"), "{said}");
    let said = refused(&around("[]")).to_string();
    assert!(said.contains("is [], and"), "{said}");
}

#[test]
fn a_payload_is_canonical_or_refused() {
    let right = canonical_json(&statement(BYTES, &manifest(), Some(car())));
    assert!(check(&around(&right), BYTES, &manifest(), &[]).is_ok());
    let twice = right.replacen('{', "{\"_type\":\"x\",", 1);
    for wrong in [right.replacen(',', ", ", 1), format!("{right}\n"), twice] {
        assert_eq!(
            refused(&around(&wrong)),
            AttestationError::NotCanonical,
            "{wrong}"
        );
    }
    let more = right.replacen("\"predicate\":{", "\"predicate\":{\"also\":1,", 1);
    let said = refused(&around(&more)).to_string();
    assert!(said.contains("predicate.also is 1, and not there is"), "{said}");
    // An archive that is not known is said to be none; one that is no archive is refused.
    let unknown = canonical_json(&statement(BYTES, &manifest(), None));
    assert_eq!(
        check(&around(&unknown), BYTES, &manifest(), &[]).unwrap().car,
        None
    );
    let without = unknown.replace("\"car\":null,", "");
    let said = refused(&around(&without)).to_string();
    assert!(said.contains("predicate.car is not there"), "{said}");
    let no_cid = right.replace(&car().to_string(), "bafy");
    let said = refused(&around(&no_cid)).to_string();
    assert!(said.contains("predicate.car: `bafy` is no CID"), "{said}");
}

#[test]
fn a_signature_by_another_key_or_over_other_bytes_names_its_key() {
    let mut bytes = Vec::new();
    for change in 0..3 {
        let mut envelope = envelope(&[1, 2]);
        match change {
            // Of another key.
            0 => envelope.signatures[0].sig = envelope.signatures[1].sig.clone(),
            // Over the payload alone.
            1 => {
                let payload = BASE64_STANDARD.decode(&envelope.payload).unwrap();
                let signer = [1, 2]
                    .map(key)
                    .into_iter()
                    .find(|key| encode(&key.verifying_key().to_bytes()) == envelope.signatures[0].keyid);
                envelope.signatures[0].sig = encode(&signer.unwrap().sign(&payload).to_bytes());
            }
            _ => envelope.signatures[0].sig = "AAAA".to_owned(),
        }
        let keyid = envelope.signatures[0].keyid.clone();
        assert_eq!(refused(&envelope.bytes()), AttestationError::Signature { keyid });
        bytes.push(envelope.bytes());
    }
    let mut envelope = envelope(&[1]);
    envelope.signatures[0].keyid = encode(&[0; 32]);
    assert!(matches!(
        refused(&envelope.bytes()),
        AttestationError::Key {
            source: KeyError::Weak,
            ..
        }
    ));
}

#[test]
fn what_is_no_envelope_is_refused() {
    assert_eq!(refused(&envelope(&[]).bytes()), AttestationError::NoSignature);
    let large = vec![b' '; usize::try_from(MOST_BYTES).unwrap() + 1];
    assert_eq!(
        refused(&large),
        AttestationError::TooLarge {
            bytes: MOST_BYTES + 1
        }
    );
    let value: Value = serde_json::from_slice(&envelope(&[1]).bytes()).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut other = value.clone();
        change(&mut other);
        refused(other.to_string().as_bytes()).to_string()
    };
    for (said, wanted) in [
        (refused(b"").to_string(), "no DSSE envelope: EOF"),
        (refused(b"\xff").to_string(), "no DSSE envelope"),
        (
            changed(&|v| v["payloadType"] = "text/plain".into()),
            "`text/plain`, and application/vnd.in-toto+json is wanted",
        ),
        (changed(&|v| v["payload"] = "&".into()), "it is no base64"),
        (changed(&|v| v["payload"] = "".into()), "no statement: EOF"),
        (changed(&|v| v["also"] = 1.into()), "unknown field `also`"),
        (
            changed(&|v| v["signatures"][0]["cert"] = "".into()),
            "unknown field `cert`",
        ),
        (
            changed(&|v| v["signatures"][0]["keyid"] = "me".into()),
            "the key id `me` is not 32 bytes",
        ),
        (
            refused(format!("{{\"payload\":\"\",{}", &value.to_string()[1..]).as_bytes()).to_string(),
            "duplicate field `payload`",
        ),
    ] {
        assert!(said.contains(wanted), "{said}");
    }
}
