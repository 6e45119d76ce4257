use super::*;

const BASELINE: &[u8] = include_bytes!("fixtures/baseline.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("fixtures/progressive.jpg");

/// A file with a segment put behind its SOI.
fn with_segment(bytes: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&bytes[..2], &[0xff, marker], &length, body, &bytes[2..]].concat()
}

#[test]
fn the_frame_and_the_scans_are_found() {
    let scanned = scan(BASELINE).unwrap();
    assert_eq!((scanned.frame.width, scanned.frame.height), (45, 35));
    assert_eq!(scanned.frame.coding, Coding::Sequential);
    assert_eq!(scanned.frame.colour, ColourModel::YCbCr);
    assert_eq!(scanned.frame.components[0].sampling, (2, 2));
    assert_eq!(scanned.scans.len(), 1);
    assert_eq!(scanned.fault, None);
    let scanned = scan(PROGRESSIVE).unwrap();
    assert_eq!(scanned.frame.coding, Coding::Progressive);
    assert!(scanned.scans.len() > 5);
    assert!(scanned.scans.iter().all(|part| part.data <= part.end));
}

#[test]
fn policy_d2_metadata_thumbnails_and_trailers_are_not_the_picture() {
    for bytes in [BASELINE, PROGRESSIVE] {
        let stream = scan(bytes).unwrap().stream;
        assert!(stream.len() < bytes.len());
        for edited in [
            with_segment(bytes, 0xe1, b"Exif\0\0 and a thumbnail \xff\xd8\xff\xd9"),
            with_segment(bytes, 0xed, b"Photoshop 3.0"),
            with_segment(bytes, 0xfe, b"a comment"),
            with_segment(bytes, 0xf0, b"a reserved extension"),
            [bytes, b"trailer", bytes].concat(),
            [&bytes[..2], &[0xff, 0xff, 0xff], &bytes[2..]].concat(),
            [
                &bytes[..bytes.len() - 2],
                &[0xff, 0xff],
                &bytes[bytes.len() - 2..],
            ]
            .concat(),
        ] {
            assert_eq!(scan(&edited).unwrap().stream, stream);
        }
        // The stream is a JPEG, and its own canonical stream.
        assert_eq!(scan(&stream).unwrap().stream, stream);
        // What is picture does make another one.
        let mut changed = bytes.to_vec();
        let at = changed.len() - 40;
        changed[at] ^= 1;
        assert_ne!(scan(&changed).unwrap().stream, stream);
    }
}

#[test]
fn colour_models_follow_jfif_adobe_and_ids() {
    let plain = scan(BASELINE).unwrap().stream;
    let adobe = |transform: u8| [b"Adobe\0d\0\0\0\0".as_slice(), &[transform]].concat();
    let colour = |bytes: &[u8]| scan(bytes).unwrap().frame.colour;
    assert_eq!(colour(&plain), ColourModel::YCbCr);
    assert_eq!(colour(&with_segment(&plain, 0xee, &adobe(0))), ColourModel::Rgb);
    assert_eq!(colour(&with_segment(&plain, 0xee, &adobe(1))), ColourModel::YCbCr);
    // BASELINE has a JFIF segment, which rules.
    assert_eq!(
        colour(&with_segment(BASELINE, 0xee, &adobe(0))),
        ColourModel::YCbCr
    );
    assert_eq!(colour(include_bytes!("fixtures/rgb.jpg")), ColourModel::Rgb);
    assert_eq!(colour(include_bytes!("fixtures/cmyk.jpg")), ColourModel::Cmyk);
    assert_eq!(colour(include_bytes!("fixtures/grey.jpg")), ColourModel::Grey);
}

#[test]
fn a_file_cut_short_says_where() {
    let cut = &BASELINE[..BASELINE.len() - 50];
    let scanned = scan(cut).unwrap();
    let fault = scanned.fault.unwrap();
    assert!(fault.ends_with(&format!("at byte {}", cut.len())), "{fault}");
    assert!(scanned.stream.ends_with(&[0xff, 0xd9]));
    let Err(PictureError::Unreadable { offset, what }) = scan(&BASELINE[..100]) else {
        panic!()
    };
    assert!(
        offset <= 100 && what.contains("runs over the end"),
        "{offset} {what}"
    );
}

#[test]
fn codings_that_no_decoder_reads_are_named() {
    let arithmetic = include_bytes!("fixtures/arithmetic.jpg");
    assert!(matches!(scan(arithmetic), Err(PictureError::Unsupported { .. })));
    let at = scan(BASELINE).unwrap();
    let mut stream = at.stream;
    stream[at.frame_start + 4] = 12;
    let error = scan(&stream).unwrap_err();
    assert_eq!(error.to_string(), "unsupported: JPEG of 12 bits");
}

#[test]
fn frames_that_cannot_be_are_refused() {
    let at = scan(BASELINE).unwrap();
    let refuse = |offset: usize, value: u8| {
        let mut stream = at.stream.clone();
        stream[at.frame_start + offset] = value;
        scan(&stream).unwrap_err()
    };
    // Count, sampling, table, id twice; height and width of 0 take two bytes each.
    for (offset, value) in [(9, 2), (9, 4), (11, 0x50), (11, 0x01), (12, 4), (13, 1)] {
        let error = refuse(offset, value);
        assert!(!matches!(error, PictureError::TooManyPixels { .. }), "{error}");
    }
    let mut twice = at.stream.clone();
    let frame = at.stream[at.frame_start..at.frame_start + 19].to_vec();
    twice.splice(2..2, frame);
    assert!(scan(&twice).is_err());
}

#[test]
fn endless_scans_are_refused() {
    let at = scan(BASELINE).unwrap();
    let part = &at.scans[0];
    let mut stream = at.stream[..part.start].to_vec();
    for _ in 0..200 {
        stream.extend(&at.stream[part.start..part.data]);
    }
    assert!(matches!(scan(&stream), Err(PictureError::Unsupported { .. })));
}
