//! `cairn evaluate`: how right a run is, where the truth is known.

use std::path::PathBuf;

use anyhow::Context;
use cairn_datasets::codec::parquet;
use cairn_datasets::table::Row;
use cairn_datasets::tables::TrueRecord;

use crate::cli::{Ending, Usage, say, say_json};
use crate::evaluate::{Tables, evaluate, markdown, text};
use crate::store::runtime;

/// What `cairn evaluate` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// What the records really are: the `truth.parquet` that `cairn sample` writes.
    #[arg(long)]
    pub truth: PathBuf,
    /// A run of the same sample without attackers, to say what the honest lose to them.
    #[arg(long, value_name = "RUN")]
    pub without: Option<String>,
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or when a run or the truth cannot be read.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let run = super::published(&args.run, &runtime)?;
    let without = args
        .without
        .as_deref()
        .map(|location| super::published(location, &runtime));
    let without = without.transpose().context("--without")?;
    let truth = truth(&args.truth)?;
    let tables = Tables {
        objects: run.rows()?,
        images: run.rows()?,
        passes: run.rows()?,
        rewards: run.rows()?,
    };
    let known: std::collections::BTreeSet<&str> = truth.iter().map(|record| record.path.as_str()).collect();
    if !tables
        .objects
        .iter()
        .any(|object| known.contains(object.path.as_str()))
    {
        let what = format!(
            "`{}` knows none of the objects of {}; it is of another sample",
            args.truth.display(),
            run.store.location()
        );
        return Err(Usage(what).into());
    }
    let before = without.map(|run| run.rows()).transpose()?;
    let found = evaluate(&truth, &tables, before.as_deref());
    if args.json {
        say_json(&serde_json::to_value(&found)?)?;
    } else if args.markdown {
        say(&markdown(&found))?;
    } else {
        say(&text(&found))?;
    }
    Ok(Ending::Fine)
}

fn truth(path: &std::path::Path) -> anyhow::Result<Vec<TrueRecord>> {
    let place = || format!("--truth `{}`", path.display());
    let bytes = std::fs::read(path).with_context(place)?;
    let batch = parquet::read(bytes.into()).with_context(place)?;
    let mut rows = TrueRecord::from_batch(&batch).with_context(place)?;
    // Verdicts on single fixes are not published, so there is nothing to hold against them.
    rows.retain(|row| row.kind != "fix");
    Ok(rows)
}
