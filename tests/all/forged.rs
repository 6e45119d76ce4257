//! Forgers who make every digest, count and root fit: what follows from the published tables is named at level `rewards`.

use cairn_tests::Frame;
use serde_json::{Value, json};

use crate::fixtures::{CITY, cairn};
use crate::forge::Copy;
use crate::tamper::findings;

/// What an audit of a covered-up copy names first, without the source: the table, and the column where rows were compared.
fn named_at_rewards(copy: &Copy) -> (String, String) {
    let ran = cairn().run(&["audit", &copy.run.arg(), "--json"]);
    assert_eq!(ran.code, Some(3), "{ran}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let first = &report["mismatches"][0];
    let text = |name: &str| first[name].as_str().unwrap_or_default().to_owned();
    (text("table"), text("column"))
}

/// A forger who makes every digest and root fit is found without the source wherever the published tables say why a value is
/// what it is.
#[test]
fn what_follows_from_the_tables_is_found_at_level_rewards() {
    for (table, columns) in [
        (
            "passes",
            &[
                "quality_ppm",
                "integrity_ppm",
                "slot",
                "standing_ppm",
                "gain_ppm",
                "demand_ppm",
                "region_ppm",
                "credit",
                "position_ppm",
                "image_ppm",
                "best_image",
                "images",
                "confirmation_ppm",
                "evidence",
            ][..],
        ),
        (
            "coverage",
            &[
                "score_ppm",
                "quality_ppm",
                "freshness_ppm",
                "confidence_ppm",
                "directions",
                "contributors",
                "passes",
                "images",
                "newest_captured_at",
                "best_image",
            ],
        ),
        (
            "standing",
            &["heading_deg", "quality_ppm", "captured_at", "uploaded_at"],
        ),
        ("credits", &["credit", "weight_ppm", "reward"]),
        (
            "rewards",
            &[
                "credit",
                "weight_ppm",
                "reward",
                "carried",
                "adjustment",
                "claim",
                "debt",
            ],
        ),
        ("images", &["quality_ppm"]),
    ] {
        for column in columns {
            let copy = Copy::new();
            copy.change(&copy.largest(table), column);
            copy.cover_up(table);
            let (named, at) = named_at_rewards(&copy);
            let sums = ["credits", "rewards", "adjustments"];
            let near = named == table || sums.contains(&named.as_str()) && sums.contains(&table);
            assert!(near, "{table}.{column}: {named}.{at}");
            assert!(
                named != table || at == *column || table == "rewards",
                "{table}.{column}: {named}.{at}"
            );
        }
    }
}

/// Rows that are gone, come twice, or change places.
#[test]
fn rows_that_are_dropped_or_added_are_found_at_level_rewards() {
    for table in ["passes", "coverage", "standing", "credits", "rewards"] {
        let copy = Copy::new();
        let file = copy.largest(table);
        let batch = Frame::batch(&copy.path(&file));
        let row = (0..batch.num_rows())
            .rev()
            .find(|row| table != "passes" || Frame::text_of(&batch, "verdict", *row) == "kept")
            .unwrap();
        let before = batch.slice(0, row);
        let after = batch.slice(row + 1, batch.num_rows() - row - 1);
        let without = arrow::compute::concat_batches(&batch.schema(), [&before, &after]).unwrap();
        copy.write(&file, &without);
        copy.cover_up(table);
        let (named, _) = named_at_rewards(&copy);
        let known = ["coverage", "credits", "rewards", "passes", "standing", "images"];
        assert!(known.contains(&named.as_str()), "{table}: {named}");

        let twice = arrow::compute::concat_batches(
            &batch.schema(),
            [
                &batch.slice(0, row + 1),
                &batch.slice(row, batch.num_rows() - row),
            ],
        );
        copy.write(&file, &twice.unwrap());
        copy.cover_up(table);
        assert_eq!(named_at_rewards(&copy).0, table, "a row that comes twice");
    }
}

/// The policy, the pool, and what nobody earned, with every digest made to fit.
#[test]
fn a_forged_policy_or_pool_is_found_at_level_rewards() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 4] = [
        (|m| m["pool"] = json!(m["pool"].as_u64().unwrap() + 1), "rewards"),
        (
            |m| m["unallocated"] = json!(m["unallocated"].as_u64().unwrap() + 1),
            "manifest",
        ),
        (
            |m| m["policy"]["resolved"]["score"]["no-image-ppm"] = json!(123_456),
            "passes",
        ),
        (
            |m| m["policy"]["resolved"]["score"]["stale-days"] = json!(5),
            "coverage",
        ),
    ];
    for (edit, table) in edits {
        let copy = Copy::new();
        copy.edit(|manifest| {
            edit(manifest);
            let policy = cairn_datasets::digest::canonical_json(&manifest["policy"]["resolved"]);
            manifest["policy"]["digest"] = json!(cairn_datasets::digest::Digest::of(policy.as_bytes()));
        });
        copy.cover_up("rewards");
        let ran = cairn().run(&["audit", &copy.run.arg(), "--json"]);
        let found = findings(&ran);
        assert!(
            found.iter().any(|(named, _)| named == table),
            "{table}: {found:?}"
        );
    }
}

/// What is said of a duplicate is held against the picture that it names.
#[test]
fn forged_evidence_of_a_duplicate_is_found_at_level_rewards() {
    let images = CITY.published.files("images");
    let mut seen = 0;
    for file in images {
        let batch = Frame::batch(&CITY.published.folder.join(&file));
        for reason in [
            "D2-same-picture",
            "D4-near-duplicate",
            "D5-reused",
            "D3-same-place",
            "D4-crop",
        ] {
            let row = (0..batch.num_rows()).find(|row| Frame::text_of(&batch, "reason", *row) == reason);
            let Some(row) = row else { continue };
            for column in [
                "duplicate_of",
                "duplicate_path",
                "duplicate_first_by",
                "duplicate_bits",
                "duplicate_mm",
                "pdq",
            ] {
                if column == "pdq" && reason == "D2-same-picture" {
                    continue;
                }
                let copy = Copy::of(&CITY.published);
                copy.change_row(&file, column, row);
                copy.cover_up("images");
                let ran = cairn().run(&["audit", &copy.run.arg(), "--json"]);
                if ran.code == Some(0) && matches!(column, "duplicate_bits" | "pdq") {
                    // A turned picture is nearer than its upright hash tells: one bit less is as good.
                    continue;
                }
                let found = findings(&ran);
                assert_eq!(found[0].0, "images", "{reason} {column}: {found:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 12, "{seen} forgeries were tried");
}
