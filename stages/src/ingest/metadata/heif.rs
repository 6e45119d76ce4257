//! HEIF (HEIC, AVIF): where its EXIF is, and how large its picture.
//!
//! kamadak-exif finds the EXIF; the sizes are read here, because it gives none.

use std::io::Cursor;

use super::MetadataFault;

/// The boxes on the way to the sizes of the items; what `meta` starts with is not a box.
const PATH: [(&[u8; 4], usize); 3] = [(b"meta", 4), (b"iprp", 0), (b"ipco", 0)];
/// Most boxes looked at on one level: real files have some dozens.
const MOST_BOXES: usize = 10_000;

/// The EXIF from its TIFF header on.
pub(super) fn exif(bytes: &[u8], faults: &mut Vec<MetadataFault>) -> Option<Vec<u8>> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let parsed = reader
        .read_from_container(&mut Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| {}));
    match parsed {
        Ok(exif) => Some(exif.buf().to_vec()),
        Err(error) => {
            faults.push(MetadataFault::Exif {
                detail: error.to_string(),
            });
            None
        }
    }
}

/// Coded width and height of the largest item: the picture itself, where others are its thumbnail and its tiles.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut level = bytes;
    for (kind, skipped) in PATH {
        let (_, content) = boxes(level).find(|(found, _)| found == kind)?;
        level = content.get(skipped..)?;
    }
    let number = |content: &[u8], at: usize| {
        content
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map(|four| u32::from_be_bytes(*four))
    };
    boxes(level)
        .filter(|(kind, _)| kind == b"ispe")
        .filter_map(|(_, content)| number(content, 4).zip(number(content, 8)))
        .max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

/// Kind and content of each box of a level, up to the first that is broken.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let next = move || {
        let short = u32::from_be_bytes(*rest.first_chunk()?);
        let kind = *rest.get(4..)?.first_chunk()?;
        let (head, length) = match short {
            0 => (8, rest.len()),
            1 => {
                let long = u64::from_be_bytes(*rest.get(8..)?.first_chunk()?);
                (16, usize::try_from(long).ok()?)
            }
            _ => (8, usize::try_from(short).ok()?),
        };
        let content = rest.get(head..length)?;
        rest = rest.get(length..)?;
        Some((kind, content))
    };
    std::iter::from_fn(next).take(MOST_BOXES)
}

#[cfg(test)]
#[path = "heif_tests.rs"]
mod tests;
