//! Dates and times as devices write them: one lenient scanner for RFC 3339, EXIF, Mapillary and plain log formats.
//! The calendar itself is jiff's.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day without leap seconds.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// End of the year 9999; what is further from 1970 is no time.
const FURTHEST_US: i64 = 253_402_300_800 * MICROS_PER_SECOND;

/// Microseconds since 1970 from a counter, where they lie within some 8,000 years of it: sums and differences of such
/// times cannot overflow.
#[must_use]
pub fn within_calendar(time_us: i64) -> Option<i64> {
    (-FURTHEST_US..FURTHEST_US).contains(&time_us).then_some(time_us)
}

/// A date and time of day with the offset that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilTime {
    /// Microseconds since 1970-01-01 00:00 on the clock that was read, as if that clock showed UTC.
    pub local_us: i64,
    /// Seconds that the clock was ahead of UTC; `None` when the text does not say.
    pub offset_s: Option<i32>,
}

impl CivilTime {
    /// Microseconds since 1970 UTC, taking `assumed_offset_s` where the text had no offset of its own.
    #[must_use]
    pub fn utc_us(self, assumed_offset_s: i32) -> i64 {
        let offset_s = self.offset_s.unwrap_or(assumed_offset_s);
        self.local_us - i64::from(offset_s) * MICROS_PER_SECOND
    }
}

/// Reads `YYYY-MM-DD hh:mm[:ss[.fraction]] [Z|UTC|GMT|+hh[:mm]]`.
///
/// Tolerated: any of `- : / . _` within the date, any of `T t : _` or blanks before the time, `: . _` or nothing (ISO 8601 basic
/// form) within the time, one-digit months, days, hours, minutes and seconds, a fraction after `.`, `,` or `_` (of 17 digits,
/// the last three), NULs and blanks around it. Fractions are cut, not rounded, at microseconds. A leap second `:60` is read as
/// `:59`, as jiff does.
/// Years 1 to 9999; a date alone is no time.
#[must_use]
pub fn parse_civil_time(text: &[u8]) -> Option<CivilTime> {
    let text = trim_padding(text);
    let mut scan = Scan { rest: text };
    let date = scan.date()?;
    scan.skip_while(|byte| matches!(byte, b'T' | b't' | b' ' | b':' | b'_'));
    let hour = scan.number(2)?;
    scan.skip_one(is_time_separator);
    let minute = scan.number(2)?;
    let mut second = 0;
    let mut micros = 0;
    if scan.skip_one(is_time_separator) || scan.next_is_digit() {
        second = scan.number(2).filter(|second| *second <= 60)?;
        let in_digits = scan.rest.len() == 3 && text.len() == 17 && scan.next_is_digit();
        if scan.skip_one(|byte| matches!(byte, b'.' | b',' | b'_')) || in_digits {
            micros = scan.fraction_micros()?;
        }
    }
    scan.skip_while(|byte| byte == b' ');
    let offset_s = scan.offset().ok()?;
    if !scan.rest.is_empty() {
        return None;
    }
    let second = if second == 60 { 59 } else { second };
    let time = Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, 0).ok()?;
    let whole = utc_seconds(date.to_datetime(time))?;
    Some(CivilTime {
        local_us: whole * MICROS_PER_SECOND + micros,
        offset_s,
    })
}

/// Reads `yyyymmddhhmmss` and `yyyymmddhhmmssfff` of the years 1900 to 2099. No count from 1970 looks like it: as
/// milliseconds and microseconds such numbers lie in the years 2570 and later.
#[must_use]
pub fn parse_digits_time(text: &[u8]) -> Option<CivilTime> {
    let text = trim_padding(text);
    let looks = matches!(text.len(), 14 | 17)
        && matches!(text, [b'1', b'9', ..] | [b'2', b'0', ..])
        && text.iter().all(u8::is_ascii_digit);
    looks.then(|| parse_civil_time(text)).flatten()
}

/// Midnight UTC of a date written `YYYY:MM:DD` with any of `- : / . _` between, in microseconds since 1970.
#[must_use]
pub fn parse_date_us(text: &[u8]) -> Option<i64> {
    let mut scan = Scan {
        rest: trim_padding(text),
    };
    let date = scan.date()?;
    if !scan.rest.is_empty() {
        return None;
    }
    utc_seconds(date.to_datetime(Time::midnight())).map(|seconds| seconds * MICROS_PER_SECOND)
}

/// The date in UTC of a moment in microseconds since 1970, as `YYYY-MM-DD`.
#[must_use]
pub fn date_text(time_us: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_microsecond(time_us).ok()?;
    Some(Offset::UTC.to_datetime(moment).date().to_string())
}

fn utc_seconds(datetime: DateTime) -> Option<i64> {
    Offset::UTC
        .to_timestamp(datetime)
        .ok()
        .map(jiff::Timestamp::as_second)
}

fn narrow(value: u32) -> Option<i8> {
    i8::try_from(value).ok()
}

/// The text without the blanks and NULs around it.
#[must_use]
pub fn trim_padding(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .rposition(|byte| !is_padding(*byte))
        .map_or(0, |last| last + 1);
    let (kept, _) = text.split_at(end);
    let start = kept.iter().position(|byte| !is_padding(*byte)).unwrap_or(end);
    kept.split_at(start).1
}

fn is_padding(byte: u8) -> bool {
    byte == 0 || byte.is_ascii_whitespace()
}

fn is_date_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b':' | b'/' | b'.' | b'_')
}

fn is_time_separator(byte: u8) -> bool {
    matches!(byte, b':' | b'.' | b'_')
}

/// What follows the time is no offset from UTC.
#[derive(Debug)]
struct NoOffset;

/// What is left of the text.
struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    fn date(&mut self) -> Option<Date> {
        let year = self.exactly(4)?;
        let separated = self.skip_one(is_date_separator);
        // Without separators one-digit months would be ambiguous.
        let month = if separated {
            self.number(2)?
        } else {
            self.exactly(2)?
        };
        if separated {
            self.skip_one(is_date_separator).then_some(())?;
        }
        let day = if separated {
            self.number(2)?
        } else {
            self.exactly(2)?
        };
        if year == 0 {
            return None;
        }
        Date::new(i16::try_from(year).ok()?, narrow(month)?, narrow(day)?).ok()
    }

    /// Seconds ahead of UTC, `None` where nothing is written. An error where what is written is no offset.
    fn offset(&mut self) -> Result<Option<i32>, NoOffset> {
        let sign = match self.rest {
            [] => return Ok(None),
            [b'Z' | b'z', rest @ ..] => {
                self.rest = rest;
                return Ok(Some(0));
            }
            [a, b, c, rest @ ..] if is_utc_name([*a, *b, *c]) => {
                self.rest = rest;
                return Ok(Some(0));
            }
            [b'+', rest @ ..] => {
                self.rest = rest;
                1
            }
            [b'-', rest @ ..] => {
                self.rest = rest;
                -1
            }
            _ => return Err(NoOffset),
        };
        let hours = self.number(2).filter(|hours| *hours <= 18).ok_or(NoOffset)?;
        self.skip_one(|byte| byte == b':');
        let minutes = if self.next_is_digit() {
            self.exactly(2).ok_or(NoOffset)?
        } else {
            0
        };
        if minutes >= 60 {
            return Err(NoOffset);
        }
        let size = i32::try_from(hours * 3_600 + minutes * 60).map_err(|_| NoOffset)?;
        Ok(Some(sign * size))
    }

    /// The digits that follow as a fraction of a second, cut at microseconds.
    fn fraction_micros(&mut self) -> Option<i64> {
        let mut micros = 0;
        let mut unit = 100_000;
        self.next_is_digit().then_some(())?;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            micros += i64::from(digit - b'0') * unit;
            unit /= 10;
            self.rest = rest;
        }
        Some(micros)
    }

    /// A number of one to `most` digits.
    fn number(&mut self, most: u32) -> Option<u32> {
        self.next_is_digit().then_some(())?;
        let mut value = 0;
        for _ in 0..most {
            let [digit @ b'0'..=b'9', rest @ ..] = self.rest else {
                break;
            };
            value = value * 10 + u32::from(digit - b'0');
            self.rest = rest;
        }
        Some(value)
    }

    /// A number of exactly `count` digits.
    fn exactly(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let [digit @ b'0'..=b'9', rest @ ..] = self.rest else {
                return None;
            };
            value = value * 10 + u32::from(digit - b'0');
            self.rest = rest;
        }
        Some(value)
    }

    fn next_is_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    fn skip_one(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        match self.rest {
            [byte, rest @ ..] if wanted(*byte) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool + Copy) {
        while self.skip_one(wanted) {}
    }
}

fn is_utc_name(name: [u8; 3]) -> bool {
    name.eq_ignore_ascii_case(b"utc") || name.eq_ignore_ascii_case(b"gmt")
}

#[cfg(test)]
#[path = "civil_time_tests.rs"]
mod tests;
