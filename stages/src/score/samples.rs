//! Rows to test with: plain ones, of which a test changes what it is about.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::tables::{Image, Pass};
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_datasets::verdict::{Reason, Verdict};

pub(crate) const HOUR: i64 = 3_600_000;

/// The end of the epoch.
pub(crate) const END: Timestamp = Timestamp(20_000 * Timestamp::DAY);

pub(crate) fn epoch() -> Epoch {
    Epoch {
        name: "2026-W20".into(),
        end: END,
        any_age: false,
    }
}

pub(crate) fn cell() -> Cell {
    "8b1fb46622dafff".parse().unwrap()
}

/// Some hours before the epoch's end.
pub(crate) fn before_end(hours: i64) -> Timestamp {
    Timestamp(END.0 - hours * HOUR)
}

/// A flawless pass with a track, that nothing confirms; captured and uploaded a day before the end.
pub(crate) fn pass(contributor: &str, number: u32) -> Pass {
    let path = format!("{contributor}/{number:04}.gpx");
    let (id, sequence) = (Digest::of(path.as_bytes()), Digest::of(contributor.as_bytes()));
    Pass {
        session: "monday".into(),
        uploaded_at: Some(before_end(24)),
        heading_deg: Some(10),
        fixes: 5,
        accuracy_mm: 2_000,
        speed_mm_s: Some(8_000),
        has_track: true,
        demand_ppm: 1_000_000,
        region_ppm: 1_000_000,
        ..Pass::unjudged(id, contributor, sequence, cell(), &path, before_end(24))
    }
}

/// A flawless image of a pass.
pub(crate) fn image(pass: &Pass, number: u32) -> Image {
    let path = format!("{}/{number:04}.jpg", pass.contributor);
    let id = Digest::of_parts(&[path.as_bytes(), &pass.pass_id.0]);
    Image {
        image_id: id,
        path,
        ordinal: 0,
        contributor: pass.contributor.clone(),
        session: pass.session.clone(),
        sequence: Some(pass.sequence),
        pass_id: Some(pass.pass_id),
        uploaded_at: pass.uploaded_at,
        captured_at: Some(pass.start_at),
        time_source: "gps".into(),
        lat_e7: Some(488_566_000),
        lon_e7: Some(23_522_000),
        position_source: "file".into(),
        cell: Some(pass.cell),
        heading_deg: pass.heading_deg,
        accuracy_mm: None,
        trace_mm: None,
        width: 1_800,
        height: 1_200,
        make: String::new(),
        model: String::new(),
        field_of_view_mdeg: Some(60_000),
        is_360: false,
        sha256: id,
        picture_sha256: id,
        pdq: id,
        pdq_quality: 100,
        mean_milli: 120_000,
        std_milli: 60_000,
        dark_ppm: Ppm::ZERO,
        burnt_ppm: Ppm::ZERO,
        sharpness: Ppm::new(240_000),
        laplacian_milli: 0,
        texture: u64::MAX,
        quality_ppm: Ppm::ZERO,
        verdict: Verdict::Kept,
        reason: Reason::None,
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_path: None,
        duplicate_epoch: None,
        duplicate_first_by: String::new(),
        duplicate_bits: None,
        duplicate_mm: None,
    }
}
