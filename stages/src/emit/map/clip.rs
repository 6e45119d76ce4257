//! Rings cut to the window of a tile, in its units.

use super::{BUFFER, EXTENT};

/// A point in units of a tile, y downwards.
pub(super) type Point = [i32; 2];

/// A side of the window: which coordinate, where, and whether what is kept lies above it.
#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    at: i32,
    above: bool,
}

const SIDES: [Side; 4] = [
    Side {
        axis: 0,
        at: -BUFFER,
        above: true,
    },
    Side {
        axis: 0,
        at: EXTENT + BUFFER,
        above: false,
    },
    Side {
        axis: 1,
        at: -BUFFER,
        above: true,
    },
    Side {
        axis: 1,
        at: EXTENT + BUFFER,
        above: false,
    },
];

impl Side {
    fn of(self, point: Point) -> i32 {
        let [x, y] = point;
        if self.axis == 0 { x } else { y }
    }

    fn keeps(self, point: Point) -> bool {
        let value = self.of(point);
        if self.above {
            value >= self.at
        } else {
            value <= self.at
        }
    }

    /// Where the edge from `a` to `b`, which this side parts, meets it. The same for the edge from `b` to `a`, so that
    /// neighbours go on sharing their border.
    fn cut(self, a: Point, b: Point) -> Point {
        let (a, b) = if self.of(a) <= self.of(b) { (a, b) } else { (b, a) };
        let (from, to) = (i64::from(self.of(a)), i64::from(self.of(b)));
        let cross = |a: i32, b: i32| {
            let rise = i64::from(b) - i64::from(a);
            let part = rise * (i64::from(self.at) - from);
            let rounded = (2 * part + (to - from)).div_euclid(2 * (to - from));
            i32::try_from(i64::from(a) + rounded).unwrap_or(a)
        };
        let ([ax, ay], [bx, by]) = (a, b);
        if self.axis == 0 {
            [self.at, cross(ay, by)]
        } else {
            [cross(ax, bx), self.at]
        }
    }
}

/// Cuts a ring to the window of a tile with its buffer, in place (I. Sutherland and G. Hodgman, "Reentrant Polygon Clipping",
/// 1974: exact for the convex rings of cells). Nothing is left where they share no area.
pub(super) fn to_window(ring: &mut Vec<Point>, spare: &mut Vec<Point>) {
    for side in SIDES {
        if ring.iter().all(|point| side.keeps(*point)) {
            continue;
        }
        spare.clear();
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if side.keeps(*a) {
                spare.push(*a);
            }
            if side.keeps(*a) != side.keeps(*b) {
                spare.push(side.cut(*a, *b));
            }
        }
        std::mem::swap(ring, spare);
    }
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let area = twice_area(ring);
    if area == 0 {
        ring.clear();
    } else if area < 0 {
        ring.reverse();
    }
}

/// Twice the area of a ring, positive when it runs as a tile's exterior rings have to.
pub(super) fn twice_area(ring: &[Point]) -> i64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let cross = |(&[ax, ay], &[bx, by]): (&Point, &Point)| {
        i64::from(ax) * i64::from(by) - i64::from(bx) * i64::from(ay)
    };
    edges.map(cross).sum()
}

#[cfg(test)]
#[path = "clip_tests.rs"]
mod tests;
