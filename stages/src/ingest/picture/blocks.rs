//! A picture as its 8x8 blocks: the mean of each and what the DCT says about the rest.
//!
//! This is the seam between readers and features. Here the blocks are taken from pixels; a reader
//! of JPEG coefficients can fill the same [`Blocks`] without any pixel.

/// Side of a block in pixels.
pub const BLOCK: usize = 8;
/// Coefficients of a block.
pub const COEFFICIENTS: usize = BLOCK * BLOCK;
/// Side of the grid of cells in which AC energy is summed.
pub const GRID: usize = 8;
/// Cells of that grid.
pub const CELLS: usize = GRID * GRID;

/// Blocks of one run are summed in 32 bits: at quarter levels a squared coefficient stays under
/// 2^24, so 128 of them fit.
const RUN: usize = 128;
/// Squared coefficients are summed at quarter levels, so in sixteenths.
const SIXTEENTHS: u64 = 16;

/// The block domain of a picture: everything its features are made of.
///
/// Coefficients are those of the orthonormal 8x8 DCT, which are those of JPEG after dequantisation:
/// `F(u,v) = 1/4 C(u) C(v) sum p(x,y) cos((2x+1)u pi/16) cos((2y+1)v pi/16)`, `C(0) = sqrt(1/2)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels; of a truncated picture, of what was read.
    pub height: u32,
    /// Blocks across: `ceil(width / 8)`.
    pub columns: u32,
    /// Blocks down: `ceil(height / 8)`.
    pub rows: u32,
    /// Mean of each block, row by row, in 1/64 grey level: the sum of its 64 pixels, 0 to 16320.
    /// From a JPEG: `8 * DC + 8192`, clamped.
    pub means: Vec<u16>,
    /// `E(u,v)` at `8 * v + u`: the squared coefficients summed over all blocks, in grey levels
    /// squared. `E(0,0)` is 0: the means say it better.
    pub energies: [u64; COEFFICIENTS],
    /// AC energy of the blocks of each cell of an 8x8 grid, row by row, in grey levels squared. The
    /// block in column `c` lies in the grid's column `8 * c / columns`, and so with rows.
    pub cell_energies: [u64; CELLS],
}

impl Blocks {
    /// The blocks of a grey picture of `width * height` pixels, row by row.
    ///
    /// Blocks over the right or lower edge are filled up by repeating the last pixel, as JPEG
    /// encoders do. A coefficient under 1 counts as none: the rounding of pixels to whole levels
    /// adds 0.29 (one sigma) to each, which in smooth pictures would outweigh what is there.
    ///
    /// Pixels missing in `luma` leave out their rows: `height` says how many were used.
    #[must_use]
    pub fn of_luma(luma: &[u8], width: u32) -> Self {
        let across = width.max(1) as usize;
        let columns = across.div_ceil(BLOCK);
        let height = luma.len() / across;
        let rows = height.div_ceil(BLOCK);
        let mut means = Vec::with_capacity(columns * rows);
        let mut energies = [0; COEFFICIENTS];
        let mut cell_energies = [0; CELLS];
        let mut strip = vec![[[0; BLOCK]; BLOCK]; columns];
        for (y, lines) in luma.chunks(across * BLOCK).take(rows).enumerate() {
            fill_strip(&mut strip, lines, across);
            let first_cell = GRID * (GRID * y / rows);
            for (x, cell) in cell_energies.iter_mut().skip(first_cell).take(GRID).enumerate() {
                // Columns c with floor(8 c / columns) == x.
                let from = (x * columns).div_ceil(GRID);
                let to = ((x + 1) * columns).div_ceil(GRID);
                for run in strip.get(from..to).unwrap_or_default().chunks(RUN) {
                    *cell += add_run(run, &mut means, &mut energies);
                }
            }
        }
        Self {
            width,
            height: saturate(height),
            columns: saturate(columns),
            rows: saturate(rows),
            means,
            energies: energies.map(|sum| (sum + SIXTEENTHS / 2) / SIXTEENTHS),
            cell_energies: cell_energies.map(|sum| (sum + SIXTEENTHS / 2) / SIXTEENTHS),
        }
    }
}

/// Cuts up to eight lines into blocks, repeating the last pixel and the last line as needed.
fn fill_strip(strip: &mut [[[u8; BLOCK]; BLOCK]], lines: &[u8], across: usize) {
    let mut lines = lines.chunks_exact(across);
    let mut line = lines.next().unwrap_or_default();
    for row in 0..BLOCK {
        let (whole, rest) = line.as_chunks::<BLOCK>();
        for (block, pixels) in strip.iter_mut().zip(whole) {
            if let Some(slot) = block.get_mut(row) {
                *slot = *pixels;
            }
        }
        if let (Some(last), Some(slot)) = (rest.last(), strip.last_mut().and_then(|block| block.get_mut(row)))
        {
            *slot = [*last; BLOCK];
            slot.iter_mut().zip(rest).for_each(|(slot, pixel)| *slot = *pixel);
        }
        line = lines.next().unwrap_or(line);
    }
}

/// Adds at most [`RUN`] blocks; gives their AC energy in sixteenths.
fn add_run(run: &[[[u8; BLOCK]; BLOCK]], means: &mut Vec<u16>, energies: &mut [u64; COEFFICIENTS]) -> u64 {
    let mut sums = [[0_u32; BLOCK]; BLOCK];
    for block in run {
        means.push(add_block(block, &mut sums));
    }
    // `sums` is indexed [u][v] (see `add_block`).
    let mut total = 0;
    for (u, column) in sums.iter().enumerate() {
        for (sum, energy) in column.iter().zip(energies.iter_mut().skip(u).step_by(BLOCK)) {
            *energy += u64::from(*sum);
            total += u64::from(*sum);
        }
    }
    total
}

/// Eight numbers side by side; written so that the compiler makes vector instructions of it.
type Lanes = [f32; BLOCK];

/// Adds the squared AC coefficients of one block, in sixteenths, to `sums[u][v]`, and gives the sum
/// of its pixels.
///
/// The floats are multiplied and added in a fixed order and rounded to quarter levels here: the
/// same bits on every machine.
#[inline]
fn add_block(block: &[[u8; BLOCK]; BLOCK], sums: &mut [[u32; BLOCK]; BLOCK]) -> u16 {
    /// 1.5 * 2^23: added to a float under 2^22, it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let pixels: [Lanes; BLOCK] = block.map(|row| row.map(f32::from));
    // Down the columns, turn, and down the columns again: [u][v] comes out.
    let coefficients = dct(transpose(&dct(pixels)));
    let mut sum = 0;
    for (u, ((lanes, scales), sums)) in coefficients
        .iter()
        .zip(&QUARTERS)
        .zip(sums.iter_mut())
        .enumerate()
    {
        let mut quarters: [i32; BLOCK] = [0; BLOCK];
        for ((slot, lane), scale) in quarters.iter_mut().zip(lanes).zip(scales) {
            *slot = (lane * scale + ROUND).to_bits().cast_signed() - ROUND.to_bits().cast_signed();
        }
        if u == 0 {
            // Unscaled, the first coefficient is the sum itself, exactly; QUARTERS has it at 1.
            sum = quarters[0];
            quarters[0] = 0;
        }
        for (slot, quarter) in sums.iter_mut().zip(quarters) {
            let counted = if (-3..=3).contains(&quarter) { 0 } else { quarter };
            *slot = slot.wrapping_add((counted * counted).cast_unsigned());
        }
    }
    u16::try_from(sum).unwrap_or_default()
}

/// What takes the output of [`dct`] in both directions to quarters of the orthonormal transform:
/// `4 / (8 a(u) a(v))`, `a(0) = 1`, `a(k) = sqrt(2) cos(k pi / 16)`; 1 at (0,0).
const QUARTERS: [Lanes; BLOCK] = {
    const A: [f32; BLOCK] = [
        1.0,
        1.387_039_8,
        1.306_563,
        1.175_875_6,
        1.0,
        0.785_694_96,
        0.541_196_1,
        0.275_899_38,
    ];
    let mut scales = [[0.0; BLOCK]; BLOCK];
    let mut u = 0;
    while u < BLOCK {
        let mut v = 0;
        while v < BLOCK {
            scales[u][v] = 0.5 / (A[u] * A[v]);
            v += 1;
        }
        u += 1;
    }
    scales[0][0] = 1.0;
    scales
};

/// The eight-point DCT of Arai, Agui and Nakajima (1988), five multiplications, over each lane.
/// Output `k` is `a(k) * sqrt(8)` times the orthonormal one.
#[inline]
fn dct(x: [Lanes; BLOCK]) -> [Lanes; BLOCK] {
    /// cos(2 pi / 8)
    const C4: f32 = std::f32::consts::FRAC_1_SQRT_2;
    /// sin(pi / 8)
    const S2: f32 = 0.382_683_43;
    /// cos(pi / 8) - sin(pi / 8)
    const C2_LESS_S2: f32 = 0.541_196_1;
    /// cos(pi / 8) + sin(pi / 8)
    const C2_PLUS_S2: f32 = 1.306_563;

    let [x0, x1, x2, x3, x4, x5, x6, x7] = x;
    let (s07, d07) = (add(x0, x7), sub(x0, x7));
    let (s16, d16) = (add(x1, x6), sub(x1, x6));
    let (s25, d25) = (add(x2, x5), sub(x2, x5));
    let (s34, d34) = (add(x3, x4), sub(x3, x4));

    let (outer, outer_d) = (add(s07, s34), sub(s07, s34));
    let (inner, inner_d) = (add(s16, s25), sub(s16, s25));
    let turned = times(add(inner_d, outer_d), C4);

    let (low, mid, high) = (add(d34, d25), add(d25, d16), add(d16, d07));
    let shared = times(sub(low, high), S2);
    let low = add(times(low, C2_LESS_S2), shared);
    let high = add(times(high, C2_PLUS_S2), shared);
    let mid = times(mid, C4);
    let (plus, minus) = (add(d07, mid), sub(d07, mid));
    [
        add(outer, inner),
        add(plus, high),
        add(outer_d, turned),
        sub(minus, low),
        sub(outer, inner),
        add(minus, low),
        sub(outer_d, turned),
        sub(plus, high),
    ]
}

#[inline]
fn add(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] + b[lane])
}

#[inline]
fn sub(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] - b[lane])
}

#[inline]
fn times(a: Lanes, factor: f32) -> Lanes {
    a.map(|value| value * factor)
}

#[inline]
fn transpose(rows: &[Lanes; BLOCK]) -> [Lanes; BLOCK] {
    std::array::from_fn(|column| std::array::from_fn(|row| rows[row][column]))
}

/// Sizes here come from `u32` dimensions.
fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
#[path = "blocks_tests.rs"]
mod tests;
