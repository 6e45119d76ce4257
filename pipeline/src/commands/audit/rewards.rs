//! Level `rewards`: what everybody is paid follows from the credits (R5 to R7), and what is said of duplicates is held against
//! the pictures that they name (D). That the credits follow from what was counted is looked at tile by tile.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::cell::Cell;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Credit, Image, Reward, Share, Standing};
use cairn_datasets::units::Ppm;
use cairn_stages::audit::evidence::contradiction;
use cairn_stages::audit::{Divergence, first_divergence};
use cairn_stages::reward::adjustments::sums;
use cairn_stages::reward::line_items::split_reward;
use cairn_stages::reward::{Corrections, rewards};
use rayon::prelude::*;

use super::Report;
use super::tiles::{Rules, Walked};
use crate::history::History;
use crate::published::{Run, Wanted};
use crate::report::grouped;

/// One line of credits, without the text of who earned it.
#[derive(Clone, Copy)]
struct Line {
    who: u32,
    cell: Cell,
    credit: u64,
    paid: (Ppm, u64),
}

/// The lines of credits of an epoch.
#[derive(Default)]
pub(super) struct Lines {
    ids: BTreeMap<String, u32>,
    lines: Vec<Line>,
}

impl Lines {
    /// Adds rows.
    pub(super) fn extend(&mut self, rows: &[Credit]) {
        for row in rows {
            let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
            let known = self.ids.get(&row.contributor).copied();
            let who = known.unwrap_or_else(|| {
                self.ids.insert(row.contributor.clone(), next);
                next
            });
            self.lines.push(Line {
                who,
                cell: row.cell,
                credit: row.credit,
                paid: (row.weight_ppm, row.reward),
            });
        }
    }
}

/// Checks what is paid, from the credits that the tiles gave.
pub(super) fn check(
    run: &Run,
    rules: &Rules,
    mut walked: Walked,
    (published, ledger): (&[Reward], &[Adjustment]),
    report: &mut Report,
) -> anyhow::Result<()> {
    report.add_first(walked.replayed);
    check_rewards(
        run,
        rules.history.as_ref(),
        &walked.lines,
        (published, ledger),
        report,
    )?;
    let lines = walked.lines.lines.len() as u64;
    check_lines(&mut walked.lines, published, report)?;
    let passes = run.manifest.tables.get("passes").map_or(0, |table| table.rows);
    report.checked.push(match &rules.history {
        Some(_) => format!(
            "rewards: {} passes scored, credited and paid again (P1, P3 to P6, C, R), {} lines split again",
            grouped(passes),
            grouped(lines)
        ),
        None => format!(
            "rewards: {} passes credited by what each is said to add (R3), {} lines split and everybody paid again (R5 to R7)",
            grouped(passes),
            grouped(lines)
        ),
    });
    match &rules.history {
        Some(history) => check_carried_over(run, history, report)?,
        None => report.unchecked.push(
            "what passes add to the map (R2), and coverage: the epochs that this one started from are not at hand; name \
             them with --previous"
                .to_owned(),
        ),
    }
    check_repeats(run, rules, &walked.repeats, report)
}

/// R5 and R7: the pool over the sums, with debts and corrections.
fn check_rewards(
    run: &Run,
    history: Option<&History>,
    lines: &Lines,
    (published, ledger): (&[Reward], &[Adjustment]),
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut totals = vec![0_u64; lines.ids.len()];
    for line in &lines.lines {
        if let Some(sum) = usize::try_from(line.who).ok().and_then(|who| totals.get_mut(who)) {
            *sum = sum.saturating_add(line.credit);
        }
    }
    let shares: Vec<Share> = lines
        .ids
        .iter()
        .map(|(contributor, who)| Share {
            contributor: contributor.clone(),
            credit: usize::try_from(*who)
                .ok()
                .and_then(|who| totals.get(who))
                .copied()
                .unwrap_or_default(),
        })
        .collect();
    let said = |row: &Reward| (row.carried < 0).then(|| (row.contributor.clone(), row.carried));
    let corrections = Corrections {
        adjustments: sums(ledger)?,
        carried: match history {
            Some(history) => history.open_debts()?,
            None => published.iter().filter_map(said).collect(),
        },
    };
    let addresses = published
        .iter()
        .filter_map(|row| Some((row.contributor.clone(), row.payout_address.clone()?)))
        .collect();
    let manifest = &run.manifest;
    let derived = rewards(&shares, manifest.pool, &addresses, &corrections)?;
    if let Some(divergence) = first_divergence(published, &derived.rows) {
        report.diverges(Reward::TABLE, divergence);
    }
    if derived.unallocated != manifest.unallocated {
        let what = format!(
            "{} of the pool of {} are unallocated, and it says {}",
            derived.unallocated, manifest.pool, manifest.unallocated
        );
        report.mismatch("manifest", what);
    }
    report.checked.push(format!(
        "sums: {} paid + {} unallocated = {} pool, over {} contributors",
        grouped(manifest.pool - derived.unallocated),
        grouped(derived.unallocated),
        grouped(manifest.pool),
        grouped(derived.rows.len() as u64)
    ));
    Ok(())
}

/// R6: each reward over its lines.
fn check_lines(all: &mut Lines, rewards: &[Reward], report: &mut Report) -> anyhow::Result<()> {
    all.lines.par_sort_unstable_by_key(|line| (line.who, line.cell));
    let names: BTreeMap<u32, &String> = all.ids.iter().map(|(name, who)| (*who, name)).collect();
    let paid: BTreeMap<&str, u64> = rewards
        .iter()
        .map(|row| (row.contributor.as_str(), row.reward))
        .collect();
    let by_contributor: Vec<&[Line]> = all.lines.chunk_by(|a, b| a.who == b.who).collect();
    let first = |lines: &&[Line]| -> anyhow::Result<Option<Divergence>> {
        let Some(name) = lines.first().and_then(|line| names.get(&line.who)) else {
            return Ok(None);
        };
        let reward = paid.get(name.as_str()).copied().unwrap_or_default();
        let credits: Vec<(Cell, u64)> = lines.iter().map(|line| (line.cell, line.credit)).collect();
        let split = split_reward(reward, &credits)?;
        let differs = lines
            .iter()
            .zip(&split.lines)
            .find(|(line, right)| line.paid != **right);
        Ok(differs.map(|(line, (weight, reward))| {
            let (column, published, derived) = if line.paid.1 == *reward {
                ("weight_ppm", line.paid.0.to_string(), weight.to_string())
            } else {
                ("reward", line.paid.1.to_string(), reward.to_string())
            };
            Divergence::Value {
                table: Credit::TABLE,
                key: format!("{:?}", (line.cell, *name)),
                column: column.to_owned(),
                published,
                derived,
            }
        }))
    };
    let found: Vec<Option<Divergence>> = by_contributor
        .par_iter()
        .map(first)
        .collect::<anyhow::Result<_>>()?;
    let mut once = Report::default();
    if let Some(divergence) = found.into_iter().flatten().next() {
        once.diverges(Credit::TABLE, divergence);
    }
    report.add_first(once);
    Ok(())
}

/// R2: a cell that was ever mapped has a standing for ever, faded or not.
fn check_carried_over(run: &Run, history: &History, report: &mut Report) -> anyhow::Result<()> {
    if history.runs().is_empty() {
        return Ok(());
    }
    let mut own = BTreeSet::new();
    for slot in run.stream::<Standing>() {
        own.insert(slot?.cell);
    }
    for before in history.runs() {
        for slot in before.stream::<Standing>() {
            let slot = slot?;
            if !own.contains(&slot.cell) {
                let key = format!("{:?}", slot.key());
                let table = Standing::TABLE;
                let mut once = Report::default();
                once.diverges(table, Divergence::Missing { table, key });
                report.add_first(once);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// D: each duplicate against the picture that it says it repeats.
fn check_repeats(run: &Run, rules: &Rules, repeats: &[Image], report: &mut Report) -> anyhow::Result<()> {
    let none = History::default();
    let history = rules.history.as_ref().unwrap_or(&none);
    let epochs = history.epochs(&run.manifest.reward_epoch);
    let mut wanted: BTreeMap<Option<u32>, BTreeSet<String>> = BTreeMap::new();
    let mut of_history = 0_u64;
    let place = |image: &Image| -> Option<Option<u32>> {
        let Some(epoch) = &image.duplicate_epoch else {
            return Some(None);
        };
        let at = epochs.history.iter().position(|name| name == epoch)?;
        Some(u32::try_from(at).ok())
    };
    for image in repeats {
        match (place(image), image.duplicate_of) {
            (Some(place), Some(id)) => {
                wanted.entry(place).or_default().insert(id.to_string());
            }
            _ => of_history += 1,
        }
    }
    let mut found: BTreeMap<(Option<u32>, String), Image> = BTreeMap::new();
    for (place, ids) in wanted {
        let at = place.and_then(|at| usize::try_from(at).ok());
        let Some(of) = at.map_or(Some(run), |at| history.runs().get(at)) else {
            continue;
        };
        for image in of.find::<Image>(&Wanted::texts("image_id", ids))? {
            found.insert((place, image.image_id.to_string()), image);
        }
    }
    let first = |image: &Image| -> Option<Divergence> {
        let (place, id) = (place(image)?, image.duplicate_of?.to_string());
        match found.get(&(place, id.clone())) {
            Some(original) => contradiction(&rules.policy.dedup, &epochs, image, original, place),
            None => Some(Divergence::Value {
                table: Image::TABLE,
                key: format!("{:?}", image.key()),
                column: "duplicate_of".to_owned(),
                published: id,
                derived: "an image of that epoch".to_owned(),
            }),
        }
    };
    let contradicted: Option<Divergence> = repeats.par_iter().find_map_first(first);
    if let Some(divergence) = contradicted {
        let mut once = Report::default();
        once.diverges(Image::TABLE, divergence);
        report.add_first(once);
    }
    report.checked.push(format!(
        "duplicates: {} images against the pictures that they repeat: order, digests, bits, metres, thresholds",
        grouped(repeats.len() as u64 - of_history)
    ));
    if of_history > 0 {
        let what = format!(
            "{} images that repeat one of an epoch that is not at hand",
            grouped(of_history)
        );
        report.unchecked.push(what);
    }
    Ok(())
}
