//! A published run of made-up trips: as many images as are wanted, each row a function of nothing but its number, scored
//! and paid by the real code and written as `cairn run` writes it.
//!
//! A trip goes ten cells along a grid of streets, with four pictures in each. Some contributors go far more often than
//! others, every fourth trip has no trace, and one in ten shows what others have shown before.

use std::collections::BTreeMap;

use anyhow::Context;
use cairn::flow::kernels;
use cairn::publish::{MANIFEST, counted_as, manifest_bytes};
use cairn::store::Store;
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::ids::{image_id, pass_id, sequence_id};
use cairn_datasets::manifest::{
    Build, FileRecord, Inputs, MANIFEST_VERSION, Manifest, PolicyRecord, PrivateCounts, TableRecord,
};
use cairn_datasets::table::{Row, sort_unique};
use cairn_datasets::tables::{
    Adjustment, Coverage, Credit, Image, Object, Original, Pass, Reward, Share, Standing, TRACK_AND_IMAGE,
};
use cairn_datasets::units::{Position, Ppm, Timestamp};
use cairn_datasets::verdict::{Finding, Reason, Verdict};
use cairn_stages::audit::replay::{CellTables, replay_cell};
use cairn_stages::emit::{Publish, publish};
use cairn_stages::groups::tile_group;
use cairn_stages::policy::Policy;
use cairn_stages::reward::line_items::line_items;
use cairn_stages::reward::{Corrections, rewards};

/// Units of the pool.
const POOL: u64 = 1_000_000;
/// Ids that contributors are drawn from; some of them never go.
const CONTRIBUTORS: u64 = 12_000;
/// Cells of a trip.
const STEPS: u64 = 10;
/// Pictures of a trip in a cell.
const PICTURES: u64 = 4;
/// Cells along a side of the grid.
const SIDE: u64 = 224;
/// 2026-05-11T00:00:00Z, a Monday.
const MONDAY: Timestamp = Timestamp(20_584 * Timestamp::DAY);
/// The epoch's end.
const END: Timestamp = Timestamp(MONDAY.0 + 7 * Timestamp::DAY);

/// A number that looks random and is the same each time (the finalizer of `SplitMix64`).
#[must_use]
pub fn draw(number: u64, what: u64) -> u64 {
    let mut bits = number
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(what.wrapping_mul(0xd1b5_4a32_d192_ed03));
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// A draw below a limit that fits.
fn below(number: u64, what: u64, limit: u32) -> u32 {
    u32::try_from(draw(number, what) % u64::from(limit)).unwrap_or_default()
}

/// A run that is made up.
#[derive(Clone, Copy, Debug)]
pub struct MadeUp {
    /// Images in it.
    pub images: u64,
    /// H3 resolution of its tiles.
    pub tile_resolution: u64,
}

/// One trip.
struct Trip {
    number: u64,
    contributor: String,
    session: String,
    sequence: Digest,
    uploaded_at: Timestamp,
    has_track: bool,
    confirmed: bool,
    copied: bool,
    duplicates_of_1000: u64,
}

impl Trip {
    fn new(number: u64) -> Self {
        // The square of an even draw: who has a small number goes more often.
        let even = draw(number, 1) % 1_000_000;
        let contributor = format!("rider-{:05}", even * even * CONTRIBUTORS / 1_000_000_000_000);
        let session = format!("trip-{number:06}");
        let has_track = !draw(number, 2).is_multiple_of(4);
        let repeated = draw(number, 3).is_multiple_of(10);
        let seconds = i64::from(below(number, 4, 7 * 86_400 - 7_200)) + 7_200;
        let trip = Self {
            number,
            sequence: Digest::of(b""),
            uploaded_at: Timestamp(MONDAY.0 + seconds * Timestamp::SECOND),
            has_track,
            confirmed: has_track && !draw(number, 5).is_multiple_of(10),
            copied: has_track && draw(number, 6).is_multiple_of(50),
            duplicates_of_1000: if repeated { 900 } else { 190 },
            contributor,
            session,
        };
        let sequence = sequence_id(&trip.contributor, &trip.session, &trip.first_path(), 0);
        Self { sequence, ..trip }
    }

    fn folder(&self) -> String {
        format!("{}/{}", self.contributor, self.session)
    }

    fn trace_path(&self) -> String {
        format!("{}/track.gpx", self.folder())
    }

    fn picture_path(&self, place: u64) -> String {
        format!("{}/{place:04}.jpg", self.folder())
    }

    fn first_path(&self) -> String {
        if self.has_track {
            self.trace_path()
        } else {
            self.picture_path(0)
        }
    }

    /// The corner of the grid that it comes by in a step, and its heading.
    fn corner(&self, step: u64) -> (Position, u32) {
        let (x, y) = (draw(self.number, 7) % SIDE, draw(self.number, 8) % SIDE);
        let (x, y, heading) = match draw(self.number, 9) % 4 {
            0 => (x + step, y, 90),
            1 => (x + SIDE - step, y, 270),
            2 => (x, y + step, 0),
            _ => (x, y + SIDE - step, 180),
        };
        // 60 m apart, more than a cell of resolution 11 is wide.
        let along = |corner: u64, unit: i32| i32::try_from(corner % SIDE).unwrap_or_default() * unit;
        let at = Position {
            lat_e7: 488_500_000 + along(y, 5_396),
            lon_e7: 23_500_000 + along(x, 8_200),
        };
        (at, heading)
    }

    fn captured_at(&self, place: u64) -> Timestamp {
        let before = i64::try_from(STEPS * PICTURES - place).unwrap_or_default() * 2 + 3_600;
        Timestamp(self.uploaded_at.0 - before * Timestamp::SECOND)
    }
}

/// A row of a verdict table, and how it is asked for.
#[derive(Clone, Debug)]
pub struct Known {
    /// Path of the image's object.
    pub path: String,
    /// The image's id.
    pub image: Digest,
    /// The pass that it was taken in, whether it counts there or not.
    pub pass: Digest,
    /// Path of the trip's trace, where it has one.
    pub trace: Option<String>,
    /// The cell.
    pub cell: Cell,
    /// Who.
    pub contributor: String,
    /// What became of the image.
    pub verdict: Verdict,
    /// What became of the pass.
    pub pass_verdict: Verdict,
}

/// One image of a run, by its number.
///
/// # Errors
/// When H3 refuses, which it does not.
pub fn known(number: u64) -> anyhow::Result<Known> {
    let trip = Trip::new(number / (STEPS * PICTURES));
    let pass = pass(&trip, number / PICTURES % STEPS)?;
    let first = number / PICTURES * PICTURES;
    let images = (first..first + PICTURES).map(|number| image(&trip, &pass, number));
    let shows_nothing = images.into_iter().all(|image| image.verdict != Verdict::Kept);
    let image = image(&trip, &pass, number);
    Ok(Known {
        // P1: without a trace it is made of its images alone.
        pass_verdict: if shows_nothing && !trip.has_track {
            Verdict::Rejected
        } else {
            pass.verdict
        },
        path: image.path,
        image: image.image_id,
        pass: pass.pass_id,
        trace: trip.has_track.then(|| trip.trace_path()),
        cell: pass.cell,
        contributor: trip.contributor,
        verdict: image.verdict,
    })
}

fn pass(trip: &Trip, step: u64) -> anyhow::Result<Pass> {
    let (at, heading) = trip.corner(step);
    let cell = Cell::at(at, resolution(11)?);
    let start = trip.captured_at(step * PICTURES);
    let id = pass_id(&trip.contributor, &trip.sequence, cell, start);
    let path = if trip.has_track {
        trip.trace_path()
    } else {
        trip.picture_path(step * PICTURES)
    };
    let mut pass = Pass {
        session: trip.session.clone(),
        uploaded_at: Some(trip.uploaded_at),
        end_at: trip.captured_at(step * PICTURES + PICTURES - 1),
        heading_deg: Some(heading),
        fixes: if trip.has_track { 6 } else { 0 },
        accuracy_mm: 2_500 + below(trip.number, 10, 4_000),
        speed_mm_s: Some(8_000),
        has_track: trip.has_track,
        confirmed_by: if trip.confirmed {
            TRACK_AND_IMAGE.to_owned()
        } else {
            String::new()
        },
        demand_ppm: 1_000_000,
        region_ppm: 1_000_000,
        ..Pass::unjudged(id, &trip.contributor, trip.sequence, cell, &path, start)
    };
    if trip.copied {
        pass.decide(Finding::measured(Reason::CopiedTrack, 900, 3_000));
        let original = Trip::new(trip.number / 2);
        pass.duplicate_of = Some(original.first_path());
        pass.duplicate_sequence = Some(original.sequence);
    }
    Ok(pass)
}

/// An image without what it repeats, which [`cell_tables`] finds in its cell.
fn image(trip: &Trip, pass: &Pass, number: u64) -> Image {
    let place = number % (STEPS * PICTURES);
    let path = trip.picture_path(place);
    let random = |what: u64| Digest::of_parts(&[path.as_bytes(), &what.to_le_bytes()]);
    let sha256 = random(0);
    let (corner, _) = trip.corner(place / PICTURES);
    let off = |what: u64| i32::try_from(below(number, what, 600)).unwrap_or_default() - 300;
    let moved = Position {
        lat_e7: corner.lat_e7 + off(20),
        lon_e7: corner.lon_e7 + off(21),
    };
    let same_cell = resolution(11).is_ok_and(|eleven| Cell::at(moved, eleven) == pass.cell);
    let at = if same_cell { moved } else { corner };
    let mut image = Image {
        image_id: image_id(&path, &sha256, 0),
        ordinal: 0,
        contributor: trip.contributor.clone(),
        session: trip.session.clone(),
        sequence: Some(trip.sequence),
        pass_id: Some(pass.pass_id),
        uploaded_at: Some(trip.uploaded_at),
        captured_at: Some(trip.captured_at(place)),
        time_source: "gps".to_owned(),
        lat_e7: Some(at.lat_e7),
        lon_e7: Some(at.lon_e7),
        position_source: "file".to_owned(),
        cell: Some(pass.cell),
        heading_deg: pass.heading_deg,
        accuracy_mm: Some(pass.accuracy_mm),
        trace_mm: trip.has_track.then(|| 500 + draw(number, 22) % 4_000),
        width: 4_032,
        height: 3_024,
        make: "Maker".to_owned(),
        model: format!("Model {}", draw(trip.number, 11) % 20),
        field_of_view_mdeg: Some(65_000),
        is_360: false,
        sha256,
        picture_sha256: random(1),
        pdq: random(2),
        pdq_quality: 60 + below(number, 23, 41),
        mean_milli: 90_000 + below(number, 24, 60_000),
        std_milli: 40_000 + below(number, 25, 30_000),
        dark_ppm: Ppm::new(below(number, 26, 50_000)),
        burnt_ppm: Ppm::new(below(number, 27, 50_000)),
        sharpness: Ppm::new(100_000 + below(number, 28, 150_000)),
        laplacian_milli: draw(number, 29) % 1_000_000,
        texture: draw(number, 30),
        quality_ppm: Ppm::ZERO,
        verdict: Verdict::Kept,
        reason: Reason::None,
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_path: None,
        duplicate_epoch: None,
        duplicate_first_by: String::new(),
        duplicate_bits: None,
        duplicate_mm: None,
        path,
    };
    let of_1000 = draw(number, 31) % 1_000;
    if of_1000 < 50 {
        image.sharpness = Ppm::new(below(number, 28, 10_000));
        image.decide(Finding::measured(
            Reason::Blurred,
            image.sharpness.parts().into(),
            10_000,
        ));
        (image.sequence, image.pass_id) = (None, None);
    } else if of_1000 < 50 + trip.duplicates_of_1000 {
        image.decide(Finding::measured(
            Reason::NearDuplicate,
            i64::from(below(number, 32, 31)),
            31,
        ));
    }
    image
}

/// What a cell is scored from: passes by their numbers, in order of upload, with their images.
fn cell_tables(passes: &[u64]) -> anyhow::Result<CellTables> {
    let mut tables = CellTables {
        demand_ppm: 1_000_000,
        region_ppm: 1_000_000,
        ..CellTables::default()
    };
    let mut first: Option<Original> = None;
    for number in passes {
        let trip = Trip::new(number / STEPS);
        let pass = pass(&trip, number % STEPS)?;
        for picture in 0..PICTURES {
            let mut image = image(&trip, &pass, number * PICTURES + picture);
            if image.verdict == Verdict::Duplicate {
                // Of a cell where nothing is kept before it, one of a neighbour that is made up.
                let bits = u32::try_from(image.measured.unwrap_or_default())?;
                let finding = Finding::measured(image.reason, bits.into(), 31);
                let path = "rider-00000/trip-elsewhere/0000.jpg".to_owned();
                let elsewhere = || Original {
                    image_id: Digest::of(path.as_bytes()),
                    path: path.clone(),
                    epoch: None,
                    first_by: "uploaded-at".to_owned(),
                    bits,
                    mm: None,
                };
                let original = first.clone().unwrap_or_else(elsewhere);
                let mm = Some(draw(*number, 40) % 12_000);
                image.repeats(&Original { bits, mm, ..original }, finding);
            } else if image.verdict == Verdict::Kept {
                first = Some(Original {
                    image_id: image.image_id,
                    path: image.path.clone(),
                    epoch: None,
                    first_by: "uploaded-at".to_owned(),
                    bits: 0,
                    mm: None,
                });
            }
            tables.images.push(image);
        }
        tables.passes.push(pass);
    }
    Ok(tables)
}

fn object_of(image: &Image) -> Object {
    Object {
        path: image.path.clone(),
        contributor: image.contributor.clone(),
        session: image.session.clone(),
        device: None,
        uploaded_at: image.uploaded_at,
        bytes: 2_000_000 + draw(image.texture, 50) % 2_000_000,
        sha256: Some(image.sha256),
        signature: String::new(),
        kind: "image".to_owned(),
        format: "JPEG".to_owned(),
        verdict: image.verdict,
        reason: image.reason,
        detail: String::new(),
        measured: image.measured,
        threshold: image.threshold,
        duplicate_of: image.duplicate_path.clone(),
        duplicate_epoch: None,
        images: 1,
        fixes: 0,
        kept_fixes: 0,
        private_images: 0,
        private_fixes: 0,
        captured_at: image.captured_at,
    }
}

fn trace_of(trip: &Trip) -> Object {
    let path = trip.trace_path();
    let (reason, original) = if trip.copied {
        let original = Trip::new(trip.number / 2).first_path();
        (Reason::CopiedTrack, Some(original))
    } else {
        (Reason::None, None)
    };
    Object {
        contributor: trip.contributor.clone(),
        session: trip.session.clone(),
        device: None,
        uploaded_at: Some(trip.uploaded_at),
        bytes: 6_000,
        sha256: Some(Digest::of(path.as_bytes())),
        signature: String::new(),
        kind: "trace".to_owned(),
        format: "GPX".to_owned(),
        verdict: reason.verdict(),
        reason,
        detail: String::new(),
        measured: None,
        threshold: None,
        duplicate_of: original,
        duplicate_epoch: None,
        images: 0,
        fixes: 60,
        kept_fixes: 60,
        private_images: 0,
        private_fixes: 0,
        captured_at: Some(trip.captured_at(STEPS * PICTURES - 1)),
        path,
    }
}

/// The files of a run as they are written.
pub struct Writer {
    store: Store,
    tables: BTreeMap<&'static str, TableRecord>,
    verdicts: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Writer {
    /// A run without a file yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            tables: BTreeMap::new(),
            verdicts: BTreeMap::new(),
        }
    }

    /// Writes the rows of a tile, or of the epoch.
    ///
    /// # Errors
    /// When two have one key, or the store fails.
    pub fn write<R: Publish>(&mut self, tile: Option<&str>, mut rows: Vec<R>) -> anyhow::Result<()> {
        sort_unique(&mut rows)?;
        let bytes = publish(&rows)?.bytes;
        let record = self.tables.entry(R::TABLE).or_insert_with(|| TableRecord {
            rows: 0,
            // Nobody audits it.
            digest: Digest::of(b""),
            files: Vec::new(),
        });
        record.rows += rows.len() as u64;
        record.files.push(FileRecord {
            path: tile.map_or_else(
                || format!("{}.parquet", R::TABLE),
                |tile| format!("{}/{tile}/part-0.parquet", R::TABLE),
            ),
            rows: rows.len() as u64,
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        });
        if let Some(file) = record.files.last() {
            self.store.put(&file.path, bytes)?;
        }
        Ok(())
    }

    /// Puts the manifest, which says how many objects of how many bytes in all were read.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish(self, policy: &Policy, (objects, bytes): (u64, u64)) -> anyhow::Result<()> {
        let tables = self.tables.into_iter();
        let mut manifest = Manifest {
            version: MANIFEST_VERSION,
            reward_epoch: "2026-W20".to_owned(),
            results_digest: Digest::of(b""),
            inputs: Inputs {
                objects,
                bytes,
                root: Digest::of(b""),
                epoch: "2026-W20".to_owned(),
                as_of: END,
                previous: Vec::new(),
                before: Vec::new(),
                demand: None,
                region: None,
                contributors: None,
                devices: None,
                zones: None,
                operator: None,
                adjustments: Vec::new(),
                adjusted: Vec::new(),
            },
            policy: PolicyRecord {
                digest: policy.digest(),
                resolved: policy.resolved(),
            },
            build: Build {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                kernels: kernels(),
            },
            tables: tables.map(|(name, table)| (name.to_owned(), table)).collect(),
            verdicts: self.verdicts,
            private: PrivateCounts::default(),
            pool: POOL,
            unallocated: 0,
        };
        manifest.results_digest = manifest.digest();
        self.store
            .put(MANIFEST, manifest_bytes(&manifest))
            .context("the manifest")
    }

    fn count(&mut self, table: &str, reasons: impl Iterator<Item = Reason>) {
        let counts = self.verdicts.entry(table.to_owned()).or_default();
        for reason in reasons {
            *counts.entry(counted_as(reason).to_owned()).or_default() += 1;
        }
    }
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
            let trip = Trip::new(trip);
            objects.extend(trip.has_track.then(|| trace_of(&trip)));
        }
        for (tile, cells) in self.tiles()? {
            let (mut images, mut passes) = (Vec::new(), Vec::new());
            let (mut coverage, mut standing) = (Vec::<Coverage>::new(), Vec::<Standing>::new());
            for (cell, numbers) in cells {
                let replayed = replay_cell(&policy, &epoch, cell, cell_tables(&numbers)?)?;
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
        let mut trips: Vec<Trip> = (0..self.images / (STEPS * PICTURES)).map(Trip::new).collect();
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
