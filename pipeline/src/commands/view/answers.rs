//! Answers about an epoch, as the page takes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::cell::Cell;
use cairn_datasets::tables::{Credit, Pass};
use cairn_datasets::verdict::Verdict;
use cairn_stages::emit::cell_geometry;
use geojson::{Feature, FeatureCollection, Geometry};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::question::Question;
use super::summary::Summary;
use crate::commands::explain::{Answer, Explainer};
use crate::published::{Run, Wanted};
use crate::report::data::EXACT;

/// Most contributors of a search.
const MOST_FOUND: usize = 50;
/// After so many answers what they have read is let go.
const FRESH_AFTER: usize = 200;

/// What is known about an epoch, read when it is first asked for.
pub(super) struct Answers<'a> {
    run: &'a Run,
    previous: &'a [String],
    runtime: &'a Arc<Runtime>,
    explainer: Option<(Explainer<'a>, usize)>,
    summary: Option<Summary>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(run: &'a Run, previous: &'a [String], runtime: &'a Arc<Runtime>) -> Self {
        Self {
            run,
            previous,
            runtime,
            explainer: None,
            summary: None,
        }
    }

    pub(super) fn to(&mut self, question: Question) -> anyhow::Result<Value> {
        Ok(match question {
            Question::Summary => {
                let run = self.run;
                self.summary()?.json(run)?
            }
            Question::Contributors(text) => found(self.summary()?, &text)?,
            Question::ContributorCells(id) => cells_of(self.run, &id)?,
            Question::Contributor(id) => said(&self.explainer()?.contributor(&id)?),
            Question::Object(path) => said(&self.explainer()?.object(&path)?),
            Question::Image(id) => said(&self.explainer()?.image(&id)?),
            Question::Pass(id) => said(&self.explainer()?.pass(&id)?),
            Question::Cell(cell) => {
                let mut answer = said(&self.explainer()?.cell(cell)?);
                answer["outline"] = serde_json::to_value(outline(cell))?;
                answer
            }
        })
    }

    fn summary(&mut self) -> anyhow::Result<&Summary> {
        let known = match self.summary.take() {
            Some(known) => known,
            None => Summary::of(self.run)?,
        };
        Ok(self.summary.insert(known))
    }

    fn explainer(&mut self) -> anyhow::Result<&mut Explainer<'a>> {
        let known = match self.explainer.take() {
            Some((explainer, answers)) if answers < FRESH_AFTER => (explainer, answers + 1),
            _ => (Explainer::new(self.run, self.previous, self.runtime)?, 1),
        };
        Ok(&mut self.explainer.insert(known).0)
    }
}

/// What `cairn explain` says, and the rows that it is made of.
fn said(answer: &Answer) -> Value {
    json!({ "text": answer.text, "json": exact(None, answer.json.clone()) })
}

/// The same with integers that JavaScript would round as text: cells as the hexadecimal that H3 tools take.
fn exact(name: Option<&str>, value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let value = exact(Some(&name), value);
                (name, value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(values) => values.into_iter().map(|value| exact(name, value)).collect(),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(cell), _) if name == Some("cell") => format!("{cell:x}").into(),
            (Some(large), _) if large > EXACT => large.to_string().into(),
            (None, Some(small)) if small.unsigned_abs() > EXACT => small.to_string().into(),
            _ => Value::Number(number),
        },
        other => other,
    }
}

fn outline(cell: Cell) -> Geometry {
    Geometry::new(geojson::GeometryValue::from(&cell_geometry(cell)))
}

/// The contributors whose ids hold a text, those with the largest rewards first.
fn found(summary: &Summary, text: &str) -> anyhow::Result<Value> {
    let wanted = text.trim().to_lowercase();
    let holds = |id: &str| id.to_lowercase().contains(&wanted);
    let found: Vec<_> = summary
        .by_reward()
        .into_iter()
        .filter(|view| holds(&view.contributor))
        .collect();
    let first = found.iter().take(MOST_FOUND).collect::<Vec<_>>();
    Ok(json!({ "total": found.len(), "contributors": serde_json::to_value(first)? }))
}

/// The cells of a contributor: what was driven there, and what it earned.
fn cells_of(run: &Run, id: &str) -> anyhow::Result<Value> {
    #[derive(Default)]
    struct Share {
        credit: u64,
        reward: u64,
        passes: u64,
        kept: u64,
    }
    let mut cells: BTreeMap<Cell, Share> = BTreeMap::new();
    for credit in run.find::<Credit>(&Wanted::text("contributor", id))? {
        let share = cells.entry(credit.cell).or_default();
        (share.credit, share.reward) = (credit.credit, credit.reward);
    }
    for pass in run.find::<Pass>(&Wanted::text("contributor", id))? {
        let share = cells.entry(pass.cell).or_default();
        share.passes += 1;
        share.kept += u64::from(pass.verdict == Verdict::Kept);
    }
    let features = cells.into_iter().map(|(cell, share)| {
        let properties = json!({
            "cell": cell.to_string(), "credit": share.credit, "reward": share.reward,
            "passes": share.passes, "kept": share.kept,
        });
        Feature {
            geometry: Some(outline(cell)),
            properties: exact(None, properties).as_object().cloned(),
            ..Feature::default()
        }
    });
    let collection = FeatureCollection {
        bbox: None,
        features: features.collect(),
        foreign_members: None,
    };
    serde_json::to_value(collection).context("the cells as GeoJSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_that_javascript_rounds_are_text() {
        let rows = json!([{ "cell": 626_776_935_104_700_415_u64, "credit": u64::MAX, "lat": -5, "least": i64::MIN }]);
        let wanted = json!([{
            "cell": "8b2d55c4c0aefff", "credit": "18446744073709551615", "lat": -5, "least": "-9223372036854775808",
        }]);
        let got = exact(None, rows);
        assert_eq!(got[0]["credit"], wanted[0]["credit"]);
        assert_eq!(got[0]["cell"], format!("{:x}", 626_776_935_104_700_415_u64));
        assert_eq!(got[0]["lat"], wanted[0]["lat"]);
        assert_eq!(got[0]["least"], wanted[0]["least"]);
    }
}
