//! `GeoJSON`.

use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like `GeoJSON`.
pub(super) fn looks_like_geojson(_head: &str) -> bool {
    false
}

/// Reads `GeoJSON`.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_geojson(_bytes: &[u8], _limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    Err(TraceError::NotThat {
        format: TraceFormat::GeoJson.name(),
        what: "this version does not read it".to_owned(),
        byte: 0,
    })
}
