//! What the map says of a cell, and of a coarser one that stands for many.

use cairn_datasets::cell::Cell;
use cairn_datasets::tables::Coverage;
use cairn_datasets::units::Timestamp;
use h3o::Resolution;

/// A cell of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The cell.
    pub cell: Cell,
    /// Cells of the reward resolution that it stands for.
    pub cells: u32,
    /// Score, ppm; floored mean over those cells.
    pub score_ppm: u32,
    /// Quality, ppm; floored mean.
    pub quality_ppm: u32,
    /// Freshness, ppm; floored mean.
    pub freshness_ppm: u32,
    /// Confidence, ppm; floored mean.
    pub confidence_ppm: u32,
    /// Most filled direction slots in any of them.
    pub directions: u32,
    /// Most independent contributors in any of them.
    pub contributors: u32,
    /// Kept passes.
    pub passes: u64,
    /// Kept images.
    pub images: u64,
    /// What was paid for it, in units of the pool.
    pub reward: u64,
    /// The newest capture among the accepted passes.
    pub newest: Option<Timestamp>,
}

impl From<&Coverage> for Area {
    fn from(row: &Coverage) -> Self {
        Self {
            cell: row.cell,
            cells: 1,
            score_ppm: row.score_ppm.parts(),
            quality_ppm: row.quality_ppm.parts(),
            freshness_ppm: row.freshness_ppm.parts(),
            confidence_ppm: row.confidence_ppm.parts(),
            directions: row.directions,
            contributors: row.contributors,
            passes: row.passes.into(),
            images: row.images.into(),
            reward: 0,
            newest: row.newest_captured_at,
        }
    }
}

/// Adds to each cell what was paid for it: cells in their order, and payments in the order of theirs. A payment for a cell that is
/// not there is passed over.
pub fn pay(areas: &mut [Area], paid: impl IntoIterator<Item = (Cell, u64)>) {
    let mut areas = areas.iter_mut().peekable();
    for (cell, reward) in paid {
        while areas.next_if(|area| area.cell < cell).is_some() {}
        if let Some(area) = areas.peek_mut()
            && area.cell == cell
        {
            area.reward = area.reward.saturating_add(reward);
        }
    }
}

/// The cells of a resolution that stand for finer ones, both in their order. The children of a cell stand together.
#[must_use]
pub fn areas(finest: &[Area], resolution: Resolution) -> Vec<Area> {
    let parent = |area: &Area| area.cell.parent(resolution);
    finest
        .chunk_by(|a, b| parent(a) == parent(b))
        .filter_map(|children| Some(sum(parent(children.first()?), children)))
        .collect()
}

fn sum(cell: Cell, children: &[Area]) -> Area {
    let total = |of: fn(&Area) -> u64| children.iter().map(of).fold(0, u64::saturating_add);
    let most = |of: fn(&Area) -> u32| children.iter().map(of).max().unwrap_or(0);
    let count = total(|a| a.cells.into());
    // Of cells that stand for one each, as they do here, the mean is over the rows.
    let mean = |of: fn(&Area) -> u32| {
        let sum = children
            .iter()
            .map(|a| u64::from(of(a)) * u64::from(a.cells))
            .sum::<u64>();
        u32::try_from(sum / count.max(1)).unwrap_or(u32::MAX)
    };
    Area {
        cell,
        cells: u32::try_from(count).unwrap_or(u32::MAX),
        score_ppm: mean(|a| a.score_ppm),
        quality_ppm: mean(|a| a.quality_ppm),
        freshness_ppm: mean(|a| a.freshness_ppm),
        confidence_ppm: mean(|a| a.confidence_ppm),
        directions: most(|a| a.directions),
        contributors: most(|a| a.contributors),
        passes: total(|a| a.passes),
        images: total(|a| a.images),
        reward: total(|a| a.reward),
        newest: children.iter().filter_map(|a| a.newest).max(),
    }
}

#[cfg(test)]
#[path = "area_tests.rs"]
mod tests;
