//! Bytes to text without losing the place: byte offsets in the text lead back to the file.

use std::borrow::Cow;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::BytesRef;

/// How the bytes spelled the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or a single-byte code whose ASCII part is all that matters here.
    Utf8,
    /// UTF-16 with the low byte first.
    Utf16Le,
    /// UTF-16 with the high byte first.
    Utf16Be,
}

/// A decoded file.
#[derive(Debug, Clone)]
pub struct DecodedText<'a> {
    /// The text without its byte order mark.
    pub text: Cow<'a, str>,
    /// How the bytes spelled it.
    pub encoding: Encoding,
    /// Bytes that were no UTF-8, or code units that were no UTF-16; each stands in the text as one `?` or U+FFFD.
    pub replaced: u64,
    /// Bytes of the byte order mark.
    mark: usize,
}

impl DecodedText<'_> {
    /// Where in the file the byte `at` of the text came from.
    #[must_use]
    pub fn file_offset(&self, at: u64) -> u64 {
        let mark = u64::try_from(self.mark).unwrap_or(0);
        if self.encoding == Encoding::Utf8 {
            return mark.saturating_add(at);
        }
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let units: usize = self
            .text
            .char_indices()
            .take_while(|(start, _)| *start < at)
            .map(|(_, letter)| letter.len_utf16())
            .sum();
        mark.saturating_add(2 * u64::try_from(units).unwrap_or(0))
    }
}

/// Decodes UTF-8 and UTF-16, told apart by the byte order mark or, without one, by where the zero byte beside an ASCII first letter lies.
///
/// Invalid UTF-8 does not end the reading: numbers and times are ASCII, so a Latin-1 name must not cost the trace.
/// Each invalid byte becomes one `?`, which keeps every byte offset true.
#[must_use]
pub fn decode(bytes: &[u8]) -> DecodedText<'_> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest, 3),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, Encoding::Utf16Le, 2),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, Encoding::Utf16Be, 2),
        [1..=127, 0, 1..=127, 0, ..] => decode_utf16(bytes, Encoding::Utf16Le, 0),
        [0, 1..=127, 0, 1..=127, ..] => decode_utf16(bytes, Encoding::Utf16Be, 0),
        _ => decode_utf8(bytes, 0),
    }
}

fn decode_utf8(bytes: &[u8], mark: usize) -> DecodedText<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return DecodedText {
            text: Cow::Borrowed(text),
            encoding: Encoding::Utf8,
            replaced: 0,
            mark,
        };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for _ in chunk.invalid() {
            text.push('?');
            replaced += 1;
        }
    }
    DecodedText {
        text: Cow::Owned(text),
        encoding: Encoding::Utf8,
        replaced,
        mark,
    }
}

fn decode_utf16(bytes: &[u8], encoding: Encoding, mark: usize) -> DecodedText<'_> {
    let mut replaced = 0;
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| match encoding {
        Encoding::Utf16Be => u16::from_be_bytes(*pair),
        Encoding::Utf16Le | Encoding::Utf8 => u16::from_le_bytes(*pair),
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for letter in char::decode_utf16(units) {
        text.push(letter.unwrap_or_else(|_| {
            replaced += 1;
            char::REPLACEMENT_CHARACTER
        }));
    }
    DecodedText {
        text: Cow::Owned(text),
        encoding,
        replaced,
        mark,
    }
}

/// The letter that a numeric reference of XML, or one of its five predefined ones, stands for.
pub(super) fn referred(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    resolve_xml_entity(reference)?.chars().next()
}

/// The text without control characters and outer blanks, cut at `most` letters.
#[must_use]
pub fn printable(text: &str, most: usize) -> String {
    let clean: String = text
        .trim_matches(is_blank)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(most)
        .collect();
    clean.trim_end_matches(is_blank).to_owned()
}

fn is_blank(letter: char) -> bool {
    letter.is_control() || letter.is_whitespace()
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
