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

/// The rectangle of a box as a shape.
#[must_use]
pub(super) fn box_shape(bbox: Bbox) -> Option<Shape> {
    let (low, high) = ((bbox.xmin, bbox.ymin), (bbox.xmax, bbox.ymax));
    let rectangle = geo::Rect::new(low, high).to_polygon();
    Shape::of(&Geometry::Polygon(rectangle.orient(Direction::Default)))
}

/// How much larger than a cell's box a box is that holds all its descendants, whose edges wind around its own: what the
/// H3 library itself takes (`CHILD_SCALE_FACTOR` of its polygon iterator).
const DESCENDANTS: f64 = 1.4;

/// A box that holds all descendants of a cell, at any resolution, degrees.
#[must_use]
pub(super) fn bbox_of_descendants(cell: Cell) -> Option<Bbox> {
    let rect = cell_geometry(cell).bounding_rect()?;
    let beyond = (DESCENDANTS - 1.0) / 2.0;
    let (dx, dy) = (rect.width() * beyond, rect.height() * beyond);
    let (xmin, xmax) = (round7(rect.min().x - dx), round7(rect.max().x + dx));
    let (ymin, ymax) = (round7(rect.min().y - dy), round7(rect.max().y + dy));
    // Over the antimeridian or a pole a box of longitudes has no sides.
    let around = xmin < -180.0 || xmax > 180.0 || ymin < -90.0 || ymax > 90.0;
    Some(Bbox {
        xmin: if around { -180.0 } else { xmin },
        ymin: ymin.max(-90.0),
        xmax: if around { 180.0 } else { xmax },
        ymax: ymax.min(90.0),
    })
}

/// The point of a position: longitude and latitude in degrees.
#[must_use]
pub fn point_geometry(position: Position) -> Geometry<f64> {
    Geometry::Point(Point::new(position.lon_deg(), position.lat_deg()))
}

/// The outline of a cell, counter-clockwise; cut in two where it crosses the antimeridian, and a
/// band up to the pole where it holds one.
#[must_use]
pub fn cell_geometry(cell: Cell) -> Geometry<f64> {
    let ring = corners(cell);
    let shape = match antimeridian_crossings(&ring) {
        0 => Geometry::Polygon(Polygon::new(LineString::new(ring), Vec::new())),
        // A ring that crosses once goes around a pole.
        1 => Geometry::Polygon(around_the_pole(ring)),
        _ => Geometry::MultiPolygon(halves_at_the_antimeridian(&ring)),
    };
    match shape {
        Geometry::Polygon(polygon) => Geometry::Polygon(polygon.orient(Direction::Default)),
        Geometry::MultiPolygon(halves) => Geometry::MultiPolygon(halves.orient(Direction::Default)),
        other => other,
    }
}

/// The corners of a cell in degrees, counter-clockwise on the sphere.
pub(super) fn corners(cell: Cell) -> Vec<Coord<f64>> {
    let boundary = cell.h3().boundary();
    let corner = |v: &h3o::LatLng| Coord {
        x: round7(v.lng()),
        y: round7(v.lat()),
    };
    boundary.iter().map(corner).collect()
}

/// How many edges of a ring go over the antimeridian.
pub(super) fn antimeridian_crossings(ring: &[Coord<f64>]) -> usize {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges.filter(|(a, b)| (a.x - b.x).abs() > 180.0).count()
}

/// The cap of a cell that holds a pole: its ring from antimeridian to antimeridian, closed along
/// the pole, which on a plane of longitude and latitude is a line.
fn around_the_pole(mut ring: Vec<Coord<f64>>) -> Polygon<f64> {
    ring.sort_by(|a, b| a.x.total_cmp(&b.x));
    let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied()) else {
        return Polygon::new(LineString::new(ring), Vec::new());
    };
    let share = (180.0 - last.x) / (first.x + 360.0 - last.x);
    let seam = round7(last.y + share * (first.y - last.y));
    let pole = if seam > 0.0 { 90.0 } else { -90.0 };
    ring.insert(0, Coord { x: -180.0, y: seam });
    let closing = [(180.0, seam), (180.0, pole), (-180.0, pole)].map(|(x, y)| Coord { x, y });
    ring.extend(closing);
    Polygon::new(LineString::new(ring), Vec::new())
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

/// Degrees rounded to 1e-7.
pub(super) fn round7(degrees: f64) -> f64 {
    libm::round(degrees * 1e7) / 1e7
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
