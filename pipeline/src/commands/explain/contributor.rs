//! A contributor: what was sent, what counted, and what it earned.

use std::fmt::Write;

use cairn_datasets::tables::{Adjustment, Credit, Image, Object, Pass, Reward};
use cairn_datasets::verdict::Verdict;
use serde_json::json;

use super::lines::tally;
use super::otherwise::Case;
use super::{Answer, Explainer, TOP, rows_json};
use crate::cli::Usage;
use crate::published::Wanted;
use crate::report::{self, grouped, percent, signed};

/// Most cells for which a contributor is told what would be otherwise: more take too long to read.
const MOST_CELLS: usize = 2_000;

impl Explainer<'_> {
    /// What became of all that a contributor sent.
    ///
    /// # Errors
    /// [`Usage`] when there is none of that id, else what failed.
    pub fn contributor(&mut self, id: &str) -> anyhow::Result<Answer> {
        let run = self.run;
        let objects = run.find::<Object>(&Wanted::text("contributor", id))?;
        let rewards = run.find::<Reward>(&Wanted::text("contributor", id))?;
        if objects.is_empty() && rewards.is_empty() {
            return Err(Usage(format!(
                "no contributor `{id}` in this epoch; rewards.parquet and objects.parquet list them"
            ))
            .into());
        }
        let adjustments = run.find::<Adjustment>(&Wanted::text("contributor", id))?;
        let mut credits = run.find::<Credit>(&Wanted::text("contributor", id))?;
        let passes = run.find::<Pass>(&Wanted::text("contributor", id))?;
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
        let images = run.find::<Image>(&Wanted::text("contributor", id))?;
        let cases = images.iter().filter_map(Case::image);
        let cases = cases.chain(passes.iter().flat_map(|pass| Case::pass(&self.policy, pass)));
        let cases = Case::together(cases);
        let otherwise = if cases.is_empty() {
            Vec::new()
        } else if cases.iter().map(Case::cells).sum::<usize>() > MOST_CELLS {
            text.push_str("\nWhat would be otherwise is told of one record at a time: --image, --pass.\n");
            Vec::new()
        } else {
            text.push_str("\nHad a clause fired for none of these records:\n");
            self.otherwise.say(&mut text, id, cases)?
        };
        text.push_str("\nAsk further with --object PATH, --image ID, --pass ID or --cell H3.\n");
        let json = json!({
            "rewards": rows_json(&rewards)?, "adjustments": rows_json(&adjustments)?, "objects": rows_json(&objects)?,
            "passes": rows_json(&passes)?, "credits": rows_json(&credits)?, "otherwise": otherwise,
        });
        Ok(Answer { text, json })
    }
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

#[cfg(test)]
#[path = "contributor_tests.rs"]
mod tests;
