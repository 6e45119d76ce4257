//! `GeoJSON` by one pass over its events, so that a file that breaks keeps what precedes the break, and so that positions
//! are read from their digits, not from doubles: the `geojson` and `serde_json` crates can do neither.
//!
//! A recording is a line or a set of points with a time for each position: in `coordTimes`, `times` or `timestamps` of the
//! properties or of their `coordinateProperties`, as the fourth coordinate, or, for a lone point, in any property that a
//! table would call its time. Areas are no recording and are only counted.

mod feature;

use json_event_parser::{JsonEvent, LowLevelJsonParser};

use self::feature::{Feature, Kind, Lines};
use super::{Fault, TraceContent, TraceError, TraceFormat, TraceLimits};
use crate::ingest::text::{self, printable};

const TYPES: [&str; 9] = [
    "FeatureCollection",
    "Feature",
    "GeometryCollection",
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
];

/// Whether the bytes begin like `GeoJSON`: a `type` that it defines, and coordinates where the type promises no features.
pub(super) fn looks_like_geojson(head: &str) -> bool {
    let head = head.trim_start_matches(|letter: char| letter.is_whitespace() || letter == RECORD_SEPARATOR);
    if !head.starts_with(['{', '[']) {
        return false;
    }
    let has_coordinates = head.contains("\"coordinates\"");
    head.split("\"type\"").skip(1).any(|after| {
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let name = value.and_then(|value| value.strip_prefix('"')?.split('"').next());
        name.and_then(|name| TYPES.iter().position(|known| *known == name))
            .is_some_and(|at| at < 3 || has_coordinates)
    })
}

/// Begins each text of a `GeoJSON` sequence (RFC 8142).
const RECORD_SEPARATOR: char = '\u{1E}';

/// Reads `GeoJSON`: one object, an array of them, or several one after another, as in newline-delimited files.
///
/// Each line is a segment; points that follow each other are one. Numbers that are times count from 1970, in the unit that
/// their size says (seconds below 1e11, milliseconds below 1e14, microseconds below 1e17). Where there are fewer or more
/// times than positions nobody knows which belong together, and the positions stay without a time.
///
/// # Errors
/// [`TraceError`] when the bytes are no such file at all; a file that only breaks later is `Ok` with a fault.
pub fn read_geojson(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let decoded = text::decode(bytes);
    let body = decoded.text.as_bytes();
    if body.iter().all(|byte| is_between(*byte)) {
        return Err(TraceError::Empty);
    }
    let mut walk = Walk::new(limits);
    walk.lines.content.notes.replaced_bytes = decoded.replaced;
    let stopped = walk.read(body);
    let (at, fault) = match stopped {
        Ok(()) => (body.len(), None),
        Err(stop) => (stop.at, Some(stop)),
    };
    let byte = decoded.file_offset(u64::try_from(at).unwrap_or(u64::MAX));
    if !walk.is_geojson {
        return Err(TraceError::NotThat {
            format: TraceFormat::GeoJson.name(),
            what: fault.map_or_else(
                || "no features and no coordinates".to_owned(),
                |stop| stop.why.in_words(),
            ),
            byte,
        });
    }
    if let Some(stop) = fault {
        if let Some(feature) = walk.feature.take() {
            walk.lines.push_broken(feature);
        }
        walk.lines.content.fault = Some(stop.why.fault(byte, limits));
    }
    Ok(walk.lines.finish())
}

fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || char::from(byte) == RECORD_SEPARATOR
}

/// Why the reading ends early, and where in the text.
struct Stop {
    at: usize,
    why: Why,
}

enum Why {
    Broken(String),
    TooDeep,
    TooManyPoints,
}

impl Why {
    fn in_words(self) -> String {
        match self {
            Self::Broken(what) => what,
            Self::TooDeep => "nothing of it before its nesting gets too deep".to_owned(),
            Self::TooManyPoints => "more points than the limit".to_owned(),
        }
    }

    fn fault(self, byte: u64, limits: &TraceLimits) -> Fault {
        match self {
            Self::Broken(what) => Fault::Broken { byte, what },
            Self::TooDeep => Fault::TooDeep {
                byte,
                limit: limits.max_depth,
            },
            Self::TooManyPoints => Fault::TooManyPoints {
                byte,
                limit: limits.max_points,
            },
        }
    }
}

/// What an open object or array is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A collection, a feature or a geometry: the member names say which.
    Thing {
        kind: Kind,
        first_position: usize,
    },
    /// Features, each with positions and times of its own.
    Features,
    /// Geometries that share the feature's times.
    Geometries,
    /// Positions at any depth; how many numbers of one have been read here.
    Coordinates {
        numbers: usize,
    },
    Properties,
    CoordinateProperties,
    Times,
    /// Foreign members.
    Skipped,
}

/// An open object or array.
#[derive(Debug, Clone, Copy)]
struct Frame {
    role: Role,
    /// What the next value in it will be for, as its key says.
    next: Next,
}

/// What a member is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Type,
    Features,
    Geometries,
    Geometry,
    Coordinates,
    Properties,
    CoordinateProperties,
    Times,
    Property,
    Foreign,
}

impl Next {
    fn of(role: Role, key: &str) -> Self {
        match (role, key) {
            (Role::Thing { .. }, "type") => Self::Type,
            (Role::Thing { .. }, "features") => Self::Features,
            (Role::Thing { .. }, "geometries") => Self::Geometries,
            (Role::Thing { .. }, "geometry") => Self::Geometry,
            (Role::Thing { .. }, "coordinates") => Self::Coordinates,
            (Role::Thing { .. }, "properties") => Self::Properties,
            (Role::Properties, "coordinateProperties") => Self::CoordinateProperties,
            (
                Role::Properties | Role::CoordinateProperties,
                "coordTimes" | "times" | "timestamps" | "coordinateTimes" | "coord_times",
            ) => Self::Times,
            (Role::Properties, _) => Self::Property,
            _ => Self::Foreign,
        }
    }
}

/// The state of one pass over the events.
struct Walk<'l> {
    limits: &'l TraceLimits,
    frames: Vec<Frame>,
    /// The feature, or the geometry without one, that is open, and the number of frames below its own.
    feature: Option<Feature>,
    feature_depth: usize,
    key: String,
    /// Features or coordinates have been seen.
    is_geojson: bool,
    lines: Lines,
}

impl<'l> Walk<'l> {
    fn new(limits: &'l TraceLimits) -> Self {
        Self {
            limits,
            frames: Vec::new(),
            feature: None,
            feature_depth: 0,
            key: String::new(),
            is_geojson: false,
            lines: Lines::default(),
        }
    }

    fn read(&mut self, body: &[u8]) -> Result<(), Stop> {
        let mut at = 0;
        loop {
            let rest = body.get(at..).unwrap_or_default();
            match rest.iter().position(|byte| !is_between(*byte)) {
                Some(blank) => at += blank,
                None => return Ok(()),
            }
            at = self.read_text(body, at)?;
        }
    }

    /// Reads one JSON text and gives the place after it.
    fn read_text(&mut self, body: &[u8], start: usize) -> Result<usize, Stop> {
        let mut parser = LowLevelJsonParser::new();
        let mut at = start;
        loop {
            let result = parser.parse_next(body.get(at..).unwrap_or_default(), true);
            let before = at;
            at = at.saturating_add(result.consumed_bytes);
            let stop = |why| Stop { at: before, why };
            match result.event {
                Some(Ok(event)) => self.step(event).map_err(stop)?,
                Some(Err(error)) => {
                    let offset = usize::try_from(error.location().start.offset).unwrap_or(usize::MAX);
                    return Err(Stop {
                        at: start.saturating_add(offset).min(body.len()),
                        why: Why::Broken(printable(error.message(), 120)),
                    });
                }
                None => return Err(stop(Why::Broken("nothing that JSON has".to_owned()))),
            }
            if self.frames.is_empty() {
                return Ok(at);
            }
        }
    }

    fn step(&mut self, event: JsonEvent<'_>) -> Result<(), Why> {
        match event {
            JsonEvent::StartObject => self.open(true),
            JsonEvent::StartArray => self.open(false),
            JsonEvent::EndObject | JsonEvent::EndArray => self.close(),
            JsonEvent::ObjectKey(key) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.next = Next::of(frame.role, &key);
                    if frame.next == Next::Property {
                        self.key.clear();
                        self.key.push_str(&key);
                    }
                }
                Ok(())
            }
            JsonEvent::Number(digits) => {
                self.scalar(&digits, false);
                Ok(())
            }
            JsonEvent::String(text) => {
                self.scalar(&text, true);
                Ok(())
            }
            JsonEvent::Null | JsonEvent::Boolean(_) => {
                self.scalar("", true);
                Ok(())
            }
            JsonEvent::Eof => Err(Why::Broken("the file ends".to_owned())),
        }
    }

    fn open(&mut self, is_object: bool) -> Result<(), Why> {
        if self.frames.len() >= usize::try_from(self.limits.max_depth).unwrap_or(usize::MAX) {
            return Err(Why::TooDeep);
        }
        let role = self.role_of_child(is_object);
        match role {
            Role::Features => {
                self.is_geojson = true;
                // What was taken for a feature is their collection.
                self.feature = None;
            }
            Role::Coordinates { .. } => self.is_geojson = true,
            Role::Thing { .. } if self.feature.is_none() => {
                self.feature = Some(Feature::default());
                self.feature_depth = self.frames.len();
            }
            _ => {}
        }
        self.frames.push(Frame {
            role,
            next: Next::Foreign,
        });
        Ok(())
    }

    fn role_of_child(&self, is_object: bool) -> Role {
        let thing = Role::Thing {
            kind: Kind::Unknown,
            first_position: self.feature.as_ref().map_or(0, |feature| feature.positions.len()),
        };
        let Some(frame) = self.frames.last() else {
            return if is_object { thing } else { Role::Features };
        };
        match (frame.role, is_object) {
            (Role::Features | Role::Geometries, true) => thing,
            (Role::Coordinates { .. }, false) => Role::Coordinates { numbers: 0 },
            (Role::Times, false) => Role::Times,
            (Role::Thing { .. } | Role::Properties | Role::CoordinateProperties, _) => {
                match (frame.next, is_object) {
                    (Next::Features, false) => Role::Features,
                    (Next::Geometries, false) => Role::Geometries,
                    (Next::Geometry, true) => thing,
                    (Next::Coordinates, false) => Role::Coordinates { numbers: 0 },
                    (Next::Properties, true) => Role::Properties,
                    (Next::CoordinateProperties, true) => Role::CoordinateProperties,
                    (Next::Times, false) => Role::Times,
                    _ => Role::Skipped,
                }
            }
            _ => Role::Skipped,
        }
    }

    fn close(&mut self) -> Result<(), Why> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let Some(feature) = &mut self.feature else {
            return Ok(());
        };
        match frame.role {
            Role::Coordinates { numbers: 0 } => feature.end_line(),
            Role::Coordinates { numbers } => {
                let kept = self.lines.content.fixes.len() + feature.positions.len();
                if u64::try_from(kept).unwrap_or(u64::MAX) >= self.limits.max_points {
                    return Err(Why::TooManyPoints);
                }
                feature.end_position(numbers);
            }
            Role::Thing { kind, first_position } => {
                feature.end_geometry(kind, first_position);
                if self.frames.len() == self.feature_depth
                    && let Some(feature) = self.feature.take()
                {
                    self.lines.push(&feature);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A number by its digits, a string, or nothing (`null` and booleans).
    fn scalar(&mut self, text: &str, quoted: bool) {
        let (Some(frame), Some(feature)) = (self.frames.last_mut(), &mut self.feature) else {
            return;
        };
        match &mut frame.role {
            Role::Coordinates { numbers } => {
                feature.coordinate(*numbers, text, quoted);
                *numbers += 1;
            }
            Role::Times => feature.time(text, self.limits),
            Role::Thing { kind, .. } if frame.next == Next::Type && quoted => {
                *kind = Kind::of(text);
                feature.last_kind = *kind;
            }
            Role::Properties if frame.next == Next::Property => feature.property(&self.key, text),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "geojson_tests.rs"]
mod tests;
