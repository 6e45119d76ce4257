//! Horizontal field of view of lenses and panoramas.

use super::measure::round_f64;
use super::xmp::Panorama;

/// Diagonal of a frame of 35 mm film in millimetres: sqrt(36² + 24²).
const FILM_DIAGONAL_MM: f64 = 43.266_615_305_567_87;
const FULL_CIRCLE_MILLIDEG: u32 = 360_000;

/// Field of view of a rectilinear lens in thousandths of a degree, across the stored width.
///
/// CIPA defines the 35 mm equivalent by the diagonal, so the width of the frame is that of the image's own shape with
/// film's diagonal. Cropped and fisheye images are wider or narrower than they say.
pub(super) fn of_lens(focal_length_35mm: u32, (width, height): (u32, u32)) -> Option<u32> {
    if focal_length_35mm == 0 || width == 0 || height == 0 {
        return None;
    }
    let (width, height) = (f64::from(width), f64::from(height));
    let frame_mm = FILM_DIAGONAL_MM * width / libm::sqrt(width * width + height * height);
    let radians = 2.0 * libm::atan(frame_mm / (2.0 * f64::from(focal_length_35mm)));
    round_f64(radians * (180_000.0 / std::f64::consts::PI)).and_then(|angle| u32::try_from(angle).ok())
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

#[cfg(test)]
#[path = "field_of_view_tests.rs"]
mod tests;
