use std::time::{Duration, Instant};

use super::fixture::{CREATED, Movie, Spec, blackvue, boxed, camm2, camm5, camm6, gpmd, mp4, table};
use super::{looks_like_video, read_video};
use crate::ingest::civil_time::parse_civil_time;
use crate::ingest::trace::gpmf::fixture::{Dice, real, two_seconds};
use crate::ingest::trace::gpmf::tests::check;
use crate::ingest::trace::{
    Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, read_gpmf, sniff,
};

fn read(bytes: &[u8]) -> TraceContent {
    read_video(bytes, &TraceLimits::default()).unwrap()
}

fn at(time: &str) -> Option<i64> {
    parse_civil_time(time.as_bytes()).map(|time| time.utc_us(0))
}

/// 2024-05-01 10:00 in seconds since 1970.
const MORNING_S: f64 = 1_714_557_600.0;

#[test]
fn gpmf_is_read_wherever_the_tables_stand() {
    let alone = read_gpmf(&two_seconds().concat(), &TraceLimits::default()).unwrap();
    let wide = Spec {
        wide_offsets: true,
        ..gpmd()
    };
    let paired = Spec {
        per_chunk: 2,
        ..gpmd()
    };
    let picture = Spec::new(*b"avc1", vec![vec![7; 5_000]; 3]);
    for movie in [Movie::First, Movie::Last] {
        for track in [gpmd(), wide.clone(), paired.clone()] {
            let content = read(&mp4(movie, &[picture.clone(), track], b""));
            assert_eq!(content.fixes, alone.fixes);
            assert_eq!(content.fault, None);
            assert_eq!(content.notes.remarks, ["frames are not used"]);
        }
    }
}

#[test]
fn a_real_stream_in_a_video_gives_the_same_fixes() {
    for name in ["hero7.raw", "hero11.raw", "hero6+ble.raw", "karma.raw"] {
        let Some(bytes) = real(name) else { return };
        let mut starts: Vec<usize> = bytes
            .windows(5)
            .enumerate()
            .filter_map(|(at, key)| (key == b"DEVC\0").then_some(at))
            .collect();
        starts.push(bytes.len());
        let payloads: Vec<Vec<u8>> = starts
            .windows(2)
            .map(|ends| bytes[ends[0]..ends[1]].to_vec())
            .collect();
        assert_eq!(payloads.concat(), bytes);
        let alone = read_gpmf(&bytes, &TraceLimits::default()).unwrap();
        for movie in [Movie::First, Movie::Last] {
            let content = read(&mp4(movie, &[Spec::new(*b"gpmd", payloads.clone())], b""));
            assert_eq!(content.fixes, alone.fixes, "{name}");
        }
    }
}

#[test]
fn policy_o3_a_video_without_telemetry_says_that_it_has_no_track() {
    let content = read(&mp4(
        Movie::Last,
        &[Spec::new(*b"avc1", vec![vec![1; 100]])],
        &boxed(b"udta", &boxed(b"\xA9xyz", b"\0\x12\x15\xc7+48.1000+011.5000/")),
    ));
    assert_eq!((content.fixes.len(), content.fault.clone()), (0, None));
    assert_eq!(
        content.described(),
        "1 single positions without a track were left; no GPS track was found; frames are not used; holds no recorded fix"
    );
}

#[test]
fn camm_has_times_of_the_satellites() {
    // GPS time counts from 1980 and is 18 s ahead.
    let gps_s = MORNING_S - 315_964_800.0 + 18.0;
    let samples = vec![
        camm2(),
        camm6(gps_s + 0.5, 3, 48.100_000_04, -11.500_000_06),
        camm6(gps_s + 1.5, 2, 91.0, 11.0),
        camm6(f64::NAN, 0, f64::INFINITY, 11.0),
    ];
    let content = read(&mp4(Movie::First, &[Spec::new(*b"camm", samples)], b""));
    assert_eq!(
        content.fixes[0],
        RawFix {
            time_us: at("2024-05-01T10:00:00.5Z"),
            lat_e7: Some(481_000_000),
            lon_e7: Some(-115_000_001),
            accuracy_mm: Some(2_500),
            fix_3d: Some(true),
            speed_mm_s: Some(5_000),
            course_deg: Some(37),
            elevation_mm: Some(520_250),
            ..RawFix::default()
        }
    );
    let rest: Vec<_> = content.fixes[1..]
        .iter()
        .map(|fix| (fix.time_us, fix.lat_e7, fix.fix_3d))
        .collect();
    assert_eq!(
        rest,
        [
            (at("2024-05-01T10:00:01.5Z"), None, Some(false)),
            (None, None, Some(false))
        ]
    );
    assert_eq!(content.notes.unreadable_positions, 2);
}

#[test]
fn camm_times_that_count_from_1970_are_known_by_the_creation() {
    let fixes = |created: u32, time_s: f64| {
        let track = Spec {
            created,
            ..Spec::new(*b"camm", vec![camm6(time_s, 3, 48.0, 11.0)])
        };
        read(&mp4(Movie::First, &[track], b"")).fixes[0].time_us
    };
    let gps_s = MORNING_S - 315_964_800.0 + 18.0;
    assert_eq!(fixes(CREATED, MORNING_S), at("2024-05-01T10:00:00Z"));
    assert_eq!(fixes(CREATED, gps_s), at("2024-05-01T10:00:00Z"));
    // A creation since 1970 in spite of the format.
    assert_eq!(fixes(1_714_557_600, MORNING_S), at("2024-05-01T10:00:00Z"));
    // 2016, when it was 17 s.
    let before = 1_151_366_400.0 + 17.0;
    assert_eq!(fixes(3_550_176_000, before), at("2016-07-01T00:00:00Z"));
}

#[test]
fn camm_without_times_is_timed_by_the_track_and_left_where_there_are_times() {
    let plain = vec![camm5(48.0, 11.0, 500.5), camm2(), camm5(48.1, 11.1, 501.0)];
    let track = Spec {
        step: 250,
        ..Spec::new(*b"camm", plain.clone())
    };
    let content = read(&mp4(Movie::Last, &[track], b""));
    let seen: Vec<_> = content
        .fixes
        .iter()
        .map(|fix| (fix.time_us, fix.lat_e7, fix.elevation_mm, fix.fix_3d))
        .collect();
    assert_eq!(
        seen,
        [
            (at("2024-05-01T10:00:00Z"), Some(480_000_000), Some(500_500), None),
            (
                at("2024-05-01T10:00:00.5Z"),
                Some(481_000_000),
                Some(501_000),
                None
            ),
        ]
    );
    assert_eq!(content.notes.times_without_offset, 0, "the remark says it");
    assert_eq!(
        content.notes.remarks[0],
        "2 CAMM positions have no time but that of the track's creation"
    );
    let mut both = plain;
    both.push(camm6(MORNING_S, 3, 49.0, 11.0));
    let content = read(&mp4(Movie::Last, &[Spec::new(*b"camm", both)], b""));
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(
        content.notes.remarks[0],
        "2 CAMM positions without a time were left for those with one"
    );
}

#[test]
fn of_two_kinds_of_telemetry_one_counts() {
    let camm = Spec::new(*b"camm", vec![camm6(MORNING_S, 3, 49.0, 11.0)]);
    let content = read(&mp4(Movie::First, &[camm, gpmd()], b""));
    assert_eq!(content.fixes.len(), 5);
    assert_eq!(content.fixes[0].lat_e7, Some(481_000_000));
    assert_eq!(
        content.notes.remarks,
        [
            "1 positions of a second kind of telemetry were left",
            "frames are not used"
        ]
    );
}

const SENTENCES: &[u8] = b"[1714557600123]$GPRMC,100000.00,A,4806.000000,N,01130.000000,E,0.0,,010524,,,A*7A\r\n\r\n\
    [1714557600124]$GPGGA,100000.00,4806.000000,N,01130.000000,E,1,09,0.8,520.0,M,47.0,M,,*61[1714557600125]\r\n\0\0";

#[test]
fn sentences_lose_the_times_around_them() {
    let mut sentences = super::Sentences::default();
    sentences.take(SENTENCES);
    sentences.take(b"Chapter 1, 5 $ a month, $us,");
    let text = String::from_utf8(sentences.lines).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("$GPRMC,100000.00") && lines[0].ends_with("*7A"));
    assert!(lines[1].ends_with("*61"));
}

#[test]
fn blackvue_and_subtitles_hold_sentences() {
    let picture = Spec::new(*b"avc1", vec![vec![7; 500]]);
    let dashcam = [
        mp4(Movie::First, std::slice::from_ref(&picture), b""),
        blackvue(SENTENCES),
    ]
    .concat();
    let subtitles = Spec::new(*b"text", vec![[&[0, 90], SENTENCES].concat()]);
    for video in [dashcam, mp4(Movie::Last, &[picture, subtitles], b"")] {
        let content = read(&video);
        assert_eq!(content.fault, None);
        assert_eq!(content.fixes.len(), 1);
        let fix = content.fixes[0];
        assert_eq!(
            (fix.time_us, fix.lat_e7, fix.lon_e7),
            (at("2024-05-01T10:00:00Z"), Some(481_000_000), Some(115_000_000))
        );
    }
}

#[test]
fn a_cut_video_keeps_what_is_there() {
    let whole = mp4(Movie::First, &[gpmd()], b"");
    let content = read(&whole[..whole.len() - two_seconds()[1].len()]);
    assert_eq!(content.fixes.len(), 3);
    assert_eq!(
        content.notes.remarks,
        ["1 samples lie outside the file", "frames are not used"]
    );
    let length = two_seconds()[1].len();
    assert_eq!(
        content.fault,
        Some(Fault::Broken {
            byte: u64::try_from(whole.len() - length).unwrap(),
            what: format!("the box `mdat` lacks {length} bytes"),
        })
    );
    let unfinished = mp4(Movie::Last, &[gpmd()], b"");
    let content = read(&unfinished[..200]);
    assert_eq!(content.fixes, []);
    assert!(content.fault.is_some());
    assert!(
        content.described().contains("there is no `moov` box"),
        "{}",
        content.described()
    );
    for end in 0..whole.len() {
        let _ = read_video(&whole[..end], &TraceLimits::default());
        let _ = read_video(&unfinished[..end], &TraceLimits::default());
    }
}

#[test]
fn a_broken_payload_costs_itself_only() {
    let [first, second] = two_seconds();
    let track = Spec::new(
        *b"gpmd",
        vec![first[..first.len() - 30].to_vec(), b"other".to_vec(), second],
    );
    let content = read(&mp4(Movie::First, &[track], b""));
    assert_eq!(content.fixes.len(), 3);
    assert_eq!(
        content.notes.remarks,
        [
            "1 GPMF payloads are broken",
            "1 samples of a GPMF track are no GPMF",
            "frames are not used"
        ]
    );
}

#[test]
fn a_dashcams_own_telemetry_is_named() {
    let content = read(&mp4(Movie::First, &[], &boxed(b"gps ", &[0; 16])));
    assert_eq!(
        content.notes.remarks[0],
        "1 boxes with a dashcam's own telemetry, which this version does not read"
    );
}

#[test]
fn pictures_and_texts_are_no_videos() {
    for brand in [
        b"isom", b"mp41", b"mp42", b"qt  ", b"M4V ", b"3gp5", b"avc1", b"XAVC",
    ] {
        let head = boxed(b"ftyp", &[&brand[..], b"\0\0\0\x01isommp42"].concat());
        assert!(looks_like_video(&head));
        assert_eq!(sniff("", &head), Some(TraceFormat::Video));
    }
    for brands in [
        &b"heic\0\0\0\0mif1heic"[..],
        b"mif1\0\0\0\0mif1",
        b"avif\0\0\0\0mif1miaf",
        b"crx \0\0\0\x01crx isom",
        b"isom\0\0\0\0heic",
        b"",
    ] {
        assert!(!looks_like_video(&boxed(b"ftyp", brands)), "{brands:?}");
    }
    for first in [b"moov", b"mdat", b"wide", b"free"] {
        assert!(looks_like_video(&boxed(first, &[])));
    }
    for other in [
        &b"The free world\n"[..],
        b"time,lat,lon\n",
        b"\0\0\0\x04free",
        b"\0\0\0",
        b"",
    ] {
        assert!(!looks_like_video(other), "{other:?}");
        assert!(read_video(other, &TraceLimits::default()).is_err());
    }
    assert_eq!(read_video(b"", &TraceLimits::default()), Err(TraceError::Empty));
}

#[expect(clippy::disallowed_methods, reason = "a hang is what these tests look for")]
fn now() -> Instant {
    Instant::now()
}

/// A file whose only track has such tables, followed by `data`.
fn with_tables(tables: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let media = boxed(b"mdia", &boxed(b"minf", &boxed(b"stbl", &tables.concat())));
    [
        boxed(b"ftyp", b"mp41\0\0\0\0"),
        boxed(b"moov", &boxed(b"trak", &media)),
        boxed(b"mdat", data),
    ]
    .concat()
}

#[test]
fn hostile_tables_take_no_time_and_no_memory() {
    const MANY: u32 = u32::MAX;
    let entry = boxed(b"gpmd", &[0; 8]);
    let description = boxed(b"stsd", &[&[0; 8][..], &entry].concat());
    let payload = two_seconds().concat();
    let counted = |value: u32| [vec![100_000], vec![value; 100_000]].concat();
    let same_place = counted(40);
    for sizes in [
        table(b"stsz", &[0, MANY, 16, 16]),
        table(b"stsz", &[16, MANY]),
        table(b"stsz", &[1, MANY]),
        table(b"stsz", &[MANY, MANY]),
        table(b"stsz", &[vec![0], counted(100_000)].concat()),
        table(b"stsz", &[vec![0], counted(0)].concat()),
    ] {
        for runs in [
            table(b"stsc", &[1, 1, MANY, 1]),
            table(b"stsc", &[MANY, 1, MANY, 1]),
            table(b"stsc", &[3, 9, 1, 1, 2, MANY, 1, 1, MANY, 1]),
            table(b"stsc", &[1, 1, 1, MANY]),
            table(b"stsc", &[1, 0, 0, 0]),
        ] {
            for offsets in [
                table(b"stco", &same_place),
                table(b"stco", &[MANY, MANY]),
                table(b"co64", &[1, MANY, MANY]),
            ] {
                let times = table(b"stts", &[MANY, MANY, MANY, 0, MANY]);
                let tables = [description.clone(), times, sizes.clone(), runs.clone(), offsets];
                let start = now();
                let _ = read(&with_tables(&tables, &payload));
                assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
            }
        }
    }
}

#[test]
fn boxes_in_boxes_take_no_time() {
    let mut deep = Vec::new();
    for at in 0..3_000 {
        deep = boxed([b"moov", b"trak", b"mdia", b"free"][at % 4], &deep);
    }
    let _ = read_video(&deep, &TraceLimits::default());
    let many = boxed(b"moov", &boxed(b"trak", &[]).repeat(100_000));
    let start = now();
    assert_eq!(read(&many).fixes, []);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn the_limit_of_points_holds_for_each_kind() {
    let limits = TraceLimits {
        max_points: 2,
        ..TraceLimits::default()
    };
    let camm = Spec::new(*b"camm", vec![camm6(MORNING_S, 3, 49.0, 11.0); 5]);
    for track in [gpmd(), camm] {
        let content = read_video(&mp4(Movie::First, &[track], b""), &limits).unwrap();
        assert_eq!(content.fixes.len(), 2);
        assert!(matches!(
            content.fault,
            Some(Fault::TooManyPoints { limit: 2, .. })
        ));
    }
}

#[test]
fn no_mutated_video_panics_or_breaks_a_promise() {
    let rounds = option_env!("MUTATIONS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(4_000);
    let limits = TraceLimits {
        max_points: 50,
        ..TraceLimits::default()
    };
    let camm = Spec::new(
        *b"camm",
        vec![camm2(), camm5(1.0, 2.0, 3.0), camm6(MORNING_S, 3, 48.0, 11.0)],
    );
    let wide = Spec {
        wide_offsets: true,
        per_chunk: 2,
        ..gpmd()
    };
    let text = Spec::new(*b"text", vec![SENTENCES.to_vec()]);
    let seeds = [
        mp4(Movie::First, &[gpmd(), camm.clone()], b""),
        mp4(Movie::Last, &[camm, text], &boxed(b"udta", b"\0\0\0\0")),
        [mp4(Movie::First, &[wide], b""), blackvue(SENTENCES)].concat(),
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for seed in seeds {
        for round in 0..rounds {
            let bytes = dice.mutate(&seed);
            let Ok(content) = read_video(&bytes, &limits) else {
                continue;
            };
            check(&content, &format!("round {round}"));
            assert_eq!(
                content.notes.remarks.last().map(String::as_str),
                Some("frames are not used")
            );
            assert_eq!(read_video(&bytes, &limits), Ok(content));
        }
    }
}
