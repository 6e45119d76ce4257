//! GPX 1.0 and 1.1 by one pass of a pull parser.
//!
//! Elements are known by their local names: real files mix prefixes, wrong namespaces and none. Only `trkpt` is a
//! recording; `rtept` is a plan and `wpt` a marked place, and both are only counted. Entities other than the five of XML
//! and numeric ones are never expanded, so a document type can neither fetch nor multiply anything.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::gpx_point::OpenPoint;
use super::{Fault, TraceContent, TraceError, TraceLimits};
use crate::ingest::text::{self, printable};

/// Whether the text opens a `gpx` element, under any prefix, within what is given.
pub(super) fn looks_like_gpx(head: &str) -> bool {
    let mut tags = head.trim_start().split('<');
    // Text before the first tag makes it something else.
    tags.next() == Some("")
        && tags.any(|tag| {
            let name = tag
                .split(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'))
                .next();
            name.and_then(|name| name.rsplit(':').next()) == Some("gpx")
        })
}

/// Reads the track points of a GPX file.
///
/// Times without a zone are UTC, as GPX says. A point that is still open where the file breaks is not kept: its time may
/// be cut. Every `trkseg` starts a segment, and a `trk` with points of its own another; segments without points get no
/// number.
///
/// # Errors
/// [`TraceError`] when the first element is not `gpx`. Whatever breaks later is [`TraceContent::fault`].
pub fn read_gpx(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let decoded = text::decode(bytes);
    let body = decoded.text.trim_start();
    if body.is_empty() {
        return Err(TraceError::Empty);
    }
    // A pull parser takes text before the root in its stride, and would name some `<` in an image the root.
    if !body.starts_with('<') {
        let blank = u64::try_from(decoded.text.len() - body.len()).unwrap_or(0);
        let detail = "the text does not begin with `<`".to_owned();
        return Err(TraceError::NotXml {
            detail,
            byte: decoded.file_offset(blank),
        });
    }
    let mut reader = Reader::from_str(&decoded.text);
    // `Fish & Chips` in a name must not cost the track.
    reader.config_mut().allow_dangling_amp = true;
    let mut walk = Walk::new(limits);
    walk.content.notes.replaced_bytes = decoded.replaced;
    walk.run(&mut reader, |at| decoded.file_offset(at))?;
    Ok(walk.content)
}

/// The state of one pass over the elements.
struct Walk<'l> {
    content: TraceContent,
    limits: &'l TraceLimits,
    /// Open elements; the root is 1.
    depth: u32,
    point: Option<OpenPoint>,
    /// A segment has been opened since the last point.
    new_segment: bool,
    root_seen: bool,
    spare_text: String,
}

impl<'l> Walk<'l> {
    fn new(limits: &'l TraceLimits) -> Self {
        Self {
            content: TraceContent::default(),
            limits,
            depth: 0,
            point: None,
            new_segment: false,
            root_seen: false,
            spare_text: String::new(),
        }
    }

    fn run(
        &mut self,
        reader: &mut Reader<&[u8]>,
        file_offset: impl Fn(u64) -> u64,
    ) -> Result<(), TraceError> {
        loop {
            let at = reader.buffer_position();
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let byte = file_offset(reader.error_position());
                    let detail = printable(&error.to_string(), 200);
                    if !self.root_seen {
                        return Err(TraceError::NotXml { detail, byte });
                    }
                    self.content.fault = Some(Fault::MalformedXml { byte, detail });
                    return Ok(());
                }
            };
            match self.step(event, at) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::NotXml) => {
                    let detail = "no element".to_owned();
                    return Err(TraceError::NotXml {
                        detail,
                        byte: file_offset(at),
                    });
                }
                Err(Stop::NotGpx { root }) => {
                    return Err(TraceError::NotGpx {
                        root,
                        byte: file_offset(at),
                    });
                }
                Err(Stop::Fault(fault)) => {
                    self.content.fault = Some(place(fault, &file_offset));
                    return Ok(());
                }
            }
        }
    }

    fn step(&mut self, event: Event<'_>, at: u64) -> Result<(), Stop> {
        match event {
            Event::Start(tag) => self.open(&tag, at)?,
            Event::Empty(tag) => {
                self.open(&tag, at)?;
                self.close();
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.push_text(&text),
            Event::CData(text) => self.push_text(&text),
            Event::GeneralRef(reference) => {
                if let Some(point) = &mut self.point {
                    point.push_reference(resolve(&reference));
                }
            }
            Event::DocType(_) => self.content.notes.doctype = true,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return Err(self.end(at)),
        }
        Ok(())
    }

    fn open(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), Stop> {
        let local_name = tag.local_name();
        let name: &str = local_name.as_ref();
        if self.depth == 0 {
            if self.root_seen {
                return Err(Stop::Fault(Fault::ContentAfterEnd { byte: at }));
            }
            if name != "gpx" {
                return Err(Stop::NotGpx {
                    root: printable(name, 64),
                });
            }
            self.root_seen = true;
        }
        if self.depth >= self.limits.max_depth {
            return Err(Stop::Fault(Fault::TooDeep {
                byte: at,
                limit: self.limits.max_depth,
            }));
        }
        self.depth += 1;
        if let Some(point) = &mut self.point {
            point.open(name, self.depth);
            return Ok(());
        }
        match name {
            "trkpt" => return self.open_point(tag, at),
            "trk" | "trkseg" => self.new_segment = true,
            "wpt" => self.content.notes.waypoints += 1,
            "rtept" => self.content.notes.route_points += 1,
            _ => {}
        }
        Ok(())
    }

    fn open_point(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), Stop> {
        if self.limits.reached(&self.content.fixes) {
            return Err(Stop::Fault(Fault::TooManyPoints {
                byte: at,
                limit: self.limits.max_points,
            }));
        }
        let segment = match self.content.fixes.last() {
            Some(fix) => fix.segment.saturating_add(u32::from(self.new_segment)),
            None => 0,
        };
        self.point = Some(OpenPoint::start(
            tag,
            segment,
            self.depth,
            std::mem::take(&mut self.spare_text),
        ));
        Ok(())
    }

    fn close(&mut self) {
        match self.point.take() {
            Some(point) if point.depth == self.depth => {
                let (fix, text) = point.finish(&mut self.content.notes);
                self.content.fixes.push(fix);
                self.spare_text = text;
                self.new_segment = false;
            }
            Some(mut point) => {
                point.close(self.depth, &mut self.content.notes);
                self.point = Some(point);
            }
            None => {}
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn push_text(&mut self, text: &str) {
        if let Some(point) = &mut self.point {
            point.push_text(text);
        }
    }

    fn end(&self, at: u64) -> Stop {
        if !self.root_seen {
            Stop::NotXml
        } else if self.depth > 0 {
            Stop::Fault(Fault::Truncated {
                byte: at,
                open_elements: self.depth,
            })
        } else {
            Stop::End
        }
    }
}

/// Why the pass ends. Places are offsets in the text until [`place`] turns them into offsets in the file.
enum Stop {
    End,
    NotXml,
    NotGpx { root: String },
    Fault(Fault),
}

fn place(fault: Fault, file_offset: impl Fn(u64) -> u64) -> Fault {
    match fault {
        Fault::Truncated { byte, open_elements } => Fault::Truncated {
            byte: file_offset(byte),
            open_elements,
        },
        Fault::TooDeep { byte, limit } => Fault::TooDeep {
            byte: file_offset(byte),
            limit,
        },
        Fault::ContentAfterEnd { byte } => Fault::ContentAfterEnd {
            byte: file_offset(byte),
        },
        Fault::TooManyPoints { byte, limit } => Fault::TooManyPoints {
            byte: file_offset(byte),
            limit,
        },
        placed @ (Fault::MalformedXml { .. } | Fault::Broken { .. } | Fault::RowTooLong { .. }) => placed,
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

#[cfg(test)]
#[path = "gpx_tests.rs"]
mod tests;
