//! Rows to test with. Score has its own: stages do not import each other, in tests neither.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Credit, Pass};
use cairn_datasets::units::{Ppm, Timestamp};

/// Some cells, near each other.
pub(super) fn cells() -> Vec<Cell> {
    "8b1fb46622dafff".parse::<Cell>().unwrap().with_ring()
}

/// A kept pass that gained something.
pub(super) fn pass(contributor: &str, cell: Cell, number: u32, gain: u32) -> Pass {
    let path = format!("{contributor}/{number:04}.gpx");
    let id = Digest::of_parts(&[path.as_bytes(), &cell.index().to_le_bytes()]);
    Pass {
        session: "monday".into(),
        fixes: 2,
        accuracy_mm: 2_000,
        has_track: true,
        position_ppm: Ppm::ONE,
        image_ppm: Ppm::ONE,
        confirmation_ppm: Ppm::ONE,
        confirmed_by: "track-and-image".into(),
        quality_ppm: Ppm::ONE,
        slot: Some(0),
        gain_ppm: Ppm::new(gain),
        ..Pass::unjudged(id, contributor, id, cell, &path, Timestamp(0))
    }
}

/// A line that was not paid yet.
pub(super) fn line(contributor: &str, cell: Cell, credit: u64) -> Credit {
    Credit {
        contributor: contributor.into(),
        cell,
        credit,
        weight_ppm: Ppm::ZERO,
        reward: 0,
    }
}
