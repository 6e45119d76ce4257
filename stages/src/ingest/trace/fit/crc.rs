//! The checksum of FIT: CRC-16 with the polynomial 0x8005, reflected, from 0.

/// Bytes of a checksum, low byte first.
pub(super) const BYTES: usize = 2;

/// What each half of a byte adds.
const BY_NIBBLE: [u16; 16] = [
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401, 0x5000,
    0x9C01, 0x8801, 0x4400,
];

/// The checksum of the bytes. Over bytes that end in their own checksum it is 0.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let crc = fold_nibble(crc, byte & 0xF);
        fold_nibble(crc, byte >> 4)
    })
}

fn fold_nibble(crc: u16, nibble: u8) -> u16 {
    let at = usize::from((crc & 0xF) ^ u16::from(nibble));
    (crc >> 4) ^ BY_NIBBLE.get(at).copied().unwrap_or(0)
}
