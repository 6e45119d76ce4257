//! Laws of the whole way from passes to line items, and the same way gone by an oracle.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Credit, Pass, Reward, Share};
use cairn_datasets::verdict::{Finding, Reason};
use proptest::prelude::*;

use super::samples::{cells, pass};
use super::*;
use crate::kernel::{Cut, GroupKernel, Tables};
use crate::policy::RewardPolicy;

fn kernel(demand: u64) -> CreditKernel {
    CreditKernel {
        policy: RewardPolicy::default(),
        demand: cells().iter().take(2).map(|cell| (*cell, demand)).collect(),
        region: Multipliers::default(),
        buckets: 3,
    }
}

fn tables<R: Row>(rows: &[R]) -> Tables {
    let mut rows = rows.to_vec();
    rows.sort_by_key(Row::key);
    let mut tables = Tables::default();
    tables.insert(R::TABLE, R::to_batch(&rows).unwrap());
    tables
}

fn rows<R: Row>(cuts: &[Cut]) -> Vec<R> {
    let of_table = cuts.iter().filter(|cut| cut.table == R::TABLE);
    of_table
        .flat_map(|cut| R::from_batch(&cut.rows).unwrap())
        .collect()
}

/// Everything that an epoch pays.
#[derive(Debug, PartialEq)]
struct Paid {
    passes: Vec<Pass>,
    lines: Vec<Credit>,
    rewards: Vec<Reward>,
    unallocated: u64,
}

/// Pays passes that lie in tiles as `tile_of` says.
fn pay(passes: &[Pass], pool: u64, demand: u64, tile_of: impl Fn(Cell) -> usize) -> Paid {
    let mut tiles: BTreeMap<usize, Vec<Pass>> = BTreeMap::new();
    for pass in passes {
        tiles.entry(tile_of(pass.cell)).or_default().push(pass.clone());
    }
    let cuts: Vec<Cut> = tiles
        .values()
        .flat_map(|passes| kernel(demand).apply("tile=x", &tables(passes)).unwrap())
        .collect();
    let shares = rows::<Share>(&cuts);
    let paid = rewards(&shares, pool, &BTreeMap::new(), &Corrections::default()).unwrap();
    let mut buckets: BTreeMap<&str, Vec<Credit>> = BTreeMap::new();
    for cut in cuts.iter().filter(|cut| cut.table == Credit::TABLE) {
        let credits = Credit::from_batch(&cut.rows).unwrap();
        buckets.entry(&cut.group).or_default().extend(credits);
    }
    let mut lines: Vec<Credit> = buckets
        .into_values()
        .flat_map(|credits| line_items::line_items(credits, &paid.rows).unwrap())
        .collect();
    lines.sort_by_key(Row::key);
    let mut passes: Vec<Pass> = rows(&cuts);
    passes.sort_by_key(Row::key);
    Paid {
        passes,
        lines,
        rewards: paid.rows,
        unallocated: paid.unallocated,
    }
}

fn passes() -> impl Strategy<Value = Vec<Pass>> {
    let gain = prop_oneof![Just(0), 0_u32..5, 0_u32..1_000_001];
    let draw = (0_usize..4, 0_usize..5, gain, prop::bool::weighted(0.8));
    prop::collection::vec(draw, 0..40).prop_map(|draws| {
        let row = |(number, (who, place, gain, kept)): (u32, (usize, usize, u32, bool))| {
            let mut row = pass(["ann", "ben", "cem", "dora"][who], cells()[place], number, gain);
            if !kept {
                row.decide(Finding::plain(Reason::CopiedTrack));
            }
            row
        };
        (0..).zip(draws).map(row).collect()
    })
}

fn pool() -> impl Strategy<Value = u64> {
    prop_oneof![Just(u64::MAX), 0_u64..100, any::<u64>()]
}

/// Multipliers of cells and of their parents, far and near.
fn named() -> impl Strategy<Value = Vec<(Cell, u64)>> {
    let row = (0_usize..7, 0_u64..12, 0_u64..5_000_000);
    prop::collection::vec(row, 0..8).prop_map(|rows| {
        let parent = |(place, level, ppm): (usize, u64, u64)| {
            let level = cairn_datasets::cell::resolution(level).unwrap();
            (cells()[place].parent(level), ppm)
        };
        rows.into_iter().map(parent).collect()
    })
}

/// The multiplier of the finest named cell that holds another; of two of one cell the later, of none a million.
fn nearest(named: &[(Cell, u64)], cell: Cell) -> u64 {
    let holds = |outer: &Cell| cell.h3().parent(outer.h3().resolution()) == Some(outer.h3());
    let holding = named.iter().filter(|(outer, _)| holds(outer));
    // `max_by_key` takes the last of equals.
    let finest = holding.max_by_key(|(outer, _)| outer.h3().resolution());
    finest.map_or(1_000_000, |(_, ppm)| *ppm)
}

/// Whole shares first, then unit by unit to whoever has the largest remainder: the dullest way.
fn dole(pool: u128, weights: &BTreeMap<String, u128>) -> (BTreeMap<&str, u128>, u128) {
    let whole: u128 = weights.values().sum();
    let mut owed: BTreeMap<&str, u128> = BTreeMap::new();
    let mut waiting: Vec<(u128, &str)> = Vec::new();
    let mut left = pool;
    for (who, weight) in weights.iter().filter(|(_, weight)| **weight > 0) {
        owed.insert(who, pool * weight / whole);
        waiting.push((pool * weight % whole, who));
        left -= pool * weight / whole;
    }
    while left > 0 && !waiting.is_empty() {
        let mut first = waiting[0];
        for next in &waiting {
            if next.0 > first.0 || (next.0 == first.0 && next.1 < first.1) {
                first = *next;
            }
        }
        *owed.entry(first.1).or_default() += 1;
        waiting.retain(|(_, other)| *other != first.1);
        left -= 1;
    }
    (owed, left)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn policy_r5_r6_law_every_unit_of_the_pool_is_accounted_for(
        passes in passes(),
        pool in pool(),
        demand in 0_u64..3_000_000,
    ) {
        let paid = pay(&passes, pool, demand, |_| 0);
        let total = |units: &mut dyn Iterator<Item = u64>| units.map(u128::from).sum::<u128>();
        let given = total(&mut paid.rewards.iter().map(|r| r.reward));
        prop_assert_eq!(given + u128::from(paid.unallocated), u128::from(pool));
        for reward in &paid.rewards {
            let own = || paid.lines.iter().filter(|l| l.contributor == reward.contributor);
            prop_assert_eq!(total(&mut own().map(|l| l.reward)), u128::from(reward.reward));
            prop_assert_eq!(total(&mut own().map(|l| l.credit)), u128::from(reward.credit));
            prop_assert!(own().all(|l| l.credit > 0 || l.reward == 0));
        }
        let of_passes = total(&mut paid.passes.iter().map(|p| p.credit));
        prop_assert_eq!(of_passes, total(&mut paid.lines.iter().map(|l| l.credit)));
    }

    #[test]
    fn law_neither_tiles_nor_the_order_of_rows_change_a_unit(
        passes in passes(),
        pool in pool(),
        tiles in prop::collection::vec(0_usize..3, 7),
    ) {
        let place = |cell: Cell| cells().iter().position(|c| *c == cell).unwrap();
        let mut turned = passes.clone();
        turned.reverse();
        prop_assert_eq!(
            pay(&passes, pool, 1_500_000, |_| 0),
            pay(&turned, pool, 1_500_000, |cell| tiles[place(cell)])
        );
    }

    #[test]
    fn law_more_gain_never_earns_less(passes in passes(), pool in pool(), which in 0_usize..40, more in 0_u32..1_000_000) {
        prop_assume!(which < passes.len());
        let who = passes[which].contributor.clone();
        let mut better = passes.clone();
        let gain = &mut better[which].gain_ppm;
        *gain = cairn_datasets::units::Ppm::new(gain.parts() + more);
        let earned = |passes: &[Pass]| {
            let paid = pay(passes, pool, 1_000_000, |_| 0);
            paid.rewards.iter().find(|r| r.contributor == who).map_or(0, |r| r.reward)
        };
        prop_assert!(earned(&better) >= earned(&passes));
    }

    #[test]
    fn law_what_does_not_count_earns_nothing(passes in passes(), pool in pool()) {
        let paid = pay(&passes, pool, 1_000_000, |_| 0);
        for pass in &paid.passes {
            prop_assert!(pass.reason == Reason::None || pass.credit == 0);
        }
        let kept: Vec<Pass> = passes.iter().filter(|p| p.reason == Reason::None).cloned().collect();
        let without = pay(&kept, pool, 1_000_000, |_| 0);
        prop_assert_eq!((paid.lines, paid.rewards), (without.lines, without.rewards));
    }

    /// Where in cells of her own zoe drove is nothing to others: only how much she earned.
    #[test]
    fn law_a_strangers_own_cells_change_nobody_elses_reward(
        passes in passes(),
        own in prop::collection::vec((5_usize..7, 0_u32..1_000_001), 0..12),
        pool in pool(),
    ) {
        let with = |turned: bool| {
            let zoe = own.iter().zip(0..).map(|((place, gain), number)| {
                let place = if turned { 11 - place } else { *place };
                pass("zoe", cells()[place], number, *gain)
            });
            let all: Vec<Pass> = passes.iter().cloned().chain(zoe).collect();
            let paid = pay(&all, pool, 2_000_000, |_| 0);
            let lines: Vec<Credit> = paid.lines.into_iter().filter(|line| line.contributor != "zoe").collect();
            (paid.rewards, lines, paid.unallocated)
        };
        prop_assert_eq!(with(false), with(true));
    }

    /// R3: each pass is worth what its cell is wanted for, by the nearest coarser parent that is named.
    #[test]
    fn policy_r3_law_credits_follow_the_nearest_named_parent(
        passes in passes(),
        demand in named(),
        region in named(),
    ) {
        let priced = CreditKernel {
            demand: demand.iter().copied().collect(),
            region: region.iter().copied().collect(),
            ..kernel(0)
        };
        let cuts = priced.apply("tile=x", &tables(&passes)).unwrap();
        for pass in rows::<Pass>(&cuts) {
            let (demand, region) = (nearest(&demand, pass.cell), nearest(&region, pass.cell));
            prop_assert_eq!((pass.demand_ppm, pass.region_ppm), (demand, region));
            let worth = if pass.reason == Reason::None { u128::from(pass.gain_ppm.parts()) } else { 0 };
            let credit = worth * u128::from(demand) * u128::from(region) / 1_000_000_000_000;
            prop_assert_eq!(u128::from(pass.credit), credit);
        }
    }

    #[test]
    fn an_oracle_pays_the_same(passes in passes(), pool in 0_u64..1_000_000, demand in 0_u64..3_000_000) {
        let wanted = |cell: Cell| if cells()[..2].contains(&cell) { u128::from(demand) } else { 1_000_000 };
        let mut weights: BTreeMap<String, u128> = BTreeMap::new();
        for pass in passes.iter().filter(|p| p.reason == Reason::None) {
            let credit = u128::from(pass.gain_ppm.parts()) * wanted(pass.cell) / 1_000_000;
            *weights.entry(pass.contributor.clone()).or_default() += credit;
        }
        let (owed, left) = dole(u128::from(pool), &weights);
        let paid = pay(&passes, pool, demand, |_| 0);
        prop_assert_eq!(u128::from(paid.unallocated), left);
        prop_assert_eq!(paid.rewards.len(), weights.len());
        for row in &paid.rewards {
            let reward = owed.get(row.contributor.as_str()).copied().unwrap_or_default();
            prop_assert_eq!(u128::from(row.reward), reward);
            prop_assert_eq!(u128::from(row.credit), weights[&row.contributor]);
        }
    }
}
