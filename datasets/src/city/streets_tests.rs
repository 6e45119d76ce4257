use super::{Path, Point, Projection, Streets};
use crate::city::rng::Rng;

#[test]
fn a_metre_is_a_metre() {
    let projection = Projection::new();
    let at = |x, y| projection.to_e7(Point { x, y });
    assert_eq!(at(0.0, 0.0), (556_120_000, -23_300_000));
    // At 55.6 degrees one degree is 111.335 km north and 63.02 km east (by the usual cosine series).
    assert!((at(0.0, 111_335.0).0 - 566_120_000).abs() < 2_000);
    assert!((at(63_020.0, 0.0).1 + 13_300_000).abs() < 2_000);
}

#[test]
fn routes_follow_stops_then_go_on_until_long_enough() {
    let streets = Streets::new(5, 3);
    let mut rng = Rng::new(1, 2);
    let path = streets.route(&[(0, 1), (1, 1), (2, 1)], 900.0, &mut rng);
    assert!(path.length() >= 900.0 && path.length() < 1_500.0);
    let start = path.at(0.0);
    assert!((path.at(180.0).distance(start) - 180.0).abs() < 4.0);
}

#[test]
fn a_route_in_the_smallest_net_ends() {
    let path = Streets::new(0, 0).route(&[(9, 9)], 400.0, &mut Rng::new(3, 4));
    assert!(path.length() >= 400.0);
}

#[test]
fn a_path_without_length_stays_where_it_is() {
    let here = Point { x: 3.0, y: 4.0 };
    let path = Path::new(here);
    assert!(path.at(10.0).distance(here) < 1e-9);
    assert_eq!(path.direction(0.0), Point { x: 0.0, y: 1.0 });
}
