//! Exported tables hold what the published ones hold.

use cairn_tests::{Scratch, TABLES, Value};
use serde_json::Value as Json;

use crate::fixtures::{SMALL, cairn, scratch};

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
