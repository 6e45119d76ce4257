//! Values as XMP writes EXIF's: coordinates with their hemisphere, fractions, times in ISO 8601.

use super::exif::FIRST_REAL_TIME_US;
use super::measure::Measure;
use super::{Position, PositionProblem, position_of};
use crate::ingest::civil_time::{CivilTime, parse_civil_time};
use crate::ingest::decimal::parse_scaled;
use crate::ingest::number::divide_rounded;

/// Degrees, minutes and seconds are summed in 1e-12 degrees.
const FINE_DECIMALS: u32 = 12;
const FINE_PER_E7: i128 = 100_000;

/// A number, or a fraction like `206/1`, times `10^decimals`.
pub(super) fn number(text: &str, decimals: u32) -> Option<i64> {
    let text = text.trim();
    let Some((numerator, denominator)) = text.split_once('/') else {
        return parse_scaled(text.as_bytes(), decimals).ok();
    };
    let part = |text: &str| text.trim().parse::<i64>().ok();
    Measure::Ratio(part(numerator)?, part(denominator)?).scaled(10_i64.checked_pow(decimals)?, 1)
}

/// A number of at least zero times `10^decimals`.
pub(super) fn unsigned(text: &str, decimals: u32) -> Option<u32> {
    number(text, decimals).and_then(|number| u32::try_from(number).ok())
}

/// A direction in hundredths of a degree, 0 to 35,999.
pub(super) fn direction(text: &str) -> Option<u32> {
    unsigned(text, 2)
        .filter(|angle| *angle <= 36_000)
        .map(|angle| angle % 36_000)
}

/// The position of two coordinates, each with the reference that some writers give in a property of its own.
pub(super) fn position(
    latitude: (Option<&str>, Option<&str>),
    longitude: (Option<&str>, Option<&str>),
) -> Result<Option<Position>, PositionProblem> {
    match (latitude, longitude) {
        ((None, _), (None, _)) => Ok(None),
        ((Some(lat), lat_ref), (Some(lon), lon_ref)) => {
            let lat_e7 = coordinate_e7(lat, lat_ref, ['N', 'S'])?;
            let lon_e7 = coordinate_e7(lon, lon_ref, ['E', 'W'])?;
            position_of(lat_e7, lon_e7).map(Some)
        }
        _ => Err(PositionProblem::HalfMissing),
    }
}

/// `ddd,mm,ssk`, `ddd,mm.mmk` or `ddd.ddk` with k one of N, S, E and W; or decimal degrees with a sign.
fn coordinate_e7(
    text: &str,
    reference: Option<&str>,
    [positive, negative]: [char; 2],
) -> Result<i64, PositionProblem> {
    let text = text.trim();
    let last = text.chars().next_back().map(|letter| letter.to_ascii_uppercase());
    let (digits, written) = match last {
        Some(letter) if letter.is_ascii_alphabetic() => (
            text.get(..text.len().saturating_sub(1)).unwrap_or_default(),
            Some(letter),
        ),
        _ => (text, reference.and_then(|text| text.trim().chars().next())),
    };
    let mut fine = 0_i128;
    let mut below_zero = false;
    let mut parts = digits.split(',');
    for per_degree in [1_i128, 60, 3_600] {
        let Some(part) = parts.next() else { break };
        let value = number(part, FINE_DECIMALS).ok_or(PositionProblem::Unreadable)?;
        below_zero |= value < 0;
        fine += divide_rounded(i128::from(value).abs(), per_degree);
    }
    if parts.next().is_some() {
        return Err(PositionProblem::Unreadable);
    }
    let size = i64::try_from(divide_rounded(fine, FINE_PER_E7)).map_err(|_| PositionProblem::OutOfRange)?;
    let signed = digits.trim_start().starts_with(['+', '-']) || !digits.contains(',');
    match written.map(|letter| letter.to_ascii_uppercase()) {
        Some(letter) if letter == positive => Ok(if below_zero { -size } else { size }),
        Some(letter) if letter == negative => Ok(-size),
        // XMP wants a letter; decimal degrees without one are what tools of drones write.
        None if signed => Ok(if below_zero { -size } else { size }),
        _ => Err(PositionProblem::NoReference),
    }
}

/// A drone's own position in decimal degrees. 0,0 is how it says that it had none.
pub(super) fn dji_position(latitude: Option<&str>, longitude: Option<&str>) -> Option<Position> {
    let (lat, lon) = (number(latitude?, 7)?, number(longitude?, 7)?);
    position_of(lat, lon).ok().filter(|_| (lat, lon) != (0, 0))
}

/// The GPS clock: XMP has date and time in one property, some writers keep EXIF's two. UTC, said or not.
pub(super) fn gps_time_us(time: Option<&str>, date: Option<&str>) -> Option<i64> {
    let time = time?.trim();
    parse_civil_time(time.as_bytes())
        .or_else(|| parse_civil_time(format!("{} {time}", date?.trim()).as_bytes()))
        .map(|moment| moment.utc_us(0))
        .filter(|time_us| *time_us >= FIRST_REAL_TIME_US)
}

/// The camera's clock; offset and sub-seconds may stand in properties of their own.
pub(super) fn clock(time: &str, offset: Option<&str>, sub_second: Option<&str>) -> Option<CivilTime> {
    let mut clock = parse_civil_time(time.as_bytes()).filter(|clock| clock.local_us >= FIRST_REAL_TIME_US)?;
    if clock.local_us % 1_000_000 == 0 {
        clock.local_us += sub_second.map_or(0, |text| super::exif::sub_second_us(text.as_bytes()));
    }
    if clock.offset_s.is_none() {
        clock.offset_s = offset.and_then(|text| super::exif::parse_offset_s(text.as_bytes()));
    }
    Some(clock)
}
