//! What a city block costs over a network: the readers of README ask an output in a bucket for its images, and a proxy counts what comes.
//!
//! `CAIRN_BLOCK_RUN` names the folder of another epoch's tables: `just city-block` makes one of fifty million images.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_tests::{Fault, Frame, Proxy, S3};

use crate::fixtures::TILED;
use crate::python::{python, succeed};
use crate::s3::SERVER;

/// Half of the sides of a block of 100 m by 150 m, in degrees at the latitude of the cities here.
const BLOCK: (f64, f64) = (0.00102, 0.00045);

/// An epoch, and its output in a bucket behind a proxy.
struct Served {
    run: PathBuf,
    /// Of all files of its images.
    bytes: u64,
    out: String,
    proxy: Proxy,
    python: PathBuf,
}

impl Served {
    fn of(s3: &S3, python: PathBuf, run: &Path, bucket: &str) -> Self {
        s3.make_bucket(bucket);
        let epoch = run.file_name().unwrap().to_string_lossy().into_owned();
        let files = walk(run);
        s3.put(
            bucket,
            files.iter().map(|path| {
                (
                    format!("out/{epoch}/{path}"),
                    std::fs::read(run.join(path)).unwrap(),
                )
            }),
        );
        if let Ok(items) = std::fs::read(run.with_file_name("items.parquet")) {
            s3.put(bucket, [("out/items.parquet".to_owned(), items)]);
        }
        let images = files.iter().filter(|path| path.starts_with("images/"));
        Self {
            run: run.to_owned(),
            bytes: images.map(|path| run.join(path).metadata().unwrap().len()).sum(),
            out: format!("s3://{bucket}/out"),
            proxy: Proxy::to(s3.port()),
            python,
        }
    }

    /// Lets a reader ask for a block around a position, and gives what share of the bytes it read.
    #[must_use]
    fn asked(&self, reader: &str, (x, y): (f64, f64)) -> f64 {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_bucket.py");
        let sides = [x - BLOCK.0, y - BLOCK.1, x + BLOCK.0, y + BLOCK.1];
        self.proxy.plan(|_| Fault::None);
        let said = succeed(
            Command::new(&self.python)
                .arg(script)
                .arg(reader)
                .arg(&self.run)
                .arg(&self.out)
                .args(sides.map(|side| format!("{side:.7}")))
                .env("NO_PROXY", "127.0.0.1")
                .envs(S3::environment(self.proxy.port())),
        );
        let (sent, requests) = (self.proxy.sent(), self.proxy.count(|_| true));
        #[expect(clippy::cast_precision_loss, reason = "a share, to a tenth of a percent")]
        let share = sent as f64 / self.bytes as f64;
        let line = format!(
            "measured: {reader}: {sent} of {} bytes ({:.3} %) in {requests} requests for images: {}",
            self.bytes,
            share * 100.,
            said.trim().replace('\n', "; ")
        );
        let _ = writeln!(std::io::stderr(), "{line}");
        share
    }

    /// Of how many tiles the reader asked last opened images.
    fn tiles_opened(&self) -> usize {
        let opened = |tile: &String| {
            let (tile, _) = tile.trim_start_matches("images/tile=").split_once('/').unwrap();
            self.proxy
                .count(|seen| seen.target.contains("/images/") && seen.target.contains(tile))
                > 0
        };
        let tiles = walk(&self.run)
            .into_iter()
            .filter(|path| path.starts_with("images/"));
        tiles.filter(opened).count()
    }
}

fn walk(run: &Path) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for table in ["images", "coverage"] {
        for tile in std::fs::read_dir(run.join(table)).into_iter().flatten() {
            let tile = tile.unwrap().file_name().to_string_lossy().into_owned();
            found.push(format!("{table}/{tile}/part-0.parquet"));
        }
    }
    found.sort();
    found
}

/// Where an image of the middle of a table is.
fn somewhere(run: &Path) -> (f64, f64) {
    let tiles = walk(run)
        .into_iter()
        .filter(|path| path.starts_with("images/tile=8"));
    let tiles: Vec<String> = tiles.collect();
    let mut images = Frame::default();
    images.read(&run.join(&tiles[tiles.len() / 2]));
    let row = images.rows() / 2;
    #[expect(clippy::cast_precision_loss, reason = "positions in E7 are exact")]
    let degrees = |name: &str| images.int(name, row) as f64 / 1e7;
    (degrees("lon_e7"), degrees("lat_e7"))
}

#[test]
fn a_city_block_is_read_from_a_bucket() {
    let (Some(s3), Some(python)) = (SERVER.as_ref(), python()) else {
        return;
    };
    let run = &TILED.published.folder;
    let served = Served::of(s3, python, run, "block");
    let [all, by_catalog, ..] = ["duckdb", "duckdb-catalog", "polars", "geopandas"].map(|reader| {
        let _ = served.asked(reader, somewhere(run));
        served.tiles_opened()
    });
    // Files here are hardly more than footers. What the catalog saves is to open those of other tiles.
    assert!(0 < by_catalog && by_catalog < all, "{by_catalog} of {all} tiles");
}

#[test]
#[ignore = "minutes, and gigabytes of images: just city-block"]
fn a_city_block_of_millions_of_images_is_read_from_a_bucket() {
    let run = std::env::var_os("CAIRN_BLOCK_RUN").expect("CAIRN_BLOCK_RUN names the folder of an epoch");
    let (Some(s3), Some(python)) = (SERVER.as_ref(), python()) else {
        panic!("CAIRN_S3_TESTS=1 and CAIRN_PYTHON_TESTS=1 get what this needs");
    };
    let run = Path::new(&run);
    let served = Served::of(s3, python, run, "blocks");
    for reader in ["duckdb", "polars", "geopandas"] {
        let share = served.asked(reader, somewhere(run));
        assert!(share < 0.02, "{reader} read {share} of the bytes");
    }
}
