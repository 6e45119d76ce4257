//! A small copy of a picture, for clause D4 to align the edges of crops and borders (see [`crate::alike`]).

use super::blocks::{BLOCK, Blocks};
use crate::alike::SIDE;

/// A block mean is given in 1/64 grey level.
const MEAN_UNIT: u64 = 64;

/// The picture at 32x32, a byte of luma each, row by row: the mean grey level of each cell of that grid, of the
/// block means weighted by how much of the block lies in the cell. All zero for a picture without pixels.
#[must_use]
pub fn thumbnail(blocks: &Blocks) -> Vec<u8> {
    let columns = Share::of_axis(blocks.width, blocks.columns);
    let rows = Share::of_axis(blocks.height, blocks.rows);
    let mut sums = vec![[0_u64; SIDE]; SIDE];
    let lines: Vec<&[u16]> = blocks
        .means
        .chunks_exact(blocks.columns.max(1) as usize)
        .collect();
    // The columns of each line of blocks, then the lines: each is summed once however many cells it crosses.
    let across: Vec<[u64; SIDE]> = lines.iter().map(|line| sum_line(line, &columns)).collect();
    for row in rows {
        let (Some(sums), Some(line)) = (sums.get_mut(row.cell), across.get(row.block)) else {
            continue;
        };
        for (sum, part) in sums.iter_mut().zip(line) {
            *sum += row.weight * part;
        }
    }
    // The weights of a cell sum to the length of its axis.
    let whole = u64::from(blocks.width) * u64::from(blocks.height) * MEAN_UNIT;
    let level = |sum: &u64| {
        (sum + whole / 2)
            .checked_div(whole)
            .and_then(|level| u8::try_from(level).ok())
    };
    sums.as_flattened()
        .iter()
        .map(|sum| level(sum).unwrap_or_default())
        .collect()
}

fn sum_line(line: &[u16], columns: &[Share]) -> [u64; SIDE] {
    let mut sums = [0; SIDE];
    for column in columns {
        if let (Some(sum), Some(mean)) = (sums.get_mut(column.cell), line.get(column.block)) {
            *sum += column.weight * u64::from(*mean);
        }
    }
    sums
}

/// What a block gives to a cell of an axis.
struct Share {
    cell: usize,
    block: usize,
    /// In 1/32 pixel.
    weight: u64,
}

impl Share {
    /// Every overlap of a block of an axis of so many pixels with a cell.
    fn of_axis(length: u32, blocks: u32) -> Vec<Self> {
        let (length, side) = (length as usize, BLOCK * SIDE);
        let shares = (0..SIDE).flat_map(|cell| {
            let (from, to) = (cell * length, (cell + 1) * length);
            (from / side..to.div_ceil(side)).map(move |block| Self {
                cell,
                block,
                weight: to.min((block + 1) * side).saturating_sub(from.max(block * side)) as u64,
            })
        });
        shares.filter(|share| share.block < blocks as usize).collect()
    }
}

#[cfg(test)]
#[path = "thumbnail_tests.rs"]
mod tests;
