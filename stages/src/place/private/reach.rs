//! How far around a position one has to look for everything within a distance of it.

use cairn_datasets::units::Position;

/// Half the way round, in 1e-7 degrees.
const HALF_TURN: i64 = 1_800_000_000;
const QUARTER_TURN: i64 = HALF_TURN / 2;

/// A box around a position that holds everything within a distance. It may cross the antimeridian,
/// and goes all the way round where a pole is near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// Least latitude, in 1e-7 degrees.
    pub south: i32,
    /// Greatest latitude, in 1e-7 degrees.
    pub north: i32,
    lon_e7: i64,
    /// How far it goes east and west, in 1e-7 degrees.
    half_width_e7: i64,
}

/// A span of longitude that does not cross the antimeridian, both ends included, in 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LonRange {
    pub west: i32,
    pub east: i32,
}

/// Degrees of latitude, in 1e-7, that are no less than a distance: 1e-7 degrees are 11.1195 mm.
pub(super) fn lat_reach_e7(mm: u64) -> i64 {
    i64::try_from(mm.saturating_mul(1_000) / 11_119)
        .unwrap_or(i64::MAX)
        .saturating_add(2)
}

impl Reach {
    /// The reach of a distance in mm.
    pub(super) fn of(position: Position, mm: u64) -> Self {
        let (lat, high) = (i64::from(position.lat_e7), lat_reach_e7(mm).min(HALF_TURN));
        let held = |lat: i64| i32::try_from(lat.clamp(-QUARTER_TURN, QUARTER_TURN)).unwrap_or(0);
        Self {
            south: held(lat - high),
            north: held(lat + high),
            lon_e7: i64::from(position.lon_e7),
            half_width_e7: lon_reach_e7(lat.abs() + high, high),
        }
    }

    /// Whether a position lies in the box.
    pub(super) fn holds(&self, position: Position) -> bool {
        let apart = (i64::from(position.lon_e7) - self.lon_e7).abs();
        (self.south..=self.north).contains(&position.lat_e7)
            && apart.min(2 * HALF_TURN - apart) <= self.half_width_e7
    }

    /// Its longitudes, in one span or in two.
    pub(super) fn lon_ranges(&self) -> impl Iterator<Item = LonRange> + use<> {
        let (west, east) = (self.lon_e7 - self.half_width_e7, self.lon_e7 + self.half_width_e7);
        let whole = 2 * HALF_TURN;
        let spans = if self.half_width_e7 >= HALF_TURN {
            [Some((-HALF_TURN, HALF_TURN)), None, None]
        } else {
            [
                Some((west.max(-HALF_TURN), east.min(HALF_TURN))),
                (west <= -HALF_TURN).then_some((west + whole, HALF_TURN)),
                (east >= HALF_TURN).then_some((-HALF_TURN, east - whole)),
            ]
        };
        spans.into_iter().flatten().filter_map(|(west, east)| {
            Some(LonRange {
                west: i32::try_from(west).ok()?,
                east: i32::try_from(east).ok()?,
            })
        })
    }
}

/// A way of `high_e7` on the sphere that goes no further from the equator than `outer_e7` leads over
/// no more degrees of longitude than this.
fn lon_reach_e7(outer_e7: i64, high_e7: i64) -> i64 {
    if outer_e7 >= QUARTER_TURN {
        return HALF_TURN;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "both are below 2^53; what is no number or too large is held to half a turn"
    )]
    {
        let outer = (outer_e7 as f64) * 1e-7 * (std::f64::consts::PI / 180.0);
        let wide = libm::ceil(high_e7 as f64 / libm::cos(outer)) + 2.0;
        (wide as i64).clamp(0, HALF_TURN)
    }
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
