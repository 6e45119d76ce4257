//! Parquet: how tables are published.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::table::TableError;

/// Most rows in a row group: readers skip by group, and a map reader wants few rows at a time.
const ROW_GROUP_ROWS: usize = 100_000;
/// Most rows in a page, the unit that readers of the page index skip by.
const PAGE_ROWS: usize = 10_000;
/// Zstandard's level. What is large is ids and digests, which no level makes smaller (BENCHMARKS.md).
const ZSTD_LEVEL: i32 = 1;
/// How often a Bloom filter may take an absent value for a present one.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

fn fault(source: impl std::fmt::Display) -> TableError {
    TableError::Format {
        format: "Parquet",
        what: source.to_string(),
    }
}

/// What a file is told besides its rows.
#[derive(Clone, Debug, Default)]
pub struct Layout<'a> {
    /// Metadata of the file.
    pub metadata: Vec<(&'a str, String)>,
    /// Columns whose values hardly repeat, which a dictionary would only make larger.
    pub distinct: &'a [&'a str],
    /// Columns that rows are looked up by and that stand in no order: each has a Bloom filter in every row group.
    pub looked_up: &'a [&'a str],
}

/// A batch as a Parquet file with zstd, statistics and page index.
///
/// # Errors
/// [`TableError::Format`] when the writer refuses the batch.
pub fn write(batch: &RecordBatch, layout: &Layout<'_>) -> Result<Vec<u8>, TableError> {
    let pairs = layout
        .metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()))
        .collect();
    let mut properties = properties()?.set_key_value_metadata(Some(pairs));
    for column in layout.distinct {
        properties = properties.set_column_dictionary_enabled(path(column), false);
    }
    // A filter starts with room for this many values, and is folded to what it needs.
    let values = batch.num_rows().clamp(1, ROW_GROUP_ROWS) as u64;
    for column in layout.looked_up {
        properties = properties
            .set_column_bloom_filter_fpp(path(column), BLOOM_FALSE_POSITIVES)
            .set_column_bloom_filter_max_ndv(path(column), values);
    }
    // In Arrow's schema too, which is what readers of whole folders look at.
    let told = layout.metadata.iter();
    let told = told.map(|(key, value)| ((*key).to_owned(), value.clone()));
    let schema = batch.schema().as_ref().clone().with_metadata(told.collect());
    let batch = batch.clone().with_schema(Arc::new(schema)).map_err(fault)?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).map_err(fault)?;
    writer.write(&batch).map_err(fault)?;
    writer.into_inner().map_err(fault)
}

/// A column by its name; with dots, a part of one.
fn path(column: &str) -> ColumnPath {
    ColumnPath::new(column.split('.').map(str::to_owned).collect())
}

fn properties() -> Result<WriterPropertiesBuilder, TableError> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(fault)?;
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS)))
}

/// A Parquet file that is written row group by row group: what is held is one group, whatever the file's size.
pub struct Appender<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> Appender<W> {
    /// A file of a schema, written to `out`.
    ///
    /// # Errors
    /// [`TableError::Format`] when the writer refuses the schema.
    pub fn new(out: W, schema: SchemaRef) -> Result<Self, TableError> {
        let writer = ArrowWriter::try_new(out, schema, Some(properties()?.build()));
        writer.map(Self).map_err(fault)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// [`TableError::Format`] when they are of another schema, or cannot be written.
    pub fn append(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        self.0.write(batch).map_err(fault)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`TableError::Format`] when it cannot be written.
    pub fn finish(self) -> Result<W, TableError> {
        self.0.into_inner().map_err(fault)
    }
}

/// One batch of all that a Parquet file holds.
///
/// # Errors
/// [`TableError::Format`] when the bytes are no Parquet file.
pub fn read(bytes: Bytes) -> Result<RecordBatch, TableError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(fault)?;
    // The builder's own, which has the file's metadata too.
    let schema = builder.schema().clone();
    one_batch(&schema, builder.build().map_err(fault)?)
}

/// What a Parquet file holds, in batches of so many rows.
///
/// # Errors
/// [`TableError::Format`] when the bytes are no Parquet file, or at the batch that cannot be read.
pub fn batches(
    bytes: Bytes,
    rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, TableError>> + Send, TableError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(fault)?;
    let reader = builder.with_batch_size(rows).build().map_err(fault)?;
    Ok(reader.map(|batch| batch.map_err(fault)))
}

/// Some columns of a Parquet file, those that it has; the others are not decoded.
///
/// # Errors
/// [`TableError::Format`] when the bytes are no Parquet file.
pub fn read_columns(bytes: Bytes, columns: &[&str]) -> Result<RecordBatch, TableError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(fault)?;
    let wanted = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(wanted).build().map_err(fault)?;
    one_batch(&reader.schema(), reader)
}

fn one_batch(schema: &SchemaRef, reader: ParquetRecordBatchReader) -> Result<RecordBatch, TableError> {
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(fault)?;
    concat_batches(schema, &batches).map_err(fault)
}
