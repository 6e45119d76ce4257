//! Sun and sky of one trip.

use super::super::num;
use super::super::rng::Rng;
use super::super::time::{Civil, DAY_MS};
use super::Flat;

/// Light and sky while a trip lasts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// Horizontal vector towards the sun, unit length.
    pub(super) sun: Flat,
    /// Length of the shadow of a thing one metre high, in metres.
    pub(super) shadow: f32,
    /// Strength of direct light, 0 under cloud to 1.
    pub(super) direct: f32,
    /// Gains of red, green and blue: exposure and white balance.
    pub(super) gains: [f32; 3],
    /// Colour at the horizon.
    pub(super) low: [f32; 3],
    /// Colour overhead.
    pub(super) high: [f32; 3],
    /// Share of the sky that clouds cover, about.
    pub(super) clouds: f32,
    /// Which clouds, and which cars are parked: one per contributor and day.
    pub(super) hash: u32,
}

impl Weather {
    /// The weather at `local_ms`, in ms since 1970 of local time.
    pub(crate) fn new(local_ms: i64, rng: &mut Rng) -> Self {
        let now = Civil::from_ms(local_ms);
        let day_share = num::double(local_ms.rem_euclid(DAY_MS)) / num::double(DAY_MS);
        // In May at 55 degrees north the sun is up from five to nine; at one it stands in the south.
        let turn = (day_share - 13.0 / 24.0) * 2.0 * std::f64::consts::PI;
        let (east, south) = (-libm::sin(turn), libm::cos(turn));
        let elevation = (0.33 + 0.52 * south).max(0.08);
        let warmth = num::single((1.0 - elevation / 0.85).clamp(0.0, 1.0));
        let gain = num::single(rng.between(0.95, 1.08));
        let tint = num::single(rng.between(-0.03, 0.03));
        let clouds = num::single(rng.between(0.12, 0.55));
        Self {
            sun: [num::single(east), num::single(-south)],
            shadow: num::single((1.0 / elevation - elevation).max(0.4)).min(3.0),
            direct: 1.0 - 0.7 * clouds,
            gains: [
                gain * (1.0 + tint + 0.04 * warmth),
                gain,
                gain * (1.0 - tint - 0.05 * warmth),
            ],
            low: [188.0 + 18.0 * warmth, 194.0, 202.0 - 22.0 * warmth],
            high: [88.0 + 12.0 * warmth, 124.0, 176.0 - 10.0 * warmth],
            clouds,
            hash: num::mix(rng.word(), u32::try_from(now.day).unwrap_or(0), 0, 3),
        }
    }

    /// The same weather through another camera, which makes it brighter by a factor and warmer by a share.
    pub(crate) fn through(self, gain: f32, warmer: f32) -> Self {
        let [red, green, blue] = self.gains;
        Self {
            gains: [
                red * gain * (1.0 + warmer),
                green * gain,
                blue * gain * (1.0 - warmer),
            ],
            ..self
        }
    }

    /// Light on a wall that faces `outward`.
    pub(super) fn on_wall(&self, outward: Flat) -> f32 {
        let facing = super::dot(outward, self.sun).max(0.0);
        0.6 + 0.08 * outward[0] + 0.75 * facing * self.direct
    }
}
