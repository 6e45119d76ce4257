use std::path::Path;

use super::*;
use crate::ingest::picture::{Picture, PictureFormat, read, sniff};

const LOSSY: &[u8] = include_bytes!("fixtures/lossy.webp");
const LOSSLESS: &[u8] = include_bytes!("fixtures/lossless.webp");
const ALPHA: &[u8] = include_bytes!("fixtures/alpha.webp");
const ALPHA_LOSSLESS: &[u8] = include_bytes!("fixtures/alpha-lossless.webp");
const ANIMATED: &[u8] = include_bytes!("fixtures/animated.webp");
const COLOUR_PNG: &[u8] = include_bytes!("fixtures/colour.png");
const ALPHA_PNG: &[u8] = include_bytes!("fixtures/alpha.png");

fn of(bytes: &[u8]) -> Picture {
    read(bytes, PictureLimits::default()).unwrap()
}

/// A file with an extended header of these flags, a canvas, and chunks.
fn extended(flags: u8, (width, height): (u32, u32), chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
    let mut header = vec![flags, 0, 0, 0];
    header.extend(&(width - 1).to_le_bytes()[..3]);
    header.extend(&(height - 1).to_le_bytes()[..3]);
    push_chunk(&mut bytes, *b"VP8X", &header);
    for (kind, content) in chunks {
        push_chunk(&mut bytes, **kind, content);
    }
    bytes
}

fn frame(bytes: &[u8]) -> &[u8] {
    Parts::of(bytes).unwrap().frame
}

#[test]
fn policy_d2_a_lossless_copy_of_a_png_is_the_same_picture() {
    let (webp, png) = (of(LOSSLESS), of(COLOUR_PNG));
    assert_eq!((webp.width, webp.height), (45, 35));
    assert_eq!(webp.picture_sha256, png.picture_sha256);
    assert_eq!(webp.features, png.features);
    assert_eq!(webp.format, PictureFormat::WebP);
    let (webp, png) = (of(ALPHA_LOSSLESS), of(ALPHA_PNG));
    assert_eq!(webp.picture_sha256, png.picture_sha256);
    assert_ne!(webp.picture_sha256, of(LOSSLESS).picture_sha256);
}

#[test]
fn lossy_pictures_are_close_and_alpha_is_over_black() {
    let expected = of(COLOUR_PNG).features;
    let lossy = of(LOSSY).features;
    assert!(
        lossy.mean_milli.abs_diff(expected.mean_milli) < 1_500,
        "{} {}",
        lossy.mean_milli,
        expected.mean_milli
    );
    let (alpha, png) = (of(ALPHA).features, of(ALPHA_PNG).features);
    assert!(alpha.mean_milli.abs_diff(png.mean_milli) < 1_500);
    assert!(alpha.mean_milli < lossy.mean_milli);
}

#[test]
fn of_an_animation_the_first_frame_is_read() {
    assert_eq!(of(ANIMATED), of(LOSSLESS));
}

#[test]
fn policy_d2_metadata_does_not_make_a_new_picture() {
    let xmp: (&[u8; 4], &[u8]) = (b"XMP ", b"<x/>");
    let with = extended(0x04, (45, 35), &[(b"VP8 ", frame(LOSSY)), xmp]);
    assert_eq!(of(&with), of(LOSSY));
    // The header promises EXIF and alpha, and some tool took them away.
    let stripped = extended(0x18, (45, 35), &[(b"VP8 ", frame(LOSSY))]);
    assert_eq!(of(&stripped), of(LOSSY));
}

#[test]
fn policy_o4_sizes_are_checked_before_anything_is_decoded() {
    let animation = |side: u32| {
        let mut frame = vec![0_u8; 12];
        frame[6..9].copy_from_slice(&(side - 1).to_le_bytes()[..3]);
        frame[9..12].copy_from_slice(&(side - 1).to_le_bytes()[..3]);
        frame.extend([0; 20]);
        extended(0x02, (side, side), &[(b"ANIM", &[0; 6]), (b"ANMF", &frame)])
    };
    let error = read(&animation(60_000), PictureLimits::default()).unwrap_err();
    assert!(matches!(error, PictureError::TooManyPixels { .. }), "{error}");
    let limits = PictureLimits { max_pixels: u64::MAX };
    let error = read(&animation(60_000), limits).unwrap_err();
    assert!(matches!(error, PictureError::Unsupported { .. }), "{error}");
    // Within the limit, but with no data for it.
    let error = read(&animation(14_000), PictureLimits::default()).unwrap_err();
    assert!(error.to_string().contains("bytes of data"), "{error}");
    let small = PictureLimits {
        max_pixels: 45 * 35 - 1,
    };
    for bytes in [LOSSY, LOSSLESS, ALPHA, ANIMATED] {
        assert!(matches!(
            read(bytes, small),
            Err(PictureError::TooManyPixels { .. })
        ));
    }
}

#[test]
fn policy_o3_a_cut_file_says_where() {
    for end in [12, 19, 40, LOSSY.len() - 1] {
        let error = read(&LOSSY[..end], PictureLimits::default()).unwrap_err();
        assert!(matches!(error, PictureError::Unreadable { .. }), "{end}: {error}");
    }
    assert_eq!(sniff(b"RIFF....WEBP"), Some(PictureFormat::WebP));
    assert_eq!(sniff(b"RIFF....WAVE"), None);
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

/// How many mutations, given when the test is compiled.
const ROUNDS: Option<&str> = option_env!("MUTATIONS");

#[test]
fn mutated_files_do_no_harm() {
    let rounds: usize = ROUNDS.and_then(|count| count.parse().ok()).unwrap_or(2_500);
    let mut mutations = Mutations(0x5eed);
    let limits = PictureLimits {
        max_pixels: 1_000_000,
    };
    let mut still_read = 0;
    for round in 0..rounds {
        for base in [LOSSY, LOSSLESS, ALPHA, ALPHA_LOSSLESS, ANIMATED] {
            let mut bytes = base.to_vec();
            if round % 8 == 0 {
                let from = mutations.below(base.len());
                let to = (from + mutations.below(60)).min(base.len());
                bytes.drain(from..to);
            } else {
                for _ in 0..=mutations.below(6) {
                    let at = mutations.below(base.len());
                    bytes[at] = u8::try_from(mutations.below(256)).unwrap();
                }
            }
            let result = read(&bytes, limits);
            still_read += usize::from(result.is_ok());
            if round % 16 == 0 {
                assert_eq!(result, read(&bytes, limits), "the same bytes read alike");
            }
        }
    }
    assert!(
        still_read > rounds / 10,
        "{still_read} of {rounds}: the mutations end at the header"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
fn a_real_webp_is_the_picture_that_its_png_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/real/corpus/imagededup/tests/data/formats_images");
    if !folder.is_dir() {
        eprintln!("skipped: no real files at {}", folder.display());
        return;
    }
    let picture = |name: &str| of(&std::fs::read(folder.join(name)).unwrap());
    let (webp, png) = (picture("ukbench09380.webp"), picture("ukbench09380.png"));
    assert_eq!((webp.width, webp.height), (png.width, png.height));
    let bits = crate::ingest::picture::pdq::distance(&webp.features.pdq, &png.features.pdq);
    assert!(bits <= 8, "{bits} bits");
    let (mean, std) = (
        webp.features.mean_milli.abs_diff(png.features.mean_milli),
        webp.features.std_milli.abs_diff(png.features.std_milli),
    );
    assert!(mean < 1_000 && std < 1_000, "{mean} {std}");
}
