//! dedup: what has been seen already.
//!
//! Three kernels, since records meet in three ways. Equal digests (O6, D1, D2) meet in a bucket of
//! digests, wherever they were taken. Near duplicates (D4) meet in space: a tile decides about
//! its own images and holds them against those of the one-ring of cells around each, some of
//! which belong to the neighbouring tiles (the halo). So no verdict depends on the size of tiles.
//!
//! Tracks (D6) meet in the cells that are drawn for it, and by the digest of their rows.
//!
//! "Earlier" always means: before it in the one order ([`cairn_datasets::ids::Precedence`]) and
//! having passed O and I itself, kept or not.

mod copies;
mod near;
mod repeats;

pub use copies::{CopyKernel, copies, same_rows};
pub use near::{Match, NearKernel, near_duplicates};
pub use repeats::{RepeatKernel, repeats};
