//! FIT: Garmin's binary messages, read one by one, each laid out by a definition that came before it.
//!
//! The reader is our own because the kept crate gives all of a file or nothing, and a recorder that lost its power must
//! not cost the drive. It knows four messages of the profile's hundreds and is strict about lengths only.

mod crc;
mod definition;
mod header;
mod recording;

use self::crc::crc16;
use self::definition::{Definition, MessageHeader};
use self::header::Header;
use self::recording::Recording;
use super::{Fault, TraceContent, TraceError, TraceFormat, TraceLimits};

/// Local message types are numbers of four bits.
const LOCAL_TYPES: usize = 16;

/// Whether the bytes begin like FIT.
pub(super) fn looks_like_fit(head: &[u8]) -> bool {
    header::has_magic(head)
}

/// Reads the `record` messages of a FIT file, or of several chained in one.
///
/// A record without a position is no fix and is counted. Every chained file starts a segment, and so does a timer that
/// starts again after a pause; laps do not. The records of a course are a plan and are counted as route points. Times are
/// UTC in whole seconds; those that count from the device's start are left out and counted.
///
/// A wrong checksum costs nothing and is said. A header without a data size, as an interrupted recording leaves it, is read
/// to the end.
///
/// # Errors
/// [`TraceError`] when the bytes do not begin with a FIT header. Whatever breaks later is [`TraceContent::fault`].
pub fn read_fit(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    if bytes.is_empty() {
        return Err(TraceError::Empty);
    }
    let first = Header::read(bytes, 0).map_err(|missed| TraceError::NotThat {
        format: TraceFormat::Fit.name(),
        what: missed.what,
        byte: offset(missed.at),
    })?;
    let mut recording = Recording::new(limits);
    let mut checks = Checks::default();
    let fault = read_chain(bytes, first, &mut recording, &mut checks).err();
    let mut content = recording.finish();
    content.fault = fault;
    let notes = &mut content.notes;
    notes.remark(checks.later_protocols, "headers of a protocol later than 2");
    notes.remark(
        checks.sizes_missing,
        "headers without a data size, read to the end",
    );
    notes.remark(checks.header_checksums, "wrong checksums of headers");
    notes.remark(checks.file_checksums, "wrong checksums of files");
    Ok(content)
}

/// What was not as it should be around the messages.
#[derive(Debug, Default)]
struct Checks {
    later_protocols: u64,
    sizes_missing: u64,
    header_checksums: u64,
    file_checksums: u64,
}

fn read_chain(
    bytes: &[u8],
    first: Header,
    recording: &mut Recording<'_>,
    checks: &mut Checks,
) -> Result<(), Fault> {
    let mut header = first;
    loop {
        checks.later_protocols += u64::from(header.protocol_major > 2);
        checks.header_checksums += u64::from(header.checksum_is_wrong);
        let next = read_file(bytes, &header, recording, checks)?;
        if next >= bytes.len() {
            return Ok(());
        }
        header = Header::read(bytes, next).map_err(|missed| {
            let left = bytes.len().saturating_sub(next);
            let what = format!("{left} bytes follow the end and are no FIT file: {}", missed.what);
            broken(next, what)
        })?;
    }
}

/// Reads one file of a chain, and says where the next would begin.
fn read_file(
    bytes: &[u8],
    header: &Header,
    recording: &mut Recording<'_>,
    checks: &mut Checks,
) -> Result<usize, Fault> {
    let whole = bytes.get(header.start..).unwrap_or_default();
    let after = bytes.get(header.data_start..).unwrap_or_default();
    let unfinished = header.data_size == 0
        && after.len() > crc::BYTES
        && !after.get(crc::BYTES..).is_some_and(header::has_magic);
    if unfinished {
        checks.sizes_missing += 1;
        // Who forgot the size may still have written the checksum, and over all of a file including its own it is 0.
        let footer = if crc16(whole) == 0 { crc::BYTES } else { 0 };
        let end = bytes.len().saturating_sub(footer);
        read_messages(bytes.get(..end).unwrap_or_default(), header, recording)?;
        return Ok(bytes.len());
    }
    let promised = header.data_start.saturating_add(header.data_size);
    let end = promised.min(bytes.len());
    let read = read_messages(bytes.get(..end).unwrap_or_default(), header, recording);
    if promised > bytes.len() {
        let left_out = promised - bytes.len();
        let short = format!("the file ends {left_out} bytes before its data do by the header");
        return Err(match read {
            Err(Fault::Broken { byte, what }) => Fault::Broken {
                byte,
                what: format!("{what}; {short}"),
            },
            Err(fault) => fault,
            Ok(()) => broken(bytes.len(), short),
        });
    }
    read?;
    let Some([low, high]) = bytes.get(end..).and_then(<[u8]>::first_chunk) else {
        return Err(broken(end, "the file ends without its checksum".to_owned()));
    };
    let checked = bytes.get(header.start..end).unwrap_or_default();
    checks.file_checksums += u64::from(crc16(checked) != u16::from_le_bytes([*low, *high]));
    Ok(end.saturating_add(crc::BYTES))
}

/// Reads messages from the end of the header to the end of the bytes.
fn read_messages(bytes: &[u8], header: &Header, recording: &mut Recording<'_>) -> Result<(), Fault> {
    recording.start_file();
    let mut definitions: [Option<Definition>; LOCAL_TYPES] = Default::default();
    let mut cursor = Cursor {
        bytes,
        at: header.data_start,
    };
    loop {
        let start = cursor.at;
        let Some(byte) = cursor.byte() else {
            return Ok(());
        };
        match MessageHeader::of(byte) {
            MessageHeader::Definition { local, developer } => {
                let definition =
                    Definition::read(&mut cursor, developer).map_err(|what| broken(start, what))?;
                if let Some(slot) = definitions.get_mut(local) {
                    *slot = Some(definition);
                }
            }
            MessageHeader::Data { local, time_offset } => {
                let Some(definition) = definitions.get(local).and_then(Option::as_ref) else {
                    let what = format!("a message of local type {local}, which nothing defines");
                    return Err(broken(start, what));
                };
                let Some(message) = cursor.take(definition.size) else {
                    let (size, left) = (definition.size, cursor.left());
                    let what = format!("a message of {size} bytes begins, and {left} are left");
                    return Err(broken(start, what));
                };
                recording.message(definition, message, time_offset, offset(start))?;
            }
        }
    }
}

/// Bytes up to some end, and how far they are read.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// The next `count` bytes; where fewer are left, none and nothing is read.
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }
}

fn broken(at: usize, what: String) -> Fault {
    Fault::Broken {
        byte: offset(at),
        what,
    }
}

fn offset(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
