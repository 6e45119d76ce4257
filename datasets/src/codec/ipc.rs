//! Arrow IPC streams: how tables lie in the work store.

use std::io::Cursor;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::table::TableError;

fn fault(source: impl std::fmt::Display) -> TableError {
    TableError::Format {
        format: "Arrow IPC",
        what: source.to_string(),
    }
}

/// A batch as an Arrow IPC stream.
///
/// # Errors
/// [`TableError::Format`] when Arrow refuses the batch.
pub fn write(batch: &RecordBatch) -> Result<Vec<u8>, TableError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(fault)?;
    writer.write(batch).map_err(fault)?;
    writer.into_inner().map_err(fault)
}

/// One batch of all that a stream holds.
///
/// # Errors
/// [`TableError::Format`] when the bytes are no Arrow IPC stream.
pub fn read(bytes: &[u8]) -> Result<RecordBatch, TableError> {
    let reader = StreamReader::try_new(Cursor::new(bytes), None).map_err(fault)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(fault)?;
    concat_batches(&schema, &batches).map_err(fault)
}
