//! The little of XMP that matters here, from a packet in the file or from a sidecar.
//!
//! A property counts where XMP puts the image's own: at the top of a description, as an attribute or as an element, under any
//! prefix. What is nested in another property speaks of something else: a place that is shown, an earlier version, an ingredient.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::mapillary::MapillaryFacts;
use super::xmp_values::{clock, direction, dji_position, gps_time_us, position, unsigned};
use super::{MetadataFault, Position, PositionProblem, device_name};
use crate::ingest::civil_time::CivilTime;
use crate::ingest::text;

/// Longest value that is looked at, but for descriptions.
const MOST_VALUE_BYTES: usize = 128;
/// Longest description that is looked at.
const MOST_DESCRIPTION_BYTES: usize = 65_536;

/// What `GPano` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Panorama {
    /// `ProjectionType` is `equirectangular`.
    pub(super) is_equirectangular: bool,
    /// Width of the full sphere in pixels.
    pub(super) full_width: Option<u32>,
    /// Width of the part of it that the image shows, in the same pixels.
    pub(super) cropped_width: Option<u32>,
}

impl Panorama {
    /// The full sphere, in pixels of the image itself.
    pub(super) fn whole() -> Self {
        Self {
            is_equirectangular: true,
            ..Self::default()
        }
    }
}

/// What XMP says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct XmpFacts {
    pub(super) panorama: Panorama,
    pub(super) position: Option<Position>,
    pub(super) position_problem: Option<PositionProblem>,
    /// Microseconds since 1970 UTC.
    pub(super) gps_time_us: Option<i64>,
    /// The camera's clock.
    pub(super) clock: Option<CivilTime>,
    /// Direction of view in hundredths of a degree, and whether it is from magnetic north.
    pub(super) direction: Option<(u32, bool)>,
    /// `PoseHeadingDegrees` of a panorama in hundredths of a degree, where it was measured.
    pub(super) pose_centideg: Option<u32>,
    pub(super) accuracy_mm: Option<u32>,
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    pub(super) focal_length_35mm: Option<u32>,
    /// Mapillary's JSON, where a tool moved the image description into XMP.
    pub(super) mapillary: Option<MapillaryFacts>,
}

impl XmpFacts {
    /// Reads a packet. What is malformed ends it; what precedes stands.
    pub(super) fn read(packet: &[u8], faults: &mut Vec<MetadataFault>) -> Self {
        let properties = Properties::read(packet, faults);
        let get = |name: Name| properties.get(name);
        let (position, position_problem) = match position(
            (get(Name::Latitude), get(Name::LatitudeRef)),
            (get(Name::Longitude), get(Name::LongitudeRef)),
        ) {
            Ok(found) => (found, None),
            Err(problem) => {
                faults.push(MetadataFault::XmpProperty {
                    name: "GPSLatitude and GPSLongitude",
                });
                (None, Some(problem))
            }
        };
        let width = |name| get(name).and_then(|value| value.trim().parse().ok());
        let zero = |name| get(name).is_none_or(|value| unsigned(value, 2).is_none_or(|angle| angle == 0));
        // A stitcher that knows no heading writes zeros all over.
        let unset = zero(Name::PoseHeading) && zero(Name::PosePitch) && zero(Name::PoseRoll);
        Self {
            panorama: Panorama {
                is_equirectangular: get(Name::Projection)
                    .is_some_and(|value| value.trim().eq_ignore_ascii_case("equirectangular")),
                full_width: width(Name::FullWidth),
                cropped_width: width(Name::CroppedWidth),
            },
            position: position.or_else(|| dji_position(get(Name::DjiLatitude), get(Name::DjiLongitude))),
            position_problem,
            gps_time_us: gps_time_us(get(Name::GpsTime), get(Name::GpsDate)),
            clock: [
                (
                    Name::Original,
                    Some(Name::OriginalOffset),
                    Some(Name::OriginalSubSec),
                ),
                (Name::DateCreated, None, None),
                (Name::Digitized, None, None),
            ]
            .iter()
            .find_map(|(time, offset, sub_second)| {
                clock(get(*time)?, offset.and_then(get), sub_second.and_then(get))
            }),
            direction: get(Name::Direction).and_then(direction).map(|angle| {
                let magnetic =
                    get(Name::DirectionRef).is_some_and(|value| value.trim().starts_with(['M', 'm']));
                (angle, magnetic)
            }),
            pose_centideg: get(Name::PoseHeading).and_then(direction).filter(|_| !unset),
            accuracy_mm: get(Name::Accuracy).and_then(|value| unsigned(value, 3)),
            make: get(Name::Make).and_then(device_name),
            model: get(Name::Model).and_then(device_name),
            focal_length_35mm: get(Name::Focal35)
                .and_then(|value| unsigned(value, 0))
                .filter(|focal| *focal > 0),
            mapillary: get(Name::Description).and_then(|value| MapillaryFacts::read(value, faults)),
        }
    }
}

/// Whether there is an RDF description in a packet.
pub(super) fn has_description(packet: &[u8]) -> bool {
    let decoded = text::decode(packet);
    let mut reader = Reader::from_str(&decoded.text);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "Description" => {
                return true;
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The properties that are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Projection,
    FullWidth,
    CroppedWidth,
    PoseHeading,
    PosePitch,
    PoseRoll,
    Latitude,
    LatitudeRef,
    Longitude,
    LongitudeRef,
    DjiLatitude,
    DjiLongitude,
    GpsTime,
    GpsDate,
    Direction,
    DirectionRef,
    Accuracy,
    Original,
    OriginalOffset,
    OriginalSubSec,
    DateCreated,
    Digitized,
    Make,
    Model,
    Focal35,
    Description,
}

impl Name {
    fn of(local_name: &str) -> Option<Self> {
        Some(match local_name {
            "ProjectionType" => Self::Projection,
            "FullPanoWidthPixels" => Self::FullWidth,
            "CroppedAreaImageWidthPixels" => Self::CroppedWidth,
            "PoseHeadingDegrees" => Self::PoseHeading,
            "PosePitchDegrees" => Self::PosePitch,
            "PoseRollDegrees" => Self::PoseRoll,
            "GPSLatitude" => Self::Latitude,
            "GPSLatitudeRef" => Self::LatitudeRef,
            "GPSLongitude" => Self::Longitude,
            "GPSLongitudeRef" => Self::LongitudeRef,
            "GpsLatitude" => Self::DjiLatitude,
            // The second spelling is what the drones of some years write.
            "GpsLongitude" | "GpsLongtitude" => Self::DjiLongitude,
            "GPSTimeStamp" => Self::GpsTime,
            "GPSDateStamp" => Self::GpsDate,
            "GPSImgDirection" => Self::Direction,
            "GPSImgDirectionRef" => Self::DirectionRef,
            "GPSHPositioningError" => Self::Accuracy,
            "DateTimeOriginal" => Self::Original,
            "OffsetTimeOriginal" => Self::OriginalOffset,
            "SubSecTimeOriginal" => Self::OriginalSubSec,
            "DateCreated" => Self::DateCreated,
            "DateTimeDigitized" => Self::Digitized,
            "Make" => Self::Make,
            "Model" => Self::Model,
            "FocalLengthIn35mmFilm" => Self::Focal35,
            "description" | "ImageDescription" => Self::Description,
            _ => return None,
        })
    }
}

/// Elements that hold properties or their values and are none themselves.
fn is_wrapper(local_name: &str) -> bool {
    [
        "xmpmeta",
        "xapmeta",
        "RDF",
        "Description",
        "Alt",
        "Seq",
        "Bag",
        "li",
        "value",
    ]
    .contains(&local_name)
}

/// The values found, the first of each name.
#[derive(Default)]
struct Properties {
    found: Vec<(Name, String)>,
    /// The property whose text is being read.
    open: Option<Name>,
    text: String,
    /// How many properties are open within each other.
    depth: u32,
}

impl Properties {
    fn read(packet: &[u8], faults: &mut Vec<MetadataFault>) -> Self {
        let decoded = text::decode(packet);
        let mut reader = Reader::from_str(&decoded.text);
        reader.config_mut().allow_dangling_amp = true;
        let mut properties = Self::default();
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => properties.start(&tag),
                Ok(Event::Empty(tag)) => {
                    properties.attributes(&tag);
                }
                Ok(Event::Text(text)) => properties.push(&text),
                Ok(Event::CData(text)) => properties.push(&text),
                Ok(Event::GeneralRef(reference)) => {
                    let letter = text::referred(&reference).unwrap_or('?');
                    properties.push(letter.encode_utf8(&mut [0; 4]));
                }
                Ok(Event::End(tag)) => properties.end(tag.local_name().as_ref()),
                // The trailer of a packet, and padding that may be no XML.
                Ok(Event::Eof) => return properties,
                Ok(_) => {}
                Err(_) => {
                    properties.close();
                    faults.push(MetadataFault::Xmp {
                        byte: decoded.file_offset(reader.error_position()),
                    });
                    return properties;
                }
            }
        }
    }

    fn get(&self, name: Name) -> Option<&str> {
        let mut values = self.found.iter();
        values
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.as_str())
    }

    fn set(&mut self, name: Name, value: &str) {
        let most = if name == Name::Description {
            MOST_DESCRIPTION_BYTES
        } else {
            MOST_VALUE_BYTES
        };
        if value.len() <= most && !value.trim().is_empty() && self.get(name).is_none() {
            self.found.push((name, value.to_owned()));
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        self.attributes(tag);
        let name = tag.local_name();
        if !is_wrapper(name.as_ref()) {
            self.depth = self.depth.saturating_add(1);
            self.open = if self.depth == 1 {
                Name::of(name.as_ref())
            } else {
                None
            };
            self.text.clear();
        }
    }

    /// Properties as attributes of a description that is in no other property.
    fn attributes(&mut self, tag: &BytesStart<'_>) {
        if self.depth > 0 || tag.local_name().as_ref() != "Description" {
            return;
        }
        for attribute in tag.attributes().with_checks(false).flatten() {
            let Some(name) = Name::of(attribute.key.local_name().as_ref()) else {
                continue;
            };
            match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => self.set(name, &value),
                Err(_) => self.set(name, &attribute.value),
            }
        }
    }

    fn push(&mut self, text: &str) {
        if self.open.is_some() {
            self.text.push_str(text);
        }
    }

    fn end(&mut self, local_name: &str) {
        if !is_wrapper(local_name) {
            self.close();
            self.depth = self.depth.saturating_sub(1);
        } else if local_name == "li" {
            // Of several languages the first.
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(name) = self.open.filter(|_| !self.text.trim().is_empty()) {
            let text = std::mem::take(&mut self.text);
            self.set(name, text.trim());
            self.open = None;
        }
    }
}

#[cfg(test)]
#[path = "xmp_tests.rs"]
mod tests;
