//! Names of the groups that rows are cut into for a later round.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use h3o::Resolution;

/// Prefix of the groups of tiles.
pub const TILE: &str = "tile=";

/// The tile of a cell: its parent at the resolution of the tiles; `tile=none` without a cell.
#[must_use]
pub fn tile_group(cell: Option<Cell>, tiles: Resolution) -> String {
    cell.map_or_else(
        || format!("{TILE}none"),
        |cell| format!("{TILE}{}", cell.parent(tiles)),
    )
}

/// The session: one folder of uploads of one contributor.
#[must_use]
pub fn session_group(contributor: &str, session: &str) -> String {
    format!("session={contributor}/{session}")
}

/// One of `buckets` groups in which equal digests meet.
#[must_use]
pub fn bucket_group(digest: &Digest, buckets: u32) -> String {
    let [a, b, c, d, ..] = digest.0;
    format!("bucket={:05}", u32::from_be_bytes([a, b, c, d]) % buckets.max(1))
}
