//! `GnssLogger`.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like `GnssLogger`.
pub(super) fn looks_like_gnss_logger(_head: &str) -> bool {
    false
}

/// Reads `GnssLogger`.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_gnss_logger(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::GnssLogger.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
