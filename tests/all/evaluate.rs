//! `cairn evaluate` on a sample city: what it says of a run is what the run's tables and the truth say.

use std::collections::BTreeMap;

use cairn_datasets::codec::parquet;
use cairn_datasets::table::Row;
use cairn_datasets::tables::TrueRecord;
use serde_json::Value;

use crate::fixtures::{CITY, COPYING, cairn, scratch};

fn truth_path() -> String {
    CITY.source
        .join("../truth.parquet")
        .to_string_lossy()
        .into_owned()
}

fn evaluation() -> Value {
    let (run, truth) = (CITY.published.arg(), truth_path());
    serde_json::from_str(&cairn().succeed(&["evaluate", &run, "--truth", &truth, "--json"])).unwrap()
}

fn share(value: &Value) -> (u64, u64) {
    (value["hits"].as_u64().unwrap(), value["of"].as_u64().unwrap())
}

/// The city is small, so the floors are low; EVALUATION.md has the figures of cities that were not tuned on.
#[test]
fn copies_of_every_kind_are_caught_and_honest_pictures_are_not() {
    let found = evaluation();
    for attack in COPYING {
        let (caught, of) = share(&found["attacks"][attack]["pictures_by_clause"]);
        let floor = if ["crop", "border"].contains(&attack) {
            of - 1
        } else {
            of
        };
        assert!(of >= 4 && caught >= floor, "{attack}: {caught} of {of}");
    }
    let (lost, of) = share(&found["honest"]["lost"]);
    assert!(
        of > 10 && lost == 0,
        "{lost} of {of}: {}",
        found["honest"]["reasons"]
    );
}

/// Counted once more from the published table, with nothing of the evaluation's code.
#[test]
fn its_counts_are_those_of_the_tables() {
    let found = evaluation();
    let bytes = std::fs::read(truth_path()).unwrap();
    let truth: Vec<TrueRecord> = TrueRecord::from_batch(&parquet::read(bytes.into()).unwrap()).unwrap();
    let images = CITY.published.table("images");
    let reasons: BTreeMap<&str, &str> = (0..images.rows())
        .map(|row| (images.text("path", row), images.text("reason", row)))
        .collect();
    let mut copies: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut rows = truth
        .iter()
        .filter(|row| row.kind == "image" && row.label == "copy");
    for row in rows.by_ref() {
        let count = copies.entry(&row.attack).or_default();
        count.0 += u64::from(!reasons[row.path.as_str()].is_empty());
        count.1 += 1;
    }
    assert!(copies.len() > 10, "{copies:?}");
    for (attack, counted) in copies {
        let said = share(&found["attacks"][attack]["pictures"]);
        assert_eq!(said, counted, "{attack}");
    }
}

#[test]
fn what_is_no_truth_of_this_run_is_said_so() {
    let scratch = scratch();
    let run = CITY.published.arg();
    let missing = scratch.arg("nothing.parquet");
    cairn()
        .run(&["evaluate", &run, "--truth", &missing])
        .failed_saying(1, &["nothing.parquet"]);
}
