//! `cairn diff`: what changed between two runs, split into what the inputs, the policy and the build changed.
//!
//! The way from one run to the other goes over what would have been: first the build changes to this one, then the
//! policy, then the inputs, then the build again. Each step is worked out, and the steps add up to the whole change.
//!
//! ```text
//! A as published ─build─► A by this build ─policy─► A by B's policy ─inputs─► B by this build ─build─► B as published
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use cairn_stages::audit::replay::fixed_differences;
use cairn_stages::policy::Policy;
use serde_json::json;
use tokio::runtime::Runtime;

use super::audit::differing;
use super::derive::{Again, derive};
use super::policy::{Change, changes, changes_text};
use crate::cli::{Ending, Usage, say, say_json};
use crate::engine::Bounds;
use crate::flow::kernels;
use crate::progress::Progress;
use crate::published::Run;
use crate::replay::{self, Payment};
use crate::report::grouped;
use crate::store::runtime;

/// What `cairn diff` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run_a: String,
    /// Folder or URL of another, or of the same epoch run otherwise.
    pub run_b: String,
    /// The uploads of the first run: needed where what changed decides before anything is scored.
    #[arg(long, value_name = "URL")]
    pub source_a: Option<String>,
    /// The uploads of the second run.
    #[arg(long, value_name = "URL")]
    pub source_b: Option<String>,
    /// An earlier epoch that one of them started from, where it does not lie beside it. May be given several times.
    #[arg(long, value_name = "RUN")]
    pub previous: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Most contributors that are named.
const TOP: usize = 20;

/// The change of one contributor's reward, in units of the pool. The three parts add up to it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Split {
    /// Who.
    pub contributor: String,
    /// Reward of the one run.
    pub a: u64,
    /// Reward of the other.
    pub b: u64,
    /// `b - a`.
    pub change: i128,
    /// What other inputs changed.
    pub input: i128,
    /// What another policy changed.
    pub policy: i128,
    /// What another build changed.
    pub build: i128,
}

/// Two runs, held against each other.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Difference {
    /// The inputs that differ, in words.
    pub inputs: Vec<String>,
    /// The fields of the policy that differ.
    pub policy: Vec<Change>,
    /// The kernels that differ: those of the one run, and those of the other.
    pub kernels: [Vec<String>; 2],
    /// Each contributor of either, the largest change first.
    pub contributors: Vec<Split>,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let a = super::published(&args.run_a, &runtime)?;
    let b = super::published(&args.run_b, &runtime)?;
    let difference = difference(&a, &b, args, &runtime)?;
    if args.json {
        say_json(&json!(difference))?;
    } else {
        say(&text(&a, &b, &difference))?;
    }
    Ok(Ending::Fine)
}

/// Holds two runs against each other.
///
/// # Errors
/// [`Usage`] when the parts cannot be told apart, or a run that one started from is missing; else what failed.
pub fn difference(a: &Run, b: &Run, args: &Args, runtime: &Arc<Runtime>) -> anyhow::Result<Difference> {
    let policies = [replay::policy(a)?, replay::policy(b)?];
    let mut inputs = differing(
        ("the first has", &a.manifest.inputs),
        ("the second", &b.manifest.inputs),
    )?;
    if a.manifest.pool != b.manifest.pool {
        inputs.push(format!(
            "the first has pool {}, the second {}",
            a.manifest.pool, b.manifest.pool
        ));
    }
    let only = |of: &Run, other: &Run| -> Vec<String> {
        let others: BTreeSet<&String> = other.manifest.build.kernels.iter().collect();
        let own = of.manifest.build.kernels.iter();
        own.filter(|kernel| !others.contains(kernel)).cloned().collect()
    };
    let side = |run, source| Side {
        run,
        source,
        previous: &args.previous,
        runtime,
    };
    let sides = [
        side(a, args.source_a.as_deref()),
        side(b, args.source_b.as_deref()),
    ];
    let steps = steps(sides, &policies, inputs.is_empty())?;
    Ok(Difference {
        inputs,
        policy: changes(&policies[0], &policies[1]),
        kernels: [only(a, b), only(b, a)],
        contributors: split(&steps),
    })
}

/// The rewards along the way from the one run to the other, both ends included.
type Steps = [BTreeMap<String, u64>; 5];

/// A run, and what there is to work it out again.
#[derive(Clone, Copy)]
struct Side<'a> {
    run: &'a Run,
    source: Option<&'a str>,
    previous: &'a [String],
    runtime: &'a Arc<Runtime>,
}

impl Side<'_> {
    /// What this build makes of its uploads by a policy: of its tables where they say enough, else of the uploads;
    /// `None` where those are not given.
    fn again(&self, own: &Policy, policy: &Policy) -> anyhow::Result<Option<BTreeMap<String, u64>>> {
        let ours = kernels();
        let history = || {
            let found = replay::history(self.run, self.previous, self.runtime);
            found.map_err(|e| Usage(format!("{e:#}")))
        };
        if early(&self.run.manifest.build.kernels) == early(&ours)
            && fixed_differences(own, policy).is_empty()
        {
            let left: Vec<_> = history()?.iter().map(replay::left).collect::<Result<_, _>>()?;
            let left: Vec<_> = left.iter().collect();
            return Ok(Some(replay::replay(self.run, policy, &left)?.0.rewards));
        }
        let Some(source) = self.source else {
            return Ok(None);
        };
        let previous: Vec<String> = history()?
            .iter()
            .map(|run| run.store.location().to_owned())
            .collect();
        let again = Again {
            source,
            previous: &previous,
            // They are outside of the pool, and change no reward.
            adjustments: &[],
            threads: 0,
            bounds: Bounds::default(),
        };
        let derived = derive(
            self.run,
            policy.clone(),
            again,
            None,
            self.runtime,
            Progress::new(),
        )?;
        let (theirs, inputs) = (&derived.run.manifest.inputs, &self.run.manifest.inputs);
        if theirs.root != inputs.root {
            let what = format!(
                "{source} does not hold the uploads of {}",
                self.run.store.location()
            );
            return Err(Usage(what).into());
        }
        Ok(Some(Payment::published(&derived.run)?.rewards))
    }

    /// What this build makes of its uploads by its own policy.
    fn by_this_build(&self, own: &Policy) -> anyhow::Result<Option<BTreeMap<String, u64>>> {
        if self.run.manifest.build.kernels == kernels() {
            return Ok(Some(Payment::published(self.run)?.rewards));
        }
        self.again(own, own)
    }
}

fn steps(sides: [Side<'_>; 2], policies: &[Policy; 2], same_inputs: bool) -> anyhow::Result<Steps> {
    let [a, b] = sides;
    let [of_a, of_b] = policies;
    let (start, end) = (
        Payment::published(a.run)?.rewards,
        Payment::published(b.run)?.rewards,
    );
    let same_build = a.run.manifest.build.kernels == b.run.manifest.build.kernels;
    let same_policy = of_a == of_b;
    // Where only one of the three differs, the whole change is its.
    match (same_build, same_policy, same_inputs) {
        (true, true, _) => return Ok([start.clone(), start.clone(), start, end.clone(), end]),
        (true, false, true) => return Ok([start.clone(), start, end.clone(), end.clone(), end]),
        (false, true, true) => return Ok([start, end.clone(), end.clone(), end.clone(), end]),
        _ => {}
    }
    // Of the same inputs the one run's tables may say what the other's do not.
    let twin = |side: &Side<'_>, own: &Policy, policy: &Policy| {
        if same_inputs {
            side.again(own, policy)
        } else {
            Ok(None)
        }
    };
    let first = if same_build {
        Some(start.clone())
    } else {
        a.by_this_build(of_a)?
    };
    let first = first.map_or_else(|| twin(&b, of_b, of_a), |found| Ok(Some(found)))?;
    let third = if same_build {
        Some(end.clone())
    } else {
        b.by_this_build(of_b)?
    };
    let third = third.map_or_else(|| twin(&a, of_a, of_b), |found| Ok(Some(found)))?;
    let (Some(first), Some(third)) = (first, third) else {
        return Err(unknown(
            "they were made by different builds, of which one reads, places or compares uploads otherwise than this one",
            "--source-a and --source-b",
        ));
    };
    let second = if same_policy {
        first.clone()
    } else if same_inputs {
        third.clone()
    } else if let Some(found) = a.again(of_a, of_b)? {
        found
    } else {
        let fixed = fixed_differences(of_a, of_b).join(", ");
        let what = format!("their policies differ in what decides before anything is scored ({fixed})");
        return Err(unknown(&what, "--source-a"));
    };
    Ok([start, first, second, third, end])
}

/// The kernels that decide what a replay takes as given.
fn early(kernels: &[String]) -> BTreeSet<&String> {
    let late = ["score/", "credit/", "split/", "rewards/"];
    let kernels = kernels.iter();
    kernels
        .filter(|kernel| !late.iter().any(|name| kernel.starts_with(name)))
        .collect()
}

/// The parts cannot be told apart from what is published.
fn unknown(what: &str, give: &str) -> anyhow::Error {
    Usage(format!(
        "the runs differ in more than one of inputs, policy and build, and {what}: what each of them changed does not \
         follow from what is published; name the uploads with {give}"
    ))
    .into()
}

/// Each contributor's change, by its parts.
fn split(steps: &Steps) -> Vec<Split> {
    let everyone: BTreeSet<&String> = steps.iter().flat_map(BTreeMap::keys).collect();
    let mut splits: Vec<Split> = everyone
        .into_iter()
        .map(|who| {
            let [a, first, second, third, b] = steps
                .each_ref()
                .map(|step| step.get(who).copied().unwrap_or_default());
            let change = |from: u64, to: u64| i128::from(to) - i128::from(from);
            Split {
                contributor: who.clone(),
                a,
                b,
                change: change(a, b),
                input: change(second, third),
                policy: change(first, second),
                build: change(a, first) + change(third, b),
            }
        })
        .collect();
    splits.sort_by_key(|split| (std::cmp::Reverse(split.change.abs()), split.contributor.clone()));
    splits
}

// Writing to a string cannot fail.
fn text(a: &Run, b: &Run, difference: &Difference) -> String {
    let names = [a, b].map(|run| {
        format!(
            "{} ({})",
            run.store.location(),
            run.manifest.results_digest.short()
        )
    });
    let mut text = format!("From {}\nto   {}\n\n", names[0], names[1]);
    let Difference {
        inputs,
        policy,
        kernels,
        contributors,
    } = difference;
    if inputs.is_empty() {
        text.push_str("Inputs are the same.\n");
    } else {
        text.push_str("Inputs:\n");
        for what in inputs {
            let _ = writeln!(text, "  {what}");
        }
    }
    text.push_str(&changes_text(policy));
    let [ours, theirs] = kernels;
    if ours.is_empty() && theirs.is_empty() {
        text.push_str("Builds are the same.\n");
    } else {
        let _ = writeln!(text, "Builds: {} -> {}", ours.join(" "), theirs.join(" "));
    }
    let changed: Vec<&Split> = contributors.iter().filter(|split| split.change != 0).collect();
    let _ = writeln!(
        text,
        "\n{} of {} contributors get another reward.",
        grouped(changed.len() as u64),
        grouped(contributors.len() as u64)
    );
    if changed.is_empty() {
        return text;
    }
    let _ = writeln!(
        text,
        "{:>12} {:>12} {:>12} = {:>10} {:>10} {:>10}",
        "first", "second", "change", "inputs", "policy", "build"
    );
    for split in changed.iter().take(TOP) {
        let _ = writeln!(
            text,
            "{:>12} {:>12} {:>12} = {:>10} {:>10} {:>10}  {}",
            grouped(split.a),
            grouped(split.b),
            format!("{:+}", split.change),
            format!("{:+}", split.input),
            format!("{:+}", split.policy),
            format!("{:+}", split.build),
            split.contributor
        );
    }
    if changed.len() > TOP {
        let _ = writeln!(text, "and {} more; --json has them all.", changed.len() - TOP);
    }
    text
}
