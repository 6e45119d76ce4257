use super::read_csv;
use crate::ingest::trace::{Fault, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;

fn read(text: &str) -> TraceContent {
    read_csv(text.as_bytes(), &TraceLimits::default()).unwrap()
}

fn times(text: &str) -> Vec<Option<i64>> {
    read(text).fixes.iter().map(|fix| fix.time_us).collect()
}

#[test]
fn finds_its_columns_by_name() {
    let content = read(
        "Trip ID;Time (UTC);Longitude [deg];LAT;Speed (km/h);Bearing;HDOP;Sats;Altitude (m);hAcc\n\
         a;2024-05-01T10:00:00Z;11,5;48.1;36;90.4;0.9;7;500.25;3\n",
    );
    let fix = content.fixes[0];
    assert_eq!(
        (fix.time_us, fix.lat_e7, fix.lon_e7),
        (Some(TEN), Some(481_000_000), Some(115_000_000))
    );
    assert_eq!(
        (fix.speed_mm_s, fix.course_deg, fix.hdop_milli),
        (Some(10_000), Some(90), Some(900))
    );
    assert_eq!(
        (fix.satellites, fix.elevation_mm, fix.accuracy_mm),
        (Some(7), Some(500_250), Some(3_000))
    );
    assert_eq!(content.segments, ["a"]);
}

#[test]
fn reads_every_delimiter_quote_line_end_and_mark() {
    for text in [
        "t,lat,lon\n1714557600,1,2",
        "t;lat;lon\r\n1714557600;1;2\r\n",
        "t\tlat\tlon\r1714557600\t1\t2\r",
        "\u{FEFF}t|lat|lon\n1714557600|1|2\n",
        "\n\n\"t\",\"lat\",\"lon\"\n\"1714557600\",\" 1 \",\"2\"\n",
        "x,y,timestamp\n2,1,1714557600\n",
    ] {
        let content = read(text);
        let fix = content.fixes[0];
        assert_eq!(
            (fix.time_us, fix.lat_e7, fix.lon_e7),
            (Some(TEN), Some(10_000_000), Some(20_000_000)),
            "{text:?}"
        );
    }
}

#[test]
fn one_unit_for_the_whole_time_column() {
    assert_eq!(
        times("t,lat,lon\n1714557600,1,2\n1714557600.25,1,2\n"),
        [Some(TEN), Some(TEN + 250_000)]
    );
    assert_eq!(
        times("t,lat,lon\n1714557600000,1,2\n1714557600000.5,1,2\n"),
        [Some(TEN), Some(TEN + 500)]
    );
    assert_eq!(times("t,lat,lon\n1714557600000000,1,2\n"), [Some(TEN)]);
    assert_eq!(times("t,lat,lon\n1714557600000000999,1,2\n"), [Some(TEN)]);
    assert_eq!(times("t,lat,lon\n2024-05-01 12:00:00+02:00,1,2\n"), [Some(TEN)]);
    // A stray zero is a moment in 1970 in the column's unit, not a reason to change the unit.
    assert_eq!(
        times("t,lat,lon\n0,1,2\n1714557600000,1,2\n1714557600000,1,2\n"),
        [Some(0), Some(TEN), Some(TEN)]
    );
    // A column of dates does not become numbers because of one.
    assert_eq!(
        times("t,lat,lon\n1714557600,1,2\n2024-05-01T10:00:00Z,1,2\n"),
        [None, Some(TEN)]
    );
}

#[test]
fn the_unit_is_that_of_the_lower_median() {
    assert_eq!(
        times("t,lat,lon\n99999999999,1,2\n"),
        [Some(99_999_999_999_000_000)]
    );
    assert_eq!(
        times("t,lat,lon\n100000000000,1,2\n"),
        [Some(100_000_000_000_000)]
    );
    assert_eq!(
        times("t,lat,lon\n99999999999999,1,2\n"),
        [Some(99_999_999_999_999_000)]
    );
    assert_eq!(
        times("t,lat,lon\n100000000000000,1,2\n"),
        [Some(100_000_000_000_000)]
    );
    let mixed = "t,lat,lon\n1714557600,1,2\n1714557600000,1,2\n";
    assert_eq!(times(mixed), [Some(TEN), None], "the year 56301 is no time");
}

#[test]
fn trips_are_segments_wherever_their_rows_stand() {
    let content = read("trip_id,t,lat,lon\n9,1,1,1\n7,1,1,1\n9,2,1,1\n,3,1,1\n");
    let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
    assert_eq!(segments, [0, 1, 0, 2]);
    assert_eq!(content.segments, ["9", "7", ""]);
}

#[test]
fn bad_numbers_are_fixes_without_them_and_short_rows_are_counted() {
    let content = read("t,lat,lon\n1,NaN,2\n2,91,2\nx,1,2\n3\n\n4,1,1,extra\n5,1\n");
    let fixes: Vec<_> = content
        .fixes
        .iter()
        .map(|fix| (fix.time_us, fix.lat_e7, fix.lon_e7))
        .collect();
    let one = Some(10_000_000);
    assert_eq!(
        fixes,
        [
            (Some(1_000_000), None, None),
            (Some(2_000_000), None, None),
            (None, one, Some(20_000_000)),
            (Some(4_000_000), one, one)
        ]
    );
    let notes = content.notes;
    assert_eq!(
        (
            notes.unreadable_positions,
            notes.unreadable_times,
            notes.unreadable_rows
        ),
        (2, 1, 2)
    );
    assert_eq!(notes.first_unreadable_row, Some(5));
}

#[test]
fn decimal_commas_only_beside_another_delimiter() {
    let content = read("lat;lon;t\n48,1;11,5;1714557600,5\n1.234,5;1;1\n1,2,3;1;1\n");
    assert_eq!(
        (content.fixes[0].lat_e7, content.fixes[0].time_us),
        (Some(481_000_000), Some(TEN + 500_000))
    );
    assert_eq!((content.fixes[1].lat_e7, content.fixes[2].lat_e7), (None, None));
}

#[test]
fn other_tables_are_no_trace() {
    let limits = TraceLimits::default();
    assert_eq!(read_csv(b" \n\n", &limits), Err(TraceError::Empty));
    let error = read_csv(
        b"path,contributor,uploaded_at\na,b,2024-05-01T10:00:00Z\n",
        &limits,
    )
    .unwrap_err()
    .to_string();
    assert_eq!(
        error,
        "not a trace: no latitude column in the header `path,contributor,uploaded_at`; looked for lat, latitude, latdeg, latitudedeg, y"
    );
    let missing = |bytes: &[u8]| match read_csv(bytes, &limits) {
        Err(TraceError::NoTraceHeader { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(b"lat,lon\n1,2\n"), "time");
    assert_eq!(missing(b"1714557600,48.1,11.5\n"), "latitude");
    assert_eq!(missing("x".repeat(1_000_000).as_bytes()), "latitude");
    assert_eq!(missing(&[0; 10]), "latitude");
}

#[test]
fn limits_end_the_reading() {
    let limits = TraceLimits {
        max_points: 1,
        max_row_bytes: 64,
        ..TraceLimits::default()
    };
    let content = read_csv(b"\nt,lat,lon\n1,1,1\n2,1,1\n", &limits).unwrap();
    assert_eq!(
        (content.fixes.len(), content.fault),
        (1, Some(Fault::TooManyPoints { byte: 17, limit: 1 }))
    );
    let open_quote = format!("\nt,lat,lon\n1,1,1\n\"2,1,1\n{}", "3,1,1\n".repeat(20));
    let limits = TraceLimits {
        max_points: 10,
        ..limits
    };
    let content = read_csv(open_quote.as_bytes(), &limits).unwrap();
    assert_eq!(content.fixes.len(), 1);
    assert!(
        matches!(
            content.fault,
            Some(Fault::RowTooLong {
                line: 4,
                bytes: 126,
                limit: 64
            })
        ),
        "{:?}",
        content.fault
    );
}

#[test]
fn utf16_as_spreadsheets_write_it() {
    let text = "t\tlat\tlon\r\n1714557600\t1\t2\r\n";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        read_csv(&bytes, &TraceLimits::default()).unwrap().fixes[0].time_us,
        Some(TEN)
    );
}
