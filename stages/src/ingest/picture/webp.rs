//! From a WebP to its luma and the digest of its pixels.
//!
//! A walk over the chunks keeps what is picture: the frame (of an animation the first one), its
//! alpha, and the header that says how large the canvas is. `image-webp` gets nothing else to see:
//! it refuses files whose header promises metadata that some tool took away. It decodes all or
//! nothing, so a picture that is cut off is unreadable.
//!
//! Luma and digest are those of a PNG of the same pixels at 8 bits (see the module `png`): a
//! lossless copy of a PNG is the same picture (D2). What an animation leaves uncovered is
//! transparent.

use std::io::Cursor;

use image_webp::WebPDecoder;
use sha2::Digest;

use super::png::{grey, pixel_hasher};
use super::{Luma, PictureError, PictureLimits, check_size};

/// Most pixels that a byte of picture data may stand for. Whatever holds less is no photograph, and
/// must not be given memory for what it announces: real ones stay under 200.
const MAX_PIXELS_PER_BYTE: u64 = 2_048;
/// Longest side of a frame; a canvas is held to it too.
const MAX_SIDE: u32 = 16_384;
/// Bit of the extended header: there is alpha.
const ALPHA: u8 = 0x10;
/// Bit of the extended header: it is an animation.
const ANIMATION: u8 = 0x02;

/// Whether the first bytes are those of a WebP file.
pub(super) fn is_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// The luma of a WebP file.
pub(super) fn luma(bytes: &[u8], limits: PictureLimits) -> Result<Luma, PictureError> {
    let parts = Parts::of(bytes)?;
    let stream = parts.stream();
    let unreadable = |what: String| PictureError::Unreadable {
        offset: parts.frame_at,
        what,
    };
    let mut decoder =
        WebPDecoder::new(Cursor::new(stream.as_slice())).map_err(|error| unreadable(error.to_string()))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)?;
    if width > MAX_SIDE || height > MAX_SIDE {
        let what = format!("WebP with a side over {MAX_SIDE} pixels: {width} x {height}");
        return Err(PictureError::Unsupported { what });
    }
    let pixels = u64::from(width) * u64::from(height);
    let data = u64::try_from(parts.frame.len()).unwrap_or(u64::MAX);
    if pixels.div_ceil(MAX_PIXELS_PER_BYTE) > data {
        return Err(unreadable(format!(
            "{data} bytes of data for {width} x {height} pixels"
        )));
    }
    // The decoder counts the bytes of a canvas in 32 bits.
    let size = decoder
        .output_buffer_size()
        .filter(|size| u32::try_from(*size).is_ok())
        .ok_or_else(|| unreadable(format!("{width} x {height} pixels do not fit in memory")))?;
    let mut samples = vec![0; size];
    decoder
        .read_image(&mut samples)
        .map_err(|error| unreadable(error.to_string()))?;
    let mut hasher = pixel_hasher(width, height, false, false);
    let mut luma = Vec::with_capacity(usize::try_from(pixels).unwrap_or(0));
    let per_pixel = if decoder.has_alpha() { 4 } else { 3 };
    let mut row = Vec::new();
    for samples in samples.chunks_exact(per_pixel * width.max(1) as usize) {
        row.clear();
        for pixel in samples.chunks_exact(per_pixel) {
            let (red, green, blue, alpha) = match *pixel {
                [red, green, blue] => (red, green, blue, 255),
                [red, green, blue, alpha] => (red, green, blue, alpha),
                _ => (0, 0, 0, 0),
            };
            row.extend([red, green, blue, alpha]);
            luma.push(grey([red, green, blue, alpha].map(u64::from), 255));
        }
        hasher.update(&row);
    }
    Ok(Luma {
        pixels: luma,
        width,
        height,
        picture_sha256: hasher.finalize().into(),
        fault: None,
    })
}

/// The chunks that are picture, each with its content only.
#[derive(Default)]
struct Parts<'a> {
    extended: Option<&'a [u8]>,
    animation: Option<&'a [u8]>,
    alpha: Option<&'a [u8]>,
    frame: &'a [u8],
    frame_kind: [u8; 4],
    /// Where the frame's content starts in the file.
    frame_at: u64,
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, PictureError> {
        let mut parts = Self::default();
        let mut at = 12_usize;
        while let Some((kind, length)) = chunk_head(bytes, at) {
            let content = at.saturating_add(8);
            let end = content.saturating_add(length);
            let Some(chunk) = bytes.get(content..end) else {
                return Err(PictureError::Unreadable {
                    offset: content as u64,
                    what: format!(
                        "a WebP chunk of {length} bytes, of which there are {}",
                        bytes.len().saturating_sub(content)
                    ),
                });
            };
            match &kind {
                b"VP8X" if parts.extended.is_none() => parts.extended = Some(chunk),
                b"ANIM" if parts.animation.is_none() => parts.animation = Some(chunk),
                b"ALPH" if parts.alpha.is_none() => parts.alpha = Some(chunk),
                b"VP8 " | b"VP8L" | b"ANMF" => {
                    parts.frame = chunk;
                    parts.frame_kind = kind;
                    parts.frame_at = content as u64;
                    return Ok(parts);
                }
                _ => {}
            }
            // Chunks are padded to even lengths.
            at = end.saturating_add(length % 2);
        }
        Err(PictureError::Unreadable {
            offset: at.min(bytes.len()) as u64,
            what: "the WebP file ends before its picture".to_owned(),
        })
    }

    /// A WebP file of nothing else.
    fn stream(&self) -> Vec<u8> {
        let mut stream = b"RIFF\0\0\0\0WEBP".to_vec();
        let animated = &self.frame_kind == b"ANMF";
        if let Some([flags, rest @ ..]) = self.extended {
            let kept = match (animated, &self.frame_kind) {
                (true, _) => ALPHA | ANIMATION,
                (false, b"VP8L") => ALPHA,
                (false, _) if self.alpha.is_some() => ALPHA,
                _ => 0,
            };
            push_chunk(&mut stream, *b"VP8X", &[&[flags & kept], rest].concat());
        }
        if let Some(animation) = self.animation.filter(|_| animated) {
            push_chunk(&mut stream, *b"ANIM", animation);
        }
        if let Some(alpha) = self.alpha {
            push_chunk(&mut stream, *b"ALPH", alpha);
        }
        push_chunk(&mut stream, self.frame_kind, self.frame);
        let length = u32::try_from(stream.len().saturating_sub(8)).unwrap_or(u32::MAX);
        if let Some(field) = stream.get_mut(4..8) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        stream
    }
}

fn push_chunk(stream: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    stream.extend(kind);
    stream.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    stream.extend(content);
    if content.len() % 2 == 1 {
        stream.push(0);
    }
}

/// Kind and length of the chunk at `at`.
fn chunk_head(bytes: &[u8], at: usize) -> Option<([u8; 4], usize)> {
    let head = bytes.get(at..)?;
    let kind = *head.first_chunk::<4>()?;
    let length = u32::from_le_bytes(*head.get(4..)?.first_chunk::<4>()?);
    Some((kind, usize::try_from(length).ok()?))
}

#[cfg(test)]
#[path = "webp_tests.rs"]
mod tests;
