//! P1-P6: which passes of a cell count, and how good each is.
//!
//! A pass that an earlier stage has already decided about (a copied track) keeps its verdict; its
//! qualities are filled in all the same, to explain it. Rules that ask what *others* have in the
//! cell look at what is kept after P1. P5 comes later and takes no contributor out of the cell,
//! since the best of each one's passes stays, so the two never wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Image, Pass, TRACK_AND_IMAGE, Witness};
use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use super::image_quality::signed;
use super::{Rules, part_and_rest};

/// Judges the passes of one cell: images, quality and verdict of each are filled in.
///
/// `passes` stand in the one order, which breaks ties; each comes with whether its sequence is
/// confirmed. `images` are those of the cell, with their qualities; `witnesses` had something kept in it in the
/// history.
pub fn judge(rules: &Rules, passes: &mut [(Pass, bool)], images: &[Image], witnesses: &[Witness]) {
    let kept_images: Vec<&Image> = images.iter().filter(|i| i.verdict == Verdict::Kept).collect();
    count_images(passes, &kept_images);
    for (pass, _) in passes.iter_mut() {
        minimum(rules, pass);
    }
    let others = Others::of(passes, &kept_images, witnesses);
    for (pass, sequence_confirmed) in passes.iter_mut() {
        position(rules, pass);
        confirm(rules, pass, *sequence_confirmed, &others);
        quality(rules, pass);
    }
    dwelling(rules, passes);
}

/// Kept images of each pass, and the best of them: the highest quality, then the smaller id.
fn count_images(passes: &mut [(Pass, bool)], kept: &[&Image]) {
    let mut by_pass: BTreeMap<Digest, Vec<&Image>> = BTreeMap::new();
    for image in kept {
        if let Some(pass) = image.pass_id {
            by_pass.entry(pass).or_default().push(image);
        }
    }
    for (pass, _) in passes {
        let own = by_pass.get(&pass.pass_id).map_or(&[][..], Vec::as_slice);
        let best = best_of(own.iter().copied());
        pass.images = u32::try_from(own.len()).unwrap_or(u32::MAX);
        pass.best_image = best.map(|image| image.image_id);
        pass.image_ppm = best.map_or(Ppm::ZERO, |image| image.quality_ppm);
    }
}

/// The image of the highest quality; of equals the one with the smaller id.
pub(super) fn best_of<'a>(images: impl Iterator<Item = &'a Image>) -> Option<&'a Image> {
    images.min_by_key(|image| (std::cmp::Reverse(image.quality_ppm), image.image_id))
}

/// P1: enough kept fixes, or one kept image.
fn minimum(rules: &Rules, pass: &mut Pass) {
    let wanted = rules.place.pass_min_fixes;
    if pass.verdict == Verdict::Kept && pass.images == 0 && u64::from(pass.fixes) < wanted {
        let measured = i64::from(pass.fixes);
        pass.decide(Finding::measured(Reason::TooLittle, measured, signed(wanted)));
    }
}

/// P2: a ramp over the lower median of the members' accuracy.
fn position(rules: &Rules, pass: &mut Pass) {
    let (worst, best) = (rules.score.accuracy_worst_mm, rules.score.accuracy_best_mm);
    pass.position_ppm = Ppm::ramp(i64::from(pass.accuracy_mm), signed(worst), signed(best));
}

/// Contributors who had something kept in the cell that speaks for others.
struct Others {
    with_image: BTreeSet<String>,
    with_pass: BTreeSet<String>,
}

impl Others {
    /// Kept images, and kept passes of sequences that are confirmed themselves: what nothing speaks for speaks for
    /// nothing.
    fn of(passes: &[(Pass, bool)], kept_images: &[&Image], witnesses: &[Witness]) -> Self {
        let past = |with_image| {
            let those = witnesses.iter().filter(move |w| w.with_image == with_image);
            those.map(|w| w.contributor.clone())
        };
        let confirmed = passes
            .iter()
            .filter(|(pass, confirmed)| *confirmed && pass.verdict == Verdict::Kept);
        Self {
            with_image: kept_images
                .iter()
                .map(|i| i.contributor.clone())
                .chain(past(true))
                .collect(),
            with_pass: confirmed
                .map(|(pass, _)| pass.contributor.clone())
                .chain(past(false))
                .collect(),
        }
    }
}

/// How many of these contributors speak for a pass: others, and only for one that shows something. An invented trace
/// along a street that others mapped adds nothing to it.
fn speaking(contributors: &BTreeSet<String>, pass: &Pass) -> u64 {
    if pass.images == 0 {
        return 0;
    }
    contributors.len() as u64 - u64::from(contributors.contains(&pass.contributor))
}

/// P6: the first of these that holds, the strongest first.
fn confirm(rules: &Rules, pass: &mut Pass, sequence_confirmed: bool, others: &Others) {
    let score = &rules.score;
    let (confirmation, by) = if sequence_confirmed {
        (Ppm::ONE, TRACK_AND_IMAGE)
    } else if speaking(&others.with_image, pass) > 0 {
        (Ppm::ONE, "other-image")
    } else if speaking(&others.with_pass, pass) >= score.confirming_others {
        (Ppm::ONE, "other-passes")
    } else if pass.images > 0 {
        (Ppm::clamped(signed(score.own_image_ppm)), "own-image")
    } else {
        (Ppm::clamped(signed(score.unconfirmed_ppm)), "nothing")
    };
    pass.confirmation_ppm = confirmation;
    by.clone_into(&mut pass.confirmed_by);
}

/// P4: `times(times(position, confirmation), 200,000 + times(800,000, best image))`.
fn quality(rules: &Rules, pass: &mut Pass) {
    let seen = part_and_rest(rules.score.no_image_ppm, pass.image_ppm);
    pass.quality_ppm = pass.position_ppm.times(pass.confirmation_ppm).times(seen);
}

/// P5: of the passes of one contributor and UTC day that were slower than the limit throughout,
/// the one worth most counts; of equals the first in the order. The day is that of the start.
///
/// A pass with a single member has no speed and is not dwelling: one picture taken while standing
/// is what a pedestrian does, and a second one gains only what the first has faded.
fn dwelling(rules: &Rules, passes: &mut [(Pass, bool)]) {
    let limit = rules.score.dwelling_mm_s;
    let mut best: BTreeMap<(String, i64), (Ppm, Digest)> = BTreeMap::new();
    let stays = |pass: &Pass| {
        let slow = pass.speed_mm_s.is_some_and(|speed| u64::from(speed) < limit);
        (slow && pass.verdict == Verdict::Kept).then(|| (pass.contributor.clone(), pass.start_at.day()))
    };
    for (pass, _) in passes.iter() {
        if let Some(key) = stays(pass) {
            let worth = pass.effective();
            let held = best.entry(key).or_insert((worth, pass.pass_id));
            if worth > held.0 {
                *held = (worth, pass.pass_id);
            }
        }
    }
    for (pass, _) in passes.iter_mut() {
        let counts = stays(pass).and_then(|key| best.get(&key)).map(|(_, id)| *id);
        if counts.is_some_and(|id| id != pass.pass_id) {
            let speed = i64::from(pass.speed_mm_s.unwrap_or_default());
            pass.decide(Finding::measured(Reason::Dwelling, speed, signed(limit)));
        }
    }
}

#[cfg(test)]
#[path = "passes_tests.rs"]
mod tests;
