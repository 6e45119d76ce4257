//! The header of a delimited text: where it is and what delimits it.

use super::TraceError;
use super::columns::{Columns, Missing};

/// A longer first line is no header.
const MOST_HEADER_BYTES: usize = 16_384;

/// Comments that may be the header themselves; to look at each of a hundred thousand takes a minute.
const MOST_COMMENTS_TRIED: u32 = 16;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A header that names a time and a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// Bytes before the header: blank lines, comments.
    pub(super) start: usize,
    pub(super) columns: Columns,
}

impl Header {
    /// Finds the header in the first line that is neither blank nor a comment; a comment that is a header itself is one
    /// too. Where several delimiters would do, the first of `, ; tab |` is taken.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, TraceError> {
        let mut start = 0;
        let mut first_comment = None;
        let mut tried = 0;
        loop {
            let (at, line) = match (first_line(bytes, start), first_comment) {
                (Some(found), _) => found,
                (None, Some(comment)) => return Err(no_header(comment, None)),
                (None, None) => return Err(TraceError::Empty),
            };
            // Danish ship logs begin their header with a comment's mark; spreadsheets put their delimiter before it.
            let marked = line.strip_prefix(b"#");
            if marked.is_none() && !line.to_ascii_lowercase().starts_with(b"sep=") {
                return Self::in_line(line, at).map_err(|missing| no_header(line, missing));
            }
            tried += 1;
            if tried <= MOST_COMMENTS_TRIED
                && let Some(rest) = marked
                && let Ok(header) = Self::in_line(rest, at + 1)
            {
                return Ok(header);
            }
            first_comment.get_or_insert(line);
            start = line_end(bytes, at);
        }
    }

    fn in_line(line: &[u8], start: usize) -> Result<Self, Option<Missing>> {
        let mut closest: Option<Missing> = None;
        for delimiter in DELIMITERS {
            match columns(line, delimiter) {
                Ok(columns) => {
                    return Ok(Self {
                        delimiter,
                        start,
                        columns,
                    });
                }
                // The delimiter that finds most says best what is missing.
                Err(missing) if closest.is_none_or(|closest| missing.found > closest.found) => {
                    closest = Some(missing);
                }
                Err(_) => {}
            }
        }
        Err(closest)
    }
}

fn columns(line: &[u8], delimiter: u8) -> Result<Columns, Missing> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(line);
    let mut record = csv::ByteRecord::new();
    // Reading from memory fails only on lengths, and a line without any field finds nothing.
    if reader.read_byte_record(&mut record).is_err() {
        record.clear();
    }
    Columns::of(record.iter())
}

fn no_header(line: &[u8], missing: Option<Missing>) -> TraceError {
    let missing = missing.unwrap_or(Missing {
        quantity: "latitude",
        names: &[],
        found: 0,
    });
    missing.in_header(&String::from_utf8_lossy(line))
}

/// The first line from `start` on that is not blank, cut at a header's greatest length, and where it starts.
fn first_line(bytes: &[u8], start: usize) -> Option<(usize, &[u8])> {
    let rest = bytes.get(start..)?;
    let blank = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = rest.get(blank..)?;
    let rest = rest.get(..MOST_HEADER_BYTES).unwrap_or(rest);
    rest.split(|byte| is_line_end(*byte))
        .next()
        .map(|line| (start + blank, line))
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter()
        .position(|byte| is_line_end(*byte))
        .map_or(bytes.len(), |at| start + at)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
