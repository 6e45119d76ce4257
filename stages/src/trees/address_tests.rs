use super::*;

/// The test cases of the standard.
const CHECKSUMMED: [&str; 8] = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];

#[test]
fn checksums_are_those_of_the_standard() {
    for text in CHECKSUMMED {
        let address = Address::of_payout(text).unwrap().unwrap();
        assert_eq!(address.to_string(), text);
        let digits = &text[2..];
        for plain in [
            format!("0x{}", digits.to_lowercase()),
            format!("0X{}", digits.to_uppercase()),
        ] {
            assert_eq!(Address::of_payout(&plain), Ok(Some(address)), "{plain}");
        }
    }
}

#[test]
fn one_letter_in_the_other_case_is_found() {
    for text in &CHECKSUMMED[4..] {
        for at in 2..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            if !bytes[at].is_ascii_alphabetic() {
                continue;
            }
            bytes[at] ^= 0x20;
            let error = Address::of_payout(std::str::from_utf8(&bytes).unwrap()).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

#[test]
fn what_is_no_address_is_said() {
    for text in [
        "0x",
        "0x1",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
        "0xg2908400098527886E0F7030069857D2E4169EE7",
        "0x+2908400098527886E0F7030069857D2E4169EE7",
        "0x529084000985278é6E0F7030069857D2E4169E7",
    ] {
        assert!(
            matches!(Address::of_payout(text), Err(AddressError::Form { .. })),
            "{text}"
        );
    }
    assert_eq!(Address::of_payout(""), Ok(None));
    assert_eq!(
        Address::of_payout("GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7"),
        Ok(None)
    );
}
