//! A point in well-known binary: the ISO and the extended form, in either byte order.
//!
//! The `wkb` crate reads geometries of every kind and asks for a trait more than a position needs.

use crate::ingest::decimal::degrees_e7;
use crate::ingest::number::round_f64;

/// Longitude and latitude in degrees, where the bytes are one point in no system or in WGS 84 (4326).
pub(super) fn point_of_wkb(bytes: &[u8]) -> Option<(f64, f64)> {
    const HAS_Z: u32 = 0x8000_0000;
    const HAS_M: u32 = 0x4000_0000;
    const HAS_SRID: u32 = 0x2000_0000;
    let (order, rest) = bytes.split_first()?;
    let little = match order {
        0 => false,
        1 => true,
        _ => return None,
    };
    let u32_of = |four: [u8; 4]| {
        if little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        }
    };
    let (kind, mut rest) = rest.split_first_chunk::<4>()?;
    let kind = u32_of(*kind);
    if kind & HAS_SRID != 0 {
        let (srid, after) = rest.split_first_chunk::<4>()?;
        (u32_of(*srid) == 4_326).then_some(())?;
        rest = after;
    }
    // ISO adds 1000 for Z, 2000 for M; the extended form sets bits.
    matches!(kind & !(HAS_Z | HAS_M | HAS_SRID), 1 | 1_001 | 2_001 | 3_001).then_some(())?;
    let f64_of = |eight: [u8; 8]| {
        if little {
            f64::from_le_bytes(eight)
        } else {
            f64::from_be_bytes(eight)
        }
    };
    let (x, rest) = rest.split_first_chunk::<8>()?;
    let (y, _) = rest.split_first_chunk::<8>()?;
    Some((f64_of(*x), f64_of(*y)))
}

/// Degrees as 1e-7 degrees, rounded once, half away from zero; `None` when not finite or further than `limit` whole degrees
/// from zero.
pub(super) fn degrees_of_f64(degrees: f64, limit: i64) -> Option<i32> {
    round_f64(degrees * 1e7).and_then(|value| degrees_e7(value, limit))
}

/// The bytes that a text of hexadecimal digits spells, where there are at most `most`.
pub(super) fn hexadecimal(text: &[u8], most: usize) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() || pairs.len() > most {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok())
        .collect()
}

#[cfg(test)]
#[path = "wkb_point_tests.rs"]
mod tests;
