use super::*;

/// A picture with structure at all scales, without symmetry, at any size.
fn scene(width: usize, height: usize) -> Vec<u8> {
    let mut luma = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f64 / width as f64, y as f64 / height as f64);
            let value = (9.0 * x + 2.0 * y).sin()
                + (5.0 * y * (1.0 + x)).cos()
                + 0.7 * (31.0 * x * y + 3.0 * x).sin()
                + 0.5 * (40.0 * (y - 0.3 * x)).cos()
                + 0.4 * (57.0 * x + 13.0 * y * y).sin();
            luma.push((128.0 + 33.0 * value) as u8);
        }
    }
    luma
}

#[test]
fn weights_of_each_sample_sum_to_one() {
    for length in [1, 5, 63, 64, 65, 127, 128, 129, 640, 1280, 4032, 65_535] {
        for kernel in [
            Kernel::of_pixels(length),
            Kernel::of_pixels(length).over_blocks(length.div_ceil(8)),
        ] {
            assert_eq!(kernel.0.len(), SIDE);
            for taps in &kernel.0 {
                let sum: f64 = taps.weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-9, "{length}: {sum}");
            }
        }
    }
}

#[test]
fn the_kernel_is_two_box_filters() {
    // The filters as published, run over a line, against the matrix.
    let length = 700_usize;
    let line: Vec<f64> = (0..length).map(|x| ((x * x) % 251) as f64).collect();
    let box_filter = |line: &[f64]| -> Vec<f64> {
        let (full, half) = (6, 4);
        (0..length)
            .map(|at| {
                let window = &line[at.saturating_sub(full - half)..(at + half).min(length)];
                window.iter().sum::<f64>() / window.len() as f64
            })
            .collect()
    };
    let smooth = box_filter(&box_filter(&line));
    let ours = reduce(&line, &Kernel::of_pixels(700));
    for (sample, value) in ours.iter().enumerate() {
        let expected = smooth[((sample as f64 + 0.5) * length as f64 / 64.0) as usize];
        assert!(
            (value - expected).abs() < 1e-9,
            "{sample}: {value} but {expected}"
        );
    }
}

#[test]
fn half_of_the_bits_are_set() {
    let pdq = from_luma(&scene(300, 200), 300, 200);
    for hash in pdq.dihedral {
        assert_eq!(hash.iter().map(|byte| byte.count_ones()).sum::<u32>(), 128);
    }
    assert!(pdq.quality > 80, "{}", pdq.quality);
}

#[test]
fn dihedral_hashes_are_in_the_documented_order() {
    // An odd multiple of 64: samples lie alike from both ends.
    let side = 320_usize;
    let luma = scene(side, side);
    let turned = |from: &dyn Fn(usize, usize) -> (usize, usize)| -> [u8; 32] {
        let pixels: Vec<u8> = (0..side * side)
            .map(|at| {
                let (x, y) = from(at % side, at / side);
                luma[y * side + x]
            })
            .collect();
        from_luma(&pixels, side as u32, side as u32).dihedral[0]
    };
    let end = side - 1;
    let expected = [
        turned(&|x, y| (x, y)),
        turned(&|x, y| (end - y, x)),
        turned(&|x, y| (end - x, end - y)),
        turned(&|x, y| (y, end - x)),
        turned(&|x, y| (x, end - y)),
        turned(&|x, y| (end - x, y)),
        turned(&|x, y| (y, x)),
        turned(&|x, y| (end - y, end - x)),
    ];
    let ours = from_luma(&luma, side as u32, side as u32).dihedral;
    for (at, (a, b)) in ours.iter().zip(&expected).enumerate() {
        assert!(distance(a, b) <= 10, "{at}: {} bits", distance(a, b));
    }
    for (at, a) in ours.iter().enumerate() {
        assert!(ours.iter().skip(at + 1).all(|b| distance(a, b) > 60));
    }
}

#[test]
fn block_means_give_nearly_the_hash_of_the_pixels() {
    for (width, height) in [(1280, 720), (1024, 768), (1500, 1001)] {
        let luma = scene(width, height);
        let pixels = from_luma(&luma, width as u32, height as u32);
        let blocks = from_block_means(&Blocks::of_luma(&luma, width as u32));
        let bits = distance(&pixels.dihedral[0], &blocks.dihedral[0]);
        assert!(bits <= 6, "{width}x{height}: {bits} bits");
        assert!(pixels.quality.abs_diff(blocks.quality) <= 2);
    }
}

#[test]
fn the_first_coefficient_is_the_last_bit() {
    let mut coefficients = [[0.0; KEPT]; KEPT];
    coefficients[0][0] = 1.0;
    assert_eq!(bits(&coefficients), std::array::from_fn(|at| u8::from(at == 31)));
    coefficients[0][0] = 0.0;
    coefficients[15][15] = 1.0;
    assert_eq!(
        bits(&coefficients),
        std::array::from_fn(|at| u8::from(at == 0) << 7)
    );
}

#[test]
fn quality_of_a_flat_picture_is_zero() {
    assert_eq!(from_luma(&[9; 6400], 80, 80).quality, 0);
    assert_eq!(from_luma(&[], 0, 0).quality, 0);
}
