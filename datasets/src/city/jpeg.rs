//! Pictures to JPEG files.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::exif::{self, Exif};
use super::scene::Picture;

/// A JPEG file of `picture` at `quality` (1..=100) with `metadata` as its first segment.
pub(crate) fn jpeg(picture: &Picture, quality: u8, metadata: &Exif) -> Vec<u8> {
    let mut coded = Vec::with_capacity(picture.rgb.len() / 8);
    let size = (u32::try_from(picture.width), u32::try_from(picture.rows));
    if let (Ok(width), Ok(rows)) = size {
        let mut encoder = JpegEncoder::new_with_quality(&mut coded, quality);
        // Fails only on sizes that a `CitySpec` cannot ask for; the file would then be empty.
        let _ = encoder.encode(&picture.rgb, width, rows, ExtendedColorType::Rgb8);
    }
    let mut out = Vec::with_capacity(coded.len() + 512);
    let (start, rest) = coded.split_at(coded.len().min(2));
    out.extend_from_slice(start);
    out.extend_from_slice(&exif::app1(metadata));
    out.extend_from_slice(rest);
    out
}
