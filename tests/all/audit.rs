//! An audit with the source derives everything again.

use cairn_tests::copy_folder;
use serde_json::Value;

use crate::fixtures::{NETWORK, SMALL, TILED, cairn, scratch};

#[test]
fn the_right_source_says_yes_whatever_the_tiles() {
    for world in [&*SMALL, &*TILED] {
        let said = cairn().succeed(&["audit", &world.published.arg(), "--source", &world.source_arg()]);
        assert!(said.contains("Yes:"), "{said}");
        for table in cairn_tests::TABLES {
            assert!(said.contains(&format!("checked  {table}: ")), "{said}");
        }
    }
}

#[test]
fn the_right_source_says_yes_to_real_files() {
    let Some(world) = NETWORK.as_ref() else { return };
    let said = cairn().succeed(&["audit", &world.published.arg(), "--source", &world.source_arg()]);
    assert!(said.contains("Yes:"), "{said}");
}

#[test]
fn one_changed_byte_of_one_object_says_no_and_names_it() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    let objects = SMALL.published.table("objects");
    let kept = (0..objects.rows())
        .find(|row| objects.text("verdict", *row) == "kept")
        .unwrap();
    let path = objects.text("path", kept);
    let mut bytes = std::fs::read(scratch.join("source").join(path)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    scratch.write(&format!("source/{path}"), bytes);
    let ran = cairn().run(&[
        "audit",
        &SMALL.published.arg(),
        "--source",
        &scratch.arg("source"),
        "--json",
    ]);
    assert_eq!(ran.code, Some(3), "{ran}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mismatches = report["mismatches"].as_array().unwrap();
    assert_eq!(mismatches[0]["table"], "inputs", "{ran}");
    let objects = mismatches.iter().find(|m| m["table"] == "objects").unwrap();
    assert!(objects["difference"].as_str().unwrap().contains(path), "{ran}");
}

#[test]
fn the_published_policy_and_moment_are_the_ones_derived_with() {
    let scratch = scratch();
    let further = [
        "--set",
        "dedup.near-bits=3",
        "--set",
        "score.fade-ms=86400000",
        "--as-of",
        "2026-06-30T00:00:00Z",
        "--pool",
        "12345678901234567890",
    ];
    let printed = cairn().publish(&SMALL.source, &scratch.join("out"), &further);
    assert_eq!(printed["inputs"]["as_of"], "2026-06-30T00:00:00Z");
    let out = scratch.arg("out");
    let said = cairn().succeed(&["audit", &out, "--source", &SMALL.source_arg()]);
    assert!(said.contains("Yes:"), "{said}");
}
