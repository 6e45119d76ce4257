//! `cairn prove` and `cairn verify`: one result of an epoch, for who has its root and nothing else.

use cairn_datasets::tables::{Object, Reward};
use cairn_stages::trees::proof::Proof;
use serde_json::json;

use crate::cli::{Ending, Usage, say, say_json};
use crate::store::runtime;

/// What `cairn prove` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// What is proved.
    #[command(flatten)]
    of: Of,
}

/// One of them.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Of {
    /// Prove what this contributor's payout address may claim.
    #[arg(long, value_name = "ID")]
    contributor: Option<String>,
    /// Prove what became of the object at this path, or that the epoch has none there.
    #[arg(long, value_name = "PATH")]
    object: Option<String>,
}

/// What `cairn verify` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// File that `cairn prove` made.
    proof: String,
    /// The root, from a manifest or an attestation that you trust, or from a contract: not from whoever gave you the proof.
    #[arg(long)]
    root: String,
    /// Print what is proved as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints a proof.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let run = super::published(&args.run, &runtime()?)?;
    let epoch = &run.manifest.reward_epoch;
    let proof = match (&args.of.contributor, &args.of.object) {
        (Some(contributor), _) => Proof::of_claim(epoch, &run.rows::<Reward>()?, contributor)
            .map_err(|error| Usage(format!("--contributor: {error}")))?,
        (None, object) => {
            let path = object.as_deref().unwrap_or_default();
            Proof::of_object(epoch, &run.rows::<Object>()?, path)
        }
    };
    let trees = &run.manifest.trees;
    let known = [
        Some(trees.dispositions.root.to_string()),
        trees.claims.as_ref().map(|claims| claims.root.clone()),
    ];
    anyhow::ensure!(
        known.contains(&Some(proof.root())),
        "the tables lead to the root {}, which is not in the manifest; `cairn audit {}` says what differs",
        proof.root(),
        args.run
    );
    say_json(&serde_json::to_value(&proof)?)?;
    Ok(Ending::Fine)
}

/// Says what a proof proves. Nothing but its file is read.
///
/// # Errors
/// What was asked wrongly ([`Usage`]).
pub fn verify(args: &VerifyArgs) -> anyhow::Result<Ending> {
    let usage = |what: &dyn std::fmt::Display| Usage(format!("{}: {what}", args.proof));
    let text = std::fs::read(&args.proof).map_err(|e| usage(&e))?;
    let proof: Proof = serde_json::from_slice(&text).map_err(|e| usage(&format!("is no proof: {e}")))?;
    let verified = proof.verify(args.root.trim());
    if args.json {
        say_json(&match &verified {
            Ok(proved) => json!({ "ok": true, "proved": proved.to_string() }),
            Err(error) => json!({ "ok": false, "why": error.to_string() }),
        })?;
    } else {
        say(&match &verified {
            Ok(proved) => format!("Yes: {proved}.\n"),
            Err(error) => format!("No: {error}.\n"),
        })?;
    }
    Ok(if verified.is_ok() {
        Ending::Fine
    } else {
        Ending::Mismatch
    })
}
