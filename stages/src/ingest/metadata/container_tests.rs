use super::Container;
use crate::ingest::metadata::MetadataFault;

fn read(bytes: &[u8]) -> (Container<'_>, Vec<MetadataFault>) {
    let mut faults = Vec::new();
    let container = Container::read(bytes, &mut faults);
    (container, faults)
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&length.to_be_bytes(), &kind, content, b"crc!"].concat()
}

#[test]
fn jpeg_segments_up_to_the_scan() {
    let bytes = b"\xFF\xD8\xFF\xE0\x00\x04ab\xFF\xFF\xE1\x00\x0BExif\0\0xyz\xFF\xC2\x00\x0B\x08\x00\x03\x00\x05\x01abc\xFF\xDA\xFF\xE1\x00\x09Exif\0\0?";
    let (container, faults) = read(bytes);
    assert_eq!(
        (container.exif.as_deref(), container.width, container.height),
        (Some(b"xyz".as_slice()), Some(5), Some(3))
    );
    assert_eq!(faults, []);
}

#[test]
fn a_broken_jpeg_keeps_what_precedes_the_break() {
    let (container, faults) = read(b"\xFF\xD8\xFF\xE1\x01\x00Exif\0\0xyz");
    assert_eq!(container.exif.as_deref(), Some(b"xyz".as_slice()));
    assert_eq!(
        faults,
        [MetadataFault::BrokenContainer {
            part: "JPEG segment",
            byte: 15
        }]
    );
    for bytes in [
        b"\xFF\xD8".as_slice(),
        b"\xFF\xD8\xFF",
        b"\xFF\xD8\xFF\xE1\x00",
        b"\xFF\xD8\xFF\xE1\x00\x01",
        b"\xFF\xD8rubbish",
    ] {
        assert_eq!(read(bytes).1.len(), 1, "{bytes:?}");
    }
}

#[test]
fn png_chunks() {
    let header = [0, 0, 0, 5, 0, 0, 0, 3, 8, 2, 0, 0, 0];
    let bytes = [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(*b"IHDR", &header),
        chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
        chunk(*b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0packed"),
        chunk(*b"eXIf", b"MM"),
        chunk(*b"IEND", b""),
    ]
    .concat();
    let (container, faults) = read(&bytes);
    assert_eq!(
        (container.exif.as_deref(), container.xmp),
        (Some(b"MM".as_slice()), Some(b"<x/>".as_slice()))
    );
    assert_eq!(
        (container.width, container.height, faults.len()),
        (Some(5), Some(3), 0)
    );
    let (container, faults) = read(&bytes[..40]);
    assert_eq!((container.width, faults.len()), (Some(5), 1));
}

#[test]
fn webp_chunks() {
    let bytes =
        b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\x04\0\0\x02\0\0EXIF\x03\0\0\0abc\0XMP \x04\0\0\0<x/>";
    let (container, faults) = read(bytes);
    assert_eq!((container.width, container.height), (Some(5), Some(3)));
    assert_eq!(
        (container.exif.as_deref(), container.xmp),
        (Some(b"abc".as_slice()), Some(b"<x/>".as_slice()))
    );
    assert_eq!(faults, []);
    let (_, faults) = read(&bytes[..bytes.len() - 2]);
    assert_eq!(faults.len(), 1);
}

#[test]
fn anything_else_is_said_to_be_so() {
    for bytes in [b"".as_slice(), b"GIF89a", b"\xFF", b"RIFF1234WAVE"] {
        assert_eq!(read(bytes).1, [MetadataFault::UnknownContainer]);
    }
}

#[test]
fn stray_bytes_between_segments_cost_nothing() {
    let bytes = b"\xFF\xD8\xFF\xE0\x00\x04ab\x00?\xFF\x00\xFF\xE1\x00\x0BExif\0\0xyz\xFF\xD9";
    let (container, faults) = read(bytes);
    assert_eq!(container.exif.as_deref(), Some(b"xyz".as_slice()));
    assert_eq!(faults, []);
}
