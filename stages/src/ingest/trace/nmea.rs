//! NMEA 0183.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like NMEA 0183.
pub(super) fn looks_like_nmea(_head: &[u8]) -> bool {
    false
}

/// Reads NMEA 0183.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_nmea(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::Nmea.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
