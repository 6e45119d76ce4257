//! Tables that are written while parties are made, and the world without pictures.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::city::world::{Imagined, Item, Party, TraceFormat, World};
use cairn_datasets::codec::parquet::Appender;
use cairn_datasets::digest::Digest;
use cairn_datasets::table::{Row, sort_unique};
use cairn_datasets::tables::TrueRecord;
use cairn_datasets::units::Timestamp;
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::{CityArgs, Made, source_of};
use crate::progress::Progress;
use crate::store::Store;

/// The table of the truth, beside the source.
pub(super) const TRUTH: &str = "truth.parquet";
/// The table of pictures that were not rendered.
pub(super) const IMAGES: &str = "images.parquet";
/// Parties for each thread that are made before any is written: what is in memory at once.
const AT_ONCE: usize = 2;
/// Rows that are collected before they are written: what a table's batch holds.
const BATCH: usize = 50_000;

/// A Parquet table on disk that grows.
pub(super) struct Growing<R: Row> {
    file: Appender<BufWriter<File>>,
    waiting: Vec<R>,
    /// Rows so far.
    pub(super) rows: u64,
}

impl<R: Row> Growing<R> {
    /// An empty table in a folder.
    pub(super) fn new(folder: &str, name: &str) -> anyhow::Result<Self> {
        let path = Path::new(folder).join(name);
        std::fs::create_dir_all(folder).with_context(|| format!("making {folder}"))?;
        let file = File::create(&path).with_context(|| format!("writing {}", path.display()))?;
        Ok(Self {
            file: Appender::new(BufWriter::new(file), R::schema())?,
            waiting: Vec::new(),
            rows: 0,
        })
    }

    /// Adds rows that follow those before in the order of the key.
    pub(super) fn add(&mut self, rows: Vec<R>) -> anyhow::Result<()> {
        self.rows += rows.len() as u64;
        self.waiting.extend(rows);
        if self.waiting.len() >= BATCH {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> anyhow::Result<()> {
        self.file.append(&R::to_batch(&self.waiting)?)?;
        self.waiting.clear();
        Ok(())
    }

    /// Ends the table; says how many rows it has.
    pub(super) fn finish(mut self) -> anyhow::Result<u64> {
        self.write()?;
        self.file.finish()?.flush()?;
        Ok(self.rows)
    }
}

/// `uploads.csv` while it grows.
pub(super) struct Uploads(BufWriter<File>);

impl Uploads {
    /// The list of a source in a folder, which is made.
    pub(super) fn new(source: &str) -> anyhow::Result<Self> {
        let path = Path::new(source).join("uploads.csv");
        let file = File::create(&path).with_context(|| format!("writing {}", path.display()))?;
        let mut file = BufWriter::new(file);
        file.write_all(b"path,contributor,uploaded_at,sha256,session,device\n")?;
        Ok(Self(file))
    }

    /// Lists an object.
    pub(super) fn add(&mut self, item: &Item, digest: &Digest) -> anyhow::Result<()> {
        writeln!(
            self.0,
            "{},{},{},{digest},{},{}",
            item.path,
            item.contributor,
            Timestamp(item.uploaded_at_ms),
            item.session,
            item.device
        )?;
        Ok(())
    }

    /// Ends the list.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.0.flush()?;
        Ok(())
    }
}

/// The truth of a party, in the order of the key.
pub(super) fn truth_of(world: &World, party: &Party, with_fixes: bool) -> anyhow::Result<Vec<TrueRecord>> {
    let rows = party
        .items
        .iter()
        .flat_map(|item| world.records(item, with_fixes));
    let mut rows: Vec<TrueRecord> = rows.collect();
    sort_unique(&mut rows)?;
    Ok(rows)
}

/// One party without pictures.
struct Sparse {
    party: Party,
    /// Bytes of each trace, by its item's place.
    traces: Vec<(usize, Vec<u8>)>,
    digests: Vec<Digest>,
    images: Vec<Imagined>,
    truth: Vec<TrueRecord>,
}

impl Sparse {
    fn new(args: &CityArgs, world: &World, number: u64) -> anyhow::Result<Self> {
        let party = world.party(number);
        let mut traces = Vec::new();
        for (place, item) in party.items.iter().enumerate() {
            if let Some(bytes) = world.trace_as(item, TraceFormat::Parquet)? {
                traces.push((place, bytes));
            }
        }
        let mut images: Vec<Imagined> = party
            .items
            .iter()
            .filter_map(|item| world.imagined(item))
            .collect();
        sort_unique(&mut images)?;
        Ok(Self {
            digests: traces.iter().map(|(_, bytes)| Digest::of(bytes)).collect(),
            truth: truth_of(world, &party, !args.no_fixes)?,
            party,
            traces,
            images,
        })
    }
}

/// Makes the world without pictures, some parties at a time.
pub(super) fn make(args: &CityArgs, world: &World, runtime: &Arc<Runtime>) -> anyhow::Result<Made> {
    let source = source_of(args);
    let store = Store::create(&source, runtime)?;
    let mut truth = Growing::<TrueRecord>::new(&args.out, TRUTH)?;
    let mut images = Growing::<Imagined>::new(&args.out, IMAGES)?;
    let mut uploads = Uploads::new(&source)?;
    let mut made = Made {
        parties: world.parties(),
        ..Made::default()
    };
    let stage = Progress::new().stage("city", usize::try_from(made.parties).unwrap_or(usize::MAX));
    let at_once = (AT_ONCE * rayon::current_num_threads()) as u64;
    let mut next = 0;
    while next < made.parties {
        let end = (next + at_once).min(made.parties);
        let batch: Vec<Sparse> = (next..end)
            .into_par_iter()
            .map(|number| Sparse::new(args, world, number))
            .collect::<anyhow::Result<_>>()?;
        for sparse in batch {
            made.pictures += sparse.images.len() as u64;
            images.add(sparse.images)?;
            truth.add(sparse.truth)?;
            let mut files = Vec::new();
            for ((place, bytes), digest) in sparse.traces.into_iter().zip(&sparse.digests) {
                let Some(item) = sparse.party.items.get(place) else {
                    continue;
                };
                uploads.add(item, digest)?;
                made.objects += 1;
                made.bytes += bytes.len() as u64;
                files.push((item.path.clone(), bytes));
            }
            store.put_each(files)?;
            stage.advance();
        }
        next = end;
    }
    images.finish()?;
    uploads.finish()?;
    made.rows = truth.finish()?;
    Ok(made)
}
