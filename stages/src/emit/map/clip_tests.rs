use proptest::prelude::*;

use super::*;

fn clipped(ring: &[Point]) -> Vec<Point> {
    let mut ring = ring.to_vec();
    to_window(&mut ring, &mut Vec::new());
    ring
}

fn is_inside(point: Point) -> bool {
    SIDES.iter().all(|side| side.keeps(point))
}

#[test]
fn an_edge_along_a_side_stays_on_it_where_another_side_cuts_it() {
    let edge = EXTENT + BUFFER;
    let rings: [[Point; 4]; 2] = [
        [[edge, 5_000], [edge, 4_000], [4_000, 4_000], [4_000, 5_000]],
        [[edge, -300], [edge, 300], [4_000, 300], [4_000, -300]],
    ];
    for ring in rings {
        for turned in [ring.to_vec(), ring.iter().rev().copied().collect()] {
            let found = clipped(&turned);
            assert!(
                !found.is_empty() && found.iter().all(|point| is_inside(*point)),
                "{turned:?}: {found:?}"
            );
        }
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
        prop_assert!(found.iter().all(|point| is_inside(*point)), "{:?}", found);
        prop_assert!(found.is_empty() || twice_area(&found) > 0);
    }
}
