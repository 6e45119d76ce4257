//! Outlines of cells in the square world of web maps.
//!
//! The world (EPSG:3857: longitude across, latitudes to 85.0511 degrees) is 2^30 units wide, y downwards from its upper edge; a tile of
//! zoom 14 is 2^16 of them. Coordinates are rounded once, so neighbours share their corners at every zoom.

use cairn_datasets::cell::Cell;
use cairn_datasets::units::Position;
use geo::{Coord, Geometry, LineString};

use super::clip::Point;
use super::{BUFFER, EXTENT};
use crate::emit::geometry::{Bbox, antimeridian_crossings, cell_geometry, corners, round7};

/// The world is two to this power units wide.
const WORLD_BITS: u8 = 30;
const WORLD: i32 = 1 << WORLD_BITS;

/// The outlines of some cells, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Outlines {
    points: Vec<Point>,
    /// Where each ring ends in the points.
    rings: Vec<u32>,
    /// Where each cell ends in the rings.
    cells: Vec<u32>,
}

/// The outline of one cell. A ring of a single point is a cell that lies beyond the world's upper or lower edge.
#[derive(Clone, Copy, Debug)]
pub struct Outline<'a> {
    points: &'a [Point],
    rings: &'a [u32],
    start: u32,
}

impl Outlines {
    /// The outlines of some cells.
    #[must_use]
    pub fn of(cells: impl IntoIterator<Item = Cell>) -> Self {
        let mut outlines = Self::default();
        for cell in cells {
            outlines.push(cell);
        }
        outlines
    }

    /// The outline of one of them, by its place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<Outline<'_>> {
        let end = |ends: &[u32], of: usize| match of.checked_sub(1) {
            None => Some(0),
            Some(before) => ends.get(before).copied(),
        };
        let (first, last) = (end(&self.cells, place)?, *self.cells.get(place)?);
        Some(Outline {
            points: &self.points,
            rings: self.rings.get(first as usize..last as usize)?,
            start: end(&self.rings, first as usize)?,
        })
    }

    /// The box around all of them and some positions, as far as the map goes; `None` around nothing.
    #[must_use]
    pub fn bounds<'a>(
        outlines: impl IntoIterator<Item = &'a Self>,
        positions: impl IntoIterator<Item = Position>,
    ) -> Option<Bbox> {
        let of_position = |at: Position| world(at.lon_deg(), at.lat_deg());
        let corners = outlines.into_iter().flat_map(|some| some.points.iter().copied());
        let all = corners.chain(positions.into_iter().map(of_position));
        let around = all.fold(None, |around: Option<(Point, Point)>, [x, y]| {
            let ([left, top], [right, bottom]) = around.unwrap_or(([x, y], [x, y]));
            Some(([left.min(x), top.min(y)], [right.max(x), bottom.max(y)]))
        });
        let (northwest, southeast) = around?;
        let ((xmin, ymax), (xmax, ymin)) = (degrees(northwest), degrees(southeast));
        Some(Bbox {
            xmin,
            ymin,
            xmax,
            ymax,
        })
    }

    fn push(&mut self, cell: Cell) {
        let from = self.points.len();
        let corners = corners(cell);
        if antimeridian_crossings(&corners) == 0 {
            self.ring(&corners);
        } else {
            match cell_geometry(cell) {
                Geometry::Polygon(polygon) => self.closed_ring(polygon.exterior()),
                Geometry::MultiPolygon(halves) => {
                    halves.iter().for_each(|half| self.closed_ring(half.exterior()));
                }
                _ => {}
            }
        }
        let drawn = self.points.get(from..).unwrap_or_default();
        let beyond = drawn.iter().all(|[_, y]| *y <= 0) || drawn.iter().all(|[_, y]| *y >= WORLD);
        if beyond {
            // Its true outline has no place on the map; that of the cell with the pole would go once around the world.
            self.points.truncate(from);
            self.rings
                .truncate(self.cells.last().map_or(0, |end| *end as usize));
            let centre = h3o::LatLng::from(cell.h3());
            self.points.push(world(centre.lng(), centre.lat()));
            self.rings.push(place(self.points.len()));
        }
        self.cells.push(place(self.rings.len()));
    }

    fn ring(&mut self, ring: &[Coord<f64>]) {
        self.points
            .extend(ring.iter().map(|Coord { x, y }| world(*x, *y)));
        self.rings.push(place(self.points.len()));
    }

    /// A closed line ends where it began; rings here do not say their first point again.
    fn closed_ring(&mut self, ring: &LineString<f64>) {
        if let Some((_, open)) = ring.0.split_last() {
            self.ring(open);
        }
    }
}

impl<'a> Outline<'a> {
    /// Its rings, in units of the world.
    pub(super) fn rings(&self) -> impl Iterator<Item = &'a [Point]> + use<'a> {
        let points = self.points;
        let mut start = self.start as usize;
        self.rings.iter().map(move |end| {
            let from = std::mem::replace(&mut start, *end as usize);
            points.get(from..*end as usize).unwrap_or_default()
        })
    }

    /// The tiles of a zoom that it touches, each once: column and row. Of its bounding box, in fact: a tile at the corner of a cell
    /// may get nothing but the buffer around it.
    pub fn tiles(&self, zoom: u8, mut found: impl FnMut(u32, u32)) {
        let mut parts = self.rings().filter_map(|ring| Reach::of(ring, zoom));
        let (first, second) = (parts.next(), parts.next());
        // The halves of a cell on the antimeridian, which zoom 0 has in one tile.
        let both = |x: i32, y: i32, other: Option<Reach>| other.is_some_and(|other| other.holds(x, y));
        for (part, before) in [(first, None), (second, first)] {
            let Some(part) = part else { continue };
            for x in part.x.0..=part.x.1 {
                for y in part.y.0..=part.y.1 {
                    if !both(x, y, before) {
                        found(x.unsigned_abs(), y.unsigned_abs());
                    }
                }
            }
        }
    }
}

/// The columns and rows of tiles that a ring reaches.
#[derive(Clone, Copy)]
struct Reach {
    x: (i32, i32),
    y: (i32, i32),
}

impl Reach {
    fn of(ring: &[Point], zoom: u8) -> Option<Self> {
        let last = (1 << zoom) - 1;
        let shift = WORLD_BITS - zoom;
        let side = |of: fn(&Point) -> i32| {
            let (least, most) = (ring.iter().map(of).min()?, ring.iter().map(of).max()?);
            // What ends on the border of a tile does not touch it.
            let end = most.max(least + 1) - 1;
            Some(((least >> shift).clamp(0, last), (end >> shift).clamp(0, last)))
        };
        Some(Self {
            x: side(|p| p[0])?,
            y: side(|p| p[1])?,
        })
    }

    fn holds(self, x: i32, y: i32) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }
}

/// The tile of a zoom that a position lies in, column and row; beyond the world's edges the tile at the edge.
#[must_use]
pub fn tile_of(position: Position, zoom: u8) -> (u32, u32) {
    let shift = WORLD_BITS - zoom;
    let [x, y] = world(position.lon_deg(), position.lat_deg()).map(|v| v.clamp(0, WORLD - 1));
    ((x >> shift).unsigned_abs(), (y >> shift).unsigned_abs())
}

/// A position in units of a tile.
pub(super) fn in_tile(position: Position, at: super::Place) -> Point {
    let [x, y] = world(position.lon_deg(), position.lat_deg());
    local([x, y.clamp(0, WORLD - 1)], at)
}

/// A point of the world in units of a tile, rounded.
pub(super) fn local(point: Point, at: super::Place) -> Point {
    // Units of the world in one of a tile's: 2^(30 - 12 - zoom).
    let shift = WORLD_BITS - 12 - at.zoom;
    let half = (1 << shift) >> 1;
    let [x, y] = point.map(|v| (v + half) >> shift);
    let side = |v: i32, tile: u32| v.wrapping_sub(tile.cast_signed().wrapping_mul(EXTENT));
    [side(x, at.x), side(y, at.y)]
}

/// The mark of a cell beyond the world's edge, in units of the tile at that edge: a square in its buffer, where no map shows it
/// and every reader finds it.
pub(super) fn mark(point: Point, at: super::Place) -> [Point; 4] {
    let [x, _] = local(point, at);
    let x = x.clamp(8, EXTENT - 8);
    let y = if point[1] <= 0 {
        -BUFFER / 2
    } else {
        EXTENT + BUFFER / 2
    };
    [[x - 8, y - 8], [x + 8, y - 8], [x + 8, y + 8], [x - 8, y + 8]]
}

fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A place in degrees in units of the world.
fn world(lon: f64, lat: f64) -> Point {
    // A pole is infinitely far away: what is beyond the edge only has to stay there.
    let sine = libm::sin(lat.clamp(-89.99, 89.99).to_radians());
    let north = libm::log((1.0 + sine) / (1.0 - sine)) / (4.0 * std::f64::consts::PI);
    [round((lon + 180.0) / 360.0), round(0.5 - north)]
}

/// Longitude and latitude of a point of the world in degrees, of what lies beyond it those of its edge.
fn degrees(point: Point) -> (f64, f64) {
    let [x, y] = point.map(|v| f64::from(v.clamp(0, WORLD)) / f64::from(WORLD));
    let lat = libm::atan(libm::sinh(std::f64::consts::PI * (1.0 - 2.0 * y))).to_degrees();
    (round7(x * 360.0 - 180.0), round7(lat))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "within twice the world, which fits"
)]
fn round(share: f64) -> i32 {
    libm::round(share * f64::from(WORLD)) as i32
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
