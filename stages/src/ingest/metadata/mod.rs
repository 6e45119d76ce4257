//! What an image file says about where, when and with what it was taken.
//!
//! [`read_image_metadata`] never fails as a whole: it gives what could be read and lists what broke. Nothing personal
//! leaves it: owner, artist, copyright, serial numbers, user keys and e-mail addresses are read by no code here.
//!
//! **Order of belief**, value by value; what a place lacks, or holds unreadably, the next one fills (of a
//! position, 0,0 exactly is a lack, as long as another place has one):
//! 1. The JSON object with `MAP...` keys that some writers put into the EXIF image description, or that a tool moved into the
//!    description of XMP. Its writers are few and known, its time is UTC by definition and has milliseconds, and they write it
//!    after correcting position and time.
//! 2. EXIF.
//! 3. XMP in the file: EXIF's properties and Photoshop's date first, then what drones say of themselves (`drone-dji`).
//! 4. The sidecar, in the same order. What is in the file wins, because it was written nearer to the capture and cannot be paired
//!    with the wrong image. There is one exception: a clock whose zone nobody knows yields to a sidecar's moment in UTC.
//!
//! Of times, the GPS clock's precedes the camera's wherever it stands in the file. A camera's clock without an offset takes the
//! offset of an XMP time that shows the same second. Of headings, a measured one precedes a computed one, and the pose of a
//! panorama comes after the compass. Orientation is EXIF's alone, as it is for those who show images.
//!
//! **Status.** `GPSStatus` `V` says that the receiver had no fix. Real files with it hold true positions, and other readers do not
//! ask, so such a position is kept; [`ImageMetadata::is_void`] says so, and an accuracy beside it is not believed.

mod belief;
mod camera;
mod container;
mod exif;
mod fault;
mod field_of_view;
mod heif;
mod mapillary;
mod measure;
mod xmp;
mod xmp_values;

pub use fault::MetadataFault;

use cairn_datasets::units::Position;

use belief::Sources;
use camera::Lens;
use container::Container;
use exif::ExifFacts;
use mapillary::MapillaryFacts;
use xmp::XmpFacts;

use crate::caught::caught;

pub(crate) use camera::device_name;

/// XMP in a JPEG segment has 64 KiB at most; elsewhere what lies beyond is not looked at.
const MOST_PACKET_BYTES: usize = 65_536;

/// The position of two scaled coordinates, or why there is none. (0, 0) is reported like any other: the gate is elsewhere.
fn position_of(lat_e7: i64, lon_e7: i64) -> Result<Position, PositionProblem> {
    let (lat_e7, lon_e7) = (i32::try_from(lat_e7).ok(), i32::try_from(lon_e7).ok());
    lat_e7
        .zip(lon_e7)
        .and_then(|(lat, lon)| Position::new(lat, lon))
        .ok_or(PositionProblem::OutOfRange)
}

/// Which part of the file a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataSource {
    /// EXIF tags.
    Exif,
    /// The Mapillary JSON in the image description.
    Mapillary,
    /// XMP in the file.
    Xmp,
    /// The XMP file beside it.
    Sidecar,
}

/// Why a file that speaks of a position has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PositionProblem {
    /// Latitude without longitude or the reverse.
    HalfMissing,
    /// No readable N/S or E/W beside an unsigned coordinate: the hemisphere would be a guess.
    NoReference,
    /// A zero denominator, NaN or infinity.
    NotFinite,
    /// A tag of a type or length that is no coordinate.
    Unreadable,
    /// Beyond 90 or 180 degrees.
    OutOfRange,
}

/// When the image was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// Microseconds since 1970-01-01; UTC, but for [`TimeSource::ZoneUnknown`].
    pub time_us: i64,
    /// How that is known.
    pub source: TimeSource,
}

/// How a capture time is known, best first; the first that a file offers is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSource {
    /// `MAPCaptureTime` of the Mapillary JSON, UTC by definition.
    MapillaryUtc,
    /// `GPSDateStamp` and `GPSTimeStamp`, UTC by definition.
    GpsDateTime,
    /// The camera's clock with a written offset.
    OffsetGiven,
    /// The camera's clock, in the time zone of the image's position.
    PositionTimeZone,
    /// The camera's clock without offset, position or zone: `time_us` is the clock's reading as if it showed UTC. It is no
    /// capture time until the caller finds a position, say on a trace of the session, and asks [`local_to_utc_us`](crate::time_zone::local_to_utc_us).
    ZoneUnknown,
}

/// What a heading is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadingReference {
    /// True north, said or, without a word, assumed as EXIF does.
    True,
    /// Magnetic north; no declination is applied.
    Magnetic,
}

/// Direction of view of the image's centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// Hundredths of a degree clockwise from north, 0..=35,999.
    pub centideg: u32,
    /// Which north.
    pub reference: HeadingReference,
    /// Where it was found.
    pub source: MetadataSource,
    /// Whether it was probably computed from the neighbouring images' positions, not measured. Mapillary's desktop
    /// tools write equal true and magnetic headings without an accuracy, its app a compass reading with one; an EXIF direction that
    /// repeats such a heading is computed too.
    pub computed: bool,
}

/// What an image says about itself. Unknown is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageMetadata {
    /// Where.
    pub position: Option<Position>,
    /// Which part of the file the position is from.
    pub position_source: Option<MetadataSource>,
    /// Why there is no position although the file speaks of one.
    pub position_problem: Option<PositionProblem>,
    /// When.
    pub captured: Option<Captured>,
    /// Direction of view.
    pub heading: Option<Heading>,
    /// Horizontal positioning error in millimetres.
    pub accuracy_mm: Option<u32>,
    /// Whether the receiver says that it had no fix, although there is a position.
    pub is_void: bool,
    /// Maker, printable and at most 64 letters.
    pub make: Option<String>,
    /// Model, printable and at most 64 letters.
    pub model: Option<String>,
    /// EXIF orientation, 1..=8.
    pub orientation: Option<u8>,
    /// Stored width in pixels, before orientation, from the image's own header.
    pub width: Option<u32>,
    /// Stored height in pixels.
    pub height: Option<u32>,
    /// Horizontal field of view in thousandths of a degree, of the image as it is displayed.
    pub field_of_view_millideg: Option<u32>,
    /// Whether it looks all around: an equirectangular projection of the full circle, by its XMP, or by its maker and shape.
    pub is_360: bool,
    /// What could not be read.
    pub faults: Vec<MetadataFault>,
}

impl ImageMetadata {
    /// Width and height as displayed: `stored`, turned where the orientation lies on its side.
    #[must_use]
    pub fn displayed(&self, stored: (u32, u32)) -> (u32, u32) {
        displayed(self.orientation, stored)
    }
}

/// Orientations 5 to 8 turn by a quarter.
fn displayed(orientation: Option<u8>, (width, height): (u32, u32)) -> (u32, u32) {
    if orientation.is_some_and(|code| (5..=8).contains(&code)) {
        (height, width)
    } else {
        (width, height)
    }
}

/// Reads the metadata of a JPEG, PNG, WebP or HEIF file. What could be read stands, and [`ImageMetadata::faults`] says what
/// broke. The picture data is not touched. Cost and memory are linear in the file's metadata, of which EXIF is cut at
/// 256 KiB.
#[must_use]
pub fn read_image_metadata(bytes: &[u8]) -> ImageMetadata {
    read_with_sidecar(bytes, None)
}

/// Whether a file holds a description in XMP at all.
#[must_use]
pub fn is_xmp(packet: &[u8]) -> bool {
    xmp::has_description(packet)
}

/// The same, with the XMP file beside the image filling what the image lacks. All of it is read: who fetches it has a limit.
#[must_use]
pub fn read_with_sidecar(bytes: &[u8], sidecar: Option<&[u8]>) -> ImageMetadata {
    guarded(|| read(bytes, sidecar))
}

/// What a reader gives, or that it panicked.
fn guarded(read: impl FnOnce() -> ImageMetadata) -> ImageMetadata {
    caught(read).unwrap_or_else(|| ImageMetadata {
        faults: vec![MetadataFault::GaveUp],
        ..ImageMetadata::default()
    })
}

fn read(bytes: &[u8], sidecar: Option<&[u8]>) -> ImageMetadata {
    let mut faults = Vec::new();
    let container = Container::read(bytes, &mut faults);
    let exif = container
        .exif
        .as_deref()
        .map(|block| ExifFacts::read(block, &mut faults))
        .unwrap_or_default();
    let described = exif
        .description
        .as_deref()
        .and_then(|description| MapillaryFacts::read(description, &mut faults));
    let mut xmp = container
        .xmp
        .map(|packet| packet.get(..MOST_PACKET_BYTES).unwrap_or(packet))
        .map(|packet| XmpFacts::read(packet, &mut faults))
        .unwrap_or_default();
    let sidecar = sidecar
        .map(|packet| XmpFacts::read(packet, &mut faults))
        .unwrap_or_default();
    let sources = Sources {
        mapillary: described.or(xmp.mapillary.take()).unwrap_or_default(),
        exif,
        xmp,
        sidecar,
    };
    let (width, height) = (container.width, container.height);
    sources.metadata(width.zip(height), faults)
}

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
