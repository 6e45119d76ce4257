//! P3: how much an image is worth, from what was measured on it.
//!
//! `times(times(sharpness, exposure), times(contrast, detail))`: a fault of one kind cannot be
//! made good by another. Everything is integer arithmetic with the floors of `ramp` and `times`.

use cairn_datasets::tables::Image;
use cairn_datasets::units::Ppm;

use super::Rules;

/// A policy number as the signed integer that ramps take.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// P3: quality of an image, ppm. It does not look at the verdict: the quality of an image that
/// does not count is there to explain, and no pass takes it.
#[must_use]
pub fn image_quality(rules: &Rules, image: &Image) -> Ppm {
    let clear = sharpness(rules, image).times(exposure(rules, image));
    clear.times(contrast(rules, image).times(detail(rules, image)))
}

/// 0 where the image counts as blurred (I6), full from `score.sharp-ppm` on.
fn sharpness(rules: &Rules, image: &Image) -> Ppm {
    let (blurred, sharp) = (rules.place.blurred_ppm, rules.score.sharp_ppm);
    Ppm::ramp(i64::from(image.sharpness.parts()), signed(blurred), signed(sharp))
}

/// The lesser of the dark and the bright ramp over the mean grey level, times the share of
/// blocks that are neither dark nor burnt (no block is both).
fn exposure(rules: &Rules, image: &Image) -> Ppm {
    let score = &rules.score;
    let mean = i64::from(image.mean_milli);
    let dark_end = Ppm::ramp(
        mean,
        signed(score.exposure_dark_milli),
        signed(score.exposure_full_from_milli),
    );
    let bright_end = Ppm::ramp(
        mean,
        signed(score.exposure_burnt_milli),
        signed(score.exposure_full_to_milli),
    );
    let lost = i64::from(image.dark_ppm.parts()) + i64::from(image.burnt_ppm.parts());
    let usable = Ppm::clamped(i64::from(Ppm::ONE.parts()) - lost);
    dark_end.min(bright_end).times(usable)
}

/// A ramp over the standard deviation of luma.
fn contrast(rules: &Rules, image: &Image) -> Ppm {
    let (zero, full) = (rules.score.contrast_zero_milli, rules.score.contrast_full_milli);
    Ppm::ramp(i64::from(image.std_milli), signed(zero), signed(full))
}

/// A ramp over the pixels per degree; `score.detail-unknown-ppm` where the field of view is not
/// known.
fn detail(rules: &Rules, image: &Image) -> Ppm {
    let score = &rules.score;
    let Some(density) = pixels_per_degree_milli(image) else {
        return Ppm::clamped(signed(score.detail_unknown_ppm));
    };
    let (zero, full) = if image.is_360 {
        (score.detail_360_zero_milli, score.detail_360_full_milli)
    } else {
        (score.detail_zero_milli, score.detail_full_milli)
    };
    Ppm::ramp(density, signed(zero), signed(full))
}

/// Horizontal pixels per degree in thousandths, floored: `width * 1000 / 360` for a 360-degree
/// image, else `width * 1000 * 1000 / field_of_view_mdeg` (one thousand for the thousandths of a
/// degree, one for the thousandths of the result). `None` without a field of view.
fn pixels_per_degree_milli(image: &Image) -> Option<i64> {
    let width = i64::from(image.width);
    if image.is_360 {
        return Some(width * 1_000 / 360);
    }
    (width * 1_000_000).checked_div(i64::from(image.field_of_view_mdeg?))
}

#[cfg(test)]
#[path = "image_quality_tests.rs"]
mod tests;
