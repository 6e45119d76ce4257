//! The files of a made-up run, as `cairn run` writes them.

use std::collections::BTreeMap;

use anyhow::Context;
use cairn::provenance;
use cairn::publish::{MANIFEST, counted_as, manifest_bytes};
use cairn::store::Store;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::{
    FileRecord, Inputs, MANIFEST_VERSION, Manifest, PolicyRecord, PrivateCounts, TableRecord,
};
use cairn_datasets::table::sort_unique;
use cairn_datasets::verdict::Reason;
use cairn_stages::emit::{GeoParquet, Publish, publish};
use cairn_stages::policy::Policy;
use cairn_stages::trees::roots;

use super::POOL;
use super::trips::END;

/// The files of a run as they are written.
pub struct Writer {
    store: Store,
    tables: BTreeMap<&'static str, TableRecord>,
    verdicts: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Writer {
    /// A run without a file yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            tables: BTreeMap::new(),
            verdicts: BTreeMap::new(),
        }
    }

    /// Writes the rows of a tile, or of the epoch.
    ///
    /// # Errors
    /// When two have one key, or the store fails.
    pub fn write<R: Publish>(&mut self, tile: Option<&str>, mut rows: Vec<R>) -> anyhow::Result<()> {
        sort_unique(&mut rows)?;
        let bytes = publish(&rows, GeoParquet::default())?.bytes;
        let record = self.tables.entry(R::TABLE).or_insert_with(|| TableRecord {
            rows: 0,
            // Nobody audits it.
            digest: Digest::of(b""),
            files: Vec::new(),
        });
        record.rows += rows.len() as u64;
        record.files.push(FileRecord {
            path: tile.map_or_else(
                || format!("{}.parquet", R::TABLE),
                |tile| format!("{}/{tile}/part-0.parquet", R::TABLE),
            ),
            rows: rows.len() as u64,
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        });
        if let Some(file) = record.files.last() {
            self.store.put(&file.path, bytes)?;
        }
        Ok(())
    }

    /// Puts the manifest, which says how many objects of how many bytes in all were read.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish(self, policy: &Policy, (objects, bytes): (u64, u64)) -> anyhow::Result<()> {
        let tables = self.tables.into_iter();
        let mut manifest = Manifest {
            version: MANIFEST_VERSION,
            reward_epoch: "2026-W20".to_owned(),
            results_digest: Digest::of(b""),
            inputs: Inputs {
                objects,
                bytes,
                root: Digest::of(b""),
                epoch: "2026-W20".to_owned(),
                as_of: END,
                previous: Vec::new(),
                before: Vec::new(),
                demand: None,
                region: None,
                contributors: None,
                devices: None,
                zones: None,
                operator: None,
                adjustments: Vec::new(),
                adjusted: Vec::new(),
            },
            policy: PolicyRecord {
                digest: policy.digest(),
                resolved: policy.resolved(),
            },
            build: provenance::build(),
            tables: tables.map(|(name, table)| (name.to_owned(), table)).collect(),
            verdicts: self.verdicts,
            private: PrivateCounts::default(),
            pool: POOL,
            unallocated: 0,
            trees: roots(&[], &[])?,
            views: BTreeMap::new(),
        };
        manifest.results_digest = manifest.digest();
        self.store
            .put(MANIFEST, manifest_bytes(&manifest))
            .context("the manifest")
    }

    /// Counts the verdicts of some rows of a table.
    pub fn count(&mut self, table: &str, reasons: impl Iterator<Item = Reason>) {
        let counts = self.verdicts.entry(table.to_owned()).or_default();
        for reason in reasons {
            *counts.entry(counted_as(reason).to_owned()).or_default() += 1;
        }
    }
}
