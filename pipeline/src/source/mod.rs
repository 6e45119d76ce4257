//! What a source holds, and who sent it: its listing, its manifest of uploads, and the small files beside it.

mod beside;
mod contributors;
mod csv;
mod demand;
mod devices;
mod jsonl;
mod manifest;
mod parquet;

use bytes::Bytes;
use cairn_datasets::epoch::EpochSpec;
use cairn_datasets::tables::Upload;
use cairn_datasets::units::Timestamp;

pub(crate) use self::beside::ID_FORM;
pub use self::beside::Place;
pub use self::contributors::{Contributors, contributors};
pub use self::demand::{demand, regions};
pub use self::devices::{Devices, devices};
use crate::sidecars::pair_sidecars;
use crate::store::{Listed, Store, StoreError};
use crate::zones::ZONES;

/// Files at the root of a source that say something about it and are no uploads.
const BESIDE: [&str; 10] = [
    "uploads.csv",
    "uploads.jsonl",
    "uploads.parquet",
    "contributors.csv",
    "devices.csv",
    "demand.csv",
    "demand.parquet",
    "regions.csv",
    "regions.parquet",
    ZONES,
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
    /// A web server that does not list, and nothing that says what there is.
    #[error(
        "`{location}` has no manifest of uploads (`uploads.csv`, for one) that names its objects, and the web \
         server does not list them ({what})"
    )]
    Unlisted {
        /// The source.
        location: String,
        /// What came of the listing.
        what: String,
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
    #[error("`{location}/{file}`{}: {what}", .place.map(|at| format!(", {at}")).unwrap_or_default())]
    Beside {
        /// The source.
        location: String,
        /// The file.
        file: &'static str,
        /// The line or row, when there is one.
        place: Option<Place>,
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
    /// The registered devices, by which the uploads were completed.
    pub devices: Devices,
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
    let mut objects = listed(source)?;
    objects.extend(source.unaddressable()?);
    let is_listed = |file: &str| objects.iter().any(|o| o.path == file);
    let manifest = manifest::file_of(source, is_listed)?;
    objects.retain(|o| !is_beside(&o.path));
    let (mut all, unnamed) = match manifest {
        Some(file) => manifest::uploads(source, file, &objects)?,
        None => (objects.iter().map(from_path).collect(), 0),
    };
    if all.is_empty() {
        return Err(SourceError::Empty {
            location: source.location().to_owned(),
        });
    }
    let devices = devices(source)?;
    for upload in &mut all {
        devices.complete(upload);
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
        devices,
    })
}

/// What a source holds. A web server that does not list is asked for what the manifest of uploads names.
fn listed(source: &Store) -> Result<Vec<Listed>, SourceError> {
    let cannot = match source.list() {
        Err(error) if source.is_web() => error.to_string(),
        Ok(objects) if source.is_web() && objects.is_empty() => "its listing is empty".to_owned(),
        other => return Ok(other?),
    };
    let mut objects = source.look_up(
        &manifest::FILES
            .iter()
            .map(|file| (*file).to_owned())
            .collect::<Vec<_>>(),
    )?;
    let is_there = |file: &str| objects.iter().any(|object| object.path == file);
    let Some(file) = manifest::file_of(source, is_there)? else {
        return Err(SourceError::Unlisted {
            location: source.location().to_owned(),
            what: cannot,
        });
    };
    let mut paths = manifest::paths(source, file)?;
    // What is named twice is told with its line later on.
    paths.sort_unstable();
    paths.dedup();
    objects.extend(source.look_up(&paths)?);
    Ok(objects)
}

/// Whether a path is that of a file that says something about a source, and of no upload.
#[must_use]
pub fn is_beside(path: &str) -> bool {
    BESIDE.contains(&path)
}

/// The session of an object for which nobody names one: its folder, below that of its contributor where it lies in it.
fn session_of<'a>(path: &'a str, contributor: &str) -> &'a str {
    let (folder, _) = path.rsplit_once('/').unwrap_or_default();
    match folder.strip_prefix(contributor) {
        Some("") => "",
        Some(below) => below.strip_prefix('/').unwrap_or(folder),
        None => folder,
    }
}

/// Without a manifest the first folder is the contributor.
fn from_path(object: &Listed) -> Upload {
    let (contributor, _) = object.path.split_once('/').unwrap_or((NOBODY, ""));
    Upload {
        contributor: contributor.to_owned(),
        session: session_of(&object.path, contributor).to_owned(),
        ..Upload::listed(object.path.clone(), object.bytes, object.version.clone())
    }
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
    let (bytes, version) = if path == upload.path {
        (upload.bytes, upload.version.clone())
    } else {
        let version = upload.sidecar_version.clone().unwrap_or_default();
        (upload.sidecar_bytes.unwrap_or_default(), version)
    };
    let path = path.to_owned();
    let listed = Listed { path, bytes, version };
    // What the listing did not show has no version.
    if listed.version.is_empty() || listed.is_unaddressable() {
        return Ok(None);
    }
    source.get_listed(&listed, head).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_the_same_with_and_without_a_manifest() {
        for (path, contributor, session) in [
            ("ada/monday/am/1.jpg", "ada", "monday/am"),
            ("ada/1.jpg", "ada", ""),
            ("1.jpg", NOBODY, ""),
        ] {
            let upload = from_path(&Listed {
                path: path.to_owned(),
                bytes: 1,
                version: "1".to_owned(),
            });
            assert_eq!((&*upload.contributor, &*upload.session), (contributor, session));
            assert_eq!(session_of(path, contributor), session);
        }
        // Where a manifest names another contributor than the folder.
        for (path, session) in [
            ("adas/1.jpg", "adas"),
            ("adas/monday/1.jpg", "adas/monday"),
            ("x/ada/1.jpg", "x/ada"),
            ("1.jpg", ""),
        ] {
            assert_eq!(session_of(path, "ada"), session, "{path}");
        }
    }
}
