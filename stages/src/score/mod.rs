//! Score (tile): how good each pass is, what it adds to the map, and how well the map covers a
//! cell when the epoch ends. Clauses P1-P6, C1-C5 and R2.
//!
//! | file | clauses | what |
//! |---|---|---|
//! | [`copied`] | D6 | what lies on earlier tracks |
//! | [`evidence`] | E | what speaks against a pass |
//! | [`settle`] | O6, P6 | the last word about each object; which sequences are confirmed |
//! | [`mod@image_quality`] | P3 | quality of an image |
//! | [`passes`] | P1, P2, P4-P6 | quality and verdict of a pass |
//! | [`slots`] | C1, R2 | what a pass adds to its direction slot |
//! | [`coverage`] | C2-C5 | the cell at the epoch's end |
//!
//! # Law
//! A cell is scored from its own rows alone, so scoring a tile is scoring its cells one by one:
//! how cells are put into tiles changes nothing.

pub mod copied;
pub mod coverage;
pub mod evidence;
pub mod image_quality;
pub mod passes;
pub mod settle;
pub mod slots;
pub mod two_places;

#[cfg(test)]
pub(crate) mod samples;

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::ids::Precedence;
use cairn_datasets::table::{Row, TableError};
use cairn_datasets::tables::{
    ConfirmationNote, CopiedSpan, Coverage, Image, Pass, PastStanding, Standing, TwoPlaces, Witness,
};
use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::Verdict;
use serde_json::{Value, json};

use self::copied::Spans;
use self::coverage::Tally;
use self::image_quality::signed;
use self::slots::{Moment, Slots};
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::{EvidencePolicy, PlacePolicy, Policy, RewardMode, ScorePolicy};

pub use self::image_quality::image_quality;
pub use self::settle::SettleKernel;
pub use self::two_places::TwoPlacesKernel;

/// The parts of the policy that scoring goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Clauses P, C and R2.
    pub score: ScorePolicy,
    /// Where a picture counts as blurred (I6), and what a pass needs at least (P1).
    pub place: PlacePolicy,
    /// Clauses E: what speaks against a pass.
    pub evidence: EvidencePolicy,
    /// R4: in mode `shapley` slots are filled by capture, so that arrival does not matter.
    pub mode: RewardMode,
}

impl Rules {
    /// The parts of a whole policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            score: policy.score.clone(),
            place: policy.place.clone(),
            evidence: policy.evidence.clone(),
            mode: policy.reward.mode,
        }
    }
}

/// `part + times(1e6 - part, rest)`: a part that is certain, and the rest by its share.
fn part_and_rest(part: u64, rest: Ppm) -> Ppm {
    let part = Ppm::clamped(signed(part));
    let open = Ppm::new(Ppm::ONE.parts() - part.parts());
    Ppm::new(part.parts() + open.times(rest).parts())
}

/// What one cell has before it is scored.
#[derive(Clone, Debug, Default)]
pub struct CellRows {
    /// Its passes, each with whether its sequence is confirmed by a track and an image.
    pub passes: Vec<(Pass, bool)>,
    /// Its images with their last verdicts.
    pub images: Vec<Image>,
    /// Its direction slots as the history left them.
    pub standing: Vec<Standing>,
    /// Who had what kept in it in the history.
    pub witnesses: Vec<Witness>,
}

/// What one cell has after it was scored.
#[derive(Clone, Debug)]
pub struct CellScore {
    /// Its passes, judged and with their gains, in the order in which they were taken.
    pub passes: Vec<Pass>,
    /// Its images with their qualities.
    pub images: Vec<Image>,
    /// How well it is covered; `None` when nothing covers it.
    pub coverage: Option<Coverage>,
    /// Its direction slots as the next epoch finds them.
    pub standing: Vec<Standing>,
}

/// Scores one cell.
#[must_use]
pub fn score_cell(rules: &Rules, epoch: &Epoch, cell: Cell, rows: CellRows) -> CellScore {
    let CellRows {
        mut passes,
        mut images,
        standing,
        witnesses,
    } = rows;
    for image in &mut images {
        image.quality_ppm = image_quality(rules, image);
    }
    passes.sort_by_cached_key(|(pass, _)| precedence(epoch, pass));
    for (pass, _) in &mut passes {
        evidence::judge(rules, pass);
    }
    passes::judge(rules, &mut passes, &images, &witnesses);
    let mut passes: Vec<Pass> = passes.into_iter().map(|(pass, _)| pass).collect();
    if rules.mode == RewardMode::Shapley {
        passes.sort_by_key(|pass| (pass.end_at, pass.pass_id));
    }
    let mut slots = Slots::from_history(&rules.score, &standing);
    for pass in &mut passes {
        walk(rules.mode, &mut slots, pass);
    }
    let tally = tally(&passes, &images);
    CellScore {
        coverage: coverage::coverage(&rules.score, epoch.end, cell, &slots, tally),
        standing: slots.to_rows(cell),
        passes,
        images,
    }
}

/// The place of a pass in the one order; its id decides between two with the same first member.
fn precedence(epoch: &Epoch, pass: &Pass) -> (Precedence, Digest) {
    let (contributor, path) = (&pass.contributor, &pass.path);
    let order = Precedence::new(&epoch.name, pass.uploaded_at, contributor, path, pass.ordinal);
    (order, pass.pass_id)
}

/// The next step of R1: a kept pass takes its turn, any other stands aside. In mode `shapley` what it adds is counted
/// over what the history left alone, so that no pass of the epoch makes another's worth less but by being better.
pub fn walk(mode: RewardMode, slots: &mut Slots, pass: &mut Pass) {
    (pass.slot, pass.standing_ppm, pass.gain_ppm) = (None, Ppm::ZERO, Ppm::ZERO);
    if pass.verdict != Verdict::Kept {
        return;
    }
    let (effective, at) = (pass.effective(), Moment::of(pass));
    let gain = slots.take(pass.heading_deg, effective, at);
    (pass.slot, pass.standing_ppm, pass.gain_ppm) = (Some(gain.slot), gain.standing, gain.gain);
    if mode == RewardMode::Shapley {
        pass.standing_ppm = slots.left_at(gain.slot, at);
        pass.gain_ppm = Ppm::new(effective.parts().saturating_sub(pass.standing_ppm.parts()));
    }
}

fn tally(passes: &[Pass], images: &[Image]) -> Tally {
    let kept: Vec<&Pass> = passes.iter().filter(|p| p.verdict == Verdict::Kept).collect();
    let contributors: BTreeSet<&str> = kept.iter().map(|p| p.contributor.as_str()).collect();
    let kept_images = || images.iter().filter(|i| i.verdict == Verdict::Kept);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Tally {
        contributors: count(contributors.len()),
        passes: count(kept.len()),
        images: count(kept_images().count()),
        best_image: passes::best_of(kept_images()).map(|image| image.image_id),
    }
}

/// Scores a tile: reads `passes` (joined with `confirmations`), `copied_spans`, `two_places`, `images`, and the
/// history's `past_standing` and `witnesses`; writes `images`, `passes`, `coverage` and the new `standing`, all for the tile
/// it ran on. A table without a row is not written.
#[derive(Clone, Debug)]
pub struct ScoreKernel {
    /// The rules.
    pub rules: Rules,
    /// The epoch: its name is in the order, its end is when the map is looked at.
    pub epoch: Epoch,
}

impl ScoreKernel {
    /// Its name and version.
    pub const ID: &'static str = "score/3";

    fn cells(tables: &Tables) -> Result<(BTreeMap<Cell, CellRows>, Vec<Image>), TableError> {
        let mut cells: BTreeMap<Cell, CellRows> = BTreeMap::new();
        let mut nowhere = Vec::new();
        let notes = tables.view::<ConfirmationNote>(Pass::TABLE)?;
        let elsewhere: BTreeMap<Digest, u64> = tables
            .rows::<TwoPlaces>()?
            .into_iter()
            .map(|row| (row.pass_id, row.two_places_mm))
            .collect();
        let spans = Spans::new(tables.rows::<CopiedSpan>()?);
        for (mut pass, note) in tables.rows::<Pass>()?.into_iter().zip(notes) {
            spans.judge(&mut pass);
            pass.two_places_mm = elsewhere.get(&pass.pass_id).copied();
            let confirmed = note.confirmed == Some(true);
            cells.entry(pass.cell).or_default().passes.push((pass, confirmed));
        }
        for image in tables.rows::<Image>()? {
            match image.cell {
                Some(cell) => cells.entry(cell).or_default().images.push(image),
                None => nowhere.push(image),
            }
        }
        // What happened in a cell that nobody visited in this epoch decides nothing here.
        for row in tables.rows::<Witness>()? {
            if let Some(cell) = cells.get_mut(&row.cell) {
                cell.witnesses.push(row);
            }
        }
        for (cell, rows) in latest(tables.rows::<PastStanding>()?) {
            cells.entry(cell).or_default().standing = rows;
        }
        Ok((cells, nowhere))
    }

    fn score(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, TableError> {
        let (cells, mut images) = Self::cells(tables)?;
        for image in &mut images {
            image.quality_ppm = image_quality(&self.rules, image);
        }
        let (mut passes, mut coverage, mut standing) = (Vec::new(), Vec::new(), Vec::new());
        for (cell, rows) in cells {
            let scored = score_cell(&self.rules, &self.epoch, cell, rows);
            images.extend(scored.images);
            passes.extend(scored.passes);
            coverage.extend(scored.coverage);
            standing.extend(scored.standing);
        }
        let mut cuts = Vec::new();
        add(&mut cuts, group, images)?;
        add(&mut cuts, group, passes)?;
        add(&mut cuts, group, coverage)?;
        add(&mut cuts, group, standing)?;
        Ok(cuts)
    }
}

/// The slots of each cell as the last epoch that has any left them.
fn latest(past: Vec<PastStanding>) -> BTreeMap<Cell, Vec<Standing>> {
    let mut cells: BTreeMap<Cell, (u32, Vec<Standing>)> = BTreeMap::new();
    for row in past {
        let held = cells.entry(row.cell).or_default();
        if row.history > held.0 {
            *held = (row.history, Vec::new());
        }
        if row.history == held.0 {
            held.1.push(row.into());
        }
    }
    cells.into_iter().map(|(cell, (_, rows))| (cell, rows)).collect()
}

fn add<R: Row>(cuts: &mut Vec<Cut>, group: &str, rows: Vec<R>) -> Result<(), TableError> {
    if !rows.is_empty() {
        cuts.push(Cut::new(group, rows)?);
    }
    Ok(())
}

impl GroupKernel for ScoreKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> Value {
        json!({ "score": self.rules.score, "place": self.rules.place, "evidence": self.rules.evidence, "mode": self.rules.mode, "epoch": self.epoch })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        self.score(group, tables).map_err(|source| StageError::Table {
            kernel: Self::ID,
            group: group.to_owned(),
            source,
        })
    }
}

#[cfg(test)]
#[path = "score_tests.rs"]
pub(crate) mod tests;

#[cfg(test)]
#[path = "oracle_tests.rs"]
mod oracle;
