//! `cairn export`: a run's tables for programs that read neither Parquet nor this one, whole or the rows that are asked for.
//!
//! A table goes through file by file, row group by row group, so that what is held is one of them. What no filter can
//! find is not even fetched.

mod car;
mod csv;
mod filter;
mod flatgeobuf;
mod geojson;
mod target;
mod tiles;
mod values;

use anyhow::Context;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Schema;
use cairn_datasets::manifest::FileRecord;
use futures::TryStreamExt;
use geo::Geometry;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;

use self::filter::{Filter, Filters};
use self::target::{Out, Target};
use self::values::{Column, places};
use crate::cli::{Ending, Usage, say};
use crate::published::Run;
use crate::report::grouped;
use crate::store::runtime;

pub(super) use self::values::value;

/// What `cairn export` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// `csv` takes any table, `pmtiles` is a map of coverage and its images, the others take either of them. `geojsonl` has
    /// one feature a line. `car` is all of the epoch, its files as they are, in one archive for IPFS.
    #[arg(long, value_enum)]
    format: Format,
    /// The table: coverage, images, passes, credits, standing, rewards, adjustments or objects.
    #[arg(long, default_value = "coverage")]
    table: String,
    /// The file to write, or its URL in a bucket; `-` is stdout.
    #[arg(long)]
    out: String,
    /// Which rows; of several filters, those that pass all.
    #[command(flatten)]
    filter: Filters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Geojson,
    Geojsonl,
    Csv,
    Flatgeobuf,
    Pmtiles,
    Car,
}

/// A format that rows are written in.
trait Form {
    /// Before the first row.
    fn begin(&mut self, columns: &[Column]) -> anyhow::Result<()>;
    /// Writes rows, each with its place, and says how many it took: a format may have no form for a row without a place.
    fn rows(
        &mut self,
        columns: &[Column],
        batch: &RecordBatch,
        places: &[Option<Geometry<f64>>],
    ) -> anyhow::Result<u64>;
    /// After the last row.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// What came of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Rows that passed the filters.
    found: u64,
    /// Rows written.
    written: u64,
    /// Files that were opened.
    opened: usize,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let run = super::published(&args.run, &runtime)?;
    if args.format == Format::Car {
        return car::export(&run, args, &runtime);
    }
    let Some(table) = run.manifest.tables.get(&args.table) else {
        let known = run.manifest.tables.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(Usage(format!("--table {}: the run has {known}", args.table)).into());
    };
    if args.format == Format::Pmtiles {
        return tiles::export(&run, args, &runtime);
    }
    let filter = Filter::of(&args.filter, &run)?;
    let schema = schema_of(&run, args, &table.files)?;
    filter.check(&args.table, &schema)?;
    let target = Target::open(&args.out, &runtime)?;
    let mut form = form(args.format, &args.table, target.writer()?)?;
    let counts = export(&run, &table.files, &filter, &schema, form.as_mut())?;
    form.finish().with_context(|| format!("--out {}", args.out))?;
    target.close()?;
    let text = summary(&args.table, table.rows, table.files.len(), counts, &args.out);
    tell(args, &text)
}

/// Says what was written, beside it where it went to stdout.
fn tell(args: &Args, text: &str) -> anyhow::Result<Ending> {
    if args.out == target::STDOUT {
        tracing::info!("{}", text.trim_end());
    } else {
        say(text)?;
    }
    Ok(Ending::Fine)
}

fn form(format: Format, table: &str, out: Out) -> anyhow::Result<Box<dyn Form>> {
    Ok(match format {
        Format::Csv => Box::new(csv::Csv::new(out)),
        Format::Geojsonl => Box::new(geojson::Features::lines(out)),
        Format::Flatgeobuf => Box::new(flatgeobuf::FlatGeobuf::new(table, out)?),
        Format::Geojson | Format::Pmtiles | Format::Car => Box::new(geojson::Features::collection(out)),
    })
}

/// The columns of a table, from the footer of its first file. A table without a file has none.
fn schema_of(run: &Run, args: &Args, files: &[FileRecord]) -> anyhow::Result<Schema> {
    let schema = match files.first() {
        Some(first) => Some(run.store.block(footer(run, first))?.schema().as_ref().clone()),
        None => None,
    };
    let placed = schema
        .as_ref()
        .is_none_or(|s| s.field_with_name("geometry").is_ok());
    if args.format != Format::Csv && !placed {
        let what = format!("--table {} has no geometry; coverage and images do", args.table);
        return Err(Usage(what).into());
    }
    Ok(schema.unwrap_or_else(Schema::empty))
}

async fn footer(run: &Run, file: &FileRecord) -> anyhow::Result<ArrowReaderMetadata> {
    let mut reader = run.reader(file).await?;
    let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await;
    footer.with_context(|| file.path.clone())
}

fn export(
    run: &Run,
    files: &[FileRecord],
    filter: &Filter,
    schema: &Schema,
    form: &mut dyn Form,
) -> anyhow::Result<Counts> {
    let columns = Column::of(schema);
    form.begin(&columns)?;
    let mut counts = Counts::default();
    for file in files.iter().filter(|file| filter.may_be_in(&file.path)) {
        counts.opened += 1;
        run.store
            .block(async {
                let footer = footer(run, file).await?;
                let groups = filter.groups(&footer);
                if groups.is_empty() {
                    return Ok(());
                }
                let reader = run.reader(file).await?;
                let mut batches = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, footer)
                    .with_row_groups(groups)
                    .build()?;
                while let Some(batch) = batches.try_next().await? {
                    let batch = kept(&batch, &filter.plain(&batch)?)?;
                    let found = places(&batch);
                    let inside = filter.inside(&found);
                    let batch = kept(&batch, &inside)?;
                    let found: Vec<_> = found
                        .into_iter()
                        .zip(inside.values())
                        .filter_map(|(place, inside)| inside.then_some(place))
                        .collect();
                    counts.found += batch.num_rows() as u64;
                    counts.written += form.rows(&columns, &batch, &found)?;
                }
                anyhow::Ok(())
            })
            .with_context(|| file.path.clone())?;
    }
    Ok(counts)
}

fn kept(batch: &RecordBatch, which: &BooleanArray) -> anyhow::Result<RecordBatch> {
    Ok(filter_record_batch(batch, which)?)
}

fn summary(table: &str, rows: u64, files: usize, counts: Counts, out: &str) -> String {
    let mut parts = vec![format!(
        "Wrote {} rows of {table} to {out}",
        grouped(counts.written)
    )];
    if counts.found < rows {
        parts.push(format!(
            "it has {} in {} files, of which {} were opened",
            grouped(rows),
            grouped(files as u64),
            grouped(counts.opened as u64)
        ));
    }
    if counts.written < counts.found {
        let placeless = grouped(counts.found - counts.written);
        parts.push(format!("{placeless} have no place and were left out"));
    }
    parts.join("; ") + "\n"
}
