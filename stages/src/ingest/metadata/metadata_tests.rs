use std::path::Path;

use super::fixture::{In, Tiff};
use super::{
    HeadingReference, ImageMetadata, MetadataFault, MetadataSource, Position, PositionProblem, TimeSource,
    guarded, read_image_metadata,
};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;
const HOUR: i64 = 3_600_000_000;

fn read(tiff: &Tiff) -> ImageMetadata {
    read_image_metadata(&tiff.jpeg(""))
}

fn clock() -> Tiff {
    Tiff::default()
        .text(In::Exif, 0x9003, "2024:05:01 10:00:00")
        .text(In::Exif, 0x9291, "25")
}

fn described(json: &str) -> ImageMetadata {
    read(
        &clock()
            .position(41_900_000, 12_500_000)
            .text(In::Main, 0x010E, json),
    )
}

#[test]
fn policy_i_gps_time_wins_over_the_clock() {
    let tiff = clock()
        .text(In::Gps, 0x1D, "2024:05:01")
        .rationals(In::Gps, 7, &[(8, 1), (0, 1), (1, 1)]);
    let metadata = read(&tiff);
    let captured = metadata.captured.unwrap();
    assert_eq!(
        (captured.time_us, captured.source),
        (TEN - 2 * HOUR + 1_000_000, TimeSource::GpsDateTime)
    );
}

#[test]
fn policy_i_a_clock_without_offset_is_placed_by_the_position() {
    let captured = |tiff: Tiff| {
        read(&tiff)
            .captured
            .map(|captured| (captured.time_us, captured.source))
            .unwrap()
    };
    let us = TEN + 250_000;
    assert_eq!(
        captured(clock().text(In::Exif, 0x9011, "+03:00")),
        (us - 3 * HOUR, TimeSource::OffsetGiven)
    );
    assert_eq!(
        captured(clock().position(41_900_000, 12_500_000)),
        (us - 2 * HOUR, TimeSource::PositionTimeZone)
    );
    assert_eq!(captured(clock()), (us, TimeSource::ZoneUnknown));
    assert_eq!(read(&Tiff::default()).captured, None);
}

#[test]
fn mapillary_wins_over_exif_where_it_is_readable() {
    let metadata = described(
        r#"{"MAPLatitude": 52.5190004, "MAPLongitude": "13.4", "MAPCaptureTime": "2024_05_01_09_30_00_678", "MAPGPSAccuracyMeters": 4.5,
            "MAPCompassHeading": {"TrueHeading": 182.0275, "MagneticHeading": 88.77905, "AccuracyDegrees": 21}, "MAPSettingsUserKey": "secret"}"#,
    );
    let position = metadata.position.unwrap();
    assert_eq!(
        (position.lat_e7, position.lon_e7, metadata.position_source),
        (525_190_004, 134_000_000, Some(MetadataSource::Mapillary))
    );
    let captured = metadata.captured.unwrap();
    assert_eq!(
        (captured.time_us, captured.source),
        (TEN - HOUR / 2 + 678_000, TimeSource::MapillaryUtc)
    );
    let heading = metadata.heading.unwrap();
    assert_eq!(
        (heading.centideg, heading.reference, heading.computed),
        (18_203, HeadingReference::True, false)
    );
    assert_eq!((metadata.accuracy_mm, metadata.faults), (Some(4_500), vec![]));
}

#[test]
fn broken_mapillary_json_leaves_exif() {
    let metadata = described(r#"{"MAPLatitude": 52.5, "MAPLong"#);
    assert_eq!(metadata.position_source, Some(MetadataSource::Exif));
    assert!(
        matches!(
            metadata.faults[..],
            [MetadataFault::MapillaryJson { line: 1, .. }]
        ),
        "{:?}",
        metadata.faults
    );
    let metadata = described(
        r#"{"MAPLatitude": 152.5, "MAPLongitude": 1, "MAPCaptureTime": "yesterday", "MAPCompassHeading": []}"#,
    );
    assert_eq!(
        (metadata.position_source, metadata.position_problem),
        (Some(MetadataSource::Exif), None)
    );
    assert_eq!(
        metadata.captured.map(|captured| captured.source),
        Some(TimeSource::PositionTimeZone)
    );
    assert_eq!(metadata.faults.len(), 3);
    let deep = format!("{{\"MAPLatitude\": {}", "[".repeat(20_000));
    assert_eq!(described(&deep).position_source, Some(MetadataSource::Exif));
    assert_eq!(described("A street in Rome {\"MAP").faults, []);
}

#[test]
fn a_heading_that_only_repeats_a_computed_one_is_computed() {
    let json = r#"{"MAPCompassHeading": {"TrueHeading": 90.004, "MagneticHeading": 90.004}}"#;
    let heading = |tiff: Tiff| {
        read(&tiff.text(In::Main, 0x010E, json))
            .heading
            .map(|heading| (heading.centideg, heading.computed))
    };
    assert_eq!(heading(Tiff::default()), Some((9_000, true)));
    assert_eq!(
        heading(Tiff::default().rationals(In::Gps, 0x11, &[(9_001, 100)])),
        Some((9_001, true))
    );
    assert_eq!(
        heading(Tiff::default().rationals(In::Gps, 0x11, &[(120, 1)])),
        Some((12_000, false))
    );
}

#[test]
fn panoramas_are_known_by_gpano() {
    let attributes = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GPano:ProjectionType="equirectangular"
        GPano:FullPanoWidthPixels="8000" GPano:CroppedAreaImageWidthPixels="4000"/></x:xmpmeta>"#;
    let elements = "<rdf:RDF><rdf:Description><G:ProjectionType> Equirectangular </G:ProjectionType><G:FullPanoWidthPixels>8000</G:FullPanoWidthPixels>\
        <G:CroppedAreaImageWidthPixels>4000</G:CroppedAreaImageWidthPixels></rdf:Description></rdf:RDF>";
    for xmp in [attributes, elements] {
        let metadata = read_image_metadata(&clock().short(In::Exif, 0xA405, 28).jpeg(xmp));
        assert_eq!(
            (metadata.is_360, metadata.field_of_view_millideg),
            (false, Some(180_000)),
            "half of the circle: {xmp}"
        );
    }
    let broken =
        read_image_metadata(&clock().jpeg("<rdf:Description GPano:ProjectionType='equirectangular'><b></a>"));
    assert!(broken.is_360);
    assert!(
        matches!(broken.faults[..], [MetadataFault::Xmp { byte: 59 }]),
        "{:?}",
        broken.faults
    );
    let plain = read_image_metadata(&clock().short(In::Exif, 0xA405, 28).jpeg("<a>cylindrical</a>"));
    assert_eq!(
        (plain.is_360, plain.field_of_view_millideg),
        (false, Some(63_440))
    );
    assert_eq!((plain.width, plain.height), (Some(4_000), Some(3_000)));
}

#[test]
fn nothing_personal_leaves() {
    let json = r#"{"MAPSettingsUsername": "jane", "MAPSettingsEmail": "jane@example.org", "MAPSettingsUploadHash": "abad1dea", "MAPCaptureTime": 1}"#;
    let tiff = clock()
        .text(In::Main, 0x010E, json)
        .text(In::Main, 0x013B, "jane")
        .text(In::Main, 0x8298, "jane")
        .text(In::Exif, 0xA430, "jane")
        .text(In::Exif, 0xA431, "abad1dea");
    let shown = format!("{:?}", read(&tiff));
    assert!(!shown.contains("jane") && !shown.contains("abad1dea"), "{shown}");
}

#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn real_files_give_what_they_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    if !folder.is_dir() {
        eprintln!("skipped: no real files at {}", folder.display());
        return;
    }
    let metadata = |path: &str| read_image_metadata(&bytes_of(&folder.join(path)));
    let lund = metadata("network/opensfm/lund/09.jpg");
    assert_eq!(
        lund.captured.map(|captured| captured.time_us),
        Some(1_402_136_694_416_000)
    );
    assert_eq!(
        (lund.heading.unwrap().computed, lund.accuracy_mm),
        (false, Some(5_000))
    );
    let gopro = metadata("network/geovisio/fixtures/1.jpg");
    assert_eq!(
        (gopro.is_360, gopro.field_of_view_millideg, gopro.model.as_deref()),
        (true, Some(360_000), Some("GoPro Max"))
    );
    assert_eq!(gopro.captured.unwrap().source, TimeSource::GpsDateTime);
    let empty = metadata("corpus/immich/metadata/gps-position/empty_gps.jpg");
    assert_eq!(
        (empty.position, empty.position_problem),
        (None, Some(PositionProblem::NotFinite))
    );
    let denver = metadata("corpus/immich/metadata/dates/datetimeoriginal-gps.jpg")
        .captured
        .unwrap();
    assert_eq!(
        (denver.time_us, denver.source),
        (1_764_613_800_000_000, TimeSource::PositionTimeZone)
    );
    // The corrupted file and its repaired twin say the same.
    let (corrupt, fixed) = (
        metadata("corpus/mapillary-unit/data/corrupt_exif.jpg"),
        metadata("corpus/mapillary-unit/data/fixed_exif.jpg"),
    );
    assert_eq!(
        (corrupt.position, corrupt.captured, corrupt.heading),
        (fixed.position, fixed.captured, fixed.heading)
    );
    assert!(corrupt.position.is_some());
    let twice: Vec<bool> = [
        "empty_exif",
        "corrupt_exif_wrong_type",
        "corrupt_exif_large_thumbnail",
    ]
    .iter()
    .map(|name| {
        metadata(&format!("corpus/mapillary-unit/data/{name}.jpg"))
            .captured
            .is_none()
    })
    .collect();
    assert_eq!(twice, [true; 3]);
}

/// A fixed sequence of numbers (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33).unwrap() % bound.max(1)
    }

    /// Changes a few of the first bytes.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len().min(8_192));
            let byte = u8::try_from(self.below(256)).unwrap();
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, byte),
                2 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xFF),
                _ => bytes[at..].iter_mut().take(1).for_each(|old| *old = byte),
            }
        }
    }
}

/// How many mutations of each kind, given when the test is compiled.
const ROUNDS: Option<&str> = option_env!("MUTATIONS");

fn check_promises(bytes: &[u8]) {
    let metadata = read_image_metadata(bytes);
    assert_eq!(metadata.position.is_some(), metadata.position_source.is_some());
    assert!(metadata.position.is_none() || metadata.position_problem.is_none());
    let in_range = |place: Position| place.lat_e7.abs() <= 900_000_000 && place.lon_e7.abs() <= 1_800_000_000;
    assert!(metadata.position.is_none_or(in_range));
    assert!(metadata.heading.is_none_or(|heading| heading.centideg < 36_000));
    assert!(metadata.orientation.is_none_or(|code| (1..=8).contains(&code)));
    assert!(metadata.faults.len() < 40);
    assert_eq!(
        read_image_metadata(bytes),
        metadata,
        "the same bytes give the same metadata"
    );
}

#[test]
fn no_mutated_real_image_panics_or_breaks_a_promise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    let rounds: u32 = ROUNDS.and_then(|count| count.parse().ok()).unwrap_or(5_000) / 25;
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for path in [
        "network/exif-samples/mixed/DSCN0010.jpg",
        "network/exif-samples/mixed/corrupted.jpg",
        "network/exif-samples/mixed/67-0_length_string.jpg",
        "network/opensfm/lund/09.jpg",
        "network/geovisio/fixtures/1.jpg",
        "network/geovisio/fixtures/invalid_exif.jpg",
        "corpus/mapillary-unit/data/corrupt_exif_2.jpg",
        "corpus/immich/metadata/gps-position/empty_gps.jpg",
        "corpus/imagededup/tests/data/formats_images/ukbench09380.webp",
        "corpus/imagededup/tests/data/formats_images/ukbench09380.png",
    ] {
        let Some(seed) = read_head(&folder.join(path)) else {
            continue;
        };
        for _ in 0..rounds {
            let mut bytes = seed.clone();
            dice.mutate(&mut bytes);
            check_promises(&bytes);
        }
    }
}

/// The first 64 KiB: metadata, and little picture to copy.
fn read_head(path: &Path) -> Option<Vec<u8>> {
    if !path.is_file() {
        eprintln!("skipped: no real file at {}", path.display());
        return None;
    }
    let mut bytes = bytes_of(path);
    bytes.truncate(65_536);
    Some(bytes)
}

#[test]
fn no_mutated_image_panics_or_breaks_a_promise() {
    let json = r#"{"MAPLatitude": 52.5, "MAPLongitude": 13.4, "MAPCaptureTime": "2024_05_01_09_30_00_678", "MAPCompassHeading": {"TrueHeading": 1.5}}"#;
    let seed = clock()
        .position(41_900_000, 12_500_000)
        .text(In::Main, 0x010E, json)
        .text(In::Main, 0x010F, "GoPro")
        .text(In::Gps, 0x1D, "2024:05:01")
        .rationals(In::Gps, 7, &[(8, 1), (0, 1), (1, 1)])
        .rationals(In::Gps, 0x11, &[(8, 1)])
        .jpeg("<rdf:Description G:ProjectionType='equirectangular' G:FullPanoWidthPixels='800' exif:GPSLatitude='45,30.1N' exif:GPSLongitude='7,0E'><exif:DateTimeOriginal>2024-05-01T10:00:00+02:00</exif:DateTimeOriginal></rdf:Description>");
    let rounds: u32 = ROUNDS.and_then(|count| count.parse().ok()).unwrap_or(5_000);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds {
        let mut bytes = seed.clone();
        dice.mutate(&mut bytes);
        check_promises(&bytes);
    }
}

#[test]
fn a_reader_that_panics_is_a_fault() {
    let metadata = guarded(|| panic!("as a damaged file may make it"));
    assert_eq!(metadata.faults, [MetadataFault::GaveUp]);
}
