//! Reading objects: whole, many at a time, and as they were listed.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, UpdateVersion};

use super::{AT_ONCE, Listed, PIECE, Reach, Store, StoreError, object_path, patiently};

impl Store {
    /// Where an object is, for readers that fetch parts of it.
    pub(crate) fn object(&self, path: &str) -> (Arc<dyn ObjectStore>, Path) {
        (self.inner.clone(), object_path(path))
    }

    pub(crate) async fn whole(&self, path: &str) -> Result<Bytes, StoreError> {
        let path_there = object_path(path);
        let read = patiently(|| async { self.inner.get(&path_there).await?.bytes().await });
        read.await.map_err(self.fault("reading", path))
    }

    /// All bytes of an object.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it is not there or cannot be read.
    pub fn get(&self, path: &str) -> Result<Bytes, StoreError> {
        self.block(self.whole(path))
    }

    /// All bytes of an object, unless they are more than `limit`.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] before anything is read; else as [`Store::get`].
    pub fn get_within(&self, path: &str, limit: u64) -> Result<Bytes, StoreError> {
        let path_there = object_path(path);
        let found = self.block(patiently(|| self.inner.head(&path_there)));
        let bytes = found.map_err(self.fault("looking for", path))?.size;
        if bytes > limit {
            return Err(self.too_large(path, bytes, limit));
        }
        self.get(path)
    }

    fn too_large(&self, path: &str, bytes: u64, limit: u64) -> StoreError {
        StoreError::TooLarge {
            path: path.to_owned(),
            location: self.location.clone(),
            bytes,
            limit,
        }
    }

    /// All bytes of an object that is at most `limit` long, and which version of it they are; `None` when there is none.
    ///
    /// # Errors
    /// As [`Store::get_within`].
    pub fn find_version(&self, path: &str, limit: u64) -> Result<Option<(Bytes, UpdateVersion)>, StoreError> {
        let path_there = object_path(path);
        let read = self.block(patiently(|| async {
            let answer = self.inner.get(&path_there).await?;
            let meta = answer.meta.clone();
            if meta.size > limit {
                return Ok(Err(meta.size));
            }
            let version = UpdateVersion {
                e_tag: meta.e_tag,
                version: meta.version,
            };
            Ok(Ok((answer.bytes().await?, version)))
        }));
        match read.map_err(self.fault("reading", path)) {
            Err(error) if error.is_missing() => Ok(None),
            read => read?
                .map(Some)
                .map_err(|bytes| self.too_large(path, bytes, limit)),
        }
    }

    /// All bytes of each of some objects, many at a time.
    ///
    /// # Errors
    /// [`StoreError::Object`] when one is not there or cannot be read.
    pub fn get_each(&self, paths: &[String]) -> Result<Vec<Bytes>, StoreError> {
        let reads = futures::stream::iter(paths.iter().map(|path| self.whole(path)));
        self.block(reads.buffered(AT_ONCE).try_collect())
    }

    /// Bytes of an object that a listing showed: its first ones, at most `count`, or all of them.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it is not what was listed, else as [`Store::get`].
    pub fn get_listed(&self, object: &Listed, count: Option<u64>) -> Result<Bytes, StoreError> {
        let end = count.map_or(object.bytes, |count| count.min(object.bytes));
        if end == 0 {
            return Ok(Bytes::new());
        }
        self.block(async {
            if self.reach == Reach::Folder && end == object.bytes {
                return self.part(object, 0..end, end).await;
            }
            let mut bytes = self.part(object, 0..end.min(PIECE), end).await?;
            if (bytes.len() as u64) < end {
                let mut whole = BytesMut::with_capacity(usize::try_from(end).unwrap_or_default());
                whole.extend_from_slice(&bytes);
                while (whole.len() as u64) < end {
                    let start = whole.len() as u64;
                    let part = self.part(object, start..end.min(start + PIECE), end).await?;
                    whole.extend_from_slice(&part);
                }
                bytes = whole.freeze();
            }
            Ok(bytes)
        })
    }

    /// A part of a listed object, never empty. A web server that gives whole files only gives all up to `end`.
    pub(super) async fn part(
        &self,
        object: &Listed,
        part: Range<u64>,
        end: u64,
    ) -> Result<Bytes, StoreError> {
        let path = object_path(&object.path);
        let changed = |what| StoreError::Changed {
            path: object.path.clone(),
            location: self.location.clone(),
            what,
        };
        let is_whole = part == (0..object.bytes);
        let read = patiently(|| async {
            let options = GetOptions {
                range: (!is_whole).then(|| GetRange::Bounded(part.clone())),
                ..GetOptions::default()
            };
            let (answer, wanted) = match self.inner.get_opts(&path, options).await {
                Err(object_store::Error::NotSupported { .. }) => {
                    (self.inner.get(&path).await?, part.start..end)
                }
                other => (other?, part.clone()),
            };
            if !object.is_still(&answer.meta) {
                return Ok(None);
            }
            if answer.range == wanted {
                return answer.bytes().await.map(Some);
            }
            let (mut stream, mut bytes) = (answer.into_stream(), BytesMut::new());
            while (bytes.len() as u64) < wanted.end {
                let Some(more) = stream.try_next().await? else {
                    break;
                };
                bytes.extend_from_slice(&more);
            }
            let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
            let (start, end) = (at(wanted.start), at(wanted.end));
            Ok(Some(bytes.freeze().slice(start..end)))
        });
        match read.await {
            Ok(Some(bytes)) if !bytes.is_empty() => Ok(bytes),
            Ok(_) => Err(changed("was replaced")),
            Err(e) => {
                let fault = self.fault("reading", &object.path)(e);
                Err(if fault.is_missing() {
                    changed("was removed")
                } else {
                    fault
                })
            }
        }
    }

    /// All bytes of an object, or `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be read.
    pub fn find(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        match self.get(path) {
            Err(error) if error.is_missing() => Ok(None),
            other => other.map(Some),
        }
    }
}
