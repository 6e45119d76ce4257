use std::path::Path;

use proptest::prelude::{ProptestConfig, any};
use proptest::{collection, proptest};

use super::super::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, sniff};
use super::{looks_like_gnss_logger, read_gnss_logger};

const OLD: &str = "# \n# Header Description:\n# \n# Version: 1.4.0.0, Platform: N\n# \n# Raw,ElapsedRealtimeMillis,TimeNanos\n# \n\
    # Fix,Provider,Latitude,Longitude,Altitude,Speed,Accuracy,(UTC)TimeInMs\n# \n# Nav,Svid\n# \n";
const NEW: &str = "# Fix,Provider,LatitudeDegrees,LongitudeDegrees,AltitudeMeters,SpeedMps,AccuracyMeters,BearingDegrees,UnixTimeMillis,\
    SpeedAccuracyMps,BearingAccuracyDegrees,elapsedRealtimeNanos,VerticalAccuracyMeters,MockLocation\n";

fn read(header: &str, rows: &str) -> TraceContent {
    read_gnss_logger(format!("{header}{rows}").as_bytes(), &TraceLimits::default()).unwrap()
}

#[test]
fn both_generations_of_columns_are_read() {
    let old = "Raw,1,2\nFix,gps,37.422541,-122.081659,-33.000000,0.940000,3.000000,1467321969000\r\n";
    let new = "Fix,GPS,37.422541,-122.081659,-33.0,0.94,3.0,359.6,1467321969000,0.1,2.0,99,1.5,0\n";
    let fix = RawFix {
        time_us: Some(1_467_321_969_000_000),
        lat_e7: Some(374_225_410),
        lon_e7: Some(-1_220_816_590),
        accuracy_mm: Some(3_000),
        speed_mm_s: Some(940),
        elevation_mm: Some(-33_000),
        ..RawFix::default()
    };
    let turned = RawFix {
        course_deg: Some(0),
        ..fix
    };
    for header in [OLD, ""] {
        assert_eq!(read(header, old).fixes, [fix]);
        assert_eq!(read(header, old).described(), "1 raw measurements");
    }
    for header in [NEW, "", &NEW.replace("# ", "#"), &NEW.replace("# ", "")] {
        assert_eq!(read(header, new).fixes, [turned], "{header}");
        assert_eq!(read(header, new).described(), "");
    }
}

#[test]
fn the_receiver_is_believed_before_the_fused_and_the_network_never() {
    let row = |provider: &str| format!("Fix,{provider},1,2,3,4,5,6,7000\n");
    let (gps, flp, nlp, wls) = (row("GPS"), row("FLP"), row("NLP"), row("WLS"));
    for (rows, fixes, said) in [
        (
            [&gps, &flp, &nlp, &wls],
            1,
            "1 fused fixes left for those of the receiver; 1 network positions left out; 1 positions of other providers left out",
        ),
        (
            [&flp, &flp, &nlp, &nlp],
            2,
            "2 fixes are fused, for want of those of the receiver; 2 network positions left out",
        ),
        (
            [&nlp; 4],
            0,
            "4 network positions left out; holds no recorded fix",
        ),
    ] {
        let content = read(NEW, &rows.map(String::as_str).concat());
        assert_eq!((content.fixes.len(), content.described().as_str()), (fixes, said));
    }
}

#[test]
fn a_log_without_fixes_is_read_by_its_nmea() {
    let nmea = "NMEA,$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A,1467321969000\n";
    let content = read(NEW, &format!("Raw,1\nFix,NLP,1,2,3,4,5,6,7000\n{nmea}"));
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(content.fixes[0].lat_e7, Some(481_173_000));
    assert_eq!(
        content.described(),
        "1 lines of NMEA read, for want of fixes; 1 network positions left out; 1 raw measurements"
    );
    let both = read(NEW, &format!("{nmea}Fix,GPS,1,2,3,4,5,6,7000\n"));
    assert_eq!(both.fixes[0].lat_e7, Some(10_000_000));
}

#[test]
fn what_cannot_be_read_is_counted() {
    let rows = "Fix,GPS,x,2,3,4,5,6,7000\nFix,GPS,1,2,3,4,5,6,x\nFix,GPS,1,2,3,4,5,6,\nFix,GPS,1,2,3,4\nFix,GPS,1,2,,,,,7000,,,,,1\n";
    let content = read(NEW, rows);
    assert_eq!(content.fixes.len(), 4);
    let notes = &content.notes;
    assert_eq!((notes.unreadable_positions, notes.unreadable_times), (1, 1));
    assert_eq!((notes.unreadable_rows, notes.first_unreadable_row), (1, Some(5)));
    assert_eq!(notes.remarks, ["1 fixes that the phone calls mocked"]);
    let rejected: Vec<_> = content.fixes.iter().map(|fix| fix.fix_3d).collect();
    assert_eq!(
        rejected,
        [None, None, None, Some(false)],
        "F5 rejects what is mocked"
    );
}

#[test]
fn limits_and_foreign_files() {
    let limits = TraceLimits {
        max_points: 1,
        ..TraceLimits::default()
    };
    let rows = "Fix,GPS,1,2,3,4,5,6,7000\n";
    let content = read_gnss_logger(rows.repeat(2).as_bytes(), &limits).unwrap();
    assert_eq!(content.fixes.len(), 1);
    let byte = u64::try_from(rows.len()).unwrap();
    assert_eq!(content.fault, Some(Fault::TooManyPoints { byte, limit: 1 }));
    assert_eq!(read_gnss_logger(b"\n", &limits), Err(TraceError::Empty));
    assert!(matches!(
        read_gnss_logger(NEW.as_bytes(), &limits),
        Err(TraceError::NotThat { .. })
    ));
}

#[test]
fn logs_are_known_by_their_header() {
    for header in [
        OLD,
        NEW,
        "#Fix,Provider,Latitude\n",
        "# Raw,utcTimeMillis,TimeNanos,LeapSecond\n",
    ] {
        assert!(looks_like_gnss_logger(header));
        assert_eq!(sniff("txt", header.as_bytes()), Some(TraceFormat::GnssLogger));
    }
    for other in ["", "Fix it\n", "# Raw, uncut\n", "time,lat,lon\n", "<gpx/>"] {
        assert!(!looks_like_gnss_logger(other));
    }
}

#[test]
fn no_mutated_log_breaks_a_promise() {
    let seed = format!(
        "{NEW}Fix,GPS,37.4,-122.0,-33.0,0.94,3.0,359.6,1467321969000,,,,,0\nFix,FLP,1,2,3\nNMEA,$GPGGA,1\n"
    )
    .into_bytes();
    let edits = collection::vec((any::<usize>(), any::<u8>(), 0_u8..3), 1..6);
    proptest!(ProptestConfig::with_cases(1_000), |(edits in edits)| {
        let mut bytes = seed.clone();
        for (at, byte, how) in edits {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), b"#,\nF9-."[usize::from(byte % 7)]),
                _ => if let Some(old) = bytes.get_mut(at) { *old = byte },
            }
        }
        if let Ok(content) = read_gnss_logger(&bytes, &TraceLimits::default()) {
            for fix in &content.fixes {
                assert_eq!(fix.lat_e7.is_some(), fix.lon_e7.is_some());
                assert!(fix.course_deg.is_none_or(|course| course < 360));
            }
        }
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
fn real_logs_are_read_whole() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    let root = std::env::var_os("CAIRN_REAL").map_or_else(beside, Into::into);
    let folder = root.join("network/google-gnss/mountain-view");
    if !folder.is_dir() {
        eprintln!("skipped: no real files at {}", folder.display());
        return;
    }
    for (name, fixes, raw) in [
        ("pseudoranges_log_2016_06_30_21_26_07.txt", 216, 1_379),
        ("pseudoranges_log_2016_08_22_14_45_50.txt", 207, 5_041),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(sniff("txt", &bytes), Some(TraceFormat::GnssLogger));
        let content = read_gnss_logger(&bytes, &TraceLimits::default()).unwrap();
        assert_eq!(
            (content.fixes.len(), content.described()),
            (fixes, format!("{raw} raw measurements"))
        );
        assert!(
            content
                .fixes
                .iter()
                .all(|fix| fix.time_us.is_some() && fix.lat_e7.is_some())
        );
    }
}
