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
    let degrees = libm::round(libm::atan2(east, north) * (180.0 / std::f64::consts::PI));
    #[expect(clippy::cast_possible_truncation, reason = "-180 to 180")]
    let whole = degrees as i32;
    u32::try_from(whole.rem_euclid(360)).ok()
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
