//! What a source holds, and who sent it: its listing, its manifest of uploads, and the small files beside it.

use std::collections::BTreeMap;

use bytes::Bytes;
use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::EpochSpec;
use cairn_datasets::tables::Upload;
use cairn_datasets::units::Timestamp;

use crate::sidecars::pair_sidecars;
use crate::store::{Listed, Store, StoreError};

/// The manifest of uploads, at the root of a source.
pub const UPLOADS: &str = "uploads.csv";
/// Who is paid where.
const CONTRIBUTORS: &str = "contributors.csv";
/// Multipliers of cells.
const DEMAND: &str = "demand.csv";
/// Files at the root of a source that say something about it and are no uploads.
const BESIDE: [&str; 7] = [
    UPLOADS,
    "uploads.jsonl",
    "uploads.parquet",
    CONTRIBUTORS,
    "devices.csv",
    DEMAND,
    "privacy-zones.geojson",
];
/// Who sent a file that lies in no folder.
const NOBODY: &str = "local";

/// A source that cannot be run on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing in it.
    #[error("source `{location}` holds no objects; give a folder with images or traces in it")]
    Empty {
        /// The source.
        location: String,
    },
    /// Nothing of it belongs to the epoch.
    #[error(
        "none of the {objects} objects in `{location}` belongs to the epoch, by upload or else by capture; \
         `--epoch all` takes them all"
    )]
    OutsideEpoch {
        /// The source.
        location: String,
        /// How many objects it holds.
        objects: usize,
    },
    /// A file beside the uploads is wrong.
    #[error("`{location}/{file}`{}: {what}", .line.map(|l| format!(", line {l}")).unwrap_or_default())]
    Beside {
        /// The source.
        location: String,
        /// The file.
        file: &'static str,
        /// The line, from 1, when there is one.
        line: Option<u64>,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// What a source holds.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The uploads of the epoch, by contributor, session and path.
    pub uploads: Vec<Upload>,
    /// Objects whose upload time lies outside of the epoch.
    pub outside: usize,
    /// Objects that the manifest of uploads does not name.
    pub unnamed: usize,
}

impl Listing {
    /// The latest upload, when all are known.
    #[must_use]
    pub fn latest_upload(&self) -> Option<Timestamp> {
        let known: Option<Vec<Timestamp>> = self.uploads.iter().map(|u| u.uploaded_at).collect();
        known?.into_iter().max()
    }
}

/// Lists the uploads of an epoch.
///
/// # Errors
/// [`SourceError`] when there are none, or the manifest of uploads is wrong.
pub fn list(source: &Store, epoch: &EpochSpec) -> Result<Listing, SourceError> {
    let mut objects = source.list()?;
    let root = |path: &str| !path.contains('/');
    if let Some(other) = objects
        .iter()
        .find(|o| ["uploads.jsonl", "uploads.parquet"].contains(&o.path.as_str()))
    {
        let file = if other.path.ends_with("jsonl") {
            "uploads.jsonl"
        } else {
            "uploads.parquet"
        };
        let what = format!("this version reads `{UPLOADS}` only; write it with the same columns");
        return Err(SourceError::Beside {
            location: source.location().to_owned(),
            file,
            line: None,
            what,
        });
    }
    let has_manifest = objects.iter().any(|o| o.path == UPLOADS);
    objects.retain(|o| !(root(&o.path) && BESIDE.contains(&o.path.as_str())));
    let (all, unnamed) = if has_manifest {
        from_manifest(source, &objects)?
    } else {
        (objects.iter().map(from_path).collect(), 0)
    };
    if all.is_empty() && has_manifest {
        return Err(SourceError::Beside {
            location: source.location().to_owned(),
            file: UPLOADS,
            line: None,
            what: "names no object; give a line to each upload, or remove the file to take all folders"
                .to_owned(),
        });
    }
    if all.is_empty() {
        return Err(SourceError::Empty {
            location: source.location().to_owned(),
        });
    }
    let total = all.len();
    let mut uploads: Vec<Upload> = all
        .into_iter()
        .filter(|u| u.uploaded_at.is_none_or(|at| epoch.contains(at)))
        .collect();
    if uploads.is_empty() {
        return Err(SourceError::OutsideEpoch {
            location: source.location().to_owned(),
            objects: total,
        });
    }
    uploads.sort_by(|a, b| (&a.contributor, &a.session, &a.path).cmp(&(&b.contributor, &b.session, &b.path)));
    let outside = total - uploads.len();
    pair_sidecars(&mut uploads);
    Ok(Listing {
        uploads,
        outside,
        unnamed,
    })
}

/// Without a manifest the first folder is the contributor, and the object's folder the session.
fn from_path(object: &Listed) -> Upload {
    let (folder, _) = object.path.rsplit_once('/').unwrap_or((NOBODY, ""));
    let (contributor, session) = folder.split_once('/').unwrap_or((folder, ""));
    Upload {
        path: object.path.clone(),
        contributor: contributor.to_owned(),
        session: session.to_owned(),
        uploaded_at: None,
        claimed_sha256: None,
        device: None,
        signature: None,
        sidecar: None,
        sidecar_version: None,
        describes: 0,
        bytes: object.bytes,
        version: object.version.clone(),
    }
}

fn from_manifest(source: &Store, objects: &[Listed]) -> Result<(Vec<Upload>, usize), SourceError> {
    let stored: BTreeMap<&str, &Listed> = objects.iter().map(|o| (o.path.as_str(), o)).collect();
    let mut uploads: BTreeMap<String, Upload> = BTreeMap::new();
    for row in rows(source, UPLOADS, &["path", "contributor"])? {
        let (path, contributor) = (row.get("path").to_owned(), row.get("contributor").to_owned());
        if path.is_empty() {
            return Err(row.fault("column `path` is empty".to_owned()));
        }
        let uploaded_at = row.parsed::<Timestamp>("uploaded_at")?;
        let claimed_sha256 = row.parsed::<Digest>("sha256")?;
        let found = stored.get(path.as_str());
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let session = match row.get("session") {
            "" => folder.strip_prefix(&format!("{contributor}/")).unwrap_or(folder),
            session => session,
        };
        let upload = Upload {
            session: session.to_owned(),
            contributor,
            uploaded_at,
            claimed_sha256,
            device: None,
            signature: None,
            sidecar: None,
            sidecar_version: None,
            describes: 0,
            bytes: found.map_or(0, |o| o.bytes),
            version: found.map(|o| o.version.clone()).unwrap_or_default(),
            path: path.clone(),
        };
        if uploads.insert(path.clone(), upload).is_some() {
            return Err(row.fault(format!("`{path}` is named twice; an object has one upload")));
        }
    }
    let unnamed = objects.iter().filter(|o| !uploads.contains_key(&o.path)).count();
    Ok((uploads.into_values().collect(), unnamed))
}

/// Bytes of an upload or of its sidecar, from their path: the head or all of it; `None` when the source has no such object.
///
/// # Errors
/// [`StoreError`] when the source fails.
pub fn fetch(
    source: &Store,
    upload: &Upload,
    path: &str,
    head: Option<u64>,
) -> Result<Option<Bytes>, StoreError> {
    match head {
        // An upload that the listing did not show has no version.
        _ if path == upload.path && upload.version.is_empty() => Ok(None),
        Some(count) => source.get_head(path, count).map(Some),
        None => source.find(path),
    }
}

/// Payout addresses by contributor.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn payout_addresses(source: &Store) -> Result<BTreeMap<String, String>, SourceError> {
    let rows = optional_rows(source, CONTRIBUTORS, &["contributor"])?;
    let addressed = rows.iter().filter(|row| !row.get("payout_address").is_empty());
    Ok(addressed
        .map(|row| {
            (
                row.get("contributor").to_owned(),
                row.get("payout_address").to_owned(),
            )
        })
        .collect())
}

/// Demand multipliers in ppm by cell.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn demand(source: &Store) -> Result<BTreeMap<Cell, u64>, SourceError> {
    let mut multipliers = BTreeMap::new();
    for row in optional_rows(source, DEMAND, &["cell", "multiplier_ppm"])? {
        let missing = |column: &str| row.fault(format!("column `{column}` is empty"));
        let cell = row.parsed::<Cell>("cell")?.ok_or_else(|| missing("cell"))?;
        let multiplier = row
            .parsed::<Parts>("multiplier_ppm")?
            .ok_or_else(|| missing("multiplier_ppm"))?
            .0;
        if multipliers.insert(cell, multiplier).is_some() {
            return Err(row.fault(format!("cell {cell} is named twice")));
        }
    }
    Ok(multipliers)
}

/// A whole number of parts per million.
struct Parts(u64);

impl std::str::FromStr for Parts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault =
            |_| format!("`{text}` is not a whole number of parts per million; write 1.5 times as 1500000");
        text.parse().map(Self).map_err(fault)
    }
}

/// A row of a CSV file beside the uploads, by the names of its columns.
struct BesideRow {
    location: String,
    file: &'static str,
    line: u64,
    values: BTreeMap<String, String>,
}

impl BesideRow {
    fn get(&self, column: &str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    fn fault(&self, what: String) -> SourceError {
        SourceError::Beside {
            location: self.location.clone(),
            file: self.file,
            line: Some(self.line),
            what,
        }
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, SourceError> {
        match self.get(column) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|e| self.fault(format!("column `{column}`: {e}"))),
        }
    }
}

/// What a CSV reader says, without the place, which is said before it.
fn said(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} fields, and the header names {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

fn optional_rows(
    source: &Store,
    file: &'static str,
    columns: &[&str],
) -> Result<Vec<BesideRow>, SourceError> {
    if source.find(file)?.is_none() {
        Ok(Vec::new())
    } else {
        rows(source, file, columns)
    }
}

fn rows(source: &Store, file: &'static str, columns: &[&str]) -> Result<Vec<BesideRow>, SourceError> {
    let bytes = source.get(file)?;
    let location = source.location().to_owned();
    let fault = |line: Option<u64>, what: String| SourceError::Beside {
        location: location.clone(),
        file,
        line,
        what,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes.as_ref());
    let header = reader.headers().map_err(|e| fault(Some(1), said(&e)))?.clone();
    let names: Vec<String> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    if let Some(missing) = columns
        .iter()
        .find(|column| !names.iter().any(|name| name == *column))
    {
        return Err(fault(
            Some(1),
            format!("column `{missing}` is missing; found `{}`", names.join(", ")),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| fault(e.position().map(csv::Position::line), said(&e)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let values = names
            .iter()
            .cloned()
            .zip(record.iter().map(str::to_owned))
            .collect();
        rows.push(BesideRow {
            location: location.clone(),
            file,
            line,
            values,
        });
    }
    Ok(rows)
}
