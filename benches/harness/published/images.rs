//! The table of images alone, at a size of which nothing else fits: tile by tile, in key order.

use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::table::sort_unique;
use cairn_datasets::tables::Image;

use super::trips::{PICTURES, STEPS, Trip, image, pass};

/// The numbers of the passes of so many images on a grid of so many cells a side, by tile.
///
/// # Errors
/// When H3 refuses, which it does not.
pub fn images_by_tile(images: u64, side: u64, tile_resolution: u64) -> anyhow::Result<Vec<TileOfImages>> {
    let (cells, tiles) = (resolution(11)?, resolution(tile_resolution)?);
    let mut by_tile: BTreeMap<Cell, Vec<u64>> = BTreeMap::new();
    for trip in 0..images / (STEPS * PICTURES) {
        let there = Trip::new(trip, side);
        for step in 0..STEPS {
            let cell = Cell::at(there.corner(step).0, cells);
            by_tile
                .entry(cell.parent(tiles))
                .or_default()
                .push(trip * STEPS + step);
        }
    }
    Ok(by_tile
        .into_iter()
        .map(|(tile, passes)| TileOfImages { tile, side, passes })
        .collect())
}

/// A tile, and the passes that its images are of.
#[derive(Clone, Debug)]
pub struct TileOfImages {
    /// The tile.
    pub tile: Cell,
    side: u64,
    passes: Vec<u64>,
}

impl TileOfImages {
    /// Its images in key order.
    ///
    /// # Errors
    /// When H3 refuses, which it does not.
    pub fn rows(&self) -> anyhow::Result<Vec<Image>> {
        let mut rows = Vec::new();
        for number in &self.passes {
            let trip = Trip::new(number / STEPS, self.side);
            let pass = pass(&trip, number % STEPS)?;
            let first = number * PICTURES;
            rows.extend((first..first + PICTURES).map(|number| image(&trip, &pass, number)));
        }
        sort_unique(&mut rows)?;
        Ok(rows)
    }
}
