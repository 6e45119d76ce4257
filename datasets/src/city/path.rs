//! A way along streets, measured from its start.

use super::streets::Point;

/// A line to travel along, measured from its start.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    points: Vec<(f64, Point)>,
    length: f64,
    /// Metres from the start at which streets cross, where a light may be red.
    corners: Vec<f64>,
    /// Metres from the start between which the sky cannot be seen.
    hidden: Vec<(f64, f64)>,
}

impl Path {
    /// A path that starts, and so far ends, at `start`.
    pub(crate) fn new(start: Point) -> Self {
        Self {
            points: vec![(0.0, start)],
            length: 0.0,
            corners: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// Metres from the start at which streets cross.
    pub(crate) fn corners(&self) -> &[f64] {
        &self.corners
    }

    /// Whether the sky cannot be seen at `s`.
    pub(crate) fn is_hidden(&self, s: f64) -> bool {
        self.hidden
            .iter()
            .any(|&(enter, leave)| (enter..leave).contains(&s))
    }

    /// Where it ends; nothing while it has no length.
    pub(crate) fn end(&self) -> Option<Point> {
        let (_, end) = self.points.last().filter(|_| self.points.len() > 1)?;
        Some(*end)
    }

    /// Moves a path without length to the start of `line`.
    pub(crate) fn start_at(&mut self, line: &[Point]) {
        if let (Some(&there), true) = (line.first(), self.points.len() == 1) {
            self.points = vec![(0.0, there)];
        }
    }

    /// Marks that streets cross where the path so far ends.
    pub(crate) fn cross(&mut self) {
        self.corners.push(self.length);
    }

    /// Marks that the sky cannot be seen between two distances from the start, in metres.
    pub(crate) fn hide(&mut self, enter_m: f64, leave_m: f64) {
        self.hidden.push((enter_m, leave_m));
    }

    /// Goes on along `line`, whose first point is where the path ends.
    pub(crate) fn extend(&mut self, line: &[Point]) {
        for pair in line.windows(2) {
            self.length += pair[0].distance(pair[1]);
            self.points.push((self.length, pair[1]));
        }
    }

    /// Metres from start to end.
    pub(crate) fn length(&self) -> f64 {
        self.length
    }

    /// The point `s` metres from the start; before it or past the end, the nearest of the two.
    fn corner_at(&self, s: f64) -> Point {
        let next = self.points.partition_point(|&(along, _)| along <= s);
        let (Some(&(after, b)), Some(&(before, a))) =
            (self.points.get(next.max(1)), self.points.get(next.max(1) - 1))
        else {
            return self.points[self.points.len() - 1].1;
        };
        let share = ((s - before) / (after - before)).clamp(0.0, 1.0);
        a.plus(
            share,
            Point {
                x: b.x - a.x,
                y: b.y - a.y,
            },
        )
    }

    /// The point at `s` with corners rounded as a car rounds them.
    pub(crate) fn at(&self, s: f64) -> Point {
        let mut sum = Point { x: 0.0, y: 0.0 };
        for step in -6_i32..=6 {
            sum = sum.plus(1.0 / 13.0, self.corner_at(s + f64::from(step)));
        }
        sum
    }

    /// Unit vector of travel at `s`.
    pub(crate) fn direction(&self, s: f64) -> Point {
        self.at(s - 1.5).towards(self.at(s + 1.5))
    }
}
