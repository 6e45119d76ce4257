use proptest::prelude::*;

use super::*;

fn at(lat_e7: i32, lon_e7: i32) -> Position {
    Position { lat_e7, lon_e7 }
}

fn ring(corners: &[(i32, i32)]) -> Vec<Position> {
    corners.iter().map(|(lat, lon)| at(*lat, *lon)).collect()
}

/// A closed square.
fn square(south: i32, west: i32, side: i32) -> Vec<Position> {
    let (north, east) = (south + side, west + side);
    ring(&[
        (south, west),
        (south, east),
        (north, east),
        (north, west),
        (south, west),
    ])
}

fn polygon(rings: Vec<Vec<Position>>) -> Zone {
    Zone::polygon(rings).unwrap()
}

#[test]
fn policy_x1_the_border_of_a_zone_and_of_its_holes_is_private() {
    let zone = polygon(vec![square(0, 0, 100), square(40, 40, 20)]);
    for inside in [
        (1, 1),
        (0, 0),
        (100, 100),
        (0, 50),
        (50, 100),
        (40, 50),
        (60, 60),
        (50, 39),
    ] {
        assert!(zone.contains(at(inside.0, inside.1)), "{inside:?}");
    }
    for outside in [(-1, 50), (50, 101), (50, 50), (41, 59), (101, 101)] {
        assert!(!zone.contains(at(outside.0, outside.1)), "{outside:?}");
    }
}

#[test]
fn the_way_round_a_ring_does_not_matter_and_corners_are_passed_once() {
    let mut turned = square(0, 0, 100);
    turned.reverse();
    // A star whose points lie at the latitude of the position that is asked.
    let star = ring(&[(0, 0), (100, 30), (0, 60), (50, -10), (50, 70), (0, 0)]);
    for zone in [polygon(vec![turned]), polygon(vec![square(0, 0, 100)])] {
        assert!(zone.contains(at(50, 50)) && !zone.contains(at(50, -50)) && !zone.contains(at(100, -1)));
    }
    assert!(!polygon(vec![star.clone()]).contains(at(0, 30)));
    assert!(polygon(vec![star]).contains(at(50, 0)));
    let wedge = polygon(vec![ring(&[(0, 0), (50, 100), (100, 0), (50, 20), (0, 0)])]);
    assert!(wedge.contains(at(50, 60)) && !wedge.contains(at(50, 10)) && !wedge.contains(at(50, -1)));
}

#[test]
fn a_slanted_border_is_exact_over_half_the_globe() {
    // From the south west to the north east: products of more than 64 bits.
    let half = ring(&[
        (-900_000_000, -900_000_000),
        (900_000_000, 899_999_999),
        (900_000_000, -900_000_000),
        (-900_000_000, -900_000_000),
    ]);
    let zone = polygon(vec![half]);
    assert!(zone.contains(at(-900_000_000, -900_000_000)));
    assert!(zone.contains(at(0, -1)));
    assert!(!zone.contains(at(0, 0)));
    assert!(zone.contains(at(1, 0)));
}

#[test]
fn what_is_no_polygon_is_refused_with_the_ring_and_what_to_do() {
    let said = |rings: Vec<Vec<Position>>| Zone::polygon(rings).unwrap_err().to_string();
    assert!(said(vec![]).contains("no ring"));
    assert!(said(vec![square(0, 0, 9), vec![at(0, 0)]]).contains("ring 2 has 1 positions"));
    let mut open = square(0, 0, 9);
    open.pop();
    assert!(said(vec![open]).contains("ring 1 is not closed"));
    assert!(said(vec![ring(&[(0, 0), (5, 5), (9, 9), (0, 0)])]).contains("no area"));
    let wide = ring(&[
        (0, -1_799_000_000),
        (0, 1_799_000_000),
        (10, 1_799_000_000),
        (0, -1_799_000_000),
    ]);
    let wide = said(vec![wide]);
    assert!(
        wide.contains("360 degrees") && wide.contains("antimeridian") && wide.contains("split"),
        "{wide}"
    );
    assert!(Zone::circle(at(0, 0), 0).is_err());
    assert!(Zone::circle(at(0, 0), 100_000_001).is_err());
}

#[test]
fn a_half_at_the_antimeridian_holds_it_on_either_side_of_its_name() {
    let east = polygon(vec![square(0, 1_799_999_000, 1_000)]);
    assert!(east.contains(at(500, 1_800_000_000)));
    assert!(east.contains(at(500, -1_800_000_000)));
    assert!(!east.contains(at(500, -1_799_999_999)));
}

#[test]
fn a_circle_holds_what_is_within_its_radius_everywhere() {
    let circle = Zone::circle(at(557_047_000, 131_910_000), 100_000).unwrap();
    assert!(circle.contains(at(557_047_000, 131_910_000)));
    // 8,993 units of latitude are 99,998 mm, and 8,994 are 100,009.
    assert!(circle.contains(at(557_047_000 + 8_993, 131_910_000)));
    assert!(!circle.contains(at(557_047_000 + 8_994, 131_910_000)));
    let seam = Zone::circle(at(0, 1_799_999_999), 1_000).unwrap();
    assert!(seam.contains(at(0, -1_799_999_990)));
    let pole = Zone::circle(at(899_999_999, 0), 1_000).unwrap();
    assert!(pole.contains(at(899_999_950, 1_700_000_000)));
}

/// The same rule without bands or boxes.
fn slowly(rings: &[Vec<Position>], position: Position) -> bool {
    let side = |ring: &[Position]| {
        let mut inside = false;
        for edge in ring.windows(2) {
            let turn = cross(edge[0], edge[1], position);
            let on = |of: fn(Position) -> i32| {
                of(edge[0]).min(of(edge[1])) <= of(position) && of(position) <= of(edge[0]).max(of(edge[1]))
            };
            if turn == 0 && on(|p| p.lat_e7) && on(|p| p.lon_e7) {
                return Side::Border;
            }
            let above = |p: Position| p.lat_e7 > position.lat_e7;
            if above(edge[0]) != above(edge[1]) && (turn > 0) == above(edge[1]) {
                inside = !inside;
            }
        }
        if inside { Side::Inside } else { Side::Outside }
    };
    side(&rings[0]) != Side::Outside && rings[1..].iter().all(|hole| side(hole) != Side::Inside)
}

fn any_ring(most: usize) -> impl Strategy<Value = Vec<Position>> {
    prop::collection::vec((-60_i32..60, -60_i32..60), 3..most).prop_map(|corners| {
        let mut ring = ring(&corners);
        ring.push(ring[0]);
        ring
    })
}

proptest! {
    #[test]
    fn bands_and_boxes_change_no_answer(rings in prop::collection::vec(any_ring(90), 1..3)) {
        if let Ok(zone) = Zone::polygon(rings.clone()) {
            for lat in (-62..62).step_by(3) {
                for lon in -62..62 {
                    prop_assert_eq!(zone.contains(at(lat, lon)), slowly(&rings, at(lat, lon)));
                }
            }
        }
    }

    #[test]
    fn a_circle_holds_exactly_what_is_near_its_centre(
        centre in any_position(), mm in 1_u64..100_000_000, lat in -9_000_000_i64..9_000_000, lon in any::<i32>(),
    ) {
        let zone = Zone::circle(centre, mm).unwrap();
        let near = crate::geodesy::wrapped(i64::from(centre.lat_e7) + lat, i64::from(lon % 1_800_000_001));
        let beside = crate::geodesy::wrapped(i64::from(centre.lat_e7) + lat, i64::from(centre.lon_e7) + lat * 3);
        for position in [near, beside] {
            prop_assert_eq!(zone.contains(position), distance_mm(centre, position) <= mm);
        }
    }
}

fn any_position() -> impl Strategy<Value = Position> {
    let lat = prop_oneof![-900_000_000_i32..=900_000_000, 899_000_000_i32..=900_000_000];
    let lon = prop_oneof![
        -1_800_000_000_i32..=1_800_000_000,
        1_799_000_000_i32..=1_800_000_000
    ];
    (lat, lon).prop_map(|(lat, lon)| at(lat, lon))
}
