//! Where JPEG, PNG, WebP and HEIF keep EXIF and XMP, and the size of the picture.

use std::borrow::Cow;

use super::{MetadataFault, heif};

const EXIF_MARK: &[u8] = b"Exif\0";
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PNG_MARK: &[u8] = b"\x89PNG\r\n\x1A\n";
const PNG_XMP_KEY: &[u8] = b"XML:com.adobe.xmp\0";

/// The metadata blocks of an image file; the first of a kind counts.
#[derive(Debug, Default)]
pub(super) struct Container<'a> {
    /// EXIF from its TIFF header on.
    pub(super) exif: Option<Cow<'a, [u8]>>,
    /// The XMP packet.
    pub(super) xmp: Option<&'a [u8]>,
    /// Stored width in pixels.
    pub(super) width: Option<u32>,
    /// Stored height in pixels.
    pub(super) height: Option<u32>,
}

impl<'a> Container<'a> {
    pub(super) fn read(bytes: &'a [u8], faults: &mut Vec<MetadataFault>) -> Self {
        let mut container = Self::default();
        let mut cursor = Cursor { bytes, at: 0 };
        let broken = if bytes.starts_with(&[0xFF, 0xD8]) {
            container.read_jpeg(&mut cursor)
        } else if bytes.starts_with(PNG_MARK) {
            container.read_png(&mut cursor)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            container.read_webp(&mut cursor)
        } else if bytes.get(4..8) == Some(b"ftyp") {
            container.exif = heif::exif(bytes, faults).map(Cow::Owned);
            if let Some((width, height)) = heif::size(bytes) {
                container.set_size(width, height);
            }
            return container;
        } else {
            faults.push(MetadataFault::UnknownContainer);
            return container;
        };
        if let Err(part) = broken {
            faults.push(MetadataFault::BrokenContainer {
                part,
                byte: u64::try_from(cursor.at).unwrap_or(u64::MAX),
            });
        }
        container
    }

    /// Walks the segments before the picture data.
    fn read_jpeg(&mut self, cursor: &mut Cursor<'a>) -> Result<(), &'static str> {
        cursor.take(2);
        loop {
            let marker = cursor.jpeg_marker().ok_or("JPEG marker")?;
            match marker {
                0x01 | 0xD0..=0xD8 => continue,
                // Start of scan and end of image: no metadata lies beyond.
                0xDA | 0xD9 => return Ok(()),
                _ => {}
            }
            let length = cursor
                .u16_be()
                .and_then(|length| length.checked_sub(2))
                .ok_or("JPEG segment length")?;
            let segment = cursor.take_at_most(usize::from(length));
            match marker {
                0xE1 => self.app1(segment),
                0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => self.frame(segment),
                _ => {}
            }
            if segment.len() < usize::from(length) {
                return Err("JPEG segment");
            }
        }
    }

    fn app1(&mut self, segment: &'a [u8]) {
        if let Some(packet) = segment.strip_prefix(XMP_MARK) {
            self.xmp.get_or_insert(packet);
        } else if let Some([_padding, block @ ..]) = segment.strip_prefix(EXIF_MARK) {
            self.exif.get_or_insert(Cow::Borrowed(block));
        }
    }

    fn frame(&mut self, segment: &[u8]) {
        if let [_precision, h1, h0, w1, w0, ..] = *segment {
            self.set_size(
                u32::from(u16::from_be_bytes([w1, w0])),
                u32::from(u16::from_be_bytes([h1, h0])),
            );
        }
    }

    fn set_size(&mut self, width: u32, height: u32) {
        if width > 0 && height > 0 && self.width.is_none() {
            self.width = Some(width);
            self.height = Some(height);
        }
    }

    fn read_png(&mut self, cursor: &mut Cursor<'a>) -> Result<(), &'static str> {
        cursor.take(PNG_MARK.len());
        loop {
            let length = cursor.u32_be().ok_or("PNG chunk length")?;
            let length = usize::try_from(length).map_err(|_| "PNG chunk length")?;
            let kind = cursor.take(4).ok_or("PNG chunk type")?;
            let chunk = cursor.take_at_most(length);
            match kind {
                b"IHDR" => {
                    if let [w3, w2, w1, w0, h3, h2, h1, h0, ..] = *chunk {
                        self.set_size(
                            u32::from_be_bytes([w3, w2, w1, w0]),
                            u32::from_be_bytes([h3, h2, h1, h0]),
                        );
                    }
                }
                b"eXIf" => {
                    self.exif.get_or_insert(Cow::Borrowed(without_exif_mark(chunk)));
                }
                b"iTXt" => {
                    if let Some(packet) = png_xmp(chunk) {
                        self.xmp.get_or_insert(packet);
                    }
                }
                b"IEND" => return Ok(()),
                _ => {}
            }
            // The checksum is skipped: a wrong one says nothing about which byte is wrong.
            if chunk.len() < length || cursor.take(4).is_none() {
                return Err("PNG chunk");
            }
        }
    }

    fn read_webp(&mut self, cursor: &mut Cursor<'a>) -> Result<(), &'static str> {
        cursor.take(12);
        while cursor.remaining() >= 8 {
            let kind = cursor.take(4).ok_or("WebP chunk type")?;
            let length = cursor.u32_le().ok_or("WebP chunk length")?;
            let length = usize::try_from(length).map_err(|_| "WebP chunk length")?;
            let chunk = cursor.take_at_most(length);
            match kind {
                b"EXIF" => {
                    self.exif.get_or_insert(Cow::Borrowed(without_exif_mark(chunk)));
                }
                b"XMP " => {
                    self.xmp.get_or_insert(chunk);
                }
                b"VP8X" => {
                    if let [_, _, _, _, w0, w1, w2, h0, h1, h2, ..] = *chunk {
                        let (width, height) = (
                            u32::from_le_bytes([w0, w1, w2, 0]),
                            u32::from_le_bytes([h0, h1, h2, 0]),
                        );
                        self.set_size(width + 1, height + 1);
                    }
                }
                b"VP8 " => {
                    if let [_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = *chunk {
                        let (width, height) = (u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1]));
                        self.set_size(u32::from(width & 0x3FFF), u32::from(height & 0x3FFF));
                    }
                }
                b"VP8L" => {
                    if let [0x2F, b0, b1, b2, b3, ..] = *chunk {
                        let bits = u32::from_le_bytes([b0, b1, b2, b3]);
                        self.set_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
                    }
                }
                _ => {}
            }
            if chunk.len() < length {
                return Err("WebP chunk");
            }
            // Chunks are padded to even lengths.
            cursor.take(length % 2);
        }
        Ok(())
    }
}

/// Some writers keep JPEG's mark in front of EXIF where none belongs.
fn without_exif_mark(chunk: &[u8]) -> &[u8] {
    match chunk.strip_prefix(EXIF_MARK) {
        Some([_padding, block @ ..]) => block,
        _ => chunk,
    }
}

/// The packet of an uncompressed international text chunk with XMP's key.
fn png_xmp(chunk: &[u8]) -> Option<&[u8]> {
    let [0, _method, rest @ ..] = chunk.strip_prefix(PNG_XMP_KEY)? else {
        return None;
    };
    // Language and translated key, each ended by a NUL.
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    parts.nth(2)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn take_at_most(&mut self, count: usize) -> &'a [u8] {
        self.take(count.min(self.remaining())).unwrap_or_default()
    }

    fn u16_be(&mut self) -> Option<u16> {
        self.take(2)?
            .first_chunk()
            .map(|bytes| u16::from_be_bytes(*bytes))
    }

    fn u32_be(&mut self) -> Option<u32> {
        self.take(4)?
            .first_chunk()
            .map(|bytes| u32::from_be_bytes(*bytes))
    }

    fn u32_le(&mut self) -> Option<u32> {
        self.take(4)?
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The next marker's code, past fill bytes and whatever else lies between segments.
    fn jpeg_marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let skipped = rest.iter().position(|byte| *byte == 0xFF)?;
            let code = *rest.get(skipped + 1)?;
            // Of two, the second may be the marker's.
            self.at += skipped + if code == 0xFF { 1 } else { 2 };
            if !matches!(code, 0 | 0xFF) {
                return Some(code);
            }
        }
    }
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
