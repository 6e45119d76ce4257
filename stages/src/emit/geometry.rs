//! Shapes of rows: points of images, polygons of cells, as WKB with their bounding boxes.
//!
//! Coordinates are longitude and latitude in degrees (OGC:CRS84), each rounded to 1e-7 degrees
//! before it is written, so that the bytes do not depend on a platform's trigonometry.

use cairn_datasets::cell::Cell;
use cairn_datasets::units::Position;
use geo::orient::Direction;
use geo::{BoundingRect, Coord, Geometry, LineString, MapCoords, MultiPolygon, Orient, Point, Polygon};

/// A bounding box in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// Least longitude.
    pub xmin: f64,
    /// Least latitude.
    pub ymin: f64,
    /// Greatest longitude.
    pub xmax: f64,
    /// Greatest latitude.
    pub ymax: f64,
}

impl Bbox {
    /// The box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            xmin: self.xmin.min(other.xmin),
            ymin: self.ymin.min(other.ymin),
            xmax: self.xmax.max(other.xmax),
            ymax: self.ymax.max(other.ymax),
        }
    }
}

/// A geometry as GeoParquet wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Well-known binary, little endian.
    pub wkb: Vec<u8>,
    /// Its bounding box.
    pub bbox: Bbox,
    /// `Point`, `Polygon` or `MultiPolygon`.
    pub kind: &'static str,
}

impl Shape {
    /// `None` only for a geometry without a coordinate.
    fn of(geometry: &Geometry<f64>) -> Option<Self> {
        let rect = geometry.bounding_rect()?;
        let mut wkb = Vec::new();
        wkb::writer::write_geometry(&mut wkb, geometry, &wkb::writer::WriteOptions::default()).ok()?;
        let bbox = Bbox {
            xmin: rect.min().x,
            ymin: rect.min().y,
            xmax: rect.max().x,
            ymax: rect.max().y,
        };
        let kind = match geometry {
            Geometry::Point(_) => "Point",
            Geometry::Polygon(_) => "Polygon",
            _ => "MultiPolygon",
        };
        Some(Self { wkb, bbox, kind })
    }
}

/// The point of a position as a shape.
#[must_use]
pub fn point_shape(position: Position) -> Option<Shape> {
    Shape::of(&point_geometry(position))
}

/// The outline of a cell as a shape.
#[must_use]
pub fn cell_shape(cell: Cell) -> Option<Shape> {
    Shape::of(&cell_geometry(cell))
}

/// The point of a position: longitude and latitude in degrees.
#[must_use]
pub fn point_geometry(position: Position) -> Geometry<f64> {
    Geometry::Point(Point::new(position.lon_deg(), position.lat_deg()))
}

/// The outline of a cell, counter-clockwise; cut in two where it crosses the antimeridian.
#[must_use]
pub fn cell_geometry(cell: Cell) -> Geometry<f64> {
    let ring: Vec<Coord<f64>> = cell
        .h3()
        .boundary()
        .iter()
        .map(|v| Coord {
            x: round7(v.lng()),
            y: round7(v.lat()),
        })
        .collect();
    let crosses = ring
        .iter()
        .any(|a| ring.iter().any(|b| (a.x - b.x).abs() > 180.0));
    if crosses {
        Geometry::MultiPolygon(halves_at_the_antimeridian(&ring).orient(Direction::Default))
    } else {
        Geometry::Polygon(Polygon::new(LineString::new(ring), Vec::new()).orient(Direction::Default))
    }
}

/// RFC 7946, 3.1.9: a shape that crosses the antimeridian is cut there, so that no part does.
///
/// A cell is convex, so walking its ring once per side cuts it (I. Sutherland and G. Hodgman,
/// "Reentrant Polygon Clipping", 1974) without the snapping to a grid that general overlays need.
fn halves_at_the_antimeridian(ring: &[Coord<f64>]) -> MultiPolygon<f64> {
    let unrolled: Vec<Coord<f64>> = ring
        .iter()
        .map(|c| Coord {
            x: if c.x < 0.0 { c.x + 360.0 } else { c.x },
            y: c.y,
        })
        .collect();
    let east = Polygon::new(LineString::new(clip(&unrolled, |x| x <= 180.0)), Vec::new());
    let west = Polygon::new(LineString::new(clip(&unrolled, |x| x >= 180.0)), Vec::new());
    let west = west.map_coords(|c| Coord {
        x: round7(c.x - 360.0),
        y: c.y,
    });
    MultiPolygon::new(vec![east, west])
}

/// The part of a convex ring on one side of longitude 180.
fn clip(ring: &[Coord<f64>], inside: impl Fn(f64) -> bool) -> Vec<Coord<f64>> {
    let mut kept = Vec::with_capacity(ring.len() + 2);
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        if inside(a.x) {
            kept.push(*a);
        }
        if inside(a.x) != inside(b.x) {
            let share = (180.0 - a.x) / (b.x - a.x);
            kept.push(Coord {
                x: 180.0,
                y: round7(a.y + share * (b.y - a.y)),
            });
        }
    }
    kept
}

fn round7(degrees: f64) -> f64 {
    libm::round(degrees * 1e7) / 1e7
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
