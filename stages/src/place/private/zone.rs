//! One privacy zone, and whether a position lies in it.
//!
//! A polygon is asked in integers: its edges are straight lines in latitude and longitude (RFC 7946,
//! section 3.1.1), a position's side of each is the sign of a cross product of 1e-7 degrees, and a
//! position on the border is inside. So there is no position that one machine puts inside and another
//! outside. A circle is asked by great-circle distance, which is rounded to mm.
//!
//! # Cost
//! A position outside the zone's box costs four comparisons. Inside it, a ring looks only at the edges
//! in the position's band of latitude, about [`EDGES_OF_A_BAND`] of them unless many edges run the
//! ring's whole height.

use cairn_datasets::units::Position;

use super::reach::{LonRange, Reach};
use crate::geodesy::distance_mm;

/// How many edges a band of latitude should hold.
const EDGES_OF_A_BAND: usize = 16;
/// Most bands of a ring: bounds what an edge that runs through all of them costs.
const MOST_BANDS: usize = 128;
/// The widest a ring may be, in 1e-7 degrees.
const HALF_TURN_E7: i32 = 180 * Position::PER_DEGREE;
/// The largest circle.
const MOST_RADIUS_MM: u64 = 100_000_000;

/// A shape that is no zone. Rings are counted from 1; the first is the outline, the others are holes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneError {
    /// No ring at all.
    #[error("the polygon has no ring; give it its outline")]
    Empty,
    /// A ring with too few positions.
    #[error(
        "ring {ring} has {positions} positions; at least 4 are needed, the last one the same as the first"
    )]
    Short {
        /// The ring.
        ring: usize,
        /// How many positions it has.
        positions: usize,
    },
    /// A ring that does not end where it starts.
    #[error("ring {ring} is not closed; end it with the position that it starts with")]
    Open {
        /// The ring.
        ring: usize,
    },
    /// A ring over more than half of the globe.
    #[error(
        "ring {ring} spans {degrees} degrees of longitude, and 180 is the most; a zone that crosses the antimeridian \
         has to be split there into two polygons (RFC 7946, section 3.1.9)"
    )]
    Wide {
        /// The ring.
        ring: usize,
        /// Its span, rounded up.
        degrees: i64,
    },
    /// A ring that encloses nothing.
    #[error("ring {ring} encloses no area; give it at least three corners that are not on one line")]
    Flat {
        /// The ring.
        ring: usize,
    },
    /// A circle without a sensible radius.
    #[error("a radius of {radius_mm} mm is out of range; 1 mm to 100 km is wanted")]
    Radius {
        /// The radius.
        radius_mm: u64,
    },
}

/// A privacy zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(Shape);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Circle {
        centre: Position,
        radius_mm: u64,
        reach: Reach,
    },
    Polygon {
        outline: Ring,
        holes: Vec<Ring>,
    },
}

/// A span of latitude and of longitude, both ends included, in 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub south: i32,
    pub north: i32,
    pub west: i32,
    pub east: i32,
}

impl Bounds {
    fn hold(&self, position: Position) -> bool {
        (self.south..=self.north).contains(&position.lat_e7)
            && (self.west..=self.east).contains(&position.lon_e7)
    }
}

impl Zone {
    /// Everything within `radius_mm` of a position.
    ///
    /// # Errors
    /// [`ZoneError::Radius`] for nothing, and for more than 100 km.
    pub fn circle(centre: Position, radius_mm: u64) -> Result<Self, ZoneError> {
        if !(1..=MOST_RADIUS_MM).contains(&radius_mm) {
            return Err(ZoneError::Radius { radius_mm });
        }
        let reach = Reach::of(centre, radius_mm);
        Ok(Self(Shape::Circle {
            centre,
            radius_mm,
            reach,
        }))
    }

    /// The inside of a polygon, with its border: the first ring is its outline, the others are holes.
    /// The border of a hole belongs to the zone. Each ring ends with the position that it starts with.
    ///
    /// # Errors
    /// [`ZoneError`] that says which ring is wrong and what to do.
    pub fn polygon(rings: Vec<Vec<Position>>) -> Result<Self, ZoneError> {
        let rings = rings.into_iter().enumerate();
        let mut rings = rings.map(|(index, ring)| Ring::new(&ring, index + 1));
        let outline = rings.next().ok_or(ZoneError::Empty)??;
        let holes = rings.collect::<Result<_, _>>()?;
        Ok(Self(Shape::Polygon { outline, holes }))
    }

    /// Whether a position lies in it or on its border.
    #[must_use]
    pub fn contains(&self, position: Position) -> bool {
        match &self.0 {
            Shape::Circle {
                centre,
                radius_mm,
                reach,
            } => reach.holds(position) && distance_mm(*centre, position) <= *radius_mm,
            Shape::Polygon { outline, holes } => {
                // 180 degrees east and west are one meridian.
                let on_seam = position.lon_e7.abs() == HALF_TURN_E7;
                let twin = on_seam.then_some(Position {
                    lon_e7: -position.lon_e7,
                    ..position
                });
                [Some(position), twin].into_iter().flatten().any(|position| {
                    outline.side(position) != Side::Outside
                        && holes.iter().all(|hole| hole.side(position) != Side::Inside)
                })
            }
        }
    }

    /// Boxes that hold all of it: two where it crosses the antimeridian.
    pub(super) fn bounds(&self) -> Vec<Bounds> {
        match &self.0 {
            Shape::Polygon { outline, .. } => {
                let bounds = outline.bounds;
                // A position on the antimeridian may be written as the other side of it.
                let seam = |west, east| Bounds { west, east, ..bounds };
                let half = HALF_TURN_E7;
                let twins = [
                    (bounds.west == -half).then(|| seam(half, half)),
                    (bounds.east == half).then(|| seam(-half, -half)),
                ];
                std::iter::once(bounds)
                    .chain(twins.into_iter().flatten())
                    .collect()
            }
            Shape::Circle { reach, .. } => {
                let bounds = |range: LonRange| Bounds {
                    south: reach.south,
                    north: reach.north,
                    west: range.west,
                    east: range.east,
                };
                reach.lon_ranges().map(bounds).collect()
            }
        }
    }
}

/// A closed ring, its edges listed by bands of latitude.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ring {
    bounds: Bounds,
    edges: Vec<(Position, Position)>,
    /// The edges, by their place in the list, that touch each band.
    bands: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Outside,
    Border,
    Inside,
}

impl Ring {
    fn new(positions: &[Position], ring: usize) -> Result<Self, ZoneError> {
        if positions.len() < 4 {
            let positions = positions.len();
            return Err(ZoneError::Short { ring, positions });
        }
        if positions.first() != positions.last() {
            return Err(ZoneError::Open { ring });
        }
        let least = |of: fn(&Position) -> i32| positions.iter().map(of).min().unwrap_or(0);
        let most = |of: fn(&Position) -> i32| positions.iter().map(of).max().unwrap_or(0);
        let bounds = Bounds {
            south: least(|p| p.lat_e7),
            north: most(|p| p.lat_e7),
            west: least(|p| p.lon_e7),
            east: most(|p| p.lon_e7),
        };
        let span = i64::from(bounds.east) - i64::from(bounds.west);
        if span > i64::from(HALF_TURN_E7) {
            let degrees = span.div_euclid(i64::from(Position::PER_DEGREE)) + 1;
            return Err(ZoneError::Wide { ring, degrees });
        }
        let pairs = positions.iter().zip(positions.iter().skip(1));
        let edges: Vec<(Position, Position)> = pairs.map(|(a, b)| (*a, *b)).collect();
        let origin = Position { lat_e7: 0, lon_e7: 0 };
        if edges.iter().map(|(a, b)| cross(*a, *b, origin)).sum::<i128>() == 0 {
            return Err(ZoneError::Flat { ring });
        }
        let count = (edges.len() / EDGES_OF_A_BAND).clamp(1, MOST_BANDS);
        let mut ring = Self {
            bounds,
            edges: Vec::new(),
            bands: vec![Vec::new(); count],
        };
        for (number, (a, b)) in (0_u32..).zip(&edges) {
            let (low, high) = (a.lat_e7.min(b.lat_e7), a.lat_e7.max(b.lat_e7));
            let touched = ring.band(low)..=ring.band(high);
            for band in ring.bands.get_mut(touched).unwrap_or_default() {
                band.push(number);
            }
        }
        ring.edges = edges;
        Ok(ring)
    }

    /// The band of a latitude within the ring's; it rises with the latitude.
    fn band(&self, lat_e7: i32) -> usize {
        let height = i64::from(self.bounds.north) - i64::from(self.bounds.south) + 1;
        let above = (i64::from(lat_e7) - i64::from(self.bounds.south)).clamp(0, height - 1);
        let count = i64::try_from(self.bands.len()).unwrap_or(1);
        usize::try_from(above * count / height).unwrap_or(0)
    }

    /// Counts the edges east of a position: it is inside when their number is odd (M. Shimrat,
    /// "Algorithm 112: Position of point relative to polygon", Communications of the ACM 5, 1962).
    fn side(&self, position: Position) -> Side {
        if !self.bounds.hold(position) {
            return Side::Outside;
        }
        let mut inside = false;
        let band = self.bands.get(self.band(position.lat_e7));
        for number in band.into_iter().flatten() {
            let edge = usize::try_from(*number).ok();
            let Some((a, b)) = edge.and_then(|edge| self.edges.get(edge)) else {
                continue;
            };
            let turn = cross(*a, *b, position);
            let between = |x: i32, y: i32, at: i32| (x.min(y)..=x.max(y)).contains(&at);
            if turn == 0
                && between(a.lat_e7, b.lat_e7, position.lat_e7)
                && between(a.lon_e7, b.lon_e7, position.lon_e7)
            {
                return Side::Border;
            }
            let (rises, falls) = (
                a.lat_e7 <= position.lat_e7 && position.lat_e7 < b.lat_e7,
                b.lat_e7 <= position.lat_e7 && position.lat_e7 < a.lat_e7,
            );
            inside ^= (rises && turn > 0) || (falls && turn < 0);
        }
        if inside { Side::Inside } else { Side::Outside }
    }
}

/// Twice the area of the triangle of three positions: positive when the third lies left of the way
/// from the first to the second. 64 bits would not hold it.
fn cross(a: Position, b: Position, c: Position) -> i128 {
    let less = |x: i32, y: i32| i128::from(x) - i128::from(y);
    less(b.lon_e7, a.lon_e7) * less(c.lat_e7, a.lat_e7) - less(b.lat_e7, a.lat_e7) * less(c.lon_e7, a.lon_e7)
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
