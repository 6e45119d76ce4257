//! The catalog of an output: it leads to every published file, whoever wrote it and whenever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cairn_tests::{Cairn, Scratch, copy_folder, files_below};
use serde_json::Value as Json;

use crate::fixtures::{SMALL, TILED, World, cairn, scratch};

/// Files of a catalog by their path below an output.
fn catalog_of(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(out).into_iter();
    files
        .filter(|(path, _)| !path.starts_with("reward_epoch="))
        .collect()
}

fn json(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Json {
    serde_json::from_slice(files.get(path).unwrap_or_else(|| panic!("{path}"))).unwrap()
}

/// The output that a world was published to.
fn out_of(world: &World) -> PathBuf {
    world.published.folder.parent().unwrap().to_owned()
}

fn write_anew(cairn: &Cairn, out: &str) -> Json {
    serde_json::from_str(&cairn.succeed(&["catalog", out, "--json"])).unwrap()
}

/// What a link leads to, from the document that it stands in.
fn follow(from: &str, href: &str) -> String {
    let mut at: Vec<&str> = from.split('/').collect();
    at.pop();
    for part in href.split('/') {
        match part {
            "." => {}
            ".." => assert!(at.pop().is_some(), "{href} of {from} leaves the output"),
            part => at.push(part),
        }
    }
    at.join("/")
}

#[test]
fn every_file_of_the_manifest_is_an_item_and_every_link_leads_somewhere() {
    let out = out_of(&TILED);
    let documents = catalog_of(&out);
    let mut files = TILED.published.manifest["tables"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|table| table["files"].as_array().unwrap())
        .map(|file| (file["path"].as_str().unwrap(), file))
        .collect::<BTreeMap<_, _>>();
    let epoch = TILED.published.folder.file_name().unwrap().to_str().unwrap();
    let mut items = 0;
    for path in documents.keys().filter(|path| *path != "items.parquet") {
        let document = json(&documents, path);
        for link in document["links"].as_array().unwrap() {
            let target = follow(path, link["href"].as_str().unwrap());
            assert!(documents.contains_key(&target), "{path} links to {target}");
        }
        for (_, asset) in document["assets"].as_object().into_iter().flatten() {
            let target = follow(path, asset["href"].as_str().unwrap());
            let bytes = std::fs::metadata(out.join(&target)).unwrap().len();
            assert_eq!(asset["file:size"].as_u64(), Some(bytes), "{target}");
        }
        if document["type"] == "Feature" {
            items += 1;
            let data = &document["assets"]["data"];
            let target = follow(path, data["href"].as_str().unwrap());
            let file = files
                .remove(target.strip_prefix(&format!("{epoch}/")).unwrap())
                .unwrap();
            assert_eq!(data["table:row_count"], file["rows"]);
            let digest = format!("1220{}", file["sha256"].as_str().unwrap());
            assert_eq!(data["file:checksum"], digest);
            let is_placed = !target.contains("tile=none") && target.contains("tile=");
            assert_eq!(document["geometry"].is_object(), is_placed, "{target}");
            assert_eq!(document.get("bbox").is_some(), is_placed, "{target}");
        }
    }
    assert!(items > 20, "{items}");
    assert!(files.is_empty(), "no item: {files:?}");
}

#[test]
fn a_catalog_written_anew_has_the_bytes_that_runs_wrote() {
    let scratch = scratch();
    let out = scratch.join("out");
    let run = |week: &str| {
        let _ = cairn().publish(&SMALL.source, &out, &["--epoch", week]);
    };
    // The later epoch first: what is newest follows from the ends of epochs.
    run("2026-05-01/2026-07-01");
    let first = catalog_of(&out);
    run("2026-01-01/2026-06-01");
    let both = catalog_of(&out);
    let root = json(&both, "catalog.json");
    assert_eq!(root["latest"], json(&first, "catalog.json")["latest"]);
    assert!(
        root["latest"].as_str().unwrap().starts_with("2026-05-01"),
        "{}",
        root["latest"]
    );
    let latest: Vec<&Json> = root["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|link| link["latest"] == true)
        .collect();
    assert_eq!(latest.len(), 1);
    // Items that were there are not written again in another form.
    for (path, bytes) in first.iter().filter(|(path, _)| path.matches('/').count() == 3) {
        assert!(both.get(path) == Some(bytes), "{path}");
    }

    let stale = out.join("stac/coverage/gone/catalog.json");
    std::fs::create_dir_all(stale.parent().unwrap()).unwrap();
    std::fs::write(&stale, "{}").unwrap();
    std::fs::remove_file(out.join("items.parquet")).unwrap();
    let said = write_anew(&cairn(), &scratch.arg("out"));
    assert_eq!(said["epochs"], 2);
    let anew = catalog_of(&out);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&anew), names(&both));
    assert!(anew == both, "other bytes");
}

#[test]
fn a_catalog_that_cannot_be_written_fails_no_run() {
    let scratch = scratch();
    // A folder stands where the root should.
    scratch.write("out/catalog.json/in/the/way", "x");
    let args = [
        "run",
        "--source",
        &SMALL.source_arg(),
        "--out",
        &scratch.arg("out"),
    ];
    let ran = cairn().run(&args);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains("is published") && ran.stderr.contains("`cairn catalog "),
        "{ran}"
    );
    std::fs::remove_dir_all(scratch.join("out/catalog.json")).unwrap();
    assert_eq!(write_anew(&cairn(), &scratch.arg("out"))["epochs"], 1);
}

#[test]
fn what_is_no_epoch_is_in_no_catalog() {
    let scratch: Scratch = scratch();
    let folder = &SMALL.published.folder;
    let name = folder.file_name().unwrap().to_str().unwrap();
    copy_folder(folder, &scratch.join(&format!("out/{name}")));
    // An epoch that is being published has no manifest yet.
    copy_folder(folder, &scratch.join("out/reward_epoch=unfinished"));
    std::fs::remove_file(scratch.join("out/reward_epoch=unfinished/manifest.json")).unwrap();
    assert_eq!(write_anew(&cairn(), &scratch.arg("out"))["epochs"], 1);
    let text = String::from_utf8_lossy(&catalog_of(&scratch.join("out"))["catalog.json"]).into_owned();
    assert!(!text.contains("unfinished"), "{text}");
    let nowhere = scratch.arg("nowhere");
    cairn().run(&["catalog", &nowhere]).failed_saying(2, &[&nowhere]);
}
