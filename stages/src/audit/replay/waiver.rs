//! What would have been: one finding is set aside, and all else stays as it was published.
//!
//! A waiver edits what a cell is replayed from, never the rules, so that what it brings is worked out by the same
//! functions that paid. Verdicts of other records stay: an image that counts after all makes no other a duplicate.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Image, Pass, TRACK_AND_IMAGE};
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use super::CellTables;
use crate::policy::{Policy, RewardMode};
use crate::score::Rules;
use crate::score::evidence::lowering;

/// A finding that is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiver {
    /// What was held against an image (I, D): it is kept.
    Image(Digest),
    /// What stands in the way of a pass.
    Pass(Digest, Obstacle),
    /// P6 for all passes of a sequence: a track and a picture confirm it.
    Sequence(Digest),
}

/// What can stand in the way of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its verdict: D6, P1 or P5.
    Verdict(Reason),
    /// A clause of evidence that lowers its integrity, like `E2`.
    Evidence(&'static str),
    /// P2: its positions are worth nothing.
    Position,
    /// P6: it is confirmed in part or not at all.
    Confirmation,
    /// R2: the map had some or all of it already.
    Standing,
}

impl Obstacle {
    /// The clause: `D6`, `E2`, `P6`.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Self::Verdict(reason) => reason.clause(),
            Self::Evidence(code) => code,
            Self::Position => "P2",
            Self::Confirmation => "P6",
            Self::Standing => "R2",
        }
    }
}

/// What stood in the way of a pass, in the order of the clauses.
#[must_use]
pub fn obstacles(policy: &Policy, pass: &Pass) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if pass.verdict != Verdict::Kept {
        found.push(Obstacle::Verdict(pass.reason));
    }
    if pass.position_ppm == Ppm::ZERO {
        found.push(Obstacle::Position);
    }
    if pass.confirmation_ppm < Ppm::ONE {
        found.push(Obstacle::Confirmation);
    }
    found.extend(
        lowering(&Rules::of(policy), pass)
            .into_iter()
            .map(Obstacle::Evidence),
    );
    // In the other modes a pass is not paid by what it adds to those before it.
    let met = pass.verdict == Verdict::Kept && pass.gain_ppm < pass.effective();
    if met && policy.reward.mode == RewardMode::Improvement {
        found.push(Obstacle::Standing);
    }
    found
}

/// Whether an image that is kept shows that its track is true (P6): it says itself where it was, and its track agrees.
#[must_use]
pub fn agrees(policy: &Policy, image: &Image) -> bool {
    image.position_source == "file" && image.trace_mm.is_some_and(|mm| mm <= policy.place.agree_mm)
}

/// Sets a finding aside in one cell; one about a record that is not there changes nothing.
pub fn waive(policy: &Policy, tables: &mut CellTables, waiver: Waiver) {
    match waiver {
        Waiver::Image(id) => keep_image(policy, tables, id),
        Waiver::Sequence(sequence) => {
            let passes = tables.passes.iter_mut();
            passes.filter(|pass| pass.sequence == sequence).for_each(confirm);
        }
        Waiver::Pass(id, Obstacle::Standing) => {
            if let Some(pass) = tables.passes.iter_mut().find(|pass| pass.pass_id == id) {
                // Before every other, and before the history.
                pass.uploaded_at = Some(Timestamp(i64::MIN));
                tables.standing.clear();
            }
        }
        Waiver::Pass(id, obstacle) => {
            if let Some(pass) = tables.passes.iter_mut().find(|pass| pass.pass_id == id) {
                clear(policy, pass, obstacle);
            }
        }
    }
}

fn confirm(pass: &mut Pass) {
    TRACK_AND_IMAGE.clone_into(&mut pass.confirmed_by);
}

fn clear(policy: &Policy, pass: &mut Pass, obstacle: Obstacle) {
    match obstacle {
        Obstacle::Verdict(Reason::TooLittle) => {
            let enough = u32::try_from(policy.place.pass_min_fixes).unwrap_or(u32::MAX);
            pass.fixes = pass.fixes.max(enough);
        }
        Obstacle::Verdict(Reason::Dwelling) => pass.speed_mm_s = None,
        Obstacle::Verdict(_) => pass.decide(Finding::KEPT),
        Obstacle::Evidence("E1") => pass.excess_ppm = None,
        Obstacle::Evidence("E2") => pass.noise_mm = None,
        Obstacle::Evidence("E3") => pass.rails_mm = None,
        Obstacle::Evidence("E6") => pass.clock_ms = None,
        Obstacle::Evidence("E7") => pass.two_places_mm = None,
        Obstacle::Position => {
            pass.accuracy_mm = u32::try_from(policy.score.accuracy_best_mm).unwrap_or(u32::MAX);
        }
        Obstacle::Confirmation => confirm(pass),
        Obstacle::Evidence(_) | Obstacle::Standing => {}
    }
}

/// Keeps an image that has a place and a time: in the pass that it is part of, else in the one of its contributor
/// there and then, else in one of its own.
fn keep_image(policy: &Policy, tables: &mut CellTables, id: Digest) {
    let Some(image) = tables.images.iter_mut().find(|image| image.image_id == id) else {
        return;
    };
    let (Some(cell), Some(at)) = (image.cell, image.captured_at) else {
        return;
    };
    image.decide(Finding::KEPT);
    if image.pass_id.is_none() {
        let pass = there_and_then(policy, &tables.passes, image, at);
        let (pass_id, sequence) = pass.map_or((id, id), |pass| (pass.pass_id, pass.sequence));
        (image.pass_id, image.sequence) = (Some(pass_id), Some(sequence));
        if pass.is_none() {
            tables.passes.push(pass_of(image, cell, at));
        }
    }
    if agrees(policy, image)
        && let Some(sequence) = image.sequence
    {
        waive(policy, tables, Waiver::Sequence(sequence));
    }
}

/// The pass of the image's session in the cell whose time is nearest to the image's, no further than a pass may last.
fn there_and_then<'a>(policy: &Policy, passes: &'a [Pass], image: &Image, at: Timestamp) -> Option<&'a Pass> {
    let split = i64::try_from(policy.place.pass_split_ms).unwrap_or(i64::MAX);
    let away = |pass: &Pass| pass.start_at.since(at).max(at.since(pass.end_at)).max(0);
    passes
        .iter()
        .filter(|pass| pass.contributor == image.contributor && pass.session == image.session)
        .filter(|pass| away(pass) <= split)
        .min_by_key(|pass| (away(pass), pass.pass_id))
}

/// A pass of nothing but this image. Its ids are the image's: what place would have called it and its sequence is not
/// published.
fn pass_of(image: &Image, cell: Cell, at: Timestamp) -> Pass {
    Pass {
        session: image.session.clone(),
        ordinal: image.ordinal,
        uploaded_at: image.uploaded_at,
        heading_deg: image.heading_deg,
        accuracy_mm: image.accuracy_mm.unwrap_or(u32::MAX),
        ..Pass::unjudged(
            image.image_id,
            &image.contributor,
            image.image_id,
            cell,
            &image.path,
            at,
        )
    }
}
