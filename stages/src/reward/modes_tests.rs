use cairn_datasets::verdict::{Finding, Reason};
use proptest::prelude::*;

use super::super::samples::{cells, pass};
use super::*;

const MODES: [RewardMode; 3] = [RewardMode::Improvement, RewardMode::Rank, RewardMode::Shapley];

/// A kept pass of a slot: who, when, and how good.
fn seen(who: &str, number: u32, slot: u32, effective: u32) -> Pass {
    let mut row = pass(who, cells()[0], number, effective);
    row.slot = Some(slot);
    row.quality_ppm = Ppm::new(effective);
    row.end_at = Timestamp(i64::from(number));
    row
}

fn parts(mode: RewardMode, passes: &[Pass]) -> Vec<u32> {
    worth(mode, passes).into_iter().map(Ppm::parts).collect()
}

#[test]
fn policy_r4_rank_pays_the_best_of_each_contributor_by_its_rank() {
    let passes = [
        seen("ann", 0, 0, 400_000),
        seen("ben", 1, 0, 800_000),
        seen("ann", 2, 0, 600_000),
        seen("cem", 3, 0, 500_000),
        seen("dora", 4, 0, 100_000),
        seen("ann", 5, 1, 300_000),
    ];
    assert_eq!(
        parts(RewardMode::Rank, &passes),
        [0, 800_000, 300_000, 125_000, 0, 300_000]
    );
}

#[test]
fn policy_r4_equals_share_what_their_ranks_earn() {
    let passes = ["ann", "ben", "cem", "dora"].map(|who| seen(who, 0, 0, 400_000));
    assert_eq!(parts(RewardMode::Rank, &passes), [175_000; 4]);
    assert_eq!(parts(RewardMode::Rank, &passes[..2]), [300_000; 2]);
}

#[test]
fn policy_r4_shapley_shares_each_step_of_quality_among_those_who_are_that_good() {
    let mut passes = [
        seen("ann", 0, 0, 500_000),
        seen("ben", 1, 0, 800_000),
        seen("cem", 2, 0, 300_001),
    ];
    // 300,001 by three, of which the first has the unit that is left; 199,999 by two, and again; 300,000 alone.
    assert_eq!(parts(RewardMode::Shapley, &passes), [200_001, 499_999, 100_000]);
    // What earlier epochs left is nobody's.
    for pass in &mut passes {
        pass.standing_ppm = Ppm::new(400_000);
        pass.gain_ppm = Ppm::new(pass.effective().parts().saturating_sub(400_000));
    }
    assert_eq!(parts(RewardMode::Shapley, &passes), [50_000, 350_000, 0]);
}

#[test]
fn policy_r4_of_a_contributors_passes_one_plays() {
    let passes = [
        seen("ann", 0, 0, 500_000),
        seen("ann", 1, 0, 500_000),
        seen("ben", 2, 0, 500_000),
    ];
    assert_eq!(parts(RewardMode::Shapley, &passes), [250_000, 0, 250_000]);
    assert_eq!(parts(RewardMode::Rank, &passes), [375_000, 0, 375_000]);
}

fn any_passes() -> impl Strategy<Value = Vec<Pass>> {
    let quality = prop_oneof![Just(0), Just(500_000), 0_u32..1_000_001];
    let draw = (
        0_usize..5,
        0_u32..2,
        quality,
        0_u32..600_000,
        prop::bool::weighted(0.85),
    );
    prop::collection::vec(draw, 0..12).prop_map(|draws| {
        let row = |(number, (who, slot, quality, standing, kept)): (u32, (usize, u32, u32, u32, bool))| {
            let mut row = seen(["ann", "ben", "cem", "dora", "eve"][who], number, slot, quality);
            row.standing_ppm = Ppm::new(standing);
            row.gain_ppm = Ppm::new(quality.saturating_sub(standing));
            if !kept {
                row.decide(Finding::plain(Reason::CopiedTrack));
            }
            row
        };
        (0..).zip(draws).map(row).collect()
    })
}

fn of(who: &str, mode: RewardMode, passes: &[Pass]) -> u64 {
    let worths = parts(mode, passes).into_iter().zip(passes);
    worths
        .filter(|(_, pass)| pass.contributor == who)
        .map(|(worth, _)| u64::from(worth))
        .sum()
}

proptest! {
    #[test]
    fn law_what_is_not_kept_is_worth_nothing_and_changes_nothing(passes in any_passes()) {
        let kept_ones: Vec<Pass> = passes.iter().filter(|p| kept(p)).cloned().collect();
        for mode in MODES {
            let all = parts(mode, &passes);
            let of_kept: Vec<u32> = all.iter().zip(&passes).filter(|(_, p)| kept(p)).map(|(w, _)| *w).collect();
            prop_assert_eq!(of_kept, parts(mode, &kept_ones));
            prop_assert!(all.iter().zip(&passes).all(|(w, p)| kept(p) || *w == 0));
        }
    }

    /// To the unit: the shares of a slot add up to the most that a pass adds to what the history left.
    #[test]
    fn law_shapley_shares_add_up_to_the_gain_of_the_slot(passes in any_passes()) {
        let worths = parts(RewardMode::Shapley, &passes);
        for slot in 0..2 {
            let of_slot = || passes.iter().zip(&worths).filter(|(p, _)| kept(p) && p.slot == Some(slot));
            let most = of_slot().map(|(p, _)| p.gain_ppm.parts()).max().unwrap_or(0);
            let shared: u32 = of_slot().map(|(_, worth)| *worth).sum();
            prop_assert_eq!(shared, most);
        }
    }

    #[test]
    fn law_neither_rank_nor_shapley_asks_who_arrived_first(passes in any_passes(), arrivals in prop::collection::vec(0_i64..1_000, 12)) {
        let mut other: Vec<Pass> = passes.iter().zip(arrivals).map(|(pass, at)| Pass { uploaded_at: Some(Timestamp(at)), ..pass.clone() }).collect();
        other.reverse();
        for mode in [RewardMode::Rank, RewardMode::Shapley] {
            let mut turned = parts(mode, &other);
            turned.reverse();
            prop_assert_eq!(parts(mode, &passes), turned);
        }
    }

    #[test]
    fn law_a_better_pass_never_earns_its_contributor_less(passes in any_passes(), which in 0_usize..12, more in 0_u32..500_000) {
        prop_assume!(which < passes.len());
        let mut better = passes.clone();
        let quality = better[which].quality_ppm.parts().saturating_add(more).min(1_000_000);
        better[which].quality_ppm = Ppm::new(quality);
        better[which].gain_ppm = Ppm::new(quality.saturating_sub(better[which].standing_ppm.parts()));
        let who = passes[which].contributor.clone();
        for mode in MODES {
            prop_assert!(of(&who, mode, &better) >= of(&who, mode, &passes), "{mode:?}");
        }
    }

    /// The bounds of the table above: one drive under several ids, each copy as good and captured a moment later.
    #[test]
    fn law_splitting_a_drive_is_bounded(passes in any_passes(), quality in 0_u32..1_000_001, ids in 2_usize..9) {
        let with = |count: usize| {
            let mut all = passes.clone();
            all.extend((0..count).map(|id| Pass { contributor: format!("sybil-{id}"), ..seen("sybil", 1_000, 0, quality) }));
            let earned = |mode| (0..count).map(|id| of(&format!("sybil-{id}"), mode, &all)).sum::<u64>();
            [earned(RewardMode::Rank), earned(RewardMode::Shapley)]
        };
        let ([_, shapley], [ranks, shapleys]) = (with(1), with(ids));
        prop_assert!(ranks <= u64::from(quality) * 7 / 4, "{ranks}");
        let others: std::collections::BTreeSet<&str> = passes
            .iter()
            .filter(|p| kept(p) && p.slot == Some(0))
            .map(|p| p.contributor.as_str())
            .collect();
        // Alone nothing is won: the slot gained no more.
        prop_assert!(shapleys <= shapley * (others.len() as u64 + 1) + ids as u64, "{shapley} to {shapleys}");
    }
}
