use cairn_datasets::cell::resolution;

use super::*;

#[test]
fn every_zoom_shows_the_finest_cells_of_which_a_tile_holds_no_more_than_16384() {
    let shown: Vec<u8> = (0..=14)
        .map(|zoom| resolution_at(zoom, Resolution::Eleven).into())
        .collect();
    assert_eq!(shown, [1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 11]);
}

#[test]
fn no_zoom_shows_finer_cells_than_are_rewarded() {
    for rewarded in 0..=15 {
        let finest = resolution(rewarded).unwrap();
        let last = last_zoom(finest);
        for zoom in 0..=last {
            assert!(resolution_at(zoom, finest) <= finest);
        }
        // Where cells are as fine as that, all of them are shown in the end.
        if rewarded <= 11 {
            assert_eq!(resolution_at(last, finest), finest, "{rewarded}");
        }
    }
}

#[test]
fn a_map_of_large_cells_ends_before_one_of_them_fills_thousands_of_tiles() {
    let last: Vec<u8> = (0..=15).map(|r| last_zoom(resolution(r).unwrap())).collect();
    assert_eq!(last, [4, 5, 7, 8, 9, 11, 12, 14, 14, 14, 14, 14, 14, 14, 14, 14]);
}
