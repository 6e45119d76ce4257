//! Traces as files hold them: a dozen formats to raw fixes, without judging any of them.
//!
//! Nothing here drops a point: what a point lacks is `None`, and the gate (clauses F1 and F2) says so later. A file that
//! breaks in the middle keeps what precedes the break, and [`TraceContent::fault`] says where that was.

mod column_names;
mod columns;
mod csv;
mod csv_header;
mod csv_time;
mod fault;
mod fit;
mod geojson;
mod gnss_logger;
mod gpmf;
mod gpx;
mod gpx_point;
mod nmea;
mod parquet;
mod tcx;
mod video;
mod wkb_point;
mod xml_walk;

pub use csv::read_csv;
pub use fault::{Fault, TraceError};
pub use fit::read_fit;
pub use geojson::read_geojson;
pub use gnss_logger::read_gnss_logger;
pub use gpmf::read_gpmf;
pub use gpx::read_gpx;
pub use nmea::read_nmea;
pub use parquet::read_parquet;
pub use tcx::read_tcx;
pub use video::read_video;

use super::text;

/// One position report as a trace file gives it. Unknown is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RawFix {
    /// Which track segment (GPX) or trip (CSV) of the object, from 0 in the order of first appearance.
    pub segment: u32,
    /// Microseconds since 1970-01-01 UTC.
    pub time_us: Option<i64>,
    /// Latitude in 1e-7 degrees; `None` when missing, not finite or out of range, and then the longitude is `None` too.
    pub lat_e7: Option<i32>,
    /// Longitude in 1e-7 degrees, like `lat_e7`.
    pub lon_e7: Option<i32>,
    /// Reported horizontal accuracy in millimetres.
    pub accuracy_mm: Option<u32>,
    /// Horizontal dilution of precision in thousandths.
    pub hdop_milli: Option<u32>,
    /// Satellites used.
    pub satellites: Option<u32>,
    /// Whether the receiver says that it had a three-dimensional fix.
    pub fix_3d: Option<bool>,
    /// Speed over ground in millimetres per second.
    pub speed_mm_s: Option<u32>,
    /// Course over ground in whole degrees from north, 0..=359.
    pub course_deg: Option<u32>,
    /// Elevation in millimetres, above whatever the device took for sea level.
    pub elevation_mm: Option<i64>,
}

impl RawFix {
    /// Sets the position, or neither half of it: half a position is none.
    fn set_position(&mut self, lat_e7: Option<i32>, lon_e7: Option<i32>) {
        let position = lat_e7.zip(lon_e7);
        self.lat_e7 = position.map(|(lat, _)| lat);
        self.lon_e7 = position.map(|(_, lon)| lon);
    }
}

/// What a trace file held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceContent {
    /// Every point of every recorded track, in file order.
    pub fixes: Vec<RawFix>,
    /// The trip ids of a CSV by segment number, cut at 128 letters; empty where there are none. GPX track names are
    /// free text that people write about themselves, so they stay in the file.
    pub segments: Vec<String>,
    /// What ended the reading early, and where; everything before it was kept.
    pub fault: Option<Fault>,
    /// What was met on the way that was no fix, or not all of one.
    pub notes: TraceNotes,
}

/// Counts of what a trace file held besides whole fixes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceNotes {
    /// GPX waypoints: marked places, not a recording.
    pub waypoints: u64,
    /// GPX route points: a plan, not a recording.
    pub route_points: u64,
    /// Fixes with a time that could not be read (a missing one is not counted).
    pub unreadable_times: u64,
    /// Fixes whose time named no zone and was taken as UTC, where neither the format (as GPX and TCX do) nor the column's
    /// name says that it is.
    pub times_without_offset: u64,
    /// Fixes whose position was missing, not a number or out of range.
    pub unreadable_positions: u64,
    /// CSV rows too short to hold a time and a position; they give no fix.
    pub unreadable_rows: u64,
    /// Line of the first such row, from 1.
    pub first_unreadable_row: Option<u64>,
    /// Bytes that were not in the file's encoding.
    pub replaced_bytes: u64,
    /// Whether the XML declared a document type. Its entities are never expanded and nothing is fetched.
    pub doctype: bool,
    /// What else the format's reader met, a phrase each with its count: `12 sentences with a wrong checksum`. They go into
    /// the object's detail, so nothing personal and no position may stand in them.
    pub remarks: Vec<String>,
}

impl TraceNotes {
    /// Adds the remark `{count} {what}`, unless there was none.
    fn remark(&mut self, count: u64, what: &str) {
        if count > 0 {
            self.remarks.push(format!("{count} {what}"));
        }
    }
}

impl TraceContent {
    /// The segment of the next fix: that of the last one, or another. Segments without fixes get no number.
    fn next_segment(&self, is_new: bool) -> u32 {
        self.fixes
            .last()
            .map_or(0, |fix| fix.segment.saturating_add(u32::from(is_new)))
    }

    /// In words what the file held besides whole fixes; empty where there is nothing to say.
    #[must_use]
    pub fn described(&self) -> String {
        let notes = &self.notes;
        let mut said: Vec<String> = self.fault.iter().map(ToString::to_string).collect();
        let mut count = |n: u64, what: &str| {
            if n > 0 {
                said.push(format!("{n} {what}"));
            }
        };
        match notes.first_unreadable_row {
            Some(line) => count(
                notes.unreadable_rows,
                &format!("rows could not be read, the first in line {line}"),
            ),
            None => count(notes.unreadable_rows, "rows could not be read"),
        }
        count(notes.unreadable_times, "times could not be read");
        count(
            notes.times_without_offset,
            "times name no zone and were taken as UTC",
        );
        count(
            notes.unreadable_positions,
            "positions are missing or could not be read",
        );
        count(notes.replaced_bytes, "bytes were not in the file's encoding");
        if notes.doctype {
            said.push("declares a document type, whose entities are never expanded".to_owned());
        }
        said.extend(notes.remarks.iter().cloned());
        if self.fixes.is_empty() {
            said.push(match (notes.waypoints, notes.route_points) {
                (0, 0) => "holds no recorded fix".to_owned(),
                (waypoints, route_points) => {
                    format!("holds no recorded fix ({waypoints} waypoints, {route_points} route points)")
                }
            });
        }
        said.join("; ")
    }
}

/// The trace formats of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceFormat {
    /// GPX 1.0 or 1.1.
    Gpx,
    /// Comma-, semicolon-, tab- or bar-separated text with a header.
    Csv,
    /// NMEA 0183 sentences, alone or among other bytes.
    Nmea,
    /// Garmin's Flexible and Interoperable Data Transfer.
    Fit,
    /// Garmin's Training Center XML.
    Tcx,
    /// `GeoJSON` whose coordinates have times.
    GeoJson,
    /// Parquet or `GeoParquet` with a row for each fix.
    Parquet,
    /// Google's `GnssLogger` text.
    GnssLogger,
    /// `GoPro`'s metadata format, taken out of its video.
    Gpmf,
    /// MP4 or `QuickTime` with telemetry: GPMF, CAMM or `BlackVue`.
    Video,
}

impl TraceFormat {
    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gpx => "GPX",
            Self::Csv => "CSV",
            Self::Nmea => "NMEA 0183",
            Self::Fit => "FIT",
            Self::Tcx => "TCX",
            Self::GeoJson => "GeoJSON",
            Self::Parquet => "Parquet",
            Self::GnssLogger => "GnssLogger",
            Self::Gpmf => "GPMF",
            Self::Video => "MP4",
        }
    }
}

/// How much of one file is read. What lies beyond a limit is left, and the fault says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceLimits {
    /// Most fixes kept from one file, default 5,000,000 (some 100 bytes of memory each here, and some 150 as a row of the table).
    pub max_points: u64,
    /// Deepest nesting of XML elements, default 64; real files stay under 12.
    pub max_depth: u32,
    /// Most references to entities that XML does not define, default 10,000; real files have none. They are never expanded.
    pub max_entities: u64,
    /// Longest CSV row in bytes, default 65,536: an unclosed quote makes one row of the rest of the file.
    pub max_row_bytes: u32,
}

impl Default for TraceLimits {
    fn default() -> Self {
        Self {
            max_points: 5_000_000,
            max_depth: 64,
            max_entities: 10_000,
            max_row_bytes: 65_536,
        }
    }
}

impl TraceLimits {
    fn reached(&self, fixes: &[RawFix]) -> bool {
        u64::try_from(fixes.len()).unwrap_or(u64::MAX) >= self.max_points
    }
}

/// A kind shows in its first lines, and what looks for it must not be slow on a whole file.
const SNIFFED_BYTES: usize = 8_192;

/// Says which reader a file is for, from its first bytes (4 KiB are plenty).
///
/// Content decides. Only where it is none does the extension (in any case, with or without a dot) name a reader, so that a
/// broken `.gpx` gets an error with a place instead of "unknown kind".
#[must_use]
pub fn sniff(path_extension: &str, head: &[u8]) -> Option<TraceFormat> {
    let head = head.get(..SNIFFED_BYTES).unwrap_or(head);
    by_content(head).or_else(|| by_extension(path_extension))
}

fn by_content(head: &[u8]) -> Option<TraceFormat> {
    // Binary formats first: their marks are certain, and what holds for text costs more to find out.
    let binary = [
        (
            TraceFormat::Parquet,
            parquet::looks_like_parquet as fn(&[u8]) -> bool,
        ),
        (TraceFormat::Fit, fit::looks_like_fit),
        (TraceFormat::Video, video::looks_like_video),
        (TraceFormat::Gpmf, gpmf::looks_like_gpmf),
        (TraceFormat::Nmea, nmea::looks_like_nmea),
    ];
    if let Some((format, _)) = binary.iter().find(|(_, looks_like)| looks_like(head)) {
        return Some(*format);
    }
    let decoded = text::decode(head);
    let text = [
        (TraceFormat::Gpx, gpx::looks_like_gpx as fn(&str) -> bool),
        (TraceFormat::Tcx, tcx::looks_like_tcx),
        (TraceFormat::GeoJson, geojson::looks_like_geojson),
        (TraceFormat::GnssLogger, gnss_logger::looks_like_gnss_logger),
        (TraceFormat::Csv, csv::looks_like_csv),
    ];
    text.iter()
        .find(|(_, looks_like)| looks_like(&decoded.text))
        .map(|(format, _)| *format)
}

fn by_extension(path_extension: &str) -> Option<TraceFormat> {
    let extension = path_extension.trim_start_matches('.').to_ascii_lowercase();
    Some(match extension.as_str() {
        "gpx" => TraceFormat::Gpx,
        "csv" | "tsv" => TraceFormat::Csv,
        "nmea" => TraceFormat::Nmea,
        "fit" => TraceFormat::Fit,
        "tcx" => TraceFormat::Tcx,
        "geojson" => TraceFormat::GeoJson,
        "parquet" | "geoparquet" => TraceFormat::Parquet,
        _ => return None,
    })
}

/// Reads a trace of a known format.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_trace(
    format: TraceFormat,
    bytes: &[u8],
    limits: &TraceLimits,
) -> Result<TraceContent, TraceError> {
    match format {
        TraceFormat::Gpx => read_gpx(bytes, limits),
        TraceFormat::Csv => read_csv(bytes, limits),
        TraceFormat::Nmea => read_nmea(bytes, limits),
        TraceFormat::Fit => read_fit(bytes, limits),
        TraceFormat::Tcx => read_tcx(bytes, limits),
        TraceFormat::GeoJson => read_geojson(bytes, limits),
        TraceFormat::Parquet => read_parquet(bytes, limits),
        TraceFormat::GnssLogger => read_gnss_logger(bytes, limits),
        TraceFormat::Gpmf => read_gpmf(bytes, limits),
        TraceFormat::Video => read_video(bytes, limits),
    }
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
