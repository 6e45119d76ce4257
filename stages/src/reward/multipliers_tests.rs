use cairn_datasets::cell::resolution;

use super::super::samples::cells;
use super::*;

fn parent(cell: Cell, level: u64) -> Cell {
    cell.parent(resolution(level).unwrap())
}

#[test]
fn policy_r3_the_nearest_coarser_parent_counts() {
    let cell = cells()[0];
    let of = |rows: &[(Cell, u64)]| rows.iter().copied().collect::<Multipliers>().at(cell);
    let (far, near) = ((parent(cell, 3), 5), (parent(cell, 9), 7));
    assert_eq!(of(&[far, near]), 7);
    assert_eq!(of(&[far]), 5);
    assert_eq!(of(&[far, near, (cell, 0)]), 0, "none at all is a multiplier too");
}

#[test]
fn policy_r3_a_cell_that_nobody_names_counts_as_one() {
    let [a, b, ..] = cells()[..] else {
        panic!("a ring has cells")
    };
    let demand: Multipliers = [(b, 3)].into_iter().collect();
    assert_eq!((demand.at(a), demand.at(b)), (1_000_000, 3));
}

#[test]
fn the_digest_depends_on_what_is_said_and_not_on_the_order() {
    let [a, b, ..] = cells()[..] else {
        panic!("a ring has cells")
    };
    let digest = |rows: &[(Cell, u64)]| rows.iter().copied().collect::<Multipliers>().digest();
    assert_eq!(digest(&[(a, 1), (b, 2)]), digest(&[(b, 2), (a, 1)]));
    assert_ne!(digest(&[(a, 1), (b, 2)]), digest(&[(a, 2), (b, 1)]));
}
