//! What the cells of a time column are: one decision for the whole column.

use std::borrow::Cow;

use super::columns::EpochUnit;
use crate::ingest::civil_time::{CivilTime, parse_civil_time, parse_digits_time, within_calendar};
use crate::ingest::decimal::{parse_scaled, with_decimal_point};

/// How the cells of a time column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// A number that counts from 1970 UTC.
    Epoch(EpochUnit),
    /// A date and a time of day.
    Text(DateOrder),
    /// A time of day, whose date stands in a column of its own.
    WithDate(DateOrder),
}

/// Which part of a date comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    Year,
    Day,
    Month,
    /// Day or month: no date of the column tells.
    Unknown,
}

/// Counts of what the first cells looked like.
#[derive(Debug, Default)]
pub(super) struct TimeSample {
    sizes: Vec<u64>,
    texts: usize,
    times_of_day: usize,
    year_first: usize,
    day_first: usize,
    month_first: usize,
    either_first: usize,
}

impl TimeSample {
    /// Counts one row's cell, and that of the date column where there is one.
    pub(super) fn add(&mut self, cell: &[u8], date: Option<&[u8]>, decimal_comma: bool) {
        if cell.trim_ascii().is_empty() {
            return;
        }
        let number = number(cell, decimal_comma);
        match parse_scaled(&number, 0) {
            _ if parse_digits_time(&number).is_some() => self.texts += 1,
            // Six digits beside a date are a time of day without its colons, not a moment in 1970.
            Ok(value) if date.is_none() || value.unsigned_abs() >= 1_000_000 => {
                self.sizes.push(value.unsigned_abs());
                return;
            }
            _ => self.texts += 1,
        }
        let dated = parse_civil_time(cell).is_some() || split_date(cell).is_some();
        let text = match date {
            Some(date) if !dated => {
                self.times_of_day += 1;
                date
            }
            _ => cell,
        };
        match split_date(text) {
            None => self.year_first += 1,
            Some(date) if date.separator == b'.' || date.first > 12 => self.day_first += 1,
            Some(date) if date.second > 12 => self.month_first += 1,
            Some(_) => self.either_first += 1,
        }
    }

    /// What more than half of the cells are.
    pub(super) fn form(self) -> TimeForm {
        if self.sizes.len() > self.texts
            && let Some(unit) = EpochUnit::of_column(self.sizes)
        {
            return TimeForm::Epoch(unit);
        }
        let other = self.day_first + self.month_first + self.either_first;
        let order = if self.year_first >= other {
            DateOrder::Year
        } else if self.day_first > 0 && self.month_first == 0 {
            DateOrder::Day
        } else if self.month_first > 0 && self.day_first == 0 {
            DateOrder::Month
        } else {
            DateOrder::Unknown
        };
        if self.times_of_day * 2 > self.texts {
            TimeForm::WithDate(order)
        } else {
            TimeForm::Text(order)
        }
    }
}

impl TimeForm {
    /// Whether days and months of the column cannot be told apart.
    pub(super) fn is_ambiguous(self) -> bool {
        matches!(
            self,
            Self::Text(DateOrder::Unknown) | Self::WithDate(DateOrder::Unknown)
        )
    }

    /// Microseconds since 1970 UTC, and whether that was certain to be UTC. Parts of a microsecond are
    /// rounded, those of nanosecond columns cut.
    pub(super) fn time_us(
        self,
        cell: &[u8],
        date: Option<&[u8]>,
        decimal_comma: bool,
    ) -> (Option<i64>, bool) {
        match self {
            Self::Epoch(unit) => (epoch_us(unit, &number(cell, decimal_comma)), true),
            Self::Text(order) => civil(text_time(order, cell)),
            Self::WithDate(order) => {
                let (date, time) = (date.unwrap_or_default().trim_ascii(), cell.trim_ascii());
                // Loggers' `yymmdd` beside `hhmmss`.
                let century: &[u8] = if is_six_digits(date) && is_six_digits(time) {
                    b"20"
                } else {
                    b""
                };
                let joined = [century, date, b" ", time].concat();
                civil(text_time(order, &joined))
            }
        }
    }
}

/// Microseconds since 1970 from a decimal number of such units.
pub(super) fn epoch_us(unit: EpochUnit, number: &[u8]) -> Option<i64> {
    let scaled = |decimals| parse_scaled(number, decimals).ok();
    match unit {
        EpochUnit::Seconds => scaled(6).and_then(within_calendar),
        EpochUnit::Milliseconds => scaled(3).and_then(within_calendar),
        EpochUnit::Microseconds => scaled(0).and_then(within_calendar),
        EpochUnit::Nanoseconds => scaled(0).map(|nanos| nanos.div_euclid(1_000)),
    }
}

fn is_six_digits(text: &[u8]) -> bool {
    text.len() == 6 && text.iter().all(u8::is_ascii_digit)
}

fn number(cell: &[u8], decimal_comma: bool) -> Cow<'_, [u8]> {
    if decimal_comma {
        with_decimal_point(cell)
    } else {
        Cow::Borrowed(cell)
    }
}

fn civil(time: Option<CivilTime>) -> (Option<i64>, bool) {
    (
        time.map(|time| time.utc_us(0)),
        time.is_some_and(|time| time.offset_s.is_some()),
    )
}

fn text_time(order: DateOrder, cell: &[u8]) -> Option<CivilTime> {
    let (day, month) = match (order, split_date(cell)) {
        (DateOrder::Year, _) | (_, None) => return parse_civil_time(cell),
        (DateOrder::Unknown, Some(_)) => return None,
        (DateOrder::Day, Some(date)) => (date.first, date.second),
        (DateOrder::Month, Some(date)) => (date.second, date.first),
    };
    let date = split_date(cell)?;
    let turned = format!("{:04}-{month:02}-{day:02}", date.year);
    parse_civil_time(&[turned.as_bytes(), date.rest].concat())
}

/// `31/12/2024 …` or `12.31.2024 …` taken apart.
struct SplitDate<'c> {
    first: u32,
    second: u32,
    separator: u8,
    year: u32,
    rest: &'c [u8],
}

/// The date at the start of a cell where its year comes last.
fn split_date(cell: &[u8]) -> Option<SplitDate<'_>> {
    let cell = cell.trim_ascii();
    let (first, rest) = digits(cell, 2)?;
    let (&separator, rest) = rest.split_first()?;
    if !matches!(separator, b'/' | b'.' | b'-') {
        return None;
    }
    let (second, rest) = digits(rest, 2)?;
    let rest = rest.strip_prefix(&[separator])?;
    let (year, rest) = digits(rest, 4).filter(|(year, _)| *year >= 1_000)?;
    Some(SplitDate {
        first,
        second,
        separator,
        year,
        rest,
    })
}

fn digits(text: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let count = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, rest) = text.split_at_checked(count)?;
    let value = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((value, rest))
}
