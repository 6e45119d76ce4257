use super::*;

const REACH: u32 = 100_000;
/// Pixels across and down before a picture is made small.
const WIDTH: i64 = 320;

/// A scene of 1000 by 1000 to photograph: slabs before each other, as house fronts are; others for each seed.
fn scene(x: i64, y: i64, seed: i64) -> u8 {
    let slab = |number: i64| {
        let odd = |factor: i64| (seed * 7_919 + number * factor).wrapping_mul(2_654_435_761) >> 9;
        let (left, top) = (odd(31) % 1_000, odd(57) % 1_000);
        let (width, height) = (20 + odd(83) % 200, 20 + odd(109) % 300);
        let covers = (left..left + width).contains(&x) && (top..top + height).contains(&y);
        covers.then(|| u8::try_from(odd(151) % 256).unwrap())
    };
    (0..50).find_map(slab).unwrap_or(if y < 400 { 220 } else { 90 })
}

/// The part of the scene between two columns and two rows, at 32x32, with a white border of
/// so many thousandths of that part on each side.
fn shot(seed: i64, [left, right]: [i64; 2], [top, bottom]: [i64; 2], border: i64) -> Vec<u8> {
    let side = i64::try_from(SIDE).unwrap();
    let place = |at: i64, from: i64, to: i64| {
        let within = (2 * at + 1) * (1000 + 2 * border) / (2 * WIDTH) - border;
        (0..1000)
            .contains(&within)
            .then_some(from + (to - from) * within / 1000)
    };
    let mut cells = [0_u32; SIDE * SIDE];
    for (y, x) in (0..WIDTH).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
        let level = match (place(x, left, right), place(y, top, bottom)) {
            (Some(x), Some(y)) => scene(x, y, seed),
            _ => 255,
        };
        let cell = y * side / WIDTH * side + x * side / WIDTH;
        cells[usize::try_from(cell).unwrap()] += u32::from(level);
    }
    let pixels = u32::try_from((WIDTH / side).pow(2)).unwrap();
    cells.map(|sum| u8::try_from(sum / pixels).unwrap()).to_vec()
}

fn likeness(a: &[u8], b: &[u8]) -> u32 {
    overlay(a, b, REACH, 0).map_or(0, |overlay| overlay.likeness_ppm)
}

#[test]
fn policy_d4_crops_and_borders_are_alike_once_aligned_whichever_comes_first() {
    for seed in 1..6 {
        let whole = shot(seed, [0, 1000], [0, 1000], 0);
        let edited = [
            shot(seed, [25, 975], [25, 975], 0),
            shot(seed, [50, 1000], [0, 1000], 0),
            shot(seed, [0, 960], [40, 1000], 0),
            shot(seed, [0, 1000], [0, 1000], 30),
            shot(seed, [0, 1000], [0, 1000], 60),
            shot(seed, [20, 1000], [0, 970], 40),
        ];
        for (at, edited) in edited.iter().enumerate() {
            let (there, back) = (likeness(&whole, edited), likeness(edited, &whole));
            assert!(
                there.min(back) > 900_000,
                "scene {seed}, edit {at}: {there}, {back}"
            );
        }
    }
}

#[test]
fn the_edges_of_a_crop_are_found() {
    let whole = shot(3, [0, 1000], [0, 1000], 0);
    let found = overlay(&shot(3, [50, 1000], [0, 960], 0), &whole, REACH, 900_000).unwrap();
    let expected = [[50_000, 1_000_000], [0, 960_000]];
    for (found, expected) in [found.across_ppm, found.down_ppm]
        .iter()
        .flatten()
        .zip(expected.iter().flatten())
    {
        assert!((found - expected).abs() < 15_000, "{found} for {expected}");
    }
}

#[test]
fn policy_d4_another_scene_is_not_alike_however_it_is_aligned() {
    for seed in 1..12 {
        let (one, other) = (
            shot(seed, [0, 1000], [0, 1000], 0),
            shot(seed + 1, [0, 1000], [0, 1000], 0),
        );
        assert!(
            likeness(&one, &other) < 800_000,
            "{seed}: {}",
            likeness(&one, &other)
        );
    }
}

/// What stands near grows more than what stands far: the one thing that no crop does.
#[test]
fn policy_d4_a_camera_that_moved_on_makes_no_crop() {
    for seed in 1..6 {
        let halves = |far: [i64; 2], near: [i64; 2]| {
            let (far, near) = (shot(seed, far, far, 0), shot(seed, near, near, 0));
            [&far[..SIDE * SIDE / 2], &near[SIDE * SIDE / 2..]].concat()
        };
        let before = halves([0, 1000], [0, 1000]);
        let after = halves([10, 990], [180, 820]);
        assert!(
            likeness(&before, &after) < 900_000,
            "{seed}: {}",
            likeness(&before, &after)
        );
    }
}

#[test]
fn less_than_wanted_is_nothing_and_so_are_other_sizes_and_flat_pictures() {
    let (one, other) = (shot(1, [0, 1000], [0, 1000], 0), shot(2, [0, 1000], [0, 1000], 0));
    assert_eq!(overlay(&one, &other, REACH, 900_000), None);
    assert_eq!(overlay(&one, &one[1..], REACH, 0), None);
    assert_eq!(overlay(&[], &[], REACH, 0), None);
    let flat = vec![90; SIDE * SIDE];
    assert_eq!(overlay(&flat, &flat, REACH, 1), None);
    let same = overlay(&one, &one, 0, 1_000_000).unwrap();
    assert_eq!((same.likeness_ppm, same.down_ppm), (1_000_000, [0, 1_000_000]));
}
