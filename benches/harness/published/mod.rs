//! A published run of made-up trips: as many images as are wanted, scored and paid by the real code and written as
//! `cairn run` writes it.

mod images;
mod trips;
mod writer;

use std::collections::BTreeMap;

use cairn::store::Store;
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::epoch::Epoch;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Share, Standing};
use cairn_stages::audit::replay::replay_cell;
use cairn_stages::groups::tile_group;
use cairn_stages::policy::Policy;
use cairn_stages::reward::line_items::line_items;
use cairn_stages::reward::{Corrections, rewards};

/// Units of the pool.
const POOL: u64 = 1_000_000;

pub use self::images::{TileOfImages, images_by_tile};
pub use self::trips::{CITY, Known, draw, known};
use self::trips::{END, PICTURES, STEPS, Trip, cell_tables, object_of, trace_of};
pub use self::writer::Writer;

/// A run that is made up.
#[derive(Clone, Copy, Debug)]
pub struct MadeUp {
    /// Images in it.
    pub images: u64,
    /// H3 resolution of its tiles.
    pub tile_resolution: u64,
}

impl MadeUp {
    /// Writes the run into a folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, store: Store) -> anyhow::Result<()> {
        let policy = Policy::default();
        let epoch = Epoch {
            name: "2026-W20".to_owned(),
            end: END,
            any_age: false,
        };
        let mut writer = Writer::new(store);
        let (mut objects, mut credits) = (Vec::new(), Vec::new());
        for trip in 0..self.images / (STEPS * PICTURES) {
            let trip = Trip::new(trip, CITY);
            objects.extend(trip.has_track.then(|| trace_of(&trip)));
        }
        for (tile, cells) in self.tiles()? {
            let (mut images, mut passes) = (Vec::new(), Vec::new());
            let (mut coverage, mut standing) = (Vec::<Coverage>::new(), Vec::<Standing>::new());
            for (cell, numbers) in cells {
                let replayed = replay_cell(&policy, &epoch, cell, cell_tables(&numbers, CITY)?)?;
                objects.extend(replayed.images.iter().map(object_of));
                images.extend(replayed.images);
                passes.extend(replayed.passes);
                coverage.extend(replayed.coverage);
                standing.extend(replayed.standing);
                credits.extend(replayed.credits);
            }
            writer.count(Image::TABLE, images.iter().map(|i| i.reason));
            writer.count(Pass::TABLE, passes.iter().map(|p| p.reason));
            writer.write(Some(&tile), images)?;
            writer.write(Some(&tile), passes)?;
            writer.write(Some(&tile), coverage)?;
            writer.write(Some(&tile), standing)?;
        }
        writer.count(Object::TABLE, objects.iter().map(|o| o.reason));
        let (read, bytes) = (objects.len() as u64, objects.iter().map(|o| o.bytes).sum());
        writer.write(None, objects)?;
        self.pay(&mut writer, credits)?;
        writer.finish(&policy, (read, bytes))
    }

    /// The numbers of the passes by tile and cell, in order of upload.
    fn tiles(&self) -> anyhow::Result<BTreeMap<String, BTreeMap<Cell, Vec<u64>>>> {
        let tile = resolution(self.tile_resolution)?;
        let mut tiles: BTreeMap<String, BTreeMap<Cell, Vec<u64>>> = BTreeMap::new();
        let mut trips: Vec<Trip> = (0..self.images / (STEPS * PICTURES))
            .map(|n| Trip::new(n, CITY))
            .collect();
        trips.sort_by_key(|trip| (trip.uploaded_at, trip.number));
        for trip in trips {
            for step in 0..STEPS {
                let cell = Cell::at(trip.corner(step).0, resolution(11)?);
                let cells = tiles.entry(tile_group(Some(cell), tile)).or_default();
                cells.entry(cell).or_default().push(trip.number * STEPS + step);
            }
        }
        Ok(tiles)
    }

    /// R5 and R6.
    fn pay(&self, writer: &mut Writer, credits: Vec<Credit>) -> anyhow::Result<()> {
        let share = |line: &Credit| Share {
            contributor: line.contributor.clone(),
            credit: line.credit,
        };
        let shares: Vec<Share> = credits.iter().map(share).collect();
        let paid = rewards(&shares, POOL, &BTreeMap::new(), &Corrections::default())?;
        let tile = resolution(self.tile_resolution)?;
        let mut tiles: BTreeMap<String, Vec<Credit>> = BTreeMap::new();
        for line in line_items(credits, &paid.rows)? {
            tiles
                .entry(tile_group(Some(line.cell), tile))
                .or_default()
                .push(line);
        }
        for (tile, lines) in tiles {
            writer.write(Some(&tile), lines)?;
        }
        writer.write::<Reward>(None, paid.rows)?;
        writer.write::<Adjustment>(None, Vec::new())
    }
}
