//! Every change to what was published is found, and named.

use cairn_tests::{Frame, KEYED_BY, Ran, TABLES};
use serde_json::{Value, json};

use crate::fixtures::{PAID, TILED, cairn};
use crate::forge::Copy;

/// What an audit of a copy finds: table and difference of each mismatch.
#[track_caller]
pub(crate) fn findings(ran: &Ran) -> Vec<(String, String)> {
    assert_eq!(ran.code, Some(3), "{ran}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mismatches = report["mismatches"].as_array().unwrap().iter();
    mismatches
        .map(|m| (text(&m["table"]), text(&m["difference"])))
        .collect()
}

#[track_caller]
pub(crate) fn audit(copy: &Copy) -> Vec<(String, String)> {
    findings(&cairn().run(&["audit", &copy.run.arg(), "--json"]))
}

#[track_caller]
fn audit_with_source(copy: &Copy) -> Vec<(String, String)> {
    findings(&cairn().run(&[
        "audit",
        &copy.run.arg(),
        "--json",
        "--source",
        &TILED.source_arg(),
    ]))
}

#[track_caller]
pub(crate) fn only_names(found: &[(String, String)], table: &str) {
    assert!(
        !found.is_empty() && found.iter().all(|(named, _)| named == table),
        "{table}: {found:?}"
    );
}

#[test]
fn an_untouched_copy_is_what_it_says_it_is() {
    let copy = Copy::new();
    let ran = cairn().run(&["audit", &copy.run.arg()]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains("Yes:"), "{ran}");
}

/// One cell of every column of every table in turn, geometry and bounding box with them. This run corrects nothing;
/// `adjust` has one that does.
#[test]
fn one_changed_value_in_any_column_is_found() {
    let copy = Copy::new();
    for table in TABLES.into_iter().filter(|table| *table != "adjustments") {
        let file = copy.largest(table);
        let original = std::fs::read(copy.path(&file)).unwrap();
        let schema = Frame::batch(&copy.path(&file)).schema();
        for field in schema.fields() {
            copy.change(&file, field.name());
            assert_ne!(
                std::fs::read(copy.path(&file)).unwrap(),
                original,
                "{table}.{}",
                field.name()
            );
            let mut found = audit(&copy);
            // A reason that was changed is counted otherwise, too.
            found.retain(|(named, said)| named != "manifest" || !said.contains("counts of verdicts"));
            only_names(&found, table);
            assert!(found[0].1.contains(&file), "{table}.{}: {found:?}", field.name());
        }
        std::fs::write(copy.path(&file), original).unwrap();
    }
}

/// A forger who makes every digest of the manifest fit again is found out by the source, in the table, row
/// and column that were changed.
#[test]
fn with_the_source_a_forged_value_is_named_by_table_key_and_column() {
    let forged = [
        ("objects", "session"),
        ("images", "quality_ppm"),
        ("passes", "gain_ppm"),
        ("coverage", "score_ppm"),
        ("standing", "quality_ppm"),
        ("credits", "weight_ppm"),
        ("rewards", "weight_ppm"),
    ];
    for (table, column) in forged {
        let copy = Copy::new();
        let file = copy.largest(table);
        let row = copy.change(&file, column);
        copy.cover_up(table);
        let found = audit_with_source(&copy);
        only_names(&found[..1], table);
        let said = &found[0].1;
        assert!(said.contains(&format!("column `{column}`")), "{table}: {said}");
        let mut frame = Frame::default();
        frame.read(&copy.path(&file));
        let (_, key) = KEYED_BY.iter().find(|(name, _)| *name == table).unwrap();
        for part in *key {
            let value = match frame.column(part).get(row) {
                Some(cairn_tests::Value::Int(value)) if *part == "cell" => format!("{value:x}"),
                Some(cairn_tests::Value::Int(value)) => value.to_string(),
                Some(cairn_tests::Value::Text(value)) => value.clone(),
                other => panic!("{other:?} in a key"),
            };
            assert!(
                said.contains(&value),
                "{table}: the key {value} is not in: {said}"
            );
        }
    }
}

/// Sums need no source: who moves a unit from one line to another is found by adding up.
#[test]
fn forged_sums_are_found_without_the_source() {
    for (table, column) in [
        ("rewards", "reward"),
        ("rewards", "credit"),
        ("rewards", "carried"),
        ("rewards", "adjustment"),
        ("rewards", "claim"),
        ("rewards", "debt"),
        ("credits", "reward"),
        ("credits", "credit"),
    ] {
        let copy = Copy::new();
        copy.change(&copy.largest(table), column);
        copy.cover_up(table);
        let found = audit(&copy);
        assert!(
            found
                .iter()
                .any(|(named, _)| ["rewards", "credits", "adjustments"].contains(&named.as_str())),
            "{found:?}"
        );
    }
}

/// Geometry is derived from other columns and in no digest of rows; readers of maps see nothing else.
#[test]
fn forged_geometry_is_found_without_the_source() {
    for (table, column) in [
        ("coverage", "geometry"),
        ("coverage", "bbox"),
        ("images", "geometry"),
        ("images", "bbox"),
    ] {
        let copy = Copy::new();
        copy.change(&copy.largest(table), column);
        copy.cover_up(table);
        let found = audit(&copy);
        only_names(&found, table);
        assert!(found[0].1.contains(column), "{found:?}");
    }
}

#[test]
fn a_truncated_missing_or_empty_file_is_named() {
    for table in TABLES {
        let copy = Copy::new();
        let file = copy.largest(table);
        let bytes = std::fs::read(copy.path(&file)).unwrap();
        for left in [&bytes[..bytes.len() / 2], &[]] {
            std::fs::write(copy.path(&file), left).unwrap();
            let found = audit(&copy);
            only_names(&found, table);
            assert!(found[0].1.contains(&file), "{found:?}");
        }
        std::fs::remove_file(copy.path(&file)).unwrap();
        let found = audit(&copy);
        only_names(&found, table);
        assert!(found[0].1.contains(&file), "{found:?}");
    }
}

#[test]
fn two_swapped_files_are_found() {
    for table in ["images", "passes", "coverage", "standing", "credits"] {
        let copy = Copy::new();
        let files = copy.run.files(table);
        let (a, b) = (copy.path(&files[0]), copy.path(files.last().unwrap()));
        let (bytes_a, bytes_b) = (std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
        assert_ne!(bytes_a, bytes_b, "{table} has two files");
        std::fs::write(&a, &bytes_b).unwrap();
        std::fs::write(&b, &bytes_a).unwrap();
        only_names(&audit(&copy), table);
        copy.cover_up(table);
        only_names(&audit(&copy), table);
    }
    // Of two tables: neither is the other.
    let copy = Copy::new();
    let (objects, rewards) = (copy.path("objects.parquet"), copy.path("rewards.parquet"));
    let bytes = std::fs::read(&objects).unwrap();
    std::fs::copy(&rewards, &objects).unwrap();
    std::fs::write(&rewards, bytes).unwrap();
    let found = audit(&copy);
    let named: Vec<&str> = found.iter().map(|(table, _)| table.as_str()).collect();
    assert!(
        named.contains(&"objects") && named.contains(&"rewards"),
        "{found:?}"
    );
}

/// Readers take every file that matches a pattern: one that the manifest does not name is a change too.
#[test]
fn a_file_that_nobody_published_is_found() {
    let copy = Copy::new();
    let file = copy.largest("passes");
    let beside = file.replace("part-0", "part-1");
    std::fs::copy(copy.path(&file), copy.path(&beside)).unwrap();
    let found = audit(&copy);
    only_names(&found, "passes");
    assert!(found[0].1.contains(&beside), "{found:?}");
}

#[test]
fn every_edit_of_the_manifest_is_found() {
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit); 13] = [
        ("pool", |m| m["pool"] = json!(2_000_000)),
        ("unallocated", |m| m["unallocated"] = json!(1)),
        ("reward_epoch", |m| m["reward_epoch"] = json!("2026-W21")),
        ("rows of a table", |m| m["tables"]["passes"]["rows"] = json!(1)),
        ("digest of a table", |m| {
            m["tables"]["passes"]["digest"] = json!("0".repeat(64));
        }),
        ("rows of a file", |m| {
            m["tables"]["passes"]["files"][0]["rows"] = json!(1_000);
        }),
        ("bytes of a file", |m| {
            m["tables"]["passes"]["files"][0]["bytes"] = json!(1);
        }),
        ("sha256 of a file", |m| {
            m["tables"]["passes"]["files"][0]["sha256"] = json!("0".repeat(64));
        }),
        ("count of a verdict", |m| {
            m["verdicts"]["objects"]["kept"] = json!(1);
        }),
        ("policy", |m| {
            m["policy"]["resolved"]["dedup"]["near-bits"] = json!(25);
        }),
        ("digest of the policy", |m| {
            m["policy"]["digest"] = json!("0".repeat(64));
        }),
        ("root of the inputs", |m| {
            m["inputs"]["root"] = json!("0".repeat(64));
        }),
        ("results digest", |m| m["results_digest"] = json!("0".repeat(64))),
    ];
    for (what, edit) in edits {
        let copy = Copy::new();
        copy.edit(edit);
        let found = audit(&copy);
        assert!(
            ["manifest", "passes"].contains(&found[0].0.as_str()),
            "{what}: {found:?}"
        );
    }
}

#[test]
fn a_manifest_whose_digests_fit_its_lies_is_found() {
    type Edit = fn(&mut Value);
    let edits: [(&str, &str, Edit); 4] = [
        ("pool", "rewards", |m| m["pool"] = json!(2_000_000)),
        ("count of a verdict", "manifest", |m| {
            m["verdicts"]["objects"]["kept"] = json!(1);
        }),
        ("a verdict that no row has", "manifest", |m| {
            m["verdicts"]["images"]["D5-reused"] = json!(0);
        }),
        ("a table left out", "credits", |m| {
            m["tables"].as_object_mut().unwrap().remove("credits");
        }),
    ];
    for (what, table, edit) in edits {
        let copy = Copy::new();
        copy.edit(edit);
        // A table without verdicts, so that the counts stay as they were edited.
        copy.cover_up("rewards");
        let found = audit(&copy);
        assert!(found.iter().any(|(named, _)| named == table), "{what}: {found:?}");
    }
}

/// What lies beside the tables has its digest in the manifest; what fits that is found when it is made again.
#[test]
fn a_changed_file_beside_the_tables_is_found() {
    for (file, from, to) in [
        ("claims.json", "\"standard-v1\"", "\"standard-v2\""),
        ("unclaimed.json", "\"claim\": \"", "\"claim\": \"1"),
    ] {
        let copy = Copy::of(&PAID.published);
        let path = copy.path(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        only_names(&audit(&copy), file);
        std::fs::remove_file(&path).unwrap();
        only_names(&audit(&copy), file);
    }
    let copy = Copy::of(&PAID.published);
    let map = copy.path("coverage.pmtiles");
    let mut bytes = std::fs::read(&map).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&map, &bytes).unwrap();
    only_names(&audit(&copy), "coverage.pmtiles");
    copy.edit(|manifest| {
        manifest["views"]["coverage.pmtiles"]["sha256"] = json!(cairn_datasets::digest::Digest::of(&bytes));
    });
    let report = copy.path("report.html");
    let page = std::fs::read_to_string(&report).unwrap();
    let source = PAID.source_arg();
    let full = || findings(&cairn().run(&["audit", &copy.run.arg(), "--json", "--source", &source]));
    only_names(&full(), "coverage.pmtiles");
    let copy = Copy::of(&PAID.published);
    std::fs::write(
        copy.path("report.html"),
        page.replacen("</title>", "!</title>", 1),
    )
    .unwrap();
    let found = findings(&cairn().run(&["audit", &copy.run.arg(), "--json", "--source", &source]));
    only_names(&found, "report.html");
    std::fs::write(copy.path("claims.json"), "{}").unwrap();
    copy.edit(|manifest| {
        manifest["views"].as_object_mut().unwrap().remove("claims.json");
    });
    only_names(&audit(&copy), "claims.json");
}

/// Roots are those of the tables.
#[test]
fn a_changed_root_is_found() {
    for pointer in ["/trees/claims/root", "/trees/dispositions/root"] {
        let copy = Copy::of(&PAID.published);
        copy.edit(|manifest| {
            let root = manifest.pointer_mut(pointer).unwrap();
            let text = root.as_str().unwrap();
            let last = if text.ends_with('0') { "1" } else { "0" };
            *root = json!(format!("{}{last}", &text[..text.len() - 1]));
        });
        only_names(&audit(&copy), "manifest");
    }
}
