//! A closed epoch is never written again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use cairn_tests::{Scratch, files_below};

use crate::fixtures::{SMALL, cairn, scratch};

/// Bytes and time of modification of everything in a folder.
fn state(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let changed = |path: &str| folder.join(path).metadata().unwrap().modified().unwrap();
    let files = files_below(folder).into_iter();
    files
        .map(|(path, bytes)| {
            let at = changed(&path);
            (path, (bytes, at))
        })
        .collect()
}

fn published(scratch: &Scratch, epoch: &str) -> Vec<String> {
    let args = [
        "run",
        "--source",
        &SMALL.source_arg(),
        "--out",
        &scratch.arg("out"),
        "--work",
    ];
    let mut args: Vec<String> = args.into_iter().map(str::to_owned).collect();
    args.extend([scratch.arg("work"), "--epoch".into(), epoch.into()]);
    let _ = cairn().succeed(&args);
    args
}

#[test]
fn a_second_run_says_closed_and_touches_nothing() {
    for epoch in ["all", "2026-W20"] {
        let scratch = scratch();
        let args = published(&scratch, epoch);
        let before = state(&scratch.join("out"));
        let said = cairn().succeed(&args);
        assert!(said.contains("is closed") && said.contains("--out"), "{said}");
        let with = |further: &[&str]| -> Vec<String> {
            args.iter()
                .cloned()
                .chain(further.iter().map(|arg| (*arg).to_owned()))
                .collect()
        };
        let said = cairn().succeed(&with(&["--pool", "7"]));
        assert!(said.contains("is closed"), "{said}");
        let said = cairn().succeed(&with(&["--set", "dedup.near-bits=0", "--threads", "1"]));
        assert!(said.contains("is closed"), "{said}");
        let said = cairn().succeed(&with(&["--json"]));
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["closed"], true);
        assert!(state(&scratch.join("out")) == before, "a byte or a time changed");
    }
}

/// Raw fixes show where people live: the default work folder is gone when a run ends closed too.
#[test]
fn a_run_that_ends_closed_leaves_nothing_in_the_cache() {
    for epoch in ["all", "2026-W20"] {
        let scratch = scratch();
        let out = scratch.arg("out");
        let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &["--epoch", epoch]);
        let cache = scratch.arg("cache");
        let args = [
            "run",
            "--source",
            &SMALL.source_arg(),
            "--out",
            &out,
            "--epoch",
            epoch,
        ];
        let said = cairn().with([("XDG_CACHE_HOME", cache.as_str())]).succeed(&args);
        assert!(said.contains("is closed"), "{said}");
        let left = std::fs::read_dir(scratch.join("cache/cairn"));
        assert!(
            left.map_or(0, Iterator::count) == 0,
            "{epoch}: the work folder is there"
        );
    }
}

#[test]
fn another_photo_opens_another_epoch_beside_the_closed_one() {
    let scratch = scratch();
    let photo = SMALL.published.table("objects");
    let kept = |row: &usize| photo.text("kind", *row) == "image" && photo.text("verdict", *row) == "kept";
    let kept: Vec<usize> = (0..photo.rows()).filter(kept).collect();
    let add = |row: usize, name: &str| {
        let bytes = std::fs::read(SMALL.source.join(photo.text("path", row))).unwrap();
        scratch.write(&format!("source/ada/{name}"), bytes);
    };
    add(kept[0], "1.jpg");
    let run = || {
        cairn().publish(
            &scratch.join("source"),
            &scratch.join("out"),
            &["--as-of", "2026-06-01T00:00:00Z"],
        )
    };
    let first = run();
    add(kept[1], "2.jpg");
    let second = run();
    assert_ne!(first["reward_epoch"], second["reward_epoch"]);
    let entries = std::fs::read_dir(scratch.join("out")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    assert_eq!(names.filter(|name| name.starts_with("reward_epoch=")).count(), 2);
}
