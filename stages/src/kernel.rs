//! The few shapes of work. Each is a pure function of one group of rows in a total order; an
//! engine only decides where and when groups run.
//!
//! | shape | group | kernels |
//! |---|---|---|
//! | object | one stored object | ingest |
//! | session | contributor x upload folder | place, settle |
//! | bucket | equal digests | dedup by digest |
//! | tile, with a halo where said | cells | near duplicates, score, credit, emit |
//! | epoch | everything | apportion |

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use cairn_datasets::table::{Row, TableError, sort_unique};

use crate::policy::PolicyError;

/// A broken contract inside a stage: fatal, and never the fault of an upload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// A table is not what it should be.
    #[error("kernel {kernel}, group {group}: {source}")]
    Table {
        /// The kernel.
        kernel: &'static str,
        /// The group it ran on.
        group: String,
        /// What is wrong.
        source: TableError,
    },
    /// A sum left its range.
    #[error("{what} of {value} is over the limit of {limit}")]
    Overflow {
        /// What was summed.
        what: &'static str,
        /// The value reached.
        value: String,
        /// The largest value that can be held.
        limit: String,
    },
    /// The policy cannot be run by.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A resolution that H3 does not have.
    #[error(transparent)]
    Resolution(#[from] cairn_datasets::cell::ResolutionError),
    /// A table is broken where no group is known.
    #[error(transparent)]
    Rows(#[from] TableError),
}

/// The tables of one group, each sorted by its key.
#[derive(Clone, Debug, Default)]
pub struct Tables(BTreeMap<String, RecordBatch>);

impl Tables {
    /// Adds a table under a name.
    pub fn insert(&mut self, name: impl Into<String>, batch: RecordBatch) {
        self.0.insert(name.into(), batch);
    }

    /// The rows of table `R`; none when the group has none.
    ///
    /// # Errors
    /// [`TableError`] when the batch is not one of that table.
    pub fn rows<R: Row>(&self) -> Result<Vec<R>, TableError> {
        self.view(R::TABLE)
    }

    /// The rows of the table called `name`, seen as `R`: a joined table shows several views.
    ///
    /// # Errors
    /// [`TableError`] when the batch lacks a column of the view.
    pub fn view<R: Row>(&self, name: &str) -> Result<Vec<R>, TableError> {
        self.0.get(name).map_or_else(|| Ok(Vec::new()), R::from_batch)
    }
}

/// A part of a kernel's output: rows of one table for one group of a later round.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The table.
    pub table: &'static str,
    /// The group of a later round that reads it.
    pub group: String,
    /// The rows in key order.
    pub rows: RecordBatch,
}

impl Cut {
    /// Sorts the rows and makes a cut of them.
    ///
    /// # Errors
    /// [`TableError`] when two rows have the same key.
    pub fn new<R: Row>(group: impl Into<String>, mut rows: Vec<R>) -> Result<Self, TableError> {
        sort_unique(&mut rows)?;
        Ok(Self {
            table: R::TABLE,
            group: group.into(),
            rows: R::to_batch(&rows)?,
        })
    }

    /// Cuts rows by the group that each belongs to; groups come out in order.
    ///
    /// # Errors
    /// [`TableError`] when two rows of a group have the same key.
    pub fn by_group<R: Row>(rows: impl IntoIterator<Item = (String, R)>) -> Result<Vec<Self>, TableError> {
        let mut groups: BTreeMap<String, Vec<R>> = BTreeMap::new();
        for (group, row) in rows {
            groups.entry(group).or_default().push(row);
        }
        groups
            .into_iter()
            .map(|(group, rows)| Self::new(group, rows))
            .collect()
    }
}

/// A pure function from the tables of one group to rows for later groups.
pub trait GroupKernel: Send + Sync {
    /// Name and version: `place/1`. The version changes when a result may.
    fn id(&self) -> &'static str;

    /// Everything besides the rows that its result depends on: policy sections, epoch, cuts.
    fn settings(&self) -> serde_json::Value;

    /// Runs on one group.
    ///
    /// # Errors
    /// [`TableError`] when the input breaks its contract.
    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError>;
}
