//! A roundabout: what it takes away from the streets that meet in it, and the way around it.

use super::num;
use super::streets::Point;

/// From the middle of the roundabout to the middle of its carriageway, in metres.
const RADIUS_M: f64 = 17.0;
/// Straight pieces of the roundabout.
const PIECES: u32 = 16;

/// Its carriageway, once around.
pub(crate) fn ring(center: Point) -> Vec<Point> {
    let turn = |piece: u32| 2.0 * std::f64::consts::PI * f64::from(piece) / f64::from(PIECES);
    (0..=PIECES).map(|piece| on_circle(center, turn(piece))).collect()
}

/// The way around it from `here` to the start of `line`, clockwise, as where traffic keeps to the left.
pub(crate) fn way(center: Point, here: Point, line: &[Point]) -> Vec<Point> {
    let Some(&there) = line.first() else {
        return Vec::new();
    };
    let full = 2.0 * std::f64::consts::PI;
    let turn = |at: Point| libm::atan2(at.x - center.x, at.y - center.y);
    let from = turn(here);
    let mut sweep = turn(there) - from;
    if sweep <= 0.1 {
        sweep += full;
    }
    let pieces = num::round(sweep / full * f64::from(PIECES)).max(2);
    let at = |piece: i64| on_circle(center, from + sweep * num::double(piece) / num::double(pieces));
    let mut out = vec![here];
    out.extend((1..pieces).map(at));
    out.push(there);
    out
}

fn on_circle(center: Point, turn: f64) -> Point {
    let (east, north) = (libm::sin(turn), libm::cos(turn));
    center.plus(RADIUS_M, Point { x: east, y: north })
}

/// A street without its part inside the roundabout around `center`: one piece, or two.
pub(crate) fn around(line: &[Point], center: Point) -> Vec<Vec<Point>> {
    let [a, b] = line else {
        return vec![line.to_vec()];
    };
    let along = a.towards(*b);
    let rel = Point {
        x: center.x - a.x,
        y: center.y - a.y,
    };
    let (foot, aside) = (
        rel.x * along.x + rel.y * along.y,
        rel.x * along.right().x + rel.y * along.right().y,
    );
    let half = RADIUS_M * RADIUS_M - aside * aside;
    if half <= 0.0 {
        return vec![line.to_vec()];
    }
    let (enter, leave) = (foot - half.sqrt(), foot + half.sqrt());
    let length = a.distance(*b);
    let mut out = Vec::new();
    if enter > 1.0 {
        out.push(vec![*a, a.plus(enter.min(length), along)]);
    }
    if leave < length - 1.0 {
        out.push(vec![a.plus(leave.max(0.0), along), *b]);
    }
    out
}

/// A line without its first metres, which lie inside the roundabout.
pub(crate) fn shortened(line: &[Point]) -> Vec<Point> {
    match line {
        [a, b, rest @ ..] => {
            let mut out = vec![a.plus(RADIUS_M, a.towards(*b)), *b];
            out.extend_from_slice(rest);
            out
        }
        _ => line.to_vec(),
    }
}
