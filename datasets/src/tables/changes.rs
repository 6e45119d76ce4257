//! How the map of one epoch differs from that of the epoch before.

use crate::cell::Cell;
use crate::table::table;
use crate::units::Ppm;

table! {
    /// What became of one cell or one image of the map (a view: it follows from two published epochs).
    Change in "changes", key (theme: String, cell: Option<Cell>, id: String) {
        /// `coverage`: the cell itself; `images`: an image in it.
        theme: String,
        /// The H3 cell at the reward resolution.
        cell: Option<Cell>,
        /// The cell in hexadecimal, or the image's id.
        id: String,
        /// `added`, `removed`, `changed` or `unchanged`.
        change: String,
        /// The columns of its table that differ, with commas between; empty unless `changed`.
        columns: String,
        /// The cell's score, or the image's quality, in the epoch before, ppm; null when it was added.
        before_ppm: Option<Ppm>,
        /// The same in this epoch, ppm; null when it was removed.
        after_ppm: Option<Ppm>,
    }
}
