//! What a map shows, read from published tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use cairn_datasets::cell::Cell;
use cairn_datasets::codec::parquet;
use cairn_datasets::column::Column;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::{Row, TableError};
use cairn_datasets::tables::{Coverage, Credit, Image};
use cairn_datasets::units::{Position, Ppm, Timestamp};
use cairn_datasets::verdict::Verdict;
use cairn_stages::emit::map::{Area, Photo, pay};
use rayon::prelude::*;

use super::{Content, MapError};
use crate::published::{PublishedError, Run};

impl Content {
    /// What a run published about the cells that are wanted.
    ///
    /// # Errors
    /// [`MapError::Published`] when a file is missing or broken.
    pub fn of(run: &Run, wanted: impl Fn(Cell) -> bool + Sync) -> Result<Self, MapError> {
        let mut areas = each(run, Coverage::TABLE, |batch| {
            let rows = Coverage::from_batch(&batch)?;
            Ok(rows
                .iter()
                .filter(|row| wanted(row.cell))
                .map(Area::from)
                .collect())
        })?;
        areas.sort_by_key(|area: &Area| area.cell);
        let mut paid = each(run, Credit::TABLE, |batch| {
            let cells = column::<Cell>(&batch, "cell")?;
            Ok(cells.into_iter().zip(column::<u64>(&batch, "reward")?).collect())
        })?;
        paid.sort_by_key(|(cell, _)| *cell);
        pay(&mut areas, paid);
        let mut photos = each(run, Image::TABLE, |batch| {
            let mut photos = photos(&batch)?;
            photos.retain(|photo| wanted(photo.cell));
            Ok(photos)
        })?;
        photos.sort_by_key(|photo| (photo.cell, photo.image_id));
        Ok(Self {
            reward_epoch: run.manifest.reward_epoch.clone(),
            results_digest: run.manifest.results_digest.to_string(),
            areas,
            photos,
        })
    }
}

/// Every file of a table, read on all threads and one after the other in their order.
fn each<T: Send>(
    run: &Run,
    table: &str,
    rows: impl Fn(RecordBatch) -> Result<Vec<T>, TableError> + Sync,
) -> Result<Vec<T>, MapError> {
    let read = |file: &FileRecord| {
        let (bytes, _) = run.bytes(file)?;
        let batch = parquet::read_columns(bytes, &COLUMNS);
        batch.and_then(&rows).map_err(|source| PublishedError::File {
            path: file.path.clone(),
            source,
        })
    };
    let files: Vec<Vec<T>> = run.files(table).par_iter().map(read).collect::<Result<_, _>>()?;
    Ok(files.into_iter().flatten().collect())
}

/// The columns that a map is made of, in whatever table.
const COLUMNS: [&str; 19] = [
    "cell",
    "score_ppm",
    "quality_ppm",
    "freshness_ppm",
    "confidence_ppm",
    "directions",
    "contributors",
    "passes",
    "images",
    "newest_captured_at",
    "best_image",
    "reward",
    "image_id",
    "contributor",
    "captured_at",
    "lat_e7",
    "lon_e7",
    "heading_deg",
    "verdict",
];

fn column<T: Column>(batch: &RecordBatch, name: &'static str) -> Result<Vec<T>, TableError> {
    let column = batch.column_by_name(name).ok_or_else(|| TableError::Column {
        column: name.to_owned(),
        what: "is not there".to_owned(),
    })?;
    T::read(name, column)
}

/// The kept images of a file.
fn photos(batch: &RecordBatch) -> Result<Vec<Photo>, TableError> {
    let ids = column::<Digest>(batch, "image_id")?;
    let mut names: BTreeMap<String, Arc<str>> = BTreeMap::new();
    let mut contributors = column::<String>(batch, "contributor")?.into_iter();
    let mut captured = column::<Option<Timestamp>>(batch, "captured_at")?.into_iter();
    let mut qualities = column::<Ppm>(batch, "quality_ppm")?.into_iter();
    let mut headings = column::<Option<u32>>(batch, "heading_deg")?.into_iter();
    let mut lats = column::<Option<i32>>(batch, "lat_e7")?.into_iter();
    let mut lons = column::<Option<i32>>(batch, "lon_e7")?.into_iter();
    let mut cells = column::<Option<Cell>>(batch, "cell")?.into_iter();
    let mut verdicts = column::<Verdict>(batch, "verdict")?.into_iter();
    let mut photos = Vec::new();
    for image_id in ids {
        // All columns of a batch are of one length.
        let (Some(contributor), Some(captured_at), Some(quality_ppm), Some(heading_deg), Some(verdict)) = (
            contributors.next(),
            captured.next(),
            qualities.next(),
            headings.next(),
            verdicts.next(),
        ) else {
            break;
        };
        let at = lats.next().flatten().zip(lons.next().flatten());
        let position = at.and_then(|(lat, lon)| Position::new(lat, lon));
        let placed = position.zip(cells.next().flatten());
        let (Verdict::Kept, Some((position, cell))) = (verdict, placed) else {
            continue;
        };
        let contributor = names
            .entry(contributor)
            .or_insert_with_key(|name| name.as_str().into());
        photos.push(Photo {
            image_id,
            position,
            contributor: Arc::clone(contributor),
            captured_at,
            quality_ppm,
            heading_deg,
            cell,
        });
    }
    Ok(photos)
}
