//! `cairn audit`: is what was published what its manifest says, does it follow from itself, and, with the source, from the
//! uploads?
//!
//! Each level looks at all that the one before it does, and further only if nothing differs there: what comes of forged rows says
//! nothing.

mod corrections;
mod full;
mod report;
mod rewards;
mod signers;
mod tables;
mod tiles;

use std::fmt;
use std::sync::Arc;

use cairn_datasets::tables::{Adjustment, Object, Reward};
use tokio::runtime::Runtime;

pub(super) use self::full::differing;
pub use self::report::{Mismatch, Report};
use self::tiles::Rules;
use super::derive::Again;
use crate::cli::{Ending, Usage, say, say_json};
use crate::engine::Bounds;
use crate::flow::kernels;
use crate::history::History;
use crate::progress::Progress;
use crate::published::Run;
use crate::replay::{self, MissingHistory};
use crate::store::runtime;

/// How far an audit looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Level {
    /// Whether every file, row and count is what the manifest says.
    Digests,
    /// Whether scores, credits and rewards follow from what was published as counted.
    Rewards,
    /// Whether everything follows from the uploads; needs --source.
    Full,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digests => "digests",
            Self::Rewards => "rewards",
            Self::Full => "full",
        })
    }
}

/// What `cairn audit` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// How far to look: `rewards` if not said otherwise, and `full` with --source.
    #[arg(long, value_enum)]
    pub level: Option<Level>,
    /// The uploads it was made from, a folder or URL: derives everything again and compares it.
    #[arg(long)]
    pub source: Option<String>,
    /// The earlier epochs that it started from, where they do not lie beside it. May be given several times; the
    /// derivation from a source needs them named.
    #[arg(long, value_name = "RUN")]
    pub previous: Vec<String>,
    /// The files of adjustments that it applied, for the derivation. May be given several times.
    #[arg(long, value_name = "FILE", requires = "source")]
    pub adjustments: Vec<String>,
    /// Who has to have signed it.
    #[command(flatten)]
    signers: signers::Wanted,
    /// Threads; 0 takes one for each core.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// What is in flight at once.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the run or the source cannot be read.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let level = match (args.level, &args.source) {
        (Some(Level::Full), None) => {
            let what = "--level full derives everything from the uploads; name them with --source";
            return Err(Usage(what.to_owned()).into());
        }
        (Some(level @ (Level::Digests | Level::Rewards)), Some(_)) => {
            let what =
                format!("--source is for --level full; --level {level} reads what was published alone");
            return Err(Usage(what).into());
        }
        (Some(level), _) => level,
        (None, Some(_)) => Level::Full,
        (None, None) => Level::Rewards,
    };
    args.signers.keys()?;
    let published = super::published(&args.run, &runtime)?;
    let look = Look {
        level,
        previous: &args.previous,
        threads: args.threads,
        again: args.source.as_deref().map(|source| Again {
            source,
            previous: &args.previous,
            adjustments: &args.adjustments,
            threads: args.threads,
            bounds: args.bounds,
        }),
    };
    let mut report = audit(&published, look, &runtime, Progress::new())?;
    signers::check(&published, &args.signers, &mut report)?;
    if args.json {
        say_json(&report.json(level))?;
    } else {
        say(&report.text(published.store.location(), level))?;
    }
    let fine = report.is_fine();
    Ok(if fine { Ending::Fine } else { Ending::Mismatch })
}

/// How an audit looks at a run.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// How far.
    pub level: Level,
    /// Where earlier epochs lie, besides beside it.
    pub previous: &'a [String],
    /// Threads; 0 takes one for each core.
    pub threads: usize,
    /// How everything is derived again, for [`Level::Full`].
    pub again: Option<Again<'a>>,
}

/// Audits a run: what is published against its manifest, then against itself, then, with a source, every row against a
/// fresh derivation.
///
/// # Errors
/// When the run or the source cannot be read.
pub fn audit(
    published: &Run,
    look: Look<'_>,
    runtime: &Arc<Runtime>,
    progress: Progress,
) -> anyhow::Result<Report> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(look.threads)
        .build()?;
    let mut report = pool.install(|| itself(published, look, runtime))?;
    if let Some(again) = look.again {
        full::check(published, again, runtime, progress, &mut report)?;
    }
    Ok(report)
}

/// What is published against its manifest and against itself.
fn itself(published: &Run, look: Look<'_>, runtime: &Arc<Runtime>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    if !is_our_build(published) {
        report.unchecked.push(format!(
            "whether the build matters: {} made it, and this is another; where results differ, kernels may",
            published.manifest.build.version
        ));
    }
    tables::manifest(published, &mut report);
    let objects = tables::whole::<Object>(published, Some(|o| o.reason), &mut report)?;
    let rules = (look.level >= Level::Rewards)
        .then(|| rules(published, look.previous, runtime))
        .transpose()?;
    let walked = tiles::walk(published, rules.as_ref(), &mut report)?;
    let rewards = tables::whole::<Reward>(published, None, &mut report)?;
    let ledger = tables::whole::<Adjustment>(published, None, &mut report)?;
    tables::files(published, &mut report)?;
    if report.is_fine() {
        tables::private(published, &objects, &mut report);
        tables::trees(published, &objects, &rewards, &mut report);
    }
    if let (true, Some(rules)) = (report.is_fine(), &rules) {
        rewards::check(published, rules, walked, (&rewards, &ledger), &mut report)?;
        corrections::check(published, &ledger, &rewards, &mut report);
    }
    Ok(report)
}

/// By what a run is worked out again.
fn rules(published: &Run, previous: &[String], runtime: &Arc<Runtime>) -> anyhow::Result<Rules> {
    let history = match replay::history(published, previous, runtime) {
        Ok(runs) => Some(History::of(runs)),
        Err(error) if error.is::<MissingHistory>() => None,
        Err(error) => return Err(error),
    };
    Ok(Rules {
        policy: replay::policy(published)?,
        epoch: replay::epoch(published)?,
        history,
    })
}

/// Whether this build made a run: results and what is drawn of them are then to be the same.
fn is_our_build(published: &Run) -> bool {
    let build = &published.manifest.build;
    build.version == env!("CARGO_PKG_VERSION") && build.kernels == kernels()
}
