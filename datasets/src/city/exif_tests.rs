use std::io::Cursor;

use ::exif::{In, Reader, Tag};

use super::{Camera, Exif, Position, app1};

fn sample() -> Exif {
    Exif {
        camera: Camera {
            make: "Maker",
            model: "M",
            film_mm: 26,
        },
        time_ms: Some(1_778_545_812_345),
        offset_min: 60,
        position: Some(Position {
            lat_e7: 556_120_123,
            lon_e7: -23_300_456,
            accuracy_mm: Some(3_250),
            heading_cdeg: Some(27_155),
        }),
    }
}

fn read(exif: &Exif) -> ::exif::Exif {
    let mut file = vec![0xff, 0xd8];
    file.extend(app1(exif));
    file.extend([0xff, 0xd9]);
    Reader::new().read_from_container(&mut Cursor::new(file)).unwrap()
}

#[test]
fn an_independent_reader_reads_what_was_written() {
    let read = read(&sample());
    let text = |tag| {
        read.get_field(tag, In::PRIMARY)
            .unwrap()
            .display_value()
            .to_string()
    };
    assert_eq!(text(Tag::Make), "\"Maker\"");
    assert_eq!(text(Tag::Model), "\"M\"");
    assert_eq!(text(Tag::DateTimeOriginal), "2026-05-12 01:30:12");
    assert_eq!(text(Tag::OffsetTimeOriginal), "\"+01:00\"");
    assert_eq!(text(Tag::SubSecTimeOriginal), "\"345\"");
    assert_eq!(text(Tag::FocalLengthIn35mmFilm), "26");
    assert_eq!(text(Tag::GPSLatitudeRef), "N");
    assert_eq!(text(Tag::GPSLongitudeRef), "W");
    assert_eq!(text(Tag::GPSDateStamp), "2026-05-12");
    assert_eq!(text(Tag::GPSTimeStamp), "00:30:12.345");
    assert_eq!(text(Tag::GPSImgDirection), "271.55");
    assert_eq!(text(Tag::GPSHPositioningError), "3.25");
}

#[test]
fn positions_keep_seven_decimals() {
    let read = read(&sample());
    let degrees = |tag| match &read.get_field(tag, In::PRIMARY).unwrap().value {
        ::exif::Value::Rational(parts) => {
            parts[0].to_f64() + parts[1].to_f64() / 60.0 + parts[2].to_f64() / 3_600.0
        }
        _ => f64::NAN,
    };
    assert!((degrees(Tag::GPSLatitude) - 55.612_012_3).abs() < 5e-8);
    assert!((degrees(Tag::GPSLongitude) - 2.330_045_6).abs() < 5e-8);
}

#[test]
fn what_is_unknown_is_left_out() {
    let read = read(&Exif {
        time_ms: None,
        position: None,
        ..sample()
    });
    assert!(read.get_field(Tag::DateTimeOriginal, In::PRIMARY).is_none());
    assert!(read.get_field(Tag::GPSLatitude, In::PRIMARY).is_none());
    assert!(read.get_field(Tag::Orientation, In::PRIMARY).is_some());
}
