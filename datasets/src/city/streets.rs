//! The street net of a place that does not exist, on farmland that does.
//!
//! Streets form a grid of blocks of 90 x 130 m, turned by 12 degrees so that nothing lines up with latitude,
//! with one diagonal across it and one long curve around its eastern side. A net with sights has a roundabout
//! in its middle, and the curve goes through a hill.

use std::collections::BTreeMap;

use super::num;
use super::path::Path;
use super::rng::Rng;
use super::roundabout;

/// A place in metres east (`x`) and north (`y`) of the city's south-western corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    /// Metres east.
    pub(crate) x: f64,
    /// Metres north.
    pub(crate) y: f64,
}

impl Point {
    /// `self + times * other`.
    pub(crate) fn plus(self, times: f64, other: Self) -> Self {
        Self {
            x: self.x + times * other.x,
            y: self.y + times * other.y,
        }
    }

    /// Metres from here to `other`.
    pub(crate) fn distance(self, other: Self) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// Unit vector from here towards `other`; north if they are the same.
    pub(crate) fn towards(self, other: Self) -> Self {
        let length = self.distance(other);
        if length > 0.0 {
            Self {
                x: (other.x - self.x) / length,
                y: (other.y - self.y) / length,
            }
        } else {
            Self { x: 0.0, y: 1.0 }
        }
    }

    /// The vector a quarter turn to the right of this one.
    pub(crate) fn right(self) -> Self {
        Self {
            x: self.y,
            y: -self.x,
        }
    }
}

/// Metres to degrees around one origin: exact to millimetres over the few kilometres of the city.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    e7_per_m_north: f64,
    e7_per_m_east: f64,
}

/// Latitude of the corner in 1e-7 degrees: fields in the Scottish Borders.
const LAT_E7: f64 = 556_120_000.0;
/// Longitude of the corner in 1e-7 degrees.
const LON_E7: f64 = -23_300_000.0;
/// Length of a block from west to east, in metres.
const BLOCK_EAST_M: f64 = 90.0;
/// Length of a block from south to north, in metres.
const BLOCK_NORTH_M: f64 = 130.0;
/// How far the curve bulges out to the east, in metres.
const BULGE_M: f64 = 85.0;
/// Straight pieces of the curve.
const CURVE_PIECES: u32 = 14;
/// The parts of the curve between which it lies in the tunnel.
const TUNNEL: (f64, f64) = (0.2, 0.75);

impl Projection {
    /// The projection of the city.
    pub(crate) fn new() -> Self {
        let lat = LAT_E7 * 1e-7 * std::f64::consts::PI / 180.0;
        let (axis_m, flat) = (6_378_137.0, 0.006_694_379_990_14);
        let sine = libm::sin(lat);
        let curve = 1.0 - flat * sine * sine;
        let meridian_m = axis_m * (1.0 - flat) / (curve * curve.sqrt());
        let parallel_m = axis_m / curve.sqrt() * libm::cos(lat);
        let e7_per_radian = 180.0 / std::f64::consts::PI * 1e7;
        Self {
            e7_per_m_north: e7_per_radian / meridian_m,
            e7_per_m_east: e7_per_radian / parallel_m,
        }
    }

    /// Latitude and longitude of `at` in 1e-7 degrees.
    pub(crate) fn to_e7(&self, at: Point) -> (i32, i32) {
        (
            num::round_small(LAT_E7 + at.y * self.e7_per_m_north),
            num::round_small(LON_E7 + at.x * self.e7_per_m_east),
        )
    }
}

/// A corner of the grid: blocks from the west, blocks from the south.
pub(crate) type Corner = (u32, u32);

/// A line between two corners that can be driven both ways.
#[derive(Debug, Clone)]
struct Edge {
    from: Corner,
    to: Corner,
    line: Vec<Point>,
}

/// The street net.
#[derive(Debug, Clone)]
pub(crate) struct Streets {
    east: u32,
    north: u32,
    edges: Vec<Edge>,
    /// Which edges meet in a corner, in their order.
    meeting: BTreeMap<Corner, Vec<usize>>,
    lines: Vec<Vec<Point>>,
    roundabout: Option<Corner>,
    tunnel: Option<(Corner, Corner)>,
}

impl Streets {
    /// A net of `east` x `north` blocks, at least one each way.
    pub(crate) fn new(east: u32, north: u32) -> Self {
        let (east, north) = (east.max(1), north.max(1));
        let mut edges = Vec::new();
        let mut lines = Vec::new();
        for j in 0..=north {
            lines.push(vec![corner((0, j)), corner((east, j))]);
            for i in 0..east {
                edges.push(straight((i, j), (i + 1, j)));
            }
        }
        for i in 0..=east {
            lines.push(vec![corner((i, 0)), corner((i, north))]);
            for j in 0..north {
                edges.push(straight((i, j), (i, j + 1)));
            }
        }
        if east >= 3 && north >= 2 {
            edges.push(straight((1, 0), (3, north.min(3))));
        }
        edges.push(Edge {
            from: (east, 0),
            to: (east, north),
            line: curve(east, north),
        });
        // The diagonal and the curve are streets of their own.
        lines.extend(
            edges
                .iter()
                .filter(|edge| is_long(edge))
                .map(|edge| edge.line.clone()),
        );
        let mut meeting: BTreeMap<Corner, Vec<usize>> = BTreeMap::new();
        for (n, edge) in edges.iter().enumerate() {
            meeting.entry(edge.from).or_default().push(n);
            meeting.entry(edge.to).or_default().push(n);
        }
        Self {
            east,
            north,
            edges,
            meeting,
            lines,
            roundabout: None,
            tunnel: None,
        }
    }

    /// The net with a roundabout in the middle and a tunnel on the curve.
    pub(crate) fn with_sights(east: u32, north: u32) -> Self {
        let mut streets = Self::new(east, north);
        let (east, north) = (streets.east, streets.north);
        streets.tunnel = Some(((east, 0), (east, north)));
        if east >= 3 && north >= 2 {
            let middle = (east / 2, north / 2);
            let center = corner(middle);
            let cut = streets
                .lines
                .iter()
                .flat_map(|line| roundabout::around(line, center));
            streets.lines = cut.collect();
            streets.lines.push(roundabout::ring(center));
            streets.roundabout = Some(middle);
        }
        streets
    }

    /// Blocks to the east and to the north.
    pub(crate) fn blocks(&self) -> (u32, u32) {
        (self.east, self.north)
    }

    /// Centre lines of all streets.
    pub(crate) fn lines(&self) -> &[Vec<Point>] {
        &self.lines
    }

    /// A route through `stops`, then on at random until it is `length_m` long. Stops that no street joins to
    /// the one before are left out; without any, it starts at a random corner.
    pub(crate) fn route(&self, stops: &[Corner], length_m: f64, rng: &mut Rng) -> Path {
        let start = stops.iter().copied().find(|&stop| self.has(stop));
        let mut here = start.unwrap_or_else(|| (rng.below(self.east + 1), rng.below(self.north + 1)));
        let mut before = here;
        let mut path = Path::new(corner(here));
        for &stop in stops {
            if self.line(here, stop).is_some() {
                self.go(&mut path, here, stop);
                before = here;
                here = stop;
            }
        }
        while path.length() < length_m {
            let mut exits: Vec<Corner> = self.exits(here);
            if exits.len() > 1 {
                exits.retain(|&exit| exit != before);
            }
            let choice = usize::try_from(rng.below(u32::try_from(exits.len()).unwrap_or(0)));
            let next = choice.ok().and_then(|choice| exits.get(choice).copied());
            // A net has at least one block, so every corner has exits; the guard keeps the loop finite.
            let Some(next) = next else { break };
            self.go(&mut path, here, next);
            before = here;
            here = next;
        }
        path
    }

    /// Goes on from one corner to the next.
    fn go(&self, path: &mut Path, from: Corner, to: Corner) {
        let line = self.line(from, to).unwrap_or_default();
        let line = match self.roundabout {
            Some(middle) if middle == from => roundabout::shortened(&line),
            Some(middle) if middle == to => {
                let back: Vec<Point> = line.iter().rev().copied().collect();
                roundabout::shortened(&back).into_iter().rev().collect()
            }
            _ => line,
        };
        if self.roundabout == Some(from) {
            match path.end() {
                // A path that begins there begins at the line.
                None => path.start_at(&line),
                Some(here) => path.extend(&roundabout::way(corner(from), here, &line)),
            }
        } else {
            path.cross();
        }
        let (from_m, length) = (path.length(), line_length(&line));
        path.extend(&line);
        if let Some((a, b)) = self.tunnel {
            let (enter, leave) = match (from, to) {
                hop if hop == (a, b) => TUNNEL,
                hop if hop == (b, a) => (1.0 - TUNNEL.1, 1.0 - TUNNEL.0),
                _ => return,
            };
            path.hide(from_m + enter * length, from_m + leave * length);
        }
    }

    fn has(&self, stop: Corner) -> bool {
        stop.0 <= self.east && stop.1 <= self.north
    }

    /// Corners that a street joins to `here`, each once.
    fn exits(&self, here: Corner) -> Vec<Corner> {
        let mut out: Vec<Corner> = Vec::new();
        for edge in self.meeting_in(here) {
            out.push(if edge.from == here { edge.to } else { edge.from });
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn meeting_in(&self, here: Corner) -> impl Iterator<Item = &Edge> {
        let edges = self.meeting.get(&here).map_or(&[][..], Vec::as_slice);
        edges.iter().filter_map(|&n| self.edges.get(n))
    }

    fn line(&self, from: Corner, to: Corner) -> Option<Vec<Point>> {
        self.meeting_in(from).find_map(|edge| {
            if (edge.from, edge.to) == (from, to) {
                Some(edge.line.clone())
            } else if (edge.to, edge.from) == (from, to) {
                Some(edge.line.iter().rev().copied().collect())
            } else {
                None
            }
        })
    }
}

/// True of the edges that are no part of the grid.
fn is_long(edge: &Edge) -> bool {
    edge.from.0.abs_diff(edge.to.0) + edge.from.1.abs_diff(edge.to.1) > 1 || edge.line.len() > 2
}

fn straight(from: Corner, to: Corner) -> Edge {
    Edge {
        from,
        to,
        line: vec![corner(from), corner(to)],
    }
}

fn corner(at: Corner) -> Point {
    turned(f64::from(at.0) * BLOCK_EAST_M, f64::from(at.1) * BLOCK_NORTH_M)
}

/// The grid's own axes to east and north.
fn turned(along: f64, across: f64) -> Point {
    let angle = 12.0 * std::f64::consts::PI / 180.0;
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    Point {
        x: along * cosine - across * sine,
        y: along * sine + across * cosine,
    }
}

fn curve(east: u32, north: u32) -> Vec<Point> {
    let (along, across) = (f64::from(east) * BLOCK_EAST_M, f64::from(north) * BLOCK_NORTH_M);
    (0..=CURVE_PIECES)
        .map(|piece| {
            let share = f64::from(piece) / f64::from(CURVE_PIECES);
            let bulge = BULGE_M * libm::sin(share * std::f64::consts::PI);
            turned(along + bulge, across * share)
        })
        .collect()
}

fn line_length(line: &[Point]) -> f64 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

#[cfg(test)]
#[path = "streets_tests.rs"]
mod tests;
