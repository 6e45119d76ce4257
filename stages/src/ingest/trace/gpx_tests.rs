use std::time::{Duration, Instant};

use super::{looks_like_gpx, read_gpx};
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;

#[expect(clippy::disallowed_methods, reason = "a hang is what these tests look for")]
fn now() -> Instant {
    Instant::now()
}

fn read(text: &str) -> TraceContent {
    read_gpx(text.as_bytes(), &TraceLimits::default()).unwrap()
}

/// One point with this inside.
fn point(inside: &str) -> TraceContent {
    read(&format!(
        "<gpx><trk><trkseg><trkpt lat='48.1' lon='11.5'>{inside}</trkpt></trkseg></trk></gpx>"
    ))
}

fn only(content: &TraceContent) -> RawFix {
    assert_eq!(content.fixes.len(), 1);
    content.fixes[0]
}

#[test]
fn reads_every_field_of_a_point() {
    let content = point(
        "<ele>-12.3456</ele><time>2024-05-01T10:00:00.5Z</time><fix>3d</fix><sat>9</sat><hdop>1.25</hdop>\
         <extensions><x:TrackPointExtension><x:speed>13.5</x:speed><x:course>359.7</x:course><x:hAcc>4.2</x:hAcc>\
         </x:TrackPointExtension></extensions>",
    );
    let wanted = RawFix {
        segment: 0,
        time_us: Some(TEN + 500_000),
        lat_e7: Some(481_000_000),
        lon_e7: Some(115_000_000),
        accuracy_mm: Some(4_200),
        hdop_milli: Some(1_250),
        satellites: Some(9),
        fix_3d: Some(true),
        speed_mm_s: Some(13_500),
        course_deg: Some(0),
        elevation_mm: Some(-12_346),
    };
    assert_eq!(only(&content), wanted);
}

#[test]
fn policy_f5_knows_the_fix_types() {
    for (written, wanted) in [
        ("none", Some(false)),
        ("2d", Some(false)),
        ("3D", Some(true)),
        ("dgps", Some(true)),
        ("pps", Some(true)),
        ("4d", None),
    ] {
        assert_eq!(
            only(&point(&format!("<fix> {written} </fix>"))).fix_3d,
            wanted,
            "{written}"
        );
    }
}

#[test]
fn the_time_of_a_point_is_its_own_child_only() {
    let content = point("<extensions><time>2024-05-01T10:00:00Z</time></extensions>");
    assert_eq!(only(&content).time_us, None);
    let content = point("<time><b>2024-05-01T10:00:00Z</b></time>");
    assert_eq!(
        only(&content).time_us,
        Some(TEN),
        "markup inside a value is looked through"
    );
}

#[test]
fn times_without_a_zone_are_utc() {
    let content = point("<time>2024-05-01T10:00:00</time>");
    assert_eq!(only(&content).time_us, Some(TEN));
    assert_eq!(content.described(), "", "GPX says so");
}

#[test]
fn text_comes_in_pieces() {
    let content = point("<time>2024-05-<!-- x -->01T10<![CDATA[:00]]>&#58;00<?y?>Z</time>");
    assert_eq!(only(&content).time_us, Some(TEN));
}

#[test]
fn entities_are_never_expanded() {
    let content = read(
        "<!DOCTYPE gpx [<!ENTITY t '2024-05-01T10:00:00Z'>]><gpx><trk><name>&t;</name><trkseg>\
         <trkpt lat='48.1' lon='11.5'><time>&t;</time></trkpt></trkseg></trk></gpx>",
    );
    assert_eq!(
        (
            only(&content).time_us,
            content.notes.unreadable_times,
            content.notes.doctype
        ),
        (None, 1, true)
    );
}

#[test]
fn a_value_of_megabytes_is_no_value() {
    let content = point(&format!(
        "<time>{}2024-05-01T10:00:00Z</time>",
        " ".repeat(2_000_000)
    ));
    assert_eq!(
        (only(&content).time_us, content.notes.unreadable_times),
        (None, 1)
    );
}

#[test]
fn policy_f2_a_bad_half_leaves_no_position() {
    for tag in [
        "lat='NaN' lon='1'",
        "lat='1' lon='inf'",
        "lat='95' lon='1'",
        "lat='1'",
        "lat=1 lon=1",
        "lat='48,1,2' lon='1'",
        "lat='48.1,2' lon='1'",
        "lat='48,1,' lon='1'",
        "",
        "lat lon",
        "lat='1e400' lon='1'",
        "lat='1' lon='-180.0000001'",
    ] {
        let content = read(&format!("<gpx><trk><trkseg><trkpt {tag}/></trkseg></trk></gpx>"));
        let fix = only(&content);
        assert_eq!(
            (fix.lat_e7, fix.lon_e7, content.notes.unreadable_positions),
            (None, None, 1),
            "{tag}"
        );
    }
}

#[test]
fn the_first_of_two_attributes_counts() {
    let content = read("<gpx><trkpt lat='1' lat='2' lon='3'/></gpx>");
    assert_eq!(only(&content).lat_e7, Some(10_000_000));
}

#[test]
fn segments_are_numbered_by_their_points() {
    let p = "<trkpt lat='1' lon='1'/>";
    let content = read(&format!(
        "<gpx><trk><trkseg></trkseg><trkseg>{p}{p}</trkseg><trkseg/><trkseg>{p}</trkseg></trk><trk>{p}</trk></gpx>"
    ));
    let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
    assert_eq!(segments, [0, 0, 1, 2]);
    assert!(content.segments.is_empty());
}

#[test]
fn routes_and_waypoints_are_no_recording() {
    let content = read(
        "<gpx><wpt lat='1' lon='1'><time>2024-05-01T10:00:00Z</time></wpt><rte><rtept lat='1' lon='1'/><rtept lat='1' lon='1'/></rte></gpx>",
    );
    assert_eq!(
        (
            content.fixes.len(),
            content.notes.waypoints,
            content.notes.route_points
        ),
        (0, 1, 2)
    );
}

#[test]
fn prefixes_and_namespaces_do_not_matter() {
    let content = read(
        "<g:gpx xmlns:g='urn:any'><g:trk><g:trkseg><g:trkpt g:lat='1' lon='2'><g:time>2024-05-01T10:00:00Z</g:time></g:trkpt></g:trkseg></g:trk></g:gpx>",
    );
    assert_eq!(only(&content).time_us, Some(TEN));
}

#[test]
fn a_break_keeps_what_precedes_it_and_says_where() {
    let good =
        "<gpx><trk><trkseg><trkpt lat='1' lon='1'/><trkpt lat='2' lon='2'><time>2024-05-01T10:00:00Z</time>";
    let content = read(good);
    assert_eq!(
        content.fixes.len(),
        1,
        "a point without its end may lack half of its time"
    );
    let byte = u64::try_from(good.len()).unwrap();
    assert_eq!(
        content.fault,
        Some(Fault::Truncated {
            byte,
            open_elements: 4
        })
    );

    let content = read(&format!("{good}</trkpt></wrong></gpx>"));
    assert_eq!(content.fixes.len(), 2);
    let wrong = byte + 8;
    assert!(
        matches!(content.fault, Some(Fault::MalformedXml { byte, .. }) if byte == wrong),
        "{:?}",
        content.fault
    );

    let content = read("<gpx><trkpt lat='1' lon='1'/></gpx><kml><trkpt lat='1' lon='1'/></kml>");
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::ContentAfterEnd { byte: 35 }))
    );
}

#[test]
fn joined_files_are_read_to_the_end() {
    let one = "<?xml version='1.0'?>\n<gpx><trk><trkseg><trkpt lat='1' lon='1'/></trkseg></trk></gpx>\n";
    let content = read(&format!("{one}\u{FEFF}{one}{one}"));
    let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
    assert_eq!((segments, content.fault), (vec![0, 1, 2], None));
    assert_eq!(
        content.notes.remarks,
        ["2 further documents follow the first in the same file"]
    );
}

#[test]
fn decimal_commas_of_the_wrong_locale() {
    let content = read(
        "<gpx><trkpt lat='48,1' lon='-11,5'><ele>1,5</ele><hdop>0,9</hdop></trkpt><trkpt lat='48.1' lon='11.5'><hdop>0,9</hdop></trkpt></gpx>",
    );
    let [first, second] = content.fixes.as_slice() else {
        panic!("{:?}", content.fixes)
    };
    assert_eq!(
        (first.lat_e7, first.lon_e7),
        (Some(481_000_000), Some(-115_000_000))
    );
    assert_eq!((first.elevation_mm, first.hdop_milli), (Some(1_500), Some(900)));
    assert_eq!(second.hdop_milli, None, "one comma does not make a locale");
    assert_eq!(content.notes.remarks, ["1 positions had a decimal comma"]);
}

#[test]
fn unusual_writing_is_read() {
    for (tag, inside) in [
        (
            "lat=' +48.1 ' lon='\n11.5\t'",
            "<time> 2024-05-01T10:00:00Z\n</time>",
        ),
        (
            "lat='48.1' lon='11.5'",
            "stray text<time>2024-05-01T12:00:00+0200</time>",
        ),
        ("lon='11.5' lat='48.1'", "<time>2024-05-01 10:00:00</time>"),
        (
            "lat='+048.1000000000' lon='1.15E1'",
            "<ele/><time>20240501T100000Z</time>",
        ),
        (
            "x='1' lat='48.1' lon='11.5' y='<'",
            "<time a='b'>2024-05-01T10:00:00.0000000Z</time >",
        ),
        (
            "lat='48.1' lon='11.5'",
            "<extensions><time>2020-01-01T00:00:00Z</time></extensions><time><![CDATA[2024-05-01T10:00:00Z]]></time>",
        ),
    ] {
        let content = read(&format!(
            "<!-- no declaration -->\n<gpx><trk><trkseg/><trkseg><trkpt {tag}>{inside}</trkpt></trkseg></trk></gpx>"
        ));
        let fix = only(&content);
        assert_eq!(
            (fix.lat_e7, fix.lon_e7, fix.time_us, content.fault),
            (Some(481_000_000), Some(115_000_000), Some(TEN), None),
            "{tag} {inside}"
        );
    }
}

#[test]
fn extensions_of_many_makers() {
    for (inside, speed, course) in [
        ("<speed>3.5</speed><course>90</course>", Some(3_500), Some(90)),
        (
            "<extensions><gpxtpx:TrackPointExtension><gpxtpx:atemp>20</gpxtpx:atemp><gpxtpx:speed>3.5</gpxtpx:speed><gpxtpx:bearing>90</gpxtpx:bearing></gpxtpx:TrackPointExtension></extensions>",
            Some(3_500),
            Some(90),
        ),
        (
            "<extensions><osmand:speed>3.5</osmand:speed><osmand:heading>12</osmand:heading></extensions>",
            Some(3_500),
            None,
        ),
        (
            "<extensions><gpxx:TrackPointExtension><gpxx:Depth>3</gpxx:Depth></gpxx:TrackPointExtension></extensions>",
            None,
            None,
        ),
        (
            "<extensions><mtk:wptExtension><mtk:Speed>3.5</mtk:Speed><mtk:COURSE>90</mtk:COURSE></mtk:wptExtension></extensions>",
            Some(3_500),
            Some(90),
        ),
        (
            "<extensions><gte:gps speed=\"3.5\" azimuth=\"90\"/></extensions>",
            None,
            None,
        ),
        ("<extensions><power>190</power></extensions>", None, None),
    ] {
        let content = point(inside);
        let fix = only(&content);
        assert_eq!(
            (fix.speed_mm_s, fix.course_deg, content.fault),
            (speed, course, None),
            "{inside}"
        );
    }
}

#[test]
fn policy_o3_references_to_entities_have_a_limit() {
    let limits = TraceLimits {
        max_entities: 3,
        ..TraceLimits::default()
    };
    let points = "<trkpt lat='1' lon='1'><name>&a;&amp;&#49;</name></trkpt>".repeat(4);
    let content = read_gpx(format!("<gpx>{points}</gpx>").as_bytes(), &limits).unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (3, Some(Fault::TooManyEntities { byte: 205, limit: 3 }))
    );
    let content = read_gpx(b"<gpx><name>&a;&b;&#x110000;</name></gpx>", &limits).unwrap();
    assert_eq!(content.fault, None);
    assert_eq!(
        content.notes.remarks,
        ["3 references to entities that XML does not define"]
    );
}

#[test]
fn policy_o3_hostile_files_take_no_time() {
    let laughs: Vec<String> = (0..9)
        .map(|at| format!("<!ENTITY l{} '{}'>", at + 1, format!("&l{at};").repeat(10)))
        .collect();
    let laughs = laughs.concat();
    let point = "<trkpt lat='1' lon='1'/>";
    for (name, text, fixes) in [
        (
            "200,000 nested elements",
            format!("<gpx>{point}{}", "<trkseg>".repeat(200_000)),
            1,
        ),
        (
            "wide attributes",
            format!("<gpx>{point}<a {}/>{point}</gpx>", "b='c' ".repeat(300_000)),
            2,
        ),
        (
            "wide point",
            format!("<gpx><trkpt {} lat='1' lon='1'/></gpx>", "b='c' ".repeat(300_000)),
            1,
        ),
        (
            "long attribute",
            format!("<gpx><trkpt lat='1' lon='1{}'/></gpx>", "0".repeat(1_000_000)),
            1,
        ),
        (
            "long name",
            format!("<gpx><{}/>{point}</gpx>", "a".repeat(1_000_000)),
            1,
        ),
        (
            "nested long names",
            format!("<gpx>{point}{}", format!("<{}>", "a".repeat(20_000)).repeat(63)),
            1,
        ),
        (
            "billion laughs",
            format!("<!DOCTYPE gpx [<!ENTITY l0 'ha'>{laughs}]><gpx><name>&l9;</name>{point}</gpx>"),
            1,
        ),
        (
            "comments",
            format!("<gpx>{}{point}</gpx>", "<!---->".repeat(200_000)),
            1,
        ),
        (
            "references",
            format!("<gpx><trkpt lat='1' lon='1'><time>{}", "&a;".repeat(400_000)),
            0,
        ),
        (
            "pieces of a value",
            format!(
                "<gpx><trkpt lat='1' lon='1'><time>{}</time></trkpt></gpx>",
                "1<!---->".repeat(200_000)
            ),
            1,
        ),
    ] {
        // The best of three: the machine may be busy with other tests.
        let took = (0..3).map(|_| {
            let start = now();
            assert_eq!(read(&text).fixes.len(), fixes, "{name}");
            start.elapsed()
        });
        let best = took.min().unwrap();
        assert!(best < Duration::from_millis(500), "{name} took {best:?}");
    }
}

#[test]
fn offsets_are_those_of_the_file_in_utf16_too() {
    let text = "<gpx><trkpt lat='1' lon='1'/><é>";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let content = read_gpx(&bytes, &TraceLimits::default()).unwrap();
    let byte = u64::try_from(bytes.len()).unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (
            1,
            Some(Fault::Truncated {
                byte,
                open_elements: 2
            })
        )
    );
}

#[test]
fn limits_end_the_reading() {
    let limits = TraceLimits {
        max_points: 1,
        max_depth: 5,
        ..TraceLimits::default()
    };
    let content = read_gpx(
        b"<gpx><trkpt lat='1' lon='1'/><trkpt lat='1' lon='1'/></gpx>",
        &limits,
    )
    .unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::TooManyPoints { byte: 29, limit: 1 }))
    );
    let content = read_gpx(b"<gpx><a><a><a><a></a></a></a></a></gpx>", &limits).unwrap();
    assert_eq!(content.fault, None);
    let content = read_gpx(b"<gpx><a><a><a><a><a/></a></a></a></a></gpx>", &limits).unwrap();
    assert_eq!(content.fault, Some(Fault::TooDeep { byte: 17, limit: 5 }));
}

#[test]
fn what_is_not_gpx_says_so() {
    let limits = TraceLimits::default();
    assert_eq!(read_gpx(b" \n", &limits), Err(TraceError::Empty));
    assert_eq!(
        read_gpx(b"<kml/>", &limits),
        Err(TraceError::NotGpx {
            root: "kml".to_owned(),
            byte: 0
        })
    );
    assert!(matches!(
        read_gpx(b"\x89PNG<gpx/>", &limits),
        Err(TraceError::NotXml { byte: 0, .. })
    ));
    assert!(matches!(
        read_gpx(b"<?xml version='1.0'?>", &limits),
        Err(TraceError::NotXml { byte: 21, .. })
    ));
    assert!(matches!(
        read_gpx(b"<gpx", &limits),
        Err(TraceError::NotXml { .. })
    ));
}

#[test]
fn a_name_in_another_code_or_with_a_bare_ampersand_costs_nothing() {
    let content = read_gpx(
        b"<gpx><trk><name>Fish & Stra\xDFe</name><trkseg><trkpt lat='1' lon='1'/></trkseg></trk></gpx>",
        &TraceLimits::default(),
    )
    .unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault, content.notes.replaced_bytes),
        (1, None, 1)
    );
}

#[test]
fn knows_a_gpx_by_its_root() {
    for text in [
        "<gpx>",
        " <?xml version='1.0'?><gpx version",
        "<!-- gpx --><x:gpx>",
        "<gpx/>",
        "<gpx",
    ] {
        assert!(looks_like_gpx(text), "{text}");
    }
    for text in [
        "",
        "gpx",
        "<kml>gpx",
        "<gpxdata>",
        "<a b='x:gpx'>",
        "time,lat,lon",
    ] {
        assert!(!looks_like_gpx(text), "{text}");
    }
}
