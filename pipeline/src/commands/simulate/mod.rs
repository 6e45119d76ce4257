//! `cairn simulate`: what another policy would have paid, from published tables alone.

mod text;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_stages::audit::replay::fixed_differences;
use cairn_stages::policy::Policy;
use serde_json::json;
use tokio::runtime::Runtime;

use super::policy::{Change, changes};
use crate::cli::{Ending, Usage, say, say_json};
use crate::policy_file;
use crate::published::Run;
use crate::replay::{self, Left, Payment};
use crate::report::shares::{Shares, shares};
use crate::store::runtime;

/// What `cairn simulate` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folders or URLs of published epochs. Of several, each starts from what the others would have left.
    #[arg(required = true)]
    pub runs: Vec<String>,
    /// Policy file; what it does not name keeps its default. Without it the policy of each run is taken, and --set
    /// changes it.
    #[arg(long)]
    pub policy: Option<String>,
    /// Puts a value over the policy: SECTION.FIELD=VALUE. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// An earlier epoch that a run started from, where it does not lie beside it. May be given several times.
    #[arg(long, value_name = "RUN")]
    pub previous: Vec<String>,
    /// Print JSON: every contributor and every cell.
    #[arg(long)]
    pub json: bool,
}

/// A contributor, paid by two policies.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Paid {
    /// Who.
    pub contributor: String,
    /// Reward as published, in units of the pool.
    pub before: u64,
    /// Reward by the other policy.
    pub after: u64,
    /// The difference.
    pub change: i128,
}

/// One epoch, or several together, by two policies.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Comparison {
    /// The epoch, or `all` of them together.
    pub epoch: String,
    /// Each contributor, those who win most first, those who lose most last.
    pub contributors: Vec<Paid>,
    /// Who gets more.
    pub winners: usize,
    /// Who gets less.
    pub losers: usize,
    /// How the rewards are spread, as published and by the other policy.
    pub spread: [Shares; 2],
    /// Units that nobody earned, as published and by the other policy.
    pub unallocated: [u128; 2],
    /// Cells with an accepted pass in this epoch or an earlier one, as published and by the other policy.
    pub mapped: [usize; 2],
    /// Cells that are mapped by the other policy alone.
    pub gained: Vec<String>,
    /// Cells that are mapped by the published policy alone.
    pub lost: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let mut runs = Vec::new();
    for location in &args.runs {
        runs.push(super::published(location, &runtime)?);
    }
    let simulated = simulate(runs, args, &runtime)?;
    if args.json {
        let Simulated {
            epochs,
            together,
            changes,
        } = &simulated;
        say_json(&json!({ "policy": changes, "epochs": epochs, "together": together }))?;
    } else {
        say(&text::text(&simulated))?;
    }
    Ok(Ending::Fine)
}

/// What came out.
pub struct Simulated {
    /// Each epoch, oldest first.
    pub epochs: Vec<Comparison>,
    /// All of them; nothing of one alone.
    pub together: Option<Comparison>,
    /// What is different in the policy, by epoch.
    pub changes: BTreeMap<String, Vec<Change>>,
}

/// Simulates some epochs in the order of their ends.
///
/// # Errors
/// [`Usage`] when the policies differ in what no replay can vary, or when a run that one started from is missing.
pub fn simulate(mut runs: Vec<Run>, args: &Args, runtime: &Arc<Runtime>) -> anyhow::Result<Simulated> {
    runs.sort_by_key(|run| (run.manifest.inputs.as_of, run.manifest.results_digest));
    runs.dedup_by_key(|run| run.manifest.results_digest);
    let mut left = Lefts::default();
    let mut results = Simulated {
        epochs: Vec::new(),
        together: None,
        changes: BTreeMap::new(),
    };
    let mut sums: [BTreeMap<String, u128>; 2] = Default::default();
    let mut together = [Payment::default(), Payment::default()];
    let mut unallocated = [0_u128; 2];
    for run in &runs {
        let own = replay::policy(run)?;
        let policy = asked(args, &own)?;
        refuse_fixed(run, &own, &policy)?;
        let name = &run.manifest.reward_epoch;
        let history = replay::history(run, &args.previous, runtime).map_err(|e| Usage(format!("{e:#}")))?;
        left.read(&history)?;
        let before = if replay::scored_alike(run) {
            Payment::published(run)?
        } else {
            tracing::warn!(
                "{name} was scored by another version of cairn; what it paid is worked out again by this one"
            );
            replay::replay(run, &own, &left.published(&history))?.0
        };
        let (after, leaves) = replay::replay(run, &policy, &left.simulated(&history))?;
        left.simulated.insert(run.manifest.results_digest, leaves);
        for (place, payment) in [&before, &after].into_iter().enumerate() {
            for (who, reward) in &payment.rewards {
                *sums[place].entry(who.clone()).or_default() += u128::from(*reward);
            }
            together[place].mapped.extend(&payment.mapped);
            unallocated[place] += u128::from(payment.unallocated);
        }
        let rewards = [&before, &after].map(|payment| {
            let rewards = payment.rewards.iter();
            rewards
                .map(|(who, reward)| (who.clone(), u128::from(*reward)))
                .collect()
        });
        results.epochs.push(compare(
            name,
            &rewards,
            [&before.mapped, &after.mapped],
            [before.unallocated, after.unallocated].map(u128::from),
        )?);
        results.changes.insert(name.clone(), changes(&own, &policy));
    }
    if runs.len() > 1 {
        let [a, b] = &together;
        results.together = Some(compare("all", &sums, [&a.mapped, &b.mapped], unallocated)?);
    }
    Ok(results)
}

/// What epochs left to others, as published and as simulated.
#[derive(Default)]
struct Lefts {
    published: BTreeMap<Digest, Left>,
    simulated: BTreeMap<Digest, Left>,
}

impl Lefts {
    fn read(&mut self, history: &[Run]) -> anyhow::Result<()> {
        for run in history {
            if let Entry::Vacant(open) = self.published.entry(run.manifest.results_digest) {
                open.insert(replay::left(run)?);
            }
        }
        Ok(())
    }

    fn published(&self, history: &[Run]) -> Vec<&Left> {
        let digests = history.iter().map(|run| run.manifest.results_digest);
        digests.filter_map(|digest| self.published.get(&digest)).collect()
    }

    /// Of an epoch that was simulated, what it would have left.
    fn simulated(&self, history: &[Run]) -> Vec<&Left> {
        let digests = history.iter().map(|run| run.manifest.results_digest);
        let left = |digest| {
            self.simulated
                .get(&digest)
                .or_else(|| self.published.get(&digest))
        };
        digests.filter_map(left).collect()
    }
}

/// The policy that is asked about.
fn asked(args: &Args, own: &Policy) -> Result<Policy, Usage> {
    let asked = match &args.policy {
        Some(file) => policy_file::load(Some(file), &args.set),
        None => policy_file::changed(own.clone(), &args.set),
    };
    let asked = asked.map_err(|e| Usage(e.to_string()))?;
    if args.policy.is_none() && args.set.is_empty() {
        return Err(Usage(
            "give --policy FILE or --set KEY=VALUE: what shall be otherwise".to_owned(),
        ));
    }
    Ok(asked)
}

fn refuse_fixed(run: &Run, own: &Policy, asked: &Policy) -> Result<(), Usage> {
    let fixed = fixed_differences(own, asked);
    if fixed.is_empty() {
        return Ok(());
    }
    Err(Usage(format!(
        "{} was run with another {}, which decides before anything is scored, from uploads that are not published; \
         run the epoch again with that policy and hold both against each other with `cairn diff`, or leave {} out",
        run.manifest.reward_epoch,
        fixed.join(", "),
        if fixed.len() == 1 { "it" } else { "them" },
    )))
}

fn compare(
    epoch: &str,
    rewards: &[BTreeMap<String, u128>; 2],
    mapped: [&BTreeSet<Cell>; 2],
    unallocated: [u128; 2],
) -> anyhow::Result<Comparison> {
    let [before, after] = rewards;
    let everyone: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |rewards: &BTreeMap<String, u128>, who: &String| rewards.get(who).copied().unwrap_or_default();
    let mut contributors = Vec::with_capacity(everyone.len());
    for who in &everyone {
        let (before, after) = (of(before, who), of(after, who));
        contributors.push(Paid {
            contributor: (*who).clone(),
            before: u64::try_from(before)?,
            after: u64::try_from(after)?,
            change: i128::try_from(after)? - i128::try_from(before)?,
        });
    }
    contributors.sort_by(|a, b| {
        b.change
            .cmp(&a.change)
            .then_with(|| a.contributor.cmp(&b.contributor))
    });
    let spread = rewards.each_ref().map(|rewards| {
        let values = everyone.iter().map(|who| of(rewards, who));
        shares(values.collect())
    });
    let [was, is] = mapped;
    let names = |cells: Vec<&Cell>| cells.into_iter().map(ToString::to_string).collect();
    Ok(Comparison {
        epoch: epoch.to_owned(),
        winners: contributors.iter().filter(|paid| paid.change > 0).count(),
        losers: contributors.iter().filter(|paid| paid.change < 0).count(),
        contributors,
        spread,
        unallocated,
        mapped: [was.len(), is.len()],
        gained: names(is.difference(was).collect()),
        lost: names(was.difference(is).collect()),
    })
}
