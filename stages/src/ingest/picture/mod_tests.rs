use super::decode::{Route, route};
use super::*;

const BASELINE: &[u8] = include_bytes!("fixtures/baseline.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("fixtures/progressive.jpg");
const SEPARATE: &[u8] = include_bytes!("fixtures/separate.jpg");
const GREY: &[u8] = include_bytes!("fixtures/grey.jpg");
const GREY_2X2: &[u8] = include_bytes!("fixtures/grey-2x2.jpg");
const RESTARTS: &[u8] = include_bytes!("fixtures/restarts.jpg");
const MIXED: &[u8] = include_bytes!("fixtures/mixed.jpg");
const PROGRESSIVE_440: &[u8] = include_bytes!("fixtures/progressive-440.jpg");
const RGB: &[u8] = include_bytes!("fixtures/rgb.jpg");
const CMYK: &[u8] = include_bytes!("fixtures/cmyk.jpg");
const COLOUR_PNG: &[u8] = include_bytes!("fixtures/colour.png");
const GREY_PNG: &[u8] = include_bytes!("fixtures/grey.png");
const PALETTE_PNG: &[u8] = include_bytes!("fixtures/palette.png");

const ALL: [&[u8]; 13] = [
    BASELINE,
    PROGRESSIVE,
    SEPARATE,
    GREY,
    GREY_2X2,
    RESTARTS,
    MIXED,
    PROGRESSIVE_440,
    RGB,
    CMYK,
    COLOUR_PNG,
    GREY_PNG,
    PALETTE_PNG,
];

fn of(bytes: &[u8]) -> Picture {
    read(bytes, PictureLimits::default()).unwrap()
}

#[test]
fn the_same_luma_gives_the_same_features_however_it_is_coded() {
    let expected = of(BASELINE);
    assert_eq!(
        (expected.width, expected.height, expected.fault.as_deref()),
        (45, 35, None)
    );
    for bytes in [PROGRESSIVE, SEPARATE, GREY, GREY_2X2, RESTARTS] {
        let picture = of(bytes);
        assert_eq!(picture.features, expected.features);
        assert_eq!(picture.fault, None);
        assert_ne!(picture.picture_sha256, expected.picture_sha256);
    }
}

#[test]
fn what_goes_by_colours_is_close() {
    let expected = of(BASELINE).features;
    for bytes in [MIXED, PROGRESSIVE_440, RGB, CMYK, COLOUR_PNG, GREY_PNG] {
        let features = of(bytes).features;
        assert!(
            features.mean_milli.abs_diff(expected.mean_milli) < 200,
            "{features:?}"
        );
        assert!(
            features.std_milli.abs_diff(expected.std_milli) < 200,
            "{features:?}"
        );
    }
}

#[test]
fn each_file_takes_the_route_that_is_right_for_it() {
    for (bytes, expected) in [
        (BASELINE, Route::Whole),
        (PROGRESSIVE, Route::Whole),
        (GREY, Route::Whole),
        (RESTARTS, Route::Whole),
        (GREY_2X2, Route::LumaScans),
        (SEPARATE, Route::LumaScans),
        (MIXED, Route::Colours),
        (PROGRESSIVE_440, Route::Colours),
        (RGB, Route::Colours),
        (CMYK, Route::Colours),
    ] {
        assert_eq!(route(&jpeg::scan(bytes).unwrap()), expected);
    }
}

#[test]
fn pngs_of_the_same_pixels_have_the_same_digest() {
    let colour = of(COLOUR_PNG);
    assert_eq!(colour.format, PictureFormat::Png);
    assert_ne!(colour.picture_sha256, of(GREY_PNG).picture_sha256);
    // A text chunk behind the header changes nothing.
    let chunk = b"\0\0\0\x04tEXta\0bc\x84\x1b\x41\xd4";
    let edited = [&COLOUR_PNG[..33], chunk, &COLOUR_PNG[33..]].concat();
    assert_eq!(of(&edited), colour);
}

#[test]
fn policy_o4_announced_sizes_are_checked_before_anything_is_decoded() {
    let at = jpeg::scan(BASELINE).unwrap().frame_start;
    let mut huge = jpeg::scan(BASELINE).unwrap().stream;
    huge[at + 5..at + 9].fill(0xff);
    let error = read(&huge, PictureLimits::default()).unwrap_err();
    let (width, height, limit) = (65_535, 65_535, 200_000_000);
    assert_eq!(error, PictureError::TooManyPixels { width, height, limit });
    // Within the limit, but with no data for it.
    huge[at + 5..at + 9].copy_from_slice(&[0x30, 0, 0x30, 0]);
    assert!(matches!(
        read(&huge, PictureLimits::default()),
        Err(PictureError::Unreadable { .. })
    ));

    let mut huge = COLOUR_PNG.to_vec();
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let error = read(&huge, PictureLimits::default()).unwrap_err();
    assert!(matches!(error, PictureError::TooManyPixels { .. }));
    huge[16..24].copy_from_slice(&[5, 0, 0, 0, 0, 0, 0, 1]);
    let error = read(&huge, PictureLimits::default()).unwrap_err();
    assert!(matches!(error, PictureError::Unsupported { .. }), "{error}");
    let small = PictureLimits {
        max_pixels: 45 * 35 - 1,
    };
    assert!(matches!(
        read(BASELINE, small),
        Err(PictureError::TooManyPixels { .. })
    ));
}

#[test]
fn truncated_pictures_give_what_precedes_the_fault() {
    let whole = of(BASELINE);
    let cut = of(&BASELINE[..BASELINE.len() - 150]);
    assert!(cut.fault.is_some());
    assert_eq!((cut.width, cut.height), (45, 35));
    assert_ne!(cut.features, whole.features);
    let png = of(&GREY_PNG[..GREY_PNG.len() - 120]);
    assert!(png.fault.unwrap().contains("of 35 rows"));
}

#[test]
fn other_files_are_unsupported() {
    for bytes in [b"".as_slice(), b"\xff", b"GIF89a", b"\x89PNG", b"RIFF....WAVE"] {
        assert_eq!(sniff(bytes), None);
        let error = read(bytes, PictureLimits::default()).unwrap_err();
        assert!(matches!(error, PictureError::Unsupported { .. }));
    }
}

/// Marsaglia's generator: the same mutations at every run.
struct Mutations(u64);

impl Mutations {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

#[test]
fn mutated_and_truncated_files_do_no_harm() {
    let mut mutations = Mutations(0x5eed);
    for round in 0..60 {
        for base in ALL {
            let mut bytes = base.to_vec();
            match round % 4 {
                0 => bytes.truncate(mutations.below(base.len())),
                1 => {
                    let from = mutations.below(base.len());
                    let to = (from + mutations.below(60)).min(base.len());
                    bytes.drain(from..to);
                }
                _ => {
                    for _ in 0..=mutations.below(6) {
                        let at = mutations.below(base.len());
                        bytes[at] = u8::try_from(mutations.below(256)).unwrap();
                    }
                }
            }
            // No panic; and what is read is read again alike. A small limit keeps headers that
            // announce a lot from making this test slow.
            let limits = PictureLimits {
                max_pixels: 1_000_000,
            };
            assert_eq!(read(&bytes, limits), read(&bytes, limits));
        }
    }
}

/// Found by fuzzing: the PNG library panics on it.
#[test]
fn policy_o3_a_palette_whose_last_colour_is_cut_is_unreadable() {
    let cut = include_bytes!("fixtures/cut-palette.png");
    let error = read(cut, PictureLimits::default()).unwrap_err();
    assert!(error.to_string().contains("a palette of 49 bytes"), "{error}");
}

#[test]
fn policy_o3_a_decoder_that_panics_is_a_fault_of_the_file() {
    let error = guarded(|| panic!("as a damaged file may make it")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unreadable at byte 0: the decoder gave up on it"
    );
}
