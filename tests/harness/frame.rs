//! A published table as columns of plain values, read with arrow alone: none of Cairn's own types is in
//! between, so that what they get wrong shows.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, UInt64Type};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number, a moment in ms since 1970, or a boolean as 0 or 1.
    Int(i128),
    /// A text.
    Text(String),
}

/// Columns by name.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    columns: BTreeMap<String, Vec<Value>>,
    rows: usize,
}

fn values(array: &ArrayRef) -> Option<Vec<Value>> {
    let int = |wide: DataType| cast(array, &wide).expect("a number widens");
    Some(match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>().iter();
            texts
                .map(|v| v.map_or(Value::Null, |v| Value::Text(v.to_owned())))
                .collect()
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            let wide = int(DataType::UInt64);
            let numbers = wide.as_primitive::<UInt64Type>().iter();
            numbers
                .map(|v| v.map_or(Value::Null, |v| Value::Int(v.into())))
                .collect()
        }
        DataType::Int32 | DataType::Int64 | DataType::Boolean | DataType::Timestamp(..) => {
            let wide = int(DataType::Int64);
            let numbers = wide.as_primitive::<Int64Type>().iter();
            numbers
                .map(|v| v.map_or(Value::Null, |v| Value::Int(v.into())))
                .collect()
        }
        // Geometry and bbox: derived, and looked at by tests of their own.
        _ => return None,
    })
}

impl Frame {
    /// One Parquet file as one batch.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn batch(path: &Path) -> RecordBatch {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).expect("a Parquet file");
        let schema = builder.schema().clone();
        let batches: Vec<RecordBatch> = builder
            .build()
            .expect("a Parquet file")
            .map(|batch| batch.expect("a readable batch"))
            .collect();
        arrow::compute::concat_batches(&schema, &batches).expect("batches of one schema")
    }

    /// A text of a batch.
    ///
    /// # Panics
    /// When the batch has no such column of texts.
    #[must_use]
    pub fn text_of<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> &'a str {
        let column = batch.column_by_name(column).expect("a column of that name");
        column.as_string::<i32>().value(row)
    }

    /// Adds the rows of a Parquet file.
    ///
    /// # Panics
    /// When it is none.
    pub fn read(&mut self, path: &Path) {
        let batch = Self::batch(path);
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            if let Some(values) = values(array) {
                self.columns
                    .entry(field.name().clone())
                    .or_default()
                    .extend(values);
            }
        }
        self.rows += batch.num_rows();
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of numbers and texts, in order of name.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.columns
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// A column.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    #[track_caller]
    pub fn column(&self, name: &str) -> &[Value] {
        self.columns
            .get(name)
            .unwrap_or_else(|| panic!("no column `{name}`"))
    }

    /// A number of a row.
    ///
    /// # Panics
    /// When it is null, or no number.
    #[must_use]
    #[track_caller]
    pub fn int(&self, name: &str, row: usize) -> i128 {
        self.maybe_int(name, row)
            .unwrap_or_else(|| panic!("`{name}` of row {row} is null"))
    }

    /// A number of a row, or nothing.
    ///
    /// # Panics
    /// When it is no number.
    #[must_use]
    #[track_caller]
    pub fn maybe_int(&self, name: &str, row: usize) -> Option<i128> {
        match self.column(name).get(row) {
            Some(Value::Int(value)) => Some(*value),
            Some(Value::Null) => None,
            other => panic!("`{name}` of row {row} is {other:?}, no number"),
        }
    }

    /// A text of a row; empty when it is null.
    ///
    /// # Panics
    /// When it is no text.
    #[must_use]
    #[track_caller]
    pub fn text(&self, name: &str, row: usize) -> &str {
        match self.column(name).get(row) {
            Some(Value::Text(value)) => value,
            Some(Value::Null) => "",
            other => panic!("`{name}` of row {row} is {other:?}, no text"),
        }
    }

    /// The row whose column holds a text.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[must_use]
    #[track_caller]
    pub fn find(&self, name: &str, text: &str) -> usize {
        let rows: Vec<usize> = (0..self.rows)
            .filter(|row| self.text(name, *row) == text)
            .collect();
        match rows.as_slice() {
            [only] => *only,
            rows => panic!("{} rows have `{name}` = `{text}`", rows.len()),
        }
    }
}
