//! What is told of the map's changes since the epoch before leads from its tables to those of this one.

use std::collections::BTreeMap;

use cairn_tests::{Frame, Published};

use crate::fixtures::{SMALL, cairn, scratch, small_city_source};
use crate::weeks::{grow, name};

/// The cells of a run with all that is said of each.
fn cells(run: &Published) -> BTreeMap<i128, Vec<String>> {
    let coverage = run.table("coverage");
    let row = |row: usize| {
        let values = coverage.columns().map(|(_, values)| format!("{:?}", values[row]));
        (coverage.int("cell", row), values.collect())
    };
    (0..coverage.rows()).map(row).collect()
}

/// The ids of the images of a run that are kept.
fn kept(run: &Published) -> BTreeMap<String, i128> {
    let images = run.table("images");
    let rows = (0..images.rows()).filter(|row| images.text("verdict", *row) == "kept");
    rows.map(|row| {
        (
            images.text("image_id", row).to_owned(),
            images.int("quality_ppm", row),
        )
    })
    .collect()
}

#[test]
fn changes_lead_from_the_epoch_before_to_this_one() {
    let scratch = scratch();
    let source = scratch.join("source");
    grow(&source, 2);
    let mut runs: Vec<Published> = Vec::new();
    for week in [0, 1] {
        let before: Vec<String> = runs.iter().map(Published::arg).collect();
        let week = name(week);
        let mut further = vec!["--epoch", week.as_str()];
        further.extend(before.iter().flat_map(|run| ["--previous", run.as_str()]));
        let out = scratch.join(&week);
        let _ = cairn().publish(&source, &out, &further);
        runs.push(Published::below(&out));
    }
    let [first, second] = runs.as_slice() else {
        panic!("two epochs")
    };
    assert!(
        !first.folder.join("changes.parquet").exists(),
        "nothing came before it"
    );
    // A view, that no manifest names.
    let _ = cairn().succeed(&["audit", &second.arg()]);
    let mut told = Frame::default();
    told.read(&second.folder.join("changes.parquet"));

    let (before, after) = (cells(first), cells(second));
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in 0..told.rows() {
        let (theme, change) = (told.text("theme", row), told.text("change", row));
        *counts.entry((theme.to_owned(), change.to_owned())).or_default() += 1;
        if theme == "images" {
            continue;
        }
        let cell = told.int("cell", row);
        assert_eq!(told.text("id", row), format!("{cell:x}"));
        let wanted = match (before.get(&cell), after.get(&cell)) {
            (Some(before), Some(after)) if before == after => "unchanged",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            (None, _) => "added",
        };
        assert_eq!(change, wanted, "{cell:x}");
        assert_eq!(told.text("columns", row).is_empty(), change != "changed");
    }
    let of = |theme: &str| -> usize {
        counts
            .iter()
            .filter(|((at, _), _)| at == theme)
            .map(|(_, count)| count)
            .sum()
    };
    let mut all = before.clone();
    all.extend(after);
    assert_eq!(of("coverage"), all.len());
    // Weeks do not overlap: what an earlier one has on the map is there as before, and is not told of.
    let images = kept(second);
    assert_eq!(
        counts.get(&("images".to_owned(), "added".to_owned())),
        Some(&images.len())
    );
    assert_eq!(of("images"), images.len());
    assert!(!images.is_empty() && counts.len() > 2, "{counts:?}");
}

#[test]
fn the_version_of_geoparquet_changes_files_and_no_result() {
    let scratch = scratch();
    let out = scratch.join("out");
    let _ = cairn().publish(small_city_source(), &out, &["--geoparquet", "2.0"]);
    let run = Published::below(&out);
    assert_eq!(run.digest(), SMALL.published.digest());
    let files = |run: &Published| run.parquet_bytes();
    let (native, plain) = (files(&run), files(&SMALL.published));
    assert_eq!(
        native.keys().collect::<Vec<_>>(),
        plain.keys().collect::<Vec<_>>()
    );
    let differ: Vec<&String> = native
        .keys()
        .filter(|path| native[*path] != plain[*path])
        .collect();
    assert!(!differ.is_empty());
    for path in differ {
        assert!(
            path.starts_with("images/") || path.starts_with("coverage/"),
            "{path}"
        );
    }
    let _ = cairn().succeed(&["audit", &run.arg()]);
}
