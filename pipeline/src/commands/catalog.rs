//! `cairn catalog`: the catalog of an output, written anew.

use crate::cli::{Ending, Usage, say, say_json};
use crate::report::grouped;
use crate::store::{Store, runtime};
use crate::views::stac::{self, Scope};
use cairn_stages::emit::stac::CATALOG;
use serde_json::json;

/// What `cairn catalog` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The output that epochs were published to: a folder, or the URL of a bucket.
    pub out: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let out = Store::open(&args.out, &runtime).map_err(|e| Usage(e.to_string()))?;
    if out.is_web() {
        return Err(Usage(format!(
            "{}: a web server is read only; give a folder or a bucket",
            args.out
        ))
        .into());
    }
    let found = stac::write(&out, Scope::All)?;
    let place = format!("{}/{CATALOG}", out.location());
    if args.json {
        say_json(&json!({ "catalog": place, "epochs": found.epochs, "items": found.items }))?;
    } else {
        say(&format!(
            "Wrote {place}: {} epochs, {} files\n",
            grouped(found.epochs as u64),
            grouped(found.items as u64)
        ))?;
    }
    Ok(Ending::Fine)
}
