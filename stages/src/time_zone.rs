//! Local times by position: the time zone map and the zones' rules, both from tables in the program.

use std::sync::LazyLock;

use cairn_datasets::units::Position;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZoneDatabase};
use tzf_rs::EmbeddedFinder;

/// The map answers from its packed form; the variant that unpacks it is faster and costs tens of megabytes.
static ZONES: LazyLock<EmbeddedFinder> = LazyLock::new(EmbeddedFinder::new);
/// Always the rules in the program: a machine's own zoneinfo would make results depend on the machine.
static RULES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// IANA name of the time zone at a position, e.g. `Europe/Rome`; on the high seas `Etc/GMT+9` and the like.
///
/// The map is simplified: within some hundred metres of a border the neighbour's zone may be given.
#[must_use]
pub fn zone_name(position: Position) -> Option<&'static str> {
    let degrees = |e7: i32| f64::from(e7) / 1e7;
    let name = ZONES.get_tz_name(degrees(position.lon_e7), degrees(position.lat_e7));
    Some(name).filter(|name| !name.is_empty())
}

/// UTC of a clock that shows the local time of a position. Both are microseconds since 1970, the local one as if it were UTC.
///
/// Where clocks go back and an hour happens twice, the first one is meant; where they go forward and an hour is missing,
/// the time is read with the offset before the change, which gives the hour after it (RFC 5545's rule).
/// `None` where no zone is known or the time is outside the years -9999 to 9999.
#[must_use]
pub fn local_to_utc_us(local_us: i64, position: Position) -> Option<i64> {
    let zone = RULES.get(zone_name(position)?).ok()?;
    let clock: DateTime = Offset::UTC.to_datetime(Timestamp::from_microsecond(local_us).ok()?);
    // `compatible` is exactly the rule above.
    let utc = zone.to_ambiguous_timestamp(clock).compatible().ok()?;
    Some(utc.as_microsecond())
}

#[cfg(test)]
#[path = "time_zone_tests.rs"]
mod tests;
