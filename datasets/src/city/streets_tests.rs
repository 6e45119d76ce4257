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

#[test]
fn the_way_over_the_middle_goes_around_it_to_the_left() {
    let streets = Streets::with_sights(6, 4);
    let stops: Vec<_> = (0..=6).map(|i| (i, 2)).collect();
    let path = streets.route(&stops, 1.0, &mut Rng::new(1, 2));
    let middle = super::corner((3, 2));
    let nearest = (0_i32..6_000).map(|dm| path.at(f64::from(dm) / 10.0).distance(middle));
    let nearest = nearest.fold(f64::MAX, f64::min);
    assert!((14.0..18.0).contains(&nearest), "{nearest} m");
    // Half a circle instead of its diameter.
    let around = 540.0 + 17.0 * (std::f64::consts::PI - 2.0);
    assert!((path.length() - around).abs() < 1.0, "{} m", path.length());
    // Eastward traffic that keeps to the left passes north of the island.
    let beside = path.at(270.0 + 10.0);
    assert!(beside.y > middle.y, "{beside:?} {middle:?}");
}

#[test]
fn the_curve_of_a_net_with_sights_goes_through_a_hill() {
    let streets = Streets::with_sights(6, 4);
    let there = streets.route(&[(6, 0), (6, 4)], 1.0, &mut Rng::new(1, 2));
    let back = streets.route(&[(6, 4), (6, 0)], 1.0, &mut Rng::new(1, 2));
    let hidden = |path: &Path| (0_i32..600).filter(|&m| path.is_hidden(f64::from(m))).count();
    assert!(hidden(&there) > 250, "{} m", hidden(&there));
    assert_eq!(hidden(&there).abs_diff(hidden(&back)) / 2, 0);
    assert!(!there.is_hidden(10.0) && there.is_hidden(there.length() / 2.0));
    assert!(hidden(&Streets::new(6, 4).route(&[(6, 0), (6, 4)], 1.0, &mut Rng::new(1, 2))) == 0);
}
