//! `cairn adjust`: signed corrections of a closed epoch, for a later one to apply (R7).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cairn_datasets::adjustments::{Adjustments, Corrected, Line};
use cairn_datasets::manifest::Manifest;
use cairn_datasets::tables::{Object, Reward};
use cairn_stages::ed25519::encode;
use cairn_stages::trees::dispute::answer;
use ed25519_dalek::{Signer, SigningKey};

use super::keys::read_private;
use crate::cli::{Ending, Usage, say, say_json};
use crate::published::Run;
use crate::report::{grouped, signed};
use crate::store::runtime;

/// Most contributors and adjustments that are named.
const TOP: usize = 5;

/// What `cairn adjust` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of the published epoch that is corrected.
    pub run: String,
    /// Whom the correction concerns.
    #[arg(
        long,
        value_name = "ID",
        requires = "amount",
        requires = "reason",
        required_unless_present = "from"
    )]
    contributor: Option<String>,
    /// Units of the pool to give, or below 0 to take back.
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        requires = "contributor"
    )]
    amount: Option<i64>,
    /// Why, in one line. It is published.
    #[arg(long, value_name = "TEXT", requires = "contributor")]
    reason: Option<String>,
    /// The dispute that is answered, as `cairn dispute new` makes it: the reason begins with its name, so that the ledger
    /// shows both.
    #[arg(long, value_name = "FILE", requires = "contributor")]
    dispute: Option<String>,
    /// Many corrections at once: a CSV file with the columns contributor, amount and reason.
    #[arg(long, value_name = "FILE", conflicts_with = "contributor")]
    from: Option<String>,
    /// File with the operator's private key (Ed25519, PKCS#8 in PEM), as `cairn keys generate` makes it.
    #[arg(long, value_name = "FILE")]
    key: String,
    /// File to write; must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: String,
    /// Print the file as it was written.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let mut lines = lines(args)?;
    let key = read_private(&args.key)?;
    let run = super::published(&args.run, &runtime)?;
    if let Some(path) = &args.dispute {
        answer_dispute(path, &run, &mut lines)?;
    }
    let file = sign(&run.manifest, lines, &key)?;
    warn_of_strangers(&run, &file)?;
    super::write_new(&args.out, "a signed file", &file)?;
    if args.json {
        say_json(&file)?;
    } else {
        say(&text(args, &file))?;
    }
    Ok(Ending::Fine)
}

fn lines(args: &Args) -> anyhow::Result<Vec<Line>> {
    if let Some(path) = &args.from {
        return Ok(csv_lines(path).map_err(|what| Usage(format!("--from {path}: {what}")))?);
    }
    let (Some(contributor), Some(amount), Some(reason)) = (&args.contributor, args.amount, &args.reason)
    else {
        return Err(Usage("give --contributor, --amount and --reason, or --from".to_owned()).into());
    };
    let line = Line {
        contributor: contributor.clone(),
        amount,
        reason: reason.clone(),
    };
    line.check().map_err(|e| Usage(e.to_string()))?;
    Ok(vec![line])
}

/// Puts the name of a dispute before the reason of what answers it. It has to be one of this epoch, and of the contributor who is
/// given something.
fn answer_dispute(path: &str, run: &Run, lines: &mut [Line]) -> anyhow::Result<()> {
    let usage = |what: &dyn std::fmt::Display| Usage(format!("--dispute {path}: {what}"));
    let dispute = super::dispute::read(path)?;
    super::dispute::holds(&dispute, run).map_err(|e| usage(&e))?;
    for line in lines {
        if line.contributor != dispute.contributor {
            let what = format!(
                "is of `{}`, and --contributor is `{}`",
                dispute.contributor, line.contributor
            );
            return Err(usage(&what).into());
        }
        line.reason = answer(&dispute.digest(), &line.reason);
        line.check().map_err(|e| Usage(e.to_string()))?;
    }
    Ok(())
}

/// The corrections of a CSV file, or what is wrong with it and where.
fn csv_lines(path: &str) -> Result<Vec<Line>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|e| e.to_string())?;
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let place = |name: &str| {
        let found = header
            .iter()
            .position(|column| column.trim_start_matches('\u{feff}') == name);
        found.ok_or_else(|| {
            let there: Vec<&str> = header.iter().collect();
            format!("column `{name}` is missing; found `{}`", there.join(", "))
        })
    };
    let [contributor, amount, reason] = [place("contributor")?, place("amount")?, place("reason")?];
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let at = record.position().map_or(0, csv::Position::line);
        let value = |column: usize| record.get(column).unwrap_or_default().to_owned();
        let number = value(amount);
        let line = Line {
            contributor: value(contributor),
            amount: number
                .parse()
                .map_err(|e| format!("line {at}: amount `{number}` is no whole number of 64 bits ({e})"))?,
            reason: value(reason),
        };
        line.check().map_err(|e| format!("line {at}: {e}"))?;
        lines.push(line);
    }
    Ok(lines)
}

fn sign(manifest: &Manifest, lines: Vec<Line>, key: &SigningKey) -> anyhow::Result<Adjustments> {
    let results = super::results_of(manifest)?;
    let corrects = Corrected {
        reward_epoch: manifest.reward_epoch.clone(),
        results_digest: results,
    };
    let operator = encode(&key.verifying_key().to_bytes());
    let mut file = Adjustments::unsigned(corrects, lines, operator);
    file.check().map_err(|e| Usage(e.to_string()))?;
    file.signature = encode(&key.sign(&file.signed_bytes()).to_bytes());
    Ok(file)
}

/// An id that is spelled otherwise than the uploads' would take from somebody who is not there.
fn warn_of_strangers(run: &Run, file: &Adjustments) -> anyhow::Result<()> {
    let mut strangers: BTreeSet<&str> = file
        .adjustments
        .iter()
        .map(|line| line.contributor.as_str())
        .collect();
    for reward in run.rows::<Reward>()? {
        strangers.remove(reward.contributor.as_str());
    }
    if !strangers.is_empty() {
        for object in run.rows::<Object>()? {
            strangers.remove(object.contributor.as_str());
        }
    }
    if !strangers.is_empty() {
        let named: Vec<&str> = strangers.iter().take(TOP).copied().collect();
        tracing::warn!(
            "{} of the contributors sent nothing in epoch {} ({}{}); check that their ids are spelled as they are for \
             the uploads",
            strangers.len(),
            file.corrects.reward_epoch,
            named.join(", "),
            if strangers.len() > TOP { ", …" } else { "" },
        );
    }
    Ok(())
}

fn text(args: &Args, file: &Adjustments) -> String {
    let count = file.adjustments.len();
    let sum: i128 = file.adjustments.iter().map(|line| i128::from(line.amount)).sum();
    let mut text = format!(
        "Wrote {}: {} of epoch {}, {} units in all\n",
        args.out,
        match count {
            1 => "1 adjustment".to_owned(),
            several => format!("{} adjustments", grouped(several as u64)),
        },
        file.corrects.reward_epoch,
        signed(sum),
    );
    // Writing to a string cannot fail.
    for line in file.adjustments.iter().take(TOP) {
        let amount = signed(line.amount.into());
        let _ = writeln!(text, "  {amount:>12}  {}: {}", line.contributor, line.reason);
    }
    if count > TOP {
        let _ = writeln!(text, "                and {} more", grouped((count - TOP) as u64));
    }
    let _ = writeln!(
        text,
        "File    {}\nA later epoch applies it with\n  cairn run … --previous {} --adjustments {} --operator {}",
        file.digest(),
        args.run,
        args.out,
        file.operator,
    );
    text
}

#[cfg(test)]
#[path = "adjust_tests.rs"]
mod tests;
