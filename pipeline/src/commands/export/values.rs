//! The values of rows, and where rows are.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, Int64Type, Schema, UInt32Type, UInt64Type};
use cairn_datasets::cell::Cell;
use cairn_datasets::column::value_text;
use cairn_datasets::units::Position;
use cairn_stages::emit::{cell_geometry, point_geometry};
use geo::Geometry;

/// A column that is no geometry: a geometry has no place in a CSV, and its own in the other formats.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// The type of its values.
    pub(super) data_type: DataType,
}

impl Column {
    /// The columns of a table in order.
    pub(super) fn of(schema: &Schema) -> Vec<Self> {
        let fields = schema.fields().iter();
        fields
            .filter(|field| field.name() != "geometry" && field.name() != "bbox")
            .map(|field| Self {
                name: field.name().clone(),
                data_type: field.data_type().clone(),
            })
            .collect()
    }

    /// Whether it holds 64 bits that stand for no quantity. They are written as text where numbers are: readers of JSON
    /// lose the last digits of such numbers, and GDAL takes none above the signed ones.
    pub(super) fn is_bits(&self) -> bool {
        self.data_type == DataType::UInt64 && ["cell", "texture"].contains(&self.name.as_str())
    }

    /// The text of bits: of a cell the one that H3 tools take, else their number.
    pub(super) fn text_of(&self, bits: u64) -> String {
        if self.name == "cell" {
            format!("{bits:x}")
        } else {
            bits.to_string()
        }
    }
}

/// The columns of a batch that were asked for, in their order. A file that lacks one is an older build's.
pub(super) fn arrays<'a>(columns: &[Column], batch: &'a RecordBatch) -> anyhow::Result<Vec<&'a dyn Array>> {
    let arrays = columns.iter().map(|column| {
        let array = batch.column_by_name(&column.name);
        array
            .map(AsRef::as_ref)
            .ok_or_else(|| anyhow::anyhow!("the file lacks the column `{}`", column.name))
    });
    arrays.collect()
}

/// Where each row is: its position, or else the outline of its cell.
pub(super) fn places(batch: &RecordBatch) -> Vec<Option<Geometry<f64>>> {
    let degrees = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>();
    let cells = batch
        .column_by_name("cell")
        .and_then(|column| column.as_primitive_opt::<UInt64Type>());
    match (degrees("lat_e7"), degrees("lon_e7"), cells) {
        (Some(lat), Some(lon), _) => lat
            .iter()
            .zip(lon)
            .map(|(lat_e7, lon_e7)| {
                let (lat_e7, lon_e7) = (lat_e7?, lon_e7?);
                Some(point_geometry(Position { lat_e7, lon_e7 }))
            })
            .collect(),
        (_, _, Some(cells)) => cells
            .iter()
            .map(|cell| Cell::try_from(cell?).ok().map(cell_geometry))
            .collect(),
        _ => vec![None; batch.num_rows()],
    }
}

/// One value as JSON.
pub(in crate::commands) fn value(array: &dyn Array, row: usize) -> serde_json::Value {
    if array.is_null(row) {
        return serde_json::Value::Null;
    }
    match array.data_type() {
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        _ => value_text(array, row).into(),
    }
}
