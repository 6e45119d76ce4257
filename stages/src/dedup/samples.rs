//! Images to test with.

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Candidate;
use cairn_datasets::units::{Position, Timestamp};

/// A picture whose hash has its first `bits` bits set, metres north of a corner of Lund.
pub(super) fn candidate(name: &str, bits: usize, metres_north: i32, uploaded_at: i64) -> Candidate {
    let mut hash = [0_u8; 32];
    for bit in 0..bits {
        hash[bit / 8] |= 1 << (bit % 8);
    }
    let position = Position {
        lat_e7: 557_000_000 + metres_north * 90,
        lon_e7: 131_900_000,
    };
    Candidate {
        image_id: Digest::of(name.as_bytes()),
        history: None,
        home: "tile=1".into(),
        cell: Cell::at(position, resolution(11).unwrap()),
        lat_e7: position.lat_e7,
        lon_e7: position.lon_e7,
        heading_deg: Some(10),
        pdq: Digest(hash),
        pdq_quality: 100,
        pdq_dihedral: hash.repeat(8),
        thumbnail: Vec::new(),
        sequence: None,
        uploaded_at: Some(Timestamp(uploaded_at)),
        contributor: "ada".into(),
        path: name.into(),
        ordinal: 0,
    }
}
