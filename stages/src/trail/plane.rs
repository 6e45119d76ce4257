//! A trail in millimetres around a cell.

use cairn_datasets::cell::Cell;
use cairn_datasets::units::{Position, Timestamp};
use h3o::LatLng;

use super::Moment;
use crate::geodesy::lon_step_e7;

/// A ten-thousandth of a mm in 1e-7 degrees of a meridian.
const TEN_THOUSANDTHS_PER_E7: i64 = 111_195;

/// A place in mm east and north of the middle of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// East, in mm.
    pub east: i64,
    /// North, in mm.
    pub north: i64,
}

impl Place {
    /// The way to this place from another.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            east: self.east - other.east,
            north: self.north - other.north,
        }
    }

    /// Its length in mm.
    #[must_use]
    pub fn length(self) -> u64 {
        let square = self.east.unsigned_abs().saturating_pow(2);
        square
            .saturating_add(self.north.unsigned_abs().saturating_pow(2))
            .isqrt()
    }
}

/// A trail in the plane, its times in ms since the middle of the passage through the cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaneTrail {
    points: Vec<(i64, Place)>,
}

/// Millimetres around a cell; the cosine of latitude is that of its middle.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    origin: Position,
    cosine_ppm: i64,
}

impl Plane {
    /// The plane around the middle of a cell.
    #[must_use]
    pub fn around(cell: Cell) -> Self {
        let middle = LatLng::from(cell.h3());
        #[expect(clippy::cast_possible_truncation, reason = "degrees on the globe, in 1e-7")]
        let e7 = |degrees: f64| libm::round(degrees * 1e7) as i32;
        let origin = Position {
            lat_e7: e7(middle.lat()),
            lon_e7: e7(middle.lng()),
        };
        #[expect(clippy::cast_possible_truncation, reason = "0 to a million")]
        let cosine_ppm =
            libm::round(libm::cos(origin.lat_deg() * (std::f64::consts::PI / 180.0)) * 1e6) as i64;
        Self { origin, cosine_ppm }
    }

    /// A position in the plane.
    #[must_use]
    pub fn enter(self, position: Position) -> Place {
        let north = i64::from(position.lat_e7) - i64::from(self.origin.lat_e7);
        let east = lon_step_e7(self.origin.lon_e7, position.lon_e7) * self.cosine_ppm / 1_000_000;
        Place {
            east: east * TEN_THOUSANDTHS_PER_E7 / 10_000,
            north: north * TEN_THOUSANDTHS_PER_E7 / 10_000,
        }
    }
}

impl PlaneTrail {
    /// Moments in a plane, with times since `zero`.
    #[must_use]
    pub fn new(plane: Plane, zero: Timestamp, moments: &[Moment]) -> Self {
        let enter = |m: &Moment| (m.at.since(zero), plane.enter(m.position));
        Self {
            points: moments.iter().map(enter).collect(),
        }
    }

    /// The points from a time to another, both included.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> &[(i64, Place)] {
        let (start, end) = (
            self.points.partition_point(|p| p.0 < from),
            self.points.partition_point(|p| p.0 <= to),
        );
        self.points.get(start..end).unwrap_or_default()
    }

    /// Where the trail was, on the line between the points before and after; `None` before its first
    /// and after its last.
    #[must_use]
    pub fn at(&self, time: i64) -> Option<Place> {
        self.walk().at(time)
    }

    /// A walk along the trail, cheap where it is asked in order of time.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            points: &self.points,
            next: 0,
        }
    }
}

/// See [`PlaneTrail::walk`].
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    points: &'a [(i64, Place)],
    next: usize,
}

impl Walk<'_> {
    /// Where the trail was; times may come in any order.
    pub fn at(&mut self, time: i64) -> Option<Place> {
        let before = |next: usize| next.checked_sub(1).and_then(|i| self.points.get(i));
        if before(self.next).is_some_and(|p| p.0 >= time) || self.next == 0 {
            self.next = self.points.partition_point(|p| p.0 < time);
        }
        while self.points.get(self.next).is_some_and(|p| p.0 < time) {
            self.next += 1;
        }
        let (to, b) = *self.points.get(self.next)?;
        if to == time {
            return Some(b);
        }
        let (from, a) = *self.points.get(self.next.checked_sub(1)?)?;
        let (part, whole) = (time - from, to - from);
        let way = b.less(a);
        Some(Place {
            east: a.east + way.east * part / whole,
            north: a.north + way.north * part / whole,
        })
    }
}
