//! A run derived again from its uploads, by its own policy or another.

use std::sync::Arc;

use anyhow::Context;
use cairn_stages::policy::Policy;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::run::{self, Asked, Outcome};
use crate::engine::Bounds;
use crate::progress::Progress;
use crate::published::Run;

/// How everything is derived again.
#[derive(Clone, Copy, Debug)]
pub struct Again<'a> {
    /// The uploads.
    pub source: &'a str,
    /// The earlier epochs that the run started from.
    pub previous: &'a [String],
    /// The files of adjustments that the run applied.
    pub adjustments: &'a [String],
    /// Threads; 0 takes one for each core.
    pub threads: usize,
    /// What is in flight at once.
    pub bounds: Bounds,
}

/// A second derivation, in a folder that goes with it.
pub(super) struct Derived {
    /// What it published.
    pub run: Run,
    _folder: TempDir,
}

/// Derives a run again: its epoch, pool and end, from uploads, by a policy.
///
/// # Errors
/// When the uploads cannot be read, or the run fails.
pub(super) fn derive(
    published: &Run,
    policy: Policy,
    again: Again<'_>,
    operator: Option<String>,
    runtime: &Arc<Runtime>,
    progress: Progress,
) -> anyhow::Result<Derived> {
    let manifest = &published.manifest;
    let spec = manifest.inputs.epoch.parse()?;
    let folder = tempfile::tempdir().context("a folder for the second derivation")?;
    let location = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let args = run::Args {
        source: again.source.to_owned(),
        out: location("out"),
        epoch: manifest.inputs.epoch.clone(),
        policy: None,
        set: Vec::new(),
        pool: manifest.pool,
        as_of: None,
        threads: again.threads,
        // Its own work store: nothing that the first run left can vouch for itself.
        work: Some(location("work")),
        bounds: again.bounds,
        previous: again.previous.to_vec(),
        adjustments: again.adjustments.to_vec(),
        operator,
        tile_resolution: 6,
        geoparquet: run::Geometries::default(),
        json: false,
    };
    let asked = Asked {
        policy,
        spec,
        as_of: Some(manifest.inputs.as_of),
    };
    let Outcome::Published { location, .. } = run::execute(&args, asked, runtime, progress)? else {
        anyhow::bail!("the second derivation found its own folder closed");
    };
    Ok(Derived {
        run: Run::open(&location, runtime)?,
        _folder: folder,
    })
}
