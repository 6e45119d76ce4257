use super::*;
use crate::place::fixtures::{END, HOME, START, UPLOADED, after, at, drive, object, shot, shot_at};
use crate::place::gates::gate;
use crate::place::track::{Track, tracks};

fn drive_tracks(seconds: u32) -> Vec<Track> {
    let policy = PlacePolicy::default();
    let window = CaptureWindow::new(&policy, Some(UPLOADED), END, false);
    let gated = gate(&drive(seconds), &policy, window);
    tracks("a/drive.gpx", Some(UPLOADED), &gated.kept, &policy)
}

fn placed(tracks: &[Track], shot: Shot) -> Placed {
    let (policy, index) = (PlacePolicy::default(), TraceIndex::new(tracks));
    let placer = Placer {
        policy: &policy,
        traces: &index,
        clock: &index,
        end: END,
        any_age: false,
        cells: Resolution::Eleven,
    };
    let of = object(&shot.path, "image");
    placer.place(shot, &of)
}

fn finding(placed: &Placed) -> (Reason, Option<i64>, Option<i64>) {
    let image = &placed.image;
    assert_eq!(placed.passed, image.reason == Reason::None);
    assert_eq!(image.verdict, image.reason.verdict());
    (image.reason, image.measured, image.threshold)
}

#[test]
fn a_good_image_passes_with_its_own_position_time_and_heading() {
    let mut shot = shot_at("b/1.jpg", START, HOME);
    shot.heading_deg = Some(365);
    shot.accuracy_mm = Some(900);
    let placed = placed(&[], shot);
    assert_eq!(finding(&placed), (Reason::None, None, None));
    let image = &placed.image;
    assert_eq!(
        (image.position(), image.position_source.as_str()),
        (Some(HOME), "file")
    );
    assert_eq!(image.cell, Some(Cell::at(HOME, Resolution::Eleven)));
    assert_eq!((image.heading_deg, image.accuracy_mm), (Some(5), Some(3_000)));
    assert_eq!((image.time_source.as_str(), image.trace_mm), ("gps", None));
    assert_eq!(placed.dihedral.len(), 256);
}

#[test]
fn policy_i1_an_image_without_a_position_is_put_on_the_trace() {
    let tracks = drive_tracks(60);
    let mut shot = shot("b/1.jpg");
    shot.captured_at = Some(after(30_500));
    let placed = placed(&tracks, shot);
    assert_eq!(finding(&placed).0, Reason::None);
    let image = &placed.image;
    assert_eq!(image.position_source, "trace");
    assert!(crate::geodesy::distance_mm(image.position().unwrap(), at(305_000, 0)) < 100);
    assert_eq!((image.heading_deg, image.accuracy_mm), (Some(0), Some(6_000)));
    assert_eq!(
        (placed.view_deg, image.trace_mm, placed.track),
        (None, None, Some(0))
    );
}

#[test]
fn policy_i1_no_position_and_no_trace_within_5_s() {
    let tracks = drive_tracks(60);
    let mut late = shot("b/1.jpg");
    late.captured_at = Some(after(59_000 + 5_000));
    assert_eq!(finding(&placed(&tracks, late.clone())).0, Reason::None);
    late.captured_at = Some(after(59_000 + 5_001));
    let late = placed(&tracks, late);
    assert_eq!(finding(&late), (Reason::NoPosition, Some(5_001), Some(5_000)));
    assert_eq!(
        (late.image.cell, late.image.position(), late.track),
        (None, None, None)
    );
    // Without any trace there is nothing to measure.
    let mut alone = shot("b/2.jpg");
    alone.captured_at = Some(START);
    assert_eq!(
        finding(&placed(&[], alone)),
        (Reason::NoPosition, None, Some(5_000))
    );
    // Half a position, or one off the globe, is none.
    let mut half = shot_at("b/3.jpg", START, HOME);
    half.lon_e7 = None;
    assert_eq!(finding(&placed(&[], half)).0, Reason::NoPosition);
    let mut off = shot_at("b/3.jpg", START, HOME);
    off.lat_e7 = Some(i32::MIN);
    assert_eq!(finding(&placed(&[], off)).0, Reason::NoPosition);
}

#[test]
fn policy_i1_comes_before_i3_unless_only_the_time_is_missing() {
    assert_eq!(finding(&placed(&[], shot("b/1.jpg"))).0, Reason::NoPosition);
    let tracks = drive_tracks(60);
    assert_eq!(
        finding(&placed(&tracks, shot("b/1.jpg"))),
        (Reason::NoTime, None, None)
    );
}

#[test]
fn policy_i2_null_island_is_no_position() {
    let tracks = drive_tracks(60);
    let island = Position {
        lat_e7: 10_000,
        lon_e7: -3,
    };
    let placed = placed(&tracks, shot_at("b/1.jpg", after(10_000), island));
    assert_eq!(finding(&placed), (Reason::NullIsland, Some(10_000), Some(10_000)));
    assert_eq!((placed.image.position(), placed.image.cell), (None, None));
    assert_eq!(
        (placed.image.position_source.as_str(), placed.image.trace_mm),
        ("", None)
    );
}

#[test]
fn policy_i3_an_image_without_time_keeps_its_place_on_the_map() {
    let mut shot = shot_at("b/1.jpg", START, HOME);
    shot.captured_at = None;
    let placed = placed(&[], shot);
    assert_eq!(finding(&placed), (Reason::NoTime, None, None));
    assert!(placed.image.cell.is_some());
}

#[test]
fn policy_i3_the_tracks_tell_a_clock_without_a_zone() {
    let tracks = drive_tracks(60);
    let mut clock = shot("b/1.jpg");
    clock.civil_at = Some(after(7_200_000 + 20_000));
    clock.time_source = "unknown-zone".to_owned();
    let told = placed(&tracks, clock.clone());
    assert_eq!(finding(&told).0, Reason::None);
    assert_eq!(told.image.captured_at, Some(after(20_000)));
    assert_eq!(told.image.time_source, "trace-zone");
    let untold = placed(&[], clock);
    assert_eq!(finding(&untold).0, Reason::NoPosition);
    assert_eq!(
        (untold.image.captured_at, untold.image.time_source.as_str()),
        (None, "")
    );
}

#[test]
fn policy_i4_captures_after_upload_or_too_long_before_it() {
    let when = |at| finding(&placed(&[], shot_at("b/1.jpg", at, HOME)));
    assert_eq!(when(UPLOADED).0, Reason::None);
    assert_eq!(
        when(Timestamp(UPLOADED.0 + 7)),
        (Reason::ImageTime, Some(-7), Some(0))
    );
    let days = 28 * Timestamp::DAY;
    let old = when(Timestamp(UPLOADED.0 - days - 1));
    assert_eq!(old, (Reason::ImageTime, Some(days + 1), Some(days)));
}

#[test]
fn policy_i5_far_from_the_trace_at_its_time() {
    let tracks = drive_tracks(60);
    let off = |mm| placed(&tracks, shot_at("b/1.jpg", after(30_000), at(300_000, mm)));
    let near = off(150_000);
    assert_eq!(finding(&near).0, Reason::None);
    assert!((149_000..151_000).contains(&near.image.trace_mm.unwrap()));
    assert_eq!(
        (near.image.position_source.as_str(), near.track),
        ("file", Some(0))
    );
    let far = off(210_000);
    let (reason, measured, threshold) = finding(&far);
    assert_eq!((reason, threshold), (Reason::FarFromTrace, Some(200_000)));
    assert_eq!(measured, far.image.trace_mm.map(signed));
    // At another time the trace says nothing about it.
    let other = placed(&tracks, shot_at("b/1.jpg", after(90_000), at(0, 900_000)));
    assert_eq!(
        (finding(&other).0, other.image.trace_mm, other.track),
        (Reason::None, None, None)
    );
}

#[test]
fn policy_i6_unusable_pictures_by_their_first_defect() {
    let policy = PlacePolicy::default();
    let judge = |change: fn(&mut Shot)| {
        let mut one = shot("b/1.jpg");
        change(&mut one);
        unusable(&one, &policy).map(|f| (f.reason.code(), f.measured, f.threshold))
    };
    assert_eq!(judge(|_| ()), None);
    let covered = judge(|s| (s.mean_milli, s.std_milli) = (1_999, 0));
    assert_eq!(covered, Some(("I6-covered", Some(1_999), Some(2_000))));
    let blank = judge(|s| (s.mean_milli, s.std_milli) = (2_000, 14_999));
    assert_eq!(blank, Some(("I6-blank", Some(14_999), Some(15_000))));
    let dark = judge(|s| (s.mean_milli, s.std_milli) = (39_999, 15_000));
    assert_eq!(dark, Some(("I6-dark", Some(39_999), Some(40_000))));
    let night = judge(|s| s.dark_ppm = Ppm::new(900_000));
    assert_eq!(night, Some(("I6-dark", Some(900_000), Some(900_000))));
    let burnt = judge(|s| s.mean_milli = 215_001);
    assert_eq!(burnt, Some(("I6-burnt-out", Some(215_001), Some(215_000))));
    let glare = judge(|s| s.burnt_ppm = Ppm::new(900_000));
    assert_eq!(glare, Some(("I6-burnt-out", Some(900_000), Some(900_000))));
    let blurred = judge(|s| s.sharpness = Ppm::new(10_000));
    assert_eq!(blurred, Some(("I6-blurred", Some(10_000), Some(10_000))));
    // The limits themselves pass.
    assert_eq!(judge(|s| (s.mean_milli, s.std_milli) = (40_000, 15_000)), None);
    assert_eq!(judge(|s| s.mean_milli = 215_000), None);
}

#[test]
fn policy_i_the_first_clause_that_fires_is_the_finding() {
    let mut worst = shot_at("b/1.jpg", Timestamp(UPLOADED.0 + 1), HOME);
    worst.mean_milli = 0;
    assert_eq!(finding(&placed(&[], worst)).0, Reason::ImageTime);
}
