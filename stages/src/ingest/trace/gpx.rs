//! GPX 1.0 and 1.1 by one pass of a pull parser.
//!
//! Elements are known by their local names: real files mix prefixes, wrong namespaces and none. Only `trkpt` is a
//! recording; `rtept` is a plan and `wpt` a marked place, and both are only counted. Entities other than the five of XML
//! and numeric ones are never expanded, so a document type can neither fetch nor multiply anything. Files made by joining
//! several documents are read as one.

use std::borrow::Cow;

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
/// number. A second `gpx` after the end of the first is read like a further track, and a remark says so. Where a
/// position has a decimal comma, as programs write it that heed the wrong locale, the point's other numbers may have one.
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
    Ok(walk.finish())
}

/// The state of one pass over the elements.
struct Walk<'l, 'x> {
    content: TraceContent,
    limits: &'l TraceLimits,
    /// Open elements; the root is 1.
    depth: u32,
    point: Option<OpenPoint<'x>>,
    /// A segment has been opened since the last point.
    new_segment: bool,
    /// Documents begun.
    roots: u64,
    /// References that XML does not define, met so far.
    entities: u64,
    decimal_commas: u64,
}

impl<'l, 'x> Walk<'l, 'x> {
    fn new(limits: &'l TraceLimits) -> Self {
        Self {
            content: TraceContent::default(),
            limits,
            depth: 0,
            point: None,
            new_segment: false,
            roots: 0,
            entities: 0,
            decimal_commas: 0,
        }
    }

    fn finish(mut self) -> TraceContent {
        let notes = &mut self.content.notes;
        notes.remark(
            self.roots.saturating_sub(1),
            "further GPX documents follow the first in the same file",
        );
        notes.remark(self.entities, "references to entities that XML does not define");
        notes.remark(self.decimal_commas, "positions had a decimal comma");
        self.content
    }

    fn run(
        &mut self,
        reader: &mut Reader<&'x [u8]>,
        file_offset: impl Fn(u64) -> u64,
    ) -> Result<(), TraceError> {
        loop {
            let at = reader.buffer_position();
            // Matched where it is returned: an event that moves first waits for its own bytes, a sixth of the reading.
            let step = match reader.read_event() {
                Ok(Event::Start(tag)) => self.open(&tag, at),
                Ok(Event::Empty(tag)) => self.open(&tag, at).map(|()| self.close()),
                Ok(Event::End(_)) => {
                    self.close();
                    continue;
                }
                Ok(Event::Text(text)) => {
                    self.push_text(text.into_inner());
                    continue;
                }
                Ok(Event::CData(text)) => {
                    self.push_text(text.into_inner());
                    continue;
                }
                Ok(Event::GeneralRef(reference)) => self.push_reference(&reference, at),
                Ok(Event::DocType(_)) => {
                    self.content.notes.doctype = true;
                    continue;
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                Ok(Event::Eof) => Err(self.end(at)),
                Err(error) => Err(Stop::Fault(Fault::MalformedXml {
                    byte: reader.error_position(),
                    detail: printable(&error.to_string(), 200),
                })),
            };
            if let Err(stop) = step {
                return self.stop(stop, at, &file_offset);
            }
        }
    }

    /// Ends the pass, in an error only where nothing of a GPX was seen.
    fn stop(&mut self, stop: Stop, at: u64, file_offset: impl Fn(u64) -> u64) -> Result<(), TraceError> {
        match stop {
            Stop::End => Ok(()),
            Stop::NotXml => Err(TraceError::NotXml {
                detail: "no element".to_owned(),
                byte: file_offset(at),
            }),
            Stop::NotGpx { root } => Err(TraceError::NotGpx {
                root,
                byte: file_offset(at),
            }),
            Stop::Fault(Fault::MalformedXml { byte, detail }) if self.roots == 0 => Err(TraceError::NotXml {
                detail,
                byte: file_offset(byte),
            }),
            Stop::Fault(fault) => {
                self.content.fault = Some(place(fault, file_offset));
                Ok(())
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), Stop> {
        let qualified = tag.name();
        let name = local(qualified.as_ref());
        if self.depth == 0 {
            self.open_root(name, at)?;
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

    fn open_root(&mut self, name: &str, at: u64) -> Result<(), Stop> {
        if name != "gpx" {
            return Err(if self.roots > 0 {
                Stop::Fault(Fault::ContentAfterEnd { byte: at })
            } else {
                Stop::NotGpx {
                    root: printable(name, 64),
                }
            });
        }
        self.roots += 1;
        self.new_segment = true;
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
        let point = OpenPoint::start(tag, segment, self.depth);
        self.decimal_commas += u64::from(point.decimal_comma);
        self.point = Some(point);
        Ok(())
    }

    fn close(&mut self) {
        // In place: to move the point out and in at each of its elements costs as much as a twentieth of the reading.
        if let Some(point) = &mut self.point {
            if point.depth == self.depth {
                let fix = point.fix;
                self.content.notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
                self.content.fixes.push(fix);
                self.point = None;
                self.new_segment = false;
            } else {
                point.close(self.depth, &mut self.content.notes);
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn push_text(&mut self, text: Cow<'x, str>) {
        if let Some(point) = &mut self.point {
            point.push_text(text);
        }
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>, at: u64) -> Result<(), Stop> {
        let letter = resolve(reference);
        if letter.is_none() {
            if self.entities >= self.limits.max_entities {
                return Err(Stop::Fault(Fault::TooManyEntities {
                    byte: at,
                    limit: self.limits.max_entities,
                }));
            }
            self.entities += 1;
        }
        if let Some(point) = &mut self.point {
            point.push_reference(letter);
        }
        Ok(())
    }

    fn end(&self, at: u64) -> Stop {
        if self.roots == 0 {
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
        Fault::TooManyEntities { byte, limit } => Fault::TooManyEntities {
            byte: file_offset(byte),
            limit,
        },
        Fault::MalformedXml { byte, detail } => Fault::MalformedXml {
            byte: file_offset(byte),
            detail,
        },
        placed @ (Fault::Broken { .. } | Fault::RowTooLong { .. }) => placed,
    }
}

/// The name without its prefix. Few names have one, and names are short: looking at each byte is quicker than a searcher.
pub(super) fn local(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => name.get(colon + 1..).unwrap_or_default(),
        None => name,
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
