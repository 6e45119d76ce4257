use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{TraceError, TraceFormat, TraceLimits, read_trace, sniff};

fn real(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/real")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no real files at {}", path.display());
    None
}

#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a hang is what these tests look for")]
fn now() -> Instant {
    Instant::now()
}

/// The files under a folder in order of their paths.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|have| have.eq_ignore_ascii_case(extension))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn content_decides_before_the_extension() {
    let gpx = b"<?xml version='1.0'?><gpx version='1.1'>";
    let csv = b"time,lat,lon\n1,2,3\n";
    assert_eq!(sniff("csv", gpx), Some(TraceFormat::Gpx));
    assert_eq!(sniff("gpx", csv), Some(TraceFormat::Csv));
    assert_eq!(sniff("", csv), Some(TraceFormat::Csv));
    assert_eq!(sniff(".GPX", b"rubbish"), Some(TraceFormat::Gpx));
    assert_eq!(sniff("tsv", b""), Some(TraceFormat::Csv));
    assert_eq!(sniff("txt", b"path,contributor\n"), None);
    assert_eq!(sniff("jpg", b"\xFF\xD8\xFF"), None);
}

#[test]
fn sniffing_a_large_file_looks_at_its_start_only() {
    let start = now();
    let head = format!("<{}", "gpx".repeat(3_000_000));
    assert_eq!(sniff("", head.as_bytes()), None);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn hostile_files_take_no_time() {
    let Some(folder) = real("network/hostile") else {
        return;
    };
    let start = now();
    for extension in ["gpx", "csv", "fit", "geojson", "parquet"] {
        for path in files(&folder, extension) {
            let bytes = bytes_of(&path);
            if let Some(format) = sniff(extension, &bytes) {
                // Whatever comes of it is fine; the tables of outcomes are elsewhere.
                let _ = read_trace(format, &bytes, &TraceLimits::default());
            }
        }
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn no_shape_of_input_is_quadratic() {
    const BYTES: usize = 400_000;
    let full = |piece: &str| piece.repeat(BYTES / piece.len());
    let gpx = |middle: &str| format!("<gpx><trk><trkseg><trkpt lat='1' lon='1'>{middle}");
    let tcx = |middle: &str| format!("<TrainingCenterDatabase><Track><Trackpoint>{middle}");
    let inputs = [
        (TraceFormat::Gpx, gpx(&full("&"))),
        (TraceFormat::Gpx, gpx(&full("&a"))),
        (TraceFormat::Gpx, gpx(&full("&lt;"))),
        (TraceFormat::Gpx, gpx(&format!("<time>{}", full("&#48;")))),
        (TraceFormat::Gpx, gpx(&format!("<time>{}", full("<!---->0")))),
        (TraceFormat::Gpx, gpx(&format!("<time>{}", full("<b/>0")))),
        (TraceFormat::Gpx, gpx(&full("<![CDATA[]]>"))),
        (TraceFormat::Gpx, gpx(&full("<!--"))),
        (TraceFormat::Gpx, gpx(&full("<?"))),
        (TraceFormat::Gpx, gpx(&full("<"))),
        (TraceFormat::Gpx, gpx(&format!("<a {}/>", full("b='' ")))),
        (TraceFormat::Gpx, format!("<gpx><trkpt {}/>", full("lat='x' "))),
        (TraceFormat::Gpx, format!("<gpx><trkpt {}/>", full("lat= "))),
        (TraceFormat::Gpx, format!("<gpx>{}", full("<trk>"))),
        (
            TraceFormat::Gpx,
            format!("<!DOCTYPE gpx [{}", full("<!ENTITY a 'b'>")),
        ),
        (TraceFormat::Gpx, format!("<!DOCTYPE gpx {}", full("<["))),
        (TraceFormat::Gpx, format!("\u{FEFF}{}", full("<gpx "))),
        (TraceFormat::Csv, full("t,lat,lon,")),
        (TraceFormat::Csv, format!("t,lat,lon\n{}", full("\""))),
        (TraceFormat::Csv, format!("t,lat,lon\n{}", full("\"\n"))),
        (TraceFormat::Csv, format!("t,lat,lon\n{}", full(","))),
        (TraceFormat::Csv, format!("t,lat,lon\n1,{},2", full("9"))),
        (TraceFormat::Csv, full("\n")),
        (TraceFormat::Tcx, tcx(&full("&a"))),
        (TraceFormat::Tcx, tcx(&format!("<Time>{}", full("&#48;")))),
        (TraceFormat::Tcx, tcx(&format!("<Time>{}", full("<!---->0")))),
        (TraceFormat::Tcx, tcx(&format!("<Time>{}", full("<b/>0")))),
        (TraceFormat::Tcx, tcx(&full("<Time/>"))),
        (TraceFormat::Tcx, tcx(&full("</Trackpoint><Trackpoint>"))),
        (TraceFormat::Tcx, format!("<!DOCTYPE a {}", full("<["))),
        (TraceFormat::Csv, full("#\n")),
        (TraceFormat::Csv, full("sep=;\n")),
        (TraceFormat::Csv, format!("t,geom\n1,{}", full("0"))),
        (TraceFormat::Csv, format!("t,geom\n1,POINT({}", full(" "))),
        (TraceFormat::GeoJson, full("[")),
        (TraceFormat::GeoJson, full("{}")),
        (TraceFormat::GeoJson, full("\u{1E}")),
        (TraceFormat::GeoJson, format!("{{\"type\":\"{}", full("\\u0041"))),
        (
            TraceFormat::GeoJson,
            format!("{{\"properties\":{{{}", full("\"t\":0,")),
        ),
        (
            TraceFormat::GeoJson,
            format!("{{\"type\":\"LineString\",\"coordinates\":[{}", full("[],")),
        ),
        (
            TraceFormat::GeoJson,
            format!("{{\"type\":\"LineString\",\"coordinates\":[{}", full("[1,2],")),
        ),
        (
            TraceFormat::GeoJson,
            format!("{{\"geometries\":[{}", full("{\"coordinates\":[1]},")),
        ),
    ];
    for (format, input) in inputs {
        let start = now();
        let _ = sniff("", input.as_bytes());
        let _ = read_trace(format, input.as_bytes(), &TraceLimits::default());
        let head: String = input.chars().take(60).collect();
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{head} took {:?}",
            start.elapsed()
        );
    }
}

/// Fixes, those with a time, those with a position, and whether something broke.
fn outcome(path: &Path) -> Result<(usize, usize, usize, bool), TraceError> {
    let bytes = bytes_of(path);
    let extension = path.extension().unwrap().to_str().unwrap();
    let content = read_trace(sniff(extension, &bytes).unwrap(), &bytes, &TraceLimits::default())?;
    let times = content.fixes.iter().filter(|fix| fix.time_us.is_some()).count();
    let positions = content.fixes.iter().filter(|fix| fix.lat_e7.is_some()).count();
    Ok((content.fixes.len(), times, positions, content.fault.is_some()))
}

#[test]
fn real_files_give_what_they_hold() {
    let Some(folder) = real("network") else { return };
    for (path, fixes, times, positions, broken) in [
        (
            "georust-gpx/fixtures/garmin_with_extensions.gpx",
            3_540,
            3_540,
            3_540,
            false,
        ),
        ("georust-gpx/fixtures/with_accuracy.gpx", 3, 3, 3, false),
        (
            "georust-gpx/fixtures/strava_route_example.gpx",
            113,
            0,
            113,
            false,
        ),
        ("gpxpy/fixtures/korita-zbevnica.gpx", 871, 513, 871, false),
        ("gpxpy/fixtures/cerknicko-without-times.gpx", 296, 5, 296, false),
        ("gpxpy/fixtures/unicode_with_bom.gpx", 0, 0, 0, false),
        ("gpxpy/fixtures/route.gpx", 0, 0, 0, false),
        ("mapillary-tools/sf-drive/sf_30km_h.gpx", 49, 49, 49, false),
        ("mappymatch/denver/test_trace.gpx", 778, 0, 778, false),
        ("pixtrail/rome/track.gpx", 16, 16, 16, false),
        ("hostile/files/nan_inf_range.gpx", 6, 6, 2, false),
        ("hostile/files/time_epoch0_future.gpx", 4, 2, 4, false),
        ("hostile/files/utf16.gpx", 3, 3, 3, false),
        ("hostile/files/truncated.gpx", 17, 17, 17, true),
        ("hostile/files/deep_nest_20k.gpx", 0, 0, 0, true),
        ("hostile/files/billion_laughs.gpx", 0, 0, 0, false),
        ("hostile/files/xxe.gpx", 0, 0, 0, false),
        ("hostile/files/bad.geojson", 4, 0, 1, true),
        ("hostile/files/deep.geojson", 0, 0, 0, true),
        ("hostile/files/swapped_axis.geojson", 3, 3, 0, false),
        ("hostile/files/mixed.csv", 2, 1, 1, false),
        ("chicago-0/shuttle/trips-00.csv", 3_665, 3_665, 3_665, false),
    ] {
        assert_eq!(
            outcome(&folder.join(path)),
            Ok((fixes, times, positions, broken)),
            "{path}"
        );
    }
    for path in [
        "hostile/files/empty.gpx",
        "hostile/files/not_xml.gpx",
        "hostile/files/bad_magic.fit",
        "hostile/files/bad_magic.parquet",
        "uploads.csv",
    ] {
        assert!(outcome(&folder.join(path)).is_err(), "{path}");
    }
}

#[test]
fn real_fit_files_give_what_they_hold() {
    let Some(folder) = real("network/fitparse/fixtures") else {
        return;
    };
    for (path, fixes, broken) in [
        ("nick.fit", 14_391, true),
        ("activity-activity-filecrc.fit", 28, false),
        ("activity-unexpected-eof.fit", 14, true),
        ("activity-settings-corruptheader.fit", 14, true),
        ("activity-settings-nodata.fit", 14, true),
        (
            "elemnt-bolt-no-application-id-inside-developer-data-id.fit",
            131,
            false,
        ),
        ("2019-02-17-062644-ELEMNT-297E-195-0.fit", 13_348, false),
        ("coros-pace-2-cycling-misaligned-fields.fit", 10_305, false),
        ("garmin-edge-500-activity.fit", 10_677, false),
        ("sample_mulitple_header.fit", 1_462, false),
        ("strava-android-app-201.10-b1218918.fit", 237, true),
        ("event_timestamp.fit", 0, false),
        ("../../hostile/files/huge_datasize.fit", 0, true),
    ] {
        assert_eq!(
            outcome(&folder.join(path)),
            Ok((fixes, fixes, fixes, broken)),
            "{path}"
        );
    }
}

#[test]
fn every_real_trace_is_read() {
    let Some(folder) = real("network") else { return };
    let mut trips = 0;
    for path in files(&folder, "csv") {
        if path
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("chicago"))
        {
            let bytes = bytes_of(&path);
            let content = read_trace(TraceFormat::Csv, &bytes, &TraceLimits::default()).unwrap();
            assert_eq!((content.fault, content.notes.unreadable_rows), (None, 0));
            trips += content.segments.len();
        }
    }
    assert_eq!(trips, 889);
    for source in [
        "gpxpy",
        "georust-gpx",
        "pixtrail",
        "mapillary-tools",
        "mappymatch",
    ] {
        for path in files(&folder.join(source), "gpx") {
            let bytes = bytes_of(&path);
            let content = read_trace(TraceFormat::Gpx, &bytes, &TraceLimits::default()).unwrap();
            assert_eq!(content.fault, None, "{}", path.display());
        }
    }
}

/// A fixed sequence of numbers below a bound (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let roll = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(roll).unwrap() % bound.max(1)
    }
}

/// The seed with a few bytes changed, cut, doubled or replaced by something nasty.
fn mutate(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    const NASTY: [&[u8]; 22] = [
        b"{",
        b"[",
        b"]",
        b"}",
        b"\\ud800",
        b"\"type\":\"Polygon\",",
        b"<",
        b">",
        b"&",
        b"&#x110000;",
        b"<![CDATA[",
        b"<!--",
        b"\"",
        b"'",
        b"1e999999999",
        b"-",
        b",",
        b"\n",
        b"\0",
        b"\xFF\xFE",
        b"</trkpt>",
        b"<!DOCTYPE a [",
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + dice.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let end = (at + dice.below(200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                bytes.splice(at..at, NASTY[dice.below(NASTY.len())].iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap();
                }
            }
        }
    }
    bytes
}

#[test]
fn no_mutated_trace_panics_or_breaks_a_promise() {
    let gpx = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><wpt lat=\"1\" lon=\"2\"/>\
        <trk><name>a &amp; b</name><trkseg><trkpt lat=\"48.1\" lon=\"11.5\"><ele>1.5</ele><time>2024-05-01T10:00:00.123Z</time><fix>3d</fix><sat>9</sat><hdop>0.8</hdop>\
        <extensions><q:t><q:speed>3.2</q:speed></q:t></extensions></trkpt><trkpt lat=\"48.2\" lon=\"11.6\"><time>2024-05-01T10:00:01+02:00</time></trkpt></trkseg></trk></gpx>";
    let csv = "trip_id,t,lon,lat,speed\n0,1301806255,-87.649627,41.879176,3\n0,1301806259.5,-87.649875,41.879172,\"4\"\n1,1301806262,-87.650200,41.879171,\n";
    let tcx = "<?xml version=\"1.0\"?><TrainingCenterDatabase><Activities><Activity Sport=\"Biking\"><Id>2024-05-01T10:00:00Z</Id><Lap><Track>\
        <Trackpoint><Time>2024-05-01T10:00:00.5Z</Time><Position><LatitudeDegrees>48.1</LatitudeDegrees><LongitudeDegrees>11.5</LongitudeDegrees></Position>\
        <AltitudeMeters>1.5</AltitudeMeters><Extensions><q:TPX><q:Speed>3.2</q:Speed></q:TPX></Extensions></Trackpoint></Track><Track><Trackpoint/>\
        <Trackpoint><Position><LatitudeDegrees>48.2</LatitudeDegrees><LongitudeDegrees>11.6</LongitudeDegrees></Position></Trackpoint></Track></Lap>\
        </Activity></Activities></TrainingCenterDatabase>";
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(gpx.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let rounds = option_env!("MUTATIONS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(3_000);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let limits = TraceLimits {
        max_points: 50,
        ..TraceLimits::default()
    };
    let dates = "# made by hand\nDATE;TIME;LATITUDE;N/S;LONGITUDE;E/W;SPEED (kn)\n01.05.2024;10:00:00;48,1;N;11,5;E;3\n31/05/2024;100001.5;48,2;S;11,6;W;4\n";
    let wkt = "timestamp,geom,acc\n2024-05-01T10:00:00Z,POINT Z (11.5 48.1 500),3\n1714557601,0101000020E610000000000000000027C0CDCCCCCCCC0C4840,\n";
    let geojson = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"coordinateProperties":{"times":["2024-05-01T10:00:00Z",1714557601]},
        "name":"a \u00e9"},"geometry":{"type":"LineString","coordinates":[[11.5,48.1,500],[11.6,48.2,null,1714557601000]]}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"time":"2024-05-01T10:00:00Z","speed_kmh":3}}]}"#;
    for (seed, format) in [
        (dates.as_bytes(), TraceFormat::Csv),
        (wkt.as_bytes(), TraceFormat::Csv),
        (geojson.as_bytes(), TraceFormat::GeoJson),
        (gpx.as_bytes(), TraceFormat::Gpx),
        (utf16.as_slice(), TraceFormat::Gpx),
        (csv.as_bytes(), TraceFormat::Csv),
        (tcx.as_bytes(), TraceFormat::Tcx),
    ] {
        for round in 0..rounds {
            let bytes = mutate(seed, &mut dice);
            let _ = sniff("gpx", &bytes);
            let Ok(content) = read_trace(format, &bytes, &limits) else {
                continue;
            };
            assert!(content.fixes.len() <= 50, "round {round}");
            let mut highest = None;
            for fix in &content.fixes {
                assert_eq!(fix.lat_e7.is_some(), fix.lon_e7.is_some());
                assert!(fix.lat_e7.is_none_or(|lat| lat.abs() <= 900_000_000));
                assert!(fix.lon_e7.is_none_or(|lon| lon.abs() <= 1_800_000_000));
                assert!(fix.course_deg.is_none_or(|course| course < 360));
                assert!(
                    fix.segment <= highest.map_or(0, |highest| highest + 1),
                    "segments have no holes"
                );
                highest = highest.max(Some(fix.segment));
            }
            assert_eq!(
                read_trace(format, &bytes, &limits),
                Ok(content),
                "the same bytes give the same content"
            );
        }
    }
}
