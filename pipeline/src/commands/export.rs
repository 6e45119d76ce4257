//! `cairn export`: a run's tables for programs that read neither Parquet nor this one.

use std::collections::BTreeMap;

use anyhow::Context;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, Int64Type, UInt32Type, UInt64Type};
use cairn_datasets::codec::parquet;
use cairn_datasets::column::value_text;
use cairn_datasets::tables::{Coverage, Image};
use cairn_stages::emit::{cell_geometry, point_geometry};
use geojson::{Feature, FeatureCollection, Geometry};

use crate::cli::{Ending, Usage, say};
use crate::published::Run;
use crate::report::grouped;
use crate::store::runtime;

/// What `cairn export` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// `geojson` (coverage and images) or `csv` (any table).
    #[arg(long, value_enum)]
    format: Format,
    /// The table: coverage, images, passes, credits, standing, rewards, adjustments or objects.
    #[arg(long, default_value = "coverage")]
    table: String,
    /// The file to write.
    #[arg(long)]
    out: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Geojson,
    Csv,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let run = super::published(&args.run, &runtime)?;
    if !run.manifest.tables.contains_key(&args.table) {
        let known = run.manifest.tables.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(Usage(format!("--table {}: the run has {known}", args.table)).into());
    }
    let (bytes, rows) = match args.format {
        Format::Csv => csv_of(&run, &args.table)?,
        Format::Geojson => geojson_of(&run, &args.table)?,
    };
    std::fs::write(&args.out, bytes).with_context(|| format!("--out {}", args.out))?;
    say(&format!(
        "Wrote {} rows of {} to {}\n",
        grouped(rows),
        args.table,
        args.out
    ))?;
    Ok(Ending::Fine)
}

/// The columns of a batch that are no geometry: a geometry has no place in a CSV, and its own in GeoJSON.
fn plain_columns(batch: &RecordBatch) -> Vec<(usize, String)> {
    let schema = batch.schema();
    let named = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(i, f)| (i, f.name().clone()));
    named
        .filter(|(_, name)| name != "geometry" && name != "bbox")
        .collect()
}

fn csv_of(run: &Run, table: &str) -> anyhow::Result<(Vec<u8>, u64)> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut rows = 0;
    for file in run.files(table) {
        let batch = parquet::read(run.bytes(file)?.0).with_context(|| file.path.clone())?;
        let columns = plain_columns(&batch);
        if rows == 0 {
            writer.write_record(columns.iter().map(|(_, name)| name))?;
        }
        for row in 0..batch.num_rows() {
            let values = columns.iter().map(|(i, _)| value_text(batch.column(*i), row));
            writer.write_record(values)?;
        }
        rows += batch.num_rows() as u64;
    }
    Ok((writer.into_inner().context("the CSV")?, rows))
}

fn geojson_of(run: &Run, table: &str) -> anyhow::Result<(Vec<u8>, u64)> {
    let mut features = Vec::new();
    for file in run.files(table) {
        let bytes = run.bytes(file)?.0;
        let batch = parquet::read(bytes.clone()).with_context(|| file.path.clone())?;
        let geometries: Vec<Option<geo::Geometry<f64>>> = match table {
            "coverage" => run
                .file_rows::<Coverage>(file, bytes)?
                .iter()
                .map(|c| Some(cell_geometry(c.cell)))
                .collect(),
            "images" => run
                .file_rows::<Image>(file, bytes)?
                .iter()
                .map(|i| i.position().map(point_geometry))
                .collect(),
            other => {
                return Err(Usage(format!("--table {other} has no geometry; coverage and images do")).into());
            }
        };
        let columns = plain_columns(&batch);
        for (row, geometry) in geometries.iter().enumerate() {
            features.push(feature(&batch, &columns, row, geometry.as_ref()));
        }
    }
    let rows = features.len() as u64;
    let collection = FeatureCollection {
        bbox: None,
        features,
        foreign_members: None,
    };
    Ok((collection.to_string().into_bytes(), rows))
}

fn feature(
    batch: &RecordBatch,
    columns: &[(usize, String)],
    row: usize,
    geometry: Option<&geo::Geometry<f64>>,
) -> Feature {
    let mut properties = BTreeMap::new();
    for (index, name) in columns {
        properties.insert(name.clone(), value(batch.column(*index).as_ref(), row));
    }
    // Cells as the text that other H3 tools take: JSON numbers lose the last digits of 64 bits.
    if let Some(cell) = properties.get("cell").and_then(serde_json::Value::as_u64) {
        properties.insert("cell".to_owned(), format!("{cell:x}").into());
    }
    Feature {
        geometry: geometry.map(|g| Geometry::new(geojson::GeometryValue::from(g))),
        properties: Some(properties.into_iter().collect()),
        ..Feature::default()
    }
}

/// One value as JSON.
pub(super) fn value(array: &dyn Array, row: usize) -> serde_json::Value {
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
