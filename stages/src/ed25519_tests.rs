use proptest::prelude::*;

use super::*;

/// RFC 8032, section 7.1, test 1.
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[test]
fn rfc_8032_test_2_is_verified() {
    let key = decode::<32>("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").unwrap();
    let text = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    let signature = decode(text).unwrap();
    assert!(is_signed(&key, &[0x72], &signature));
    assert!(!is_signed(&key, &[0x73], &signature));
}

#[test]
fn a_public_key_is_a_point_of_the_curve_that_is_not_weak() {
    let key = decode::<32>(PUBLIC);
    assert_eq!(public_key(PUBLIC).ok(), key);
    assert_eq!(
        public_key("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").ok(),
        key
    );
    assert_eq!(
        public_key("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").ok(),
        key
    );
    for text in [
        "",
        "x",
        &PUBLIC[..62],
        &format!("{PUBLIC}00"),
        &PUBLIC.replace('d', "g"),
    ] {
        assert_eq!(public_key(text), Err(KeyError::Form), "{text}");
    }
    // y = 2 is the ordinate of no point.
    assert_eq!(
        public_key(&format!("02{}", "0".repeat(62))),
        Err(KeyError::NotOnCurve)
    );
    // The neutral element, the point of order 2, and y = 0, of order 4.
    let weak = [
        format!("01{}", "0".repeat(62)),
        format!("ec{}7f", "f".repeat(60)),
        "0".repeat(64),
    ];
    for text in weak {
        assert_eq!(public_key(&text), Err(KeyError::Weak), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,140}|[0-9a-f]{64}|[0-9a-f]{128}|[A-Za-z0-9+/]{86}==") {
        if let Ok(key) = public_key(&text) {
            prop_assert_eq!(public_key(&encode(&key)), Ok(key));
        }
    }
}
