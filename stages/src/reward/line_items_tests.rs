use cairn_datasets::table::Row;
use cairn_datasets::units::Ppm;

use super::super::samples::{cells, line};
use super::*;

fn reward(contributor: &str, credit: u64, reward: u64) -> Reward {
    Reward {
        contributor: contributor.into(),
        credit,
        weight_ppm: Ppm::ONE,
        reward,
        carried: 0,
        adjustment: 0,
        claim: reward,
        debt: 0,
        payout_address: None,
    }
}

#[test]
fn policy_r6_line_items_add_up_to_the_reward() {
    let cells = cells();
    let lines = vec![
        line("ann", cells[2], 1),
        line("ann", cells[0], 1),
        line("ann", cells[1], 1),
    ];
    let lines = line_items(lines, &[reward("ann", 3, 100)]).unwrap();
    let rows: Vec<_> = lines
        .iter()
        .map(|l| (l.cell, l.reward, l.weight_ppm.parts()))
        .collect();
    let third = 333_333;
    assert_eq!(
        rows,
        [
            (cells[0], 34, third),
            (cells[1], 33, third),
            (cells[2], 33, third)
        ]
    );
}

#[test]
fn policy_r6_who_has_no_credit_has_no_reward() {
    let lines = line_items(vec![line("ann", cells()[0], 0)], &[reward("ann", 0, 0)]).unwrap();
    assert_eq!((lines[0].reward, lines[0].weight_ppm), (0, Ppm::ZERO));
}

#[test]
fn policy_r6_a_correction_is_in_no_line() {
    let corrected = Reward {
        carried: -10,
        adjustment: -70,
        claim: 0,
        debt: -30,
        ..reward("ann", 5, 50)
    };
    let only_corrected = Reward {
        adjustment: 8,
        claim: 8,
        ..reward("zoe", 0, 0)
    };
    let lines = line_items(vec![line("ann", cells()[0], 5)], &[corrected, only_corrected]).unwrap();
    assert_eq!((lines.len(), lines[0].reward), (1, 50));
}

#[test]
fn policy_r6_rewards_of_others_are_passed_over() {
    let rewards = [reward("ann", 5, 50), reward("ben", 5, 50)];
    let lines = line_items(vec![line("ben", cells()[0], 5)], &rewards).unwrap();
    assert_eq!((lines.len(), lines[0].reward), (1, 50));
}

#[test]
fn what_does_not_fit_together_is_named() {
    let cell = cells()[0];
    let fault = |lines: Vec<Credit>, rewards: &[Reward]| line_items(lines, rewards).unwrap_err().to_string();
    assert!(fault(vec![line("ann", cell, 5)], &[]).contains("`ann`, who has no reward row"));
    let short = fault(vec![line("ann", cell, 5)], &[reward("ann", 6, 50)]);
    assert!(
        short.contains("adds up to 5 for `ann`") && short.contains("paid for 6"),
        "{short}"
    );
    let unearned = fault(vec![line("ann", cell, 0)], &[reward("ann", 0, 50)]);
    assert!(unearned.contains("a reward of 50"), "{unearned}");
    let twice = vec![line("ann", cell, 5), line("ann", cell, 5)];
    assert!(fault(twice, &[reward("ann", 10, 50)]).contains("keys must rise"));
}

#[test]
fn lines_go_to_the_tiles_of_their_cells() {
    let cells = cells();
    let mut lines: Vec<_> = cells.iter().map(|cell| line("ann", *cell, 1)).collect();
    lines.sort_by_key(Row::key);
    let mut tables = Tables::default();
    tables.insert(Credit::TABLE, Credit::to_batch(&lines).unwrap());
    tables.insert(Reward::TABLE, Reward::to_batch(&[reward("ann", 7, 70)]).unwrap());
    let cuts = SplitKernel { tile_resolution: 11 }
        .apply("contributors=0", &tables)
        .unwrap();
    let groups: Vec<_> = cuts.iter().map(|cut| cut.group.clone()).collect();
    let wanted: Vec<_> = cells.iter().map(|cell| format!("tile={cell}")).collect();
    assert_eq!(groups, wanted);
    assert!(SplitKernel { tile_resolution: 16 }.apply("x", &tables).is_err());
}
