//! Rows as comma-separated values, the geometry left out.

use arrow::array::RecordBatch;
use cairn_datasets::column::value_text;
use geo::Geometry;

use super::Form;
use super::target::Out;
use super::values::{Column, arrays};

pub(super) struct Csv(csv::Writer<Out>);

impl Csv {
    pub(super) fn new(out: Out) -> Self {
        Self(csv::Writer::from_writer(out))
    }
}

impl Form for Csv {
    fn begin(&mut self, columns: &[Column]) -> anyhow::Result<()> {
        if !columns.is_empty() {
            self.0.write_record(columns.iter().map(|column| &column.name))?;
        }
        Ok(())
    }

    fn rows(
        &mut self,
        columns: &[Column],
        batch: &RecordBatch,
        _: &[Option<Geometry<f64>>],
    ) -> anyhow::Result<u64> {
        let arrays = arrays(columns, batch)?;
        for row in 0..batch.num_rows() {
            self.0
                .write_record(arrays.iter().map(|array| value_text(*array, row)))?;
        }
        Ok(batch.num_rows() as u64)
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}
