use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, StructArray, Time32MillisecondArray, Time64MicrosecondArray,
    Time64NanosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::{compact, looks_like_parquet, read_parquet};
use crate::ingest::trace::{Fault, TraceContent, TraceError, TraceLimits};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;

fn file_with(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    file_with(columns, WriterProperties::builder().build())
}

fn read(bytes: &[u8]) -> TraceContent {
    read_parquet(bytes, &TraceLimits::default()).unwrap()
}

fn floats(values: Vec<Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}

fn here() -> [(&'static str, ArrayRef); 2] {
    [
        ("lat", floats(vec![Some(48.1); 2])),
        ("lon", floats(vec![Some(-11.5); 2])),
    ]
}

fn with_time(name: &'static str, time: ArrayRef) -> Vec<u8> {
    file([(name, time)].into_iter().chain(here()).collect())
}

#[test]
fn every_type_of_time() {
    let seconds = TEN / 1_000_000;
    for (name, time, offset_known) in [
        (
            "timestamp",
            Arc::new(
                TimestampMillisecondArray::from(vec![TEN / 1_000, TEN / 1_000 + 1_500]).with_timezone("UTC"),
            ) as ArrayRef,
            true,
        ),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(vec![TEN, TEN + 1_500_000])),
            false,
        ),
        (
            "captured_at",
            Arc::new(TimestampNanosecondArray::from(vec![
                TEN * 1_000,
                TEN * 1_000 + 1_500_000_999,
            ])),
            false,
        ),
        (
            "t",
            Arc::new(Int64Array::from(vec![TEN / 1_000, TEN / 1_000 + 1_500])),
            true,
        ),
        (
            "t",
            Arc::new(Int64Array::from(vec![TEN * 1_000, TEN * 1_000 + 1_500_000_000])),
            true,
        ),
        (
            "t",
            floats(vec![Some(1_714_557_600.0), Some(1_714_557_601.5)]),
            true,
        ),
        (
            "utc",
            Arc::new(StringArray::from(vec![
                "2024-05-01T10:00:00Z",
                "2024-05-01T12:00:01.5+02:00",
            ])),
            true,
        ),
        (
            "ts",
            Arc::new(StringArray::from(vec![
                seconds.to_string(),
                format!("{}.5", seconds + 1),
            ])),
            true,
        ),
    ] {
        let content = read(&with_time(name, time));
        let times: Vec<_> = content.fixes.iter().map(|fix| fix.time_us).collect();
        assert_eq!(times, [Some(TEN), Some(TEN + 1_500_000)], "{name}");
        assert_eq!(
            content.notes.times_without_offset,
            if offset_known { 0 } else { 2 },
            "{name}"
        );
        assert_eq!(
            (content.fixes[0].lat_e7, content.fixes[0].lon_e7),
            (Some(481_000_000), Some(-115_000_000))
        );
    }
    let content = read(&with_time("t", floats(vec![None, Some(f64::MAX)])));
    assert_eq!(
        (content.fixes[1].time_us, content.notes.unreadable_times),
        (None, 1)
    );
}

#[test]
fn every_type_of_position() {
    let time = || ("t", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef);
    let wkb = |x: f64, y: f64| [&[1, 1, 0, 0, 0][..], &x.to_le_bytes(), &y.to_le_bytes()].concat();
    let decimals = |values: Vec<i128>| {
        Arc::new(
            Decimal128Array::from(values)
                .with_precision_and_scale(12, 8)
                .unwrap(),
        ) as ArrayRef
    };
    let number = |name: &str| Arc::new(Field::new(name, DataType::Float64, true));
    let point = StructArray::from(vec![
        (number("x"), floats(vec![Some(-11.5), None])),
        (number("y"), floats(vec![Some(48.1), Some(1.0)])),
    ]);
    for columns in [
        vec![
            ("latitude", floats(vec![Some(48.1), Some(f64::NAN)])),
            ("longitude", floats(vec![Some(-11.5), Some(1.0)])),
        ],
        vec![
            (
                "lat_e7",
                Arc::new(Int32Array::from(vec![481_000_000, 2_000_000_000])) as ArrayRef,
            ),
            ("lon_e7", Arc::new(Int32Array::from(vec![-115_000_000, 1]))),
        ],
        vec![
            ("lat", decimals(vec![4_809_999_995, 1_000_000_000_000])),
            ("lng", decimals(vec![-1_150_000_000, 1])),
        ],
        vec![
            ("y", Arc::new(StringArray::from(vec!["48.1", "x"])) as ArrayRef),
            ("x", Arc::new(StringArray::from(vec!["-11.5", "1"]))),
        ],
        vec![(
            "geometry",
            Arc::new(BinaryArray::from(vec![&wkb(-11.5, 48.1)[..], &[1, 2, 3]])) as ArrayRef,
        )],
        vec![(
            "geom",
            Arc::new(StringArray::from(vec!["POINT(-11.5 48.1)", "POINT EMPTY"])) as ArrayRef,
        )],
        vec![("geometry", Arc::new(point) as ArrayRef)],
    ] {
        let name = columns[0].0;
        let content = read(&file([time()].into_iter().chain(columns).collect()));
        let halves: Vec<_> = content.fixes.iter().map(|fix| (fix.lat_e7, fix.lon_e7)).collect();
        assert_eq!(
            halves,
            [(Some(481_000_000), Some(-115_000_000)), (None, None)],
            "{name}"
        );
        assert_eq!(content.notes.unreadable_positions, 1);
    }
}

#[test]
fn other_columns_and_trips() {
    let mut columns = vec![
        ("trip_id", Arc::new(StringArray::from(vec!["b", "a"])) as ArrayRef),
        (
            "Timestamp",
            Arc::new(Int64Array::from(vec![1_714_557_600, 1_714_557_601])),
        ),
        ("accuracy", Arc::new(Float32Array::from(vec![4.5, -1.0]))),
        ("speed_kmh", Arc::new(Int32Array::from(vec![36, 72]))),
        ("heading", floats(vec![Some(359.7), Some(361.0)])),
        ("note", Arc::new(StringArray::from(vec!["x", "y"]))),
        ("sats", Arc::new(Int32Array::from(vec![Some(7), None]))),
        ("altitude", floats(vec![Some(500.25), Some(1e300)])),
    ];
    columns.extend(here());
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_writer_version(version)
                .build();
            let content = read(&file_with(columns.clone(), properties));
            let [first, second] = content.fixes.as_slice() else {
                panic!("{content:?}")
            };
            assert_eq!((first.segment, second.segment), (0, 1));
            assert_eq!(content.segments, ["b", "a"]);
            assert_eq!((first.accuracy_mm, second.accuracy_mm), (Some(4_500), None));
            assert_eq!(
                (first.speed_mm_s, first.course_deg, second.course_deg),
                (Some(10_000), Some(0), None)
            );
            assert_eq!((first.satellites, second.satellites), (Some(7), None));
            assert_eq!((first.elevation_mm, second.elevation_mm), (Some(500_250), None));
            assert_eq!((content.fault, content.notes.remarks), (None, vec![]));
        }
    }
}

/// A file of many row groups of two rows.
fn grouped(rows: i64) -> Vec<u8> {
    let count = usize::try_from(rows).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(2))
        .build();
    file_with(
        vec![
            ("t", Arc::new(Int64Array::from_iter_values(0..rows))),
            ("lat", floats(vec![Some(1.0); count])),
            ("lon", floats(vec![Some(1.0); count])),
        ],
        properties,
    )
}

#[test]
fn limits_and_breaks_keep_what_precedes() {
    let bytes = grouped(10);
    let limits = TraceLimits {
        max_points: 5,
        ..TraceLimits::default()
    };
    let content = read_parquet(&bytes, &limits).unwrap();
    assert_eq!(content.fixes.len(), 5);
    assert!(
        matches!(content.fault, Some(Fault::TooManyPoints { limit: 5, .. })),
        "{:?}",
        content.fault
    );
    // The third row group's first page header is spoiled.
    let metadata = parquet::file::metadata::ParquetMetaDataReader::new()
        .parse_and_finish(&bytes::Bytes::from(bytes.clone()))
        .unwrap();
    let start = super::span(metadata.row_group(2).column(0)).unwrap().0;
    let mut spoiled = bytes.clone();
    spoiled[usize::try_from(start).unwrap()] = 0xFF;
    let content = read(&spoiled);
    assert_eq!(content.fixes.len(), 4);
    let Some(Fault::Broken { byte, what }) = content.fault else {
        panic!("{content:?}")
    };
    assert_eq!(byte, start);
    assert!(what.starts_with("row group 2: "), "{what}");
}

#[test]
fn what_is_no_trace_says_so() {
    let error = |bytes: &[u8]| {
        read_parquet(bytes, &TraceLimits::default())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(read_parquet(b"", &TraceLimits::default()), Err(TraceError::Empty));
    assert!(error(b"PAR1").contains("no footer"), "{}", error(b"PAR1"));
    assert!(error(b"PAR1 and nothing else").contains("cut"));
    assert!(error(b"PAR1\xFF\xFF\xFF\xFFPAR1").contains("longer than the file"));
    let whole = grouped(2);
    assert!(error(&whole[..whole.len() - 1]).contains("cut"));
    let no_time = file(here().into_iter().collect());
    assert!(
        error(&no_time).contains("no time column in the header `lat,lon`"),
        "{}",
        error(&no_time)
    );
    // As our own coverage is: a cell, scores, a polygon in WKB.
    let coverage = file(vec![
        ("cell", Arc::new(Int64Array::from(vec![1, 2]))),
        (
            "newest_captured_at",
            Arc::new(TimestampMillisecondArray::from(vec![1, 2])),
        ),
        (
            "geometry",
            Arc::new(BinaryArray::from(vec![&[1_u8, 3][..], &[1, 3]])),
        ),
    ]);
    assert!(
        error(&coverage).contains("no time column"),
        "{}",
        error(&coverage)
    );
    assert!(looks_like_parquet(&whole) && !looks_like_parquet(b"PAR"));
}

#[test]
fn another_coordinate_system_is_refused() {
    let geo = |id: &str| {
        let text = format!(
            r#"{{"primary_column":"where","columns":{{"where":{{"encoding":"WKB","crs":{{"id":{id}}}}}}}}}"#
        );
        let point = [
            &[1, 1, 0, 0, 0][..],
            &11.5_f64.to_le_bytes(),
            &48.1_f64.to_le_bytes(),
        ]
        .concat();
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(vec![KeyValue::new("geo".to_owned(), text)]))
            .build();
        let bytes = file_with(
            vec![
                ("where", Arc::new(BinaryArray::from(vec![&point[..]])) as ArrayRef),
                ("time", Arc::new(Int64Array::from(vec![1]))),
            ],
            properties,
        );
        read_parquet(&bytes, &TraceLimits::default())
    };
    for id in [
        r#"{"authority":"OGC","code":"CRS84"}"#,
        r#"{"authority":"EPSG","code":4326}"#,
    ] {
        assert_eq!(geo(id).unwrap().fixes[0].lat_e7, Some(481_000_000), "{id}");
    }
    let error = geo(r#"{"authority":"EPSG","code":3857}"#)
        .unwrap_err()
        .to_string();
    assert!(error.contains("another system"), "{error}");
}

#[test]
fn policy_o3_bombs_are_not_opened() {
    let zstd = || WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
    let fault = |bytes: &[u8]| match read(bytes).fault {
        Some(Fault::Broken { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let texts = |lengths: &[usize]| {
        let texts = lengths.iter().map(|length| "a".repeat(*length));
        Arc::new(StringArray::from_iter_values(texts)) as ArrayRef
    };
    let file_of = |trip: ArrayRef, properties: WriterProperties| {
        let rows = trip.len();
        file_with(
            vec![
                ("trip", trip),
                ("t", Arc::new(Int64Array::from(vec![1; rows])) as ArrayRef),
                ("lat", floats(vec![Some(1.0); rows])),
                ("lon", floats(vec![Some(1.0); rows])),
            ],
            properties,
        )
    };
    let page = file_of(texts(&[70 << 20]), zstd().set_dictionary_enabled(false).build());
    assert!(page.len() < 100_000);
    assert_eq!(fault(&page), "row group 0: a page of more than 64 MiB");

    let prefixes = file_of(
        texts(&[10, 10]),
        zstd()
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_BYTE_ARRAY)
            .set_column_encoding("t".into(), Encoding::PLAIN)
            .set_column_encoding("lat".into(), Encoding::PLAIN)
            .set_column_encoding("lon".into(), Encoding::PLAIN)
            .build(),
    );
    assert!(
        fault(&prefixes).contains("DELTA_BYTE_ARRAY"),
        "{}",
        fault(&prefixes)
    );

    // One long text, a hundred thousand times: 2 TB were they written out.
    let trip = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
        "a".repeat(5_000),
        100_000,
    )));
    let content = read(&file_of(trip, zstd().set_dictionary_enabled(true).build()));
    assert_eq!(
        (content.fixes.len(), content.segments.len(), content.fault),
        (100_000, 1, None)
    );
}

#[test]
fn lengths_that_lie_are_found_before_they_are_believed() {
    // Version 1, then a schema of two billion elements.
    for (footer, what) in [
        (
            &[0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07][..],
            "a list longer than the bytes that are there",
        ),
        (
            &[0x15, 2, 0x19, 0x1C, 0x48, 0xFF, 0x07, 0],
            "a length beyond the bytes that are there",
        ),
        (
            &[0x18, 2, 0, 0],
            "a footer without version, schema, rows and row groups in this order",
        ),
        (
            &[0x15, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
            "an integer of more than nine bytes",
        ),
        (&[0x15, 2, 0x19, 0x1C, 0x18, 0], "a field of the wrong type"),
        (
            &[
                0x15, 2, 0x19, 0x0C, 0x16, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07,
            ],
            "a list longer than the bytes that are there",
        ),
        (&[], "the bytes end inside a header"),
    ] {
        assert_eq!(compact::check_footer(footer), Err(what), "{footer:?}");
    }
    let deep: Vec<u8> = [0x15, 2, 0x19, 0xFC, 100]
        .into_iter()
        .chain([0x48, 1, b'a', 0x15, 2, 0].repeat(100))
        .collect();
    assert_eq!(compact::check_footer(&deep), Err("a schema nested too deep"));
    let page = compact::page(&[0x15, 4, 0x15, 20, 0x15, 10, 0x5C, 0x15, 6, 0x15, 0, 0, 0, 9, 9]).unwrap();
    assert_eq!(
        (
            page.header_bytes,
            page.uncompressed_bytes,
            page.compressed_bytes,
            page.dictionary_values
        ),
        (13, 10, 5, None)
    );
    assert!(
        compact::page(&[0x15, 4, 0x15, 1, 0x15, 10, 0]).is_err(),
        "a negative size"
    );
    assert!(compact::page(&[0x15, 4, 0]).is_err());
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

#[test]
fn no_mutated_file_panics() {
    let time = Arc::new(StringArray::from_iter_values(
        (10..60).map(|at| format!("2024-05-01T10:00:{at}Z")),
    ));
    let columns = || -> Vec<(&str, ArrayRef)> {
        vec![
            ("time", time.clone()),
            (
                "lat",
                floats((0..50).map(|at| Some(f64::from(at) / 7.0)).collect()),
            ),
            (
                "lon",
                Arc::new(Float32Array::from_iter_values(
                    (0..50_u8).map(|at| f32::from(at) / 3.0),
                )),
            ),
            ("trip", Arc::new(StringArray::from(vec![Some("a"); 50]))),
            (
                "sats",
                Arc::new(
                    (0..50)
                        .map(|at| (at % 3 > 0).then_some(at))
                        .collect::<Int32Array>(),
                ),
            ),
            (
                "accuracy",
                Arc::new(
                    Decimal128Array::from((0..50).collect::<Vec<i128>>())
                        .with_precision_and_scale(9, 2)
                        .unwrap(),
                ),
            ),
        ]
    };
    let builder = WriterProperties::builder;
    let seeds = [
        file(columns()),
        file_with(
            columns(),
            builder()
                .set_compression(Compression::SNAPPY)
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .set_max_row_group_row_count(Some(20))
                .build(),
        ),
        file_with(
            columns(),
            builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .set_dictionary_enabled(false)
                .build(),
        ),
    ];
    let rounds = option_env!("MUTATIONS")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_500);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let limits = TraceLimits {
        max_points: 200,
        ..TraceLimits::default()
    };
    let mut read = 0;
    for seed in &seeds {
        for _ in 0..rounds {
            let mut bytes = seed.clone();
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len());
                bytes[at] = match dice.below(4) {
                    0 => 0xFF,
                    1 => 0,
                    2 => bytes[at] ^ (1 << dice.below(8)),
                    _ => u8::try_from(dice.below(256)).unwrap(),
                };
            }
            if let Ok(content) = read_parquet(&bytes, &limits) {
                read += 1;
                assert!(content.fixes.len() <= 200);
            }
        }
    }
    assert!(read > 0);
}

#[test]
fn hemispheres_stand_in_columns_of_their_own() {
    let texts = |texts: [&str; 2]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let time = || ("t", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef);
    let south_west = [
        (Some(-481_000_000), Some(-115_000_000)),
        (Some(481_000_000), None),
    ];
    for columns in [
        vec![
            ("lat", floats(vec![Some(48.1); 2])),
            ("ns", texts(["S", "N"])),
            ("lon", floats(vec![Some(11.5); 2])),
            ("ew", texts(["W", "x"])),
        ],
        vec![
            ("lat", texts(["48.1S", "N48.1"])),
            ("lon", texts(["11.5W", "-11.5W"])),
        ],
    ] {
        let content = read(&file([time()].into_iter().chain(columns).collect()));
        let halves = content.fixes.iter().map(|fix| (fix.lat_e7, fix.lon_e7));
        assert_eq!(halves.collect::<Vec<_>>(), [south_west[0], (None, None)]);
    }
}

#[test]
fn dates_beside_times_of_day_as_databases_write_them() {
    let micros = 36_000_000_000_i64;
    let dates = || Arc::new(Date32Array::from(vec![19_844; 2])) as ArrayRef;
    let midnight = TEN - micros;
    for (date, time) in [
        (
            dates(),
            Arc::new(Time64MicrosecondArray::from(vec![micros, micros + 1_500_000])) as ArrayRef,
        ),
        (
            dates(),
            Arc::new(Time32MillisecondArray::from(vec![36_000_000, 36_001_500])),
        ),
        (
            dates(),
            Arc::new(Time64NanosecondArray::from(vec![
                micros * 1_000,
                (micros + 1_500_000) * 1_000,
            ])),
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![midnight; 2])),
            Arc::new(StringArray::from(vec!["10:00:00", "10:00:01.5"])),
        ),
    ] {
        let columns = [("date", date), ("time", time)].into_iter().chain(here());
        let content = read(&file(columns.collect()));
        let times: Vec<_> = content.fixes.iter().map(|fix| fix.time_us).collect();
        assert_eq!(times, [Some(TEN), Some(TEN + 1_500_000)]);
    }
    let alone = read(&with_time("date", dates()));
    assert_eq!(
        alone.described(),
        "2 times could not be read; time from `date`, position from `lat`,`lon`"
    );
}

#[test]
fn epochs_and_trips_as_decimals_doubles_and_bare_bytes() {
    let decimals = |values: [i128; 2], scale| {
        let array = Decimal128Array::from(values.to_vec());
        Arc::new(array.with_precision_and_scale(20, scale).unwrap()) as ArrayRef
    };
    let bytes = |texts: [&str; 2]| Arc::new(BinaryArray::from(texts.map(str::as_bytes).to_vec())) as ArrayRef;
    for time in [
        decimals([1_714_557_600_000, 1_714_557_601_500], 3),
        decimals([1_714_557_600_000, 1_714_557_601_500], 0),
        floats(vec![Some(1_714_557_600e9), Some(1_714_557_601.5e9)]),
        bytes(["2024-05-01T10:00:00Z", "2024-05-01T10:00:01.5Z"]),
        bytes(["1714557600", "1714557601.5"]),
    ] {
        let kind = time.data_type().clone();
        let content = read(&with_time("t", time));
        let times: Vec<_> = content.fixes.iter().map(|fix| fix.time_us).collect();
        assert_eq!(times, [Some(TEN), Some(TEN + 1_500_000)], "{kind}");
    }
    let t = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    for (trip, names) in [
        (decimals([-5, 70], 1), ["-0.5", "7.0"]),
        (decimals([7, 8], 0), ["7", "8"]),
        (bytes(["a", "b"]), ["a", "b"]),
    ] {
        let columns = [("trip", trip), ("t", t())].into_iter().chain(here());
        assert_eq!(read(&file(columns.collect())).segments, names);
    }
    let wkt = [("t", t()), ("geom", bytes(["POINT(-11.5 48.1)", "POINT EMPTY"]))];
    let content = read(&file(wkt.into()));
    assert_eq!(
        (content.fixes[0].lat_e7, content.fixes[1].lat_e7),
        (Some(481_000_000), None)
    );
}
