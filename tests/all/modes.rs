//! R4 a second time: what passes are worth in each mode, by the words of POLICY.md.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cairn_tests::{Frame, Published, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch};
use crate::oracle::{MILLION, check};
use crate::payment::unsigned;

#[test]
fn policy_r4_rewards_of_every_mode_are_what_the_text_says() {
    for mode in ["rank", "shapley"] {
        let scratch = scratch();
        let set = format!("reward.mode={mode}");
        let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &["--set", &set]);
        let run = Published::below(&scratch.join("out"));
        assert_ne!(run.digest(), SMALL.published.digest());
        check(&run);
    }
}

/// Who sent first is asked for in no clause of this mode but D: the same uploads, the last one first.
#[test]
fn policy_r4_in_mode_shapley_arrival_decides_nothing() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    // Without the copier, whose copies are the later ones whichever way they come.
    let list = std::fs::read_to_string(SMALL.source.join("uploads.csv")).unwrap();
    let (header, rows) = list.split_once('\n').unwrap();
    let rows: Vec<Vec<&str>> = rows.lines().map(|line| line.split(',').collect()).collect();
    let rows: Vec<&Vec<&str>> = rows.iter().filter(|row| row[1] != "magpie").collect();
    std::fs::remove_dir_all(scratch.join("source/magpie")).unwrap();
    let mut paid = Vec::new();
    for turned in [false, true] {
        let mut text = format!("{header}\n");
        for (place, row) in rows.iter().enumerate() {
            // All after the last capture, or clauses F4 and I4 would have their say.
            let second = if turned { rows.len() - place } else { place };
            let uploaded_at = format!("2026-05-17T20:{:02}:{:02}Z", second / 60, second % 60);
            let further = row[3..].join(",");
            writeln!(text, "{},{},{uploaded_at},{further}", row[0], row[1]).unwrap();
        }
        scratch.write("source/uploads.csv", text);
        let out = scratch.join(if turned { "turned" } else { "as-sent" });
        let _ = cairn().publish(
            &scratch.join("source"),
            &out,
            &[
                "--epoch",
                "all",
                "--set",
                "reward.mode=shapley",
                "--set",
                "dedup.near-bits=0",
                "--set",
                "dedup.close-bits=0",
                "--set",
                "dedup.crop-tries=0",
            ],
        );
        let run = Published::below(&out);
        check(&run);
        let rewards = run.table("rewards");
        let reward = |row| {
            (
                rewards.text("contributor", row).to_owned(),
                rewards.int("reward", row),
            )
        };
        paid.push((0..rewards.rows()).map(reward).collect::<Vec<_>>());
    }
    assert!(
        paid[0].iter().filter(|(_, reward)| *reward > 0).count() > 3,
        "{paid:?}"
    );
    assert_eq!(paid[0], paid[1]);
}

/// R4: what each kept pass of a cell is worth; nothing for those that are not named.
pub(crate) fn worths(mode: &str, passes: &Frame, rows: &[usize]) -> BTreeMap<usize, u128> {
    if mode == "improvement" {
        return rows
            .iter()
            .map(|row| (*row, unsigned(passes.int("gain_ppm", *row))))
            .collect();
    }
    // What a pass plays with: in mode `shapley` what it adds to what the history left.
    let good = |row: usize| match mode {
        "shapley" => unsigned(passes.int("gain_ppm", row)),
        _ => unsigned(passes.int("quality_ppm", row) * passes.int("integrity_ppm", row) / MILLION),
    };
    let captured = |row: usize| (passes.int("end_at", row), passes.text("pass_id", row));
    let mut worths = BTreeMap::new();
    for slot in [0, 1] {
        let mut own: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| passes.int("slot", *row) == slot)
            .collect();
        own.sort_by_key(|row| captured(*row));
        // The best of each, best first; the sort keeps the order of capture among equals.
        own.sort_by_key(|row| Reverse(good(*row)));
        let mut seen = BTreeSet::new();
        own.retain(|row| seen.insert(passes.text("contributor", *row)));
        for (rank, row) in own.iter().copied().enumerate() {
            let worth = if mode == "rank" {
                let count = |is: fn(&u128, &u128) -> bool| {
                    let others = own.iter().map(|other| good(*other));
                    others.filter(|other| is(other, &good(row))).count()
                };
                let (better, equals) = (count(u128::gt), count(u128::eq));
                let earned: u128 = (better..better + equals)
                    .map(|rank| [4, 2, 1].get(rank).copied().unwrap_or(0))
                    .sum();
                good(row) * earned / (4 * u128::try_from(equals).unwrap())
            } else {
                shapley(passes, &own, &good, rank)
            };
            worths.insert(row, worth);
        }
    }
    worths
}

/// A player's part of each unit of gain: evenly among all who reach it, and which of them gets what is left of a step
/// goes by their ids.
fn shapley(passes: &Frame, own: &[usize], gain: &impl Fn(usize) -> u128, rank: usize) -> u128 {
    let player = own[rank];
    let mut levels: BTreeSet<u128> = own.iter().map(|row| gain(*row)).collect();
    levels.retain(|level| *level <= gain(player));
    let (mut below, mut share) = (0, 0);
    for level in levels {
        let mut reach: Vec<&str> = own
            .iter()
            .filter(|row| gain(**row) >= level)
            .map(|row| passes.text("contributor", *row))
            .collect();
        reach.sort_unstable();
        let place = reach
            .iter()
            .position(|who| *who == passes.text("contributor", player))
            .unwrap();
        let (step, count) = (level - below, u128::try_from(reach.len()).unwrap());
        // The units of the step are dealt out one by one, beginning with the smallest id.
        share += (step + count - 1 - u128::try_from(place).unwrap()) / count;
        below = level;
    }
    share
}
