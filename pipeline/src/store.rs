//! The one door to files: sources, outputs and work stores, all through `object_store`.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use tokio::runtime::Runtime;

/// A store that does not do what is asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A location of a kind that this build cannot open.
    #[error("`{location}`: a store of kind `{scheme}` cannot be opened; give a folder or a file:// URL")]
    Scheme {
        /// What was given.
        location: String,
        /// The URL's scheme.
        scheme: String,
    },
    /// A folder that has to be there and is not, or cannot be made.
    #[error("folder `{location}`: {what}")]
    Folder {
        /// The folder.
        location: String,
        /// What is wrong.
        what: String,
    },
    /// One object could not be read or written.
    #[error("{action} `{path}` in `{location}`: {source}")]
    Object {
        /// What was tried: `reading`, `looking for`, `writing`, `listing`, `deleting`.
        action: &'static str,
        /// The object.
        path: String,
        /// The store.
        location: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// An object is larger than what is read into memory of its kind.
    #[error("`{path}` in `{location}` has {bytes} bytes; {limit} are the most")]
    TooLarge {
        /// The object.
        path: String,
        /// The store.
        location: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The asynchronous runtime did not start.
    #[error("the I/O runtime did not start: {source}")]
    Runtime {
        /// What the system said.
        source: std::io::Error,
    },
}

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Path below the store's root.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// The store's version mark: an entity tag, or else the time of modification.
    pub version: String,
}

/// A folder or bucket, read and written by blocking calls from any thread.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    location: String,
    runtime: Arc<Runtime>,
}

/// The I/O runtime that all stores of a process share.
///
/// # Errors
/// [`StoreError::Runtime`] when the system gives no threads.
pub fn runtime() -> Result<Arc<Runtime>, StoreError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    built
        .map(Arc::new)
        .map_err(|source| StoreError::Runtime { source })
}

fn local_folder(location: &str) -> Result<PathBuf, StoreError> {
    match location.split_once("://") {
        None => Ok(PathBuf::from(location)),
        Some(("file", path)) => Ok(PathBuf::from(path)),
        Some((scheme, _)) => Err(StoreError::Scheme {
            location: location.to_owned(),
            scheme: scheme.to_owned(),
        }),
    }
}

impl Store {
    /// Opens a store that has to be there.
    ///
    /// # Errors
    /// [`StoreError`] when it is not, or is of an unknown kind.
    pub fn open(location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let folder = local_folder(location)?;
        let fault = |what: &str| StoreError::Folder {
            location: location.to_owned(),
            what: what.to_owned(),
        };
        match std::fs::metadata(&folder) {
            Err(e) => Err(fault(&e.to_string())),
            Ok(found) if !found.is_dir() => Err(fault("is a file, and a folder is wanted")),
            Ok(_) => Self::at(&folder, location, runtime),
        }
    }

    /// Opens a store, making its folder when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made, or is of an unknown kind.
    pub fn create(location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let folder = local_folder(location)?;
        std::fs::create_dir_all(&folder).map_err(|e| StoreError::Folder {
            location: location.to_owned(),
            what: match e.kind() {
                std::io::ErrorKind::AlreadyExists => "is a file, and a folder is wanted".to_owned(),
                _ => format!("cannot be made: {e}"),
            },
        })?;
        Self::at(&folder, location, runtime)
    }

    fn at(folder: &FilePath, location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let inner = LocalFileSystem::new_with_prefix(folder).map_err(|e| StoreError::Folder {
            location: location.to_owned(),
            what: e.to_string(),
        })?;
        Ok(Self {
            inner: Arc::new(inner),
            location: location.trim_end_matches('/').to_owned(),
            runtime: runtime.clone(),
        })
    }

    /// A part of this store that sees only what lies below a folder.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let inner = object_store::prefix::PrefixStore::new(self.inner.clone(), folder);
        Self {
            inner: Arc::new(inner),
            location: format!("{}/{folder}", self.location),
            runtime: self.runtime.clone(),
        }
    }

    /// Where it is, as it was given.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    fn fault(&self, action: &'static str, path: &str) -> impl FnOnce(object_store::Error) -> StoreError {
        let (path, location) = (path.to_owned(), self.location.clone());
        move |source| StoreError::Object {
            action,
            path,
            location,
            source,
        }
    }

    /// Everything below the root, in order of path.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot be listed.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let listing = self
            .runtime
            .block_on(self.inner.list(None).try_collect::<Vec<_>>());
        let mut objects: Vec<Listed> = listing
            .map_err(self.fault("listing", ""))?
            .into_iter()
            .map(|meta| Listed {
                path: meta.location.to_string(),
                bytes: meta.size,
                version: meta.e_tag.unwrap_or_else(|| meta.last_modified.to_rfc3339()),
            })
            .collect();
        objects.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(objects)
    }

    /// All bytes of an object.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it is not there or cannot be read.
    pub fn get(&self, path: &str) -> Result<Bytes, StoreError> {
        let read = async { self.inner.get(&Path::from(path)).await?.bytes().await };
        self.runtime.block_on(read).map_err(self.fault("reading", path))
    }

    /// All bytes of an object, unless they are more than `limit`.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] before anything is read; [`StoreError::Object`] when it is not there or cannot be read.
    pub fn get_within(&self, path: &str, limit: u64) -> Result<Bytes, StoreError> {
        let read = async {
            let found = self.inner.get(&Path::from(path)).await?;
            match found.meta.size {
                size if size > limit => Ok(Err(size)),
                _ => Ok(Ok(found.bytes().await?)),
            }
        };
        let read = self.runtime.block_on(read);
        read.map_err(self.fault("reading", path))?
            .map_err(|bytes| StoreError::TooLarge {
                path: path.to_owned(),
                location: self.location.clone(),
                bytes,
                limit,
            })
    }

    /// The first bytes of an object, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it is not there or cannot be read.
    pub fn get_head(&self, path: &str, count: u64) -> Result<Bytes, StoreError> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(0..count)),
            ..GetOptions::default()
        };
        let read = async {
            self.inner
                .get_opts(&Path::from(path), options)
                .await?
                .bytes()
                .await
        };
        self.runtime.block_on(read).map_err(self.fault("reading", path))
    }

    /// All bytes of an object, or `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be read.
    pub fn find(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        match self.get(path) {
            Err(StoreError::Object {
                source: object_store::Error::NotFound { .. },
                ..
            }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Whether there is such an object.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot say.
    pub fn has(&self, path: &str) -> Result<bool, StoreError> {
        match self.runtime.block_on(self.inner.head(&Path::from(path))) {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(e) => Err(self.fault("looking for", path)(e)),
        }
    }

    /// Writes an object, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be written.
    pub fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let payload = PutPayload::from(bytes);
        let written = self.runtime.block_on(self.inner.put(&Path::from(path), payload));
        written.map(|_| ()).map_err(self.fault("writing", path))
    }

    /// Writes an object unless there is one already; says whether it did.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be written.
    pub fn put_if_absent(&self, path: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        let payload = PutPayload::from(bytes);
        match self
            .runtime
            .block_on(self.inner.put_opts(&Path::from(path), payload, options))
        {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(e) => Err(self.fault("writing", path)(e)),
        }
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be deleted.
    pub fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.runtime
            .block_on(self.inner.delete(&Path::from(path)))
            .map_err(self.fault("deleting", path))
    }
}
