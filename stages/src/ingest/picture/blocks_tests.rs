use super::*;

/// A picture by a formula.
fn picture(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    (0..width * height)
        .map(|at| pixel(at % width, at / width))
        .collect()
}

/// Noise without a generator.
fn noise(x: usize, y: usize) -> u8 {
    let mixed = (x * 7919 + y * 104_729 + 17).wrapping_mul(2_654_435_761);
    u8::try_from(mixed >> 13 & 255).unwrap()
}

/// The orthonormal DCT from its definition.
fn slow_energies(luma: &[u8], width: usize) -> Vec<f64> {
    let height = luma.len() / width;
    let mut energies = vec![0.0; 64];
    let scale = |k: usize| if k == 0 { 0.125_f64.sqrt() } else { 0.5 };
    let cosine =
        |at: usize, k: usize| scale(k) * (std::f64::consts::PI * ((2 * at + 1) * k) as f64 / 16.0).cos();
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            for v in 0..8 {
                for u in 0..8 {
                    let mut sum = 0.0;
                    for y in 0..8 {
                        for x in 0..8 {
                            let at = (top + y).min(height - 1) * width + (left + x).min(width - 1);
                            sum += f64::from(luma[at]) * cosine(x, u) * cosine(y, v);
                        }
                    }
                    if u + v > 0 && sum.abs() >= 1.0 {
                        energies[8 * v + u] += sum * sum;
                    }
                }
            }
        }
    }
    energies
}

#[test]
fn energies_are_those_of_the_definition() {
    let luma = picture(75, 45, |x, y| {
        u8::try_from((x * 3 + y * 2 + usize::from(noise(x, y)) / 4) % 256).unwrap()
    });
    let blocks = Blocks::of_luma(&luma, 75);
    assert_eq!((blocks.columns, blocks.rows, blocks.means.len()), (10, 6, 60));
    for (at, (ours, slow)) in blocks.energies.iter().zip(slow_energies(&luma, 75)).enumerate() {
        let off = (*ours as f64 - slow).abs();
        assert!(off <= 0.01 * slow + 60.0, "energy {at}: {ours} but {slow}");
    }
    assert_eq!(blocks.energies[0], 0);
}

#[test]
fn one_cosine_lies_in_one_coefficient() {
    // Across: u = 3 alone, amplitude 100.
    let luma = picture(64, 64, |x, _| {
        let angle = std::f64::consts::PI * (2 * (x % 8) + 1) as f64 * 3.0 / 16.0;
        (128.0 + 100.0 * angle.cos()).round() as u8
    });
    let blocks = Blocks::of_luma(&luma, 64);
    // 64 pixels of 100^2 / 2 each, in 64 blocks.
    let expected = 64.0 * 64.0 * 5000.0;
    assert!(
        (blocks.energies[3] as f64 / expected - 1.0).abs() < 0.01,
        "{:?}",
        blocks.energies
    );
    assert!(
        blocks
            .energies
            .iter()
            .enumerate()
            .all(|(at, energy)| at == 3 || *energy < 1000)
    );
}

#[test]
fn energy_is_that_of_the_pixels() {
    let luma = picture(256, 64, noise);
    let blocks = Blocks::of_luma(&luma, 256);
    let squares: u64 = luma.iter().map(|pixel| u64::from(*pixel).pow(2)).sum();
    let of_means: u64 = blocks.means.iter().map(|mean| u64::from(*mean).pow(2)).sum();
    let ac: u64 = blocks.energies.iter().sum();
    let off = (squares as f64 - of_means as f64 / 64.0 - ac as f64).abs();
    assert!(off / (ac as f64) < 1e-4, "{off} of {ac}");
}

#[test]
fn means_are_sums_of_pixels_with_the_edge_repeated() {
    let luma = picture(9, 9, |x, y| if x < 8 && y < 8 { 10 } else { 200 });
    let blocks = Blocks::of_luma(&luma, 9);
    assert_eq!(blocks.means, [640, 12_800, 12_800, 12_800]);
    let white = Blocks::of_luma(&[255; 640], 80);
    assert_eq!(white.means, [16_320; 10]);
    assert_eq!(white.energies, [0; 64]);
}

#[test]
fn rounding_noise_is_not_energy() {
    let luma = picture(128, 128, |x, y| 100 + noise(x, y) % 2);
    // Half a level of noise: coefficients of 0.5 (one sigma), few of which reach 1.
    let ac: u64 = Blocks::of_luma(&luma, 128).energies.iter().sum();
    assert!(ac < 64 * 256 / 6, "{ac}");
}

#[test]
fn long_rows_do_not_overflow() {
    // The strongest coefficient there is: bars of one pixel, over more blocks than a run holds.
    let luma = picture(65_536, 8, |x, y| if (x + y) % 2 == 0 { 255 } else { 0 });
    let blocks = Blocks::of_luma(&luma, 65_536);
    let ac: u64 = blocks.energies.iter().sum();
    let exact: u64 = 8192 * 64 * 127 * 128 + 8192 * 16;
    assert!((ac as f64 / exact as f64 - 1.0).abs() < 0.001, "{ac} {exact}");
    assert_eq!(blocks.cell_energies.iter().sum::<u64>().abs_diff(ac) / ac, 0);
}

#[test]
fn cells_hold_the_energy_of_their_part() {
    // Noise in the right lower quarter only.
    let luma = picture(160, 80, |x, y| if x >= 80 && y >= 40 { noise(x, y) } else { 90 });
    let blocks = Blocks::of_luma(&luma, 160);
    for (at, energy) in blocks.cell_energies.iter().enumerate() {
        assert_eq!(*energy > 0, at % 8 >= 4 && at / 8 >= 4, "cell {at}: {energy}");
    }
}

#[test]
fn sizes_down_to_one_pixel_work() {
    for width in 1..20 {
        for height in 1..20 {
            let blocks = Blocks::of_luma(&picture(width, height, noise), width as u32);
            assert_eq!((blocks.width, blocks.height), (width as u32, height as u32));
            assert_eq!(blocks.means.len(), (blocks.columns * blocks.rows) as usize);
        }
    }
    assert!(Blocks::of_luma(&[], 5).means.is_empty());
}
