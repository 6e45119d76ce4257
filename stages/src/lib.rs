//! What Cairn's stages mean: pure functions of groups of rows.
//!
//! ```text
//! uploads ──► ingest ──► place ──► dedup ──► score ──► reward ──► emit
//!            (object)  (session)  (bucket,   (tile)    (tile,    (tile)
//!                                   tile)              epoch)
//!                              audit = the same functions again, compared
//! ```
//!
//! Sibling stages never import each other: they meet at the tables of `cairn_datasets`.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod alike;
pub mod attestation;
pub mod audit;
pub mod caught;
pub mod dedup;
pub mod ed25519;
pub mod emit;
pub mod geodesy;
pub mod groups;
pub mod history;
pub mod ingest;
pub mod kernel;
pub mod pdq;
pub mod place;
pub mod policy;
pub mod reward;
pub mod score;
pub mod time_zone;
pub mod trail;
pub mod trees;
