//! A cell scored a second time, straight from the text of the policy: plain integers, loops over
//! everything, none of the code under test. It knows the defaults by heart.

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Image, Pass, Standing};
use cairn_datasets::verdict::Verdict;
use proptest::prelude::*;

use super::samples::{END, cell, epoch};
use super::tests::world;
use super::{CellRows, Rules, score_cell};

const M: i128 = 1_000_000;
const WEEK: i128 = 7 * 86_400_000;

fn ramp(x: i128, a: i128, b: i128) -> i128 {
    let (over, span) = if b > a { (x - a, b - a) } else { (a - x, a - b) };
    if over <= 0 { 0 } else { (over * M / span).min(M) }
}

fn image_quality(i: &Image) -> i128 {
    let mean = i128::from(i.mean_milli);
    let sharp = ramp(i128::from(i.sharpness.parts()), 10_000, 200_000);
    let lost = i128::from(i.dark_ppm.parts() + i.burnt_ppm.parts());
    let exposure = ramp(mean, 40_000, 110_000).min(ramp(mean, 215_000, 180_000)) * (M - lost).max(0) / M;
    let contrast = ramp(i128::from(i.std_milli), 15_000, 45_000);
    let per_degree = i128::from(i.width) * M / i128::from(i.field_of_view_mdeg.unwrap());
    let detail = ramp(per_degree, 5_000, 30_000);
    (sharp * exposure / M) * (contrast * detail / M) / M
}

/// What the oracle says of one pass.
#[derive(Clone, Debug)]
struct Told {
    id: Digest,
    who: String,
    kept: bool,
    effective: i128,
    quality: i128,
    slot: Option<u32>,
    standing: i128,
    gain: i128,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    heading: Option<i128>,
    quality: i128,
    captured: i128,
    uploaded: Option<i128>,
}

fn standing(held: Option<Held>, captured: i128, uploaded: Option<i128>) -> i128 {
    let Some(held) = held else { return 0 };
    let mut age = captured - held.captured;
    if let (Some(now), Some(then)) = (uploaded, held.uploaded) {
        age = age.min(now - then);
    }
    let age = age.clamp(0, WEEK);
    held.quality - held.quality * age / WEEK
}

fn choose(slots: &[Option<Held>; 2], now: [i128; 2], heading: Option<u32>) -> usize {
    let Some(heading) = heading.map(i128::from) else {
        return usize::from(now[1] > now[0]);
    };
    let away = |slot: usize| match slots[slot].and_then(|s| s.heading) {
        Some(of_slot) => {
            let apart = (of_slot - heading).abs();
            apart.min(360 - apart)
        }
        None => 90,
    };
    match (now[0] > 0, now[1] > 0) {
        (false, false) => 0,
        (true, false) => usize::from(away(0) > 90),
        (false, true) => usize::from(away(1) <= 90),
        (true, true) => usize::from(away(1) < away(0)),
    }
}

fn order(pass: &Pass) -> (bool, i64, Digest, String, u32, Digest) {
    let draw = Digest::of_parts(&[epoch().name.as_bytes(), pass.contributor.as_bytes()]);
    let upload = pass.uploaded_at.map_or(0, |t| t.0);
    (
        pass.uploaded_at.is_none(),
        upload,
        draw,
        pass.path.clone(),
        pass.ordinal,
        pass.pass_id,
    )
}

/// P1 to P4 and P6 for one pass; P5 comes after all of them.
fn judge(pass: &Pass, confirmed: bool, rows: &CellRows, images: &[&Image]) -> Told {
    let own: Vec<_> = images
        .iter()
        .filter(|i| i.pass_id == Some(pass.pass_id))
        .collect();
    let enough = |p: &Pass| p.fixes >= 2 || images.iter().any(|i| i.pass_id == Some(p.pass_id));
    let mut others: Vec<&str> = rows
        .passes
        .iter()
        .filter(|(p, sure)| *sure && p.contributor != pass.contributor && enough(p))
        .map(|(p, _)| p.contributor.as_str())
        .collect();
    others.sort_unstable();
    others.dedup();
    let seen_by_another = images.iter().any(|i| i.contributor != pass.contributor);
    let confirmation = if confirmed || (!own.is_empty() && (seen_by_another || others.len() >= 2)) {
        M
    } else if own.is_empty() {
        0
    } else {
        500_000
    };
    let best = own.iter().map(|i| image_quality(i)).max().unwrap_or(0);
    let position = ramp(i128::from(pass.accuracy_mm), 10_000, 2_000);
    let quality = (position * confirmation / M) * (200_000 + 800_000 * best / M) / M;
    Told {
        id: pass.pass_id,
        who: pass.contributor.clone(),
        kept: enough(pass),
        effective: quality * i128::from(pass.integrity_ppm.parts()) / M,
        quality,
        slot: None,
        standing: 0,
        gain: 0,
    }
}

fn tell(rows: &CellRows) -> (Vec<Told>, [Option<Held>; 2]) {
    let images: Vec<&Image> = rows
        .images
        .iter()
        .filter(|i| i.verdict == Verdict::Kept)
        .collect();
    let mut passes = rows.passes.clone();
    passes.sort_by_key(|(pass, _)| order(pass));
    let mut told: Vec<Told> = passes
        .iter()
        .map(|(pass, confirmed)| judge(pass, *confirmed, rows, &images))
        .collect();

    let dwells = |p: &Pass| p.speed_mm_s.is_some_and(|v| v < 150);
    let day = |p: &Pass| p.start_at.0.div_euclid(86_400_000);
    let enough: Vec<bool> = told.iter().map(|t| t.kept).collect();
    for (i, (mine, _)) in passes.iter().enumerate() {
        let beaten = passes.iter().enumerate().any(|(j, (rival, _))| {
            let meets = i != j && enough[j] && dwells(rival) && rival.contributor == mine.contributor;
            let same_day = day(mine) == day(rival);
            let better = told[j].effective > told[i].effective;
            meets && same_day && (better || (told[j].effective == told[i].effective && j < i))
        });
        if dwells(mine) && beaten {
            told[i].kept = false;
        }
    }

    let mut slots = [0, 1].map(|slot| rows.standing.iter().find(|s| s.slot == slot).map(held));
    for (one, (pass, _)) in told.iter_mut().zip(&passes).filter(|(t, _)| t.kept) {
        let (captured, uploaded) = (
            i128::from(pass.end_at.0),
            pass.uploaded_at.map(|t| i128::from(t.0)),
        );
        let now = slots.map(|slot| standing(slot, captured, uploaded));
        let slot = choose(&slots, now, pass.heading_deg);
        one.slot = u32::try_from(slot).ok();
        one.standing = now[slot];
        one.gain = (one.effective - now[slot]).max(0);
        if one.gain > 0 {
            let before = slots[slot];
            let opener = before.filter(|_| now[slot] > 0).and_then(|b| b.heading);
            slots[slot] = Some(Held {
                heading: opener.or(pass.heading_deg.map(i128::from)),
                quality: one.effective,
                captured: before.map_or(captured, |b| b.captured.max(captured)),
                uploaded: match (before.and_then(|b| b.uploaded), uploaded) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                },
            });
        }
    }
    (told, slots)
}

fn held(row: &Standing) -> Held {
    Held {
        heading: row.heading_deg.map(i128::from),
        quality: i128::from(row.quality_ppm.parts()),
        captured: i128::from(row.captured_at.0),
        uploaded: row.uploaded_at.map(|t| i128::from(t.0)),
    }
}

/// Score, quality, freshness, confidence and directions of the cell.
fn cover(told: &[Told], slots: &[Option<Held>; 2]) -> Option<[i128; 5]> {
    let end = i128::from(END.0);
    let now = slots.map(|slot| standing(slot, end, Some(end)));
    let filled = i128::from(now[0] > 0) + i128::from(now[1] > 0);
    let mut who: Vec<_> = told.iter().filter(|t| t.kept).map(|t| &t.who).collect();
    if filled == 0 && who.is_empty() {
        return None;
    }
    who.sort_unstable();
    who.dedup();
    let quality = if filled == 0 {
        0
    } else {
        (now[0] + now[1]) / filled
    };
    let newest = slots.iter().flatten().map(|s| s.captured).max();
    let freshness = newest.map_or(0, |t| ramp(end - t, 90 * 86_400_000, 0));
    let confidence = (i128::try_from(who.len()).unwrap() * M / 3).min(M);
    let score = (quality * freshness / M) * (500_000 + confidence / 2) / M;
    Some([score, quality, freshness, confidence, filled])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_cell_scored_by_the_text_is_the_cell_scored_by_the_code(mut rows in world()) {
        // All of it in one cell, so that passes meet.
        for (pass, _) in &mut rows.passes {
            pass.cell = cell();
        }
        for image in &mut rows.images {
            image.cell = Some(cell());
        }
        for standing in &mut rows.standing {
            standing.cell = cell();
        }
        rows.standing.sort_by_key(|s| s.slot);
        rows.standing.dedup_by_key(|s| s.slot);

        let (told, slots) = tell(&rows);
        let scored = score_cell(&Rules::default(), &epoch(), cell(), rows);
        prop_assert_eq!(told.len(), scored.passes.len());
        for (told, pass) in told.iter().zip(&scored.passes) {
            prop_assert_eq!(told.id, pass.pass_id);
            prop_assert_eq!(told.kept, pass.verdict == Verdict::Kept, "{:?} {:?}", told, pass);
            prop_assert_eq!(told.quality, i128::from(pass.quality_ppm.parts()));
            prop_assert_eq!(told.slot, pass.slot);
            prop_assert_eq!(told.standing, i128::from(pass.standing_ppm.parts()));
            prop_assert_eq!(told.gain, i128::from(pass.gain_ppm.parts()));
        }
        let covered = scored.coverage.map(|c| {
            let parts = [c.score_ppm, c.quality_ppm, c.freshness_ppm, c.confidence_ppm].map(|p| i128::from(p.parts()));
            [parts[0], parts[1], parts[2], parts[3], i128::from(c.directions)]
        });
        prop_assert_eq!(cover(&told, &slots), covered);
        let rows: Vec<_> = scored.standing.iter().map(|s| format!("{:?}", held(s))).collect();
        let held: Vec<_> = slots.iter().flatten().map(|s| format!("{s:?}")).collect();
        prop_assert_eq!(rows, held);
    }
}
