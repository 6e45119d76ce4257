//! One pass of a pull parser over a trace in XML: what every format of this family needs besides its own names.
//!
//! Elements are known by their local names: real files mix prefixes, wrong namespaces and none. Entities other than the
//! five of XML and numeric ones are never expanded, so a document type can neither fetch nor multiply anything. The nesting
//! is bounded, and the cost linear in the file.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Fault, TraceError, TraceLimits};
use crate::ingest::text::{self, printable};

/// Longer texts are no number and no time; what follows is not collected.
const MOST_TEXT_BYTES: usize = 4_096;

/// One more point would be more than [`TraceLimits::max_points`].
#[derive(Debug)]
pub(super) struct Full;

/// What a format makes of its elements. Depths count from 1, the root.
pub(super) trait Elements {
    /// Local name of the root.
    const ROOT: &'static str;

    /// An element opens.
    fn open(&mut self, tag: &BytesStart<'_>, name: &str, depth: u32) -> Result<(), Full>;

    /// The element of this depth closes.
    fn close(&mut self, depth: u32);

    /// Where text goes now; `None` where nobody reads it.
    fn value(&mut self) -> Option<&mut Value>;
}

/// What a whole pass met that is nobody's element.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// What ended the pass early.
    pub(super) fault: Option<Fault>,
    /// A document type was declared.
    pub(super) doctype: bool,
    /// Bytes that were not in the file's encoding.
    pub(super) replaced_bytes: u64,
}

/// The text of an element while it comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Value {
    text: String,
    /// An undefined entity or too much text: whatever the rest says, the value is unknown.
    spoiled: bool,
}

impl Value {
    /// Another element's text begins.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.spoiled = false;
    }

    /// The text so far, or one that is neither a number nor a time.
    pub(super) fn as_bytes(&self) -> &[u8] {
        if self.spoiled { b"?" } else { self.text.as_bytes() }
    }

    fn push(&mut self, text: &str) {
        if self.text.len() + text.len() > MOST_TEXT_BYTES {
            self.spoiled = true;
        } else {
            self.text.push_str(text);
        }
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) {
        match resolve(reference) {
            Some(letter) => self.push(letter.encode_utf8(&mut [0; 4])),
            None => self.spoiled = true,
        }
    }
}

/// Whether the text opens an element of this local name within what is given.
pub(super) fn opens(head: &str, name: &str) -> bool {
    let mut tags = head.trim_start().split('<');
    // Text before the first tag makes it something else.
    tags.next() == Some("")
        && tags.any(|tag| {
            let end = |letter: char| letter.is_whitespace() || matches!(letter, '>' | '/');
            let opened = tag.split(end).next();
            opened.and_then(|opened| opened.rsplit(':').next()) == Some(name)
        })
}

/// Takes `elements` over the file. `wrong_root` makes the error of a root that is not theirs, of its local name and its place.
///
/// # Errors
/// [`TraceError`] when the first element is not theirs. Whatever breaks later is [`Walked::fault`].
pub(super) fn walk<E: Elements>(
    bytes: &[u8],
    limits: &TraceLimits,
    elements: &mut E,
    wrong_root: impl FnOnce(String, u64) -> TraceError,
) -> Result<Walked, TraceError> {
    let decoded = text::decode(bytes);
    let body = decoded.text.trim_start();
    if body.is_empty() {
        return Err(TraceError::Empty);
    }
    // A pull parser takes text before the root in its stride, and would name some `<` in an image the root.
    if !body.starts_with('<') {
        let blank = u64::try_from(decoded.text.len() - body.len()).unwrap_or(0);
        let detail = "the text does not begin with `<`".to_owned();
        let byte = decoded.file_offset(blank);
        return Err(TraceError::NotXml { detail, byte });
    }
    let mut reader = Reader::from_str(&decoded.text);
    // `Fish & Chips` in a name must not cost the track.
    reader.config_mut().allow_dangling_amp = true;
    let mut pass = Pass {
        elements,
        limits,
        depth: 0,
        root_seen: false,
        doctype: false,
    };
    let (stop, at) = pass.run(&mut reader);
    let byte = decoded.file_offset(at);
    let fault = match stop {
        Stop::End => None,
        Stop::NotXml(detail) => return Err(TraceError::NotXml { detail, byte }),
        Stop::WrongRoot(root) => return Err(wrong_root(root, byte)),
        Stop::Malformed(detail) => Some(Fault::MalformedXml { byte, detail }),
        Stop::Truncated => Some(Fault::Truncated {
            byte,
            open_elements: pass.depth,
        }),
        Stop::TooDeep => Some(Fault::TooDeep {
            byte,
            limit: limits.max_depth,
        }),
        Stop::ContentAfterEnd => Some(Fault::ContentAfterEnd { byte }),
        Stop::Full => Some(Fault::TooManyPoints {
            byte,
            limit: limits.max_points,
        }),
    };
    Ok(Walked {
        fault,
        doctype: pass.doctype,
        replaced_bytes: decoded.replaced,
    })
}

/// Why a pass ends.
enum Stop {
    End,
    NotXml(String),
    WrongRoot(String),
    Malformed(String),
    Truncated,
    TooDeep,
    ContentAfterEnd,
    Full,
}

struct Pass<'p, E> {
    elements: &'p mut E,
    limits: &'p TraceLimits,
    /// Open elements; the root is 1.
    depth: u32,
    root_seen: bool,
    doctype: bool,
}

impl<E: Elements> Pass<'_, E> {
    /// Why the pass ended, and at which byte of the text.
    fn run(&mut self, reader: &mut Reader<&[u8]>) -> (Stop, u64) {
        loop {
            let at = reader.buffer_position();
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let detail = printable(&error.to_string(), 200);
                    let stop = if self.root_seen {
                        Stop::Malformed(detail)
                    } else {
                        Stop::NotXml(detail)
                    };
                    return (stop, reader.error_position());
                }
            };
            if let Err(stop) = self.step(event) {
                return (stop, at);
            }
        }
    }

    fn step(&mut self, event: Event<'_>) -> Result<(), Stop> {
        match event {
            Event::Start(tag) => self.open(&tag)?,
            Event::Empty(tag) => {
                self.open(&tag)?;
                self.close();
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.push(&text),
            Event::CData(text) => self.push(&text),
            Event::GeneralRef(reference) => {
                if let Some(value) = self.elements.value() {
                    value.push_reference(&reference);
                }
            }
            Event::DocType(_) => self.doctype = true,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if !self.root_seen => return Err(Stop::NotXml("no element".to_owned())),
            Event::Eof if self.depth > 0 => return Err(Stop::Truncated),
            Event::Eof => return Err(Stop::End),
        }
        Ok(())
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        let local_name = tag.local_name();
        let name: &str = local_name.as_ref();
        if self.depth == 0 {
            if self.root_seen {
                return Err(Stop::ContentAfterEnd);
            }
            if name != E::ROOT {
                return Err(Stop::WrongRoot(printable(name, 64)));
            }
            self.root_seen = true;
        }
        if self.depth >= self.limits.max_depth {
            return Err(Stop::TooDeep);
        }
        self.depth += 1;
        self.elements
            .open(tag, name, self.depth)
            .map_err(|Full| Stop::Full)
    }

    fn close(&mut self) {
        self.elements.close(self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    fn push(&mut self, text: &str) {
        if let Some(value) = self.elements.value() {
            value.push(text);
        }
    }
}

/// The letter that a numeric or predefined reference stands for.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
