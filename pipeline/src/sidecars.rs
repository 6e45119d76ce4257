//! Which XMP file says more about which image.

use std::collections::BTreeMap;

use cairn_datasets::tables::Upload;

/// Endings of what a sidecar may describe, in lower case.
const IMAGES: [&str; 13] = [
    "jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tif", "tiff", "dng", "gif", "bmp", "insp",
];
/// Ending of sidecars, in lower case.
const SIDECAR: &str = "xmp";

/// Pairs images with sidecars of the same contributor, session and folder: `x.jpg.xmp` belongs to `x.jpg`, else `x.xmp` to every
/// image called `x` that has none of its own. Endings may be in any case; of two that differ in nothing else the first in order of
/// path is taken. An object that the source does not hold is no sidecar.
pub(crate) fn pair_sidecars(uploads: &mut [Upload]) {
    let mut sidecars: BTreeMap<Key, usize> = BTreeMap::new();
    for (at, upload) in uploads.iter().enumerate() {
        if let Some((stem, ending)) = upload.path.rsplit_once('.')
            && ending.eq_ignore_ascii_case(SIDECAR)
            && !upload.version.is_empty()
        {
            let key = Key::new(upload, &lower_ending(stem));
            let earlier = sidecars.get(&key).and_then(|earlier| uploads.get(*earlier));
            if earlier.is_none_or(|earlier| upload.path < earlier.path) {
                sidecars.insert(key, at);
            }
        }
    }
    let pairs: Vec<(usize, usize)> = uploads
        .iter()
        .enumerate()
        .filter_map(|(at, image)| {
            let (stem, ending) = image.path.rsplit_once('.')?;
            if !is_image(ending) {
                return None;
            }
            let full = Key::new(image, &lower_ending(&image.path));
            let sidecar = sidecars
                .get(&full)
                .or_else(|| sidecars.get(&Key::new(image, &lower_ending(stem))))?;
            Some((at, *sidecar))
        })
        .collect();
    for (image, sidecar) in pairs {
        let named = uploads.get_mut(sidecar).map(|found| {
            found.describes = found.describes.saturating_add(1);
            found.clone()
        });
        if let Some((upload, sidecar)) = uploads.get_mut(image).zip(named) {
            upload.describe_by(&sidecar);
        }
    }
}

/// The sidecars that an image of this name would have, endings in lower case.
pub(crate) fn candidates(name: &str) -> Vec<String> {
    match name.rsplit_once('.') {
        Some((stem, ending)) if is_image(ending) => {
            vec![format!("{name}.{SIDECAR}"), format!("{stem}.{SIDECAR}")]
        }
        _ => Vec::new(),
    }
}

/// Who and when, and the path that a sidecar stands for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(String, String, String);

impl Key {
    fn new(upload: &Upload, path: &str) -> Self {
        Self(
            upload.contributor.clone(),
            upload.session.clone(),
            path.to_owned(),
        )
    }
}

fn is_image(ending: &str) -> bool {
    IMAGES.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// The path with its ending in lower case, if it is an image's: `IMG.JPG` and `IMG.jpg.xmp` are meant for each other.
fn lower_ending(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, ending)) if is_image(ending) => format!("{stem}.{}", ending.to_ascii_lowercase()),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
#[path = "sidecars_tests.rs"]
mod tests;
