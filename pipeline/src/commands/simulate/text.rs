//! The comparison in words.

use std::fmt::Write;

use super::{Comparison, Paid, Simulated};
use crate::commands::policy::changes_text;
use crate::report::shares::Shares;
use crate::report::{grouped, percent};

/// Most contributors of a kind that are named.
const TOP: usize = 10;

pub(super) fn text(simulated: &Simulated) -> String {
    let mut text = String::new();
    let mut said = None;
    for comparison in &simulated.epochs {
        let changes = simulated.changes.get(&comparison.epoch);
        if changes != said {
            text.push_str(&changes.map_or_else(String::new, |changes| changes_text(changes)));
            text.push('\n');
            said = changes;
        }
        one(&mut text, comparison);
    }
    if let Some(together) = &simulated.together {
        one(&mut text, together);
    }
    text
}

// Writing to a string cannot fail.
fn one(text: &mut String, comparison: &Comparison) {
    let Comparison {
        epoch,
        winners,
        losers,
        contributors,
        ..
    } = comparison;
    let title = if epoch == "all" {
        "All epochs together".to_owned()
    } else {
        format!("Epoch {epoch}")
    };
    let _ = writeln!(
        text,
        "{title}: {} of {} contributors would get more, {} less.",
        grouped(*winners as u64),
        grouped(contributors.len() as u64),
        grouped(*losers as u64)
    );
    let [was, is] = comparison.spread;
    let line = |name: &str, of: fn(&Shares) -> u32| {
        format!(
            "  {name:<22} {:>8} -> {:>8}\n",
            percent(of(&was)),
            percent(of(&is))
        )
    };
    text.push_str(&line("Gini coefficient", |shares| shares.gini_ppm));
    text.push_str(&line("share of the top tenth", |shares| shares.top_tenth_ppm));
    let [was, is] = comparison.mapped;
    let _ = writeln!(
        text,
        "  {:<22} {:>8} -> {:>8}  ({} gained, {} lost)",
        "mapped cells",
        grouped(was as u64),
        grouped(is as u64),
        grouped(comparison.gained.len() as u64),
        grouped(comparison.lost.len() as u64)
    );
    let [was, is] = comparison.unallocated;
    if was != is {
        let _ = writeln!(text, "  {:<22} {was:>8} -> {is:>8}", "unallocated");
    }
    let changed: Vec<&Paid> = contributors.iter().filter(|paid| paid.change != 0).collect();
    if changed.is_empty() {
        text.push('\n');
        return;
    }
    let _ = writeln!(text, "  {:>12} {:>12} {:>12}", "before", "after", "change");
    for (place, paid) in changed.iter().enumerate() {
        if changed.len() > 2 * TOP && place == TOP {
            let _ = writeln!(
                text,
                "  {:>12} {} more; --json has them all",
                "…",
                changed.len() - 2 * TOP
            );
        }
        if place >= TOP && place + TOP < changed.len() {
            continue;
        }
        let _ = writeln!(
            text,
            "  {:>12} {:>12} {:>12}  {}",
            grouped(paid.before),
            grouped(paid.after),
            format!("{:+}", paid.change),
            paid.contributor
        );
    }
    text.push('\n');
}
