//! `cairn demo`: a small city from nothing to rewards, in one command.

use std::sync::Arc;

use cairn_datasets::city::{CitySpec, city};
use tokio::runtime::Runtime;

use super::audit::{Level, Look, audit};
use super::derive::Again;
use super::run::{self, Outcome};
use crate::cli::{Ending, say};
use crate::engine::Bounds;
use crate::progress::Progress;
use crate::publish::REPORT;
use crate::published::Run;
use crate::report;
use crate::store::{Store, runtime};

/// What `cairn demo` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder for the city and the results.
    #[arg(long, default_value = "cairn-demo")]
    pub out: String,
    /// Seed of the city.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Threads; 0 takes one for each core.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// Runs the command.
///
/// # Errors
/// When a folder cannot be written, or the run fails.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let source = format!("{}/source", args.out);
    let (files, bytes) = make_city(args, &source, &runtime)?;
    say(&format!(
        "Made a sample city: {files} files, {} kB, in {source}

",
        report::grouped(bytes / 1000)
    ))?;
    let run_args = run::Args {
        source: source.clone(),
        out: format!("{}/out", args.out),
        epoch: "all".to_owned(),
        policy: None,
        set: Vec::new(),
        pool: 1_000_000,
        as_of: None,
        threads: args.threads,
        work: None,
        bounds: Bounds::default(),
        previous: Vec::new(),
        adjustments: Vec::new(),
        operator: None,
        tile_resolution: 6,
        geoparquet: run::Geometries::default(),
        json: false,
    };
    let location = match run::run(&run_args, &runtime, Progress::new())? {
        Outcome::Published { location, .. } => location,
        Outcome::Closed { location, epoch } => {
            say(&format!(
                "Epoch {epoch} was run before; this is what it gave.\n\n"
            ))?;
            location
        }
    };
    let published = Run::open(&location, &runtime)?;
    say(&report::summary(&published)?)?;
    let found = audit(
        &published,
        Look {
            level: Level::Full,
            previous: &[],
            threads: args.threads,
            again: Some(Again {
                source: &source,
                previous: &[],
                adjustments: &[],
                threads: args.threads,
                bounds: Bounds::default(),
            }),
        },
        &runtime,
        Progress::new(),
    )?;
    if let Some(first) = found.mismatches.first() {
        say(&format!("\nAudit: no. {}: {}\n", first.table, first.what))?;
        return Ok(Ending::Mismatch);
    }
    say(&format!(
        "\nAudit: yes. Everything was derived again from the source and every row agrees.\n\
         Open {location}/{REPORT} in a browser.\n"
    ))?;
    Ok(Ending::Fine)
}

fn make_city(args: &Args, source: &str, runtime: &Arc<Runtime>) -> anyhow::Result<(usize, u64)> {
    let store = Store::create(source, runtime)?;
    let mut spec = CitySpec::default();
    if let Some(seed) = args.seed {
        spec.seed = seed;
    }
    let (mut files, mut bytes) = (0, 0);
    for file in city(&spec) {
        files += 1;
        bytes += file.bytes.len() as u64;
        store.put(&file.path, file.bytes)?;
    }
    Ok((files, bytes))
}
