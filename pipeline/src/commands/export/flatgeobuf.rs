//! Rows as `FlatGeobuf`, in Hilbert order with its spatial index. Rows without a place are left out: the index has none.

use std::io::Write;

use anyhow::anyhow;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, Int64Type, UInt32Type, UInt64Type};
use cairn_datasets::column::value_text;
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo::Geometry;
use geozero::{ColumnValue, PropertyProcessor};

use super::Form;
use super::target::Out;
use super::values::{Column, arrays};

pub(super) struct FlatGeobuf {
    writer: FgbWriter<'static>,
    out: Out,
}

impl FlatGeobuf {
    pub(super) fn new(table: &str, out: Out) -> anyhow::Result<Self> {
        // A cell on the antimeridian has two parts, so all cells may.
        let kind = if table == "images" {
            GeometryType::Point
        } else {
            GeometryType::MultiPolygon
        };
        let options = FgbWriterOptions {
            // Longitude first, as the format has it of every CRS. GDAL knows no CRS84 here.
            crs: FgbCrs {
                org: Some("EPSG"),
                code: 4326,
                ..FgbCrs::default()
            },
            ..FgbWriterOptions::default()
        };
        let writer = FgbWriter::create_with_options(table, kind, options)?;
        Ok(Self { writer, out })
    }
}

fn kind(column: &Column) -> ColumnType {
    match column.data_type {
        _ if column.is_bits() => ColumnType::String,
        DataType::Int32 => ColumnType::Int,
        DataType::Int64 => ColumnType::Long,
        DataType::UInt32 => ColumnType::UInt,
        DataType::UInt64 => ColumnType::ULong,
        DataType::Boolean => ColumnType::Bool,
        DataType::Timestamp(..) => ColumnType::DateTime,
        _ => ColumnType::String,
    }
}

impl Form for FlatGeobuf {
    fn begin(&mut self, columns: &[Column]) -> anyhow::Result<()> {
        for column in columns {
            self.writer.add_column(&column.name, kind(column), |_, _| {});
        }
        Ok(())
    }

    fn rows(
        &mut self,
        columns: &[Column],
        batch: &RecordBatch,
        places: &[Option<Geometry<f64>>],
    ) -> anyhow::Result<u64> {
        let arrays = arrays(columns, batch)?;
        let mut written = 0;
        for (row, place) in places.iter().enumerate() {
            let Some(place) = place else { continue };
            let mut refused = None;
            self.writer.add_feature_geom(place.clone(), |feature| {
                for (index, (column, array)) in columns.iter().zip(&arrays).enumerate() {
                    if array.is_null(row) {
                        continue;
                    }
                    let text;
                    let value = match array.data_type() {
                        _ if column.is_bits() => {
                            text = column.text_of(array.as_primitive::<UInt64Type>().value(row));
                            ColumnValue::String(&text)
                        }
                        DataType::Int32 => ColumnValue::Int(array.as_primitive::<Int32Type>().value(row)),
                        DataType::Int64 => ColumnValue::Long(array.as_primitive::<Int64Type>().value(row)),
                        DataType::UInt32 => ColumnValue::UInt(array.as_primitive::<UInt32Type>().value(row)),
                        DataType::UInt64 => ColumnValue::ULong(array.as_primitive::<UInt64Type>().value(row)),
                        DataType::Boolean => ColumnValue::Bool(array.as_boolean().value(row)),
                        other => {
                            text = value_text(*array, row);
                            if matches!(other, DataType::Timestamp(..)) {
                                ColumnValue::DateTime(&text)
                            } else {
                                ColumnValue::String(&text)
                            }
                        }
                    };
                    if let Err(error) = feature.property(index, &column.name, &value) {
                        refused = Some(anyhow!("column `{}`: {error}", column.name));
                    }
                }
            })?;
            if let Some(refused) = refused {
                return Err(refused);
            }
            written += 1;
        }
        Ok(written)
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        self.writer.write(&mut self.out)?;
        Ok(self.out.flush()?)
    }
}
