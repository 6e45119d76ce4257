//! What the benches run on: files of the sample city, and rows made from nothing but a number.

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::city::{CityFile, CitySpec, city};
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Candidate, Coverage};
use cairn_datasets::units::{Position, Ppm, Timestamp};

/// A frame of the sample city with metadata: the first JPEG it makes.
#[must_use]
pub fn frame() -> Vec<u8> {
    first(".jpg")
}

/// A trace of the sample city: the first GPX it makes.
#[must_use]
pub fn trace() -> Vec<u8> {
    first(".gpx")
}

fn first(ending: &str) -> Vec<u8> {
    let found = city(&CitySpec::default()).find(|file: &CityFile| file.path.ends_with(ending));
    found.map(|file| file.bytes).unwrap_or_default()
}

/// A position on a spiral of some metres a step around a corner of Lund.
fn position(step: u64) -> Position {
    let step = i32::try_from(step % 1_000_000).unwrap_or_default();
    Position {
        lat_e7: 557_000_000 + step * 211,
        lon_e7: 131_900_000 + (step * 797) % 90_001,
    }
}

/// Candidates for near duplicates: hashes that differ in about half of their bits.
#[must_use]
pub fn candidates(count: u64) -> Vec<Candidate> {
    let Ok(eleven) = resolution(11) else {
        return Vec::new();
    };
    (0..count)
        .map(|step| {
            let name = format!("{step:08}");
            let (at, pdq) = (position(step / 8), Digest::of(name.as_bytes()));
            Candidate {
                image_id: Digest::of(name.as_bytes()),
                owned: true,
                cell: Cell::at(at, eleven),
                lat_e7: at.lat_e7,
                lon_e7: at.lon_e7,
                heading_deg: Some(0),
                pdq,
                pdq_quality: 100,
                pdq_dihedral: pdq.0.repeat(8),
                uploaded_at: Some(Timestamp(0)),
                contributor: "ada".to_owned(),
                path: name,
                ordinal: 0,
            }
        })
        .collect()
}

/// Coverage of so many different cells, in key order.
#[must_use]
pub fn coverage(count: u64) -> Vec<Coverage> {
    let Ok(eleven) = resolution(11) else {
        return Vec::new();
    };
    let mut cells: Vec<Cell> = (0..count)
        .map(|step| Cell::at(position(step * 7), eleven))
        .collect();
    cells.sort_unstable();
    cells.dedup();
    cells
        .into_iter()
        .map(|cell| Coverage {
            cell,
            score_ppm: Ppm::new(500_000),
            quality_ppm: Ppm::new(500_000),
            freshness_ppm: Ppm::ONE,
            confidence_ppm: Ppm::new(333_333),
            directions: 1,
            contributors: 1,
            passes: 1,
            images: 1,
            newest_captured_at: Some(Timestamp(0)),
            best_image: None,
        })
        .collect()
}
