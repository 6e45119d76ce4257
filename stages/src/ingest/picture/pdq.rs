//! PDQ, the perceptual hash of 256 bits, written from its description: *The TMK+PDQF Video-Hashing
//! Algorithm and the PDQ Image-Hashing Algorithm* (Facebook, 2019).
//!
//! A picture is smoothed twice by a box filter ("Jarosz"), sampled to 64x64, transformed by a DCT
//! of which the frequencies 1..=16 of each axis are kept, and each of these 256 coefficients gives
//! one bit: is it above their median?
//!
//! Smoothing and sampling are linear and treat rows and columns alike, so both passes of the filter
//! and the sampling are one small matrix per axis ([`Kernel`]). Only the 64x64 samples are ever
//! computed. Taking the sums of that matrix over the eight pixels of each block gives the same
//! hash from block means alone ([`from_block_means`]).

use super::blocks::{BLOCK, Blocks};

/// Side of the matrix of samples.
const SIDE: usize = 64;
/// Frequencies kept per axis.
const KEPT: usize = 16;
/// The divisor of the published quality metric.
const QUALITY_DIVISOR: u64 = 90;

/// What PDQ says about one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pdq {
    /// How much structure the hash rests on, 0 to 100; hashes under 50 should not be compared.
    pub quality: u32,
    /// The hashes of the picture in eight positions, each in the byte order of the usual hex form:
    /// 0 as it is, 1 turned by 90 degrees counter-clockwise, 2 by 180, 3 by 270, 4 upside down
    /// (top and bottom exchanged), 5 mirrored (left and right exchanged), 6 transposed (about the
    /// falling diagonal), 7 about the rising diagonal.
    pub dihedral: [[u8; 32]; 8],
}

/// The 64x64 samples of a smoothed picture, in grey levels.
type Samples = Vec<[f64; SIDE]>;
/// The kept DCT coefficients, `[vertical][horizontal]`, frequencies 1..=16.
type Coefficients = [[f64; KEPT]; KEPT];

/// PDQ from the pixels of a grey picture, row by row. `luma` holds `width * height` bytes.
#[must_use]
pub fn from_luma(luma: &[u8], width: u32, height: u32) -> Pdq {
    let (columns, rows) = (Kernel::of_pixels(width), Kernel::of_pixels(height));
    let lines = luma.chunks_exact(width.max(1) as usize);
    hash(&sample(lines, &columns, &rows, 1.0))
}

/// PDQ from block means, the box filter integrated over the blocks (see `Kernel::over_blocks`). On
/// street images of at least 1024 pixels it is 4 bits from [`from_luma`] on average and 8 at the
/// 95th percentile; smaller pictures are further off, and under 640 it is of no use.
#[must_use]
pub fn from_block_means(blocks: &Blocks) -> Pdq {
    let columns = Kernel::of_pixels(blocks.width).over_blocks(blocks.columns);
    let rows = Kernel::of_pixels(blocks.height).over_blocks(blocks.rows);
    let lines = blocks.means.chunks_exact(blocks.columns.max(1) as usize);
    hash(&sample(lines, &columns, &rows, 1.0 / 64.0))
}

/// How one sample on an axis is made of the values on it.
#[derive(Debug, Clone, Default)]
struct Taps {
    /// Index of the first value that counts.
    start: usize,
    /// Weights of the values from there on; they sum to 1.
    weights: Vec<f64>,
}

/// The two box filters and the sampling of one axis.
#[derive(Debug, Clone)]
struct Kernel(Vec<Taps>);

impl Kernel {
    /// For an axis of `length` pixels. The window is `ceil(length / 128)` wide, clipped at both
    /// ends of the axis, and sample `i` lies at pixel `floor((i + 1/2) * length / 64)`.
    fn of_pixels(length: u32) -> Self {
        let length = length.max(1) as usize;
        let full = length.div_ceil(2 * SIDE);
        let half = usize::midpoint(full, 2);
        let window = |at: usize| {
            let first = (at + half).saturating_sub(full);
            (first, (at + half).min(length))
        };
        let taps = (0..SIDE).map(|sample| {
            let centre = (2 * sample + 1) * length / (2 * SIDE);
            let (first, end) = window(centre);
            let start = window(first).0;
            let mut weights = vec![0.0; window(end.saturating_sub(1)).1 - start];
            let outer = 1.0 / to_f64(end - first);
            for inner in first..end {
                let (from, to) = window(inner);
                let weight = outer / to_f64(to - from);
                for slot in weights.iter_mut().take(to - start).skip(from - start) {
                    *slot += weight;
                }
            }
            Taps { start, weights }
        });
        Self(taps.collect())
    }

    /// The same kernel on the means of `count` blocks of eight pixels.
    ///
    /// Within a block the picture is taken to be the parabola that has the block's mean and, at its
    /// two borders, the values that the means on both sides suggest to fourth order (Colella and
    /// Woodward 1984). So each pixel's weight goes to five blocks; blocks that are not there are
    /// replaced by the last that is.
    fn over_blocks(self, count: u32) -> Self {
        let last = (count as usize).saturating_sub(1);
        let side = to_f64(BLOCK);
        // The mean of the squares of the eight places below: it keeps the mean of the parabola.
        let spread = (1.0 - 1.0 / (side * side)) / 12.0;
        let taps = self.0.into_iter().map(|taps| {
            let end = (taps.start + taps.weights.len()).saturating_sub(1);
            let start = (taps.start / BLOCK).saturating_sub(2);
            let mut weights = vec![0.0; (end / BLOCK + 2).min(last) + 1 - start];
            for (at, weight) in (taps.start..).zip(taps.weights) {
                // The place in the block, -1/2 to 1/2, and with
                // left border = 7/12 (m[-1] + m[0]) - 1/12 (m[-2] + m[1]), the right one likewise:
                // p = m[0] + place (right - left) + bend (left + right - 2 m[0]).
                let place = (to_f64(at % BLOCK) + 0.5) / side - 0.5;
                let bend = 3.0 * (place * place - spread);
                let (left, right) = ((bend - place) / 12.0, (bend + place) / 12.0);
                let shares = [
                    -left,
                    7.0 * left - right,
                    1.0 - 2.0 * bend + 7.0 * (left + right),
                    7.0 * right - left,
                    -right,
                ];
                for (step, share) in shares.into_iter().enumerate() {
                    let block = (at / BLOCK + step).saturating_sub(2).min(last);
                    if let Some(slot) = weights.get_mut(block - start) {
                        *slot += weight * share;
                    }
                }
            }
            Taps { start, weights }
        });
        Self(taps.collect())
    }
}

/// Applies both kernels to the lines of a picture.
fn sample<'a, V: Copy + Into<f64> + 'a>(
    lines: impl Iterator<Item = &'a [V]>,
    columns: &Kernel,
    rows: &Kernel,
    unit: f64,
) -> Samples {
    let mut samples = vec![[0.0; SIDE]; SIDE];
    let mut first_open = 0;
    for (y, line) in lines.enumerate() {
        // The taps of later samples start no earlier, so those that ended before y stay ended.
        let ended = rows.0.iter().skip(first_open);
        first_open += ended
            .take_while(|taps| taps.start + taps.weights.len() <= y)
            .count();
        let mut reduced: Option<[f64; SIDE]> = None;
        for (out, taps) in samples.iter_mut().zip(&rows.0).skip(first_open) {
            let Some(offset) = y.checked_sub(taps.start) else {
                break;
            };
            let Some(weight) = taps.weights.get(offset) else {
                continue;
            };
            let reduced = reduced.get_or_insert_with(|| reduce(line, columns));
            for (sum, value) in out.iter_mut().zip(reduced) {
                *sum += weight * *value;
            }
        }
    }
    for value in samples.as_flattened_mut() {
        *value *= unit;
    }
    samples
}

/// One line to its 64 samples.
fn reduce<V: Copy + Into<f64>>(line: &[V], columns: &Kernel) -> [f64; SIDE] {
    let mut reduced = [0.0; SIDE];
    for (out, taps) in reduced.iter_mut().zip(&columns.0) {
        let values = line.get(taps.start..).unwrap_or_default();
        *out = values
            .iter()
            .zip(&taps.weights)
            .fold(0.0, |sum, (value, weight)| sum + weight * (*value).into());
    }
    reduced
}

/// The hashes and the quality of a picture's samples.
fn hash(samples: &[[f64; SIDE]]) -> Pdq {
    let coefficients = transform(samples);
    Pdq {
        quality: quality(samples),
        dihedral: dihedral(&coefficients),
    }
}

/// The published quality metric: the sum of the differences between neighbours, each in whole
/// hundredths of the grey range, over 90, at most 100.
fn quality(samples: &[[f64; SIDE]]) -> u32 {
    let step = |a: f64, b: f64| -> u64 {
        // At most 100, and cut to whole numbers as the definition has it.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=100")]
        let whole = ((a - b) * 100.0 / 255.0).abs() as u64;
        whole
    };
    let mut sum = 0;
    for (above, below) in samples.iter().zip(samples.iter().skip(1)) {
        sum += above.iter().zip(below).map(|(a, b)| step(*a, *b)).sum::<u64>();
    }
    for row in samples {
        sum += row
            .iter()
            .zip(row.iter().skip(1))
            .map(|(a, b)| step(*a, *b))
            .sum::<u64>();
    }
    u32::try_from((sum / QUALITY_DIVISOR).min(100)).unwrap_or(100)
}

/// `D A D^T` with `D(k, n) = sqrt(2/64) cos(pi (2n + 1) k / 128)`, k in 1..=16.
fn transform(samples: &[[f64; SIDE]]) -> Coefficients {
    let scale = (2.0 / to_f64(SIDE)).sqrt();
    let cosines: [f64; 4 * SIDE] =
        std::array::from_fn(|at| scale * libm::cos(std::f64::consts::PI * to_f64(at) / to_f64(2 * SIDE)));
    let basis: [[f64; SIDE]; KEPT] = std::array::from_fn(|k| {
        std::array::from_fn(|n| {
            let at = ((2 * n + 1) * (k + 1)) % (4 * SIDE);
            cosines.get(at).copied().unwrap_or_default()
        })
    });
    // Columns first: vertical frequencies of each of the 64 columns.
    let mut vertical = [[0.0; SIDE]; KEPT];
    for (out, weights) in vertical.iter_mut().zip(&basis) {
        for (row, weight) in samples.iter().zip(weights) {
            for (sum, value) in out.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    vertical.map(|line| {
        std::array::from_fn(|k| {
            let weights = basis.get(k).into_iter().flatten();
            line.iter()
                .zip(weights)
                .fold(0.0, |sum, (value, weight)| sum + value * weight)
        })
    })
}

/// The hashes of the eight positions. Mirroring an axis changes the sign of its odd frequencies,
/// transposing exchanges the axes: no picture needs to be turned.
fn dihedral(coefficients: &Coefficients) -> [[u8; 32]; 8] {
    let hash = |transpose: bool, flip_rows: bool, flip_columns: bool| {
        let mut turned = *coefficients;
        for (i, row) in turned.iter_mut().enumerate() {
            for (j, slot) in row.iter_mut().enumerate() {
                let (from_i, from_j) = if transpose { (j, i) } else { (i, j) };
                let value = coefficients.get(from_i).and_then(|line| line.get(from_j));
                // Index i stands for the frequency i + 1.
                let odd = (flip_rows && i % 2 == 0) != (flip_columns && j % 2 == 0);
                let value = value.copied().unwrap_or_default();
                *slot = if odd { -value } else { value };
            }
        }
        bits(&turned)
    };
    [
        hash(false, false, false),
        hash(true, true, false),
        hash(false, true, true),
        hash(true, false, true),
        hash(false, true, false),
        hash(false, false, true),
        hash(true, false, false),
        hash(true, true, true),
    ]
}

/// One bit per coefficient: above the (lower) median or not. The first coefficient is the lowest
/// bit of the last byte, as in the usual hex form.
fn bits(coefficients: &Coefficients) -> [u8; 32] {
    let mut sorted = *coefficients;
    let (_, median, _) = sorted
        .as_flattened_mut()
        .select_nth_unstable_by(127, f64::total_cmp);
    let median = *median;
    let mut hash = [0; 32];
    for (byte, eight) in hash
        .iter_mut()
        .rev()
        .zip(coefficients.as_flattened().chunks_exact(8))
    {
        *byte = eight
            .iter()
            .rev()
            .fold(0, |bits, value| bits << 1 | u8::from(*value > median));
    }
    hash
}

#[cfg(test)]
pub(super) fn distance(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    use cairn_datasets::digest::Digest;
    crate::pdq::distance(&Digest(*a), &Digest(*b))
}

/// Counts here stay far under 2^53.
#[expect(clippy::cast_precision_loss, reason = "lengths of at most 65535")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
#[path = "pdq_tests.rs"]
mod tests;
