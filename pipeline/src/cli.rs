//! The command line: what is asked, and how it ends.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::commands::{
    adjust, attest, audit, catalog, demo, diff, dispute, evaluate, explain, export, inspect, keys, policy,
    prove, run, sample, simulate, view,
};

/// The variable that says how much is said on stderr.
const LOG: &str = "CAIRN_LOG";

const AFTER_HELP: &str = "\
Exit codes: 0 done, or closed before; 1 failed; 2 asked wrongly; 3 an audit found a difference.
Environment: CAIRN_LOG (off, error, warn, info, debug, trace), CAIRN_STORE_RETRY_SECONDS (120) and
CAIRN_STORE_TIMEOUT_SECONDS (60) for buckets and web servers, and the providers' own variables for credentials.";

/// Street-level imagery and GPS traces to map tiles and rewards that anyone can re-derive.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, about, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Say less on stderr: warnings and errors only, whatever `CAIRN_LOG` says.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a small sample city, run it, audit it, and say where to look.
    Demo(demo::Args),
    /// Take the uploads of an epoch to published tiles and rewards.
    Run(run::Args),
    /// Say what is in files, and how each would be read, without a run.
    Inspect(inspect::Args),
    /// Check what a run published; with its source, derive everything again and compare.
    Audit(audit::Args),
    /// Prove one result of an epoch to who has its root: a claim, a verdict, or that an object is not there.
    Prove(prove::Args),
    /// Check a proof against a root, offline.
    Verify(prove::VerifyArgs),
    /// Say why a contributor, an object, an image, a pass or a cell got what it got, and what it would have got.
    Explain(explain::Args),
    /// Say what another policy would have paid, from published tables alone.
    Simulate(simulate::Args),
    /// Split what changed between two runs into what inputs, policy and build changed.
    Diff(diff::Args),
    /// Correct a closed epoch: sign adjustments that a later one applies.
    Adjust(adjust::Args),
    /// Object to a verdict, with proof and evidence; and say what became of an objection.
    Dispute(dispute::Args),
    /// Sign what an epoch published, beside its manifest; further signers are added.
    Attest(attest::Args),
    /// Write a run's tables in another format.
    Export(export::Args),
    /// Write the catalog of an output anew, from what is published there.
    Catalog(catalog::Args),
    /// Show a run in a browser: the map, and why everybody gets what they get.
    View(view::Args),
    /// Make keys for devices and operators, and sign what devices recorded.
    Keys(keys::Args),
    /// Show, check or document the rules.
    Policy(policy::Args),
    /// Make data in which the truth is known.
    Sample(sample::Args),
    /// Say how right a run is, where the truth is known.
    Evaluate(evaluate::Args),
}

/// How a command ends when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is well.
    Fine,
    /// An audit found a difference.
    Mismatch,
}

/// An error in what was asked, not in what was done: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Runs the command line. Exit codes: 0 ok, 1 failure, 2 usage, 3 audit mismatch.
#[must_use]
pub fn main() -> ExitCode {
    match ended(Cli::parse()) {
        Ok(Ending::Fine) => ExitCode::SUCCESS,
        Ok(Ending::Mismatch) => ExitCode::from(3),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let code = if error.downcast_ref::<Usage>().is_some() {
                2
            } else {
                1
            };
            // Nothing is left to do when even stderr is gone.
            let _ = writeln!(std::io::stderr(), "cairn: {error:#}");
            ExitCode::from(code)
        }
    }
}

fn ended(cli: Cli) -> anyhow::Result<Ending> {
    log_to_stderr(cli.quiet)?;
    match cli.command {
        Command::Demo(args) => demo::command(&args),
        Command::Run(args) => run::command(&args),
        Command::Inspect(args) => inspect::command(&args),
        Command::Audit(args) => audit::command(&args),
        Command::Prove(args) => prove::command(&args),
        Command::Verify(args) => prove::verify(&args),
        Command::Explain(args) => explain::command(&args),
        Command::Simulate(args) => simulate::command(&args),
        Command::Diff(args) => diff::command(&args),
        Command::Adjust(args) => adjust::command(&args),
        Command::Dispute(args) => dispute::command(&args),
        Command::Attest(args) => attest::command(&args),
        Command::Export(args) => export::command(&args),
        Command::Catalog(args) => catalog::command(&args),
        Command::View(args) => view::command(&args),
        Command::Keys(args) => keys::command(args),
        Command::Policy(args) => policy::command(args),
        Command::Sample(args) => sample::command(&args),
        Command::Evaluate(args) => evaluate::command(&args),
    }
}

/// `cairn explain … | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// What is asked last wins: `--quiet` before the environment.
fn log_to_stderr(quiet: bool) -> Result<(), Usage> {
    let wanted = std::env::var_os(LOG).unwrap_or_default();
    let wanted = match wanted.to_string_lossy() {
        _ if quiet => "warn".into(),
        text if text.is_empty() => "info".into(),
        text => text,
    };
    tracing_subscriber::fmt()
        .with_env_filter(log_filter(&wanted)?)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

fn log_filter(wanted: &str) -> Result<EnvFilter, Usage> {
    let wrong = || {
        Usage(format!(
            "{LOG} is `{wanted}`; give off, error, warn, info, debug or trace, or MODULE=LEVEL, several with commas"
        ))
    };
    // A word that is no level would be taken for a module of which to say all, and of the others nothing.
    let mut parts = wanted.split(',').map(str::trim);
    if !parts.all(|part| part.contains('=') || part.parse::<LevelFilter>().is_ok()) {
        return Err(wrong());
    }
    EnvFilter::try_new(wanted).map_err(|_| wrong())
}

/// Writes text to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a value to stdout as indented JSON.
///
/// # Errors
/// When stdout cannot be written.
pub fn say_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say(&format!("{}\n", serde_json::to_string_pretty(value)?))
}
