//! Parquet: how tables are published.

use std::io::Write;

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use crate::table::TableError;

/// Most rows in a row group: readers skip by group, and a map reader wants few rows at a time.
const ROW_GROUP_ROWS: usize = 100_000;

fn fault(source: impl std::fmt::Display) -> TableError {
    TableError::Format {
        format: "Parquet",
        what: source.to_string(),
    }
}

/// A batch as a Parquet file with zstd, statistics and page index, and the given file metadata.
///
/// # Errors
/// [`TableError::Format`] when the writer refuses the batch.
pub fn write(batch: &RecordBatch, metadata: &[(&str, String)]) -> Result<Vec<u8>, TableError> {
    let pairs = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()))
        .collect();
    let properties = properties().set_key_value_metadata(Some(pairs)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(fault)?;
    writer.write(batch).map_err(fault)?;
    writer.into_inner().map_err(fault)
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
}

/// A Parquet file that is written row group by row group: what is held is one group, whatever the file's size.
pub struct Appender<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> Appender<W> {
    /// A file of a schema, written to `out`.
    ///
    /// # Errors
    /// [`TableError::Format`] when the writer refuses the schema.
    pub fn new(out: W, schema: SchemaRef) -> Result<Self, TableError> {
        let writer = ArrowWriter::try_new(out, schema, Some(properties().build()));
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
