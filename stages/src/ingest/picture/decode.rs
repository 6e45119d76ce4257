//! From a JPEG to its luma, by whichever library can be trusted with it.
//!
//! `zune-jpeg` is fast and gives luma without touching chroma, but: sequential files with one scan
//! per component come out wrong without a word (found in 0.5.15), and its luma output fails on RGB
//! and CMYK. So the marker walk chooses:
//! - greyscale, and `YCbCr` of the usual samplings: `zune-jpeg`, the canonical stream as it is;
//! - sequential `YCbCr` whose luma has scans of its own: those scans as a greyscale file;
//! - RGB, CMYK, YCCK and unusual samplings: `jpeg-decoder`. Progressive files with chroma
//!   subsampled down but not across are among them: `zune-jpeg` gets their luma wrong too.

use sha2::{Digest, Sha256};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::jpeg::{self, Coding, ColourModel, Component, Frame, ScanPart, Scanned};
use super::{Luma, PictureError, PictureLimits, check_size};

/// The grey level with which `zune-jpeg` fills what it could not read.
const FILL: u8 = 128;

/// Who decodes a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// `zune-jpeg`, the canonical stream.
    Whole,
    /// `zune-jpeg`, the luma scans alone as a greyscale file.
    LumaScans,
    /// `jpeg-decoder`, to colours, and then to luma.
    Colours,
}

/// The luma of a JPEG file.
pub(super) fn luma(bytes: &[u8], limits: PictureLimits) -> Result<Luma, PictureError> {
    let scanned = jpeg::scan(bytes)?;
    let (width, height) = (scanned.frame.width, scanned.frame.height);
    check_size(u32::from(width), u32::from(height), limits)?;
    // A luma block of a whole picture takes at least one bit, in sequential files two. Whatever
    // holds less is broken beyond use, and must not be given memory for what it announces.
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let per_byte = if scanned.frame.coding == Coding::Sequential {
        4
    } else {
        8
    };
    if scanned.entropy_bytes() < blocks.div_ceil(per_byte) {
        let what = format!(
            "{} bytes of data for {width} x {height} pixels",
            scanned.entropy_bytes()
        );
        return Err(PictureError::Unreadable {
            offset: scanned.end as u64,
            what,
        });
    }
    let picture_sha256 = Sha256::digest(&scanned.stream).into();
    let (mut pixels, fault) = match route(&scanned) {
        Route::Whole => by_zune(&scanned.stream, &scanned)?,
        Route::LumaScans => by_zune(&luma_scans(&scanned), &scanned)?,
        Route::Colours => (by_jpeg_decoder(&scanned)?, None),
    };
    let fault = scanned.fault.clone().or(fault);
    if fault.is_some() {
        drop_unread_rows(&mut pixels, usize::from(width));
    }
    if pixels.is_empty() {
        let what = fault.unwrap_or_default();
        return Err(PictureError::Unreadable {
            offset: scanned.end as u64,
            what,
        });
    }
    Ok(Luma {
        pixels,
        width: u32::from(width),
        height: u32::from(height),
        picture_sha256,
        fault,
    })
}

pub(super) fn route(scanned: &Scanned) -> Route {
    let Frame {
        coding,
        components,
        colour,
        ..
    } = &scanned.frame;
    match (colour, components.as_slice()) {
        (ColourModel::Grey, [luma]) if luma.sampling == (1, 1) => Route::Whole,
        // Sampling means nothing for a single component, but not every decoder knows.
        (ColourModel::Grey, [_]) => Route::LumaScans,
        (ColourModel::YCbCr, [luma, blue, red]) => {
            let full = luma.sampling;
            let largest = [blue, red].iter().fold(full, |(across, down), component| {
                (across.max(component.sampling.0), down.max(component.sampling.1))
            });
            let named_rgb = [luma.id, blue.id, red.id] == *b"RGB";
            let alone = |scan: &ScanPart| scan.components == [luma.id];
            let together = |scan: &ScanPart| scan.components.len() == components.len();
            let usual = match full {
                (1 | 2, 1) | (2, 2) => true,
                (1, 2) => *coding == Coding::Sequential,
                _ => false,
            } && blue.sampling == (1, 1)
                && red.sampling == (1, 1);
            if full != largest {
                Route::Colours
            } else if *coding == Coding::Sequential && !scanned.scans.iter().all(together) {
                if scanned.scans.iter().any(alone) {
                    Route::LumaScans
                } else {
                    Route::Colours
                }
            } else if usual && !named_rgb {
                Route::Whole
            } else {
                Route::Colours
            }
        }
        _ => Route::Colours,
    }
}

/// A greyscale JPEG of the first component: its tables, its frame and the scans that hold nothing
/// else. The blocks of such a scan are those of the component, whatever the sampling.
fn luma_scans(scanned: &Scanned) -> Vec<u8> {
    let Scanned {
        frame,
        stream,
        frame_start,
        scans,
        ..
    } = scanned;
    let Some(Component { id, table, .. }) = frame.components.first() else {
        return stream.clone();
    };
    let mut grey = Vec::with_capacity(stream.len());
    let marker = stream.get(*frame_start..frame_start + 2).unwrap_or_default();
    let mut copied = 0;
    let mut copy = |grey: &mut Vec<u8>, to: usize, next: usize| {
        grey.extend(stream.get(copied..to).unwrap_or_default());
        copied = next;
    };
    // A frame segment: marker, length, precision, height, width, count, 3 bytes per component.
    copy(
        &mut grey,
        *frame_start,
        frame_start + 10 + 3 * frame.components.len(),
    );
    grey.extend(marker);
    grey.extend([0, 11, 8]);
    grey.extend(frame.height.to_be_bytes());
    grey.extend(frame.width.to_be_bytes());
    grey.extend([1, *id, 0x11, *table]);
    for scan in scans.iter().filter(|scan| scan.components != [*id]) {
        copy(&mut grey, scan.start, scan.end);
    }
    copy(&mut grey, stream.len(), stream.len());
    grey
}

/// Decodes, strictly if possible; else leniently, and then what the strict reader said is the fault.
fn by_zune(stream: &[u8], scanned: &Scanned) -> Result<(Vec<u8>, Option<String>), PictureError> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let decode = |strict| {
        let options = options.set_strict_mode(strict);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options);
        decoder.decode().map_err(|error| error.to_string())
    };
    let expected = usize::from(scanned.frame.width) * usize::from(scanned.frame.height);
    let (pixels, fault) = match decode(true) {
        Ok(pixels) => (Ok(pixels), None),
        Err(fault) => (decode(false), Some(one_line(&fault))),
    };
    match pixels {
        Ok(pixels) if pixels.len() == expected => Ok((pixels, fault)),
        Ok(pixels) => Err(undecodable(scanned, &format!("{} pixels", pixels.len()))),
        Err(what) => Err(undecodable(scanned, &what)),
    }
}

/// Decodes to colours and makes luma of them by the weights of BT.601, or inks over white.
fn by_jpeg_decoder(scanned: &Scanned) -> Result<Vec<u8>, PictureError> {
    use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};
    let mut decoder = Decoder::new(scanned.stream.as_slice());
    // The canonical stream has no APPn left to say it.
    decoder.set_color_transform(match scanned.frame.colour {
        ColourModel::Grey => ColorTransform::Grayscale,
        ColourModel::YCbCr => ColorTransform::YCbCr,
        ColourModel::Rgb => ColorTransform::RGB,
        ColourModel::Cmyk => ColorTransform::CMYK,
        ColourModel::Ycck => ColorTransform::YCCK,
    });
    let samples = decoder
        .decode()
        .map_err(|error| undecodable(scanned, &error.to_string()))?;
    let format = decoder.info().map(|info| info.pixel_format);
    let pixels: Vec<u8> = match format {
        Some(PixelFormat::L8) => samples,
        Some(PixelFormat::RGB24) => samples
            .as_chunks()
            .0
            .iter()
            .map(|[r, g, b]| bt601(*r, *g, *b))
            .collect(),
        Some(PixelFormat::CMYK32) => {
            // Taken to be written as Adobe does, turned over; the library turns them back to inks.
            let light = |ink: u8| u32::from(255 - ink);
            let through =
                |ink: u8, black: u8| u8::try_from((light(ink) * light(black) + 127) / 255).unwrap_or(u8::MAX);
            let pixel = |[c, m, y, k]: &[u8; 4]| bt601(through(*c, *k), through(*m, *k), through(*y, *k));
            samples.as_chunks().0.iter().map(pixel).collect()
        }
        _ => return Err(undecodable(scanned, "a pixel format that was not expected")),
    };
    if pixels.len() != usize::from(scanned.frame.width) * usize::from(scanned.frame.height) {
        return Err(undecodable(scanned, &format!("{} pixels", pixels.len())));
    }
    Ok(pixels)
}

/// Luma of red, green and blue after BT.601, in 16-bit fixed point:
/// `(19595 R + 38470 G + 7471 B + 32768) / 65536`.
pub(super) fn bt601(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
    u8::try_from((sum + 32_768) >> 16).unwrap_or(u8::MAX)
}

/// Leaves out the rows at the end that hold nothing but the fill of the decoder.
fn drop_unread_rows(pixels: &mut Vec<u8>, width: usize) {
    let filled = |row: &&[u8]| row.iter().all(|pixel| *pixel == FILL);
    let unread = pixels.rchunks_exact(width.max(1)).take_while(filled).count();
    pixels.truncate(pixels.len() - unread * width);
}

fn undecodable(scanned: &Scanned, what: &str) -> PictureError {
    let what = match &scanned.fault {
        Some(fault) => format!("{fault}; {}", one_line(what)),
        None => one_line(what),
    };
    PictureError::Unreadable {
        offset: scanned.end as u64,
        what,
    }
}

/// Messages of libraries can be long and broken into lines.
fn one_line(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(160).collect()
}
