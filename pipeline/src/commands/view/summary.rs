//! The key figures of an epoch.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::tables::{Coverage, Credit};
use serde_json::{Value, json};

use super::places::{Place, places};
use crate::published::{PublishedError, Run};
use crate::report::data::RewardView;
use crate::report::{rewards, verdicts};
use crate::views::map::MAP;

/// Contributors that are named without a search.
const TOP: usize = 10;
/// Places that are named.
const PLACES: usize = 24;

/// What is shown of an epoch before anything is asked about it.
#[derive(Debug)]
pub(super) struct Summary {
    rewards: Vec<RewardView>,
    resolution: u8,
    mean_score_ppm: u64,
    most_score_ppm: u32,
    most_contributors: u32,
    /// The largest sum of rewards in a cell of each resolution: where the scale of rewards ends.
    most_reward: BTreeMap<u8, u64>,
    places: Vec<Place>,
    has_map: bool,
}

impl Summary {
    pub(super) fn of(run: &Run) -> anyhow::Result<Self> {
        let objects = run.rows()?;
        let coverage = run.rows::<Coverage>()?;
        let cells = || coverage.iter().map(|row| row.cell);
        let sum = coverage
            .iter()
            .map(|row| u64::from(row.score_ppm.parts()))
            .sum::<u64>();
        let resolution = cells().next().map_or(0, |cell| u8::from(cell.h3().resolution()));
        let earned = earned(run)?;
        Ok(Self {
            rewards: rewards(run, &objects)?,
            resolution,
            mean_score_ppm: sum.checked_div(coverage.len() as u64).unwrap_or_default(),
            most_score_ppm: coverage
                .iter()
                .map(|row| row.score_ppm.parts())
                .max()
                .unwrap_or_default(),
            most_contributors: coverage
                .iter()
                .map(|row| row.contributors)
                .max()
                .unwrap_or_default(),
            places: places(cells().map(|cell| (cell, earned.get(&cell).copied().unwrap_or_default()))),
            most_reward: most_reward(earned, resolution),
            has_map: !run.store.look_up(&[MAP.to_owned()])?.is_empty(),
        })
    }

    /// Those who sent something, in order of reward.
    pub(super) fn by_reward(&self) -> Vec<&RewardView> {
        let mut views: Vec<_> = self.rewards.iter().collect();
        views.sort_by_key(|view| (Reverse(view.reward), Reverse(view.credit), &view.contributor));
        views
    }

    pub(super) fn json(&self, run: &Run) -> anyhow::Result<Value> {
        let manifest = &run.manifest;
        let tables = manifest.tables.iter();
        let rows: BTreeMap<_, _> = tables.map(|(name, table)| (name, table.rows)).collect();
        let by_reward = self.by_reward();
        let paid = by_reward.iter().filter(|view| view.reward > 0).count();
        let top: Vec<_> = by_reward.into_iter().take(TOP).collect();
        let most_reward = self.most_reward.iter();
        let most_reward: BTreeMap<_, _> = most_reward.map(|(r, most)| (r.to_string(), most)).collect();
        Ok(json!({
            "key": manifest.reward_epoch,
            "as_of": manifest.inputs.as_of.to_string(),
            "results_digest": manifest.results_digest.to_string(),
            "policy_digest": manifest.policy.digest.to_string(),
            "version": manifest.build.version,
            "pool": manifest.pool.to_string(),
            "unallocated": manifest.unallocated.to_string(),
            "objects": manifest.inputs.objects,
            "bytes": manifest.inputs.bytes,
            "private": manifest.private,
            "rows": rows,
            "verdicts": serde_json::to_value(verdicts(run))?,
            "contributors": self.rewards.len(),
            "paid": paid,
            "top": serde_json::to_value(top)?,
            "resolution": self.resolution,
            "mean_score_ppm": self.mean_score_ppm,
            "most_score_ppm": self.most_score_ppm,
            "most_contributors": self.most_contributors,
            "most_reward": most_reward,
            "places": serde_json::to_value(self.places.iter().take(PLACES).collect::<Vec<_>>())?,
            "places_total": self.places.len(),
            "has_map": self.has_map,
        }))
    }
}

/// What was earned in each cell, by all together.
fn earned(run: &Run) -> Result<BTreeMap<Cell, u64>, PublishedError> {
    let mut sums: BTreeMap<Cell, u64> = BTreeMap::new();
    for credit in run.stream::<Credit>() {
        let credit = credit?;
        let sum = sums.entry(credit.cell).or_default();
        *sum = sum.saturating_add(credit.reward);
    }
    Ok(sums)
}

fn most_reward(mut sums: BTreeMap<Cell, u64>, finest: u8) -> BTreeMap<u8, u64> {
    let mut most = BTreeMap::new();
    for level in (0..=finest).rev() {
        let Ok(coarser) = resolution(level.into()) else {
            continue;
        };
        let mut above: BTreeMap<Cell, u64> = BTreeMap::new();
        for (cell, reward) in sums {
            let sum = above.entry(cell.parent(coarser)).or_default();
            *sum = sum.saturating_add(reward);
        }
        most.insert(level, above.values().copied().max().unwrap_or_default());
        sums = above;
    }
    most
}
