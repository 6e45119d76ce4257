//! Rows for the tests: a drive through Lund, and pictures along it.

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Fix, Object, Shot};
use cairn_datasets::units::{Position, Ppm, Timestamp};
use cairn_datasets::verdict::Verdict;

use super::PlaceKernel;
use super::gates::KeptFix;
use super::session::Session;
use crate::policy::Policy;

pub(super) const START: Timestamp = Timestamp(1_778_500_000_000);
pub(super) const UPLOADED: Timestamp = Timestamp(START.0 + 86_400_000);
pub(super) const END: Timestamp = Timestamp(START.0 + 7 * 86_400_000);
/// Lund.
pub(super) const HOME: Position = Position {
    lat_e7: 557_047_000,
    lon_e7: 131_910_000,
};

pub(super) fn after(ms: i64) -> Timestamp {
    Timestamp(START.0 + ms)
}

/// So many mm north and east of [`HOME`], to about 1 %.
pub(super) fn at(north_mm: i64, east_mm: i64) -> Position {
    near(HOME, north_mm, east_mm)
}

pub(super) fn near(home: Position, north_mm: i64, east_mm: i64) -> Position {
    // 1e-7 degrees are 11.1195 mm along a meridian; the cosine in ppm keeps it in integers.
    let e7 = |mm: i64| mm * 10_000 / 111_195;
    let lat = i64::from(home.lat_e7) + e7(north_mm);
    let lon = i64::from(home.lon_e7) + e7(east_mm) * 1_000_000 / cosine_ppm(home);
    crate::geodesy::wrapped(lat, lon)
}

#[expect(clippy::cast_possible_truncation, reason = "0 to a million")]
fn cosine_ppm(home: Position) -> i64 {
    (libm::cos(home.lat_deg().to_radians()) * 1e6).max(1_000.0) as i64
}

pub(super) fn fix(ordinal: u32, at: Timestamp, position: Position) -> Fix {
    Fix {
        path: "a/drive.gpx".to_owned(),
        ordinal,
        segment: 0,
        captured_at: Some(at),
        lat_e7: Some(position.lat_e7),
        lon_e7: Some(position.lon_e7),
        accuracy_mm: None,
        hdop_milli: None,
        satellites: None,
        fix_3d: None,
    }
}

pub(super) fn kept(ordinal: u32, at: Timestamp, position: Position) -> KeptFix {
    KeptFix {
        ordinal,
        segment: 0,
        at,
        position,
        accuracy_mm: None,
        hdop_milli: None,
        restarts: false,
    }
}

/// A drive north at 10 m/s, a fix a second, from [`START`] and [`HOME`] on.
pub(super) fn drive(seconds: u32) -> Vec<Fix> {
    (0..seconds)
        .map(|s| fix(s, after(i64::from(s) * 1_000), at(i64::from(s) * 10_000, 0)))
        .collect()
}

pub(super) fn object(path: &str, kind: &str) -> Object {
    Object {
        path: path.to_owned(),
        contributor: "alice".to_owned(),
        session: "monday".to_owned(),
        device: None,
        uploaded_at: Some(UPLOADED),
        bytes: 1,
        sha256: Some(Digest::of(path.as_bytes())),
        signature: String::new(),
        kind: kind.to_owned(),
        format: String::new(),
        verdict: Verdict::Kept,
        reason: cairn_datasets::verdict::Reason::None,
        detail: String::new(),
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_epoch: None,
        images: 0,
        fixes: 0,
        kept_fixes: 0,
        private_images: 0,
        private_fixes: 0,
        captured_at: None,
    }
}

/// A good picture with a hash of its own, without time and position.
pub(super) fn shot(path: &str) -> Shot {
    let pdq = Digest::of(path.as_bytes());
    Shot {
        path: path.to_owned(),
        ordinal: 0,
        sha256: Digest::of_parts(&[b"bytes", path.as_bytes()]),
        picture_sha256: Digest::of_parts(&[b"picture", path.as_bytes()]),
        width: 1920,
        height: 1080,
        lat_e7: None,
        lon_e7: None,
        heading_deg: None,
        accuracy_mm: None,
        captured_at: None,
        civil_at: None,
        time_source: String::new(),
        make: "Maker".to_owned(),
        model: "One".to_owned(),
        field_of_view_mdeg: None,
        is_360: false,
        mean_milli: 120_000,
        std_milli: 50_000,
        dark_ppm: Ppm::ZERO,
        burnt_ppm: Ppm::ZERO,
        sharpness: Ppm::new(240_000),
        laplacian_milli: 1_000,
        texture: u64::MAX,
        pdq,
        pdq_quality: 100,
        pdq_dihedral: pdq.0.repeat(8),
        thumbnail: Vec::new(),
    }
}

/// A good picture, taken then and there.
pub(super) fn shot_at(path: &str, at: Timestamp, position: Position) -> Shot {
    Shot {
        captured_at: Some(at),
        time_source: "gps".to_owned(),
        lat_e7: Some(position.lat_e7),
        lon_e7: Some(position.lon_e7),
        ..shot(path)
    }
}

/// A session of these rows, with an object for each path.
pub(super) fn session(fixes: Vec<Fix>, shots: Vec<Shot>) -> Session {
    let traces = fixes.iter().map(|fix| object(&fix.path, "trace"));
    let images = shots.iter().map(|shot| object(&shot.path, "image"));
    Session {
        objects: traces
            .chain(images)
            .map(|object| (object.path.clone(), object))
            .collect(),
        fixes,
        repeated: Vec::new(),
        shots,
    }
}

pub(super) fn kernel(policy: &Policy) -> PlaceKernel {
    PlaceKernel::new(policy, END, false, 6, 16).unwrap()
}
