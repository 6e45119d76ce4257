use super::*;

fn of(luma: &[u8], width: u32) -> Vec<u8> {
    thumbnail(&Blocks::of_luma(luma, width))
}

#[test]
fn a_cell_is_the_mean_of_its_pixels_where_blocks_and_cells_meet() {
    // 512x512: a cell is two by two blocks.
    let luma: Vec<u8> = (0..512_usize * 512)
        .map(|at| u8::try_from((at % 512 / 16 * 5 + at / 512 / 16 * 3) % 256).unwrap())
        .collect();
    let small = of(&luma, 512);
    for (at, level) in small.iter().enumerate() {
        assert_eq!(usize::from(*level), (at % SIDE * 5 + at / SIDE * 3) % 256);
    }
}

#[test]
fn cells_that_cut_blocks_share_them_and_no_grey_level_is_lost() {
    for (width, height) in [(333_usize, 217_usize), (40, 24), (1280, 720), (17, 900)] {
        let luma: Vec<u8> = (0..width * height)
            .map(|at| u8::try_from(at % width * 255 / width).unwrap())
            .collect();
        let small = of(&luma, u32::try_from(width).unwrap());
        assert_eq!(small.len(), SIDE * SIDE);
        let first: Vec<u8> = small[..SIDE].to_vec();
        assert!(first.is_sorted(), "{width}x{height}: {first:?}");
        assert!(small.chunks(SIDE).all(|row| row == first), "{width}x{height}");
        if width >= 333 {
            for (at, level) in first.iter().enumerate() {
                let expected = (2 * at + 1) * 255 / (2 * SIDE);
                assert!(usize::from(*level).abs_diff(expected) <= 3, "{width}: {first:?}");
            }
        }
    }
    assert_eq!(of(&[], 0), vec![0; SIDE * SIDE]);
}
