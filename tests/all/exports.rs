//! Exported tables hold what the published ones hold.

use cairn_tests::{Scratch, TABLES, Value};
use serde_json::Value as Json;

use crate::fixtures::{SMALL, TILED, cairn, scratch};

fn export(scratch: &Scratch, format: &str, table: &str) -> String {
    let out = scratch.arg("export");
    let said = cairn().succeed(&[
        "export",
        &SMALL.published.arg(),
        "--format",
        format,
        "--table",
        table,
        "--out",
        &out,
    ]);
    assert!(said.contains(table) && said.contains(&out), "{said}");
    std::fs::read_to_string(out).unwrap()
}

/// Fields of a line of CSV. A quoted one may hold commas; none of the city holds a quote or a line's end.
fn fields(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut quoted = false;
    let parts = line.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    found.extend(parts.map(|part| part.trim_matches('"')));
    found
}

#[test]
fn csv_has_every_row_and_every_column_but_the_geometry() {
    let scratch = scratch();
    for table in TABLES {
        let frame = SMALL.published.table(table);
        let text = export(&scratch, "csv", table);
        let mut lines = text.lines();
        let header = fields(lines.next().unwrap());
        let mut columns: Vec<&str> = frame.columns().map(|(name, _)| name).collect();
        let mut named = header.clone();
        columns.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, columns, "{table}");
        let rows: Vec<&str> = lines.collect();
        assert_eq!(rows.len(), frame.rows(), "{table}");
        for (row, line) in rows.iter().enumerate() {
            for (column, field) in header.iter().zip(fields(line)) {
                same(table, column, &frame.column(column)[row], field);
            }
        }
    }
}

/// A field says what the value is. Times are written as RFC 3339, booleans as words.
#[track_caller]
fn same(table: &str, column: &str, value: &Value, field: &str) {
    let said = match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Int(_) if column.ends_with("_at") => {
            assert!(
                field.len() >= 20 && field.contains('T') && field.ends_with('Z'),
                "{table}.{column}: {field}"
            );
            return;
        }
        Value::Int(number) if ["true", "false"].contains(&field) => {
            (if *number == 1 { "true" } else { "false" }).to_owned()
        }
        Value::Int(number) => number.to_string(),
    };
    assert_eq!(field, said, "{table}.{column}");
}

#[test]
fn geojson_has_every_row_with_its_geometry() {
    let scratch = scratch();
    for (table, kind) in [("coverage", "Polygon"), ("images", "Point")] {
        let frame = SMALL.published.table(table);
        let text = export(&scratch, "geojson", table);
        let collection: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(collection["type"], "FeatureCollection");
        let features = collection["features"].as_array().unwrap();
        assert_eq!(features.len(), frame.rows(), "{table}");
        for (row, feature) in features.iter().enumerate() {
            let properties = &feature["properties"];
            let Some(cell) = frame.maybe_int("cell", row) else {
                assert_eq!(
                    (&feature["geometry"], &properties["cell"]),
                    (&Json::Null, &Json::Null)
                );
                continue;
            };
            assert_eq!(properties["cell"], format!("{cell:x}"));
            assert_eq!(feature["geometry"]["type"], kind);
            if kind == "Polygon" {
                counter_clockwise(&feature["geometry"]["coordinates"][0]);
                assert_eq!(
                    properties["score_ppm"].as_i64().map(i128::from),
                    frame.maybe_int("score_ppm", row)
                );
            } else {
                assert_eq!(properties["path"], frame.text("path", row));
                // 64 bits, as text.
                assert_eq!(properties["texture"], frame.int("texture", row).to_string());
                let at = &feature["geometry"]["coordinates"];
                #[expect(clippy::cast_precision_loss, reason = "nine digits fit a float")]
                let degrees = |column: &str| frame.int(column, row) as f64 / 1e7;
                assert_eq!(
                    (at[0].as_f64(), at[1].as_f64()),
                    (Some(degrees("lon_e7")), Some(degrees("lat_e7")))
                );
            }
        }
    }
}

/// RFC 7946, 3.1.6: a ring is closed and counter-clockwise.
fn counter_clockwise(ring: &Json) {
    let points: Vec<(f64, f64)> = ring
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap()))
        .collect();
    assert_eq!(points.first(), points.last());
    let area: f64 = points
        .windows(2)
        .map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1)
        .sum();
    assert!(area > 0.0, "{ring}");
}

/// What a filtered export of coverage or passes of the world in many tiles says and writes.
fn filtered(table: &str, filters: &[&str]) -> (String, Vec<Json>) {
    let scratch = scratch();
    let out = scratch.arg("rows.jsonl");
    let run = TILED.published.arg();
    let mut args = vec![
        "export", &run, "--format", "geojsonl", "--table", table, "--out", &out,
    ];
    args.extend(filters);
    let said = cairn().succeed(&args);
    let text = std::fs::read_to_string(&out).unwrap();
    (
        said,
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// The ring of a feature's polygon: least and greatest longitude, least and greatest latitude.
fn bounds(feature: &Json) -> [f64; 4] {
    let ring = feature["geometry"]["coordinates"][0].as_array().unwrap();
    ring.iter()
        .fold([f64::MAX, f64::MIN, f64::MAX, f64::MIN], |found, point| {
            let (x, y) = (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
            [found[0].min(x), found[1].max(x), found[2].min(y), found[3].max(y)]
        })
}

#[test]
fn filters_find_the_rows_that_all_rows_show_and_open_no_file_for_others() {
    let (_, all) = filtered("coverage", &[]);
    assert_eq!(all.len(), TILED.published.table("coverage").rows());
    let [west, east, south, north] = bounds(&all[all.len() / 2]);
    let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
    let meets = |feature: &&Json| {
        let [west, east, south, north] = bounds(feature);
        west <= x + 0.002 && east >= x - 0.002 && south <= y + 0.001 && north >= y - 0.001
    };
    let wanted: Vec<&Json> = all.iter().filter(meets).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len());
    let bbox = format!("{},{},{},{}", x - 0.002, y - 0.001, x + 0.002, y + 0.001);
    let (said, found) = filtered("coverage", &["--bbox", &bbox]);
    assert_eq!(found.iter().collect::<Vec<_>>(), wanted);
    let files = TILED.published.manifest["tables"]["coverage"]["files"]
        .as_array()
        .unwrap()
        .len();
    let opened: usize = said
        .split("of which ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(opened < files, "{said}");

    // The same box as a polygon: a cell may meet the box with its own box alone, and is not in the polygon then.
    let scratch = scratch();
    let ring =
        [(-1., -1.), (1., -1.), (1., 1.), (-1., 1.), (-1., -1.)].map(|(a, b)| [x + a * 0.002, y + b * 0.001]);
    let area = serde_json::json!({ "type": "Feature", "properties": {},
        "geometry": { "type": "Polygon", "coordinates": [ring] } });
    let area = scratch.write("area.geojson", area.to_string());
    let (_, within) = filtered("coverage", &["--polygon", &area.to_string_lossy()]);
    assert!(!within.is_empty() && within.iter().all(|feature| found.contains(feature)));

    let cell = all[3]["properties"]["cell"].as_str().unwrap();
    assert_eq!(filtered("coverage", &["--cell", cell]).1, [all[3].clone()]);
    let scores = |feature: &&Json| feature["properties"]["score_ppm"].as_u64().unwrap() >= 300_000;
    let wanted: Vec<&Json> = found.iter().filter(scores).collect();
    let (_, both) = filtered("coverage", &["--bbox", &bbox, "--min-score", "300000"]);
    assert_eq!(both.iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_coarser_cell_holds_all_within_it_and_a_contributor_their_own() {
    let images = TILED.published.table("images");
    let cell = |row: usize| images.maybe_int("cell", row);
    let some = (0..images.rows()).find_map(cell).unwrap();
    // The parent of resolution 7: its number stands in the first bits, the finer digits are all sevens.
    let parent = |cell: i128| (cell & !(0xf_i128 << 52)) | (7_i128 << 52) | ((1_i128 << 24) - 1);
    let wanted = (0..images.rows())
        .filter(|row| cell(*row).is_some_and(|c| parent(c) == parent(some)))
        .count();
    let (_, found) = filtered("images", &["--cell", &format!("{:x}", parent(some))]);
    assert!(wanted > 0 && found.len() == wanted, "{} of {wanted}", found.len());

    let who = images.text("contributor", 0).to_owned();
    let wanted = (0..images.rows())
        .filter(|row| images.text("contributor", *row) == who)
        .count();
    let (said, found) = filtered("images", &["--contributor", &who]);
    assert_eq!(found.len(), wanted);
    assert!(said.contains(&format!("Wrote {wanted} rows of images")), "{said}");
}

#[test]
fn a_filter_that_a_table_cannot_answer_names_the_column_that_it_lacks() {
    let run = SMALL.published.arg();
    let scratch = scratch();
    let out = scratch.arg("never");
    let asked = |table: &str, filter: [&str; 2]| {
        cairn().run(&[
            "export", &run, "--format", "csv", "--table", table, "--out", &out, filter[0], filter[1],
        ])
    };
    asked("coverage", ["--contributor", "ada"])
        .failed_saying(2, &["--contributor", "coverage", "`contributor`"]);
    asked("rewards", ["--bbox", "0,0,1,1"]).failed_saying(2, &["--bbox", "rewards", "`cell`"]);
    asked("images", ["--min-score", "1"]).failed_saying(2, &["--min-score", "images", "`score_ppm`"]);
    asked("coverage", ["--bbox", "0,0,1"]).failed_saying(2, &["--bbox 0,0,1", "west, south, east, north"]);
    asked("coverage", ["--cell", "8f0000000000000"]).failed_saying(2, &["--cell", "resolution 11"]);
    asked("coverage", ["--polygon", "nowhere.geojson"]).failed_saying(2, &["--polygon nowhere.geojson"]);
    assert_eq!(
        std::fs::read_dir(scratch.join("")).unwrap().count(),
        0,
        "nothing is written before all is known"
    );
}

#[test]
fn stdout_gets_the_rows_and_nothing_else() {
    let run = SMALL.published.arg();
    let said = cairn().succeed(&[
        "export", &run, "--format", "csv", "--table", "rewards", "--out", "-",
    ]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("contributor,credit"), "{said}");
    assert_eq!(lines.len(), SMALL.published.table("rewards").rows() + 1);
    let none = [
        "export",
        &run,
        "--format",
        "geojsonl",
        "--cell",
        "81003ffffffffff",
        "--out",
        "-",
    ];
    assert_eq!(cairn().succeed(&none), "");
    let none = [
        "export",
        &run,
        "--format",
        "geojson",
        "--cell",
        "81003ffffffffff",
        "--out",
        "-",
    ];
    let empty: Json = serde_json::from_str(&cairn().succeed(&none)).unwrap();
    assert_eq!(empty["features"], serde_json::json!([]));
}
