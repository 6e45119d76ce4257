use super::*;

fn uploads(paths: &[&str]) -> Vec<Upload> {
    let mut rows: Vec<Upload> = paths
        .iter()
        .map(|path| Upload {
            contributor: "ada".into(),
            session: "monday".into(),
            ..Upload::listed(*path, 1, format!("version of {path}"))
        })
        .collect();
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    rows
}

fn paired(paths: &[&str]) -> Vec<(String, String, u32)> {
    let mut rows = uploads(paths);
    pair_sidecars(&mut rows);
    let shown = |row: Upload| (row.path, row.sidecar.unwrap_or_default(), row.describes);
    rows.into_iter().map(shown).collect()
}

fn row(path: &str, sidecar: &str, describes: u32) -> (String, String, u32) {
    (path.to_owned(), sidecar.to_owned(), describes)
}

#[test]
fn the_full_name_comes_before_the_stem() {
    assert_eq!(
        paired(&["a/x.jpg", "a/x.jpg.xmp", "a/x.xmp", "a/x.png"]),
        [
            row("a/x.jpg", "a/x.jpg.xmp", 0),
            row("a/x.jpg.xmp", "", 1),
            row("a/x.png", "a/x.xmp", 0),
            row("a/x.xmp", "", 1),
        ]
    );
}

#[test]
fn one_sidecar_may_describe_several_images() {
    assert_eq!(
        paired(&["x.HEIC", "x.jpg", "x.XMP", "y.xmp", "x.gpx"]),
        [
            row("x.HEIC", "x.XMP", 0),
            row("x.XMP", "", 2),
            row("x.gpx", "", 0),
            row("x.jpg", "x.XMP", 0),
            row("y.xmp", "", 0),
        ]
    );
}

#[test]
fn endings_may_be_in_any_case_and_names_may_not() {
    assert_eq!(
        paired(&["IMG.JPG", "IMG.jpg.Xmp", "img.png"]),
        [
            row("IMG.JPG", "IMG.jpg.Xmp", 0),
            row("IMG.jpg.Xmp", "", 1),
            row("img.png", "", 0),
        ]
    );
}

#[test]
fn another_session_or_folder_and_what_is_not_stored_do_not_count() {
    let mut rows = uploads(&["a/x.jpg", "b/x.xmp"]);
    pair_sidecars(&mut rows);
    assert_eq!(rows[0].sidecar, None);
    let mut rows = uploads(&["x.jpg", "x.xmp"]);
    rows[1].session = "tuesday".into();
    pair_sidecars(&mut rows);
    assert_eq!(rows[0].sidecar, None);
    let mut rows = uploads(&["x.jpg", "x.xmp"]);
    rows[1].version.clear();
    pair_sidecars(&mut rows);
    assert_eq!(rows[0].sidecar, None);
    let mut rows = uploads(&["x.jpg", "x.xmp"]);
    pair_sidecars(&mut rows);
    assert_eq!(rows[0].sidecar_version.as_deref(), Some("version of x.xmp"));
}

#[test]
fn an_image_knows_all_that_its_sidecar_is_judged_by() {
    let mut rows = uploads(&["x.jpg", "x.xmp"]);
    let (digest, key) = (cairn_datasets::digest::Digest::of(b"promised"), vec![7; 32]);
    rows[1].claimed_sha256 = Some(digest);
    rows[1].device = Some("cam".into());
    rows[1].signature = Some("signed".into());
    rows[1].device_key = Some(key);
    rows[1].device_contributor = Some("ada".into());
    pair_sidecars(&mut rows);
    let judged = Upload {
        describes: 1,
        ..rows[0].of_sidecar().unwrap()
    };
    assert_eq!(judged, rows[1]);
}
