//! `cairn inspect` says of files what a run would read in them.

use cairn_tests::Scratch;
use serde_json::Value;

use crate::fixtures::{cairn, scratch, small_city_source};

fn inspected(args: &[&str]) -> Vec<Value> {
    let mut all = vec!["inspect", "--json"];
    all.extend(args);
    serde_json::from_str(&cairn().succeed(&all)).unwrap()
}

const GPX: &str = r#"<gpx version="1.1"><trk><trkseg>
<trkpt lat="55.7" lon="13.19"><time>2026-05-11T06:00:00Z</time></trkpt>
</trkseg></trk></gpx>"#;

fn files() -> Scratch {
    let scratch = scratch();
    scratch.write("in/a.gpx", GPX);
    scratch.write("in/b/broken.jpg", b"\xff\xd8\xff\xe0");
    scratch.write("in/b/notes.txt", "nothing to see");
    scratch
}

#[test]
fn each_object_of_a_folder_is_said_with_its_format_and_its_reason() {
    let scratch = files();
    let rows = inspected(&[&scratch.arg("in")]);
    let row = |path: &str| rows.iter().find(|row| row["path"] == path).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (&row("a.gpx")["format"], &row("a.gpx")["fixes"]),
        (&"GPX".into(), &1.into())
    );
    assert_eq!(row("b/broken.jpg")["reason"], "O3-unreadable");
    assert_eq!(row("b/notes.txt")["reason"], "O2-unknown-kind");
}

#[test]
fn a_single_file_may_be_named_and_limits_may_be_set() {
    let scratch = files();
    assert_eq!(inspected(&[&scratch.arg("in/a.gpx")])[0]["path"], "a.gpx");
    let limited = inspected(&[
        &scratch.arg("in/a.gpx"),
        "--set",
        "ingest.max-trace-bytes=10",
        "--set",
        "ingest.max-image-bytes=10",
    ]);
    assert_eq!(limited[0]["reason"], "O1-too-large");
}

#[test]
fn an_image_is_read_with_its_sidecar_as_a_run_does() {
    let scratch = scratch();
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let photo = std::fs::read(here.join("fuzz/seeds/picture/baseline.jpg")).unwrap();
    let sidecar = std::fs::read(here.join("fuzz/seeds/metadata/sidecar.xmp")).unwrap();
    scratch.write("in/a.jpg", photo);
    scratch.write("in/a.jpg.xmp", sidecar);
    let images = scratch.arg("images.csv");
    for (place, objects) in [(scratch.arg("in"), 2), (scratch.arg("in/a.jpg"), 1)] {
        let rows = inspected(&[&place, "--images", &images]);
        assert_eq!(rows.len(), objects);
        assert_eq!(
            (&rows[0]["path"], &rows[0]["reason"]),
            (&"a.jpg".into(), &"".into())
        );
        let text = std::fs::read_to_string(&images).unwrap();
        let values: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
        assert!(!values[3].is_empty() && !values[4].is_empty(), "{text}");
    }
    assert_eq!(inspected(&[&scratch.arg("in")])[1]["detail"], "describes 1 image");
}

#[test]
fn fixes_and_images_go_to_csv_files_on_request() {
    let scratch = scratch();
    let (fixes, images) = (scratch.arg("fixes.csv"), scratch.arg("images.csv"));
    let source = small_city_source().to_string_lossy();
    let rows = inspected(&[&source, "--fixes", &fixes, "--images", &images]);
    let sum = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>();
    let lines = |path: &str| std::fs::read_to_string(path).unwrap().lines().count() as u64 - 1;
    assert!(sum("fixes") > 100 && sum("images") > 10);
    assert_eq!((lines(&fixes), lines(&images)), (sum("fixes"), sum("images")));
}

#[test]
fn the_table_counts_files_by_format() {
    let scratch = files();
    let table = cairn().succeed(&["inspect", "--table", &scratch.arg("in")]);
    assert!(table.contains("| GPX | 1 | 1 | 0 | 1 |  |"), "{table}");
    assert!(
        table.contains("| JPEG | 1 | 0 | 0 | 0 | 1 O3-unreadable |"),
        "{table}"
    );
}

#[test]
fn a_place_that_is_not_there_is_said() {
    cairn()
        .run(&["inspect", "/no/such/place"])
        .failed_saying(2, &["/no/such/place"]);
}
