//! Paints the ground, one column at a time: carriageway, marks, pavement, yards.

use std::ops::Range;

use super::super::num;
use super::camera::Camera;
use super::frame::Column;
use super::light::Weather;
use super::texture::Textures;
use super::walls::{Colour, blend, lit, texels_per_m};
use super::{FRONT_M, Flat, KERB_M, Segment, dot, plus};

/// A street as one column's ray crosses it: metres along and to the right, both linear in the distance ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    along: (f32, f32),
    right: (f32, f32),
    length: f32,
    id: u32,
    /// Share of the sun's direction that lies across the street, towards its right.
    sun_right: f32,
}

impl Crossing {
    /// How the ray from the camera in direction `ray` (metres per metre ahead) crosses `segment`, if it
    /// comes near it within sight.
    pub(super) fn new(camera: &Camera, weather: &Weather, ray: Flat, segment: &Segment) -> Option<Self> {
        let (along, right) = segment.local(camera.at);
        let (per_along, per_right) = (dot(ray, segment.along), dot(ray, segment.right));
        let crossing = Self {
            along: (along, per_along),
            right: (right, per_right),
            length: segment.length,
            id: segment.id,
            sun_right: dot(weather.sun, segment.right),
        };
        let within = span(right, per_right, -FRONT_M, FRONT_M);
        let beside = span(along, per_along, -KERB_M, segment.length + KERB_M);
        let (from, to) = (within.0.max(beside.0).max(0.0), within.1.min(beside.1));
        (from <= to && from < super::SIGHT_M).then_some(crossing)
    }
}

/// Distances between which `start + ahead * rate` lies between `low` and `high`.
fn span(start: f32, rate: f32, low: f32, high: f32) -> (f32, f32) {
    if rate.abs() < 1e-6 {
        return if (low..=high).contains(&start) {
            (0.0, 1e9)
        } else {
            (1.0, 0.0)
        };
    }
    let (a, b) = ((low - start) / rate, (high - start) / rate);
    (a.min(b), a.max(b))
}

/// What lies at a point of the ground.
enum Kind {
    Road {
        right: f32,
        along: f32,
        id: u32,
        junction: bool,
    },
    Pavement {
        right: f32,
        along: f32,
    },
    Yard,
}

/// Paints `rows` of ground seen along `ray`.
#[expect(
    clippy::too_many_arguments,
    reason = "a column's painter needs the whole frame; a struct would only rename it"
)]
pub(super) fn paint(
    column: &mut Column,
    camera: &Camera,
    textures: &Textures,
    weather: &Weather,
    crossings: &[Crossing],
    ray: Flat,
    rows: Range<usize>,
    haze: Colour,
) {
    for y in rows {
        let below = num::pixel(y) + 0.5 - camera.horizon;
        let ahead = camera.focal * camera.height / below.max(0.5);
        let at = plus(camera.at, ahead, ray);
        let (kind, shade) = classify(crossings, weather, textures, ahead, at);
        let scale = texels_per_m(camera.focal, ahead);
        let fine = textures.grain(num::floor(at[0] * scale), num::floor(at[1] * scale));
        let patch = textures.cloud(num::floor(at[0] * 5.0), num::floor(at[1] * 5.0));
        let broad = textures.cloud(num::floor(at[0] * 1.3) + 91, num::floor(at[1] * 1.3));
        let rough = 1.0 + 0.08 * fine + 0.12 * patch + 0.2 * broad;
        let colour = match kind {
            Kind::Road {
                right,
                along,
                id,
                junction,
            } => road(right, along, id, junction, ahead / camera.focal, patch),
            Kind::Pavement { right, along } => pavement(right, along, scale),
            Kind::Yard => yard(broad),
        };
        let fog = (ahead / 420.0).min(0.6);
        column.pixels[y] = blend(lit(colour, rough * shade), haze, fog);
        column.depth[y] = ahead;
    }
}

fn classify(
    crossings: &[Crossing],
    weather: &Weather,
    textures: &Textures,
    ahead: f32,
    at: Flat,
) -> (Kind, f32) {
    let mut kind = Kind::Yard;
    let mut shade: f32 = 1.0;
    for crossing in crossings {
        let along = crossing.along.0 + ahead * crossing.along.1;
        let right = crossing.right.0 + ahead * crossing.right.1;
        if along < -KERB_M || along > crossing.length + KERB_M || right.abs() > FRONT_M {
            continue;
        }
        // Houses between here and the sun: how far their shadows reach differs from house to house.
        let sunward = right * if crossing.sun_right < 0.0 { -1.0 } else { 1.0 };
        let house = num::mix(crossing.id, num::bits(num::floor(along / 9.0)), 0, 51);
        let roof = 3.0
            + 9.0 * num::part(house, 0)
            + 1.2 * textures.cloud(num::floor(at[0] * 3.0), num::floor(at[1] * 3.0));
        let reach = roof * weather.shadow * crossing.sun_right.abs();
        if sunward > FRONT_M - reach && (4.0..crossing.length - 4.0).contains(&along) {
            shade = 1.0 - 0.62 * weather.direct;
        }
        if right.abs() < KERB_M {
            let junction = matches!(kind, Kind::Road { .. });
            kind = Kind::Road {
                right,
                along,
                id: crossing.id,
                junction,
            };
        } else if matches!(kind, Kind::Yard) {
            kind = Kind::Pavement { right, along };
        }
    }
    (kind, shade)
}

fn road(right: f32, along: f32, id: u32, junction: bool, m_per_pixel: f32, patch: f32) -> Colour {
    let wide = 0.06_f32.max(0.6 * m_per_pixel);
    let cycle = along - 6.0 * num::float(num::floor(along / 6.0));
    // Paint wears off where the noise says so.
    let painted = !junction && patch > -0.55;
    if painted
        && (right.abs() < wide && cycle < 3.2
            || (right.abs() - 3.05).abs() < wide
                && !(1.2..2.0).contains(&cycle)
                && !(4.2..5.0).contains(&cycle))
    {
        return [206.0, 204.0, 196.0];
    }
    if right.abs() > KERB_M - 0.15 && !junction {
        return [150.0, 148.0, 142.0];
    }
    let piece = num::mix(
        id,
        num::bits(num::floor(along / 7.0)),
        num::bits(num::floor(right / 2.5)),
        53,
    );
    let tone = match piece % 7 {
        0 => 0.72,
        1 => 1.22,
        _ => 1.0,
    };
    // A manhole cover here and there.
    let (du, dv) = (
        along - 7.0 * (num::float(num::floor(along / 7.0)) + 0.5),
        right.abs() - 1.4,
    );
    if piece % 5 == 2 && du * du + dv * dv < 0.1 {
        return [58.0, 56.0, 54.0];
    }
    lit([98.0, 98.0, 101.0], tone)
}

fn pavement(right: f32, along: f32, scale: f32) -> Colour {
    let (u, v) = (along / 0.8, right / 0.6);
    let (i, j) = (num::floor(u), num::floor(v));
    let joint = scale >= 32.0 && (u - num::float(i) < 0.04 || v - num::float(j) < 0.05);
    let slab = num::part(num::mix(num::bits(i), num::bits(j), 0, 57), 0);
    lit([152.0, 147.0, 138.0], if joint { 0.7 } else { 0.9 + 0.2 * slab })
}

fn yard(broad: f32) -> Colour {
    if broad > 0.0 {
        [88.0, 112.0, 58.0]
    } else {
        [124.0, 114.0, 92.0]
    }
}
