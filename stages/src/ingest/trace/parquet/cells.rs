//! The cells of a column as numbers, texts and points, whatever type the file gave them.

use std::borrow::Cow;

use arrow::array::{Array, AsArray, BinaryViewArray, StringViewArray, StructArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Fields,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};

use crate::ingest::civil_time::{MICROS_PER_DAY, date_text, within_calendar};
use crate::ingest::decimal::{degrees_e7, parse_scaled};
use crate::ingest::number::round_f64;
use crate::ingest::trace::columns::EpochUnit;
use crate::ingest::trace::csv::{EAST_OR_WEST, NORTH_OR_SOUTH, hemisphere_e7, point_of_text, signed_e7};
use crate::ingest::trace::csv_time::TimeForm;
use crate::ingest::trace::wkb_point::{degrees_of_f64, point_of_wkb};

/// A longer text is no number, no time, no point and no trip's name. A dictionary can repeat one text in millions of rows,
/// and each of them looks at all of it.
const MOST_TEXT_BYTES: usize = 1_024;

/// The cells of one column of a batch.
pub(super) enum Cells<'b> {
    /// No column, or one of a type that holds nothing of use.
    None,
    Integers(Vec<Option<i64>>),
    /// Midnights in microseconds since 1970.
    Dates(Vec<Option<i64>>),
    /// Microseconds since midnight.
    TimesOfDay(Vec<Option<i64>>),
    /// Integers and the power of ten that they are divided by.
    Decimals(Vec<Option<i128>>, i8),
    Floats(Vec<Option<f64>>),
    Texts(&'b StringViewArray),
    Bytes(&'b BinaryViewArray),
    /// Microseconds since 1970, and whether the column says that they are UTC.
    Times(Vec<Option<i64>>, bool),
    /// Longitudes and latitudes in degrees.
    Points(Vec<Option<f64>>, Vec<Option<f64>>),
}

impl<'b> Cells<'b> {
    pub(super) fn of(column: Option<&'b dyn Array>) -> Self {
        let Some(array) = column else {
            return Self::None;
        };
        match array.data_type() {
            DataType::Int8 => Self::Integers(values::<Int8Type, _>(array, |v| Some(v.into()))),
            DataType::Int16 => Self::Integers(values::<Int16Type, _>(array, |v| Some(v.into()))),
            DataType::Int32 => Self::Integers(values::<Int32Type, _>(array, |v| Some(v.into()))),
            DataType::Int64 => Self::Integers(values::<Int64Type, _>(array, Some)),
            DataType::UInt8 => Self::Integers(values::<UInt8Type, _>(array, |v| Some(v.into()))),
            DataType::UInt16 => Self::Integers(values::<UInt16Type, _>(array, |v| Some(v.into()))),
            DataType::UInt32 => Self::Integers(values::<UInt32Type, _>(array, |v| Some(v.into()))),
            DataType::UInt64 => Self::Integers(values::<UInt64Type, _>(array, |v| v.try_into().ok())),
            DataType::Float32 => Self::Floats(values::<Float32Type, _>(array, |v| Some(v.into()))),
            DataType::Float64 => Self::Floats(values::<Float64Type, _>(array, Some)),
            DataType::Decimal32(_, scale) => {
                Self::Decimals(values::<Decimal32Type, _>(array, |v| Some(v.into())), *scale)
            }
            DataType::Decimal64(_, scale) => {
                Self::Decimals(values::<Decimal64Type, _>(array, |v| Some(v.into())), *scale)
            }
            DataType::Decimal128(_, scale) => {
                Self::Decimals(values::<Decimal128Type, _>(array, Some), *scale)
            }
            DataType::Utf8View => array.as_string_view_opt().map_or(Self::None, Self::Texts),
            DataType::BinaryView => array.as_binary_view_opt().map_or(Self::None, Self::Bytes),
            DataType::Timestamp(unit, zone) => Self::Times(timestamps(array, *unit), zone.is_some()),
            DataType::Date32 => Self::Dates(values::<Date32Type, _>(array, |days| {
                within_calendar(i64::from(days) * MICROS_PER_DAY)
            })),
            DataType::Time32(TimeUnit::Second) => {
                Self::TimesOfDay(values::<Time32SecondType, _>(array, |v| {
                    Some(i64::from(v) * 1_000_000)
                }))
            }
            DataType::Time32(_) => Self::TimesOfDay(values::<Time32MillisecondType, _>(array, |v| {
                Some(i64::from(v) * 1_000)
            })),
            DataType::Time64(TimeUnit::Microsecond) => {
                Self::TimesOfDay(values::<Time64MicrosecondType, _>(array, Some))
            }
            DataType::Time64(_) => Self::TimesOfDay(values::<Time64NanosecondType, _>(array, |v| {
                Some(v.div_euclid(1_000))
            })),
            DataType::Struct(fields) if is_point(fields) => {
                let point = array.as_struct_opt();
                Self::Points(half(point, "x"), half(point, "y"))
            }
            _ => Self::None,
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::None => true,
            Self::Integers(cells) | Self::Dates(cells) | Self::TimesOfDay(cells) | Self::Times(cells, _) => {
                cells.get(row).is_none_or(Option::is_none)
            }
            Self::Decimals(cells, _) => cells.get(row).is_none_or(Option::is_none),
            Self::Floats(cells) | Self::Points(cells, _) => cells.get(row).is_none_or(Option::is_none),
            Self::Texts(array) => text_at(array, row).is_none_or(|text| text.trim().is_empty()),
            Self::Bytes(array) => row >= array.len() || array.is_null(row),
        }
    }

    /// The cell as a CSV would have it; `None` where it is no number and no text.
    pub(super) fn text(&self, row: usize) -> Option<Cow<'b, str>> {
        match self {
            Self::Integers(cells) => cells.get(row)?.map(|value| Cow::Owned(value.to_string())),
            Self::Floats(cells) => cells.get(row)?.map(|value| Cow::Owned(value.to_string())),
            Self::Decimals(cells, scale) => {
                (*cells.get(row)?).map(|value| Cow::Owned(decimal_text(value, *scale)))
            }
            // A moment is asked for its text where it stands in the column of dates.
            Self::Dates(cells) | Self::Times(cells, _) => date_text((*cells.get(row)?)?).map(Cow::Owned),
            Self::TimesOfDay(cells) => cells.get(row)?.map(|time| Cow::Owned(time_of_day_text(time))),
            Self::Texts(array) => text_at(array, row).map(Cow::Borrowed),
            Self::Bytes(array) => bytes_at(array, row)
                .filter(|bytes| bytes.len() <= MOST_TEXT_BYTES)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .map(Cow::Borrowed),
            Self::None | Self::Points(..) => None,
        }
    }

    /// The number times `10^decimals`, rounded half away from zero.
    pub(super) fn scaled(&self, row: usize, decimals: u32) -> Option<i64> {
        match self {
            Self::Integers(cells) => cells
                .get(row)
                .copied()
                .flatten()?
                .checked_mul(10_i64.checked_pow(decimals)?),
            Self::Decimals(cells, scale) => rescaled(cells.get(row).copied().flatten()?, *scale, decimals),
            Self::Floats(cells) => {
                let power = i32::try_from(decimals).ok()?;
                round_f64(cells.get(row).copied().flatten()? * libm::pow(10.0, power.into()))
            }
            Self::Texts(_) | Self::Bytes(_) => parse_scaled(self.text(row)?.as_bytes(), decimals).ok(),
            _ => None,
        }
    }

    /// Like [`scaled`](Self::scaled), from 0 to `u32::MAX`.
    pub(super) fn unsigned(&self, row: usize, decimals: u32) -> Option<u32> {
        self.scaled(row, decimals)
            .and_then(|value| u32::try_from(value).ok())
    }

    /// Microseconds since 1970 UTC, and whether that was certain to be UTC.
    pub(super) fn time_us(&self, row: usize, form: TimeForm, date: Option<&Self>) -> (Option<i64>, bool) {
        match (self, form) {
            (Self::Times(cells, is_utc), _) => (cells.get(row).copied().flatten(), *is_utc),
            (Self::Integers(_) | Self::Floats(_) | Self::Decimals(..), TimeForm::Epoch(unit)) => {
                let time = match (unit, self) {
                    (EpochUnit::Seconds, _) => self.scaled(row, 6),
                    (EpochUnit::Milliseconds, _) => self.scaled(row, 3),
                    (EpochUnit::Microseconds, _) => self.scaled(row, 0),
                    // Those of our days are more than a double counts exactly, which their thousandths are not.
                    (EpochUnit::Nanoseconds, Self::Floats(cells)) => {
                        let nanos = cells.get(row).copied().flatten();
                        nanos.and_then(|nanos| round_f64(libm::floor(nanos / 1_000.0)))
                    }
                    (EpochUnit::Nanoseconds, _) => self.scaled(row, 0).map(|nanos| nanos.div_euclid(1_000)),
                };
                (time.and_then(within_calendar), true)
            }
            _ => match self.text(row) {
                Some(text) => {
                    let date = date.map(|date| date.text(row).unwrap_or_default());
                    form.time_us(text.as_bytes(), date.as_ref().map(|date| date.as_bytes()), false)
                }
                None => (None, false),
            },
        }
    }
}

/// Where a batch has its positions.
pub(super) enum Position<'b> {
    /// Latitudes and longitudes, each with the letters of their hemispheres, and the powers of ten between a number and
    /// 1e-7 degrees.
    Pair([(Cells<'b>, Cells<'b>); 2], u32),
    Geometry(Cells<'b>),
}

impl Position<'_> {
    /// Latitude and longitude in 1e-7 degrees.
    pub(super) fn at(&self, row: usize) -> (Option<i32>, Option<i32>) {
        match self {
            Self::Pair([lat, lon], decimals) => {
                let half = |(number, letter): &(Cells<'_>, Cells<'_>), letters, limit| {
                    let letter = letter.text(row).unwrap_or_default();
                    let value = match number {
                        Cells::Texts(_) | Cells::Bytes(_) => hemisphere_e7(
                            number.text(row)?.as_bytes(),
                            letter.as_bytes(),
                            *decimals,
                            letters,
                        ),
                        _ => signed_e7(number.scaled(row, *decimals)?, letter.as_bytes(), letters),
                    };
                    degrees_e7(value?, limit)
                };
                (half(lat, NORTH_OR_SOUTH, 90), half(lon, EAST_OR_WEST, 180))
            }
            Self::Geometry(cells @ (Cells::Texts(_) | Cells::Bytes(_))) => {
                let wkb = match cells {
                    Cells::Bytes(array) => bytes_at(array, row).and_then(point_of_wkb),
                    _ => None,
                };
                match cells.text(row) {
                    Some(text) if wkb.is_none() => point_of_text(text.as_bytes()),
                    _ => in_degrees(wkb),
                }
            }
            Self::Geometry(Cells::Points(x, y)) => {
                let at = |half: &[Option<f64>]| half.get(row).copied().flatten();
                in_degrees(at(x).zip(at(y)))
            }
            Self::Geometry(_) => (None, None),
        }
    }
}

fn in_degrees(point: Option<(f64, f64)>) -> (Option<i32>, Option<i32>) {
    let (lon, lat) = point.unzip();
    (
        lat.and_then(|lat| degrees_of_f64(lat, 90)),
        lon.and_then(|lon| degrees_of_f64(lon, 180)),
    )
}

/// Whether a struct is a point as `GeoArrow` writes it.
pub(super) fn is_point(fields: &Fields) -> bool {
    ["x", "y"].iter().all(|name| {
        fields
            .find(name)
            .is_some_and(|(_, field)| *field.data_type() == DataType::Float64)
    })
}

fn half(point: Option<&StructArray>, name: &str) -> Vec<Option<f64>> {
    let column = point.and_then(|point| point.column_by_name(name));
    column.map_or_else(Vec::new, |column| values::<Float64Type, _>(column.as_ref(), Some))
}

fn text_at(array: &StringViewArray, row: usize) -> Option<&str> {
    (row < array.len() && array.is_valid(row))
        .then(|| array.value(row))
        .filter(|text| text.len() <= MOST_TEXT_BYTES)
}

fn bytes_at(array: &BinaryViewArray, row: usize) -> Option<&[u8]> {
    (row < array.len() && array.is_valid(row)).then(|| array.value(row))
}

/// `hh:mm:ss.ffffff` of microseconds since midnight.
fn time_of_day_text(micros: i64) -> String {
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}.{micros:06}")
}

/// The digits of `value / 10^scale`.
fn decimal_text(value: i128, scale: i8) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let places = usize::from(scale.max(0).unsigned_abs());
    let zeros = "0".repeat(usize::from(scale.min(0).unsigned_abs()));
    let digits = format!("{:0>1$}{zeros}", value.unsigned_abs(), places + 1);
    match digits.split_at_checked(digits.len() - places) {
        Some((whole, part)) if places > 0 => format!("{sign}{whole}.{part}"),
        _ => format!("{sign}{digits}"),
    }
}

fn values<T: ArrowPrimitiveType, V>(
    array: &dyn Array,
    wide: impl Fn(T::Native) -> Option<V>,
) -> Vec<Option<V>> {
    array.as_primitive_opt::<T>().map_or_else(Vec::new, |array| {
        array.iter().map(|cell| cell.and_then(&wide)).collect()
    })
}

fn timestamps(array: &dyn Array, unit: TimeUnit) -> Vec<Option<i64>> {
    let micros = |per_unit: i64| move |time: i64| time.checked_mul(per_unit).and_then(within_calendar);
    match unit {
        TimeUnit::Second => values::<TimestampSecondType, _>(array, micros(1_000_000)),
        TimeUnit::Millisecond => values::<TimestampMillisecondType, _>(array, micros(1_000)),
        TimeUnit::Microsecond => values::<TimestampMicrosecondType, _>(array, micros(1)),
        TimeUnit::Nanosecond => {
            values::<TimestampNanosecondType, _>(array, |nanos| within_calendar(nanos.div_euclid(1_000)))
        }
    }
}

/// `value / 10^scale * 10^decimals`, rounded half away from zero.
fn rescaled(value: i128, scale: i8, decimals: u32) -> Option<i64> {
    let shift = i32::try_from(decimals).ok()? - i32::from(scale);
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let scaled = if shift >= 0 {
        value.checked_mul(power)?
    } else {
        let rest = value % power;
        let away = if rest.unsigned_abs() * 2 >= power.unsigned_abs() {
            value.signum()
        } else {
            0
        };
        value / power + away
    };
    i64::try_from(scaled).ok()
}
