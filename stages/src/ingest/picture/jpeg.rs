//! A strict walk over the markers of a JPEG: what it holds, how it must be decoded, and the bytes
//! that are its picture.
//!
//! Lengths are checked before they are used and nothing is decoded here. ITU-T T.81 names the
//! markers; JFIF and Adobe's APP14 are only read for the colour model.

use super::PictureError;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DNL: u8 = 0xdc;
const DRI: u8 = 0xdd;
const DHT: u8 = 0xc4;
const DAC: u8 = 0xcc;

/// Scans in one file; encoders write about ten. Each scan visits every block, however few bytes it
/// has, so the number is a limit on time.
const MAX_SCANS: usize = 100;

/// How a frame is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// SOF0 and SOF1.
    Sequential,
    /// SOF2.
    Progressive,
}

/// What the components of a frame mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourModel {
    /// One component, luma.
    Grey,
    /// Luma and two chroma components.
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// Four inks.
    Cmyk,
    /// As `YCbCr`, of the inks, and black.
    Ycck,
}

/// One component of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// Its name in scans.
    pub id: u8,
    /// Horizontal and vertical sampling factors, 1 to 4.
    pub sampling: (u8, u8),
    /// Which quantisation table it uses.
    pub table: u8,
}

/// The frame header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// How it is coded.
    pub coding: Coding,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// One, three or four components.
    pub components: Vec<Component>,
    /// What they mean.
    pub colour: ColourModel,
}

/// One scan in the canonical stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanPart {
    /// Ids of its components, in their order.
    pub components: Vec<u8>,
    /// Where its SOS marker lies in [`Scanned::stream`], in bytes.
    pub start: usize,
    /// Where its entropy-coded data begin.
    pub data: usize,
    /// Where they end.
    pub end: usize,
}

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The frame.
    pub frame: Frame,
    /// The canonical stream, a JPEG file by itself: SOI; every DQT, DHT, DRI, SOF and SOS segment in
    /// the order of the file, from its marker on; after each SOS its entropy-coded data with their
    /// restart markers; EOI. `APPn`, COM and other segments, fill bytes, bytes between segments and
    /// all that follows the first EOI (further pictures, trailers) are left out. EOI is there even
    /// when the file has none.
    ///
    /// Its SHA-256 is the identity of the picture for clause D2, so editing metadata, thumbnails or
    /// trailers does not make a new picture.
    pub stream: Vec<u8>,
    /// Where the SOF marker lies in the stream.
    pub frame_start: usize,
    /// The scans in the order of the file.
    pub scans: Vec<ScanPart>,
    /// What is broken and where.
    pub fault: Option<String>,
    /// The byte of the file at which the walk ended.
    pub end: usize,
}

impl Scanned {
    /// Entropy-coded bytes of all scans.
    #[must_use]
    pub fn entropy_bytes(&self) -> usize {
        self.scans.iter().map(|scan| scan.end - scan.data).sum()
    }
}

/// Walks over the bytes of a JPEG.
///
/// # Errors
///
/// [`PictureError::Unreadable`] when there is no complete frame header and start of a scan,
/// [`PictureError::Unsupported`] for codings that are not read.
pub fn scan(bytes: &[u8]) -> Result<Scanned, PictureError> {
    let mut walk = Walk::new(bytes);
    walk.run()?;
    walk.finish()
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    stream: Vec<u8>,
    frame: Option<(usize, Frame)>,
    scans: Vec<ScanPart>,
    jfif: bool,
    adobe: Option<u8>,
    fault: Option<String>,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut stream = Vec::with_capacity(bytes.len());
        stream.extend([0xff, SOI]);
        Self {
            bytes,
            at: 2,
            stream,
            frame: None,
            scans: Vec::new(),
            jfif: false,
            adobe: None,
            fault: None,
        }
    }

    fn run(&mut self) -> Result<(), PictureError> {
        if !self.bytes.starts_with(&[0xff, SOI]) {
            return Err(unreadable(0, "no start-of-image marker"));
        }
        while let Some(marker) = self.marker() {
            // Standing alone: TEM, RSTn and a second SOI.
            if matches!(marker, 0x01 | 0xd0..=SOI) {
                continue;
            }
            if marker == EOI {
                return Ok(());
            }
            let Some(body) = self.body() else {
                self.break_off(&format!("segment {marker:02x} runs over the end of the file"));
                return Ok(());
            };
            if !self.segment(marker, body)? {
                return Ok(());
            }
        }
        self.break_off("the file ends without an end-of-image marker");
        Ok(())
    }

    /// The next marker code, past anything else; `at` is then behind it.
    fn marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += rest.iter().position(|byte| *byte == 0xff)? + 1;
            let code = *self.bytes.get(self.at)?;
            if code != 0xff {
                self.at += 1;
                if code != 0 {
                    return Some(code);
                }
            }
        }
    }

    /// The body of the segment at `at`, without its length; `at` is then behind it.
    fn body(&mut self) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.at..)?;
        let length = usize::from(be16(bytes, 0)?);
        let body = bytes.get(2..length)?;
        self.at += length;
        Some(body)
    }

    /// Takes one segment; `false` ends the walk.
    fn segment(&mut self, marker: u8, body: &[u8]) -> Result<bool, PictureError> {
        match marker {
            DHT | DQT | DRI => self.keep(marker, body),
            0xc0..=0xc2 => self.frame_header(marker, body)?,
            DAC | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(unsupported("JPEG with arithmetic coding"));
            }
            0xc3 => return Err(unsupported("lossless JPEG")),
            0xc5..=0xc7 | 0xde | 0xdf => return Err(unsupported("hierarchical JPEG")),
            0xc8 => return Err(unsupported("JPEG with the reserved frame type C8")),
            DNL if self.frame.as_ref().is_none_or(|(_, frame)| frame.height == 0) => {
                return Err(unsupported("JPEG that gives its height after its first scan"));
            }
            SOS => return self.scan_header(body),
            0xe0 => self.jfif |= body.starts_with(b"JFIF\0"),
            0xee if body.starts_with(b"Adobe") => {
                self.adobe = body.get(11).copied().or(self.adobe);
            }
            _ => {}
        }
        Ok(true)
    }

    /// Copies a segment to the stream.
    fn keep(&mut self, marker: u8, body: &[u8]) {
        let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
        self.stream.extend([0xff, marker]);
        self.stream.extend(length.to_be_bytes());
        self.stream.extend(body);
    }

    fn frame_header(&mut self, marker: u8, body: &[u8]) -> Result<(), PictureError> {
        let here = self.at - body.len();
        if self.frame.is_some() {
            return Err(unreadable(here, "a second frame header"));
        }
        let (Some([precision, ..]), Some(height), Some(width), Some(count)) =
            (body.first_chunk::<1>(), be16(body, 1), be16(body, 3), body.get(5))
        else {
            return Err(unreadable(here, "a frame header cut short"));
        };
        if *precision != 8 {
            return Err(unsupported(&format!("JPEG of {precision} bits")));
        }
        if width == 0 {
            return Err(unreadable(here, "a frame of width 0"));
        }
        if height == 0 {
            return Err(unsupported("JPEG that gives its height after its first scan"));
        }
        let (specs, rest) = body.get(6..).unwrap_or_default().as_chunks::<3>();
        if specs.len() != usize::from(*count) || !rest.is_empty() {
            return Err(unreadable(here, "a frame header whose length does not fit"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(unsupported(&format!("JPEG of {count} components")));
        }
        let mut components: Vec<Component> = Vec::with_capacity(specs.len());
        for [id, sampling, table] in specs.iter().copied() {
            let sampling = (sampling >> 4, sampling & 15);
            let in_range = |factor| (1..=4).contains(&factor);
            if !in_range(sampling.0) || !in_range(sampling.1) || table > 3 {
                return Err(unreadable(here, "a sampling factor or table out of range"));
            }
            if components.iter().any(|other| other.id == id) {
                return Err(unreadable(here, "two components of one id"));
            }
            components.push(Component { id, sampling, table });
        }
        let coding = if marker == 0xc2 {
            Coding::Progressive
        } else {
            Coding::Sequential
        };
        // The colour model waits for all segments before the first scan.
        let colour = ColourModel::Grey;
        self.frame = Some((
            self.stream.len(),
            Frame {
                coding,
                width,
                height,
                components,
                colour,
            },
        ));
        self.keep(marker, body);
        Ok(())
    }

    fn scan_header(&mut self, body: &[u8]) -> Result<bool, PictureError> {
        let here = self.at - body.len();
        let Some((_, frame)) = &self.frame else {
            return Err(unreadable(here, "a scan before the frame header"));
        };
        let ids = match body.split_first() {
            Some((count, rest)) if rest.len() == 2 * usize::from(*count) + 3 => rest
                .iter()
                .copied()
                .step_by(2)
                .take(usize::from(*count))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let known = |id: &u8| frame.components.iter().any(|component| component.id == *id);
        if ids.is_empty() || ids.len() > 4 || !ids.iter().all(known) {
            self.break_off("a scan header that does not fit the frame");
            return Ok(false);
        }
        if self.scans.len() >= MAX_SCANS {
            return Err(unsupported(&format!("JPEG of over {MAX_SCANS} scans")));
        }
        let start = self.stream.len();
        self.keep(SOS, body);
        let data = self.stream.len();
        let sound = self.entropy_data();
        self.scans.push(ScanPart {
            components: ids,
            start,
            data,
            end: self.stream.len(),
        });
        if !sound {
            self.break_off("a reserved marker within the picture data");
        }
        Ok(sound)
    }

    /// Copies entropy-coded data up to the next marker that ends them; `at` is then on it. `false`
    /// if that marker cannot stand there.
    fn entropy_data(&mut self) -> bool {
        let start = self.at;
        let mut from = start;
        loop {
            let rest = self.bytes.get(from..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| *byte == 0xff) else {
                self.take_data(start, self.bytes.len());
                return true;
            };
            let at = from + found;
            match self.bytes.get(at + 1) {
                // A stuffed byte or a restart marker: data go on.
                Some(0x00 | 0xd0..=0xd7) => from = at + 2,
                // A fill byte: the marker follows.
                Some(0xff) => from = at + 1,
                Some(code) => {
                    self.take_data(start, at);
                    return *code >= 0xc0;
                }
                None => {
                    self.take_data(start, at);
                    self.at = self.bytes.len();
                    return true;
                }
            }
        }
    }

    fn take_data(&mut self, start: usize, end: usize) {
        let mut data = self.bytes.get(start..end).unwrap_or_default();
        while let [before @ .., 0xff] = data {
            data = before;
        }
        self.stream.extend(data);
        self.at = end;
    }

    fn break_off(&mut self, what: &str) {
        self.fault = Some(format!("{what}, at byte {}", self.at));
    }

    fn finish(mut self) -> Result<Scanned, PictureError> {
        self.stream.extend([0xff, EOI]);
        let Some((frame_start, mut frame)) = self.frame else {
            let what = self.fault.unwrap_or_else(|| "no frame header".to_owned());
            return Err(unreadable(self.at, &what));
        };
        if self.scans.is_empty() {
            let what = self.fault.unwrap_or_else(|| "no scan".to_owned());
            return Err(unreadable(self.at, &what));
        }
        frame.colour = colour(&frame.components, self.jfif, self.adobe);
        Ok(Scanned {
            frame,
            stream: self.stream,
            frame_start,
            scans: self.scans,
            fault: self.fault,
            end: self.at,
        })
    }
}

/// What three or four components mean: JFIF knows only `YCbCr`, then Adobe's transform counts, then
/// the ids, as all common decoders have it.
fn colour(components: &[Component], jfif: bool, adobe: Option<u8>) -> ColourModel {
    let ids: Vec<u8> = components.iter().map(|component| component.id).collect();
    match (components.len(), adobe) {
        (1, _) => ColourModel::Grey,
        (3, Some(0)) if !jfif => ColourModel::Rgb,
        (3, None) if !jfif && ids == *b"RGB" => ColourModel::Rgb,
        (3, _) => ColourModel::YCbCr,
        (_, Some(2)) => ColourModel::Ycck,
        _ => ColourModel::Cmyk,
    }
}

/// The big-endian number of 16 bits at `at`.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*pair))
}

fn unreadable(offset: usize, what: &str) -> PictureError {
    PictureError::Unreadable {
        offset: offset as u64,
        what: what.to_owned(),
    }
}

fn unsupported(what: &str) -> PictureError {
    PictureError::Unsupported {
        what: what.to_owned(),
    }
}

#[cfg(test)]
#[path = "jpeg_tests.rs"]
mod tests;
