//! `cairn audit`: is what was published what its manifest says, and, with the source, what it should be?

mod corrections;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use cairn_datasets::codec::parquet;
use cairn_datasets::digest::{Digest, TableHasher, canonical_json};
use cairn_datasets::manifest::{FileRecord, Inputs, Manifest, PrivateCounts};
use cairn_datasets::table::{Row, assert_sorted_unique};
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Standing};
use cairn_datasets::verdict::Reason;
use cairn_stages::audit::first_divergence;
use cairn_stages::emit::{Publish, first_underived};
use serde_json::json;
use tokio::runtime::Runtime;

use super::derive::{Again, derive};
use crate::cli::{Ending, Usage, say, say_json};
use crate::engine::Bounds;
use crate::history::History;
use crate::progress::Progress;
use crate::publish::counted_as;
use crate::published::{PublishedError, Run};
use crate::replay;
use crate::store::runtime;
use crate::views::VIEWS;

/// What `cairn audit` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    /// The uploads it was made from, a folder or URL: derives everything again and compares it.
    #[arg(long)]
    pub source: Option<String>,
    /// The earlier epochs that it started from, for the derivation. May be given several times.
    #[arg(long, value_name = "RUN", requires = "source")]
    pub previous: Vec<String>,
    /// The files of adjustments that it applied, for the derivation. May be given several times.
    #[arg(long, value_name = "FILE", requires = "source")]
    pub adjustments: Vec<String>,
    /// Threads; 0 takes one for each core.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// What is in flight at once.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What an audit found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was checked, in words.
    pub checked: Vec<String>,
    /// What is not as it should be: the table (or `manifest`), and the difference.
    pub mismatches: Vec<(String, String)>,
}

impl Report {
    fn mismatch(&mut self, table: &str, what: impl std::fmt::Display) {
        self.mismatches.push((table.to_owned(), what.to_string()));
    }

    fn text(&self, location: &str) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for line in &self.checked {
            let _ = writeln!(text, "checked  {line}");
        }
        for (table, what) in &self.mismatches {
            let _ = writeln!(text, "MISMATCH {table}: {what}");
        }
        let _ = match self.mismatches.first() {
            None => writeln!(text, "Yes: {location} is what it says it is."),
            Some((table, _)) => writeln!(text, "No: {location} differs, first in `{table}`."),
        };
        text
    }
}

/// Runs the command.
///
/// # Errors
/// When the run or the source cannot be read.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let published = super::published(&args.run, &runtime)?;
    let again = args.source.as_deref().map(|source| Again {
        source,
        previous: &args.previous,
        adjustments: &args.adjustments,
        threads: args.threads,
        bounds: args.bounds,
    });
    let report = audit(&published, again, &runtime, Progress::new())?;
    let fine = report.mismatches.is_empty();
    if args.json {
        let mismatches: Vec<_> = report
            .mismatches
            .iter()
            .map(|(table, what)| json!({ "table": table, "difference": what }))
            .collect();
        say_json(&json!({ "ok": fine, "checked": report.checked, "mismatches": mismatches }))?;
    } else {
        say(&report.text(published.store.location()))?;
    }
    Ok(if fine { Ending::Fine } else { Ending::Mismatch })
}

/// Audits a run: what is published against its manifest, then the sums, then, with a source,
/// every row against a fresh derivation.
///
/// # Errors
/// When the run or the source cannot be read.
pub fn audit(
    published: &Run,
    again: Option<Again<'_>>,
    runtime: &Arc<Runtime>,
    progress: Progress,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    check_manifest(published, &mut report);
    check_table::<Object>(published, Some(|o| o.reason), &mut report)?;
    check_table::<Image>(published, Some(|i| i.reason), &mut report)?;
    check_table::<Pass>(published, Some(|p| p.reason), &mut report)?;
    check_table::<Coverage>(published, None, &mut report)?;
    check_table::<Standing>(published, None, &mut report)?;
    check_table::<Credit>(published, None, &mut report)?;
    check_table::<Reward>(published, None, &mut report)?;
    check_table::<Adjustment>(published, None, &mut report)?;
    check_files(published, &mut report)?;
    if report.mismatches.is_empty() {
        check_private(published, &mut report)?;
        check_sums(published, &mut report)?;
        corrections::check(published, &mut report)?;
    }
    if let Some(again) = again {
        derive_and_compare(published, again, runtime, progress, &mut report)?;
    }
    Ok(report)
}

fn check_manifest(published: &Run, report: &mut Report) {
    let manifest = &published.manifest;
    let policy = Digest::of(canonical_json(&manifest.policy.resolved).as_bytes());
    if policy != manifest.policy.digest {
        report.mismatch(
            "manifest",
            format!("the policy has digest {policy}, not {}", manifest.policy.digest),
        );
    }
    let results = manifest.digest();
    if results != manifest.results_digest {
        report.mismatch(
            "manifest",
            format!(
                "the results have digest {results}, not {}",
                manifest.results_digest
            ),
        );
    }
    report
        .checked
        .push("manifest: its digests are those of its content".to_owned());
}

/// Checks a table against the manifest: bytes, rows, order, digests, what is derived, and how many rows got
/// each reason.
fn check_table<R: Publish>(
    published: &Run,
    reason: Option<fn(&R) -> Reason>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Some(record) = published.manifest.tables.get(R::TABLE) else {
        report.mismatch(R::TABLE, "the manifest does not name it");
        return Ok(());
    };
    let mut hasher = TableHasher::new(R::TABLE, &R::schema());
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    let mut last: Option<R> = None;
    for file in &record.files {
        let Some(rows) = check_file::<R>(published, file, report)? else {
            return Ok(());
        };
        let bordering: Vec<R> = last.iter().chain(rows.first()).cloned().collect();
        if let Err(error) = assert_sorted_unique(&bordering).and_then(|()| assert_sorted_unique(&rows)) {
            report.mismatch(R::TABLE, format!("`{}`: {error}", file.path));
        }
        for row in &rows {
            hasher.push(&row.digest());
        }
        for reason in reason.into_iter().flat_map(|reason| rows.iter().map(reason)) {
            *verdicts.entry(counted_as(reason).to_owned()).or_default() += 1;
        }
        last = rows.into_iter().last().or(last);
    }
    let (rows, digest) = (hasher.rows(), hasher.finish());
    if (rows, digest) != (record.rows, record.digest) {
        let what = format!(
            "its {rows} rows have digest {digest}; the manifest has {} rows, {}",
            record.rows, record.digest
        );
        report.mismatch(R::TABLE, what);
    }
    let recorded = published.manifest.verdicts.get(R::TABLE);
    if recorded.unwrap_or(&BTreeMap::new()) != &verdicts {
        let what = format!("its counts of verdicts are not those of `{}`", R::TABLE);
        report.mismatch("manifest", what);
    }
    report.checked.push(format!(
        "{}: {rows} rows in {} files",
        R::TABLE,
        record.files.len()
    ));
    Ok(())
}

/// Checks one file and gives its rows; `None` when it is not there or broken, which is a mismatch.
fn check_file<R: Publish>(
    published: &Run,
    file: &FileRecord,
    report: &mut Report,
) -> anyhow::Result<Option<Vec<R>>> {
    let path = &file.path;
    let (bytes, same) = match published.bytes(file) {
        Err(PublishedError::Store(error)) if error.is_missing() => {
            report.mismatch(R::TABLE, error);
            return Ok(None);
        }
        other => other?,
    };
    if !same {
        report.mismatch(
            R::TABLE,
            format!("the bytes of `{path}` are not those that were published"),
        );
    }
    let size = bytes.len() as u64;
    let read = parquet::read(bytes).and_then(|batch| Ok((R::from_batch(&batch)?, batch)));
    let (rows, batch) = match read {
        Ok(read) => read,
        Err(error) => {
            report.mismatch(R::TABLE, format!("`{path}`: {error}"));
            return Ok(None);
        }
    };
    let found = (rows.len() as u64, size);
    if found != (file.rows, file.bytes) {
        let what = format!(
            "`{path}` has {} rows in {} bytes; the manifest says {} rows in {} bytes",
            found.0, found.1, file.rows, file.bytes
        );
        report.mismatch(R::TABLE, what);
    }
    if let Some(what) = first_underived(&batch, &rows)? {
        let what = format!("`{path}`: {what} is not what follows from the other columns");
        report.mismatch(R::TABLE, what);
    }
    Ok(Some(rows))
}

/// Files that the manifest does not name: a reader that takes all that match a pattern takes them too.
fn check_files(published: &Run, report: &mut Report) -> anyhow::Result<()> {
    let tables = published.manifest.tables.values();
    let named: BTreeSet<&str> = tables
        .flat_map(|table| table.files.iter().map(|file| file.path.as_str()))
        .collect();
    let found = match published.store.list() {
        Err(_) if published.store.is_web() => {
            let what = "files that the manifest does not name: not looked for, the web server does not list";
            report.checked.push(what.to_owned());
            return Ok(());
        }
        other => other?,
    };
    for found in found {
        let is_table = found.path.ends_with(".parquet") && !VIEWS.contains(&found.path.as_str());
        if is_table && !named.contains(found.path.as_str()) {
            let table = found.path.split(['/', '.']).next().unwrap_or_default();
            report.mismatch(
                table,
                format!("`{}` is there, and the manifest does not name it", found.path),
            );
        }
    }
    Ok(())
}

/// What is private is published as a count alone, of each object and in all.
fn check_private(published: &Run, report: &mut Report) -> anyhow::Result<()> {
    let counted = PrivateCounts::of(&published.rows::<Object>()?);
    let said = published.manifest.private;
    if counted != said {
        let what = format!(
            "its objects have {} private images and {} private fixes, and it says {} and {}",
            counted.images, counted.fixes, said.images, said.fixes
        );
        report.mismatch("manifest", what);
    }
    Ok(())
}

/// The sums that anyone can check: rewards and what nobody earned make the pool, line items make rewards.
fn check_sums(published: &Run, report: &mut Report) -> anyhow::Result<()> {
    let manifest = &published.manifest;
    let rewards = published.rows::<Reward>()?;
    let paid: u128 = rewards.iter().map(|r| u128::from(r.reward)).sum();
    if paid + u128::from(manifest.unallocated) != u128::from(manifest.pool) {
        let what = format!(
            "they add up to {paid}, with {} unallocated, of a pool of {}",
            manifest.unallocated, manifest.pool
        );
        report.mismatch(Reward::TABLE, what);
    }
    let mut lines: BTreeMap<String, (u128, u128)> = BTreeMap::new();
    for credit in published.rows::<Credit>()? {
        let line = lines.entry(credit.contributor).or_default();
        line.0 += u128::from(credit.credit);
        line.1 += u128::from(credit.reward);
    }
    for reward in &rewards {
        let (credit, paid) = lines.remove(&reward.contributor).unwrap_or_default();
        if (credit, paid) != (u128::from(reward.credit), u128::from(reward.reward)) {
            let what = format!(
                "the lines of `{}` add up to credit {credit}, reward {paid}",
                reward.contributor
            );
            report.mismatch(Credit::TABLE, what);
        }
    }
    if let Some(contributor) = lines.keys().next() {
        report.mismatch(
            Credit::TABLE,
            format!("`{contributor}` has credits and no reward"),
        );
    }
    report.checked.push(format!(
        "sums: {paid} paid + {} unallocated = {} pool",
        manifest.unallocated, manifest.pool
    ));
    Ok(())
}

fn derive_and_compare(
    published: &Run,
    again: Again<'_>,
    runtime: &Arc<Runtime>,
    progress: Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let manifest = &published.manifest;
    same_history(manifest, again.previous, runtime)?;
    corrections::same_files(manifest, again.adjustments)?;
    let operator = manifest.inputs.operator.clone();
    let second = derive(
        published,
        replay::policy(published)?,
        again,
        operator,
        runtime,
        progress,
    )?;
    let (second, derived) = (&second.run, &second.run.manifest);
    for what in differing(
        ("the source has", &derived.inputs),
        ("the run had", &manifest.inputs),
    )? {
        report.mismatch("inputs", what);
    }
    compare::<Object>(published, second, report)?;
    compare::<Image>(published, second, report)?;
    compare::<Pass>(published, second, report)?;
    compare::<Coverage>(published, second, report)?;
    compare::<Standing>(published, second, report)?;
    compare::<Credit>(published, second, report)?;
    compare::<Reward>(published, second, report)?;
    compare::<Adjustment>(published, second, report)?;
    if report.mismatches.is_empty() && derived.results_digest != manifest.results_digest {
        report.mismatch(
            "manifest",
            format!("derived results have digest {}", derived.results_digest),
        );
    }
    report
        .checked
        .push(format!("derivation: every row again from {}", again.source));
    Ok(())
}

/// A run is derived again from the history that it started from, and no other.
fn same_history(manifest: &Manifest, previous: &[String], runtime: &Arc<Runtime>) -> anyhow::Result<()> {
    let usage = |what: String| Usage(format!("--previous: {what}"));
    let named = History::open(previous, manifest.inputs.as_of, runtime).map_err(|e| usage(e.to_string()))?;
    let (named, wanted) = (named.digests(), &manifest.inputs.previous);
    if named == *wanted {
        return Ok(());
    }
    let what = format!(
        "the run started from the earlier epochs with the results digests {}, and those named have {}",
        list(wanted),
        list(&named)
    );
    Err(usage(what).into())
}

/// Digests for a message.
fn list(digests: &[Digest]) -> String {
    match digests {
        [] => "none".to_owned(),
        some => some.iter().map(Digest::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Each input that two do not share, in a sentence: of either how it begins.
pub(super) fn differing(one: (&str, &Inputs), other: (&str, &Inputs)) -> anyhow::Result<Vec<String>> {
    let ((one_has, one), (other_has, other)) = (one, other);
    let (one, other) = (serde_json::to_value(one)?, serde_json::to_value(other)?);
    let names = [&one, &other].map(|inputs| inputs.as_object().into_iter().flatten().map(|(name, _)| name));
    let names: BTreeSet<&String> = names.into_iter().flatten().collect();
    let said = |inputs: &serde_json::Value, name: &str| match &inputs[name] {
        serde_json::Value::Null => "nothing".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(names
        .into_iter()
        .filter(|name| one[name.as_str()] != other[name.as_str()])
        .map(|name| {
            let (one, other) = (said(&one, name), said(&other, name));
            format!("{one_has} {name} {one}, {other_has} {other}")
        })
        .collect())
}

fn compare<R: Row + std::fmt::Debug>(
    published: &Run,
    second: &Run,
    report: &mut Report,
) -> anyhow::Result<()> {
    let rows = match published.rows::<R>() {
        Err(PublishedError::Store(error)) if !error.is_missing() => return Err(error.into()),
        // Rows that cannot be read were reported before.
        Err(_) => return Ok(()),
        Ok(rows) => rows,
    };
    if let Some(divergence) = first_divergence(&rows, &second.rows::<R>()?) {
        report.mismatch(R::TABLE, divergence);
    }
    Ok(())
}
