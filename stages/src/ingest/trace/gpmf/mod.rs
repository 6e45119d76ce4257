//! GPMF, the telemetry of `GoPro` cameras and drones, as it comes out of a video or stands in a file of its own.
//!
//! A file is a row of payloads, a `DEVC` for each device and second, and each holds a `STRM` for each sensor. Nothing
//! deeper holds positions, so the reader goes down these two steps and no further. The streams that are read:
//!
//! - `GPS5` (`HERO5` to `HERO11`, Fusion): some 18 positions a second that share one time, one fix type and one dilution of
//!   precision. Each gets its own time by [`clock::Pace`]. The shared time comes from another clock than the positions: a
//!   `HERO11` wrote it 1.4 s after the time in its `GPS9`.
//! - `GPS9` (`HERO11` and later): each position with its own time, fix type and dilution. Where a device writes both, its
//!   `GPS5` is the same once more and is left.
//! - `GPRI` (Karma): what the drone's receiver said. Its times count from the drone's start, and `SYST` says when that was.
//!   The drone's own estimate of its position, `GLPI`, is no measurement and is only counted.
//!
//! The reader is our own: the kept crate for it, `telemetry-parser`, gives floats, unwraps in places and has fifteen dependencies.

mod clock;
mod element;
#[cfg(test)]
pub(super) mod fixture;
mod klv;
mod telemetry;

use self::klv::Blocks;
pub(super) use self::telemetry::Telemetry;
use super::{TraceContent, TraceError, TraceFormat, TraceLimits};

/// Whether the bytes begin like GPMF: with a device that holds blocks.
pub(super) fn looks_like_gpmf(head: &[u8]) -> bool {
    Blocks::new(head, 0).next().is_some_and(|first| {
        first.is_ok_and(|block| block.at == 0 && block.key == *b"DEVC" && block.kind == 0 && block.size > 0)
    })
}

/// Reads the positions of a GPMF file; each device's are a segment.
///
/// # Errors
/// [`TraceError`] when the bytes do not begin with a device; a file that only breaks later is `Ok` with a fault.
pub fn read_gpmf(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    if bytes.trim_ascii().is_empty() {
        return Err(TraceError::Empty);
    }
    if !looks_like_gpmf(bytes) {
        return Err(TraceError::NotThat {
            format: TraceFormat::Gpmf.name(),
            what: "no `DEVC` block".to_owned(),
            byte: 0,
        });
    }
    let mut telemetry = Telemetry::new(limits);
    let fault = telemetry.read(bytes, 0).err();
    let mut content = telemetry.finish();
    content.fault = fault;
    Ok(content)
}

#[cfg(test)]
#[path = "gpmf_tests.rs"]
pub(super) mod tests;
