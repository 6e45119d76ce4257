//! All of an epoch as one archive: npm's `ipfs-car` comes to the same root, `@ipld/car` reads it, and what is not as the
//! manifest says gets into none.

use std::path::Path;
use std::process::Command;

use cairn_datasets::digest::Digest;
use cairn_tests::{Published, Scratch, Web, copy_folder};
use serde_json::Value as Json;

use crate::fixtures::{SMALL, TILED, World, cairn, scratch};
use crate::map::{READERS, succeed};

/// Every file of an archive: the manifest and what it names.
fn archived(published: &Published) -> Vec<String> {
    let tables = published.manifest["tables"].as_object().unwrap();
    let mut paths: Vec<String> = tables.keys().flat_map(|table| published.files(table)).collect();
    paths.extend(published.manifest["views"].as_object().unwrap().keys().cloned());
    paths.push("manifest.json".to_owned());
    paths
}

/// Writes the archive and gives the root that the program names.
fn export(published: &str, out: &Path) -> String {
    let out = out.to_string_lossy();
    let said = cairn().succeed(&["export", published, "--format", "car", "--out", &out]);
    let root = said.lines().find_map(|line| line.strip_prefix("root "));
    root.unwrap_or_else(|| panic!("{said}")).to_owned()
}

/// That the readers find in the archive what is in the folder, and pack the folder to the same root, unless they are not there.
fn is_that_of_another_implementation(published: &Published) {
    let scratch = scratch();
    let car = scratch.join("epoch.car");
    let root = export(&published.arg(), &car);
    let Some(readers) = READERS.as_ref() else { return };
    // The packages are modules, which are found from where a script lies.
    let script = readers.join("read_car.mjs");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/read_car.mjs");
    std::fs::write(&script, std::fs::read(source).unwrap()).unwrap();
    let mut command = Command::new("node");
    command.arg(&script).arg(&car).arg(&published.folder);
    let said: Json = serde_json::from_slice(&succeed(command.args(archived(published)))).unwrap();
    assert_eq!(said["faults"], serde_json::json!([]));
    assert_eq!(said["roots"], serde_json::json!([root]));
    assert_eq!(said["packed"], root);
    assert_eq!(said["blocks"], said["theirs"]);
}

#[test]
fn an_archive_is_that_of_another_implementation_and_holds_every_file_that_the_manifest_names() {
    for world in [&*SMALL, &*TILED] {
        let paths = archived(&world.published);
        assert!(paths.contains(&"coverage.pmtiles".to_owned()), "{paths:?}");
        is_that_of_another_implementation(&world.published);
    }
    // Files that are read in several pieces, of which one is there twice.
    let scratch = scratch();
    let copy = scratch.join("large");
    copy_folder(&SMALL.published.folder, &copy);
    let mut manifest = SMALL.published.manifest.clone();
    for (name, bytes) in [
        ("large.bin", 20 << 20),
        ("again/large.bin", 20 << 20),
        ("less.bin", 9 << 20),
    ] {
        let bytes: Vec<u8> = (3..bytes + 6_u32)
            .map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2])
            .collect();
        let record = serde_json::json!({ "bytes": bytes.len(), "sha256": Digest::of(&bytes) });
        manifest["views"][name] = record;
        scratch.write(&format!("large/{name}"), bytes);
    }
    scratch.write("large/manifest.json", manifest.to_string());
    is_that_of_another_implementation(&Published::at(&copy));
}

#[test]
fn an_archive_of_a_web_server_is_that_of_its_folder() {
    let scratch = scratch();
    let root = export(&SMALL.published.arg(), &scratch.join("folder.car"));
    for ranges in [true, false] {
        let web = Web::of(&SMALL.published.folder, ranges);
        assert_eq!(export(&web.url(""), &scratch.join("web.car")), root);
    }
}

#[test]
fn an_archive_is_the_same_each_time_and_wherever_it_goes() {
    let scratch = scratch();
    let (one, copy) = (scratch.join("one.car"), scratch.join("copy"));
    let root = export(&SMALL.published.arg(), &one);
    copy_folder(&SMALL.published.folder, &copy);
    // What differs from run to run is not in it.
    for name in ["run.json", "report.html", "attestation.json"] {
        std::fs::write(copy.join(name), name).unwrap();
    }
    let copy = copy.to_string_lossy();
    assert_eq!(export(&copy, &scratch.join("two.car")), root);
    let bytes = std::fs::read(one).unwrap();
    assert!(bytes == std::fs::read(scratch.join("two.car")).unwrap());
    let output = cairn()
        .command(&["export", &copy, "--format", "car", "--out", "-"])
        .output()
        .unwrap();
    assert!(output.status.success() && output.stdout == bytes);
}

/// A copy of a run in which something is changed, and what is said of its archive.
fn refused(world: &World, scratch: &Scratch, change: impl FnOnce(&Path), parts: &[&str]) {
    let copy = scratch.join("changed");
    copy_folder(&world.published.folder, &copy);
    change(&copy);
    let out = scratch.arg("changed.car");
    let copy = copy.to_string_lossy();
    cairn()
        .run(&["export", &copy, "--format", "car", "--out", &out])
        .failed_saying(1, parts);
    assert!(!scratch.join("changed.car").exists(), "nothing of it is left");
    assert!(
        !scratch.join("changed.car.part").exists(),
        "nothing of it is left"
    );
}

#[test]
fn a_file_that_is_not_as_the_manifest_says_is_named_and_nothing_is_written() {
    let file = SMALL.published.files("coverage")[0].clone();
    refused(
        &SMALL,
        &scratch(),
        |copy| {
            let mut bytes = std::fs::read(copy.join(&file)).unwrap();
            bytes[100] ^= 1;
            std::fs::write(copy.join(&file), bytes).unwrap();
        },
        &[&file, "SHA-256", "cairn audit"],
    );
    refused(
        &SMALL,
        &scratch(),
        |copy| std::fs::write(copy.join("coverage.pmtiles"), "short").unwrap(),
        &["coverage.pmtiles", "it has 5 bytes"],
    );
    refused(
        &SMALL,
        &scratch(),
        |copy| std::fs::remove_file(copy.join(&file)).unwrap(),
        &[&file, "is not there"],
    );
    refused(
        &SMALL,
        &scratch(),
        |copy| {
            let manifest = copy.join("manifest.json");
            let text = std::fs::read_to_string(&manifest).unwrap();
            std::fs::write(
                &manifest,
                text.replace("\"coverage.pmtiles\"", "\"../coverage.pmtiles\""),
            )
            .unwrap();
        },
        &["../coverage.pmtiles"],
    );
}

#[test]
fn an_archive_is_of_all_tables_and_all_rows() {
    let scratch = scratch();
    let (run, out) = (SMALL.published.arg(), scratch.arg("never.car"));
    let asked = |further: [&str; 2]| {
        let mut args = vec!["export", &run, "--format", "car", "--out", &out];
        args.extend(further);
        cairn().run(&args)
    };
    asked(["--table", "rewards"]).failed_saying(2, &["--table rewards", "all tables"]);
    for filter in [
        ["--bbox", "0,0,1,1"],
        ["--polygon", "area.geojson"],
        ["--cell", "8b1fb466a4dafff"],
        ["--contributor", "ada"],
        ["--min-score", "1"],
    ] {
        asked(filter).failed_saying(2, &[filter[0], "no filter"]);
    }
    assert!(!scratch.join("never.car").exists());
}
