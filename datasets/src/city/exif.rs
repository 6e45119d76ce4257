//! Writes EXIF: a TIFF structure of tagged values in a JPEG's APP1 segment, as cameras and phones do.

use super::num;
use super::time::Civil;

/// The two heads of a picture's metadata that differ between copies of the same picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Camera {
    /// Maker, as EXIF `Make`.
    pub(crate) make: &'static str,
    /// Model, as EXIF `Model`.
    pub(crate) model: &'static str,
    /// Focal length as on 35 mm film, in mm; it fixes the horizontal field of view at 2 atan(18 / f).
    pub(crate) film_mm: u16,
}

/// What a picture says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Exif {
    /// The camera.
    pub(crate) camera: Camera,
    /// Capture time in ms since 1970 UTC.
    pub(crate) time_ms: Option<i64>,
    /// Offset of the camera's local time from UTC, in minutes.
    pub(crate) offset_min: i64,
    /// Position, where the camera has a receiver.
    pub(crate) position: Option<Position>,
}

/// A position as a camera records it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    /// Latitude in 1e-7 degrees.
    pub(crate) lat_e7: i32,
    /// Longitude in 1e-7 degrees.
    pub(crate) lon_e7: i32,
    /// Horizontal error in mm, as `GPSHPositioningError`.
    pub(crate) accuracy_mm: Option<u32>,
    /// Viewing direction in 1/100 degrees from true north, as `GPSImgDirection`.
    pub(crate) heading_cdeg: Option<u32>,
}

/// One value of a TIFF directory.
enum Value {
    Ascii(String),
    Short(u16),
    Long(u32),
    Rationals(Vec<(u32, u32)>),
    Bytes([u8; 4]),
}

/// A directory: entries in rising tag order, as TIFF demands.
type Directory = Vec<(u16, Value)>;

const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;
/// Bytes of the TIFF header before the first directory.
const HEADER: u32 = 8;

/// The APP1 segment, marker and length included.
pub(crate) fn app1(exif: &Exif) -> Vec<u8> {
    let body = tiff(exif);
    let length = u16::try_from(body.len() + 8).unwrap_or(u16::MAX);
    let mut out = vec![0xff, 0xe1];
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(b"Exif\0\0");
    out.extend_from_slice(&body);
    out
}

fn tiff(exif: &Exif) -> Vec<u8> {
    let details = details(exif);
    let gps = exif.position.map(|position| gps(&position, exif.time_ms));
    let mut root: Directory = vec![
        (0x010f, Value::Ascii(exif.camera.make.into())),
        (0x0110, Value::Ascii(exif.camera.model.into())),
        (0x0112, Value::Short(1)),
        (EXIF_POINTER, Value::Long(0)),
    ];
    if gps.is_some() {
        root.push((GPS_POINTER, Value::Long(0)));
    }
    // The pointers have the same size whatever they point to, so sizes are known before positions.
    let details_at = HEADER + size(&root);
    let gps_at = details_at + size(&details);
    for (tag, value) in &mut root {
        match *tag {
            EXIF_POINTER => *value = Value::Long(details_at),
            GPS_POINTER => *value = Value::Long(gps_at),
            _ => {}
        }
    }
    let mut out = b"II*\0".to_vec();
    out.extend_from_slice(&HEADER.to_le_bytes());
    write(&mut out, &root);
    write(&mut out, &details);
    if let Some(gps) = &gps {
        write(&mut out, gps);
    }
    out
}

fn details(exif: &Exif) -> Directory {
    let mut out: Directory = vec![(0x9000, Value::Bytes(*b"0232"))];
    if let Some(ms) = exif.time_ms {
        let local = Civil::from_ms(ms + exif.offset_min * 60_000);
        let sign = if exif.offset_min < 0 { '-' } else { '+' };
        let minutes = exif.offset_min.abs();
        out.push((
            0x9003,
            Value::Ascii(format!("{} {}", local.date(':'), local.clock())),
        ));
        out.push((
            0x9011,
            Value::Ascii(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)),
        ));
        out.push((0x9291, Value::Ascii(format!("{:03}", local.ms))));
    }
    out.push((0xa405, Value::Short(exif.camera.film_mm)));
    out
}

fn gps(position: &Position, time_ms: Option<i64>) -> Directory {
    let refs = (
        if position.lat_e7 < 0 { "S" } else { "N" },
        if position.lon_e7 < 0 { "W" } else { "E" },
    );
    let mut out: Directory = vec![
        (0x0000, Value::Bytes([2, 3, 0, 0])),
        (0x0001, Value::Ascii(refs.0.into())),
        (0x0002, angle(position.lat_e7)),
        (0x0003, Value::Ascii(refs.1.into())),
        (0x0004, angle(position.lon_e7)),
    ];
    let utc = time_ms.map(Civil::from_ms);
    if let Some(utc) = utc {
        let whole = |n: i64| (u32::try_from(n).unwrap_or(0), 1);
        let seconds = (u32::try_from(utc.second * 1_000 + utc.ms).unwrap_or(0), 1_000);
        let parts = vec![whole(utc.hour), whole(utc.minute), seconds];
        out.push((0x0007, Value::Rationals(parts)));
    }
    if let Some(heading) = position.heading_cdeg {
        out.push((0x0010, Value::Ascii("T".into())));
        out.push((0x0011, Value::Rationals(vec![(heading, 100)])));
    }
    if let Some(utc) = utc {
        out.push((0x001d, Value::Ascii(utc.date(':'))));
    }
    if let Some(accuracy) = position.accuracy_mm {
        out.push((0x001f, Value::Rationals(vec![(accuracy, 1_000)])));
    }
    out
}

/// Degrees, minutes and seconds; the seconds in 1/100000, which is finer than 1e-7 degrees.
fn angle(e7: i32) -> Value {
    let e7 = e7.unsigned_abs();
    let in_degree = u64::from(e7 % 10_000_000);
    let minutes_e7 = in_degree * 60;
    let seconds_e7 = minutes_e7 % 10_000_000 * 60;
    let seconds = num::round_unsigned(num::double(i64::try_from(seconds_e7).unwrap_or(0)) / 100.0);
    let minutes = u32::try_from(minutes_e7 / 10_000_000).unwrap_or(0);
    Value::Rationals(vec![(e7 / 10_000_000, 1), (minutes, 1), (seconds, 100_000)])
}

/// Kind, count and bytes of a value.
fn encode(value: &Value) -> (u16, usize, Vec<u8>) {
    match value {
        Value::Ascii(text) => {
            let mut bytes = text.clone().into_bytes();
            bytes.push(0);
            (2, bytes.len(), bytes)
        }
        Value::Short(n) => (3, 1, n.to_le_bytes().to_vec()),
        Value::Long(n) => (4, 1, n.to_le_bytes().to_vec()),
        Value::Rationals(parts) => {
            let bytes = parts
                .iter()
                .flat_map(|(over, under)| [over.to_le_bytes(), under.to_le_bytes()]);
            (5, parts.len(), bytes.flatten().collect())
        }
        // `ExifVersion` is UNDEFINED and `GPSVersionID` is BYTE; they are told apart by their content.
        Value::Bytes(bytes) => (if bytes[0] < 32 { 1 } else { 7 }, 4, bytes.to_vec()),
    }
}

/// Bytes that a directory takes with the values that do not fit into its entries.
fn size(directory: &Directory) -> u32 {
    let outside: usize = directory
        .iter()
        .map(|(_, value)| encode(value).2.len())
        .filter(|&n| n > 4)
        .map(even)
        .sum();
    u32::try_from(2 + 12 * directory.len() + 4 + outside).unwrap_or(u32::MAX)
}

/// Values start at even offsets.
fn even(n: usize) -> usize {
    n + n % 2
}

fn write(out: &mut Vec<u8>, directory: &Directory) {
    let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
    let long = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let mut next = out.len() + 2 + 12 * directory.len() + 4;
    let mut outside = Vec::new();
    out.extend_from_slice(&short(directory.len()));
    for (tag, value) in directory {
        let (kind, count, mut bytes) = encode(value);
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&long(count));
        if bytes.len() > 4 {
            out.extend_from_slice(&long(next));
            bytes.resize(even(bytes.len()), 0);
            next += bytes.len();
            outside.append(&mut bytes);
        } else {
            bytes.resize(4, 0);
            out.append(&mut bytes);
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.append(&mut outside);
}

#[cfg(test)]
#[path = "exif_tests.rs"]
mod tests;
