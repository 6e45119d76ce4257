//! Images as objects: the row of one that is read, and what is said of one that is not, or of a sidecar.

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Object, Shot};
use cairn_datasets::units::{Ppm, Timestamp};
use cairn_datasets::verdict::{Finding, Reason};

use super::metadata::{self, ImageMetadata, PositionProblem, TimeSource};
use super::picture::Picture;

/// What is worth saying about an image that was read, the first two faults among it. No value is in it: faults name tags,
/// keys and places in the file.
pub(super) fn remarks(metadata: &ImageMetadata) -> Vec<String> {
    let problem = metadata.position_problem.map(|problem| match problem {
        PositionProblem::HalfMissing => "its position lacks latitude or longitude",
        PositionProblem::NoReference => "its position lacks the hemisphere",
        PositionProblem::NotFinite => "its position is not a number",
        PositionProblem::Unreadable => "its position cannot be read",
        PositionProblem::OutOfRange => "its position is out of range",
    });
    let void = metadata
        .is_void
        .then_some("its receiver says that it had no fix (GPSStatus V)");
    let said = [problem, void].into_iter().flatten().map(str::to_owned);
    let faults = metadata.faults.iter().take(2).map(ToString::to_string);
    said.chain(faults).collect()
}

/// Clause O2: a picture whose pixels are not read, and whether it would have had a place and a time.
pub(super) fn unread(format: &str, bytes: &[u8], sidecar: Option<&[u8]>) -> String {
    let is = format!("is a {format} picture, whose pixels this version cannot read");
    if bytes.get(4..8) != Some(b"ftyp") {
        return is;
    }
    let metadata = metadata::read_with_sidecar(bytes, sidecar);
    let holds = match (metadata.position.is_some(), metadata.captured.is_some()) {
        (true, true) => "a position and a time",
        (true, false) => "a position and no time",
        (false, true) => "a time and no position",
        (false, false) if !metadata.faults.is_empty() => return format!("{is}; its metadata was not read"),
        (false, false) => "neither a position nor a time",
    };
    format!("{is}; its metadata holds {holds}")
}

/// A sidecar is kept for the images that it describes, and refused where there are none.
pub(super) fn read_sidecar(object: &mut Object, describes: u32, bytes: &[u8]) {
    if !metadata::is_xmp(bytes) {
        object.decide(Finding::plain(Reason::Unreadable));
        "holds no XMP description".clone_into(&mut object.detail);
    } else if describes == 0 {
        object.decide(Finding::plain(Reason::UnknownKind));
        "describes no image: none of its session is called like it, with or without its own ending"
            .clone_into(&mut object.detail);
    } else {
        let images = if describes == 1 { "image" } else { "images" };
        object.detail = format!("describes {describes} {images}");
    }
}

/// The row of an image.
pub(super) fn shot(object: &Object, sha256: Digest, picture: &Picture, metadata: ImageMetadata) -> Shot {
    let features = &picture.features;
    let captured = metadata
        .captured
        .map(|c| (Timestamp::from_micros(c.time_us), c.source));
    let in_utc = captured.filter(|(_, source)| *source != TimeSource::ZoneUnknown);
    let heading = metadata.heading.filter(|h| !h.computed);
    let (width, height) = metadata.displayed((picture.width, picture.height));
    Shot {
        path: object.path.clone(),
        ordinal: 0,
        sha256,
        picture_sha256: Digest(picture.picture_sha256),
        width,
        height,
        lat_e7: metadata.position.map(|p| p.lat_e7),
        lon_e7: metadata.position.map(|p| p.lon_e7),
        heading_deg: heading.map(|h| (h.centideg + 50) / 100 % 360),
        accuracy_mm: metadata.accuracy_mm,
        captured_at: in_utc.map(|(at, _)| at),
        civil_at: captured.filter(|_| in_utc.is_none()).map(|(at, _)| at),
        time_source: captured
            .map(|(_, source)| source_name(source))
            .unwrap_or_default()
            .to_owned(),
        make: metadata.make.unwrap_or_default(),
        model: metadata.model.unwrap_or_default(),
        field_of_view_mdeg: metadata.field_of_view_millideg,
        is_360: metadata.is_360,
        mean_milli: features.mean_milli,
        std_milli: features.std_milli,
        dark_ppm: Ppm::new(features.dark_ppm),
        burnt_ppm: Ppm::new(features.burnt_ppm),
        sharpness: Ppm::new(features.high_frequency_ppm),
        laplacian_milli: features.laplacian_milli,
        texture: features.texture,
        pdq: Digest(features.pdq),
        pdq_quality: features.pdq_quality,
        pdq_dihedral: features.pdq_dihedral.concat(),
        thumbnail: features.thumbnail.clone(),
    }
}

fn source_name(source: TimeSource) -> &'static str {
    match source {
        TimeSource::MapillaryUtc => "mapillary",
        TimeSource::GpsDateTime => "gps",
        TimeSource::OffsetGiven => "offset",
        TimeSource::PositionTimeZone => "position-zone",
        TimeSource::ZoneUnknown => "unknown-zone",
    }
}
