//! An object, its images and their passes.

use std::fmt::Write;

use cairn_datasets::tables::{Image, Object, Pass};
use cairn_datasets::verdict::Reason;
use serde_json::json;

use super::lines::{metres, pass_line, verdict};
use super::{Answer, rows_json};
use crate::cli::Usage;
use crate::published::Run;
use crate::report::{grouped, percent};

pub(super) fn object(run: &Run, path: &str) -> anyhow::Result<Answer> {
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
        let epoch = of_epoch(found.duplicate_epoch.as_deref());
        let _ = writeln!(text, "The earliest record it repeats is in {original}{epoch}.");
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
    if let Some(path) = &image.duplicate_path {
        let distance = image
            .duplicate_mm
            .map_or(String::new(), |mm| format!(", {:.1} m away", metres(mm)));
        let how = if image.reason == Reason::Cropped {
            format!("is {path} cropped or framed, or the other way round")
        } else {
            format!("repeats {path}")
        };
        let bits = image.duplicate_bits.unwrap_or_default();
        let epoch = of_epoch(image.duplicate_epoch.as_deref());
        let _ = writeln!(
            text,
            "  It {how}{epoch} ({bits} of 256 bits differ{distance}), which is first by {}.",
            image.duplicate_first_by
        );
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

/// Which epoch of the history a record is of; nothing of this one.
fn of_epoch(epoch: Option<&str>) -> String {
    epoch.map_or(String::new(), |epoch| format!(" of epoch {epoch}"))
}
