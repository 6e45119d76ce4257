//! Rounding, written once: half away from zero.

/// A finite float rounded half away from zero, if it lies within 2^53: beyond, doubles have no halves to round.
pub(super) fn round_f64(value: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    if value.is_finite() && value.abs() <= MOST {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
        let rounded = value.round() as i64;
        Some(rounded)
    } else {
        None
    }
}

/// `dividend / divisor` rounded half away from zero; the divisor is not zero.
pub(super) fn divide_rounded(dividend: i128, divisor: i128) -> i128 {
    let (size, by) = (dividend.unsigned_abs(), divisor.unsigned_abs());
    let quotient = size / by + u128::from(size % by >= by.div_ceil(2));
    // 127 bits at most, so the value is unchanged.
    let quotient = i128::try_from(quotient).unwrap_or(i128::MAX);
    if (dividend < 0) == (divisor < 0) {
        quotient
    } else {
        -quotient
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
