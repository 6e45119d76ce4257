//! Engines: when and where groups run. What they compute is the kernels' business.
//!
//! The flow is a chain of rounds. A round runs one kernel on every group of its input tables; a
//! task reads its group's files from the work store, sorts and joins them (polars), applies the
//! kernel, writes the output cut for later groups under names made from its content, and leaves a
//! receipt. A task whose receipt is there is not run again: the work store is shuffle, checkpoint
//! and cache at once, and a run that was killed goes on where it stopped.

mod gather;
mod local;
mod memory;
mod round;
mod work;

pub use gather::{frame, to_batch};
pub use local::{Bounds, Local, StageTime};
pub use round::Round;
pub use work::{FileRef, Shelf, WorkStore};

use cairn_datasets::table::TableError;
use cairn_stages::kernel::StageError;

use crate::store::StoreError;

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stage met a broken contract.
    #[error("round `{round}`, group `{group}`: {source}")]
    Stage {
        /// The kernel's name and version.
        round: &'static str,
        /// The group.
        group: String,
        /// What the stage says.
        source: StageError,
    },
    /// A table broke its contract between rounds.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file of the work store is not what its name says.
    #[error("work file `{path}` does not have the digest in its name; delete the work folder and run again")]
    CorruptWork {
        /// The file.
        path: String,
    },
    /// A run of the history cannot be read.
    #[error(transparent)]
    History(Box<crate::published::PublishedError>),
    /// A file of the history is not the one that was published.
    #[error("`{path}` is not the file that its manifest names; `cairn audit` says what differs")]
    ChangedHistory {
        /// The file.
        path: String,
    },
    /// A payout address is none.
    #[error("a payout address: {0}")]
    Payout(#[from] cairn_stages::trees::address::AddressError),
    /// polars could not sort or join a group's tables.
    #[error("round `{round}`, group `{group}`: joining tables: {source}")]
    Query {
        /// The kernel's name and version.
        round: &'static str,
        /// The group.
        group: String,
        /// What polars says.
        source: polars::error::PolarsError,
    },
    /// The program's own file cannot be read.
    #[error("this program cannot read its own file, which names its work: {source}")]
    Build {
        /// What the system said.
        source: std::io::Error,
    },
    /// The thread pool did not start.
    #[error("{threads} threads could not be started: {source}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What rayon says.
        source: rayon::ThreadPoolBuildError,
    },
}
