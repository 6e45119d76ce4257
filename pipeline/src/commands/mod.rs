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

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::Manifest;
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

/// The digest of a run's results, for who is about to say something of them: it has to be the one that the manifest says.
fn results_of(manifest: &Manifest) -> Result<Digest, Usage> {
    let results = manifest.digest();
    if results == manifest.results_digest {
        return Ok(results);
    }
    Err(Usage(format!(
        "epoch {} is not what was published: its results have digest {results}, and its manifest says {}; `cairn \
         audit` says more",
        manifest.reward_epoch, manifest.results_digest
    )))
}

/// Writes a new file of `--out` as JSON. One that is there is somebody's word, and stays.
fn write_new(out: &str, what: &str, file: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(file)?;
    bytes.push(b'\n');
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(out);
    let mut written = match opened {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let text = format!("--out {out}: is there already; {what} is never written over");
            return Err(Usage(text).into());
        }
        opened => opened.with_context(|| format!("--out {out}"))?,
    };
    written
        .write_all(&bytes)
        .and_then(|()| written.sync_all())
        .with_context(|| format!("--out {out}"))
}

fn asked_or_failed(error: PublishedError) -> anyhow::Error {
    match error {
        PublishedError::Store(StoreError::Object { .. }) => error.into(),
        _ => Usage(error.to_string()).into(),
    }
}
