//! A published table as a polars frame, for what is grouped and joined rather than walked through.

use std::io::Cursor;

use arrow::datatypes::DataType;
use arrow::ipc::writer::StreamWriter;
use polars::prelude::{DataFrame, IpcStreamReader, SerReader};

use crate::{Frame, Published};

impl Published {
    /// All rows of a table. Geometry and bounding boxes are left out: they follow from the cell.
    ///
    /// # Panics
    /// When a file cannot be read.
    #[must_use]
    pub fn polars(&self, table: &str) -> DataFrame {
        let mut whole = DataFrame::empty();
        for file in self.files(table) {
            let batch = Frame::batch(&self.folder.join(file));
            let schema = batch.schema();
            let plain: Vec<usize> = (0..schema.fields().len())
                .filter(|index| {
                    let kind = schema.field(*index).data_type();
                    !matches!(kind, DataType::Binary | DataType::Struct(_))
                })
                .collect();
            let batch = batch.project(&plain).expect("columns of the batch");
            // The two have no arrow in common: an IPC stream is what both read.
            let mut bytes = Vec::new();
            let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a stream");
            writer
                .write(&batch)
                .and_then(|()| writer.finish())
                .expect("a stream in memory");
            drop(writer);
            let part = IpcStreamReader::new(Cursor::new(bytes))
                .finish()
                .expect("a stream of Arrow");
            if whole.width() == 0 {
                whole = part;
            } else {
                whole
                    .vstack_mut(&part)
                    .expect("files of one table have the same columns");
            }
        }
        whole
    }
}
