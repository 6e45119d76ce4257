use std::io::Read;
use std::sync::Arc;

use cairn_datasets::cell::resolution;
use cairn_datasets::digest::Digest;
use cairn_datasets::units::{Position, Ppm, Timestamp};

use super::super::{Outlines, areas, resolution_at};
use super::*;

const PARIS: Position = Position {
    lat_e7: 488_566_000,
    lon_e7: 23_522_000,
};

fn one(cell: Cell) -> Area {
    Area {
        cell,
        cells: 1,
        score_ppm: 500_000,
        quality_ppm: 1,
        freshness_ppm: 1,
        confidence_ppm: 1,
        directions: 1,
        contributors: 1,
        passes: 1,
        images: 1,
        reward: 1,
        newest: Some(Timestamp(0)),
    }
}

fn photo(number: u32) -> Photo {
    Photo {
        image_id: Digest::of(&number.to_le_bytes()),
        position: PARIS,
        contributor: Arc::from("ada"),
        captured_at: Some(Timestamp(i64::from(number) * 1_000)),
        quality_ppm: Ppm::new(number % 1_000 * 1_000),
        heading_deg: Some(number % 360),
        cell: Cell::at(PARIS, resolution(11).unwrap()),
    }
}

fn tile_at(zoom: u8) -> Place {
    let (x, y) = super::super::tile_of(PARIS, zoom);
    Place { zoom, x, y }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

/// Number, wire type, and the value or the bytes of each field of a protobuf message.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, &[u8])> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (first, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first < &0x80 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = varint(&mut bytes);
        let inner = if tag & 7 == 2 {
            let (inner, rest) = bytes.split_at(usize::try_from(value).unwrap());
            bytes = rest;
            inner
        } else {
            &[]
        };
        found.push((tag >> 3, value, inner));
    }
    found
}

#[test]
fn a_cell_is_written_as_the_specification_has_it() {
    let cell = Cell::at(PARIS, resolution(11).unwrap());
    let at = tile_at(14);
    let outlines = Outlines::of([cell]);
    let layer = coverage_layer(at, [(&one(cell), outlines.get(0).unwrap())]);
    let [(3, _, layer)] = fields(&layer)[..] else {
        panic!("one layer")
    };
    let of = |number: u64| fields(layer).into_iter().filter(move |(n, _, _)| *n == number);
    assert_eq!(of(15).next().unwrap().1, 2);
    assert_eq!(of(1).next().unwrap().2, b"coverage");
    assert_eq!(of(5).next().unwrap().1, 4096);
    assert_eq!(of(3).count(), 13);
    let feature = fields(of(2).next().unwrap().2);
    assert_eq!(feature[0].1, feature_id(cell));
    assert_eq!(feature[2].1, 3, "a polygon");
    // Thirteen pairs of key and value, each below 128.
    assert_eq!(feature[1].2.len(), 26);
    let text = fields(of(4).next().unwrap().2)[0].2;
    assert_eq!(text, cell.to_string().as_bytes());
    // MoveTo(1), LineTo(5) after two coordinates, ClosePath: 9, 42, 15.
    let geometry = feature[3].2;
    assert_eq!((geometry[0], geometry.last()), (9, Some(&15)));
    assert_eq!(
        of(4).count(),
        5,
        "equal values stand once: the cell, 11, 1, 500000 and the time"
    );
}

#[test]
fn features_are_told_apart_over_all_resolutions_and_below_2_to_the_53() {
    let mut ids = std::collections::BTreeSet::new();
    let mut all = 0;
    for at in 0..=15 {
        for cell in Cell::at(PARIS, resolution(at).unwrap()).with_ring() {
            all += 1;
            assert!(ids.insert(feature_id(cell)), "{cell}");
            assert!(at > 14 || feature_id(cell) < 1 << 53);
        }
    }
    assert_eq!(ids.len(), all);
}

#[test]
fn the_fullest_tile_of_cells_stays_far_below_a_mebibyte() {
    // Zoom 10 at the equator: about 14,500 cells of resolution 9, the most of any zoom.
    let (zoom, finest) = (10, resolution(11).unwrap());
    let middle = Position {
        lat_e7: 1_700_000,
        lon_e7: 101_800_000,
    };
    let (x, y) = super::super::tile_of(middle, zoom);
    let at = Place { zoom, x, y };
    let shown = resolution_at(zoom, finest);
    let around = Cell::at(middle, shown).h3().grid_disk::<Vec<_>>(130);
    let mut rows: Vec<Area> = around.into_iter().map(|cell| one(Cell::from(cell))).collect();
    rows.sort_by_key(|area| area.cell);
    for (step, row) in (0_u32..).zip(&mut rows) {
        // Values as they come: hardly two are equal.
        let drawn = step.wrapping_mul(2_654_435_761);
        row.score_ppm = drawn % 1_000_000;
        row.quality_ppm = (drawn >> 3) % 1_000_000;
        row.freshness_ppm = (drawn >> 7) % 1_000_000;
        row.newest = Some(Timestamp(i64::from(drawn % 600_000_000)));
        row.reward = u64::from(drawn % 10_000);
    }
    assert_eq!(areas(&rows, shown), rows);
    let outlines = Outlines::of(rows.iter().map(|area| area.cell));
    let parts = rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| Some((row, outlines.get(place)?)));
    let layer = coverage_layer(at, parts);
    let [(3, _, inner)] = fields(&layer)[..] else {
        panic!()
    };
    let shown = fields(inner).iter().filter(|(number, _, _)| *number == 2).count();
    assert!((13_000..=18_000).contains(&shown), "{shown}");
    let packed = pack(&[&layer]).len();
    assert!(packed < 1 << 20, "{packed} bytes of {shown} cells");
}

#[test]
fn all_images_of_a_tile_are_in_it_when_they_fit() {
    let photos: Vec<Photo> = (0..2_000).map(photo).collect();
    let photos: Vec<&Photo> = photos.iter().collect();
    let (layer, left_out) = images_layer(tile_at(14), &photos);
    assert_eq!(left_out, 0);
    let [(3, _, inner)] = fields(&layer)[..] else {
        panic!()
    };
    assert_eq!(fields(inner).iter().filter(|(n, _, _)| *n == 2).count(), 2_000);
}

#[test]
fn of_too_many_images_the_best_are_kept_and_the_others_counted() {
    let photos: Vec<Photo> = (0..40_000).map(photo).collect();
    let all: Vec<&Photo> = photos.iter().collect();
    let (layer, left_out) = images_layer(tile_at(14), &all);
    let size = pack(&[&layer]).len();
    assert!((900_000..=TILE_IMAGE_BYTES).contains(&size), "{size}");
    let [(3, _, inner)] = fields(&layer)[..] else {
        panic!()
    };
    let kept: std::collections::BTreeSet<Vec<u8>> = fields(inner)
        .into_iter()
        .filter(|(number, _, _)| *number == 4)
        .map(|(_, _, value)| fields(value)[0].2.to_vec())
        .filter(|text| text.len() == 64)
        .collect();
    assert_eq!(kept.len() as u64 + left_out, 40_000);
    let is_kept = |photo: &&&Photo| kept.contains(photo.image_id.to_string().as_bytes());
    let rank = |photo: &&&Photo| (photo.quality_ppm, std::cmp::Reverse(photo.image_id));
    let worst = all.iter().filter(is_kept).map(|p| rank(&p)).min().unwrap();
    let best_left = all
        .iter()
        .filter(|p| !is_kept(p))
        .map(|p| rank(&p))
        .max()
        .unwrap();
    assert!(worst > best_left);
}

#[test]
fn a_tile_that_shows_nothing_is_empty() {
    assert!(coverage_layer(tile_at(14), []).is_empty());
    assert!(pack(&[&[], &[]]).is_empty());
    let packed = pack(&[b"abc", b"def"]);
    assert_eq!(unpacked(&packed), b"abcdef");
    // RFC 1952: no time (bytes 4 to 7), unknown system (byte 9).
    assert_eq!((&packed[4..8], packed[9]), (&[0_u8; 4][..], 255));
}
