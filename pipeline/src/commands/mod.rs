//! The commands, one file each.

pub mod adjust;
pub mod attest;
pub mod audit;
pub mod catalog;
pub mod demo;
mod derive;
pub mod diff;
pub mod dispute;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod inspect;
pub mod keys;
pub mod policy;
pub mod prove;
pub mod run;
pub mod sample;
pub mod simulate;
pub mod view;

use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::Usage;
use crate::published::{PublishedError, Run};
use crate::store::StoreError;

/// The published run that is asked for. One that is not there was asked for wrongly; a store that fails is a failure.
fn published(location: &str, runtime: &Arc<Runtime>) -> anyhow::Result<Run> {
    Run::open(location, runtime).map_err(asked_or_failed)
}

/// All runs at the location that is asked for, the newest first.
fn published_all(location: &str, runtime: &Arc<Runtime>) -> anyhow::Result<Vec<Run>> {
    Run::open_all(location, runtime).map_err(asked_or_failed)
}

fn asked_or_failed(error: PublishedError) -> anyhow::Error {
    match error {
        PublishedError::Store(StoreError::Object { .. }) => error.into(),
        _ => Usage(error.to_string()).into(),
    }
}
