//! From a PNG to its luma and the digest of its pixels, row by row.
//!
//! Luma is `(19595 R + 38470 G + 7471 B + 32768) / 65536` (BT.601) at 8 bits, over black where the
//! picture is transparent: `(luma * alpha + 127) / 255`. 16-bit samples give 16-bit luma and alpha
//! first, and then 8 bits, `(v * 255 + 32767) / 65535`. Palettes and transparency chunks are
//! expanded; gamma and profiles are not applied.
//!
//! The digest (clause D2) is SHA-256 over `cairn png 1`, width and height (u32, big-endian), one
//! byte for the depth (8 or 16), one for interlacing (0 or 1), and then every pixel as R, G, B, A of
//! that depth, big-endian, in the order of the file. Colour type, palette, filters, compression and
//! metadata do not matter; an interlaced copy is another picture.

use png::{BitDepth, ColorType, Decoder, InterlaceInfo, Limits, Transformations};
use sha2::{Digest, Sha256};

use super::{Luma, PictureError, PictureLimits, check_size};

/// The first eight bytes of every PNG.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Longest side that is read, in pixels: that of a JPEG. One row lies in memory.
const MAX_SIDE: u32 = 65_535;
/// What the decoder may allocate besides rows, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// The luma of a PNG file.
pub(super) fn luma(bytes: &[u8], limits: PictureLimits) -> Result<Luma, PictureError> {
    let (width, height) = dimensions(bytes)?;
    check_size(width, height, limits)?;
    if width > MAX_SIDE || height > MAX_SIDE {
        let what = format!("PNG with a side over {MAX_SIDE} pixels: {width} x {height}");
        return Err(PictureError::Unsupported { what });
    }
    let cursor = std::io::Cursor::new(bytes);
    let mut decoder = Decoder::new_with_limits(cursor, Limits { bytes: MAX_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let unreadable = |what: String| PictureError::Unreadable { offset: 8, what };
    let mut reader = decoder
        .read_info()
        .map_err(|error| unreadable(error.to_string()))?;

    // The library (0.18.1) panics on a palette whose last colour is cut, where it is asked to expand it.
    if let Some(palette) = &reader.info().palette
        && palette.len() % 3 != 0
    {
        let what = format!("a palette of {} bytes, which are no whole colours", palette.len());
        return Err(unreadable(what));
    }
    let (colour, depth) = reader.output_color_type();
    let wide = depth == BitDepth::Sixteen;
    let interlaced = reader.info().interlaced;
    let mut hasher = pixel_hasher(width, height, wide, interlaced);

    let stride = width as usize;
    let size = stride * height as usize;
    // Only what is read is kept: a small file that announces a large picture costs little.
    let mut pixels = Vec::new();
    let mut row = Row::default();
    let fault = loop {
        match reader.next_interlaced_row() {
            Ok(Some(data)) => {
                row.take(data.data(), colour, wide);
                hasher.update(&row.rgba);
                match data.interlace() {
                    InterlaceInfo::Null(_) => pixels.extend(row.luma.iter().take(stride)),
                    InterlaceInfo::Adam7(place) => {
                        pixels.resize(size, 0);
                        png::expand_interlaced_row(&mut pixels, stride, &row.luma, place, 8);
                    }
                }
            }
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    pixels.truncate(size);
    if pixels.is_empty() {
        return Err(unreadable(fault.unwrap_or_else(|| "no rows".to_owned())));
    }
    let fault = fault.map(|what| {
        if interlaced {
            what
        } else {
            format!("{what}, after {} of {height} rows", pixels.len() / stride.max(1))
        }
    });
    Ok(Luma {
        pixels,
        width,
        height,
        picture_sha256: hasher.finalize().into(),
        fault,
    })
}

/// The digest of clause D2 over decoded pixels, before the first of them.
pub(super) fn pixel_hasher(width: u32, height: u32, wide: bool, interlaced: bool) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update(b"cairn png 1");
    hasher.update(width.to_be_bytes());
    hasher.update(height.to_be_bytes());
    hasher.update([if wide { 16 } else { 8 }, u8::from(interlaced)]);
    hasher
}

/// Width and height from the header chunk, which must come first.
fn dimensions(bytes: &[u8]) -> Result<(u32, u32), PictureError> {
    let number = |at: usize| {
        bytes
            .get(at..)?
            .first_chunk()
            .map(|four| u32::from_be_bytes(*four))
    };
    match (bytes.get(12..16), number(16), number(20)) {
        (Some(b"IHDR"), Some(width @ 1..), Some(height @ 1..)) => Ok((width, height)),
        _ => Err(PictureError::Unreadable {
            offset: 8,
            what: "no sound PNG header chunk".to_owned(),
        }),
    }
}

/// One row in the two forms that are needed.
#[derive(Default)]
struct Row {
    rgba: Vec<u8>,
    luma: Vec<u8>,
}

impl Row {
    fn take(&mut self, data: &[u8], colour: ColorType, wide: bool) {
        self.rgba.clear();
        self.luma.clear();
        if wide {
            let samples = data
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| u16::from_be_bytes(*pair));
            self.pixels(samples, colour, u16::MAX, |sample, out| {
                out.extend(sample.to_be_bytes());
            });
        } else {
            let samples = data.iter().map(|byte| u16::from(*byte));
            self.pixels(samples, colour, 255, |sample, out| {
                out.extend(sample.to_be_bytes().get(1));
            });
        }
    }

    fn pixels(
        &mut self,
        mut samples: impl Iterator<Item = u16>,
        colour: ColorType,
        full: u16,
        write: impl Fn(u16, &mut Vec<u8>),
    ) {
        while let Some(first) = samples.next() {
            let mut next = || samples.next().unwrap_or_default();
            let [r, g, b, a] = match colour {
                // Indexed pictures are expanded before they come here.
                ColorType::Grayscale | ColorType::Indexed => [first, first, first, full],
                ColorType::GrayscaleAlpha => [first, first, first, next()],
                ColorType::Rgb => [first, next(), next(), full],
                ColorType::Rgba => [first, next(), next(), next()],
            };
            for sample in [r, g, b, a] {
                write(sample, &mut self.rgba);
            }
            self.luma.push(grey([r, g, b, a].map(u64::from), u64::from(full)));
        }
    }
}

/// The formula at the head of this file, in integers.
pub(super) fn grey([red, green, blue, alpha]: [u64; 4], full: u64) -> u8 {
    let luma = (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16;
    let seen = (luma * alpha + full / 2) / full;
    u8::try_from((seen * 255 + full / 2) / full).unwrap_or(u8::MAX)
}
