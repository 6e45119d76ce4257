//! FIT.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like FIT.
pub(super) fn looks_like_fit(_head: &[u8]) -> bool {
    false
}

/// Reads FIT.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_fit(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::Fit.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
