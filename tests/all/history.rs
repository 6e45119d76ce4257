//! `--previous`: what earlier epochs hold is earlier than every upload, and the map starts from what they left.

use std::path::Path;

use cairn_tests::Published;
use serde_json::Value;

use crate::fixtures::{SMALL, cairn, scratch};

/// The days of the small city before and after its middle.
const DAYS: [&str; 2] = ["2026-05-11/2026-05-14", "2026-05-14/2026-05-18"];

fn digest(manifest: &Value) -> &str {
    manifest["results_digest"].as_str().unwrap()
}

fn small_run() -> String {
    SMALL.published.arg()
}

#[test]
fn uploads_that_the_history_holds_are_duplicates_of_it_and_earn_nothing() {
    let scratch = scratch();
    let again = cairn().publish(&SMALL.source, &scratch.join("out"), &["--previous", &small_run()]);
    let before = &SMALL.published.manifest;
    assert_eq!(again["inputs"]["previous"], Value::from(vec![digest(before)]));
    assert_eq!(again["unallocated"], again["pool"]);

    let run = Published::below(&scratch.join("out"));
    let (first, second) = (SMALL.published.table("images"), run.table("images"));
    let mut compared = 0;
    for row in 0..first.rows() {
        let id = first.text("image_id", row);
        let now = second.find("image_id", id);
        if first.text("verdict", row) == "rejected" {
            assert_eq!(second.text("reason", now), first.text("reason", row));
            continue;
        }
        compared += 1;
        assert_eq!(second.text("reason", now), "D1-same-bytes");
        assert_eq!(
            second.text("duplicate_epoch", now),
            before["reward_epoch"].as_str().unwrap()
        );
        assert_eq!(second.text("duplicate_first_by", now), "history");
    }
    assert!(compared > 30, "{compared} images");
    let objects = run.table("objects");
    let traces = (0..objects.rows()).filter(|row| objects.text("kind", *row) == "trace");
    let repeated = traces
        .filter(|row| objects.text("reason", *row) == "O6-same-bytes")
        .count();
    assert!(repeated >= 5, "{repeated} traces");

    // The map is still there: what stood goes on standing.
    let (before, after) = (SMALL.published.table("standing"), run.table("standing"));
    assert_eq!(before.rows(), after.rows());
    for row in 0..before.rows() {
        assert_eq!(before.int("quality_ppm", row), after.int("quality_ppm", row));
    }
}

#[test]
fn the_order_in_which_the_history_is_named_does_not_matter_and_names_are_checked() {
    let scratch = scratch();
    let publish = |out: &str, epoch: &str, previous: &[&str]| {
        let mut further = vec!["--epoch", epoch];
        if epoch == "all" {
            further.extend(["--as-of", "2026-05-18T00:00:00Z"]);
        }
        further.extend(previous.iter().flat_map(|run| ["--previous", *run]));
        cairn().publish(&SMALL.source, &scratch.join(out), &further)
    };
    let _ = publish("one", DAYS[0], &[]);
    let one = scratch.arg("one");
    let _ = publish("two", DAYS[1], &[&one]);
    let two = scratch.arg("two");
    let forth = publish("forth", "all", &[&one, &two]);
    let back = publish("back", "all", &[&two, &one]);
    assert_eq!(digest(&forth), digest(&back));
    assert_eq!(forth["inputs"]["previous"].as_array().unwrap().len(), 2);

    let source = SMALL.source_arg();
    let refused = |epoch: &str, previous: &[&str], saying: &[&str]| {
        let (out, work) = (scratch.arg("refused"), scratch.arg("work"));
        let mut args = vec![
            "run", "--source", &source, "--out", &out, "--work", &work, "--epoch", epoch,
        ];
        args.extend(previous.iter().flat_map(|run| ["--previous", *run]));
        cairn().run(&args).failed_saying(2, saying);
    };
    refused("all", &[&one, &one], &["--previous", "twice"]);
    refused(DAYS[0], &[&two], &["--previous", "ends at", "2026-05-18"]);
    refused("all", &[&scratch.arg("nothing")], &["--previous", "nothing"]);
    assert!(!Path::new(&scratch.arg("refused")).join("reward_epoch=x").exists());
}

#[test]
fn an_audit_derives_from_the_same_history_or_says_which_is_missing() {
    let scratch = scratch();
    let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &["--previous", &small_run()]);
    let (out, source) = (scratch.arg("out"), SMALL.source_arg());
    let said = cairn().succeed(&["audit", &out, "--source", &source, "--previous", &small_run()]);
    assert!(said.contains("Yes:"), "{said}");
    let without = cairn().run(&["audit", &out, "--source", &source]);
    without.failed_saying(2, &["--previous", digest(&SMALL.published.manifest), "none"]);
}
