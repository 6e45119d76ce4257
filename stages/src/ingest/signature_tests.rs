use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::*;
use crate::ed25519::encode;

/// RFC 8032, section 7.1, test 1.
const SECRET: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
/// Over SHA-256("abc") by that key; made by OpenSSL by way of Python's `cryptography`.
const OVER_ABC: &str = "096f5569d807ee8ac7b1913da70cf0aab335c258f4b94c8f210dd141e9743927\
                        c8d1a6b378872a72c9446c1f75e6dc7b2def98bd0c214be6706d48791f57680a";
const OVER_ABC_BASE64: &str =
    "CW9VadgH7orHsZE9pwzwqrM1wlj0uUyPIQ3RQel0OSfI0aazeIcqcslEbB915tx7Le+YvQwhS+ZwbUh5H1doCg==";

fn upload(signature: Option<&str>) -> Upload {
    Upload {
        contributor: "ada".into(),
        session: String::new(),
        device: Some("cam".into()),
        signature: signature.map(str::to_owned),
        device_key: decode::<KEY_BYTES>(PUBLIC).map(Vec::from),
        device_contributor: Some("ada".into()),
        has_registered_key: true,
        ..Upload::listed("ada/a.jpg", 3, "1")
    }
}

fn of(upload: &Upload) -> Signature {
    Signature::of(upload, &Digest::of(b"abc"))
}

#[test]
fn policy_o5_a_signature_made_by_another_program_is_valid_in_every_form() {
    let url_safe = OVER_ABC_BASE64.replace('+', "-").replace('/', "_");
    let forms = [
        OVER_ABC.to_owned(),
        OVER_ABC.to_uppercase(),
        OVER_ABC_BASE64.to_owned(),
        OVER_ABC_BASE64.trim_end_matches('=').to_owned(),
        url_safe.clone(),
        url_safe.trim_end_matches('=').to_owned(),
    ];
    for form in forms {
        assert_eq!(of(&upload(Some(&form))), Signature::Valid, "{form}");
    }
    let signer = SigningKey::from_bytes(&decode(SECRET).unwrap());
    let ours = signer.sign(&Digest::of(b"abc").0).to_bytes();
    assert_eq!(Some(ours), decode(OVER_ABC));
}

#[test]
fn policy_o5_says_why_a_signature_is_none() {
    let good = upload(Some(OVER_ABC));
    let mut none = good.clone();
    none.device = None;
    none.device_key = None;
    none.device_contributor = None;
    let mut unknown = none.clone();
    unknown.device = Some("other".into());
    let mut others = good.clone();
    others.device_contributor = Some("eve".into());
    let mut cut = good.clone();
    cut.signature = Some(OVER_ABC[..126].into());
    let mut wrong = good.clone();
    wrong.signature = Some(OVER_ABC.replacen('0', "1", 1));
    for (upload, why) in [
        (none, Invalid::NoDevice),
        (unknown, Invalid::UnknownDevice),
        (others, Invalid::OtherContributor),
        (cut, Invalid::Malformed),
        (wrong, Invalid::DoesNotFit),
    ] {
        assert_eq!(of(&upload), Signature::Invalid(why));
    }
    let other_bytes = Signature::of(&good, &Digest::of(b"abd"));
    assert_eq!(other_bytes, Signature::Invalid(Invalid::DoesNotFit));
}

#[test]
fn policy_e11_a_signature_is_owed_where_a_key_is_registered() {
    let mut bare = upload(None);
    assert_eq!(of(&bare), Signature::Missing);
    assert_eq!(Signature::of_unread(&bare), Signature::Missing);
    // The contributor has registered another device.
    bare.device = None;
    bare.device_key = None;
    bare.device_contributor = None;
    assert_eq!(of(&bare), Signature::Missing);
    // Nobody has registered anything.
    bare.has_registered_key = false;
    assert_eq!(of(&bare), Signature::None);
    // Somebody names another's device and does not sign.
    let mut borrowed = upload(None);
    borrowed.has_registered_key = false;
    borrowed.device_contributor = Some("eve".into());
    assert_eq!(of(&borrowed), Signature::Missing);
    // Of what was not read nothing can be said.
    assert_eq!(Signature::of_unread(&upload(Some(OVER_ABC))), Signature::None);
}

/// With a key of small order, all-zero signatures fit many messages in lax verification.
#[test]
fn policy_o5_a_weak_key_that_was_let_in_still_verifies_nothing() {
    let mut weak = upload(Some(&format!("01{}", "0".repeat(126))));
    weak.device_key = decode::<KEY_BYTES>(&format!("01{}", "0".repeat(62))).map(Vec::from);
    assert_eq!(of(&weak), Signature::Invalid(Invalid::DoesNotFit));
    weak.device_key = Some(vec![1, 2, 3]);
    assert_eq!(of(&weak), Signature::Invalid(Invalid::UnknownDevice));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,140}|[0-9a-f]{64}|[0-9a-f]{128}|[A-Za-z0-9+/]{86}==") {
        prop_assert_ne!(of(&upload(Some(&text))), Signature::Valid);
    }

    #[test]
    fn one_flipped_bit_anywhere_makes_it_invalid(byte in 0_usize..64, bit in 0_u32..8) {
        let mut bytes = decode::<64>(OVER_ABC).unwrap();
        bytes[byte] ^= 1 << bit;
        let text = encode(&bytes);
        prop_assert_eq!(of(&upload(Some(&text))), Signature::Invalid(Invalid::DoesNotFit));
    }

    #[test]
    fn what_any_key_signs_is_valid(secret in any::<[u8; 32]>(), object in any::<Vec<u8>>()) {
        let signer = SigningKey::from_bytes(&secret);
        let digest = Digest::of(&object);
        let mut signed = upload(Some(&encode(&signer.sign(&digest.0).to_bytes())));
        signed.device_key = Some(signer.verifying_key().to_bytes().into());
        prop_assert_eq!(Signature::of(&signed, &digest), Signature::Valid);
    }
}
