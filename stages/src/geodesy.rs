//! Distances and directions on the sphere, rounded to integers before they leave.
//!
//! The trigonometry is `libm`'s, not the platform's, so that every machine gives the same bits.

use cairn_datasets::units::Position;

/// Mean radius of the Earth (IUGG R1) in mm.
pub const EARTH_RADIUS_MM: f64 = 6_371_008_771.4;

fn radians(e7: i32) -> f64 {
    f64::from(e7) * 1e-7 * (std::f64::consts::PI / 180.0)
}

/// Great-circle distance in mm by the haversine formula (R. W. Sinnott, "Virtues of the
/// Haversine", Sky and Telescope 68, 1984), on a sphere of radius [`EARTH_RADIUS_MM`].
///
/// ```
/// use cairn_datasets::units::Position;
/// use cairn_stages::geodesy::distance_mm;
/// let a = Position { lat_e7: 0, lon_e7: 0 };
/// let b = Position { lat_e7: 10_000_000, lon_e7: 0 };
/// assert_eq!(distance_mm(a, b), 111_195_080);
/// ```
#[must_use]
pub fn distance_mm(a: Position, b: Position) -> u64 {
    let half_lat = libm::sin((radians(b.lat_e7) - radians(a.lat_e7)) / 2.0);
    let half_lon = libm::sin((radians(b.lon_e7) - radians(a.lon_e7)) / 2.0);
    let cosines = libm::cos(radians(a.lat_e7)) * libm::cos(radians(b.lat_e7));
    let h = half_lat * half_lat + cosines * half_lon * half_lon;
    round_mm(2.0 * EARTH_RADIUS_MM * libm::asin(libm::sqrt(h.clamp(0.0, 1.0))))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to half the Earth's girth in mm"
)]
fn round_mm(mm: f64) -> u64 {
    libm::round(mm.max(0.0)) as u64
}

/// Initial bearing from `a` to `b`, whole degrees clockwise from north, 0 to 359; `None` when
/// they are the same place.
#[must_use]
pub fn bearing_deg(a: Position, b: Position) -> Option<u32> {
    if a == b {
        return None;
    }
    let (lat_a, lat_b) = (radians(a.lat_e7), radians(b.lat_e7));
    let turn = radians(b.lon_e7) - radians(a.lon_e7);
    let east = libm::sin(turn) * libm::cos(lat_b);
    let north = libm::cos(lat_a) * libm::sin(lat_b) - libm::sin(lat_a) * libm::cos(lat_b) * libm::cos(turn);
    Some(whole_degrees(east, north))
}

/// The angle between two headings in degrees, 0 to 180.
///
/// ```
/// assert_eq!(cairn_stages::geodesy::turn_deg(350, 20), 30);
/// ```
#[must_use]
pub fn turn_deg(a: u32, b: u32) -> u32 {
    let apart = (a % 360).abs_diff(b % 360);
    apart.min(360 - apart)
}

/// The mean of headings on the circle, whole degrees, 0 to 359: the direction of the sum of their
/// unit vectors (K. V. Mardia, P. E. Jupp, "Directional Statistics", 2000, section 2.2).
///
/// `None` without headings, and where they cancel out: where the sum is shorter than a tenth of
/// their number. The order of the headings does not matter.
///
/// ```
/// use cairn_stages::geodesy::mean_heading_deg;
/// assert_eq!(mean_heading_deg([350, 10]), Some(0));
/// assert_eq!(mean_heading_deg([0, 180]), None);
/// ```
#[must_use]
pub fn mean_heading_deg(headings: impl IntoIterator<Item = u32>) -> Option<u32> {
    // Summed degree by degree, so that the same headings in another order give the same bits.
    let mut counts = std::collections::BTreeMap::<u32, u32>::new();
    for heading in headings {
        *counts.entry(heading % 360).or_default() += 1;
    }
    let (mut east, mut north, mut all) = (0.0, 0.0, 0.0);
    for (heading, count) in counts {
        let (angle, count) = (
            f64::from(heading) * (std::f64::consts::PI / 180.0),
            f64::from(count),
        );
        east += libm::sin(angle) * count;
        north += libm::cos(angle) * count;
        all += count;
    }
    if libm::hypot(east, north) <= all * 0.1 {
        return None;
    }
    Some(whole_degrees(east, north))
}

/// The direction of a vector, whole degrees clockwise from north, 0 to 359.
pub(crate) fn whole_degrees(east: f64, north: f64) -> u32 {
    let degrees = libm::round(libm::atan2(east, north) * (180.0 / std::f64::consts::PI));
    #[expect(clippy::cast_possible_truncation, reason = "-180 to 180")]
    let whole = degrees as i32;
    whole.rem_euclid(360).unsigned_abs()
}

/// The place `part / whole` of the way from `a` to `b`, along a straight line in latitude and
/// longitude, the short way round; rounded to 1e-7 degrees. A part below 0 is taken for 0, one
/// over the whole for the whole.
///
/// ```
/// use cairn_datasets::units::Position;
/// use cairn_stages::geodesy::between;
/// let (a, b) = (Position { lat_e7: 0, lon_e7: 1_799_999_990 }, Position { lat_e7: 30, lon_e7: -1_799_999_990 });
/// assert_eq!(between(a, b, 1, 2), Position { lat_e7: 15, lon_e7: 1_800_000_000 });
/// ```
#[must_use]
pub fn between(a: Position, b: Position, part: i64, whole: i64) -> Position {
    let whole = i128::from(whole.max(1));
    let part = i128::from(part).clamp(0, whole);
    let share = |span: i64| {
        // To the nearest, halves up.
        let share = (i128::from(span) * part * 2 + whole).div_euclid(whole * 2);
        i64::try_from(share).unwrap_or(0)
    };
    let lat = i64::from(a.lat_e7) + share(i64::from(b.lat_e7) - i64::from(a.lat_e7));
    let lon = i64::from(a.lon_e7) + share(lon_step_e7(a.lon_e7, b.lon_e7));
    wrapped(lat, lon)
}

/// The way from one longitude to another, the short way round, in 1e-7 degrees.
pub(crate) fn lon_step_e7(from: i32, to: i32) -> i64 {
    wrap_lon(i64::from(to) - i64::from(from))
}

/// A position from coordinates that may have left their range: latitude is held inside, longitude
/// goes round.
pub(crate) fn wrapped(lat_e7: i64, lon_e7: i64) -> Position {
    let held = |value: i64, most: i64| i32::try_from(value.clamp(-most, most)).unwrap_or(0);
    let quarter = 90 * i64::from(Position::PER_DEGREE);
    Position {
        lat_e7: held(lat_e7, quarter),
        lon_e7: held(wrap_lon(lon_e7), 2 * quarter),
    }
}

/// A longitude within -180 (not included, unless given) and 180 degrees, in 1e-7 degrees.
fn wrap_lon(lon_e7: i64) -> i64 {
    let half = 180 * i64::from(Position::PER_DEGREE);
    if (-half..=half).contains(&lon_e7) {
        return lon_e7;
    }
    let turned = (lon_e7 + half).rem_euclid(2 * half) - half;
    if turned == -half { half } else { turned }
}
