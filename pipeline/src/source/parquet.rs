//! Rows of Parquet files. Strings are read as views of their pages, so that a long value which a dictionary repeats a
//! million times costs its bytes once, and is then refused for its length.
//!
//! The `parquet` crate (59.3) panics on some damaged pages, so each step of it runs in [`caught`].

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Field, Int8Type, Int16Type, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use bytes::Bytes;
use cairn_datasets::units::Timestamp;
use cairn_stages::caught::caught;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::SourceError;
use super::beside::{BesideRow, Column, Kind, Place, Sheet, quoted};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 1_024;
/// Most bytes that the columns which are read may have when they are unpacked.
const MOST_UNPACKED_BYTES: i64 = 8 << 30;

/// Reads a Parquet file.
pub(super) struct ParquetRows {
    sheet: Arc<Sheet>,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// Where the columns that are read stand in a batch.
    standing: Vec<Option<usize>>,
    /// The next row of the batch.
    at: usize,
    /// Rows of the batches before it.
    before: u64,
}

impl ParquetRows {
    pub(super) fn open(sheet: &Arc<Sheet>, bytes: Bytes) -> Result<Self, SourceError> {
        caught(|| Self::prepare(sheet, bytes)).unwrap_or_else(|| Err(sheet.fault(None, DAMAGED)))
    }

    fn prepare(sheet: &Arc<Sheet>, bytes: Bytes) -> Result<Self, SourceError> {
        let fault = |what: String| sheet.fault(None, what);
        let refused = |e: &dyn std::fmt::Display| {
            fault(format!("cannot be read as Parquet: {}", quoted(&e.to_string())))
        };
        let metadata =
            ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).map_err(|e| refused(&e))?;
        let names: Vec<String> = metadata
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().clone())
            .collect();
        let in_file = sheet.find(None, &names)?;
        for (column, at) in sheet.columns.iter().zip(&in_file) {
            let Some(field) = at.and_then(|at| metadata.schema().fields().get(at)) else {
                continue;
            };
            if !holds(column.kind, field.data_type()) {
                let what = format!(
                    "column `{}` is of type {}; {}",
                    column.name,
                    quoted(&field.data_type().to_string()),
                    advice(column.kind)
                );
                return Err(fault(what));
            }
        }
        let roots: Vec<usize> = in_file.iter().flatten().copied().collect();
        let as_views = views(metadata.schema(), &roots);
        let options = ArrowReaderOptions::new().with_schema(as_views);
        let metadata =
            ArrowReaderMetadata::try_new(metadata.metadata().clone(), options).map_err(|e| refused(&e))?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
        let unpacked = unpacked(&metadata, &mask);
        if !(0..=MOST_UNPACKED_BYTES).contains(&unpacked) {
            let what = format!("unpacks to {unpacked} bytes; {MOST_UNPACKED_BYTES} are the most");
            return Err(fault(what));
        }
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata)
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|e| refused(&e))?;
        let names: Vec<String> = parquet_names(&reader);
        Ok(Self {
            standing: sheet.find(None, &names)?,
            sheet: sheet.clone(),
            reader,
            batch: None,
            at: 0,
            before: 0,
        })
    }

    fn row(&self, batch: &RecordBatch) -> Result<BesideRow, SourceError> {
        let place = Place::Row(self.before + self.at as u64 + 1);
        let mut values = Vec::with_capacity(self.standing.len());
        for (column, at) in self.sheet.columns.iter().zip(&self.standing) {
            let value = match at {
                None => String::new(),
                Some(at) => value(column, batch.column(*at), self.at).map_err(|what| {
                    let what = format!("column `{}` {what}", column.name);
                    self.sheet.fault(Some(place), what)
                })?,
            };
            values.push(value);
        }
        self.sheet.row(place, values)
    }
}

fn parquet_names(reader: &ParquetRecordBatchReader) -> Vec<String> {
    use arrow::array::RecordBatchReader;
    reader
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect()
}

impl Iterator for ParquetRows {
    type Item = Result<BesideRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.batch.take() {
                if self.at < batch.num_rows() {
                    let row = self.row(&batch);
                    self.at += 1;
                    self.batch = Some(batch);
                    return Some(row);
                }
                self.before += batch.num_rows() as u64;
                self.at = 0;
            }
            let what = match caught(|| self.reader.next()) {
                Some(None) => return None,
                Some(Some(Ok(batch))) => {
                    self.batch = Some(batch);
                    continue;
                }
                Some(Some(Err(error))) => {
                    format!(
                        "and those after it cannot be read: {}",
                        quoted(&error.to_string())
                    )
                }
                None => DAMAGED.to_owned(),
            };
            return Some(Err(self.sheet.fault(Some(Place::Row(self.before + 1)), what)));
        }
    }
}

/// What there is to say when the reader gives up.
const DAMAGED: &str = "cannot be read as Parquet: the file is damaged; write it again";

/// Bytes of the columns that are read, unpacked; what the file itself says of them.
fn unpacked(metadata: &ArrowReaderMetadata, mask: &ProjectionMask) -> i64 {
    let groups = metadata.metadata().row_groups().iter();
    groups
        .flat_map(|group| (0_usize..).zip(group.columns()))
        .filter(|(leaf, _)| mask.leaf_included(*leaf))
        .fold(0, |sum: i64, (_, chunk)| {
            // A size below zero is a lie, and must not make room for others.
            match chunk.uncompressed_size() {
                size if size < 0 || sum < 0 => -1,
                size => sum.saturating_add(size),
            }
        })
}

/// The schema with the texts and bytes among some columns as views, and dictionaries as what they are of.
fn views(schema: &SchemaRef, of: &[usize]) -> SchemaRef {
    let fields = (0_usize..).zip(schema.fields()).map(|(at, field)| {
        let plain = match field.data_type() {
            DataType::Dictionary(_, value) => value.as_ref(),
            other => other,
        };
        let view = match plain {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            _ => return field.clone(),
        };
        if of.contains(&at) {
            let field =
                Field::new(field.name(), view, field.is_nullable()).with_metadata(field.metadata().clone());
            Arc::new(field)
        } else {
            field.clone()
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_text(value),
        // A column without any value has no type.
        DataType::Null => true,
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// Whether a column of a type can hold values of a kind.
fn holds(kind: Kind, data_type: &DataType) -> bool {
    if is_text(data_type) {
        return true;
    }
    match kind {
        Kind::Text => false,
        Kind::Time => matches!(data_type, DataType::Timestamp(..)),
        Kind::Bytes => matches!(
            data_type,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
        ),
        Kind::Cell | Kind::Number => data_type.is_integer(),
    }
}

fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "write it as text",
        Kind::Time => "write it as a timestamp or as text",
        Kind::Bytes => "write it as binary or as text",
        Kind::Cell | Kind::Number => "write it as whole numbers or as text",
    }
}

/// A value as text; empty for a null.
fn value(column: &Column, array: &ArrayRef, row: usize) -> Result<String, String> {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        return Ok(String::new());
    }
    let text = |text: &str| Ok(text.trim().to_owned());
    match array.data_type() {
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::BinaryView => hexadecimal(array.as_binary_view().value(row)),
        DataType::Binary => hexadecimal(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => hexadecimal(array.as_binary::<i64>().value(row)),
        DataType::FixedSizeBinary(_) => hexadecimal(array.as_fixed_size_binary().value(row)),
        DataType::Timestamp(unit, _) => Ok(moment(array, *unit, row)),
        other => match (whole(array, row), column.kind) {
            (Some(number), Kind::Cell) if number >= 0 => Ok(format!("{number:x}")),
            (Some(number), _) => Ok(number.to_string()),
            (None, _) => Err(format!(
                "is of type {}; {}",
                quoted(&other.to_string()),
                advice(column.kind)
            )),
        },
    }
}

/// More than any digest, key or signature has.
const MOST_BINARY_BYTES: usize = 128;

fn hexadecimal(bytes: &[u8]) -> Result<String, String> {
    use std::fmt::Write;
    if bytes.len() > MOST_BINARY_BYTES {
        return Err(format!(
            "holds {} bytes; {MOST_BINARY_BYTES} are the most",
            bytes.len()
        ));
    }
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// A moment as RFC 3339 has it, to the ms, as a text of more digits is read.
fn moment(array: &ArrayRef, unit: TimeUnit, row: usize) -> String {
    let ms = match unit {
        TimeUnit::Second => {
            let seconds = array.as_primitive::<TimestampSecondType>().value(row);
            seconds.saturating_mul(1_000)
        }
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row) / 1_000,
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row) / 1_000_000,
    };
    Timestamp(ms).to_string()
}

fn whole(array: &ArrayRef, row: usize) -> Option<i128> {
    Some(match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        _ => return None,
    })
}
