use std::collections::BTreeSet;

use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::Verdict;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::policy::Bounds;
use crate::score::samples::{cell, epoch, image, pass};
use crate::score::tests::world;

/// What a run publishes of the rows of a cell.
fn run(policy: &Policy, cell: Cell, rows: &CellRows) -> ReplayedCell {
    let scored = score_cell(&Rules::of(policy), &epoch(), cell, rows.clone());
    let mut passes = scored.passes;
    let kernel = CreditKernel {
        policy: policy.reward.clone(),
        demand: Multipliers::from_iter([(cell, 1_700_000)]),
        region: Multipliers::default(),
        buckets: 1,
    };
    kernel.credit_cell(cell, &mut passes).unwrap();
    let credits = credits_of(cell, &passes).unwrap();
    passes.sort_by_key(|pass| pass.pass_id);
    ReplayedCell {
        passes,
        images: scored.images,
        coverage: scored.coverage,
        standing: scored.standing,
        credits,
    }
}

/// What a replay finds of it.
fn published(rows: &CellRows, run: ReplayedCell) -> CellTables {
    CellTables {
        passes: run.passes,
        images: run.images,
        standing: rows.standing.clone(),
        witnesses: rows.witnesses.clone(),
        demand_ppm: 1_700_000,
        region_ppm: Multipliers::ONE,
    }
}

fn in_cell(rows: &CellRows, cell: Cell) -> CellRows {
    let mut rows = rows.clone();
    rows.passes.retain(|(pass, _)| pass.cell == cell);
    rows.images.retain(|image| image.cell == Some(cell));
    rows.standing.retain(|slot| slot.cell == cell);
    rows
}

fn same(a: &ReplayedCell, b: &ReplayedCell) -> Result<(), TestCaseError> {
    prop_assert_eq!(&a.passes, &b.passes);
    prop_assert_eq!(&a.images, &b.images);
    prop_assert_eq!(&a.coverage, &b.coverage);
    prop_assert_eq!(&a.standing, &b.standing);
    prop_assert_eq!(&a.credits, &b.credits);
    Ok(())
}

/// The default policy with one replayable field changed to anything in its range.
fn other_policy() -> impl Strategy<Value = Policy> {
    let fields: Vec<Field> = Policy::fields().into_iter().filter(replayable).collect();
    (
        prop::sample::select(fields),
        any::<prop::sample::Index>(),
        0_u64..=1_000_000,
    )
        .prop_map(|(field, word, share)| {
            let mut resolved = Policy::default().resolved();
            let value: Value = match field.bounds {
                Bounds::Integer(least, most) => (least + (most - least) / 1_000_000 * share).into(),
                Bounds::OneOf(words) => (*word.get(words)).into(),
            };
            resolved[field.section][field.name] = value;
            serde_json::from_value(resolved).unwrap()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// What was published is enough to say what any other policy would have published.
    #[test]
    fn a_replay_by_another_policy_is_a_run_by_it(rows in world(), policy in other_policy()) {
        let cells: BTreeSet<Cell> = rows.passes.iter().map(|(pass, _)| pass.cell).collect();
        for cell in cells {
            let rows = in_cell(&rows, cell);
            let first = run(&Policy::default(), cell, &rows);
            let again = replay_cell(&Policy::default(), &epoch(), cell, published(&rows, first.clone())).unwrap();
            same(&again, &first)?;
            let other = replay_cell(&policy, &epoch(), cell, published(&rows, first)).unwrap();
            same(&other, &run(&policy, cell, &rows))?;
        }
    }

    /// A finding that is set aside is gone, and never costs the one whom it was held against.
    #[test]
    fn without_an_obstacle_a_pass_is_worth_no_less(rows in world()) {
        let policy = Policy::default();
        let cells: BTreeSet<Cell> = rows.passes.iter().map(|(pass, _)| pass.cell).collect();
        for cell in cells {
            let rows = in_cell(&rows, cell);
            let first = run(&policy, cell, &rows);
            for pass in &first.passes {
                for obstacle in obstacles(&policy, pass) {
                    let mut tables = published(&rows, first.clone());
                    waive(&policy, &mut tables, Waiver::Pass(pass.pass_id, obstacle));
                    let without = replay_cell(&policy, &epoch(), cell, tables).unwrap();
                    let now = without.passes.iter().find(|other| other.pass_id == pass.pass_id).unwrap();
                    prop_assert!(now.effective() >= pass.effective(), "{obstacle:?}");
                    match obstacle {
                        // P1 and P5 may follow from what is left.
                        Obstacle::Verdict(reason) => prop_assert_ne!(now.reason, reason),
                        Obstacle::Evidence(code) => prop_assert!(!now.evidence.split(' ').any(|held| held == code)),
                        Obstacle::Position => prop_assert_eq!(now.position_ppm, Ppm::ONE),
                        Obstacle::Confirmation => prop_assert_eq!(now.confirmation_ppm, Ppm::ONE),
                        Obstacle::Standing => prop_assert_eq!(now.gain_ppm, now.effective()),
                    }
                }
            }
        }
    }
}

fn of_cell(passes: Vec<(Pass, bool)>, images: Vec<Image>) -> CellTables {
    let rows = CellRows {
        passes,
        images,
        ..CellRows::default()
    };
    let first = run(&Policy::default(), cell(), &rows);
    published(&rows, first)
}

fn replayed(tables: CellTables) -> ReplayedCell {
    replay_cell(&Policy::default(), &epoch(), cell(), tables).unwrap()
}

#[test]
fn a_rejected_image_counts_in_the_pass_that_it_was_taken_on() {
    let own = pass("ann", 1);
    let mut dark = image(&own, 1);
    dark.decide(Finding::plain(Reason::Dark));
    (dark.pass_id, dark.sequence, dark.trace_mm) = (None, None, Some(3_000));
    let mut tables = of_cell(vec![(own.clone(), false)], vec![dark.clone()]);
    assert_eq!(replayed(tables.clone()).credits[0].credit, 0);
    waive(&Policy::default(), &mut tables, Waiver::Image(dark.image_id));
    let after = replayed(tables);
    let only = &after.passes[0];
    assert_eq!((after.passes.len(), only.images), (1, 1));
    // It agrees with the track, and confirms it.
    assert_eq!(only.confirmed_by, TRACK_AND_IMAGE);
    assert!(after.credits[0].credit > 0);
}

#[test]
fn a_rejected_image_without_a_pass_gets_one_of_its_own() {
    let mut dark = image(&pass("ann", 1), 1);
    dark.decide(Finding::plain(Reason::Dark));
    (dark.pass_id, dark.sequence, dark.accuracy_mm) = (None, None, Some(2_000));
    let mut tables = of_cell(vec![], vec![dark.clone()]);
    assert!(replayed(tables.clone()).credits.is_empty());
    waive(&Policy::default(), &mut tables, Waiver::Image(dark.image_id));
    let after = replayed(tables);
    assert_eq!(after.passes[0].verdict, Verdict::Kept);
    assert_eq!(after.passes[0].confirmed_by, "own-image");
    assert_eq!(after.credits[0].contributor, "ann");
    assert!(after.credits[0].credit > 0);
}

#[test]
fn an_image_that_is_nowhere_or_at_no_time_stays_where_it_is() {
    let mut nowhere = image(&pass("ann", 1), 1);
    nowhere.decide(Finding::plain(Reason::NoTime));
    nowhere.captured_at = None;
    let mut tables = of_cell(vec![], vec![nowhere.clone()]);
    waive(&Policy::default(), &mut tables, Waiver::Image(nowhere.image_id));
    assert!(replayed(tables).passes.is_empty());
}

#[test]
fn a_copied_track_that_is_let_off_takes_its_turn() {
    let mut copied = pass("ben", 1);
    copied.decide(Finding::measured(Reason::CopiedTrack, 3_000, 12_000));
    let mut tables = of_cell(vec![(copied.clone(), true)], vec![image(&copied, 1)]);
    assert_eq!(replayed(tables.clone()).passes[0].credit, 0);
    let stands = obstacles(&Policy::default(), &tables.passes[0]);
    assert_eq!(stands, [Obstacle::Verdict(Reason::CopiedTrack)]);
    waive(
        &Policy::default(),
        &mut tables,
        Waiver::Pass(copied.pass_id, stands[0]),
    );
    assert!(replayed(tables).passes[0].credit > 0);
}

#[test]
fn what_a_replay_cannot_vary_is_named() {
    let mut policy = Policy::default();
    policy.score.fade_ms = 1;
    policy.place.pass_min_fixes = 3;
    assert!(fixed_differences(&Policy::default(), &policy).is_empty());
    policy.dedup.near_bits = 3;
    policy.evidence.jump_mm_s = 3;
    let named = fixed_differences(&Policy::default(), &policy);
    assert_eq!(named, ["dedup.near-bits", "evidence.jump-mm-s"]);
}
