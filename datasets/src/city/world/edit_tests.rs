use image::RgbImage;

use super::Edit;

/// 40 x 20, brighter to the right.
fn picture() -> RgbImage {
    RgbImage::from_fn(40, 20, |x, y| {
        let level = u8::try_from(5 * x + y).unwrap();
        image::Rgb([level; 3])
    })
}

#[test]
fn edits_change_what_they_say() {
    let size = |edit: Edit| edit.change(picture()).dimensions();
    assert_eq!(size(Edit::Encode(80)), (40, 20));
    assert_eq!(size(Edit::Resize(80, 50)), (20, 10));
    assert_eq!(size(Edit::Crop(80, [50, 50, 50, 50])), (36, 18));
    assert_eq!(size(Edit::Rotate(80, 1)), (20, 40));
    assert_eq!(size(Edit::Border(80, 100, 0)), (48, 28));
    let at = |edit: Edit, x: u32, y: u32| edit.change(picture()).get_pixel(x, y).0[0];
    assert_eq!(at(Edit::Mirror(80), 0, 0), 195);
    assert_eq!(at(Edit::Rotate(80, 2), 39, 19), 0);
    assert_eq!(at(Edit::Brightness(80, 30), 10, 0), 80);
    assert_eq!(at(Edit::Brightness(80, 255), 10, 0), 255);
    assert_eq!(at(Edit::Gamma(80, 1_000), 10, 0), 50);
    assert!(at(Edit::Gamma(80, 800), 10, 0) > 60);
    assert_eq!(at(Edit::Border(80, 100, 7), 3, 3), 7);
}

#[test]
fn what_is_no_jpeg_gives_an_empty_picture() {
    assert_eq!(Edit::Encode(80).apply(b"no").rgb, Vec::<u8>::new());
}
