//! An epoch worked out again from what was published of it: scores, credits and rewards, by any policy that differs
//! only in what they are made of.
//!
//! What comes before (which fixes and images count, what repeats what) is taken as it was published: it needs the
//! uploads. So [`replayable`] says of each field of the policy whether a replay can vary it, and within those a replay
//! gives what a run with that policy would have published, to the unit.

mod waiver;

use cairn_datasets::cell::Cell;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::tables::{Coverage, Credit, Image, Pass, Standing, TRACK_AND_IMAGE, Witness};
use cairn_datasets::verdict::{Finding, Reason};

use crate::kernel::StageError;
use crate::policy::{Field, Policy};
use crate::reward::Multipliers;
use crate::reward::credit::{CreditKernel, credits_of};
use crate::score::{CellRows, Rules, score_cell};

pub use self::waiver::{Obstacle, Waiver, agrees, obstacles, waive};

/// What was published of one cell, with what the epoch started from there.
#[derive(Clone, Debug, Default)]
pub struct CellTables {
    /// Its passes.
    pub passes: Vec<Pass>,
    /// Its images.
    pub images: Vec<Image>,
    /// Its direction slots as the history left them.
    pub standing: Vec<Standing>,
    /// Who had what kept in it in the history.
    pub witnesses: Vec<Witness>,
    /// Its demand multiplier, ppm.
    pub demand_ppm: u64,
    /// Its region multiplier, ppm.
    pub region_ppm: u64,
}

/// One cell, worked out again.
#[derive(Clone, Debug)]
pub struct ReplayedCell {
    /// Its passes with verdicts, gains and credits, in order of their ids.
    pub passes: Vec<Pass>,
    /// Its images with their qualities.
    pub images: Vec<Image>,
    /// How well it is covered; `None` when nothing covers it.
    pub coverage: Option<Coverage>,
    /// Its direction slots as the next epoch finds them.
    pub standing: Vec<Standing>,
    /// The sums by contributor, of 0 too; their rewards and weights are 0.
    pub credits: Vec<Credit>,
}

/// Whether a replay can vary a field of the policy: whether nothing but scores, credits and rewards depends on it.
#[must_use]
pub fn replayable(field: &Field) -> bool {
    match field.section {
        "score" | "reward" => true,
        // The others say how evidence is measured, and what is published was measured by the epoch's own.
        "evidence" => ![
            "fast-mm-s",
            "hard-mm-s2",
            "jump-mm-s",
            "two-places-ms",
            "two-places-mm",
        ]
        .contains(&field.name),
        "place" => field.name == "pass-min-fixes",
        _ => false,
    }
}

/// The fields, as `section.name`, in which two policies differ and that no replay can vary.
#[must_use]
pub fn fixed_differences(from: &Policy, to: &Policy) -> Vec<String> {
    let (from, to) = (from.resolved(), to.resolved());
    Policy::fields()
        .iter()
        .filter(|field| !replayable(field))
        .filter(|field| from[field.section][field.name] != to[field.section][field.name])
        .map(|field| format!("{}.{}", field.section, field.name))
        .collect()
}

/// Works one cell out again by a policy.
///
/// # Errors
/// [`StageError::Overflow`] when a credit leaves `u64`.
pub fn replay_cell(
    policy: &Policy,
    epoch: &Epoch,
    cell: Cell,
    tables: CellTables,
) -> Result<ReplayedCell, StageError> {
    let rows = CellRows {
        passes: tables.passes.into_iter().map(unjudged).collect(),
        images: tables.images,
        standing: tables.standing,
        witnesses: tables.witnesses,
    };
    let scored = score_cell(&Rules::of(policy), epoch, cell, rows);
    let mut passes = scored.passes;
    let credit = CreditKernel {
        policy: policy.reward.clone(),
        demand: Multipliers::from_iter([(cell, tables.demand_ppm)]),
        region: Multipliers::from_iter([(cell, tables.region_ppm)]),
        buckets: 1,
    };
    credit.credit_cell(cell, &mut passes)?;
    let credits = credits_of(cell, &passes)?;
    passes.sort_by_key(|pass| pass.pass_id);
    Ok(ReplayedCell {
        passes,
        images: scored.images,
        coverage: scored.coverage,
        standing: scored.standing,
        credits,
    })
}

/// A pass as it came to score, with whether its sequence was confirmed: what score decides is open again.
fn unjudged(mut pass: Pass) -> (Pass, bool) {
    if matches!(pass.reason, Reason::TooLittle | Reason::Dwelling) {
        pass.decide(Finding::KEPT);
    }
    let confirmed = pass.confirmed_by == TRACK_AND_IMAGE;
    (pass, confirmed)
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
