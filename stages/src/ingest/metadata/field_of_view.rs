//! Horizontal field of view of lenses and panoramas.

use super::camera::{Frame, Lens, Projection};
use super::xmp::Panorama;
use crate::ingest::number::round_f64;

/// Diagonal of a frame of 35 mm film in micrometres: sqrt(36² + 24²).
const FILM_DIAGONAL_UM: f64 = 43_266.615_305_567_87;
const FULL_CIRCLE_MILLIDEG: u32 = 360_000;
/// Stitchers leave out some columns at the seam.
const ALL_AROUND_MILLIDEG: u32 = 350_000;

/// Field of view of a lens in thousandths of a degree, across the width of the image as displayed.
///
/// The whole picture is taken to show the whole sensor. CIPA defines the 35 mm equivalent by the diagonal, so the width of
/// the frame is that of the image's own shape with film's diagonal. Cropped images are narrower than they say.
pub(super) fn of_lens(lens: Lens, (width, height): (u32, u32)) -> Option<u32> {
    if lens.focal_um == 0 || width == 0 || height == 0 {
        return None;
    }
    let (width, height) = (f64::from(width), f64::from(height));
    let frame_um = match lens.frame {
        Frame::Film => FILM_DIAGONAL_UM * width / libm::sqrt(width * width + height * height),
        Frame::LongSideUm(long_side) => f64::from(long_side) * width / width.max(height),
    };
    let focal_um = f64::from(lens.focal_um);
    let radians = match lens.projection {
        Projection::Rectilinear => 2.0 * libm::atan(frame_um / (2.0 * focal_um)),
        Projection::Equidistant => frame_um / focal_um,
    };
    round_f64(radians * (180_000.0 / std::f64::consts::PI))
        .and_then(|angle| u32::try_from(angle).ok())
        .filter(|angle| *angle <= FULL_CIRCLE_MILLIDEG)
}

/// Field of view of an equirectangular image: the share of the full circle that its metadata gives it, or the whole of
/// it for an image twice as wide as high.
pub(super) fn of_panorama(panorama: &Panorama, size: Option<(u32, u32)>) -> Option<u32> {
    let cropped = panorama.cropped_width.or(size.map(|(width, _)| width));
    if let Some((full, cropped)) = panorama.full_width.zip(cropped)
        && full > 0
    {
        let share = u64::from(FULL_CIRCLE_MILLIDEG) * u64::from(cropped.min(full)) / u64::from(full);
        return u32::try_from(share).ok();
    }
    size.filter(|(width, height)| height.checked_mul(2) == Some(*width))
        .map(|_| FULL_CIRCLE_MILLIDEG)
}

/// Whether an equirectangular image shows the full circle; without a word on its width it is taken to.
pub(super) fn is_all_around(panorama: &Panorama, size: Option<(u32, u32)>) -> bool {
    of_panorama(panorama, size).is_none_or(|angle| angle >= ALL_AROUND_MILLIDEG)
}

#[cfg(test)]
#[path = "field_of_view_tests.rs"]
mod tests;
