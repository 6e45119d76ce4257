//! Parts of objects, for those who pass them on.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::{GetOptions, GetRange, ObjectStoreExt};

use super::place::Place;
use super::{Store, StoreError, object_path};

/// How large an object is, and which version of it this is.
#[derive(Clone, Debug)]
pub(crate) struct Size {
    /// Bytes.
    pub(crate) bytes: u64,
    /// An entity tag as HTTP writes it, if the store knows one.
    pub(crate) version: Option<String>,
}

/// Some bytes of an object.
pub(crate) enum Part {
    /// As they come.
    Stream(BoxStream<'static, object_store::Result<Bytes>>),
    /// All of them.
    Bytes(Bytes),
}

impl Store {
    /// The size of an object, unless it lies outside of the store's folder.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it is not there.
    pub(crate) async fn size_of(&self, path: &str) -> Result<Size, StoreError> {
        self.check_within(path)?;
        let (inner, place) = self.object(path);
        let found = inner
            .head(&place)
            .await
            .map_err(self.fault("looking for", path))?;
        let quoted = |tag: String| {
            if tag.ends_with('"') {
                tag
            } else {
                format!("\"{tag}\"")
            }
        };
        Ok(Size {
            bytes: found.size,
            version: found.e_tag.map(quoted),
        })
    }

    /// Some bytes of an object, never none, unless it lies outside of the store's folder. A web server may give whole
    /// files only, and is asked for one.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it is not there or cannot be read.
    pub(crate) async fn part_of(&self, path: &str, range: Range<u64>) -> Result<Part, StoreError> {
        self.check_within(path)?;
        if self.is_web() {
            let whole = self.whole(path).await?;
            let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(whole.len());
            return Ok(Part::Bytes(whole.slice(at(range.start)..at(range.end))));
        }
        let (inner, place) = self.object(path);
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let read = inner.get_opts(&place, options).await;
        Ok(Part::Stream(
            read.map_err(self.fault("reading", path))?.into_stream(),
        ))
    }

    /// That a file of a folder is no link to outside of it. A bucket has no links.
    fn check_within(&self, path: &str) -> Result<(), StoreError> {
        let Place::Folder(folder) = Place::of(self.location())? else {
            return Ok(());
        };
        let own = folder.canonicalize();
        let real = folder.join(object_path(path).as_ref()).canonicalize();
        match (own, real) {
            (Ok(own), Ok(real)) if !real.starts_with(&own) => {
                let source = "it is a link that leads out of the folder".into();
                let path = path.to_owned();
                let outside = object_store::Error::NotFound {
                    path: path.clone(),
                    source,
                };
                Err(self.fault("reading", &path)(outside))
            }
            // What is not there is found missing by who reads it.
            _ => Ok(()),
        }
    }
}
