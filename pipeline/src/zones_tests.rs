use super::*;

const SQUARE: &str = "[[13.0,55.0],[13.1,55.0],[13.1,55.1],[13.0,55.1],[13.0,55.0]]";

fn feature_of(geometry: &str, properties: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn polygon_of(rings: &str) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[{rings}]}}"#)
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    )
}

#[track_caller]
fn said(text: &str, parts: &[&str]) {
    let error = read(text.as_bytes()).unwrap_err();
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in `{error}`");
    }
}

fn hides(text: &str, contributor: &str, lat: f64, lon: f64) -> bool {
    let zones = Zones::new(Digest::of(b""), read(text.as_bytes()).unwrap());
    zones.hide(contributor, position(&[lon, lat]).unwrap())
}

#[test]
fn a_collection_a_feature_and_a_geometry_are_read_alike() {
    let feature = feature_of(&polygon_of(SQUARE), "null");
    for text in [
        collection(std::slice::from_ref(&feature)),
        feature,
        polygon_of(SQUARE),
    ] {
        assert!(hides(&text, "ada", 55.05, 13.05), "{text}");
        assert!(!hides(&text, "ada", 55.15, 13.05), "{text}");
    }
    assert!(hides(
        &format!("\u{feff}{}", polygon_of(SQUARE)),
        "ada",
        55.0,
        13.0
    ));
}

#[test]
fn holes_parts_circles_heights_and_contributors() {
    let hole = "[[13.02,55.02,9],[13.08,55.02,9],[13.08,55.08,9],[13.02,55.08,9],[13.02,55.02,9]]";
    let holed = polygon_of(&format!("{SQUARE},{hole}"));
    assert!(!hides(&holed, "ada", 55.05, 13.05) && hides(&holed, "ada", 55.01, 13.05));
    let parts =
        format!(r#"{{"type":"MultiPolygon","coordinates":[[{SQUARE}],[[[0,0],[1,0],[1,1],[0,0]]]]}}"#);
    assert!(hides(&parts, "ada", 55.05, 13.05) && hides(&parts, "ada", 0.1, 0.9));
    let point = r#"{"type":"Point","coordinates":[13.19,55.7]}"#;
    let circle = feature_of(point, r#"{"radius_m":120.5,"contributor":"ada"}"#);
    assert!(hides(&circle, "ada", 55.701, 13.19) && !hides(&circle, "ben", 55.701, 13.19));
    assert!(!hides(&circle, "ada", 55.7011, 13.19));
}

#[test]
fn what_is_wrong_is_said_with_the_feature_and_what_to_do() {
    let good = feature_of(&polygon_of(SQUARE), "{}");
    let second =
        |geometry: &str, properties: &str| collection(&[good.clone(), feature_of(geometry, properties)]);
    let point = r#"{"type":"Point","coordinates":[13.19,55.7]}"#;
    said("", &["is not JSON"]);
    said("{\"type\":", &["is not JSON", "line 1"]);
    said("[]", &["no `type`"]);
    said("{\"type\":\"FeatureCollection\"}", &["features"]);
    said(&collection(&[]), &["holds no zone", "remove the file"]);
    said(&second("null", "{}"), &["feature 2 of 2", "no geometry"]);
    said(&second(point, "{}"), &["feature 2 of 2", "`radius_m`"]);
    said(
        &second(point, r#"{"radius_m":"100"}"#),
        &["feature 2 of 2", "\"100\"", "without quotes"],
    );
    said(&second(point, r#"{"radius_m":-1}"#), &["feature 2 of 2", "-1"]);
    said(&second(point, r#"{"radius_m":1e9}"#), &["100000"]);
    said(
        &second(&polygon_of(SQUARE), r#"{"radius_m":5}"#),
        &["goes with a Point"],
    );
    said(
        &second(&polygon_of(SQUARE), r#"{"contributor":7}"#),
        &["`contributor` is 7"],
    );
    said(
        &second(&polygon_of(SQUARE), r#"{"contributor":"ada lovelace"}"#),
        &["`contributor` is \"ada lovelace\"", "an id has"],
    );
    said(
        &second(&polygon_of("[[0,0],[1,0],[1,1],[0,1]]"), "{}"),
        &["feature 2 of 2", "ring 1 is not closed"],
    );
    said(&second(&polygon_of(""), "{}"), &["feature 2 of 2", "no ring"]);
    said(&second(&polygon_of("[]"), "{}"), &["ring 1 has 0 positions"]);
    said(
        &second(&polygon_of("[[55.7,193.1],[1,0],[1,1],[55.7,193.1]]"), "{}"),
        &["out of range", "longitude comes first"],
    );
    said(
        &second(&polygon_of("[[0],[1,0],[1,1],[0]]"), "{}"),
        &["feature 2 of 2"],
    );
    said(
        &second(&polygon_of("[[179,0],[-179,0],[-179,1],[179,1],[179,0]]"), "{}"),
        &["feature 2 of 2", "antimeridian", "split"],
    );
    said(
        &second(r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#, "{}"),
        &["LineString has no inside"],
    );
    said(
        &second(r#"{"type":"MultiPolygon","coordinates":[]}"#, "{}"),
        &["no polygon"],
    );
    said(
        &second(r#"{"type":"Polygon"}"#, "{}"),
        &["feature 2 of 2", "cannot be read"],
    );
    said(
        &collection(&[good.clone(), "7".to_owned()]),
        &["feature 2 of 2", "not `Feature`"],
    );
    said(
        &good.replacen(
            '{',
            r#"{"crs":{"type":"name","properties":{"name":"EPSG:3857"}},"#,
            1,
        ),
        &["EPSG:3857", "WGS 84"],
    );
    said(r#"{"type":"Topology"}"#, &["its geometry"]);
}

#[test]
fn no_change_of_a_byte_panics() {
    let text = collection(&[
        feature_of(&polygon_of(SQUARE), r#"{"contributor":"ada"}"#),
        feature_of(
            r#"{"type":"Point","coordinates":[13.19,55.7]}"#,
            r#"{"radius_m":120.5}"#,
        ),
    ]);
    for at in 0..text.len() {
        for byte in *b"0-e.\"[]{},:x" {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            let _ = read(&bytes);
            bytes.truncate(at);
            let _ = read(&bytes);
        }
    }
}
