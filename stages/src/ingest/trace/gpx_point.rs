//! One GPX track point while it is being read.

use quick_xml::events::BytesStart;

use super::xml_walk::{Value, local};
use super::{RawFix, TraceNotes};
use crate::ingest::civil_time::parse_civil_time;
use crate::ingest::decimal::{
    degrees_or_comma, latitude_e7, longitude_e7, parse_course_deg, parse_elevation_mm, parse_unsigned,
    with_decimal_point,
};

/// Names in extensions; compared without case.
const EXTENSION_NAMES: [(&str, Field); 18] = [
    ("speed", Field::Speed),
    ("hdop", Field::Hdop),
    ("sat", Field::Satellites),
    ("satellites", Field::Satellites),
    ("numsat", Field::Satellites),
    ("course", Field::Course),
    ("bearing", Field::Course),
    ("cog", Field::Course),
    ("accuracy", Field::Accuracy),
    ("hacc", Field::Accuracy),
    ("h_acc", Field::Accuracy),
    ("haccuracy", Field::Accuracy),
    ("horizontalaccuracy", Field::Accuracy),
    ("horizontal_accuracy", Field::Accuracy),
    ("accuracy_horizontal", Field::Accuracy),
    ("accuracy_m", Field::Accuracy),
    ("gpsaccuracy", Field::Accuracy),
    ("acc", Field::Accuracy),
];

/// What an element inside a point tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Elevation,
    Hdop,
    Satellites,
    Fix,
    Speed,
    Course,
    Accuracy,
}

impl Field {
    /// The field that an element names. Time, elevation and quality are the point's own children; speed, course and
    /// accuracy are children in GPX 1.0 and lie at any depth in the extensions of others, under any prefix.
    pub(super) fn of(local_name: &str, is_child: bool) -> Option<Self> {
        if is_child {
            match local_name {
                "time" => return Some(Self::Time),
                "ele" => return Some(Self::Elevation),
                "hdop" => return Some(Self::Hdop),
                "sat" => return Some(Self::Satellites),
                "fix" => return Some(Self::Fix),
                // Common and told by none of the names below.
                "extensions" | "name" | "cmt" | "desc" | "sym" | "src" | "type" => return None,
                _ => {}
            }
        }
        EXTENSION_NAMES
            .iter()
            .find(|(name, _)| local_name.eq_ignore_ascii_case(name))
            .map(|(_, field)| *field)
    }
}

/// A point between its start and its end tag.
#[derive(Debug)]
pub(super) struct OpenPoint<'x> {
    /// What is known so far.
    pub(super) fix: RawFix,
    /// Depth of the point's own element, the root being 1.
    pub(super) depth: u32,
    /// The field whose element is open, and that element's depth.
    field: Option<(Field, u32)>,
    /// What the field's element has held so far.
    value: Value<'x>,
    /// Half of the position was written with a decimal comma.
    pub(super) decimal_comma: bool,
}

impl<'x> OpenPoint<'x> {
    /// Starts a point from its tag. An attribute that is malformed or missing leaves the position unknown.
    pub(super) fn start(tag: &BytesStart<'_>, segment: u32, depth: u32) -> Self {
        let mut point = Self {
            fix: RawFix {
                segment,
                ..RawFix::default()
            },
            depth,
            field: None,
            value: Value::default(),
            decimal_comma: false,
        };
        let mut lat_e7 = None;
        let mut lon_e7 = None;
        // The duplicate check is quadratic in the number of attributes; the first of a name wins instead.
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = attribute.value.as_bytes();
            let key: &str = attribute.key.as_ref();
            match local(key) {
                "lat" if lat_e7.is_none() => lat_e7 = Some(point.degrees(value, latitude_e7)),
                "lon" if lon_e7.is_none() => lon_e7 = Some(point.degrees(value, longitude_e7)),
                _ => {}
            }
        }
        point.fix.set_position(lat_e7.flatten(), lon_e7.flatten());
        point
    }

    fn degrees(&mut self, value: &[u8], read: fn(&[u8]) -> Option<i32>) -> Option<i32> {
        let (degrees, decimal_comma) = degrees_or_comma(value, read);
        self.decimal_comma |= decimal_comma;
        degrees
    }

    /// An element opened inside the point.
    pub(super) fn open(&mut self, local_name: &str, depth: u32) {
        // An element inside a field's element is no part of its value.
        if self.field.is_some() {
            return;
        }
        if let Some(field) = Field::of(local_name, depth == self.depth + 1) {
            self.field = Some((field, depth));
            self.value.clear();
        }
    }

    /// Where text inside the point goes.
    pub(super) fn value(&mut self) -> Option<&mut Value<'x>> {
        self.field.is_some().then_some(&mut self.value)
    }

    /// An element inside the point closed.
    pub(super) fn close(&mut self, depth: u32, notes: &mut TraceNotes) {
        let Some((field, _)) = self.field.filter(|(_, opened)| *opened == depth) else {
            return;
        };
        self.field = None;
        let text = self.value.as_bytes();
        if self.decimal_comma && field != Field::Time {
            set_field(&mut self.fix, field, &with_decimal_point(text), notes);
        } else {
            set_field(&mut self.fix, field, text, notes);
        }
    }
}

/// Sets one field of a fix. The first readable value of a field wins.
fn set_field(fix: &mut RawFix, field: Field, text: &[u8], notes: &mut TraceNotes) {
    match field {
        Field::Time => {
            if fix.time_us.is_some() {
                return;
            }
            let time = parse_civil_time(text);
            fix.time_us = time.map(|time| time.utc_us(0));
            notes.unreadable_times += u64::from(time.is_none());
        }
        Field::Elevation => fix.elevation_mm = fix.elevation_mm.or_else(|| parse_elevation_mm(text)),
        Field::Hdop => fix.hdop_milli = fix.hdop_milli.or_else(|| parse_unsigned(text, 3)),
        Field::Satellites => fix.satellites = fix.satellites.or_else(|| parse_unsigned(text, 0)),
        Field::Fix => fix.fix_3d = fix.fix_3d.or_else(|| parse_fix_type(text)),
        Field::Speed => fix.speed_mm_s = fix.speed_mm_s.or_else(|| parse_unsigned(text, 3)),
        Field::Course => fix.course_deg = fix.course_deg.or_else(|| parse_course_deg(text)),
        Field::Accuracy => fix.accuracy_mm = fix.accuracy_mm.or_else(|| parse_unsigned(text, 3)),
    }
}

/// GPX `fixType`. A differential or military fix is taken as three-dimensional: the value replaces `3d` where receivers
/// write it.
fn parse_fix_type(text: &[u8]) -> Option<bool> {
    match text.trim_ascii().to_ascii_lowercase().as_slice() {
        b"none" | b"2d" => Some(false),
        b"3d" | b"dgps" | b"pps" => Some(true),
        _ => None,
    }
}
