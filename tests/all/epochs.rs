//! Which objects belong to an epoch, and what it is called.

use std::path::Path;

use cairn_tests::{Published, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch};

fn name(manifest: &serde_json::Value) -> &str {
    manifest["reward_epoch"].as_str().unwrap()
}

#[test]
fn a_week_is_named_and_takes_what_was_uploaded_in_it() {
    let scratch = scratch();
    let out = scratch.join("out");
    let printed = cairn().publish(&SMALL.source, &out, &["--epoch", "2026-W20"]);
    assert_eq!(name(&printed), "2026-W20");
    assert!(out.join("reward_epoch=2026-W20/manifest.json").exists());
    assert_eq!(printed["inputs"]["as_of"], "2026-05-18T00:00:00Z");
    assert_eq!(
        printed["inputs"]["objects"],
        SMALL.published.manifest["inputs"]["objects"]
    );
    let said = cairn().succeed(&["audit", &scratch.arg("out"), "--source", &SMALL.source_arg()]);
    assert!(said.contains("Yes:"), "{said}");
}

#[test]
fn another_week_is_refused_and_closes_nothing() {
    let scratch = scratch();
    let (source, out, work) = (SMALL.source_arg(), scratch.arg("out"), scratch.arg("work"));
    let args = [
        "run", "--source", &source, "--out", &out, "--work", &work, "--epoch", "2026-W21",
    ];
    let ran = cairn().run(&args);
    ran.failed_saying(1, &["none of the", &source, "--epoch all"]);
    assert!(!Path::new(&out).join("reward_epoch=2026-W21").exists());
}

#[test]
fn a_day_takes_its_part_and_the_days_make_the_week() {
    let scratch = scratch();
    let mut objects = 0;
    for day in ["2026-05-11/2026-05-14", "2026-05-14/2026-05-18"] {
        let printed = cairn().publish(&SMALL.source, &scratch.join("out"), &["--epoch", day]);
        objects += printed["inputs"]["objects"].as_u64().unwrap();
    }
    assert_eq!(
        objects,
        SMALL.published.manifest["inputs"]["objects"].as_u64().unwrap()
    );
}

/// Without a list of uploads an object belongs to the epoch of its captures, its first folder sent it, and
/// the rest of its folders is the session.
#[test]
fn without_a_list_an_object_belongs_by_its_captures() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("source"));
    std::fs::remove_file(scratch.join("source/uploads.csv")).unwrap();
    let source = scratch.join("source");
    let printed = cairn().publish(&source, &scratch.join("week"), &["--epoch", "2026-W20"]);
    assert_eq!(name(&printed), "2026-W20");
    let objects = Published::below(&scratch.join("week")).table("objects");
    assert!(objects.rows() > 50, "{} objects", objects.rows());
    for row in 0..objects.rows() {
        let path = objects.text("path", row);
        let (contributor, rest) = path.split_once('/').unwrap();
        let session = rest.rsplit_once('/').map_or("", |(session, _)| session);
        assert_eq!(objects.text("contributor", row), contributor, "{path}");
        assert_eq!(objects.text("session", row), session, "{path}");
        assert_eq!(objects.maybe_int("uploaded_at", row), None, "{path}");
    }
    let out = scratch.arg("out");
    let args = [
        "run",
        "--source",
        &scratch.arg("source"),
        "--out",
        &out,
        "--work",
        &scratch.arg("work"),
    ];
    let args: Vec<&str> = args.into_iter().chain(["--epoch", "2026-W30"]).collect();
    // What has neither upload time nor capture time belongs to any week; here there are such files.
    let ran = cairn().run(&args);
    if ran.code == Some(0) {
        let objects = Published::below(Path::new(&out)).table("objects");
        for row in 0..objects.rows() {
            assert_eq!(
                objects.maybe_int("captured_at", row),
                None,
                "{}",
                objects.text("path", row)
            );
        }
    } else {
        ran.failed_saying(1, &["none of the"]);
    }
}

/// A photo in no folder was sent by nobody in particular.
#[test]
fn a_photo_beside_the_folders_is_local() {
    let scratch = scratch();
    let objects = SMALL.published.table("objects");
    let image =
        |row: &usize| objects.text("kind", *row) == "image" && objects.text("verdict", *row) == "kept";
    let path = objects.text("path", (0..objects.rows()).find(image).unwrap());
    scratch.write(
        "source/photo.jpg",
        std::fs::read(SMALL.source.join(path)).unwrap(),
    );
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let objects = Published::below(&scratch.join("out")).table("objects");
    let said = ["path", "contributor", "session", "verdict"].map(|column| objects.text(column, 0));
    assert_eq!(said, ["photo.jpg", "local", "", "kept"]);
}

/// A week in which nothing lies must not be closed for ever by somebody who mistyped it.
#[test]
fn a_week_without_captures_is_refused_and_closes_nothing() {
    let scratch = scratch();
    let objects = SMALL.published.table("objects");
    let kept = |row: &usize| objects.text("verdict", *row) == "kept";
    for row in (0..objects.rows()).filter(kept).take(20) {
        let path = objects.text("path", row);
        let bytes = std::fs::read(SMALL.source.join(path)).unwrap();
        scratch.write(&format!("source/{path}"), bytes);
    }
    let (source, out, work) = (scratch.arg("source"), scratch.arg("out"), scratch.arg("work"));
    let args = [
        "run", "--source", &source, "--out", &out, "--work", &work, "--epoch", "2026-W30",
    ];
    cairn()
        .run(&args)
        .failed_saying(1, &["none of the 20 objects", &source, "--epoch all"]);
    assert!(!Path::new(&out).join("reward_epoch=2026-W30").exists());
}
