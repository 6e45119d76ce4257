//! An image: where and when it was, how good it is, what it repeats, and the pass that it is part of.

use std::fmt::Write;

use cairn_datasets::tables::{Image, Pass};
use cairn_datasets::verdict::Reason;
use serde_json::{Value, json};

use super::lines::{metres, of_epoch, pass_line, verdict};
use super::otherwise::Case;
use super::{Answer, Explainer, rows_json};
use crate::cli::Usage;
use crate::published::Wanted;
use crate::report::percent;

impl Explainer<'_> {
    /// Why an image counts or not.
    ///
    /// # Errors
    /// [`Usage`] when there is none of that id, else what failed.
    pub fn image(&mut self, id: &str) -> anyhow::Result<Answer> {
        let images = self.run.find::<Image>(&Wanted::text("image_id", id))?;
        let Some(image) = images.first() else {
            return Err(Usage(format!(
                "no image `{id}` in this epoch; column `image_id` of images has their ids, 64 hex digits each, and \
                 --object takes a path"
            ))
            .into());
        };
        let mut text = format!("Of {} in {}.\n", image.contributor, image.path);
        let (passes, otherwise) = self.image_lines(&mut text, image)?;
        let json =
            json!({ "image": rows_json(&images)?, "passes": rows_json(&passes)?, "otherwise": otherwise });
        Ok(Answer { text, json })
    }

    /// Says all about an image; gives the pass that it is part of, and what would be otherwise.
    pub(super) fn image_lines(
        &mut self,
        text: &mut String,
        image: &Image,
    ) -> anyhow::Result<(Vec<Pass>, Vec<Value>)> {
        where_and_when(text, image);
        quality(text, image);
        let judged = verdict(image.verdict, image.reason, image.measured, image.threshold);
        let _ = writeln!(text, "  It is {judged}.");
        repeats(text, image);
        let cases = Case::image(image).into_iter().collect();
        let otherwise = self.otherwise.say(text, &image.contributor, cases)?;
        let mut passes = Vec::new();
        if let (Some(pass), Some(cell)) = (image.pass_id, image.cell) {
            passes = self.run.find::<Pass>(&Wanted::cells([cell]))?;
            passes.retain(|row| row.pass_id == pass);
        }
        for pass in &passes {
            pass_line(text, pass);
            let _ = writeln!(text, "  More about it: --pass {}.", pass.pass_id);
        }
        Ok((passes, otherwise))
    }
}

fn where_and_when(text: &mut String, image: &Image) {
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
}

fn quality(text: &mut String, image: &Image) {
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
}

/// Which image it repeats, and what put that one first.
fn repeats(text: &mut String, image: &Image) {
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
}
