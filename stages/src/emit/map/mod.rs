//! The map of a run: vector tiles of its cells and of its kept images.
//!
//! A tile is a pure function of the cells and images it shows (Mapbox Vector Tile 2.1 under gzip); which tiles there are, in what order
//! they stand and in what file is the pipeline's business. Nothing here decides anything: a map is a view and in no digest.
//!
//! Zoom by zoom the cells are those of the finest resolution of which a tile at the equator holds at most [`TILE_CELLS`], and
//! never of a finer one than is rewarded. Away from the equator a tile holds fewer.

mod area;
mod clip;
mod layer;
mod metadata;
mod outline;
mod photo;
mod tile;

use h3o::Resolution;

pub use area::{Area, areas, pay};
pub use metadata::{About, metadata};
pub use outline::{Outline, Outlines, tile_of};
pub use photo::Photo;
pub use tile::{Place, Tile, coverage_layer, images_layer, pack};

/// The layer of cells.
pub const COVERAGE_LAYER: &str = "coverage";
/// The layer of images.
pub const IMAGES_LAYER: &str = "images";
/// Units along the side of a tile.
pub const EXTENT: i32 = 4096;
/// Units around a tile up to which shapes go on, so that no border shows between tiles.
pub const BUFFER: i32 = 64;
/// Most cells of average size in a tile at the equator.
pub const TILE_CELLS: f64 = 16_384.0;
/// Most bytes of the images in a tile, compressed: beyond it those of the least quality are left out.
pub const TILE_IMAGE_BYTES: usize = 1 << 20;
/// The last zoom of a map, where cells are not larger than its tiles.
const LAST_ZOOM: u8 = 14;

/// Area in km² of a tile at the equator, taken as a plane.
fn tile_km2(zoom: u8) -> f64 {
    let side = 40_075.016_685_578 / f64::from(1_u32 << zoom.min(31));
    side * side
}

/// The resolution that a zoom shows, where cells are rewarded at `finest`.
#[must_use]
pub fn resolution_at(zoom: u8, finest: Resolution) -> Resolution {
    let fits = |r: &Resolution| tile_km2(zoom) / r.area_km2() <= TILE_CELLS;
    let found = Resolution::range(Resolution::Zero, finest).rfind(fits);
    found.unwrap_or(Resolution::Zero)
}

/// The last zoom of a map whose cells are rewarded at `finest`: 14, or the last at which a cell is not larger than a tile, lest one
/// cell be drawn in thousands of tiles. Images stand in the tiles of this zoom alone.
#[must_use]
pub fn last_zoom(finest: Resolution) -> u8 {
    let found = (0..=LAST_ZOOM).rfind(|zoom| finest.area_km2() <= tile_km2(*zoom));
    found.unwrap_or(0)
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
