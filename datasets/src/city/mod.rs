//! The sample city: a small week of uploads with known truth, made from a seed.
//!
//! A fresh clone has no photos, and real ones show real people. So `cairn demo` maps a place that does not
//! exist: contributors drive and walk its streets, their cameras see a rendered 3-D street, their receivers
//! err as receivers do, and one of them uploads what others took. Each file's [`Truth`] is known, so tests
//! can say what a run must find. [`world`] is the same place at any size, with more who want more than is owed.
//!
//! Bytes depend on the [`CitySpec`] alone: the generator's arithmetic is `+ - * /`, `sqrt` and `libm`, its
//! random numbers come from `ChaCha8` through helpers of its own, and nothing iterates over a hash map.
//!
//! ```
//! use cairn_datasets::city::{CitySpec, city};
//!
//! let spec = CitySpec { contributors: 1, frames_per_drive: 1, width: 64, height: 64, ..CitySpec::default() };
//! let files: Vec<_> = city(&spec).collect();
//! assert_eq!(files.last().map(|file| file.path.as_str()), Some("uploads.csv"));
//! ```

mod cast;
mod drive;
mod exif;
mod gpx;
mod incidents;
mod jpeg;
mod mischief;
mod num;
mod path;
mod plan;
mod rng;
mod roundabout;
mod scene;
mod spec;
mod streets;
mod time;
mod truth;
pub mod world;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

pub use spec::CitySpec;
pub use truth::{TruePosition, Truth};

use mischief::{cut, spoil, teleport};
use plan::{Content, Photo, Plan, Upload, stream};
use rng::Rng;
use scene::{Renderer, Scene, View};
use time::Civil;

/// One file of the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityFile {
    /// Where it lies in the source: `contributor/session/name`, or `uploads.csv`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Makes the city's files one after the other, each when it is asked for: first the honest sessions in the
/// order of contributors, then accidents, then copies, and `uploads.csv` last, because it lists the digests
/// of all others.
pub fn city(spec: &CitySpec) -> impl Iterator<Item = CityFile> + use<> {
    Files::new(spec)
}

/// What each file of the city is, in the order of [`city`] and without `uploads.csv`. Renders nothing.
#[must_use]
pub fn truth(spec: &CitySpec) -> Vec<(String, Truth)> {
    let uploads = Plan::new(spec).uploads;
    uploads
        .into_iter()
        .map(|upload| (upload.path, upload.truth))
        .collect()
}

/// Where each picture of the city was really taken, in the order of [`city`]: the receiver's error is the
/// difference from what the picture says. For copies it is where the original was taken.
#[must_use]
pub fn true_positions(spec: &CitySpec) -> Vec<TruePosition> {
    let plan = Plan::new(spec);
    let place = |upload: &Upload| match &upload.content {
        Content::Photo(photo, _) => {
            let (lat_e7, lon_e7) = plan.projection.to_e7(photo.shot.pose.at);
            let captured_at_ms = photo.shot.time_ms;
            Some(TruePosition {
                path: upload.path.clone(),
                captured_at_ms,
                lat_e7,
                lon_e7,
            })
        }
        Content::Trace { .. } | Content::Bytes(_) => None,
    };
    plan.uploads.iter().filter_map(place).collect()
}

/// The files still to be made.
struct Files {
    plan: Plan,
    renderer: Renderer,
    defects: Rng,
    size: (usize, usize),
    next: usize,
    list: String,
}

impl Files {
    fn new(spec: &CitySpec) -> Self {
        let spec = spec.clamped();
        let plan = Plan::new(&spec);
        let mut rng = Rng::new(spec.seed, stream::SCENE);
        let scene = Scene::new(&plan.streets, rng.word());
        let side = |n: u32| usize::try_from(n).unwrap_or(64);
        Self {
            renderer: Renderer::new(scene, &mut Rng::new(spec.seed, stream::TEXTURES)),
            plan,
            defects: Rng::new(spec.seed, stream::DEFECTS),
            size: (side(spec.width), side(spec.height)),
            next: 0,
            list: "path,contributor,uploaded_at,sha256,session\n".into(),
        }
    }

    fn bytes(&mut self, upload: &Upload) -> Vec<u8> {
        match &upload.content {
            Content::Photo(photo, percent) => cut(self.photo(photo), *percent),
            Content::Trace { trip, percent, jumps } => {
                let fixes = self.plan.drives.get(*trip).map_or(&[][..], |drive| &drive.fixes);
                let jumped = if *jumps { teleport(fixes) } else { fixes.to_vec() };
                let text = gpx::gpx(&upload.session, &jumped, &self.plan.projection);
                cut(text.into_bytes(), *percent)
            }
            Content::Bytes(bytes) => bytes.clone(),
        }
    }

    fn photo(&mut self, photo: &Photo) -> Vec<u8> {
        let Some(weather) = self.plan.weathers.get(photo.trip) else {
            return Vec::new();
        };
        let pose = photo.shot.pose;
        let mut picture = self.renderer.render(&View {
            at: scene::flat(pose.at),
            ahead: scene::flat(pose.ahead),
            height_m: photo.height_m,
            film_mm: f32::from(photo.film_mm),
            width: self.size.0,
            rows: self.size.1,
            weather: *weather,
            side_m: num::single(pose.side_m),
            hash: photo.hash,
            moment: photo.moment,
        });
        spoil(&mut picture, photo.defect, &mut self.defects);
        jpeg::jpeg(&picture, photo.quality, &photo.exif)
    }

    fn enlist(&mut self, upload: &Upload, bytes: &[u8]) {
        let mut digest = Sha256::digest(bytes);
        if upload.truth == Truth::WrongDigest {
            digest[0] ^= 1;
        }
        let uploaded_at = Civil::from_ms(upload.uploaded_at_ms).rfc3339();
        // Writing to a String cannot fail, so the results are dropped.
        let _ = write!(self.list, "{},{},{uploaded_at},", upload.path, upload.contributor);
        for byte in digest {
            let _ = write!(self.list, "{byte:02x}");
        }
        let _ = writeln!(self.list, ",{}", upload.session);
    }
}

impl Iterator for Files {
    type Item = CityFile;

    fn next(&mut self) -> Option<CityFile> {
        let next = self.next;
        self.next += 1;
        if let Some(upload) = self.plan.uploads.get(next).cloned() {
            let bytes = self.bytes(&upload);
            self.enlist(&upload, &bytes);
            return Some(CityFile {
                path: upload.path,
                bytes,
            });
        }
        let list = std::mem::take(&mut self.list);
        (next == self.plan.uploads.len()).then(|| CityFile {
            path: "uploads.csv".into(),
            bytes: list.into_bytes(),
        })
    }
}

#[cfg(test)]
#[path = "city_tests.rs"]
mod tests;
