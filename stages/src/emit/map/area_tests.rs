use cairn_datasets::cell::resolution;
use cairn_datasets::units::Position;

use super::*;

fn area(cell: Cell, score_ppm: u32) -> Area {
    Area {
        cell,
        cells: 1,
        score_ppm,
        quality_ppm: 7,
        freshness_ppm: 8,
        confidence_ppm: 9,
        directions: 1,
        contributors: 2,
        passes: 3,
        images: 4,
        reward: 5,
        newest: None,
    }
}

fn children() -> Vec<Area> {
    let position = Position {
        lat_e7: 488_566_000,
        lon_e7: 23_522_000,
    };
    let parent = Cell::at(position, resolution(9).unwrap());
    let children = parent.h3().children(resolution(11).unwrap());
    children.map(|cell| area(cell.into(), 10)).collect()
}

#[test]
fn a_coarser_cell_has_sums_floored_means_and_the_most_of_what_is_no_sum() {
    let mut children = children();
    assert_eq!(children.len(), 49);
    // 48 times 10 and one 58: 538 / 49 = 10.98.
    children[20].score_ppm = 58;
    children[21].directions = 2;
    children[22].contributors = 9;
    children[23].newest = Some(Timestamp(5));
    children[24].newest = Some(Timestamp(4));
    let nine = resolution(9).unwrap();
    let [sum] = areas(&children, nine).try_into().unwrap();
    let wanted = Area {
        cell: children[0].cell.parent(nine),
        cells: 49,
        score_ppm: 10,
        directions: 2,
        contributors: 9,
        passes: 3 * 49,
        images: 4 * 49,
        reward: 5 * 49,
        newest: Some(Timestamp(5)),
        ..area(children[0].cell, 0)
    };
    assert_eq!(sum, wanted);
}

#[test]
fn cells_of_several_parents_keep_apart_and_in_order() {
    let children = children();
    let sums = areas(&children, resolution(10).unwrap());
    assert_eq!(sums.len(), 7);
    assert!(sums.is_sorted_by_key(|area| area.cell));
    assert!(sums.iter().all(|area| area.cells == 7 && area.score_ppm == 10));
}

#[test]
fn a_cell_is_paid_what_all_contributors_earned_in_it() {
    let mut children = children();
    let (first, third) = (children[0].cell, children[2].cell);
    let elsewhere = Cell::at(Position { lat_e7: 0, lon_e7: 0 }, resolution(11).unwrap());
    let mut paid = vec![(first, 1), (first, 20), (third, 300), (elsewhere, 4_000)];
    paid.sort_unstable();
    for area in &mut children {
        area.reward = 0;
    }
    pay(&mut children, paid);
    let rewards: Vec<u64> = children.iter().map(|area| area.reward).collect();
    assert_eq!(rewards[..4], [21, 0, 300, 0]);
    assert_eq!(rewards.iter().sum::<u64>(), 321);
}
