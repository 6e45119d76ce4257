//! Against real files, which lie beside the project and may be missing.

use std::fs;
use std::path::{Path, PathBuf};

use super::jpeg::Scanned;
use super::pdq::{self, Pdq, distance};
use super::{Blocks, Picture, PictureLimits, decode, jpeg, read};

/// The reference implementation's hash and quality of the files of its own repository, decoded by
/// libjpeg-turbo.
const VECTORS: &[(&str, &str, u32)] = &[
    (
        "bridge-mods/aaa-orig.jpg",
        "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/blur-a-little.jpg",
        "f8f8f0cee0f4a84f06370a2a038f63f0b36e26d596621e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/blur-a-lot.jpg",
        "f8f8f0cee0f4a84f0637022a038f67f0b36e26d596621e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/high-contrast.jpg",
        "f8f8f0cee0f4a84f06370a2a068f67f0b36e26d596621e1d33e6339c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/high-saturation.jpg",
        "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596221e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/sharpen-a-little.jpg",
        "f8f8f0cee0f4a84f0e370a22038f67f0b36e2ed596221e1d33e6b39c4a9c9b22",
        100,
    ),
    (
        "bridge-mods/sharpen-a-lot.jpg",
        "d8f8f0cec0f4a84f8e370a22038f67f0b36a2ed597231e1d72e6b39c4a9c9b22",
        100,
    ),
    (
        "bridge-mods/shrink-a-little.jpg",
        "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596621e1d33e6339c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/shrink-a-lot.jpg",
        "d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/square-128x128.jpg",
        "d8f8f1eec0f4a84f0e37022a078f63f0b36e2ed596621e1d33e6239c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/square-256x256.jpg",
        "d8f8f0cec4f4a84f0637022a078f67f0b36e2ee5b6621e1d33e6239c4e9c9b22",
        100,
    ),
    (
        "bridge-mods/square-512x512.jpg",
        "d8f8f0cec0f4a84f0637022a278f67f0b36e2ed596621e1d33e6339c4e9c9b22",
        100,
    ),
    (
        "misc-images/modes/CMYK.jpg",
        "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596221e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "misc-images/modes/RGB.jpg",
        "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "misc-images/modes/YCbCr.jpg",
        "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596221e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "misc-images/small.jpg",
        "0007001f003f003f007f00ff00ff00ff01ff01ff01ff03ff03ff03ff03ff03ff",
        0,
    ),
    (
        "misc-images/wee.jpg",
        "6227401f601ff4ccafcc9fad4b0d95d371a2eb7265a3285234d228ca94deeb2d",
        100,
    ),
    (
        "reg-test-input/dih/bridge-1-original.jpg",
        "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
        100,
    ),
    (
        "reg-test-input/dih/bridge-2-rotate-90.jpg",
        "30a10efd71cc3d429013d48d0ffffc52e34e0e17ada952a9d29685211ea9e5af",
        100,
    ),
    (
        "reg-test-input/dih/bridge-3-rotate-180.jpg",
        "adad5a64b5a142e75b62a09857da895ae63b847fc23794b766b319361bc93188",
        100,
    ),
    (
        "reg-test-input/dih/bridge-4-rotate-270.jpg",
        "a5f0a457a48995e8c9065c275aaa5498b61ba4bdf8fcf80387c32f8b1bfc4f05",
        100,
    ),
    (
        "reg-test-input/dih/bridge-5-flipx.jpg",
        "f8f80f31e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd",
        100,
    ),
    (
        "reg-test-input/dih/bridge-6-flipy.jpg",
        "0dad2599b1a1bd1a5362576742da32a5e63b7380c2374b4866b366c91bc9ce77",
        100,
    ),
    (
        "reg-test-input/dih/bridge-7-flip-plus-1.jpg",
        "f0a5e102f1ccc0bd945308720fff038de34ef1e8ada9a956d2967ade5ea91a50",
        100,
    ),
    (
        "reg-test-input/dih/bridge-8-flip-minus-1.jpg",
        "a5f05aa8a4896a17c906a2d85aaaab07b61b5b42f8fc07fc87c3d0741bfcb0fa",
        100,
    ),
    (
        "reg-test-input/labelme-subset/q0003.jpg",
        "54a9f7c321d1443c43ba566e21d4a13989a3553f1472611cbbc5fda59e03b677",
        3,
    ),
    (
        "reg-test-input/labelme-subset/q0004.jpg",
        "992d44af36d69e6ca6b812585928bac11def254ef5398c6d07466c9abcc65b92",
        4,
    ),
    (
        "reg-test-input/labelme-subset/q0122.jpg",
        "cfb2009ddd21c6dab0046a7745b5984757a8a4535b3377aea2591d32b33ff940",
        100,
    ),
    (
        "reg-test-input/labelme-subset/q0291.jpg",
        "a0fe94f1e5cc1cc8dd855948498dc9243f7ca27336f036d7f212b74bc103c9a7",
        100,
    ),
    (
        "reg-test-input/labelme-subset/q0746.jpg",
        "1049d96239e24d4dca2c55512b8bdb77425f4dbcf575a0a95555aaab5554aaaa",
        100,
    ),
    (
        "reg-test-input/labelme-subset/q1050.jpg",
        "489db672e9190276d452aeab41eba20f02375fe4092d88defdf491a5c55c5f70",
        100,
    ),
    (
        "reg-test-input/labelme-subset/q2821.jpg",
        "b150231ffae4710ffcf4f18bb574b109a576f14bb8543189f8743289f174b109",
        100,
    ),
];

fn real(folder: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    let path = std::env::var_os("CAIRN_REAL")
        .map_or_else(beside, PathBuf::from)
        .join(folder);
    if !path.is_dir() {
        eprintln!("skipped: no real files at {}", path.display());
        return None;
    }
    Some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| {
            ["jpg", "jpeg", "png"]
                .iter()
                .any(|known| end.eq_ignore_ascii_case(known))
        }) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn picture(path: &Path) -> Option<Picture> {
    read(&fs::read(path).unwrap(), PictureLimits::default()).ok()
}

/// The pixels of a JPEG without a fault, with its width.
fn pixels(path: &Path) -> Option<(Vec<u8>, u32)> {
    let luma = decode::luma(&fs::read(path).unwrap(), PictureLimits::default()).ok()?;
    luma.fault.is_none().then_some((luma.pixels, luma.width))
}

fn pixel_hash(path: &Path) -> Pdq {
    let (pixels, width) = pixels(path).unwrap();
    let height = u32::try_from(pixels.len()).unwrap() / width;
    pdq::from_luma(&pixels, width, height)
}

fn bytes(hex: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

#[test]
fn pdq_of_pixels_is_within_10_bits_of_the_reference() {
    let Some(folder) = real("corpus/pdq/pdq/data") else {
        return;
    };
    let mut compared = 0;
    for (file, hash, quality) in VECTORS {
        let ours = pixel_hash(&folder.join(file));
        assert!(
            ours.quality.abs_diff(*quality) <= 1,
            "{file}: quality {}",
            ours.quality
        );
        if *quality >= 80 {
            let bits = distance(&ours.dihedral[0], &bytes(hash));
            assert!(bits <= 10, "{file}: {bits} bits");
            compared += 1;
        }
    }
    assert_eq!(compared, 29);
}

#[test]
fn dihedral_hashes_are_those_of_the_turned_pictures() {
    let Some(folder) = real("corpus/pdq/pdq/data/reg-test-input/dih") else {
        return;
    };
    let files = files(&folder);
    assert_eq!(files.len(), 8);
    let original = pixel_hash(&files[0]);
    for (file, hash) in files.iter().zip(original.dihedral) {
        let bits = distance(&pixel_hash(file).dihedral[0], &hash);
        assert!(bits <= 10, "{}: {bits} bits", file.display());
    }
}

/// The same two scenes, each stored in all eight ways that EXIF knows, compressed anew each time. They carry no position, so
/// that no clause brings them together in a run.
#[test]
fn policy_d4_the_eight_orientations_of_a_picture_match_by_their_dihedral_hashes() {
    let Some(folder) = real("network/exif-samples/mixed") else {
        return;
    };
    let hashes = |scene: &str| {
        let turned = |way| picture(&folder.join(format!("{scene}_{way}.jpg"))).unwrap();
        let all = (1..=8).map(|way| turned(way).features.pdq_dihedral);
        all.collect::<Vec<_>>()
    };
    let [landscape, portrait] = ["landscape", "portrait"].map(hashes);
    let apart = |later: &[[u8; 32]; 8], earlier: &[[u8; 32]; 8]| {
        let bits = later.iter().map(|hash| distance(hash, &earlier[0]));
        bits.min().unwrap()
    };
    let mut over = 0;
    for scene in [&landscape, &portrait] {
        for (at, later) in scene.iter().enumerate() {
            let others = scene.iter().enumerate().filter(|(other, _)| *other != at);
            let bits: Vec<u32> = others.map(|(_, earlier)| apart(later, earlier)).collect();
            let within = bits.iter().filter(|bits| **bits <= 24).count();
            assert!(within >= 5, "orientation {}: {bits:?}", at + 1);
            over += bits.iter().filter(|bits| **bits > 31).count();
        }
    }
    assert!(
        over <= 1,
        "{over} of 112 pairs are further apart than D4 allows close by"
    );
    let across = landscape
        .iter()
        .flat_map(|a| portrait.iter().map(move |b| apart(a, b)));
    assert!(across.min().unwrap() > 62, "two scenes are not one");
}

#[test]
fn pdq_of_blocks_is_within_8_bits_of_pixels_at_the_95th_percentile() {
    let Some(folder) = real("network") else {
        return;
    };
    let mut bits = Vec::new();
    for file in files(&folder) {
        let Some((pixels, width)) = pixels(&file) else {
            continue;
        };
        let height = u32::try_from(pixels.len()).unwrap() / width;
        let by_pixels = pdq::from_luma(&pixels, width, height);
        // The policy does not compare hashes under quality 50.
        if width.max(height) >= 1024 && by_pixels.quality >= 50 {
            let by_blocks = pdq::from_block_means(&Blocks::of_luma(&pixels, width));
            bits.push(distance(&by_pixels.dihedral[0], &by_blocks.dihedral[0]));
        }
    }
    bits.sort_unstable();
    assert!(bits.len() > 80, "only {} pictures", bits.len());
    let p95 = bits[bits.len() * 95 / 100];
    assert!(p95 <= 8, "95th percentile {p95} bits of {bits:?}");
    assert!(bits[bits.len() - 1] <= 14, "{bits:?}");
}

#[test]
fn mean_and_std_of_blocks_are_those_of_the_pixels() {
    let Some(folder) = real("network") else {
        return;
    };
    let mut compared = 0;
    for file in files(&folder) {
        let Some((pixels, width)) = pixels(&file) else {
            continue;
        };
        let blocks = Blocks::of_luma(&pixels, width);
        if blocks.width.max(blocks.height) < 640 {
            continue;
        }
        let features = super::features::features(&blocks, &pdq::from_block_means(&blocks));
        let count = pixels.len() as f64;
        let mean = pixels.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / count;
        let squares = pixels.iter().map(|pixel| f64::from(*pixel).powi(2)).sum::<f64>() / count;
        let std = (squares - mean * mean).max(0.0).sqrt();
        let off_mean = (f64::from(features.mean_milli) / 1000.0 - mean).abs();
        let off_std = (f64::from(features.std_milli) / 1000.0 - std).abs();
        assert!(
            off_mean < 0.1 && off_std < 0.1,
            "{}: {off_mean} {off_std}",
            file.display()
        );
        compared += 1;
    }
    assert!(compared > 100, "only {compared} pictures");
}

#[test]
fn policy_i6_lens_caps_are_dark_blank_and_without_texture() {
    let Some(folder) = real("network/agung") else {
        return;
    };
    let caps: Vec<_> = files(&folder)
        .into_iter()
        .filter(|file| file.to_string_lossy().contains("LENS_CAP"))
        .collect();
    assert_eq!(caps.len(), 2);
    for file in caps {
        let features = picture(&file).unwrap().features;
        assert!(features.mean_milli < 2_000, "{features:?}");
        assert!(features.std_milli < 15_000, "{features:?}");
        assert_eq!(features.dark_ppm, 1_000_000);
        assert!(features.texture.count_ones() <= 8, "{features:?}");
        assert!(features.pdq_quality < 50, "{features:?}");
    }
}

/// The ends of the ramp of P3 (see the documentation): no honest picture is under the lower end.
#[test]
fn policy_p3_honest_street_images_are_far_above_the_lower_end_of_sharpness() {
    let Some(folder) = real("network") else {
        return;
    };
    for source in ["opensfm", "pixtrail", "geovisio", "mapillary-tools"] {
        for file in files(&folder.join(source)) {
            let Some(picture) = picture(&file) else {
                continue;
            };
            let share = picture.features.high_frequency_ppm;
            assert!(share > 50_000, "{}: {share}", file.display());
        }
    }
    let blurred = folder.join("agung/flight-1/DJI_20251001132715_0396_D_POOR_SHARPNESS.JPG");
    assert!(picture(&blurred).unwrap().features.high_frequency_ppm < 5_000);
}

/// SIMD or not, the decoder must give the same pixels, or features depend on the machine.
#[test]
fn the_decoder_gives_the_same_pixels_with_and_without_simd() {
    let Some(folder) = real("network/opensfm") else {
        return;
    };
    for file in files(&folder) {
        let Scanned { stream, .. } = jpeg::scan(&fs::read(&file).unwrap()).unwrap();
        let decode = |simd| {
            let options = zune_core::options::DecoderOptions::default()
                .jpeg_set_out_colorspace(zune_core::colorspace::ColorSpace::Luma)
                .set_use_unsafe(simd);
            let cursor = zune_core::bytestream::ZCursor::new(&stream);
            zune_jpeg::JpegDecoder::new_with_options(cursor, options)
                .decode()
                .unwrap()
        };
        assert!(decode(true) == decode(false), "{}", file.display());
    }
}

/// A part of a picture, or with negative margins a picture in a white frame. Margins are thousandths of its sides:
/// left, top, right, bottom.
fn with_margins(pixels: &[u8], width: u32, margins: [i64; 4]) -> (Vec<u8>, u32) {
    let (across, down) = (
        i64::from(width),
        i64::try_from(pixels.len()).unwrap() / i64::from(width),
    );
    let [left, top, right, bottom] = margins;
    let columns = across * left / 1000..across - across * right / 1000;
    let rows = down * top / 1000..down - down * bottom / 1000;
    let framed = u32::try_from(columns.clone().count()).unwrap();
    let level = |x: i64, y: i64| {
        if (0..across).contains(&x) && (0..down).contains(&y) {
            pixels[usize::try_from(y * across + x).unwrap()]
        } else {
            255
        }
    };
    let pixels = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
    (pixels.map(|(x, y)| level(x, y)).collect(), framed)
}

#[test]
fn policy_d4_crops_and_frames_of_real_pictures_are_alike_and_no_two_honest_ones_are() {
    let Some(folder) = real("network") else {
        return;
    };
    let policy = crate::policy::DedupPolicy::default();
    let ppm = |share: u64| u32::try_from(share).unwrap();
    let alike = |a: &[u8], b: &[u8]| {
        let found = crate::alike::overlay(a, b, ppm(policy.crop_reach_ppm), ppm(policy.crop_ppm));
        found.is_some_and(|overlay| {
            u64::from(overlay.part_ppm) >= policy.crop_part_ppm
                && overlay.is_crop_or_frame(i32::try_from(policy.crop_most_ppm).unwrap())
        })
    };
    let edits = [
        [25, 25, 25, 25],
        [50, 50, 0, 0],
        [0, 0, 0, 40],
        [-40, -40, -40, -40],
        [0, -60, 0, 0],
    ];
    let (mut edited, mut found, mut honest) = (0, 0, 0);
    for source in ["opensfm", "geovisio", "pixtrail", "agung", "mapillary-tools"] {
        let mut earlier: Vec<([u8; 32], Vec<u8>)> = Vec::new();
        for file in files(&folder.join(source)) {
            let Some((pixels, width)) = pixels(&file) else {
                continue;
            };
            let blocks = Blocks::of_luma(&pixels, width);
            let hash = pdq::from_block_means(&blocks);
            if u64::from(hash.quality) < policy.min_pdq_quality {
                continue;
            }
            let small = super::thumbnail::thumbnail(&blocks);
            for (other_hash, other) in &earlier {
                if u64::from(distance(&hash.dihedral[0], other_hash)) > policy.close_bits {
                    assert!(!alike(&small, other), "{} repeats another", file.display());
                    honest += 1;
                }
            }
            for margins in edits {
                let (pixels, width) = with_margins(&pixels, width, margins);
                let edit = super::thumbnail::thumbnail(&Blocks::of_luma(&pixels, width));
                edited += 1;
                found += usize::from(alike(&edit, &small));
            }
            earlier.push((hash.dihedral[0], small));
        }
    }
    println!("{found} of {edited} edits found, no pair among {honest} honest ones");
    assert!(
        honest > 700 && edited > 300,
        "only {honest} pairs and {edited} edits"
    );
    // 282 of 350 when this was written, and 320 at 0.93, where no honest pair comes near. What is stricter than these pictures
    // need is so for the city's sake, whose people pass the same walls.
    assert!(found * 100 >= edited * 78, "{found} of {edited}");
}
