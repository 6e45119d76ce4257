//! Paints what has air around it: trees, lamp posts, people.

use super::super::num;
use super::camera::Camera;
use super::frame::Column;
use super::texture::Textures;
use super::walls::{Colour, blend, lit, texels_per_m};
use super::{Flat, Item};

/// What a sprite shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A street tree.
    Tree,
    /// A lamp post.
    Lamp,
    /// Somebody on the pavement.
    Person,
}

/// A flat figure that faces the camera.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sprite {
    /// Metres ahead.
    pub(super) ahead: f32,
    right: f32,
    shape: Shape,
    hash: u32,
    /// Half of its width in metres.
    half: f32,
}

impl Sprite {
    /// The sprite for an item, if it may be in the picture.
    pub(super) fn new(camera: &Camera, item: &Item, shape: Shape) -> Option<Self> {
        Self::at(camera, item.at, item.hash, shape)
    }

    /// A sprite at a point.
    pub(super) fn at(camera: &Camera, at: Flat, hash: u32, shape: Shape) -> Option<Self> {
        let (right, ahead) = camera.local(at);
        let half = match shape {
            Shape::Tree => 1.7 + 1.6 * num::part(hash, 4),
            Shape::Lamp => 1.5,
            Shape::Person => 0.32,
        };
        let seen = ahead > 1.8
            && ahead < 130.0
            && (right.abs() - half) * camera.focal < ahead * num::pixel(camera.width);
        seen.then_some(Self {
            ahead,
            right,
            shape,
            hash,
            half,
        })
    }

    /// First column and the one after the last.
    fn columns(&self, camera: &Camera) -> (f32, f32) {
        let left = camera.column(self.right - self.half, self.ahead);
        (left, camera.column(self.right + self.half, self.ahead))
    }

    /// Paints the part of the sprite in column `x`.
    pub(super) fn paint(
        &self,
        column: &mut Column,
        camera: &Camera,
        textures: &Textures,
        x: usize,
        haze: Colour,
    ) {
        let (first, end) = self.columns(camera);
        let middle = num::pixel(x) + 0.5;
        if middle < first || middle > end {
            return;
        }
        let aside = (middle - camera.center_x) * self.ahead / camera.focal - self.right;
        let height = match self.shape {
            Shape::Tree => 12.0,
            Shape::Lamp => 6.6,
            Shape::Person => 1.85,
        };
        let limit = column.pixels.len();
        let top = num::index(camera.row(height, self.ahead), limit);
        let bottom = num::index(camera.row(0.0, self.ahead), limit);
        let scale = texels_per_m(camera.focal, self.ahead);
        let m_per_row = self.ahead / camera.focal;
        let fog = (self.ahead / 420.0).min(0.6);
        for y in top..bottom {
            if column.depth[y] < self.ahead {
                continue;
            }
            let h = camera.height + (camera.horizon - num::pixel(y) - 0.5) * m_per_row;
            let colour = match self.shape {
                Shape::Tree => self.tree(textures, aside, h, scale),
                Shape::Lamp => lamp(aside, h, m_per_row),
                Shape::Person => self.person(textures, aside, h, scale),
            };
            if let Some(colour) = colour {
                column.pixels[y] = blend(colour, haze, fog);
                column.depth[y] = self.ahead;
            }
        }
    }

    fn tree(&self, textures: &Textures, aside: f32, h: f32, scale: f32) -> Option<Colour> {
        let tall = self.half * 1.25;
        let middle = 2.3 + tall + 0.8 * num::part(self.hash, 12);
        let (a, b) = (aside / self.half, (h - middle) / tall);
        let round = a * a + b * b;
        let shift = num::trunc(num::count(self.hash & 255));
        if round < 1.3 {
            let clump = textures.cloud(num::floor(aside * 14.0) + shift, num::floor(h * 14.0));
            let leaf = textures.grain(num::floor(aside * scale) + shift, num::floor(h * scale));
            let lobe = textures.cloud(num::floor(aside * 5.0) + shift, num::floor(h * 5.0) + shift);
            if 1.0 - round + 0.7 * lobe + 0.4 * clump + 0.2 * leaf > 0.3 {
                let light = 0.66 + 0.26 * b - 0.1 * a + 0.3 * lobe + 0.4 * clump + 0.2 * leaf;
                let green = match self.hash % 4 {
                    0 => [96.0, 122.0, 52.0],
                    1 => [72.0, 104.0, 48.0],
                    2 => [118.0, 128.0, 66.0],
                    _ => [84.0, 112.0, 70.0],
                };
                return Some(lit(green, light.max(0.15)));
            }
        }
        let trunk = 0.1 + 0.06 * num::part(self.hash, 20);
        (aside.abs() < trunk && h < middle).then(|| {
            let bark = textures.grain(num::floor(aside * scale) + shift, num::floor(h * scale * 0.25));
            lit([84.0, 70.0, 56.0], 0.85 + 0.3 * bark + aside / trunk * 0.25)
        })
    }

    fn person(&self, textures: &Textures, aside: f32, h: f32, scale: f32) -> Option<Colour> {
        let size = 1.0 + 0.08 * num::part(self.hash, 6);
        let (h, off) = (h / size, aside.abs());
        let rough = 1.0 + 0.12 * textures.grain(num::floor(aside * scale), num::floor(h * scale));
        let cloth = |shift: u32| {
            let shade = |part: u32| 34.0 + 120.0 * num::part(self.hash, shift + part);
            [shade(0), shade(3), shade(6)]
        };
        let head = off * off + (h - 1.6) * (h - 1.6);
        let colour = if head < 0.012 {
            [176.0, 136.0, 112.0]
        } else if h > 0.85 && h < 1.45 && off < 0.24 - 0.06 * (h - 0.85) {
            cloth(8)
        } else if h <= 0.85 && h > 0.02 && (off - 0.1).abs() < 0.075 {
            lit(cloth(14), 0.6)
        } else {
            return None;
        };
        Some(lit(colour, rough))
    }
}

fn lamp(aside: f32, h: f32, m_per_pixel: f32) -> Option<Colour> {
    let thin = 0.055_f32.max(0.7 * m_per_pixel);
    let pole = aside.abs() < thin && h < 6.4;
    let arm = (6.3..6.4).contains(&h) && (0.0..1.3).contains(&aside);
    let head = (6.2..6.42).contains(&h) && (0.9..1.45).contains(&aside);
    if head {
        return Some([226.0, 224.0, 214.0]);
    }
    (pole || arm).then_some([86.0, 90.0, 92.0])
}
