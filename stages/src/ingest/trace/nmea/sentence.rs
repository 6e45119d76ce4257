//! The fields of the sentences that say something about a fix.
//!
//! What a fix stands on (time, position, status) has to be readable, else the sentence is malformed and says nothing.
//! Anything else that is not readable is unknown.

use jiff::civil::Date;

use crate::ingest::decimal::{degrees_e7, parse_course_deg, parse_elevation_mm, parse_unsigned};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// What a sentence says, as far as it matters for fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// A position, or that there is none.
    Report(Report),
    /// Receiver's mode (GSA).
    Mode {
        /// 1 no fix, 2 two-dimensional, 3 three-dimensional.
        mode: Option<u8>,
        hdop_milli: Option<u32>,
    },
    /// Speed and course (VTG).
    Motion {
        speed_mm_s: Option<u32>,
        course_deg: Option<u32>,
    },
    /// Date and time (ZDA): days since 1970 and microseconds since midnight.
    Date { day: i64, clock_us: i64 },
    /// Standard deviation of the horizontal position (GST).
    Spread {
        clock_us: Option<i64>,
        accuracy_mm: Option<u32>,
    },
    /// Satellites in view (GSV).
    View,
    /// A sentence of another kind.
    Other,
}

/// Which sentence a position came in; of equally valid ones the later in this list is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Gll,
    Rmc,
    Gns,
    Gga,
}

/// What RMC, GGA, GNS and GLL say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) source: Source,
    /// Microseconds since midnight UTC.
    pub(super) clock_us: Option<i64>,
    /// Latitude and longitude in 1e-7 degrees.
    pub(super) position: Option<(i32, i32)>,
    /// Whether the receiver calls it a satellite fix. Dead reckoning, manual input and simulation are none.
    pub(super) valid: Option<bool>,
    /// Days since 1970.
    pub(super) day: Option<i64>,
    pub(super) satellites: Option<u32>,
    pub(super) hdop_milli: Option<u32>,
    pub(super) speed_mm_s: Option<u32>,
    pub(super) course_deg: Option<u32>,
    pub(super) elevation_mm: Option<i64>,
}

impl Report {
    fn new(source: Source) -> Self {
        Self {
            source,
            clock_us: None,
            position: None,
            valid: None,
            day: None,
            satellites: None,
            hdop_milli: None,
            speed_mm_s: None,
            course_deg: None,
            elevation_mm: None,
        }
    }
}

/// A sentence of a known kind does not hold what its kind promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads the fields of a sentence.
pub(super) fn read(kind: [u8; 3], fields: &[u8]) -> Result<Said, Malformed> {
    let mut fields = Fields(Some(fields));
    match &kind {
        b"GGA" => gga(&mut fields).map(Said::Report),
        b"RMC" => rmc(&mut fields).map(Said::Report),
        b"GNS" => gns(&mut fields).map(Said::Report),
        b"GLL" => gll(&mut fields).map(Said::Report),
        b"GSA" => gsa(&mut fields),
        b"GSV" => gsv(&mut fields),
        b"VTG" => vtg(&mut fields),
        b"ZDA" => zda(&mut fields),
        b"GST" => gst(&mut fields),
        _ => Ok(Said::Other),
    }
}

/// `hhmmss.ss,ddmm.mm,N,dddmm.mm,E,quality,satellites,hdop,altitude,M,...`
fn gga(fields: &mut Fields<'_>) -> Result<Report, Malformed> {
    let mut report = Report::new(Source::Gga);
    report.clock_us = clock_us(fields.next()?)?;
    report.position = position(fields)?;
    report.valid = match fields.next()? {
        [] => None,
        [b'1'..=b'5'] => Some(true),
        [b'0' | b'6'..=b'9'] => Some(false),
        _ => return Err(Malformed),
    };
    report.satellites = parse_unsigned(fields.next()?, 0);
    report.hdop_milli = parse_unsigned(fields.next_or_empty(), 3);
    report.elevation_mm = parse_elevation_mm(fields.next_or_empty());
    Ok(report)
}

/// `hhmmss.ss,status,ddmm.mm,N,dddmm.mm,E,knots,course,ddmmyy,variation,E[,mode[,status]]`
fn rmc(fields: &mut Fields<'_>) -> Result<Report, Malformed> {
    let mut report = Report::new(Source::Rmc);
    report.clock_us = clock_us(fields.next()?)?;
    let status = status(fields.next()?)?;
    report.position = position(fields)?;
    report.speed_mm_s = parse_unsigned(fields.next()?, 3).and_then(knots_to_mm_s);
    report.course_deg = parse_course_deg(fields.next()?);
    report.day = short_date(fields.next()?)?;
    fields.skip(2);
    report.valid = both(status, mode(fields.next_or_empty()));
    Ok(report)
}

/// `hhmmss.ss,ddmm.mm,N,dddmm.mm,E,modes,satellites,hdop,altitude,...`
fn gns(fields: &mut Fields<'_>) -> Result<Report, Malformed> {
    let mut report = Report::new(Source::Gns);
    report.clock_us = clock_us(fields.next()?)?;
    report.position = position(fields)?;
    // A letter for each constellation: one of them is enough for a fix.
    let modes = fields.next()?;
    report.valid = modes.iter().filter_map(|letter| mode(&[*letter])).max();
    report.satellites = parse_unsigned(fields.next()?, 0);
    report.hdop_milli = parse_unsigned(fields.next_or_empty(), 3);
    report.elevation_mm = parse_elevation_mm(fields.next_or_empty());
    Ok(report)
}

/// `ddmm.mm,N,dddmm.mm,E[,hhmmss.ss,status[,mode]]`
fn gll(fields: &mut Fields<'_>) -> Result<Report, Malformed> {
    let mut report = Report::new(Source::Gll);
    report.position = position(fields)?;
    report.clock_us = clock_us(fields.next_or_empty())?;
    let status = status(fields.next_or_empty())?;
    report.valid = both(status, mode(fields.next_or_empty()));
    Ok(report)
}

/// `A,mode,` 12 satellites `,pdop,hdop,vdop[,system]`
fn gsa(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    fields.next()?;
    let mode = match fields.next()? {
        [] => None,
        [digit @ b'1'..=b'3'] => Some(digit - b'0'),
        _ => return Err(Malformed),
    };
    fields.skip(13);
    Ok(Said::Mode {
        mode,
        hdop_milli: parse_unsigned(fields.next_or_empty(), 3),
    })
}

/// `sentences,number,satellites,...`
fn gsv(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    for _ in 0..3 {
        if !fields.next()?.iter().all(u8::is_ascii_digit) {
            return Err(Malformed);
        }
    }
    Ok(Said::View)
}

/// `course,T,magnetic,M,knots,N,km/h,K[,mode]`; before version 2.3 the units were not written.
fn vtg(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let course_deg = parse_course_deg(fields.next()?);
    if fields.next()? != b"T" {
        return Ok(Said::Other);
    }
    fields.skip(2);
    let knots = parse_unsigned(fields.next()?, 3);
    Ok(Said::Motion {
        speed_mm_s: knots.and_then(knots_to_mm_s),
        course_deg,
    })
}

/// `hhmmss.ss,dd,mm,yyyy,zone,zone`
fn zda(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let clock_us = clock_us(fields.next()?)?;
    let (day, month, year) = (fields.next()?, fields.next()?, fields.next()?);
    let Some(clock_us) = clock_us.filter(|_| !(day.is_empty() && month.is_empty() && year.is_empty())) else {
        return Ok(Said::Other);
    };
    let number = |text| parse_unsigned(text, 0).ok_or(Malformed);
    let day = days(number(year)?, number(month)?, number(day)?).ok_or(Malformed)?;
    Ok(Said::Date { day, clock_us })
}

/// `hhmmss.ss,rms,semi-major,semi-minor,orientation,latitude,longitude,altitude`, deviations in metres.
fn gst(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let clock_us = clock_us(fields.next()?)?;
    fields.skip(4);
    let north = parse_unsigned(fields.next()?, 3);
    let east = parse_unsigned(fields.next()?, 3);
    Ok(Said::Spread {
        clock_us,
        accuracy_mm: north.zip(east).and_then(|(north, east)| {
            let (north, east) = (u64::from(north), u64::from(east));
            let squares = north.checked_mul(north)?.checked_add(east.checked_mul(east)?)?;
            // Receivers write zeros for "unknown".
            u32::try_from(squares.isqrt()).ok().filter(|mm| *mm > 0)
        }),
    })
}

/// What is left of the fields; `None` after the last.
struct Fields<'a>(Option<&'a [u8]>);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<&'a [u8], Malformed> {
        let rest = self.0.ok_or(Malformed)?;
        let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
        self.0 = rest.get(end + 1..);
        rest.get(..end).map(<[u8]>::trim_ascii).ok_or(Malformed)
    }

    fn next_or_empty(&mut self) -> &'a [u8] {
        self.next().unwrap_or_default()
    }

    fn skip(&mut self, count: u8) {
        for _ in 0..count {
            self.next_or_empty();
        }
    }
}

fn both(status: Option<bool>, mode: Option<bool>) -> Option<bool> {
    match (status, mode) {
        (Some(status), Some(mode)) => Some(status && mode),
        (known, None) | (None, known) => known,
    }
}

/// Status of RMC and GLL: `A` valid, `V` a warning. Some receivers write `D` for a differential fix and `N` for none.
fn status(field: &[u8]) -> Result<Option<bool>, Malformed> {
    match field {
        [] => Ok(None),
        [b'A' | b'D'] => Ok(Some(true)),
        [b'V' | b'N'] => Ok(Some(false)),
        _ => Err(Malformed),
    }
}

/// Mode indicator: autonomous, differential, precise, RTK and float RTK are satellite fixes; estimated, manual, simulated and none are not.
fn mode(field: &[u8]) -> Option<bool> {
    match field {
        [b'A' | b'D' | b'P' | b'R' | b'F'] => Some(true),
        [b'E' | b'M' | b'S' | b'N'] => Some(false),
        _ => None,
    }
}

/// A knot is 1,852 m per hour; rounded half up.
fn knots_to_mm_s(knots_milli: u32) -> Option<u32> {
    u32::try_from((u64::from(knots_milli) * 1_852 + 1_800) / 3_600).ok()
}

/// Microseconds since midnight of `hhmmss[.fraction]`, the fraction cut at microseconds; `None` when empty. A leap second
/// `60` is read as `59`, as everywhere in ingest.
fn clock_us(field: &[u8]) -> Result<Option<i64>, Malformed> {
    let [h1, h0, m1, m0, s1, s0, fraction @ ..] = field else {
        return if field.is_empty() {
            Ok(None)
        } else {
            Err(Malformed)
        };
    };
    let (hour, minute, second) = (two(*h1, *h0)?, two(*m1, *m0)?, two(*s1, *s0)?);
    if hour > 23 || minute > 59 || second > 60 {
        return Err(Malformed);
    }
    let mut micros = 0;
    match fraction {
        [] => {}
        [b'.', digits @ ..] => {
            let mut unit = 100_000;
            for digit in digits {
                micros += i64::from(value(*digit)?) * unit;
                unit /= 10;
            }
        }
        _ => return Err(Malformed),
    }
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second.min(59));
    Ok(Some(seconds * MICROS_PER_SECOND + micros))
}

/// Days since 1970 of `ddmmyy`. The satellites' time began in 1980, so 80 to 99 are of the last century.
fn short_date(field: &[u8]) -> Result<Option<i64>, Malformed> {
    match field {
        [] => Ok(None),
        [d1, d0, m1, m0, y1, y0] => {
            let (day, month, year) = (two(*d1, *d0)?, two(*m1, *m0)?, two(*y1, *y0)?);
            let century = if year >= 80 { 1_900 } else { 2_000 };
            // `000000` is how receivers without a date fill the field.
            Ok(days(century + year, month, day))
        }
        _ => Err(Malformed),
    }
}

fn days(year: u32, month: u32, day: u32) -> Option<i64> {
    let date = Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let epoch = Date::constant(1970, 1, 1);
    Some(date.ok()?.duration_since(epoch).as_hours() / 24)
}

/// Latitude, hemisphere, longitude, hemisphere; `None` when all are empty or one lies outside its range, as some receivers
/// say that they have no position.
fn position(fields: &mut Fields<'_>) -> Result<Option<(i32, i32)>, Malformed> {
    let (latitude, north) = (fields.next()?, fields.next()?);
    let (longitude, east) = (fields.next()?, fields.next()?);
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(None);
    }
    let latitude = degrees(latitude, side(north, b'N', b'S')?, 90)?;
    let longitude = degrees(longitude, side(east, b'E', b'W')?, 180)?;
    Ok(latitude.zip(longitude))
}

fn side(field: &[u8], positive: u8, negative: u8) -> Result<i64, Malformed> {
    match field {
        [letter] if *letter == positive => Ok(1),
        [letter] if *letter == negative => Ok(-1),
        _ => Err(Malformed),
    }
}

/// `dddmm.mmmm` in 1e-7 degrees, rounded half away from zero; `None` when it is more than `limit` degrees.
fn degrees(field: &[u8], sign: i64, limit: i64) -> Result<Option<i32>, Malformed> {
    let (mut whole, mut rest) = (0_i64, field);
    while let [digit, tail @ ..] = rest
        && *digit != b'.'
    {
        // A coordinate has five digits before its dot; more cannot be in range.
        whole = (whole * 10 + i64::from(value(*digit)?)).min(1_000_000);
        rest = tail;
    }
    if field.len() - rest.len() < 2 {
        return Err(Malformed);
    }
    // Billionths of a minute. Digits past the ninth cannot change the result, which turns at multiples of 3,000 of these.
    let (mut billionths, mut unit) = (whole % 100 * 1_000_000_000, 100_000_000);
    for digit in rest.iter().skip(1) {
        billionths += i64::from(value(*digit)?) * unit;
        unit /= 10;
    }
    if whole >= 1_000_000 || billionths >= 60_000_000_000 {
        return Ok(None);
    }
    let size = whole / 100 * 10_000_000 + (billionths + 3_000) / 6_000;
    Ok(degrees_e7(sign * size, limit))
}

fn two(tens: u8, ones: u8) -> Result<u32, Malformed> {
    Ok(value(tens)? * 10 + value(ones)?)
}

fn value(digit: u8) -> Result<u32, Malformed> {
    match digit {
        b'0'..=b'9' => Ok(u32::from(digit - b'0')),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
