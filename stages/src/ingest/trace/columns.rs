//! Which column of a table is what, from the names that programs give them. CSV, Parquet and the properties of `GeoJSON`
//! points share the names.

use super::TraceError;
use super::column_names::{
    ACCURACY, COURSE, DATE, EAST_WEST, ELEVATION, GEOMETRY, HDOP, LATITUDE, LATITUDE_E6, LATITUDE_E7,
    LONGITUDE, LONGITUDE_E6, LONGITUDE_E7, NORTH_SOUTH, SATELLITES, SPEED, TIME, TIME_OF_DAY, TRIP,
};
use crate::ingest::text::printable;

/// What a number in a column of speeds is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpeedUnit {
    MetresPerSecond,
    KilometresPerHour,
    Knots,
    MilesPerHour,
}

impl SpeedUnit {
    /// Millimetres per second from thousandths of the unit, rounded half up.
    pub(super) fn mm_s(self, thousandths: u32) -> Option<u32> {
        let speed = u64::from(thousandths);
        u32::try_from(match self {
            Self::MetresPerSecond => speed,
            Self::KilometresPerHour => (speed * 10 + 18) / 36,
            // 1,852 m in 3,600 s.
            Self::Knots => (speed * 463 + 450) / 900,
            // 0.44704 m/s.
            Self::MilesPerHour => (speed * 1_397 + 1_562) / 3_125,
        })
        .ok()
    }
}

/// Where the time of a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeColumns {
    pub(super) time: usize,
    /// A column of dates, where the other may be a mere time of day.
    pub(super) date: Option<usize>,
    /// A name among them says that they are UTC, or a satellite clock's.
    pub(super) is_utc: bool,
}

/// Where the position of a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PositionColumns {
    /// Two columns of numbers.
    Pair {
        latitude: usize,
        longitude: usize,
        /// Powers of ten between a number and 1e-7 degrees: 7 for degrees, 1 for microdegrees, 0 for E7.
        decimals: u32,
        /// Columns of `N` or `S` and of `E` or `W`.
        hemispheres: Option<(usize, usize)>,
    },
    /// One column of points: WKT in text, WKB in bytes.
    Geometry(usize),
}

/// Positions of the columns in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) time: TimeColumns,
    pub(super) position: PositionColumns,
    pub(super) trip: Option<usize>,
    pub(super) accuracy: Option<usize>,
    pub(super) hdop: Option<usize>,
    pub(super) satellites: Option<usize>,
    pub(super) speed: Option<(usize, SpeedUnit)>,
    pub(super) course: Option<usize>,
    pub(super) elevation: Option<usize>,
    /// The names of time and position as a remark, where they are not the plain ones.
    pub(super) remark: Option<String>,
}

/// What a header lacks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    pub(super) quantity: &'static str,
    pub(super) names: &'static [&'static str],
    /// How many of time, latitude and longitude were there.
    pub(super) found: usize,
}

impl Missing {
    /// The error of a header without it. A line with a digit may be the first row of a table without a header, and is not
    /// quoted.
    pub(super) fn in_header(self, header: &str) -> TraceError {
        let found = if header.bytes().any(|byte| byte.is_ascii_digit()) {
            format!("of {} bytes, which may be a row and is not shown", header.len())
        } else {
            format!("`{}`", printable(header, 120))
        };
        TraceError::NoTraceHeader {
            missing: self.quantity,
            found,
            looked_for: self.looked_for(),
        }
    }

    /// The first names that were looked for.
    fn looked_for(&self) -> String {
        const SHOWN: usize = 8;
        let shown: Vec<&str> = self.names.iter().take(SHOWN).copied().collect();
        let rest = self.names.len().saturating_sub(SHOWN);
        if rest == 0 {
            shown.join(", ")
        } else {
            format!("{} and {rest} more", shown.join(", "))
        }
    }
}

impl Columns {
    /// Finds the columns; where two could be the same quantity, the one whose name stands first in our list.
    pub(super) fn of<'n>(names: impl IntoIterator<Item = &'n [u8]>) -> Result<Self, Missing> {
        let raw: Vec<&[u8]> = names.into_iter().collect();
        let mut names: Vec<String> = raw.iter().map(|name| normalise(name)).collect();
        // Beside a `z`, `x` and `y` are the axes of a motion sensor.
        if names.iter().any(|name| name == "z") {
            for name in names.iter_mut().filter(|name| matches!(name.as_str(), "x" | "y")) {
                name.clear();
            }
        }
        let column = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|want| names.iter().position(|name| name == want))
        };
        let time = column(TIME);
        let mut found = usize::from(time.is_some());
        let missing = |quantity, names, found| Missing {
            quantity,
            names,
            found,
        };
        let hemispheres = column(NORTH_SOUTH).zip(column(EAST_WEST));
        let pairs = [
            (LATITUDE, LONGITUDE, 7),
            (LATITUDE_E7, LONGITUDE_E7, 0),
            (LATITUDE_E6, LONGITUDE_E6, 1),
        ];
        let pair = pairs.iter().find_map(|(latitude, longitude, decimals)| {
            let (latitude, longitude) = column(latitude).zip(column(longitude))?;
            Some(PositionColumns::Pair {
                latitude,
                longitude,
                decimals: *decimals,
                hemispheres,
            })
        });
        let position = match pair.or_else(|| column(GEOMETRY).map(PositionColumns::Geometry)) {
            Some(position) => position,
            None if column(LATITUDE).is_none() => return Err(missing("latitude", LATITUDE, found)),
            None => return Err(missing("longitude", LONGITUDE, found + 1)),
        };
        found += 2;
        let time = time.ok_or(missing("time", TIME, found))?;
        let date = column(DATE);
        let (time, date) = match (column(TIME_OF_DAY), date) {
            (Some(of_day), Some(date)) if of_day != date => (of_day, Some(date)),
            _ => (time, None),
        };
        let is_utc = |at: usize| {
            let name = names.get(at).map_or("", String::as_str);
            ["utc", "gmt", "gps"].iter().any(|zone| name.contains(zone))
        };
        let time = TimeColumns {
            time,
            date,
            is_utc: is_utc(time) || date.is_some_and(is_utc),
        };
        Ok(Self {
            time,
            position,
            trip: column(TRIP),
            accuracy: column(ACCURACY),
            hdop: column(HDOP),
            satellites: column(SATELLITES),
            speed: SPEED
                .iter()
                .find_map(|(want, unit)| Some((names.iter().position(|name| name == want)?, *unit))),
            course: column(COURSE),
            elevation: column(ELEVATION),
            remark: remark(&raw, &names, time, position),
        })
    }
}

/// Says which columns were taken, unless all are called what everybody calls them.
fn remark(raw: &[&[u8]], names: &[String], time: TimeColumns, position: PositionColumns) -> Option<String> {
    const PLAIN: [&str; 9] = [
        "time",
        "timestamp",
        "datetime",
        "t",
        "lat",
        "latitude",
        "lon",
        "lng",
        "longitude",
    ];
    let (first, second) = match position {
        PositionColumns::Pair {
            latitude, longitude, ..
        } => (latitude, Some(longitude)),
        PositionColumns::Geometry(at) => (at, None),
    };
    let taken = [Some(time.time), time.date, Some(first), second];
    let plain = |at: usize| names.get(at).is_some_and(|name| PLAIN.contains(&name.as_str()));
    if taken.iter().flatten().all(|at| plain(*at)) {
        return None;
    }
    let quoted = |columns: &[Option<usize>]| {
        let names: Vec<String> = columns
            .iter()
            .flatten()
            .filter_map(|at| raw.get(*at))
            .map(|name| format!("`{}`", printable(&String::from_utf8_lossy(name), 40)))
            .collect();
        names.join(",")
    };
    Some(format!(
        "time from {}, position from {}",
        quoted(&[time.date, Some(time.time)]),
        quoted(&[Some(first), second])
    ))
}

/// What a property of a `GeoJSON` point tells besides its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Time,
    Accuracy,
    Hdop,
    Satellites,
    Speed(SpeedUnit),
    Course,
    Elevation,
}

impl Property {
    /// The quantity that a table with a column of this name would have there.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = normalise(name.as_bytes());
        let name = name.as_str();
        let lists = [
            (TIME, Self::Time),
            (ACCURACY, Self::Accuracy),
            (HDOP, Self::Hdop),
            (SATELLITES, Self::Satellites),
            (COURSE, Self::Course),
            (ELEVATION, Self::Elevation),
        ];
        lists
            .iter()
            .find(|(names, _)| names.contains(&name))
            .map(|(_, property)| *property)
            .or_else(|| {
                let (_, unit) = SPEED.iter().find(|(known, _)| *known == name)?;
                Some(Self::Speed(*unit))
            })
    }
}

/// The name in lower case without anything but letters and digits.
pub(super) fn normalise(name: &[u8]) -> String {
    name.iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// What the numbers of a time column count from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EpochUnit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl EpochUnit {
    /// The unit that a number's size says: seconds below 1e11 (the year 5138), milliseconds below 1e14, microseconds below
    /// 1e17, nanoseconds above.
    pub(super) fn of_magnitude(size: u64) -> Self {
        match size {
            0..100_000_000_000 => Self::Seconds,
            100_000_000_000..100_000_000_000_000 => Self::Milliseconds,
            100_000_000_000_000..100_000_000_000_000_000 => Self::Microseconds,
            _ => Self::Nanoseconds,
        }
    }

    /// The unit of a column by the lower median of these sizes; `None` without any.
    pub(super) fn of_column(mut sizes: Vec<u64>) -> Option<Self> {
        sizes.sort_unstable();
        let last = sizes.len().checked_sub(1)?;
        sizes.get(last / 2).map(|size| Self::of_magnitude(*size))
    }
}
