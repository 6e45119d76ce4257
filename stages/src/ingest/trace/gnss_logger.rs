//! Google's `GnssLogger` for Android: a text of measurements, of which the `Fix` lines are positions.
//!
//! Its columns changed over the years (`Latitude` became `LatitudeDegrees`, `(UTC)TimeInMs` became `UnixTimeMillis` and
//! moved), so the `# Fix,...` line of the file's own header names them.

use memchr::memchr_iter;

use super::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, read_nmea};
use crate::ingest::civil_time::within_calendar;
use crate::ingest::decimal::{
    latitude_e7, longitude_e7, parse_course_deg, parse_elevation_mm, parse_scaled, parse_unsigned,
};

/// What follows `Fix,` in the line that names the columns.
const HEADER: &[u8] = b"Provider,";

/// Whether a line of the header names the columns of a measurement or of a fix.
pub(super) fn looks_like_gnss_logger(head: &str) -> bool {
    head.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('#').trim_start();
        line.starts_with("Fix,Provider,") || (line.starts_with("Raw,") && line.contains("TimeNanos,"))
    })
}

/// Reads the `Fix` lines.
///
/// A phone writes the fixes of several providers one among the other. Those of the GNSS receiver itself are taken
/// (`GPS`), or else, where there is none, the fused ones (`FLP`). Network positions are made of radio masts and access
/// points and never taken, nor what the app computed itself (`WLS` and others). A log without a fix that can be taken is read by its `NMEA` lines.
///
/// # Errors
/// [`TraceError`] when there is neither a `Fix`, `Raw` nor `NMEA` line.
pub fn read_gnss_logger(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let census = Census::of(bytes);
    if census.lines() == 0 {
        if bytes.trim_ascii().is_empty() {
            return Err(TraceError::Empty);
        }
        return Err(TraceError::NotThat {
            format: TraceFormat::GnssLogger.name(),
            what: "there is no `Fix`, `Raw` or `NMEA` line".to_owned(),
            byte: 0,
        });
    }
    let taken = census.taken();
    let mut content = match taken {
        None if census.nmea > 0 => read_nmea(bytes, limits).unwrap_or_default(),
        None => TraceContent::default(),
        Some(provider) => read_fixes(bytes, provider, limits),
    };
    census.describe(taken, &mut content);
    Ok(content)
}

/// Where a position comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Gnss,
    Fused,
    Network,
    Other,
}

impl Provider {
    fn of(name: &[u8]) -> Self {
        const NAMES: [(&[u8], Provider); 6] = [
            (b"gps", Provider::Gnss),
            (b"gnss", Provider::Gnss),
            (b"flp", Provider::Fused),
            (b"fused", Provider::Fused),
            (b"nlp", Provider::Network),
            (b"network", Provider::Network),
        ];
        let name = name.trim_ascii();
        NAMES
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known))
            .map_or(Self::Other, |(_, provider)| *provider)
    }
}

/// How many lines there are of each kind.
#[derive(Debug, Clone, Copy, Default)]
struct Census {
    gnss: u64,
    fused: u64,
    network: u64,
    other: u64,
    raw: u64,
    nmea: u64,
}

impl Census {
    fn of(bytes: &[u8]) -> Self {
        let mut census = Self::default();
        for (_, line) in lines(bytes) {
            if let Some(row) = line.strip_prefix(b"Fix,")
                && !row.starts_with(HEADER)
            {
                match Provider::of(field(row, Some(0))) {
                    Provider::Gnss => census.gnss += 1,
                    Provider::Fused => census.fused += 1,
                    Provider::Network => census.network += 1,
                    Provider::Other => census.other += 1,
                }
            }
            census.raw += u64::from(line.starts_with(b"Raw,"));
            census.nmea += u64::from(line.starts_with(b"NMEA,"));
        }
        census
    }

    fn lines(self) -> u64 {
        self.gnss + self.fused + self.network + self.other + self.raw + self.nmea
    }

    fn taken(self) -> Option<Provider> {
        if self.gnss > 0 {
            Some(Provider::Gnss)
        } else {
            (self.fused > 0).then_some(Provider::Fused)
        }
    }

    fn describe(self, taken: Option<Provider>, content: &mut TraceContent) {
        let notes = &mut content.notes;
        match taken {
            Some(Provider::Gnss) => notes.remark(self.fused, "fused fixes left for those of the receiver"),
            Some(_) => notes.remark(self.fused, "fixes are fused, for want of those of the receiver"),
            None => notes.remark(self.nmea, "lines of NMEA read, for want of fixes"),
        }
        notes.remark(self.network, "network positions left out");
        notes.remark(self.other, "positions of other providers left out");
        notes.remark(self.raw, "raw measurements");
    }
}

/// The fixes of one provider.
fn read_fixes(bytes: &[u8], provider: Provider, limits: &TraceLimits) -> TraceContent {
    let mut content = TraceContent::default();
    let mut columns = None;
    let mut mock = 0;
    for (number, (at, line)) in (1_u64..).zip(lines(bytes)) {
        let stripped = line.strip_prefix(b"#").map_or(line, <[u8]>::trim_ascii_start);
        let Some(row) = stripped.strip_prefix(b"Fix,") else {
            continue;
        };
        if row.starts_with(HEADER) {
            columns = Some(Columns::of(row));
            continue;
        }
        if stripped.len() != line.len() || Provider::of(field(row, Some(0))) != provider {
            continue;
        }
        if limits.reached(&content.fixes) {
            content.fault = Some(Fault::TooManyPoints {
                byte: u64::try_from(at).unwrap_or(u64::MAX),
                limit: limits.max_points,
            });
            break;
        }
        let columns = columns.get_or_insert_with(|| Columns::without_header(row));
        if fields(row).count() <= columns.last_needed() {
            content.notes.unreadable_rows += 1;
            content.notes.first_unreadable_row.get_or_insert(number);
            continue;
        }
        let fix = columns.fix(row);
        mock += u64::from(fix.fix_3d == Some(false));
        let notes = &mut content.notes;
        notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
        notes.unreadable_times +=
            u64::from(fix.time_us.is_none() && !field(row, columns.time).trim_ascii().is_empty());
        content.fixes.push(fix);
    }
    content.notes.remark(mock, "fixes that the phone calls mocked");
    content
}

/// Which field of a `Fix` line is what; the provider is field 0.
#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    latitude: Option<usize>,
    longitude: Option<usize>,
    time: Option<usize>,
    elevation: Option<usize>,
    speed: Option<usize>,
    accuracy: Option<usize>,
    course: Option<usize>,
    mock: Option<usize>,
}

impl Columns {
    /// From a header, after its `Fix,`.
    fn of(header: &[u8]) -> Self {
        let at = |names: &[&[u8]]| {
            fields(header).position(|name| {
                let name = name.trim_ascii();
                names.iter().any(|known| name.eq_ignore_ascii_case(known))
            })
        };
        Self {
            latitude: at(&[b"LatitudeDegrees", b"Latitude"]),
            longitude: at(&[b"LongitudeDegrees", b"Longitude"]),
            time: at(&[b"UnixTimeMillis", b"(UTC)TimeInMs", b"UtcTimeMillis"]),
            elevation: at(&[b"AltitudeMeters", b"Altitude"]),
            speed: at(&[b"SpeedMps", b"Speed"]),
            accuracy: at(&[b"AccuracyMeters", b"Accuracy"]),
            course: at(&[b"BearingDegrees", b"Bearing"]),
            mock: at(&[b"MockLocation"]),
        }
    }

    /// What the app wrote when a file without a header has rows of this length: up to version 1 without a bearing.
    fn without_header(row: &[u8]) -> Self {
        Self::of(if fields(row).count() < 8 {
            b"Provider,Latitude,Longitude,Altitude,Speed,Accuracy,(UTC)TimeInMs"
        } else {
            b"Provider,LatitudeDegrees,LongitudeDegrees,AltitudeMeters,SpeedMps,AccuracyMeters,BearingDegrees,UnixTimeMillis"
        })
    }

    /// The last field without which a row is cut.
    fn last_needed(&self) -> usize {
        let needed = [self.latitude, self.longitude, self.time];
        needed.into_iter().flatten().max().unwrap_or(0)
    }

    fn fix(&self, row: &[u8]) -> RawFix {
        let mut fix = RawFix {
            time_us: parse_scaled(field(row, self.time), 3)
                .ok()
                .and_then(within_calendar),
            accuracy_mm: parse_unsigned(field(row, self.accuracy), 3),
            speed_mm_s: parse_unsigned(field(row, self.speed), 3),
            course_deg: parse_course_deg(field(row, self.course)),
            elevation_mm: parse_elevation_mm(field(row, self.elevation)),
            // What an app made up is no fix of the receiver (F5).
            fix_3d: (field(row, self.mock).trim_ascii() == b"1").then_some(false),
            ..RawFix::default()
        };
        fix.set_position(
            latitude_e7(field(row, self.latitude)),
            longitude_e7(field(row, self.longitude)),
        );
        fix
    }
}

/// The fields of a line.
fn fields(row: &[u8]) -> impl Iterator<Item = &[u8]> {
    row.split(|byte| *byte == b',')
}

/// A field of a row, empty where there is none.
fn field(row: &[u8], at: Option<usize>) -> &[u8] {
    at.and_then(|at| fields(row).nth(at)).unwrap_or_default()
}

/// The lines and their offsets, without their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let ends = memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len()));
    ends.scan(0, |start, end| {
        let line = bytes.get(*start..end)?;
        let at = std::mem::replace(start, end + 1);
        Some((at, line.strip_suffix(b"\r").unwrap_or(line)))
    })
}

#[cfg(test)]
#[path = "gnss_logger_tests.rs"]
mod tests;
