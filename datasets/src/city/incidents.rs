//! Accidents and copies: which files they make.

use super::Truth;
use super::drive;
use super::exif::{Camera, Exif, Position};
use super::mischief::Defect;
use super::plan::{Content, Photo, Plan, Session, session_name};
use super::rng::Rng;
use super::spec::CitySpec;
use super::time::{DAY_MS, HOUR_MS};

/// The contributor who uploads what others made.
const COPIER: &str = "magpie";
/// The camera that copies pretend to come from.
const OTHER_CAMERA: Camera = Camera {
    make: "Nemo",
    model: "N1",
    film_mm: 26,
};

impl Plan {
    /// What goes wrong for honest contributors, each accident in a session of its own so that it spoils
    /// nothing else. `spares` holds each contributor's pictures to spare.
    pub(crate) fn accidents(&mut self, spec: &CitySpec, spares: &[Vec<Photo>], rng: &mut Rng) {
        let homes: Vec<(String, Vec<Photo>, usize)> = spares
            .iter()
            .enumerate()
            .map(|(trip, photos)| {
                let first = self.uploads.iter().find(|upload| match &upload.content {
                    Content::Photo(photo, _) => photo.trip == trip,
                    Content::Trace { .. } | Content::Bytes(_) => false,
                });
                let name = first.map_or_else(String::new, |upload| upload.contributor.clone());
                (name, photos.clone(), trip)
            })
            .filter(|(name, photos, _)| !name.is_empty() && !photos.is_empty())
            .collect();
        if homes.is_empty() {
            return;
        }
        let kinds: [Accident; 5] = [parked, unusable, unreadable, unplaced, doubtful];
        let names = ["parked", "unusable", "unreadable", "unplaced", "doubtful"];
        for (n, (kind, what)) in kinds.iter().zip(names).enumerate() {
            let (name, photos, trip) = &homes[n % homes.len()];
            // Accidents need positions in the picture, else a missing trace hides them.
            let start_ms = photos[0].shot.time_ms;
            let mut session = Session {
                uploads: &mut self.uploads,
                contributor: name.clone(),
                folder: format!("{}-{what}", session_name(start_ms)),
                next_ms: start_ms.max(spec.week_start_ms)
                    + DAY_MS
                    + rng.around(HOUR_MS, HOUR_MS) / 1_000 * 1_000,
            };
            kind(&mut session, photos, *trip, rng);
        }
    }

    /// Copies of what ada and the others took, uploaded on Saturday evening.
    pub(crate) fn copies(&mut self, spec: &CitySpec, rng: &mut Rng) {
        let originals: Vec<(String, Photo)> = self
            .uploads
            .iter()
            .filter(|upload| upload.truth == Truth::Honest)
            .filter_map(|upload| match &upload.content {
                Content::Photo(photo, _) if photo.exif.position.is_some() => {
                    Some((upload.path.clone(), photo.as_ref().clone()))
                }
                _ => None,
            })
            .collect();
        let mut session = Session {
            uploads: &mut self.uploads,
            contributor: COPIER.into(),
            folder: "mine".into(),
            next_ms: spec.week_start_ms + 5 * DAY_MS + 20 * HOUR_MS,
        };
        for n in 0..COPIES {
            let count = u32::try_from(originals.len()).unwrap_or(0);
            let pick = usize::try_from(rng.below(count)).unwrap_or(0);
            let Some((path, photo)) = originals.get(pick) else {
                break;
            };
            let (of, mut photo) = (path.clone(), photo.clone());
            let truth = match n % 3 {
                0 => Truth::ExactCopy { of },
                1 => {
                    edit(&mut photo.exif, rng);
                    Truth::EditedCopy { of }
                }
                _ => {
                    photo.quality = 60;
                    edit(&mut photo.exif, rng);
                    Truth::Reencoded { of }
                }
            };
            session.photo(&format!("mine-{:02}.jpg", n + 1), truth, photo);
        }
    }
}

/// Adds the files of one kind of accident to a session, from the pictures to spare of a trip.
type Accident = fn(&mut Session, &[Photo], usize, &mut Rng);

/// Copies that the copier uploads: exact, edited and re-encoded in turn.
const COPIES: u32 = 9;

/// Another camera, some minutes later, some metres aside.
fn edit(exif: &mut Exif, rng: &mut Rng) {
    exif.camera = OTHER_CAMERA;
    exif.time_ms = exif.time_ms.map(|ms| ms + rng.around(900_000, 300_000));
    if let Some(position) = &mut exif.position {
        position.lat_e7 += i32::try_from(rng.around(0, 120)).unwrap_or(0);
        position.lon_e7 += i32::try_from(rng.around(0, 200)).unwrap_or(0);
    }
}

/// A car that stands still while the camera goes on.
fn parked(session: &mut Session, photos: &[Photo], _: usize, rng: &mut Rng) {
    let photo = &photos[0];
    let mut first = None;
    for (n, shot) in drive::park(&photo.shot, 10, 5_000, rng).into_iter().enumerate() {
        let mut photo = Photo {
            shot,
            moment: rng.word(),
            ..photo.clone()
        };
        photo.exif.time_ms = Some(shot.time_ms);
        let truth = first.clone().map_or(Truth::Honest, |of| Truth::Parked { of });
        let path = session.photo(&format!("{:04}.jpg", n + 1), truth, photo);
        first.get_or_insert(path);
    }
}

/// Pictures that show nothing.
fn unusable(session: &mut Session, photos: &[Photo], _: usize, _: &mut Rng) {
    let defects = [
        ("blurred", Defect::Blurred, Truth::Blurred),
        ("cap", Defect::LensCap, Truth::LensCap),
        ("night", Defect::Dark, Truth::Dark),
    ];
    for ((name, defect, truth), photo) in defects.into_iter().zip(photos.iter().cycle()) {
        session.photo(
            &format!("{name}.jpg"),
            truth,
            Photo {
                defect,
                ..photo.clone()
            },
        );
    }
}

/// Files that are not what their names say.
fn unreadable(session: &mut Session, photos: &[Photo], trip: usize, rng: &mut Rng) {
    let half = Content::Photo(Box::new(photos[0].clone()), 40);
    session.add("half.jpg", Truth::Truncated, half);
    let note = b"The card was full, the pictures are on the other one.\n".to_vec();
    session.add("note.jpg", Truth::NotAnImage, Content::Bytes(note));
    session.add("nothing.jpg", Truth::Empty, Content::Bytes(Vec::new()));
    let mut index = vec![0; 700];
    rng.fill(&mut index);
    session.add("index.dat", Truth::UnknownKind, Content::Bytes(index));
    session.add(
        "track.gpx",
        Truth::BrokenTrace,
        Content::Trace {
            trip,
            percent: 55,
            jumps: false,
        },
    );
}

/// Pictures without a place or a time.
fn unplaced(session: &mut Session, photos: &[Photo], _: usize, _: &mut Rng) {
    let mut null = photos[0].clone();
    null.exif.position = Some(Position {
        lat_e7: 0,
        lon_e7: 0,
        accuracy_mm: None,
        heading_cdeg: None,
    });
    session.photo("null-island.jpg", Truth::NullPosition, null);
    let mut timeless = photos[1 % photos.len()].clone();
    timeless.exif.time_ms = None;
    session.photo("no-time.jpg", Truth::NoTime, timeless);
}

/// A trace with jumps, and a picture whose digest in the list of uploads is wrong.
fn doubtful(session: &mut Session, photos: &[Photo], trip: usize, _: &mut Rng) {
    let jumps = Content::Trace {
        trip,
        percent: 100,
        jumps: true,
    };
    session.add("jumps.gpx", Truth::TeleportingTrace, jumps);
    session.photo("altered.jpg", Truth::WrongDigest, photos[0].clone());
}
