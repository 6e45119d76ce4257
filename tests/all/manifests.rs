//! A manifest of uploads is the same in CSV, JSON Lines and Parquet, and so is the demand in CSV and Parquet.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use cairn_datasets::cell::Cell;
use cairn_datasets::codec::parquet;
use cairn_datasets::units::Timestamp;
use cairn_tests::{Published, Scratch, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch};

const COLUMNS: [&str; 5] = ["path", "contributor", "uploaded_at", "sha256", "session"];

/// The manifest of the small city, a list of values a row, without those that it does not have.
fn small_manifest() -> Vec<[Option<String>; 5]> {
    let text = std::fs::read_to_string(SMALL.source.join("uploads.csv")).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let values: Vec<&str> = line.split(',').collect();
            assert_eq!(values.len(), header.len(), "no quotes in {line}");
            COLUMNS.map(|column| {
                let at = header.iter().position(|name| *name == column)?;
                Some(values[at].to_owned()).filter(|value| !value.is_empty())
            })
        })
        .collect()
}

fn other_than_csv(name: &str, bytes: impl AsRef<[u8]>) -> (Scratch, Published) {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    std::fs::remove_file(scratch.join("source/uploads.csv")).unwrap();
    scratch.write(&format!("source/{name}"), bytes);
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let published = Published::below(&scratch.join("out"));
    (scratch, published)
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    parquet::write(&batch, &parquet::Layout::default()).unwrap()
}

#[test]
fn json_lines_give_the_same_results() {
    let mut text = String::from("\u{feff}\n");
    for row in small_manifest() {
        let fields = COLUMNS
            .iter()
            .zip(row)
            .map(|(name, value)| ((*name).to_owned(), value.into()));
        let object: serde_json::Map<String, serde_json::Value> = fields.collect();
        text += &serde_json::Value::Object(object).to_string();
        text += "\r\n";
    }
    let (_scratch, published) = other_than_csv("uploads.jsonl", text);
    assert_eq!(published.digest(), SMALL.published.digest());
}

#[test]
fn parquet_gives_the_same_results() {
    let rows = small_manifest();
    let text =
        |at: usize| -> ArrayRef { Arc::new(rows.iter().map(|row| row[at].clone()).collect::<StringArray>()) };
    let micros = |text: &String| text.parse::<Timestamp>().unwrap().0 * 1_000;
    let at: TimestampMicrosecondArray = rows.iter().map(|row| row[2].as_ref().map(micros)).collect();
    let bytes = batch(vec![
        ("session", text(4)),
        ("sha256", text(3)),
        ("uploaded_at", Arc::new(at.with_timezone("UTC"))),
        ("contributor", text(1)),
        ("path", text(0)),
    ]);
    let (_scratch, published) = other_than_csv("uploads.parquet", bytes);
    assert_eq!(published.digest(), SMALL.published.digest());
}

#[test]
fn a_dot_before_a_path_says_nothing() {
    let text = std::fs::read_to_string(SMALL.source.join("uploads.csv")).unwrap();
    let mut lines = text.lines();
    let mut dotted = format!("{}\n", lines.next().unwrap());
    for line in lines {
        dotted = dotted + "./" + line + "\n";
    }
    assert!(text.starts_with("path,"));
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    scratch.write("source/uploads.csv", dotted);
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let published = Published::below(&scratch.join("out"));
    assert_eq!(published.digest(), SMALL.published.digest());
}

fn with_demand(name: &str, bytes: &[u8]) -> String {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    scratch.write(&format!("source/{name}"), bytes);
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let published = Published::below(&scratch.join("out"));
    assert!(published.manifest["inputs"]["demand"].is_string());
    published.digest().to_owned()
}

#[test]
fn demand_in_parquet_is_the_demand_in_csv() {
    let coverage = SMALL.published.table("coverage");
    let cells: Vec<u64> = (0..3)
        .map(|row| u64::try_from(coverage.int("cell", row)).unwrap())
        .collect();
    let names: Vec<String> = cells
        .iter()
        .map(|cell| Cell::try_from(*cell).unwrap().to_string())
        .collect();
    let mut text = String::from("cell,multiplier_ppm\n");
    for name in &names {
        text = text + name + ",1500000\n";
    }
    let csv = with_demand("demand.csv", text.as_bytes());
    let ppm: ArrayRef = Arc::new(UInt64Array::from(vec![1_500_000; 3]));
    let numbers: ArrayRef = Arc::new(UInt64Array::from(cells));
    let texts: ArrayRef = Arc::new(StringArray::from(names));
    for cells in [numbers, texts] {
        let bytes = batch(vec![("cell", cells), ("multiplier_ppm", ppm.clone())]);
        assert_eq!(with_demand("demand.parquet", &bytes), csv);
    }
    assert_ne!(csv, SMALL.published.digest());
    assert!(Path::new(&SMALL.source).join("uploads.csv").exists());
}
