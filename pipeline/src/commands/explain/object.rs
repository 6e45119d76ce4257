//! An object, its images and their passes.

use std::fmt::Write;

use cairn_datasets::tables::{Image, Object, Pass};
use cairn_datasets::verdict::{Reason, Verdict};
use serde_json::json;

use super::lines::{of_epoch, tally, verdict};
use super::otherwise::Case;
use super::{Answer, Explainer, TOP, rows_json};
use crate::cli::Usage;
use crate::published::Wanted;
use crate::report::grouped;

impl Explainer<'_> {
    /// What became of an object, and of what is in it.
    ///
    /// # Errors
    /// [`Usage`] when there is none of that path, else what failed.
    pub fn object(&mut self, path: &str) -> anyhow::Result<Answer> {
        let run = self.run;
        let objects = run.find::<Object>(&Wanted::text("path", path))?;
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
        let images = run.find::<Image>(&Wanted::text("path", path))?;
        let (mut passes, mut otherwise) = (Vec::new(), Vec::new());
        for image in &images {
            let (its, values) = self.image_lines(&mut text, image)?;
            passes.extend(its);
            otherwise.extend(values);
        }
        if found.kind == "trace" {
            passes = run.find::<Pass>(&Wanted::text("path", path))?;
            pass_lines(&mut text, &passes);
        }
        let copied = passes.iter().filter(|pass| pass.reason == Reason::CopiedTrack);
        let copied = copied
            .flat_map(|pass| Case::pass(&self.policy, pass))
            .filter(Case::is_copied);
        let mut cases = Case::together(copied);
        if images.is_empty() && cases.is_empty() && found.verdict != Verdict::Kept {
            cases.push(Case::unknown(found.reason));
        }
        otherwise.extend(self.otherwise.say(&mut text, &found.contributor, cases)?);
        let json = json!({
            "object": rows_json(&objects)?, "images": rows_json(&images)?, "passes": rows_json(&passes)?,
            "otherwise": otherwise,
        });
        Ok(Answer { text, json })
    }
}

/// The passes that began in a trace: how many came to what, and the best of them.
fn pass_lines(text: &mut String, passes: &[Pass]) {
    if passes.is_empty() {
        return;
    }
    let credit: u128 = passes.iter().map(|pass| u128::from(pass.credit)).sum();
    let _ = writeln!(
        text,
        "\n{} passes begin in it, {} micro-credits together:",
        grouped(passes.len() as u64),
        grouped(u64::try_from(credit).unwrap_or(u64::MAX)),
    );
    tally(text, passes.iter().map(|pass| pass.reason));
    let mut best: Vec<&Pass> = passes.iter().collect();
    best.sort_by_key(|pass| (std::cmp::Reverse(pass.credit), pass.start_at, pass.pass_id));
    for pass in best.iter().take(TOP) {
        let _ = writeln!(
            text,
            "  credit {:>9}  cell {}  {}  --pass {}",
            grouped(pass.credit),
            pass.cell,
            if pass.verdict == Verdict::Kept {
                "kept"
            } else {
                pass.reason.code()
            },
            pass.pass_id
        );
    }
    if best.len() > TOP {
        let _ = writeln!(text, "  and {} more; --json has them all.", best.len() - TOP);
    }
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
