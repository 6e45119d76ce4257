use super::*;

fn line(contributor: &str, amount: i64, reason: &str) -> Line {
    Line {
        contributor: contributor.into(),
        amount,
        reason: reason.into(),
    }
}

fn file(lines: &[Line]) -> Adjustments {
    let corrects = Corrected {
        reward_epoch: "2026-W20".into(),
        results_digest: Digest::of(b"results"),
    };
    Adjustments::unsigned(corrects, lines.to_vec(), "key".into())
}

#[test]
fn policy_r7_what_is_signed_is_everything_but_the_signature() {
    let plain = file(&[line("ada", -120, "twice")]);
    let digest = plain.digest();
    let text = "{\"adjustments\":[{\"amount\":-120,\"contributor\":\"ada\",\"reason\":\"twice\"}],\"corrects\":\
                {\"results_digest\":\"DIGEST\",\"reward_epoch\":\"2026-W20\"},\"operator\":\"key\",\"version\":1}";
    let text = text.replace("DIGEST", &Digest::of(b"results").to_string());
    assert_eq!(digest, Digest::of(text.as_bytes()));
    let signed = Adjustments {
        signature: "signed".into(),
        ..plain.clone()
    };
    assert_eq!(signed.digest(), digest);
    assert_eq!(
        plain.signed_bytes(),
        [b"cairn adjustments 1\n".as_slice(), &digest.0].concat()
    );

    let mut changed = vec![plain.clone(); 6];
    changed[0].version = 2;
    changed[1].corrects.reward_epoch.push('x');
    changed[2].corrects.results_digest = Digest::of(b"others");
    changed[3].adjustments[0].amount = 120;
    changed[4].adjustments[0].reason.push('x');
    changed[5].operator.push('x');
    assert!(changed.iter().all(|file| file.digest() != digest));
}

#[test]
fn reading_it_back_gives_the_same_and_what_is_not_known_is_refused() {
    let plain = file(&[line("ada", i64::MIN, "a"), line("bob", i64::MAX, "b")]);
    let text = serde_json::to_string_pretty(&plain).unwrap();
    assert_eq!(serde_json::from_str::<Adjustments>(&text).unwrap(), plain);
    for (from, to) in [
        ("\"version\"", "\"note\": 1, \"version\""),
        ("\"amount\"", "\"amount\": 3, \"amount\""),
        ("-9223372036854775808", "-9223372036854775809"),
        ("-9223372036854775808", "1.5"),
    ] {
        let text = text.replacen(from, to, 1);
        assert!(serde_json::from_str::<Adjustments>(&text).is_err(), "{text}");
    }
}

#[test]
fn policy_r7_each_line_has_someone_something_and_a_reason() {
    let said = |lines: &[Line]| file(lines).check().unwrap_err().to_string();
    let fine = line("ada", -1, "why");
    assert_eq!(file(std::slice::from_ref(&fine)).check(), Ok(()));
    assert_eq!(file(&[fine.clone(), line("ada", -1, "why else")]).check(), Ok(()));
    let long = "x".repeat(MOST_REASON_BYTES + 1);
    for (bad, parts) in [
        (line("a b", 1, "why"), ["adjustment 2", "`a b` is no id"]),
        (line("a\nb", 1, "why"), ["adjustment 2", "`a\\nb` is no id"]),
        (line("ada", 0, "why"), ["adjustment 2", "`ada` is 0"]),
        (line("ada", 1, " "), ["adjustment 2", "is empty"]),
        (line("ada", 1, "why "), ["adjustment 2", "ends with a space"]),
        (line("ada", 1, "why\nnot"), ["adjustment 2", "line's end"]),
        (line("ada", 1, "why\u{2028}not"), ["adjustment 2", "line's end"]),
        (line("ada", 1, &long), ["adjustment 2", "has 501 bytes"]),
        (fine.clone(), ["adjustment 2 says the same", "-1 for `ada`: why"]),
    ] {
        let said = said(&[fine.clone(), bad]);
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    assert!(said(&[]).contains("has 0 adjustments"));
    let mut newer = file(&[fine]);
    newer.version = 2;
    assert_eq!(
        newer.check().unwrap_err().to_string(),
        "it has version 2; this build reads version 1"
    );
}
