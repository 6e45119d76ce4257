//! R6: a contributor's reward, line by line.
//!
//! # Law
//! The line items of a contributor add up to the reward, exactly.

use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{Credit, Reward};
use cairn_datasets::units::Ppm;
use serde_json::{Value, json};

use super::{apportion, share_ppm};
use crate::groups::tile_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};

/// Splits rewards over credits: reads the `credits` of some contributors, all cells of each, and
/// `rewards` with the rows of at least those contributors; writes the `credits` with weight and
/// reward, for the tiles that their cells lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitKernel {
    /// H3 resolution of the tiles. It decides which files rows go to, and nothing about them.
    pub tile_resolution: u64,
}

impl SplitKernel {
    /// Its name and version.
    pub const ID: &'static str = "split/1";
}

impl GroupKernel for SplitKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> Value {
        json!({ "tile_resolution": self.tile_resolution })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let fault = |source| StageError::Table {
            kernel: Self::ID,
            group: group.to_owned(),
            source,
        };
        let tiles = resolution(self.tile_resolution)?;
        let credits = tables.rows::<Credit>().map_err(fault)?;
        let rewards = tables.rows::<Reward>().map_err(fault)?;
        let rows = line_items(credits, &rewards)?;
        Cut::by_group(
            rows.into_iter()
                .map(|row| (tile_group(Some(row.cell), tiles), row)),
        )
        .map_err(fault)
    }
}

/// Splits the rewards of some contributors over their credits, by the rule of R5 with the cell as
/// the key: ties go to the smaller cell. The weight is the line's share of the contributor's
/// whole credit, floored. Rows come back by contributor, then by cell.
///
/// # Errors
/// [`StageError::Rows`] when a contributor has no reward row, when the credits do not add up to
/// the credit that the reward was paid for, or when the same line stands twice.
pub fn line_items(credits: Vec<Credit>, rewards: &[Reward]) -> Result<Vec<Credit>, StageError> {
    let rewards: BTreeMap<&str, &Reward> = rewards.iter().map(|r| (r.contributor.as_str(), r)).collect();
    let mut by_contributor: BTreeMap<String, Vec<Credit>> = BTreeMap::new();
    for credit in credits {
        let rows = by_contributor.entry(credit.contributor.clone()).or_default();
        rows.push(credit);
    }
    let mut lines = Vec::new();
    for (contributor, mut rows) in by_contributor {
        let reward = rewards
            .get(contributor.as_str())
            .ok_or_else(|| contract(format!("has credits of `{contributor}`, who has no reward row")))?;
        split(&mut rows, reward)?;
        lines.append(&mut rows);
    }
    Ok(lines)
}

/// Splits one contributor's reward over all of its credits.
fn split(rows: &mut [Credit], reward: &Reward) -> Result<(), StageError> {
    cairn_datasets::table::sort_unique(rows)?;
    let lines: Vec<(Cell, u64)> = rows.iter().map(|row| (row.cell, row.credit)).collect();
    let whole: u128 = lines.iter().map(|(_, credit)| u128::from(*credit)).sum();
    if whole != u128::from(reward.credit) {
        let (id, paid) = (&reward.contributor, reward.credit);
        let what = format!("adds up to {whole} for `{id}`, whose reward was paid for {paid}");
        return Err(contract(what));
    }
    let divided = split_reward(reward.reward, &lines)?;
    if divided.unallocated > 0 {
        let (id, units) = (&reward.contributor, divided.unallocated);
        return Err(contract(format!(
            "is 0 for `{id}`, who was given a reward of {units}"
        )));
    }
    for (row, (weight, reward)) in rows.iter_mut().zip(divided.lines) {
        (row.weight_ppm, row.reward) = (weight, reward);
    }
    Ok(())
}

/// A reward, divided over lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitReward {
    /// Weight and reward of each line, in the order of the lines.
    pub lines: Vec<(Ppm, u64)>,
    /// What no line gets: all of it where no credit is above 0.
    pub unallocated: u64,
}

/// Divides a reward over the cells that it was earned in and the micro-credits of each, by the rule of R5.
///
/// # Errors
/// [`StageError::Overflow`] when the credits leave `u128`.
pub fn split_reward(reward: u64, lines: &[(Cell, u64)]) -> Result<SplitReward, StageError> {
    let weights: Vec<(Cell, u128)> = lines
        .iter()
        .map(|(cell, credit)| (*cell, u128::from(*credit)))
        .collect();
    let whole = weights.iter().map(|(_, weight)| weight).sum();
    let divided = apportion::apportion(reward, &weights)?;
    let shares = lines.iter().map(|(_, credit)| share_ppm(*credit, whole));
    Ok(SplitReward {
        lines: shares.zip(divided.rewards).collect(),
        unallocated: divided.unallocated,
    })
}

fn contract(what: String) -> StageError {
    StageError::Rows(TableError::Column {
        column: "credit".to_owned(),
        what,
    })
}

#[cfg(test)]
#[path = "line_items_tests.rs"]
mod tests;
