//! Writing objects: whole, many at a time, and only where there is none.

use std::io::Read;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion, WriteMultipart};

use super::{AT_ONCE, PIECE, Reach, Store, StoreError, object_path};

impl Store {
    /// Writes an object, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be written.
    pub fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.block(self.write(path.to_owned(), bytes))
    }

    /// Writes some objects, many at a time.
    ///
    /// # Errors
    /// [`StoreError::Object`] when one cannot be written.
    pub fn put_each(&self, objects: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        let writes = objects.into_iter().map(|(path, bytes)| self.write(path, bytes));
        let writes = futures::stream::iter(writes).buffered(AT_ONCE);
        self.block(writes.try_collect::<Vec<()>>()).map(|_| ())
    }

    /// Writes an object from a reader, a piece at a time, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be read or written.
    pub fn put_from(&self, path: &str, reader: &mut impl Read) -> Result<(), StoreError> {
        let unread = |source: std::io::Error| object_store::Error::Generic {
            store: "reader",
            source: Box::new(source),
        };
        let mut piece = Vec::new();
        let mut next = |piece: &mut Vec<u8>| {
            piece.clear();
            reader.by_ref().take(PIECE).read_to_end(piece).map_err(unread)
        };
        next(&mut piece).map_err(self.fault("writing", path))?;
        if (piece.len() as u64) < PIECE {
            return self.put(path, piece);
        }
        let there = object_path(path);
        let written = self.block(async {
            let upload = self.inner.put_multipart(&there).await?;
            let mut writer = WriteMultipart::new_with_chunk_size(upload, piece_len());
            while !piece.is_empty() {
                writer.wait_for_capacity(4).await?;
                writer.write(&piece);
                next(&mut piece)?;
            }
            writer.finish().await?;
            Ok(())
        });
        written.map_err(self.fault("writing", path))
    }

    async fn write(&self, path: String, bytes: Vec<u8>) -> Result<(), StoreError> {
        let there = object_path(&path);
        let written = async {
            if self.reach == Reach::Folder || bytes.len() as u64 <= 2 * PIECE {
                self.inner.put(&there, PutPayload::from(bytes)).await?;
            } else {
                let upload = self.inner.put_multipart(&there).await?;
                let mut writer = WriteMultipart::new_with_chunk_size(upload, piece_len());
                for part in bytes.chunks(piece_len()) {
                    writer.wait_for_capacity(4).await?;
                    writer.write(part);
                }
                writer.finish().await?;
            }
            Ok(())
        };
        written.await.map_err(self.fault("writing", &path))
    }

    /// Writes an object unless there is one already; says whether it did.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be written.
    pub fn put_if_absent(&self, path: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        self.put_in_mode(path, bytes, PutMode::Create)
    }

    /// Writes an object over the one that was read with this version, unless somebody replaced that one meanwhile; says
    /// whether it did. In a folder, whose files nobody replaces on a condition, it looks once more and then writes.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be written.
    pub fn put_if_still(
        &self,
        path: &str,
        bytes: Vec<u8>,
        version: UpdateVersion,
    ) -> Result<bool, StoreError> {
        if self.reach != Reach::Folder {
            return self.put_in_mode(path, bytes, PutMode::Update(version));
        }
        let found = self.block(self.inner.head(&object_path(path)));
        let is_still = match found.map_err(self.fault("looking for", path)) {
            Err(error) if error.is_missing() => false,
            found => found?.e_tag == version.e_tag,
        };
        if is_still {
            self.put(path, bytes)?;
        }
        Ok(is_still)
    }

    fn put_in_mode(&self, path: &str, bytes: Vec<u8>, mode: PutMode) -> Result<bool, StoreError> {
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        let bytes = Bytes::from(bytes);
        let payload = PutPayload::from(bytes.clone());
        let put = self.block(self.inner.put_opts(&object_path(path), payload, options));
        let Err(taken) = put else { return Ok(true) };
        let is_taken = matches!(
            taken,
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }
        );
        // A request whose answer was lost may have been done, and a second try then finds its own work.
        let ours = self.reach != Reach::Folder
            && self
                .find(path)
                .is_ok_and(|found| found.is_some_and(|f| f == bytes));
        match (ours, is_taken) {
            (true, _) => Ok(true),
            (false, true) => Ok(false),
            (false, false) => Err(self.fault("writing", path)(taken)),
        }
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// [`StoreError::Object`] when it cannot be deleted.
    pub fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.block(self.inner.delete(&object_path(path)))
            .map_err(self.fault("deleting", path))
    }
}

fn piece_len() -> usize {
    usize::try_from(PIECE).unwrap_or(usize::MAX)
}
