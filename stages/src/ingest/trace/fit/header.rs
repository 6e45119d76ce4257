//! The header of a FIT file.

use super::crc::crc16;

const MAGIC: &[u8] = b".FIT";
const MAGIC_AT: usize = 8;
/// Bytes of the oldest header; later ones are longer, and say how long.
const LEAST_BYTES: usize = 12;

/// Whether the bytes begin like a FIT header.
pub(super) fn has_magic(head: &[u8]) -> bool {
    let long_enough = head.first().is_some_and(|size| usize::from(*size) >= LEAST_BYTES);
    long_enough && head.get(MAGIC_AT..).is_some_and(|rest| rest.starts_with(MAGIC))
}

/// The header of one file of a chain. Places are byte offsets in the object.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) start: usize,
    pub(super) data_start: usize,
    /// Bytes of data that the header promises; 0 where a recorder had no time to write it.
    pub(super) data_size: usize,
    pub(super) protocol_major: u8,
    pub(super) checksum_is_wrong: bool,
}

/// What was missed where a header had to be.
#[derive(Debug)]
pub(super) struct NoHeader {
    pub(super) what: String,
    pub(super) at: usize,
}

impl Header {
    /// Reads the header at `start`.
    pub(super) fn read(bytes: &[u8], start: usize) -> Result<Self, NoHeader> {
        let rest = bytes.get(start..).unwrap_or_default();
        let Some(fixed) = rest.first_chunk::<LEAST_BYTES>() else {
            let what = format!("{} bytes, and a header has at least {LEAST_BYTES}", rest.len());
            return Err(NoHeader { what, at: start });
        };
        let [size, protocol, _, _, s0, s1, s2, s3, magic @ ..] = fixed;
        if magic != MAGIC {
            return Err(NoHeader {
                what: "no `.FIT` in the header".to_owned(),
                at: start.saturating_add(MAGIC_AT),
            });
        }
        let size = usize::from(*size);
        let header = rest.get(..size).filter(|header| header.len() >= LEAST_BYTES);
        let Some(header) = header else {
            let what = format!("a header of {size} bytes where {} are left", rest.len());
            return Err(NoHeader { what, at: start });
        };
        // A checksum of 0 stands for none.
        let checksum_is_wrong = header
            .get(LEAST_BYTES..)
            .and_then(<[u8]>::first_chunk)
            .is_some_and(|given| {
                !matches!(u16::from_le_bytes(*given), 0) && *given != crc16(fixed).to_le_bytes()
            });
        Ok(Self {
            start,
            data_start: start.saturating_add(size),
            data_size: usize::try_from(u32::from_le_bytes([*s0, *s1, *s2, *s3])).unwrap_or(usize::MAX),
            protocol_major: protocol >> 4,
            checksum_is_wrong,
        })
    }
}
