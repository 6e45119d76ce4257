//! The tools that people read maps with: `DuckDB` (with its spatial extension), polars and `GeoPandas` read every
//! published file, pystac and stac-geoparquet the catalog, GDAL what is exported; validators have nothing to say. Not on every machine: see `tests/python/requirements.txt`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::fixtures::{NETWORK, TILED, World, cairn, place};

/// The Python of a virtual environment below the target folder. It is made, and its packages are fetched,
/// when `CAIRN_PYTHON_TESTS=1`; otherwise it is used when it is there.
pub(crate) fn python() -> Option<PathBuf> {
    // Once for a process: tests run side by side, and each of them would make it.
    static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(environment);
    PYTHON.clone()
}

fn environment() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = venv.join("bin/python");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/requirements.txt");
    let installed = venv.join("requirements.txt");
    let wanted = std::fs::read(&requirements).unwrap();
    if std::fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Some(python);
    }
    if std::env::var_os("CAIRN_PYTHON_TESTS").is_none_or(|value| value != "1") {
        let line =
            "skipped: CAIRN_PYTHON_TESTS=1 makes a Python environment and reads the files with other tools";
        let _ = writeln!(std::io::stderr(), "{line}");
        return None;
    }
    succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    succeed(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&requirements),
    );
    std::fs::write(installed, wanted).unwrap();
    Some(python)
}

pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn read(python: &Path, world: &World) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_tiles.py");
    let said = succeed(Command::new(python).arg(script).arg(&world.published.folder));
    for reader in ["duckdb", "duckdb spatial", "polars", "geopandas", "gdal"] {
        assert!(said.contains(&format!("{reader}: ok")), "{said}");
    }
}

#[test]
fn other_tools_read_what_was_published() {
    let Some(python) = python() else { return };
    read(&python, &TILED);
    if let Some(world) = NETWORK.as_ref() {
        read(&python, world);
    }
}

#[test]
fn other_tools_find_their_way_by_the_catalog() {
    let Some(python) = python() else { return };
    let out = place("conforming");
    // Two epochs, of which one holds the other: in several tiles, and with rows without a place.
    for epoch in ["2026-01-01/2026-06-01", "all"] {
        let _ = cairn().publish(&TILED.source, &out, &["--tile-resolution", "9", "--epoch", epoch]);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_catalog.py");
    let said = succeed(Command::new(python).arg(script).arg(&out));
    for reader in [
        "pystac",
        "stac-geoparquet",
        "geopandas",
        "geoparquet-validator",
        "gpio",
    ] {
        assert!(said.contains(&format!("{reader}: ok")), "{said}");
    }
}

#[test]
fn other_tools_read_what_is_exported() {
    let Some(python) = python() else { return };
    let folder = place("exported");
    for table in ["coverage", "images"] {
        for (format, suffix) in [
            ("flatgeobuf", "fgb"),
            ("geojson", "geojson"),
            ("geojsonl", "geojsonl"),
            ("csv", "csv"),
        ] {
            let out = folder.join(format!("{table}.{suffix}"));
            let run = TILED.published.arg();
            let _ = cairn().succeed(&[
                "export",
                &run,
                "--format",
                format,
                "--table",
                table,
                "--out",
                &out.to_string_lossy(),
            ]);
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_exports.py");
    let said = succeed(
        Command::new(python)
            .arg(script)
            .arg(&TILED.published.folder)
            .arg(&folder),
    );
    assert!(said.contains("pyogrio: ok") && said.contains("gdal: "), "{said}");
}
