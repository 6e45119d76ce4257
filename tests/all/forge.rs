//! How a published run can be changed by somebody who wants it to say something else.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray,
    StructArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Int32Type, Int64Type, TimestampMillisecondType, UInt32Type, UInt64Type,
};
use cairn_datasets::codec::parquet::{self, Layout};
use cairn_datasets::digest::{Digest, TableHasher};
use cairn_datasets::manifest::Manifest;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Standing};
use cairn_stages::trees::roots;
use cairn_tests::{Frame, Published, Scratch, copy_folder};

use crate::fixtures::{TILED, scratch};

/// A copy of a published run, to be changed.
pub(crate) struct Copy {
    // Holds the folder.
    _scratch: Scratch,
    pub(crate) run: Published,
}

impl Copy {
    pub(crate) fn new() -> Self {
        Self::of(&TILED.published)
    }

    pub(crate) fn of(published: &Published) -> Self {
        let scratch = scratch();
        let folder = scratch.join(&published.folder.file_name().unwrap().to_string_lossy());
        copy_folder(&published.folder, &folder);
        Self {
            _scratch: scratch,
            run: Published::at(&folder),
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.run.folder.join(file)
    }

    /// The file of a table with most rows.
    pub(crate) fn largest(&self, table: &str) -> String {
        let files = self.run.files(table).into_iter();
        files
            .max_by_key(|file| Frame::batch(&self.path(file)).num_rows())
            .unwrap()
    }

    /// Puts another value into one cell of a file and writes it as it was written. Gives the row.
    pub(crate) fn change(&self, file: &str, column: &str) -> usize {
        let row = Frame::batch(&self.path(file)).num_rows() / 2;
        self.change_rows(file, column, [row]);
        row
    }

    /// The same in a row.
    pub(crate) fn change_row(&self, file: &str, column: &str, row: usize) {
        self.change_rows(file, column, [row]);
    }

    /// The same in every row.
    pub(crate) fn change_all(&self, file: &str, column: &str) {
        let rows = Frame::batch(&self.path(file)).num_rows();
        self.change_rows(file, column, 0..rows);
    }

    fn change_rows(&self, file: &str, column: &str, rows: impl IntoIterator<Item = usize>) {
        let batch = Frame::batch(&self.path(file));
        let index = batch.schema().index_of(column).unwrap();
        let mut columns = batch.columns().to_vec();
        for row in rows {
            columns[index] = changed(column, &columns[index], row);
        }
        let changed = RecordBatch::try_new(batch.schema(), columns).unwrap();
        self.write(file, &changed);
    }

    /// Writes a file as the program writes it, with the metadata it had.
    pub(crate) fn write(&self, file: &str, batch: &RecordBatch) {
        let metadata = batch.schema().metadata().clone();
        let layout = Layout {
            metadata: metadata
                .get("geo")
                .map(|geo| ("geo", geo.clone()))
                .into_iter()
                .collect(),
            ..Layout::default()
        };
        let plain = Arc::new(arrow::datatypes::Schema::new(batch.schema().fields().clone()));
        let batch = RecordBatch::try_new(plain, batch.columns().to_vec()).unwrap();
        std::fs::write(self.path(file), parquet::write(&batch, &layout).unwrap()).unwrap();
    }

    /// Edits the manifest.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut serde_json::Value)) {
        let path = self.path("manifest.json");
        let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        edit(&mut manifest);
        std::fs::write(path, serde_json::to_vec_pretty(&manifest).unwrap()).unwrap();
    }

    /// Makes the manifest fit the files again, in every digest and count, as a forger would.
    pub(crate) fn cover_up(&self, table: &str) {
        let path = self.path("manifest.json");
        let mut manifest: Manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let record = manifest.tables.get_mut(table).unwrap();
        for file in &mut record.files {
            let bytes = std::fs::read(self.run.folder.join(&file.path)).unwrap();
            file.bytes = bytes.len() as u64;
            file.sha256 = Digest::of(&bytes);
            file.rows = Frame::batch(&self.run.folder.join(&file.path)).num_rows() as u64;
        }
        (record.rows, record.digest) = match table {
            "objects" => self.digest::<Object>(),
            "images" => self.digest::<Image>(),
            "passes" => self.digest::<Pass>(),
            "coverage" => self.digest::<Coverage>(),
            "standing" => self.digest::<Standing>(),
            "credits" => self.digest::<Credit>(),
            "rewards" => self.digest::<Reward>(),
            _ => self.digest::<Adjustment>(),
        };
        if let Some(counts) = manifest.verdicts.get_mut(table) {
            counts.clear();
            for file in self.run.files(table) {
                let batch = Frame::batch(&self.path(&file));
                for row in 0..batch.num_rows() {
                    let reason = match Frame::text_of(&batch, "reason", row) {
                        "" => "kept",
                        other => other,
                    };
                    *counts.entry(reason.to_owned()).or_default() += 1;
                }
            }
        }
        let objects = self.rows::<Object>();
        if let Ok(trees) = roots(&objects, &self.rows::<Reward>()) {
            manifest.trees = trees;
        }
        manifest.results_digest = manifest.digest();
        std::fs::write(path, serde_json::to_vec_pretty(&manifest).unwrap()).unwrap();
    }

    fn digest<R: Row>(&self) -> (u64, Digest) {
        let mut hasher = TableHasher::new(R::TABLE, &R::schema());
        for row in self.rows::<R>() {
            hasher.push(&row.digest());
        }
        (hasher.rows(), hasher.finish())
    }

    fn rows<R: Row>(&self) -> Vec<R> {
        let files = self.run.files(R::TABLE).into_iter();
        files
            .flat_map(|file| R::from_batch(&Frame::batch(&self.path(&file))).unwrap())
            .collect()
    }
}

fn number<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize, add: fn(T::Native) -> T::Native) -> ArrayRef
where
    T::Native: Default,
{
    let old = array.as_primitive::<T>();
    let values = (0..old.len()).map(|i| {
        let value = (!old.is_null(i)).then(|| old.value(i));
        if i == row {
            Some(add(value.unwrap_or_default()))
        } else {
            value
        }
    });
    let new: PrimitiveArray<T> = values.collect();
    Arc::new(new.with_data_type(array.data_type().clone()))
}

/// Another text that the column could hold.
fn other_text(column: &str, text: &str) -> String {
    let other = |from: &str, a: &str, b: &str| if from == a { b.to_owned() } else { a.to_owned() };
    let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match column {
        "verdict" => other(text, "kept", "rejected"),
        "reason" => other(text, "I6-dark", "D4-near-duplicate"),
        _ if hex => format!("{}{}", other(&text[..1], "0", "1"), &text[1..]),
        "sha256" | "sequence" | "pass_id" | "best_image" | "duplicate_of" if text.is_empty() => {
            "0".repeat(64)
        }
        _ => format!("{text}x"),
    }
}

/// An array with another value in one row. Numbers change by one, up or down, so that they stay in range.
fn changed(column: &str, array: &ArrayRef, row: usize) -> ArrayRef {
    match array.data_type() {
        // A cell's neighbour in number is no cell; the digit before it tells cells apart.
        DataType::UInt64 if column == "cell" => number::<UInt64Type>(array, row, |v| v ^ (1 << 18)),
        DataType::UInt64 => number::<UInt64Type>(array, row, |v| v ^ 1),
        // A share stays one: the whole is even, and the next number is none.
        DataType::UInt32 => number::<UInt32Type>(array, row, |v| if v == 1_000_000 { v - 1 } else { v ^ 1 }),
        DataType::Int64 => number::<Int64Type>(array, row, |v| v ^ 1),
        DataType::Int32 => number::<Int32Type>(array, row, |v| v ^ 1),
        DataType::Timestamp(..) => number::<TimestampMillisecondType>(array, row, |v| v + 1),
        DataType::Boolean => {
            let old = array.as_boolean().iter().enumerate();
            Arc::new(
                old.map(|(i, v)| if i == row { v.map(|v| !v) } else { v })
                    .collect::<BooleanArray>(),
            )
        }
        DataType::Utf8 => {
            let old = array.as_string::<i32>().iter().enumerate();
            let new = old.map(|(i, v)| {
                if i == row {
                    Some(other_text(column, v.unwrap_or_default()))
                } else {
                    v.map(str::to_owned)
                }
            });
            Arc::new(new.collect::<StringArray>())
        }
        DataType::Binary => {
            let old = array.as_binary::<i32>().iter().enumerate();
            let new = old.map(|(i, v)| {
                let mut v = v.map(<[u8]>::to_vec);
                // The lowest bits of the last coordinate: less than the width of an atom.
                if let Some(byte) = v
                    .as_mut()
                    .filter(|_| i == row)
                    .and_then(|v| v.iter_mut().rev().nth(7))
                {
                    *byte ^= 1;
                }
                v
            });
            Arc::new(new.collect::<BinaryArray>())
        }
        DataType::Struct(fields) => {
            let old = array.as_struct();
            let mut sides = old.columns().to_vec();
            let first = sides[0].as_primitive::<arrow::datatypes::Float64Type>();
            let moved = first
                .iter()
                .enumerate()
                .map(|(i, v)| v.map(|v| if i == row { v - 1.0 } else { v }));
            sides[0] = Arc::new(moved.collect::<arrow::array::Float64Array>());
            Arc::new(StructArray::new(fields.clone(), sides, old.nulls().cloned()))
        }
        other => panic!("no other value of type {other}"),
    }
}
