//! The manifest of uploads: who sent which object, when, and what was promised of it.

use std::collections::BTreeMap;

use cairn_datasets::tables::Upload;

use super::SourceError;
use super::beside::{self, BesideRow, Column, Kind, Table, rows};
use crate::store::{Listed, Store};

/// One of three forms with the same columns.
const UPLOADS: Table = Table {
    files: &["uploads.csv", "uploads.jsonl", "uploads.parquet"],
    columns: &[
        Column::required("path", Kind::Text),
        Column::required("contributor", Kind::Text),
        Column::optional("uploaded_at", Kind::Time),
        Column::optional("sha256", Kind::Bytes),
        Column::optional("session", Kind::Text),
        Column::optional("device", Kind::Text),
        Column::optional("signature", Kind::Bytes),
    ],
    most_bytes: 1 << 30,
};

/// Most bytes of the name of a device.
pub(super) const MOST_DEVICE_BYTES: usize = 128;

/// The manifest of uploads that is there.
pub(super) fn file_of(
    source: &Store,
    is_listed: impl Fn(&str) -> bool,
) -> Result<Option<&'static str>, SourceError> {
    beside::file_of(source, &UPLOADS, is_listed)
}

/// The names that a manifest of uploads may have.
pub(super) const FILES: &[&str] = UPLOADS.files;

/// The paths that a manifest names, in its order.
pub(super) fn paths(source: &Store, file: &'static str) -> Result<Vec<String>, SourceError> {
    let rows = rows(source, &UPLOADS, file)?;
    let path = |row: Result<BesideRow, SourceError>| {
        let row = row?;
        let path = row.filled("path")?;
        let path = path_below(path).map_err(|why| row.fault(format!("column `path`: `{path}` {why}")))?;
        Ok(path.to_owned())
    };
    rows.map(path).collect()
}

/// The uploads that a manifest names, by path, and how many objects it does not name.
pub(super) fn uploads(
    source: &Store,
    file: &'static str,
    objects: &[Listed],
) -> Result<(Vec<Upload>, usize), SourceError> {
    let stored: BTreeMap<&str, &Listed> = objects.iter().map(|o| (o.path.as_str(), o)).collect();
    let mut uploads: BTreeMap<String, Upload> = BTreeMap::new();
    for row in rows(source, &UPLOADS, file)? {
        let row = row?;
        let upload = upload(&row, &stored)?;
        let path = upload.path.clone();
        if uploads.insert(path.clone(), upload).is_some() {
            return Err(row.fault(format!("`{path}` is named twice; an object has one upload")));
        }
    }
    if uploads.is_empty() {
        return Err(SourceError::Beside {
            location: source.location().to_owned(),
            file,
            place: None,
            what: "names no object; give a line to each upload, or remove the file to take all folders"
                .to_owned(),
        });
    }
    let unnamed = objects.iter().filter(|o| !uploads.contains_key(&o.path)).count();
    Ok((uploads.into_values().collect(), unnamed))
}

fn upload(row: &BesideRow, stored: &BTreeMap<&str, &Listed>) -> Result<Upload, SourceError> {
    let path = row.filled("path")?;
    let path = path_below(path).map_err(|why| row.fault(format!("column `path`: `{path}` {why}")))?;
    let contributor = row.get("contributor");
    let device = row.get("device");
    if device.len() > MOST_DEVICE_BYTES {
        let what = format!(
            "column `device` holds {} bytes; {MOST_DEVICE_BYTES} are the most",
            device.len()
        );
        return Err(row.fault(what));
    }
    let found = stored.get(path);
    let session = match row.get("session") {
        "" => super::session_of(path, contributor),
        session => session,
    };
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Upload {
        contributor: contributor.to_owned(),
        session: session.to_owned(),
        uploaded_at: row.parsed("uploaded_at")?,
        claimed_sha256: row.parsed("sha256")?,
        device: given(device),
        signature: given(row.get("signature")),
        ..Upload::listed(
            path,
            found.map_or(0, |o| o.bytes),
            found.map(|o| o.version.clone()).unwrap_or_default(),
        )
    })
}

/// A path as the listing spells it: `./` before it says nothing and is taken off. What is no such path could never be
/// found, or lie outside of the source.
fn path_below(path: &str) -> Result<&str, &'static str> {
    let mut rest = path;
    while let Some(below) = rest.strip_prefix("./") {
        rest = below;
    }
    if rest.starts_with('/') {
        return Err("begins with `/`; write the path below the source");
    }
    if rest.contains('\\') {
        return Err("has a backslash; write `/` between folders");
    }
    let mut segments = rest.split('/');
    if segments.clone().any(|segment| segment == "..") {
        return Err("has `..`; write the path below the source without it");
    }
    if segments.any(|segment| segment.is_empty() || segment == ".") {
        return Err("has an empty folder or name; write the path like a/b/1.jpg");
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::path_below;

    #[test]
    fn paths_lie_below_the_source() {
        for (given, path) in [
            ("a.jpg", "a.jpg"),
            ("./a.jpg", "a.jpg"),
            ("././a/b.jpg", "a/b.jpg"),
            ("a..b/..c/d..", "a..b/..c/d.."),
            (".hidden/.x", ".hidden/.x"),
        ] {
            assert_eq!(path_below(given), Ok(path));
        }
        for (given, word) in [
            ("/a.jpg", "begins with"),
            (".//a.jpg", "begins with"),
            ("../a.jpg", "`..`"),
            ("a/../b.jpg", "`..`"),
            ("./..", "`..`"),
            ("a\\b.jpg", "backslash"),
            ("C:\\a.jpg", "backslash"),
            ("a//b.jpg", "empty"),
            ("a/./b.jpg", "empty"),
            ("a/", "empty"),
            ("./", "empty"),
            (".", "empty"),
        ] {
            let why = path_below(given).unwrap_err();
            assert!(why.contains(word), "{given}: {why}");
        }
    }
}
