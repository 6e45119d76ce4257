//! A cell: how well it is covered, by whom, and in which order.

use std::fmt::Write;

use cairn_datasets::cell::Cell;
use cairn_datasets::tables::{Coverage, Credit, Image, Pass, Standing};
use serde_json::json;

use super::lines::pass_line;
use super::{Answer, Explainer, TOP, in_order, rows_json};
use crate::cli::Usage;
use crate::published::Wanted;
use crate::report::{grouped, percent};

impl Explainer<'_> {
    /// How well a cell is covered, and by whose passes.
    ///
    /// # Errors
    /// [`Usage`] when nothing was there, else what failed.
    pub fn cell(&mut self, cell: Cell) -> anyhow::Result<Answer> {
        let run = self.run;
        let wanted = Wanted::cells([cell]);
        let coverage = run.find::<Coverage>(&wanted)?;
        let standing = run.find::<Standing>(&wanted)?;
        let mut passes = run.find::<Pass>(&wanted)?;
        let images = run.find::<Image>(&wanted)?;
        let credits = run.find::<Credit>(&wanted)?;
        if passes.is_empty() && images.is_empty() && coverage.is_empty() {
            let resolution = self.policy.place.cell_resolution;
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
        in_order(&run.manifest.reward_epoch, &mut passes);
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
}
