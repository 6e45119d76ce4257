//! Shapes of rows: points of images, polygons of cells, as WKB with their bounding boxes.
//!
//! Coordinates are longitude and latitude in degrees (OGC:CRS84), each rounded to 1e-7 degrees
//! before it is written, so that the bytes do not depend on a platform's trigonometry.

use cairn_datasets::cell::Cell;
use cairn_datasets::units::Position;
use geo::orient::Direction;
use geo::{
    BooleanOps, BoundingRect, Coord, Geometry, LineString, MultiPolygon, Orient, Point, Polygon, Rect,
};

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

fn shape(geometry: &Geometry<f64>, kind: &'static str) -> Option<Shape> {
    let rect = geometry.bounding_rect()?;
    let mut bytes = Vec::new();
    wkb::writer::write_geometry(&mut bytes, geometry, &wkb::writer::WriteOptions::default()).ok()?;
    let bbox = Bbox {
        xmin: rect.min().x,
        ymin: rect.min().y,
        xmax: rect.max().x,
        ymax: rect.max().y,
    };
    Some(Shape {
        wkb: bytes,
        bbox,
        kind,
    })
}

/// The point of a position.
#[must_use]
pub fn point_shape(position: Position) -> Option<Shape> {
    shape(
        &Geometry::Point(Point::new(position.lon_deg(), position.lat_deg())),
        "Point",
    )
}

/// The outline of a cell, counter-clockwise; cut in two where it crosses the antimeridian.
#[must_use]
pub fn cell_shape(cell: Cell) -> Option<Shape> {
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
    if !crosses {
        let polygon = Polygon::new(LineString::new(ring), Vec::new()).orient(Direction::Default);
        return shape(&Geometry::Polygon(polygon), "Polygon");
    }
    let halves = halves_at_the_antimeridian(&ring);
    shape(
        &Geometry::MultiPolygon(halves.orient(Direction::Default)),
        "MultiPolygon",
    )
}

/// RFC 7946, 3.1.9: a shape that crosses the antimeridian is cut there, so that no part does.
fn halves_at_the_antimeridian(ring: &[Coord<f64>]) -> MultiPolygon<f64> {
    let unrolled = ring.iter().map(|c| Coord {
        x: if c.x < 0.0 { c.x + 360.0 } else { c.x },
        y: c.y,
    });
    let whole = Polygon::new(LineString::new(unrolled.collect()), Vec::new());
    let half = |from: f64| {
        Rect::new(
            Coord { x: from, y: -90.0 },
            Coord {
                x: from + 180.0,
                y: 90.0,
            },
        )
        .to_polygon()
    };
    let east = rounded(&whole.intersection(&half(0.0)), 0.0);
    let west = rounded(&whole.intersection(&half(180.0)), -360.0);
    MultiPolygon::new(east.0.into_iter().chain(west.0).collect())
}

fn rounded(polygons: &MultiPolygon<f64>, shift: f64) -> MultiPolygon<f64> {
    use geo::MapCoords;
    polygons.map_coords(|c| Coord {
        x: round7(c.x + shift),
        y: round7(c.y),
    })
}

fn round7(degrees: f64) -> f64 {
    libm::round(degrees * 1e7) / 1e7
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
