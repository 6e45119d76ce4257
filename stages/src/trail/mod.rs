//! Trails: where a track was and when, thinned to what it takes to hold tracks against each other
//! (D6), and the cells where they meet.
//!
//! | file | what |
//! |---|---|
//! | [`windows`] | the windows of a trail |
//! | [`visits`] | the passages of a track through the cells where tracks are compared |
//! | [`plane`] | a trail in millimetres around such a cell, to be asked by time |

pub mod plane;
pub mod visits;
pub mod windows;

use cairn_datasets::units::{Position, Timestamp};

/// A moment on a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
}

/// Moments further apart than this in ms are kept of a track; half a second lost at each end of a
/// braking at 3 m/s² is 6 m, half of what tells two drives apart.
const STEP_MS: i64 = 4_000;

/// Thins a track to moments at least [`STEP_MS`] apart, its first and its last among them.
#[must_use]
pub fn thin(moments: &[Moment]) -> Vec<Moment> {
    let mut kept: Vec<Moment> = Vec::new();
    for moment in moments {
        if kept.last().is_none_or(|last| moment.at.since(last.at) >= STEP_MS) {
            kept.push(*moment);
        }
    }
    if let Some(end) = moments.last()
        && kept.last() != Some(end)
    {
        kept.push(*end);
    }
    kept
}

/// Packs moments: the differences of time in ms, latitude and longitude in 1e-7 degrees from one to
/// the next, from zero at first, each as a zigzag base-128 number.
#[must_use]
pub fn pack(moments: &[Moment]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(moments.len() * 7);
    let mut before = [0_i64; 3];
    for moment in moments {
        let values = values(moment);
        for (value, before) in values.iter().zip(before) {
            write(&mut bytes, value.wrapping_sub(before));
        }
        before = values;
    }
    bytes
}

/// Back from [`pack`]; what is cut short or out of range ends the list.
#[must_use]
pub fn unpack(mut bytes: &[u8]) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(bytes.len() / 6);
    let mut values = [0_i64; 3];
    while !bytes.is_empty() {
        for value in &mut values {
            let Some(step) = read(&mut bytes) else {
                return moments;
            };
            *value = value.wrapping_add(step);
        }
        let [at, lat, lon] = values;
        let (Ok(lat), Ok(lon)) = (i32::try_from(lat), i32::try_from(lon)) else {
            return moments;
        };
        let Some(position) = Position::new(lat, lon) else {
            return moments;
        };
        moments.push(Moment {
            at: Timestamp(at),
            position,
        });
    }
    moments
}

fn values(moment: &Moment) -> [i64; 3] {
    let Position { lat_e7, lon_e7 } = moment.position;
    [moment.at.0, lat_e7.into(), lon_e7.into()]
}

fn write(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = (value << 1 ^ value >> 63).cast_unsigned();
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
#[path = "trail_tests.rs"]
mod tests;
