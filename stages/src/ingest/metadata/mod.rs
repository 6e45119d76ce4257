//! What an image file says about where, when and with what it was taken.
//!
//! [`read_image_metadata`] never fails as a whole: it gives what could be read and lists what broke. Nothing personal
//! leaves it: owner, artist, copyright, serial numbers, user keys and e-mail addresses are read by no code here.
//!
//! **EXIF and Mapillary.** Some writers put a JSON object with `MAP...` keys into the EXIF image description. Where it
//! holds a readable value, that value wins over EXIF's: its writers are few and known, its time is UTC by definition and has
//! milliseconds, and they write it after correcting position and time. EXIF fills what it lacks.

mod container;
mod exif;
mod fault;
mod field_of_view;
mod mapillary;
pub(super) mod measure;
mod xmp;

pub use fault::MetadataFault;

use cairn_datasets::units::Position;

use crate::time_zone::local_to_utc_us;
use container::Container;
use exif::ExifFacts;
use mapillary::MapillaryFacts;

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
    /// The Mapillary JSON in the EXIF image description.
    Mapillary,
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
    /// The camera's clock in microseconds since 1970 as if it showed UTC, with its sub-seconds: orders the images of one
    /// camera where GPS stamps have whole seconds only.
    pub captured_local_us: Option<i64>,
    /// Direction of view.
    pub heading: Option<Heading>,
    /// Horizontal positioning error in millimetres.
    pub accuracy_mm: Option<u32>,
    /// Dilution of precision in thousandths: horizontal, or of position where the receiver had a 3D fix (as EXIF has it).
    pub hdop_milli: Option<u32>,
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
    /// Focal length as on 35 mm film, in millimetres.
    pub focal_length_35mm: Option<u32>,
    /// Horizontal field of view of the stored image in thousandths of a degree.
    pub field_of_view_millideg: Option<u32>,
    /// Whether it is a part or the whole of a sphere in equirectangular projection.
    pub is_360: bool,
    /// What could not be read.
    pub faults: Vec<MetadataFault>,
}

/// Reads the metadata of a JPEG, PNG or WebP file. What could be read stands, and [`ImageMetadata::faults`] says what
/// broke. The picture data is not touched. Cost and memory are linear in the file's metadata, of which EXIF is cut at
/// 256 KiB.
#[must_use]
pub fn read_image_metadata(bytes: &[u8]) -> ImageMetadata {
    let mut faults = Vec::new();
    let container = Container::read(bytes, &mut faults);
    let exif = container
        .exif
        .map(|block| ExifFacts::read(block, &mut faults))
        .unwrap_or_default();
    let mapillary = exif
        .description
        .as_deref()
        .and_then(|description| MapillaryFacts::read(description, &mut faults))
        .unwrap_or_default();
    let panorama = container
        .xmp
        .map(|packet| xmp::read_panorama(packet, &mut faults))
        .unwrap_or_default();
    let size = container.width.zip(container.height);
    let (position, position_source) = match (mapillary.position, exif.position) {
        (Some(position), _) => (Some(position), Some(MetadataSource::Mapillary)),
        (None, Some(position)) => (Some(position), Some(MetadataSource::Exif)),
        (None, None) => (None, None),
    };
    let problem = exif.position_problem.or(mapillary.position_problem);
    ImageMetadata {
        position,
        position_source,
        position_problem: problem.filter(|_| position.is_none()),
        captured: captured(&exif, &mapillary, position),
        captured_local_us: exif.clock.map(|clock| clock.local_us),
        heading: heading(&exif, &mapillary),
        accuracy_mm: mapillary.accuracy_mm.or(exif.accuracy_mm),
        hdop_milli: exif.hdop_milli,
        make: exif.make.or(mapillary.make),
        model: exif.model.or(mapillary.model),
        orientation: exif.orientation,
        width: container.width,
        height: container.height,
        focal_length_35mm: exif.focal_length_35mm,
        field_of_view_millideg: if panorama.is_equirectangular {
            field_of_view::of_panorama(&panorama, size)
        } else {
            exif.focal_length_35mm
                .zip(size)
                .and_then(|(focal, size)| field_of_view::of_lens(focal, size))
        },
        is_360: panorama.is_equirectangular,
        faults,
    }
}

fn captured(exif: &ExifFacts, mapillary: &MapillaryFacts, position: Option<Position>) -> Option<Captured> {
    if let Some(time_us) = mapillary.captured_us {
        return Some(Captured {
            time_us,
            source: TimeSource::MapillaryUtc,
        });
    }
    if let Some(time_us) = exif.gps_time_us {
        return Some(Captured {
            time_us,
            source: TimeSource::GpsDateTime,
        });
    }
    let clock = exif.clock?;
    if clock.offset_s.is_some() {
        return Some(Captured {
            time_us: clock.utc_us(0),
            source: TimeSource::OffsetGiven,
        });
    }
    if let Some(time_us) = position.and_then(|position| local_to_utc_us(clock.local_us, position)) {
        return Some(Captured {
            time_us,
            source: TimeSource::PositionTimeZone,
        });
    }
    Some(Captured {
        time_us: clock.local_us,
        source: TimeSource::ZoneUnknown,
    })
}

/// The first that was measured: EXIF's direction, then Mapillary's; else a computed one, flagged.
fn heading(exif: &ExifFacts, mapillary: &MapillaryFacts) -> Option<Heading> {
    let from_mapillary = mapillary.heading;
    let from_exif = exif.heading.map(|heading| Heading {
        computed: from_mapillary
            .is_some_and(|other| other.computed && is_same_direction(other.centideg, heading.centideg)),
        ..heading
    });
    let both = [from_exif, from_mapillary];
    both.iter()
        .flatten()
        .find(|heading| !heading.computed)
        .or(both.iter().flatten().next())
        .copied()
}

/// Within 0.02 degrees: both are rounded on their way into the file.
fn is_same_direction(one: u32, other: u32) -> bool {
    let apart = one.abs_diff(other);
    apart.min(36_000_u32.saturating_sub(apart)) <= 2
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
