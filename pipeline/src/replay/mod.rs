//! Published epochs, worked out again from their tables: what `explain`, `simulate` and `diff` ask with "what if".
//!
//! An epoch starts from what its history left, so a replay needs the runs that its manifest names. They are looked for
//! beside it, where `cairn run` puts the epochs of one output.

mod epoch;
mod left;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::{Epoch, EpochSpec};
use cairn_datasets::tables::{Image, Pass};
use cairn_stages::audit::replay::CellTables;
use cairn_stages::policy::Policy;
use cairn_stages::reward::Multipliers;
use tokio::runtime::Runtime;

use crate::published::{PublishedError, Run, Wanted};
use crate::store::Store;

pub use self::epoch::{Payment, left, replay, replay_cells, scored_alike};
pub use self::left::Left;
pub use self::what_if::{Outcome, WhatIf};

/// An epoch of the history that is in no place that was looked at.
#[derive(Debug, thiserror::Error)]
#[error(
    "{epoch} started from an epoch with the result digest {digest}, and no run here has it; name it with --previous"
)]
pub struct MissingHistory {
    /// The epoch that started from it.
    pub epoch: String,
    /// The digest of its results.
    pub digest: Digest,
}

/// The policy that a run went by.
///
/// # Errors
/// When its manifest holds none that this build reads.
pub fn policy(run: &Run) -> anyhow::Result<Policy> {
    serde_json::from_value(run.manifest.policy.resolved.clone()).context("the policy in the manifest")
}

/// The epoch of a run as the stages saw it.
///
/// # Errors
/// When its manifest names none.
pub fn epoch(run: &Run) -> anyhow::Result<Epoch> {
    let spec: EpochSpec = run.manifest.inputs.epoch.parse()?;
    Ok(Epoch {
        name: run.manifest.reward_epoch.clone(),
        end: run.manifest.inputs.as_of,
        any_age: spec == EpochSpec::All,
    })
}

/// The runs that a run started from, oldest first: those among `previous`, and those beside it.
///
/// # Errors
/// [`MissingHistory`] when one is in neither place; else when one that is named cannot be read.
pub fn history(run: &Run, previous: &[String], runtime: &Arc<Runtime>) -> anyhow::Result<Vec<Run>> {
    let wanted = &run.manifest.inputs.previous;
    let mut found: BTreeMap<Digest, Run> = BTreeMap::new();
    for location in previous {
        let run = Run::open(location, runtime)?;
        found.insert(run.manifest.results_digest, run);
    }
    if wanted.iter().any(|digest| !found.contains_key(digest)) {
        for run in beside(run, runtime) {
            found.entry(run.manifest.results_digest).or_insert(run);
        }
    }
    let take = |digest: &Digest| {
        found.remove(digest).ok_or_else(|| MissingHistory {
            epoch: run.manifest.reward_epoch.clone(),
            digest: *digest,
        })
    };
    Ok(wanted.iter().map(take).collect::<Result<_, _>>()?)
}

/// The other epochs of the output that a run lies in. What cannot be looked at is not there.
fn beside(run: &Run, runtime: &Arc<Runtime>) -> Vec<Run> {
    let Some((output, own)) = run.store.location().trim_end_matches('/').rsplit_once('/') else {
        return Vec::new();
    };
    let Ok(store) = Store::open(output, runtime) else {
        return Vec::new();
    };
    let folders = store.folders().unwrap_or_default();
    let epochs = folders
        .into_iter()
        .filter(|folder| folder.starts_with("reward_epoch=") && folder != own);
    epochs
        .filter_map(|folder| Run::open(&format!("{output}/{folder}"), runtime).ok())
        .collect()
}

/// What some cells of a run were worked out from: its own tables there, and what was `left` to it, oldest first.
///
/// # Errors
/// [`PublishedError`] when a file is missing or broken.
pub fn tables(
    run: &Run,
    left: &[&Left],
    cells: &BTreeSet<Cell>,
) -> Result<BTreeMap<Cell, CellTables>, PublishedError> {
    let wanted = Wanted::cells(cells.iter().copied());
    let (passes, images) = (run.find::<Pass>(&wanted)?, run.find::<Image>(&wanted)?);
    let mut tables = gathered(passes, images, cells.iter().copied());
    for (cell, tables) in &mut tables {
        start(*cell, tables, left);
    }
    Ok(tables)
}

fn nothing() -> CellTables {
    CellTables {
        demand_ppm: Multipliers::ONE,
        region_ppm: Multipliers::ONE,
        ..CellTables::default()
    }
}

/// Passes and images by cell, with cells that have neither.
pub fn gathered(
    passes: Vec<Pass>,
    images: Vec<Image>,
    further: impl IntoIterator<Item = Cell>,
) -> BTreeMap<Cell, CellTables> {
    let mut cells: BTreeMap<Cell, CellTables> = BTreeMap::new();
    for pass in passes {
        let tables = cells.entry(pass.cell).or_insert_with(nothing);
        (tables.demand_ppm, tables.region_ppm) = (pass.demand_ppm, pass.region_ppm);
        tables.passes.push(pass);
    }
    for image in images {
        if let Some(cell) = image.cell {
            cells.entry(cell).or_insert_with(nothing).images.push(image);
        }
    }
    for cell in further {
        cells.entry(cell).or_insert_with(nothing);
    }
    cells
}

/// Fills in what the history left in a cell: the standing of the latest epoch that has any there, and all witnesses.
fn start(cell: Cell, tables: &mut CellTables, left: &[&Left]) {
    for (history, left) in (0_u32..).zip(left) {
        if let Some(standing) = left.standing.get(&cell) {
            tables.standing.clone_from(standing);
        }
        tables.witnesses.extend(left.witnesses(cell, history));
    }
}
