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

fn report(ran: &cairn_tests::Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"))
}

/// What is lost cannot be checked: the audit says what, and never yes.
#[test]
fn with_a_source_that_is_lost_or_half_lost_the_answer_is_no() {
    let objects = SMALL.published.table("objects");
    for keep in [0, objects.rows() / 2] {
        let scratch = scratch();
        copy_folder(&SMALL.source, &scratch.join("source"));
        let lost: Vec<&str> = (keep..objects.rows())
            .map(|row| objects.text("path", row))
            .collect();
        for path in &lost {
            std::fs::remove_file(scratch.join("source").join(path)).unwrap();
        }
        let ran = cairn().run(&[
            "audit",
            &SMALL.published.arg(),
            "--source",
            &scratch.arg("source"),
            "--json",
        ]);
        assert_eq!(ran.code, Some(3), "{ran}");
        let report = report(&ran);
        let first = &report["mismatches"][0];
        assert_eq!(
            (&report["ok"], &first["table"]),
            (&Value::Bool(false), &"source".into()),
            "{ran}"
        );
        let said = first["difference"].as_str().unwrap();
        let told = format!("{} of the {} objects", lost.len(), objects.rows());
        assert!(
            said.contains(&told) && said.contains("cannot be checked"),
            "{said}"
        );
        assert!(said.contains(lost[0]), "{said}");
    }
    let ran = cairn().run(&["audit", &SMALL.published.arg(), "--source", "/nowhere/at/all"]);
    assert!(ran.code != Some(0) && !ran.stdout.contains("Yes"), "{ran}");
}

#[test]
fn each_level_looks_at_what_it_says() {
    let (run, source) = (SMALL.published.arg(), SMALL.source_arg());
    let said = cairn().succeed(&["audit", &run, "--level", "digests"]);
    assert!(
        said.contains("as far as level digests looks") && !said.contains("scored"),
        "{said}"
    );
    let said = cairn().succeed(&["audit", &run]);
    for part in [
        "passes scored, credited and paid again",
        "duplicates: ",
        "trees: ",
        "level rewards",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let said = cairn().succeed(&["audit", &run, "--source", &source]);
    for part in ["derivation: ", "report.html: made again", "level full"] {
        assert!(said.contains(part), "{said}");
    }
    cairn()
        .run(&["audit", &run, "--level", "full"])
        .failed_saying(2, &["--source"]);
    cairn()
        .run(&["audit", &run, "--level", "rewards", "--source", &source])
        .failed_saying(2, &["--level full"]);
}

/// An epoch whose history is elsewhere is checked as far as it goes, and what is left is named.
#[test]
fn without_its_history_an_epoch_is_priced_and_with_it_worked_out() {
    let scratch = scratch();
    let day = |from: u32, out: &str, further: &[&str]| {
        let epoch = format!("2026-05-{from}/2026-05-{}", from + 1);
        let args = [&["--epoch", &epoch], further].concat();
        let _ = cairn().publish(&SMALL.source, &scratch.join(out), &args);
        cairn_tests::Published::below(&scratch.join(out))
    };
    let first = day(13, "first", &[]);
    let second = day(14, "second", &["--previous", &first.arg()]);
    let said = cairn().succeed(&["audit", &second.arg()]);
    assert!(
        said.contains("NOT CHECKED what passes add") && said.contains("but for what"),
        "{said}"
    );
    let said = cairn().succeed(&["audit", &second.arg(), "--previous", &first.arg()]);
    assert!(
        said.contains("scored, credited and paid again") && !said.contains("NOT CHECKED"),
        "{said}"
    );
}

/// Signatures are over the manifest, and by it over all that it names: what was changed with every digest made to fit is found at
/// the cheapest level.
#[test]
fn signers_that_are_wanted_have_to_have_signed_what_is_there() {
    let scratch = scratch();
    let folder = scratch.join(&SMALL.published.folder.file_name().unwrap().to_string_lossy());
    copy_folder(&SMALL.published.folder, &folder);
    let run = folder.to_string_lossy().into_owned();
    let keys: Vec<String> = ["one", "two", "three"]
        .iter()
        .map(|name| {
            cairn()
                .succeed(&["keys", "generate", "--out", &scratch.arg(name)])
                .trim()
                .to_owned()
        })
        .collect();
    let audit = |further: &[&str]| {
        let args = [&["audit", &run, "--level", "digests", "--json"], further].concat();
        let ran = cairn().run(&args);
        (ran.code, report(&ran))
    };
    let of = |report: &Value| {
        report["mismatches"][0]["table"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (code, found) = audit(&["--require-signers", "1"]);
    assert_eq!(
        (code, of(&found).as_str()),
        (Some(3), "attestation"),
        "nobody signed"
    );
    for name in ["one", "two"] {
        let _ = cairn().succeed(&["attest", &run, "--key", &scratch.arg(name)]);
    }
    let (code, found) = audit(&["--require-signers", "2"]);
    assert_eq!(code, Some(0), "{found}");
    assert!(
        found["unchecked"][0].as_str().unwrap().contains("--signer"),
        "{found}"
    );
    let trusted = [
        "--require-signers",
        "2",
        "--signer",
        &keys[0],
        "--signer",
        &keys[1],
    ];
    let (code, found) = audit(&trusted);
    assert_eq!(
        (code, found["unchecked"].as_array().unwrap().len()),
        (Some(0), 0),
        "{found}"
    );
    let (code, found) = audit(&[
        "--require-signers",
        "2",
        "--signer",
        &keys[0],
        "--signer",
        &keys[2],
    ]);
    assert_eq!((code, of(&found).as_str()), (Some(3), "attestation"), "{found}");
    assert_eq!(audit(&["--require-signers", "3"]).0, Some(3));
    cairn()
        .run(&["audit", &run, "--signer", "abc"])
        .failed_saying(2, &["--signer", "abc"]);

    let envelope = std::fs::read_to_string(folder.join("attestation.json")).unwrap();
    for (from, to) in [
        ("\"sig\": \"", "\"sig\": \"A"),
        ("\"payload\": \"ey", "\"payload\": \"eY"),
        (&keys[1][..4], "AAAA"),
    ] {
        assert!(envelope.contains(from), "{from}: {envelope}");
        std::fs::write(folder.join("attestation.json"), envelope.replacen(from, to, 1)).unwrap();
        let (code, found) = audit(&[]);
        assert_eq!(
            (code, of(&found).as_str()),
            (Some(3), "attestation"),
            "{from}: {found}"
        );
    }
    std::fs::write(folder.join("attestation.json"), &envelope).unwrap();
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    std::fs::write(folder.join("manifest.json"), manifest.replacen(": ", ":  ", 1)).unwrap();
    let (code, found) = audit(&[]);
    assert_eq!(
        (code, of(&found).as_str()),
        (Some(3), "attestation"),
        "another byte of the manifest: {found}"
    );
}
