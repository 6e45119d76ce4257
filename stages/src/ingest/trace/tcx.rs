//! TCX: Garmin's Training Center XML.
//!
//! `Trackpoint` is a recording, except in a `Course`, which is a plan and only counted, as its `CoursePoint`s are.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use super::xml_walk::{self, Document, Elements, Full, Value};
use super::{RawFix, TraceContent, TraceError, TraceFormat, TraceLimits};
use crate::ingest::civil_time::parse_civil_time;
use crate::ingest::decimal::{
    degrees_or_comma, latitude_e7, longitude_e7, parse_elevation_mm, parse_unsigned, with_decimal_point,
};

const ROOT: &str = "TrainingCenterDatabase";

/// Whether the text opens a `TrainingCenterDatabase` element, under any prefix, within what is given.
pub(super) fn looks_like_tcx(head: &str) -> bool {
    xml_walk::opens(head, ROOT)
}

/// Reads the track points of a TCX file.
///
/// Every `Lap` and every `Track` starts a segment; those without fixes get no number. A track point without a latitude and a
/// longitude is no fix and is counted: recorders write such for a pause, or before the first fix. Times without a zone are
/// UTC. A point that is still open where the file breaks is not kept. Decimal commas are read as in GPX.
///
/// # Errors
/// [`TraceError`] when the first element is not `TrainingCenterDatabase`. Whatever breaks later is [`TraceContent::fault`].
pub fn read_tcx(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let document = Document::new(bytes)?;
    let mut tracks = Tracks {
        limits,
        content: TraceContent::default(),
        plan_depth: None,
        new_segment: false,
        point: None,
        value: Value::default(),
        without_position: 0,
        decimal_commas: 0,
    };
    let walked = document.walk(limits, &mut tracks, |root, byte| TraceError::NotThat {
        format: TraceFormat::Tcx.name(),
        what: format!("the root element is `{root}`, expected `{ROOT}`"),
        byte,
    })?;
    let mut content = tracks.content;
    walked.note(&mut content);
    let notes = &mut content.notes;
    notes.remark(tracks.without_position, "track points without a position");
    notes.remark(tracks.decimal_commas, "positions had a decimal comma");
    Ok(content)
}

/// The fixes of the tracks read so far.
struct Tracks<'l, 'x> {
    limits: &'l TraceLimits,
    content: TraceContent,
    /// Depth of the course that is open.
    plan_depth: Option<u32>,
    /// A lap or track has been opened since the last fix.
    new_segment: bool,
    point: Option<OpenPoint>,
    value: Value<'x>,
    without_position: u64,
    decimal_commas: u64,
}

/// A track point between its start and its end tag.
struct OpenPoint {
    depth: u32,
    time_us: Option<i64>,
    lat_e7: Option<i32>,
    lon_e7: Option<i32>,
    /// Whether it is written, readable or not.
    has_time: bool,
    /// Whether a half of it is written, readable or not.
    has_position: bool,
    elevation_mm: Option<i64>,
    speed_mm_s: Option<u32>,
    /// Half of the position was written with a decimal comma.
    decimal_comma: bool,
    /// The field whose element is open, and that element's depth.
    field: Option<(Field, u32)>,
}

#[derive(Clone, Copy)]
enum Field {
    Time,
    Latitude,
    Longitude,
    Elevation,
    Speed,
}

impl Field {
    /// The field that an element names, `below` levels below its point. The position has its own element, the speed lies at
    /// any depth in the extensions, under any prefix.
    fn of(name: &str, below: u32) -> Option<Self> {
        match (name, below) {
            ("Time", 1) => Some(Self::Time),
            ("AltitudeMeters", 1) => Some(Self::Elevation),
            ("LatitudeDegrees", 2) => Some(Self::Latitude),
            ("LongitudeDegrees", 2) => Some(Self::Longitude),
            ("Speed", 2..) => Some(Self::Speed),
            _ => None,
        }
    }
}

impl<'x> Elements<'x> for Tracks<'_, 'x> {
    const ROOT: &'static str = ROOT;

    fn open(&mut self, _: &BytesStart<'_>, name: &str, depth: u32) -> Result<(), Full> {
        if let Some(point) = &mut self.point {
            // An element inside a field's element is no part of its value.
            if point.field.is_none()
                && let Some(field) = Field::of(name, depth.saturating_sub(point.depth))
            {
                point.field = Some((field, depth));
                self.value.clear();
            }
            return Ok(());
        }
        match name {
            "Course" if self.plan_depth.is_none() => self.plan_depth = Some(depth),
            "Lap" | "Track" | ROOT => self.new_segment = true,
            "CoursePoint" => self.content.notes.waypoints += 1,
            "Trackpoint" if self.plan_depth.is_some() => self.content.notes.route_points += 1,
            "Trackpoint" if self.limits.reached(&self.content.fixes) => return Err(Full),
            "Trackpoint" => self.point = Some(OpenPoint::at(depth)),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, depth: u32) {
        if self.plan_depth == Some(depth) {
            self.plan_depth = None;
        }
        if let Some(point) = self.point.take_if(|point| point.depth == depth) {
            self.push(&point);
        } else if let Some(point) = &mut self.point
            && let Some((field, _)) = point.field.take_if(|(_, opened)| *opened == depth)
        {
            point.set(field, self.value.as_bytes());
        }
    }

    fn value(&mut self) -> Option<&mut Value<'x>> {
        let open = self.point.as_ref()?.field.is_some();
        open.then_some(&mut self.value)
    }
}

impl Tracks<'_, '_> {
    fn push(&mut self, point: &OpenPoint) {
        if !point.has_position {
            self.without_position += 1;
            return;
        }
        self.decimal_commas += u64::from(point.decimal_comma);
        let segment = self.content.next_segment(self.new_segment);
        let mut fix = RawFix {
            segment,
            time_us: point.time_us,
            speed_mm_s: point.speed_mm_s,
            elevation_mm: point.elevation_mm,
            ..RawFix::default()
        };
        fix.set_position(point.lat_e7, point.lon_e7);
        let notes = &mut self.content.notes;
        notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
        notes.unreadable_times += u64::from(point.has_time && point.time_us.is_none());
        self.content.fixes.push(fix);
        self.new_segment = false;
    }
}

impl OpenPoint {
    fn at(depth: u32) -> Self {
        Self {
            depth,
            time_us: None,
            lat_e7: None,
            lon_e7: None,
            has_time: false,
            has_position: false,
            elevation_mm: None,
            speed_mm_s: None,
            decimal_comma: false,
            field: None,
        }
    }

    fn degrees(&mut self, text: &[u8], read: fn(&[u8]) -> Option<i32>) -> Option<i32> {
        let (degrees, decimal_comma) = degrees_or_comma(text, read);
        self.decimal_comma |= decimal_comma;
        degrees
    }

    /// Sets a field. The first readable value of a field wins. Numbers after a position with a decimal comma may have one.
    fn set(&mut self, field: Field, text: &[u8]) {
        let number = if self.decimal_comma {
            with_decimal_point(text)
        } else {
            Cow::Borrowed(text)
        };
        match field {
            Field::Time => {
                self.has_time = true;
                self.time_us = self
                    .time_us
                    .or_else(|| parse_civil_time(text).map(|time| time.utc_us(0)));
            }
            Field::Latitude => {
                self.has_position = true;
                self.lat_e7 = self.lat_e7.or_else(|| self.degrees(text, latitude_e7));
            }
            Field::Longitude => {
                self.has_position = true;
                self.lon_e7 = self.lon_e7.or_else(|| self.degrees(text, longitude_e7));
            }
            Field::Elevation => self.elevation_mm = self.elevation_mm.or_else(|| parse_elevation_mm(&number)),
            Field::Speed => self.speed_mm_s = self.speed_mm_s.or_else(|| parse_unsigned(&number, 3)),
        }
    }
}

#[cfg(test)]
#[path = "tcx_tests.rs"]
mod tests;
