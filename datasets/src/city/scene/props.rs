//! Cars and people: what differs from day to day and from picture to picture.

use super::super::num;
use super::{Flat, Item, plus};

/// A car or a van.
#[derive(Debug, Clone, Copy)]
pub(super) struct Car {
    /// Middle of it.
    pub(super) at: Flat,
    along: Flat,
    length: f32,
    /// Height of the lower edge of the windows in metres.
    pub(super) waist: f32,
    /// Height in metres.
    pub(super) height: f32,
    /// Colour and details.
    pub(super) hash: u32,
}

impl Car {
    /// The car that is parked in `bay` on the day of `day`, if any.
    pub(super) fn parked(bay: &Item, day: u32) -> Option<Self> {
        let hash = num::mix(bay.hash, day, 1, 7);
        let shift = 0.8 * num::part(hash, 3) - 0.4;
        (hash % 100 < 48).then(|| Self::new(plus(bay.at, shift, bay.along), bay.along, hash >> 1))
    }

    /// A car at `at` that stands along `along`.
    pub(super) fn new(at: Flat, along: Flat, hash: u32) -> Self {
        let van = hash.is_multiple_of(6);
        let (waist, height) = if van { (1.25, 2.25) } else { (0.88, 1.46) };
        let grown = 0.12 * num::part(hash, 5);
        Self {
            at,
            along,
            length: if van { 5.1 } else { 4.2 } + 3.0 * grown,
            waist: waist + grown,
            height: height + grown,
            hash,
        }
    }

    /// Middle of it.
    pub(super) fn center(&self) -> Flat {
        self.at
    }

    /// Corners of the body, a long side first.
    pub(super) fn body(&self) -> [Flat; 4] {
        self.corners(-self.length / 2.0, self.length / 2.0, 0.88)
    }

    /// Corners of the cabin, a long side first.
    pub(super) fn cabin(&self) -> [Flat; 4] {
        let half = self.length / 2.0;
        let front = if self.height > 2.0 { 0.9 } else { 1.15 };
        self.corners(-half + 0.25, half - front, 0.74)
    }

    fn corners(&self, from: f32, to: f32, half_width: f32) -> [Flat; 4] {
        let right = [self.along[1], -self.along[0]];
        let at = |along: f32, side: f32| plus(plus(self.at, along, self.along), side, right);
        [
            at(from, half_width),
            at(to, half_width),
            at(to, -half_width),
            at(from, -half_width),
        ]
    }
}

/// Paint of a car.
pub(super) fn paint(hash: u32) -> [f32; 3] {
    match (hash >> 4) % 9 {
        0 => [196.0, 196.0, 192.0],
        1 => [44.0, 46.0, 50.0],
        2 => [128.0, 132.0, 136.0],
        3 => [142.0, 34.0, 30.0],
        4 => [40.0, 62.0, 118.0],
        5 => [78.0, 82.0, 84.0],
        6 => [172.0, 170.0, 160.0],
        7 => [38.0, 74.0, 62.0],
        _ => [164.0, 128.0, 72.0],
    }
}
