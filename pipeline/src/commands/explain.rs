//! `cairn explain`: why a contributor, an object or a cell got what it got, in sentences with numbers.

use std::fmt::Write;

use anyhow::Context;
use cairn_datasets::cell::Cell;
use cairn_datasets::tables::{Coverage, Credit, Image, Object, Pass, Reward, Standing};
use cairn_datasets::verdict::{Reason, Verdict};
use cairn_stages::policy::Policy;
use polars::prelude::{col, lit};
use serde_json::json;

use crate::cli::{Ending, Usage, say, say_json};
use crate::publish::counted_as;
use crate::published::Run;
use crate::report::{self, grouped, percent};
use crate::store::runtime;

/// What `cairn explain` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch.
    pub run: String,
    #[command(flatten)]
    subject: Subject,
    /// Print JSON: the rows that the sentences are made of.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// A contributor's id.
    #[arg(long, value_name = "ID")]
    contributor: Option<String>,
    /// Path of an object in the source.
    #[arg(long, value_name = "PATH")]
    object: Option<String>,
    /// An H3 cell.
    #[arg(long, value_name = "H3")]
    cell: Option<String>,
}

/// Most lines of one kind.
const TOP: usize = 12;

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let run = super::published(&args.run, &runtime)?;
    let answer = match (
        &args.subject.contributor,
        &args.subject.object,
        &args.subject.cell,
    ) {
        (Some(id), _, _) => contributor(&run, id)?,
        (_, Some(path), _) => object(&run, path)?,
        (_, _, Some(cell)) => self::cell(&run, cell.parse().map_err(|e| Usage(format!("--cell: {e}")))?)?,
        _ => return Err(Usage("give --contributor, --object or --cell".to_owned()).into()),
    };
    if args.json {
        say_json(&answer.json)?;
    } else {
        say(&answer.text)?;
    }
    Ok(Ending::Fine)
}

struct Answer {
    text: String,
    json: serde_json::Value,
}

/// Rows as JSON, by way of their own columns.
fn rows_json<R: cairn_datasets::table::Row>(rows: &[R]) -> anyhow::Result<serde_json::Value> {
    let batch = R::to_batch(rows)?;
    let schema = batch.schema();
    let mut out = Vec::with_capacity(rows.len());
    for row in 0..batch.num_rows() {
        let mut fields = serde_json::Map::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let value = super::export::value(batch.column(index).as_ref(), row);
            fields.insert(field.name().clone(), value);
        }
        out.push(serde_json::Value::Object(fields));
    }
    Ok(out.into())
}

/// A verdict in a clause: `kept`, or `rejected by I6-covered (the lens was covered …): 1326 against a
/// threshold of 2000 (1/1000 grey level)`.
fn verdict(verdict: Verdict, reason: Reason, measured: Option<i64>, threshold: Option<i64>) -> String {
    let name = match verdict {
        Verdict::Kept => return "kept".to_owned(),
        Verdict::Duplicate => "a duplicate",
        Verdict::Rejected => "rejected",
    };
    let numbers = match (measured, threshold) {
        (Some(m), Some(t)) => format!(": {m} against a threshold of {t} ({})", reason.unit()),
        (Some(m), None) => format!(": {m} {}", reason.unit()),
        _ => String::new(),
    };
    format!(
        "{name} by {reason} ({}){numbers}",
        reason.meaning().trim_end_matches('.')
    )
}

fn object(run: &Run, path: &str) -> anyhow::Result<Answer> {
    let objects = run.find_text::<Object>("path", path)?;
    let Some(found) = objects.first() else {
        return Err(Usage(format!(
            "no object `{path}` in this epoch; paths are those of the source, like a/b/1.jpg"
        ))
        .into());
    };
    let mut text = String::new();
    let uploaded = found
        .uploaded_at
        .map_or("at an unknown time".to_owned(), |at| at.to_string());
    let _ = writeln!(
        text,
        "{path}: {} of {} bytes, uploaded by {} {uploaded}, session {}.",
        found.kind,
        grouped(found.bytes),
        found.contributor,
        if found.session.is_empty() {
            "(none)"
        } else {
            &found.session
        },
    );
    let _ = writeln!(
        text,
        "It is {}.",
        verdict(found.verdict, found.reason, found.measured, found.threshold)
    );
    text.push_str(&signed(found));
    if let Some(original) = &found.duplicate_of {
        let _ = writeln!(text, "The earliest record it repeats is in {original}.");
    }
    if !found.detail.is_empty() {
        let _ = writeln!(text, "Said by the reader: {}.", found.detail);
    }
    if found.fixes > 0 {
        let _ = writeln!(
            text,
            "{} of its {} fixes were kept.",
            grouped(found.kept_fixes.into()),
            grouped(found.fixes.into())
        );
    }
    for (number, what) in [(found.private_images, "images"), (found.private_fixes, "fixes")] {
        if number > 0 {
            let _ = writeln!(
                text,
                "{} of its {what} are private (X1): nothing else is published of them.",
                grouped(number.into())
            );
        }
    }
    let images = run.find_text::<Image>("path", path)?;
    let mut passes = Vec::new();
    for image in &images {
        passes.extend(image_lines(run, &mut text, image)?);
    }
    let json = json!({ "object": rows_json(&objects)?, "images": rows_json(&images)?, "passes": rows_json(&passes)? });
    Ok(Answer { text, json })
}

/// What is known of the device and its signature, in a sentence; nothing where neither is.
fn signed(object: &Object) -> String {
    let device = object.device.as_deref().map(|name| format!("device {name}"));
    match (device, object.signature.as_str()) {
        (Some(device), "valid") => format!("It is from {device}, whose signature is valid.\n"),
        (Some(device), "invalid") => {
            format!("It says it is from {device}; the signature does not prove it (O5).\n")
        }
        (None, "invalid") => "Its signature is of no known device (O5).\n".to_owned(),
        (device, "missing") => {
            let from = device.map_or(String::new(), |device| format!("It says it is from {device}. "));
            format!("{from}A key is registered, and it has no signature (E11, for information).\n")
        }
        (Some(device), _) => format!("It says it is from {device}; no key is registered for it.\n"),
        (None, _) => String::new(),
    }
}

fn image_lines(run: &Run, text: &mut String, image: &Image) -> anyhow::Result<Vec<Pass>> {
    let _ = writeln!(
        text,
        "\nImage {}, {} x {} pixels.",
        image.image_id, image.width, image.height
    );
    match (image.position(), image.cell) {
        (Some(at), Some(cell)) => {
            let _ = writeln!(
                text,
                "  At {:.7}, {:.7} (from the {}), cell {cell}, heading {}.",
                at.lat_deg(),
                at.lon_deg(),
                image.position_source,
                image
                    .heading_deg
                    .map_or("unknown".to_owned(), |h| format!("{h} degrees")),
            );
        }
        _ => text.push_str("  It has no position.\n"),
    }
    let captured = image
        .captured_at
        .map_or("at an unknown time".to_owned(), |at| at.to_string());
    let source = if image.time_source.is_empty() {
        "no clock"
    } else {
        &image.time_source
    };
    let _ = writeln!(text, "  Captured {captured} (by {source}).");
    if let Some(mm) = image.trace_mm {
        let _ = writeln!(
            text,
            "  {:.1} m from its session's trace at that time.",
            metres(mm)
        );
    }
    let _ = writeln!(
        text,
        "  Quality {} (sharpness {} ppm, mean {:.1}, std {:.1}, dark {}, burnt {}).",
        percent(image.quality_ppm.parts()),
        image.sharpness,
        f64::from(image.mean_milli) / 1e3,
        f64::from(image.std_milli) / 1e3,
        percent(image.dark_ppm.parts()),
        percent(image.burnt_ppm.parts()),
    );
    let _ = writeln!(
        text,
        "  It is {}.",
        verdict(image.verdict, image.reason, image.measured, image.threshold)
    );
    if let Some(original) = image.duplicate_of {
        let path = run
            .find_text::<Image>("image_id", &original.to_string())?
            .first()
            .map(|i| i.path.clone());
        let distance = image
            .duplicate_mm
            .map_or(String::new(), |mm| format!(", {:.1} m away", metres(mm)));
        let path = path.unwrap_or(original.to_string());
        let how = if image.reason == Reason::Cropped {
            format!("is {path} cropped or framed, or the other way round")
        } else {
            format!("repeats {path}")
        };
        let bits = image.duplicate_bits.unwrap_or_default();
        let _ = writeln!(text, "  It {how} ({bits} of 256 bits differ{distance}).");
    }
    let Some(pass) = image.pass_id else {
        return Ok(Vec::new());
    };
    let passes = run.find_text::<Pass>("pass_id", &pass.to_string())?;
    for pass in &passes {
        pass_line(text, pass);
    }
    Ok(passes)
}

#[expect(clippy::cast_precision_loss, reason = "for people, to a tenth of a metre")]
fn metres(mm: u64) -> f64 {
    mm as f64 / 1e3
}

fn pass_line(text: &mut String, pass: &Pass) {
    let evidence = evidence(pass);
    let original = pass
        .duplicate_of
        .as_ref()
        .map_or(String::new(), |path| format!("; it lies on the track in {path}"));
    let slot = pass.slot.map_or(String::new(), |slot| {
        format!(
            "; slot {slot} had {} and gained {}",
            percent(pass.standing_ppm.parts()),
            percent(pass.gain_ppm.parts())
        )
    });
    let _ = writeln!(
        text,
        "  Pass in cell {} at {}: {} fixes, {} images, position {}, image {}, confirmation {} ({}), quality {}, \
         integrity {}{evidence}{slot}; credit {}; {}{original}.",
        pass.cell,
        pass.start_at,
        pass.fixes,
        pass.images,
        percent(pass.position_ppm.parts()),
        percent(pass.image_ppm.parts()),
        percent(pass.confirmation_ppm.parts()),
        pass.confirmed_by,
        percent(pass.quality_ppm.parts()),
        percent(pass.integrity_ppm.parts()),
        grouped(pass.credit),
        verdict(pass.verdict, pass.reason, pass.measured, pass.threshold),
    );
}

/// The clauses of evidence that fired, each with what was measured; the thresholds are those of the policy.
fn evidence(pass: &Pass) -> String {
    if pass.evidence.is_empty() {
        return String::new();
    }
    let told = |code: &str| {
        let (name, value, unit) = match code {
            "E1" => ("fixes in excess", pass.excess_ppm.map(i64::from), "ppm"),
            "E2" => (
                "white noise, autocorrelation",
                pass.noise_correlation_ppm.map(i64::from),
                "ppm",
            ),
            "E3" => ("on rails, sigma", pass.rails_mm.map(i64::from), "mm"),
            "E4" => ("fixes with one HDOP", pass.hdop_same_ppm.map(i64::from), "ppm"),
            "E5" => ("frozen for", pass.frozen_ms, "ms"),
            "E6" => ("off a broken clock by", pass.clock_ms, "ms"),
            "E7" => (
                "its device was elsewhere, by",
                pass.two_places_mm.and_then(|mm| i64::try_from(mm).ok()),
                "mm",
            ),
            "E10" => (
                "a picture off the track by",
                pass.trace_mm.and_then(|mm| i64::try_from(mm).ok()),
                "mm",
            ),
            _ => return format!("{code} no valid signature"),
        };
        value.map_or_else(
            || format!("{code} {name}"),
            |value| format!("{code} {name} {value} {unit}"),
        )
    };
    let told: Vec<String> = pass.evidence.split(' ').map(told).collect();
    format!(" ({})", told.join(", "))
}

fn contributor(run: &Run, id: &str) -> anyhow::Result<Answer> {
    let objects = run.find_text::<Object>("contributor", id)?;
    let rewards = run.find_text::<Reward>("contributor", id)?;
    if objects.is_empty() && rewards.is_empty() {
        return Err(Usage(format!(
            "no contributor `{id}` in this epoch; rewards.parquet and objects.parquet list them"
        ))
        .into());
    }
    let mut credits = run.find_text::<Credit>("contributor", id)?;
    let passes = run.find_text::<Pass>("contributor", id)?;
    let manifest = &run.manifest;
    let mut text = String::new();
    let (reward, weight) = rewards
        .first()
        .map_or((0, 0), |r| (r.reward, r.weight_ppm.parts()));
    let _ = writeln!(
        text,
        "{id} gets {} of the {} units of {}: {} of all credit.",
        grouped(reward),
        grouped(manifest.pool),
        manifest.reward_epoch,
        percent(weight),
    );
    let _ = writeln!(text, "\n{} objects:", grouped(objects.len() as u64));
    tally(&mut text, objects.iter().map(|o| o.reason));
    text.push_str(&report::signatures(&objects));
    let _ = writeln!(text, "\n{} passes:", grouped(passes.len() as u64));
    tally(&mut text, passes.iter().map(|p| p.reason));
    why_nothing(&mut text, &passes);
    let earning = credits.iter().filter(|c| c.credit > 0).count() as u64;
    credits.sort_by_key(|c| (std::cmp::Reverse(c.reward), c.cell));
    let best = if earning > 0 { "; the best:" } else { "." };
    let _ = writeln!(
        text,
        "\nCredit in {} of {} cells{best}",
        grouped(earning),
        grouped(credits.len() as u64)
    );
    for credit in credits.iter().filter(|c| c.credit > 0).take(TOP) {
        let _ = writeln!(
            text,
            "  {}  credit {:>9}  reward {:>9}",
            credit.cell,
            grouped(credit.credit),
            grouped(credit.reward)
        );
    }
    text.push_str("\nAsk further with --object PATH or --cell H3.\n");
    let json = json!({
        "rewards": rows_json(&rewards)?, "objects": rows_json(&objects)?,
        "passes": rows_json(&passes)?, "credits": rows_json(&credits)?,
    });
    Ok(Answer { text, json })
}

/// Kept passes that earned nothing, by what stood in the way.
fn why_nothing(text: &mut String, passes: &[Pass]) {
    let nothing: Vec<&Pass> = passes
        .iter()
        .filter(|p| p.verdict == Verdict::Kept && p.credit == 0)
        .collect();
    if nothing.is_empty() {
        return;
    }
    let count = |what: fn(&Pass) -> bool| nothing.iter().filter(|p| what(p)).count() as u64;
    let unconfirmed = count(|p| p.confirmation_ppm.parts() == 0);
    let inaccurate = count(|p| p.confirmation_ppm.parts() > 0 && p.position_ppm.parts() == 0);
    let standing = count(|p| p.quality_ppm.parts() > 0 && p.gain_ppm.parts() == 0);
    let worthless = count(|p| p.gain_ppm.parts() > 0);
    let _ = writeln!(
        text,
        "{} kept passes earned nothing:",
        grouped(nothing.len() as u64)
    );
    for (number, what) in [
        (
            unconfirmed,
            "nothing confirms them (P6: no picture that agrees, no other contributor)",
        ),
        (inaccurate, "their positions are too inaccurate (P2)"),
        (
            standing,
            "the cell had that quality in that direction already (R2)",
        ),
        (
            worthless,
            "what they add comes to less than one micro-credit at the demand for their cell (R3)",
        ),
    ] {
        if number > 0 {
            let _ = writeln!(text, "  {:>8}  {what}", grouped(number));
        }
    }
}

fn tally(text: &mut String, reasons: impl Iterator<Item = Reason>) {
    let mut counts = std::collections::BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_insert(0_u64) += 1;
    }
    for (reason, count) in counts {
        let name = counted_as(reason);
        let _ = writeln!(
            text,
            "  {:>8}  {}",
            grouped(count),
            format!("{name:<22} {}", reason.meaning()).trim_end()
        );
    }
}

fn cell(run: &Run, cell: Cell) -> anyhow::Result<Answer> {
    let wanted = col("cell").eq(lit(cell.index()));
    let coverage = run.find::<Coverage>(&wanted)?;
    let standing = run.find::<Standing>(&wanted)?;
    let mut passes = run.find::<Pass>(&wanted)?;
    let images = run.find::<Image>(&wanted)?;
    let credits = run.find::<Credit>(&wanted)?;
    if passes.is_empty() && images.is_empty() && coverage.is_empty() {
        let resolution = policy(run)?.place.cell_resolution;
        return Err(Usage(format!(
            "nothing was in cell {cell}; the cells of this run have resolution {resolution}"
        ))
        .into());
    }
    let mut text = String::new();
    match coverage.first() {
        None => {
            let _ = writeln!(text, "Cell {cell} is not covered.");
        }
        Some(c) => {
            let _ = writeln!(
                text,
                "Cell {cell} has score {}: quality {}, freshness {}, confidence {} ({} contributors, {} directions).",
                percent(c.score_ppm.parts()),
                percent(c.quality_ppm.parts()),
                percent(c.freshness_ppm.parts()),
                percent(c.confidence_ppm.parts()),
                c.contributors,
                c.directions,
            );
        }
    }
    for slot in &standing {
        let heading = slot
            .heading_deg
            .map_or("no heading".to_owned(), |h| format!("heading {h} degrees"));
        let _ = writeln!(
            text,
            "Slot {} ({heading}) stands at {}, captured {}.",
            slot.slot,
            percent(slot.quality_ppm.parts()),
            slot.captured_at
        );
    }
    let _ = writeln!(
        text,
        "\n{} passes, in the order in which they count:",
        passes.len()
    );
    passes.sort_by_cached_key(|p| {
        let epoch = &run.manifest.reward_epoch;
        cairn_datasets::ids::Precedence::new(epoch, p.uploaded_at, &p.contributor, &p.path, p.ordinal)
    });
    for pass in passes.iter().take(TOP) {
        let _ = writeln!(
            text,
            "{}, uploaded {}:",
            pass.contributor,
            pass.uploaded_at
                .map_or("at an unknown time".to_owned(), |t| t.to_string())
        );
        pass_line(&mut text, pass);
    }
    if passes.len() > TOP {
        let _ = writeln!(text, "and {} more; --json has them all.", passes.len() - TOP);
    }
    let _ = writeln!(text, "\nCredit:");
    for credit in &credits {
        let _ = writeln!(
            text,
            "  {:>12}  reward {:>9}  {}",
            grouped(credit.credit),
            grouped(credit.reward),
            credit.contributor
        );
    }
    let json = json!({
        "coverage": rows_json(&coverage)?, "standing": rows_json(&standing)?, "passes": rows_json(&passes)?,
        "images": rows_json(&images)?, "credits": rows_json(&credits)?,
    });
    Ok(Answer { text, json })
}

fn policy(run: &Run) -> anyhow::Result<Policy> {
    serde_json::from_value(run.manifest.policy.resolved.clone()).context("the policy in the manifest")
}

#[cfg(test)]
mod tests {
    use cairn_datasets::units::Ppm;

    use super::*;

    fn pass(quality: u32, gain: u32, demand: u64) -> Pass {
        let digest = cairn_datasets::digest::Digest::of(b"pass");
        Pass {
            pass_id: digest,
            contributor: "ada".to_owned(),
            session: String::new(),
            sequence: digest,
            cell: "861f05b07ffffff".parse().unwrap(),
            path: "a.gpx".to_owned(),
            ordinal: 0,
            uploaded_at: None,
            start_at: cairn_datasets::units::Timestamp(0),
            end_at: cairn_datasets::units::Timestamp(1),
            heading_deg: None,
            fixes: 2,
            images: 0,
            accuracy_mm: 3_000,
            speed_mm_s: None,
            has_track: true,
            position_ppm: Ppm::ONE,
            image_ppm: Ppm::ZERO,
            best_image: None,
            confirmation_ppm: Ppm::ONE,
            confirmed_by: "other-passes".to_owned(),
            quality_ppm: Ppm::new(quality),
            integrity_ppm: Ppm::ONE,
            slot: Some(0),
            standing_ppm: Ppm::ZERO,
            gain_ppm: Ppm::new(gain),
            demand_ppm: demand,
            region_ppm: 1_000_000,
            credit: 0,
            verdict: Verdict::Kept,
            reason: Reason::None,
            measured: None,
            threshold: None,
            excess_ppm: None,
            noise_mm: None,
            noise_correlation_ppm: None,
            rails_mm: None,
            hdop_same_ppm: None,
            frozen_ms: None,
            clock_ms: None,
            trace_mm: None,
            two_places_mm: None,
            device: None,
            signature: String::new(),
            evidence: String::new(),
            duplicate_of: None,
            duplicate_sequence: None,
        }
    }

    #[test]
    fn policy_r3_a_gain_that_nobody_asked_for_is_not_laid_to_the_standing() {
        let said = |passes: &[Pass]| {
            let mut text = String::new();
            why_nothing(&mut text, passes);
            text
        };
        let undemanded = said(&[pass(500_000, 500_000, 0)]);
        assert!(
            undemanded.contains("1  what they add") && undemanded.contains("(R3)"),
            "{undemanded}"
        );
        assert!(!undemanded.contains("(R2)"), "{undemanded}");
        let stood = said(&[pass(500_000, 0, 1_000_000)]);
        assert!(stood.contains("(R2)") && !stood.contains("(R3)"), "{stood}");
    }
}
