//! Repeating tiles of noise from which all surfaces are made.

use super::super::num;
use super::super::rng::Rng;

/// Side of a tile in texels.
const SIDE: usize = 256;

/// Noise tiles, -127..=127.
#[derive(Debug, Clone)]
pub(super) struct Textures {
    /// Neighbouring texels differ: grit, leaves, film grain.
    grain: Vec<i8>,
    /// Smooth over scales from 4 to 128 texels: stains, clouds.
    cloud: Vec<i8>,
}

impl Textures {
    pub(super) fn new(rng: &mut Rng) -> Self {
        Self {
            grain: grain(rng),
            cloud: cloud(rng),
        }
    }

    /// Grain at a texel, -1..=1.
    #[inline]
    pub(super) fn grain(&self, u: i32, v: i32) -> f32 {
        f32::from(self.grain[num::texel(u, v)]) / 127.0
    }

    /// Cloud at a texel, -1..=1.
    #[inline]
    pub(super) fn cloud(&self, u: i32, v: i32) -> f32 {
        f32::from(self.cloud[num::texel(u, v)]) / 127.0
    }

    /// Cloud between texels, -1..=1.
    #[inline]
    pub(super) fn smooth(&self, u: f32, v: f32) -> f32 {
        let (left, low) = (num::floor(u), num::floor(v));
        let (across, along) = (u - num::float(left), v - num::float(low));
        let row =
            |v: i32| self.cloud(left, v) * (1.0 - across) + self.cloud(left.wrapping_add(1), v) * across;
        row(low) * (1.0 - along) + row(low.wrapping_add(1)) * along
    }
}

fn grain(rng: &mut Rng) -> Vec<i8> {
    let mut raw = vec![0_u8; SIDE * SIDE];
    rng.fill(&mut raw);
    let at = |u: usize, v: usize| f32::from(raw[(v % SIDE) * SIDE + u % SIDE]) - 127.5;
    // A little smoothing: real surfaces seen through a lens have no single-pixel noise at full strength.
    cells(|u, v| 0.7 * at(u, v) + 0.35 * at(u + 1, v) + 0.35 * at(u, v + 1) + 0.2 * at(u + 1, v + 1))
}

fn cloud(rng: &mut Rng) -> Vec<i8> {
    let mut sum = vec![0.0_f32; SIDE * SIDE];
    let mut weight = 58.0;
    for cell in [64, 32, 16, 8, 4_usize] {
        let knots = SIDE / cell;
        let mut raw = vec![0_u8; knots * knots];
        rng.fill(&mut raw);
        let at = |u: usize, v: usize| f32::from(raw[(v % knots) * knots + u % knots]) / 127.5 - 1.0;
        for v in 0..SIDE {
            for u in 0..SIDE {
                let (a, b) = (ease(u % cell, cell), ease(v % cell, cell));
                let (i, j) = (u / cell, v / cell);
                let top = at(i, j) * (1.0 - a) + at(i + 1, j) * a;
                let bottom = at(i, j + 1) * (1.0 - a) + at(i + 1, j + 1) * a;
                sum[v * SIDE + u] += weight * (top * (1.0 - b) + bottom * b);
            }
        }
        weight *= 0.72;
    }
    cells(|u, v| sum[v * SIDE + u])
}

fn cells(value: impl Fn(usize, usize) -> f32) -> Vec<i8> {
    let places = (0..SIDE).flat_map(|v| (0..SIDE).map(move |u| (u, v)));
    places
        .map(|(u, v)| i8::try_from(num::trunc(value(u, v).clamp(-127.0, 127.0))).unwrap_or(0))
        .collect()
}

/// Share of the way through a cell, with a level start and end.
fn ease(step: usize, cell: usize) -> f32 {
    let t = num::pixel(step) / num::pixel(cell);
    t * t * (3.0 - 2.0 * t)
}
