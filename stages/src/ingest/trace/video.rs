//! MP4.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like MP4.
pub(super) fn looks_like_video(_head: &[u8]) -> bool {
    false
}

/// Reads MP4.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_video(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::Video.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
