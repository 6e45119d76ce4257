//! Level `full`: everything from the bytes up, in a second derivation that is compared row by row.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::{Inputs, Manifest};
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Standing};
use cairn_stages::audit::first_divergence;
use tokio::runtime::Runtime;

use super::{Report, corrections, is_our_build};
use crate::cli::Usage;
use crate::commands::derive::{Again, derive};
use crate::history::History;
use crate::progress::Progress;
use crate::publish::REPORT;
use crate::published::{PublishedError, Run};
use crate::report::{grouped, page};
use crate::store::Store;

/// Objects that a message names.
const NAMED: usize = 5;

/// Derives the run again from its uploads, and compares everything.
pub(super) fn check(
    published: &Run,
    again: Again<'_>,
    runtime: &Arc<Runtime>,
    progress: Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let manifest = &published.manifest;
    same_history(manifest, again.previous, runtime)?;
    corrections::same_files(manifest, again.adjustments)?;
    if !check_source(published, again.source, runtime, report)? {
        return Ok(());
    }
    let operator = manifest.inputs.operator.clone();
    let policy = crate::replay::policy(published)?;
    let second = derive(published, policy, again, operator, runtime, progress)?;
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
    if report.is_fine() && derived.results_digest != manifest.results_digest {
        let what = format!("derived results have digest {}", derived.results_digest);
        report.mismatch("manifest", what);
    }
    report
        .checked
        .push(format!("derivation: every row again from {}", again.source));
    check_views(published, second, report)
}

/// What lies beside the tables is drawn by the build, so that only the same build can be asked for the same bytes.
fn check_views(published: &Run, second: &Run, report: &mut Report) -> anyhow::Result<()> {
    if !is_our_build(published) {
        let what = "what lies beside the tables: another build drew it";
        report.unchecked.push(what.to_owned());
        return Ok(());
    }
    let (said, drawn) = (&published.manifest.views, &second.manifest.views);
    let paths: BTreeSet<&String> = said.keys().chain(drawn.keys()).collect();
    for path in paths {
        if said.get(path) != drawn.get(path) {
            report.mismatch(path, "it is not what this build makes of the derived tables");
        }
    }
    let shown = match published.store.get(REPORT) {
        Err(error) if error.is_missing() => None,
        other => Some(other?),
    };
    match (shown, published.stage_times()?) {
        (Some(shown), Some(times)) if report.is_fine() => {
            if page(published, times)?.as_bytes() != shown {
                report.mismatch(
                    REPORT,
                    "it is not what this build makes of the tables and of run.json",
                );
            }
            report.checked.push(format!(
                "{} files beside the tables, and {REPORT}: made again",
                drawn.len()
            ));
        }
        _ => report
            .unchecked
            .push(format!("{REPORT}: it or run.json is not there, or tables differ")),
    }
    Ok(())
}

/// Whether the source has the objects of the run; what it lacks cannot be checked, and is told.
fn check_source(
    published: &Run,
    location: &str,
    runtime: &Arc<Runtime>,
    report: &mut Report,
) -> anyhow::Result<bool> {
    let source = Store::open(location, runtime).map_err(|e| Usage(format!("--source: {e}")))?;
    // Of what the run could not read itself, nothing has to be there.
    let rows = published.rows::<Object>()?.into_iter();
    let objects: BTreeSet<String> = rows
        .filter(|row| row.sha256.is_some())
        .map(|row| row.path)
        .collect();
    if source.is_web() {
        // It cannot say what it has; what it lacks is told as unreadable by the derivation.
        return Ok(true);
    }
    let there: BTreeSet<String> = match source.list() {
        Ok(listed) => listed.into_iter().map(|object| object.path).collect(),
        Err(error) => {
            let of = grouped(objects.len() as u64);
            report.mismatch(
                "source",
                format!("none of the {of} objects can be checked: {error}"),
            );
            return Ok(false);
        }
    };
    let lost: Vec<&str> = objects.difference(&there).map(String::as_str).collect();
    if lost.is_empty() {
        return Ok(true);
    }
    let what = format!(
        "{} of the {} objects are not at {location} and cannot be checked: {}{}",
        grouped(lost.len() as u64),
        grouped(objects.len() as u64),
        lost.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "),
        if lost.len() > NAMED { ", …" } else { "" }
    );
    report.mismatch("source", what);
    Ok(lost.len() < objects.len())
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
pub(super) fn list(digests: &[Digest]) -> String {
    match digests {
        [] => "none".to_owned(),
        some => some.iter().map(Digest::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Each input that two do not share, in a sentence: of either how it begins.
pub(in crate::commands) fn differing(
    one: (&str, &Inputs),
    other: (&str, &Inputs),
) -> anyhow::Result<Vec<String>> {
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
        report.diverges(R::TABLE, divergence);
    }
    Ok(())
}
