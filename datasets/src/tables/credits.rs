//! Who earned what.

use crate::cell::Cell;
use crate::digest::Digest;
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
    /// What one contributor earned in the epoch and may claim (published). `reward + carried + adjustment` is
    /// `claim + debt`, always.
    Reward in "rewards", key (contributor: String) {
        /// Who earned it.
        contributor: String,
        /// The sum of the credits, in micro-credits.
        credit: u64,
        /// Its share of all credits, ppm, floored.
        weight_ppm: Ppm,
        /// The reward in units of the pool.
        reward: u64,
        /// What earlier epochs left owing, in units of the pool, 0 or below.
        carried: i64,
        /// Corrections of earlier epochs that this one applies, in units of the pool, outside of it; the table of adjustments has each.
        adjustment: i64,
        /// What the contributor may claim: reward, carried and adjustment together, or 0 where that is below 0.
        claim: u64,
        /// What is left owing and carries over to the next epoch: the same sum where it is below 0, else 0.
        debt: i64,
        /// Where it is paid to, when known.
        payout_address: Option<String>,
    }
}

table! {
    /// One signed correction of an earlier epoch that this one applies (published). The rows of a file hold all that
    /// its signature covers, so that it can be checked without the file.
    Adjustment in "adjustments", key (contributor: String, file: Digest, line: u32) {
        /// Whom it concerns.
        contributor: String,
        /// SHA-256 that names the signed file: over its canonical JSON without the signature.
        file: Digest,
        /// Its place in that file, from 1.
        line: u32,
        /// The epoch that is corrected.
        corrects_epoch: String,
        /// Digest of the results that are corrected.
        corrects_digest: Digest,
        /// Units of the pool that are given, or below 0 taken back.
        amount: i64,
        /// Why.
        reason: String,
        /// The Ed25519 public key of who signed the file, in base64.
        operator: String,
        /// The signature of the file, in base64.
        signature: String,
    }
}
