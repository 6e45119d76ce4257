//! `cairn inspect`: what is in files, and how each would be read, without a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use cairn_datasets::tables::{Object, Upload};
use cairn_datasets::verdict::{Reason, Verdict};
use cairn_stages::ingest::{IngestKernel, Ingested};
use rayon::prelude::*;
use serde_json::json;

use crate::cli::{Ending, Usage, say, say_json};
use crate::report::grouped;
use crate::sidecars::{candidates, pair_sidecars};
use crate::source::{fetch, is_beside};
use crate::store::{Listed, Store, StoreError, runtime};

/// What `cairn inspect` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Files, folders or URLs of stores; every object in them is read as `cairn run` would read it.
    #[arg(required = true)]
    pub places: Vec<String>,
    /// Policy file, for its limits.
    #[arg(long)]
    pub policy: Option<String>,
    /// Puts a value over the policy: SECTION.FIELD=VALUE. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write every fix to this CSV file. It says where people were: keep it to yourself.
    #[arg(long, value_name = "FILE")]
    pub fixes: Option<String>,
    /// Write position, time and size of every image to this CSV file.
    #[arg(long, value_name = "FILE")]
    pub images: Option<String>,
    /// Print a Markdown table by format instead of a line for each object.
    #[arg(long, conflicts_with = "json")]
    pub table: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let policy = crate::policy_file::load(args.policy.as_deref(), &args.set);
    let kernel = IngestKernel {
        policy: policy.map_err(|e| Usage(e.to_string()))?.ingest,
        span: None,
        buckets: 1,
    };
    let mut read = Vec::new();
    for place in &args.places {
        read.extend(read_place(&kernel, place)?);
    }
    if let Some(file) = &args.fixes {
        std::fs::write(file, fixes_csv(&read)?).with_context(|| format!("--fixes {file}"))?;
    }
    if let Some(file) = &args.images {
        std::fs::write(file, images_csv(&read)?).with_context(|| format!("--images {file}"))?;
    }
    let objects: Vec<&Object> = read.iter().flat_map(Ingested::objects).collect();
    if args.json {
        say_json(&objects.iter().map(|object| row(object)).collect::<Vec<_>>())?;
    } else if args.table {
        say(&table(&objects))?;
    } else {
        say(&lines(&objects))?;
    }
    Ok(Ending::Fine)
}

/// Reads every object of a place, in order of path.
fn read_place(kernel: &IngestKernel, place: &str) -> anyhow::Result<Vec<Ingested>> {
    let usage = |error: StoreError| Usage(error.to_string());
    let runtime = runtime()?;
    let path = Path::new(place);
    let alone = path.is_file();
    let (store, listed) = if alone {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.map_or(".".into(), Path::to_string_lossy);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let store = Store::open(&folder, &runtime).map_err(usage)?;
        // The file first, then what may say more about it.
        let names: Vec<String> = name
            .iter()
            .flat_map(|name| std::iter::once(name.clone()).chain(candidates(name)))
            .collect();
        let listed = store.look_up(&names)?;
        (store, listed)
    } else {
        let store = Store::open(place, &runtime).map_err(usage)?;
        let mut listed = store.list()?;
        listed.extend(store.unaddressable()?);
        listed.retain(|object| !is_beside(&object.path));
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        (store, listed)
    };
    let mut uploads: Vec<Upload> = listed.iter().map(upload).collect();
    pair_sidecars(&mut uploads);
    if alone {
        uploads.truncate(1);
    }
    let read = |upload: &Upload| kernel.read(upload, &|path, head| fetch(&store, upload, path, head));
    Ok(uploads.par_iter().map(read).collect::<Result<_, StoreError>>()?)
}

fn upload(object: &Listed) -> Upload {
    Upload {
        contributor: "local".to_owned(),
        session: String::new(),
        ..Upload::listed(object.path.clone(), object.bytes, object.version.clone())
    }
}

fn row(object: &Object) -> serde_json::Value {
    json!({
        "path": object.path,
        "bytes": object.bytes,
        "kind": object.kind,
        "format": object.format,
        "reason": object.reason.code(),
        "detail": object.detail,
        "fixes": object.fixes,
        "images": object.images,
        "captured_at": object.captured_at,
    })
}

fn lines(objects: &[&Object]) -> String {
    let mut text = String::new();
    for object in objects {
        let what = match (object.verdict, object.kind.as_str()) {
            (Verdict::Kept, "image") => "image".to_owned(),
            (Verdict::Kept, _) if object.fixes > 0 => format!("{} fixes", grouped(u64::from(object.fixes))),
            (Verdict::Kept, kind) => kind.to_owned(),
            _ => object.reason.code().to_owned(),
        };
        let format = if object.format.is_empty() {
            "?"
        } else {
            &object.format
        };
        let detail = if object.detail.is_empty() {
            String::new()
        } else {
            format!("  ({})", object.detail)
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{format:<10} {what:<18} {}{detail}", object.path);
    }
    text
}

/// A row of the table by format.
#[derive(Default)]
struct Tally {
    files: u64,
    read: u64,
    images: u64,
    fixes: u64,
    refused: BTreeMap<String, u64>,
}

/// Files by format, how many were read and what they gave, and why the others were not.
fn table(objects: &[&Object]) -> String {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for object in objects {
        let tally = tallies.entry(&object.format).or_default();
        tally.files += 1;
        tally.images += u64::from(object.images);
        tally.fixes += u64::from(object.fixes);
        if object.verdict == Verdict::Kept {
            tally.read += 1;
        } else {
            // A file of places and plans, or of indoor training, is sound and has nothing to map.
            let without =
                object.reason == Reason::Unreadable && object.detail.contains("holds no recorded fix");
            let why = if without { " (no recorded fix)" } else { "" };
            *tally
                .refused
                .entry(format!("{}{why}", object.reason))
                .or_default() += 1;
        }
    }
    let mut text =
        "| format | files | read | images | fixes | refused |\n|---|---|---|---|---|---|\n".to_owned();
    for (format, tally) in &tallies {
        let refused: Vec<String> = tally
            .refused
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        let format = if format.is_empty() { "(unknown)" } else { format };
        let _ = writeln!(
            text,
            "| {format} | {} | {} | {} | {} | {} |",
            tally.files,
            tally.read,
            grouped(tally.images),
            grouped(tally.fixes),
            refused.join(", "),
        );
    }
    text
}

fn fixes_csv(read: &[Ingested]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "path",
        "format",
        "ordinal",
        "segment",
        "time_ms",
        "lat_e7",
        "lon_e7",
        "accuracy_mm",
        "hdop_milli",
        "satellites",
        "fix_3d",
    ])?;
    let objects = read.iter().flat_map(Ingested::objects);
    let formats: BTreeMap<&str, &str> = objects.map(|o| (o.path.as_str(), o.format.as_str())).collect();
    for fix in read.iter().flat_map(Ingested::fixes) {
        writer.write_record([
            fix.path.clone(),
            text(formats.get(fix.path.as_str())),
            fix.ordinal.to_string(),
            fix.segment.to_string(),
            text(fix.captured_at.map(|at| at.0)),
            text(fix.lat_e7),
            text(fix.lon_e7),
            text(fix.accuracy_mm),
            text(fix.hdop_milli),
            text(fix.satellites),
            text(fix.fix_3d),
        ])?;
    }
    Ok(writer.into_inner()?)
}

fn images_csv(read: &[Ingested]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "path",
        "width",
        "height",
        "lat_e7",
        "lon_e7",
        "time_ms",
        "civil_time_ms",
        "time_source",
        "heading_deg",
        "accuracy_mm",
        "make",
        "model",
        "field_of_view_mdeg",
        "is_360",
    ])?;
    for shot in read.iter().flat_map(Ingested::shots) {
        writer.write_record([
            shot.path.clone(),
            shot.width.to_string(),
            shot.height.to_string(),
            text(shot.lat_e7),
            text(shot.lon_e7),
            text(shot.captured_at.map(|at| at.0)),
            text(shot.civil_at.map(|at| at.0)),
            shot.time_source.clone(),
            text(shot.heading_deg),
            text(shot.accuracy_mm),
            shot.make.clone(),
            shot.model.clone(),
            text(shot.field_of_view_mdeg),
            shot.is_360.to_string(),
        ])?;
    }
    Ok(writer.into_inner()?)
}

/// A value, or nothing.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
