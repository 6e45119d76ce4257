//! Rows to test with. Score has its own: stages do not import each other, in tests neither.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Credit, Pass};
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_datasets::verdict::{Reason, Verdict};

/// Some cells, near each other.
pub(super) fn cells() -> Vec<Cell> {
    "8b1fb46622dafff".parse::<Cell>().unwrap().with_ring()
}

/// A kept pass that gained something.
pub(super) fn pass(contributor: &str, cell: Cell, number: u32, gain: u32) -> Pass {
    let path = format!("{contributor}/{number:04}.gpx");
    let id = Digest::of_parts(&[path.as_bytes(), &cell.index().to_le_bytes()]);
    Pass {
        pass_id: id,
        contributor: contributor.into(),
        session: "monday".into(),
        sequence: id,
        cell,
        path,
        ordinal: 0,
        uploaded_at: None,
        start_at: Timestamp(0),
        end_at: Timestamp(0),
        heading_deg: None,
        fixes: 2,
        images: 0,
        accuracy_mm: 2_000,
        speed_mm_s: None,
        has_track: true,
        position_ppm: Ppm::ONE,
        image_ppm: Ppm::ONE,
        best_image: None,
        confirmation_ppm: Ppm::ONE,
        confirmed_by: "track-and-image".into(),
        quality_ppm: Ppm::ONE,
        integrity_ppm: Ppm::ONE,
        slot: Some(0),
        standing_ppm: Ppm::ZERO,
        gain_ppm: Ppm::new(gain),
        demand_ppm: 0,
        region_ppm: 0,
        credit: 0,
        verdict: Verdict::Kept,
        reason: Reason::None,
        measured: None,
        threshold: None,
        excess_ppm: None,
        noise_mm: None,
        noise_correlation_ppm: None,
        rails_mm: None,
        hdop_same_ppm: None,
        frozen_ms: None,
        clock_ms: None,
        trace_mm: None,
        two_places_mm: None,
        device: None,
        signature: String::new(),
        evidence: String::new(),
        duplicate_of: None,
        duplicate_sequence: None,
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
