//! The work store: content-addressed table files, and receipts of the tasks that made them.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use bytes::Bytes;
use cairn_datasets::codec::ipc;
use cairn_datasets::digest::Digest;
use cairn_stages::kernel::Cut;
use serde::{Deserialize, Serialize};

use super::EngineError;
use crate::store::Store;

/// A table file of the work store, named by the SHA-256 of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileRef {
    /// SHA-256 of its bytes, and its name.
    pub digest: Digest,
    /// Rows in it.
    pub rows: u64,
}

/// One cut as a receipt records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CutRef {
    table: String,
    group: String,
    file: FileRef,
}

/// What a task left: enough to go on without running it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    pub(super) cuts: Vec<CutRef>,
}

/// Which files hold which table of which group, after a round.
#[derive(Clone, Debug, Default)]
pub struct Shelf(BTreeMap<String, BTreeMap<String, Vec<FileRef>>>);

impl Shelf {
    pub(super) fn add(&mut self, receipt: Receipt) {
        for cut in receipt.cuts {
            self.0
                .entry(cut.table)
                .or_default()
                .entry(cut.group)
                .or_default()
                .push(cut.file);
        }
    }

    /// Both shelves as one.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.merge(other.clone());
        self
    }

    /// Takes another shelf's files in.
    pub fn merge(&mut self, other: Self) {
        for (table, groups) in other.0 {
            for (group, files) in groups {
                self.0
                    .entry(table.clone())
                    .or_default()
                    .entry(group)
                    .or_default()
                    .extend(files);
            }
        }
    }

    /// The files of a table's group, in order of name.
    #[must_use]
    pub fn files(&self, table: &str, group: &str) -> Vec<FileRef> {
        let mut files = self
            .0
            .get(table)
            .and_then(|groups| groups.get(group))
            .cloned()
            .unwrap_or_default();
        files.sort_unstable();
        files
    }

    /// The groups of a table, in order.
    #[must_use]
    pub fn groups(&self, table: &str) -> BTreeSet<String> {
        self.0
            .get(table)
            .map(|groups| groups.keys().cloned().collect())
            .unwrap_or_default()
    }
}

/// A folder or bucket that tasks read from and write to.
#[derive(Clone, Debug)]
pub struct WorkStore {
    store: Store,
}

impl WorkStore {
    /// A work store in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The same with at most so many requests in flight.
    #[must_use]
    pub fn with_requests(self, most: usize) -> Self {
        Self {
            store: self.store.with_requests(most),
        }
    }

    fn path(digest: &Digest) -> String {
        let name = digest.to_string();
        format!("tables/{}/{name}.arrow", name.get(..2).unwrap_or_default())
    }

    fn receipt_path(task: &Digest) -> String {
        let name = task.to_string();
        format!("receipts/{}/{name}.json", name.get(..2).unwrap_or_default())
    }

    /// The bytes of some table files, each checked against its name, read many at a time.
    ///
    /// # Errors
    /// [`EngineError`] when one is not there, or is not what its name says.
    pub fn read_each(&self, files: &[FileRef]) -> Result<Vec<Bytes>, EngineError> {
        let paths: Vec<String> = files.iter().map(|file| Self::path(&file.digest)).collect();
        let all = self.store.get_each(&paths)?;
        let checked = files
            .iter()
            .zip(all)
            .map(|(file, bytes)| self.checked(file, bytes));
        checked.collect()
    }

    fn checked(&self, file: &FileRef, bytes: Bytes) -> Result<Bytes, EngineError> {
        if Digest::of(&bytes) == file.digest {
            return Ok(bytes);
        }
        Err(EngineError::CorruptWork {
            path: format!("{}/{}", self.store.location(), Self::path(&file.digest)),
        })
    }

    fn encoded(rows: &RecordBatch) -> Result<(FileRef, Vec<u8>), EngineError> {
        let bytes = ipc::write(rows)?;
        let file = FileRef {
            digest: Digest::of(&bytes),
            rows: rows.num_rows() as u64,
        };
        Ok((file, bytes))
    }

    pub(super) fn receipt(&self, task: &Digest) -> Result<Option<Receipt>, EngineError> {
        // A receipt that a crash left half written is no receipt, nor is one whose tables are gone.
        let bytes = self.store.find(&Self::receipt_path(task))?;
        let Some(receipt) = bytes.and_then(|bytes| serde_json::from_slice::<Receipt>(&bytes).ok()) else {
            return Ok(None);
        };
        let paths: Vec<String> = receipt
            .cuts
            .iter()
            .map(|cut| Self::path(&cut.file.digest))
            .collect();
        Ok(self.store.has_each(&paths)?.then_some(receipt))
    }

    /// Writes the cuts of a task, and its receipt after them.
    pub(super) fn keep(&self, task: &Digest, cuts: Vec<Cut>) -> Result<Receipt, EngineError> {
        let receipt = Receipt {
            cuts: self.write_cuts(cuts)?,
        };
        let json = serde_json::to_vec(&receipt).unwrap_or_default();
        self.store.put(&Self::receipt_path(task), json)?;
        Ok(receipt)
    }

    fn write_cuts(&self, cuts: Vec<Cut>) -> Result<Vec<CutRef>, EngineError> {
        let (mut refs, mut files) = (Vec::new(), Vec::new());
        for cut in cuts.into_iter().filter(|cut| cut.rows.num_rows() > 0) {
            let (file, bytes) = Self::encoded(&cut.rows)?;
            files.push((Self::path(&file.digest), bytes));
            refs.push(CutRef {
                table: cut.table.to_owned(),
                group: cut.group,
                file,
            });
        }
        self.store.put_each(files)?;
        Ok(refs)
    }

    /// Puts rows that no task made (a history, say) on a shelf.
    ///
    /// # Errors
    /// [`EngineError`] when the store refuses them.
    pub fn shelve(&self, cuts: Vec<Cut>) -> Result<Shelf, EngineError> {
        let mut shelf = Shelf::default();
        shelf.add(Receipt {
            cuts: self.write_cuts(cuts)?,
        });
        Ok(shelf)
    }
}
