use super::*;
use crate::place::fixtures::{HOME, at, near};

fn tiling(tile: Resolution, cell: Resolution, dedup: Resolution) -> Tiling {
    Tiling { tile, cell, dedup }
}

fn home(tiling: Tiling, position: Position) -> String {
    tile_group(Some(Cell::at(position, tiling.cell)), tiling.tile)
}

/// Whether two positions lie so that D4 compares them.
fn compared(a: Position, b: Position, dedup: Resolution) -> bool {
    Cell::at(a, dedup).with_ring().contains(&Cell::at(b, dedup))
}

#[test]
fn policy_d4_every_tile_sees_all_that_its_images_are_compared_with() {
    use Resolution::{Eight, Eleven, Nine, Six, Ten, Thirteen, Twelve};
    let settings = [
        tiling(Six, Eleven, Eleven),
        tiling(Nine, Eleven, Eleven),
        tiling(Eleven, Eleven, Eleven),
        tiling(Thirteen, Eleven, Eleven),
        tiling(Nine, Eleven, Twelve),
        tiling(Nine, Eleven, Ten),
        tiling(Ten, Twelve, Nine),
        tiling(Eleven, Ten, Eight),
    ];
    for tiling in settings {
        for step in 0..60_i64 {
            let one = near(HOME, step * 97_000 % 2_000_000, step * 61_000);
            for (north, east) in [(0, 30_000), (35_000, 0), (-25_000, -25_000), (60_000, 10_000)] {
                let other = near(one, north, east);
                if compared(one, other, tiling.dedup) && home(tiling, one) != home(tiling, other) {
                    assert!(
                        tiling.halo(other).contains(&home(tiling, one)),
                        "{tiling:?} {one:?} {other:?}"
                    );
                    assert!(
                        tiling.halo(one).contains(&home(tiling, other)),
                        "{tiling:?} {one:?} {other:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn far_from_an_edge_no_other_tile_is_concerned() {
    let tiling = tiling(Resolution::Six, Resolution::Eleven, Resolution::Eleven);
    let tile = Cell::at(HOME, Resolution::Six).h3();
    let centre = h3o::LatLng::from(tile);
    #[expect(clippy::cast_possible_truncation, reason = "degrees of a globe")]
    let e7 = |degrees: f64| (degrees * 1e7) as i32;
    let position = Position {
        lat_e7: e7(centre.lat()),
        lon_e7: e7(centre.lng()),
    };
    assert!(tiling.halo(position).is_empty());
    assert!(!tiling.halo(at(0, 0)).contains(&home(tiling, HOME)));
}
