//! The rewards, worked out a second time from the published files: by the words of POLICY.md, with none of
//! the code that paid them. Only the SHA-256 of the draw is shared.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::cell::{Cell, resolution};
use cairn_tests::{Frame, Published, copy_folder};

use crate::carried::carried;
use crate::fixtures::{DEMO, NETWORK, SMALL, TILED, cairn, scratch};
use crate::forge::Copy;
use crate::modes::worths;
use crate::order::order;
use crate::payment::{check_payment, unsigned};
use crate::sums::check_sums;

#[test]
fn policy_r_rewards_of_the_small_city_are_what_the_text_says() {
    check(&SMALL.published);
    check(&TILED.published);
}

#[test]
fn policy_r_rewards_of_the_demo_are_what_the_text_says() {
    check(&DEMO.published);
}

#[test]
fn policy_r_rewards_of_real_files_are_what_the_text_says() {
    let Some(world) = NETWORK.as_ref() else { return };
    check(&world.published);
}

/// R3: a cell's own multiplier goes before that of its parent, and others are worth what they were.
#[test]
fn policy_r3_demand_multiplies_what_is_earned_there() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    let before = SMALL.published.table("passes");
    let cell = |row: usize| Cell::try_from(u64::try_from(before.int("cell", row)).unwrap()).unwrap();
    let own = cell(0);
    let parent = own.parent(resolution(9).unwrap());
    let list = format!("cell,multiplier_ppm\n{parent},3000000\n{own},500001\n");
    scratch.write("source/demand.csv", list);
    // Both multiply.
    scratch.write(
        "source/regions.csv",
        format!("cell,multiplier_ppm\n{parent},1200000\n"),
    );
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let run = Published::below(&scratch.join("out"));
    check(&run);
    let passes = run.table("passes");
    assert_eq!(passes.column("pass_id"), before.column("pass_id"));
    for row in 0..passes.rows() {
        let wanted = match cell(row) {
            cell if cell == own => 500_001,
            cell if cell.parent(resolution(9).unwrap()) == parent => 3_000_000,
            _ => 1_000_000,
        };
        assert_eq!(passes.int("demand_ppm", row), wanted, "cell {}", cell(row));
        let home = cell(row).parent(resolution(9).unwrap()) == parent;
        assert_eq!(
            passes.int("region_ppm", row),
            if home { 1_200_000 } else { 1_000_000 }
        );
        assert_eq!(passes.int("gain_ppm", row), before.int("gain_ppm", row));
    }
}

/// An oracle that says yes to everything says nothing.
#[test]
fn the_oracle_sees_one_changed_number() {
    let changes = [
        ("passes", "quality_ppm"),
        ("passes", "standing_ppm"),
        ("passes", "gain_ppm"),
        ("passes", "demand_ppm"),
        ("passes", "credit"),
        ("credits", "reward"),
        ("credits", "weight_ppm"),
        ("rewards", "reward"),
        ("rewards", "adjustment"),
        ("rewards", "carried"),
        ("rewards", "claim"),
        ("rewards", "debt"),
        ("standing", "quality_ppm"),
        ("coverage", "score_ppm"),
    ];
    for (table, column) in changes {
        let copy = Copy::new();
        for file in copy.run.files(table) {
            copy.change(&file, column);
        }
        let seen = std::panic::catch_unwind(|| check(&copy.run)).is_err();
        assert!(seen, "{table}.{column}");
    }
}

pub(crate) const MILLION: i128 = 1_000_000;

/// The numbers of the policy that matter here.
struct Rules {
    fade_ms: i128,
    slot_deg: i128,
    stale_days: i128,
    confident: i128,
    no_confidence: i128,
    epoch_end: i128,
    epoch: String,
    mode: String,
}

impl Rules {
    fn of(run: &Published) -> Self {
        let score = &run.manifest["policy"]["resolved"]["score"];
        let number = |name: &str| i128::from(score[name].as_u64().unwrap());
        let as_of = run.manifest["inputs"]["as_of"].as_str().unwrap();
        let as_of: cairn_datasets::units::Timestamp = as_of.parse().unwrap();
        Self {
            fade_ms: number("fade-ms"),
            slot_deg: number("slot-deg"),
            stale_days: number("stale-days"),
            confident: number("confident-contributors"),
            no_confidence: number("no-confidence-ppm"),
            epoch_end: as_of.0.into(),
            epoch: run.manifest["reward_epoch"].as_str().unwrap().to_owned(),
            mode: run.manifest["policy"]["resolved"]["reward"]["mode"]
                .as_str()
                .unwrap()
                .to_owned(),
        }
    }
}

/// A direction slot: heading of its opener, quality, capture and upload of what it holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    pub(crate) heading: Option<i128>,
    pub(crate) quality: i128,
    pub(crate) captured: i128,
    pub(crate) uploaded: Option<i128>,
}

/// The slots of a cell.
pub(crate) type Slots = [Option<Slot>; 2];

/// R2: `quality * (1 - age / fade)` with the part that faded floored, and age the lesser gap.
fn standing(rules: &Rules, slot: Option<&Slot>, captured: i128, uploaded: Option<i128>) -> i128 {
    let Some(slot) = slot else { return 0 };
    let by_capture = captured - slot.captured;
    let gap = match (uploaded, slot.uploaded) {
        (Some(now), Some(then)) => by_capture.min(now - then),
        _ => by_capture,
    };
    let age = gap.clamp(0, rules.fade_ms);
    slot.quality - slot.quality * age / rules.fade_ms
}

fn turn(a: i128, b: i128) -> i128 {
    let apart = (a - b).rem_euclid(360);
    apart.min(360 - apart)
}

/// C1: which slot a pass joins. A slot without standing is open; one whose opener had no heading counts as
/// just within reach.
fn join(rules: &Rules, slots: &Slots, heading: Option<i128>, standings: [i128; 2]) -> usize {
    let filled: Vec<usize> = [0, 1]
        .into_iter()
        .filter(|i| slots[*i].is_some() && standings[*i] > 0)
        .collect();
    let open = [0, 1].into_iter().find(|i| !filled.contains(i));
    let Some(heading) = heading else {
        return filled
            .into_iter()
            .min_by_key(|i| (Reverse(standings[*i]), *i))
            .unwrap_or(0);
    };
    let away = |i: usize| {
        let opener = slots[i].as_ref().and_then(|slot| slot.heading);
        opener.map_or(rules.slot_deg, |opener| turn(opener, heading))
    };
    match filled.into_iter().min_by_key(|i| (away(*i), *i)) {
        Some(nearest) if away(nearest) <= rules.slot_deg => nearest,
        Some(nearest) => open.unwrap_or(nearest),
        None => 0,
    }
}

/// R1 and R2 over the kept passes of a cell, from what the history left; checks slot, standing and gain of each row.
fn walk(rules: &Rules, passes: &Frame, rows: &[usize], mut slots: Slots) -> Slots {
    let left = slots.clone();
    for row in rows {
        let row = *row;
        let (captured, uploaded) = (passes.int("end_at", row), passes.maybe_int("uploaded_at", row));
        let heading = passes.maybe_int("heading_deg", row);
        let effective = passes.int("quality_ppm", row) * passes.int("integrity_ppm", row) / MILLION;
        let standings = [0, 1].map(|i| standing(rules, slots[i].as_ref(), captured, uploaded));
        let index = join(rules, &slots, heading, standings);
        let gain = (effective - standings[index]).max(0);
        let published = ["slot", "standing_ppm", "gain_ppm"].map(|column| passes.int(column, row));
        // R4: in mode `shapley` both are told over what the history alone left.
        let told = match rules.mode.as_str() {
            "shapley" => standing(rules, left[index].as_ref(), captured, uploaded),
            _ => standings[index],
        };
        let worked_out = [i128::try_from(index).unwrap(), told, (effective - told).max(0)];
        assert_eq!(
            published,
            worked_out,
            "slot, standing and gain of pass {}",
            passes.text("pass_id", row)
        );
        if gain > 0 {
            let before = slots[index].take();
            let kept = before
                .as_ref()
                .filter(|_| standings[index] > 0)
                .and_then(|slot| slot.heading);
            slots[index] = Some(Slot {
                heading: kept.or(heading),
                quality: effective,
                captured: before
                    .as_ref()
                    .map_or(captured, |slot| slot.captured.max(captured)),
                uploaded: before.and_then(|slot| slot.uploaded).max(uploaded),
            });
        }
    }
    slots
}

/// Checks an epoch without a history.
pub(crate) fn check(run: &Published) {
    let _ = check_after(run, &[]);
}

/// Checks an epoch and its history, in any order. Says how many slots of the history still stood when a pass met them.
pub(crate) fn check_after(run: &Published, history: &[Published]) -> usize {
    let rules = Rules::of(run);
    let passes = run.table("passes");
    let wanted = ["demand", "region"].map(|input| !run.manifest["inputs"][input].is_null());
    let wanted = wanted.contains(&true);
    let mut cells: BTreeMap<i128, (Slots, Vec<usize>)> = carried(history)
        .into_iter()
        .map(|(cell, slots)| (cell, (slots, Vec::new())))
        .collect();
    for row in 0..passes.rows() {
        if passes.text("verdict", row) == "kept" {
            cells.entry(passes.int("cell", row)).or_default().1.push(row);
        } else {
            let nothing = ["standing_ppm", "gain_ppm", "credit"].map(|column| passes.int(column, row));
            assert_eq!(
                (nothing, passes.maybe_int("slot", row)),
                ([0; 3], None),
                "a pass that is not kept"
            );
        }
    }
    let coverage = run.table("coverage");
    let (mut standings, mut covered, mut met) = (Vec::new(), Vec::new(), 0);
    let mut lines: BTreeMap<(i128, String), u128> = BTreeMap::new();
    for (cell, (start, mut rows)) in cells {
        let captured = |row: &usize| {
            (
                passes.int("end_at", *row),
                passes.text("pass_id", *row).to_owned(),
            )
        };
        if rules.mode == "shapley" {
            rows.sort_by_cached_key(captured);
        } else {
            rows.sort_by_cached_key(|row| (order(&rules.epoch, &passes, *row), captured(row).1));
        }
        met += (0..2).filter(|slot| stood(&passes, &rows, &start, *slot)).count();
        let slots = walk(&rules, &passes, &rows, start);
        let worths = worths(&rules.mode, &passes, &rows);
        for row in rows.iter().copied() {
            let line = lines
                .entry((cell, passes.text("contributor", row).to_owned()))
                .or_default();
            *line += credit(&passes, row, worths.get(&row).copied().unwrap_or(0), wanted);
        }
        if let Some(row) = cover(&rules, &passes, cell, &rows, &slots) {
            covered.push(row);
        }
        let filled = slots.into_iter().enumerate();
        standings
            .extend(filled.filter_map(|(index, slot)| Some((cell, i128::try_from(index).unwrap(), slot?))));
    }
    check_coverage(&coverage, &covered);
    check_standing(&run.table("standing"), &standings);
    check_payment(run, &lines);
    check_sums(run);
    met
}

/// Whether the first pass that joined a slot found something of the history in it.
fn stood(passes: &Frame, rows: &[usize], start: &Slots, slot: usize) -> bool {
    let joins = |row: &&usize| passes.maybe_int("slot", **row) == i128::try_from(slot).ok();
    let first = rows.iter().find(joins);
    start[slot].is_some() && first.is_some_and(|row| passes.int("standing_ppm", *row) > 0)
}

/// R3: one floor. Without a demand every place is worth the same.
fn credit(passes: &Frame, row: usize, worth: u128, wanted: bool) -> u128 {
    let [demand, region, published] =
        ["demand_ppm", "region_ppm", "credit"].map(|column| unsigned(passes.int(column, row)));
    if !wanted {
        assert_eq!((demand, region), (1_000_000, 1_000_000), "no demand was given");
    }
    let credit = worth * demand * region / 1_000_000_000_000;
    assert_eq!(
        published,
        credit,
        "credit of pass {}",
        passes.text("pass_id", row)
    );
    credit
}

fn check_standing(table: &Frame, worked_out: &[(i128, i128, Slot)]) {
    let published: Vec<(i128, i128, Slot)> = (0..table.rows())
        .map(|row| {
            let slot = Slot {
                heading: table.maybe_int("heading_deg", row),
                quality: table.int("quality_ppm", row),
                captured: table.int("captured_at", row),
                uploaded: table.maybe_int("uploaded_at", row),
            };
            (table.int("cell", row), table.int("slot", row), slot)
        })
        .collect();
    assert_eq!(published, worked_out);
}

/// What a row of coverage says, but for images.
const COVERED: [&str; 9] = [
    "cell",
    "directions",
    "quality_ppm",
    "freshness_ppm",
    "confidence_ppm",
    "score_ppm",
    "contributors",
    "passes",
    "newest_captured_at",
];

/// C2 to C5 of a cell that has kept passes, or of which something stands when the epoch ends.
fn cover(
    rules: &Rules,
    passes: &Frame,
    cell: i128,
    rows: &[usize],
    slots: &Slots,
) -> Option<[Option<i128>; 9]> {
    let at_end = |slot: &Option<Slot>| standing(rules, slot.as_ref(), rules.epoch_end, Some(rules.epoch_end));
    let standing: Vec<i128> = slots
        .iter()
        .map(at_end)
        .filter(|standing| *standing > 0)
        .collect();
    if standing.is_empty() && rows.is_empty() {
        return None;
    }
    let filled = i128::try_from(standing.len()).unwrap();
    let quality = standing.iter().sum::<i128>().checked_div(filled).unwrap_or(0);
    // Of all that was ever accepted here: the times of a slot never move back.
    let newest = slots.iter().flatten().map(|slot| slot.captured).max();
    let stale = rules.stale_days * 86_400_000;
    let freshness = newest.map_or(0, |newest| {
        ((stale - (rules.epoch_end - newest)) * MILLION)
            .div_euclid(stale)
            .clamp(0, MILLION)
    });
    let contributors: BTreeSet<&str> = rows.iter().map(|row| passes.text("contributor", *row)).collect();
    let contributors = i128::try_from(contributors.len()).unwrap();
    let confidence = (contributors * MILLION / rules.confident).min(MILLION);
    let trust = rules.no_confidence + (MILLION - rules.no_confidence) * confidence / MILLION;
    let score = quality * freshness / MILLION * trust / MILLION;
    let passes = i128::try_from(rows.len()).unwrap();
    let numbers = [
        cell,
        filled,
        quality,
        freshness,
        confidence,
        score,
        contributors,
        passes,
    ];
    let mut row = [newest; 9];
    row[..8].copy_from_slice(&numbers.map(Some));
    Some(row)
}

fn check_coverage(table: &Frame, worked_out: &[[Option<i128>; 9]]) {
    let published: Vec<[Option<i128>; 9]> = (0..table.rows())
        .map(|row| COVERED.map(|column| table.maybe_int(column, row)))
        .collect();
    assert_eq!(published, worked_out, "{COVERED:?}");
}
