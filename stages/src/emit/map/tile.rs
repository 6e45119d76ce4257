//! The layers of one tile, and the tile as it is stored.

use std::fmt::Write as _;
use std::io::Write as _;

use cairn_datasets::cell::Cell;
use flate2::{Compression, GzBuilder};

use super::clip::{Point, to_window};
use super::layer::{Kind, Layer};
use super::outline::{in_tile, local, mark};
use super::{Area, COVERAGE_LAYER, IMAGES_LAYER, Outline, Photo, TILE_IMAGE_BYTES};

/// The fields of the layer of cells, in the order of their numbers below.
pub(super) const COVERAGE_KEYS: [&str; 13] = [
    "cell",
    "resolution",
    "cells",
    "score_ppm",
    "quality_ppm",
    "freshness_ppm",
    "confidence_ppm",
    "directions",
    "contributors",
    "passes",
    "images",
    "reward",
    "newest",
];

/// The fields of the layer of images.
pub(super) const IMAGES_KEYS: [&str; 6] = [
    "image_id",
    "contributor",
    "captured_at",
    "quality_ppm",
    "heading_deg",
    "cell",
];

/// Which tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Zoom, 0 to 14.
    pub zoom: u8,
    /// Column, from the west.
    pub x: u32,
    /// Row, from the north.
    pub y: u32,
}

/// A tile as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// A vector tile under gzip; empty when it shows nothing.
    pub bytes: Vec<u8>,
    /// Images that found no room in it.
    pub images_left_out: u64,
}

/// The layer of the cells of a tile, in their order; empty when none has a part in it.
#[must_use]
pub fn coverage_layer<'a>(at: Place, cells: impl IntoIterator<Item = (&'a Area, Outline<'a>)>) -> Vec<u8> {
    let mut layer = Layer::new(COVERAGE_LAYER, &COVERAGE_KEYS);
    let (mut ring, mut spare, mut hex) = (Vec::new(), Vec::new(), String::new());
    for (area, outline) in cells {
        let mut there = false;
        for points in outline.rings() {
            ring.clear();
            match points {
                [point] => ring.extend(mark(*point, at)),
                _ => ring.extend(points.iter().map(|point| local(*point, at))),
            }
            to_window(&mut ring, &mut spare);
            there |= !ring.is_empty();
            layer.ring(&ring);
        }
        if there {
            hex.clear();
            // A String takes all that is written.
            let _ = write!(hex, "{:x}", area.cell.index());
            attributes(&mut layer, area, &hex);
            layer.feature(Some(feature_id(area.cell)), Kind::Polygon);
        }
    }
    layer.finish()
}

fn attributes(layer: &mut Layer, area: &Area, hex: &str) {
    layer.own_text(0, hex);
    layer.uint(1, u8::from(area.cell.h3().resolution()).into());
    layer.uint(2, area.cells.into());
    layer.uint(3, area.score_ppm.into());
    layer.uint(4, area.quality_ppm.into());
    layer.uint(5, area.freshness_ppm.into());
    layer.uint(6, area.confidence_ppm.into());
    layer.uint(7, area.directions.into());
    layer.uint(8, area.contributors.into());
    layer.uint(9, area.passes);
    layer.uint(10, area.images);
    layer.uint(11, area.reward);
    if let Some(newest) = area.newest {
        layer.time(12, newest);
    }
}

/// The number of a cell as a feature: the base cell and the digits of its index under a leading 1. It tells cells of all resolutions
/// apart, and stays below 2^53 where a map's cells are, so that JavaScript reads it whole.
fn feature_id(cell: Cell) -> u64 {
    let digits = 3 * u32::from(u8::from(cell.h3().resolution()));
    let used = 1_u64 << (7 + digits);
    used | (cell.index() >> (45 - digits)) & (used - 1)
}

/// The layer of the images of a tile, in the order of their cells and ids, and how many found no room: of more than take
/// [`TILE_IMAGE_BYTES`] compressed, those of the best quality are kept, and of equal ones those of the smaller id.
#[must_use]
pub fn images_layer(at: Place, photos: &[&Photo]) -> (Vec<u8>, u64) {
    let whole = points(at, photos);
    // What does not need to be compressed to fit always fits: gzip adds some bytes to a block that it cannot press.
    if whole.len() + whole.len() / 1000 + 64 <= TILE_IMAGE_BYTES {
        return (whole, 0);
    }
    let mut best: Vec<&Photo> = photos.to_vec();
    best.sort_by_key(|photo| (std::cmp::Reverse(photo.quality_ppm), photo.image_id));
    let mut layer = whole;
    loop {
        let size = pack(&[&layer]).len();
        if size <= TILE_IMAGE_BYTES {
            return (layer, (photos.len() - best.len()) as u64);
        }
        // By the share that fits, and a little less, so that a second look mostly is the last.
        best.truncate(best.len() * TILE_IMAGE_BYTES / size * 99 / 100);
        let mut kept = best.clone();
        kept.sort_by_key(|photo| (photo.cell, photo.image_id));
        layer = points(at, &kept);
    }
}

fn points(at: Place, photos: &[&Photo]) -> Vec<u8> {
    let mut layer = Layer::new(IMAGES_LAYER, &IMAGES_KEYS);
    for photo in photos {
        let point: Point = in_tile(photo.position, at);
        layer.point(point);
        layer.own_text(0, &photo.image_id.to_string());
        layer.text(1, &photo.contributor);
        if let Some(captured_at) = photo.captured_at {
            layer.time(2, captured_at);
        }
        layer.uint(3, photo.quality_ppm.parts().into());
        if let Some(heading) = photo.heading_deg {
            layer.uint(4, heading.into());
        }
        layer.text(5, &photo.cell.to_string());
        layer.feature(None, Kind::Point);
    }
    layer.finish()
}

/// How hard gzip presses. Of a tile of ten thousand cells the third level takes a third of the time of the sixth, the usual one, for
/// 2 % more bytes; the second is as much faster again, for 6 % more.
const GZIP: Compression = Compression::new(3);

/// Layers under one gzip; nothing when they are empty.
#[must_use]
pub fn pack(layers: &[&[u8]]) -> Vec<u8> {
    if layers.iter().all(|layer| layer.is_empty()) {
        return Vec::new();
    }
    // Neither a time nor a system in the header: the bytes are those of any machine.
    let mut gzip = GzBuilder::new().write(Vec::new(), GZIP);
    for layer in layers {
        // A vector takes all that is written.
        let _ = gzip.write_all(layer);
    }
    gzip.finish().unwrap_or_default()
}

#[cfg(test)]
#[path = "tile_tests.rs"]
mod tests;
