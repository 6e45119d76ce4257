use proptest::prelude::*;

use super::*;

fn clipped(ring: &[Point]) -> Vec<Point> {
    let mut ring = ring.to_vec();
    to_window(&mut ring, &mut Vec::new());
    ring
}

#[test]
fn a_ring_inside_stays_as_it_is_and_turns_as_tiles_want_it() {
    let ring = [[0, 0], [10, 0], [10, 10], [0, 10]];
    assert_eq!(clipped(&ring), ring);
    let mut turned = ring;
    turned.reverse();
    assert!(twice_area(&turned) < 0);
    assert_eq!(twice_area(&clipped(&turned)), 200);
}

#[test]
fn what_lies_outside_or_has_no_area_leaves_nothing() {
    assert!(clipped(&[[-200, 0], [-100, 0], [-100, 50]]).is_empty());
    assert!(clipped(&[[5, 5], [5, 5], [5, 5]]).is_empty());
    assert!(clipped(&[[-100, 0], [-64, 0], [-64, 100], [-100, 100]]).is_empty());
}

#[test]
fn a_ring_around_the_tile_becomes_its_window() {
    let around = clipped(&[[-9_000, -9_000], [9_000, -9_000], [9_000, 9_000], [-9_000, 9_000]]);
    let side = i64::from(EXTENT + 2 * BUFFER);
    assert_eq!((around.len(), twice_area(&around)), (4, 2 * side * side));
}

#[test]
fn an_edge_is_cut_in_one_point_whichever_way_it_is_walked() {
    for side in SIDES {
        for step in 0..500 {
            let (a, b) = (
                [side.at - 37 - step, step * 7 % 101],
                [side.at + 11 + step % 13, 40 - step],
            );
            let (a, b) = if side.axis == 0 {
                (a, b)
            } else {
                ([a[1], a[0]], [b[1], b[0]])
            };
            let (x, y) = (side.cut(a, b), side.cut(b, a));
            assert_eq!(x, y);
            for axis in 0..2 {
                let between = a[axis].min(b[axis])..=a[axis].max(b[axis]);
                assert!(between.contains(&x[axis]), "{a:?} {b:?} {x:?}");
            }
        }
    }
    let top = SIDES[2];
    assert_eq!(top.cut([4_160, -70], [4_160, 0]), [4_160, -64]);
    assert_eq!(top.cut([4_160, 0], [4_160, -70]), [4_160, -64]);
}

/// Hexagons all along the border of the window: nothing of them leaves it, and no area is lost or made up.
#[test]
fn nothing_leaves_the_window() {
    for step in 0..5_000_i32 {
        let (x, y) = (
            step * 7_919 % 4_400 - 150,
            if step % 2 == 0 { -60 } else { 4_150 } + step % 17,
        );
        let (x, y) = if step % 4 < 2 { (x, y) } else { (y, x) };
        let hexagon = [
            [x, y - 43],
            [x + 37, y - 20],
            [x + 38, y + 22],
            [x + 1, y + 44],
            [x - 37, y + 21],
            [x - 36, y - 22],
        ];
        let ring = clipped(&hexagon);
        let window = -BUFFER..=EXTENT + BUFFER;
        assert!(
            ring.iter().flatten().all(|v| window.contains(v)),
            "{hexagon:?} {ring:?}"
        );
        let (area, whole) = (twice_area(&ring), twice_area(&hexagon));
        assert!((0..=whole + 100).contains(&area), "{area} of {whole}");
    }
}

proptest! {
    /// A cut ring lies in the window, and runs as exterior rings have to.
    #[test]
    fn what_is_cut_lies_in_the_window(
        corners in proptest::collection::vec((-6_000..10_000_i32, -6_000..10_000_i32), 3..8),
    ) {
        let ring: Vec<Point> = corners.into_iter().map(|(x, y)| [x, y]).collect();
        let found = clipped(&ring);
        prop_assert!(found.iter().all(|point| SIDES.iter().all(|side| side.keeps(*point))), "{:?}", found);
        prop_assert!(found.is_empty() || twice_area(&found) > 0);
    }
}
