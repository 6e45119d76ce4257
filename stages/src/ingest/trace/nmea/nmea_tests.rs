use std::path::{Path, PathBuf};

use proptest::prelude::{ProptestConfig, any};
use proptest::{collection, proptest};

use super::super::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, sniff};
use super::{Log, looks_like_nmea, read_nmea};

const DAY_US: i64 = 86_400_000_000;

/// The sentences with their marks and checksums, a line each.
fn log(sentences: &[&str]) -> Vec<u8> {
    let lines = sentences.iter().map(|body| {
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        format!("${body}*{sum:02X}\r\n")
    });
    lines.collect::<String>().into_bytes()
}

fn read(bytes: &[u8]) -> TraceContent {
    read_nmea(bytes, &TraceLimits::default()).unwrap()
}

fn seconds(content: &TraceContent) -> Vec<Option<i64>> {
    let time = |fix: &RawFix| fix.time_us.map(|time| time / 1_000_000);
    content.fixes.iter().map(time).collect()
}

const RMC: &str = "GNRMC,021417.00,A,3725.58362,N,12205.61915,W,0.028,65.13,070220,13.06,E,F,V";
const GGA: &str = "GNGGA,021417.00,3725.58362,N,12205.61915,W,5,12,0.76,4.4,M,-30.0,M,0.0,2000";
const GSA: &str = "GNGSA,A,3,17,02,06,28,12,13,15,24,19,,,,1.48,0.76,1.27,1";
const GST: &str = "GNGST,021417.00,46,,,,3.0,4.0,5.3";

#[test]
fn the_sentences_of_a_moment_are_one_fix() {
    let fix = RawFix {
        segment: 0,
        time_us: Some(1_581_041_657_000_000),
        lat_e7: Some(374_263_937),
        lon_e7: Some(-1_220_936_525),
        accuracy_mm: Some(5_000),
        hdop_milli: Some(760),
        satellites: Some(12),
        fix_3d: Some(true),
        speed_mm_s: Some(14),
        course_deg: Some(65),
        elevation_mm: Some(4_400),
    };
    for sentences in [[RMC, GGA, GSA, GST], [GSA, GST, GGA, RMC], [GST, RMC, GSA, GGA]] {
        let content = read(&log(&sentences));
        assert_eq!(content.fixes, [fix], "{sentences:?}");
        assert_eq!(content.described(), "");
    }
}

#[test]
fn a_log_goes_on_over_midnight_and_its_date_reaches_both_ways() {
    let gga = |time: &str| format!("GPGGA,{time},4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
    let (before, after, later) = (gga("235959"), gga("000000"), gga("000002"));
    let rmc = "GPRMC,000001,A,4807.038,N,01131.000,E,1.0,084.4,020120,,";
    let content = read(&log(&[&before, &after, rmc, &later]));
    let midnight = 1_577_923_200;
    assert_eq!(
        seconds(&content),
        [-1, 0, 1, 2].map(|second| Some(midnight + second))
    );
    let zda = "GPZDA,000001,02,01,2020,00,00";
    assert_eq!(
        seconds(&read(&log(&[&before, &after, zda]))),
        [Some(midnight - 1), Some(midnight)]
    );
    assert_eq!(
        seconds(&read(&log(&[zda, &later, &before, &after]))),
        [Some(midnight + 2), Some(midnight - 1), Some(midnight)]
    );
}

#[test]
fn policy_f1_a_log_without_a_date_has_no_times() {
    let content = read(&log(&[GGA, "GNRMC,021417.00,V,,,,,,,,,,N"]));
    assert_eq!(seconds(&content), [None]);
    assert_eq!(content.described(), "1 fixes without a date");
}

#[test]
fn the_date_of_a_clock_that_ran_down_stays_with_its_moment() {
    let cold = "GPRMC,000001.00,V,4807.038,N,01131.000,E,,,060180,,,N";
    let gga = "GPGGA,000002.00,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
    let content = read(&log(&[cold, gga, RMC]));
    assert_eq!(
        seconds(&content),
        [Some(315_964_801), Some(1_581_033_602), Some(1_581_041_657)]
    );
    let fix_3d: Vec<_> = content.fixes.iter().map(|fix| fix.fix_3d).collect();
    assert_eq!(fix_3d, [Some(false), None, None]);
}

#[test]
fn a_moment_without_a_position_is_counted() {
    let content = read(&log(&[
        "GNRMC,021416.00,V,,,,,,,070220,,,N",
        "GNGGA,021416.00,,,,,0,00,99.99,,,,,,",
        "GNRMC,,V,,,,,,,,,,N",
        RMC,
    ]));
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(content.described(), "2 moments without a position");
}

#[test]
fn what_is_left_out_is_counted() {
    let mut bytes = log(&[RMC, "PUBX,00", "HEHDT,1,T", "GPGGA,25,,,,,0,00,,,M,,M,,"]);
    bytes.extend(b"!AIVDM,1*4A\n$GPGGA,021418,4807.038,N,01131.000,E,1,08,0.9,5,M,,,,\n$GPGGA,1*00\n");
    let content = read(&bytes);
    assert_eq!(content.fixes.len(), 2);
    assert_eq!(
        content.described(),
        "1 sentences with a wrong checksum; 1 malformed sentences; 1 sentences without a checksum; \
         1 proprietary sentences; 1 sentences of other kinds; 1 AIS messages"
    );
}

#[test]
fn a_file_without_a_sentence_is_no_log() {
    let read = |bytes: &[u8]| read_nmea(bytes, &TraceLimits::default());
    assert_eq!(read(b" \n"), Err(TraceError::Empty));
    for bytes in [
        &b"$ $$ $GPGGA"[..],
        b"\xB5\x62\x01\x07$GPGGA,\n",
        b"<gpx>$ABCDE,\n",
    ] {
        assert!(matches!(read(bytes), Err(TraceError::NotThat { byte: 0, .. })));
    }
    let ships = read(b"!AIVDM,1*4A\n").unwrap();
    assert_eq!(ships.described(), "1 AIS messages; holds no recorded fix");
}

#[test]
fn the_limit_of_points_is_kept() {
    let next = RMC.replace("021417", "021418");
    let bytes = log(&[RMC, GGA, &next]);
    let limits = TraceLimits {
        max_points: 1,
        ..TraceLimits::default()
    };
    let content = read_nmea(&bytes, &limits).unwrap();
    assert_eq!(content.fixes.len(), 1);
    let byte = u64::try_from(log(&[RMC, GGA]).len()).unwrap();
    assert_eq!(content.fault, Some(Fault::TooManyPoints { byte, limit: 1 }));
}

#[test]
fn logs_are_known_by_their_first_bytes() {
    let sentence = String::from_utf8(log(&[RMC])).unwrap();
    let bare = "$GPGLL,4807.038,N,01131.000,E,120000,A\n";
    for before in [
        "",
        "# Name: a receiver\n# costs $5\n",
        "\0\0\u{b5}$\u{1}\u{2}",
        "{\"class\":\"VERSION\"}\n",
        "NMEA,",
        "1581041657.123 ",
        "[12:00:00] ",
        "time;sentence\n12:00:00;",
        " ",
    ] {
        for sentence in [&sentence, bare, "!AIVDM,1*4A\n", "$PUBX,a*52\n"] {
            let head = format!("{before}{sentence}");
            let line_only = before.starts_with('{') && !sentence.starts_with("$G");
            assert_eq!(looks_like_nmea(head.as_bytes()), !line_only, "{head}");
        }
    }
}

#[test]
fn formats_that_quote_a_sentence_keep_their_readers() {
    let sentence = String::from_utf8(log(&[RMC])).unwrap();
    for (head, format) in [
        (format!("<gpx><cmt>{sentence}</cmt>"), Some(TraceFormat::Gpx)),
        (
            format!("time,lat,lon,raw\n1,2,3,{sentence}"),
            Some(TraceFormat::Csv),
        ),
        (
            format!("# Header Description:\n# Fix,Provider,Latitude\n# \nNMEA,{sentence}"),
            Some(TraceFormat::GnssLogger),
        ),
        (format!("{{\"a\":\"{sentence}\"}}"), None),
        ("# $GPGGA,1\n".to_owned(), None),
        ("$GPGGA,1*00\n".to_owned(), None),
        ("$ABCDE,1\n".to_owned(), None),
        (sentence.clone(), Some(TraceFormat::Nmea)),
    ] {
        assert_eq!(sniff("", head.as_bytes()), format, "{head}");
    }
}

#[test]
fn segments_and_positions_hold_whatever_the_bytes() {
    let seed = [
        log(&[RMC, GGA, GSA, GST, "GNZDA,021417.00,07,02,2020,00,00"]),
        b"$GPGLL,4807.038,N,01131.000,E\n!AIVDM,1*4A\n".to_vec(),
    ]
    .concat();
    let config = ProptestConfig::with_cases(2_000);
    let edits = collection::vec((any::<usize>(), any::<u8>(), 0_u8..4), 1..6);
    proptest!(config, |(edits in edits)| {
        let mut bytes = seed.repeat(2);
        for (at, byte, how) in edits {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), b"$,*.\n9-!"[usize::from(byte % 8)]),
                2 => { bytes.drain(at..(at + usize::from(byte)).min(bytes.len()).max(at)); }
                _ => if let Some(old) = bytes.get_mut(at) { *old = byte },
            }
        }
        let _ = looks_like_nmea(&bytes);
        if let Ok(content) = read_nmea(&bytes, &TraceLimits::default()) {
            for fix in &content.fixes {
                assert!(fix.lat_e7.is_some_and(|lat| lat.abs() <= 900_000_000));
                assert!(fix.lon_e7.is_some_and(|lon| lon.abs() <= 1_800_000_000));
                assert!(fix.course_deg.is_none_or(|course| course < 360));
                assert!(fix.time_us.is_none_or(|time| (-800_000 * DAY_US..3_000_000 * DAY_US).contains(&time)));
            }
        }
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a hang is what this test looks for")]
fn no_shape_of_input_is_quadratic() {
    let short = "$GPGLL,,,,,000000\n$GPGLL,,,,,130000\n";
    for piece in [
        "$",
        "$$GPGGA,",
        "#$GPGGA,",
        "$GPGGA,*",
        "$GPGGA,1\r",
        "!AIVDM,",
        "$GPGGA,,,,,,,,",
        short,
        RMC,
    ] {
        let bytes = piece.repeat(200_000 / piece.len());
        let start = std::time::Instant::now();
        let _ = looks_like_nmea(bytes.as_bytes());
        let _ = read_nmea(bytes.as_bytes(), &TraceLimits::default());
        let took = start.elapsed();
        assert!(took < std::time::Duration::from_secs(2), "{piece}: {took:?}");
    }
}

fn real(folder: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    let root = std::env::var_os("CAIRN_REAL").map_or_else(beside, PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no real files at {}", path.display());
    None
}

#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "log" || e == "nmea"))
        .collect();
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files
        .iter()
        .map(|path| (name(path), std::fs::read(path).unwrap()))
        .collect()
}

/// Sentences of the kinds that are read, in the logs of 130 receivers by their makers' errors and all.
#[test]
fn nearly_every_sentence_of_real_logs_is_read() {
    let Some(folder) = real("corpus/gpsd/test/daemon") else {
        return;
    };
    let limits = TraceLimits::default();
    let (mut read, mut wrong, mut malformed) = (0, 0, 0);
    for (_, bytes) in files(&folder) {
        let mut log = Log::new(&limits);
        log.run(&bytes);
        read += log.tally.read;
        wrong += log.tally.wrong_checksum;
        malformed += log.tally.malformed;
    }
    let all = read + wrong + malformed;
    let ppm = read * 1_000_000 / all;
    eprintln!(
        "{read} of {all} sentences read ({ppm} ppm), {wrong} with a wrong checksum, {malformed} malformed"
    );
    assert!(all > 28_000, "{all}");
    assert!(ppm >= 997_000, "{ppm}");
}

#[test]
fn every_real_log_is_read_or_says_why_not() {
    let Some(folder) = real("corpus/gpsd/test/daemon") else {
        return;
    };
    let (mut with_fixes, mut fixes, mut without, mut no_log) = (0, 0, 0, 0);
    for (name, bytes) in files(&folder) {
        let outcome = read_nmea(&bytes, &TraceLimits::default());
        let known = sniff("", &bytes) == Some(TraceFormat::Nmea);
        assert_eq!(
            outcome.is_ok(),
            known,
            "{name}: what is read is known by its start"
        );
        match outcome {
            Ok(content) if content.fixes.is_empty() => without += 1,
            Ok(content) => {
                with_fixes += 1;
                fixes += content.fixes.len();
            }
            Err(TraceError::NotThat { .. }) => no_log += 1,
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert_eq!((with_fixes, without, no_log), (119, 10, 70));
    assert_eq!(fixes, 3_732);
}

#[test]
fn a_real_drive_is_read_whole() {
    let Some(folder) = real("network/google-gnss/mountain-view") else {
        return;
    };
    let (_, bytes) = files(&folder).pop().unwrap();
    let content = read(&bytes);
    assert_eq!(content.described(), "1 sentences of other kinds");
    assert_eq!(content.fixes.len(), 1_654, "at 02:33:46 only GLL came through");
    let whole =
        |fix: &&RawFix| fix.time_us.is_some() && fix.fix_3d == Some(true) && fix.satellites == Some(12);
    assert_eq!(content.fixes.iter().filter(whole).count(), 1_653);
}
