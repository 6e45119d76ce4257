//! The local engine: lanes take the tasks of a round one by one and wait for stores, rayon computes.
//!
//! A lane is a thread that carries one task at a time: it looks for the receipt, waits for memory, reads, hands
//! what it read to the threads of the pool, and writes. On folders there are as many lanes as threads; where
//! requests travel there are more, so that the pool has work while others wait. Computing never waits for a
//! store's answer or for memory, hence nothing can wait for itself. (Objects too large to be read ahead are
//! the exception to the first: there is nothing else to do for their task.)

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::gather::{Join, gather};
use super::memory::Memory;
use super::work::Receipt;
use super::{EngineError, Round, Shelf, WorkStore};
use crate::progress::Progress;
use crate::store::Store;
use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::table::Row;
use cairn_datasets::tables::Upload;
use cairn_stages::ingest::IngestKernel;
use cairn_stages::kernel::{Cut, GroupKernel, StageError, Tables};

/// Most objects in one ingest task: small enough to spread, large enough to be worth a receipt.
const OBJECTS_PER_TASK: usize = 16;

/// Tasks in flight where requests travel.
const REMOTE_LANES: usize = 32;
/// Memory that the bytes of an object may come to while it is read: what comes out of its compression or its
/// pixels, and the rows.
const PER_BYTE: u64 = 8;
/// The same of a row of a table, as it was seen of passes: as the frame it is sorted in, as batches and as rows.
const PER_ROW: u64 = 3072;

/// How much is in flight at once; the results are the same for any.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Bounds {
    /// Objects and files in flight at once; 0 takes 32 where source, work or output is a URL, else one for each
    /// thread.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1024))]
    pub concurrency: u64,
    /// Memory in MiB for what is fetched and not yet worked off; an object that needs more runs alone.
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..))]
    pub memory: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            concurrency: 0,
            memory: 2048,
        }
    }
}

impl Bounds {
    /// Tasks in flight, for stores that are remote or not.
    #[must_use]
    pub fn lanes(&self, threads: usize, remote: bool) -> usize {
        match usize::try_from(self.concurrency).unwrap_or(usize::MAX) {
            0 if remote => threads.max(REMOTE_LANES),
            0 => threads,
            asked => asked,
        }
        .max(1)
    }
}

/// How long a stage took, by the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StageTime {
    /// The kernel's name and version, or what was done besides: `ingest`, `history`, or a table that was written.
    pub stage: String,
    /// Its tasks, those that the work store had among them.
    pub tasks: usize,
    /// Milliseconds.
    pub ms: u64,
}

/// Runs rounds on the threads of this machine.
#[derive(Debug)]
pub struct Local {
    pool: rayon::ThreadPool,
    lanes: usize,
    memory: Memory,
    work: WorkStore,
    build: Digest,
    progress: Progress,
    times: Mutex<Vec<StageTime>>,
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
            lanes: pool.current_num_threads(),
            memory: Memory::new(Bounds::default().memory << 20),
            pool,
            work,
            build: build_fingerprint()?,
            progress,
            times: Mutex::default(),
        })
    }

    /// How long each stage took so far, in the order in which they ended.
    #[must_use]
    pub fn times(&self) -> Vec<StageTime> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same engine with other bounds on what is in flight.
    #[must_use]
    pub fn within(mut self, bounds: &Bounds, remote: bool) -> Self {
        self.lanes = bounds.lanes(self.threads(), remote);
        self.memory = Memory::new(bounds.memory.saturating_mul(1 << 20));
        self.work = self.work.with_requests(self.lanes);
        self
    }

    /// Tasks in flight at once.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
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

    /// Computes on the threads of the pool.
    pub fn compute<U: Send>(&self, work: impl FnOnce() -> U + Send) -> U {
        self.pool.install(work)
    }

    /// Maps items in parallel, as many at once as there are lanes; the results are in the order of the items.
    /// Tasks wait for stores in a lane, and compute by [`Local::compute`].
    ///
    /// A task that fails does not keep the others from being done, and kept for the next run, until as many
    /// failed as there are lanes: then something is wrong with all of them.
    ///
    /// # Errors
    /// The first error in the order of the items.
    pub fn map<T: Sync, U: Send>(
        &self,
        label: &str,
        items: &[T],
        task: impl Fn(&T) -> Result<U, EngineError> + Sync,
    ) -> Result<Vec<U>, EngineError> {
        let started = Instant::now();
        let bar = self.progress.stage(label, items.len());
        let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let results = Mutex::new(Vec::with_capacity(items.len()));
        let lane = || {
            while failed.load(Ordering::Relaxed) < self.lanes {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else { break };
                let result = task(item);
                if result.is_err() {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                bar.advance();
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                results.push((index, result));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.lanes.min(items.len()) {
                scope.spawn(lane);
            }
        });
        // Items are taken in order, so all before a failed one were done too: the first error in order is
        // the same in every run.
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_unstable_by_key(|(index, _)| *index);
        let took = StageTime {
            stage: label.to_owned(),
            tasks: items.len(),
            ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.times
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(took);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Rows that no kernel makes: each item is a task whose name says all that its cuts depend on.
    ///
    /// # Errors
    /// [`EngineError`] when an item or the work store fails.
    pub fn take<T: Sync>(
        &self,
        label: &str,
        items: &[T],
        name: impl Fn(&T) -> Digest + Sync,
        cuts: impl Fn(&T) -> Result<Vec<Cut>, EngineError> + Sync,
    ) -> Result<Shelf, EngineError> {
        let receipts = self.map(label, items, |item| {
            let task = Digest::of_parts(&[&self.build.0, label.as_bytes(), &name(item).0]);
            match self.work.receipt(&task)? {
                Some(receipt) => Ok(receipt),
                None => self.work.keep(&task, cuts(item)?),
            }
        })?;
        Ok(shelf_of(receipts))
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
            IngestKernel::ID.as_bytes().to_vec(),
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
            rows.extend(self.ingest_object(kernel, source, upload)?);
        }
        let cuts = self
            .compute(|| rows.into_cuts())
            .map_err(|source| stage_error(IngestKernel::ID, "", source))?;
        self.work.keep(&task, cuts)
    }

    fn ingest_object(
        &self,
        kernel: &IngestKernel,
        source: &Store,
        upload: &Upload,
    ) -> Result<cairn_stages::ingest::Ingested, EngineError> {
        let limits = (kernel.policy.max_image_bytes, kernel.policy.max_trace_bytes);
        // What is over a limit is not read, and what may be an image too large or a trace is looked at first.
        let is_small = upload.bytes <= limits.0.min(limits.1);
        let weight = upload.bytes.saturating_mul(PER_BYTE);
        let _held = self
            .memory
            .hold(weight.min(upload.bytes.saturating_add(limits.1)));
        let ahead = is_small
            .then(|| crate::source::fetch(source, upload, &upload.path, None))
            .transpose()?;
        let fetch = |path: &str, head: Option<u64>| match (&ahead, head) {
            (Some(whole), count) if path == upload.path => Ok(whole.as_ref().map(|whole| {
                let most = count.and_then(|count| usize::try_from(count).ok());
                whole.slice(..most.unwrap_or(usize::MAX).min(whole.len()))
            })),
            _ => crate::source::fetch(source, upload, path, head),
        };
        Ok(self.compute(|| kernel.read(upload, &fetch))?)
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
                    .files(input.table, input.group(group))
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
        let _held = self.memory.hold(round.rows(group).saturating_mul(PER_ROW));
        let tables = self.tables(kernel.id(), round, group)?;
        let cuts = self
            .compute(|| kernel.apply(group, &tables))
            .map_err(|source| stage_error(kernel.id(), group, source))?;
        self.work.keep(&task, cuts)
    }

    fn tables(&self, id: &'static str, round: &Round<'_>, group: &str) -> Result<Tables, EngineError> {
        let mut tables = Tables::default();
        for input in &round.inputs {
            let files = self.files(input.shelf, input.table, input.group(group))?;
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
            let join = join.transpose()?;
            let batch = self
                .compute(|| gather(files, input.key, join))
                .map_err(|source| EngineError::Query {
                    round: id,
                    group: group.to_owned(),
                    source,
                })??;
            tables.insert(input.table, batch);
        }
        Ok(tables)
    }

    fn files(&self, shelf: &Shelf, table: &str, group: &str) -> Result<Vec<bytes::Bytes>, EngineError> {
        self.work.read_each(&shelf.files(table, group))
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

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
