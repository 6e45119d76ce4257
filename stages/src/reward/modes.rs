//! R4: what each pass of a cell is worth before demand and region.
//!
//! A mode sees all passes of a cell, with slots, standings and gains filled in, and says a worth for each. A pass that is
//! not kept is worth nothing in any mode, and a better pass, all else equal, is never worth less to its contributor.
//!
//! | mode | who sends the same drive under several ids | who comes first |
//! |---|---|---|
//! | `improvement` | gets what one would, and at most the fade over the drive more | gets it, up to what it is worth |
//! | `rank` | gets what the first three ranks earn at most, 1.75 times its quality | gets no more than the second |
//! | `shapley` | gets a larger part of the slot, never more than all that it gained | gets no more than the second |
//!
//! Of `n` others as good, one id of a drive earns one part of `n + 1`, in both of these modes, and many ids up to all of it.
//!
//! Counted over every choice of up to three others (half as good, as good, a unit less or more, twice as good) and two to
//! eight ids (`splitting_tests`), the most that ids earned was:
//!
//! | mode | of what one id earns | of the drive's quality | where |
//! |---|---|---|---|
//! | `improvement` | 1 | 1 | anywhere: ids are not asked for |
//! | `rank` | 2.909 | 1.75 | eight ids beside three as good; three ids alone |
//! | `shapley` | 2.909 | 1 | eight ids beside three as good; alone |
//!
//! Proved: `k` ids earn at most `k` times what one does, and a unit each, since another id of the same drive raises no share
//! of those there are. `k` beside `n` as good earn `k (n + 1) / (n + k)` times as much as one, which no number bounds.
//! What others lose: in `shapley` a pass takes from another only where both add to what the history left.

use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Pass;
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_datasets::verdict::Verdict;

use crate::policy::RewardMode;

/// What the best passes of a slot earn of their effective quality, ppm, by rank.
const RANKS: [u128; 3] = [1_000_000, 500_000, 250_000];

/// The worth of each pass of a cell, ppm.
#[must_use]
pub fn worth(mode: RewardMode, passes: &[Pass]) -> Vec<Ppm> {
    let worth_of_slot = match mode {
        RewardMode::Improvement => {
            let gain = |pass: &Pass| if kept(pass) { pass.gain_ppm } else { Ppm::ZERO };
            return passes.iter().map(gain).collect();
        }
        RewardMode::Rank => rank,
        RewardMode::Shapley => shapley,
    };
    let mut worths = vec![Ppm::ZERO; passes.len()];
    let mut slots: BTreeMap<u32, Vec<(usize, &Pass)>> = BTreeMap::new();
    for (place, pass) in passes.iter().enumerate().filter(|(_, pass)| kept(pass)) {
        slots
            .entry(pass.slot.unwrap_or_default())
            .or_default()
            .push((place, pass));
    }
    for passes in slots.values() {
        for (place, worth) in worth_of_slot(passes) {
            if let Some(slot) = worths.get_mut(place) {
                *slot = worth;
            }
        }
    }
    worths
}

fn kept(pass: &Pass) -> bool {
    pass.verdict == Verdict::Kept
}

/// A contributor's best pass of a slot: its place among the passes, and what it is good for.
struct Best {
    place: usize,
    worth: Ppm,
}

/// The best pass of each contributor by some measure, of equals the one captured first.
fn best<'a>(passes: &[(usize, &'a Pass)], worth: fn(&Pass) -> Ppm) -> BTreeMap<&'a str, Best> {
    let mut found: BTreeMap<&str, (Ppm, (Timestamp, Digest), usize)> = BTreeMap::new();
    for (place, pass) in passes {
        let (worth, captured) = (worth(pass), captured(pass));
        let held = found
            .entry(pass.contributor.as_str())
            .or_insert((worth, captured, *place));
        if worth > held.0 || (worth == held.0 && captured < held.1) {
            *held = (worth, captured, *place);
        }
    }
    let best = |(worth, _, place)| Best { place, worth };
    found.into_iter().map(|(who, held)| (who, best(held))).collect()
}

/// The order of capture, which no upload changes.
fn captured(pass: &Pass) -> (Timestamp, Digest) {
    (pass.end_at, pass.pass_id)
}

/// `rank`: the best pass of each contributor earns its effective quality by its rank. Equals share what their ranks earn
/// evenly, so that nothing but quality decides.
fn rank(passes: &[(usize, &Pass)]) -> Vec<(usize, Ppm)> {
    let mut best: Vec<Best> = best(passes, Pass::effective).into_values().collect();
    best.sort_by_key(|best| std::cmp::Reverse(best.worth));
    let mut ranks = RANKS.into_iter();
    let mut worths = Vec::new();
    for equals in best.chunk_by(|a, b| a.worth == b.worth) {
        let parts: u128 = ranks.by_ref().take(equals.len()).sum();
        for best in equals {
            let whole = u128::from(Ppm::ONE.parts()) * equals.len() as u128;
            let worth = u128::from(best.worth.parts()) * parts / whole;
            worths.push((best.place, Ppm::clamped(i64::try_from(worth).unwrap_or(i64::MAX))));
        }
    }
    worths
}

/// `shapley`: the most that a pass adds to what the history left in the slot is shared as the cost of a runway is among
/// airplanes (Littlechild and Owen, "A Simple Expression for the Shapley Value in a Special Case", 1973): each step
/// evenly among all who add at least that much. Units that are left go to the smaller contributor ids, so that the
/// shares of a slot add up to its gain exactly.
fn shapley(passes: &[(usize, &Pass)]) -> Vec<(usize, Ppm)> {
    // In the order of ids.
    let best: Vec<Best> = best(passes, |pass| pass.gain_ppm).into_values().collect();
    let mut levels: Vec<u32> = best.iter().map(|best| best.worth.parts()).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut shares = vec![0_u32; best.len()];
    let mut below = 0;
    for level in levels {
        let players = || best.iter().filter(move |best| best.worth.parts() >= level);
        let count = u32::try_from(players().count()).unwrap_or(u32::MAX).max(1);
        let (each, mut left) = ((level - below) / count, (level - below) % count);
        for (share, best) in shares.iter_mut().zip(&best) {
            if best.worth.parts() >= level {
                *share += each + u32::from(left > 0);
                left = left.saturating_sub(1);
            }
        }
        below = level;
    }
    let places = best.iter().map(|best| best.place);
    places.zip(shares.into_iter().map(Ppm::new)).collect()
}

#[cfg(test)]
#[path = "modes_tests.rs"]
mod tests;
