//! The same inputs and policy give the same results: on any number of threads, from another place, in another
//! order, with other tiles, from a warm work folder.

use std::path::Path;

use cairn_tests::{Published, Scratch, copy_folder};

use crate::fixtures::{NETWORK, SMALL, TILED, World, cairn, scratch, small_city_source};

fn again(scratch: &Scratch, source: &Path, further: &[&str]) -> Published {
    let _ = cairn().publish(source, &scratch.join("out"), further);
    Published::below(&scratch.join("out"))
}

/// The same results in the same bytes.
fn assert_same_bytes(a: &Published, b: &Published) {
    assert_same_results(a, b);
    let (a, b) = (a.parquet_bytes(), b.parquet_bytes());
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (path, bytes) in &a {
        assert!(b[path] == *bytes, "{path} has other bytes");
    }
}

fn map_of(published: &Published) -> Vec<u8> {
    std::fs::read(published.folder.join("coverage.pmtiles")).unwrap()
}

fn assert_same_results(a: &Published, b: &Published) {
    assert_eq!(a.table_digests(), b.table_digests());
    assert_eq!(a.manifest["verdicts"], b.manifest["verdicts"]);
    assert_eq!(a.digest(), b.digest());
}

#[test]
fn threads_change_nothing() {
    for threads in ["1", "2", "8"] {
        let scratch = scratch();
        let other = again(&scratch, &SMALL.source, &["--threads", threads]);
        assert_same_bytes(&SMALL.published, &other);
        assert!(map_of(&SMALL.published) == map_of(&other), "the map differs");
    }
}

#[test]
fn the_map_is_the_same_whatever_the_tiles_of_files_are() {
    assert!(map_of(&SMALL.published) == map_of(&TILED.published));
}

#[test]
fn threads_and_place_change_nothing_on_real_files() {
    let Some(world) = NETWORK.as_ref() else { return };
    let scratch = scratch();
    copy_folder(&world.source, &scratch.join("elsewhere"));
    let other = again(&scratch, &scratch.join("elsewhere"), &["--threads", "1"]);
    assert_same_bytes(&world.published, &other);
}

#[test]
fn a_copy_elsewhere_made_in_another_order_changes_nothing() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("copy"));
    let other = again(&scratch, &scratch.join("copy"), &[]);
    assert_same_bytes(&SMALL.published, &other);
}

#[test]
fn the_order_of_the_list_of_uploads_changes_nothing() {
    let scratch = scratch();
    copy_folder(&SMALL.source, &scratch.join("copy"));
    let list = std::fs::read_to_string(SMALL.source.join("uploads.csv")).unwrap();
    let (header, rows) = list.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    // By digest: as good as shuffled, and the same each time.
    rows.sort_unstable_by_key(|row| row.split(',').nth(3).map(str::to_owned));
    assert_ne!(rows, list.lines().skip(1).collect::<Vec<_>>());
    scratch.write("copy/uploads.csv", format!("{header}\n{}\n", rows.join("\n")));
    let other = again(&scratch, &scratch.join("copy"), &[]);
    assert_same_bytes(&SMALL.published, &other);
}

#[test]
fn the_resolution_of_tiles_changes_files_and_no_result() {
    let tiled: &World = &TILED;
    assert_same_results(&SMALL.published, &tiled.published);
    assert!(tiled.published.files("passes").len() > SMALL.published.files("passes").len());
    for resolution in ["4", "8"] {
        let scratch = scratch();
        let other = again(&scratch, &SMALL.source, &["--tile-resolution", resolution]);
        assert_same_results(&SMALL.published, &other);
        assert_ne!(SMALL.published.files("passes"), other.files("passes"));
    }
}

#[test]
fn a_warm_work_folder_changes_nothing() {
    let scratch = scratch();
    let source = SMALL.source_arg();
    let (work, cold, warm) = (scratch.arg("work"), scratch.arg("cold"), scratch.arg("warm"));
    for out in [&cold, &warm] {
        let args = ["run", "--source", &source, "--out", out, "--work", &work];
        let _ = cairn().succeed(&args);
    }
    let (cold, warm) = (
        Published::below(Path::new(&cold)),
        Published::below(Path::new(&warm)),
    );
    assert_same_bytes(&SMALL.published, &cold);
    assert_same_bytes(&cold, &warm);
}

/// What a work folder has of one set of rules must not pass for another.
#[test]
fn a_work_folder_of_another_policy_is_not_taken_for_this_one() {
    let scratch = scratch();
    let (source, work) = (SMALL.source_arg(), scratch.arg("work"));
    let (other, here, clean) = (scratch.arg("other"), scratch.arg("here"), scratch.join("clean"));
    let strict = [
        "--set",
        "place.max-hdop-milli=900",
        "--set",
        "dedup.same-place-bits=1",
    ];
    let mut first = vec!["run", "--source", &source, "--out", &other, "--work", &work];
    let _ = cairn().succeed(&first);
    first[4] = &here;
    first.extend(strict);
    let _ = cairn().succeed(&first);
    let _ = cairn().publish(&SMALL.source, &clean, &strict);
    let (here, clean) = (Published::below(Path::new(&here)), Published::below(&clean));
    assert_ne!(
        here.digest(),
        SMALL.published.digest(),
        "the policy makes a difference"
    );
    assert_same_bytes(&here, &clean);
}

#[test]
fn a_file_that_is_written_again_is_read_again() {
    let scratch = scratch();
    copy_folder(small_city_source(), &scratch.join("copy"));
    let (source, work) = (scratch.arg("copy"), scratch.arg("work"));
    let run = |out: &str| {
        let args = ["run", "--source", &source, "--out", out, "--work", &work];
        let _ = cairn().succeed(&args);
        Published::below(Path::new(out))
    };
    let before = run(&scratch.arg("before"));
    // The same size: only the time of modification tells.
    let path = before.table("objects").text("path", 0).to_owned();
    let mut bytes = std::fs::read(scratch.join("copy").join(&path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    scratch.write(&format!("copy/{path}"), bytes);
    let after = run(&scratch.arg("after"));
    assert_ne!(before.digest(), after.digest());
    let objects = after.table("objects");
    assert_eq!(
        objects.text("reason", objects.find("path", &path)),
        "O5-digest-mismatch"
    );
}
