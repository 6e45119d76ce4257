//! Distances between PDQ hashes (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ
//! Image-Hashing Algorithm", 2019), in bits of 256.

use cairn_datasets::digest::Digest;

/// Bits of a PDQ hash: the largest distance there is.
pub const BITS: u32 = 256;

/// Hamming distance of two hashes, 0 to 256 bits.
///
/// ```
/// use cairn_datasets::digest::Digest;
/// assert_eq!(cairn_stages::pdq::distance(&Digest([0; 32]), &Digest([1; 32])), 32);
/// ```
#[must_use]
pub fn distance(a: &Digest, b: &Digest) -> u32 {
    apart(&a.0, &b.0)
}

/// The least distance between `other` and the hashes of a picture turned and mirrored, 32 bytes
/// each, in bits; [`BITS`] when there is none.
///
/// ```
/// use cairn_datasets::digest::Digest;
/// let mut dihedral = vec![0xff; 32];
/// dihedral.extend([0x0f; 32]);
/// assert_eq!(cairn_stages::pdq::least_distance(&dihedral, &Digest([0; 32])), 128);
/// assert_eq!(cairn_stages::pdq::least_distance(&[], &Digest([0; 32])), 256);
/// ```
#[must_use]
pub fn least_distance(dihedral: &[u8], other: &Digest) -> u32 {
    let (hashes, _) = dihedral.as_chunks();
    hashes
        .iter()
        .map(|hash| apart(hash, &other.0))
        .min()
        .unwrap_or(BITS)
}

fn apart(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    let (a, b) = (a.as_chunks().0, b.as_chunks().0);
    let words = a.iter().zip(b);
    words
        .map(|(a, b)| (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b)).count_ones())
        .sum()
}
