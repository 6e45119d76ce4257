//! gzip and zstd around an object. One layer: an archive in an archive is not opened.

use std::borrow::Cow;
use std::io::Read;

/// Largest window that a zstd frame may ask memory for: 128 MiB, what the format's own tools allow without a word.
const ZSTD_WINDOW_LOG: u32 = 27;

/// What an object held once its wrapping is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked<'a> {
    /// The content; of a broken archive, what precedes the break.
    pub bytes: Cow<'a, [u8]>,
    /// The name without the archive's own ending.
    pub name: &'a str,
    /// What broke the archive, and after how many bytes of content.
    pub fault: Option<String>,
}

/// More content than may be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {limit} bytes when decompressed")]
pub struct TooLarge {
    /// The limit, in bytes.
    pub limit: u64,
}

/// Takes a gzip (of any number of members) or zstd wrapping off; what has none stays as it is.
///
/// # Errors
/// [`TooLarge`] when the content has more than `limit` bytes; no more than that is ever held.
pub fn unpack<'a>(name: &'a str, bytes: &'a [u8], limit: u64) -> Result<Unpacked<'a>, TooLarge> {
    let stem = |endings: &[&str]| {
        let ending = |ending: &&str| {
            let at = name.len().checked_sub(ending.len())?;
            let tail = name.get(at..)?;
            tail.eq_ignore_ascii_case(ending).then(|| name.get(..at))?
        };
        endings.iter().find_map(ending).unwrap_or(name)
    };
    let (read, name) = if bytes.starts_with(&[0x1f, 0x8b, 8]) {
        let reader = flate2::read::MultiGzDecoder::new(bytes);
        (read_at_most(reader, limit)?, stem(&[".gz", ".gzip"]))
    } else if is_zstd(bytes) {
        let read = match zstd::stream::read::Decoder::with_buffer(bytes) {
            Ok(mut reader) => {
                // A number within the library's own bounds is always taken.
                let _ = reader.window_log_max(ZSTD_WINDOW_LOG);
                read_at_most(reader, limit)?
            }
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        (read, stem(&[".zst", ".zstd"]))
    } else {
        return Ok(Unpacked {
            bytes: Cow::Borrowed(bytes),
            name,
            fault: None,
        });
    };
    let (content, broke) = read;
    let fault = broke.map(|what| {
        format!(
            "the archive broke after {} bytes of content: {what}",
            content.len()
        )
    });
    Ok(Unpacked {
        bytes: Cow::Owned(content),
        name,
        fault,
    })
}

/// Whether the bytes are a zstd frame.
fn is_zstd(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

/// All of a reader, or what precedes its error, with that error.
fn read_at_most(reader: impl Read, limit: u64) -> Result<(Vec<u8>, Option<String>), TooLarge> {
    let mut content = Vec::new();
    let read = reader.take(limit.saturating_add(1)).read_to_end(&mut content);
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(TooLarge { limit });
    }
    Ok((content, read.err().map(|error| error.to_string())))
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
