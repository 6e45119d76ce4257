//! The local engine: rayon runs the tasks of a round.

use std::collections::BTreeSet;

use cairn_datasets::codec::ipc;
use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::table::Row;
use cairn_datasets::tables::Upload;
use cairn_stages::ingest::IngestKernel;
use cairn_stages::kernel::{GroupKernel, StageError, Tables};
use rayon::prelude::*;

use super::gather::{Join, gather};
use super::work::Receipt;
use super::{EngineError, Shelf, WorkStore};
use crate::progress::Progress;
use crate::store::Store;

/// Most objects in one ingest task: small enough to spread, large enough to be worth a receipt.
const OBJECTS_PER_TASK: usize = 16;

/// Runs rounds on the threads of this machine.
#[derive(Debug)]
pub struct Local {
    pool: rayon::ThreadPool,
    work: WorkStore,
    build: Digest,
    progress: Progress,
}

/// A table that a round reads.
#[derive(Debug)]
struct Input<'a> {
    table: &'static str,
    key: &'static [&'static str],
    shelf: &'a Shelf,
    join: Option<Joined<'a>>,
    drives: bool,
}

#[derive(Debug)]
struct Joined<'a> {
    table: &'static str,
    shelf: &'a Shelf,
    left_on: &'static str,
    right_on: &'static str,
    empty: Vec<u8>,
}

/// A kernel with the tables it reads.
#[derive(Debug)]
pub struct Round<'a> {
    inputs: Vec<Input<'a>>,
    except: Option<&'static str>,
}

impl<'a> Round<'a> {
    /// A round that runs on every group of table `R`.
    #[must_use]
    pub fn on<R: Row>(shelf: &'a Shelf) -> Self {
        Self {
            inputs: Vec::new(),
            except: None,
        }
        .and::<R>(shelf)
    }

    fn input<R: Row>(mut self, shelf: &'a Shelf, drives: bool) -> Self {
        self.inputs.push(Input {
            table: R::TABLE,
            key: R::KEY,
            shelf,
            join: None,
            drives,
        });
        self
    }

    /// Reads table `R` too, and runs on its groups as well.
    #[must_use]
    pub fn and<R: Row>(self, shelf: &'a Shelf) -> Self {
        self.input::<R>(shelf, true)
    }

    /// Reads table `R` too, where a group has it.
    #[must_use]
    pub fn with<R: Row>(self, shelf: &'a Shelf) -> Self {
        self.input::<R>(shelf, false)
    }

    /// Joins table `R` to the one named last: its columns are added where the two columns are equal.
    ///
    /// # Errors
    /// [`EngineError::Table`] when an empty table cannot be written.
    pub fn joined<R: Row>(
        mut self,
        shelf: &'a Shelf,
        left_on: &'static str,
        right_on: &'static str,
    ) -> Result<Self, EngineError> {
        let empty = ipc::write(&R::to_batch(&[])?)?;
        if let Some(last) = self.inputs.last_mut() {
            last.join = Some(Joined {
                table: R::TABLE,
                shelf,
                left_on,
                right_on,
                empty,
            });
        }
        Ok(self)
    }

    /// Leaves one group out.
    #[must_use]
    pub fn except(mut self, group: &'static str) -> Self {
        self.except = Some(group);
        self
    }

    fn groups(&self) -> Vec<String> {
        let drivers = self.inputs.iter().filter(|input| input.drives);
        let groups: BTreeSet<String> = drivers
            .flat_map(|input| input.shelf.groups(input.table))
            .collect();
        groups
            .into_iter()
            .filter(|group| Some(group.as_str()) != self.except)
            .collect()
    }
}

impl Local {
    /// An engine with so many threads; 0 means one for each core.
    ///
    /// # Errors
    /// [`EngineError::Threads`] when they cannot be started, [`EngineError::Build`] when the program
    /// cannot read itself.
    pub fn new(threads: usize, work: WorkStore, progress: Progress) -> Result<Self, EngineError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|source| EngineError::Threads { threads, source })?;
        Ok(Self {
            pool,
            work,
            build: build_fingerprint()?,
            progress,
        })
    }

    /// The threads it runs on.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// The work store.
    #[must_use]
    pub fn work(&self) -> &WorkStore {
        &self.work
    }

    /// Maps items in parallel; the results are in the order of the items.
    ///
    /// # Errors
    /// The first error in that order.
    pub fn map<T: Sync, U: Send>(
        &self,
        label: &str,
        items: &[T],
        task: impl Fn(&T) -> Result<U, EngineError> + Sync,
    ) -> Result<Vec<U>, EngineError> {
        let bar = self.progress.stage(label, items.len());
        let run = |item: &T| {
            let result = task(item);
            bar.advance();
            result
        };
        // Collected in full before the first error is looked for, so that it is the first in order.
        let results: Vec<_> = self.pool.install(|| items.par_iter().map(run).collect());
        results.into_iter().collect()
    }

    /// Reads every object of a source once.
    ///
    /// # Errors
    /// [`EngineError`] when the source or the work store fails.
    pub fn ingest(
        &self,
        kernel: &IngestKernel,
        source: &Store,
        uploads: &[Upload],
    ) -> Result<Shelf, EngineError> {
        let tasks: Vec<&[Upload]> = uploads
            .chunk_by(|a, b| (&a.contributor, &a.session) == (&b.contributor, &b.session))
            .flat_map(|session| session.chunks(OBJECTS_PER_TASK))
            .collect();
        let receipts = self.map("ingest", &tasks, |task| self.ingest_task(kernel, source, task))?;
        Ok(shelf_of(receipts))
    }

    fn ingest_task(
        &self,
        kernel: &IngestKernel,
        source: &Store,
        uploads: &[Upload],
    ) -> Result<Receipt, EngineError> {
        let settings = canonical_json(&kernel.settings());
        let mut parts = vec![
            self.build.0.to_vec(),
            kernel.id().as_bytes().to_vec(),
            settings.into_bytes(),
            source.location().into(),
        ];
        parts.extend(uploads.iter().map(|upload| upload.digest().0.to_vec()));
        let task = Digest::of_parts(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        if let Some(receipt) = self.work.receipt(&task)? {
            return Ok(receipt);
        }
        let mut rows = cairn_stages::ingest::Ingested::default();
        for upload in uploads {
            let fetch = |path: &str, head| crate::source::fetch(source, upload, path, head);
            rows.extend(kernel.read(upload, &fetch)?);
        }
        let cuts = rows
            .into_cuts()
            .map_err(|source| stage_error(kernel.id(), "", source))?;
        self.work.keep(&task, cuts)
    }

    /// Runs a kernel on every group of a round.
    ///
    /// # Errors
    /// [`EngineError`] naming the round and the group.
    pub fn run(&self, kernel: &dyn GroupKernel, round: &Round<'_>) -> Result<Shelf, EngineError> {
        let groups = round.groups();
        let settings = canonical_json(&kernel.settings());
        let receipts = self.map(kernel.id(), &groups, |group| {
            self.task(kernel, &settings, round, group)
        })?;
        Ok(shelf_of(receipts))
    }

    fn task(
        &self,
        kernel: &dyn GroupKernel,
        settings: &str,
        round: &Round<'_>,
        group: &str,
    ) -> Result<Receipt, EngineError> {
        let mut name = vec![
            self.build.to_string(),
            kernel.id().to_owned(),
            settings.to_owned(),
            group.to_owned(),
        ];
        for input in &round.inputs {
            name.push(input.table.to_owned());
            name.extend(
                input
                    .shelf
                    .files(input.table, group)
                    .iter()
                    .map(|file| file.digest.to_string()),
            );
            if let Some(join) = &input.join {
                name.push(join.table.to_owned());
                name.extend(
                    join.shelf
                        .files(join.table, group)
                        .iter()
                        .map(|file| file.digest.to_string()),
                );
            }
        }
        let task = Digest::of_parts(&name.iter().map(String::as_bytes).collect::<Vec<_>>());
        if let Some(receipt) = self.work.receipt(&task)? {
            return Ok(receipt);
        }
        let tables = self.tables(kernel.id(), round, group)?;
        let cuts = kernel
            .apply(group, &tables)
            .map_err(|source| stage_error(kernel.id(), group, source))?;
        self.work.keep(&task, cuts)
    }

    fn tables(&self, id: &'static str, round: &Round<'_>, group: &str) -> Result<Tables, EngineError> {
        let mut tables = Tables::default();
        for input in &round.inputs {
            let files = self.files(input.shelf, input.table, group)?;
            if files.is_empty() {
                continue;
            }
            let join = input.join.as_ref().map(|join| -> Result<_, EngineError> {
                let mut files = vec![bytes::Bytes::from(join.empty.clone())];
                files.extend(self.files(join.shelf, join.table, group)?);
                Ok(Join {
                    files,
                    left_on: join.left_on,
                    right_on: join.right_on,
                })
            });
            let batch =
                gather(&files, input.key, join.transpose()?).map_err(|source| EngineError::Query {
                    round: id,
                    group: group.to_owned(),
                    source,
                })??;
            tables.insert(input.table, batch);
        }
        Ok(tables)
    }

    fn files(&self, shelf: &Shelf, table: &str, group: &str) -> Result<Vec<bytes::Bytes>, EngineError> {
        shelf
            .files(table, group)
            .iter()
            .map(|file| self.work.read(file))
            .collect()
    }

    /// The rows of table `R` in one group, in order of key.
    ///
    /// # Errors
    /// [`EngineError`] when the work store fails.
    pub fn rows<R: Row>(&self, shelf: &Shelf, group: &str) -> Result<Vec<R>, EngineError> {
        let tables = self.tables("read", &Round::on::<R>(shelf), group)?;
        Ok(tables.rows::<R>()?)
    }
}

/// SHA-256 of this program. Receipts of another build are not taken for work done: it may have
/// done it differently.
fn build_fingerprint() -> Result<Digest, EngineError> {
    let read = std::env::current_exe().and_then(std::fs::read);
    read.map(|bytes| Digest::of(&bytes))
        .map_err(|source| EngineError::Build { source })
}

fn shelf_of(receipts: Vec<Receipt>) -> Shelf {
    let mut shelf = Shelf::default();
    for receipt in receipts {
        shelf.add(receipt);
    }
    shelf
}

fn stage_error(round: &'static str, group: &str, source: StageError) -> EngineError {
    EngineError::Stage {
        round,
        group: group.to_owned(),
        source,
    }
}
