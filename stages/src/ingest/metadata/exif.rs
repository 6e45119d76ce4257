//! The EXIF tags that tell where, when, whither and with what.

use exif::{Exif, Field, In, Reader, Tag, Value};

use super::measure::Measure;
use super::{
    Heading, HeadingReference, MetadataFault, MetadataSource, Position, PositionProblem, device_name,
    position_of,
};
use crate::ingest::civil_time::{CivilTime, parse_civil_time, parse_date_us};
use crate::ingest::number::divide_rounded;

/// JPEG cannot hold more than 64 KiB; in other files a larger block could be made to cost many times its size in memory.
const MOST_EXIF_BYTES: usize = 262_144;
/// 1970-01-02: an earlier "capture" is a clock that was never set.
pub(super) const FIRST_REAL_TIME_US: i64 = 86_400_000_000;
/// Coordinates are summed in 1e-15 degrees, so that rounding degrees, minutes and seconds apart cannot show in 1e-7.
const FINE_PER_DEGREE: i128 = 1_000_000_000_000_000;
const FINE_PER_E7: i128 = 100_000_000;

/// What EXIF says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ExifFacts {
    pub(super) position: Option<Position>,
    pub(super) position_problem: Option<PositionProblem>,
    /// Microseconds since 1970 UTC.
    pub(super) gps_time_us: Option<i64>,
    /// The camera's clock.
    pub(super) clock: Option<CivilTime>,
    pub(super) heading: Option<Heading>,
    pub(super) accuracy_mm: Option<u32>,
    /// `GPSStatus` is `V`: by its own word the receiver had no fix.
    pub(super) is_void: bool,
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    pub(super) orientation: Option<u8>,
    pub(super) focal_length_35mm: Option<u32>,
    /// Focal length of the lens itself in micrometres.
    pub(super) focal_length_um: Option<u32>,
    /// Width of the sensor in micrometres by its pixels per inch or centimetre.
    pub(super) sensor_um: Option<u32>,
    /// Image description, for the Mapillary JSON only; it does not leave this module.
    pub(super) description: Option<String>,
}

impl ExifFacts {
    /// Reads a block from its TIFF header on.
    pub(super) fn read(block: &[u8], faults: &mut Vec<MetadataFault>) -> Self {
        let kept = block.get(..MOST_EXIF_BYTES).unwrap_or(block);
        if kept.len() < block.len() {
            let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            faults.push(MetadataFault::ExifTooLarge {
                bytes: count(block.len()),
                limit: count(MOST_EXIF_BYTES),
            });
        }
        let mut parser_faults = Vec::new();
        let parsed = Reader::new()
            .continue_on_error(true)
            .read_raw(kept.to_vec())
            .or_else(|error| error.distill_partial_result(|errors| parser_faults = errors));
        // A broken block can have a fault per entry; the first few tell the story.
        faults.extend(parser_faults.iter().take(8).map(|error| MetadataFault::Exif {
            detail: error.to_string(),
        }));
        match parsed {
            Ok(exif) => Tags { exif: &exif, faults }.facts(),
            Err(error) => {
                faults.push(MetadataFault::Exif {
                    detail: error.to_string(),
                });
                Self::default()
            }
        }
    }
}

struct Tags<'e, 'f> {
    exif: &'e Exif,
    faults: &'f mut Vec<MetadataFault>,
}

impl<'e> Tags<'e, '_> {
    fn facts(mut self) -> ExifFacts {
        let (position, position_problem) = match self.position() {
            Ok(position) => (position, None),
            Err(problem) => {
                self.faults.push(MetadataFault::Tag {
                    tag: "GPSLatitude and GPSLongitude",
                });
                (None, Some(problem))
            }
        };
        ExifFacts {
            position,
            position_problem,
            gps_time_us: self.gps_time_us(),
            clock: self.clock(),
            heading: self.heading(),
            accuracy_mm: self.unsigned(Tag::GPSHPositioningError, "GPSHPositioningError", 1_000),
            is_void: self.letter(Tag::GPSStatus) == Some(b'V'),
            make: self.name(Tag::Make),
            model: self.name(Tag::Model),
            orientation: self.orientation(),
            // EXIF: 0 means unknown.
            focal_length_35mm: self
                .unsigned(Tag::FocalLengthIn35mmFilm, "FocalLengthIn35mmFilm", 1)
                .filter(|focal| *focal > 0),
            focal_length_um: self
                .unsigned(Tag::FocalLength, "FocalLength", 1_000)
                .filter(|focal| *focal > 0),
            sensor_um: self.sensor_um(),
            description: self
                .text(Tag::ImageDescription)
                .map(|text| String::from_utf8_lossy(text).into_owned()),
        }
    }

    fn value(&self, tag: Tag) -> Option<&'e Value> {
        self.exif
            .get_field(tag, In::PRIMARY)
            .map(|field: &Field| &field.value)
    }

    fn text(&self, tag: Tag) -> Option<&'e [u8]> {
        match self.value(tag)? {
            Value::Ascii(parts) => parts.first().map(Vec::as_slice),
            // Mistyped by some writers; the bytes are text all the same.
            Value::Byte(bytes) | Value::Undefined(bytes, _) => Some(bytes),
            _ => None,
        }
    }

    fn name(&self, tag: Tag) -> Option<String> {
        device_name(&String::from_utf8_lossy(self.text(tag)?))
    }

    fn letter(&self, tag: Tag) -> Option<u8> {
        self.text(tag).and_then(first_letter)
    }

    /// The picture's pixels over those of the focal plane per inch (without a word) or centimetre.
    fn sensor_um(&self) -> Option<u32> {
        let unit_um = match self
            .value(Tag::FocalPlaneResolutionUnit)
            .and_then(|unit| unit.get_uint(0))
        {
            None | Some(2) => 25_400,
            Some(3) => 10_000,
            Some(4) => 1_000,
            _ => return None,
        };
        let pixels = i64::from(self.value(Tag::PixelXDimension)?.get_uint(0)?);
        // Pixels per unit in thousandths.
        let resolution = Measure::of(self.value(Tag::FocalPlaneXResolution)?, 0)?.scaled(1_000, 1)?;
        let width_um = pixels.checked_mul(unit_um * 1_000)?.checked_div(resolution)?;
        // From the smallest phone's to the largest frame.
        u32::try_from(width_um)
            .ok()
            .filter(|width| (2_000..=70_000).contains(width))
    }

    fn fault(&mut self, tag: &'static str) {
        self.faults.push(MetadataFault::Tag { tag });
    }

    /// A number of at least zero times `factor`.
    fn unsigned(&mut self, tag: Tag, name: &'static str, factor: i64) -> Option<u32> {
        let value = self.value(tag)?;
        let number = Measure::of(value, 0)
            .and_then(|measure| measure.scaled(factor, 1))
            .and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.fault(name);
        }
        number
    }

    fn orientation(&mut self) -> Option<u8> {
        let value = self.value(Tag::Orientation)?;
        let orientation = value
            .get_uint(0)
            .and_then(|number| u8::try_from(number).ok())
            .filter(|code| (1..=8).contains(code));
        if orientation.is_none() {
            self.fault("Orientation");
        }
        orientation
    }

    fn position(&self) -> Result<Option<Position>, PositionProblem> {
        let (latitude, longitude) = match (self.value(Tag::GPSLatitude), self.value(Tag::GPSLongitude)) {
            (None, None) => return Ok(None),
            (Some(latitude), Some(longitude)) => (latitude, longitude),
            _ => return Err(PositionProblem::HalfMissing),
        };
        let lat_e7 = coordinate_e7(latitude, self.text(Tag::GPSLatitudeRef), b'N', b'S')?;
        let lon_e7 = coordinate_e7(longitude, self.text(Tag::GPSLongitudeRef), b'E', b'W')?;
        position_of(lat_e7, lon_e7).map(Some)
    }

    fn heading(&mut self) -> Option<Heading> {
        let value = self.value(Tag::GPSImgDirection)?;
        let angle = Measure::of(value, 0)
            .and_then(|measure| measure.scaled(100, 1))
            .and_then(|angle| u32::try_from(angle).ok())
            .filter(|angle| *angle <= 36_000);
        let Some(angle) = angle else {
            self.fault("GPSImgDirection");
            return None;
        };
        let reference = match self.text(Tag::GPSImgDirectionRef).and_then(first_letter) {
            Some(b'M') => HeadingReference::Magnetic,
            _ => HeadingReference::True,
        };
        Some(Heading {
            centideg: angle % 36_000,
            reference,
            source: MetadataSource::Exif,
            computed: false,
        })
    }

    /// Date and time of the GPS clock. Each alone is no moment.
    fn gps_time_us(&mut self) -> Option<i64> {
        let date = self.text(Tag::GPSDateStamp)?;
        let value = self.value(Tag::GPSTimeStamp)?;
        let part = |index, unit: i64, below: i64| {
            Measure::of(value, index)
                .and_then(|measure| measure.scaled(unit * 1_000_000, 1))
                .filter(|micros| (0..below * 1_000_000).contains(micros))
        };
        let within_day = match (part(0, 3_600, 86_400), part(1, 60, 3_600), part(2, 1, 61)) {
            (Some(hours), Some(minutes), Some(seconds)) => Some(hours + minutes + seconds),
            _ => None,
        };
        let time_us = parse_date_us(date)
            .zip(within_day)
            .map(|(midnight, within_day)| midnight + within_day)
            .filter(|time_us| *time_us >= FIRST_REAL_TIME_US);
        if time_us.is_none() {
            self.fault("GPSDateStamp and GPSTimeStamp");
        }
        time_us
    }

    /// When the picture was taken by the camera's clock, else when it was digitised. `DateTime` is not asked: it is the
    /// time of the last edit.
    fn clock(&mut self) -> Option<CivilTime> {
        self.clock_of(
            Tag::DateTimeOriginal,
            "DateTimeOriginal",
            Tag::SubSecTimeOriginal,
            Tag::OffsetTimeOriginal,
        )
        .or_else(|| {
            self.clock_of(
                Tag::DateTimeDigitized,
                "DateTimeDigitized",
                Tag::SubSecTimeDigitized,
                Tag::OffsetTimeDigitized,
            )
        })
    }

    fn clock_of(&mut self, tag: Tag, name: &'static str, sub_seconds: Tag, offset: Tag) -> Option<CivilTime> {
        let date_time = self.text(tag)?;
        let Some(mut clock) =
            parse_civil_time(date_time).filter(|clock| clock.local_us >= FIRST_REAL_TIME_US)
        else {
            // Blank fields are how cameras without a clock say so.
            if date_time.iter().any(u8::is_ascii_digit) {
                self.fault(name);
            }
            return None;
        };
        if clock.local_us % 1_000_000 == 0 {
            clock.local_us += self.text(sub_seconds).map_or(0, sub_second_us);
        }
        if clock.offset_s.is_none() {
            clock.offset_s = [offset, Tag::OffsetTime]
                .iter()
                .find_map(|tag| self.text(*tag).and_then(parse_offset_s));
        }
        Some(clock)
    }
}

fn first_letter(text: &[u8]) -> Option<u8> {
    text.trim_ascii().first().map(u8::to_ascii_uppercase)
}

/// Degrees, minutes and seconds (minutes and seconds may be absent) with their hemisphere, in 1e-7 degrees.
fn coordinate_e7(
    value: &Value,
    reference: Option<&[u8]>,
    positive: u8,
    negative: u8,
) -> Result<i64, PositionProblem> {
    let mut fine = 0_i128;
    let mut below_zero = false;
    for (index, per_degree) in [1, 60, 3_600].into_iter().enumerate() {
        let Some(measure) = Measure::of(value, index) else {
            if index == 0 {
                return Err(PositionProblem::Unreadable);
            }
            break;
        };
        below_zero |= measure.is_negative();
        fine += fine_degrees(measure, per_degree).ok_or(PositionProblem::NotFinite)?;
    }
    let size = i64::try_from(divide_rounded(fine, FINE_PER_E7)).map_err(|_| PositionProblem::OutOfRange)?;
    match reference.and_then(first_letter) {
        Some(letter) if letter == positive => Ok(if below_zero { -size } else { size }),
        Some(letter) if letter == negative => Ok(-size),
        _ if Measure::is_signed(value) => Ok(if below_zero { -size } else { size }),
        _ => Err(PositionProblem::NoReference),
    }
}

/// The size of a number of degrees, minutes or seconds in 1e-15 degrees.
fn fine_degrees(measure: Measure, per_degree: i64) -> Option<i128> {
    match measure {
        Measure::Ratio(_, 0) => None,
        // 32 x 50 bits fit in 128.
        Measure::Ratio(num, den) => Some(
            divide_rounded(
                i128::from(num) * FINE_PER_DEGREE,
                i128::from(den) * i128::from(per_degree),
            )
            .abs(),
        ),
        Measure::Float(_) => measure
            .scaled(1_000_000_000_000, per_degree)
            .map(|trillionths| i128::from(trillionths).abs() * 1_000),
    }
}

/// `SubSecTime`: the digits after the point, as text.
pub(super) fn sub_second_us(text: &[u8]) -> i64 {
    let mut micros = 0;
    let mut unit = 100_000;
    for byte in text.trim_ascii().iter().take_while(|byte| byte.is_ascii_digit()) {
        micros += i64::from(byte - b'0') * unit;
        unit /= 10;
    }
    micros
}

/// `OffsetTime`: `+01:00`, `Z` or blank.
pub(super) fn parse_offset_s(text: &[u8]) -> Option<i32> {
    let moment = [b"2000-01-01 00:00:00".as_slice(), text.trim_ascii()].concat();
    parse_civil_time(&moment)?.offset_s
}

#[cfg(test)]
#[path = "exif_tests.rs"]
mod tests;
