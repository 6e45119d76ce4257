//! GPX 1.0 and 1.1.
//!
//! Only `trkpt` is a recording; `rtept` is a plan and `wpt` a marked place, and both are only counted.

use quick_xml::events::BytesStart;

use super::gpx_point::OpenPoint;
use super::xml_walk::{self, Document, Elements, Full, Value};
use super::{TraceContent, TraceError, TraceLimits};

const ROOT: &str = "gpx";

/// Whether the text opens a `gpx` element, under any prefix, within what is given.
pub(super) fn looks_like_gpx(head: &str) -> bool {
    xml_walk::opens(head, ROOT)
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
    let document = Document::new(bytes)?;
    let mut tracks = Tracks {
        limits,
        content: TraceContent::default(),
        point: None,
        new_segment: false,
        decimal_commas: 0,
    };
    let walked = document.walk(limits, &mut tracks, |root, byte| TraceError::NotGpx {
        root,
        byte,
    })?;
    let mut content = tracks.content;
    walked.note(&mut content);
    content
        .notes
        .remark(tracks.decimal_commas, "positions had a decimal comma");
    Ok(content)
}

/// The fixes of the tracks read so far.
struct Tracks<'l, 'x> {
    limits: &'l TraceLimits,
    content: TraceContent,
    point: Option<OpenPoint<'x>>,
    /// A segment has been opened since the last point.
    new_segment: bool,
    decimal_commas: u64,
}

impl<'x> Elements<'x> for Tracks<'_, 'x> {
    const ROOT: &'static str = ROOT;

    fn open(&mut self, tag: &BytesStart<'_>, name: &str, depth: u32) -> Result<(), Full> {
        if let Some(point) = &mut self.point {
            point.open(name, depth);
            return Ok(());
        }
        match name {
            "trkpt" => return self.open_point(tag, depth),
            "trk" | "trkseg" | ROOT => self.new_segment = true,
            "wpt" => self.content.notes.waypoints += 1,
            "rtept" => self.content.notes.route_points += 1,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, depth: u32) {
        // In place: to move the point out and in at each of its elements costs as much as a twentieth of the reading.
        if let Some(point) = &mut self.point {
            if point.depth == depth {
                let fix = point.fix;
                self.content.notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
                self.content.fixes.push(fix);
                self.point = None;
                self.new_segment = false;
            } else {
                point.close(depth, &mut self.content.notes);
            }
        }
    }

    fn value(&mut self) -> Option<&mut Value<'x>> {
        self.point.as_mut()?.value()
    }
}

impl Tracks<'_, '_> {
    fn open_point(&mut self, tag: &BytesStart<'_>, depth: u32) -> Result<(), Full> {
        if self.limits.reached(&self.content.fixes) {
            return Err(Full);
        }
        let segment = self.content.next_segment(self.new_segment);
        let point = OpenPoint::start(tag, segment, depth);
        self.decimal_commas += u64::from(point.decimal_comma);
        self.point = Some(point);
        Ok(())
    }
}

#[cfg(test)]
#[path = "gpx_tests.rs"]
mod tests;
