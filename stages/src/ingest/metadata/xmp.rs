//! The little of XMP that matters here: `GPano`'s projection and widths.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::MetadataFault;
use crate::ingest::text;

/// XMP in a JPEG segment has 64 KiB at most; elsewhere what lies beyond is not looked at.
const MOST_PACKET_BYTES: usize = 65_536;

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
    fn set(&mut self, local_name: &str, value: &str) {
        let value = value.trim();
        match local_name {
            "ProjectionType" => self.is_equirectangular |= value.eq_ignore_ascii_case("equirectangular"),
            "FullPanoWidthPixels" => self.full_width = self.full_width.or(value.parse().ok()),
            "CroppedAreaImageWidthPixels" => self.cropped_width = self.cropped_width.or(value.parse().ok()),
            _ => {}
        }
    }

    fn set_from_attributes(&mut self, tag: &BytesStart<'_>) {
        for attribute in tag.attributes().with_checks(false).flatten() {
            self.set(attribute.key.local_name().as_ref(), &attribute.value);
        }
    }
}

/// Reads `GPano`'s properties, written as attributes or as elements under any prefix.
pub(super) fn read_panorama(packet: &[u8], faults: &mut Vec<MetadataFault>) -> Panorama {
    let decoded = text::decode(packet.get(..MOST_PACKET_BYTES).unwrap_or(packet));
    let mut reader = Reader::from_str(&decoded.text);
    reader.config_mut().allow_dangling_amp = true;
    let mut panorama = Panorama::default();
    let mut element = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                panorama.set_from_attributes(&tag);
                tag.local_name().as_ref().clone_into(&mut element);
            }
            Ok(Event::Empty(tag)) => panorama.set_from_attributes(&tag),
            Ok(Event::Text(text)) => panorama.set(&element, &text),
            Ok(Event::End(_)) => element.clear(),
            Ok(Event::Eof) => return panorama,
            Ok(_) => {}
            Err(_) => {
                faults.push(MetadataFault::Xmp {
                    byte: decoded.file_offset(reader.error_position()),
                });
                return panorama;
            }
        }
    }
}
