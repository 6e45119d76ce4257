//! A whole epoch worked out again, tile by tile.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::cell::Cell;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Image, Pass, Reward, Standing};
use cairn_stages::audit::replay::{CellTables, ReplayedCell, replay_cell};
use cairn_stages::kernel::StageError;
use cairn_stages::policy::Policy;
use cairn_stages::reward::apportion;
use rayon::prelude::*;

use super::{Left, gathered, start};
use crate::flow::kernels;
use crate::published::{PublishedError, Run};

/// What an epoch paid, and what it mapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payment {
    /// Micro-credits by contributor, of 0 too.
    pub credits: BTreeMap<String, u64>,
    /// Rewards by contributor, in units of the pool.
    pub rewards: BTreeMap<String, u64>,
    /// Units that nobody earned.
    pub unallocated: u64,
    /// Cells in which a pass was ever accepted: those that have a standing, faded or not.
    pub mapped: BTreeSet<Cell>,
}

impl Payment {
    /// What a run published.
    ///
    /// # Errors
    /// [`PublishedError`] when a file is missing or broken.
    pub fn published(run: &Run) -> Result<Self, PublishedError> {
        let rows = run.rows::<Reward>()?;
        Ok(Self {
            credits: rows
                .iter()
                .map(|row| (row.contributor.clone(), row.credit))
                .collect(),
            rewards: rows
                .iter()
                .map(|row| (row.contributor.clone(), row.reward))
                .collect(),
            unallocated: run.manifest.unallocated,
            mapped: run
                .rows::<Standing>()?
                .into_iter()
                .map(|slot| slot.cell)
                .collect(),
        })
    }
}

/// Whether this build scores and credits as the one that published a run: what is replayed with the run's own policy
/// is then what was published.
#[must_use]
pub fn scored_alike(run: &Run) -> bool {
    let deciding = |kernel: &&String| kernel.starts_with("score/") || kernel.starts_with("credit/");
    let ours = kernels();
    run.manifest
        .build
        .kernels
        .iter()
        .filter(deciding)
        .eq(ours.iter().filter(deciding))
}

/// Works a run out again by a policy, from its tables and what was left to it, oldest first. Gives what it would have
/// paid, and what it would have left to the next.
///
/// # Errors
/// When a file is missing or broken, or a sum leaves its range.
pub fn replay(run: &Run, policy: &Policy, left: &[&Left]) -> anyhow::Result<(Payment, Left)> {
    let epoch = super::epoch(run)?;
    let mut paid = Payment::default();
    let mut leaves = Left::default();
    for tile in tiles(run) {
        let standing = tile.rows::<Standing>(run)?;
        let mapped = standing.iter().map(|slot| slot.cell);
        let tables = gathered(tile.rows::<Pass>(run)?, tile.rows::<Image>(run)?, mapped);
        let replayed = replay_cells(policy, &epoch, tables, left)?;
        for cell in &replayed {
            for line in &cell.credits {
                let sum = paid.credits.entry(line.contributor.clone()).or_default();
                *sum = sum.checked_add(line.credit).ok_or_else(|| {
                    anyhow::anyhow!("the credit of `{}` leaves {}", line.contributor, u64::MAX)
                })?;
            }
            leaves.take(cell);
        }
        let slots = replayed.iter().flat_map(|cell| &cell.standing);
        paid.mapped.extend(slots.map(|slot| slot.cell));
    }
    let weights: Vec<(&String, u128)> = paid
        .credits
        .iter()
        .map(|(who, sum)| (who, u128::from(*sum)))
        .collect();
    let divided = apportion(run.manifest.pool, &weights)?;
    paid.rewards = weights
        .iter()
        .map(|(who, _)| (*who).clone())
        .zip(divided.rewards)
        .collect();
    paid.unallocated = divided.unallocated;
    Ok((paid, leaves))
}

/// Works some cells out again by a policy, from their tables and what was left to them, oldest first.
///
/// # Errors
/// When a credit leaves its range.
pub fn replay_cells(
    policy: &Policy,
    epoch: &Epoch,
    mut tables: BTreeMap<Cell, CellTables>,
    left: &[&Left],
) -> Result<Vec<ReplayedCell>, StageError> {
    for (cell, tables) in &mut tables {
        start(*cell, tables, left);
    }
    let cells: Vec<_> = tables.into_iter().collect();
    cells
        .into_par_iter()
        .map(|(cell, tables)| replay_cell(policy, epoch, cell, tables))
        .collect()
}

/// What a run left, all of it.
///
/// # Errors
/// [`PublishedError`] when a file is missing or broken.
pub fn left(run: &Run) -> Result<Left, PublishedError> {
    let mut left = Left::default();
    for tile in tiles(run) {
        left.add(
            &tile.rows::<Image>(run)?,
            &tile.rows::<Pass>(run)?,
            tile.rows::<Standing>(run)?,
        );
    }
    Ok(left)
}

/// The files of a tile, by table.
struct Tile<'a>(BTreeMap<&'static str, Vec<&'a FileRecord>>);

impl Tile<'_> {
    fn rows<R: Row>(&self, run: &Run) -> Result<Vec<R>, PublishedError> {
        let mut rows = Vec::new();
        for file in self.0.get(R::TABLE).into_iter().flatten() {
            rows.extend(run.file_rows::<R>(file, run.bytes(file)?.0)?);
        }
        Ok(rows)
    }
}

/// The tiles of a run. Rows that have no cell are in none of them.
fn tiles(run: &Run) -> Vec<Tile<'_>> {
    let mut tiles: BTreeMap<&str, Tile<'_>> = BTreeMap::new();
    for table in [Pass::TABLE, Image::TABLE, Standing::TABLE] {
        for file in run.files(table) {
            let tile = file.path.split('/').find_map(|part| part.strip_prefix("tile="));
            if let Some(tile) = tile.filter(|tile| *tile != "none") {
                let held = tiles.entry(tile).or_insert_with(|| Tile(BTreeMap::new()));
                held.0.entry(table).or_default().push(file);
            }
        }
    }
    tiles.into_values().collect()
}
