use std::time::{Duration, Instant};

use super::{looks_like_tcx, read_tcx};
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;
const START: &str = "<TrainingCenterDatabase><Activities><Activity Sport='Biking'><Lap><Track>";
const END: &str = "</Track></Lap></Activity></Activities></TrainingCenterDatabase>";
const POSITION: &str =
    "<Position><LatitudeDegrees>48.1</LatitudeDegrees><LongitudeDegrees>11.5</LongitudeDegrees></Position>";

fn read(text: &str) -> TraceContent {
    read_tcx(text.as_bytes(), &TraceLimits::default()).unwrap()
}

/// What one track holds with this in it.
fn track(inside: &str) -> TraceContent {
    read(&format!("{START}{inside}{END}"))
}

fn point(inside: &str) -> String {
    format!("<Trackpoint>{inside}</Trackpoint>")
}

fn only(content: &TraceContent) -> RawFix {
    assert_eq!(content.fixes.len(), 1);
    content.fixes[0]
}

#[test]
fn reads_every_field_of_a_point() {
    let content = track(&point(&format!(
        "<Time>2024-05-01T10:00:00.500Z</Time>{POSITION}<AltitudeMeters>-12.3456</AltitudeMeters><DistanceMeters>7</DistanceMeters>\
         <HeartRateBpm><Value>99</Value></HeartRateBpm><Extensions><ns3:TPX><ns3:Speed>13.5</ns3:Speed></ns3:TPX></Extensions>"
    )));
    let wanted = RawFix {
        time_us: Some(TEN + 500_000),
        lat_e7: Some(481_000_000),
        lon_e7: Some(115_000_000),
        speed_mm_s: Some(13_500),
        elevation_mm: Some(-12_346),
        ..RawFix::default()
    };
    assert_eq!(only(&content), wanted);
    assert_eq!(content.described(), "");
}

#[test]
fn points_without_a_position_are_counted_and_no_fixes() {
    let time = "<Time>2024-05-01T10:00:00Z</Time>";
    let content = track(
        &[
            point(time),
            point("<Position/>"),
            point(&format!("{time}{POSITION}")),
            point(""),
        ]
        .concat(),
    );
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(content.notes.remarks, ["3 track points without a position"]);
}

#[test]
fn policy_f2_a_bad_half_leaves_no_position() {
    for (latitude, longitude) in [
        ("95", "1"),
        ("NaN", "1"),
        ("48,1,5", "1"),
        ("1", ""),
        ("1", "-180.0000001"),
    ] {
        let content = track(&point(&format!(
            "<Position><LatitudeDegrees>{latitude}</LatitudeDegrees><LongitudeDegrees>{longitude}</LongitudeDegrees></Position>"
        )));
        let fix = only(&content);
        assert_eq!(
            (fix.lat_e7, fix.lon_e7, content.notes.unreadable_positions),
            (None, None, 1),
            "{latitude} {longitude}"
        );
    }
    let content = track(&point(
        "<Position><LatitudeDegrees>1</LatitudeDegrees></Position>",
    ));
    assert_eq!(
        (only(&content).lat_e7, content.notes.unreadable_positions),
        (None, 1)
    );
}

#[test]
fn a_position_lies_in_its_element_only() {
    let content = track(&point(
        "<LatitudeDegrees>1</LatitudeDegrees><LongitudeDegrees>1</LongitudeDegrees>",
    ));
    assert_eq!(content.fixes.len(), 0);
}

#[test]
fn times_without_a_zone_are_utc_and_bad_ones_are_none() {
    let content = track(&point(&format!("<Time>2024-05-01T10:00:00</Time>{POSITION}")));
    assert_eq!(
        (only(&content).time_us, content.described().as_str()),
        (Some(TEN), "")
    );
    let content = track(&point(&format!("<Time>yesterday</Time>{POSITION}")));
    assert_eq!(
        (only(&content).time_us, content.notes.unreadable_times),
        (None, 1)
    );
    let content = track(&point(&format!(
        "<Time>yesterday</Time><Time>2024-05-01T10:00:00Z</Time>{POSITION}"
    )));
    assert_eq!(
        (only(&content).time_us, content.notes.unreadable_times),
        (Some(TEN), 0)
    );
}

#[test]
fn text_comes_in_pieces_and_entities_are_never_expanded() {
    let time = "<Time>2024-05-<!-- x -->01T10<![CDATA[:00]]>&#58;00<?y?>Z</Time>";
    assert_eq!(
        only(&track(&point(&format!("{time}{POSITION}")))).time_us,
        Some(TEN)
    );
    let content = read(&format!(
        "<!DOCTYPE a [<!ENTITY t '2024-05-01T10:00:00Z'>]>{START}<Trackpoint><Time>&t;</Time>{POSITION}</Trackpoint>{END}"
    ));
    assert_eq!(
        (
            only(&content).time_us,
            content.notes.unreadable_times,
            content.notes.doctype
        ),
        (None, 1, true)
    );
    let blanks = " ".repeat(2_000_000);
    let content = track(&point(&format!(
        "<Time>{blanks}2024-05-01T10:00:00Z</Time>{POSITION}"
    )));
    assert_eq!(
        (only(&content).time_us, content.notes.unreadable_times),
        (None, 1)
    );
}

#[test]
fn laps_and_tracks_begin_segments() {
    let p = point(POSITION);
    let none = point("");
    let content = track(&format!(
        "{p}{p}</Track><Track/><Track>{p}{none}</Track></Lap><Lap><Track>{none}</Track><Track>{p}"
    ));
    let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
    assert_eq!(segments, [0, 0, 1, 2]);
}

#[test]
fn a_course_is_a_plan() {
    let p = point(POSITION);
    let content = read(&format!(
        "<TrainingCenterDatabase><Courses><Course><Track>{p}{p}</Track><CoursePoint>{POSITION}</CoursePoint></Course></Courses>\
         <Activities><Activity><Lap><Track>{p}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
    ));
    assert_eq!(
        (
            content.fixes.len(),
            content.notes.route_points,
            content.notes.waypoints
        ),
        (1, 2, 1)
    );
}

#[test]
fn prefixes_do_not_matter() {
    let plain = format!("{START}{}{END}", point(POSITION));
    let prefixed = plain
        .replace("</", "\u{1}")
        .replace('<', "<t:")
        .replace('\u{1}', "</t:");
    assert_eq!(read(&prefixed), read(&plain));
    assert_eq!(read(&prefixed).fixes.len(), 1);
}

#[test]
fn a_break_keeps_what_precedes_it_and_says_where() {
    let good = format!("{START}{}<Trackpoint>{POSITION}", point(POSITION));
    let byte = u64::try_from(good.len()).unwrap();
    let content = read(&good);
    assert_eq!(
        (content.fixes.len(), content.fault),
        (
            1,
            Some(Fault::Truncated {
                byte,
                open_elements: 6
            })
        )
    );
    let content = read(&format!("{good}</Trackpoint></wrong>"));
    assert_eq!(content.fixes.len(), 2);
    assert!(
        matches!(content.fault, Some(Fault::MalformedXml { byte: at, .. }) if at == byte + 13),
        "{:?}",
        content.fault
    );
    let whole = format!("{START}{END}");
    let byte = u64::try_from(whole.len()).unwrap();
    assert_eq!(
        read(&format!("{whole}<kml/>")).fault,
        Some(Fault::ContentAfterEnd { byte })
    );
}

#[test]
fn joined_files_are_read_to_the_end() {
    let one = format!(
        "{START}{}{END}",
        point(&format!("<Time>2024-05-01T10:00:00Z</Time>{POSITION}"))
    );
    let content = read(&format!("{one}{one}"));
    let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
    assert_eq!((segments, content.fault), (vec![0, 1], None));
    assert_eq!(
        content.notes.remarks,
        ["1 further documents follow the first in the same file"]
    );
}

#[test]
fn every_cut_keeps_a_prefix() {
    let whole = format!(
        "{START}{}{END}",
        point(&format!("<Time>2024-05-01T10:00:00Z</Time>{POSITION}")).repeat(3)
    );
    let complete = read(&whole).fixes;
    for cut in 25..whole.len() {
        let content = read(&whole[..cut]);
        assert_eq!(content.fixes, complete[..content.fixes.len()], "cut at {cut}");
        assert!(content.fault.is_some(), "cut at {cut}");
    }
}

#[test]
fn limits_end_the_reading() {
    let limits = TraceLimits {
        max_points: 1,
        max_depth: 7,
        ..TraceLimits::default()
    };
    let p = point(POSITION);
    let text = format!("{START}{p}{p}{END}");
    let content = read_tcx(text.as_bytes(), &limits).unwrap();
    let byte = u64::try_from(START.len()).unwrap() + 3;
    assert_eq!(content.fixes.len(), 0, "eight levels are one too many");
    assert!(matches!(content.fault, Some(Fault::TooDeep { limit: 7, .. })));
    let limits = TraceLimits {
        max_depth: 8,
        ..limits
    };
    let content = read_tcx(text.as_bytes(), &limits).unwrap();
    let byte = byte + u64::try_from(p.len()).unwrap() - 3;
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::TooManyPoints { byte, limit: 1 }))
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a hang is what this test looks for")]
fn nested_tags_take_no_time() {
    let start = Instant::now();
    let nested = format!("{START}{}", "<Track>".repeat(200_000));
    let content = read(&nested);
    assert!(matches!(content.fault, Some(Fault::TooDeep { limit: 64, .. })));
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "{:?}",
        start.elapsed()
    );
    let all = TraceLimits {
        max_depth: u32::MAX,
        ..TraceLimits::default()
    };
    let content = read_tcx(nested.as_bytes(), &all).unwrap();
    assert!(matches!(
        content.fault,
        Some(Fault::Truncated {
            open_elements: 200_005,
            ..
        })
    ));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn what_is_not_tcx_says_so() {
    let limits = TraceLimits::default();
    assert_eq!(read_tcx(b" \n", &limits), Err(TraceError::Empty));
    let error = read_tcx(b" <gpx/>", &limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not TCX: the root element is `gpx`, expected `TrainingCenterDatabase` at byte 1"
    );
    assert!(matches!(
        read_tcx(b"\x0E\x20", &limits),
        Err(TraceError::NotXml { byte: 0, .. })
    ));
    assert!(matches!(
        read_tcx(b"<?xml version='1.0'?>", &limits),
        Err(TraceError::NotXml { byte: 21, .. })
    ));
}

#[test]
fn knows_a_tcx_by_its_root() {
    for text in [
        "<TrainingCenterDatabase>",
        "\n<?xml version='1.0'?><t:TrainingCenterDatabase xmlns",
        "<TrainingCenterDatabase",
    ] {
        assert!(looks_like_tcx(text), "{text}");
    }
    for text in ["", "TrainingCenterDatabase", "<gpx>", "<TrainingCenterDatabases>"] {
        assert!(!looks_like_tcx(text), "{text}");
    }
}

#[test]
fn decimal_commas_are_read_as_in_gpx() {
    let content = track(&point(
        "<Position><LatitudeDegrees>48,1</LatitudeDegrees><LongitudeDegrees>11,5</LongitudeDegrees></Position>\
         <AltitudeMeters>500,25</AltitudeMeters>",
    ));
    let fix = only(&content);
    assert_eq!(
        (fix.lat_e7, fix.lon_e7, fix.elevation_mm),
        (Some(481_000_000), Some(115_000_000), Some(500_250))
    );
    assert_eq!(content.described(), "1 positions had a decimal comma");
}
