//! Brings the files of a group together: sorted by key and joined, by polars.

use std::io::Cursor;

use arrow::array::RecordBatch;
use bytes::Bytes;
use cairn_datasets::codec::ipc;
use cairn_datasets::table::TableError;
use polars::prelude::{
    CompatLevel, DataFrame, IntoLazy, IpcStreamReader, IpcStreamWriter, JoinArgs, JoinType, PlSmallStr,
    PolarsResult, SerReader, SerWriter, SortMultipleOptions, col,
};

/// A table joined to another on one column each.
pub(super) struct Join<'a> {
    /// Files of the other table, and an empty one that carries its columns.
    pub(super) files: Vec<Bytes>,
    /// Column of the first table.
    pub(super) left_on: &'a str,
    /// Column of the other table; every further column of it is added, null where nothing matches.
    pub(super) right_on: &'a str,
}

/// All rows of some Arrow IPC streams as one polars frame.
///
/// # Errors
/// What polars says of a stream that it cannot read, or whose columns are not those of the first.
pub fn frame(files: &[Bytes]) -> PolarsResult<DataFrame> {
    let mut whole = DataFrame::empty();
    for bytes in files {
        let part = IpcStreamReader::new(Cursor::new(bytes)).finish()?;
        if whole.width() == 0 {
            whole = part;
        } else {
            whole.vstack_mut(&part)?;
        }
    }
    Ok(whole)
}

/// A polars frame as an Arrow batch, by way of an IPC stream: the two have no arrow in common.
///
/// # Errors
/// What polars says, or [`TableError::Format`] inside of it.
pub fn to_batch(mut frame: DataFrame) -> PolarsResult<Result<RecordBatch, TableError>> {
    let mut bytes = Vec::new();
    IpcStreamWriter::new(&mut bytes)
        .with_compat_level(CompatLevel::oldest())
        .finish(&mut frame)?;
    // A large group is in memory twice at any time, not three times.
    drop(frame);
    Ok(ipc::read(&bytes))
}

/// All rows of some files in order of key, joined where asked.
pub(super) fn gather(
    files: Vec<Bytes>,
    key: &[&str],
    join: Option<Join<'_>>,
) -> PolarsResult<Result<RecordBatch, TableError>> {
    if let ([only], None) = (&files[..], &join) {
        // One file is in order already: every cut was sorted before it was written.
        return Ok(ipc::read(only));
    }
    let mut whole = frame(&files)?.lazy();
    drop(files);
    if let Some(join) = join {
        let other = frame(&join.files)?.lazy();
        whole = whole.join(
            other,
            [col(join.left_on)],
            [col(join.right_on)],
            JoinArgs::new(JoinType::Left),
        );
    }
    let by: Vec<PlSmallStr> = key.iter().map(|k| PlSmallStr::from_str(k)).collect();
    let sorted = whole.sort(by, SortMultipleOptions::default()).collect()?;
    to_batch(sorted)
}
