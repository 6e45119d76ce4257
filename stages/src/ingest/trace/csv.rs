//! Traces in delimited text: a header that names a time, a latitude and a longitude, then one row per fix.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::ByteRecord;

use super::csv_columns::Columns;
use super::{Fault, RawFix, TraceContent, TraceError, TraceLimits};
use crate::ingest::civil_time::{parse_civil_time, within_calendar};
use crate::ingest::decimal::{
    latitude_e7, longitude_e7, parse_course_deg, parse_elevation_mm, parse_scaled, parse_unsigned,
    with_decimal_point,
};
use crate::ingest::text::{self, printable};

/// Rows that decide what the time column holds.
const TIME_SAMPLE_ROWS: usize = 1_000;
/// Letters kept of a trip's name; the whole name tells trips apart.
const MOST_TRIP_LETTERS: usize = 128;

/// Whether the first line is the header of a trace.
pub(super) fn looks_like_csv(head: &str) -> bool {
    Columns::find(head.as_bytes()).is_ok()
}

/// Reads the rows of a CSV as fixes.
///
/// The header decides the columns (see [`TraceError::NoTraceHeader`] for the names) and the delimiter `,`, `;`, tab or `|`.
/// Where the delimiter is no comma, numbers may have a decimal comma. Rows of one trip id are one segment wherever they
/// stand.
///
/// **Time.** One decision for the whole column, from its first 1,000 rows: if more than half of the cells that are not
/// empty are plain numbers, the column counts from 1970 UTC, in the unit that the lower median of their magnitudes says:
/// seconds below 1e11 (the year 5138), milliseconds below 1e14, microseconds below 1e17, nanoseconds above. Otherwise the
/// cells are dates and times, UTC where they name no offset.
///
/// # Errors
/// [`TraceError`] when the first line is no header of a trace.
pub fn read_csv(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let decoded = text::decode(bytes);
    let columns = Columns::find(decoded.text.as_bytes())?;
    let rows = decoded.text.as_bytes().get(columns.start..).unwrap_or_default();
    let blank = decoded.text.as_bytes().get(..columns.start).unwrap_or_default();
    let mut content = TraceContent::default();
    content.notes.replaced_bytes = decoded.replaced;
    let mut table = Table {
        form: TimeForm::of_column(rows, &columns, limits),
        decimal_comma: columns.delimiter != b',',
        columns,
        trips: Trips::default(),
        content,
    };
    let lines_before = blank
        .iter()
        .fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
    let start = decoded.file_offset(u64::try_from(table.columns.start).unwrap_or(0));
    table.read(rows, limits, lines_before, start);
    let mut content = table.content;
    content.segments = table.trips.names;
    Ok(content)
}

fn reader(rows: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(true)
        .flexible(true)
        .from_reader(rows)
}

struct Table {
    columns: Columns,
    form: TimeForm,
    decimal_comma: bool,
    trips: Trips,
    content: TraceContent,
}

impl Table {
    fn read(&mut self, rows: &[u8], limits: &TraceLimits, lines_before: u64, start: u64) {
        let mut reader = reader(rows, self.columns.delimiter);
        let mut record = ByteRecord::new();
        loop {
            // Byte records from memory with flexible lengths do not fail; if they ever do, what was read stands.
            if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
                return;
            }
            let line = record
                .position()
                .map_or(0, csv::Position::line)
                .saturating_add(lines_before);
            let bytes = record.as_slice().len();
            if bytes > usize::try_from(limits.max_row_bytes).unwrap_or(usize::MAX) {
                let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                self.content.fault = Some(Fault::RowTooLong {
                    line,
                    bytes,
                    limit: limits.max_row_bytes,
                });
                return;
            }
            if limits.reached(&self.content.fixes) {
                let byte = record
                    .position()
                    .map_or(0, csv::Position::byte)
                    .saturating_add(start);
                self.content.fault = Some(Fault::TooManyPoints {
                    byte,
                    limit: limits.max_points,
                });
                return;
            }
            if let Some(fix) = self.fix(&record) {
                self.content.fixes.push(fix);
            } else {
                self.content.notes.unreadable_rows += 1;
                self.content.notes.first_unreadable_row.get_or_insert(line);
            }
        }
    }

    /// The fix of a row, or `None` when the row ends before its time or position.
    fn fix(&mut self, record: &ByteRecord) -> Option<RawFix> {
        let columns = &self.columns;
        let time = record.get(columns.time)?;
        let latitude = self.number(record.get(columns.latitude)?);
        let longitude = self.number(record.get(columns.longitude)?);
        let cell = |column: Option<usize>| column.and_then(|at| record.get(at)).map(|cell| self.number(cell));
        let unsigned = |column, decimals| cell(column).and_then(|text| parse_unsigned(&text, decimals));
        let (time_us, has_offset) = self.form.time_us(time, self.decimal_comma);
        let mut fix = RawFix {
            segment: 0,
            time_us,
            lat_e7: None,
            lon_e7: None,
            accuracy_mm: unsigned(columns.accuracy, 3),
            hdop_milli: unsigned(columns.hdop, 3),
            satellites: unsigned(columns.satellites, 0),
            fix_3d: None,
            speed_mm_s: columns.speed.and_then(|(at, kmh)| {
                let speed = unsigned(Some(at), 3)?;
                // Metres per hour to millimetres per second, rounded half up.
                if kmh {
                    u32::try_from((u64::from(speed) * 10 + 18) / 36).ok()
                } else {
                    Some(speed)
                }
            }),
            course_deg: cell(columns.course).and_then(|text| parse_course_deg(&text)),
            elevation_mm: cell(columns.elevation).and_then(|text| parse_elevation_mm(&text)),
        };
        fix.set_position(latitude_e7(&latitude), longitude_e7(&longitude));
        let notes = &mut self.content.notes;
        notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
        notes.unreadable_times += u64::from(time_us.is_none() && !time.trim_ascii().is_empty());
        notes.times_without_offset += u64::from(time_us.is_some() && !has_offset);
        if let Some(at) = self.columns.trip {
            fix.segment = self.trips.segment(record.get(at).unwrap_or_default());
        }
        Some(fix)
    }

    fn number<'c>(&self, cell: &'c [u8]) -> Cow<'c, [u8]> {
        if self.decimal_comma {
            with_decimal_point(cell)
        } else {
            Cow::Borrowed(cell)
        }
    }
}

/// What the cells of the time column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeForm {
    Text,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl TimeForm {
    fn of_column(rows: &[u8], columns: &Columns, limits: &TraceLimits) -> Self {
        let mut reader = reader(rows, columns.delimiter);
        let mut record = ByteRecord::new();
        let mut magnitudes = Vec::new();
        let mut texts = 0;
        for _ in 0..TIME_SAMPLE_ROWS {
            let row_read = matches!(reader.read_byte_record(&mut record), Ok(true));
            if !row_read
                || record.as_slice().len() > usize::try_from(limits.max_row_bytes).unwrap_or(usize::MAX)
            {
                break;
            }
            let Some(cell) = record
                .get(columns.time)
                .filter(|cell| !cell.trim_ascii().is_empty())
            else {
                continue;
            };
            let number = if columns.delimiter == b',' {
                Cow::Borrowed(cell)
            } else {
                with_decimal_point(cell)
            };
            match parse_scaled(&number, 0) {
                Ok(value) => magnitudes.push(value.unsigned_abs()),
                Err(_) => texts += 1,
            }
        }
        if magnitudes.len() <= texts {
            return Self::Text;
        }
        magnitudes.sort_unstable();
        let lower_median = magnitudes.get((magnitudes.len() - 1) / 2).copied().unwrap_or(0);
        match lower_median {
            0..100_000_000_000 => Self::Seconds,
            100_000_000_000..100_000_000_000_000 => Self::Milliseconds,
            100_000_000_000_000..100_000_000_000_000_000 => Self::Microseconds,
            _ => Self::Nanoseconds,
        }
    }

    /// Microseconds since 1970 UTC, and whether that was certain to be UTC. Parts of a microsecond are
    /// rounded, those of nanosecond columns cut.
    fn time_us(self, cell: &[u8], decimal_comma: bool) -> (Option<i64>, bool) {
        let scaled = |decimals| {
            let number = if decimal_comma {
                with_decimal_point(cell)
            } else {
                Cow::Borrowed(cell)
            };
            parse_scaled(&number, decimals).ok()
        };
        match self {
            Self::Seconds => (scaled(6).and_then(within_calendar), true),
            Self::Milliseconds => (scaled(3).and_then(within_calendar), true),
            Self::Microseconds => (scaled(0).and_then(within_calendar), true),
            Self::Nanoseconds => (scaled(0).map(|nanos| nanos.div_euclid(1_000)), true),
            Self::Text => {
                let time = parse_civil_time(cell);
                (
                    time.map(|time| time.utc_us(0)),
                    time.is_some_and(|time| time.offset_s.is_some()),
                )
            }
        }
    }
}

/// Segment numbers of trip ids, by first appearance.
#[derive(Debug, Default)]
struct Trips {
    numbers: BTreeMap<Vec<u8>, u32>,
    names: Vec<String>,
    last: Option<(Vec<u8>, u32)>,
}

impl Trips {
    fn segment(&mut self, id: &[u8]) -> u32 {
        // Rows of a trip mostly stand together: ask the map only when the trip changes.
        if let Some((last, number)) = &self.last
            && last == id
        {
            return *number;
        }
        let known = self.numbers.get(id).copied();
        let number = known.unwrap_or_else(|| {
            let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.numbers.insert(id.to_vec(), number);
            self.names
                .push(printable(&String::from_utf8_lossy(id), MOST_TRIP_LETTERS));
            number
        });
        self.last = Some((id.to_vec(), number));
        number
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
