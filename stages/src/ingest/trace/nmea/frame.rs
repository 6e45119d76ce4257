//! Sentences among whatever else a log holds: each `$` and `!` is tried as the start of one, so lines need not be
//! whole and binary protocols may stand between them.

use memchr::{memchr2, memchr3, memrchr};

/// NMEA 0183 allows 82 characters; receivers with more decimals write up to 92, and fused or high-precision ones more.
const MOST_SENTENCE_BYTES: usize = 160;
/// How far back the start of a line is looked for.
const MOST_LINE_BYTES: usize = 256;

/// What stands at a `$` or `!` that is no chance byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// A sentence of a talker.
    Sentence(Sentence<'a>),
    /// A maker's own sentence, `$P...`, with a right checksum.
    Proprietary,
    /// AIS, `!..VDM` or `!..VDO`, with a right checksum: positions of ships.
    Ais,
    /// An address and fields whose checksum says that they were changed.
    WrongChecksum,
    /// An address and fields that end neither in a checksum nor at the end of a line.
    Cut,
}

/// A sentence that came through whole, as far as its checksum can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    /// Offset of its `$`.
    pub(super) at: usize,
    /// Who speaks: `GP`, `GN`, `II`, ...
    pub(super) talker: [u8; 2],
    /// What is said: `RMC`, `GGA`, ...
    pub(super) kind: [u8; 3],
    /// What follows the address's comma, without the checksum.
    pub(super) fields: &'a [u8],
    /// Whether there was a checksum, which is then right.
    pub(super) checked: bool,
}

/// The frames of some bytes in their order.
#[derive(Debug, Clone)]
pub(super) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What starts at `start`, and how many bytes it is long; `None` when it is a chance byte or stands in a comment.
    fn frame(&self, start: usize) -> Option<(Frame<'a>, usize)> {
        let rest = self.bytes.get(start..)?;
        let window = rest.get(..MOST_SENTENCE_BYTES).unwrap_or(rest);
        let (&mark, after_mark) = window.split_first()?;
        let address: [u8; 5] = *after_mark.first_chunk()?;
        let [first, second, kind @ ..] = address;
        let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !address.iter().take(4).all(plain) {
            return None;
        }
        let of_maker = mark == b'$' && first == b'P';
        let of_ship = mark == b'!' && kind.starts_with(b"VD");
        let of_talker = mark == b'$' && kind[2].is_ascii_uppercase() && after_mark.get(5) == Some(&b',');
        if !(of_maker || of_ship || of_talker) || self.in_comment(start) {
            return None;
        }
        let (body, end) = Body::of(window)?;
        Some(match body {
            Body::Checked(_) if of_maker => (Frame::Proprietary, end),
            Body::Checked(_) if of_ship => (Frame::Ais, end),
            _ if of_maker || of_ship => return None,
            // Another sentence may start within a broken one.
            Body::WrongChecksum => (Frame::WrongChecksum, 1),
            Body::Cut => (Frame::Cut, 1),
            Body::Checked(text) | Body::Unchecked(text) => {
                let sentence = Sentence {
                    at: start,
                    talker: [first, second],
                    kind,
                    fields: text.get(6..).unwrap_or_default(),
                    checked: matches!(body, Body::Checked(_)),
                };
                (Frame::Sentence(sentence), end)
            }
        })
    }

    /// Whether the line that `start` stands in begins with `#`: a note that quotes a sentence is no recording of it.
    fn in_comment(&self, start: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or_default();
        match before.last() {
            None | Some(b'\n' | b'\r') => false,
            Some(_) => {
                let near = before
                    .get(before.len().saturating_sub(MOST_LINE_BYTES)..)
                    .unwrap_or_default();
                let line = match memrchr(b'\n', near) {
                    Some(end) => near.get(end + 1..),
                    None if near.len() == before.len() => Some(near),
                    None => None,
                };
                line.is_some_and(|line| line.first() == Some(&b'#'))
            }
        }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let start = self.at + memchr2(b'$', b'!', rest)?;
            if let Some((frame, length)) = self.frame(start) {
                self.at = start + length;
                return Some(frame);
            }
            self.at = start + 1;
        }
    }
}

/// What follows the `$` up to the checksum or the end of the line.
enum Body<'a> {
    /// With a right checksum.
    Checked(&'a [u8]),
    /// Without a checksum; the line's end shows that nothing is missing.
    Unchecked(&'a [u8]),
    WrongChecksum,
    Cut,
}

impl<'a> Body<'a> {
    /// The body of the sentence that starts the window, and the bytes up to its end. The body starts after the mark.
    fn of(window: &'a [u8]) -> Option<(Self, usize)> {
        let end = memchr3(b'*', b'\r', b'\n', window);
        let text = window.get(1..end.unwrap_or(window.len()))?;
        let tail = end.and_then(|end| window.get(end..)).unwrap_or_default();
        if let [b'*', high, low, ..] = tail
            && let Some(stated) = hex_digit(*high).zip(hex_digit(*low))
        {
            let sum = text.iter().fold(0, |sum, byte| sum ^ byte);
            if sum == stated.0 << 4 | stated.1 {
                return Some((Self::Checked(text), 1 + text.len() + 3));
            }
            return Some((Self::WrongChecksum, 1));
        }
        let plain = |byte: &u8| (0x20..0x7F).contains(byte) && !matches!(byte, b'$' | b'!');
        let body = match tail.first() {
            Some(b'\r' | b'\n') if text.iter().all(plain) => Self::Unchecked(text),
            _ => Self::Cut,
        };
        Some((body, 1 + text.len()))
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
