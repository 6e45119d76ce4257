//! A contributor: what was sent, what counted, and what it earned.

use std::fmt::Write;

use cairn_datasets::tables::{Adjustment, Credit, Object, Pass, Reward};
use cairn_datasets::verdict::{Reason, Verdict};
use serde_json::json;

use super::{Answer, TOP, rows_json};
use crate::cli::Usage;
use crate::publish::counted_as;
use crate::published::Run;
use crate::report::{self, grouped, percent, signed};

pub(super) fn contributor(run: &Run, id: &str) -> anyhow::Result<Answer> {
    let objects = run.find_text::<Object>("contributor", id)?;
    let rewards = run.find_text::<Reward>("contributor", id)?;
    if objects.is_empty() && rewards.is_empty() {
        return Err(Usage(format!(
            "no contributor `{id}` in this epoch; rewards.parquet and objects.parquet list them"
        ))
        .into());
    }
    let adjustments = run.find_text::<Adjustment>("contributor", id)?;
    let mut credits = run.find_text::<Credit>("contributor", id)?;
    let passes = run.find_text::<Pass>("contributor", id)?;
    let manifest = &run.manifest;
    let mut text = String::new();
    let (reward, weight) = rewards
        .first()
        .map_or((0, 0), |r| (r.reward, r.weight_ppm.parts()));
    let _ = writeln!(
        text,
        "{id} gets {} of the {} units of {}: {} of all credit.",
        grouped(reward),
        grouped(manifest.pool),
        manifest.reward_epoch,
        percent(weight),
    );
    if let Some(reward) = rewards.first() {
        claim(&mut text, reward, &adjustments);
    }
    let _ = writeln!(text, "\n{} objects:", grouped(objects.len() as u64));
    tally(&mut text, objects.iter().map(|o| o.reason));
    text.push_str(&report::signatures(&objects));
    let _ = writeln!(text, "\n{} passes:", grouped(passes.len() as u64));
    tally(&mut text, passes.iter().map(|p| p.reason));
    why_nothing(&mut text, &passes);
    let earning = credits.iter().filter(|c| c.credit > 0).count() as u64;
    credits.sort_by_key(|c| (std::cmp::Reverse(c.reward), c.cell));
    let best = if earning > 0 { "; the best:" } else { "." };
    let _ = writeln!(
        text,
        "\nCredit in {} of {} cells{best}",
        grouped(earning),
        grouped(credits.len() as u64)
    );
    for credit in credits.iter().filter(|c| c.credit > 0).take(TOP) {
        let _ = writeln!(
            text,
            "  {}  credit {:>9}  reward {:>9}",
            credit.cell,
            grouped(credit.credit),
            grouped(credit.reward)
        );
    }
    text.push_str("\nAsk further with --object PATH or --cell H3.\n");
    let json = json!({
        "rewards": rows_json(&rewards)?, "adjustments": rows_json(&adjustments)?, "objects": rows_json(&objects)?,
        "passes": rows_json(&passes)?, "credits": rows_json(&credits)?,
    });
    Ok(Answer { text, json })
}

/// What may be claimed, where it is not the reward alone (R7).
fn claim(text: &mut String, reward: &Reward, adjustments: &[Adjustment]) {
    if reward.carried == 0 && adjustments.is_empty() {
        return;
    }
    let mut line = |units: i128, what: &str| {
        let _ = writeln!(text, "  {:>12}  {what}", signed(units));
    };
    line(reward.reward.into(), "reward of this epoch");
    if reward.carried < 0 {
        line(reward.carried.into(), "owed from earlier epochs");
    }
    for row in adjustments {
        let what = format!("correction of {}: {}", row.corrects_epoch, row.reason);
        line(row.amount.into(), &what);
    }
    let claim = grouped(reward.claim);
    let _ = match reward.debt {
        0 => writeln!(
            text,
            "So the claim is {claim} units, and nothing is left owing (R7)."
        ),
        debt => writeln!(
            text,
            "So the claim is {claim} units; {} are left owing, and carry over to the next epoch (R7).",
            grouped(debt.unsigned_abs())
        ),
    };
}

/// Kept passes that earned nothing, by what stood in the way.
fn why_nothing(text: &mut String, passes: &[Pass]) {
    let nothing: Vec<&Pass> = passes
        .iter()
        .filter(|p| p.verdict == Verdict::Kept && p.credit == 0)
        .collect();
    if nothing.is_empty() {
        return;
    }
    let count = |what: fn(&Pass) -> bool| nothing.iter().filter(|p| what(p)).count() as u64;
    let unconfirmed = count(|p| p.confirmation_ppm.parts() == 0);
    let inaccurate = count(|p| p.confirmation_ppm.parts() > 0 && p.position_ppm.parts() == 0);
    let standing = count(|p| p.quality_ppm.parts() > 0 && p.gain_ppm.parts() == 0);
    let worthless = count(|p| p.gain_ppm.parts() > 0);
    let _ = writeln!(
        text,
        "{} kept passes earned nothing:",
        grouped(nothing.len() as u64)
    );
    for (number, what) in [
        (
            unconfirmed,
            "nothing confirms them (P6: no picture that agrees, no other contributor)",
        ),
        (inaccurate, "their positions are too inaccurate (P2)"),
        (
            standing,
            "the cell had that quality in that direction already (R2)",
        ),
        (
            worthless,
            "what they add comes to less than one micro-credit at the demand for their cell (R3)",
        ),
    ] {
        if number > 0 {
            let _ = writeln!(text, "  {:>8}  {what}", grouped(number));
        }
    }
}

fn tally(text: &mut String, reasons: impl Iterator<Item = Reason>) {
    let mut counts = std::collections::BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_insert(0_u64) += 1;
    }
    for (reason, count) in counts {
        let name = counted_as(reason);
        let _ = writeln!(
            text,
            "  {:>8}  {}",
            grouped(count),
            format!("{name:<22} {}", reason.meaning()).trim_end()
        );
    }
}

#[cfg(test)]
#[path = "contributor_tests.rs"]
mod tests;
