//! R7: a closed epoch is corrected by what an operator signs and a later epoch applies; what a contributor cannot pay
//! back at once is owed in the epochs after it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use cairn_tests::{Published, Ran, Scratch, copy_folder};
use serde_json::{Value, json};

use crate::fixtures::{cairn, place, scratch, small_city_source};
use crate::forge::Copy;
use crate::payment::check_claims;
use crate::tamper::{audit, findings, only_names};

/// Three epochs of the small city, in each of which `DEBTOR` earns.
const DAYS: [&str; 3] = [
    "2026-05-11/2026-05-14",
    "2026-05-14/2026-05-15",
    "2026-05-15/2026-05-18",
];
const DEBTOR: &str = "dara";

/// The small city, where everybody uploads on a day of their own, with three of its contributors as one.
static SOURCE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = place("adjusted-city");
    copy_folder(small_city_source(), &folder);
    let list = folder.join("uploads.csv");
    let text = std::fs::read_to_string(&list).unwrap();
    let merged = ["bruno", "elif"].into_iter().fold(text, |text, id| {
        text.replace(&format!(",{id},"), &format!(",{DEBTOR},"))
    });
    std::fs::write(list, merged).unwrap();
    folder
});

fn source() -> String {
    SOURCE.to_string_lossy().into_owned()
}

/// Makes an operator's key and gives the public one.
fn generate(scratch: &Scratch, name: &str) -> String {
    let out = scratch.arg(name);
    cairn()
        .succeed(&["keys", "generate", "--out", &out])
        .trim()
        .to_owned()
}

fn epoch(scratch: &Scratch, out: &str, days: &str, further: &[&str]) -> Published {
    let further = [&["--epoch", days], further].concat();
    let _ = cairn().publish(&SOURCE, &scratch.join(out), &further);
    Published::below(&scratch.join(out))
}

/// One row of the rewards: reward, carried, adjustment, claim, debt.
fn row(run: &Published, id: &str) -> [i128; 5] {
    let rewards = run.table("rewards");
    let row = rewards.find("contributor", id);
    ["reward", "carried", "adjustment", "claim", "debt"].map(|column| rewards.int(column, row))
}

/// Three epochs, each starting from those before: the second applies what corrects the first.
struct Corrected {
    scratch: Scratch,
    operator: String,
    runs: [Published; 3],
    /// What is taken back of the debtor.
    taken: i128,
}

impl Corrected {
    fn file(&self) -> String {
        self.scratch.arg("fix.json")
    }

    fn run_arg(&self, at: usize) -> String {
        self.runs[at].arg()
    }
}

/// Contributors with a reward.
fn earning(run: &Published) -> BTreeMap<String, i128> {
    let rewards = run.table("rewards");
    let rows = (0..rewards.rows()).map(|row| {
        let id = rewards.text("contributor", row).to_owned();
        (id, rewards.int("reward", row))
    });
    rows.filter(|(_, reward)| *reward > 0).collect()
}

static CORRECTED: LazyLock<Corrected> = LazyLock::new(|| {
    let scratch = scratch();
    let operator = generate(&scratch, "operator.pem");
    let first = epoch(&scratch, "one", DAYS[0], &[]);
    // What the second will pay, to take back more than that.
    let plain = epoch(&scratch, "plain", DAYS[1], &["--previous", &first.arg()]);
    let taken = earning(&plain)[DEBTOR] + 1_000;
    let lines = format!(
        "contributor,amount,reason\n{DEBTOR},-{taken},\"the same drive, twice\"\nnobody-yet,250,a prize\n"
    );
    let lines = scratch.write("lines.csv", lines).to_string_lossy().into_owned();
    let (key, out) = (scratch.arg("operator.pem"), scratch.arg("fix.json"));
    let args = [
        "adjust",
        &first.arg(),
        "--from",
        &lines,
        "--key",
        &key,
        "--out",
        &out,
    ];
    let ran = cairn().run(&args);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains("nobody-yet") && !ran.stderr.contains(DEBTOR),
        "{ran}"
    );
    let apply = [
        "--previous",
        &first.arg(),
        "--adjustments",
        &out,
        "--operator",
        &operator,
    ];
    let second = epoch(&scratch, "two", DAYS[1], &apply);
    // The head of the history is enough to know what is owed, and older epochs beside it count nothing twice.
    let previous = ["--previous", &second.arg(), "--previous", &first.arg()];
    let third = epoch(&scratch, "three", DAYS[2], &previous);
    Corrected {
        operator,
        taken,
        runs: [first, second, third],
        scratch,
    }
});

#[test]
fn policy_r7_a_debt_outlasts_an_epoch_and_is_paid_in_the_next() {
    let world = &*CORRECTED;
    let [first, second, third] = &world.runs;
    let mut owed = BTreeMap::new();
    for run in [first, second, third] {
        owed = check_claims(run, &owed);
    }
    let [reward, carried, adjustment, claim, debt] = row(second, DEBTOR);
    assert_eq!((carried, adjustment, claim), (0, -world.taken, 0));
    assert_eq!(debt, reward - world.taken);
    assert!(debt < 0);
    let [reward, carried, adjustment, claim, left] = row(third, DEBTOR);
    assert_eq!((carried, adjustment, left), (debt, 0, 0));
    assert_eq!(claim, reward + debt);
    assert!(claim > 0 && claim < reward);
    // A correction of who has no credit is paid, once.
    assert_eq!(row(second, "nobody-yet"), [0, 0, 250, 250, 0]);
    let rewards = third.table("rewards");
    assert!(
        !rewards
            .column("contributor")
            .contains(&cairn_tests::Value::Text("nobody-yet".into()))
    );
    // The pool is another matter.
    for run in &world.runs {
        let plain: i128 = earning(run).values().sum();
        let unallocated = i128::from(run.number("unallocated"));
        assert_eq!(plain + unallocated, i128::from(run.number("pool")));
    }
}

#[test]
fn policy_r7_the_manifest_and_the_ledger_say_what_was_applied() {
    let world = &*CORRECTED;
    let [first, second, third] = &world.runs;
    let inputs = |run: &Published| run.manifest["inputs"].clone();
    for name in ["operator", "adjustments", "adjusted", "before"] {
        assert!(inputs(first).get(name).is_none(), "{name}");
    }
    assert_eq!(first.table("adjustments").rows(), 0);
    let file: Value = serde_json::from_slice(&std::fs::read(world.file()).unwrap()).unwrap();
    assert_eq!(inputs(second)["operator"], json!(world.operator));
    assert_eq!(file["operator"], json!(world.operator));
    let ledger = second.table("adjustments");
    assert_eq!(ledger.rows(), 2);
    let at = ledger.find("contributor", DEBTOR);
    assert_eq!(ledger.int("amount", at), -world.taken);
    assert_eq!(ledger.int("line", at), 1);
    assert_eq!(ledger.text("reason", at), "the same drive, twice");
    assert_eq!(
        ledger.text("corrects_epoch", at),
        first.manifest["reward_epoch"].as_str().unwrap()
    );
    assert_eq!(ledger.text("corrects_digest", at), first.digest());
    assert_eq!(ledger.text("signature", at), file["signature"].as_str().unwrap());
    assert_eq!(inputs(second)["adjustments"], json!([ledger.text("file", at)]));
    // What was applied is handed on.
    assert!(inputs(third).get("adjustments").is_none());
    assert_eq!(inputs(third)["adjusted"], inputs(second)["adjustments"]);
}

#[test]
fn policy_r7_a_head_is_enough_to_know_what_is_owed_and_what_was_applied() {
    let world = &*CORRECTED;
    let scratch = scratch();
    let head = epoch(&scratch, "head", DAYS[2], &["--previous", &world.run_arg(1)]);
    assert_eq!(row(&head, DEBTOR)[1], row(&world.runs[2], DEBTOR)[1]);
    assert_eq!(head.manifest["inputs"]["before"], json!([world.runs[0].digest()]));
    // The epoch that applied the file is not named, and is known to have done it all the same. Nor is its debt, which the
    // third took over, counted again for the first.
    let (file, run) = (world.file(), scratch.arg("run"));
    let previous = [world.run_arg(0), head.arg()];
    let mut args = vec![
        "run",
        "--source",
        "x",
        "--out",
        &run,
        "--epoch",
        "all",
        "--as-of",
        "2026-06-01T00:00:00Z",
    ];
    let source = source();
    args[2] = &source;
    args.extend(previous.iter().flat_map(|run| ["--previous", run]));
    args.extend(["--adjustments", &file, "--operator", &world.operator]);
    cairn().run(&args).failed_saying(
        2,
        &["--adjustments", "fix.json", "was applied before", "leave it out"],
    );
}

/// A third epoch with some files, starting from some of the others, is refused and publishes nothing.
#[track_caller]
fn refused(previous: &[usize], files: &[&str], operator: Option<&str>, parts: &[&str]) {
    let scratch = scratch();
    let (source, out, work) = (source(), scratch.arg("out"), scratch.arg("work"));
    let mut args = vec![
        "run", "--source", &source, "--out", &out, "--work", &work, "--epoch", DAYS[2],
    ];
    let previous: Vec<String> = previous.iter().map(|at| CORRECTED.run_arg(*at)).collect();
    args.extend(previous.iter().flat_map(|run| ["--previous", run]));
    args.extend(files.iter().flat_map(|file| ["--adjustments", file]));
    args.extend(operator.iter().flat_map(|key| ["--operator", key]));
    cairn().run(&args).failed_saying(2, parts);
    let published = cairn_tests::files_below(&scratch.join("out"));
    assert!(published.is_empty(), "something was published");
}

/// Signs one line with a key.
fn adjust(scratch: &Scratch, run: &str, key: &str, line: [&str; 3], out: &str) -> Ran {
    let (key, out) = (scratch.arg(key), scratch.arg(out));
    cairn().run(&[
        "adjust",
        run,
        "--contributor",
        line[0],
        "--amount",
        line[1],
        "--reason",
        line[2],
        "--key",
        &key,
        "--out",
        &out,
    ])
}

#[test]
fn policy_r7_what_is_of_another_operator_or_history_is_refused() {
    let world = &*CORRECTED;
    let scratch = scratch();
    let stranger = generate(&scratch, "stranger.pem");
    let (file, operator) = (world.file(), world.operator.as_str());
    let with = |operator: Option<&str>, parts: &[&str]| refused(&[0], &[&file], operator, parts);
    with(None, &["fix.json", "--operator PUBLIC_KEY", "cairn keys public"]);
    with(Some("me"), &["--operator: `me`", "32 bytes"]);
    with(Some(&stranger), &["is signed by", operator, &stranger]);
    let none = scratch.arg("none.json");
    refused(&[0], &[&none], Some(operator), &["none.json", "No such file"]);
    let missing = ["corrects epoch", world.runs[0].digest(), "--previous"];
    refused(&[], &[&file], Some(operator), &missing);
    refused(&[1], &[&file], Some(operator), &missing);
}

#[test]
fn policy_r7_what_was_changed_after_it_was_signed_is_refused() {
    let world = &*CORRECTED;
    let scratch = scratch();
    let text = std::fs::read_to_string(world.file()).unwrap();
    for (name, from, to, parts) in [
        (
            "amount.json",
            "\"amount\": 250",
            "\"amount\": 2500",
            &["signature does not fit"][..],
        ),
        (
            "field.json",
            "\"version\"",
            "\"note\": 1, \"version\"",
            &["no file of adjustments", "`note`", "line 2"],
        ),
        (
            "version.json",
            "\"version\": 1",
            "\"version\": 2",
            &["version 2", "version 1"],
        ),
        ("cut.json", "}", "", &["no file of adjustments"]),
    ] {
        assert!(text.contains(from), "{from}");
        let path = scratch.write(name, text.replacen(from, to, 1));
        let path = path.to_string_lossy();
        refused(&[0], &[&path], Some(&world.operator), &[&[name], parts].concat());
    }
}

#[test]
fn policy_r7_nothing_is_applied_twice_in_whatever_file_it_stands() {
    let world = &*CORRECTED;
    let scratch = scratch();
    let (file, operator) = (world.file(), Some(world.operator.as_str()));
    refused(
        &[0],
        &[&file, &file],
        operator,
        &["says the same as", "leave one out"],
    );
    refused(
        &[0, 1],
        &[&file],
        operator,
        &["was applied before, in epoch", "leave it out"],
    );
    // The same correction in another file, with one more: the old one would be paid twice.
    let again = format!("contributor,amount,reason\nnobody-yet,250,a prize\n{DEBTOR},-1,more\n");
    let lines = scratch.write("again.csv", again).to_string_lossy().into_owned();
    let (key, out) = (world.scratch.arg("operator.pem"), scratch.arg("again.json"));
    let run = world.run_arg(0);
    let _ = cairn().succeed(&["adjust", &run, "--from", &lines, "--key", &key, "--out", &out]);
    let line = ["again.json", "adjustment 1", "250 for `nobody-yet`: a prize"];
    refused(
        &[0, 1],
        &[&out],
        operator,
        &[&line[..], &["stands in the ledger of epoch"]].concat(),
    );
    refused(
        &[0],
        &[&file, &out],
        operator,
        &[&line[..], &["fix.json"]].concat(),
    );
}

#[test]
fn adjust_says_what_is_wrong_and_writes_nothing_over() {
    let world = &*CORRECTED;
    let scratch = scratch();
    let _ = generate(&scratch, "key.pem");
    let run = world.run_arg(0);
    let made = adjust(&scratch, &run, "key.pem", [DEBTOR, "-5", "late"], "a.json");
    assert_eq!(made.code, Some(0), "{made}");
    assert_eq!(made.stderr, "", "{made}");
    for part in [
        "a.json",
        "1 adjustment of epoch",
        "-5",
        DEBTOR,
        "late",
        "--adjustments",
        "--operator",
    ] {
        assert!(made.stdout.contains(part), "{part}: {made}");
    }
    let refused = |line: [&str; 3], out: &str, parts: &[&str]| {
        adjust(&scratch, &run, "key.pem", line, out).failed_saying(2, parts);
    };
    refused([DEBTOR, "-5", "late"], "a.json", &["a.json", "is there already"]);
    refused(["a b", "-5", "late"], "b.json", &["`a b`", "no id"]);
    refused([DEBTOR, "0", "late"], "b.json", &["is 0"]);
    refused([DEBTOR, "1", "two\nlines"], "b.json", &["line's end", "one line"]);
    adjust(&scratch, &run, "none.pem", [DEBTOR, "1", "late"], "b.json")
        .failed_saying(2, &["--key", "none.pem"]);
    let nothing = scratch.arg("nothing");
    adjust(&scratch, &nothing, "key.pem", [DEBTOR, "1", "late"], "b.json").failed_saying(2, &["nothing"]);
    assert!(!scratch.join("b.json").exists());
}

#[test]
fn an_audit_derives_with_the_same_files_or_says_which_are_missing() {
    let world = &*CORRECTED;
    let (one, two, source, file) = (world.run_arg(0), world.run_arg(1), source(), world.file());
    let said = cairn().succeed(&["audit", &two]);
    assert!(
        said.contains("2 adjustments, signed by") && said.contains(&world.operator),
        "{said}"
    );
    let again = ["audit", &two, "--source", &source, "--previous", &one];
    let said = cairn().succeed(&[&again[..], &["--adjustments", &file]].concat());
    assert!(said.contains("Yes:"), "{said}");
    let digest = world.runs[1].manifest["inputs"]["adjustments"][0]
        .as_str()
        .unwrap();
    cairn()
        .run(&again)
        .failed_saying(2, &["--adjustments", digest, "none"]);
    let third = [
        "audit",
        &world.run_arg(2),
        "--source",
        &source,
        "--previous",
        &one,
        "--previous",
        &two,
    ];
    let said = cairn().succeed(&third);
    assert!(said.contains("Yes:"), "{said}");
    let surplus = [&third[..], &["--adjustments", &file]].concat();
    cairn()
        .run(&surplus)
        .failed_saying(2, &["--adjustments", digest, "none"]);
}

#[test]
fn contributors_are_told_what_was_corrected_and_what_is_left() {
    let world = &*CORRECTED;
    let explain = |at: usize, id: &str| {
        let said = cairn().succeed(&["explain", &world.run_arg(at), "--contributor", id]);
        said.replace(',', "")
    };
    let said = explain(1, DEBTOR);
    let debt = row(&world.runs[1], DEBTOR)[4];
    let epoch = world.runs[0].manifest["reward_epoch"].as_str().unwrap();
    for part in [
        format!("-{}  correction of {epoch}: the same drive twice", world.taken),
        format!("So the claim is 0 units; {} are left owing", -debt),
    ] {
        assert!(said.contains(&part), "`{part}` is not in: {said}");
    }
    let said = explain(2, DEBTOR);
    for part in [
        format!("{debt}  owed from earlier epochs"),
        format!(
            "So the claim is {} units and nothing is left owing",
            row(&world.runs[2], DEBTOR)[3]
        ),
    ] {
        assert!(said.contains(&part), "`{part}` is not in: {said}");
    }
    assert!(explain(1, "nobody-yet").contains("So the claim is 250 units"));
    assert!(!explain(0, DEBTOR).contains("claim"));
    let json = cairn().succeed(&["explain", &world.run_arg(1), "--contributor", DEBTOR, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["adjustments"][0]["reason"], "the same drive, twice");
}

/// One value of every column of the ledger, then with every digest of the manifest made to fit.
#[test]
fn a_changed_ledger_is_named_with_or_without_a_manifest_that_fits() {
    let world = &*CORRECTED;
    let copy = Copy::of(&world.runs[1]);
    let file = copy.largest("adjustments");
    let original = std::fs::read(copy.path(&file)).unwrap();
    let manifest = std::fs::read(copy.path("manifest.json")).unwrap();
    let columns = world.runs[1].table("adjustments");
    for (column, _) in columns.columns() {
        copy.change(&file, column);
        only_names(&audit(&copy), "adjustments");
        copy.cover_up("adjustments");
        // The last row of its file: what it says of the file is held against the first.
        let found = audit(&copy);
        assert!(
            found.iter().any(|(table, _)| table == "adjustments"),
            "{column}: {found:?}"
        );
        std::fs::write(copy.path(&file), &original).unwrap();
        std::fs::write(copy.path("manifest.json"), &manifest).unwrap();
    }
    // Whoever drops a file from the manifest is found as well.
    copy.edit(|m| {
        m["inputs"].as_object_mut().unwrap().remove("adjustments");
    });
    copy.cover_up("adjustments");
    only_names(&audit(&copy), "adjustments");
}

#[test]
fn a_changed_claim_is_named_and_a_debt_that_was_dropped_is_found_with_the_history() {
    let world = &*CORRECTED;
    for column in ["carried", "adjustment", "claim", "debt"] {
        let copy = Copy::of(&world.runs[1]);
        copy.change("rewards.parquet", column);
        copy.cover_up("rewards");
        let found = audit(&copy);
        let named = |table: &str| found.iter().any(|(named, _)| named == table);
        assert!(named("rewards") || named("adjustments"), "{column}: {found:?}");
    }
    // A run that starts from its history without what is owed there, and whose every sum adds up.
    let scratch = scratch();
    let copy = Copy::of(&world.runs[2]);
    let plain = epoch(&scratch, "plain", DAYS[2], &[]);
    std::fs::copy(plain.folder.join("rewards.parquet"), copy.path("rewards.parquet")).unwrap();
    copy.cover_up("rewards");
    let (source, one, two) = (source(), world.run_arg(0), world.run_arg(1));
    let args = [
        "audit",
        &copy.run.arg(),
        "--json",
        "--source",
        &source,
        "--previous",
        &one,
        "--previous",
        &two,
    ];
    let found = findings(&cairn().run(&args));
    assert!(found.iter().any(|(table, _)| table == "rewards"), "{found:?}");
}
