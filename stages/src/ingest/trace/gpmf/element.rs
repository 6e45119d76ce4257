//! Elements of a GPMF block as scaled integers.

use super::klv::Block;
use crate::ingest::number::divide_rounded;

/// The streams that are read have ten fields at most.
const MOST_FIELDS: usize = 10;

/// One number of an element's type.
#[derive(Debug, Clone, Copy)]
enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
}

impl Number {
    /// The integer that a type letter of the format stands for; its floats and fixed-point numbers occur in no position.
    fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'b' => Self::I8,
            b'B' => Self::U8,
            b's' => Self::I16,
            b'S' => Self::U16,
            b'l' => Self::I32,
            b'L' => Self::U32,
            b'j' => Self::I64,
            b'J' => Self::U64,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 => 4,
            Self::I64 | Self::U64 => 8,
        }
    }

    fn read(self, bytes: &[u8]) -> Option<i64> {
        match self {
            Self::I8 => bytes.first_chunk().map(|b| i64::from(i8::from_be_bytes(*b))),
            Self::U8 => bytes.first_chunk().map(|b| i64::from(u8::from_be_bytes(*b))),
            Self::I16 => bytes.first_chunk().map(|b| i64::from(i16::from_be_bytes(*b))),
            Self::U16 => bytes.first_chunk().map(|b| i64::from(u16::from_be_bytes(*b))),
            Self::I32 => bytes.first_chunk().map(|b| i64::from(i32::from_be_bytes(*b))),
            Self::U32 => bytes.first_chunk().map(|b| i64::from(u32::from_be_bytes(*b))),
            Self::I64 => bytes.first_chunk().map(|b| i64::from_be_bytes(*b)),
            Self::U64 => bytes
                .first_chunk()
                .and_then(|b| i64::try_from(u64::from_be_bytes(*b)).ok()),
        }
    }
}

/// The first number of a block.
pub(super) fn first_number(block: &Block<'_>) -> Option<i64> {
    Number::of(block.kind)?.read(block.data)
}

/// The divisors of a stream's fields; one alone is for all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scales {
    divisors: [Option<i64>; MOST_FIELDS],
    alone: bool,
}

impl Scales {
    /// From a `SCAL` block.
    pub(super) fn read(block: &Block<'_>) -> Self {
        let mut scales = Self::default();
        if let Some(number) = Number::of(block.kind) {
            let mut divisors = block.data.chunks_exact(number.bytes());
            scales.alone = divisors.len() == 1;
            for (slot, divisor) in scales.divisors.iter_mut().zip(&mut divisors) {
                *slot = number.read(divisor).filter(|divisor| *divisor != 0);
            }
        }
        scales
    }

    fn of(&self, field: usize) -> Option<i64> {
        *self.divisors.get(if self.alone { 0 } else { field })?
    }
}

/// Where the fields of a block's elements lie.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    fields: [Option<(usize, Number)>; MOST_FIELDS],
    scales: Scales,
}

impl Layout {
    /// The layout of a block; `letters` is the stream's `TYPE`, which says what elements of the type `?` are made of.
    pub(super) fn of(block: &Block<'_>, letters: &[u8], scales: Scales) -> Self {
        let mut layout = Self {
            scales,
            ..Self::default()
        };
        let mut at = 0;
        for (place, slot) in layout.fields.iter_mut().enumerate() {
            let letter = if block.kind == b'?' {
                letters.get(place).copied()
            } else {
                Some(block.kind)
            };
            // What lies behind an unknown type has no known place.
            let Some(number) = letter.and_then(Number::of) else {
                break;
            };
            *slot = Some((at, number));
            at += number.bytes();
        }
        layout
    }

    /// A field as it is written.
    fn raw(&self, element: &[u8], field: usize) -> Option<i64> {
        let (at, number) = (*self.fields.get(field)?)?;
        number.read(element.get(at..)?)
    }

    /// A field in units of `10^-decimals`, rounded half away from zero; `None` without a divisor, since such a stream does
    /// not say what it counts.
    pub(super) fn scaled(&self, element: &[u8], field: usize, decimals: u32) -> Option<i64> {
        let value = i128::from(self.raw(element, field)?) * 10_i128.checked_pow(decimals)?;
        let scaled = divide_rounded(value, i128::from(self.scales.of(field)?));
        i64::try_from(scaled).ok()
    }
}
