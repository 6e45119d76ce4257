//! NMEA 0183 in a video: `BlackVue`'s box of lines and subtitle tracks.

/// The sentences in some text, a line each.
///
/// `BlackVue` writes the moment of its own clock in brackets before each sentence, and on some lines after it; it is left,
/// for the sentences have the receiver's.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    pub(super) lines: Vec<u8>,
}

impl Sentences {
    /// Takes in the sentences of a text.
    pub(super) fn take(&mut self, text: &[u8]) {
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            let start = line.windows(7).position(|window| match window {
                [b'$', name @ .., b','] => name.iter().all(u8::is_ascii_uppercase),
                _ => false,
            });
            let Some(start) = start else { continue };
            let (_, sentence) = line.split_at(start);
            let end = sentence.iter().position(|byte| *byte == b'[');
            let (sentence, _) = sentence.split_at(end.unwrap_or(sentence.len()));
            self.lines.extend_from_slice(sentence);
            self.lines.push(b'\n');
        }
    }
}
