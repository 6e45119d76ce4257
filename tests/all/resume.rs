//! A run that was killed goes on, and ends as if nothing had happened.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cairn_tests::{Published, Scratch, files_below};

use crate::fixtures::{SMALL, cairn, scratch};

fn args(scratch: &Scratch) -> Vec<String> {
    let args = [
        "run",
        "--source",
        &SMALL.source_arg(),
        "--out",
        &scratch.arg("out"),
        "--work",
    ];
    args.into_iter()
        .map(str::to_owned)
        .chain([scratch.arg("work")])
        .collect()
}

fn ends_as_ever(scratch: &Scratch) {
    let _ = cairn().succeed(&args(scratch));
    let resumed = Published::below(&scratch.join("out"));
    assert_eq!(resumed.digest(), SMALL.published.digest());
    assert!(
        resumed.parquet_bytes() == SMALL.published.parquet_bytes(),
        "other bytes"
    );
    let audit = cairn().run(&["audit", &resumed.arg()]);
    assert_eq!(audit.code, Some(0), "{audit}");
}

/// Receipts in a work folder: how far a run came. It may be running: what is gone by now does not count.
fn receipts(scratch: &Scratch) -> usize {
    let list = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let shards = list(&scratch.join("work/receipts"));
    let files = shards.flat_map(|shard| list(&shard.path()).collect::<Vec<_>>());
    let receipt = |path: PathBuf| path.extension().is_some_and(|ending| ending == "json");
    files.filter(|file| receipt(file.path())).count()
}

#[test]
fn a_run_killed_again_and_again_ends_with_the_same_digest() {
    let scratch = scratch();
    let mut reached = Vec::new();
    // Not at fixed times, which mean another stage on each machine: each time it has come further.
    for more in [1, 12, 30, 60] {
        let goal = reached.last().copied().unwrap_or(0) + more;
        let mut run = cairn()
            .command(&args(&scratch))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while receipts(&scratch) < goal && run.try_wait().unwrap().is_none() {
            assert!(
                started.elapsed() < Duration::from_mins(2),
                "it does not come further than {reached:?}"
            );
            sleep(Duration::from_millis(2));
        }
        // It may have ended by now.
        let _ = run.kill();
        run.wait().unwrap();
        reached.push(receipts(&scratch));
    }
    assert!(reached[0] > 0 && reached.is_sorted(), "{reached:?}");
    ends_as_ever(&scratch);
}

/// Every `nth` file below a folder.
fn every(folder: &Path, nth: usize, ending: &str) -> Vec<PathBuf> {
    let files = files_below(folder)
        .into_keys()
        .filter(|path| path.ends_with(ending));
    files.step_by(nth).map(|path| folder.join(path)).collect()
}

fn with_work() -> Scratch {
    let scratch = scratch();
    let _ = cairn().succeed(&args(&scratch));
    std::fs::remove_dir_all(scratch.join("out")).unwrap();
    scratch
}

#[test]
fn lost_receipts_are_made_again() {
    let scratch = with_work();
    let lost = every(&scratch.join("work"), 3, ".json");
    assert!(lost.len() > 5);
    for receipt in lost {
        std::fs::remove_file(receipt).unwrap();
    }
    ends_as_ever(&scratch);
}

#[test]
fn half_a_receipt_is_none() {
    let scratch = with_work();
    for receipt in every(&scratch.join("work"), 2, ".json") {
        let text = std::fs::read(&receipt).unwrap();
        std::fs::write(&receipt, &text[..text.len() / 2]).unwrap();
    }
    ends_as_ever(&scratch);
}

#[test]
fn lost_tables_are_made_again() {
    let scratch = with_work();
    let lost = every(&scratch.join("work"), 4, ".arrow");
    assert!(lost.len() > 5);
    for table in lost {
        std::fs::remove_file(table).unwrap();
    }
    ends_as_ever(&scratch);
}

#[test]
fn a_changed_table_of_the_work_folder_is_never_taken_for_what_its_name_says() {
    let scratch = with_work();
    let changed = every(&scratch.join("work"), 1, ".arrow");
    for table in &changed {
        let mut bytes = std::fs::read(table).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(table, bytes).unwrap();
    }
    let ran = cairn().run(&args(&scratch));
    if ran.code == Some(0) {
        // Read anew is as good as refused.
        let resumed = Published::below(&scratch.join("out"));
        assert_eq!(resumed.digest(), SMALL.published.digest());
    } else {
        ran.failed_saying(1, &["work file", ".arrow", "delete the work folder"]);
        let left = files_below(&scratch.join("out"));
        assert!(
            !left.keys().any(|path| path.ends_with("manifest.json")),
            "{:?}",
            left.keys()
        );
    }
}

#[test]
fn what_an_interrupted_run_left_in_the_output_is_swept() {
    let scratch = scratch();
    let name = SMALL
        .published
        .folder
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    scratch.write(
        &format!("out/{name}/passes/tile=deadbeef/part-0.parquet"),
        b"half a file",
    );
    scratch.write(&format!("out/{name}/rewards.parquet"), b"half a file");
    scratch.write(&format!("out/{name}/images/tile=none/part-7.parquet"), b"");
    ends_as_ever(&scratch);
    let mut left: Vec<String> = files_below(&scratch.join("out").join(&name))
        .into_keys()
        .collect();
    let published = Published::below(&scratch.join("out"));
    let named: Vec<String> = cairn_tests::TABLES
        .iter()
        .flat_map(|table| published.files(table))
        .collect();
    left.retain(|path| !named.contains(path));
    left.sort_unstable();
    assert_eq!(
        left,
        ["coverage.pmtiles", "manifest.json", "report.html", "run.json"]
    );
}

/// What closes an epoch is written last, so that a closed one has its report.
#[test]
fn where_there_is_a_manifest_the_report_was_there_before() {
    let folder = &SMALL.published.folder;
    let changed = |name: &str| folder.join(name).metadata().unwrap().modified().unwrap();
    let last = changed("manifest.json");
    for path in files_below(folder).keys() {
        assert!(changed(path) <= last, "{path}");
    }
}

/// A reader that looks for the manifest never sees half an epoch, whenever the run is killed.
#[test]
fn without_a_manifest_there_is_no_run_to_read() {
    let scratch = scratch();
    cairn_tests::copy_folder(&SMALL.published.folder, &scratch.join("run"));
    std::fs::remove_file(scratch.join("run/manifest.json")).unwrap();
    let ran = cairn().run(&["audit", &scratch.arg("run")]);
    ran.failed_saying(2, &[&scratch.arg("run"), "no published run", "manifest.json"]);
}
