//! Writes what a run publishes: the tables, tile by tile, and the manifest last.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::{Digest, TableHasher};
use cairn_datasets::epoch::Epoch;
use cairn_datasets::manifest::{
    FileRecord, Inputs, MANIFEST_VERSION, Manifest, PolicyRecord, PrivateCounts, TableRecord,
};
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Standing};
use cairn_datasets::verdict::Reason;
use cairn_stages::emit::{GeoParquet, Publish, publish};
use cairn_stages::policy::Policy;
use cairn_stages::trees::roots;

use crate::engine::{EngineError, Local};
use crate::flow::Results;
use crate::provenance;
use crate::store::{Store, StoreError};
use crate::views::map::MAP;

/// The file that makes a run visible.
pub const MANIFEST: &str = "manifest.json";
/// What differs from run to run.
pub const RUN: &str = "run.json";
/// The report for people.
pub const REPORT: &str = "report.html";

/// The folder of an epoch below an output.
#[must_use]
pub fn epoch_folder(name: &str) -> String {
    format!("reward_epoch={name}")
}

/// A published table: its record, and how many of its rows got each reason.
struct Published {
    record: TableRecord,
    verdicts: BTreeMap<String, u64>,
}

/// The name that rows of a reason are counted under in the manifest.
#[must_use]
pub fn counted_as(reason: Reason) -> &'static str {
    match reason {
        Reason::None => "kept",
        other => other.code(),
    }
}

type ReasonOf<R> = Option<fn(&R) -> Reason>;

/// One file of a table as it was written.
struct Written {
    file: FileRecord,
    rows: Vec<Digest>,
    verdicts: BTreeMap<String, u64>,
}

/// Where and how tables are written.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// What encodes, on its threads.
    pub engine: &'a Local,
    /// The epoch's folder.
    pub folder: &'a Store,
    /// How geometries lie in the files.
    pub form: GeoParquet,
}

impl Output<'_> {
    fn write<R: Publish>(
        &self,
        path: String,
        rows: &[R],
        reason: ReasonOf<R>,
    ) -> Result<Written, EngineError> {
        let published = self.engine.compute(|| publish(rows, self.form))?;
        let file = FileRecord {
            path,
            rows: rows.len() as u64,
            bytes: published.bytes.len() as u64,
            sha256: Digest::of(&published.bytes),
        };
        self.folder.put(&file.path, published.bytes)?;
        let mut verdicts = BTreeMap::new();
        for reason in reason.into_iter().flat_map(|reason| rows.iter().map(reason)) {
            *verdicts.entry(counted_as(reason).to_owned()).or_default() += 1;
        }
        Ok(Written {
            file,
            rows: published.rows,
            verdicts,
        })
    }

    fn tiled<R: Publish>(&self, results: &Results, reason: ReasonOf<R>) -> Result<Published, EngineError> {
        let shelf = results.tiles::<R>();
        // `tile=none` sorts after the hexadecimal names, and its rows before all others: they have no cell.
        let mut tiles: Vec<String> = shelf.groups(R::TABLE).into_iter().collect();
        tiles.sort_by_key(|tile| (!tile.ends_with("none"), tile.clone()));
        let files = self.engine.map(R::TABLE, &tiles, |tile| {
            let rows = self.engine.rows::<R>(shelf, tile)?;
            self.write(format!("{}/{tile}/part-0.parquet", R::TABLE), &rows, reason)
        })?;
        Ok(table::<R>(files))
    }
}

/// Files in key order to one table.
fn table<R: Publish>(files: Vec<Written>) -> Published {
    let mut hasher = TableHasher::new(R::TABLE, &R::schema());
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    let mut records = Vec::with_capacity(files.len());
    for written in files {
        for row in &written.rows {
            hasher.push(row);
        }
        for (reason, count) in written.verdicts {
            *verdicts.entry(reason).or_default() += count;
        }
        records.push(written.file);
    }
    Published {
        record: TableRecord {
            rows: hasher.rows(),
            digest: hasher.finish(),
            files: records,
        },
        verdicts,
    }
}

/// Writes all tables of a run and gives its manifest, which is not written yet and names no view.
///
/// # Errors
/// [`EngineError`] when a store fails or a table is broken.
pub fn tables(out: &Output<'_>, results: &Results, header: Header<'_>) -> Result<Manifest, EngineError> {
    let rows = results.objects(out.engine)?;
    let private = PrivateCounts::of(&rows);
    let trees = roots(&rows, &results.rewards)?;
    let objects = out.write("objects.parquet".into(), &rows, Some(|o: &Object| o.reason))?;
    let rewards = out.write("rewards.parquet".into(), &results.rewards, None)?;
    // There without a row too, so that readers can count on it.
    let adjustments = out.write("adjustments.parquet".into(), header.ledger, None)?;
    let published = [
        ("objects", table::<Object>(vec![objects])),
        ("images", out.tiled::<Image>(results, Some(|i| i.reason))?),
        ("passes", out.tiled::<Pass>(results, Some(|p| p.reason))?),
        ("coverage", out.tiled::<Coverage>(results, None)?),
        ("standing", out.tiled::<Standing>(results, None)?),
        ("credits", out.tiled::<Credit>(results, None)?),
        ("rewards", table::<Reward>(vec![rewards])),
        ("adjustments", table::<Adjustment>(vec![adjustments])),
    ];
    let mut manifest = Manifest {
        version: MANIFEST_VERSION,
        reward_epoch: header.epoch.name.clone(),
        results_digest: Digest::of(b""),
        inputs: header.inputs,
        policy: PolicyRecord {
            digest: header.policy.digest(),
            resolved: header.policy.resolved(),
        },
        build: provenance::build(),
        tables: BTreeMap::new(),
        verdicts: BTreeMap::new(),
        private,
        pool: header.pool,
        unallocated: results.unallocated,
        trees,
        views: BTreeMap::new(),
    };
    for (name, table) in published {
        if !table.verdicts.is_empty() {
            manifest.verdicts.insert(name.to_owned(), table.verdicts);
        }
        manifest.tables.insert(name.to_owned(), table.record);
    }
    manifest.results_digest = manifest.digest();
    Ok(manifest)
}

/// What the manifest says besides the tables.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// The epoch.
    pub epoch: &'a Epoch,
    /// What was read.
    pub inputs: Inputs,
    /// The rules.
    pub policy: &'a Policy,
    /// Units to share out.
    pub pool: u64,
    /// The corrections of earlier epochs, in order of their keys.
    pub ledger: &'a [Adjustment],
}

/// Takes away files that an interrupted run left and this one does not name: until the manifest is
/// there nobody reads them, and after it they would be taken for results. What is no table is written over.
///
/// # Errors
/// [`StoreError`] when the output cannot be listed or cleaned.
pub fn sweep(out: &Store, manifest: &Manifest) -> Result<(), StoreError> {
    let named: BTreeSet<&str> = manifest
        .tables
        .values()
        .flat_map(|t| t.files.iter().map(|f| f.path.as_str()))
        .collect();
    for leftover in out.list()? {
        let path = leftover.path.as_str();
        if ![MANIFEST, RUN, REPORT, MAP].contains(&path) && !named.contains(path) {
            out.delete(&leftover.path)?;
        }
    }
    Ok(())
}

/// The manifest as it is written.
#[must_use]
pub fn manifest_bytes(manifest: &Manifest) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(manifest).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}
