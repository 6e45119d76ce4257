use crate::ingest::metadata::fixture::{In, Tiff};
use crate::ingest::metadata::{
    HeadingReference, ImageMetadata, MetadataSource, TimeSource, is_xmp, read_image_metadata,
    read_with_sidecar,
};

/// 2024-05-01T10:00:00Z
const TEN: i64 = 1_714_557_600_000_000;
const HOUR: i64 = 3_600_000_000;

fn xmp(properties: &str) -> String {
    format!("<x:xmpmeta><rdf:RDF><rdf:Description>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>")
}

fn in_xmp(latitude: &str) -> String {
    xmp(&format!(
        "<exif:GPSLatitude>{latitude}</exif:GPSLatitude><exif:GPSLongitude>12,30E</exif:GPSLongitude>"
    ))
}

fn place(metadata: &ImageMetadata) -> Option<(i32, MetadataSource)> {
    Some((metadata.position?.lat_e7, metadata.position_source?))
}

fn clock() -> Tiff {
    Tiff::default().text(In::Exif, 0x9003, "2024:05:01 10:00:00")
}

fn time(metadata: &ImageMetadata) -> Option<(i64, TimeSource)> {
    metadata
        .captured
        .map(|captured| (captured.time_us, captured.source))
}

#[test]
fn a_position_is_exifs_then_xmps_then_the_sidecars() {
    let sidecar = in_xmp("43,0N");
    let read = |tiff: Tiff, xmp: &str| read_with_sidecar(&tiff.jpeg(xmp), Some(sidecar.as_bytes()));
    let exif = Tiff::default().position(41_000_000, 12_500_000);
    assert_eq!(
        place(&read(exif, &in_xmp("42,0N"))),
        Some((410_000_000, MetadataSource::Exif))
    );
    assert_eq!(
        place(&read(Tiff::default(), &in_xmp("42,0N"))),
        Some((420_000_000, MetadataSource::Xmp))
    );
    assert_eq!(
        place(&read(Tiff::default(), "")),
        Some((430_000_000, MetadataSource::Sidecar))
    );
    // What cannot be read is filled as what is not there, and is no problem any more.
    let broken = Tiff::default().rationals(In::Gps, 2, &[(1, 0)]);
    let metadata = read(broken, "");
    assert_eq!(place(&metadata), Some((430_000_000, MetadataSource::Sidecar)));
    assert_eq!(metadata.position_problem, None);
}

#[test]
fn a_clock_takes_the_offset_of_an_xmp_time_that_shows_the_same_second() {
    let created = |text: &str| xmp(&format!("<photoshop:DateCreated>{text}</photoshop:DateCreated>"));
    let read = |xmp: &str| read_image_metadata(&clock().text(In::Exif, 0x9291, "25").jpeg(xmp));
    assert_eq!(
        time(&read(&created("2024-05-01T10:00:00+02:00"))),
        Some((TEN + 250_000 - 2 * HOUR, TimeSource::OffsetGiven))
    );
    assert_eq!(
        time(&read(&created("2024-05-01T10:00:01+02:00"))),
        Some((TEN + 250_000, TimeSource::ZoneUnknown))
    );
}

#[test]
fn a_sidecars_time_gives_way_to_the_files_unless_that_has_no_zone() {
    let sidecar = xmp("<exif:DateTimeOriginal>2024-05-01T07:00:00Z</exif:DateTimeOriginal>");
    let read = |tiff: Tiff| time(&read_with_sidecar(&tiff.jpeg(""), Some(sidecar.as_bytes())));
    assert_eq!(
        read(clock().text(In::Exif, 0x9011, "+03:00")),
        Some((TEN - 3 * HOUR, TimeSource::OffsetGiven))
    );
    assert_eq!(
        read(clock().position(41_900_000, 12_500_000)),
        Some((TEN - 2 * HOUR, TimeSource::PositionTimeZone))
    );
    assert_eq!(read(clock()), Some((TEN - 3 * HOUR, TimeSource::OffsetGiven)));
    assert_eq!(
        read(Tiff::default()),
        Some((TEN - 3 * HOUR, TimeSource::OffsetGiven))
    );
    // The sidecar's position tells the zone of the file's clock.
    let placed = read_with_sidecar(&clock().jpeg(""), Some(in_xmp("41,54N").as_bytes()));
    assert_eq!(
        time(&placed),
        Some((TEN - 2 * HOUR, TimeSource::PositionTimeZone))
    );
}

#[test]
fn the_gps_clock_comes_first_wherever_the_file_has_it() {
    let xmp = xmp("<exif:GPSTimeStamp>2024-05-01T06:30:00Z</exif:GPSTimeStamp>");
    let tiff = clock().text(In::Exif, 0x9011, "+03:00");
    assert_eq!(
        time(&read_image_metadata(&tiff.jpeg(&xmp))),
        Some((TEN - 7 * HOUR / 2, TimeSource::GpsDateTime))
    );
}

#[test]
fn a_void_fix_is_kept_flagged_and_its_accuracy_not_believed() {
    let tiff = Tiff::default()
        .position(41_000_000, 12_500_000)
        .rationals(In::Gps, 0x1f, &[(3, 1)]);
    let active = read_image_metadata(&tiff.clone().text(In::Gps, 9, "A").jpeg(""));
    assert_eq!((active.is_void, active.accuracy_mm), (false, Some(3_000)));
    let void = read_image_metadata(&tiff.text(In::Gps, 9, "V").jpeg(""));
    assert_eq!((void.is_void, void.accuracy_mm), (true, None));
    assert_eq!(void.position, active.position);
    let nowhere = read_image_metadata(&Tiff::default().text(In::Gps, 9, "V").jpeg(""));
    assert!(!nowhere.is_void, "no position that could be void");
}

#[test]
fn policy_p3_a_photo_on_its_side_has_the_width_and_the_field_of_view_that_are_seen() {
    let metadata = |orientation| {
        let tiff = Tiff::default()
            .short(In::Main, 0x0112, orientation)
            .short(In::Exif, 0xA405, 28)
            .rationals(In::Gps, 0x11, &[(90, 1)]);
        read_image_metadata(&tiff.jpeg(""))
    };
    // 4000 x 3000 stored: across 4000 pixels 63.44 degrees, across 3000 49.74.
    for (orientation, size, angle) in [(1, (4_000, 3_000), 63_440), (3, (4_000, 3_000), 63_440)]
        .into_iter()
        .chain([5, 6, 7, 8].map(|turned| (turned, (3_000, 4_000), 49_737)))
    {
        let metadata = metadata(orientation);
        assert_eq!(metadata.displayed((4_000, 3_000)), size, "{orientation}");
        let seen = metadata.field_of_view_millideg.unwrap();
        assert!(seen.abs_diff(angle) <= 10, "{orientation}: {seen}");
        assert_eq!(metadata.heading.unwrap().centideg, 9_000);
        // The pixels of a degree are nearly those of the upright photo.
        let density = size.0 * 1_000 / (seen / 1_000);
        assert!((60_000..=64_000).contains(&density), "{orientation}: {density}");
    }
}

#[test]
fn panoramas_are_known_by_camera_and_shape_and_looked_along_by_their_pose() {
    let theta = Tiff::default()
        .text(In::Main, 0x010f, "RICOH")
        .text(In::Main, 0x0110, "RICOH THETA Z1");
    let of = |(width, height): (u16, u16)| {
        let mut bytes = theta.jpeg("");
        // Height and width in the frame's segment, which is the last but the start of the scan.
        let at = bytes.len() - 2 - 8;
        bytes[at..at + 2].copy_from_slice(&height.to_be_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
        read_image_metadata(&bytes)
    };
    let whole = of((6_720, 3_360));
    assert_eq!((whole.width, whole.height), (Some(6_720), Some(3_360)));
    assert_eq!(
        (whole.is_360, whole.field_of_view_millideg),
        (true, Some(360_000))
    );
    let lens = of((4_000, 3_000));
    assert_eq!((lens.is_360, lens.field_of_view_millideg), (false, None));
    let pose = xmp(
        "<GPano:ProjectionType>equirectangular</GPano:ProjectionType><GPano:PoseHeadingDegrees>67.5</GPano:PoseHeadingDegrees>",
    );
    let heading = read_image_metadata(&Tiff::default().jpeg(&pose)).heading.unwrap();
    assert_eq!(
        (heading.centideg, heading.reference, heading.source),
        (6_750, HeadingReference::True, MetadataSource::Xmp)
    );
    let compass = Tiff::default().rationals(In::Gps, 0x11, &[(90, 1)]).jpeg(&pose);
    assert_eq!(
        read_image_metadata(&compass).heading.unwrap().source,
        MetadataSource::Exif
    );
}

#[test]
fn a_second_packet_of_xmp_is_not_taken_for_the_first() {
    let mut bytes = vec![0xff, 0xd8];
    let mut segment = |content: &[&[u8]]| {
        let content = content.concat();
        bytes.extend([0xff, 0xe1]);
        bytes.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        bytes.extend(content);
    };
    let guid = b"0123456789ABCDEF0123456789ABCDEF";
    let extension: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
    let part = in_xmp("1,0N");
    let first = in_xmp("42,0N");
    segment(&[extension, guid, &[0, 0, 1, 0, 0, 0, 0, 0], part.as_bytes()]);
    segment(&[b"http://ns.adobe.com/xap/1.0/\0", first.as_bytes()]);
    segment(&[extension, guid, &[0, 0, 1, 0, 0, 0, 0, 128], part.as_bytes()]);
    bytes.extend([0xff, 0xda]);
    let metadata = read_image_metadata(&bytes);
    assert_eq!(place(&metadata), Some((420_000_000, MetadataSource::Xmp)));
    assert_eq!(metadata.faults, []);
}

#[test]
fn policy_i2_a_position_of_zeros_yields_to_any_other_and_stands_alone() {
    let zeros = || Tiff::default().position(0, 0);
    let sidecar = in_xmp("43,0N");
    assert_eq!(
        place(&read_with_sidecar(&zeros().jpeg(""), Some(sidecar.as_bytes()))),
        Some((430_000_000, MetadataSource::Sidecar))
    );
    assert_eq!(
        place(&read_image_metadata(&zeros().jpeg(""))),
        Some((0, MetadataSource::Exif)),
        "I2 refuses it"
    );
    let near = Tiff::default().position(1, 1);
    assert_eq!(
        place(&read_with_sidecar(&near.jpeg(""), Some(sidecar.as_bytes()))),
        Some((10, MetadataSource::Exif))
    );
}

#[test]
fn all_of_a_sidecar_is_read() {
    let long = format!("<!--{}-->{}", "x".repeat(100_000), in_xmp("43,0N"));
    let metadata = read_with_sidecar(&Tiff::default().jpeg(""), Some(long.as_bytes()));
    assert_eq!(place(&metadata), Some((430_000_000, MetadataSource::Sidecar)));
    assert!(is_xmp(long.as_bytes()));
}
