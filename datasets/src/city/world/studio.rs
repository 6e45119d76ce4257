//! Makes the bytes of files.

use super::super::drive::GnssFix;
use super::super::mischief::spoil;
use super::super::rng::Rng;
use super::super::scene::{self, Renderer, Scene, View};
use super::super::streets::{Projection, Streets};
use super::super::{gpx, jpeg, num};
use super::item::{Content, Item, Photo};
use super::outing::Fix;
use super::people::TraceFormat;
use super::spec::WorldSpec;
use super::{World, columns, fit, nmea, stream};
use crate::table::TableError;

/// Makes the files of a world, one at a time and in any order. A clone makes the same bytes.
#[derive(Debug, Clone)]
pub struct Studio {
    renderer: Renderer,
    projection: Projection,
    seed: u64,
    size: (usize, usize),
}

impl Studio {
    pub(super) fn new(spec: &WorldSpec, streets: &Streets) -> Self {
        let mut rng = Rng::new(spec.seed, stream::SCENE);
        let scene = Scene::new(streets, rng.word());
        let side = |n: u32| usize::try_from(n).unwrap_or(64);
        Self {
            renderer: Renderer::new(scene, &mut Rng::new(spec.seed, stream::TEXTURES)),
            projection: Projection::new(),
            seed: spec.seed,
            size: (side(spec.width), side(spec.height)),
        }
    }

    /// The bytes of a file.
    #[must_use]
    pub fn make(&mut self, item: &Item) -> Vec<u8> {
        match &item.content {
            Content::Photo(photo) => self.photo(photo),
            // Parquet refuses only columns of unequal lengths, which these are not; the file would then be empty.
            Content::Trace(format, fixes) => {
                trace(*format, &item.session, fixes, &self.projection).unwrap_or_default()
            }
        }
    }

    fn photo(&mut self, photo: &Photo) -> Vec<u8> {
        let pose = photo.taken.shot.pose;
        let mut picture = self.renderer.render(&View {
            at: scene::flat(pose.at),
            ahead: scene::flat(pose.ahead),
            height_m: photo.kit.height_m,
            film_mm: f32::from(photo.kit.camera.film_mm),
            width: self.size.0,
            rows: self.size.1,
            weather: photo.weather,
            side_m: num::single(pose.side_m),
            hash: photo.taken.hash,
            moment: photo.taken.moment,
        });
        let noise = u64::from(photo.taken.moment) << 32 | u64::from(photo.taken.hash);
        spoil(&mut picture, photo.defect, &mut Rng::new(self.seed, noise));
        let original = jpeg::jpeg(&picture, photo.quality, &photo.exif);
        match photo.edit.quality() {
            None => original,
            Some(quality) => jpeg::jpeg(&photo.edit.apply(&original), quality, &photo.exif),
        }
    }
}

impl World {
    /// A trace in a format, whatever its device writes; `None` for a picture.
    ///
    /// # Errors
    /// [`TableError`] when the writer of Parquet refuses the rows.
    pub fn trace_as(&self, item: &Item, format: TraceFormat) -> Result<Option<Vec<u8>>, TableError> {
        let Content::Trace(_, fixes) = &item.content else {
            return Ok(None);
        };
        trace(format, &item.session, fixes, &self.projection).map(Some)
    }
}

fn trace(
    format: TraceFormat,
    name: &str,
    fixes: &[Fix],
    projection: &Projection,
) -> Result<Vec<u8>, TableError> {
    Ok(match format {
        TraceFormat::Nmea => nmea::nmea(fixes, projection).into_bytes(),
        TraceFormat::Fit => fit::fit(fixes, projection),
        TraceFormat::Parquet => columns::trace(fixes, projection)?,
        TraceFormat::Gpx => {
            let plain = fixes.iter().map(|fix| GnssFix {
                time_ms: fix.time_ms,
                at: fix.at,
                elevation_m: fix.elevation_m,
                hdop: fix.hdop,
                satellites: fix.satellites,
            });
            gpx::gpx(name, &plain.collect::<Vec<_>>(), projection).into_bytes()
        }
    })
}
