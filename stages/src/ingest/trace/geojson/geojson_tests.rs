use super::{looks_like_geojson, read_geojson};
use crate::ingest::trace::{Fault, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;

fn read(text: &str) -> TraceContent {
    read_geojson(text.as_bytes(), &TraceLimits::default()).unwrap()
}

/// Segment, seconds since `TEN`, latitude in whole degrees.
fn fixes(content: &TraceContent) -> Vec<(u32, Option<i64>, Option<i32>)> {
    content
        .fixes
        .iter()
        .map(|fix| {
            (
                fix.segment,
                fix.time_us.map(|time| (time - TEN) / 1_000_000),
                fix.lat_e7.map(|lat| lat / 10_000_000),
            )
        })
        .collect()
}

#[test]
fn positions_are_read_from_their_digits() {
    let content = read(
        r#"{"type":"Feature","geometry":{"type":"LineString","coordinates":[[11.123456749999999999, -48.00000005, 519.1234],[1.15e1,+0]]}}"#
            .replace("+0", "0")
            .as_str(),
    );
    let first = content.fixes[0];
    assert_eq!(
        (first.lon_e7, first.lat_e7),
        (Some(111_234_567), Some(-480_000_001))
    );
    assert_eq!((first.elevation_mm, first.time_us), (Some(519_123), None));
    assert_eq!(content.fixes[1].lon_e7, Some(115_000_000));
}

#[test]
fn times_stand_where_converters_put_them() {
    let one = r#""geometry":{"type":"LineString","coordinates":[[1,1],[1,2]]}"#;
    let wanted = [(0, Some(0), Some(1)), (0, Some(5), Some(2))];
    let iso = r#"["2024-05-01T10:00:00Z","2024-05-01T12:00:05+02:00"]"#;
    for properties in [
        format!(r#"{{"coordTimes":{iso}}}"#),
        format!(r#"{{"coordinateProperties":{{"heart":[1,2],"times":{iso}}}}}"#),
        format!(r#"{{"name":"x","time":"2020-01-01T00:00:00Z","times":{iso}}}"#),
        r#"{"timestamps":[1714557600,1714557605]}"#.to_owned(),
        r#"{"timestamps":[20240501100000,20240501100005000]}"#.to_owned(),
        r#"{"timestamps":[1714557600000,"1714557605000"]}"#.to_owned(),
        r#"{"times":["2024-05-01T10:00:00",1714557605.0]}"#.to_owned(),
    ] {
        for text in [
            format!(r#"{{"type":"Feature","properties":{properties},{one}}}"#),
            format!(
                r#"{{"type":"FeatureCollection","features":[{{{one},"type":"Feature","properties":{properties}}}]}}"#
            ),
        ] {
            assert_eq!(fixes(&read(&text)), wanted, "{text}");
        }
    }
    let content =
        read(r#"{"type":"LineString","coordinates":[[1,1,500,1714557600],[1,2,null,1714557605000]]}"#);
    assert_eq!(fixes(&content), wanted);
    let content = read(r#"{"coordinates":[[1,1,1714557600.5]],"type":"MultiPoint"}"#);
    assert_eq!(content.fixes[0].time_us, Some(TEN + 500_000));
}

#[test]
fn lines_are_segments_and_share_the_list_of_times() {
    let times = r#""coordTimes":[[1714557600],[1714557601,1714557602]]"#;
    let content = read(&format!(
        r#"{{"type":"Feature","properties":{{{times}}},"geometry":{{"type":"MultiLineString","coordinates":[[[1,1]],[[1,2],[1,3]]]}}}}"#
    ));
    let wanted = [
        (0, Some(0), Some(1)),
        (1, Some(1), Some(2)),
        (1, Some(2), Some(3)),
    ];
    assert_eq!(fixes(&content), wanted);
    let content = read(&format!(
        r#"{{"type":"Feature","geometry":{{"type":"GeometryCollection","geometries":[{{"type":"LineString","coordinates":[[1,1]]}},
        {{"coordinates":[[1,2],[1,3]],"type":"LineString"}}]}},"properties":{{{times}}}}}"#
    ));
    assert_eq!(fixes(&content), wanted);
}

#[test]
fn points_with_a_time_follow_each_other_in_one_segment() {
    let point = |lat: i32, properties: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{{"type":"Point","coordinates":[1,{lat}]}}}}"#
        )
    };
    let content = read(&format!(
        r#"{{"type":"FeatureCollection","name":"x","features":[{},{},{},{},{{"type":"Feature","geometry":{{"type":"LineString","coordinates":[[1,9]]}}}},{}]}}"#,
        point(
            1,
            r#""time":"2024-05-01T10:00:00Z","accuracy":4.5,"speed_kmh":36,"hdop":"0.9""#
        ),
        point(2, r#""captured_at":1714557601000,"satellites":7,"altitude":3.5"#),
        point(3, r#""timestamp":"soon","date":"2024-05-01T10:00:02""#),
        point(4, r#""note":"2024-05-01T10:00:02""#),
        point(5, r#""datetime":"2024-05-01T10:00:04Z""#),
    ));
    assert_eq!(
        fixes(&content),
        [
            (0, Some(0), Some(1)),
            (0, Some(1), Some(2)),
            (0, Some(2), Some(3)),
            (0, None, Some(4)),
            (1, None, Some(9)),
            (2, Some(4), Some(5))
        ]
    );
    let first = content.fixes[0];
    assert_eq!(
        (first.accuracy_mm, first.speed_mm_s, first.hdop_milli),
        (Some(4_500), Some(10_000), Some(900))
    );
    assert_eq!(
        (content.fixes[1].satellites, content.fixes[1].elevation_mm),
        (Some(7), Some(3_500))
    );
}

#[test]
fn times_that_do_not_match_are_none() {
    let content = read(
        r#"{"type":"Feature","properties":{"times":[1714557600]},"geometry":{"type":"LineString","coordinates":[[1,1],[1,2]]}}"#,
    );
    assert_eq!(fixes(&content), [(0, None, Some(1)), (0, None, Some(2))]);
    assert_eq!(
        content.notes.remarks,
        ["1 features whose times are not as many as their positions; these stay without a time"]
    );
}

#[test]
fn areas_and_unknown_types_are_counted() {
    let content = read(
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[1,2],[2,2],[1,1]]]},"properties":{"time":1}},
        {"type":"Feature","geometry":{"coordinates":[1,1],"type":"Circle"}},{"type":"Feature","geometry":null},{"type":"Feature","geometry":{"type":"Point","coordinates":[]}}]}"#,
    );
    assert_eq!(content.fixes, []);
    assert_eq!(
        content.notes.remarks,
        ["1 areas, which are no recording", "1 geometries of no known type"]
    );
}

#[test]
fn policy_f2_bad_positions_are_fixes_without_one() {
    let content =
        read(r#"{"type":"LineString","coordinates":[[181,1],[1,91],[null,1],["1","2"],[1],["x",2],[1,2]]}"#);
    let positions: Vec<_> = content.fixes.iter().map(|fix| fix.lat_e7.is_some()).collect();
    assert_eq!(positions, [false, false, false, true, false, false, true]);
    assert_eq!(content.notes.unreadable_positions, 5);
}

#[test]
fn several_texts_in_one_file() {
    let one = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,1]},"properties":{"time":1714557600}}"#;
    for text in [
        format!("{one}\n{one}\n"),
        format!("\u{1E}{one}\n\u{1E}{one}\n"),
        format!("\u{FEFF}[{one},{one}]"),
        format!("{one}{one}"),
    ] {
        assert!(looks_like_geojson(text.trim_start_matches('\u{FEFF}')), "{text}");
        assert_eq!(fixes(&read(&text)), [(0, Some(0), Some(1)); 2], "{text}");
    }
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(one.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        read_geojson(&bytes, &TraceLimits::default()).unwrap().fixes.len(),
        1
    );
}

#[test]
fn a_break_keeps_what_precedes_it_and_says_where() {
    let whole = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,1]},"properties":{"time":1714557600}}"#;
    let times_first = format!(
        r#"{{"type":"FeatureCollection","features":[{whole},{{"type":"Feature","properties":{{"times":[1714557600,1714557601]}},"geometry":{{"type":"LineString","coordinates":[[1,2],[1,3"#
    );
    let content = read(&times_first);
    assert_eq!(fixes(&content), [(0, Some(0), Some(1)), (1, Some(0), Some(2))]);
    let byte = u64::try_from(times_first.len()).unwrap();
    assert!(
        matches!(content.fault, Some(Fault::Broken { byte: at, .. }) if at == byte),
        "{:?}",
        content.fault
    );

    let times_last = r#"{"type":"LineString","coordinates":[[1,2],[1,3]],"x":}"#;
    let content = read(times_last);
    assert_eq!(fixes(&content), [(0, None, Some(2)), (0, None, Some(3))]);
    assert!(
        matches!(content.fault, Some(Fault::Broken { byte: 53, .. })),
        "{:?}",
        content.fault
    );
    // Whether these are the corners of an area is not known.
    assert_eq!(read(r#"{"coordinates":[[1,2],[1,3]]"#).fixes, []);
    let content = read(&format!("{whole}\n{{\"type\""));
    assert_eq!((content.fixes.len(), content.fault.is_some()), (1, true));
}

#[test]
fn limits_end_the_reading() {
    let limits = TraceLimits {
        max_points: 2,
        max_depth: 6,
        ..TraceLimits::default()
    };
    let content = read_geojson(
        br#"{"type":"LineString","coordinates":[[1,1],[1,2],[1,3]]}"#,
        &limits,
    )
    .unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (2, Some(Fault::TooManyPoints { byte: 52, limit: 2 }))
    );
    let content = read_geojson(
        br#"{"type":"Point","coordinates":[1,1],"x":[[[[[[]]]]]]}"#,
        &limits,
    )
    .unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::TooDeep { byte: 45, limit: 6 }))
    );
    let content = read_geojson(
        br#"{"type":"Feature","properties":{"times":[1,2,3,4,5]},"geometry":{"type":"LineString","coordinates":[[1,1],[1,2]]}}"#,
        &limits,
    )
    .unwrap();
    assert_eq!(content.fixes[0].time_us, None);
    let deep = format!(
        "{}{}",
        r#"{"type":"LineString","coordinates":"#,
        "[".repeat(500_000)
    );
    assert_eq!(read(&deep).fault, Some(Fault::TooDeep { byte: 98, limit: 64 }));
}

#[test]
fn what_is_not_geojson_says_so() {
    let error = |text: &str| match read_geojson(text.as_bytes(), &TraceLimits::default()) {
        Err(error) => error.to_string(),
        Ok(content) => panic!("{content:?}"),
    };
    assert_eq!(
        read_geojson(b" \n", &TraceLimits::default()),
        Err(TraceError::Empty)
    );
    assert_eq!(
        error(r#"{"a":1}"#),
        "not GeoJSON: no features and no coordinates at byte 7"
    );
    assert!(
        error("{\"type\": nothing").starts_with("not GeoJSON: "),
        "{}",
        error("{\"type\": nothing")
    );
    assert!(error("3").starts_with("not GeoJSON: "));
    assert!(error("time,lat").starts_with("not GeoJSON: "));
    assert!(error(&"{\"a\":".repeat(100)).contains("too deep"));
}

#[test]
fn knows_geojson_by_its_type() {
    for text in [
        r#"{"type": "FeatureCollection", "#,
        "  {\n\"name\":\"x\",\"type\" : \"Feature\"",
        r#"{"coordinates":[1,2],"type":"Point"}"#,
        r#"[{"type":"Feature"}]"#,
    ] {
        assert!(looks_like_geojson(text), "{text}");
    }
    for text in [
        "",
        r#"{"type":"Topology","objects":{}}"#,
        r#"{"type":"Point"}"#,
        r#"{"features":[]}"#,
        r#""type":"Feature""#,
        "time,lat,lon",
    ] {
        assert!(!looks_like_geojson(text), "{text}");
    }
}
