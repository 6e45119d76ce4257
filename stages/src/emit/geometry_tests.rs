use cairn_datasets::cell::resolution;
use geo::{Area, Contains};

use super::*;

fn polygon_of(wkb: &[u8]) -> Geometry<f64> {
    use geo_traits::to_geo::ToGeoGeometry;
    wkb::reader::read_wkb(wkb).unwrap().to_geometry()
}

#[test]
fn a_cell_is_a_counter_clockwise_polygon_around_its_position() {
    let position = Position {
        lat_e7: 417_000_000,
        lon_e7: -876_300_000,
    };
    let shape = cell_shape(Cell::at(position, resolution(11).unwrap())).unwrap();
    assert_eq!(shape.kind, "Polygon");
    let Geometry::Polygon(polygon) = polygon_of(&shape.wkb) else {
        panic!("no polygon")
    };
    assert!(polygon.contains(&Point::new(position.lon_deg(), position.lat_deg())));
    assert!(polygon.signed_area() > 0.0);
    assert!(shape.bbox.xmin < position.lon_deg() && position.lon_deg() < shape.bbox.xmax);
}

#[test]
fn a_cell_on_the_antimeridian_is_cut_into_two_valid_halves() {
    let position = Position {
        lat_e7: -165_000_000,
        lon_e7: 1_800_000_000,
    };
    let cell = Cell::at(position, resolution(11).unwrap());
    let shape = cell_shape(cell).unwrap();
    assert_eq!(shape.kind, "MultiPolygon");
    let Geometry::MultiPolygon(halves) = polygon_of(&shape.wkb) else {
        panic!("no multipolygon")
    };
    assert_eq!(halves.0.len(), 2);
    for half in &halves {
        let rect = half.bounding_rect().unwrap();
        assert!(rect.width() < 0.01, "{rect:?}");
        assert!(half.signed_area() > 0.0);
    }
    assert!((shape.bbox.xmin, shape.bbox.xmax) == (-180.0, 180.0));
}

#[test]
fn a_point_is_21_bytes_of_little_endian_wkb() {
    let shape = point_shape(Position {
        lat_e7: 10_000_000,
        lon_e7: -25_000_000,
    })
    .unwrap();
    assert_eq!(shape.wkb.len(), 21);
    assert_eq!(shape.wkb[..5], [1, 1, 0, 0, 0]);
    assert_eq!(shape.wkb[5..13], (-2.5_f64).to_le_bytes());
    assert_eq!(shape.wkb[13..], 1.0_f64.to_le_bytes());
}

#[test]
fn a_cell_that_holds_a_pole_is_a_band_up_to_it() {
    for (lat_e7, pole) in [(900_000_000, 90.0), (-900_000_000, -90.0)] {
        let cell = Cell::at(Position { lat_e7, lon_e7: 0 }, resolution(11).unwrap());
        let Geometry::Polygon(band) = cell_geometry(cell) else {
            panic!("no polygon")
        };
        for lon in [-179.0, -60.0, 0.0, 135.0] {
            assert!(band.contains(&Point::new(lon, pole * 0.999_999_9)), "{lon}");
        }
        assert!(band.signed_area() > 0.0);
        let rect = band.bounding_rect().unwrap();
        assert!(rect.width() > 359.999 && rect.height() < 0.001, "{rect:?}");
    }
}
