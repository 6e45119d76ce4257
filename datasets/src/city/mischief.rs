//! What goes wrong with pictures and traces, by accident and on purpose.

use super::drive::GnssFix;
use super::num;
use super::rng::Rng;
use super::scene::Picture;
use super::streets::Point;

/// What was wrong when a picture was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing.
    None,
    /// Far out of focus.
    Blurred,
    /// The cap was on: black but for sensor noise.
    LensCap,
    /// Night, without light.
    Dark,
}

/// Applies a defect to a picture.
pub(crate) fn spoil(picture: &mut Picture, defect: Defect, rng: &mut Rng) {
    match defect {
        Defect::None => {}
        Defect::Blurred => blur(picture),
        Defect::LensCap => picture.rgb = noise(picture.rgb.len(), 3, rng),
        Defect::Dark => {
            let grain = noise(picture.rgb.len(), 5, rng);
            for (byte, grain) in picture.rgb.iter_mut().zip(grain) {
                *byte = *byte / 9 + grain;
            }
        }
    }
}

/// `len` bytes in `0..levels`.
fn noise(len: usize, levels: u8, rng: &mut Rng) -> Vec<u8> {
    let mut out = vec![0; len];
    rng.fill(&mut out);
    for byte in &mut out {
        *byte %= levels;
    }
    out
}

/// Three box blurs each way are close to a Gaussian.
fn blur(picture: &mut Picture) {
    let radius = (picture.width / 70).max(1);
    let row = 3 * picture.width;
    let mut line = Vec::new();
    for _ in 0..3 {
        for channel in 0..3 {
            for y in 0..picture.rows {
                box_blur(
                    &mut picture.rgb,
                    y * row + channel,
                    3,
                    picture.width,
                    radius,
                    &mut line,
                );
            }
            for x in 0..picture.width {
                box_blur(
                    &mut picture.rgb,
                    3 * x + channel,
                    row,
                    picture.rows,
                    radius,
                    &mut line,
                );
            }
        }
    }
}

/// Replaces each of `count` bytes, `step` apart from `start`, by the mean of those at most `radius` away.
fn box_blur(bytes: &mut [u8], start: usize, step: usize, count: usize, radius: usize, line: &mut Vec<u32>) {
    line.clear();
    // Sums up to each place, so that a window is one subtraction.
    let mut sum = 0;
    line.push(0);
    for i in 0..count {
        sum += u32::from(bytes[start + i * step]);
        line.push(sum);
    }
    for i in 0..count {
        let (from, to) = (i.saturating_sub(radius), (i + radius + 1).min(count));
        let size = u32::try_from(to - from).unwrap_or(1);
        bytes[start + i * step] = u8::try_from((line[to] - line[from]) / size).unwrap_or(u8::MAX);
    }
}

/// The fixes with jumps of kilometres and of a block, as a receiver between high walls reports them.
pub(crate) fn teleport(fixes: &[GnssFix]) -> Vec<GnssFix> {
    let jump = |i: usize| match i % 23 {
        11 => 4_200.0,
        17..=19 => 130.0,
        _ => 0.0,
    };
    let moved = |at: Point, by: f64| Point {
        x: at.x - 0.3 * by,
        y: at.y + by,
    };
    fixes
        .iter()
        .enumerate()
        .map(|(i, fix)| GnssFix {
            at: moved(fix.at, jump(i)),
            ..*fix
        })
        .collect()
}

/// The first `percent` of `bytes`: a transfer that broke off.
pub(crate) fn cut(mut bytes: Vec<u8>, percent: u32) -> Vec<u8> {
    let len = num::double(i64::try_from(bytes.len()).unwrap_or(0));
    let keep = num::round_unsigned(len * f64::from(percent) / 100.0);
    bytes.truncate(usize::try_from(keep).unwrap_or(0));
    bytes
}
