use super::{local_to_utc_us, zone_name};
use crate::ingest::civil_time::parse_civil_time;
use cairn_datasets::units::Position;

const ROME: Position = Position {
    lat_e7: 419_000_000,
    lon_e7: 125_000_000,
};
const NEW_YORK: Position = Position {
    lat_e7: 407_128_000,
    lon_e7: -740_060_000,
};
const KATHMANDU: Position = Position {
    lat_e7: 277_172_000,
    lon_e7: 853_240_000,
};

fn local(text: &str) -> i64 {
    parse_civil_time(text.as_bytes()).unwrap().local_us
}

fn check(position: Position, clock: &str, utc: &str) {
    assert_eq!(
        local_to_utc_us(local(clock), position),
        Some(local(utc)),
        "{clock} at {position:?}"
    );
}

#[test]
fn knows_zones_on_land_and_sea() {
    assert_eq!(zone_name(ROME), Some("Europe/Rome"));
    assert_eq!(zone_name(KATHMANDU), Some("Asia/Kathmandu"));
    assert_eq!(
        zone_name(Position {
            lat_e7: 0,
            lon_e7: -1_400_000_000
        }),
        Some("Etc/GMT+9")
    );
}

#[test]
fn every_place_on_earth_has_a_zone_with_rules() {
    for lat in (-90..=90).step_by(10) {
        for lon in (-180..=180).step_by(10) {
            let position = Position {
                lat_e7: lat * 10_000_000,
                lon_e7: lon * 10_000_000,
            };
            let name = zone_name(position);
            assert!(name.is_some(), "{position:?}");
            assert!(
                local_to_utc_us(local("2024-05-01 12:00:00"), position).is_some(),
                "{name:?}"
            );
        }
    }
}

#[test]
fn applies_summer_time_and_quarter_hours() {
    check(ROME, "2024-01-15 12:00:00", "2024-01-15 11:00:00");
    check(ROME, "2024-07-15 12:00:00.25", "2024-07-15 10:00:00.25");
    check(NEW_YORK, "2024-07-15 12:00:00", "2024-07-15 16:00:00");
    check(KATHMANDU, "2024-07-15 12:00:00", "2024-07-15 06:15:00");
}

#[test]
fn an_hour_that_happens_twice_is_the_first_and_a_missing_one_the_next() {
    check(ROME, "2024-10-27 02:30:00", "2024-10-27 00:30:00");
    check(ROME, "2024-03-31 02:30:00", "2024-03-31 01:30:00");
    check(NEW_YORK, "2024-11-03 01:30:00", "2024-11-03 05:30:00");
}

#[test]
fn absurd_clocks_have_no_utc() {
    assert_eq!(local_to_utc_us(i64::MAX, ROME), None);
    assert_eq!(local_to_utc_us(i64::MIN, ROME), None);
}
