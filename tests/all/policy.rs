//! The policy can be shown, checked and documented, and what is shown can be run by.

use std::path::Path;

use cairn_datasets::digest::{Digest, canonical_json};

use crate::fixtures::{SMALL, cairn, scratch};

#[test]
fn what_show_prints_is_a_policy_with_the_same_digest() {
    let scratch = scratch();
    let shown = cairn().succeed(&["policy", "show"]);
    let file = scratch
        .write("policy.toml", &shown)
        .to_string_lossy()
        .into_owned();
    let said = cairn().succeed(&["policy", "check", &file]);
    let digest = SMALL.published.manifest["policy"]["digest"].as_str().unwrap();
    assert!(said.contains(digest), "{said}");
    assert_eq!(cairn().succeed(&["policy", "show", &file]), shown);
}

#[test]
fn show_as_json_is_what_the_manifest_records() {
    let shown: serde_json::Value =
        serde_json::from_str(&cairn().succeed(&["policy", "show", "--json"])).unwrap();
    assert_eq!(shown, SMALL.published.manifest["policy"]["resolved"]);
    let digest = Digest::of(canonical_json(&shown).as_bytes()).to_string();
    assert_eq!(digest, SMALL.published.manifest["policy"]["digest"]);
}

#[test]
fn a_setting_shows_up_and_nothing_else_changes() {
    let plain = cairn().succeed(&["policy", "show"]);
    let set = cairn().succeed(&["policy", "show", "--set", "dedup.near-bits=20"]);
    let changed: Vec<(&str, &str)> = plain.lines().zip(set.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!(changed, [("near-bits = 24", "near-bits = 20")]);
}

#[test]
fn the_reference_names_every_field_with_its_default() {
    let reference = cairn().succeed(&["policy", "reference"]);
    let resolved = &SMALL.published.manifest["policy"]["resolved"];
    let mut fields = 0;
    for (section, values) in resolved.as_object().unwrap() {
        for (name, value) in values.as_object().into_iter().flatten() {
            let default = value.to_string();
            let row = format!("| `{name}` | {} |", default.trim_matches('"'));
            assert!(reference.contains(&row), "{section}: {row}");
            fields += 1;
        }
    }
    assert!(fields > 50);
}

#[test]
fn the_text_of_the_policy_ends_with_the_reference() {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("../POLICY.md");
    if !text.exists() {
        return;
    }
    let _ = cairn().succeed(&["policy", "reference", "--check", &text.to_string_lossy()]);
}

#[test]
fn a_text_that_has_drifted_fails() {
    let scratch = scratch();
    let reference = cairn().succeed(&["policy", "reference"]);
    let good = scratch
        .write("good.md", format!("# Policy\n\n{reference}"))
        .to_string_lossy()
        .into_owned();
    let _ = cairn().succeed(&["policy", "reference", "--check", &good]);
    let drifted = reference.replacen("24", "25", 1);
    let bad = scratch.write("bad.md", drifted).to_string_lossy().into_owned();
    cairn()
        .run(&["policy", "reference", "--check", &bad])
        .failed_saying(1, &[&bad, "cairn policy reference"]);
}

#[test]
fn two_policies_differ_in_what_is_set_and_their_digests_tell() {
    let scratch = scratch();
    let other = cairn().succeed(&["policy", "show", "--set", "dedup.near-bits=20"]);
    let other = scratch.write("other.toml", other).to_string_lossy().into_owned();
    let text = cairn().succeed(&["policy", "diff", "default", &other]);
    assert!(text.starts_with("D4 dedup.near-bits: 24 -> 20 bits\n"), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&cairn().succeed(&["policy", "diff", &other, "default", "--json"])).unwrap();
    assert_eq!((&json[0]["from"], &json[0]["to"]), (&20.into(), &24.into()));
    let same = cairn().succeed(&["policy", "diff", "default", "default"]);
    assert_eq!(same, "The policies are the same.\n");
    let digest = |args: &[&str]| cairn().succeed(&[&["policy", "digest"], args].concat());
    assert_eq!(
        digest(&[]).trim(),
        SMALL.published.manifest["policy"]["digest"].as_str().unwrap()
    );
    assert_eq!(digest(&[&other]), digest(&["--set", "dedup.near-bits=20"]));
    assert_ne!(digest(&[&other]), digest(&[]));
}
