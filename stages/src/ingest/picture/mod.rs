//! From the bytes of one picture to everything Cairn wants to know about it, in one decode.
//!
//! [`read`] takes a JPEG, PNG or WebP file and gives its size, the digest of its picture data (clause D2)
//! and its [`Features`]. Nothing in a file can make it panic, hang or use more memory than its
//! announced size within [`PictureLimits`] explains.
//!
//! The path of a JPEG: [`jpeg::scan`] walks the markers and makes the *canonical stream*, the file
//! without anything that is not picture. That stream is hashed, and nothing else is decoded.

pub mod blocks;
mod decode;
pub mod features;
pub mod jpeg;
pub mod pdq;
mod png;
pub mod thumbnail;
mod unread;
mod webp;

pub use blocks::Blocks;
pub use features::Features;
pub use unread::unread_format;

use crate::caught::caught;

/// A picture whose longer side is under this has its perceptual hash taken from pixels, in pixels:
/// there are too few blocks for it.
const PIXEL_HASH_UNDER: u32 = 640;

/// What a reader may be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Largest width times height that is decoded, in pixels (clause O4).
    pub max_pixels: u64,
}

impl Default for PictureLimits {
    fn default() -> Self {
        Self {
            max_pixels: 200_000_000,
        }
    }
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// JPEG, sequential or progressive Huffman, 8 bit.
    Jpeg,
    /// PNG of any colour type and depth; of an animation, the default picture.
    Png,
    /// WebP, lossy or lossless, with or without alpha; of an animation, the first frame.
    WebP,
}

impl PictureFormat {
    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        }
    }
}

/// One picture, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What the file is.
    pub format: PictureFormat,
    /// Announced width in pixels, before any EXIF orientation.
    pub width: u32,
    /// Announced height in pixels, before any EXIF orientation.
    pub height: u32,
    /// Clause D2. JPEG: SHA-256 of the canonical stream (see [`jpeg::Scanned::stream`]); PNG and
    /// WebP: SHA-256 of the decoded pixels (see the module `png`).
    pub picture_sha256: [u8; 32],
    /// What the picture shows; of a broken picture, the rows before the fault.
    pub features: Features,
    /// What is broken and where, if anything is.
    pub fault: Option<String>,
}

/// Why a picture gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Clause O4: more pixels than the limit.
    #[error("the picture has {width} x {height} pixels, over the limit of {limit}")]
    TooManyPixels {
        /// Announced width in pixels.
        width: u32,
        /// Announced height in pixels.
        height: u32,
        /// The limit, in pixels.
        limit: u64,
    },
    /// Broken before anything of the picture could be read.
    #[error("unreadable at byte {offset}: {what}")]
    Unreadable {
        /// Where in the file, in bytes from its start.
        offset: u64,
        /// What was found or missed there.
        what: String,
    },
    /// A sound file of a kind that is not read.
    #[error("unsupported: {what}")]
    Unsupported {
        /// The kind.
        what: String,
    },
}

/// Grey pixels and what is known besides.
struct Luma {
    /// Rows of `width` bytes; only those that were read.
    pixels: Vec<u8>,
    width: u32,
    height: u32,
    picture_sha256: [u8; 32],
    fault: Option<String>,
}

/// The format of a file by its first bytes.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<PictureFormat> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(PictureFormat::Jpeg)
    } else if bytes.starts_with(png::SIGNATURE) {
        Some(PictureFormat::Png)
    } else if webp::is_webp(bytes) {
        Some(PictureFormat::WebP)
    } else {
        None
    }
}

/// Reads one picture.
///
/// # Errors
///
/// [`PictureError`] when the file is no JPEG, PNG or WebP, is over the limit, or breaks before the
/// first row of its picture.
pub fn read(bytes: &[u8], limits: PictureLimits) -> Result<Picture, PictureError> {
    guarded(|| read_picture(bytes, limits))
}

/// What a decoder gives, or that it panicked.
fn guarded(read: impl FnOnce() -> Result<Picture, PictureError>) -> Result<Picture, PictureError> {
    caught(read).unwrap_or_else(|| {
        Err(PictureError::Unreadable {
            offset: 0,
            what: "the decoder gave up on it".to_owned(),
        })
    })
}

fn read_picture(bytes: &[u8], limits: PictureLimits) -> Result<Picture, PictureError> {
    let format = sniff(bytes).ok_or_else(|| PictureError::Unsupported {
        what: "neither a JPEG nor a PNG nor a WebP by its first bytes".to_owned(),
    })?;
    let luma = match format {
        PictureFormat::Jpeg => decode::luma(bytes, limits)?,
        PictureFormat::Png => png::luma(bytes, limits)?,
        PictureFormat::WebP => webp::luma(bytes, limits)?,
    };
    let blocks = Blocks::of_luma(&luma.pixels, luma.width);
    let pdq = if blocks.width.max(blocks.height) < PIXEL_HASH_UNDER {
        pdq::from_luma(&luma.pixels, blocks.width, blocks.height)
    } else {
        pdq::from_block_means(&blocks)
    };
    Ok(Picture {
        format,
        width: luma.width,
        height: luma.height,
        picture_sha256: luma.picture_sha256,
        features: features::features(&blocks, &pdq),
        fault: luma.fault,
    })
}

/// Clause O4, before anything is decoded.
fn check_size(width: u32, height: u32, limits: PictureLimits) -> Result<(), PictureError> {
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        let limit = limits.max_pixels;
        return Err(PictureError::TooManyPixels { width, height, limit });
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "counts of pixels")]
#[path = "real_tests.rs"]
mod real_tests;
#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
