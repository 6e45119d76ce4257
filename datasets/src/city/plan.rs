//! Who drives where and when, and which files that makes.

use super::Truth;
use super::cast::{CAST, Habit};
use super::drive::{self, Drive, Shot, Trigger, Trip};
use super::exif::{Exif, Position};
use super::mischief::Defect;
use super::num;
use super::rng::Rng;
use super::scene::Weather;
use super::spec::CitySpec;
use super::streets::{Corner, Projection, Streets};
use super::time::{Civil, HOUR_MS};

/// Local time is an hour ahead of UTC: British summer time.
pub(crate) const OFFSET_MIN: i64 = 60;
/// Pictures that a trip takes beyond those asked for; accidents happen to them.
const SPARE: u32 = 6;

/// Streams of random numbers: one per purpose, then one per trip.
pub(crate) mod stream {
    pub(crate) const SCENE: u64 = 1;
    pub(crate) const TEXTURES: u64 = 2;
    pub(crate) const DEFECTS: u64 = 3;
    pub(crate) const MISCHIEF: u64 = 4;
    pub(crate) const TRIPS: u64 = 1_000;
}

/// A picture to be rendered.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    /// Index of the trip, for its weather.
    pub(crate) trip: usize,
    /// Where and when it was really taken.
    pub(crate) shot: Shot,
    /// Height of the camera in metres.
    pub(crate) height_m: f32,
    /// Focal length as on 35 mm film, in mm; the metadata of a copy may claim another.
    pub(crate) film_mm: u16,
    /// Decides how the camera is turned and which cars come towards it.
    pub(crate) hash: u32,
    /// Decides people and noise.
    pub(crate) moment: u32,
    /// JPEG quality.
    pub(crate) quality: u8,
    /// What it says about itself.
    pub(crate) exif: Exif,
    /// What was wrong.
    pub(crate) defect: Defect,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A JPEG, of which the first so many percent arrived.
    Photo(Box<Photo>, u32),
    /// The trace of a trip, of which the first so many percent arrived.
    Trace { trip: usize, percent: u32, jumps: bool },
    /// These bytes.
    Bytes(Vec<u8>),
}

/// A file to be uploaded.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// Contributor, session and name, joined by `/`.
    pub(crate) path: String,
    /// Who uploads it.
    pub(crate) contributor: String,
    /// The folder that holds one trip.
    pub(crate) session: String,
    /// When, in ms since 1970 UTC.
    pub(crate) uploaded_at_ms: i64,
    /// What it is.
    pub(crate) truth: Truth,
    /// What it holds.
    pub(crate) content: Content,
}

/// Everything that is decided before a picture is rendered.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The street net.
    pub(crate) streets: Streets,
    /// Metres to degrees.
    pub(crate) projection: Projection,
    /// The light of each trip.
    pub(crate) weathers: Vec<Weather>,
    /// The trips.
    pub(crate) drives: Vec<Drive>,
    /// The files in the order in which they are made.
    pub(crate) uploads: Vec<Upload>,
}

/// A session while its files are listed.
pub(crate) struct Session<'a> {
    /// Where they are listed.
    pub(crate) uploads: &'a mut Vec<Upload>,
    /// Who uploads it.
    pub(crate) contributor: String,
    /// Its folder.
    pub(crate) folder: String,
    /// When the next file is uploaded, in ms since 1970 UTC.
    pub(crate) next_ms: i64,
}

impl Session<'_> {
    /// Lists a file; returns its path.
    pub(crate) fn add(&mut self, name: &str, truth: Truth, content: Content) -> String {
        let path = format!("{}/{}/{name}", self.contributor, self.folder);
        self.uploads.push(Upload {
            path: path.clone(),
            contributor: self.contributor.clone(),
            session: self.folder.clone(),
            uploaded_at_ms: self.next_ms,
            truth,
            content,
        });
        self.next_ms += 2_000;
        path
    }

    /// Lists a whole picture; returns its path.
    pub(crate) fn photo(&mut self, name: &str, truth: Truth, photo: Photo) -> String {
        self.add(name, truth, Content::Photo(Box::new(photo), 100))
    }
}

impl Plan {
    /// The plan of a city.
    pub(crate) fn new(spec: &CitySpec) -> Self {
        let spec = &spec.clamped();
        let mut plan = Self {
            streets: Streets::new(spec.blocks_east, spec.blocks_north),
            projection: Projection::new(),
            weathers: Vec::new(),
            drives: Vec::new(),
            uploads: Vec::new(),
        };
        let copies = spec.mischief && spec.contributors > 1;
        let honest = spec.contributors.max(1) - u32::from(copies);
        let mut spares = Vec::new();
        for number in 0..honest {
            spares.push(plan.trip(spec, number));
        }
        if spec.mischief {
            let mut rng = Rng::new(spec.seed, stream::MISCHIEF);
            plan.accidents(spec, &spares, &mut rng);
            if copies {
                plan.copies(spec, &mut rng);
            }
        }
        plan
    }

    /// Plans one contributor's trip and its session; returns the pictures to spare.
    fn trip(&mut self, spec: &CitySpec, number: u32) -> Vec<Photo> {
        let mut rng = Rng::new(spec.seed, stream::TRIPS + u64::from(number));
        let cast = usize::try_from(number).unwrap_or(0);
        let habit = &CAST[cast % CAST.len()];
        let scripted = cast < CAST.len();
        let name = if scripted {
            habit.name.into()
        } else {
            format!("driver-{:02}", number + 1)
        };
        let start_min = if scripted {
            habit.start_min + i64::from(rng.below(8))
        } else {
            i64::from(rng.below(5)) * 1_440 + 6 * 60 + i64::from(rng.below(12 * 60))
        };
        let trip = Trip {
            start_ms: spec.week_start_ms + start_min * 60_000 + rng.around(500, 499),
            cruise_m_s: habit.cruise_m_s,
            slow_m_s: if habit.on_foot { 1.2 } else { 5.5 },
            on_foot: habit.on_foot,
            trigger: habit.trigger,
            shots: spec.frames_per_drive + SPARE,
            sigma_m: habit.sigma_m,
        };
        let spacing = match habit.trigger {
            Trigger::EveryM(m) => m,
            Trigger::EveryMs(ms) => habit.cruise_m_s * num::double(ms) / 1_000.0,
        };
        let length = spacing * 1.3 * f64::from(trip.shots) + 60.0;
        let stops: &[Corner] = if scripted { habit.stops } else { &[] };
        let path = self.streets.route(stops, length, &mut rng);
        let drive = drive::drive(&trip, &path, &mut rng);
        self.weathers
            .push(Weather::new(trip.start_ms + OFFSET_MIN * 60_000, &mut rng));
        let index = self.drives.len();
        let photos: Vec<Photo> = drive
            .shots
            .iter()
            .map(|shot| {
                let quality = habit
                    .quality
                    .saturating_sub(u8::try_from(rng.below(3)).unwrap_or(0));
                Photo {
                    trip: index,
                    shot: *shot,
                    height_m: habit.height_m,
                    film_mm: habit.camera.film_mm,
                    hash: rng.word(),
                    moment: rng.word(),
                    quality,
                    exif: exif(habit, shot, &self.projection),
                    defect: Defect::None,
                }
            })
            .collect();
        let end_ms = drive.fixes.last().map_or(trip.start_ms, |fix| fix.time_ms);
        self.drives.push(drive);
        let mut session = Session {
            uploads: &mut self.uploads,
            contributor: name,
            folder: session_name(trip.start_ms),
            next_ms: end_ms + rng.around(14 * HOUR_MS, 11 * HOUR_MS) / 1_000 * 1_000,
        };
        let honest = usize::try_from(spec.frames_per_drive)
            .unwrap_or(0)
            .min(photos.len());
        if habit.trace {
            let whole = Content::Trace {
                trip: index,
                percent: 100,
                jumps: false,
            };
            session.add("track.gpx", Truth::Trace, whole);
        }
        for (n, photo) in photos[..honest].iter().enumerate() {
            session.photo(&format!("{:04}.jpg", n + 1), Truth::Honest, photo.clone());
        }
        photos[honest..].to_vec()
    }
}

/// Name of the folder of a trip that starts at `start_ms`.
pub(crate) fn session_name(start_ms: i64) -> String {
    let start = Civil::from_ms(start_ms);
    format!("{}-{:02}{:02}", start.date('-'), start.hour, start.minute)
}

fn exif(habit: &Habit, shot: &Shot, projection: &Projection) -> Exif {
    let (lat_e7, lon_e7) = projection.to_e7(shot.reported);
    let position = Position {
        lat_e7,
        lon_e7,
        accuracy_mm: habit
            .precise
            .then(|| num::round_unsigned(shot.accuracy_m * 1_000.0)),
        heading_cdeg: habit.precise.then_some(shot.heading_cdeg),
    };
    Exif {
        camera: habit.camera,
        time_ms: Some(shot.time_ms),
        offset_min: OFFSET_MIN,
        position: habit.geotags.then_some(position),
    }
}
