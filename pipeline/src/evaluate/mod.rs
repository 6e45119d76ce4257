//! How right a run's verdicts are, where the truth is known: what became of each attack, what honest people lost, and
//! what the attackers earned.

mod expected;
mod money;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::tables::{Image, Object, Pass, Reward, TrueRecord};
use cairn_datasets::verdict::{Reason, Verdict};
use serde::Serialize;

use crate::publish::counted_as;

pub use expected::{Expected, expected};
pub use money::{Earned, Money, money};
pub use text::{markdown, text};

/// What a run published, as far as it is measured.
#[derive(Debug)]
pub struct Tables {
    /// The objects.
    pub objects: Vec<Object>,
    /// The images.
    pub images: Vec<Image>,
    /// The passes.
    pub passes: Vec<Pass>,
    /// The rewards.
    pub rewards: Vec<Reward>,
}

/// A share of some records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// As parts per million, floored; none of nothing.
    #[must_use]
    pub fn ppm(self) -> Option<u64> {
        (self.hits * 1_000_000).checked_div(self.of)
    }

    fn count(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.of += 1;
    }
}

/// What became of the records of one attack.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Attacked {
    /// Pictures of it that are no honest work, and those of them that are not kept, or earned nothing where the
    /// attack is one that no verdict is meant for.
    pub pictures: Share,
    /// Those of them that a clause meant for the attack caught.
    pub pictures_by_clause: Share,
    /// Traces of it that are no honest work, and those that are not kept or that the evidence meant for them fired on.
    pub traces: Share,
    /// What became of its records, by reason; kept ones under `kept`.
    pub reasons: BTreeMap<String, u64>,
}

/// How right one clause is.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Clause {
    /// Records it decided about that deserve it, of all that it decided about.
    pub precision: Share,
    /// Records that it or another clause meant for the same attack decided about, of all that it is meant for.
    pub recall: Share,
}

impl Clause {
    /// The harmonic mean of precision and recall, ppm; none where either is unknown.
    #[must_use]
    pub fn f1_ppm(&self) -> Option<u64> {
        let (p, r) = (self.precision.ppm()?, self.recall.ppm()?);
        (2 * p * r).checked_div(p + r)
    }
}

/// What honest people lost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Honest {
    /// Honest pictures that are not kept, of all; those that stand where the one before them stood do not count.
    pub lost: Share,
    /// By which clauses.
    pub reasons: BTreeMap<String, u64>,
    /// Honest traces that evidence fired on which lowers what they earn, of all.
    pub suspected: Share,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Each attack.
    pub attacks: BTreeMap<String, Attacked>,
    /// Each clause that fired or should have.
    pub clauses: BTreeMap<String, Clause>,
    /// What each kind of record became: rows of label, columns of reason.
    pub confusion: BTreeMap<String, BTreeMap<String, u64>>,
    /// The honest.
    pub honest: Honest,
    /// Who earned what.
    pub money: Money,
}

/// Holds a run against the truth. `without` are the rewards of a run of the same world without attackers.
#[must_use]
pub fn evaluate(truth: &[TrueRecord], tables: &Tables, without: Option<&[Reward]>) -> Evaluation {
    let mut found = Evaluation {
        attacks: BTreeMap::new(),
        clauses: BTreeMap::new(),
        confusion: BTreeMap::new(),
        honest: Honest::default(),
        money: money(truth, tables, without),
    };
    let images: BTreeMap<(&str, u32), &Image> = tables
        .images
        .iter()
        .map(|image| ((image.path.as_str(), image.ordinal), image))
        .collect();
    let objects: BTreeMap<&str, &Object> = tables.objects.iter().map(|o| (o.path.as_str(), o)).collect();
    for record in truth.iter().filter(|record| record.kind == "image") {
        // What ingest refused has an object's verdict and no row among the images.
        let reason = images
            .get(&(record.path.as_str(), record.ordinal))
            .map(|image| image.reason)
            .or_else(|| objects.get(record.path.as_str()).map(|object| object.reason));
        if let Some(reason) = reason {
            picture(&mut found, record, reason);
        }
    }
    let evidence = evidence_by_object(&tables.passes);
    let pictures: BTreeSet<&str> = truth
        .iter()
        .filter(|record| record.kind == "image")
        .map(|record| record.path.as_str())
        .collect();
    for record in truth.iter().filter(|record| record.kind == "object") {
        let is_picture = pictures.contains(record.path.as_str());
        if let Some(object) = objects.get(record.path.as_str()).filter(|_| !is_picture) {
            let fired = evidence.get(record.path.as_str()).cloned().unwrap_or_default();
            trace(&mut found, record, object, &fired);
        }
    }
    found
}

fn picture(found: &mut Evaluation, record: &TrueRecord, reason: Reason) {
    let meant = expected(record);
    let kept = reason == Reason::None;
    let by_label = found.confusion.entry(kind_of(record)).or_default();
    *by_label.entry(counted_as(reason).to_owned()).or_default() += 1;
    if record.attack.is_empty() && record.label == "honest" {
        found.honest.lost.count(!kept);
        if !kept {
            *found.honest.reasons.entry(reason.code().to_owned()).or_default() += 1;
        }
    }
    if !record.attack.is_empty() {
        let attacked = found.attacks.entry(record.attack.clone()).or_default();
        *attacked.reasons.entry(counted_as(reason).to_owned()).or_default() += 1;
        if meant.deserves_verdict() {
            attacked.pictures.count(!kept);
            attacked.pictures_by_clause.count(meant.names(reason.clause()));
        }
    }
    if !kept {
        let clause = found.clauses.entry(reason.clause().to_owned()).or_default();
        clause.precision.count(meant.names(reason.clause()));
    }
    for wanted in meant.clauses() {
        let clause = found.clauses.entry((*wanted).to_owned()).or_default();
        clause.recall.count(meant.names(reason.clause()));
    }
}

fn trace(found: &mut Evaluation, record: &TrueRecord, object: &Object, fired: &BTreeSet<String>) {
    let meant = expected(record);
    let by_label = found
        .confusion
        .entry(format!("trace: {}", kind_of(record)))
        .or_default();
    *by_label.entry(counted_as(object.reason).to_owned()).or_default() += 1;
    if record.attack.is_empty() {
        let lowered = LOWERING.iter().any(|code| fired.contains(*code));
        found
            .honest
            .suspected
            .count(lowered || object.reason.clause() == "D6");
    }
    if !record.attack.is_empty() {
        let attacked = found.attacks.entry(record.attack.clone()).or_default();
        if meant.deserves_verdict() {
            let by_evidence = meant.clauses().iter().any(|code| fired.contains(*code));
            attacked
                .traces
                .count(meant.names(object.reason.clause()) || by_evidence);
        }
        let reason = counted_as(object.reason).to_owned();
        *attacked.reasons.entry(format!("trace: {reason}")).or_default() += 1;
    }
    let mut decided: BTreeSet<&str> = fired.iter().map(String::as_str).collect();
    if object.verdict != Verdict::Kept {
        decided.insert(object.reason.clause());
    }
    for code in &decided {
        let clause = found.clauses.entry((*code).to_owned()).or_default();
        clause.precision.count(meant.names(code));
    }
    for wanted in meant.clauses() {
        let clause = found.clauses.entry((*wanted).to_owned()).or_default();
        clause.recall.count(decided.iter().any(|code| meant.names(code)));
    }
}

/// Evidence that lowers what a pass earns.
const LOWERING: [&str; 5] = ["E1", "E2", "E3", "E6", "E7"];

/// What a record is, in the rows of the confusion.
fn kind_of(record: &TrueRecord) -> String {
    if record.attack.is_empty() {
        record.label.clone()
    } else {
        format!("{}: {}", record.attack, record.label)
    }
}

/// The evidence that fired on the passes of each trace.
fn evidence_by_object(passes: &[Pass]) -> BTreeMap<&str, BTreeSet<String>> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for pass in passes {
        let fired = found.entry(pass.path.as_str()).or_default();
        fired.extend(codes_of(pass));
    }
    found
}

/// The clauses that fired on a pass: its evidence, and what decided about it.
fn codes_of(pass: &Pass) -> BTreeSet<String> {
    let mut codes: BTreeSet<String> = pass.evidence.split_whitespace().map(str::to_owned).collect();
    if pass.reason.clause().starts_with('D') {
        codes.insert(pass.reason.clause().to_owned());
    }
    codes
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
