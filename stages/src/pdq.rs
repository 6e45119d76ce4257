//! Distances between PDQ hashes.

use cairn_datasets::digest::Digest;

/// Bits in which two hashes differ, 0 to 256.
#[must_use]
pub fn distance(a: &Digest, b: &Digest) -> u32 {
    bits(&a.0, &b.0)
}

/// The least distance of the eight dihedral hashes of one picture (32 bytes each) to the hash of
/// another; 256 when there are none.
#[must_use]
pub fn least_distance(dihedral: &[u8], other: &Digest) -> u32 {
    dihedral
        .chunks_exact(32)
        .map(|hash| bits(hash, &other.0))
        .min()
        .unwrap_or(256)
}

fn bits(a: &[u8], b: &[u8]) -> u32 {
    a.iter().zip(b).map(|(x, y)| (x ^ y).count_ones()).sum()
}
