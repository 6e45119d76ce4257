//! The one door to files: sources, outputs and work stores, all through `object_store`.

mod fault;
mod listed;
mod names;
mod part;
mod pieces;
mod place;
mod read;
#[cfg(feature = "cloud")]
mod remote;
#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
mod write;

use std::path::Path as FilePath;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use object_store::limit::LimitStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::Runtime;

pub use self::fault::StoreError;
pub use self::listed::Listed;
use self::listed::drop_folder_marks;
pub(crate) use self::part::Part;
pub(crate) use self::pieces::Pieces;
use self::place::Place;
pub use self::place::{absolute, is_remote};

/// How a store is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// A folder of this machine.
    Folder,
    /// A bucket.
    Bucket,
    /// A web server: read only, and most cannot list.
    Web,
}

/// Most requests of one call that are in flight at once, unless the store allows fewer.
const AT_ONCE: usize = 16;
/// Bytes of a remote object that one request reads or writes: what a slow line moves within a request's time.
const PIECE: u64 = 8 << 20;

/// A folder or bucket, read and written by blocking calls from any thread.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    lister: Arc<dyn ObjectStore>,
    reach: Reach,
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

/// The path of an object. Listings give paths as they are; names that no store can have are escaped.
fn object_path(path: &str) -> Path {
    Path::parse(path).unwrap_or_else(|_| Path::from(path))
}

impl Store {
    /// Opens a store that has to be there.
    ///
    /// # Errors
    /// [`StoreError`] when it is not, or is of an unknown kind, or does not let us in.
    pub fn open(location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let folder = match Place::of(location)? {
            Place::Folder(folder) => folder,
            remote @ Place::Remote { .. } => return Self::connect(&remote, location, runtime),
        };
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

    /// Opens a store to write to, making its folder when there is none. A bucket has to be there.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made, or is of an unknown kind, or does not let us in.
    pub fn create(location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let folder = match Place::of(location)? {
            Place::Folder(folder) => folder,
            remote @ Place::Remote { .. } => {
                let store = Self::connect(&remote, location, runtime)?;
                store.check_writable()?;
                return Ok(store);
            }
        };
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
        let inner: Arc<dyn ObjectStore> = Arc::new(inner);
        Ok(Self {
            lister: inner.clone(),
            inner,
            reach: Reach::Folder,
            location: location.trim_end_matches('/').to_owned(),
            runtime: runtime.clone(),
        })
    }

    #[cfg(feature = "cloud")]
    fn connect(place: &Place, location: &str, runtime: &Arc<Runtime>) -> Result<Self, StoreError> {
        let Place::Remote { url, scheme, path } = place else {
            return Err(StoreError::Feature {
                location: location.to_owned(),
            });
        };
        let remote = remote::connect(url, scheme, path, location, runtime)?;
        Ok(Self {
            inner: remote.inner,
            lister: remote.lister,
            reach: if remote.web { Reach::Web } else { Reach::Bucket },
            location: location.trim_end_matches('/').to_owned(),
            runtime: runtime.clone(),
        })
    }

    #[cfg(not(feature = "cloud"))]
    fn connect(place: &Place, location: &str, _: &Arc<Runtime>) -> Result<Self, StoreError> {
        // Named, so that no part of a place counts as unused.
        if let Place::Remote { url, scheme, path } = place {
            let _ = (url, scheme, path);
        }
        Err(StoreError::Feature {
            location: location.to_owned(),
        })
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        if self.is_web() {
            return Err(StoreError::Place {
                location: self.location.clone(),
                what: "a web server is read only; give a folder or a bucket".to_owned(),
            });
        }
        #[cfg(feature = "cloud")]
        self.block(patiently(|| remote::look(self.lister.as_ref())))
            .map_err(self.fault("listing", ""))?;
        Ok(())
    }

    /// A part of this store that sees only what lies below a folder.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let part = |whole: &Arc<dyn ObjectStore>| -> Arc<dyn ObjectStore> {
            Arc::new(PrefixStore::new(whole.clone(), object_path(folder)))
        };
        Self {
            inner: part(&self.inner),
            lister: part(&self.lister),
            reach: self.reach,
            location: format!("{}/{folder}", self.location),
            runtime: self.runtime.clone(),
        }
    }

    /// The same store with at most so many requests in flight; a folder takes any number.
    #[must_use]
    pub fn with_requests(mut self, most: usize) -> Self {
        if self.reach != Reach::Folder {
            self.inner = Arc::new(LimitStore::new(self.inner, most.max(1)));
        }
        self
    }

    /// Where it is, as it was given.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Whether it is a web server, which may not be able to say what it has.
    #[must_use]
    pub fn is_web(&self) -> bool {
        self.reach == Reach::Web
    }

    /// Waits for work that reads or writes objects.
    pub(crate) fn block<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    fn fault(&self, action: &'static str, path: &str) -> impl FnOnce(object_store::Error) -> StoreError {
        let (path, location) = (path.to_owned(), self.location.clone());
        move |source| StoreError::Object {
            action,
            path,
            location,
            said: source,
        }
    }

    /// Everything below the root, in order of path.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot be listed.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let listing = if self.reach == Reach::Folder {
            names::addressable(self.lister.list(None))
        } else {
            self.block(patiently(|| self.lister.list(None).try_collect::<Vec<_>>()))
        };
        let mut objects: Vec<Listed> = listing
            .map_err(self.fault("listing", ""))?
            .into_iter()
            .map(Listed::of)
            .collect();
        objects.sort_by(|a, b| a.path.cmp(&b.path));
        if self.reach == Reach::Bucket {
            drop_folder_marks(&mut objects);
        }
        Ok(objects)
    }

    /// The folders right below the root, in order of name.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot be listed.
    pub fn folders(&self) -> Result<Vec<String>, StoreError> {
        let listing = self.block(self.lister.list_with_delimiter(None));
        let listing = listing.map_err(self.fault("listing", ""))?;
        let names = listing
            .common_prefixes
            .iter()
            .filter_map(|folder| folder.filename());
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        Ok(names)
    }

    /// Files of a folder that no listing shows, because the store's library cannot hold their names: shown with
    /// the parts that cannot be escaped.
    ///
    /// # Errors
    /// [`StoreError::Folder`] when the folder cannot be walked.
    pub fn unaddressable(&self) -> Result<Vec<Listed>, StoreError> {
        let fault = |what: String| StoreError::Folder {
            location: self.location.clone(),
            what,
        };
        match Place::of(&self.location)? {
            Place::Folder(folder) => names::unaddressable(&folder).map_err(fault),
            Place::Remote { .. } => Ok(Vec::new()),
        }
    }

    /// What a listing would show of some objects; those that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot say.
    pub fn look_up(&self, paths: &[String]) -> Result<Vec<Listed>, StoreError> {
        let look = |path: &String| {
            let parsed = Path::parse(path).ok();
            let path = path.clone();
            async move {
                // A path that no object can have.
                let Some(parsed) = parsed else { return Ok(None) };
                match self.inner.head(&parsed).await {
                    Ok(meta) => Ok(Some(Listed {
                        path,
                        ..Listed::of(meta)
                    })),
                    Err(object_store::Error::NotFound { .. }) => Ok(None),
                    Err(e) => Err(self.fault("looking for", &path)(e)),
                }
            }
        };
        let found = futures::stream::iter(paths.iter().map(look))
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>();
        Ok(self.block(found)?.into_iter().flatten().collect())
    }

    /// Whether all of some objects are there.
    ///
    /// # Errors
    /// [`StoreError::Object`] when the store cannot say.
    pub fn has_each(&self, paths: &[String]) -> Result<bool, StoreError> {
        Ok(self.look_up(paths)?.len() == paths.len())
    }
}

/// Does something again while its answer breaks off, for as long as a request is tried again.
#[cfg(feature = "cloud")]
async fn patiently<T, F: Future<Output = object_store::Result<T>>>(
    work: impl Fn() -> F,
) -> object_store::Result<T> {
    use std::time::{Duration, Instant};

    let (started, patience) = (Instant::now(), remote::patience());
    let mut pause = Duration::from_millis(100);
    loop {
        match work().await {
            Err(e) if remote::broke_off(&e) && started.elapsed() < patience => {
                tracing::info!("an answer broke off and is asked for again in {pause:?}: {e}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            }
            other => return other,
        }
    }
}

#[cfg(not(feature = "cloud"))]
async fn patiently<T, F: Future<Output = object_store::Result<T>>>(
    work: impl Fn() -> F,
) -> object_store::Result<T> {
    work().await
}
