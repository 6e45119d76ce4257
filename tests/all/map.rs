//! The map as web maps read it: npm's `pmtiles`, `@mapbox/vector-tile` and `pbf` find every cell and every kept image of the tables in
//! it, and sums at every zoom that are those of the tables. Not on every machine: see `tests/node/package.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use cairn::views::map::Content;
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::units::{Position, Timestamp};
use cairn_stages::emit::map::Area;
use cairn_tests::{Frame, Published};
use serde_json::Value as Json;

use crate::fixtures::{CITY, NETWORK, SMALL, cairn, scratch};

/// The folder below the target folder in which npm has the readers. They are fetched when `CAIRN_NODE_TESTS=1`; otherwise they are used
/// when they are there.
pub(crate) static READERS: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
    let wanted = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/package.json")).unwrap();
    let installed = folder.join("installed.json");
    if std::fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Some(folder);
    }
    if std::env::var_os("CAIRN_NODE_TESTS").is_none_or(|value| value != "1") {
        let line = "skipped: CAIRN_NODE_TESTS=1 fetches npm's readers of maps and reads the map with them";
        let _ = writeln!(std::io::stderr(), "{line}");
        return None;
    }
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), &wanted).unwrap();
    let _ = succeed(
        Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    );
    std::fs::write(installed, wanted).unwrap();
    Some(folder)
});

pub(crate) fn succeed(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    output.stdout
}

/// What the readers say of a map, unless they are not there.
fn read(map: &Path) -> Option<Json> {
    let readers = READERS.as_ref()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/read_map.mjs");
    let said = succeed(Command::new("node").arg(script).arg(readers).arg(map));
    let said: Json = serde_json::from_slice(&said).unwrap();
    assert_eq!(said["faults"], serde_json::json!([]));
    Some(said)
}

fn sum(table: &Frame, column: &str) -> i128 {
    (0..table.rows()).map(|row| table.int(column, row)).sum()
}

fn shows_what_the_tables_say(published: &Published) {
    let Some(said) = read(&published.folder.join("coverage.pmtiles")) else {
        return;
    };
    let (coverage, credits) = (published.table("coverage"), published.table("credits"));
    let zooms = said["zooms"].as_object().unwrap();
    assert_eq!(zooms.len(), 15);
    for (zoom, shown) in zooms {
        let of = |name: &str| i128::from(shown[name].as_u64().unwrap());
        assert_eq!(of("cells"), coverage.rows() as i128, "zoom {zoom}");
        assert_eq!(of("passes"), sum(&coverage, "passes"), "zoom {zoom}");
        assert_eq!(of("images_counted"), sum(&coverage, "images"), "zoom {zoom}");
        assert_eq!(of("reward"), sum(&credits, "reward"), "zoom {zoom}");
        assert_eq!(of("features"), of("cells_named"), "zoom {zoom}");
    }
    cells_are_those_of_the_table(&said, &coverage, &credits);
    images_are_the_kept_ones(&said, &published.table("images"));
    assert_eq!(
        said["metadata"]["reward_epoch"],
        published.manifest["reward_epoch"]
    );
    assert_eq!(said["metadata"]["results_digest"], published.digest());
    let layers = said["metadata"]["vector_layers"].as_array().unwrap();
    let names: Vec<&str> = layers.iter().map(|layer| layer["id"].as_str().unwrap()).collect();
    assert_eq!(names, ["coverage", "images"]);
    for (name, value) in said["last"][0].as_object().unwrap() {
        let type_of = layers[0]["fields"][name].as_str().unwrap();
        assert_eq!(type_of == "String", value.is_string(), "{name}");
    }
    assert_eq!(
        (
            &said["header"]["clustered"],
            &said["header"]["maxZoom"],
            &said["header"]["tileType"]
        ),
        (&true.into(), &14.into(), &1.into())
    );
}

/// Zoom 14 has every cell with the values of its row.
fn cells_are_those_of_the_table(said: &Json, coverage: &Frame, credits: &Frame) {
    let mut paid: BTreeMap<i128, i128> = BTreeMap::new();
    for row in 0..credits.rows() {
        *paid.entry(credits.int("cell", row)).or_default() += credits.int("reward", row);
    }
    let shown = said["last"].as_array().unwrap();
    assert_eq!(shown.len(), coverage.rows());
    let by_cell: BTreeMap<&str, &Json> = shown.iter().map(|s| (s["cell"].as_str().unwrap(), s)).collect();
    for row in 0..coverage.rows() {
        let cell = coverage.int("cell", row);
        let shown = by_cell[format!("{cell:x}").as_str()];
        let names = [
            "score_ppm",
            "quality_ppm",
            "freshness_ppm",
            "confidence_ppm",
            "directions",
            "contributors",
            "passes",
            "images",
        ];
        for name in names {
            assert_eq!(
                shown[name].to_string(),
                coverage.int(name, row).to_string(),
                "{name} of {cell:x}"
            );
        }
        assert_eq!(
            i128::from(shown["reward"].as_u64().unwrap()),
            paid.get(&cell).copied().unwrap_or(0)
        );
        let newest = coverage.maybe_int("newest_captured_at", row);
        let newest = newest.map_or(Json::Null, |ms| {
            Timestamp(ms.try_into().unwrap()).to_string().into()
        });
        assert_eq!(shown.get("newest").unwrap_or(&Json::Null), &newest);
    }
}

/// Kept images are there once, where they were taken.
fn images_are_the_kept_ones(said: &Json, images: &Frame) {
    let kept: Vec<usize> = (0..images.rows())
        .filter(|row| images.text("verdict", *row) == "kept")
        .collect();
    let shown = said["images"].as_array().unwrap();
    let ids: BTreeSet<&str> = shown
        .iter()
        .map(|image| image["image_id"].as_str().unwrap())
        .collect();
    assert_eq!((ids.len(), shown.len()), (kept.len(), kept.len()));
    let by_id: BTreeMap<&str, &Json> = shown
        .iter()
        .map(|s| (s["image_id"].as_str().unwrap(), s))
        .collect();
    for row in kept {
        let shown = by_id[images.text("image_id", row)];
        assert_eq!(
            shown["contributor"].as_str().unwrap(),
            images.text("contributor", row)
        );
        assert_eq!(
            shown["quality_ppm"].to_string(),
            images.int("quality_ppm", row).to_string()
        );
        for (name, column) in [("lat", "lat_e7"), ("lon", "lon_e7")] {
            let wanted = f64::from(i32::try_from(images.int(column, row)).unwrap()) / 1e7;
            // A unit of a tile of zoom 14 is 0.6 m at the equator: 5.4e-6 degrees.
            assert!((shown[name].as_f64().unwrap() - wanted).abs() < 3e-6, "{name}");
        }
    }
}

#[test]
fn web_maps_read_every_cell_and_every_kept_image_of_a_city() {
    shows_what_the_tables_say(&SMALL.published);
    shows_what_the_tables_say(&CITY.published);
}

#[test]
fn web_maps_read_every_cell_and_every_kept_image_of_real_files() {
    if let Some(world) = NETWORK.as_ref() {
        shows_what_the_tables_say(&world.published);
    }
}

fn area(cell: Cell) -> Area {
    Area {
        cell,
        cells: 1,
        score_ppm: 1,
        quality_ppm: 2,
        freshness_ppm: 3,
        confidence_ppm: 4,
        directions: 1,
        contributors: 1,
        passes: 5,
        images: 6,
        reward: 7,
        newest: None,
    }
}

#[test]
fn web_maps_read_cells_at_the_borders_of_tiles_the_antimeridian_and_the_poles() {
    let eleven = resolution(11).unwrap();
    let mut cells = BTreeSet::new();
    for (lat_e7, lon_e7) in [
        (0, 0),
        (515_000_000, 0),
        (-165_000_000, 1_800_000_000),
        (665_000_000, -1_799_999_000),
        (850_511_000, 200_000_000),
        (-850_511_000, -200_000_000),
        (880_000_000, 1_000_000_000),
        (900_000_000, 0),
        (-900_000_000, 0),
    ] {
        let middle = Cell::at(Position { lat_e7, lon_e7 }, eleven);
        cells.extend(middle.with_ring());
    }
    // A pentagon and its neighbours.
    let pentagon = h3o::CellIndex::base_cells()
        .find(|cell| cell.is_pentagon())
        .unwrap();
    cells.extend(Cell::from(pentagon.center_child(eleven).unwrap()).with_ring());
    let content = Content {
        reward_epoch: "made up".to_owned(),
        areas: cells.iter().copied().map(area).collect(),
        ..Content::default()
    };
    let mut file = Cursor::new(Vec::new());
    content.write(&mut file).unwrap();
    let scratch = scratch();
    let path = scratch.join("edges.pmtiles");
    std::fs::write(&path, file.into_inner()).unwrap();
    let Some(said) = read(&path) else { return };
    for (zoom, shown) in said["zooms"].as_object().unwrap() {
        let of = |name: &str| usize::try_from(shown[name].as_u64().unwrap()).unwrap();
        assert_eq!(of("cells"), cells.len(), "zoom {zoom}");
        assert_eq!((of("passes"), of("reward")), (5 * cells.len(), 7 * cells.len()));
        // Nothing smears: hardly a cell is in more than a few tiles.
        assert!(of("parts") < 4 * of("features") + 4, "zoom {zoom}: {shown}");
    }
    let shown = said["last"].as_array().unwrap();
    let named: BTreeSet<String> = shown
        .iter()
        .map(|s| s["cell"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        named,
        cells.iter().map(ToString::to_string).collect::<BTreeSet<_>>()
    );
}

/// Many cells and images, so that the directory has leaves and the tiles come in several lots.
#[test]
fn the_map_is_the_same_on_one_thread_and_on_eight() {
    let eleven = resolution(11).unwrap();
    let mut areas = Vec::new();
    for step in 0..6_000_i32 {
        let position = Position {
            lat_e7: step * 7_919 % 800 * 1_000_000,
            lon_e7: (step * 104_729 % 3_600 - 1_800) * 1_000_000,
        };
        areas.push(area(Cell::at(position, eleven)));
    }
    areas.sort_by_key(|area| area.cell);
    areas.dedup_by_key(|area| area.cell);
    let content = Content {
        areas,
        ..Content::default()
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let mut file = Cursor::new(Vec::new());
            let written = content.write(&mut file).unwrap();
            (written, file.into_inner())
        })
    };
    let (one, eight) = (on(1), on(8));
    assert!(one.0.tiles > 16_384, "{:?}", one.0);
    assert!(one == eight);
}

#[test]
fn an_export_is_the_map_of_the_cells_that_pass() {
    let scratch = scratch();
    let run = &SMALL.published;
    let out = scratch.arg("map.pmtiles");
    let export = |further: &[&str]| {
        let asked = ["export", &run.arg(), "--format", "pmtiles", "--out", &out];
        let asked: Vec<&str> = asked.iter().chain(further).copied().collect();
        cairn().succeed(&asked)
    };
    let coverage = run.table("coverage");
    let said = export(&[]);
    assert!(said.contains(&format!("{} cells", coverage.rows())), "{said}");
    let published = std::fs::read(run.folder.join("coverage.pmtiles")).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), published);

    let mut scores: Vec<i128> = (0..coverage.rows())
        .map(|row| coverage.int("score_ppm", row))
        .collect();
    scores.sort_unstable();
    let middle = scores[scores.len() / 2];
    let count = scores.iter().filter(|score| **score >= middle).count();
    assert!(0 < count && count < scores.len(), "{scores:?}");
    let said = export(&["--min-score", &middle.to_string()]);
    assert!(said.contains(&format!("{count} cells")), "{said}");
    if let Some(read) = read(Path::new(&out)) {
        assert_eq!(read["zooms"]["14"]["cells"], count);
    }
    let asked = [
        "export",
        &run.arg(),
        "--format",
        "pmtiles",
        "--table",
        "passes",
        "--out",
        &out,
    ];
    cairn()
        .run(&asked)
        .failed_saying(2, &["--table passes", "leave --table out"]);
}
