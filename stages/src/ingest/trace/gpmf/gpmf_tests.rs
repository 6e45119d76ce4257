use super::fixture::{Dice, block, device, gps5, longs, nest, real, two_seconds};
use super::{looks_like_gpmf, read_gpmf};
use crate::ingest::civil_time::parse_civil_time;
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, sniff};

fn read(bytes: &[u8]) -> TraceContent {
    read_gpmf(bytes, &TraceLimits::default()).unwrap()
}

fn at(time: &str) -> Option<i64> {
    parse_civil_time(time.as_bytes()).map(|time| time.utc_us(0))
}

fn times(content: &TraceContent) -> Vec<Option<i64>> {
    content.fixes.iter().map(|fix| fix.time_us).collect()
}

#[test]
fn a_sample_has_what_its_payload_says_of_all() {
    let content = read(&two_seconds().concat());
    assert_eq!(content.fault, None);
    assert_eq!(content.notes.remarks, Vec::<String>::new());
    assert_eq!(
        content.fixes[1],
        RawFix {
            segment: 0,
            time_us: at("2024-05-01T10:00:00.3Z"),
            lat_e7: Some(481_000_010),
            lon_e7: Some(115_000_020),
            hdop_milli: Some(1_580),
            fix_3d: Some(true),
            speed_mm_s: Some(2_500),
            elevation_mm: Some(12_345),
            ..RawFix::default()
        }
    );
}

#[test]
fn samples_lie_evenly_between_the_times_of_payloads_and_the_last_go_on_at_that_pace() {
    let content = read(&two_seconds().concat());
    let expected = ["00", "00.3", "00.6", "00.9", "01.2"].map(|s| at(&format!("2024-05-01T10:00:{s}Z")));
    assert_eq!(times(&content), expected);
}

#[test]
fn a_payload_alone_lasts_a_second_and_so_does_one_before_the_clock_was_set() {
    let four = [(1, 1), (2, 2), (3, 3), (4, 4)];
    let alone = read(&device(1, &[gps5(b"240501100000.000", 3, &four)]));
    let expected = ["00", "00.25", "00.5", "00.75"].map(|s| at(&format!("2024-05-01T10:00:{s}Z")));
    assert_eq!(times(&alone), expected);
    for later in [b"240601100000.000", b"230601100000.000", b"240501100000.000"] {
        let set = [gps5(b"240501100000.000", 0, &four), gps5(later, 3, &[(5, 5)])];
        let content = read(&set.map(|stream| device(1, &[stream])).concat());
        assert_eq!(times(&content)[..4], expected);
    }
}

#[test]
fn a_time_lapse_spreads_its_samples_over_the_real_time() {
    let streams = [
        gps5(b"240501100000.000", 3, &[(1, 1), (2, 2)]),
        gps5(b"240501100030.000", 3, &[(3, 3)]),
    ];
    let content = read(&streams.map(|stream| device(1, &[stream])).concat());
    assert_eq!(times(&content)[1], at("2024-05-01T10:00:15Z"));
}

#[test]
fn policy_f5_no_lock_and_a_flat_fix_are_no_3d_fix() {
    for (fix, three_d) in [(0, false), (2, false), (3, true)] {
        let content = read(&device(1, &[gps5(b"240501100000.000", fix, &[(1, 1), (2, 2)])]));
        assert!(content.fixes.iter().all(|f| f.fix_3d == Some(three_d)));
    }
    let silent = nest(
        b"STRM",
        &[
            block(b"SCAL", b'l', 4, &longs(&[10_000_000])),
            block(b"GPS5", b'l', 20, &longs(&[1, 2, 3, 4, 5])),
        ],
    );
    assert_eq!(read(&device(1, &[silent])).fixes[0].fix_3d, None);
}

#[test]
fn an_unreadable_time_is_none_and_counted() {
    let content = read(&device(1, &[gps5(b"241301100000.000", 3, &[(1, 1), (2, 2)])]));
    assert_eq!(times(&content), [None, None]);
    assert_eq!(content.notes.unreadable_times, 2);
}

/// A `GPS9` stream of one position.
fn gps9(lat: i32, days: i32, day_ms: i32, fix: u16) -> Vec<u8> {
    let mut sample = longs(&[lat, 115_000_000, -1_500, 10, 10, days, day_ms]);
    sample.extend(179_u16.to_be_bytes());
    sample.extend(fix.to_be_bytes());
    let scales = [10_000_000, 10_000_000, 1_000, 1_000, 100, 1, 1_000, 100, 1];
    nest(
        b"STRM",
        &[
            block(b"TYPE", b'c', 9, b"lllllllSS"),
            block(b"SCAL", b'l', 4, &longs(&scales)),
            block(b"GPS9", b'?', 32, &sample),
        ],
    )
}

#[test]
fn gps9_has_its_own_times_and_leaves_the_gps5_of_its_device_only() {
    let both = device(
        1,
        &[
            gps5(b"220920132938.299", 3, &[(424_000_000, 1)]),
            gps9(424_000_000, 8_298, 48_576_899, 3),
        ],
    );
    let other = device(2, &[gps5(b"220920132938.299", 3, &[(7, 7)])]);
    let content = read(&[both, other].concat());
    assert_eq!(content.fixes.len(), 2);
    assert_eq!(
        content.fixes[0],
        RawFix {
            segment: 0,
            time_us: at("2022-09-20T13:29:36.899Z"),
            lat_e7: Some(424_000_000),
            lon_e7: Some(115_000_000),
            hdop_milli: Some(1_790),
            fix_3d: Some(true),
            speed_mm_s: Some(10),
            elevation_mm: Some(-1_500),
            ..RawFix::default()
        }
    );
    assert_eq!((content.fixes[1].segment, content.fixes[1].lat_e7), (1, Some(7)));
    assert_eq!(
        content.notes.remarks,
        ["1 GPS5 positions are in GPS9 once more and were left"]
    );
}

#[test]
fn a_day_out_of_the_calendar_is_no_time() {
    for (days, ms) in [(i32::MAX, i32::MAX), (i32::MIN, i32::MIN), (3_000_000, 0)] {
        assert_eq!(read(&device(1, &[gps9(1, days, ms, 3)])).fixes[0].time_us, None);
    }
}

/// A drone's stream of one position, 10.5 s after its start.
fn gpri() -> Vec<u8> {
    let mut sample = 10_500_000_u64.to_be_bytes().to_vec();
    sample.extend(longs(&[331_253_680, -1_173_310_641, 15_445]));
    for value in [25_u16, 42, 59, 33_450] {
        sample.extend(value.to_be_bytes());
    }
    sample.extend([3, 20]);
    let scales = [1_000_000, 10_000_000, 10_000_000, 1_000, 100, 100, 100, 100, 1, 1];
    nest(
        b"STRM",
        &[
            block(b"TYPE", b'c', 1, b"JlllSSSSBB"),
            block(b"SCAL", b'l', 4, &longs(&scales)),
            block(b"GPRI", b'?', 30, &sample),
        ],
    )
}

#[test]
fn a_drone_says_when_its_clock_began() {
    let mut sample = 20_000_000_u64.to_be_bytes().to_vec();
    sample.extend(1_492_578_126_384_u64.to_be_bytes());
    let syst = nest(
        b"STRM",
        &[
            block(b"TYPE", b'c', 1, b"JJ"),
            block(b"SCAL", b'l', 4, &longs(&[1_000_000, 1_000])),
            block(b"SYST", b'?', 16, &sample),
        ],
    );
    let expected = RawFix {
        lat_e7: Some(331_253_680),
        lon_e7: Some(-1_173_310_641),
        accuracy_mm: Some(250),
        satellites: Some(20),
        fix_3d: Some(true),
        speed_mm_s: Some(590),
        course_deg: Some(335),
        elevation_mm: Some(15_445),
        ..RawFix::default()
    };
    assert_eq!(read(&device(1, &[gpri()])).fixes, [expected]);
    let timed = RawFix {
        time_us: Some(1_492_578_116_884_000),
        ..expected
    };
    assert_eq!(read(&device(1, &[gpri(), syst])).fixes, [timed]);
}

#[test]
fn without_a_divisor_there_is_no_position() {
    let scaled = |scales: &[i32]| {
        let stream = nest(
            b"STRM",
            &[
                block(b"SCAL", b'l', 4, &longs(scales)),
                block(b"GPS5", b'l', 20, &longs(&[15, 15, 0, 0, 0])),
            ],
        );
        read(&device(1, &[stream])).fixes[0].lat_e7
    };
    assert_eq!(scaled(&[10_000_000]), Some(15));
    assert_eq!(scaled(&[100_000_000, 1]), Some(2), "halves away from zero");
    assert_eq!(scaled(&[100_000_000, 0]), None);
    assert_eq!(scaled(&[0, 1]), None);
    assert_eq!(scaled(&[1]), Some(150_000_000));
    let bare = nest(b"STRM", &[block(b"GPS5", b'l', 20, &longs(&[1, 2, 3, 4, 5]))]);
    let content = read(&device(1, &[bare]));
    assert_eq!(
        (content.fixes[0].lat_e7, content.notes.unreadable_positions),
        (None, 1)
    );
}

#[test]
fn a_cut_file_keeps_what_precedes_the_cut() {
    let whole = two_seconds().concat();
    let first = two_seconds()[0].len();
    let content = read(&whole[..whole.len() - 10]);
    assert_eq!(content.fixes.len(), 4, "the sample that is cut is none");
    assert_eq!(
        content.fault,
        Some(Fault::Broken {
            byte: u64::try_from(whole.len() - 10).unwrap(),
            what: format!("the block that begins at byte {first} lacks 10 bytes"),
        })
    );
    assert_eq!(content.notes.remarks, Vec::<String>::new());
    for end in 1..whole.len() {
        if let Ok(content) = read_gpmf(&whole[..end], &TraceLimits::default()) {
            let known = [3, 0][usize::from(end < first)];
            assert!(content.fixes.len() >= known);
            assert!(content.fault.is_some() || end == first, "cut at {end}");
        }
    }
}

#[test]
fn a_broken_stream_does_not_cost_the_next_device() {
    let [first, second] = two_seconds();
    let mut broken = first;
    // The stream's length, beyond its device.
    let at = broken.windows(4).position(|key| key == b"STRM").unwrap();
    broken[at + 6..at + 8].copy_from_slice(&[0xFF, 0xFF]);
    let content = read(&[broken, second].concat());
    assert_eq!((content.fixes.len(), content.fault), (5, None));
    assert_eq!(
        content.notes.remarks,
        ["1 GPMF blocks are broken or longer than what holds them"]
    );
}

#[test]
fn hostile_lengths_and_depths_cost_nothing() {
    let claims = |key: &[u8; 4], kind: u8, size: u8, count: u16| {
        let mut bytes = key.to_vec();
        bytes.extend([kind, size]);
        bytes.extend(count.to_be_bytes());
        bytes
    };
    let stream = |data: Vec<u8>| device(1, &[nest(b"STRM", &[data])]);
    for data in [
        claims(b"GPS5", b'l', 255, u16::MAX),
        claims(b"GPS5", b'l', 0, u16::MAX),
        claims(b"GPS9", b'?', 255, u16::MAX),
        claims(b"SCAL", b'l', 1, u16::MAX),
        claims(b"SYST", b'?', 0, 1),
    ] {
        assert_eq!(read(&stream(data)).fixes, []);
    }
    let mut deep = Vec::new();
    for _ in 0..2_000 {
        deep = nest(b"STRM", &[deep]);
    }
    assert_eq!(read(&nest(b"DEVC", &[deep])).fixes, []);
    let zeros = [device(1, &[]), vec![0; 400_000]].concat();
    assert_eq!((read(&zeros).fixes.len(), read(&zeros).fault), (0, None));
}

#[test]
fn the_limit_of_points_holds() {
    let limits = TraceLimits {
        max_points: 4,
        ..TraceLimits::default()
    };
    let content = read_gpmf(&two_seconds().concat(), &limits).unwrap();
    assert_eq!(content.fixes.len(), 4);
    assert!(matches!(
        content.fault,
        Some(Fault::TooManyPoints { limit: 4, .. })
    ));
}

#[test]
fn only_what_begins_with_a_device_is_gpmf() {
    let whole = two_seconds().concat();
    assert!(looks_like_gpmf(&whole));
    assert_eq!(sniff("raw", &whole), Some(TraceFormat::Gpmf));
    for other in [
        &b""[..],
        b"DEVC",
        b"DEVC by name",
        b"\0\0\0\0DEVC\0\x01\0\0",
        b"STRM\0\x01\0\0",
    ] {
        assert!(!looks_like_gpmf(other), "{other:?}");
        assert!(read_gpmf(other, &TraceLimits::default()).is_err());
    }
    assert_eq!(read_gpmf(b"", &TraceLimits::default()), Err(TraceError::Empty));
}

/// Counts and positions as the library `gopro-telemetry` 1.2.11 gives them for the same files; degrees in 1e-7.
#[test]
fn real_streams_give_what_another_reader_gives() {
    for (name, fixes, first, last, begins, locked) in [
        (
            "Fusion.raw",
            19,
            (331_266_299, -1_173_274_386),
            (331_266_363, -1_173_274_444),
            "2018-03-23T17:25:37.375Z",
            true,
        ),
        (
            "hero5.raw",
            18,
            (331_264_969, -1_173_273_542),
            (331_264_973, -1_173_273_579),
            "2017-04-17T17:31:03Z",
            true,
        ),
        (
            "hero6.raw",
            17,
            (331_265_542, -1_173_271_299),
            (331_265_624, -1_173_271_188),
            "2018-01-24T19:28:01.699Z",
            false,
        ),
        (
            "hero6+ble.raw",
            18,
            (331_267_334, -1_173_274_448),
            (331_267_334, -1_173_274_448),
            "2018-03-23T22:51:39.829Z",
            false,
        ),
        (
            "hero7.raw",
            308,
            (423_425_835, -87_526_142),
            (423_423_429, -87_526_810),
            "2019-01-03T16:33:34.094Z",
            true,
        ),
        (
            "hero11.raw",
            110,
            (424_261_529, -86_499_795),
            (424_261_379, -86_499_978),
            "2022-09-20T13:29:36.899Z",
            true,
        ),
        (
            "karma.raw",
            4,
            (331_253_680, -1_173_310_641),
            (331_253_765, -1_173_310_702),
            "2017-04-17T19:27:57.367422Z",
            true,
        ),
    ] {
        let Some(bytes) = real(name) else { return };
        assert_eq!(
            sniff("raw", &bytes[..bytes.len().min(4_096)]),
            Some(TraceFormat::Gpmf)
        );
        let content = read(&bytes);
        assert_eq!(
            (content.fault.clone(), content.fixes.len()),
            (None, fixes),
            "{name}"
        );
        let position = |fix: &RawFix| (fix.lat_e7.unwrap(), fix.lon_e7.unwrap());
        assert_eq!(position(&content.fixes[0]), first, "{name}");
        assert_eq!(position(content.fixes.last().unwrap()), last, "{name}");
        assert_eq!(content.fixes[0].time_us, at(begins), "{name}");
        assert!(
            content.fixes.iter().all(|fix| fix.fix_3d == Some(locked)),
            "{name}"
        );
        assert!(content.fixes.iter().all(|fix| fix.segment == 0), "{name}");
        assert!(
            content
                .fixes
                .windows(2)
                .all(|pair| pair[0].time_us < pair[1].time_us),
            "{name}"
        );
    }
}

#[test]
fn no_mutated_stream_panics_or_breaks_a_promise() {
    let rounds = option_env!("MUTATIONS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(4_000);
    let limits = TraceLimits {
        max_points: 50,
        ..TraceLimits::default()
    };
    let drone = device(3, &[gpri(), gps9(424_000_000, 8_298, 48_576_899, 3)]);
    let mut seeds = vec![[two_seconds().concat(), drone].concat()];
    seeds.extend(["karma.raw", "hero5.raw"].into_iter().filter_map(real));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for seed in seeds {
        for round in 0..rounds {
            let bytes = dice.mutate(&seed);
            let Ok(content) = read_gpmf(&bytes, &limits) else {
                continue;
            };
            check(&content, &format!("round {round}"));
            assert_eq!(read_gpmf(&bytes, &limits), Ok(content));
        }
    }
}

/// What holds for any content with at most 50 fixes.
pub(in crate::ingest::trace) fn check(content: &TraceContent, place: &str) {
    assert!(content.fixes.len() <= 50, "{place}");
    let mut segments = 0;
    for fix in &content.fixes {
        assert_eq!(fix.lat_e7.is_some(), fix.lon_e7.is_some(), "{place}");
        assert!(fix.lat_e7.is_none_or(|lat| lat.abs() <= 900_000_000), "{place}");
        assert!(fix.lon_e7.is_none_or(|lon| lon.abs() <= 1_800_000_000), "{place}");
        assert!(fix.course_deg.is_none_or(|course| course < 360), "{place}");
        assert!(fix.segment <= segments, "segments have no holes: {place}");
        segments = segments.max(fix.segment + 1);
    }
}
