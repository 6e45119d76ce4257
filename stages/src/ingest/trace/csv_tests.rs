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
        "not a trace: no latitude column in the header `path,contributor,uploaded_at`; looked for lat, latitude, latdeg, latitudedeg, latitudedegrees, latdegrees, gpslat, gpslatitude and 14 more"
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

/// Time, latitude and longitude of the first fix, and the first remark.
fn first(text: &str) -> (Option<i64>, Option<i32>, Option<i32>, String) {
    let content = read(text);
    let fix = content.fixes[0];
    let remark = content.notes.remarks.first().cloned().unwrap_or_default();
    (fix.time_us, fix.lat_e7, fix.lon_e7, remark)
}

/// A program, a file of its, and the remark that says which columns were taken.
const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        "GPSLogger for Android",
        "time,lat,lon,elevation,accuracy,bearing,speed,satellites,provider,hdop,vdop,pdop,geoidheight,ageofdgpsdata,dgpsid,activity,battery,annotation,timestamp_ms,time_offset,distance,starttimestamp_ms,profile_name,battery_charging\n\
             2024-05-01T10:00:00.000Z,48.1,-11.5,500,4,90,3,7,gps,0.9,,,,,,,50,,1714557600000,,,,,\n",
        "",
    ),
    (
        "Sensor Logger",
        "time,seconds_elapsed,bearingAccuracy,speedAccuracy,verticalAccuracy,horizontalAccuracy,speed,bearing,altitude,longitude,latitude\n\
             1714557600000000000,0.1,45,1.5,3,5,0,0,520,-11.5,48.1\n",
        "",
    ),
    (
        "SensorLog",
        "loggingTime(txt),locationTimestamp_since1970(s),locationLatitude(WGS84),locationLongitude(WGS84),locationHorizontalAccuracy(m)\n\
             2024-05-01T12:00:01.5+02:00,1714557600,48.1,-11.5,5\n",
        "time from `locationTimestamp_since1970(s)`, position from `locationLatitude(WGS84)`,`locationLongitude(WGS84)`",
    ),
    (
        "OwnTracks",
        "tid,tst,lat,lon,acc,alt,vel,cog\nxx,1714557600,48.1,-11.5,12,3,4,5\n",
        "time from `tst`, position from `lat`,`lon`",
    ),
    (
        "Mapillary",
        "sequence_id,captured_at,lat,lng,compass_angle\nabc,1714557600000,48.1,-11.5,3\n",
        "time from `captured_at`, position from `lat`,`lng`",
    ),
    (
        "KartaView",
        "shot_date;lat;lng;heading\n2024-05-01 10:00:00;48,1;-11,5;3\n",
        "time from `shot_date`, position from `lat`,`lng`",
    ),
    (
        "Traccar",
        "fixTime,latitude,longitude,speed (kn),course\n2024-05-01T10:00:00.000+00:00,48.1,-11.5,1,2\n",
        "time from `fixTime`, position from `latitude`,`longitude`",
    ),
    (
        "Danish AIS",
        "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,SOG,COG\n01/05/2024 10:00:00,Class A,1,48.1,-11.5,1,2\n31/05/2024 10:00:00,Class A,1,48.1,-11.5,1,2\n",
        "",
    ),
    (
        "MarineCadastre",
        "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading\n1,2024-05-01T10:00:00,48.1,-11.5,1,2,3\n",
        "time from `BaseDateTime`, position from `LAT`,`LON`",
    ),
    (
        "Movebank",
        "event-id,timestamp,location-long,location-lat\n1,2024-05-01 10:00:00.000,-11.5,48.1\n",
        "time from `timestamp`, position from `location-lat`,`location-long`",
    ),
    (
        "Columbus",
        "INDEX,TAG,DATE,TIME,LATITUDE N/S,LONGITUDE E/W,HEIGHT,SPEED,HEADING\n1,T,240501,100000,48.1000000N,11.5000000W,38,1.4,333\n",
        "time from `DATE`,`TIME`, position from `LATITUDE N/S`,`LONGITUDE E/W`",
    ),
    (
        "QStarz",
        "INDEX,DATE,TIME,VALID,LATITUDE,N/S,LONGITUDE,E/W,HEIGHT(m),SPEED(km/h)\n1,2024/05/01,10:00:00,DGPS,48.1,N,11.5,W,5 m,6\n",
        "time from `DATE`,`TIME`, position from `LATITUDE`,`LONGITUDE`",
    ),
    (
        "an E7 table",
        "timestampMs,latitudeE7,longitudeE7\n1714557600000,481000000,-115000000\n",
        "time from `timestampMs`, position from `latitudeE7`,`longitudeE7`",
    ),
    (
        "microdegrees",
        "timestamp,lat_e6,lon_e6\n1714557600,48100000,-11500000\n",
        "time from `timestamp`, position from `lat_e6`,`lon_e6`",
    ),
    (
        "WKT",
        "timestamp,wkt\n1714557600,POINT (-11.5 48.1)\n",
        "time from `timestamp`, position from `wkt`",
    ),
    (
        "EWKT",
        "timestamp;geom\n1714557600;\"SRID=4326;POINT Z(-11.5 48.1 3)\"\n",
        "time from `timestamp`, position from `geom`",
    ),
    (
        "hexadecimal WKB, as PostGIS writes it",
        "timestamp,geom\n1714557600,0101000020E610000000000000000027C0CDCCCCCCCC0C4840\n",
        "time from `timestamp`, position from `geom`",
    ),
    (
        "German spreadsheet",
        "sep=;\nDatum;Zeit;Date;Time;Latitude;Longitude\n;;01.05.2024;10:00:00;48,1;-11,5\n",
        "time from `Date`,`Time`, position from `Latitude`,`Longitude`",
    ),
    (
        "comments",
        "# made by somebody\n\n#unit: degrees\ntime,lat,lon\n# nothing yet\n1714557600,48.1,-11.5\n",
        "",
    ),
];

#[test]
fn reads_what_many_programs_write() {
    const HERE: (Option<i64>, Option<i32>, Option<i32>) = (Some(TEN), Some(481_000_000), Some(-115_000_000));
    for &(name, text, remark) in PROGRAMS {
        let (time, lat, lon, said) = first(text);
        assert_eq!((time, lat, lon), HERE, "{name}");
        assert_eq!(said, remark, "{name}");
    }
}

#[test]
fn speeds_of_every_unit() {
    for (name, written, wanted) in [
        ("speed", "10.5", Some(10_500)),
        ("speed_kmh", "36", Some(10_000)),
        ("Speed (kn)", "1", Some(514)),
        ("SOG", "1000", Some(514_444)),
        ("speed mph", "100", Some(44_704)),
        ("speed", "-1", None),
        ("speed", "12 km/h", None),
    ] {
        let content = read(&format!("t,lat,lon,{name}\n1,1,1,{written}\n"));
        assert_eq!(content.fixes[0].speed_mm_s, wanted, "{name} {written}");
    }
}

#[test]
fn dates_whose_year_comes_last() {
    let read_times = |cells: &[&str]| read(&format!("time,lat,lon\n{},1,1\n", cells.join(",1,1\n")));
    let first_time = |cells: &[&str]| read_times(cells).fixes[0].time_us;
    assert_eq!(
        first_time(&["01/05/2024 10:00:00", "13/05/2024 10:00:00"]),
        Some(TEN)
    );
    assert_eq!(
        first_time(&["5/1/2024 10:00:00Z", "5/13/2024 10:00:00Z"]),
        Some(TEN)
    );
    assert_eq!(first_time(&["01.05.2024 10:00"]), Some(TEN));
    let content = read_times(&["01/05/2024 10:00:00", "02/05/2024 10:00:00"]);
    assert_eq!(
        (content.fixes[0].time_us, content.notes.unreadable_times),
        (None, 2)
    );
    assert_eq!(
        content.notes.remarks,
        ["2 dates whose day and month cannot be told apart"]
    );
    // Contradictions are no order either.
    assert_eq!(first_time(&["13/05/2024 10:00:00", "05/13/2024 10:00:00"]), None);
}

#[test]
fn hemispheres() {
    let lat = |cell: &str| read(&format!("t,lat,lon\n1,{cell},1\n")).fixes[0].lat_e7;
    assert_eq!(lat("48.1S"), Some(-481_000_000));
    assert_eq!(lat("s 48.1"), Some(-481_000_000));
    assert_eq!(lat("-48.1S"), None);
    assert_eq!(lat("48.1E"), None);
    assert_eq!(lat("N"), None);
    let content = read("t,lat,ns,lon,ew\n1,48.1,s,11.5,W\n1,48.1,x,11.5,W\n1,48.1,,11.5,E\n");
    let halves: Vec<_> = content.fixes.iter().map(|fix| (fix.lat_e7, fix.lon_e7)).collect();
    assert_eq!(
        halves,
        [
            (Some(-481_000_000), Some(-115_000_000)),
            (None, None),
            (Some(481_000_000), Some(115_000_000))
        ]
    );
}

#[test]
fn a_motion_sensor_is_no_trace() {
    let error = read_csv(
        b"time,seconds_elapsed,z,y,x\n1,2,3,4,5\n",
        &TraceLimits::default(),
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            TraceError::NoTraceHeader {
                missing: "latitude",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn other_geometries_are_no_position() {
    for cell in [
        "LINESTRING (1 2, 3 4)",
        "POINT EMPTY",
        "POINT (1)",
        "POINT (x y)",
        "POINT",
        "SRID=3857;POINT(1 2)",
        "0101",
        "zz",
    ] {
        let content = read(&format!("t,geom\n1,\"{cell}\"\n"));
        assert_eq!(
            (content.fixes[0].lat_e7, content.notes.unreadable_positions),
            (None, 1),
            "{cell}"
        );
    }
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

#[test]
fn loggers_write_dates_in_six_digits_and_pad_with_nuls() {
    const HEADER: &str = "INDEX,TAG,DATE,TIME,LATITUDE N/S,LONGITUDE E/W,HEIGHT,SPEED,HEADING\n";
    let content = read(&format!(
        "{HEADER}1,T,260417,110529,52.5249440N,13.3693610E,38,1.4,333\n"
    ));
    let fix = content.fixes[0];
    // 2026-04-17T11:05:29Z
    assert_eq!(
        (fix.time_us, fix.lat_e7, fix.lon_e7),
        (Some(1_776_423_929_000_000), Some(525_249_440), Some(133_693_610))
    );
    assert_eq!((fix.elevation_mm, fix.course_deg), (Some(38_000), Some(333)));
    let padded = read(&format!(
        "{HEADER}1\0\0,T,260417\0,110529\0,52.5249440N\0\0,13.3693610E\0,38\0\0,1.4\0,333\0\n"
    ));
    assert_eq!(padded.fixes, content.fixes);
}

#[test]
fn digits_of_a_date_and_time_are_no_count_of_milliseconds() {
    assert_eq!(times("time,lat,lon\n20240501100000,1,2\n"), [Some(TEN)]);
    assert_eq!(
        times("time,lat,lon\n20240501100000250,1,2\n"),
        [Some(TEN + 250_000)]
    );
    // No such moment: a count after all.
    assert_eq!(
        times("time,lat,lon\n20249901100000,1,2\n"),
        [Some(20_249_901_100_000_000)]
    );
}

#[test]
fn line_breaks_within_quotes_are_said() {
    let text =
        "time,lat,lon,note\n1714557600,1,2,\"a\n1714557601,1,2,b\n1714557602,1,2,c\"\n1714557603,1,2,d\n";
    let content = read(text);
    assert_eq!(content.fixes.len(), 2);
    assert_eq!(
        content.described(),
        "2 line breaks stand within quotes: where one is not closed, rows are lost"
    );
}

#[test]
fn what_was_taken_for_utc_and_what_is_no_position_is_said() {
    let rows = "2024-05-01 10:00:00,1,2\n2024-05-01 10:00:01,91,2\n3\n";
    assert_eq!(
        read(&format!("time,lat,lon\n{rows}")).described(),
        "1 rows could not be read, the first in line 4; 2 times name no zone and were taken as UTC; \
         1 positions are missing or could not be read"
    );
    let named = read(&format!("Time (UTC),lat,lon\n{rows}")).notes;
    assert_eq!(named.times_without_offset, 0, "the column names it");
}

#[test]
fn vehicles_are_told_apart() {
    for name in ["MMSI", "device_id", "Vehicle ID", "userId"] {
        let content = read(&format!("{name},t,lat,lon\n1,1,1,1\n2,1,1,1\n1,2,1,1\n"));
        let segments: Vec<u32> = content.fixes.iter().map(|fix| fix.segment).collect();
        assert_eq!(segments, [0, 1, 0], "{name}");
    }
}
