//! What can be wrong with a trace file as a whole, and what can end its reading early.

/// Why a file is no trace at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// No bytes, or white space only.
    #[error("the file is empty")]
    Empty,
    /// No XML element could be read.
    #[error("not XML: {detail} at byte {byte}")]
    NotXml {
        /// What the parser met.
        detail: String,
        /// Offset in the file.
        byte: u64,
    },
    /// XML, but of another kind.
    #[error("not GPX: the root element at byte {byte} is `{root}`, expected `gpx`")]
    NotGpx {
        /// Local name of the root element, cut at 64 letters.
        root: String,
        /// Offset in the file.
        byte: u64,
    },
    /// The bytes are no file of the format that their start or their name promised.
    #[error("not {format}: {what} at byte {byte}")]
    NotThat {
        /// The format, as [`TraceFormat::name`](super::TraceFormat::name) has it.
        format: &'static str,
        /// What was met or missed.
        what: String,
        /// Offset in the file.
        byte: u64,
    },
    /// The first line names no time, latitude or longitude column.
    #[error("not a trace: no {missing} column in the header {found}; looked for {looked_for}")]
    NoTraceHeader {
        /// The quantity without a column.
        missing: &'static str,
        /// The first line in quotes, cut at 120 letters; one that may be a row by its length alone, since this goes into the
        /// object's detail.
        found: String,
        /// The names that would have been taken for it.
        looked_for: String,
    },
}

/// What ended the reading of a trace; everything before it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The XML is not well formed.
    #[error("malformed XML at byte {byte}: {detail}")]
    MalformedXml {
        /// Offset in the file.
        byte: u64,
        /// What the parser met.
        detail: String,
    },
    /// The file ends inside an element.
    #[error("the file ends at byte {byte} with {open_elements} elements open")]
    Truncated {
        /// Offset in the file.
        byte: u64,
        /// Elements without an end.
        open_elements: u32,
    },
    /// Elements are nested deeper than the limit.
    #[error("elements nested deeper than {limit} at byte {byte}")]
    TooDeep {
        /// Offset in the file.
        byte: u64,
        /// [`TraceLimits::max_depth`](super::TraceLimits::max_depth).
        limit: u32,
    },
    /// More references to entities than the limit.
    #[error(
        "more than {limit} references to entities that XML does not define, the first too many at byte {byte}"
    )]
    TooManyEntities {
        /// Offset in the file.
        byte: u64,
        /// [`TraceLimits::max_entities`](super::TraceLimits::max_entities).
        limit: u64,
    },
    /// Another element follows the end of the document.
    #[error("more elements after the end of the document at byte {byte}")]
    ContentAfterEnd {
        /// Offset in the file.
        byte: u64,
    },
    /// More points than the limit.
    #[error("more than {limit} points, the first too many at byte {byte}")]
    TooManyPoints {
        /// Offset in the file.
        byte: u64,
        /// [`TraceLimits::max_points`](super::TraceLimits::max_points).
        limit: u64,
    },
    /// A binary file, or JSON, is broken.
    #[error("broken at byte {byte}: {what}")]
    Broken {
        /// Offset in the file.
        byte: u64,
        /// What was met or missed there.
        what: String,
    },
    /// A row longer than the limit, as an unclosed quote makes one.
    #[error("the row at line {line} has {bytes} bytes, more than {limit}")]
    RowTooLong {
        /// Line in the file, from 1.
        line: u64,
        /// Length of the row's fields together.
        bytes: u64,
        /// [`TraceLimits::max_row_bytes`](super::TraceLimits::max_row_bytes).
        limit: u32,
    },
}
