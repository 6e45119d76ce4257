//! `cairn explain`: why a contributor, an object or a cell got what it got, in sentences with numbers.

mod cell;
mod contributor;
mod lines;
mod object;

use anyhow::Context;
use cairn_stages::policy::Policy;

use crate::cli::{Ending, Usage, say, say_json};
use crate::published::Run;
use crate::store::runtime;

/// What `cairn explain` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    #[command(flatten)]
    subject: Subject,
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
    let answer = match (
        &args.subject.contributor,
        &args.subject.object,
        &args.subject.cell,
    ) {
        (Some(id), _, _) => contributor::contributor(&run, id)?,
        (_, Some(path), _) => object::object(&run, path)?,
        (_, _, Some(cell)) => cell::cell(&run, cell.parse().map_err(|e| Usage(format!("--cell: {e}")))?)?,
        _ => return Err(Usage("give --contributor, --object or --cell".to_owned()).into()),
    };
    if args.json {
        say_json(&answer.json)?;
    } else {
        say(&answer.text)?;
    }
    Ok(Ending::Fine)
}

struct Answer {
    text: String,
    json: serde_json::Value,
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

fn policy(run: &Run) -> anyhow::Result<Policy> {
    serde_json::from_value(run.manifest.policy.resolved.clone()).context("the policy in the manifest")
}
