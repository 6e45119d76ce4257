//! One feature while it is being read, and the fixes that features become.

use crate::ingest::civil_time::{parse_civil_time, parse_digits_time};
use crate::ingest::decimal::{
    latitude_e7, longitude_e7, parse_course_deg, parse_elevation_mm, parse_scaled, parse_unsigned,
};
use crate::ingest::trace::columns::{EpochUnit, Property};
use crate::ingest::trace::csv_time::epoch_us;
use crate::ingest::trace::{RawFix, TraceContent, TraceLimits};

/// No height in metres, and as seconds a moment of 1973: a third or fourth coordinate from here on is a time.
const LEAST_TIME: u64 = 100_000_000;

/// What the `type` of an object says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Unknown,
    /// A feature or a collection: its geometry has a type of its own.
    Holder,
    Point,
    /// Lines and sets of points, in the order in which they were recorded.
    Line,
    Area,
}

impl Kind {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "Feature" | "FeatureCollection" | "GeometryCollection" => Self::Holder,
            "Point" => Self::Point,
            "LineString" | "MultiLineString" | "MultiPoint" => Self::Line,
            "Polygon" | "MultiPolygon" => Self::Area,
            _ => Self::Unknown,
        }
    }
}

/// A time as the file gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Time {
    #[default]
    Missing,
    Unreadable,
    Utc(i64),
    /// Without an offset, taken as UTC.
    Floating(i64),
}

impl Time {
    fn read(text: &str) -> Self {
        let text = text.as_bytes().trim_ascii();
        if text.is_empty() {
            return Self::Missing;
        }
        if let Ok(number) = parse_scaled(text, 0)
            && parse_digits_time(text).is_none()
        {
            let unit = EpochUnit::of_magnitude(number.unsigned_abs());
            return epoch_us(unit, text).map_or(Self::Unreadable, Self::Utc);
        }
        match parse_civil_time(text) {
            None => Self::Unreadable,
            Some(time) if time.offset_s.is_some() => Self::Utc(time.utc_us(0)),
            Some(time) => Self::Floating(time.utc_us(0)),
        }
    }
}

/// One position of a feature.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    lat_e7: Option<i32>,
    lon_e7: Option<i32>,
    elevation_mm: Option<i64>,
    time: Time,
    line: u32,
}

/// What is known of a feature.
#[derive(Debug, Default)]
pub(super) struct Feature {
    pub(super) positions: Vec<Position>,
    /// The type that was read last, which is the geometry's where the file breaks in its coordinates.
    pub(super) last_kind: Kind,
    current: Position,
    line: u32,
    times: Vec<Time>,
    /// More times than the limit on points allows to keep.
    too_many_times: bool,
    /// What the properties say of a lone point.
    point: RawFix,
    point_time: Time,
    areas: u64,
    untyped: u64,
    /// Whether any geometry was more than a point.
    has_line: bool,
}

impl Feature {
    /// A number, a string or nothing (an empty text) at its place in a position.
    pub(super) fn coordinate(&mut self, at: usize, text: &str, quoted: bool) {
        let number = text.as_bytes();
        let is_time =
            || quoted || parse_scaled(number, 0).is_ok_and(|size| size.unsigned_abs() >= LEAST_TIME);
        match at {
            0 => {
                self.current = Position {
                    lon_e7: longitude_e7(number),
                    line: self.line,
                    ..Position::default()
                }
            }
            1 => self.current.lat_e7 = latitude_e7(number),
            2 | 3 if is_time() => self.current.time = Time::read(text),
            2 => self.current.elevation_mm = parse_elevation_mm(number),
            _ => {}
        }
    }

    /// The array that held this many numbers has closed.
    pub(super) fn end_position(&mut self, numbers: usize) {
        let position = std::mem::take(&mut self.current);
        self.positions.push(if numbers < 2 {
            Position {
                line: self.line,
                ..Position::default()
            }
        } else {
            position
        });
    }

    /// An array of positions has closed.
    pub(super) fn end_line(&mut self) {
        self.line = self.line.saturating_add(1);
    }

    /// A geometry has closed whose positions begin there. A holder's geometries have closed before it.
    pub(super) fn end_geometry(&mut self, kind: Kind, first_position: usize) {
        match kind {
            Kind::Holder => return,
            Kind::Point => {}
            Kind::Line => self.has_line = true,
            Kind::Area => {
                self.areas += 1;
                self.positions.truncate(first_position);
            }
            Kind::Unknown => {
                self.untyped += u64::from(self.positions.len() > first_position);
                self.positions.truncate(first_position);
            }
        }
        self.end_line();
    }

    /// The time of the next position.
    pub(super) fn time(&mut self, text: &str, limits: &TraceLimits) {
        if u64::try_from(self.times.len()).unwrap_or(u64::MAX) < limits.max_points {
            self.times.push(Time::read(text));
        } else {
            self.too_many_times = true;
        }
    }

    /// A property; the first readable one of a quantity counts.
    pub(super) fn property(&mut self, name: &str, text: &str) {
        let Some(property) = Property::of(name) else {
            return;
        };
        let (number, point) = (text.as_bytes(), &mut self.point);
        match property {
            Property::Time => {
                if matches!(self.point_time, Time::Missing | Time::Unreadable) {
                    let time = Time::read(text);
                    if time != Time::Missing {
                        self.point_time = time;
                    }
                }
            }
            Property::Accuracy => point.accuracy_mm = point.accuracy_mm.or_else(|| parse_unsigned(number, 3)),
            Property::Hdop => point.hdop_milli = point.hdop_milli.or_else(|| parse_unsigned(number, 3)),
            Property::Satellites => point.satellites = point.satellites.or_else(|| parse_unsigned(number, 0)),
            Property::Speed(unit) => {
                let read = || unit.mm_s(parse_unsigned(number, 3)?);
                point.speed_mm_s = point.speed_mm_s.or_else(read);
            }
            Property::Course => point.course_deg = point.course_deg.or_else(|| parse_course_deg(number)),
            Property::Elevation => {
                point.elevation_mm = point.elevation_mm.or_else(|| parse_elevation_mm(number));
            }
        }
    }
}

/// The fixes of all features so far.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) content: TraceContent,
    /// Segments begun.
    segments: u32,
    /// The last feature was a lone point.
    after_point: bool,
    areas: u64,
    untyped: u64,
    unmatched: u64,
}

impl Lines {
    /// Takes a whole feature in.
    pub(super) fn push(&mut self, feature: &Feature) {
        let fits = feature.times.len() == feature.positions.len() && !feature.too_many_times;
        if !fits && !feature.times.is_empty() && !feature.positions.is_empty() {
            self.unmatched += 1;
        }
        self.add(feature, fits);
    }

    /// Takes a feature in that the file's end cuts. Whichever came first of its positions and times is whole, so that
    /// they match from the front. Without a type, or as an area, it is no recording.
    pub(super) fn push_broken(&mut self, mut feature: Feature) {
        match feature.last_kind {
            Kind::Line => feature.has_line = true,
            Kind::Point => {}
            Kind::Holder | Kind::Area | Kind::Unknown => return,
        }
        self.add(&feature, true);
    }

    fn add(&mut self, feature: &Feature, with_times: bool) {
        self.areas += feature.areas;
        self.untyped += feature.untyped;
        let is_point = !feature.has_line && feature.positions.len() == 1;
        let mut last_line = None;
        for (at, position) in feature.positions.iter().enumerate() {
            let goes_on = last_line == Some(position.line) || (is_point && self.after_point);
            if !goes_on {
                self.segments = self.segments.saturating_add(1);
            }
            last_line = Some(position.line);
            let listed = feature.times.get(at).copied().filter(|_| with_times);
            let mut fix = if is_point {
                feature.point
            } else {
                RawFix::default()
            };
            let time = match listed.unwrap_or_default() {
                Time::Missing if position.time != Time::Missing => position.time,
                Time::Missing if is_point => feature.point_time,
                listed => listed,
            };
            let notes = &mut self.content.notes;
            fix.time_us = match time {
                Time::Missing => None,
                Time::Unreadable => {
                    notes.unreadable_times += 1;
                    None
                }
                Time::Utc(at) => Some(at),
                Time::Floating(at) => {
                    notes.times_without_offset += 1;
                    Some(at)
                }
            };
            fix.segment = self.segments.saturating_sub(1);
            fix.set_position(position.lat_e7, position.lon_e7);
            fix.elevation_mm = position.elevation_mm.or(fix.elevation_mm);
            notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
            self.content.fixes.push(fix);
        }
        if !feature.positions.is_empty() {
            self.after_point = is_point;
        }
    }

    /// Everything, with what was met besides.
    pub(super) fn finish(self) -> TraceContent {
        let mut content = self.content;
        let notes = &mut content.notes;
        notes.remark(self.areas, "areas, which are no recording");
        notes.remark(self.untyped, "geometries of no known type");
        notes.remark(
            self.unmatched,
            "features whose times are not as many as their positions; these stay without a time",
        );
        content
    }
}
