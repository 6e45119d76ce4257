//! Who earned what.

use crate::cell::Cell;
use crate::table::table;
use crate::units::Ppm;

table! {
    /// One contributor's credit in one cell (published).
    Credit in "credits", key (cell: Cell, contributor: String) {
        /// Who earned it.
        contributor: String,
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// The sum of the passes' credits, in micro-credits.
        credit: u64,
        /// Its share of the contributor's whole credit, ppm, floored.
        weight_ppm: Ppm,
        /// Its part of the contributor's reward, in units of the pool.
        reward: u64,
    }
}

table! {
    /// What the contributors earned in one tile (work table).
    Share in "shares", key (contributor: String) {
        /// Who earned it.
        contributor: String,
        /// The sum over the tile, in micro-credits.
        credit: u64,
    }
}

table! {
    /// One contributor's reward of the epoch (published).
    Reward in "rewards", key (contributor: String) {
        /// Who earned it.
        contributor: String,
        /// The sum of the credits, in micro-credits.
        credit: u64,
        /// Its share of all credits, ppm, floored.
        weight_ppm: Ppm,
        /// The reward in units of the pool.
        reward: u64,
        /// Corrections of earlier epochs, outside of the pool.
        adjustment: i64,
        /// Where it is paid to, when known.
        payout_address: Option<String>,
    }
}
