//! Traces in delimited text: a header that names a time and a position, then one row per fix.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::ByteRecord;
use memchr::memchr_iter;

use super::columns::{Columns, PositionColumns};
use super::csv_header::Header;
use super::csv_time::{TimeForm, TimeSample};
use super::wkb_point::{degrees_of_f64, hexadecimal, point_of_wkb};
use super::{Fault, RawFix, TraceContent, TraceError, TraceLimits};
use crate::ingest::civil_time::trim_padding;
use crate::ingest::decimal::{
    degrees_e7, latitude_e7, longitude_e7, parse_course_deg, parse_elevation_mm, parse_scaled,
    parse_unsigned, with_decimal_point,
};
use crate::ingest::text::{self, printable};

/// Rows that decide what the time column holds.
const TIME_SAMPLE_ROWS: usize = 1_000;
/// Letters kept of a trip's name; the whole name tells trips apart.
const MOST_TRIP_LETTERS: usize = 128;

/// Whether the first line is the header of a trace.
pub(super) fn looks_like_csv(head: &str) -> bool {
    Header::find(head.as_bytes()).is_ok()
}

/// Reads the rows of a CSV as fixes.
///
/// The header, which comments (`#`) may precede, decides the columns (see [`TraceError::NoTraceHeader`] for the names) and
/// the delimiter `,`, `;`, tab or `|`. Where the delimiter is no comma, numbers may have a decimal comma. Rows of one trip
/// id are one segment wherever they stand.
///
/// **Position.** Two columns of degrees, of 1e-7 degrees or of microdegrees, as their names say, with the hemisphere as a
/// sign, as a letter beside the number or in columns of their own; else one column of WKT or hexadecimal WKB points.
///
/// **Time.** One decision for the whole column, from its first 1,000 rows: if more than half of the cells that are not
/// empty are plain numbers, the column counts from 1970 UTC, in the unit that the lower median of their magnitudes says:
/// seconds below 1e11 (the year 5138), milliseconds below 1e14, microseconds below 1e17, nanoseconds above. Otherwise the
/// cells are dates and times, or times of day beside a column of dates, UTC where they name no offset. Where the year comes
/// last, the column must have a date that tells days from months, or dots between them, which only those write who put
/// the day first.
///
/// # Errors
/// [`TraceError`] when the first line is no header of a trace.
pub fn read_csv(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let decoded = text::decode(bytes);
    let header = Header::find(decoded.text.as_bytes())?;
    let rows = decoded.text.as_bytes().get(header.start..).unwrap_or_default();
    let before = decoded.text.as_bytes().get(..header.start).unwrap_or_default();
    let start = decoded.file_offset(u64::try_from(header.start).unwrap_or(0));
    let lines_before = before
        .iter()
        .fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
    let mut content = TraceContent::default();
    content.notes.replaced_bytes = decoded.replaced;
    content.notes.remarks.extend(header.columns.remark.clone());
    let mut table = Table {
        form: time_form(rows, &header, limits),
        delimiter: header.delimiter,
        decimal_comma: header.delimiter != b',',
        columns: header.columns,
        trips: Trips::default(),
        broken_lines: 0,
        content,
    };
    table.read(rows, limits, lines_before, start);
    let mut content = table.content;
    content.notes.remark(
        table.broken_lines,
        "line breaks stand within quotes: where one is not closed, rows are lost",
    );
    if table.form.is_ambiguous() {
        let unread = content.notes.unreadable_times;
        content
            .notes
            .remark(unread, "dates whose day and month cannot be told apart");
    }
    content.segments = table.trips.names;
    Ok(content)
}

fn reader(rows: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .has_headers(true)
        .flexible(true)
        .from_reader(rows)
}

fn time_form(rows: &[u8], header: &Header, limits: &TraceLimits) -> TimeForm {
    let mut reader = reader(rows, header.delimiter);
    let mut record = ByteRecord::new();
    let mut sample = TimeSample::default();
    for _ in 0..TIME_SAMPLE_ROWS {
        let row_read = matches!(reader.read_byte_record(&mut record), Ok(true));
        if !row_read || is_too_long(&record, limits) {
            break;
        }
        let date = header.columns.time.date.and_then(|at| cell(&record, at));
        if let Some(cell) = cell(&record, header.columns.time.time) {
            sample.add(cell, date, header.delimiter != b',');
        }
    }
    sample.form()
}

/// A cell without the blanks and, as some loggers write them, NULs that make it as wide as the others of its column.
fn cell(record: &ByteRecord, at: usize) -> Option<&[u8]> {
    record.get(at).map(trim_padding)
}

fn is_too_long(record: &ByteRecord, limits: &TraceLimits) -> bool {
    record.as_slice().len() > usize::try_from(limits.max_row_bytes).unwrap_or(usize::MAX)
}

struct Table {
    delimiter: u8,
    columns: Columns,
    form: TimeForm,
    decimal_comma: bool,
    trips: Trips,
    /// Line breaks within quotes.
    broken_lines: u64,
    content: TraceContent,
}

impl Table {
    fn read(&mut self, rows: &[u8], limits: &TraceLimits, lines_before: u64, start: u64) {
        let mut reader = reader(rows, self.delimiter);
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
            if is_too_long(&record, limits) {
                self.content.fault = Some(Fault::RowTooLong {
                    line,
                    bytes: u64::try_from(record.as_slice().len()).unwrap_or(u64::MAX),
                    limit: limits.max_row_bytes,
                });
                return;
            }
            self.broken_lines += u64::try_from(memchr_iter(b'\n', record.as_slice()).count()).unwrap_or(0);
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
        let time = cell(record, columns.time.time)?;
        let date = columns
            .time
            .date
            .map_or(Some(None), |at| cell(record, at).map(Some))?;
        let (lat_e7, lon_e7) = self.position(record)?;
        let number = |column: Option<usize>| cell(record, column?).map(|cell| self.number(cell));
        let unsigned = |column, decimals| number(column).and_then(|text| parse_unsigned(&text, decimals));
        let (time_us, has_offset) = self.form.time_us(time, date, self.decimal_comma);
        let mut fix = RawFix {
            segment: 0,
            time_us,
            lat_e7: None,
            lon_e7: None,
            accuracy_mm: unsigned(columns.accuracy, 3),
            hdop_milli: unsigned(columns.hdop, 3),
            satellites: unsigned(columns.satellites, 0),
            fix_3d: None,
            speed_mm_s: columns
                .speed
                .and_then(|(at, unit)| unit.mm_s(unsigned(Some(at), 3)?)),
            course_deg: number(columns.course).and_then(|text| parse_course_deg(&text)),
            elevation_mm: number(columns.elevation).and_then(|text| parse_elevation_mm(&text)),
        };
        fix.set_position(lat_e7, lon_e7);
        let notes = &mut self.content.notes;
        notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
        notes.unreadable_times += u64::from(time_us.is_none() && !time.is_empty());
        notes.times_without_offset += u64::from(time_us.is_some() && !has_offset && !columns.time.is_utc);
        if let Some(at) = self.columns.trip {
            fix.segment = self.trips.segment(record.get(at).unwrap_or_default());
        }
        Some(fix)
    }

    /// Latitude and longitude, or `None` when the row ends before them.
    fn position(&self, record: &ByteRecord) -> Option<(Option<i32>, Option<i32>)> {
        match self.columns.position {
            PositionColumns::Pair {
                latitude,
                longitude,
                decimals,
                hemispheres,
            } => {
                let half = |at: usize, hemisphere: Option<usize>, letters, limit| {
                    let number = self.number(cell(record, at)?);
                    let letter = hemisphere.map_or(Some(&b""[..]), |at| cell(record, at))?;
                    Some(
                        hemisphere_e7(&number, letter, decimals, letters)
                            .and_then(|value| degrees_e7(value, limit)),
                    )
                };
                Some((
                    half(latitude, hemispheres.map(|h| h.0), NORTH_OR_SOUTH, 90)?,
                    half(longitude, hemispheres.map(|h| h.1), EAST_OR_WEST, 180)?,
                ))
            }
            PositionColumns::Geometry(at) => Some(point_of_text(cell(record, at)?)),
        }
    }

    fn number<'c>(&self, cell: &'c [u8]) -> Cow<'c, [u8]> {
        if self.decimal_comma {
            with_decimal_point(cell)
        } else {
            Cow::Borrowed(cell)
        }
    }
}

/// 1e-7 degrees of `48.1`, `48.1N`, `S 48.1` or `48.1` beside a column that says `S`. A sign and a letter together are no
/// number.
pub(super) fn hemisphere_e7(cell: &[u8], letter: &[u8], decimals: u32, letters: Letters) -> Option<i64> {
    let cell = cell.trim_ascii();
    let is_letter = |byte: &u8| [letters.0, letters.1].contains(&byte.to_ascii_uppercase());
    let (number, letter) = match cell {
        [number @ .., last] if is_letter(last) => (number, std::slice::from_ref(last)),
        [first, number @ ..] if is_letter(first) => (number, std::slice::from_ref(first)),
        _ => (cell, letter),
    };
    signed_e7(parse_scaled(number, decimals).ok()?, letter, letters)
}

/// The letter of the positive half of the globe, and that of the negative one.
pub(super) type Letters = (u8, u8);
pub(super) const NORTH_OR_SOUTH: Letters = (b'N', b'S');
pub(super) const EAST_OR_WEST: Letters = (b'E', b'W');

/// A number with the sign of the letter beside it, where there is one.
pub(super) fn signed_e7(value: i64, letter: &[u8], letters: Letters) -> Option<i64> {
    match letter.trim_ascii().first().map(u8::to_ascii_uppercase) {
        None => Some(value),
        Some(_) if value < 0 => None,
        Some(letter) if letter == letters.0 => Some(value),
        Some(letter) if letter == letters.1 => value.checked_neg(),
        Some(_) => None,
    }
}

/// Latitude and longitude of a point in WKT or in hexadecimal WKB.
pub(super) fn point_of_text(cell: &[u8]) -> (Option<i32>, Option<i32>) {
    const MOST_WKB_BYTES: usize = 64;
    if let Some((lon, lat)) = point_of_wkt(cell) {
        (latitude_e7(lat), longitude_e7(lon))
    } else if let Some((lon, lat)) =
        hexadecimal(cell.trim_ascii(), MOST_WKB_BYTES).and_then(|wkb| point_of_wkb(&wkb))
    {
        (degrees_of_f64(lat, 90), degrees_of_f64(lon, 180))
    } else {
        (None, None)
    }
}

/// The texts of longitude and latitude in `POINT [Z] (lon lat …)`, which `SRID=4326;` may precede; another system is no
/// position.
fn point_of_wkt(cell: &[u8]) -> Option<(&[u8], &[u8])> {
    let cell = cell.trim_ascii();
    let cell = match cell.iter().position(|byte| *byte == b';') {
        Some(at) => {
            let (system, rest) = cell.split_at_checked(at)?;
            system.eq_ignore_ascii_case(b"SRID=4326").then_some(())?;
            rest.get(1..)?
        }
        None => cell,
    };
    let open = cell.iter().position(|byte| *byte == b'(')?;
    let (word, rest) = cell.split_at_checked(open)?;
    let word = word.trim_ascii().to_ascii_uppercase();
    matches!(
        word.as_slice(),
        b"POINT" | b"POINT Z" | b"POINTZ" | b"POINT M" | b"POINT ZM" | b"POINTZM"
    )
    .then_some(())?;
    let inner = rest.strip_prefix(b"(")?.strip_suffix(b")")?;
    let mut numbers = inner
        .split(u8::is_ascii_whitespace)
        .filter(|number| !number.is_empty());
    Some((numbers.next()?, numbers.next()?))
}

/// Segment numbers of trip ids, by first appearance.
#[derive(Debug, Default)]
pub(super) struct Trips {
    numbers: BTreeMap<Vec<u8>, u32>,
    pub(super) names: Vec<String>,
    last: Option<(Vec<u8>, u32)>,
}

impl Trips {
    pub(super) fn segment(&mut self, id: &[u8]) -> u32 {
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
