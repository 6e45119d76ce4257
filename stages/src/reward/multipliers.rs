//! Demand and region: what a cell is worth more or less than another.

use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::digest::Digest;

/// Multipliers by cell, in ppm of one; they may exceed a million. A cell that is not named has
/// the multiplier of its nearest coarser parent that is, else one.
///
/// ```
/// use cairn_datasets::cell::{Cell, resolution};
/// use cairn_stages::reward::Multipliers;
/// let cell: Cell = "8b1fb46622dafff".parse().unwrap();
/// let parent = cell.parent(resolution(8).unwrap());
/// let demand: Multipliers = [(parent, 1_500_000)].into_iter().collect();
/// assert_eq!(demand.at(cell), 1_500_000);
/// assert_eq!(Multipliers::default().at(cell), 1_000_000);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipliers(BTreeMap<Cell, u64>);

impl FromIterator<(Cell, u64)> for Multipliers {
    /// Of two values for a cell the later stands.
    fn from_iter<I: IntoIterator<Item = (Cell, u64)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Multipliers {
    /// One, in ppm.
    pub const ONE: u64 = 1_000_000;

    /// The multiplier of a cell, ppm.
    #[must_use]
    pub fn at(&self, cell: Cell) -> u64 {
        if self.0.is_empty() {
            return Self::ONE;
        }
        let finest = u8::from(cell.h3().resolution());
        (0..=finest)
            .rev()
            .filter_map(|level| resolution(u64::from(level)).ok())
            .find_map(|level| self.0.get(&cell.parent(level)).copied())
            .unwrap_or(Self::ONE)
    }

    /// SHA-256 over cells and values in order of the cells; equal tables have equal digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_mul(16));
        for (cell, ppm) in &self.0 {
            bytes.extend_from_slice(&cell.index().to_le_bytes());
            bytes.extend_from_slice(&ppm.to_le_bytes());
        }
        Digest::of(&bytes)
    }
}

#[cfg(test)]
#[path = "multipliers_tests.rs"]
mod tests;
