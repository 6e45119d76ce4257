//! X1: what lies in a privacy zone or at a trimmed end of a trip is in nothing that is published, but for the
//! row of its object and a count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::units::Position;
use cairn_tests::{Frame, Published, Scratch, TABLES, Value, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch};

/// Metres around the picture in the middle of the zone.
const ZONE_M: f64 = 80.0;

/// The small city, where three people keep something to themselves.
struct Secretive {
    _folder: Scratch,
    source: PathBuf,
    run: Published,
    /// Has the ends of trips trimmed.
    trims: String,
    /// Was hidden altogether, by a zone of their own.
    hidden: String,
    /// The middle of a zone that holds for all.
    middle: (f64, f64),
}

static SECRETIVE: LazyLock<Secretive> = LazyLock::new(|| {
    let images = SMALL.published.table("images");
    let mut places: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for row in (0..images.rows()).filter(|row| images.text("verdict", *row) == "kept") {
        let place = place(&images, row).unwrap();
        places
            .entry(images.text("contributor", row))
            .or_default()
            .push(place);
    }
    // Ada has pictures alone, bruno and chen have traces too, and chen's pictures are placed on his.
    let (first, second, third) = ("bruno", &places["ada"], &places["chen"]);
    let middle = second[second.len() / 2];
    let folder = scratch();
    copy_folder(&SMALL.source, &folder.join("source"));
    folder.write(
        "source/contributors.csv",
        format!("contributor,trim_ends\n{first},yes\nada,no\n"),
    );
    folder.write(
        "source/privacy-zones.geojson",
        zones(middle, ZONE_M, "chen", third[0]),
    );
    let source = folder.join("source");
    let _ = cairn().publish(&source, &folder.join("out"), &[]);
    Secretive {
        run: Published::below(&folder.join("out")),
        source,
        trims: first.to_owned(),
        hidden: "chen".to_owned(),
        middle,
        _folder: folder,
    }
});

/// A circle for all, and a square of two degrees for one.
fn zones(middle: (f64, f64), radius_m: f64, one: &str, place: (f64, f64)) -> String {
    let (south, west) = (place.0 - 1.0, place.1 - 1.0);
    let (north, east) = (south + 2.0, west + 2.0);
    format!(
        r#"{{"type":"FeatureCollection","salt":"x","features":[
            {{"type":"Feature","properties":{{"radius_m":{radius_m}}},"geometry":{{"type":"Point","coordinates":[{},{}]}}}},
            {{"type":"Feature","properties":{{"contributor":"{one}"}},"geometry":{{"type":"Polygon","coordinates":
                [[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}]}}"#,
        middle.1, middle.0
    )
}

#[expect(clippy::cast_precision_loss, reason = "1e-7 degrees are exact in a float")]
fn place(images: &Frame, row: usize) -> Option<(f64, f64)> {
    let degrees = |column: &str| images.maybe_int(column, row).map(|e7| e7 as f64 / 1e7);
    degrees("lat_e7").zip(degrees("lon_e7"))
}

/// Metres between two places that are near each other, not by Cairn's own arithmetic.
fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let north = (a.0 - b.0) * 111_195.0;
    let east = (a.1 - b.1) * 111_195.0 * a.0.to_radians().cos();
    north.hypot(east)
}

/// First and last point of every part of every trace of a contributor.
fn ends_of_traces(source: &Path, contributor: &str) -> Vec<(f64, f64)> {
    let number = |point: &str, name: &str| -> f64 {
        let (_, rest) = point.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let mut ends = Vec::new();
    for (path, bytes) in cairn_tests::files_below(&source.join(contributor)) {
        if path.ends_with(".gpx") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let points: Vec<&str> = text.split("<trkpt ").skip(1).collect();
            let place = |point: &&str| (number(point, "lat"), number(point, "lon"));
            ends.extend(points.first().map(place));
            ends.extend(points.last().map(place));
        }
    }
    ends
}

fn texts_of(run: &Published, table: &str) -> BTreeSet<String> {
    let frame = run.table(table);
    let values = frame.columns().flat_map(|(_, values)| values.iter());
    values
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// The objects, and the rows of those that are private.
fn private_rows(run: &Published) -> (Frame, Vec<usize>) {
    let objects = run.table("objects");
    let rows = (0..objects.rows()).filter(|row| objects.text("reason", *row) == "X1-private");
    let rows = rows.collect();
    (objects, rows)
}

#[test]
fn policy_x1_private_objects_keep_a_row_and_nothing_else() {
    let world = &*SECRETIVE;
    let (objects, rows) = private_rows(&world.run);
    let paths: BTreeSet<String> = rows
        .iter()
        .map(|row| objects.text("path", *row).to_owned())
        .collect();
    assert!(paths.len() > 10, "{paths:?}");
    for row in rows {
        assert_eq!(objects.text("verdict", row), "rejected");
        assert_eq!(objects.text("detail", row), "");
        assert_eq!(objects.text("duplicate_of", row), "");
        for column in ["captured_at", "measured", "threshold"] {
            assert_eq!(objects.maybe_int(column, row), None, "{column}");
        }
    }
    // What the same records were called where nobody keeps anything to themselves.
    let before = SMALL.published.table("images");
    let mut names = paths.clone();
    for row in 0..before.rows() {
        if paths.contains(before.text("path", row)) {
            names.insert(before.text("image_id", row).to_owned());
        }
    }
    for table in TABLES.into_iter().filter(|table| *table != "objects") {
        let said = texts_of(&world.run, table);
        let named: Vec<_> = names.iter().filter(|name| said.contains(*name)).collect();
        assert!(named.is_empty(), "{table} names {named:?}");
    }
    let said = texts_of(&world.run, "objects");
    assert!(
        names
            .iter()
            .all(|name| paths.contains(name) == said.contains(name))
    );
}

#[test]
fn policy_x1_a_zone_is_empty_on_the_map() {
    let world = &*SECRETIVE;
    let images = world.run.table("images");
    for row in 0..images.rows() {
        if let Some(place) = place(&images, row) {
            assert!(
                metres(place, world.middle) > ZONE_M - 0.5,
                "{}",
                images.text("path", row)
            );
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "a place on Earth")]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    let middle = Position::new(e7(world.middle.0), e7(world.middle.1)).unwrap();
    let cell = i128::from(Cell::at(middle, resolution(11).unwrap()).index());
    for table in ["images", "passes", "coverage", "standing", "credits"] {
        let has = |run: &Published| run.table(table).column("cell").contains(&Value::Int(cell));
        assert!(has(&SMALL.published), "{table} has the cell without a zone");
        assert!(!has(&world.run), "{table}");
    }
    let cells = |run: &Published| -> BTreeSet<Value> {
        run.table("coverage").column("cell").iter().cloned().collect()
    };
    assert!(cells(&world.run).is_subset(&cells(&SMALL.published)));
}

#[test]
fn policy_x1_the_ends_of_trips_are_trimmed_for_who_asks() {
    let world = &*SECRETIVE;
    let ends = ends_of_traces(&world.source, &world.trims);
    assert!(!ends.is_empty());
    let near = |run: &Published, contributor: &str| -> usize {
        let images = run.table("images");
        let mine = (0..images.rows()).filter(|row| images.text("contributor", *row) == contributor);
        mine.filter_map(|row| place(&images, row))
            .filter(|place| ends.iter().any(|end| metres(*end, *place) < 99.5))
            .count()
    };
    assert!(near(&SMALL.published, &world.trims) > 0);
    assert_eq!(near(&world.run, &world.trims), 0);
    // Their traces are kept, and say how much is missing.
    let objects = world.run.table("objects");
    let traces: Vec<usize> = (0..objects.rows())
        .filter(|row| {
            objects.text("contributor", *row) == world.trims && objects.text("kind", *row) == "trace"
        })
        .filter(|row| objects.text("verdict", *row) == "kept")
        .collect();
    assert!(!traces.is_empty());
    for row in traces {
        let [all, kept, private] =
            ["fixes", "kept_fixes", "private_fixes"].map(|column| objects.int(column, row));
        assert!(kept > 0 && private > 0 && kept + private <= all);
        let path = objects.text("path", row);
        let said = cairn().succeed(&["explain", &world.run.arg(), "--object", path]);
        assert!(
            said.contains(&format!("{private} of its fixes are private (X1)")),
            "{said}"
        );
    }
}

#[test]
fn policy_x1_a_zone_of_one_contributor_hides_them_alone() {
    let world = &*SECRETIVE;
    for table in ["images", "passes", "credits"] {
        assert!(!texts_of(&world.run, table).contains(&world.hidden), "{table}");
        assert!(
            texts_of(&SMALL.published, table).contains(&world.hidden),
            "{table}"
        );
    }
    let (objects, rows) = private_rows(&world.run);
    let kinds: BTreeSet<&str> = rows
        .iter()
        .filter(|row| objects.text("contributor", **row) == world.hidden)
        .map(|row| objects.text("kind", *row))
        .collect();
    assert_eq!(kinds, BTreeSet::from(["image", "trace"]));
}

#[test]
fn policy_x1_the_manifest_counts_what_it_does_not_show() {
    let world = &*SECRETIVE;
    let objects = world.run.table("objects");
    let sum = |column: &str| -> i128 { (0..objects.rows()).map(|row| objects.int(column, row)).sum() };
    let counts = &world.run.manifest["private"];
    assert_eq!(counts["images"], u64::try_from(sum("private_images")).unwrap());
    assert_eq!(counts["fixes"], u64::try_from(sum("private_fixes")).unwrap());
    assert!(
        counts["images"].as_u64() > Some(10) && counts["fixes"].as_u64() > Some(50),
        "{counts}"
    );
    assert!(world.run.manifest["inputs"]["zones"].is_string());
    assert!(world.run.manifest["inputs"]["contributors"].is_string());
    assert!(SMALL.published.manifest.get("private").is_none());
    // An image is in the table, or private, or was rejected with its object.
    let images = |run: &Published| i128::try_from(run.table("images").rows()).unwrap();
    assert_eq!(
        images(&world.run) + sum("private_images"),
        images(&SMALL.published)
    );
}

#[test]
fn policy_x1_threads_change_nothing_and_an_audit_derives_it_again() {
    let world = &*SECRETIVE;
    let folder = scratch();
    let _ = cairn().publish(
        &world.source,
        &folder.join("out"),
        &["--threads", "1", "--tile-resolution", "8"],
    );
    let other = Published::below(&folder.join("out"));
    assert_eq!(other.digest(), world.run.digest());
    let source = world.source.to_string_lossy().into_owned();
    let said = cairn().succeed(&["audit", &world.run.arg(), "--source", &source]);
    assert!(said.contains("Yes:"), "{said}");
}

#[test]
fn policy_x1_without_its_zones_a_source_is_another_input() {
    let world = &*SECRETIVE;
    let ran = cairn().run(&["audit", &world.run.arg(), "--source", &SMALL.source_arg()]);
    assert_eq!(ran.code, Some(3), "{ran}");
    let digest = world.run.manifest["inputs"]["zones"].as_str().unwrap();
    let said = format!("the source has zones nothing, the run had {digest}");
    assert!(
        ran.stdout.contains("MISMATCH inputs: ") && ran.stdout.contains(&said),
        "{ran}"
    );
}

#[test]
fn policy_x1_another_zone_or_another_wish_is_another_result() {
    let world = &*SECRETIVE;
    let folder = scratch();
    copy_folder(&world.source, &folder.join("source"));
    let text = std::fs::read_to_string(world.source.join("privacy-zones.geojson")).unwrap();
    folder.write(
        "source/privacy-zones.geojson",
        text.replace("\"salt\":\"x\"", "\"salt\":\"y\""),
    );
    let _ = cairn().publish(&folder.join("source"), &folder.join("salted-out"), &[]);
    let salted = Published::below(&folder.join("salted-out"));
    // The zones are the same, and the file is not.
    assert_ne!(salted.digest(), world.run.digest());
    assert_eq!(salted.table_digests(), world.run.table_digests());
    folder.write(
        "source/privacy-zones.geojson",
        text.replace("\"radius_m\":80", "\"radius_m\":160"),
    );
    folder.write("source/contributors.csv", "contributor,trim_ends\n");
    let _ = cairn().publish(&folder.join("source"), &folder.join("other-out"), &[]);
    let other = Published::below(&folder.join("other-out"));
    assert_ne!(other.digest(), world.run.digest());
    assert_ne!(
        other.table_digests()["passes"],
        world.run.table_digests()["passes"]
    );
    let all = [
        "--set",
        "place.trim-ends=all",
        "--set",
        "place.trim-ends-mm=50000",
    ];
    let printed = cairn().publish(&SMALL.source, &folder.join("all-out"), &all);
    assert!(
        printed["private"]["images"].as_u64() > Some(0),
        "{}",
        printed["private"]
    );
}

#[test]
fn policy_x1_a_wrong_file_stops_the_run() {
    let folder = scratch();
    copy_folder(&SMALL.source, &folder.join("source"));
    let run = || {
        let (source, out) = (folder.arg("source"), folder.arg("out"));
        cairn().run(&[
            "run",
            "--source",
            &source,
            "--out",
            &out,
            "--work",
            &folder.arg("work"),
        ])
    };
    let open = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#;
    let feature = format!(r#"{{"type":"Feature","properties":{{}},"geometry":{open}}}"#);
    let text = format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#);
    let zones = folder.write("source/privacy-zones.geojson", text);
    run().failed_saying(
        1,
        &["privacy-zones.geojson", "feature 1 of 1", "ring 1 is not closed"],
    );
    std::fs::remove_file(zones).unwrap();
    folder.write(
        "source/contributors.csv",
        "contributor,trim_ends\nada,yes\nben,maybe\n",
    );
    run().failed_saying(
        1,
        &["contributors.csv", "line 3", "`maybe`", "yes, no or nothing"],
    );
    assert!(!folder.join("out").exists() || cairn_tests::files_below(&folder.join("out")).is_empty());
}
