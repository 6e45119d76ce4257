//! Names of the groups that rows are cut for. Every stage that writes or reads a group names it
//! through these, so that a round finds what the one before it left.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use h3o::Resolution;

/// The group of everything that has no position.
pub const NO_TILE: &str = "tile=none";

/// The group of objects that belong to another epoch.
pub const OUTSIDE: &str = "outside";

/// The group of the objects' last verdicts.
pub const OBJECTS: &str = "objects";

/// The group of everything that the whole epoch decides together.
pub const EPOCH: &str = "epoch";

/// The tile of a cell: its H3 parent at `resolution` (the cell itself when it is no finer), as
/// `tile=<h3 index in hex>`; [`NO_TILE`] without a cell.
///
/// ```
/// use cairn_datasets::cell::Cell;
/// use cairn_stages::groups::tile_group;
/// let cell: Cell = "8b1fb46622d8fff".parse().unwrap();
/// assert_eq!(tile_group(Some(cell), h3o::Resolution::Six), "tile=861fb4667ffffff");
/// assert_eq!(tile_group(None, h3o::Resolution::Six), "tile=none");
/// ```
#[must_use]
pub fn tile_group(cell: Option<Cell>, resolution: Resolution) -> String {
    cell.map_or_else(
        || NO_TILE.to_owned(),
        |cell| format!("tile={}", cell.parent(resolution)),
    )
}

/// The bucket of a digest among `buckets`, as `bucket=<n>`: equal digests meet in one bucket.
///
/// ```
/// use cairn_datasets::digest::Digest;
/// use cairn_stages::groups::bucket_group;
/// let digest = Digest([7; 32]);
/// assert_eq!(bucket_group(&digest, 1), "bucket=0");
/// assert_eq!(bucket_group(&digest, 64), bucket_group(&digest, 64));
/// ```
#[must_use]
pub fn bucket_group(digest: &Digest, buckets: u32) -> String {
    // The high bytes of a SHA-256 are as even as any; big-endian, so that buckets are ranges of
    // nothing in particular but the same on every machine.
    let head = digest
        .0
        .iter()
        .take(8)
        .fold(0_u64, |head, byte| head << 8 | u64::from(*byte));
    format!("bucket={}", head % u64::from(buckets.max(1)))
}

/// The bucket in which tracks that share a cell, or whose rows have the same digest, are held against
/// each other: as `tracks=<n>`, by the first bytes of a digest.
#[must_use]
pub fn tracks_group(digest: &Digest, buckets: u32) -> String {
    bucket_group(digest, buckets).replace("bucket=", "tracks=")
}

/// The bucket in which what a device sent is held against itself, as `devices=<n>`.
#[must_use]
pub fn devices_group(device: &str, buckets: u32) -> String {
    let digest = Digest::of_parts(&[b"device", device.as_bytes()]);
    bucket_group(&digest, buckets).replace("bucket=", "devices=")
}

/// The group of one session, as `session=<contributor>/<session>`.
///
/// A contributor's id has no `/` (O7), so no two sessions share a name.
#[must_use]
pub fn session_group(contributor: &str, session: &str) -> String {
    format!("session={contributor}/{session}")
}
