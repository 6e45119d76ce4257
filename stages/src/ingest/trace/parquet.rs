//! Parquet.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like Parquet.
pub(super) fn looks_like_parquet(_head: &[u8]) -> bool {
    false
}

/// Reads Parquet.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_parquet(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::Parquet.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
