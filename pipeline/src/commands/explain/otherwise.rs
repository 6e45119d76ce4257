//! What would have been paid, had one clause stood in nobody's way: the counterfactual of each finding.

use std::collections::BTreeMap;
use std::fmt::Write;

use cairn_datasets::cell::Cell;
use cairn_datasets::tables::{Image, Pass};
use cairn_datasets::verdict::{Reason, Verdict};
use cairn_stages::audit::replay::{Obstacle, Waiver, obstacles};
use cairn_stages::policy::Policy;
use serde_json::{Value, json};

use crate::replay::WhatIf;
use crate::report::grouped;

/// A finding, and what is set aside to ask what would be without it.
pub(super) struct Case {
    /// The clause, with its slug where it has one.
    code: String,
    /// How a sentence about it begins.
    had: &'static str,
    waivers: Result<Vec<(Cell, Waiver)>, &'static str>,
}

impl Case {
    /// What was held against an image; nothing when it is kept.
    pub(super) fn image(image: &Image) -> Option<Self> {
        if image.verdict == Verdict::Kept {
            return None;
        }
        let waivers = match (image.cell, image.captured_at) {
            (Some(cell), Some(_)) => Ok(vec![(cell, Waiver::Image(image.image_id))]),
            (None, _) => Err("nobody knows where it was taken"),
            (_, None) => Err("nobody knows when it was taken"),
        };
        Some(Self {
            code: image.reason.code().to_owned(),
            had: "had not fired",
            waivers,
        })
    }

    /// What stood in the way of a pass.
    pub(super) fn pass(policy: &Policy, pass: &Pass) -> Vec<Self> {
        let case = |obstacle: Obstacle| {
            let (code, had) = match obstacle {
                Obstacle::Verdict(reason) => (reason.code(), "had not fired"),
                Obstacle::Evidence(code) => (code, "had not fired"),
                Obstacle::Position => ("P2", "had found its positions good"),
                Obstacle::Confirmation => ("P6", "had found a track and a picture that confirm it"),
                Obstacle::Standing => ("R2", "had found nothing there before it"),
            };
            Self {
                code: code.to_owned(),
                had,
                waivers: Ok(vec![(pass.cell, Waiver::Pass(pass.pass_id, obstacle))]),
            }
        };
        obstacles(policy, pass).into_iter().map(case).collect()
    }

    /// A verdict about an object of which nothing is published that could be paid.
    pub(super) fn unknown(reason: Reason) -> Self {
        let why = match reason.clause() {
            "O6" => "what it holds counts where it came first",
            "X1" => "nothing else is published of it",
            clause if clause.starts_with('F') => "fixes are not published",
            _ => "what is in it was never read",
        };
        Self {
            code: reason.code().to_owned(),
            had: "had not fired",
            waivers: Err(why),
        }
    }

    /// Whether it is about a copied track (D6).
    pub(super) fn is_copied(&self) -> bool {
        self.code == Reason::CopiedTrack.code()
    }

    /// Cases of one clause as one, in order of the clauses: had it fired for none of the records.
    pub(super) fn together(cases: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut together: BTreeMap<(String, &'static str), Vec<(Cell, Waiver)>> = BTreeMap::new();
        for case in cases {
            let held = together.entry((case.code, case.had)).or_default();
            held.extend(case.waivers.unwrap_or_default());
        }
        let case = |((code, had), waivers): (_, Vec<_>)| Self {
            code,
            had,
            waivers: if waivers.is_empty() {
                Err("nobody knows where or when they were taken")
            } else {
                Ok(waivers)
            },
        };
        together.into_iter().map(case).collect()
    }

    /// In how many cells something is set aside.
    pub(super) fn cells(&self) -> usize {
        let cells = self.waivers.iter().flatten().map(|(cell, _)| cell);
        cells.collect::<std::collections::BTreeSet<_>>().len()
    }
}

/// Asks what would have been paid, and says it; without the history that a run started from, says that.
pub(super) struct Otherwise<'a>(pub(super) Result<WhatIf<'a>, String>);

impl Otherwise<'_> {
    /// The cases of a contributor's records, each in a sentence and as a value.
    pub(super) fn say(
        &mut self,
        text: &mut String,
        contributor: &str,
        cases: Vec<Case>,
    ) -> anyhow::Result<Vec<Value>> {
        let mut values = Vec::new();
        for case in cases {
            let Case { code, had, waivers } = case;
            let outcome = match (&mut self.0, waivers) {
                (_, Err(why)) => Err(why.to_owned()),
                (Err(why), _) => Err(why.clone()),
                (Ok(what_if), Ok(waivers)) => what_if
                    .outcome(contributor, &waivers)?
                    .ok_or_else(|| "the demand for its cell is not published".to_owned()),
            };
            // Writing to a string cannot fail.
            match outcome {
                Err(why) => {
                    let _ = writeln!(text, "  If {code} {had}: cannot be said, since {why}.");
                    values.push(json!({ "clause": code, "unknown": why }));
                }
                Ok(outcome) => {
                    let change = i128::from(outcome.credit_without) - i128::from(outcome.credit);
                    let _ = if change == 0 && outcome.reward == outcome.reward_without {
                        writeln!(text, "  If {code} {had}: {contributor} would get the same.")
                    } else {
                        writeln!(
                            text,
                            "  If {code} {had}: {contributor} would get {} instead of {} ({} micro-credits instead of {}).",
                            grouped(outcome.reward_without),
                            grouped(outcome.reward),
                            grouped(outcome.credit_without),
                            grouped(outcome.credit),
                        )
                    };
                    let mut value = json!(outcome);
                    value["clause"] = code.into();
                    values.push(value);
                }
            }
        }
        Ok(values)
    }
}
