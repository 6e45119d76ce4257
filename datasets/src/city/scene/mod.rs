//! What stands along the streets, and how it looks from a moving camera.
//!
//! Everything is placed by hashes of where it is, so that two contributors who pass the same house see the
//! same house. Parked cars, traffic and the sky depend on the day or the picture as well.

mod camera;
mod columns;
mod frame;
mod ground;
mod light;
mod props;
mod sprites;
mod texture;
mod walls;

pub(crate) use frame::{Picture, Renderer, View};
pub(crate) use light::Weather;

use super::num;
use super::streets::{Point, Streets};

/// Distance from a centre line to the kerb, in metres.
pub(crate) const KERB_M: f32 = 5.0;
/// Distance from a centre line to the nearest facades, in metres.
pub(crate) const FRONT_M: f32 = 8.2;
/// How far one can see, in metres.
pub(crate) const SIGHT_M: f32 = 190.0;

/// A vector in the plane: metres east and north.
pub(crate) type Flat = [f32; 2];

/// `a` dot `b`.
#[inline]
pub(crate) fn dot(a: Flat, b: Flat) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

/// `a - b`.
#[inline]
pub(crate) fn minus(a: Flat, b: Flat) -> Flat {
    [a[0] - b[0], a[1] - b[1]]
}

/// `a + times * b`.
#[inline]
pub(crate) fn plus(a: Flat, times: f32, b: Flat) -> Flat {
    [a[0] + times * b[0], a[1] + times * b[1]]
}

/// The point half way from `a` to `b`.
pub(crate) fn middle(a: Flat, b: Flat) -> Flat {
    [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]
}

/// A point of the street net in single precision.
pub(crate) fn flat(point: Point) -> Flat {
    [num::single(point.x), num::single(point.y)]
}

/// A straight piece of a street.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// Where it starts.
    pub(crate) start: Flat,
    /// Unit vector along it.
    pub(crate) along: Flat,
    /// Unit vector to its right.
    pub(crate) right: Flat,
    /// Metres from start to end.
    pub(crate) length: f32,
    /// A hash that names it.
    pub(crate) id: u32,
}

impl Segment {
    /// Metres along the segment and metres to its right.
    pub(crate) fn local(&self, at: Flat) -> (f32, f32) {
        let rel = minus(at, self.start);
        (dot(rel, self.along), dot(rel, self.right))
    }

    /// The point `along` metres from the start and `right` metres to the right.
    pub(crate) fn point(&self, along: f32, right: f32) -> Flat {
        plus(plus(self.start, along, self.along), right, self.right)
    }

    fn distance(&self, at: Flat) -> f32 {
        let (along, right) = self.local(at);
        let beyond = along - along.clamp(0.0, self.length);
        (beyond * beyond + right * right).sqrt()
    }
}

/// A house: a rectangle, front first, corners in order around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Building {
    /// Corners: front left and front right seen from the street, then the back.
    pub(crate) corners: [Flat; 4],
    /// Centre.
    pub(crate) center: Flat,
    /// Height of the eaves in metres.
    pub(crate) height: f32,
    /// Height of the ridge above the eaves in metres; 0 is a flat roof.
    pub(crate) ridge: f32,
    /// Decides how it looks.
    pub(crate) hash: u32,
}

/// A thing that stands at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// Where.
    pub(crate) at: Flat,
    /// Unit vector along its street.
    pub(crate) along: Flat,
    /// Decides how it looks, and whether it is there.
    pub(crate) hash: u32,
}

/// Everything that stands still.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Pieces of streets.
    pub(crate) segments: Vec<Segment>,
    /// Houses.
    pub(crate) buildings: Vec<Building>,
    /// Street trees.
    pub(crate) trees: Vec<Item>,
    /// Lamp posts.
    pub(crate) lamps: Vec<Item>,
    /// Places where cars may be parked.
    pub(crate) bays: Vec<Item>,
}

impl Scene {
    /// Builds up the streets; `seed` decides what stands where.
    pub(crate) fn new(streets: &Streets, seed: u32) -> Self {
        let mut scene = Self {
            segments: segments(streets, seed),
            buildings: Vec::new(),
            trees: Vec::new(),
            lamps: Vec::new(),
            bays: Vec::new(),
        };
        for i in 0..scene.segments.len() {
            let segment = scene.segments[i];
            for side in [-1.0, 1.0] {
                scene.build(&segment, side);
                scene.furnish(&segment, side);
            }
        }
        scene
    }

    fn build(&mut self, segment: &Segment, side: f32) {
        let mut start = 0.5;
        let mut lot = 0;
        while start + 6.0 < segment.length {
            lot += 1;
            let hash = num::mix(segment.id, lot, u32::from(side > 0.0), 11);
            let width = (6.5 + 10.0 * num::part(hash, 0)).min(segment.length - start);
            // One lot in fourteen is empty.
            if !(hash >> 8).is_multiple_of(14) {
                let house = house(segment, side, start, width, hash);
                if self.fits(&house, segment.id) {
                    self.buildings.push(house);
                }
            }
            start += width;
        }
    }

    /// True of a house that stands on no street and in no other house.
    fn fits(&self, house: &Building, street: u32) -> bool {
        let clear = self
            .segments
            .iter()
            .filter(|segment| segment.id != street)
            .all(|segment| {
                let points = house.corners.iter().zip(house.corners.iter().cycle().skip(1));
                points
                    .map(|(&a, &b)| middle(a, b))
                    .all(|middle| segment.distance(middle) > FRONT_M - 0.5)
                    && house
                        .corners
                        .iter()
                        .all(|&at| segment.distance(at) > FRONT_M - 0.5)
                    && segment.distance(house.center) > FRONT_M
            });
        clear
            && !self
                .buildings
                .iter()
                .any(|other| inside(other, house.center) || inside(house, other.center))
    }

    fn furnish(&mut self, segment: &Segment, side: f32) {
        let clear = |scene: &Self, at: Flat, far: f32| {
            let others = scene.segments.iter().filter(|other| other.id != segment.id);
            others.into_iter().all(|other| other.distance(at) > far)
        };
        let mut along = 5.0;
        let mut slot = 0;
        while along < segment.length - 4.0 {
            slot += 1;
            let hash = num::mix(segment.id, slot, u32::from(side > 0.0), 23);
            let item = |right: f32| Item {
                at: segment.point(along, side * right),
                along: segment.along,
                hash,
            };
            let bay = item(4.0);
            if clear(self, bay.at, 9.0) {
                self.bays.push(bay);
            }
            let verge = item(5.7);
            if clear(self, verge.at, KERB_M + 1.0) {
                match hash % 9 {
                    0..=2 => self.trees.push(verge),
                    3 => self.lamps.push(verge),
                    _ => {}
                }
            }
            along += 5.8;
        }
    }
}

fn segments(streets: &Streets, seed: u32) -> Vec<Segment> {
    let pairs = streets.lines().iter().flat_map(|line| line.windows(2));
    let mut id = 0;
    pairs
        .map(|pair| {
            id += 1;
            let (start, along) = (flat(pair[0]), flat(pair[0].towards(pair[1])));
            Segment {
                start,
                along,
                right: [along[1], -along[0]],
                length: num::single(pair[0].distance(pair[1])),
                id: num::mix(seed, id, 0, 5),
            }
        })
        .collect()
}

fn house(segment: &Segment, side: f32, start: f32, width: f32, hash: u32) -> Building {
    // Most houses stand at the pavement, some have a front garden.
    let garden = if (hash >> 12).is_multiple_of(5) { 4.5 } else { 1.2 };
    let front = FRONT_M + garden * num::part(hash, 16);
    let back = front + 9.0 + 5.0 * num::part(hash, 20);
    let tall = num::part(num::mix(hash, 1, 0, 0), 4);
    let corners = [
        (start, front),
        (start + width, front),
        (start + width, back),
        (start, back),
    ]
    .map(|(along, right)| segment.point(along, side * right));
    let center = segment.point(start + width / 2.0, side * (front + back) / 2.0);
    // Few are tall: the square makes low houses common.
    let height = 3.6 + 12.5 * tall * tall + 2.5 * num::part(hash, 2);
    let ridge = if hash.is_multiple_of(3) {
        0.0
    } else {
        1.8 + 2.4 * num::part(hash, 9)
    };
    Building {
        corners,
        center,
        height,
        ridge,
        hash,
    }
}

fn inside(house: &Building, at: Flat) -> bool {
    let along = minus(house.corners[1], house.corners[0]);
    let deep = minus(house.corners[3], house.corners[0]);
    let rel = minus(at, house.corners[0]);
    let (u, v) = (
        dot(rel, along) / dot(along, along),
        dot(rel, deep) / dot(deep, deep),
    );
    (0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v)
}

#[cfg(test)]
#[path = "scene_tests.rs"]
mod tests;
