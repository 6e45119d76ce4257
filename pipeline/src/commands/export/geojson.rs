//! Rows as GeoJSON: one collection (RFC 7946), or one feature a line (RFC 8142 without its record separators).

use std::io::Write;

use arrow::array::RecordBatch;
use geo::Geometry;
use geojson::{Feature, GeometryValue, JsonObject};

use super::Form;
use super::target::Out;
use super::values::{Column, arrays, value};

/// Features, and what stands around them.
pub(super) struct Features {
    out: Out,
    /// What stands before the first feature, between two, and after the last.
    marks: [&'static str; 3],
    is_first: bool,
}

impl Features {
    pub(super) fn collection(out: Out) -> Self {
        Self {
            out,
            marks: [
                "{\"type\":\"FeatureCollection\",\"features\":[\n",
                ",\n",
                "\n]}\n",
            ],
            is_first: true,
        }
    }

    pub(super) fn lines(out: Out) -> Self {
        Self {
            out,
            marks: ["", "\n", "\n"],
            is_first: true,
        }
    }

    fn is_lines(&self) -> bool {
        self.marks[0].is_empty()
    }
}

impl Form for Features {
    fn begin(&mut self, _: &[Column]) -> anyhow::Result<()> {
        Ok(self.out.write_all(self.marks[0].as_bytes())?)
    }

    fn rows(
        &mut self,
        columns: &[Column],
        batch: &RecordBatch,
        places: &[Option<Geometry<f64>>],
    ) -> anyhow::Result<u64> {
        let arrays = arrays(columns, batch)?;
        for (row, place) in places.iter().enumerate() {
            let mut properties = JsonObject::new();
            for (column, array) in columns.iter().zip(&arrays) {
                let value = match value(*array, row) {
                    serde_json::Value::Number(bits) if column.is_bits() => {
                        bits.as_u64().map(|bits| column.text_of(bits)).into()
                    }
                    other => other,
                };
                properties.insert(column.name.clone(), value);
            }
            let feature = Feature {
                geometry: place
                    .as_ref()
                    .map(|place| geojson::Geometry::new(GeometryValue::from(place))),
                properties: Some(properties),
                ..Feature::default()
            };
            if !std::mem::take(&mut self.is_first) {
                self.out.write_all(self.marks[1].as_bytes())?;
            }
            serde_json::to_writer(&mut self.out, &feature)?;
        }
        Ok(batch.num_rows() as u64)
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        // Lines of nothing are nothing.
        if !(self.is_lines() && self.is_first) {
            self.out.write_all(self.marks[2].as_bytes())?;
        }
        Ok(self.out.flush()?)
    }
}
