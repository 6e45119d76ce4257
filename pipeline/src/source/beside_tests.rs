use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow::array::{
    ArrayRef, BinaryArray, DictionaryArray, FixedSizeBinaryArray, Float64Array, Int64Array, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::Int32Type;
use bytes::Bytes;

use super::*;

const COLUMNS: &[Column] = &[
    Column::required("path", Kind::Text),
    Column::optional("uploaded_at", Kind::Time),
    Column::optional("sha256", Kind::Bytes),
    Column::optional("cell", Kind::Cell),
    Column::optional("multiplier_ppm", Kind::Number),
];

fn sheet(file: &'static str) -> Arc<Sheet> {
    Arc::new(Sheet {
        location: "there".to_owned(),
        file,
        columns: COLUMNS,
    })
}

type Values = Vec<Vec<String>>;

fn read(file: &'static str, bytes: impl Into<Bytes>) -> Result<Values, String> {
    let rows = decode(&sheet(file), bytes.into()).map_err(|e| e.to_string())?;
    rows.map(|row| row.map(|row| row.values).map_err(|e| e.to_string()))
        .collect()
}

#[track_caller]
fn refused(file: &'static str, bytes: impl Into<Bytes>, parts: &[&str]) {
    let said = read(file, bytes).unwrap_err();
    assert!(said.starts_with(&format!("`there/{file}`")), "{said}");
    assert!(said.len() < 600 && !said.contains('\n'), "{said}");
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn packed(batch: &RecordBatch, compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn parquet_of(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    packed(&table(columns), Compression::SNAPPY)
}

fn paths(of: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(of.to_vec()))
}

const TIME: &str = "2026-05-12T09:00:00.123Z";
/// [`TIME`] in µs since 1970.
const MICROS: i64 = 1_778_576_400_123_456;

#[test]
fn the_three_formats_say_the_same() {
    let wanted = vec![
        vec![
            "a/1.jpg".to_owned(),
            TIME.to_owned(),
            "00ff".to_owned(),
            String::new(),
            String::new(),
        ],
        vec![
            "b c/ü.jpg".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ],
    ];
    let csv = format!("sha256,more,path,uploaded_at\n00ff,x, a/1.jpg ,{TIME}\n,,\"b c/ü.jpg\",\n");
    assert_eq!(read("u.csv", csv), Ok(wanted.clone()));
    let jsonl = format!(
        "\n{{\"more\": [{{}}, 1], \"path\": \" a/1.jpg \", \"uploaded_at\": \"{TIME}\", \"sha256\": \"00ff\"}}\r\n  \r\n\
         {{\"uploaded_at\": null, \"path\": \"b c/\\u00fc.jpg\"}}"
    );
    assert_eq!(read("u.jsonl", jsonl.clone()), Ok(wanted.clone()));
    assert_eq!(read("u.jsonl", format!("\u{feff}{jsonl}")), Ok(wanted.clone()));
    let parquet = parquet_of(vec![
        ("more", Arc::new(Float64Array::from(vec![0.5, 1.5]))),
        (
            "sha256",
            Arc::new(BinaryArray::from_opt_vec(vec![Some(&[0, 255]), None])),
        ),
        ("path", paths(&[" a/1.jpg ", "b c/ü.jpg"])),
        (
            "uploaded_at",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(MICROS), None]).with_timezone("UTC")),
        ),
    ]);
    assert_eq!(read("u.parquet", parquet), Ok(wanted));
}

#[test]
fn parquet_has_times_of_every_unit_and_text_of_every_kind() {
    let path = || ("path", paths(&["a"]));
    let units: [ArrayRef; 6] = [
        Arc::new(TimestampSecondArray::from(vec![MICROS / 1_000_000])),
        Arc::new(TimestampMillisecondArray::from(vec![MICROS / 1_000])),
        Arc::new(TimestampMicrosecondArray::from(vec![MICROS])),
        Arc::new(TimestampNanosecondArray::from(vec![MICROS * 1_000])),
        Arc::new(TimestampMillisecondArray::from(vec![MICROS / 1_000]).with_timezone("+05:00")),
        paths(&[TIME]),
    ];
    for at in units {
        let rows = read("u.parquet", parquet_of(vec![path(), ("uploaded_at", at.clone())])).unwrap();
        let whole_seconds =
            at.data_type().to_string().contains("(s)") || at.data_type().to_string().contains("Second");
        let wanted = if whole_seconds {
            "2026-05-12T09:00:00Z"
        } else {
            TIME
        };
        assert_eq!(rows[0][1], wanted, "{}", at.data_type());
    }
    let dictionary: DictionaryArray<Int32Type> = vec!["a", "b", "a"].into_iter().collect();
    let texts: [ArrayRef; 3] = [
        Arc::new(LargeStringArray::from(vec!["a", "b", "a"])),
        Arc::new(StringViewArray::from(vec!["a", "b", "a"])),
        Arc::new(dictionary),
    ];
    for text in texts {
        let rows = read("u.parquet", parquet_of(vec![("path", text)])).unwrap();
        let first: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(first, ["a", "b", "a"]);
    }
    let fixed = FixedSizeBinaryArray::try_from_iter([[7_u8; 32]].into_iter()).unwrap();
    let rows = read("u.parquet", parquet_of(vec![path(), ("sha256", Arc::new(fixed))])).unwrap();
    assert_eq!(rows[0][2], "07".repeat(32));
    let numbers = parquet_of(vec![
        path(),
        ("cell", Arc::new(UInt64Array::from(vec![0x08b1_fb46_622d_afff]))),
        ("multiplier_ppm", Arc::new(Int64Array::from(vec![-5]))),
    ]);
    assert_eq!(
        read("u.parquet", numbers).unwrap()[0][3..],
        ["8b1fb46622dafff", "-5"]
    );
}

#[test]
fn parquet_is_unpacked_from_what_writers_use() {
    let batch = table(vec![("path", paths(&["a", "b"]))]);
    let ways = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for way in ways {
        assert_eq!(read("u.parquet", packed(&batch, way)).unwrap().len(), 2, "{way}");
    }
}

#[test]
fn rows_are_counted_over_the_batches() {
    let many: Vec<String> = (0..3_000).map(|row| format!("p{row}")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many[2_500] = "\u{1}";
    refused(
        "u.parquet",
        parquet_of(vec![("path", paths(&many))]),
        &["row 2501", "`path`", "control character"],
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let long = "x".repeat(5_000);
    let longer = "x".repeat(70_000);
    for (text, parts) in [
        (
            "{\"path\": 5}",
            &["line 1", "`path`", "the number 5", "as text"][..],
        ),
        ("{\"path\": true}", &["`path`", "true"]),
        ("{\"path\": [\"a\"]}", &["`path`", "a list"]),
        ("{\"path\": {}}", &["`path`", "an object"]),
        ("{\"path\": \"a\", \"path\": \"b\"}", &["`path` is named twice"]),
        ("{\"sha256\": \"a\"}", &["`path` is missing"]),
        ("\n\n[1]", &["line 3", "one a line"]),
        ("{\"path\": \"a\"", &["line 1", "no JSON object", "EOF"]),
        ("{\"path\": \"a\"} {", &["line 1", "no JSON object", "trailing"]),
        (
            "{\"path\": \"a\"}\npath,contributor",
            &["line 2", "no JSON object", "letter"],
        ),
        (&format!("{{\"path\": \"{long}\"}}"), &["`path`", "5000", "4096"]),
        (&format!("{{\"path\": \"{longer}\"}}"), &["line 1", "65536"]),
        (&"[".repeat(60_000), &["line 1", "one a line"]),
        (
            &format!("{{\"more\": {}", "[".repeat(60_000)),
            &["line 1", "no JSON object"],
        ),
        (&format!("{{\"path\": 1{}}}", "0".repeat(400)), &["line 1"]),
        ("{\"path\": \"a\\nb\"}", &["`path`", "control character"]),
    ] {
        refused("u.jsonl", text.to_owned(), parts);
    }
    refused("u.jsonl", &b"{\"path\": \"\xff\"}"[..], &["line 1", "UTF-8"]);

    for (text, parts) in [
        ("path,path\na,b\n", &["line 1", "`path` is named twice"][..]),
        ("Path\na\n", &["line 1", "`path` is missing", "`Path`"]),
        (&format!("path\n{long}\n"), &["line 2", "`path`", "5000", "4096"]),
        (&format!("path\na\n\"{longer}\n"), &["line 3", "65536", "quote"]),
        (
            &format!("path\n\"{}", "a\n".repeat(40_000)),
            &["line 2", "65536", "quote"],
        ),
        (&format!("{longer}\n"), &["line 1", "65536"]),
        (
            &format!("{}\n", "x,".repeat(2_000)),
            &["line 1", "`path` is missing", "…"],
        ),
        ("path\n\"a\nb\"\n", &["line 2", "control character"]),
    ] {
        refused("u.csv", text.to_owned(), parts);
    }

    let path = || ("path", paths(&["a"]));
    for (columns, parts) in [
        (
            vec![("sha256", paths(&["a"]))],
            &["`path` is missing", "`sha256`"][..],
        ),
        (vec![("path", paths(&[&long]))], &["row 1", "5000", "4096"]),
        (
            vec![("path", Arc::new(BinaryArray::from_vec(vec![b"a"])) as ArrayRef)],
            &["`path`", "Binary", "as text"],
        ),
        (
            vec![path(), ("uploaded_at", Arc::new(Int64Array::from(vec![1])))],
            &["`uploaded_at`", "Int64", "a timestamp"],
        ),
        (
            vec![
                path(),
                ("multiplier_ppm", Arc::new(Float64Array::from(vec![1.0]))),
            ],
            &["`multiplier_ppm`", "Float64", "whole numbers"],
        ),
        (
            vec![
                path(),
                ("sha256", Arc::new(BinaryArray::from_vec(vec![&[1; 200]]))),
            ],
            &["row 1", "`sha256`", "200", "128"],
        ),
    ] {
        refused("u.parquet", parquet_of(columns), parts);
    }
    refused("u.parquet", "", &["cannot be read as Parquet"]);
    refused("u.parquet", "path\na\n", &["cannot be read as Parquet"]);
}

/// One value of 1 MiB that thousands of rows repeat costs a file of 1 MiB and must cost no more to refuse.
#[test]
fn a_long_value_that_many_rows_repeat_is_refused() {
    let long = "x".repeat(1 << 20);
    let keys = arrow::array::Int32Array::from(vec![0; 2_000]);
    let dictionary =
        DictionaryArray::<Int32Type>::new(keys, Arc::new(StringArray::from(vec![long.as_str()])));
    let bytes = parquet_of(vec![("path", Arc::new(dictionary))]);
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    refused("u.parquet", bytes, &["row 1", "1048576", "4096"]);
}

/// Deterministic changes to good files: an answer, whatever it is, and in no time at all.
#[test]
fn no_change_to_a_file_does_more_than_be_refused() {
    let csv = format!("path,uploaded_at,sha256\na,{TIME},00ff\n\"b\",,\n").into_bytes();
    let jsonl = format!("{{\"path\":\"a\",\"uploaded_at\":\"{TIME}\",\"x\":[1,2.5e3]}}\n{{\"path\":\"b\"}}")
        .into_bytes();
    let parquet = parquet_of(vec![
        ("path", paths(&["a", "b", "c", "a"])),
        (
            "sha256",
            Arc::new(BinaryArray::from_opt_vec(vec![
                Some(&[0, 255]),
                None,
                None,
                Some(&[]),
            ])),
        ),
        (
            "uploaded_at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(MICROS),
                None,
                Some(0),
                Some(i64::MIN),
            ])),
        ),
    ]);
    for (file, good) in [("u.csv", csv), ("u.jsonl", jsonl), ("u.parquet", parquet)] {
        for at in 0..good.len() {
            for value in [
                0,
                0xff,
                good[at] ^ 1,
                good[at] ^ 0x80,
                good[at].wrapping_add(1),
                b'"',
            ] {
                let mut bytes = good.clone();
                bytes[at] = value;
                let _ = read(file, bytes);
            }
            let _ = read(file, good[..at].to_vec());
            let mut without = good.clone();
            without.remove(at);
            let _ = read(file, without);
        }
    }
}
