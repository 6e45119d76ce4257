//! A growing city through its weeks, each with all earlier ones as its history: what every epoch paid is worked out
//! again from the tables that it and they published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use cairn_tests::{Published, Scratch};

use crate::carried::copies;
use crate::fixtures::{cairn, scratch};
use crate::forge::Copy;
use crate::oracle::check_after;
use crate::weeks::{grow, name};

/// Runs an epoch after others with a setting of the policy, and looks it up.
fn run(source: &Path, out: &Path, epoch: &str, set: &str, history: &[Published]) -> Published {
    let previous: Vec<String> = history.iter().map(Published::arg).collect();
    let mut further = vec!["--epoch", epoch, "--set", set];
    further.extend(previous.iter().flat_map(|run| ["--previous", run.as_str()]));
    let _ = cairn().publish(source, out, &further);
    Published::below(out)
}

/// What happened in a chain, to see that there was something to check.
#[derive(Debug, Default)]
struct Told {
    epochs: usize,
    objects: u64,
    passes: usize,
    cells: BTreeSet<i128>,
    contributors: BTreeSet<String>,
    /// Epochs that paid somebody.
    paid: usize,
    /// Slots of the history that still stood when a pass came, and epochs with such.
    met: usize,
    carrying: usize,
    /// Copies of records of the history by clause.
    copies: BTreeMap<String, usize>,
}

impl Told {
    fn add(&mut self, run: &Published, history: &[Published], met: usize) {
        self.epochs += 1;
        self.objects += run.manifest["inputs"]["objects"].as_u64().unwrap();
        self.passes += run.table("passes").rows();
        let coverage = run.table("coverage");
        for row in 0..coverage.rows() {
            let _ = self.cells.insert(coverage.int("cell", row));
        }
        let rewards = run.table("rewards");
        let names = (0..rewards.rows()).map(|row| rewards.text("contributor", row).to_owned());
        self.contributors.extend(names);
        self.paid += usize::from(run.number("unallocated") == 0);
        self.met += met;
        self.carrying += usize::from(met > 0);
        for (table, key) in [("images", "image_id"), ("objects", "path")] {
            for (clause, count) in copies(run, history, table, key) {
                *self.copies.entry(clause).or_default() += count;
            }
        }
    }
}

/// The first weeks of the city, each checked by the oracle.
fn chain(scratch: &Scratch, weeks: usize, mode: &str) -> (Vec<Published>, Told) {
    let source = scratch.join("source");
    if !source.exists() {
        grow(&source, weeks);
    }
    let mut history: Vec<Published> = Vec::new();
    let mut told = Told::default();
    for week in 0..weeks {
        let (epoch, set) = (name(week), format!("reward.mode={mode}"));
        let next = run(
            &source,
            &scratch.join(&format!("{mode}-{epoch}")),
            &epoch,
            &set,
            &history,
        );
        let met = check_after(&next, &history);
        told.add(&next, &history, met);
        history.push(next);
    }
    (history, told)
}

#[test]
fn policy_r2_six_weeks_are_paid_by_the_text_and_a_changed_past_is_seen() {
    let scratch = scratch();
    let (runs, told) = chain(&scratch, 6, "improvement");
    assert_eq!((told.epochs, told.paid), (6, 6), "{told:?}");
    assert!(told.carrying >= 4, "{told:?}");
    for clause in ["O6", "D1", "D2", "D4", "D5"] {
        assert!(told.copies.contains_key(clause), "{told:?}");
    }

    // What an epoch started from is part of what it paid.
    let (last, history) = runs.split_last().unwrap();
    let (latest, earlier) = history.split_last().unwrap();
    for column in ["quality_ppm", "captured_at", "heading_deg"] {
        let copy = Copy::of(latest);
        for file in copy.run.files("standing") {
            copy.change_all(&file, column);
        }
        let changed: Vec<Published> = earlier.iter().chain([&copy.run]).cloned().collect();
        let seen = std::panic::catch_unwind(|| check_after(last, &changed)).is_err();
        assert!(seen, "standing.{column} of the epoch before");
    }
    let forgotten = std::panic::catch_unwind(|| check_after(last, earlier)).is_err();
    assert!(forgotten, "an epoch of the history left out");
}

#[test]
fn policy_r4_a_history_in_every_mode_is_paid_by_the_text() {
    let scratch = scratch();
    for mode in ["rank", "shapley"] {
        let (_, told) = chain(&scratch, 4, mode);
        assert!(told.paid == 4 && told.carrying > 0, "{mode}: {told:?}");
    }
}

/// Two histories that know nothing of each other, the later one of fewer places: each cell starts from the later one
/// that has any of it. What stands fades over four weeks here, and covers cells that nobody passes.
#[test]
fn policy_r2_a_cell_starts_from_the_latest_epoch_that_has_any_of_it() {
    let scratch = scratch();
    let source = scratch.join("source");
    grow(&source, 3);
    let fade = "score.fade-ms=2419200000";
    let run = |out: &str, epoch: &str, history: &[Published]| {
        run(&source, &scratch.join(out), epoch, fade, history)
    };
    // In the second week only until the night in which the first of its drives was sent.
    let history = [
        run("two", "2026-01-05/2026-01-08", &[]),
        run("one", &name(0), &[]),
    ];
    let next = run("next", "2026-01-11/2026-01-12", &history);
    assert!(check_after(&next, &history) > 0);
    let coverage = next.table("coverage");
    let resting = (0..coverage.rows()).filter(|row| coverage.int("passes", *row) == 0);
    assert!(resting.count() > 0);
    for left in [0, 1] {
        let one = std::slice::from_ref(&history[left]);
        let seen = std::panic::catch_unwind(|| check_after(&next, one)).is_err();
        assert!(seen, "without {}", history[1 - left].folder.display());
    }
}

/// A year. `just epochs` runs it; `CAIRN_EPOCHS` says how many weeks (52), `CAIRN_EPOCHS_MODE` in which mode.
#[test]
#[ignore = "takes minutes: just epochs"]
fn policy_r_fifty_two_weeks_are_paid_by_the_text() {
    let set = |name: &str| std::env::var(name).ok();
    let weeks = set("CAIRN_EPOCHS").map_or(52, |weeks| weeks.parse().unwrap());
    let mode = set("CAIRN_EPOCHS_MODE").unwrap_or_else(|| "improvement".into());
    let scratch = scratch();
    let started = Instant::now();
    let (_, told) = chain(&scratch, weeks, &mode);
    let Told {
        objects,
        passes,
        met,
        carrying,
        paid,
        copies,
        ..
    } = &told;
    let line = format!(
        "{weeks} epochs in mode {mode} agree: {objects} objects of {} contributors, {passes} passes, {} cells; {paid} \
         epochs paid somebody; in {carrying} of them passes met {met} slots of the history that still stood; copies of \
         the history: {copies:?}; {} s",
        told.contributors.len(),
        told.cells.len(),
        started.elapsed().as_secs()
    );
    // Past the test runner's capture.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
    assert_eq!(told.epochs, weeks);
    assert!(*carrying + 3 >= weeks, "{line}");
}
