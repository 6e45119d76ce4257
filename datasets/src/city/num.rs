//! Conversions between floats and integers, in one place.
//!
//! The renderer crosses that border millions of times a frame. Each crossing here is total: `as` saturates
//! and turns NaN into 0, on every machine alike.

/// Largest integer not above `x`. Written out because a baseline x86-64 build calls a library for `f32::floor`.
#[inline]
pub(crate) fn floor(x: f32) -> i32 {
    let cut = trunc(x);
    if float(cut) > x { cut.wrapping_sub(1) } else { cut }
}

/// `x` without its fraction.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
pub(crate) fn trunc(x: f32) -> i32 {
    x as i32
}

/// `i` as a float; exact below 2^24, which covers rows, columns, floors and texels near the camera.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "callers stay below 2^24")]
pub(crate) fn float(i: i32) -> f32 {
    i as f32
}

/// A small unsigned count as a float.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "callers stay below 2^24")]
pub(crate) fn count(n: u32) -> f32 {
    n as f32
}

/// `x` rounded to single precision: rendering needs millimetres over a kilometre, not more.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "precision is given up on purpose")]
pub(crate) fn single(x: f64) -> f32 {
    x as f32
}

/// A colour channel: `x` clamped to 0..=255.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to integer cast saturates at both ends"
)]
pub(crate) fn byte(x: f32) -> u8 {
    x as u8
}

/// Index of the texel (`u`, `v`) in a 256 x 256 tile that repeats.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "masked to 16 bits, hence never negative")]
pub(crate) fn texel(u: i32, v: i32) -> usize {
    (((v & 255) << 8) | (u & 255)) as usize
}

/// The bits of `i`, for hashing.
#[inline]
pub(crate) fn bits(i: i32) -> u32 {
    i.cast_unsigned()
}

/// A row or column number, cut to `0..=limit`.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "clamped to non-negative first")]
pub(crate) fn index(x: f32, limit: usize) -> usize {
    (trunc(x).max(0) as usize).min(limit)
}

/// A position in a picture as a float; pictures are at most 4096 pixels a side.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "pictures are at most 4096 pixels a side"
)]
pub(crate) fn pixel(i: usize) -> f32 {
    i as f32
}

/// Nearest integer, halves away from zero, saturating.
#[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
pub(crate) fn round(x: f64) -> i64 {
    (if x < 0.0 { x - 0.5 } else { x + 0.5 }) as i64
}

/// Nearest non-negative integer, saturating at both ends.
pub(crate) fn round_unsigned(x: f64) -> u32 {
    u32::try_from(round(x).max(0)).unwrap_or(u32::MAX)
}

/// Nearest integer in 32 bits, saturating at both ends.
pub(crate) fn round_small(x: f64) -> i32 {
    let whole = round(x);
    i32::try_from(whole).unwrap_or(if whole < 0 { i32::MIN } else { i32::MAX })
}

/// `n` as a double; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "times and counts stay below 2^53")]
pub(crate) fn double(n: i64) -> f64 {
    n as f64
}

/// A 32-bit hash of four numbers: the same on every machine, and well mixed in every bit.
#[inline]
pub(crate) fn mix(what: u32, which: u32, more: u32, purpose: u32) -> u32 {
    let mut hash = what
        .wrapping_mul(0x9e37_79b1)
        .wrapping_add(which.wrapping_mul(0x85eb_ca77))
        .wrapping_add(more.wrapping_mul(0xc2b2_ae3d))
        .wrapping_add(purpose.wrapping_mul(0x27d4_eb2f));
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
    hash ^ (hash >> 15)
}

/// Eight bits of a hash, from bit `shift`, as a share 0..=1.
#[inline]
pub(crate) fn part(hash: u32, shift: u32) -> f32 {
    count((hash >> shift) & 255) / 255.0
}
