//! Units that cross borders, all of them integers.
//!
//! A float lives inside one function and is rounded before it leaves; what a table holds or a
//! digest covers is one of these types.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in 1e-7 degrees, WGS 84. One unit of latitude is about 11 mm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Latitude in 1e-7 degrees, -900,000,000 to 900,000,000.
    pub lat_e7: i32,
    /// Longitude in 1e-7 degrees, -1,800,000,000 to 1,800,000,000.
    pub lon_e7: i32,
}

impl Position {
    /// 1e-7 degrees in a degree.
    pub const PER_DEGREE: i32 = 10_000_000;

    /// A position, or `None` when out of range.
    #[must_use]
    pub fn new(lat_e7: i32, lon_e7: i32) -> Option<Self> {
        let quarter = Self::PER_DEGREE.unsigned_abs() * 90;
        let inside = lat_e7.unsigned_abs() <= quarter && lon_e7.unsigned_abs() <= 2 * quarter;
        inside.then_some(Self { lat_e7, lon_e7 })
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn lat_deg(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees.
    #[must_use]
    pub fn lon_deg(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use cairn_datasets::units::Timestamp;
/// let t: Timestamp = "2026-05-11T06:00:00Z".parse().unwrap();
/// assert_eq!(t.to_string(), "2026-05-11T06:00:00Z");
/// assert_eq!(t.day(), 20_584);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds in a second.
    pub const SECOND: i64 = 1_000;
    /// Milliseconds in a day.
    pub const DAY: i64 = 86_400_000;

    /// The UTC day it lies in, counted from 1970-01-01.
    #[must_use]
    pub fn day(self) -> i64 {
        self.0.div_euclid(Self::DAY)
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// From microseconds, floored.
    #[must_use]
    pub fn from_micros(us: i64) -> Self {
        Self(us.div_euclid(1_000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => t.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// A text that is no RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time; write it like 2026-05-11T06:00:00Z")]
pub struct TimestampError {
    /// What was given.
    pub text: String,
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.trim().parse::<jiff::Timestamp>();
        parsed
            .map(|t| Self(t.as_millisecond()))
            .map_err(|_| TimestampError {
                text: text.to_owned(),
            })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Parts per million: a share, a quality or a score, 0 to 1,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ppm(u32);

impl Ppm {
    /// The whole: 1,000,000 parts.
    pub const ONE: Self = Self(1_000_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From a count of parts; anything over a million is the whole.
    #[must_use]
    pub const fn new(parts: u32) -> Self {
        if parts > 1_000_000 { Self::ONE } else { Self(parts) }
    }

    /// From any integer, held inside 0 to 1,000,000.
    #[must_use]
    pub fn clamped(parts: i64) -> Self {
        u32::try_from(parts.clamp(0, 1_000_000)).map_or(Self::ZERO, Self)
    }

    /// The parts.
    #[must_use]
    pub const fn parts(self) -> u32 {
        self.0
    }

    /// `times(a, b) = a * b / 1e6`, floored.
    ///
    /// ```
    /// use cairn_datasets::units::Ppm;
    /// assert_eq!(Ppm::new(500_000).times(Ppm::new(500_001)).parts(), 250_000);
    /// ```
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let product = u64::from(self.0) * u64::from(other.0) / 1_000_000;
        Self::clamped(i64::try_from(product).unwrap_or(1_000_000))
    }

    /// `ramp(x; a, b) = clamp((x - a) * 1e6 / (b - a), 0, 1e6)`, floored; it falls where `b < a`.
    /// With `a == b` it is a step: the whole from `a` on.
    ///
    /// ```
    /// use cairn_datasets::units::Ppm;
    /// assert_eq!(Ppm::ramp(6, 10, 2).parts(), 500_000);
    /// assert_eq!(Ppm::ramp(12, 10, 2), Ppm::ZERO);
    /// ```
    #[must_use]
    pub fn ramp(x: i64, a: i64, b: i64) -> Self {
        if a == b {
            return if x >= a { Self::ONE } else { Self::ZERO };
        }
        // A falling ramp is a rising one seen in a mirror, so that both round down.
        let mirror = if b > a { 1 } else { -1 };
        let over = (i128::from(x) - i128::from(a)) * mirror;
        let span = (i128::from(b) - i128::from(a)) * mirror;
        let parts = (over * 1_000_000).div_euclid(span).clamp(0, 1_000_000);
        Self::clamped(i64::try_from(parts).unwrap_or(0))
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The lower median: for an even count the smaller of the two in the middle. Sorts in place.
#[must_use]
pub fn lower_median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}
