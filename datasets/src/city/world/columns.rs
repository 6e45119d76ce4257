//! Traces as Parquet, in columns that the reader of traces takes.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch, TimestampMillisecondArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::super::num;
use super::super::streets::Projection;
use super::outing::Fix;
use crate::codec::parquet;
use crate::table::TableError;

/// The fixes as a Parquet file.
pub(super) fn trace(fixes: &[Fix], projection: &Projection) -> Result<Vec<u8>, TableError> {
    let places: Vec<(i32, i32)> = fixes.iter().map(|fix| projection.to_e7(fix.at)).collect();
    // One decimal, as receivers print it.
    let tenths = |x: f64| f64::from(num::round_small(10.0 * x)) / 10.0;
    let utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let times = TimestampMillisecondArray::from_iter_values(fixes.iter().map(|fix| fix.time_ms));
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("time", utc, Arc::new(times.with_timezone("UTC"))),
        (
            "lat_e7",
            DataType::Int32,
            Arc::new(Int32Array::from_iter_values(places.iter().map(|place| place.0))),
        ),
        (
            "lon_e7",
            DataType::Int32,
            Arc::new(Int32Array::from_iter_values(places.iter().map(|place| place.1))),
        ),
        (
            "hdop",
            DataType::Float64,
            Arc::new(Float64Array::from_iter_values(
                fixes.iter().map(|fix| tenths(fix.hdop)),
            )),
        ),
        (
            "satellites",
            DataType::UInt32,
            Arc::new(UInt32Array::from_iter_values(
                fixes.iter().map(|fix| fix.satellites),
            )),
        ),
        (
            "speed",
            DataType::Float64,
            Arc::new(Float64Array::from_iter_values(
                fixes.iter().map(|fix| tenths(fix.speed_m_s)),
            )),
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, kind, _)| Field::new(*name, kind.clone(), false));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(schema, arrays).map_err(|source| TableError::Arrow {
        table: "trace",
        source,
    })?;
    parquet::write(&batch, &parquet::Layout::default())
}
