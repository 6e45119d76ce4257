//! Level `digests`: whether every file, row, count and root is what the manifest says.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use cairn_datasets::codec::parquet;
use cairn_datasets::digest::{Digest, TableHasher, canonical_json};
use cairn_datasets::manifest::{FileRecord, PrivateCounts, ViewRecord};
use cairn_datasets::table::{Row, TableError, assert_sorted_unique};
use cairn_datasets::tables::{Object, Reward};
use cairn_datasets::verdict::Reason;
use cairn_stages::emit::{Publish, first_underived};
use cairn_stages::trees::roots;
use rayon::prelude::*;

use super::Report;
use crate::publish::{REPORT, counted_as};
use crate::published::{PublishedError, Run};
use crate::report::grouped;
use crate::views::VIEWS;

/// How a row's reason is told.
pub(super) type ReasonOf<R> = Option<fn(&R) -> Reason>;

/// What a file holds besides its rows.
pub(super) struct Part<R: Row> {
    digests: Vec<Digest>,
    verdicts: BTreeMap<String, u64>,
    ends: Option<(R::Key, R::Key)>,
    /// What is wrong with it.
    faults: Vec<String>,
    /// Whether it is not there, or could not be read to its end.
    lost: bool,
}

impl<R: Row> Part<R> {
    fn empty() -> Self {
        Self {
            digests: Vec::new(),
            verdicts: BTreeMap::new(),
            ends: None,
            faults: Vec::new(),
            lost: false,
        }
    }
}

/// The check of one table, to which its files are given in the order of the manifest.
pub(super) struct Fold<R: Row> {
    hasher: TableHasher,
    verdicts: BTreeMap<String, u64>,
    last: Option<R::Key>,
    files: usize,
    whole: bool,
}

impl<R: Publish> Fold<R> {
    pub(super) fn new() -> Self {
        Self {
            hasher: TableHasher::new(R::TABLE, &R::schema()),
            verdicts: BTreeMap::new(),
            last: None,
            files: 0,
            whole: true,
        }
    }

    /// The next file.
    pub(super) fn take(&mut self, file: &FileRecord, part: Part<R>, report: &mut Report) {
        self.files += 1;
        self.whole &= !part.lost;
        for fault in &part.faults {
            report.mismatch(R::TABLE, fault);
        }
        for digest in &part.digests {
            self.hasher.push(digest);
        }
        for (reason, count) in part.verdicts {
            *self.verdicts.entry(reason).or_default() += count;
        }
        if let Some((first, last)) = part.ends {
            if let Some(before) = self.last.as_ref().filter(|before| **before >= first) {
                let error = out_of_order::<R>(&first, before);
                report.mismatch(R::TABLE, format!("`{}`: {error}", file.path));
            }
            self.last = Some(last);
        }
    }

    /// Holds all rows against the manifest.
    pub(super) fn finish(self, run: &Run, report: &mut Report) {
        let Some(record) = run.manifest.tables.get(R::TABLE) else {
            report.mismatch(R::TABLE, "the manifest does not name it");
            return;
        };
        let (rows, digest) = (self.hasher.rows(), self.hasher.finish());
        // Of a file that is lost, that is all there is to say.
        if self.whole {
            if (rows, digest) != (record.rows, record.digest) {
                let what = format!(
                    "its {rows} rows have digest {digest}; the manifest has {} rows, {}",
                    record.rows, record.digest
                );
                report.mismatch(R::TABLE, what);
            }
            let recorded = run.manifest.verdicts.get(R::TABLE);
            if recorded.unwrap_or(&BTreeMap::new()) != &self.verdicts {
                let what = format!("its counts of verdicts are not those of `{}`", R::TABLE);
                report.mismatch("manifest", what);
            }
        }
        report.checked.push(format!(
            "{}: {} rows in {} files: bytes, order, digests, what is derived, counts",
            R::TABLE,
            grouped(rows),
            self.files
        ));
    }
}

/// A table in one file: checks it, and gives its rows.
pub(super) fn whole<R: Publish>(
    run: &Run,
    reason: ReasonOf<R>,
    report: &mut Report,
) -> anyhow::Result<Vec<R>> {
    let mut fold = Fold::<R>::new();
    let mut all = Vec::new();
    for file in run.files(R::TABLE) {
        let mut pages = Pages::open(run, file, reason)?;
        while let Some(rows) = pages.next()? {
            all.extend(rows);
        }
        fold.take(file, pages.finish(), report);
    }
    fold.finish(run, report);
    Ok(all)
}

/// Rows of a file that are decoded at once.
const PAGE: usize = 16_384;

/// One file of a table, checked while it is read: bytes, sizes, the order of its rows, and what is derived. One that is not
/// there or broken has no rows.
pub(super) struct Pages<'a, R: Row> {
    file: &'a FileRecord,
    reason: ReasonOf<R>,
    batches: Option<Box<dyn Iterator<Item = Result<RecordBatch, TableError>> + Send + 'a>>,
    part: Part<R>,
    rows: u64,
    bytes: u64,
}

impl<'a, R: Publish> Pages<'a, R> {
    pub(super) fn open(run: &Run, file: &'a FileRecord, reason: ReasonOf<R>) -> anyhow::Result<Self> {
        let mut pages = Self {
            file,
            reason,
            batches: None,
            part: Part::empty(),
            rows: 0,
            bytes: 0,
        };
        let (bytes, same) = match run.bytes(file) {
            Err(PublishedError::Store(error)) if error.is_missing() => {
                pages.part.faults.push(error.to_string());
                pages.part.lost = true;
                return Ok(pages);
            }
            other => other?,
        };
        if !same {
            let what = format!("the bytes of `{}` are not those that were published", file.path);
            pages.part.faults.push(what);
        }
        pages.bytes = bytes.len() as u64;
        let opened = if R::HAS_GEOMETRY {
            // What the file says of all its geometries is held against all of them.
            parquet::read(bytes).map(|batch| Box::new(std::iter::once(Ok(batch))) as Box<_>)
        } else {
            parquet::batches(bytes, PAGE).map(|batches| Box::new(batches) as Box<_>)
        };
        match opened {
            Ok(batches) => pages.batches = Some(batches),
            Err(error) => pages.fail(&error),
        }
        Ok(pages)
    }

    fn fail(&mut self, error: &TableError) {
        self.batches = None;
        self.part.lost = true;
        self.part.faults.push(format!("`{}`: {error}", self.file.path));
    }

    /// The next rows; `None` after the last.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Vec<R>>> {
        let Some(batch) = self.batches.as_mut().and_then(Iterator::next) else {
            return Ok(None);
        };
        match batch.and_then(|batch| Ok((R::from_batch(&batch)?, batch))) {
            Ok((rows, batch)) => {
                self.look(&rows, &batch)?;
                Ok(Some(rows))
            }
            Err(error) => {
                self.fail(&error);
                Ok(None)
            }
        }
    }

    fn look(&mut self, rows: &[R], batch: &RecordBatch) -> anyhow::Result<()> {
        let path = &self.file.path;
        let part = &mut self.part;
        let underived = if R::HAS_GEOMETRY {
            first_underived(batch, rows)?
        } else {
            // Nothing of it is derived, so that only its columns are looked at.
            first_underived::<R>(&batch.slice(0, 0), &[])?
        };
        if let Some(what) = underived.filter(|_| self.rows == 0) {
            part.faults.push(format!(
                "`{path}`: {what} is not what follows from the other columns"
            ));
        }
        self.rows += rows.len() as u64;
        if let Err(error) = assert_sorted_unique(rows) {
            part.faults.push(format!("`{path}`: {error}"));
        }
        for reason in self.reason.into_iter().flat_map(|reason| rows.iter().map(reason)) {
            *part.verdicts.entry(counted_as(reason).to_owned()).or_default() += 1;
        }
        part.digests.par_extend(rows.par_iter().map(Row::digest));
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let (first, last) = (first.key(), last.key());
        part.ends = Some(match part.ends.take() {
            None => (first, last),
            Some((start, before)) => {
                if before >= first {
                    part.faults
                        .push(format!("`{path}`: {}", out_of_order::<R>(&first, &before)));
                }
                (start, last)
            }
        });
        Ok(())
    }

    /// What is known of the file now that all of it was read.
    pub(super) fn finish(mut self) -> Part<R> {
        let (found, said) = ((self.rows, self.bytes), (self.file.rows, self.file.bytes));
        if found != said && !self.part.lost {
            self.part.faults.push(format!(
                "`{}` has {} rows in {} bytes; the manifest says {} rows in {} bytes",
                self.file.path, found.0, found.1, said.0, said.1
            ));
        }
        self.part
    }
}

fn out_of_order<R: Row>(row: &R::Key, before: &R::Key) -> TableError {
    TableError::KeyOrder {
        table: R::TABLE,
        key: format!("{row:?}"),
        before: format!("{before:?}"),
    }
}

/// The manifest's own digests, and that it follows from its content.
pub(super) fn manifest(run: &Run, report: &mut Report) {
    let manifest = &run.manifest;
    let policy = Digest::of(canonical_json(&manifest.policy.resolved).as_bytes());
    if policy != manifest.policy.digest {
        let what = format!("the policy has digest {policy}, not {}", manifest.policy.digest);
        report.mismatch("manifest", what);
    }
    let results = manifest.digest();
    if results != manifest.results_digest {
        let what = format!(
            "the results have digest {results}, not {}",
            manifest.results_digest
        );
        report.mismatch("manifest", what);
    }
    report
        .checked
        .push("manifest: its digests are those of its content".to_owned());
}

/// What is private is published as a count alone, of each object and in all.
pub(super) fn private(run: &Run, objects: &[Object], report: &mut Report) {
    let (counted, said) = (PrivateCounts::of(objects), run.manifest.private);
    if counted != said {
        let what = format!(
            "its objects have {} private images and {} private fixes, and it says {} and {}",
            counted.images, counted.fixes, said.images, said.fixes
        );
        report.mismatch("manifest", what);
    }
}

/// The roots of the manifest are those of the tables.
pub(super) fn trees(run: &Run, objects: &[Object], rewards: &[Reward], report: &mut Report) {
    let said = &run.manifest.trees;
    let found = match roots(objects, rewards) {
        Ok(found) => found,
        Err(error) => return report.mismatch(Reward::TABLE, error),
    };
    if found.claims != said.claims {
        let told = |tree: &Option<cairn_datasets::manifest::ClaimsTree>| match tree {
            Some(tree) => format!(
                "root {}, {} leaves, {} in all",
                tree.root, tree.leaves, tree.amount
            ),
            None => "no tree".to_owned(),
        };
        let what = format!(
            "the rewards make of the claims {}; it says {}",
            told(&found.claims),
            told(&said.claims)
        );
        report.mismatch("manifest", what);
    }
    if found.dispositions != said.dispositions {
        let what = format!(
            "the objects make of the dispositions root {}, {} leaves; it says {}, {}",
            found.dispositions.root,
            found.dispositions.leaves,
            said.dispositions.root,
            said.dispositions.leaves
        );
        report.mismatch("manifest", what);
    }
    report.checked.push(format!(
        "trees: {} claims by address, {} dispositions",
        grouped(found.claims.map_or(0, |claims| claims.leaves)),
        grouped(found.dispositions.leaves)
    ));
}

/// Files that the manifest names beside the tables, and those that it does not: a reader that takes all that match a
/// pattern takes them too.
pub(super) fn files(run: &Run, report: &mut Report) -> anyhow::Result<()> {
    for (path, said) in &run.manifest.views {
        match run.store.get(path) {
            Err(error) if error.is_missing() => report.mismatch(path, error),
            Err(error) => return Err(error.into()),
            Ok(bytes) if ViewRecord::of(&bytes) != *said => {
                report.mismatch(path, "its bytes are not those that were published");
            }
            Ok(_) => {}
        }
    }
    report.checked.push(format!(
        "{} files beside the tables: bytes",
        run.manifest.views.len()
    ));
    let tables = run.manifest.tables.values();
    let mut named: BTreeSet<&str> = tables
        .flat_map(|table| table.files.iter().map(|file| file.path.as_str()))
        .collect();
    named.extend(run.manifest.views.keys().map(String::as_str));
    named.insert(REPORT);
    let found = match run.store.list() {
        Err(_) if run.store.is_web() => {
            let what = "files that the manifest does not name: the web server does not list";
            report.unchecked.push(what.to_owned());
            return Ok(());
        }
        other => other?,
    };
    for found in found {
        let path = found.path.as_str();
        let is_ours = path.ends_with(".parquet") || VIEWS.contains(&path);
        if is_ours && !named.contains(path) {
            let table = path.split(['/', '.']).next().unwrap_or_default();
            let table = if VIEWS.contains(&path) { path } else { table };
            report.mismatch(
                table,
                format!("`{path}` is there, and the manifest does not name it"),
            );
        }
    }
    Ok(())
}
