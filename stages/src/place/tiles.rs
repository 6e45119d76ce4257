//! Which tiles an image goes to.
//!
//! A tile owns the images whose reward cell has it as its H3 parent. Near duplicates (D4) are
//! looked for in the one-ring around an image's dedup cell, so an image is also shown to every
//! other tile that can own an image there. That set follows from cells alone: with any tile
//! resolution each tile sees all that its own images must be held against.

use std::collections::BTreeSet;

use cairn_datasets::cell::Cell;
use cairn_datasets::units::Position;
use h3o::Resolution;

use crate::groups::tile_group;

/// The resolutions that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Of the tiles.
    pub tile: Resolution,
    /// Of the reward cells.
    pub cell: Resolution,
    /// Of the dedup cells.
    pub dedup: Resolution,
}

impl Tiling {
    /// The groups of the tiles, its own aside, that can own an image in the one-ring around an
    /// image's dedup cell.
    #[must_use]
    pub fn halo(self, position: Position) -> BTreeSet<String> {
        let home = tile_group(Some(Cell::at(position, self.cell)), self.tile);
        let mut tiles: BTreeSet<Cell> = BTreeSet::new();
        for cell in Cell::at(position, self.dedup).with_ring() {
            tiles.extend(self.owners(cell));
        }
        let mut groups: BTreeSet<String> = tiles
            .into_iter()
            .map(|tile| tile_group(Some(tile), self.tile))
            .collect();
        groups.remove(&home);
        groups
    }

    /// The tiles that can own an image in a dedup cell.
    ///
    /// With one resolution for dedup and reward, the usual case, that is the cell's parent.
    /// Otherwise a point's dedup cell and reward cell need not share their parents, since H3's
    /// children lie only roughly inside of their parent: then the neighbours are taken along.
    fn owners(self, cell: Cell) -> Vec<Cell> {
        if self.dedup == self.cell {
            return vec![cell.parent(self.tile)];
        }
        // A tile is never finer than a reward cell.
        let tile = self.tile.min(self.cell);
        if tile <= self.dedup {
            return cell.parent(tile).with_ring();
        }
        let children = cell.h3().children(tile).map(Cell::from);
        children.flat_map(Cell::with_ring).collect()
    }
}

#[cfg(test)]
#[path = "tiles_tests.rs"]
mod tests;
