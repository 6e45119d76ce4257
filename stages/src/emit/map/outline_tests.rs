use std::collections::BTreeSet;

use cairn_datasets::cell::resolution;

use super::super::clip::{to_window, twice_area};
use super::super::{Place, last_zoom, resolution_at};
use super::*;

fn cell(lat_e7: i32, lon_e7: i32, at: u64) -> Cell {
    Cell::at(Position { lat_e7, lon_e7 }, resolution(at).unwrap())
}

fn tiles(cell: Cell, zoom: u8) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    Outlines::of([cell])
        .get(0)
        .unwrap()
        .tiles(zoom, |x, y| found.push((x, y)));
    found
}

/// Twice the area that is drawn of a cell, in each of its tiles.
fn drawn(cell: Cell, zoom: u8) -> Vec<((u32, u32), i64)> {
    let outlines = Outlines::of([cell]);
    let outline = outlines.get(0).unwrap();
    let in_tile = |(x, y)| {
        let at = Place { zoom, x, y };
        let area = outline.rings().map(|ring| {
            let mut ring: Vec<Point> = match ring {
                [point] => mark(*point, at).to_vec(),
                _ => ring.iter().map(|p| local(*p, at)).collect(),
            };
            to_window(&mut ring, &mut Vec::new());
            twice_area(&ring)
        });
        ((x, y), area.sum())
    };
    tiles(cell, zoom).into_iter().map(in_tile).collect()
}

#[test]
fn the_corners_of_the_world_lie_where_web_maps_have_them() {
    assert_eq!(world(-180.0, 85.051_128_779_806_6), [0, 0]);
    assert_eq!(world(180.0, -85.051_128_779_806_6), [WORLD, WORLD]);
    assert_eq!(world(0.0, 0.0), [WORLD / 2, WORLD / 2]);
    // The tile of the Eiffel Tower, as everyone counts them.
    let tower = Position {
        lat_e7: 488_584_000,
        lon_e7: 22_945_000,
    };
    assert_eq!(tile_of(tower, 14), (8296, 5636));
}

#[test]
fn a_cell_is_in_every_tile_it_touches_once_and_drawn_in_one_at_least() {
    for step in 0..2_000_i32 {
        let lat = (step * 7_919 % 17_000 - 8_500) * 100_000 + step;
        let lon = (step * 104_729 % 36_000 - 18_000) * 100_000 - step;
        for zoom in [0, 5, 11, 14] {
            let shown = cell(
                lat.clamp(-850_000_000, 850_000_000),
                lon,
                u8::from(resolution_at(zoom, h3o::Resolution::Eleven)).into(),
            );
            let found = tiles(shown, zoom);
            let once: BTreeSet<_> = found.iter().copied().collect();
            assert_eq!(once.len(), found.len(), "{shown} at {zoom}");
            assert!(
                drawn(shown, zoom).iter().any(|(_, area)| *area > 0),
                "{shown} at {zoom}"
            );
            assert!(found.len() < 16 || zoom < 6, "{shown} at {zoom}: {}", found.len());
        }
    }
}

#[test]
fn a_cell_at_the_border_of_tiles_is_in_both_and_whole_with_their_buffers() {
    // Greenwich parts the tiles of every zoom but the first.
    let shown = cell(515_000_000, 0, 11);
    let both = drawn(shown, 14);
    let columns: BTreeSet<u32> = both.iter().map(|((x, _), _)| *x).collect();
    assert_eq!(columns, [8191, 8192].into());
    // Each shows what lies in it and some of the rest: a cell is larger than the buffer on both sides of a border.
    let outlines = Outlines::of([shown]);
    let ring = outlines.get(0).unwrap().rings().next().unwrap();
    let whole = twice_area(ring).abs() >> 8;
    let sum: i64 = both.iter().map(|(_, area)| area).sum();
    assert!(
        both.iter().all(|(_, area)| *area > 0 && *area <= whole + 400),
        "{both:?} {whole}"
    );
    assert!(sum > whole, "{sum} {whole}");
}

#[test]
fn a_cell_on_the_antimeridian_is_drawn_on_both_sides_of_the_world_and_nowhere_between() {
    let shown = cell(-165_000_000, 1_800_000_000, 11);
    let parts = drawn(shown, 14);
    let columns: BTreeSet<u32> = parts.iter().map(|((x, _), _)| *x).collect();
    assert_eq!(columns, [0, 16_383].into());
    assert!(
        parts.iter().all(|(_, area)| (1..20_000).contains(area)),
        "{parts:?}"
    );
    // One tile has both at zoom 0, once.
    let coarse = cell(-165_000_000, 1_800_000_000, 1);
    assert_eq!(tiles(coarse, 0), [(0, 0)]);
    let [(_, area)] = drawn(coarse, 0)[..] else {
        panic!()
    };
    assert!((1..2 * 200 * 200).contains(&area), "{area}");
}

#[test]
fn a_cell_beyond_the_edge_of_the_world_is_a_mark_in_the_buffer_of_one_tile() {
    for (lat, row) in [(900_000_000, 0), (-900_000_000, 16_383), (860_000_000, 0)] {
        for (zoom, row) in [(14, row), (0, 0)] {
            let parts = drawn(cell(lat, 1_234_567_890, 11), zoom);
            let [((_, y), area)] = parts[..] else {
                panic!("{parts:?}")
            };
            assert_eq!((y, area), (row, 2 * 16 * 16));
        }
        let outlines = Outlines::of([cell(lat, 0, 11)]);
        let ring = outlines.get(0).unwrap().rings().next().unwrap();
        let [point] = ring else { panic!("{ring:?}") };
        let y = if lat > 0 { 0 } else { 16_383 };
        let square = mark(*point, Place { zoom: 14, x: 0, y });
        assert!(
            square.iter().all(|[_, y]| !(0..=EXTENT).contains(y)),
            "{square:?}"
        );
    }
}

#[test]
fn a_cell_around_the_pole_that_reaches_onto_the_map_is_a_band_at_its_edge() {
    let band = cell(900_000_000, 0, 0);
    let zoom = last_zoom(h3o::Resolution::Zero).min(1);
    let parts = drawn(band, zoom);
    let found: BTreeSet<(u32, u32)> = parts.iter().map(|(tile, _)| *tile).collect();
    assert_eq!(found, [(0, 0), (1, 0)].into());
    // It goes around, and is no higher than the cell.
    for (_, area) in parts {
        let height = area / 2 / i64::from(EXTENT);
        assert!((BUFFER.into()..1_500).contains(&height), "{height}");
    }
}

#[test]
fn neighbours_share_their_corners_at_every_zoom() {
    let middle = cell(488_566_000, 23_522_000, 11);
    for zoom in 11..=14 {
        let (x, y) = tiles(middle, zoom)[0];
        let corners = |cell: Cell| -> BTreeSet<Point> {
            let outlines = Outlines::of([cell]);
            let ring = outlines.get(0).unwrap().rings().next().unwrap().to_vec();
            ring.iter().map(|p| local(*p, Place { zoom, x, y })).collect()
        };
        let own = corners(middle);
        for neighbour in middle.with_ring().into_iter().filter(|n| *n != middle) {
            assert_eq!(own.intersection(&corners(neighbour)).count(), 2, "{neighbour}");
        }
    }
}

#[test]
fn the_box_around_cells_is_that_of_their_corners() {
    let shown = cell(488_566_000, 23_522_000, 11);
    let outlines = [Outlines::of([shown])];
    let around = Outlines::bounds(&outlines, []).unwrap();
    let wanted = crate::emit::cell_shape(shown).unwrap().bbox;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(
        near(around.xmin, wanted.xmin) && near(around.ymax, wanted.ymax),
        "{around:?} {wanted:?}"
    );
    assert!(
        near(around.xmax, wanted.xmax) && near(around.ymin, wanted.ymin),
        "{around:?} {wanted:?}"
    );
    assert_eq!(Outlines::bounds(&[], []), None);
}
