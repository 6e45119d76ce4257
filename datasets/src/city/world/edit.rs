//! What is done to a picture after it was taken.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::super::num;
use super::super::rng::Rng;
use super::super::scene::Picture;

/// A change to the pixels of a JPEG, which is compressed again afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Nothing: the picture data stay as they were.
    None,
    /// Compressed at this quality, like all that follow.
    Encode(u8),
    /// Scaled to so many percent of each side.
    Resize(u8, u32),
    /// Without so many thousandths of each side at left, top, right and bottom.
    Crop(u8, [u32; 4]),
    /// So many grey levels brighter.
    Brightness(u8, i32),
    /// Raised to so many thousandths.
    Gamma(u8, u32),
    /// Left and right exchanged.
    Mirror(u8),
    /// Turned clockwise by so many quarters.
    Rotate(u8, u32),
    /// Inside a border of so many thousandths of the width, of this grey.
    Border(u8, u32, u8),
}

impl Edit {
    /// JPEG quality afterwards; `None` where the data stay.
    pub(crate) fn quality(self) -> Option<u8> {
        match self {
            Self::None => None,
            Self::Encode(quality)
            | Self::Resize(quality, _)
            | Self::Crop(quality, _)
            | Self::Brightness(quality, _)
            | Self::Gamma(quality, _)
            | Self::Mirror(quality)
            | Self::Rotate(quality, _)
            | Self::Border(quality, ..) => Some(quality),
        }
    }

    /// What was done, in words.
    pub(crate) fn words(self) -> String {
        let did = match self {
            Self::None => return "data as they were".into(),
            Self::Encode(_) => "encoded again".into(),
            Self::Resize(_, percent) => format!("resized to {percent} %"),
            Self::Crop(_, [left, top, right, bottom]) => {
                let share = |n: u32| format!("{}.{}", n / 10, n % 10);
                format!(
                    "cropped by {}, {}, {}, {} % at left, top, right, bottom",
                    share(left),
                    share(top),
                    share(right),
                    share(bottom)
                )
            }
            Self::Brightness(_, by) => format!("{by:+} grey levels"),
            Self::Gamma(_, milli) => format!("gamma {}.{:03}", milli / 1_000, milli % 1_000),
            Self::Mirror(_) => "mirrored".into(),
            Self::Rotate(_, quarters) => format!("turned by {} degrees", 90 * quarters),
            Self::Border(_, share, grey) => {
                format!("border of {}.{} % in grey {grey}", share / 10, share % 10)
            }
        };
        self.quality()
            .map_or(did.clone(), |quality| format!("{did}, quality {quality}"))
    }

    /// Applies it to a JPEG; bytes that are none give an empty picture.
    pub(crate) fn apply(self, jpeg: &[u8]) -> Picture {
        let picture = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg);
        let picture = picture.map(image::DynamicImage::into_rgb8).unwrap_or_default();
        let changed = self.change(picture);
        Picture {
            width: usize::try_from(changed.width()).unwrap_or(0),
            rows: usize::try_from(changed.height()).unwrap_or(0),
            rgb: changed.into_raw(),
        }
    }

    fn change(self, mut picture: RgbImage) -> RgbImage {
        let (width, rows) = picture.dimensions();
        match self {
            Self::None | Self::Encode(_) => picture,
            Self::Resize(_, percent) => {
                let side = |n: u32| (n * percent / 100).max(8);
                imageops::resize(&picture, side(width), side(rows), FilterType::Triangle)
            }
            Self::Crop(_, [left, top, right, bottom]) => {
                let (x, y) = (width * left / 1_000, rows * top / 1_000);
                let wide = width - x - width * right / 1_000;
                let tall = rows - y - rows * bottom / 1_000;
                imageops::crop_imm(&picture, x, y, wide, tall).to_image()
            }
            Self::Brightness(_, by) => {
                each(&mut picture, |level| level + by);
                picture
            }
            Self::Gamma(_, milli) => {
                let power = f64::from(milli) / 1_000.0;
                each(&mut picture, |level| {
                    num::round_small(255.0 * libm::pow(f64::from(level) / 255.0, power))
                });
                picture
            }
            Self::Mirror(_) => imageops::flip_horizontal(&picture),
            Self::Rotate(_, quarters) => match quarters % 4 {
                1 => imageops::rotate90(&picture),
                2 => imageops::rotate180(&picture),
                3 => imageops::rotate270(&picture),
                _ => picture,
            },
            Self::Border(_, share, grey) => {
                let edge = width * share / 1_000;
                let framed = RgbImage::from_pixel(width + 2 * edge, rows + 2 * edge, image::Rgb([grey; 3]));
                let mut framed = framed;
                imageops::replace(&mut framed, &picture, i64::from(edge), i64::from(edge));
                framed
            }
        }
    }
}

/// Maps the level of each channel of each pixel by a table.
fn each(picture: &mut RgbImage, map: impl Fn(i32) -> i32) {
    let table: Vec<u8> = (0..=255)
        .map(|level| u8::try_from(map(level).clamp(0, 255)).unwrap_or(0))
        .collect();
    for byte in picture.iter_mut() {
        *byte = table[usize::from(*byte)];
    }
}

/// A quality between two.
pub(crate) fn quality(low: u8, high: u8, rng: &mut Rng) -> u8 {
    low + u8::try_from(rng.below(u32::from(high - low) + 1)).unwrap_or(0)
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
