//! `cairn explain`: why a contributor, an object, an image, a pass or a cell got what it got, in sentences with numbers.

mod cell;
mod contributor;
mod image;
mod lines;
mod object;
mod otherwise;
mod pass;

use std::sync::Arc;

use cairn_datasets::ids::Precedence;
use cairn_datasets::tables::Pass;
use cairn_stages::policy::Policy;
use tokio::runtime::Runtime;

use self::otherwise::Otherwise;

use crate::cli::{Ending, Usage, say, say_json};
use crate::published::Run;
use crate::replay::{self, MissingHistory, WhatIf};
use crate::store::runtime;

/// What `cairn explain` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    #[command(flatten)]
    subject: Subject,
    /// An earlier epoch that the run started from, where it does not lie beside it. May be given several times.
    #[arg(long, value_name = "RUN")]
    previous: Vec<String>,
    /// Print JSON: the rows that the sentences are made of.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// A contributor's id.
    #[arg(long, value_name = "ID")]
    contributor: Option<String>,
    /// Path of an object in the source.
    #[arg(long, value_name = "PATH")]
    object: Option<String>,
    /// An image's id.
    #[arg(long, value_name = "ID")]
    image: Option<String>,
    /// A pass's id.
    #[arg(long, value_name = "ID")]
    pass: Option<String>,
    /// An H3 cell.
    #[arg(long, value_name = "H3")]
    cell: Option<String>,
}

/// Most lines of one kind.
const TOP: usize = 12;

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let run = super::published(&args.run, &runtime)?;
    let mut explainer = Explainer::new(&run, &args.previous, &runtime)?;
    let asked = &args.subject;
    let answer = if let Some(id) = &asked.contributor {
        explainer.contributor(id)?
    } else if let Some(path) = &asked.object {
        explainer.object(path)?
    } else if let Some(id) = &asked.image {
        explainer.image(id)?
    } else if let Some(id) = &asked.pass {
        explainer.pass(id)?
    } else if let Some(cell) = &asked.cell {
        explainer.cell(cell.parse().map_err(|e| Usage(format!("--cell: {e}")))?)?
    } else {
        return Err(Usage("give --contributor, --object, --image, --pass or --cell".to_owned()).into());
    };
    if args.json {
        say_json(&answer.json)?;
    } else {
        say(&answer.text)?;
    }
    Ok(Ending::Fine)
}

/// What is said, and what it is made of.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Sentences.
    pub text: String,
    /// The rows that they are made of, and what would be otherwise.
    pub json: serde_json::Value,
}

/// Answers questions about one run.
pub struct Explainer<'a> {
    run: &'a Run,
    policy: Policy,
    otherwise: Otherwise<'a>,
}

impl<'a> Explainer<'a> {
    /// A run, with the earlier epochs it started from: those among `previous`, and those beside it. Without one of them
    /// all is explained but what would be otherwise.
    ///
    /// # Errors
    /// When the run's manifest or its rewards cannot be read.
    pub fn new(run: &'a Run, previous: &[String], runtime: &Arc<Runtime>) -> anyhow::Result<Self> {
        let what_if = match WhatIf::new(run, previous, runtime) {
            Err(error) if error.downcast_ref::<MissingHistory>().is_some() => Err(error.to_string()),
            other => Ok(other?),
        };
        Ok(Self {
            run,
            policy: replay::policy(run)?,
            otherwise: Otherwise(what_if),
        })
    }
}

/// Brings passes of a cell into the one order.
fn in_order(epoch: &str, passes: &mut [Pass]) {
    passes.sort_by_cached_key(|p| {
        let order = Precedence::new(epoch, p.uploaded_at, &p.contributor, &p.path, p.ordinal);
        (order, p.pass_id)
    });
}

/// Rows as JSON, by way of their own columns.
fn rows_json<R: cairn_datasets::table::Row>(rows: &[R]) -> anyhow::Result<serde_json::Value> {
    let batch = R::to_batch(rows)?;
    let schema = batch.schema();
    let mut out = Vec::with_capacity(rows.len());
    for row in 0..batch.num_rows() {
        let mut fields = serde_json::Map::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let value = crate::commands::export::value(batch.column(index).as_ref(), row);
            fields.insert(field.name().clone(), value);
        }
        out.push(serde_json::Value::Object(fields));
    }
    Ok(out.into())
}
