//! From the block domain of a picture to its features.
//!
//! Everything is summed in integers; the few floats of the last step are rounded before they leave.

use super::blocks::{BLOCK, Blocks, CELLS, COEFFICIENTS, GRID};
use super::pdq::Pdq;
use super::thumbnail::thumbnail;

/// A block whose mean is under this is dark, in grey levels.
const DARK: u16 = 20;
/// A block whose mean is over this is burnt out, in grey levels.
const BURNT: u16 = 235;
/// A mean is given in 1/64 grey level.
const MEAN_UNIT: u16 = 64;
/// Coefficients with u + v of at least this are high frequencies.
const HIGH_FREQUENCY: usize = 4;
/// A grid cell has texture when its AC energy is at least this per block, in grey levels squared:
/// a variance of one level.
const TEXTURE_PER_BLOCK: u64 = 64;

/// What Cairn knows of a picture, whatever its format was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// Mean grey level of the blocks, each weighted by its pixels that lie in the picture, in
    /// thousandths of a level: 0 to 255,000.
    pub mean_milli: u32,
    /// Standard deviation of the grey levels, in thousandths of a level. By Parseval: the variance
    /// of the block means, weighted likewise, and the AC energy per block over 64.
    pub std_milli: u32,
    /// Share of blocks whose mean is under 20, in ppm.
    pub dark_ppm: u32,
    /// Share of blocks whose mean is over 235, in ppm.
    pub burnt_ppm: u32,
    /// Share of the AC energy that has u + v >= 4, in ppm; 0 for a picture without AC energy. It
    /// depends neither on contrast nor on size, and tells sharp pictures from blurred ones.
    pub high_frequency_ppm: u32,
    /// Energy of the Laplacian at the picture's own scale, per pixel, in thousandths of a grey
    /// level squared: the sum of `(l(u) + l(v))^2 E(u,v)`, `l(x) = 2 - 2 cos(pi x / 8)`, over the
    /// pixels.
    pub laplacian_milli: u64,
    /// Bit `8 * y + x` is set when the cell in row y, column x of an 8x8 grid over the picture
    /// carries AC energy. Covered lenses, fog and bare sky do not.
    pub texture: u64,
    /// PDQ of the picture as it is, in the byte order of the usual hex form.
    pub pdq: [u8; 32],
    /// PDQ's measure of how much its hash rests on, 0 to 100.
    pub pdq_quality: u32,
    /// PDQ in the eight turned and mirrored positions, in the order of [`Pdq::dihedral`].
    pub pdq_dihedral: [[u8; 32]; 8],
    /// The picture at 32x32, a byte of luma each, row by row (see [`thumbnail`]).
    pub thumbnail: Vec<u8>,
}

/// The features of a picture, from its blocks and its perceptual hash.
#[must_use]
pub fn features(blocks: &Blocks, pdq: &Pdq) -> Features {
    let count = blocks.means.len() as u64;
    let all: u128 = blocks.energies.iter().map(|energy| u128::from(*energy)).sum();
    let high: u128 = (0..COEFFICIENTS)
        .zip(blocks.energies)
        .filter(|(at, _)| at / BLOCK + at % BLOCK >= HIGH_FREQUENCY)
        .map(|(_, energy)| u128::from(energy))
        .sum();
    let dark = blocks
        .means
        .iter()
        .filter(|mean| **mean < DARK * MEAN_UNIT)
        .count();
    let burnt = blocks
        .means
        .iter()
        .filter(|mean| **mean > BURNT * MEAN_UNIT)
        .count();
    let moments = Moments::of(blocks);
    let mean_unit = u128::from(MEAN_UNIT) * moments.pixels;
    let [as_is, ..] = pdq.dihedral;
    Features {
        mean_milli: narrow(ratio(moments.sum * 1000 + mean_unit / 2, mean_unit)),
        std_milli: std_milli(&moments, u128::from(count), all),
        dark_ppm: ppm(dark as u128, u128::from(count)),
        burnt_ppm: ppm(burnt as u128, u128::from(count)),
        high_frequency_ppm: ppm(high, all),
        laplacian_milli: laplacian_milli(blocks),
        texture: texture(blocks),
        pdq: as_is,
        pdq_quality: pdq.quality,
        pdq_dihedral: pdq.dihedral,
        thumbnail: thumbnail(blocks),
    }
}

/// `floor(part * 10^6 / whole)`, 0 of nothing.
fn ppm(part: u128, whole: u128) -> u32 {
    narrow(ratio(part * 1_000_000, whole))
}

fn ratio(part: u128, whole: u128) -> u128 {
    part.checked_div(whole).unwrap_or(0)
}

fn narrow(value: u128) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Variance = mean of squares less square of the mean, over block means, plus AC energy per pixel.
/// In integers of (1/64 level)^2 * pixels^2 until the root, which is rounded down.
fn std_milli(moments: &Moments, blocks: u128, ac: u128) -> u32 {
    let Moments { pixels, sum, squares } = *moments;
    let of_means = (pixels * squares).saturating_sub(sum * sum);
    // AC energy / 64 per block is in levels^2: * 64^2 takes it to the unit of the means.
    let unit = u128::from(MEAN_UNIT);
    let of_blocks = ratio(ac * unit * pixels * pixels, blocks);
    // std * 1000 = sqrt(variance * 10^6 / (64 * pixels)^2)
    let variance = of_means + of_blocks;
    narrow(ratio(variance * 1_000_000, unit * unit * pixels * pixels).isqrt())
}

/// Sums over the block means, each weighted by its pixels that lie in the picture.
struct Moments {
    /// Sum of the weights: the pixels of the picture.
    pixels: u128,
    /// In 1/64 grey level.
    sum: u128,
    /// In (1/64 grey level)^2.
    squares: u128,
}

impl Moments {
    fn of(blocks: &Blocks) -> Self {
        /// Pixels of the block at `at` on an axis of `length` pixels.
        fn inside(at: usize, length: u32) -> u64 {
            (u64::from(length))
                .saturating_sub((at * BLOCK) as u64)
                .min(BLOCK as u64)
        }
        let mut moments = Self {
            pixels: 0,
            sum: 0,
            squares: 0,
        };
        for (y, row) in blocks
            .means
            .chunks_exact(blocks.columns.max(1) as usize)
            .enumerate()
        {
            let (mut pixels, mut sum, mut squares) = (0, 0, 0);
            for (x, mean) in row.iter().enumerate() {
                let weight = inside(x, blocks.width);
                pixels += weight;
                sum += weight * u64::from(*mean);
                squares += weight * u64::from(*mean) * u64::from(*mean);
            }
            let weight = u128::from(inside(y, blocks.height));
            moments.pixels += weight * u128::from(pixels);
            moments.sum += weight * u128::from(sum);
            moments.squares += weight * u128::from(squares);
        }
        moments
    }
}

/// Sum of `(l(u) + l(v))^2 E(u,v)` per pixel, in thousandths.
fn laplacian_milli(blocks: &Blocks) -> u64 {
    let response: [f64; BLOCK] = std::array::from_fn(|frequency| {
        let frequency = u32::try_from(frequency).map_or(0.0, f64::from);
        2.0 - 2.0 * libm::cos(std::f64::consts::PI * frequency / 8.0)
    });
    let mut energies = blocks.energies.iter();
    let mut sum = 0.0;
    for down in response {
        for across in response {
            let weight = (across + down) * (across + down);
            sum += weight * energies.next().map_or(0.0, |energy| to_f64(*energy));
        }
    }
    let pixels = to_f64((blocks.means.len() as u64).saturating_mul(COEFFICIENTS as u64));
    if pixels == 0.0 {
        return 0;
    }
    // At most 64 * 255^2 per pixel: far from the end of u64, and not negative.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 2^33"
    )]
    let milli = libm::round(sum / pixels * 1000.0) as u64;
    milli
}

/// Energies stay under 2^53, where every integer is a double: 2^22 blocks of 2^22 at most.
#[expect(clippy::cast_precision_loss, reason = "under 2^53")]
fn to_f64(value: u64) -> f64 {
    value as f64
}

/// One bit per grid cell that carries AC energy.
fn texture(blocks: &Blocks) -> u64 {
    let side = |at: usize, length: u32| {
        let length = length as usize;
        (((at + 1) * length).div_ceil(GRID) - (at * length).div_ceil(GRID)) as u64
    };
    let cells = (0..CELLS).zip(blocks.cell_energies);
    cells.fold(0, |bits, (at, energy)| {
        let count = side(at % GRID, blocks.columns) * side(at / GRID, blocks.rows);
        let carries = count > 0 && energy >= count * TEXTURE_PER_BLOCK;
        bits | u64::from(carries) << at
    })
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
#[path = "features_tests.rs"]
mod tests;
