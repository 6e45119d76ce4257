//! Pictures in formats that are known and not read.
//!
//! HEIC and AVIF hold frames of video codecs. The decoders for them in Rust were all younger than a year or under the AGPL when this was
//! written, and the established ones are C libraries of the system. What their metadata says is understood all the same.

/// Names the format of a picture whose pixels are not read, by its first bytes.
#[must_use]
pub fn unread_format(head: &[u8]) -> Option<&'static str> {
    let at = |from: usize, magic: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(magic));
    if at(4, b"ftyp") {
        return by_brands(head);
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Some("GIF")
    } else if is_bmp(head) {
        Some("BMP")
    } else if at(0, b"FUJIFILMCCD-RAW") {
        Some("raw (Fujifilm RAF)")
    } else if at(0, b"IIU\0") {
        Some("raw (Panasonic RW2)")
    } else if at(0, b"IIRO") || at(0, b"IIRS") || at(0, b"MMOR") {
        Some("raw (Olympus ORF)")
    } else if at(0, b"II*\0") && at(8, b"CR") {
        Some("raw (Canon CR2)")
    } else if at(0, b"II*\0") || at(0, b"MM\0*") {
        Some(if is_dng(head) { "raw (DNG)" } else { "TIFF" })
    } else if at(0, &[0xff, 0x0a]) || at(0, b"\0\0\0\x0cJXL \r\n\x87\n") {
        Some("JPEG XL")
    } else if at(0, b"\0\0\0\x0cjP  \r\n\x87\n") || at(0, &[0xff, 0x4f, 0xff, 0x51]) {
        Some("JPEG 2000")
    } else if at(0, b"8BPS\0\x01") {
        Some("PSD")
    } else {
        None
    }
}

/// By the brands of an ISO base media file; none of them is a picture's where it is a video.
fn by_brands(head: &[u8]) -> Option<&'static str> {
    let length = head
        .first_chunk()
        .map_or(0, |four| usize::try_from(u32::from_be_bytes(*four)).unwrap_or(0));
    // The major brand, a version, and the compatible brands.
    let brands = head.get(8..length.min(head.len())).unwrap_or_default();
    let has = |wanted: &[&[u8; 4]]| {
        let named = |(place, brand): (usize, &[u8; 4])| place != 1 && wanted.contains(&brand);
        brands.as_chunks().0.iter().enumerate().any(named)
    };
    let major = |wanted: &[u8; 4]| brands.starts_with(wanted);
    if has(&[b"avif", b"avis"]) {
        Some("AVIF")
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"]) {
        Some("HEIC")
    } else if major(b"mif1") || major(b"msf1") {
        Some("HEIF")
    } else if major(b"crx ") {
        Some("raw (Canon CR3)")
    } else {
        None
    }
}

/// Two letters are little: the reserved fields and the length of the second header decide.
fn is_bmp(head: &[u8]) -> bool {
    let number = |from: usize| {
        head.get(from..)
            .and_then(<[u8]>::first_chunk)
            .map(|four| u32::from_le_bytes(*four))
    };
    head.starts_with(b"BM")
        && number(6) == Some(0)
        && number(14).is_some_and(|length| [12, 40, 52, 56, 64, 108, 124].contains(&length))
}

/// Whether the first directory of a TIFF file has the tag `DNGVersion`.
fn is_dng(head: &[u8]) -> bool {
    const DNG_VERSION: u32 = 50_706;
    let little = head.starts_with(b"II");
    let number = |from: usize, bytes: usize| -> Option<u32> {
        let field = head.get(from..from.checked_add(bytes)?)?;
        let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        Some(if little {
            field.iter().rev().fold(0, add)
        } else {
            field.iter().fold(0, add)
        })
    };
    let Some(directory) = number(4, 4).and_then(|at| usize::try_from(at).ok()) else {
        return false;
    };
    let count = number(directory, 2).unwrap_or(0);
    (0..count)
        .map_while(|entry| number(directory.checked_add(2 + 12 * usize::try_from(entry).ok()?)?, 2))
        .any(|tag| tag == DNG_VERSION)
}

#[cfg(test)]
#[path = "unread_tests.rs"]
mod tests;
