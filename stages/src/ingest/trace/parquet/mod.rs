//! Parquet and `GeoParquet` with a row for each fix, by the parquet crate, one row group at a time and of the columns that
//! matter only.
//!
//! The crate trusts lengths in a file; [`compact`] measures what it would trust before it does.

mod cells;
mod compact;

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, Type as PhysicalType};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use self::cells::Cells;
use super::columns::{Columns, PositionColumns};
use super::csv::Trips;
use super::csv_time::{TimeForm, TimeSample};
use super::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits};
use crate::caught::caught;
use crate::ingest::text::printable;

const MAGIC: &[u8] = b"PAR1";
/// Rows decoded at once.
const BATCH_ROWS: usize = 8_192;
/// Rows that decide what the time column holds.
const TIME_SAMPLE_ROWS: usize = 1_000;
/// Largest page that is decompressed; writers aim at 1 MiB.
const MOST_PAGE_BYTES: u64 = 64 << 20;
/// Most bytes decompressed of one file: as much as an object may have (clause O1's default).
const MOST_UNCOMPRESSED_BYTES: u64 = 1 << 30;

/// Whether the bytes begin like Parquet.
pub(super) fn looks_like_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Reads Parquet by the names that a CSV's header would have, at the top of the schema.
///
/// **Position.** Two columns of degrees (floating point, decimal or text), of 1e-7 degrees or of microdegrees; else one
/// column of points: WKB, WKT, or a struct of `x` and `y`. Doubles are rounded once, to 1e-7 degrees. A `GeoParquet` file in
/// another system than longitude and latitude is refused.
///
/// **Time.** Timestamps of any unit; numbers and texts as in a CSV, by the first 1,000 rows.
///
/// Read are pages without compression, with Snappy or zstd: only for these the parquet crate stops where a page says that
/// it ends.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_parquet(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    if bytes.is_empty() {
        return Err(TraceError::Empty);
    }
    let (start, footer) = footer(bytes).map_err(|what| not_parquet(what, 0))?;
    compact::check_footer(footer).map_err(|what| not_parquet(what, start))?;
    let broken = |error: String| not_parquet(&error, start);
    let shared = Bytes::copy_from_slice(bytes);
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let read = guarded(|| ArrowReaderMetadata::load(&shared, plain.clone())).map_err(broken)?;
    let plain = plain.with_schema(Arc::new(viewed(read.schema())));
    let metadata =
        guarded(|| ArrowReaderMetadata::try_new(Arc::clone(read.metadata()), plain)).map_err(broken)?;
    let primary = primary_geometry(metadata.metadata(), start)?;
    let table = Table::of(metadata.schema(), primary.as_deref())?;
    Ok(Walk::new(bytes, shared, metadata, table, limits).run())
}

/// Runs a part of the parquet crate, which panics where a run of packed definition levels is longer than its page (59.3,
/// `DefinitionLevelBufferDecoder::read_def_levels`, "offset + len out of bounds").
fn guarded<T, E: std::fmt::Display>(part: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match caught(part) {
        Some(done) => done.map_err(|error| printable(&error.to_string(), 200)),
        None => Err("levels or lengths in it contradict each other".to_owned()),
    }
}

fn not_parquet(what: &str, byte: usize) -> TraceError {
    TraceError::NotThat {
        format: TraceFormat::Parquet.name(),
        what: what.to_owned(),
        byte: u64::try_from(byte).unwrap_or(u64::MAX),
    }
}

/// The footer and where it starts. Its length and the mark end the file.
fn footer(bytes: &[u8]) -> Result<(usize, &[u8]), &'static str> {
    let body = bytes
        .strip_suffix(MAGIC)
        .ok_or("no `PAR1` at its end: it is cut, or encrypted")?;
    let (body, length) = body.split_last_chunk::<4>().ok_or("no footer")?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let start = body
        .len()
        .checked_sub(length)
        .ok_or("a footer longer than the file")?;
    Ok((start, body.get(start..).unwrap_or_default()))
}

/// The schema with texts and bytes as views into their pages: a long text that a dictionary repeats costs its length once.
fn viewed(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            _ => return Arc::clone(field),
        };
        Arc::new(Field::clone(field).with_data_type(kind))
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// The name of `GeoParquet`'s geometry column, in longitude and latitude.
fn primary_geometry(metadata: &ParquetMetaData, start: usize) -> Result<Option<String>, TraceError> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let text = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == "geo")?.value.as_deref());
    let Some(geo) = text.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()) else {
        return Ok(None);
    };
    let name = geo.get("primary_column").and_then(serde_json::Value::as_str);
    let column = name.and_then(|name| geo.get("columns")?.get(name));
    let id = column.and_then(|column| column.get("crs")?.get("id"));
    let in_degrees = id.is_none_or(|id| {
        let authority = id.get("authority").and_then(serde_json::Value::as_str);
        let code = id.get("code").map(ToString::to_string).unwrap_or_default();
        matches!(
            (authority, code.trim_matches('"')),
            (Some("OGC"), "CRS84" | "CRS84h") | (Some("EPSG"), "4326" | "4979")
        )
    });
    if !in_degrees {
        return Err(not_parquet(
            "its coordinates are in another system than longitude and latitude",
            start,
        ));
    }
    Ok(name.map(str::to_owned))
}

/// Which columns are read, as numbers of the schema's own columns.
struct Table {
    columns: Columns,
    /// Rank of each of them among those that are read.
    ranks: Vec<usize>,
}

impl Table {
    fn of(schema: &Schema, primary: Option<&str>) -> Result<Self, TraceError> {
        let names: Vec<&[u8]> = schema
            .fields()
            .iter()
            .map(|field| match field.data_type() {
                _ if Some(field.name().as_str()) == primary => &b"geometry"[..],
                DataType::Struct(fields) if cells::is_point(fields) => field.name().as_bytes(),
                // Under no name a column is nothing.
                kind if kind.is_nested() => &b""[..],
                _ => field.name().as_bytes(),
            })
            .collect();
        let columns = Columns::of(names.iter().copied()).map_err(|missing| {
            let found: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .take(20)
                .collect();
            missing.in_header(&found.join(","))
        })?;
        let mut wanted = vec![Some(columns.time.time)];
        match columns.position {
            PositionColumns::Pair {
                latitude,
                longitude,
                hemispheres,
                ..
            } => {
                let (north, east) = hemispheres.unzip();
                wanted.extend([Some(latitude), Some(longitude), north, east]);
            }
            PositionColumns::Geometry(at) => wanted.push(Some(at)),
        }
        wanted.extend([
            columns.time.date,
            columns.trip,
            columns.accuracy,
            columns.hdop,
            columns.satellites,
            columns.speed.map(|(at, _)| at),
            columns.course,
            columns.elevation,
        ]);
        let mut ranks: Vec<usize> = wanted.into_iter().flatten().collect();
        ranks.sort_unstable();
        ranks.dedup();
        Ok(Self { columns, ranks })
    }

    /// A column of a batch by its number in the schema.
    fn column<'b>(&self, batch: &'b RecordBatch, at: usize) -> Option<&'b dyn Array> {
        let rank = self.ranks.binary_search(&at).ok()?;
        batch.columns().get(rank).map(AsRef::as_ref)
    }
}

/// The state of one pass over the row groups.
struct Walk<'f> {
    bytes: &'f [u8],
    shared: Bytes,
    metadata: ArrowReaderMetadata,
    table: Table,
    limits: &'f TraceLimits,
    uncompressed_bytes: u64,
    form: Option<TimeForm>,
    trips: Trips,
    content: TraceContent,
}

impl<'f> Walk<'f> {
    fn new(
        bytes: &'f [u8],
        shared: Bytes,
        metadata: ArrowReaderMetadata,
        table: Table,
        limits: &'f TraceLimits,
    ) -> Self {
        let mut content = TraceContent::default();
        content.notes.remarks.extend(table.columns.remark.clone());
        Self {
            bytes,
            shared,
            metadata,
            table,
            limits,
            uncompressed_bytes: 0,
            form: None,
            trips: Trips::default(),
            content,
        }
    }

    fn run(mut self) -> TraceContent {
        let metadata = Arc::clone(self.metadata.metadata());
        for (at, group) in metadata.row_groups().iter().enumerate() {
            let byte = group.columns().first().and_then(|chunk| span(chunk).ok());
            let byte = byte.map_or(0, |(start, _)| start);
            if let Err(fault) = self.group(at, group, byte) {
                self.content.fault = Some(fault);
                break;
            }
        }
        if self.form.is_some_and(TimeForm::is_ambiguous) {
            let unread = self.content.notes.unreadable_times;
            self.content
                .notes
                .remark(unread, "dates whose day and month cannot be told apart");
        }
        self.content.segments = self.trips.names;
        self.content
    }

    fn group(&mut self, at: usize, group: &RowGroupMetaData, byte: u64) -> Result<(), Fault> {
        let broken = |what: &str| Fault::Broken {
            byte,
            what: format!("row group {at}: {what}"),
        };
        let schema = self.metadata.metadata().file_metadata().schema_descr_ptr();
        let mask = ProjectionMask::roots(&schema, self.table.ranks.iter().copied());
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if mask.leaf_included(leaf) {
                self.measure(chunk).map_err(broken)?;
            }
        }
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.shared.clone(), self.metadata.clone());
        let builder = builder
            .with_projection(mask)
            .with_row_groups(vec![at])
            .with_batch_size(BATCH_ROWS);
        let mut reader = guarded(|| builder.build()).map_err(|what| broken(&what))?;
        while let Some(batch) = guarded(|| reader.next().transpose()).map_err(|what| broken(&what))? {
            self.batch(&batch, byte)?;
        }
        Ok(())
    }

    /// Walks the pages of a column chunk, so that nothing in it makes the parquet crate take more memory or time than its
    /// limits.
    fn measure(&mut self, chunk: &ColumnChunkMetaData) -> Result<(), &'static str> {
        if !matches!(
            chunk.compression(),
            Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)
        ) {
            return Err(
                "compressed in a way that this version does not read; Snappy, zstd and none are read",
            );
        }
        let (start, length) = span(chunk)?;
        let range = usize::try_from(start)
            .ok()
            .zip(usize::try_from(start.saturating_add(length)).ok());
        let mut rest = range
            .and_then(|(start, end)| self.bytes.get(start..end))
            .ok_or("a column beyond the file")?;
        while !rest.is_empty() {
            let page = compact::page(rest)?;
            if page.uncompressed_bytes > MOST_PAGE_BYTES {
                return Err("a page of more than 64 MiB");
            }
            // The least that a value of a dictionary takes is four bytes.
            if page
                .dictionary_values
                .is_some_and(|values| values > page.uncompressed_bytes / 4)
            {
                return Err("a dictionary of more values than its page can hold");
            }
            // Each value of this encoding repeats the one before it: a kilobyte of them unfolds to gigabytes.
            if chunk.column_type() == PhysicalType::BYTE_ARRAY && page.encoding == DELTA_BYTE_ARRAY {
                return Err("texts in an encoding that this version does not read (DELTA_BYTE_ARRAY)");
            }
            self.uncompressed_bytes = self.uncompressed_bytes.saturating_add(page.uncompressed_bytes);
            if self.uncompressed_bytes > MOST_UNCOMPRESSED_BYTES {
                return Err("more than 1 GiB when decompressed");
            }
            let whole = page.header_bytes.saturating_add(page.compressed_bytes);
            rest = usize::try_from(whole)
                .ok()
                .and_then(|whole| rest.get(whole..))
                .ok_or("a page beyond its column")?;
        }
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, byte: u64) -> Result<(), Fault> {
        let table = &self.table;
        let columns = &table.columns;
        let cells = |at: usize| Cells::of(table.column(batch, at));
        let optional = |at: Option<usize>| at.map_or(Cells::None, cells);
        let time = cells(columns.time.time);
        let date = columns.time.date.map(cells);
        let form = *self.form.get_or_insert_with(|| {
            let mut sample = TimeSample::default();
            for row in 0..batch.num_rows().min(TIME_SAMPLE_ROWS) {
                let text_of_date = date.as_ref().map(|date| date.text(row).unwrap_or_default());
                if let Some(text) = time.text(row) {
                    sample.add(
                        text.as_bytes(),
                        text_of_date.as_ref().map(|date| date.as_bytes()),
                        false,
                    );
                }
            }
            sample.form()
        });
        let trip = columns.trip.map(cells);
        let (accuracy, hdop) = (optional(columns.accuracy), optional(columns.hdop));
        let (satellites, speed) = (
            optional(columns.satellites),
            optional(columns.speed.map(|(at, _)| at)),
        );
        let (course, elevation) = (optional(columns.course), optional(columns.elevation));
        let position = match columns.position {
            PositionColumns::Pair {
                latitude,
                longitude,
                decimals,
                hemispheres,
            } => {
                let (north, east) = hemispheres.unzip();
                let pair = [(latitude, north), (longitude, east)];
                cells::Position::Pair(
                    pair.map(|(number, letter)| (cells(number), optional(letter))),
                    decimals,
                )
            }
            PositionColumns::Geometry(at) => cells::Position::Geometry(cells(at)),
        };
        for row in 0..batch.num_rows() {
            if self.limits.reached(&self.content.fixes) {
                return Err(Fault::TooManyPoints {
                    byte,
                    limit: self.limits.max_points,
                });
            }
            let (time_us, has_offset) = time.time_us(row, form, date.as_ref());
            let (lat_e7, lon_e7) = position.at(row);
            let mut fix = RawFix {
                segment: 0,
                time_us,
                lat_e7: None,
                lon_e7: None,
                accuracy_mm: accuracy.unsigned(row, 3),
                hdop_milli: hdop.unsigned(row, 3),
                satellites: satellites.unsigned(row, 0),
                fix_3d: None,
                speed_mm_s: columns
                    .speed
                    .and_then(|(_, unit)| unit.mm_s(speed.unsigned(row, 3)?)),
                course_deg: course
                    .unsigned(row, 3)
                    .filter(|millidegrees| *millidegrees <= 360_000)
                    .map(|millidegrees| (millidegrees + 500) / 1_000 % 360),
                elevation_mm: elevation
                    .scaled(row, 3)
                    .filter(|elevation| (-100_000_000..=100_000_000).contains(elevation)),
            };
            fix.set_position(lat_e7, lon_e7);
            if let Some(trip) = &trip {
                fix.segment = self.trips.segment(trip.text(row).unwrap_or_default().as_bytes());
            }
            let notes = &mut self.content.notes;
            notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
            notes.unreadable_times += u64::from(time_us.is_none() && !time.is_null(row));
            notes.times_without_offset += u64::from(time_us.is_some() && !has_offset && !columns.time.is_utc);
            self.content.fixes.push(fix);
        }
        Ok(())
    }
}

/// The number of that encoding in a page's header.
const DELTA_BYTE_ARRAY: i64 = 7;

/// Where a column chunk starts and how long it is.
fn span(chunk: &ColumnChunkMetaData) -> Result<(u64, u64), &'static str> {
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or_else(|| chunk.data_page_offset());
    u64::try_from(start)
        .ok()
        .zip(u64::try_from(chunk.compressed_size()).ok())
        .ok_or("a column at a negative place")
}

#[cfg(test)]
#[path = "parquet_tests.rs"]
mod tests;
