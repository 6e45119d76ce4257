//! R2 over epochs: what the cells of an epoch start with, and which record of which epoch a copy names.

use std::collections::BTreeMap;

use cairn_datasets::units::Timestamp;
use cairn_tests::Published;
use polars::prelude::{
    DataFrame, DataType, IntoLazy, JoinArgs, JoinType, LazyFrame, UnionArgs, col, concat, lit,
};

use crate::oracle::{Slot, Slots};

/// The end of an epoch.
pub(crate) fn end(run: &Published) -> Timestamp {
    run.manifest["inputs"]["as_of"].as_str().unwrap().parse().unwrap()
}

/// A column of whole numbers. Of a cell too: the first bit of its index is 0.
pub(crate) fn numbers(frame: &DataFrame, name: &str) -> Vec<Option<i128>> {
    let column = frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
    column
        .i64()
        .unwrap()
        .iter()
        .map(|value| value.map(i128::from))
        .collect()
}

/// A column of texts.
pub(crate) fn texts(frame: &DataFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).unwrap();
    let values = column.str().unwrap().iter();
    values.map(|value| value.unwrap_or_default().to_owned()).collect()
}

/// Columns as rows.
fn rows<T: Clone, const N: usize>(columns: [Vec<T>; N]) -> impl Iterator<Item = [T; N]> {
    let count = columns[0].len();
    (0..count).map(move |row| std::array::from_fn(|column| columns[column][row].clone()))
}

/// A table of all epochs of a history, with the number of each, the oldest being 0; nothing of no row.
fn of_all(history: &[Published], table: &str) -> Option<LazyFrame> {
    let mut history: Vec<&Published> = history.iter().collect();
    history.sort_by_key(|run| (end(run), run.digest().to_owned()));
    let frames = (0_u32..).zip(history).filter_map(|(number, run)| {
        let rows = run.polars(table);
        (rows.height() > 0).then(|| rows.lazy().with_column(lit(number).alias("history")))
    });
    let frames: Vec<LazyFrame> = frames.collect();
    (!frames.is_empty()).then(|| concat(frames, UnionArgs::default()).unwrap())
}

/// What each cell starts with: its slots as the latest epoch of the history that has any of them left them.
pub(crate) fn carried(history: &[Published]) -> BTreeMap<i128, Slots> {
    let mut cells: BTreeMap<i128, Slots> = BTreeMap::new();
    let Some(all) = of_all(history, "standing") else {
        return cells;
    };
    let latest = all.clone().group_by([col("cell")]).agg([col("history").max()]);
    let on = [col("cell"), col("history")];
    let latest = all
        .join(latest, on.clone(), on, JoinArgs::new(JoinType::Inner))
        .collect()
        .unwrap();
    let columns = [
        "cell",
        "slot",
        "heading_deg",
        "quality_ppm",
        "captured_at",
        "uploaded_at",
    ];
    let columns = columns.map(|name| numbers(&latest, name));
    for [cell, slot, heading, quality, captured, uploaded] in rows(columns) {
        cells.entry(cell.unwrap()).or_default()[usize::try_from(slot.unwrap()).unwrap()] = Some(Slot {
            heading,
            quality: quality.unwrap(),
            captured: captured.unwrap(),
            uploaded,
        });
    }
    cells
}

/// How many records of a table are copies of one in the history, by clause. Each names one that is there, and that is
/// no reject: what was refused is nobody's original.
pub(crate) fn copies(
    run: &Published,
    history: &[Published],
    table: &str,
    key: &str,
) -> BTreeMap<String, usize> {
    let mut epochs: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for earlier in history {
        let rows = earlier.polars(table);
        let verdicts = texts(&rows, key).into_iter().zip(texts(&rows, "verdict"));
        let _ = epochs.insert(
            earlier.manifest["reward_epoch"].as_str().unwrap(),
            verdicts.collect(),
        );
    }
    let own = run.manifest["reward_epoch"].as_str().unwrap();
    let records = run.polars(table);
    let columns = ["verdict", "reason", "duplicate_of", "duplicate_epoch"].map(|name| texts(&records, name));
    let mut clauses = BTreeMap::new();
    for [verdict, reason, of, epoch] in rows(columns) {
        if epoch.is_empty() || epoch == own {
            continue;
        }
        assert_eq!(verdict, "duplicate", "only a copy names an epoch");
        let original = epochs.get(&*epoch).and_then(|records| records.get(&of));
        let original = original.unwrap_or_else(|| panic!("{reason} of {of}, which is not in {epoch}"));
        assert_ne!(original, "rejected", "{reason} of {of}");
        *clauses
            .entry(reason.split('-').next().unwrap().to_owned())
            .or_default() += 1;
    }
    clauses
}
