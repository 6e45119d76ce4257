//! dedup: what has been seen already.
//!
//! Records meet in four ways. Equal digests (O6, D1, D2) meet in a bucket of digests, wherever they
//! were taken. Near duplicates (D4) meet in space: a tile decides about its own images and holds them
//! against those of the one-ring of cells around each, some of which belong to the neighbouring tiles
//! (the halo). What is still kept then is looked for among all images of the epoch and its history (D5).
//! So no verdict depends on the size of tiles.
//!
//! Tracks (D6) meet in the cells that are drawn for it, and by the digest of their rows.
//!
//! "Earlier" always means: before it in the one order ([`cairn_datasets::ids::Precedence`]) and
//! having passed O and I itself, kept or not.

mod copies;
pub mod hash_index;
mod near;
mod repeats;
mod reuse;
mod verdicts;

pub use copies::{CopyKernel, copies, same_rows};
pub use near::{Match, NearKernel, near_duplicates};
pub use repeats::{RepeatKernel, repeats};
pub use reuse::{ReuseKernel, reused};
pub use verdicts::VerdictKernel;

#[cfg(test)]
mod samples;
