//! Laws of the passes of a cell, walked through and priced (R1 to R4): score and reward meet here, as in a run.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Pass, Standing};
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_stages::policy::{RewardMode, ScorePolicy};
use cairn_stages::reward::modes::worth;
use cairn_stages::score::slots::Slots;
use cairn_stages::score::walk;
use proptest::prelude::*;

const MODES: [RewardMode; 3] = [RewardMode::Improvement, RewardMode::Rank, RewardMode::Shapley];
const HOUR: i64 = 3_600_000;
const FADE_H: i64 = 168;

/// A pass: whose, which way, how good, and the hours of its capture and its upload.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    who: u32,
    heading: Option<u32>,
    effective: u32,
    captured_h: i64,
    uploaded_h: i64,
}

fn cell() -> Cell {
    "8b1fb46622dafff".parse().unwrap()
}

/// The worth of each pass in ppm, by their places.
fn worths(mode: RewardMode, start: &[Standing], seen: &[Seen]) -> Vec<u64> {
    let row = |(number, seen): (usize, &Seen)| {
        let id = Digest::of(&number.to_le_bytes());
        let at = Timestamp(seen.captured_h * HOUR);
        Pass {
            uploaded_at: Some(Timestamp(seen.uploaded_h * HOUR)),
            heading_deg: seen.heading,
            quality_ppm: Ppm::new(seen.effective),
            ..Pass::unjudged(id, &format!("{:02}", seen.who), id, cell(), "", at)
        }
    };
    let mut passes: Vec<(usize, Pass)> = seen.iter().enumerate().map(row).enumerate().collect();
    match mode {
        RewardMode::Shapley => passes.sort_by_key(|(_, pass)| (pass.end_at, pass.pass_id)),
        _ => passes.sort_by_key(|(place, pass)| (pass.uploaded_at, *place)),
    }
    let mut slots = Slots::from_history(&ScorePolicy::default(), start);
    for (_, pass) in &mut passes {
        walk(mode, &mut slots, pass);
    }
    let (places, passes): (Vec<usize>, Vec<Pass>) = passes.into_iter().unzip();
    let mut by_place: Vec<(usize, u64)> = places
        .into_iter()
        .zip(worth(mode, &passes).into_iter().map(|ppm| u64::from(ppm.parts())))
        .collect();
    by_place.sort_unstable();
    by_place.into_iter().map(|(_, worth)| worth).collect()
}

fn of(who: u32, seen: &[Seen], worths: &[u64]) -> u64 {
    seen.iter()
        .zip(worths)
        .filter(|(seen, _)| seen.who == who)
        .map(|(_, worth)| worth)
        .sum()
}

/// A slot that was filled before the first hour.
fn stood(quality: u32, captured_h: i64, uploaded_h: i64) -> Standing {
    Standing {
        cell: cell(),
        slot: 0,
        heading_deg: Some(0),
        quality_ppm: Ppm::new(quality),
        captured_at: Timestamp(captured_h * HOUR),
        uploaded_at: Some(Timestamp(uploaded_h * HOUR)),
    }
}

fn history() -> impl Strategy<Value = Vec<Standing>> {
    let slot = (0_u32..1_000_001, -300_i64..0, 0_i64..300);
    let slot = slot.prop_map(|(quality, captured, late)| stood(quality, captured, (captured + late).min(0)));
    prop::collection::vec(slot, 0..2)
}

/// Passes with headings that a strategy draws, captured in a week and uploaded within days.
fn passes(heading: impl Strategy<Value = Option<u32>>) -> impl Strategy<Value = Vec<Seen>> {
    let quality = prop_oneof![1 => Just(500_000_u32), 3 => 0_u32..1_000_001];
    let draw = (0_u32..4, heading, quality, 0_i64..FADE_H, 0_i64..200);
    prop::collection::vec(draw, 1..10).prop_map(|draws| {
        let seen = |(who, heading, effective, captured_h, late_h)| Seen {
            who,
            heading,
            effective,
            captured_h,
            uploaded_h: captured_h + late_h,
        };
        draws.into_iter().map(seen).collect()
    })
}

/// One way along a street: all of them join one slot.
fn one_way() -> impl Strategy<Value = Vec<Seen>> {
    passes((0_u32..45).prop_map(Some))
}

fn any_way() -> impl Strategy<Value = Vec<Seen>> {
    passes(prop_oneof![1 => Just(None), 3 => (0_u32..360).prop_map(Some)])
}

proptest! {
    /// In the default mode a pass earns the same under any id.
    #[test]
    fn policy_r2_law_ids_win_nothing_by_improvement(
        seen in any_way(),
        start in history(),
        ids in prop::collection::vec(0_u32..9, 10),
    ) {
        let renamed: Vec<Seen> = seen.iter().zip(&ids).map(|(seen, id)| Seen { who: *id, ..*seen }).collect();
        let mode = RewardMode::Improvement;
        prop_assert_eq!(worths(mode, &start, &seen), worths(mode, &start, &renamed));
    }

    /// Pieces of a drive among the passes of others, all sent as they were captured: never more than the best of them
    /// and what it fades over the drive.
    #[test]
    fn policy_r2_law_pieces_among_others_never_earn_more_than_the_fade(seen in one_way(), start in history()) {
        let seen: Vec<Seen> = seen.into_iter().map(|seen| Seen { uploaded_h: seen.captured_h, ..seen }).collect();
        let earned = worths(RewardMode::Improvement, &start, &seen);
        for who in 0..4 {
            let own = || seen.iter().filter(move |seen| seen.who == who);
            let best = own().map(|seen| u64::from(seen.effective)).max().unwrap_or(0);
            let hours = || own().map(|seen| seen.captured_h);
            let span = hours().max().unwrap_or(0) - hours().min().unwrap_or(0);
            let fade = best * u64::try_from(span).unwrap() / u64::try_from(FADE_H).unwrap();
            prop_assert!(of(who, &seen, &earned) <= best + fade, "{who}: {earned:?}");
        }
    }

    /// A better pass, all else equal, never earns less: in the default mode for itself, in the others together with all
    /// that its contributor has there.
    #[test]
    fn law_in_no_mode_a_better_pass_earns_less(
        seen in one_way(),
        start in history(),
        which in 0_usize..10,
        more in 1_u32..500_000,
    ) {
        let which = which % seen.len();
        let mut better = seen.clone();
        better[which].effective = (better[which].effective + more).min(1_000_000);
        let who = seen[which].who;
        for mode in MODES {
            let (before, after) = (worths(mode, &start, &seen), worths(mode, &start, &better));
            let earned = |seen: &[Seen], worths: &[u64]| match mode {
                RewardMode::Improvement => worths[which],
                _ => of(who, seen, worths),
            };
            prop_assert!(earned(&better, &after) >= earned(&seen, &before), "{mode:?}: {before:?} {after:?}");
        }
    }

    /// Without a history and with headings, captures within the fade: the order of arrival decides nothing.
    #[test]
    fn policy_r4_law_shapley_does_not_ask_who_arrived_first(
        seen in passes((0_u32..360).prop_map(Some)),
        uploads in prop::collection::vec(FADE_H..400, 10),
    ) {
        let other: Vec<Seen> =
            seen.iter().zip(&uploads).map(|(seen, hour)| Seen { uploaded_h: *hour, ..*seen }).collect();
        prop_assert_eq!(worths(RewardMode::Shapley, &[], &seen), worths(RewardMode::Shapley, &[], &other));
    }

    #[test]
    fn law_in_no_mode_a_pass_earns_more_than_it_is_good_for(seen in any_way(), start in history()) {
        for mode in MODES {
            for (seen, earned) in seen.iter().zip(worths(mode, &start, &seen)) {
                prop_assert!(earned <= u64::from(seen.effective), "{mode:?}: {seen:?} {earned}");
            }
        }
    }
}

fn seen(who: u32, heading: Option<u32>, effective: u32, captured_h: i64, uploaded_h: i64) -> Seen {
    Seen {
        who,
        heading,
        effective,
        captured_h,
        uploaded_h,
    }
}

/// Half of what stood a week ago is gone after half a week, and the other half after a whole one. Who brings it up by a
/// unit in between makes it younger, and lower, so that it fades more slowly: of a unit that is earned a quarter of
/// all quality is paid by those who follow. It is the most: Q * a * d of a slot of age a when it is met and d later, up
/// to a + d = 1.
#[test]
fn policy_r2_a_pass_worth_a_unit_can_take_a_quarter_from_those_who_follow() {
    let history = [stood(1_000_000, 0, 0)];
    let good = |hour| seen(0, Some(0), 1_000_000, hour, hour);
    let alone = |hour| worths(RewardMode::Improvement, &history, &[good(hour)])[0];
    let (mut most, mut at) = (0, (0, 0));
    for poor in 1..FADE_H {
        // A unit more than stands there then.
        let stands = 1_000_000 - 1_000_000 * u32::try_from(poor).unwrap() / 168;
        for hour in poor..=FADE_H {
            let passes = [seen(1, Some(0), stands + 1, poor, poor), good(hour)];
            let earned = worths(RewardMode::Improvement, &history, &passes);
            assert_eq!(earned[0], 1);
            let taken = alone(hour) - earned[1];
            if taken > most {
                (most, at) = (taken, (poor, hour));
            }
        }
    }
    assert_eq!((most, at), (250_001, (84, 168)));
}

/// Where the law of pieces ends: who holds a piece back until a poor pass of somebody else stands in the slot is paid
/// for what the map had before. Of all passes together the law holds (`slots_tests`): the fade is that up to the poor pass.
#[test]
fn policy_r2_a_piece_held_back_behind_a_poor_pass_is_paid_again() {
    let drive = [
        seen(0, Some(0), 500_000, 45, 45),
        seen(0, Some(0), 500_000, 44, 168),
    ];
    assert_eq!(worths(RewardMode::Improvement, &[], &drive), [500_000, 0]);
    // What stands of the first piece after 122 hours, and a unit.
    let poor = seen(1, Some(0), 136_906, 167, 167);
    let earned = worths(RewardMode::Improvement, &[], &[drive[0], drive[1], poor]);
    assert_eq!(earned, [500_000, 363_094, 1]);
}

/// For the same reason the law of better passes is not one of all that a contributor has: one that was sent late and is accepted makes the slot as young as its upload,
/// and the next of the same contributor finds it so. What the pass itself earns is never less (R2).
#[test]
fn a_better_pass_that_was_sent_late_can_cost_its_contributor_the_next() {
    let week = |late| {
        let passes = [
            seen(1, Some(0), 900_000, 0, 0),
            seen(0, Some(0), late, 24, 96),
            seen(0, Some(0), 600_000, 100, 100),
        ];
        worths(RewardMode::Improvement, &[], &passes)
    };
    // 900,000 less a seventh is 771,429 at the age of a day, and 364,286 at that of a hundred hours.
    assert_eq!(week(771_429), [900_000, 0, 235_714]);
    assert_eq!(week(771_430), [900_000, 1, 0]);
}

/// Where it ends for headings: a pass without one joins the better slot, and a better pass can draw it there.
#[test]
fn a_better_pass_can_draw_one_without_a_heading_into_its_slot() {
    let ranked = |quality| {
        let passes = [
            seen(0, Some(0), 400_000, 0, 0),
            seen(1, Some(180), quality, 0, 0),
            seen(2, None, 500_000, 0, 1),
        ];
        worths(RewardMode::Rank, &[], &passes)
    };
    assert_eq!(ranked(399_999), [200_000, 399_999, 500_000]);
    assert_eq!(ranked(400_001), [400_000, 200_000, 500_000]);
}

/// Where the law of arrival ends: an age is the lesser of two gaps (R2), so that what a slot of the history still
/// stands at depends on when the first pass after it is sent.
#[test]
fn policy_r4_in_mode_shapley_the_time_of_arrival_decides_what_a_history_stands_at() {
    // Captured on the first day and sent five days later; the pass is captured on the sixth.
    let history = [stood(1_000_000, -120, 0)];
    let sent = |uploaded_h| {
        worths(
            RewardMode::Shapley,
            &history,
            &[seen(0, Some(0), 1_000_000, 24, uploaded_h)],
        )
    };
    assert_eq!(sent(24), [142_857]);
    assert_eq!(sent(144), [857_142]);
}

/// A stranger's worst pass takes nothing, however early it was captured: what is shared is counted over the history.
#[test]
fn policy_r4_a_poor_pass_captured_first_takes_nothing_in_any_mode() {
    let history = [stood(1_000_000, 0, 0)];
    let good = seen(0, Some(0), 1_000_000, 160, 160);
    let poor = seen(1, Some(0), 1, 1, 2);
    assert_eq!(worths(RewardMode::Shapley, &history, &[good]), [952_380]);
    assert_eq!(worths(RewardMode::Shapley, &history, &[good, poor]), [952_380, 0]);
    for mode in [RewardMode::Improvement, RewardMode::Rank] {
        let alone = worths(mode, &history, &[good]);
        assert_eq!(worths(mode, &history, &[good, poor])[0], alone[0], "{mode:?}");
    }
}
