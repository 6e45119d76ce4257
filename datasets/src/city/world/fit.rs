//! Writes FIT: a header, a `file_id`, a `record` for each fix, and checksums.

use super::super::num;
use super::super::streets::Projection;
use super::outing::Fix;

/// 1989-12-31T00:00:00Z, from which FIT counts, in seconds since 1970.
const EPOCH_S: i64 = 631_065_600;
/// Numbers of messages.
const FILE_ID: u16 = 0;
const RECORD: u16 = 20;
/// Numbers of base types.
const ENUM: u8 = 0x00;
const UINT8: u8 = 0x02;
const UINT16: u8 = 0x84;
const SINT32: u8 = 0x85;
const UINT32: u8 = 0x86;
/// Manufacturer of those who are none.
const DEVELOPMENT: u16 = 255;
/// A file of what was recorded.
const ACTIVITY: u8 = 4;

/// An activity of the fixes. Times are cut to seconds, as the format has them.
pub(super) fn fit(fixes: &[Fix], projection: &Projection) -> Vec<u8> {
    let mut data = Vec::with_capacity(fixes.len() * 20 + 80);
    let created = fixes.first().map_or(0, |fix| timestamp(fix.time_ms));
    // Field number, size, base type.
    define(
        &mut data,
        0,
        FILE_ID,
        &[[0, 1, ENUM], [1, 2, UINT16], [2, 2, UINT16], [4, 4, UINT32]],
    );
    data.push(0);
    data.push(ACTIVITY);
    data.extend_from_slice(&DEVELOPMENT.to_le_bytes());
    data.extend_from_slice(&1_u16.to_le_bytes());
    data.extend_from_slice(&created.to_le_bytes());
    let fields = [
        [253, 4, UINT32],
        [0, 4, SINT32],
        [1, 4, SINT32],
        [2, 2, UINT16],
        [6, 2, UINT16],
        [31, 1, UINT8],
    ];
    define(&mut data, 1, RECORD, &fields);
    for fix in fixes {
        let (lat_e7, lon_e7) = projection.to_e7(fix.at);
        data.push(1);
        data.extend_from_slice(&timestamp(fix.time_ms).to_le_bytes());
        data.extend_from_slice(&semicircles(lat_e7).to_le_bytes());
        data.extend_from_slice(&semicircles(lon_e7).to_le_bytes());
        // Fifths of a metre above a point 500 m below the sea; mm/s; whole metres.
        data.extend_from_slice(&short(5.0 * (fix.elevation_m + 500.0)).to_le_bytes());
        data.extend_from_slice(&short(1_000.0 * fix.speed_m_s).to_le_bytes());
        data.push(u8::try_from(num::round_unsigned(fix.accuracy_m).min(254)).unwrap_or(254));
    }
    let mut out = vec![14, 0x20];
    out.extend_from_slice(&2_132_u16.to_le_bytes());
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(b".FIT");
    out.extend_from_slice(&crc(&out).to_le_bytes());
    out.append(&mut data);
    out.extend_from_slice(&crc(&out).to_le_bytes());
    out
}

/// A definition message: local type, global number, and the fields.
fn define(data: &mut Vec<u8>, local: u8, global: u16, fields: &[[u8; 3]]) {
    // Reserved, then 0 for the little end first.
    data.extend_from_slice(&[0x40 | local, 0, 0]);
    data.extend_from_slice(&global.to_le_bytes());
    data.push(u8::try_from(fields.len()).unwrap_or(u8::MAX));
    data.extend(fields.iter().flatten());
}

fn timestamp(time_ms: i64) -> u32 {
    u32::try_from(time_ms.div_euclid(1_000) - EPOCH_S).unwrap_or(0)
}

/// Below the value that stands for none.
fn short(x: f64) -> u16 {
    u16::try_from(num::round_unsigned(x).min(65_534)).unwrap_or(65_534)
}

/// 2^31 of them are 180 degrees; nearest, halves away from zero.
fn semicircles(e7: i32) -> i32 {
    let size = (i64::from(e7.unsigned_abs()) << 31) + 900_000_000;
    let nearest = size / 1_800_000_000 * i64::from(e7.signum());
    i32::try_from(nearest).unwrap_or(i32::MAX - 1)
}

/// The checksum of the FIT protocol: CRC-16 with the polynomial 0xA001, bits from the lowest.
fn crc(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0xA001;
            }
        }
    }
    crc
}
