//! Decimal text to scaled integers, exactly: no float between the file and the table.

use std::borrow::Cow;

/// Why a text is not a number that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalFault {
    /// Nothing but white space.
    #[error("empty")]
    Empty,
    /// Something other than an optional sign, digits, one dot and an exponent.
    #[error("not a decimal number")]
    NotANumber,
    /// `NaN` or an infinity.
    #[error("not finite")]
    NotFinite,
    /// The scaled value needs more than 64 bits.
    #[error("too large")]
    TooLarge,
}

/// Reads `[+-]digits[.digits][e[+-]digits]` and returns the value times `10^decimals`, rounded half away from zero.
///
/// The rounding looks at the written digits themselves, so `0.00000005` at 7 decimals is 1 and not what the nearest
/// double happens to round to. The cost is linear in the text whatever the exponent says.
///
/// ```
/// # use cairn_stages::ingest::decimal::parse_scaled;
/// assert_eq!(parse_scaled(b"-87.64962749", 7), Ok(-876_496_275));
/// ```
///
/// # Errors
/// [`DecimalFault`] says what kept the text from being a number that fits in 64 bits after scaling.
pub fn parse_scaled(text: &[u8], decimals: u32) -> Result<i64, DecimalFault> {
    if let Some(value) = plain_scaled(text, decimals) {
        return Ok(value);
    }
    let text = text.trim_ascii();
    let (negative, unsigned) = match text {
        [] => return Err(DecimalFault::Empty),
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if is_not_finite(unsigned) {
        return Err(DecimalFault::NotFinite);
    }
    let (mantissa, exponent) = split_exponent(unsigned)?;
    let magnitude = scale_mantissa(mantissa, exponent.saturating_add(i64::from(decimals)))?;
    Ok(if negative { -magnitude } else { magnitude })
}

/// The common case in one pass: an optional minus, at most 18 digits, one dot at most. `None` leaves it to the full reader.
fn plain_scaled(text: &[u8], decimals: u32) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 18 || decimals > 9 {
        return None;
    }
    let mut value = 0_i64;
    // Digits still to come after the dot; before the dot that is not known yet.
    let mut wanted = None;
    let mut round_up = None;
    let mut any = false;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            any = true;
            match &mut wanted {
                Some(0) => {
                    round_up.get_or_insert(digit >= 5);
                    continue;
                }
                Some(more) => *more -= 1,
                None => {}
            }
            // 18 digits fit.
            value = value * 10 + i64::from(digit);
        } else if *byte == b'.' && wanted.is_none() {
            wanted = Some(decimals);
        } else {
            return None;
        }
    }
    if !any {
        return None;
    }
    let missing = 10_i64.pow(wanted.unwrap_or(decimals));
    let value = value
        .checked_mul(missing)?
        .checked_add(i64::from(round_up == Some(true)))?;
    Some(if negative { -value } else { value })
}

/// A latitude in decimal degrees as 1e-7 degrees, `None` when it is no number or outside [-90, 90].
#[must_use]
pub fn latitude_e7(text: &[u8]) -> Option<i32> {
    parse_scaled(text, 7).ok().and_then(|value| degrees_e7(value, 90))
}

/// A longitude in decimal degrees as 1e-7 degrees, `None` when it is no number or outside [-180, 180].
#[must_use]
pub fn longitude_e7(text: &[u8]) -> Option<i32> {
    parse_scaled(text, 7)
        .ok()
        .and_then(|value| degrees_e7(value, 180))
}

/// Narrows 1e-7 degrees to the column's type when they lie within `limit` whole degrees of zero.
#[must_use]
pub fn degrees_e7(value: i64, limit: i64) -> Option<i32> {
    (-limit * 10_000_000..=limit * 10_000_000)
        .contains(&value)
        .then(|| i32::try_from(value).ok())
        .flatten()
}

/// The value times `10^decimals` when it is a number from 0 to `u32::MAX` after scaling.
#[must_use]
pub fn parse_unsigned(text: &[u8], decimals: u32) -> Option<u32> {
    parse_scaled(text, decimals)
        .ok()
        .and_then(|value| u32::try_from(value).ok())
}

/// An elevation in metres as millimetres, `None` when it is no number or further than 100 km from the ground.
#[must_use]
pub fn parse_elevation_mm(text: &[u8]) -> Option<i64> {
    parse_scaled(text, 3)
        .ok()
        .filter(|elevation| (-100_000_000..=100_000_000).contains(elevation))
}

/// A direction in degrees, rounded to a whole degree in 0..=359. Negative values, which receivers write for "unknown",
/// and values above 360 are `None`.
#[must_use]
pub fn parse_course_deg(text: &[u8]) -> Option<u32> {
    let millidegrees = parse_unsigned(text, 3).filter(|value| *value <= 360_000)?;
    Some((millidegrees + 500) / 1_000 % 360)
}

/// `48,1` as `48.1`; a text with a dot or several commas stays as it is and is no number.
pub(super) fn with_decimal_point(text: &[u8]) -> Cow<'_, [u8]> {
    let comma = text.iter().position(|byte| *byte == b',');
    if comma.is_none() || comma != text.iter().rposition(|byte| *byte == b',') || text.contains(&b'.') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.iter()
            .map(|byte| if *byte == b',' { b'.' } else { *byte })
            .collect(),
    )
}

/// The degrees of a text by `read`, and whether they have a decimal comma, as programs write it that heed the wrong locale.
/// No number of degrees has thousands: a comma in it can only be the decimal one.
pub(super) fn degrees_or_comma(text: &[u8], read: fn(&[u8]) -> Option<i32>) -> (Option<i32>, bool) {
    match read(text) {
        None if text.contains(&b',') => {
            let degrees = read(&with_decimal_point(text));
            (degrees, degrees.is_some())
        }
        degrees => (degrees, false),
    }
}

fn is_not_finite(unsigned: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [b"nan", b"inf", b"infinity", b"1.#qnan", b"1.#inf"];
    NAMES.iter().any(|name| unsigned.eq_ignore_ascii_case(name))
}

fn split_exponent(unsigned: &[u8]) -> Result<(&[u8], i64), DecimalFault> {
    let Some(at) = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Ok((unsigned, 0));
    };
    let (mantissa, rest) = unsigned.split_at(at);
    let (negative, digits) = match rest {
        [_, b'-', digits @ ..] => (true, digits),
        [_, b'+', digits @ ..] | [_, digits @ ..] => (false, digits),
        [] => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DecimalFault::NotANumber);
    }
    let size = digits.iter().fold(0_i64, |sum, digit| {
        sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
    });
    Ok((mantissa, if negative { -size } else { size }))
}

/// `mantissa * 10^shift`, rounded half away from zero; the mantissa has no sign.
fn scale_mantissa(mantissa: &[u8], shift: i64) -> Result<i64, DecimalFault> {
    let dot = mantissa
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(mantissa.len());
    let whole_digits = i64::try_from(dot).map_err(|_| DecimalFault::TooLarge)?;
    let kept = whole_digits.saturating_add(shift);
    let mut value = 0_i64;
    let mut round_up = false;
    let mut seen = 0_i64;
    for (at, byte) in mantissa.iter().enumerate() {
        if at == dot {
            continue;
        }
        if !byte.is_ascii_digit() {
            return Err(DecimalFault::NotANumber);
        }
        let digit = i64::from(byte - b'0');
        if seen < kept {
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(digit))
                .ok_or(DecimalFault::TooLarge)?;
        } else if seen == kept {
            round_up = digit >= 5;
        }
        seen += 1;
    }
    if seen == 0 {
        return Err(DecimalFault::NotANumber);
    }
    // Digits that the text leaves out are zeros. A value that is not zero overflows after 19 of them at the latest.
    while seen < kept && value != 0 {
        value = value.checked_mul(10).ok_or(DecimalFault::TooLarge)?;
        seen += 1;
    }
    value
        .checked_add(i64::from(round_up))
        .ok_or(DecimalFault::TooLarge)
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;
