//! Reading an object from its first byte to its last without holding all of it.

use bytes::Bytes;

use super::{Listed, PIECE, Store, StoreError};

/// An object, piece by piece.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    store: &'a Store,
    object: Listed,
    at: u64,
}

impl Store {
    /// An object that a listing showed, piece by piece. A web server may give whole files only; then one is all.
    pub(crate) fn pieces(&self, object: Listed) -> Pieces<'_> {
        Pieces {
            store: self,
            object,
            at: 0,
        }
    }
}

impl Pieces<'_> {
    /// The next bytes, never none; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when the object is not what was listed, else [`StoreError::Object`].
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        let all = self.object.bytes;
        if self.at >= all {
            return Ok(None);
        }
        let end = all.min(self.at + PIECE);
        let piece = self
            .store
            .block(self.store.part(&self.object, self.at..end, all))?;
        self.at += piece.len() as u64;
        Ok(Some(piece))
    }
}
