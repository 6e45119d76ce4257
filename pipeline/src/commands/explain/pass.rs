//! A pass: what it was worth, who came before it, and what stood in its way.

use std::fmt::Write;

use cairn_datasets::tables::{Image, Pass};
use cairn_datasets::verdict::Verdict;
use cairn_stages::policy::RewardMode;
use serde_json::json;

use super::lines::pass_line;
use super::otherwise::Case;
use super::{Answer, Explainer, in_order, rows_json};
use crate::cli::Usage;
use crate::published::Wanted;
use crate::report::percent;

impl Explainer<'_> {
    /// Why a pass earned what it earned.
    ///
    /// # Errors
    /// [`Usage`] when there is none of that id, else what failed.
    pub fn pass(&mut self, id: &str) -> anyhow::Result<Answer> {
        let found = self.run.find::<Pass>(&Wanted::text("pass_id", id))?;
        let Some(pass) = found.first() else {
            return Err(Usage(format!(
                "no pass `{id}` in this epoch; column `pass_id` of passes and images has their ids, 64 hex digits each"
            ))
            .into());
        };
        let mut text = format!(
            "Pass {id} of {}, session {}, sequence {}.\n",
            pass.contributor,
            if pass.session.is_empty() {
                "(none)"
            } else {
                &pass.session
            },
            pass.sequence
        );
        pass_line(&mut text, pass);
        let here = Wanted::cells([pass.cell]);
        let images: Vec<Image> = self.run.find(&here)?;
        let images: Vec<Image> = images
            .into_iter()
            .filter(|i| i.pass_id == Some(pass.pass_id))
            .collect();
        for image in &images {
            let _ = writeln!(
                text,
                "  Image {} ({}): quality {}, {}.",
                image.path,
                image.image_id,
                percent(image.quality_ppm.parts()),
                if image.verdict == Verdict::Kept {
                    "kept"
                } else {
                    image.reason.code()
                },
            );
        }
        let before = self.before(pass)?;
        text.push_str(&before);
        let cases = Case::pass(&self.policy, pass);
        let otherwise = self.otherwise.say(&mut text, &pass.contributor, cases)?;
        let json =
            json!({ "pass": rows_json(&found)?, "images": rows_json(&images)?, "otherwise": otherwise });
        Ok(Answer { text, json })
    }

    /// Whose quality the pass met in its slot (R2), in a sentence; nothing when it met none, or nobody is paid by it.
    fn before(&self, pass: &Pass) -> anyhow::Result<String> {
        let Some(slot) = pass.slot.filter(|_| pass.standing_ppm.parts() > 0) else {
            return Ok(String::new());
        };
        let standing = percent(pass.standing_ppm.parts());
        let left = format!("  Slot {slot} stood at {standing} by what earlier epochs left.\n");
        // There nothing of this epoch stands before a pass (R4).
        if self.policy.reward.mode == RewardMode::Shapley {
            return Ok(left);
        }
        let mut passes: Vec<Pass> = self.run.find(&Wanted::cells([pass.cell]))?;
        in_order(&self.run.manifest.reward_epoch, &mut passes);
        let earlier = passes.iter().take_while(|other| other.pass_id != pass.pass_id);
        let holder = earlier
            .filter(|other| other.slot == Some(slot) && other.gain_ppm.parts() > 0)
            .last();
        Ok(match holder {
            Some(first) => format!(
                "  Slot {slot} stood at {standing} by the pass of {} that ended {} ({}, quality times integrity {}), which came first.\n",
                first.contributor,
                first.end_at,
                first.pass_id,
                percent(first.effective().parts()),
            ),
            None => left,
        })
    }
}
