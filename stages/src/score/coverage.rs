//! C2-C5: how well a cell is covered when the epoch ends.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Coverage;
use cairn_datasets::units::{Ppm, Timestamp};

use super::image_quality::signed;
use super::slots::{Moment, Slots};
use crate::policy::ScorePolicy;

/// What a cell got in this epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Contributors with a kept pass.
    pub contributors: u32,
    /// Kept passes.
    pub passes: u32,
    /// Kept images.
    pub images: u32,
    /// The kept image of the best quality.
    pub best_image: Option<Digest>,
}

/// The coverage of a cell at the epoch's end; `None` when it has neither a kept pass nor a slot
/// with a standing.
#[must_use]
pub fn coverage(
    policy: &ScorePolicy,
    end: Timestamp,
    cell: Cell,
    slots: &Slots,
    tally: Tally,
) -> Option<Coverage> {
    let standings = slots.standings(Moment::end_of_epoch(end));
    let filled: Vec<Ppm> = standings.into_iter().filter(|s| *s > Ppm::ZERO).collect();
    if filled.is_empty() && tally.passes == 0 {
        return None;
    }
    let newest_captured_at = slots.newest_captured_at();
    let quality_ppm = mean(&filled);
    let freshness_ppm = newest_captured_at.map_or(Ppm::ZERO, |newest| freshness(policy, end.since(newest)));
    let confidence_ppm = Ppm::ramp(
        i64::from(tally.contributors),
        0,
        signed(policy.confident_contributors),
    );
    Some(Coverage {
        cell,
        score_ppm: quality_ppm
            .times(freshness_ppm)
            .times(trusted(policy, confidence_ppm)),
        quality_ppm,
        freshness_ppm,
        confidence_ppm,
        directions: u32::try_from(filled.len()).unwrap_or(u32::MAX),
        contributors: tally.contributors,
        passes: tally.passes,
        images: tally.images,
        newest_captured_at,
        best_image: tally.best_image,
    })
}

/// C2: the mean, floored; 0 of nothing.
fn mean(filled: &[Ppm]) -> Ppm {
    let sum: u64 = filled.iter().map(|s| u64::from(s.parts())).sum();
    let mean = sum.checked_div(filled.len() as u64).unwrap_or_default();
    Ppm::clamped(signed(mean))
}

/// C3: full at age 0, nothing at `score.stale-days`. Counted in ms, so that it falls through the
/// day and not at midnight.
fn freshness(policy: &ScorePolicy, age_ms: i64) -> Ppm {
    let stale_ms = signed(policy.stale_days).saturating_mul(Timestamp::DAY);
    Ppm::ramp(age_ms, stale_ms, 0)
}

/// C5: the part of the score that confidence decides about: `500,000 + confidence / 2`, and
/// `n + times(1e6 - n, confidence)` for any other `score.no-confidence-ppm` n.
fn trusted(policy: &ScorePolicy, confidence: Ppm) -> Ppm {
    super::part_and_rest(policy.no_confidence_ppm, confidence)
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
