//! TCX.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like TCX.
pub(super) fn looks_like_tcx(_head: &str) -> bool {
    false
}

/// Reads TCX.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_tcx(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::Tcx.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
