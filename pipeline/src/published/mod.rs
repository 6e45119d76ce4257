//! Reads a published run: whole tables, or the rows that somebody asks for.

mod find;
mod stored;

use std::sync::Arc;

use bytes::Bytes;
use cairn_datasets::codec::parquet;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::{FileRecord, MANIFEST_VERSION, Manifest};
use cairn_datasets::table::{Row, TableError};
use tokio::runtime::Runtime;

use crate::engine::StageTime;
use crate::publish::{MANIFEST, RUN};
use crate::store::{Store, StoreError};

pub use self::find::Wanted;
use self::stored::Footers;
pub(crate) use self::stored::StoredFile;

/// A run that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishedError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no manifest.
    #[error("`{location}` is no published run: it has no {MANIFEST}{hint}")]
    NoManifest {
        /// Where it was looked for.
        location: String,
        /// Runs found below, if any.
        hint: String,
    },
    /// The manifest is not one.
    #[error("`{location}/{MANIFEST}` cannot be read: {what}")]
    BadManifest {
        /// Where it lies.
        location: String,
        /// What is wrong.
        what: String,
    },
    /// A file is not what it should be.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        source: TableError,
    },
    /// Rows that fit no table.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// A published run.
#[derive(Debug)]
pub struct Run {
    /// Its folder.
    pub store: Store,
    /// Its manifest.
    pub manifest: Manifest,
    footers: Footers,
}

impl Run {
    /// Opens the run at a location: the folder of an epoch, or an output that holds one epoch.
    ///
    /// # Errors
    /// [`PublishedError`] when there is none, or its manifest cannot be read.
    pub fn open(location: &str, runtime: &Arc<Runtime>) -> Result<Self, PublishedError> {
        let store = Store::open(location, runtime)?;
        if store.find(MANIFEST)?.is_some() {
            return Self::at(store);
        }
        let mut epochs: Vec<String> = store
            .list()?
            .iter()
            .filter_map(|o| Some(o.path.strip_suffix(MANIFEST)?.trim_end_matches('/').to_owned()))
            .collect();
        epochs.retain(|folder| folder.starts_with("reward_epoch="));
        match epochs.as_slice() {
            [only] => Self::at(store.below(only)),
            several => {
                let hint = if several.is_empty() {
                    String::new()
                } else {
                    format!("; name one of the epochs in it: {}", several.join(", "))
                };
                Err(PublishedError::NoManifest {
                    location: location.to_owned(),
                    hint,
                })
            }
        }
    }

    /// Opens every run at a location, the newest first: the one of an epoch's folder, or all of an output.
    ///
    /// # Errors
    /// [`PublishedError`] when there is none, or a manifest cannot be read.
    pub fn open_all(location: &str, runtime: &Arc<Runtime>) -> Result<Vec<Self>, PublishedError> {
        let store = Store::open(location, runtime)?;
        // A web server cannot say what it has.
        if store.is_web() || store.find(MANIFEST)?.is_some() {
            return Ok(vec![Self::open(location, runtime)?]);
        }
        let mut runs = Vec::new();
        for folder in store.folders()? {
            let epoch = store.below(&folder);
            // An epoch without a manifest is being written.
            if folder.starts_with("reward_epoch=") && epoch.find(MANIFEST)?.is_some() {
                runs.push(Self::at(epoch)?);
            }
        }
        if runs.is_empty() {
            let (location, hint) = (location.to_owned(), String::new());
            return Err(PublishedError::NoManifest { location, hint });
        }
        let age = |run: &Self| (run.manifest.inputs.as_of, run.manifest.reward_epoch.clone());
        runs.sort_by_cached_key(|run| std::cmp::Reverse(age(run)));
        Ok(runs)
    }

    /// The run whose folder a store is.
    pub(crate) fn at(store: Store) -> Result<Self, PublishedError> {
        let fault = |what: String| PublishedError::BadManifest {
            location: store.location().to_owned(),
            what,
        };
        let bytes = store.get(MANIFEST)?;
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
        if manifest.version != MANIFEST_VERSION {
            let what = format!(
                "it has version {}; this build reads version {MANIFEST_VERSION}",
                manifest.version
            );
            return Err(fault(what));
        }
        Ok(Self::new(store, manifest))
    }

    /// The run in a folder, by its manifest.
    #[must_use]
    pub fn new(store: Store, manifest: Manifest) -> Self {
        Self {
            store,
            manifest,
            footers: Footers::default(),
        }
    }

    /// The bytes of the manifest, which are those of the one that was opened.
    ///
    /// # Errors
    /// [`PublishedError`] when it is gone or another stands in its place.
    pub fn manifest_bytes(&self) -> Result<Bytes, PublishedError> {
        let bytes = self.store.get(MANIFEST)?;
        let is_same = serde_json::from_slice::<Manifest>(&bytes).is_ok_and(|read| read == self.manifest);
        is_same
            .then_some(bytes)
            .ok_or_else(|| PublishedError::BadManifest {
                location: self.store.location().to_owned(),
                what: "it was replaced while it was read".to_owned(),
            })
    }

    /// The files of a table.
    #[must_use]
    pub fn files(&self, table: &str) -> &[FileRecord] {
        self.manifest
            .tables
            .get(table)
            .map_or(&[], |record| &record.files)
    }

    /// A file, to be read by parts.
    pub(crate) async fn reader(&self, file: &FileRecord) -> Result<StoredFile, StoreError> {
        StoredFile::open(&self.store, &file.path, file.bytes).await
    }

    /// How long each stage took, as `run.json` says; `None` where it is not there or says nothing of it.
    ///
    /// # Errors
    /// [`PublishedError::Store`] when the store fails.
    pub fn stage_times(&self) -> Result<Option<Vec<StageTime>>, PublishedError> {
        #[derive(serde::Deserialize)]
        struct Told {
            stages: Vec<StageTime>,
        }
        let bytes = match self.store.get(RUN) {
            Err(error) if error.is_missing() => return Ok(None),
            other => other?,
        };
        Ok(serde_json::from_slice::<Told>(&bytes)
            .ok()
            .map(|told| told.stages))
    }

    /// The bytes of a file, and whether they are those that the manifest names.
    ///
    /// # Errors
    /// [`PublishedError::Store`] when it is not there.
    pub fn bytes(&self, file: &FileRecord) -> Result<(Bytes, bool), PublishedError> {
        let bytes = self.store.get(&file.path)?;
        let same = Digest::of(&bytes) == file.sha256;
        Ok((bytes, same))
    }

    /// All rows of one file.
    ///
    /// # Errors
    /// [`PublishedError::File`] when it does not hold that table.
    pub fn file_rows<R: Row>(&self, file: &FileRecord, bytes: Bytes) -> Result<Vec<R>, PublishedError> {
        let fault = |source| PublishedError::File {
            path: file.path.clone(),
            source,
        };
        R::from_batch(&parquet::read(bytes).map_err(fault)?).map_err(fault)
    }

    /// The rows of a table in key order, of which one file is held at a time. A file that cannot be read is told in place
    /// of its rows.
    pub fn stream<R: Row>(&self) -> impl Iterator<Item = Result<R, PublishedError>> {
        self.files(R::TABLE).iter().flat_map(|file| {
            let rows = self
                .bytes(file)
                .and_then(|(bytes, _)| self.file_rows::<R>(file, bytes));
            match rows {
                Ok(rows) => rows.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        })
    }

    /// All rows of a table in key order.
    ///
    /// # Errors
    /// [`PublishedError`] when a file is missing or broken.
    pub fn rows<R: Row>(&self) -> Result<Vec<R>, PublishedError> {
        self.stream().collect()
    }
}
