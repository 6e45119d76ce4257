use super::*;
use crate::ingest::metadata::{TimeSource, read_image_metadata};

const HEIC: &[u8] = include_bytes!("fixtures/photo.heic");
const AVIF: &[u8] = include_bytes!("fixtures/photo.avif");
const BARE: &[u8] = include_bytes!("fixtures/bare.heic");

#[test]
fn size_position_and_time_of_heif_files() {
    // HEVC codes whole blocks: the picture of 48 lines has 64, of which a clean aperture shows the rest.
    for (bytes, height) in [(HEIC, 64), (AVIF, 48)] {
        let metadata = read_image_metadata(bytes);
        assert_eq!((metadata.width, metadata.height), (Some(64), Some(height)));
        let place = metadata.position.unwrap();
        assert_eq!((place.lat_e7, place.lon_e7), (557_050_000, 131_916_667));
        let captured = metadata.captured.unwrap();
        assert_eq!(
            (captured.time_us, captured.source),
            (1_714_550_400_000_000, TimeSource::OffsetGiven)
        );
        assert_eq!(metadata.model.as_deref(), Some("iPhone 12"));
        assert_eq!(metadata.faults, []);
    }
}

#[test]
fn a_file_without_exif_has_a_size() {
    let metadata = read_image_metadata(BARE);
    assert_eq!((metadata.width, metadata.position), (Some(64), None));
    assert!(
        matches!(metadata.faults.as_slice(), [MetadataFault::Exif { .. }]),
        "{:?}",
        metadata.faults
    );
}

#[test]
fn boxes_that_reach_beyond_the_file_end_the_level() {
    assert_eq!(size(&HEIC[..60]), None);
    assert_eq!(boxes(b"\0\0\0\x08free\0\0\0\x04oops").count(), 1);
    assert_eq!(boxes(b"\0\0\0\0last").count(), 1);
    assert_eq!(
        boxes(b"\0\0\0\x01long\xff\xff\xff\xff\xff\xff\xff\xff").count(),
        0
    );
}

#[test]
fn mutated_files_do_no_harm() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |end: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % end.max(1)
    };
    for _ in 0..4_000 {
        for base in [HEIC, AVIF] {
            let mut bytes = base.to_vec();
            for _ in 0..=below(4) {
                let at = below(bytes.len().min(700));
                match below(6) {
                    0 => bytes.truncate(at + 12),
                    1 => bytes.insert(at, 0),
                    2 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
                    _ => bytes[at] = u8::try_from(below(256)).unwrap(),
                }
            }
            assert_eq!(read_image_metadata(&bytes), read_image_metadata(&bytes));
        }
    }
}
