//! Numbers of EXIF tags, exact until they are rounded once.

use exif::Value;

use crate::ingest::number::{divide_rounded, round_f64};

/// A number as a tag holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Measure {
    /// Numerator and denominator; the denominator may be zero.
    Ratio(i64, i64),
    /// Some writers use floats where EXIF wants rationals.
    Float(f64),
}

impl Measure {
    /// The number at `index` of a tag, whatever numeric type the writer chose.
    pub(super) fn of(value: &Value, index: usize) -> Option<Self> {
        Some(match value {
            Value::Rational(list) => {
                let ratio = list.get(index)?;
                Self::Ratio(i64::from(ratio.num), i64::from(ratio.denom))
            }
            Value::SRational(list) => {
                let ratio = list.get(index)?;
                Self::Ratio(i64::from(ratio.num), i64::from(ratio.denom))
            }
            Value::Float(list) => Self::Float(f64::from(*list.get(index)?)),
            Value::Double(list) => Self::Float(*list.get(index)?),
            Value::SByte(list) => Self::Ratio(i64::from(*list.get(index)?), 1),
            Value::SShort(list) => Self::Ratio(i64::from(*list.get(index)?), 1),
            Value::SLong(list) => Self::Ratio(i64::from(*list.get(index)?), 1),
            _ => Self::Ratio(i64::from(value.get_uint(index)?), 1),
        })
    }

    /// The number times `numerator / denominator` (both above zero), rounded half away from zero. `None` for a zero denominator,
    /// what is not finite and what does not fit.
    pub(super) fn scaled(self, numerator: i64, denominator: i64) -> Option<i64> {
        match self {
            Self::Ratio(_, 0) => None,
            Self::Ratio(num, den) => {
                // 64 x 64 bits never overflow 128.
                let dividend = i128::from(num) * i128::from(numerator);
                let divisor = i128::from(den) * i128::from(denominator);
                i64::try_from(divide_rounded(dividend, divisor)).ok()
            }
            Self::Float(value) => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "the factors are powers of ten and small counts of seconds"
                )]
                let scaled = value * (numerator as f64) / (denominator as f64);
                round_f64(scaled)
            }
        }
    }

    /// Whether the number is below zero.
    pub(super) fn is_negative(self) -> bool {
        match self {
            Self::Ratio(num, den) => num != 0 && (num < 0) != (den < 0),
            Self::Float(value) => value < 0.0,
        }
    }

    /// Whether the writer's type can hold a sign.
    pub(super) fn is_signed(value: &Value) -> bool {
        !matches!(
            value,
            Value::Rational(_) | Value::Byte(_) | Value::Short(_) | Value::Long(_)
        )
    }
}
