use std::time::{Duration, Instant};

use super::crc::crc16;
use super::recording::semicircles_e7;
use super::{looks_like_fit, read_fit};
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z, as FIT counts and in microseconds since 1970.
const TEN: u32 = 1_083_492_000;
const TEN_US: i64 = 1_714_557_600_000_000;
/// A position, as it is written and as it is read.
const AT: (i32, i32) = (573_855_353, 137_200_344);
const AT_E7: (i32, i32) = (481_000_000, 115_000_000);

const RECORD: u16 = 20;
const EVENT: u16 = 21;
/// Fields of a record: number, size, base type.
const TIME: [u8; 3] = [253, 4, 0x86];
const LATITUDE: [u8; 3] = [0, 4, 0x85];
const LONGITUDE: [u8; 3] = [1, 4, 0x85];

fn definition(header: u8, big_endian: bool, global: u16, fields: &[[u8; 3]]) -> Vec<u8> {
    let number = if big_endian {
        global.to_be_bytes()
    } else {
        global.to_le_bytes()
    };
    let count = u8::try_from(fields.len()).unwrap();
    let mut bytes = vec![
        0x40 | header,
        0,
        u8::from(big_endian),
        number[0],
        number[1],
        count,
    ];
    bytes.extend(fields.concat());
    bytes
}

/// Defines local type 0 as a record of time, latitude and longitude.
fn defined() -> Vec<u8> {
    definition(0, false, RECORD, &[TIME, LATITUDE, LONGITUDE])
}

/// A message of that definition.
fn record(time: u32, (latitude, longitude): (i32, i32)) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(time.to_le_bytes());
    bytes.extend(latitude.to_le_bytes());
    bytes.extend(longitude.to_le_bytes());
    bytes
}

/// A file with these messages, whole and with true checksums.
fn file(messages: &[Vec<u8>]) -> Vec<u8> {
    let data = messages.concat();
    let mut bytes = vec![14, 0x20, 0, 0];
    bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend(b".FIT");
    bytes.extend(crc16(&bytes).to_le_bytes());
    bytes.extend(data);
    bytes.extend(crc16(&bytes).to_le_bytes());
    bytes
}

/// A file in which some bytes have been replaced without care for the checksums.
fn patched(mut bytes: Vec<u8>, at: usize, with: &[u8]) -> Vec<u8> {
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

fn read(bytes: &[u8]) -> TraceContent {
    read_fit(bytes, &TraceLimits::default()).unwrap()
}

fn read_messages(messages: &[Vec<u8>]) -> TraceContent {
    read(&file(messages))
}

fn times(content: &TraceContent) -> Vec<Option<i64>> {
    let since_ten = |fix: &RawFix| fix.time_us.map(|time| (time - TEN_US) / 1_000_000);
    content.fixes.iter().map(since_ten).collect()
}

fn segments(content: &TraceContent) -> Vec<u32> {
    content.fixes.iter().map(|fix| fix.segment).collect()
}

fn broken(byte: usize, what: &str) -> Fault {
    Fault::Broken {
        byte: u64::try_from(byte).unwrap(),
        what: what.to_owned(),
    }
}

#[test]
fn the_checksum_is_that_of_the_catalogue() {
    assert_eq!(crc16(b"123456789"), 0xBB3D);
    assert_eq!(crc16(b"123456789\x3D\xBB"), 0);
}

#[test]
fn semicircles_are_rounded_half_away_from_zero() {
    assert_eq!(semicircles_e7(i64::from(i32::MIN)), Some(-1_800_000_000));
    assert_eq!(semicircles_e7(1 << 30), Some(900_000_000));
    assert_eq!(semicircles_e7(1 << 31), None);
    // The last is a tie: 1757812.5.
    for (semicircles, wanted) in [(1 << 23, 7_031_250), (1 << 22, 3_515_625), (1 << 21, 1_757_813)] {
        assert_eq!(semicircles_e7(semicircles), Some(wanted));
        assert_eq!(semicircles_e7(-semicircles), Some(-wanted));
    }
}

#[test]
fn reads_every_field_of_a_record_in_both_byte_orders() {
    let fields = [
        TIME,
        LATITUDE,
        LONGITUDE,
        [2, 2, 0x84],
        [6, 2, 0x84],
        [31, 1, 0x02],
    ];
    let (altitude, speed, accuracy) = (2_560_u16, 13_500_u16, 4_u8);
    let mut little = vec![0];
    little.extend(TEN.to_le_bytes());
    little.extend(AT.0.to_le_bytes());
    little.extend(AT.1.to_le_bytes());
    little.extend(altitude.to_le_bytes());
    little.extend(speed.to_le_bytes());
    little.push(accuracy);
    let mut big = vec![1];
    big.extend(TEN.to_be_bytes());
    big.extend(AT.0.to_be_bytes());
    big.extend(AT.1.to_be_bytes());
    big.extend(altitude.to_be_bytes());
    big.extend(speed.to_be_bytes());
    big.push(accuracy);
    let content = read_messages(&[
        definition(0, false, RECORD, &fields),
        definition(1, true, RECORD, &fields),
        little,
        big,
    ]);
    let wanted = RawFix {
        time_us: Some(TEN_US),
        lat_e7: Some(AT_E7.0),
        lon_e7: Some(AT_E7.1),
        accuracy_mm: Some(4_000),
        speed_mm_s: Some(13_500),
        elevation_mm: Some(12_000),
        ..RawFix::default()
    };
    assert_eq!(content.fixes, [wanted, wanted]);
    assert_eq!(content.described(), "");
}

#[test]
fn enhanced_values_come_first_where_there_are_any() {
    let fields = [
        LATITUDE,
        LONGITUDE,
        [2, 2, 0x84],
        [6, 2, 0x84],
        [73, 4, 0x86],
        [78, 4, 0x86],
    ];
    let message = |speed: u32, altitude: u32| {
        let mut bytes = vec![0];
        bytes.extend(AT.0.to_le_bytes());
        bytes.extend(AT.1.to_le_bytes());
        bytes.extend(2_500_u16.to_le_bytes());
        bytes.extend(1_000_u16.to_le_bytes());
        bytes.extend(speed.to_le_bytes());
        bytes.extend(altitude.to_le_bytes());
        bytes
    };
    let content = read_messages(&[
        definition(0, false, RECORD, &fields),
        message(70_000, 500_000),
        message(u32::MAX, u32::MAX),
        message(70_000, 600_000),
    ]);
    let found: Vec<_> = content
        .fixes
        .iter()
        .map(|fix| (fix.speed_mm_s, fix.elevation_mm))
        .collect();
    assert_eq!(
        found,
        [
            (Some(70_000), Some(99_500_000)),
            (Some(1_000), Some(0)),
            (Some(70_000), None)
        ],
        "an elevation beyond 100 km is none"
    );
}

#[test]
fn records_without_a_position_are_counted_and_no_fixes() {
    let nowhere = i32::MAX;
    let content = read_messages(&[
        defined(),
        record(TEN, (nowhere, nowhere)),
        record(TEN, AT),
        definition(1, false, RECORD, &[TIME]),
        [vec![1], TEN.to_le_bytes().to_vec()].concat(),
    ]);
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(content.notes.remarks, ["2 records without a position"]);
}

#[test]
fn policy_f2_half_a_position_and_one_beyond_the_pole_are_none() {
    let content = read_messages(&[
        defined(),
        record(TEN, (AT.0, i32::MAX)),
        record(TEN, ((1 << 30) + 100, AT.1)),
    ]);
    let positions: Vec<_> = content.fixes.iter().map(|fix| (fix.lat_e7, fix.lon_e7)).collect();
    assert_eq!(positions, [(None, None), (None, None)]);
    assert_eq!(content.notes.unreadable_positions, 2);
}

#[test]
fn fields_of_another_size_or_type_than_their_own_have_no_value() {
    for field in [
        [0, 8, 0x85],
        [0, 2, 0x85],
        [0, 4, 0x88],
        [0, 4, 0x07],
        [0, 0, 0x85],
        [0, 1, 0x85],
    ] {
        let size = usize::from(field[1]);
        let mut message = vec![0];
        message.extend(vec![1; size]);
        message.extend(AT.1.to_le_bytes());
        let content = read_messages(&[definition(0, false, RECORD, &[field, LONGITUDE]), message]);
        assert_eq!(
            (content.fixes.len(), content.fixes[0].lat_e7),
            (1, None),
            "{field:?}"
        );
        assert_eq!(content.fault, None);
    }
}

#[test]
fn times_before_the_device_knew_the_date_are_none() {
    let content = read_messages(&[
        defined(),
        record(0x0FFF_FFFF, AT),
        record(0x1000_0000, AT),
        record(u32::MAX, AT),
    ]);
    let known: Vec<_> = content.fixes.iter().map(|fix| fix.time_us).collect();
    assert_eq!(known, [None, Some((0x1000_0000 + 631_065_600) * 1_000_000), None]);
    assert_eq!(content.notes.remarks.len(), 1);
    assert!(content.notes.remarks[0].starts_with("1 times count from the device's start"));
}

#[test]
fn compressed_timestamps_go_on_from_the_last_time() {
    let position = [AT.0.to_le_bytes(), AT.1.to_le_bytes()].concat();
    let low = u8::try_from(TEN & 0x1F).unwrap();
    let compressed = |offset: u8| [vec![0x80 | 1 << 5 | (low + offset) & 0x1F], position.clone()].concat();
    let content = read_messages(&[
        definition(1, false, RECORD, &[LATITUDE, LONGITUDE]),
        compressed(0),
        // Any message's time counts.
        definition(0, false, EVENT, &[TIME]),
        [vec![0], TEN.to_le_bytes().to_vec()].concat(),
        compressed(0),
        compressed(5),
        compressed(31),
        compressed(30),
    ]);
    assert_eq!(times(&content), [None, Some(0), Some(5), Some(31), Some(62)]);
    assert_eq!(
        content.notes.unreadable_times, 1,
        "the first has nothing to go on from"
    );
}

#[test]
fn a_local_type_may_be_defined_anew() {
    let content = read_messages(&[
        defined(),
        record(TEN, AT),
        definition(0, false, 34, &[[0, 7, 0x07]]),
        vec![0; 8],
        defined(),
        record(TEN + 1, AT),
    ]);
    assert_eq!(times(&content), [Some(0), Some(1)]);
}

#[test]
fn developer_fields_are_skipped() {
    let mut with_developer = definition(0x20, false, RECORD, &[TIME, LATITUDE, LONGITUDE]);
    // Number 0 of a developer is no latitude.
    with_developer.extend([2, 0, 4, 0, 1, 3, 0]);
    let message = |time| [record(time, AT), vec![0xAA; 7]].concat();
    let content = read_messages(&[with_developer, message(TEN), message(TEN + 1)]);
    assert_eq!(times(&content), [Some(0), Some(1)]);
    assert_eq!((content.fixes[0].lat_e7, content.fault), (Some(AT_E7.0), None));
}

#[test]
fn a_start_of_the_timer_and_another_file_begin_segments() {
    let timer = |event_type| vec![1, 0, event_type];
    let pause = [
        defined(),
        definition(1, false, EVENT, &[[0, 1, 0], [1, 1, 0]]),
        timer(0),
        record(TEN, AT),
        timer(4),
        record(TEN + 1, AT),
        timer(0),
        timer(0),
        record(TEN + 60, AT),
        // A lap is no event of the timer.
        vec![1, 9, 0],
        record(TEN + 61, AT),
    ];
    assert_eq!(segments(&read_messages(&pause)), [0, 0, 1, 1]);
    let chain = [file(&pause), file(&[]), file(&[defined(), record(TEN + 70, AT)])].concat();
    let content = read(&chain);
    assert_eq!(segments(&content), [0, 0, 1, 1, 2]);
    assert_eq!(content.described(), "");
}

#[test]
fn definitions_and_times_end_with_their_file() {
    let chain = [file(&[defined(), record(TEN, AT)]), file(&[record(TEN, AT)])].concat();
    let content = read(&chain);
    let second = file(&[defined(), record(TEN, AT)]).len();
    let what = "a message of local type 0, which nothing defines";
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(broken(second + 14, what)))
    );
}

#[test]
fn a_course_is_a_plan() {
    let file_id = |kind| [definition(2, false, 0, &[[0, 1, 0]]), vec![2, kind]].concat();
    let messages = |kind| {
        [
            file_id(kind),
            defined(),
            record(TEN, AT),
            record(TEN, (i32::MAX, i32::MAX)),
        ]
    };
    let content = read(&[file(&messages(6)), file(&messages(4))].concat());
    assert_eq!((content.fixes.len(), content.notes.route_points), (1, 1));
}

#[test]
fn points_of_cameras_are_said() {
    let content = read_messages(&[
        definition(0, false, 160, &[TIME, [1, 4, 0x85], [2, 4, 0x85]]),
        record(TEN, AT),
    ]);
    assert_eq!(
        content.notes.remarks,
        ["1 points of a camera's `gps_metadata`, which is not read"]
    );
}

#[test]
fn wrong_checksums_cost_nothing_and_are_said() {
    let good = file(&[defined(), record(TEN, AT)]);
    let end = good.len() - 2;
    let content = read(
        &[
            patched(good.clone(), 12, &[1, 2]),
            patched(good.clone(), end, &[1, 2]),
        ]
        .concat(),
    );
    assert_eq!(content.fixes.len(), 2);
    assert_eq!(
        content.notes.remarks,
        ["1 wrong checksums of headers", "2 wrong checksums of files"],
        "a file's checksum is over its header too"
    );
    // A header without a checksum.
    let content = read(&patched(good, 12, &[0, 0]));
    assert_eq!(content.notes.remarks, ["1 wrong checksums of files"]);
}

#[test]
fn headers_come_in_several_sizes() {
    let good = file(&[defined(), record(TEN, AT)]);
    for size in [12_usize, 13, 20] {
        let mut bytes = good[..12].to_vec();
        bytes[0] = u8::try_from(size).unwrap();
        bytes.resize(size, 0);
        bytes.extend(&good[14..good.len() - 2]);
        bytes.extend(crc16(&bytes).to_le_bytes());
        assert!(looks_like_fit(&bytes));
        let content = read(&bytes);
        assert_eq!(
            (content.fixes.len(), content.described()),
            (1, String::new()),
            "{size}"
        );
    }
    let content = read(&patched(good, 1, &[0x30]));
    assert_eq!(content.fixes.len(), 1);
    assert_eq!(content.notes.remarks[0], "1 headers of a protocol later than 2");
}

#[test]
fn a_header_without_a_size_is_read_to_the_end() {
    let good = file(&[defined(), record(TEN, AT), record(TEN + 1, AT)]);
    let said = "1 headers without a data size, read to the end";
    // The recorder lost its power: no size, no checksum.
    let cut = patched(good[..good.len() - 2].to_vec(), 4, &[0; 4]);
    let content = read(&cut);
    assert_eq!((content.fixes.len(), content.fault), (2, None));
    assert_eq!(content.notes.remarks[0], said);
    let content = read(&cut[..cut.len() - 5]);
    let what = "a message of 12 bytes begins, and 7 are left";
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(broken(cut.len() - 13, what)))
    );
    // Only the size was forgotten.
    let mut summed = cut.clone();
    summed.extend(crc16(&cut).to_le_bytes());
    let content = read(&summed);
    assert_eq!((content.fixes.len(), content.fault), (2, None));
    // An empty file and another behind it.
    let content = read(&[file(&[]), good].concat());
    assert_eq!((content.fixes.len(), content.described()), (2, String::new()));
}

#[test]
fn a_cut_keeps_what_precedes_it_and_says_where() {
    let whole = file(&[
        defined(),
        record(TEN, AT),
        record(TEN + 1, AT),
        record(TEN + 2, AT),
    ]);
    let complete = read(&whole).fixes;
    let first = 14 + defined().len();
    for cut in 14..whole.len() {
        let content = read(&whole[..cut]);
        let kept = cut.saturating_sub(first) / 13;
        assert_eq!(content.fixes, complete[..kept.min(3)], "cut at {cut}");
        let Some(Fault::Broken { byte, what }) = content.fault else {
            panic!("cut at {cut}: {:?}", content.fault);
        };
        assert!(usize::try_from(byte).unwrap() <= cut, "cut at {cut}: {byte}");
        assert!(what.contains("ends"), "cut at {cut}: {what}");
    }
}

#[test]
fn what_follows_the_end_and_is_no_file_is_said() {
    let good = file(&[defined(), record(TEN, AT)]);
    let content = read(&[good.clone(), b"GARMIN".to_vec()].concat());
    let what = "6 bytes follow the end and are no FIT file: 6 bytes, and a header has at least 12";
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(broken(good.len(), what)))
    );
}

#[test]
fn an_architecture_that_is_none_ends_the_reading() {
    let good = [defined(), record(TEN, AT), patched(defined(), 2, &[7])];
    let content = read_messages(&good);
    let what = "a definition message of architecture 7, which is neither 0 nor 1";
    let at = 14 + good[0].len() + good[1].len();
    assert_eq!((content.fixes.len(), content.fault), (1, Some(broken(at, what))));
}

#[test]
fn the_limit_of_points_ends_the_reading() {
    let limits = TraceLimits {
        max_points: 1,
        ..TraceLimits::default()
    };
    let bytes = file(&[defined(), record(TEN, AT), record(TEN, AT)]);
    let content = read_fit(&bytes, &limits).unwrap();
    let byte = u64::try_from(14 + defined().len() + 13).unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::TooManyPoints { byte, limit: 1 }))
    );
}

#[test]
fn what_is_not_fit_says_so() {
    let limits = TraceLimits::default();
    assert_eq!(read_fit(b"", &limits), Err(TraceError::Empty));
    let good = file(&[]);
    let wrong = [
        (good[..11].to_vec(), "11 bytes, and a header has at least 12", 0),
        (patched(good.clone(), 11, b"X"), "no `.FIT` in the header", 8),
        (
            patched(good.clone(), 0, &[11]),
            "a header of 11 bytes where 16 are left",
            0,
        ),
        (
            patched(good.clone(), 0, &[99]),
            "a header of 99 bytes where 16 are left",
            0,
        ),
    ];
    for (bytes, wanted, at) in wrong {
        let Err(TraceError::NotThat { what, byte, .. }) = read_fit(&bytes, &limits) else {
            panic!("{wanted}");
        };
        assert_eq!((what.as_str(), byte), (wanted, at));
    }
}

#[test]
fn knows_fit_by_its_header() {
    assert!(looks_like_fit(&file(&[])));
    assert!(!looks_like_fit(b""));
    assert!(!looks_like_fit(b"\x0B\x10\0\0\0\0\0\0.FIT"));
    assert!(!looks_like_fit(b"\x0C\x10\0\0\0\0\0\0.FIX"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a hang is what this test looks for")]
fn no_shape_of_input_is_quadratic() {
    const BYTES: usize = 2_000_000;
    let full = |piece: Vec<u8>| vec![piece.repeat(BYTES / piece.len())];
    let chain = |piece: Vec<u8>| piece.repeat(BYTES / piece.len());
    let widest = definition(0, false, RECORD, &[[253, 255, 0x86]; 255]);
    let unfinished = patched(file(&[]), 4, &[0; 4]);
    let inputs = [
        file(&full(widest.clone())),
        file(&[vec![definition(0, false, RECORD, &[])], full(vec![0])].concat()),
        file(&[vec![defined()], full(record(TEN, (i32::MAX, i32::MAX)))].concat()),
        file(&[vec![widest], full(vec![0; 65_026])].concat()),
        chain(file(&[])),
        chain(file(&[defined(), record(TEN, AT)])),
        chain(unfinished),
    ];
    for (at, input) in inputs.iter().enumerate() {
        let start = Instant::now();
        let _ = read_fit(input, &TraceLimits::default());
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "input {at} took {:?}",
            start.elapsed()
        );
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

/// The seed with bytes and bits changed, cut, doubled, or moved.
fn mutate(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    const NASTY: [u8; 12] = [0, 1, 0x1F, 0x20, 0x40, 0x60, 0x7F, 0x80, 0xE0, 0xFD, 0xFE, 0xFF];
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(60)).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => bytes
                .splice(at..at, [NASTY[dice.below(NASTY.len())]])
                .for_each(drop),
            roll => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = if roll < 6 {
                        *byte ^ 1 << dice.below(8)
                    } else {
                        NASTY[dice.below(NASTY.len())]
                    };
                }
            }
        }
    }
    bytes
}

#[test]
fn no_mutated_file_panics_or_breaks_a_promise() {
    let position = [AT.0.to_le_bytes(), AT.1.to_le_bytes()].concat();
    let mut with_developer = definition(
        0x23,
        true,
        RECORD,
        &[TIME, LATITUDE, LONGITUDE, [2, 2, 0x84], [31, 1, 2]],
    );
    with_developer.extend([1, 0, 2, 0]);
    let first = file(&[
        [
            definition(2, false, 0, &[[0, 1, 0], [3, 4, 0x8C]]),
            vec![2, 4, 9, 9, 9, 9],
        ]
        .concat(),
        defined(),
        definition(1, false, RECORD, &[LATITUDE, LONGITUDE]),
        record(TEN, AT),
        [vec![0xA3], position.clone()].concat(),
        [
            definition(4, false, EVENT, &[TIME, [0, 1, 0], [1, 1, 0]]),
            vec![4, 1, 2, 3, 4, 0, 0],
        ]
        .concat(),
        record(TEN + 70, AT),
    ]);
    let second = file(&[with_developer, vec![3; 18], vec![3; 18]]);
    let seed = [first, second].concat();
    assert_eq!(read(&seed).fault, None, "the seed itself is sound");
    let rounds = option_env!("MUTATIONS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(20_000);
    let limits = TraceLimits {
        max_points: 6,
        ..TraceLimits::default()
    };
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut fixes = 0;
    for round in 0..rounds {
        let bytes = mutate(&seed, &mut dice);
        let Ok(content) = read_fit(&bytes, &limits) else {
            continue;
        };
        fixes += content.fixes.len();
        assert!(content.fixes.len() <= 6, "round {round}");
        let mut last = 0;
        for fix in &content.fixes {
            assert_eq!(fix.lat_e7.is_some(), fix.lon_e7.is_some(), "round {round}");
            assert!(
                fix.lat_e7.is_none_or(|lat| lat.abs() <= 900_000_000),
                "round {round}"
            );
            assert!(
                fix.lon_e7.is_none_or(|lon| lon.abs() <= 1_800_000_000),
                "round {round}"
            );
            assert!(
                fix.time_us.is_none_or(|time| time >= 899_501_056_000_000),
                "round {round}"
            );
            assert!(
                (last..=last + 1).contains(&fix.segment),
                "round {round}: segments have no holes"
            );
            last = fix.segment;
        }
        if let Some(Fault::Broken { byte, .. }) = content.fault {
            assert!(usize::try_from(byte).unwrap() <= bytes.len(), "round {round}");
        }
        assert_eq!(
            read_fit(&bytes, &limits),
            Ok(content),
            "the same bytes give the same content"
        );
    }
    assert!(fixes > rounds, "mutations leave something to read: {fixes} fixes");
}
