//! Writes NMEA 0183: RMC and GGA of each fix, as dashcams log them.

use std::fmt::Write as _;

use super::super::num;
use super::super::streets::Projection;
use super::super::time::Civil;
use super::outing::Fix;

/// Knots in a metre per second.
const KNOTS: f64 = 3_600.0 / 1_852.0;
/// From the ellipsoid up to the sea, in metres, about.
const GEOID_M: f64 = 49.5;

/// A log of the fixes.
pub(super) fn nmea(fixes: &[Fix], projection: &Projection) -> String {
    let mut out = String::with_capacity(fixes.len() * 160);
    for fix in fixes {
        let (lat_e7, lon_e7) = projection.to_e7(fix.at);
        let at = Civil::from_ms(fix.time_ms);
        let clock = format!("{:02}{:02}{:02}.{:03}", at.hour, at.minute, at.second, at.ms);
        let place = format!(
            "{},{},{},{}",
            angle(lat_e7, 2),
            if lat_e7 < 0 { 'S' } else { 'N' },
            angle(lon_e7, 3),
            if lon_e7 < 0 { 'W' } else { 'E' },
        );
        sentence(
            &mut out,
            &format!(
                "GPRMC,{clock},A,{place},{:.2},{:.1},{:02}{:02}{:02},,,A",
                fix.speed_m_s * KNOTS,
                fix.course_deg,
                at.day,
                at.month,
                at.year.rem_euclid(100),
            ),
        );
        sentence(
            &mut out,
            &format!(
                "GPGGA,{clock},{place},1,{:02},{:.1},{:.1},M,{GEOID_M:.1},M,,",
                fix.satellites, fix.hdop, fix.elevation_m,
            ),
        );
    }
    out
}

/// Adds a sentence with its checksum.
fn sentence(out: &mut String, body: &str) {
    let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    // Writing to a String cannot fail, so the result is dropped.
    let _ = write!(out, "${body}*{sum:02X}\r\n");
}

/// Degrees in `digits` digits and minutes to 1e-5, which is a centimetre or two.
fn angle(e7: i32, digits: usize) -> String {
    let e7 = i64::from(e7.unsigned_abs());
    let minutes_e5 = num::round(num::double(e7 * 60) / 100.0);
    let degrees = minutes_e5 / 6_000_000;
    let rest = minutes_e5 % 6_000_000;
    format!("{degrees:0digits$}{:02}.{:05}", rest / 100_000, rest % 100_000)
}
