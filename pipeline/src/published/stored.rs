//! A published file that is read by parts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::ObjectStore;
use object_store::path::Path;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::store::{Store, StoreError};

/// A Parquet file of a store, as its readers want it.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    held: Held,
    bytes: u64,
}

#[derive(Clone, Debug)]
enum Held {
    There(Arc<dyn ObjectStore>, Path),
    Here(Bytes),
}

impl StoredFile {
    /// The file at a path, of a size that the manifest tells. A web server may give whole files only, and is asked for
    /// one.
    pub(crate) async fn open(store: &Store, path: &str, bytes: u64) -> std::result::Result<Self, StoreError> {
        let held = if store.is_web() {
            Held::Here(store.whole(path).await?)
        } else {
            let (store, path) = store.object(path);
            Held::There(store, path)
        };
        Ok(Self { held, bytes })
    }

    async fn ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        match &self.held {
            Held::There(store, path) => {
                let read = store.get_ranges(path, ranges).await;
                read.map_err(|e| ParquetError::External(Box::new(e)))
            }
            Held::Here(bytes) => ranges.iter().map(|range| slice(bytes, range)).collect(),
        }
    }
}

/// Footers that are kept: more than most runs have files.
const MOST_FOOTERS: usize = 1_024;

/// The footers of files that were searched, with their page indexes: who asks about one row mostly asks about another.
#[derive(Debug, Default)]
pub(super) struct Footers(Mutex<BTreeMap<String, ArrowReaderMetadata>>);

impl Footers {
    /// The footer of the file at a path.
    pub(super) async fn of(&self, path: &str, file: &mut StoredFile) -> Result<ArrowReaderMetadata> {
        let known = self.kept().get(path).cloned();
        if let Some(footer) = known {
            return Ok(footer);
        }
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let footer = ArrowReaderMetadata::load_async(file, options).await?;
        let mut kept = self.kept();
        if kept.len() < MOST_FOOTERS {
            kept.insert(path.to_owned(), footer.clone());
        }
        Ok(footer)
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, ArrowReaderMetadata>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slice(bytes: &Bytes, range: &Range<u64>) -> Result<Bytes> {
    let place = |at: u64| usize::try_from(at).ok().filter(|at| *at <= bytes.len());
    match (place(range.start), place(range.end)) {
        (Some(start), Some(end)) if start <= end => Ok(bytes.slice(start..end)),
        _ => Err(ParquetError::EOF(format!(
            "bytes {} to {} are wanted, and there are {}",
            range.start,
            range.end,
            bytes.len()
        ))),
    }
}

impl AsyncFileReader for StoredFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            let read = self.ranges(&[range]).await?.into_iter().next();
            read.ok_or_else(|| ParquetError::EOF("nothing was read".to_owned()))
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move { self.ranges(&ranges).await }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.bytes;
            let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options);
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}
