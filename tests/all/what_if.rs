//! What would have been: `simulate` against runs that were made, `diff` against itself, `explain` with what else would
//! have been paid.

use std::collections::BTreeMap;

use cairn_tests::Published;
use serde_json::Value;

use crate::fixtures::{CITY, SMALL, cairn, scratch};
use crate::forge::Copy;

const DAYS: [&str; 2] = ["2026-05-11/2026-05-14", "2026-05-14/2026-05-18"];

fn rewards(run: &Published) -> BTreeMap<String, i128> {
    let table = run.table("rewards");
    let row = |row| {
        (
            table.text("contributor", row).to_owned(),
            table.int("reward", row),
        )
    };
    (0..table.rows()).map(row).collect()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&cairn().succeed(args)).unwrap()
}

fn int(value: &Value) -> i128 {
    value
        .as_i64()
        .map_or_else(|| value.as_u64().unwrap().into(), i128::from)
}

/// One side of a comparison, by contributor.
fn side(comparison: &Value, side: &str) -> BTreeMap<String, i128> {
    let rows = comparison["contributors"].as_array().unwrap().iter();
    rows.map(|row| (row["contributor"].as_str().unwrap().to_owned(), int(&row[side])))
        .collect()
}

/// Policies that change scores and rewards in every section that a replay can vary.
const OTHERWISE: [&[&str]; 5] = [
    &["reward.mode=rank"],
    &["reward.mode=shapley", "score.slot-deg=45"],
    &["score.fade-ms=86400000", "score.no-image-ppm=500000"],
    &[
        "score.own-image-ppm=1000000",
        "score.accuracy-worst-mm=8000",
        "score.sharp-ppm=100000",
    ],
    &[
        "evidence.rails-mm=3000",
        "place.pass-min-fixes=4",
        "score.dwelling-mm-s=2000",
    ],
];

fn settings<'a>(sets: &[&'a str]) -> Vec<&'a str> {
    sets.iter().flat_map(|set| ["--set", *set]).collect()
}

#[test]
fn a_simulation_is_what_a_run_with_that_policy_pays() {
    for sets in OTHERWISE {
        let scratch = scratch();
        let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &settings(sets));
        let run = Published::below(&scratch.join("out"));
        let published = SMALL.published.arg();
        let simulated = json(&[&["simulate", &published, "--json"][..], &settings(sets)].concat());
        let only = &simulated["epochs"][0];
        assert_eq!(side(only, "before"), rewards(&SMALL.published));
        assert_eq!(side(only, "after"), rewards(&run), "{sets:?}");
        assert_ne!(
            side(only, "after"),
            side(only, "before"),
            "{sets:?} changes nothing"
        );
        let mapped = |run: &Published| {
            let standing = run.table("standing");
            let cells: std::collections::BTreeSet<_> = standing.column("cell").iter().cloned().collect();
            i128::try_from(cells.len()).unwrap()
        };
        let said = [&only["mapped"][0], &only["mapped"][1]].map(int);
        assert_eq!(said, [mapped(&SMALL.published), mapped(&run)], "{sets:?}");
        let (gained, lost) = (
            only["gained"].as_array().unwrap(),
            only["lost"].as_array().unwrap(),
        );
        assert_eq!(said[1] - said[0], gained.len() as i128 - lost.len() as i128);
    }
}

#[test]
fn a_simulation_of_several_epochs_carries_what_each_would_have_left() {
    let scratch = scratch();
    let chain = |out: &str, sets: &[&str]| {
        let mut previous: Vec<String> = Vec::new();
        for days in DAYS {
            let mut further = vec!["--epoch", days];
            further.extend(previous.iter().flat_map(|run| ["--previous", run.as_str()]));
            further.extend(settings(sets));
            let printed = cairn().publish(&SMALL.source, &scratch.join(out), &further);
            let name = printed["reward_epoch"].as_str().unwrap();
            previous.push(scratch.arg(&format!("{out}/reward_epoch={name}")));
        }
        previous
    };
    let published = chain("published", &[]);
    for sets in [OTHERWISE[1], OTHERWISE[2]] {
        let folder = format!("wanted-{}", sets[0].replace(['=', '.'], "-"));
        let wanted = chain(&folder, sets);
        let mut args = vec!["simulate", "--json"];
        // In any order; the history is found beside.
        args.extend(published.iter().rev().map(String::as_str));
        args.extend(settings(sets));
        let simulated = json(&args);
        let mut together: BTreeMap<String, i128> = BTreeMap::new();
        for (epoch, wanted) in simulated["epochs"].as_array().unwrap().iter().zip(&wanted) {
            let wanted = rewards(&Published::at(wanted.as_ref()));
            assert_eq!(side(epoch, "after"), wanted, "{sets:?}, {}", epoch["epoch"]);
            for (who, reward) in wanted {
                *together.entry(who).or_default() += reward;
            }
        }
        assert_eq!(side(&simulated["together"], "after"), together);
    }
}

#[test]
fn what_cannot_be_simulated_is_refused_with_the_field() {
    let run = SMALL.published.arg();
    let refused = |args: &[&str], saying: &[&str]| {
        cairn()
            .run(&[&["simulate", run.as_str()][..], args].concat())
            .failed_saying(2, saying);
    };
    refused(
        &["--set", "dedup.near-bits=20"],
        &["dedup.near-bits", "before anything is scored", "cairn diff"],
    );
    refused(
        &["--set", "score.fade=1"],
        &["score.fade", "perhaps `score.fade-ms`"],
    );
    refused(&[], &["--policy FILE or --set"]);
    // Without its history an epoch cannot be worked out.
    let scratch = scratch();
    let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &["--previous", &run]);
    let later = Published::below(&scratch.join("out")).arg();
    let args = ["simulate", later.as_str(), "--set", "score.fade-ms=1"];
    cairn()
        .run(&args)
        .failed_saying(2, &[SMALL.published.digest(), "--previous"]);
    let _ = cairn().succeed(&[&args[..], &["--previous", &run]].concat());
}

/// The parts of each change, which must add up to it.
fn parts(a: &str, b: &str) -> BTreeMap<String, [i128; 4]> {
    let difference = json(&["diff", a, b, "--json"]);
    let rows = difference["contributors"].as_array().unwrap().iter();
    rows.map(|row| {
        let parts = ["change", "input", "policy", "build"].map(|part| int(&row[part]));
        assert_eq!(parts[0], parts[1] + parts[2] + parts[3], "{row}");
        assert_eq!(parts[0], int(&row["b"]) - int(&row["a"]), "{row}");
        (row["contributor"].as_str().unwrap().to_owned(), parts)
    })
    .collect()
}

#[test]
fn a_difference_is_split_into_parts_that_add_up() {
    let scratch = scratch();
    let publish = |out: &str, further: &[&str]| {
        let _ = cairn().publish(&SMALL.source, &scratch.join(out), further);
        Published::below(&scratch.join(out))
    };
    let run = &SMALL.published;
    let rank = publish("rank", &["--set", "reward.mode=rank"]);
    let pool = publish("pool", &["--pool", "500000"]);
    let half = publish(
        "half",
        &["--epoch", DAYS[0], "--set", "reward.mode=rank", "--pool", "77"],
    );
    let a = rewards(run);
    let all = |of: &Published, part: usize| {
        let b = rewards(of);
        for (who, parts) in parts(&run.arg(), &of.arg()) {
            let change = b.get(&who).unwrap_or(&0) - a.get(&who).unwrap_or(&0);
            assert_eq!((parts[0], parts[part]), (change, change), "{who}");
        }
    };
    // Each alone is all of the change.
    all(&pool, 1);
    all(&rank, 2);
    let mixed = parts(&run.arg(), &half.arg());
    let alone = parts(&run.arg(), &rank.arg());
    assert!(mixed.values().any(|parts| parts[1] != 0 && parts[2] != 0));
    for (who, parts) in &mixed {
        // The policy's part is what it changes where the first run's inputs are taken.
        assert_eq!(parts[2], alone.get(who).map_or(0, |alone| alone[2]), "{who}");
        assert_eq!(parts[3], 0);
    }
    // Another build of all kernels: its name is all that is known, and the change its own.
    let built = Copy::of(&rank);
    let text = std::fs::read_to_string(built.path("manifest.json")).unwrap();
    std::fs::write(built.path("manifest.json"), text.replace("ingest/", "ingest/9")).unwrap();
    let args = ["diff", &run.arg(), &built.run.arg()];
    let both = json(&[&args[..], &["--json"]].concat());
    assert!(both["kernels"][1][0].as_str().unwrap().starts_with("ingest/9"));
    // Policy and build at once: the first run's own tables say what the policy changes, and the build the rest.
    for (who, parts) in parts(&run.arg(), &built.run.arg()) {
        assert_eq!((parts[2], parts[3]), (alone[&who][2], 0), "{who}");
    }
    // All three at once: the tables of another build say nothing about this one; the uploads do.
    let (half, built) = (half.arg(), built.run.arg());
    let unsaid = cairn().run(&["diff", &half, &built]);
    unsaid.failed_saying(2, &["more than one of inputs, policy and build", "--source-a"]);
    let source = SMALL.source_arg();
    let told = json(&["diff", &half, &built, "--source-b", &source, "--json"]);
    assert!(
        told["contributors"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["build"] == 0)
    );
}

/// Other inputs and a policy that decides before anything is scored: the uploads of the first run tell the two apart.
#[test]
fn what_decides_before_scoring_is_told_apart_by_the_uploads() {
    let scratch = scratch();
    let publish = |out: &str, further: &[&str]| {
        let _ = cairn().publish(&SMALL.source, &scratch.join(out), further);
        Published::below(&scratch.join(out))
    };
    let strict = ["--set", "place.min-satellites=60", "--set", "dedup.near-bits=0"];
    let a = publish("a", &["--epoch", DAYS[0]]);
    let between = publish("between", &[&["--epoch", DAYS[0]][..], &strict].concat());
    let b = publish("b", &[&["--epoch", DAYS[1]][..], &strict].concat());
    let (a, b) = (a.arg(), b.arg());
    let unsaid = cairn().run(&["diff", &a, &b]);
    unsaid.failed_saying(2, &["dedup.near-bits", "place.min-satellites", "--source-a"]);
    let told = json(&["diff", &a, &b, "--source-a", &SMALL.source_arg(), "--json"]);
    let (first, second) = (rewards(&Published::at(a.as_ref())), rewards(&between));
    for row in told["contributors"].as_array().unwrap() {
        let who = row["contributor"].as_str().unwrap();
        let wanted = second.get(who).unwrap_or(&0) - first.get(who).unwrap_or(&0);
        assert_eq!(int(&row["policy"]), wanted, "{who}");
        assert_eq!(
            int(&row["change"]),
            int(&row["policy"]) + int(&row["input"]),
            "{who}"
        );
    }
    // Uploads of something else are not taken for them.
    let wrong = CITY.source_arg();
    let args = ["diff", &a, &b, "--source-a", &wrong];
    assert_ne!(cairn().run(&args).code, Some(0));
}

/// Each counterfactual of a row has numbers, or says why it has none.
fn otherwise(json: &Value) -> usize {
    let cases = json["otherwise"].as_array().unwrap();
    for case in cases {
        assert!(!case["clause"].as_str().unwrap().is_empty(), "{case}");
        let known = ["credit", "credit_without", "reward", "reward_without"]
            .iter()
            .all(|name| case[name].as_u64().is_some());
        let unknown = case["unknown"].as_str().is_some_and(|why| !why.is_empty());
        assert!(known != unknown, "{case}");
    }
    cases.len()
}

#[test]
fn a_duplicate_is_told_what_it_would_have_earned() {
    let run = &CITY.published;
    let images = run.table("images");
    let mut paid = 0;
    for row in (0..images.rows()).filter(|row| images.text("verdict", *row) != "kept") {
        let id = images.text("image_id", row);
        let said = json(&["explain", &run.arg(), "--image", id, "--json"]);
        assert_eq!(otherwise(&said), 1);
        let case = &said["otherwise"][0];
        assert_eq!(case["clause"], images.text("reason", row));
        paid += usize::from(case["credit_without"].as_u64() > case["credit"].as_u64());
        if paid > 3 {
            return;
        }
    }
    panic!("only {paid} pictures would have earned something");
}
