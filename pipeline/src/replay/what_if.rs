//! What would have been paid, had something stood in nobody's way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::tables::{Pass, Reward, TRACK_AND_IMAGE};
use cairn_stages::audit::replay::{CellTables, Waiver, agrees, replay_cell, waive};
use cairn_stages::policy::Policy;
use cairn_stages::reward::apportion;
use tokio::runtime::Runtime;

use super::{Left, tables};
use crate::published::{PublishedError, Run, Wanted};

/// What somebody was paid, and would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// Credit of the whole epoch, in micro-credits, as published.
    pub credit: u64,
    /// The same, had it been otherwise.
    pub credit_without: u64,
    /// The reward, in units of the pool, as published.
    pub reward: u64,
    /// The same, had it been otherwise.
    pub reward_without: u64,
}

/// A run in which questions are asked. Cells are read when they are first asked about.
pub struct WhatIf<'a> {
    run: &'a Run,
    policy: Policy,
    epoch: Epoch,
    history: Vec<Run>,
    cells: BTreeMap<Cell, CellTables>,
    rewards: Vec<Reward>,
}

impl<'a> WhatIf<'a> {
    /// A run with the runs that it started from, which are looked for among `previous` and beside it.
    ///
    /// # Errors
    /// [`super::MissingHistory`] when one is in neither place, else when something cannot be read.
    pub fn new(run: &'a Run, previous: &[String], runtime: &Arc<Runtime>) -> anyhow::Result<Self> {
        Ok(Self {
            run,
            policy: super::policy(run)?,
            epoch: super::epoch(run)?,
            history: super::history(run, previous, runtime)?,
            cells: BTreeMap::new(),
            rewards: run.rows::<Reward>()?,
        })
    }

    /// The policy of the run.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether what a cell without passes is worth is known: its demand is published with its passes.
    fn demand_is_known(&self, tables: &CellTables) -> bool {
        let inputs = &self.run.manifest.inputs;
        !tables.passes.is_empty() || (inputs.demand.is_none() && inputs.region.is_none())
    }

    /// What a cell was worked out from.
    ///
    /// # Errors
    /// [`PublishedError`] when a file is missing or broken.
    pub fn cell(&mut self, cell: Cell) -> Result<&CellTables, PublishedError> {
        self.read(&BTreeSet::from([cell]))?;
        Ok(self.cells.entry(cell).or_default())
    }

    fn read(&mut self, cells: &BTreeSet<Cell>) -> Result<(), PublishedError> {
        let unread: BTreeSet<Cell> = cells
            .iter()
            .filter(|cell| !self.cells.contains_key(cell))
            .copied()
            .collect();
        if unread.is_empty() {
            return Ok(());
        }
        let wanted = Wanted::cells(unread.iter().copied());
        let left: Vec<Left> = self
            .history
            .iter()
            .map(|run| Left::of(run, &wanted))
            .collect::<Result<_, _>>()?;
        let left: Vec<&Left> = left.iter().collect();
        self.cells.extend(tables(self.run, &left, &unread)?);
        Ok(())
    }

    /// What a contributor would have been paid, had some findings been set aside, each about a record of a cell.
    /// `None` where that cannot be known, because the demand of a cell without passes is not published.
    ///
    /// # Errors
    /// When something cannot be read, or a credit leaves `u64`.
    pub fn outcome(
        &mut self,
        contributor: &str,
        waivers: &[(Cell, Waiver)],
    ) -> anyhow::Result<Option<Outcome>> {
        let mut waived: BTreeMap<Cell, Vec<Waiver>> = BTreeMap::new();
        for (cell, waiver) in waivers {
            waived.entry(*cell).or_default().push(*waiver);
        }
        self.read(&waived.keys().copied().collect())?;
        for sequence in self.confirmed(&waived) {
            for pass in self
                .run
                .find::<Pass>(&Wanted::text("sequence", sequence.to_string()))?
            {
                waived
                    .entry(pass.cell)
                    .or_default()
                    .push(Waiver::Sequence(sequence));
            }
        }
        self.read(&waived.keys().copied().collect())?;
        let mut changes: BTreeMap<String, i128> = BTreeMap::new();
        for (cell, waivers) in &waived {
            let mut tables = self.cells.get(cell).cloned().unwrap_or_default();
            if !self.demand_is_known(&tables) {
                return Ok(None);
            }
            for pass in &tables.passes {
                *changes.entry(pass.contributor.clone()).or_default() -= i128::from(pass.credit);
            }
            for waiver in waivers {
                waive(&self.policy, &mut tables, *waiver);
            }
            for line in replay_cell(&self.policy, &self.epoch, *cell, tables)?.credits {
                *changes.entry(line.contributor).or_default() += i128::from(line.credit);
            }
        }
        self.paid(contributor, &changes).map(Some)
    }

    /// The sequences that become confirmed by images that are kept after all (P6), here and where else they have passes.
    fn confirmed(&self, waived: &BTreeMap<Cell, Vec<Waiver>>) -> BTreeSet<Digest> {
        let mut sequences = BTreeSet::new();
        for (cell, waivers) in waived {
            let Some(published) = self.cells.get(cell) else {
                continue;
            };
            for waiver in waivers {
                let Waiver::Image(id) = waiver else { continue };
                let mut tables = published.clone();
                waive(&self.policy, &mut tables, *waiver);
                let image = tables.images.iter().find(|image| image.image_id == *id);
                let confirming = image.filter(|image| agrees(&self.policy, image));
                let before = |sequence: &Digest| {
                    let mut passes = published.passes.iter();
                    passes.any(|pass| pass.sequence == *sequence && pass.confirmed_by == TRACK_AND_IMAGE)
                };
                sequences.extend(
                    confirming
                        .and_then(|image| image.sequence)
                        .filter(|sequence| !before(sequence)),
                );
            }
        }
        sequences
    }

    /// R5 again, with changed credits.
    fn paid(&self, contributor: &str, changes: &BTreeMap<String, i128>) -> anyhow::Result<Outcome> {
        let mut credits: BTreeMap<&str, u64> = self
            .rewards
            .iter()
            .map(|row| (row.contributor.as_str(), row.credit))
            .collect();
        let published = self.rewards.iter().find(|row| row.contributor == contributor);
        let (credit, reward) = published.map_or((0, 0), |row| (row.credit, row.reward));
        for (who, change) in changes {
            let held = credits.entry(who).or_default();
            *held = u64::try_from(i128::from(*held) + change).with_context(|| {
                format!("the credits of `{who}` in passes and rewards do not agree; `cairn audit` says where")
            })?;
        }
        let weights: Vec<(&str, u128)> = credits
            .iter()
            .map(|(who, credit)| (*who, u128::from(*credit)))
            .collect();
        let divided = apportion(self.run.manifest.pool, &weights)?;
        let place = weights.iter().position(|(who, _)| *who == contributor);
        Ok(Outcome {
            credit,
            credit_without: credits.get(contributor).copied().unwrap_or_default(),
            reward,
            reward_without: place
                .and_then(|place| divided.rewards.get(place))
                .copied()
                .unwrap_or_default(),
        })
    }
}
