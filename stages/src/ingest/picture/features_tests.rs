use super::super::pdq;
use super::*;

fn of(luma: &[u8], width: u32) -> Features {
    let blocks = Blocks::of_luma(luma, width);
    features(&blocks, &pdq::from_block_means(&blocks))
}

fn picture(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    (0..width * height)
        .map(|at| pixel(at % width, at / width))
        .collect()
}

#[test]
fn a_flat_picture_has_a_mean_and_nothing_else() {
    let flat = of(&[77; 64 * 64], 64);
    assert_eq!(flat.mean_milli, 77_000);
    assert_eq!((flat.std_milli, flat.dark_ppm, flat.burnt_ppm), (0, 0, 0));
    assert_eq!(
        (flat.high_frequency_ppm, flat.laplacian_milli, flat.texture),
        (0, 0, 0)
    );
    assert_eq!(flat.pdq_quality, 0);
}

#[test]
fn mean_and_std_do_not_depend_on_where_blocks_end() {
    let luma = picture(403, 211, |x, y| u8::try_from((x * 2 + y * 3) % 256).unwrap());
    let features = of(&luma, 403);
    let count = luma.len() as f64;
    let mean = luma.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / count;
    let std = (luma
        .iter()
        .map(|pixel| (f64::from(*pixel) - mean).powi(2))
        .sum::<f64>()
        / count)
        .sqrt();
    assert!(
        (f64::from(features.mean_milli) / 1000.0 - mean).abs() < 1.0,
        "{features:?} {mean}"
    );
    assert!(
        (f64::from(features.std_milli) / 1000.0 - std).abs() < 1.0,
        "{features:?} {std}"
    );
}

#[test]
fn dark_and_burnt_blocks_are_counted() {
    // Four columns of blocks: 19, 20, 235, 236.
    let luma = picture(32, 8, |x, _| [19, 20, 235, 236][x / 8]);
    let features = of(&luma, 32);
    assert_eq!((features.dark_ppm, features.burnt_ppm), (250_000, 250_000));
}

#[test]
fn laplacian_of_one_cosine_is_its_response() {
    // l(4) = 2 - 2 cos(pi/2) = 2, and all pixels are 49 from the mean: (2 * 49)^2 per pixel.
    let luma = picture(64, 64, |x, _| {
        let angle = std::f64::consts::PI * (2 * (x % 8) + 1) as f64 * 4.0 / 16.0;
        (128.0 + 70.0 * angle.cos()).round() as u8
    });
    let features = of(&luma, 64);
    assert!(
        features.laplacian_milli.abs_diff(9_604_000) < 1_000,
        "{features:?}"
    );
    assert_eq!(features.high_frequency_ppm, 1_000_000);
}

#[test]
fn the_share_of_high_frequencies_does_not_depend_on_contrast() {
    let share = |gain: f64| {
        let luma = picture(160, 160, |x, y| {
            let slow = (x as f64 / 5.0).sin() + (y as f64 / 7.0).cos();
            let fast = ((x * x + 3 * y) as f64).sin();
            (128.0 + gain * (20.0 * slow + 3.0 * fast)).round() as u8
        });
        f64::from(of(&luma, 160).high_frequency_ppm)
    };
    assert!(
        (share(0.7) / share(2.0) - 1.0).abs() < 0.05,
        "{} {}",
        share(0.7),
        share(2.0)
    );
}

#[test]
fn texture_marks_the_cells_that_carry_energy() {
    // The upper half is sky.
    let luma = picture(128, 128, |x, y| {
        if y < 64 {
            200
        } else {
            u8::from((x / 2 + y) % 2 == 0) * 90
        }
    });
    assert_eq!(of(&luma, 128).texture, 0xffff_ffff_0000_0000);
}

#[test]
fn nothing_gives_nothing() {
    let features = of(&[], 4);
    assert_eq!(
        (features.mean_milli, features.std_milli, features.laplacian_milli),
        (0, 0, 0)
    );
}
