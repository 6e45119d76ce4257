//! Reward epochs: half-open spans of UTC time. They carry the only "now" a stage sees.

use std::fmt;

use jiff::civil::ISOWeekDate;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::units::Timestamp;

/// What somebody asks for with `--epoch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochSpec {
    /// Everything in the source.
    All,
    /// From `start` (included) to `end` (not included), with the name it goes by.
    Span {
        /// First moment that belongs to it.
        start: Timestamp,
        /// First moment after it.
        end: Timestamp,
        /// The ISO week, when it is one.
        week: Option<(i16, i8)>,
    },
}

/// A text that names no epoch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no epoch: {what}; write `all`, an ISO week like 2026-W20, \
     or FROM/TO like 2026-05-11/2026-05-18"
)]
pub struct EpochError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub what: String,
}

fn midnight(date: jiff::civil::Date) -> Option<Timestamp> {
    let start = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp(start.as_millisecond()))
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| midnight(text.parse().ok()?))
}

impl std::str::FromStr for EpochSpec {
    type Err = EpochError;

    fn from_str(text: &str) -> Result<Self, EpochError> {
        let fault = |what: &str| EpochError {
            text: text.to_owned(),
            what: what.to_owned(),
        };
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some((from, to)) = text.split_once('/') {
            let start = moment(from).ok_or_else(|| fault("its start is no date or time"))?;
            let end = moment(to).ok_or_else(|| fault("its end is no date or time"))?;
            if end <= start {
                return Err(fault("it ends before it starts"));
            }
            return Ok(Self::Span {
                start,
                end,
                week: None,
            });
        }
        let (year, week) = text
            .split_once("-W")
            .ok_or_else(|| fault("that is not one of the three forms"))?;
        let year: i16 = year.parse().map_err(|_| fault("the year is no number"))?;
        let week: i8 = week.parse().map_err(|_| fault("the week is no number"))?;
        let monday = ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday)
            .map_err(|_| fault("that year has no such week"))?
            .date();
        let end = monday
            .checked_add(jiff::Span::new().days(7))
            .ok()
            .and_then(midnight);
        match (midnight(monday), end) {
            (Some(start), Some(end)) => Ok(Self::Span {
                start,
                end,
                week: Some((year, week)),
            }),
            _ => Err(fault("it lies outside of the calendar")),
        }
    }
}

impl fmt::Display for EpochSpec {
    /// As it can be asked for again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Span {
                week: Some((year, week)),
                ..
            } => write!(f, "{year:04}-W{week:02}"),
            Self::Span { start, end, .. } => write!(f, "{start}/{end}"),
        }
    }
}

impl EpochSpec {
    /// Whether a moment belongs to it.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        match self {
            Self::All => true,
            Self::Span { start, end, .. } => (*start..*end).contains(&moment),
        }
    }

    /// The end of the epoch. Of `all` it is `as_of` if given, else the latest upload if all are
    /// known, else the next UTC midnight after `now`.
    #[must_use]
    pub fn end(
        &self,
        as_of: Option<Timestamp>,
        latest_upload: Option<Timestamp>,
        now: Timestamp,
    ) -> Timestamp {
        match self {
            Self::Span { end, .. } => *end,
            Self::All => as_of
                .or(latest_upload)
                .unwrap_or(Timestamp((now.day() + 1) * Timestamp::DAY)),
        }
    }

    /// The name that its folder carries. `all` is named after the inputs, so that adding a photo
    /// opens another epoch.
    #[must_use]
    pub fn name(&self, inputs_root: &Digest) -> String {
        match self {
            Self::All => format!("all-{}", inputs_root.short()),
            Self::Span {
                week: Some((year, week)),
                ..
            } => format!("{year:04}-W{week:02}"),
            Self::Span { start, end, .. } => format!("{start}_{end}").replace(':', ""),
        }
    }
}

/// The epoch as the stages see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its name, which the draw between equal claims depends on.
    pub name: String,
    /// Its end, and the moment ages are counted to.
    pub end: Timestamp,
    /// Whether it takes captures of any age (`--epoch all`).
    pub any_age: bool,
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
#[path = "epoch_tests.rs"]
mod tests;
