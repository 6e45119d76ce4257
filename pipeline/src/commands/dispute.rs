//! `cairn dispute`: a contributor's objection to a verdict, and what became of it.

use std::fmt::Write as _;
use std::path::Path;

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Adjustment, Object};
use cairn_stages::trees::dispositions::Disposition;
use cairn_stages::trees::dispute::{DISPUTE_VERSION, Dispute, DisputeError, Evidence, answered};
use cairn_stages::trees::proof::Proof;
use serde_json::json;

use crate::cli::{Ending, Usage, say, say_json};
use crate::published::Run;
use crate::report::signed;
use crate::store::runtime;

/// Most bytes of a file of evidence, which is read whole.
const MOST_EVIDENCE_BYTES: u64 = 1 << 30;

/// What `cairn dispute` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    /// Write an objection to what became of an object, with its proof.
    New {
        /// Folder or URL of the published epoch.
        run: String,
        /// Path of the object; one that the epoch does not have is disputed as missing.
        #[arg(long, value_name = "PATH")]
        object: String,
        /// Who objects; of an object that is there, who sent it if not said otherwise.
        #[arg(long, value_name = "ID")]
        contributor: Option<String>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// A file that speaks for it: its digest is written down. May be given several times.
        #[arg(long, value_name = "FILE")]
        evidence: Vec<String>,
        /// File to write; must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: String,
    },
    /// Check an objection, and look for the adjustment that answers it.
    Check {
        /// The file.
        dispute: String,
        /// Folder or URL of an output that has the disputed epoch, and later ones that may answer it; or of that epoch alone.
        #[arg(long, value_name = "RUN")]
        run: String,
        /// Its files of evidence, to be compared. May be given several times.
        #[arg(long, value_name = "FILE")]
        evidence: Vec<String>,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    match &args.action {
        Action::New {
            run,
            object,
            contributor,
            reason,
            evidence,
            out,
        } => {
            let run = super::published(run, &runtime()?)?;
            let objects = run.rows::<Object>()?;
            let owner = objects
                .iter()
                .find(|row| row.path == *object)
                .map(|row| row.contributor.clone());
            let contributor = contributor.clone().or(owner).ok_or_else(|| {
                Usage(format!(
                    "--object {object}: the epoch has no such object; say with --contributor who misses it"
                ))
            })?;
            let dispute = Dispute {
                version: DISPUTE_VERSION,
                results_digest: run.manifest.results_digest,
                contributor,
                object: object.clone(),
                reason: reason.trim().to_owned(),
                evidence: evidence
                    .iter()
                    .map(|path| digest_of(path))
                    .collect::<Result<_, _>>()?,
                proof: Proof::of_object(&run.manifest.reward_epoch, &objects, object),
            };
            let verdict = holds(&dispute, &run).map_err(|e| Usage(e.to_string()))?;
            super::write_new(out, "a dispute", &dispute)?;
            say(&format!(
                "Dispute {}\n{}\nWrote it to {out}. An operator who agrees answers with `cairn adjust --dispute {out}`.\n",
                dispute.digest(),
                told(&dispute, verdict.as_ref()),
            ))?;
            Ok(Ending::Fine)
        }
        Action::Check {
            dispute,
            run,
            evidence,
            json,
        } => check(&read(dispute)?, run, evidence, *json),
    }
}

/// Reads the file of a dispute.
pub(super) fn read(path: &str) -> Result<Dispute, Usage> {
    let text = std::fs::read(path).map_err(|e| Usage(format!("{path}: {e}")))?;
    serde_json::from_slice(&text).map_err(|e| Usage(format!("{path}: is no dispute: {e}")))
}

/// A dispute that cannot be held against a run.
#[derive(Debug, thiserror::Error)]
pub(super) enum HoldsError {
    #[error("it is of the results {of}, and epoch {epoch} has {found}")]
    OtherResults {
        of: Digest,
        epoch: String,
        found: Digest,
    },
    #[error(transparent)]
    Dispute(#[from] DisputeError),
}

/// Holds a dispute against the epoch that it is of.
pub(super) fn holds(dispute: &Dispute, run: &Run) -> Result<Option<Disposition>, HoldsError> {
    let manifest = &run.manifest;
    if dispute.results_digest != manifest.results_digest {
        return Err(HoldsError::OtherResults {
            of: dispute.results_digest,
            epoch: manifest.reward_epoch.clone(),
            found: manifest.results_digest,
        });
    }
    Ok(dispute.check(&manifest.trees.dispositions.root.to_string())?)
}

/// What is disputed, in words.
fn told(dispute: &Dispute, verdict: Option<&Disposition>) -> String {
    let Dispute {
        contributor,
        object,
        reason,
        ..
    } = dispute;
    match verdict {
        Some(verdict) if verdict.reason.is_empty() => {
            format!(
                "{contributor} objects that `{object}` was {}: {reason}",
                verdict.verdict
            )
        }
        Some(verdict) => format!(
            "{contributor} objects that `{object}` was {} by {}: {reason}",
            verdict.verdict, verdict.reason
        ),
        None => format!("{contributor} objects that the epoch has no `{object}`: {reason}"),
    }
}

fn check(dispute: &Dispute, location: &str, evidence: &[String], as_json: bool) -> anyhow::Result<Ending> {
    let runs = super::published_all(location, &runtime()?)?;
    let disputed = runs
        .iter()
        .find(|run| run.manifest.results_digest == dispute.results_digest);
    let disputed = disputed.ok_or_else(|| {
        Usage(format!(
            "--run {location}: no epoch there has the results {}",
            dispute.results_digest
        ))
    })?;
    let held = holds(dispute, disputed).map_err(|e| e.to_string());
    let mut faults: Vec<String> = held.as_ref().err().cloned().into_iter().collect();
    let mut seen = Vec::new();
    for path in evidence {
        let file = digest_of(path)?;
        if dispute.evidence.contains(&file) {
            seen.push(file.name);
        } else {
            faults.push(format!(
                "{path} is none of its files of evidence: name, size or SHA-256 is another"
            ));
        }
    }
    let name = dispute.digest();
    let mut answers = Vec::new();
    for run in &runs {
        let rows = run.rows::<Adjustment>()?;
        let answering = rows.into_iter().filter(|row| {
            row.contributor == dispute.contributor
                && row.corrects_digest == dispute.results_digest
                && answered(&row.reason) == Some(name)
        });
        answers.extend(answering.map(|row| (run.manifest.reward_epoch.clone(), row)));
    }
    let fine = faults.is_empty();
    if as_json {
        let answers = answers.iter().map(|(epoch, row)| {
            json!({ "reward_epoch": epoch, "amount": row.amount, "reason": row.reason, "operator": row.operator })
        });
        say_json(&json!({
            "ok": fine,
            "dispute": name,
            "epoch": disputed.manifest.reward_epoch,
            "faults": faults,
            "evidence_seen": seen,
            "evidence": dispute.evidence,
            "answers": answers.collect::<Vec<_>>(),
        }))?;
    } else {
        let mut text = format!("Dispute {name} of epoch {}\n", disputed.manifest.reward_epoch);
        // Writing to a string cannot fail.
        if let Ok(verdict) = &held {
            let _ = writeln!(text, "{}", told(dispute, verdict.as_ref()));
        }
        for file in &dispute.evidence {
            let state = if seen.contains(&file.name) {
                "as it was"
            } else {
                "not looked at"
            };
            let _ = writeln!(
                text,
                "evidence {} ({} bytes, SHA-256 {}): {state}",
                file.name, file.bytes, file.sha256
            );
        }
        for fault in &faults {
            let _ = writeln!(text, "NO       {fault}");
        }
        for (epoch, row) in &answers {
            let _ = writeln!(
                text,
                "answered in epoch {epoch}: {} for {}: {}",
                signed(row.amount.into()),
                row.contributor,
                row.reason
            );
        }
        if answers.is_empty() {
            text += "No adjustment of these epochs answers it.\n";
        }
        say(&text)?;
    }
    Ok(if fine { Ending::Fine } else { Ending::Mismatch })
}

fn digest_of(path: &str) -> anyhow::Result<Evidence> {
    let usage = |what: &dyn std::fmt::Display| Usage(format!("--evidence {path}: {what}"));
    let size = std::fs::metadata(path).map_err(|e| usage(&e))?.len();
    if size > MOST_EVIDENCE_BYTES {
        let what = format!(
            "has {size} bytes; at most {MOST_EVIDENCE_BYTES} are taken, so compress it or name a part"
        );
        return Err(usage(&what).into());
    }
    let bytes = std::fs::read(path).map_err(|e| usage(&e))?;
    let name = Path::new(path).file_name().unwrap_or_default();
    Ok(Evidence {
        name: name.to_string_lossy().into_owned(),
        bytes: bytes.len() as u64,
        sha256: Digest::of(&bytes),
    })
}
