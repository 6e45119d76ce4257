//! The history of a run: earlier epochs that were published, which its records are held against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Image, Object, Pass, Reward, Standing};
use cairn_datasets::units::Timestamp;
use cairn_stages::groups::EPOCH;
use cairn_stages::history::{Lineage, Past, before, heads};
use cairn_stages::kernel::Cut;
use cairn_stages::place::tiles::Tiling;
use cairn_stages::reward::debts::open_debts;
use cairn_stages::reward::rewards;
use tokio::runtime::Runtime;

use crate::engine::{EngineError, Local, Shelf};
use crate::published::{PublishedError, Run};

/// A history that a run cannot start from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A run of it cannot be opened.
    #[error(transparent)]
    Published(#[from] PublishedError),
    /// The same results twice: nothing would follow from the second.
    #[error("epoch {epoch} is named twice, as `{first}` and as `{second}`; leave one out")]
    Twice {
        /// The epoch.
        epoch: String,
        /// Where it was found first.
        first: String,
        /// Where it was found again.
        second: String,
    },
    /// It is not over before this epoch is.
    #[error(
        "`{location}` is no history of this epoch: it ends at {theirs}, and this epoch at {ours}; name earlier epochs \
         only, or with `--epoch all` a later --as-of"
    )]
    Later {
        /// The run.
        location: String,
        /// Its end.
        theirs: Timestamp,
        /// The end of the run's own epoch.
        ours: Timestamp,
    },
}

/// Earlier epochs, oldest first.
#[derive(Debug, Default)]
pub struct History {
    runs: Vec<Run>,
}

/// Rows of the history in the groups of this epoch's rounds.
#[derive(Debug, Default)]
pub struct Shelves {
    /// Digests of traces, beside those that ingest found.
    pub traces: Shelf,
    /// All else, beside what place left.
    pub placed: Shelf,
}

/// A file of a run of the history.
struct Source<'a> {
    run: &'a Run,
    past: Past,
    table: &'static str,
    file: &'a FileRecord,
}

impl History {
    /// Opens the runs at some locations, and brings them in order: by the end of their epoch, then by their
    /// results, whatever order they were named in.
    ///
    /// # Errors
    /// [`HistoryError`] when one is no published run, is named twice, or ends after `end`.
    pub fn open(locations: &[String], end: Timestamp, runtime: &Arc<Runtime>) -> Result<Self, HistoryError> {
        let opened = locations.iter().map(|location| Run::open(location, runtime));
        let mut runs = opened.collect::<Result<Vec<_>, _>>()?;
        runs.sort_by_key(|run| (run.manifest.inputs.as_of, run.manifest.results_digest));
        for pair in runs.windows(2) {
            if let [first, second] = pair
                && first.manifest.results_digest == second.manifest.results_digest
            {
                return Err(HistoryError::Twice {
                    epoch: first.manifest.reward_epoch.clone(),
                    first: first.store.location().to_owned(),
                    second: second.store.location().to_owned(),
                });
            }
        }
        if let Some(run) = runs.iter().find(|run| run.manifest.inputs.as_of > end) {
            return Err(HistoryError::Later {
                location: run.store.location().to_owned(),
                theirs: run.manifest.inputs.as_of,
                ours: end,
            });
        }
        Ok(Self { runs })
    }

    /// Runs that were opened, in the order in which a manifest names them.
    #[must_use]
    pub fn of(runs: Vec<Run>) -> Self {
        Self { runs }
    }

    /// The names of its epochs, and that of the run's own.
    #[must_use]
    pub fn epochs(&self, own: &str) -> Epochs {
        let names = self.runs.iter().map(|run| run.manifest.reward_epoch.clone());
        Epochs {
            history: names.collect(),
            own: own.to_owned(),
        }
    }

    /// The digests of their results, oldest first.
    #[must_use]
    pub fn digests(&self) -> Vec<Digest> {
        self.runs.iter().map(|run| run.manifest.results_digest).collect()
    }

    /// Its epochs, oldest first.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The digests of epochs that came before it, rising.
    #[must_use]
    pub fn before(&self) -> Vec<Digest> {
        before(&self.lineages())
    }

    /// The digests of the files of adjustments that its epochs applied, or those before it, rising.
    #[must_use]
    pub fn adjusted(&self) -> Vec<Digest> {
        let inputs = self.runs.iter().map(|run| &run.manifest.inputs);
        let applied = inputs.flat_map(|of| of.adjustments.iter().chain(&of.adjusted));
        let once: BTreeSet<Digest> = applied.copied().collect();
        once.into_iter().collect()
    }

    fn lineages(&self) -> Vec<Lineage> {
        self.runs.iter().map(|run| Lineage::of(&run.manifest)).collect()
    }

    /// The debts that it leaves open, in units of the pool by contributor, each below 0 (R7).
    ///
    /// # Errors
    /// [`EngineError`] when its rewards are not those that were published or cannot be read, or a debt leaves `i64`.
    pub fn open_debts(&self) -> Result<BTreeMap<String, i64>, EngineError> {
        let mut rows = Vec::new();
        for run in heads(&self.lineages())
            .into_iter()
            .filter_map(|at| self.runs.get(at))
        {
            rows.extend(published_rows::<Reward>(run)?);
        }
        warn_of_debts_carried_twice(&rows);
        open_debts(&rows).map_err(|source| EngineError::Stage {
            round: rewards::ID,
            group: EPOCH.to_owned(),
            source,
        })
    }

    /// Every correction that its epochs applied, with the epoch that did.
    ///
    /// # Errors
    /// [`EngineError`] when a ledger is not the one that was published, or cannot be read.
    pub fn corrections(&self) -> Result<Vec<(&Run, Adjustment)>, EngineError> {
        let mut all = Vec::new();
        for run in &self.runs {
            let rows = published_rows::<Adjustment>(run)?;
            all.extend(rows.into_iter().map(|row| (run, row)));
        }
        Ok(all)
    }

    /// Cuts its rows for the groups in which this epoch's are decided.
    ///
    /// # Errors
    /// [`EngineError`] when a file is not the one that was published, or a store fails.
    pub fn shelve(&self, engine: &Local, tiling: Tiling, buckets: u32) -> Result<Shelves, EngineError> {
        let sources = |table: &'static str| -> Vec<Source<'_>> {
            let numbered = (0_u32..).zip(&self.runs);
            numbered
                .flat_map(|(history, run)| {
                    let past = Past {
                        history,
                        tiling,
                        buckets,
                    };
                    run.files(table).iter().map(move |file| Source {
                        run,
                        past,
                        table,
                        file,
                    })
                })
                .collect()
        };
        let traces = take::<Object>(engine, &sources(Object::TABLE), Past::objects)?;
        let mut placed = take::<Image>(engine, &sources(Image::TABLE), Past::images)?;
        placed.merge(take::<Pass>(engine, &sources(Pass::TABLE), Past::passes)?);
        placed.merge(take::<Standing>(
            engine,
            &sources(Standing::TABLE),
            Past::standing,
        )?);
        Ok(Shelves { traces, placed })
    }
}

/// A debt that two epochs both took over counts twice from there on: epochs beside each other know nothing of what the
/// other took back.
fn warn_of_debts_carried_twice(heads: &[Reward]) {
    let mut carrying: BTreeMap<&str, u32> = BTreeMap::new();
    for row in heads.iter().filter(|row| row.carried < 0 && row.debt < 0) {
        *carrying.entry(&row.contributor).or_default() += 1;
    }
    let twice = || carrying.iter().filter(|(_, heads)| **heads > 1);
    if let Some((contributor, heads)) = twice().next() {
        tracing::warn!(
            "--previous: {} contributors carry a debt in several epochs of which none started from another (`{contributor}` \
             in {heads}); where it is one debt, it counts in each of them: let every epoch start from the one before it",
            twice().count(),
        );
    }
}

fn take<R: Row>(
    engine: &Local,
    sources: &[Source<'_>],
    cuts: impl Fn(&Past, &[R]) -> Result<Vec<Cut>, cairn_datasets::table::TableError> + Sync,
) -> Result<Shelf, EngineError> {
    let name = |source: &Source<'_>| {
        let past = &source.past;
        let how = format!("{past:?}");
        Digest::of_parts(&[source.table.as_bytes(), &source.file.sha256.0, how.as_bytes()])
    };
    engine.take("history", sources, name, |source| {
        let rows = file_rows::<R>(source.run, source.file)?;
        Ok(engine.compute(|| cuts(&source.past, &rows))?)
    })
}

/// All rows of a table of a run.
fn published_rows<R: Row>(run: &Run) -> Result<Vec<R>, EngineError> {
    let files = run.files(R::TABLE).iter().map(|file| file_rows::<R>(run, file));
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The rows of a file, which must be the one that its manifest names.
fn file_rows<R: Row>(run: &Run, file: &FileRecord) -> Result<Vec<R>, EngineError> {
    let fault = |source: PublishedError| EngineError::History(Box::new(source));
    let (bytes, same) = run.bytes(file).map_err(fault)?;
    if !same {
        return Err(EngineError::ChangedHistory {
            path: format!("{}/{}", run.store.location(), file.path),
        });
    }
    run.file_rows(file, bytes).map_err(fault)
}
