//! A camera that looks level: things that stand upright stay upright in the picture.

use super::{Flat, dot, minus};

/// Where it is, how it looks, and what that makes of metres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    /// Where.
    pub(super) at: Flat,
    /// Unit vector of the viewing direction.
    pub(super) ahead: Flat,
    /// Unit vector to the right of it.
    pub(super) right: Flat,
    /// Height above the street in metres.
    pub(super) height: f32,
    /// Focal length in pixels.
    pub(super) focal: f32,
    /// Column of the optical axis.
    pub(super) center_x: f32,
    /// Row of the horizon.
    pub(super) horizon: f32,
    /// Columns.
    pub(super) width: usize,
}

impl Camera {
    /// Metres to the right and metres ahead.
    #[inline]
    pub(super) fn local(&self, at: Flat) -> (f32, f32) {
        let rel = minus(at, self.at);
        (dot(rel, self.right), dot(rel, self.ahead))
    }

    /// Row of a point `height` metres up and `ahead` metres away.
    #[inline]
    pub(super) fn row(&self, height: f32, ahead: f32) -> f32 {
        self.horizon - self.focal * (height - self.height) / ahead
    }

    /// Column of a point `right` metres to the right and `ahead` metres away.
    #[inline]
    pub(super) fn column(&self, right: f32, ahead: f32) -> f32 {
        self.center_x + self.focal * right / ahead
    }
}
