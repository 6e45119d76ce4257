//! `coverage.pmtiles`: the map of a run as one file (`PMTiles` v3), for any viewer of vector tiles.
//!
//! What a tile shows is `cairn_stages::emit::map`'s; here published rows are read, tiles are made on all threads of the pool that this is
//! called in, and written in their order. What is held at once is a row and an outline of each cell, and the tiles in the
//! making; the order of everything is that of keys, so any number of threads gives the same bytes.

mod read;

use std::borrow::Cow;
use std::io::{Cursor, Seek, Write};
use std::ops::{Range, RangeInclusive};

use cairn_datasets::cell::Cell;
use cairn_stages::emit::Bbox;
use cairn_stages::emit::map::{
    About, Area, Outline, Outlines, Photo, Place, areas, coverage_layer, images_layer, last_zoom, metadata,
    pack, resolution_at, tile_of,
};
use h3o::Resolution;
use pmtiles::{
    CallerKey, Compression, PmTilesStreamWriter, PmTilesWriter, PmtError, TileCoord, TileId, TileType,
};
use rayon::prelude::*;

use crate::published::{PublishedError, Run};

/// The file, beside the tables.
pub const MAP: &str = "coverage.pmtiles";
/// Tiles in the making at once.
const TILES_AT_ONCE: usize = 256;
/// Cells whose outlines lie together.
const OUTLINES_TOGETHER: usize = 4_096;

/// A map that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The run cannot be read.
    #[error(transparent)]
    Published(#[from] PublishedError),
    /// The file cannot be written.
    #[error("the map cannot be written: {0}")]
    Archive(#[from] PmtError),
    /// More cells or images than a map can number.
    #[error("a map of {rows} {what} is more than the {most} that it can hold", most = u32::MAX)]
    TooMany {
        /// `cells` or `images`.
        what: &'static str,
        /// How many there are.
        rows: usize,
    },
}

/// What a map shows.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Name of the epoch.
    pub reward_epoch: String,
    /// Digest of the results, in hex.
    pub results_digest: String,
    /// Cells of the reward resolution, in their order.
    pub areas: Vec<Area>,
    /// Kept images, in the order of their cells and ids.
    pub photos: Vec<Photo>,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Tiles with something in them.
    pub tiles: u64,
    /// Images that found no room in their tile.
    pub images_left_out: u64,
}

/// The map of a run, of the cells that are wanted.
///
/// # Errors
/// [`MapError`] when the run cannot be read or the map not be written.
pub fn pmtiles(run: &Run, wanted: impl Fn(Cell) -> bool + Sync) -> Result<Vec<u8>, MapError> {
    let content = Content::of(run, wanted)?;
    let mut file = Cursor::new(Vec::new());
    let written = content.write(&mut file)?;
    if written.images_left_out > 0 {
        tracing::warn!(
            "{} kept images are not on the map: in their tiles those of better quality fill a mebibyte",
            written.images_left_out
        );
    }
    Ok(file.into_inner())
}

impl Content {
    /// Writes the map, with its header and directory in front.
    ///
    /// # Errors
    /// [`MapError`] when there is too much to number, or `out` cannot be written.
    pub fn write(&self, out: impl Write + Seek) -> Result<Written, MapError> {
        self.write_from(0, out)
    }

    /// Writes a map that begins at a zoom, or at its last where that comes before.
    ///
    /// # Errors
    /// [`MapError`] when there is too much to number, or `out` cannot be written.
    pub fn write_from(&self, first: u8, out: impl Write + Seek) -> Result<Written, MapError> {
        for (what, rows) in [("cells", self.areas.len()), ("images", self.photos.len())] {
            if u32::try_from(rows).is_err() {
                return Err(MapError::TooMany { what, rows });
            }
        }
        let finest = self
            .areas
            .first()
            .map(|area| area.cell)
            .or(self.photos.first().map(|photo| photo.cell));
        let finest = finest.map_or(Resolution::Eleven, |cell| cell.h3().resolution());
        let last = last_zoom(finest);
        let mut archive = Archive::new(out)?;
        let mut level = Level::default();
        let first = first.min(last);
        for zoom in first..=last {
            let resolution = resolution_at(zoom, finest);
            if level.resolution != Some(resolution) {
                level = Level::of(&self.areas, resolution);
            }
            let photos = if zoom == last { self.photos.as_slice() } else { &[] };
            level.write(zoom, photos, &mut archive)?;
        }
        let positions = self.photos.iter().map(|photo| photo.position);
        if let Some(around) = Outlines::bounds(&level.outlines, positions) {
            archive.frame(around, last);
        }
        archive.finish(self, first..=last)
    }
}

/// The cells of one resolution, with their outlines.
#[derive(Default)]
struct Level<'a> {
    resolution: Option<Resolution>,
    areas: Cow<'a, [Area]>,
    outlines: Vec<Outlines>,
}

impl<'a> Level<'a> {
    fn of(finest: &'a [Area], resolution: Resolution) -> Self {
        let same = finest
            .first()
            .is_none_or(|area| area.cell.h3().resolution() == resolution);
        let areas = if same {
            Cow::Borrowed(finest)
        } else {
            Cow::Owned(areas(finest, resolution))
        };
        let together = areas.par_chunks(OUTLINES_TOGETHER);
        let outlines = together
            .map(|areas| Outlines::of(areas.iter().map(|area| area.cell)))
            .collect();
        Self {
            resolution: Some(resolution),
            areas,
            outlines,
        }
    }

    fn cell(&self, place: usize) -> Option<(&Area, Outline<'_>)> {
        let outline = self
            .outlines
            .get(place / OUTLINES_TOGETHER)?
            .get(place % OUTLINES_TOGETHER)?;
        Some((self.areas.get(place)?, outline))
    }

    /// Adds all tiles of a zoom.
    fn write<W: Write + Seek>(
        &self,
        zoom: u8,
        photos: &[Photo],
        archive: &mut Archive<W>,
    ) -> Result<(), MapError> {
        let cells = tiled(self.areas.len(), |place, found| {
            if let Some((_, outline)) = self.cell(place) {
                outline.tiles(zoom, |x, y| found(TileCoord::new(zoom, x, y)));
            }
        });
        let images = tiled(photos.len(), |place, found| {
            if let Some(photo) = photos.get(place) {
                let (x, y) = tile_of(photo.position, zoom);
                found(TileCoord::new(zoom, x, y));
            }
        });
        let mut tiles = Vec::new();
        let (mut cells, mut images) = (Grouped(&cells), Grouped(&images));
        while let Some(tile) = cells.next_tile().into_iter().chain(images.next_tile()).min() {
            tiles.push((tile, cells.take(tile), images.take(tile)));
        }
        for together in tiles.chunks(TILES_AT_ONCE) {
            let made: Vec<Made> = together
                .par_iter()
                .map(|(tile, cells, images)| {
                    let coord = TileCoord::from(TileId::new(u64::from(*tile))?);
                    let at = Place {
                        zoom,
                        x: coord.x(),
                        y: coord.y(),
                    };
                    let there = coverage_layer(at, places(cells).filter_map(|place| self.cell(place)));
                    let here: Vec<&Photo> = places(images).filter_map(|place| photos.get(place)).collect();
                    let (photos, left_out) = images_layer(at, &here);
                    let bytes = pack(&[&there, &photos]);
                    Ok(Made {
                        coord,
                        bytes,
                        left_out,
                    })
                })
                .collect::<Result<_, PmtError>>()?;
            for tile in made {
                archive.add(&tile)?;
            }
        }
        Ok(())
    }
}

/// A tile ready to be written.
struct Made {
    coord: TileCoord,
    bytes: Vec<u8>,
    left_out: u64,
}

/// What lies in which tile: the tile's number in the order of a file above the place of the row. Tiles to zoom 14 have numbers
/// below 2^29.
fn tiled(rows: usize, tiles: impl Fn(usize, &mut dyn FnMut(Result<TileCoord, PmtError>)) + Sync) -> Vec<u64> {
    let of = |rows: Range<usize>| {
        let mut found = Vec::with_capacity(rows.len());
        for place in rows {
            tiles(place, &mut |coord| {
                if let Ok(coord) = coord {
                    found.push(TileId::from(coord).value() << 32 | place as u64);
                }
            });
        }
        found
    };
    let starts: Vec<usize> = (0..rows).step_by(OUTLINES_TOGETHER).collect();
    let parts = starts
        .par_iter()
        .map(|start| of(*start..rows.min(start + OUTLINES_TOGETHER)));
    let mut found: Vec<u64> = parts.flatten_iter().collect();
    found.par_sort_unstable();
    found
}

/// Rows by tile, taken tile by tile.
struct Grouped<'a>(&'a [u64]);

impl<'a> Grouped<'a> {
    fn next_tile(&self) -> Option<u32> {
        self.0.first().map(|row| tile_in(*row))
    }

    fn take(&mut self, tile: u32) -> &'a [u64] {
        let end = self.0.partition_point(|row| tile_in(*row) <= tile);
        let (taken, left) = self.0.split_at(end);
        self.0 = left;
        taken
    }
}

fn tile_in(row: u64) -> u32 {
    u32::try_from(row >> 32).unwrap_or(u32::MAX)
}

fn places(rows: &[u64]) -> impl Iterator<Item = usize> {
    rows.iter()
        .filter_map(|row| usize::try_from(row & u64::from(u32::MAX)).ok())
}

/// The file in the making.
struct Archive<W: Write + Seek> {
    tiles: PmTilesStreamWriter<W, CallerKey<u64>>,
    written: Written,
}

impl<W: Write + Seek> Archive<W> {
    fn new(out: W) -> Result<Self, MapError> {
        // Hardly two tiles are equal, and none is looked for.
        let writer = PmTilesWriter::new(TileType::Mvt)
            .precompressed(Compression::Gzip)
            .dedup_by_key::<u64>();
        Ok(Self {
            tiles: writer.create(out)?,
            written: Written::default(),
        })
    }

    fn add(&mut self, tile: &Made) -> Result<(), MapError> {
        self.tiles.add_tile(tile.coord, &tile.bytes, None)?;
        self.written.tiles += u64::from(!tile.bytes.is_empty());
        self.written.images_left_out += tile.left_out;
        Ok(())
    }

    /// Says what part of the world it shows, and where viewers begin.
    fn frame(&mut self, around: Bbox, last_zoom: u8) {
        let Bbox {
            xmin,
            ymin,
            xmax,
            ymax,
        } = around;
        self.tiles.set_bounds(xmin, ymin, xmax, ymax);
        let wide = (xmax - xmin).max(ymax - ymin);
        let fits = (0..=last_zoom).rfind(|zoom| wide * f64::from(1_u32 << zoom) <= 360.0);
        self.tiles.set_center(
            f64::midpoint(xmin, xmax),
            f64::midpoint(ymin, ymax),
            fits.unwrap_or(0),
        );
    }

    fn finish(mut self, content: &Content, zooms: RangeInclusive<u8>) -> Result<Written, MapError> {
        let about = About {
            reward_epoch: content.reward_epoch.clone(),
            results_digest: content.results_digest.clone(),
            zooms: zooms.clone(),
            images_left_out: self.written.images_left_out,
        };
        self.tiles.set_metadata(metadata(&about));
        self.tiles.set_zoom_range(*zooms.start(), *zooms.end());
        self.tiles.finalize()?;
        Ok(self.written)
    }
}
