//! What the layout of a table of images costs and saves: size, and time to write and to read, by compression level,
//! dictionaries, Bloom filters and page size, and how many row groups and pages a city block touches when rows lie
//! along H3 indexes or along a Hilbert curve. `cargo bench -p cairn-benches --bench layout`.
//!
//! With `-- table FOLDER IMAGES` it writes that many images as `images/tile=*/part-0.parquet` below the folder, in
//! tiles of resolution 6, for readers to be measured on.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context;
use arrow::array::RecordBatch;
use bytes::Bytes;
use cairn_benches::published::{CITY, TileOfImages, images_by_tile};
use cairn_datasets::codec::parquet as codec;
use cairn_datasets::table::Row;
use cairn_datasets::tables::Image;
use cairn_stages::emit::{GeoParquet, Publish, publish};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

/// Images of the measured file.
const IMAGES: u64 = 400_000;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip_while(|arg| arg != "table").skip(1);
    if let (Some(folder), Some(images)) = (args.next(), args.next()) {
        return write_table(Path::new(&folder), images.parse()?);
    }
    let mut rows = Vec::new();
    for tile in images_by_tile(IMAGES, CITY, 6)? {
        rows.extend(tile.rows()?);
    }
    rows.sort_by_key(Row::key);
    let file = Bytes::from(publish(&rows, GeoParquet::default())?.bytes);
    let batch = codec::read(file)?;
    layouts(&batch)?;
    orders(&rows);
    Ok(())
}

/// A way to lay a file out.
struct Way {
    name: String,
    properties: WriterPropertiesBuilder,
}

fn column(name: &str) -> ColumnPath {
    ColumnPath::new(name.split('.').map(str::to_owned).collect())
}

fn base(level: i32) -> anyhow::Result<WriterPropertiesBuilder> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(level)?))
        .set_data_page_row_count_limit(10_000)
        .set_max_row_group_row_count(Some(100_000)))
}

fn without_dictionaries(way: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    Image::DISTINCT.iter().fold(way, |way, name| {
        way.set_column_dictionary_enabled(column(name), false)
    })
}

fn layouts(batch: &RecordBatch) -> anyhow::Result<()> {
    let mut ways = Vec::new();
    for level in [1, 3, 6, 9, 15] {
        let properties = without_dictionaries(base(level)?);
        ways.push(Way {
            name: format!("zstd {level}"),
            properties,
        });
    }
    ways.push(Way {
        name: "zstd 1, dictionaries everywhere".to_owned(),
        properties: base(1)?,
    });
    let bloom = Image::LOOKED_UP
        .iter()
        .fold(without_dictionaries(base(1)?), |way, name| {
            way.set_column_bloom_filter_fpp(column(name), 0.01)
                .set_column_bloom_filter_max_ndv(column(name), 100_000)
        });
    ways.push(Way {
        name: "zstd 1, Bloom filters".to_owned(),
        properties: bloom,
    });
    for rows in [2_000, 5_000, 20_000] {
        let properties = without_dictionaries(base(1)?).set_data_page_row_count_limit(rows);
        ways.push(Way {
            name: format!("zstd 1, pages of {rows} rows"),
            properties,
        });
    }
    println!("{} rows, {} columns", batch.num_rows(), batch.num_columns());
    println!("{:34} {:>8} {:>9} {:>9}", "", "MB", "write s", "read s");
    for way in ways {
        let properties = way.properties.build();
        let (mut write, mut read) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for _ in 0..3 {
            let started = Instant::now();
            let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.clone()))?;
            writer.write(batch)?;
            let file = Bytes::from(writer.into_inner()?);
            write.push(started.elapsed().as_secs_f64());
            bytes = file.len();
            let started = Instant::now();
            codec::read(file)?;
            read.push(started.elapsed().as_secs_f64());
        }
        println!(
            "{:34} {:>8.1} {:>9.2} {:>9.2}",
            way.name,
            megabytes(bytes),
            median(&mut write),
            median(&mut read)
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for people, to a tenth")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or_default()
}

/// How many groups of so many rows hold something of a block of 100 m by 150 m, on average over blocks around every
/// thousandth row.
fn orders(rows: &[Image]) {
    let places: Vec<(i32, i32)> = rows.iter().filter_map(|i| Some((i.lon_e7?, i.lat_e7?))).collect();
    let mut by_hilbert = places.clone();
    by_hilbert.sort_by_key(|place| hilbert(*place));
    println!(
        "\n{:16} {:>22} {:>22}",
        "rows in a group", "touched, H3 order", "touched, Hilbert order"
    );
    for size in [1_000, 10_000, 100_000] {
        println!(
            "{size:16} {:>22.2} {:>22.2}",
            touched(&places, size),
            touched(&by_hilbert, size)
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "an average")]
fn touched(places: &[(i32, i32)], size: usize) -> f64 {
    let boxes: Vec<[i32; 4]> = places
        .chunks(size)
        .map(|group| {
            group
                .iter()
                .fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |b, (x, y)| {
                    [b[0].min(*x), b[1].min(*y), b[2].max(*x), b[3].max(*y)]
                })
        })
        .collect();
    let blocks: Vec<&(i32, i32)> = places.iter().step_by(1_000).collect();
    let meets = |(x, y): (i32, i32)| {
        boxes
            .iter()
            .filter(|b| b[0] <= x + 10_200 && b[2] >= x - 10_200 && b[1] <= y + 4_500 && b[3] >= y - 4_500)
            .count()
    };
    blocks.iter().map(|place| meets(**place)).sum::<usize>() as f64 / blocks.len() as f64
}

/// The place of a position along a Hilbert curve over the world (J. Skilling, "Programming the Hilbert curve", 2004).
fn hilbert((lon_e7, lat_e7): (i32, i32)) -> u64 {
    let unsigned = |value: i32| u64::from(value.abs_diff(i32::MIN));
    let (mut x, mut y) = (unsigned(lon_e7), unsigned(lat_e7));
    let mut along = 0_u64;
    for bit in (0..32).rev() {
        let side = 1_u64 << bit;
        let (right, up) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along = along << 2 | ((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (!x & 0xffff_ffff, !y & 0xffff_ffff);
            }
            (x, y) = (y, x);
        }
    }
    along
}

/// Two threads: tiles are made and encoded one by one.
fn write_table(folder: &Path, images: u64) -> anyhow::Result<()> {
    // So that some 12 images lie in a cell.
    let side = (images / 12).isqrt().max(16);
    let tiles = images_by_tile(images, side, 6)?;
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let write = || -> anyhow::Result<u64> {
        let mut bytes = 0;
        while let Some(tile) = tiles.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes += write_tile(folder, tile)?;
        }
        Ok(bytes)
    };
    let bytes: u64 = std::thread::scope(|scope| {
        let workers = [scope.spawn(write), scope.spawn(write)];
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| anyhow::bail!("a worker panicked"))
            })
            .sum::<anyhow::Result<u64>>()
    })?;
    println!(
        "{images} images in {} tiles, {bytes} bytes, {:.0} s",
        tiles.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn write_tile(folder: &Path, tile: &TileOfImages) -> anyhow::Result<u64> {
    let file = publish(&tile.rows()?, GeoParquet::default())?.bytes;
    let folder = folder.join(format!("images/tile={}", tile.tile));
    std::fs::create_dir_all(&folder).context("the table's folder")?;
    std::fs::write(folder.join("part-0.parquet"), &file)?;
    Ok(file.len() as u64)
}
