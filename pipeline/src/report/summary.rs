//! The summary at the end of a run.

use std::collections::BTreeMap;
use std::fmt::Write;

use cairn_datasets::tables::{Object, Reward};
use cairn_datasets::verdict::{Reason, Verdict};

use crate::publish::REPORT;
use crate::published::{PublishedError, Run};

/// Most reasons and contributors that the summary names.
const TOP: usize = 10;

/// How many objects were read, kept, duplicate and rejected and why, which cells are covered, who
/// gets what, and where the files are.
///
/// # Errors
/// [`PublishedError`] when the run cannot be read.
pub fn summary(run: &Run) -> Result<String, PublishedError> {
    let manifest = &run.manifest;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Epoch {}, to {}",
        manifest.reward_epoch, manifest.inputs.as_of
    );
    let none = BTreeMap::new();
    objects(
        &mut text,
        manifest.verdicts.get("objects").unwrap_or(&none),
        manifest.inputs.bytes,
    );
    if manifest.inputs.devices.is_some() {
        text.push_str(&signatures(&run.rows::<Object>()?));
    }

    let rows = |table: &str| manifest.tables.get(table).map_or(0, |t| t.rows);
    let kept = |table: &str| {
        manifest
            .verdicts
            .get(table)
            .and_then(|v| v.get("kept"))
            .copied()
            .unwrap_or(0)
    };
    let _ = writeln!(
        text,
        "\n{} cells covered by {} kept passes and {} kept images (of {} and {})",
        grouped(rows("coverage")),
        grouped(kept("passes")),
        grouped(kept("images")),
        grouped(rows("passes")),
        grouped(rows("images")),
    );
    let private = manifest.private;
    if !private.is_zero() {
        let _ = writeln!(
            text,
            "{} images and {} fixes are private (X1) and only counted",
            grouped(private.images),
            grouped(private.fixes)
        );
    }
    rewards(&mut text, run)?;
    let _ = writeln!(
        text,
        "\nResults {}\nFiles   {}\nReport  {}/{REPORT}",
        manifest.results_digest,
        run.store.location(),
        run.store.location()
    );
    Ok(text)
}

fn objects(text: &mut String, counts: &BTreeMap<String, u64>, bytes: u64) {
    let reason_of = |code: &str| {
        if code == "kept" {
            Reason::None
        } else {
            Reason::from_code(code).unwrap_or_default()
        }
    };
    let total = |verdict: Verdict| -> u64 {
        counts
            .iter()
            .filter(|(code, _)| reason_of(code).verdict() == verdict)
            .map(|(_, n)| n)
            .sum()
    };
    #[expect(clippy::cast_precision_loss, reason = "for people, to a tenth of a megabyte")]
    let megabytes = bytes as f64 / 1e6;
    let _ = writeln!(
        text,
        "\n{} objects read ({megabytes:.1} MB): {} kept, {} duplicate, {} rejected",
        grouped(counts.values().sum()),
        grouped(total(Verdict::Kept)),
        grouped(total(Verdict::Duplicate)),
        grouped(total(Verdict::Rejected)),
    );
    let mut reasons: Vec<(&String, &u64)> = counts.iter().filter(|(code, _)| *code != "kept").collect();
    reasons.sort_by_key(|(code, count)| (std::cmp::Reverse(**count), *code));
    for (code, count) in reasons.iter().take(TOP) {
        let _ = writeln!(
            text,
            "  {:>8}  {code:<22} {}",
            grouped(**count),
            reason_of(code).meaning()
        );
    }
    if reasons.len() > TOP {
        let _ = writeln!(
            text,
            "            and {} more reasons, in the report",
            reasons.len() - TOP
        );
    }
}

/// How many objects are signed, and how many should be and are not (E11); nothing where no key plays a part.
#[must_use]
pub fn signatures(objects: &[Object]) -> String {
    let count = |what: &str| objects.iter().filter(|o| o.signature == what).count() as u64;
    let [valid, invalid, missing] = ["valid", "invalid", "missing"].map(count);
    if valid + invalid + missing == 0 {
        return String::new();
    }
    format!(
        "Signatures of devices: {} valid, {} invalid (O5), {} missing where a key is registered (E11)\n",
        grouped(valid),
        grouped(invalid),
        grouped(missing)
    )
}

fn rewards(text: &mut String, run: &Run) -> Result<(), PublishedError> {
    let manifest = &run.manifest;
    let mut rewards = run.rows::<Reward>()?;
    rewards.sort_by_key(|r| (std::cmp::Reverse(r.reward), r.contributor.clone()));
    let earning = rewards.iter().filter(|r| r.reward > 0).count();
    let _ = writeln!(
        text,
        "\nPool {}: {} paid to {earning} contributors, {} unallocated",
        grouped(manifest.pool),
        grouped(manifest.pool - manifest.unallocated),
        grouped(manifest.unallocated),
    );
    for reward in rewards.iter().take(TOP) {
        let share = f64::from(reward.weight_ppm.parts()) / 10_000.0;
        let _ = writeln!(
            text,
            "  {:>12}  {share:>5.1} %  {}",
            grouped(reward.reward),
            reward.contributor
        );
    }
    if rewards.len() > TOP {
        let _ = writeln!(
            text,
            "                and {} more, in rewards.parquet",
            rewards.len() - TOP
        );
    }
    corrections(text, run, &rewards);
    Ok(())
}

/// What is corrected outside of the pool (R7); nothing where nothing is.
fn corrections(text: &mut String, run: &Run, rewards: &[Reward]) {
    let sum = |units: fn(&Reward) -> i64| rewards.iter().map(|r| i128::from(units(r))).sum::<i128>();
    let rows = run
        .manifest
        .tables
        .get("adjustments")
        .map_or(0, |table| table.rows);
    let (carried, adjusted, owing) = (sum(|r| r.carried), sum(|r| r.adjustment), sum(|r| r.debt));
    if rows == 0 && carried == 0 {
        return;
    }
    let claimed: u128 = rewards.iter().map(|r| u128::from(r.claim)).sum();
    let _ = writeln!(
        text,
        "\nOutside of the pool (R7): {} by adjustments ({} of them), {} carried from earlier epochs",
        signed(adjusted),
        grouped(rows),
        signed(carried),
    );
    let _ = writeln!(
        text,
        "So the claims are {} in all, and {} is left owing",
        by_thousands(&claimed.to_string()),
        by_thousands(&owing.unsigned_abs().to_string()),
    );
}

/// A number with a comma between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    by_thousands(&number.to_string())
}

fn by_thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its sign and a comma between thousands.
#[must_use]
pub fn signed(number: i128) -> String {
    let sign = match number {
        0 => "",
        below if below < 0 => "-",
        _ => "+",
    };
    let digits = number.unsigned_abs().to_string();
    format!("{sign}{}", by_thousands(&digits))
}

/// Parts per million as percent with one decimal.
#[must_use]
pub fn percent(parts: u32) -> String {
    format!("{:.1} %", f64::from(parts) / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0, 999, -1_000, i128::from(i64::MIN)].map(signed),
            ["0", "+999", "-1,000", "-9,223,372,036,854,775,808"]
        );
    }
}
