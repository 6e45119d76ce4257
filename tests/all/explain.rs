//! Anyone can ask why, and is told the clause and the numbers.

use std::collections::BTreeMap;
use std::time::Instant;

use cairn::commands::explain::{Answer, Explainer};
use cairn::published::Run;
use cairn_tests::{Frame, Published};
use serde_json::Value;

use crate::fixtures::{CITY, NETWORK, SMALL, TILED, cairn};

/// What `explain` says of an object holds everything that the table knows about its verdict.
fn object_is_explained(run: &Published, path: &str) {
    let objects = run.table("objects");
    let row = objects.find("path", path);
    let said = cairn().succeed(&["explain", &run.arg(), "--object", path]);
    let mut wanted = vec![path.to_owned(), objects.text("contributor", row).to_owned()];
    let verdict = objects.text("verdict", row);
    wanted.push(format!(
        "It is {}{verdict}",
        if verdict == "duplicate" { "a " } else { "" }
    ));
    wanted.push(objects.text("reason", row).to_owned());
    wanted.push(objects.text("detail", row).to_owned());
    wanted.push(objects.text("duplicate_of", row).to_owned());
    let numbers = ["measured", "threshold"].map(|column| objects.maybe_int(column, row));
    if let [Some(measured), Some(threshold)] = numbers {
        wanted.push(format!(": {measured} against a threshold of {threshold}"));
    }
    for part in wanted {
        assert!(said.contains(&part), "`{part}` is not said of {path}: {said}");
    }
    let json = cairn().succeed(&["explain", &run.arg(), "--object", path, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["object"][0]["path"], path);
    assert_eq!(json["object"][0]["reason"], objects.text("reason", row));
}

/// One object of each reason, kept ones among them.
fn one_of_each(run: &Published) -> Vec<String> {
    let objects = run.table("objects");
    let mut seen = std::collections::BTreeMap::new();
    for row in 0..objects.rows() {
        let kind = (objects.text("reason", row), objects.text("kind", row));
        seen.entry(kind)
            .or_insert_with(|| objects.text("path", row).to_owned());
    }
    seen.into_values().collect()
}

#[test]
fn objects_of_every_reason_are_explained() {
    let paths = one_of_each(&SMALL.published);
    assert!(paths.len() > 8, "{paths:?}");
    for path in paths {
        object_is_explained(&SMALL.published, &path);
    }
}

#[test]
fn real_objects_of_every_reason_are_explained() {
    let Some(world) = NETWORK.as_ref() else { return };
    for path in one_of_each(&world.published) {
        object_is_explained(&world.published, &path);
    }
}

#[test]
fn a_duplicate_is_told_what_it_repeats() {
    let images = SMALL.published.table("images");
    let duplicates: Vec<usize> = (0..images.rows())
        .filter(|row| images.text("verdict", *row) == "duplicate")
        .collect();
    assert!(!duplicates.is_empty());
    for row in duplicates.into_iter().take(6) {
        let original = images.find("image_id", images.text("duplicate_of", row));
        let path = images.text("path", row);
        let said = cairn().succeed(&["explain", &SMALL.published.arg(), "--object", path]);
        let bits = images.int("duplicate_bits", row);
        let repeats = format!("It repeats {} ({bits} of 256 bits", images.text("path", original));
        assert!(said.contains(&repeats), "`{repeats}` is not in: {said}");
    }
}

#[test]
fn contributors_are_told_their_reward_and_their_reasons() {
    let run = &SMALL.published;
    let (rewards, objects) = (run.table("rewards"), run.table("objects"));
    for row in 0..rewards.rows() {
        let id = rewards.text("contributor", row);
        let said = cairn().succeed(&["explain", &run.arg(), "--contributor", id]);
        let first = said.lines().next().unwrap().replace(',', "");
        let paid = format!("{id} gets {} of the 1000000 units", rewards.int("reward", row));
        assert!(first.starts_with(&paid), "{said}");
        for object in (0..objects.rows()).filter(|object| objects.text("contributor", *object) == id) {
            assert!(said.contains(objects.text("reason", object)), "{said}");
        }
        let json = cairn().succeed(&["explain", &run.arg(), "--contributor", id, "--json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let reward = i128::from(json["rewards"][0]["reward"].as_u64().unwrap());
        assert_eq!(reward, rewards.int("reward", row));
    }
    // Who only copied gets nothing, and is told so.
    let said = cairn().succeed(&["explain", &run.arg(), "--contributor", "magpie"]);
    assert!(said.starts_with("magpie gets 0 of"), "{said}");
}

#[test]
fn cells_are_told_their_passes_in_the_order_in_which_they_count() {
    let run = &SMALL.published;
    let (passes, coverage) = (run.table("passes"), run.table("coverage"));
    for row in (0..coverage.rows()).step_by(coverage.rows() / 4 + 1) {
        let cell = format!("{:x}", coverage.int("cell", row));
        let said = cairn().succeed(&["explain", &run.arg(), "--cell", &cell]);
        assert!(said.contains(&format!("Cell {cell} has score")), "{said}");
        let here = |pass: &usize| format!("{:x}", passes.int("cell", *pass)) == cell;
        let count = (0..passes.rows()).filter(here).count();
        assert!(said.contains(&format!("{count} passes, in the order")), "{said}");
        let json = cairn().succeed(&["explain", &run.arg(), "--cell", &cell, "--json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["passes"].as_array().unwrap().len(), count);
    }
}

/// What the answer about a row of a verdict table holds: its verdict, its numbers, and for each thing that stood in its
/// way what would have been paid without it, or why nobody can know.
fn row_is_explained(table: &Frame, row: usize, id: &str, answer: &Answer) {
    let Answer { text, json } = answer;
    let (verdict, reason) = (table.text("verdict", row), table.text("reason", row));
    assert!(text.contains(id), "`{id}` is not named: {text}");
    assert!(text.contains(verdict), "{id}: `{verdict}` is not said: {text}");
    assert!(text.contains(reason), "{id}: `{reason}` is not said: {text}");
    let numbers = ["measured", "threshold"].map(|column| table.maybe_int(column, row));
    if let [Some(measured), Some(threshold)] = numbers {
        let said = format!(": {measured} against a threshold of {threshold}");
        assert!(text.contains(&said), "{id}: `{said}` is not said: {text}");
    }
    let cases = json["otherwise"].as_array().unwrap();
    assert!(
        verdict == "kept" || !cases.is_empty(),
        "{id}: nothing is said of what would be otherwise: {text}"
    );
    for case in cases {
        assert!(!case["clause"].as_str().unwrap().is_empty(), "{id}: {case}");
        let numbers = ["credit", "credit_without", "reward", "reward_without"];
        let known = numbers.iter().all(|name| case[name].as_u64().is_some());
        let unknown = case["unknown"].as_str().is_some_and(|why| !why.is_empty());
        assert!(known != unknown, "{id}: {case}");
    }
}

/// Every so many rows of every verdict table of a run, and at least one of each kind: the table, the row, and its id.
fn chosen<'a>(tables: &'a [(&str, &str, Frame)], every: usize) -> Vec<(&'a Frame, &'a str, usize, &'a str)> {
    let mut chosen = Vec::new();
    for (name, id, table) in tables {
        let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for row in 0..table.rows() {
            let mut kind = vec![table.text("reason", row).to_owned()];
            if *name == "passes" {
                kind.extend(["evidence", "confirmed_by"].map(|column| table.text(column, row).to_owned()));
                kind.push(format!(
                    "{:?} {}",
                    table.maybe_int("slot", row),
                    table.int("credit", row) > 0
                ));
            }
            let number = seen.entry(kind).or_default();
            *number += 1;
            if *number == 1 || row % every == 0 {
                chosen.push((table, *name, row, table.text(id, row)));
            }
        }
    }
    chosen
}

/// Asks for those rows, in a thread for each core, each of which asks for neighbours; gives how many, and the slowest.
fn walk(run: &Published, every: usize) -> (usize, f64) {
    let tables = [("objects", "path"), ("images", "image_id"), ("passes", "pass_id")]
        .map(|(name, id)| (name, id, run.table(name)));
    let chosen = chosen(&tables, every);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = chosen.len().div_ceil(threads).max(1);
    let slowest = std::thread::scope(|scope| {
        let workers: Vec<_> = chosen
            .chunks(share)
            .map(|rows| scope.spawn(|| ask(run, rows)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .fold(0.0, f64::max)
    });
    (chosen.len(), slowest)
}

fn ask(run: &Published, rows: &[(&Frame, &str, usize, &str)]) -> f64 {
    let runtime = cairn::store::runtime().unwrap();
    let opened = Run::open(&run.arg(), &runtime).unwrap();
    let mut explainer = Explainer::new(&opened, &[], &runtime).unwrap();
    let mut slowest = 0.0_f64;
    for (table, name, row, id) in rows {
        let started = Instant::now();
        let answer = match *name {
            "objects" => explainer.object(id),
            "images" => explainer.image(id),
            _ => explainer.pass(id),
        };
        slowest = slowest.max(started.elapsed().as_secs_f64());
        row_is_explained(table, *row, id, &answer.unwrap());
    }
    slowest
}

#[test]
fn rows_of_every_kind_in_every_verdict_table_are_explained() {
    let mut runs = vec![
        (&SMALL.published, 60),
        (&TILED.published, 200),
        (&CITY.published, 100),
    ];
    runs.extend(NETWORK.as_ref().map(|world| (&world.published, 1_000)));
    for (run, every) in runs {
        let (count, _) = walk(run, every);
        assert!(count > 25, "{count} rows of {}", run.arg());
    }
}

/// Minutes: `just explain-all`.
#[test]
#[ignore = "walks every row; takes minutes"]
fn all_rows_of_every_verdict_table_are_explained() {
    let mut worlds = vec![("small city", &SMALL.published), ("sample city", &CITY.published)];
    worlds.extend(NETWORK.as_ref().map(|world| ("real files", &world.published)));
    for (name, run) in worlds {
        let (count, slowest) = walk(run, 1);
        let rows: usize = ["objects", "images", "passes"]
            .map(|table| run.table(table).rows())
            .iter()
            .sum();
        assert_eq!(count, rows);
        println!(
            "{name}: {count} rows explained, the slowest in {:.0} ms",
            slowest * 1e3
        );
    }
}

#[test]
fn a_cell_and_a_contributor_have_their_otherwise_in_json() {
    let run = &SMALL.published;
    let json = cairn().succeed(&["explain", &run.arg(), "--contributor", "magpie", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    // Who only copied would have earned something, had copies counted.
    let cases = json["otherwise"].as_array().unwrap();
    let gained = cases
        .iter()
        .any(|case| case["reward_without"].as_u64() > case["reward"].as_u64());
    assert!(gained, "{cases:?}");
}
