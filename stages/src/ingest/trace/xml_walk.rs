//! One pass of a pull parser over a trace in XML: what every format of this family needs besides its own names.
//!
//! Elements are known by their local names: real files mix prefixes, wrong namespaces and none. Entities other than the
//! five of XML and numeric ones are never expanded, so a document type can neither fetch nor multiply anything. The nesting
//! is bounded, and the cost linear in the file. Files made by joining several documents are read as one.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::{Fault, TraceContent, TraceError, TraceLimits};
use crate::ingest::text::{self, DecodedText, printable, referred};

/// Longer texts are no number and no time; what follows is not collected.
const MOST_TEXT_BYTES: usize = 4_096;

/// One more point would be more than [`TraceLimits::max_points`].
#[derive(Debug)]
pub(super) struct Full;

/// What a format makes of its elements. Depths count from 1, the root; a root opens for each document of the file.
pub(super) trait Elements<'x> {
    /// Local name of the root.
    const ROOT: &'static str;

    /// An element opens.
    fn open(&mut self, tag: &BytesStart<'_>, name: &str, depth: u32) -> Result<(), Full>;

    /// The element of this depth closes.
    fn close(&mut self, depth: u32);

    /// Where text goes now; `None` where nobody reads it.
    fn value(&mut self) -> Option<&mut Value<'x>>;
}

/// What a whole pass met that is nobody's element.
#[derive(Debug, Default)]
pub(super) struct Walked {
    fault: Option<Fault>,
    doctype: bool,
    replaced_bytes: u64,
    /// Documents begun.
    roots: u64,
    /// References that XML does not define.
    entities: u64,
}

impl Walked {
    /// Says it where the fixes are.
    pub(super) fn note(self, content: &mut TraceContent) {
        content.fault = self.fault;
        let notes = &mut content.notes;
        notes.doctype = self.doctype;
        notes.replaced_bytes = self.replaced_bytes;
        notes.remark(
            self.roots.saturating_sub(1),
            "further documents follow the first in the same file",
        );
        notes.remark(self.entities, "references to entities that XML does not define");
    }
}

/// The text of an element while it comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Value<'x> {
    /// Borrowed from the file while it is one piece, as it nearly always is.
    text: Cow<'x, str>,
    /// An undefined entity or too much text: whatever the rest says, the value is unknown.
    spoiled: bool,
}

impl<'x> Value<'x> {
    /// Another element's text begins.
    pub(super) fn clear(&mut self) {
        self.text = Cow::Borrowed("");
        self.spoiled = false;
    }

    /// The text so far, or one that is neither a number nor a time.
    pub(super) fn as_bytes(&self) -> &[u8] {
        if self.spoiled { b"?" } else { self.text.as_bytes() }
    }

    fn push(&mut self, text: Cow<'x, str>) {
        if self.text.len() + text.len() > MOST_TEXT_BYTES {
            self.spoiled = true;
        } else if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.to_mut().push_str(&text);
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
            opened.map(local) == Some(name)
        })
}

/// The name without its prefix. Few names have one, and names are short: looking at each byte is quicker than a searcher.
pub(super) fn local(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => name.get(colon + 1..).unwrap_or_default(),
        None => name,
    }
}

/// A file in XML, as text.
#[derive(Debug)]
pub(super) struct Document<'b>(DecodedText<'b>);

impl<'b> Document<'b> {
    /// Decodes it.
    ///
    /// # Errors
    /// [`TraceError`] when it is empty or does not begin with a tag.
    pub(super) fn new(bytes: &'b [u8]) -> Result<Self, TraceError> {
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
        Ok(Self(decoded))
    }

    /// Takes `elements` over the file. `wrong_root` makes the error of a root that is not theirs, of its local name and its place.
    ///
    /// # Errors
    /// [`TraceError`] when the first element is not theirs. Whatever breaks later is a fault in what comes back.
    pub(super) fn walk<'x, E: Elements<'x>>(
        &'x self,
        limits: &TraceLimits,
        elements: &mut E,
        wrong_root: impl FnOnce(String, u64) -> TraceError,
    ) -> Result<Walked, TraceError> {
        let mut reader = Reader::from_str(&self.0.text);
        // `Fish & Chips` in a name must not cost the track.
        reader.config_mut().allow_dangling_amp = true;
        let mut pass = Pass {
            elements,
            limits,
            depth: 0,
            roots: 0,
            entities: 0,
            doctype: false,
        };
        let (stop, at) = pass.run(&mut reader);
        let byte = self.0.file_offset(at);
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
            Stop::TooManyEntities => Some(Fault::TooManyEntities {
                byte,
                limit: limits.max_entities,
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
            replaced_bytes: self.0.replaced,
            roots: pass.roots,
            entities: pass.entities,
        })
    }
}

/// Why a pass ends.
enum Stop {
    End,
    NotXml(String),
    WrongRoot(String),
    Malformed(String),
    Truncated,
    TooDeep,
    TooManyEntities,
    ContentAfterEnd,
    Full,
}

struct Pass<'p, E> {
    elements: &'p mut E,
    limits: &'p TraceLimits,
    /// Open elements; the root is 1.
    depth: u32,
    roots: u64,
    entities: u64,
    doctype: bool,
}

impl<'x, E: Elements<'x>> Pass<'_, E> {
    /// Why the pass ended, and at which byte of the text.
    fn run(&mut self, reader: &mut Reader<&'x [u8]>) -> (Stop, u64) {
        loop {
            let at = reader.buffer_position();
            // Matched where it is returned: an event that moves first waits for its own bytes, a sixth of the reading.
            let step = match reader.read_event() {
                Ok(Event::Start(tag)) => self.open(&tag),
                Ok(Event::Empty(tag)) => self.open(&tag).map(|()| self.close()),
                Ok(Event::End(_)) => {
                    self.close();
                    continue;
                }
                Ok(Event::Text(text)) => {
                    self.push(text.into_inner());
                    continue;
                }
                Ok(Event::CData(text)) => {
                    self.push(text.into_inner());
                    continue;
                }
                Ok(Event::GeneralRef(reference)) => self.push_reference(&reference),
                Ok(Event::DocType(_)) => {
                    self.doctype = true;
                    continue;
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                Ok(Event::Eof) => Err(self.end()),
                Err(error) => {
                    let detail = printable(&error.to_string(), 200);
                    let stop = if self.roots == 0 {
                        Stop::NotXml(detail)
                    } else {
                        Stop::Malformed(detail)
                    };
                    return (stop, reader.error_position());
                }
            };
            if let Err(stop) = step {
                return (stop, at);
            }
        }
    }

    fn end(&self) -> Stop {
        if self.roots == 0 {
            Stop::NotXml("no element".to_owned())
        } else if self.depth > 0 {
            Stop::Truncated
        } else {
            Stop::End
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        let qualified = tag.name();
        let name = local(qualified.as_ref());
        if self.depth == 0 {
            self.open_root(name)?;
        }
        if self.depth >= self.limits.max_depth {
            return Err(Stop::TooDeep);
        }
        self.depth += 1;
        self.elements
            .open(tag, name, self.depth)
            .map_err(|Full| Stop::Full)
    }

    fn open_root(&mut self, name: &str) -> Result<(), Stop> {
        if name == E::ROOT {
            self.roots += 1;
            Ok(())
        } else if self.roots > 0 {
            Err(Stop::ContentAfterEnd)
        } else {
            Err(Stop::WrongRoot(printable(name, 64)))
        }
    }

    fn close(&mut self) {
        self.elements.close(self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    fn push(&mut self, text: Cow<'x, str>) {
        if let Some(value) = self.elements.value() {
            value.push(text);
        }
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Stop> {
        let letter = referred(reference);
        if letter.is_none() {
            if self.entities >= self.limits.max_entities {
                return Err(Stop::TooManyEntities);
            }
            self.entities += 1;
        }
        if let Some(value) = self.elements.value() {
            match letter {
                Some(letter) => value.push(Cow::Owned(letter.to_string())),
                None => value.spoiled = true,
            }
        }
        Ok(())
    }
}
