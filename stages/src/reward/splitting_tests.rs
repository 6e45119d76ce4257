//! What several ids of one drive win in each mode: measured over every case of a grid, so that the table of
//! [`super::modes`] says no number that nobody counted.

use cairn_datasets::tables::Pass;
use cairn_datasets::units::{Ppm, Timestamp};

use super::modes::worth;
use super::samples::{cells, pass};
use crate::policy::RewardMode;

/// How good the drive is, ppm. All that it is divided by below leaves no rest, but for the odd unit.
const DRIVE: u32 = 480_000;
/// What others have in the slot: worse, as good but for a unit, as good, better.
const LEVELS: [u32; 5] = [DRIVE / 2, DRIVE - 1, DRIVE, DRIVE + 1, 2 * DRIVE];

/// A pass in the slot of all of them, captured as the number says; the slot was empty before the first.
fn seen(who: &str, number: u32, effective: u32, best_before: u32) -> Pass {
    let mut row = pass(who, cells()[0], number, effective.saturating_sub(best_before));
    row.quality_ppm = Ppm::new(effective);
    row.standing_ppm = Ppm::new(best_before);
    row.end_at = Timestamp(i64::from(number));
    row
}

/// What the ids earn together, after the others or before them.
fn earned(mode: RewardMode, others: &[u32], ids: &[u32], first: bool) -> u64 {
    let named = |prefix: &'static str, all: &[u32]| -> Vec<(String, u32)> {
        let all = all.iter().enumerate();
        all.map(|(n, quality)| (format!("{prefix}-{n}"), *quality))
            .collect()
    };
    let (theirs, own) = (named("other", others), named("id", ids));
    let order = if first { [own, theirs] } else { [theirs, own] };
    let mut best = 0;
    let mut passes = Vec::new();
    for (number, (who, quality)) in (0..).zip(order.concat()) {
        passes.push(seen(&who, number, quality, best));
        // In mode `shapley` a gain is counted over what the history left: here nothing.
        if mode != RewardMode::Shapley {
            best = best.max(quality);
        }
    }
    let worths = worth(mode, &passes).into_iter().zip(&passes);
    worths
        .filter(|(_, pass)| pass.contributor.starts_with("id"))
        .map(|(worth, _)| u64::from(worth.parts()))
        .sum()
}

/// Every choice of at most three of the levels, in order.
fn crowds() -> Vec<Vec<u32>> {
    let mut all: Vec<Vec<u32>> = vec![Vec::new()];
    for _ in 0..3 {
        let longer = all.iter().flat_map(|crowd| {
            let last = crowd.last().copied().unwrap_or(0);
            LEVELS
                .into_iter()
                .filter(move |level| *level >= last)
                .map(|level| [&crowd[..], &[level]].concat())
        });
        let longer: Vec<Vec<u32>> = longer.collect();
        all.extend(longer);
    }
    all.sort();
    all.dedup();
    all
}

/// Up to eight ids of the drive: all as good, or all but the first worse by a unit or half as good.
fn splits() -> Vec<Vec<u32>> {
    let further = [DRIVE, DRIVE - 1, DRIVE / 2];
    let split = |(ids, rest): (usize, u32)| {
        let mut split = vec![rest; ids];
        split[0] = DRIVE;
        split
    };
    let all = (2..=8).flat_map(|ids| further.map(|rest| (ids, rest)));
    all.map(split).collect()
}

/// The most that ids won in the grid, in ppm of what one of them earns, and in ppm of the drive's quality.
fn worst(mode: RewardMode) -> (u64, u64) {
    let (mut of_one, mut of_drive) = (0, 0);
    for others in crowds() {
        for first in [false, true] {
            let one = earned(mode, &others, &[DRIVE], first);
            for ids in splits() {
                let all = earned(mode, &others, &ids, first);
                // Who earns nothing wins nothing by more ids, beyond units.
                assert!(
                    one > 0 || all <= ids.len() as u64,
                    "{mode:?}: {all} from nothing, {ids:?} after {others:?}"
                );
                of_one = of_one.max((all * 1_000_000).checked_div(one).unwrap_or(0));
                of_drive = of_drive.max(all * 1_000_000 / u64::from(DRIVE));
                // Proved: another id never raises what the others of its kind get, and no more of them is worth
                // more than as many alone.
                let most = one * ids.len() as u64 + ids.len() as u64;
                assert!(
                    all <= most,
                    "{mode:?}: {all} of {ids:?} after {others:?}, one gets {one}"
                );
            }
        }
    }
    (of_one, of_drive)
}

#[test]
fn the_grid_is_whole() {
    // Of five levels: none, 5, 15 pairs and 35 triples.
    assert_eq!(crowds().len(), 1 + 5 + 15 + 35);
    assert_eq!(splits().len(), 21);
}

#[test]
fn policy_r2_ids_win_nothing_by_improvement() {
    assert_eq!(worst(RewardMode::Improvement), (1_000_000, 1_000_000));
}

#[test]
fn policy_r4_what_ids_win_by_rank_is_measured() {
    // Eight ids beside three as good: 8/11 of what the ranks earn instead of a quarter.
    assert_eq!(worst(RewardMode::Rank), (2_909_066, 1_750_000));
}

#[test]
fn policy_r4_what_ids_win_by_shapley_is_measured() {
    // The same parts, of what the slot gained.
    assert_eq!(worst(RewardMode::Shapley), (2_909_100, 1_000_000));
}
