//! Nobody earns by sending what others sent, and nobody loses by it.

use std::collections::BTreeMap;
use std::fmt::Write;

use cairn_tests::{Published, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch};

/// Reward of each contributor.
fn rewards(run: &Published) -> BTreeMap<String, i128> {
    let table = run.table("rewards");
    let reward = |row| {
        (
            table.text("contributor", row).to_owned(),
            table.int("reward", row),
        )
    };
    (0..table.rows()).map(reward).collect()
}

fn week(source: &std::path::Path, out: &std::path::Path) -> BTreeMap<String, i128> {
    let _ = cairn().publish(source, out, &["--epoch", "2026-W20"]);
    rewards(&Published::below(out))
}

fn list() -> String {
    std::fs::read_to_string(SMALL.source.join("uploads.csv")).unwrap()
}

#[test]
fn without_the_copier_everybody_gets_the_same() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    std::fs::remove_dir_all(scratch.join("source/magpie")).unwrap();
    let honest: String = list()
        .lines()
        .filter(|line| !line.starts_with("magpie/"))
        .fold(String::new(), |text, line| text + line + "\n");
    scratch.write("source/uploads.csv", honest);
    let with = week(&SMALL.source, &scratch.join("with"));
    let without = week(&scratch.join("source"), &scratch.join("without"));
    assert!(
        without.values().filter(|reward| **reward > 0).count() >= 4,
        "{without:?}"
    );
    assert_eq!(with.get("magpie").copied().unwrap_or(0), 0);
    let others: BTreeMap<_, _> = with.into_iter().filter(|(id, _)| id != "magpie").collect();
    assert_eq!(others, without);
}

/// Every file of the week again, from somebody else a day after the last of them.
#[test]
fn who_sends_the_whole_week_again_gets_nothing_and_takes_nothing() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    copy_folder(&SMALL.source, &scratch.join("source/thief"));
    std::fs::remove_file(scratch.join("source/thief/uploads.csv")).unwrap();
    let mut all = list();
    for line in list().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [path, _, _, sha256, session] = fields[..] else {
            panic!("{line}")
        };
        writeln!(all, "thief/{path},thief,2026-05-17T20:00:00Z,{sha256},{session}").unwrap();
    }
    scratch.write("source/uploads.csv", all);
    let before = week(&SMALL.source, &scratch.join("before"));
    let mut after = week(&scratch.join("source"), &scratch.join("after"));
    assert_eq!(after.remove("thief").unwrap_or(0), 0);
    assert_eq!(after, before);
    let objects = Published::below(&scratch.join("after")).table("objects");
    for row in 0..objects.rows() {
        let kept = objects.text("verdict", row) == "kept";
        assert!(
            !kept || objects.text("contributor", row) != "thief",
            "{}",
            objects.text("path", row)
        );
    }
}
