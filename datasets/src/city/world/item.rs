//! The files of a session, and what is known of each.

use super::super::drive::Shot;
use super::super::exif::{Exif, Position};
use super::super::mischief::Defect;
use super::super::num;
use super::super::scene::Weather;
use super::super::streets::{Point, Projection};
use super::attack::Attack;
use super::edit::Edit;
use super::outing::{Fix, OFFSET_MIN, Outing, Taken};
use super::people::{Kit, Person, TraceFormat};

/// What a record really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Recorded there and then by an honest contributor.
    Honest,
    /// Honest, from where the picture before it was taken: at a red light.
    Standing,
    /// An attacker's own, recorded there and then: worth what it would be worth if all were honest.
    Original,
    /// What somebody else recorded.
    Copy,
    /// Recorded by nobody.
    Invented,
    /// The attacker's own once more.
    Repeat,
    /// A part of a drive that several ids share.
    Part,
    /// The attacker's own, made worse.
    Poor,
    /// Recorded at another time than it says.
    Misdated,
    /// Shows nothing.
    Unusable,
}

impl Label {
    /// Its name in the truth.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Standing => "standing",
            Self::Original => "original",
            Self::Copy => "copy",
            Self::Invented => "invented",
            Self::Repeat => "repeat",
            Self::Part => "part",
            Self::Poor => "poor",
            Self::Misdated => "misdated",
            Self::Unusable => "unusable",
        }
    }
}

/// What is known of a file.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// What it is.
    pub(crate) label: Label,
    /// Path of the file that it repeats.
    pub(crate) of: Option<String>,
    /// Where and when (ms since 1970 UTC) a picture was really taken.
    pub(crate) real: Option<(Point, i64)>,
    /// What was done, in words.
    pub(crate) detail: String,
    /// Noise added or left, in mm.
    pub(crate) noise_mm: Option<u32>,
    /// Share of the fixes that are left.
    pub(crate) kept_ppm: Option<u32>,
    /// Milliseconds from when it was recorded to when it says that it was.
    pub(crate) shift_ms: Option<i64>,
}

impl Known {
    /// Nothing but what it is.
    pub(crate) fn plain(label: Label) -> Self {
        Self {
            label,
            of: None,
            real: None,
            detail: String::new(),
            noise_mm: None,
            kept_ppm: None,
            shift_ms: None,
        }
    }

    /// That it repeats a file.
    pub(crate) fn of(mut self, path: &str) -> Self {
        self.of = Some(path.to_owned());
        self
    }

    /// What was done, in words.
    pub(crate) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// How far its times are from the truth, in ms.
    pub(crate) fn shifted(mut self, shift_ms: i64) -> Self {
        self.shift_ms = Some(shift_ms);
        self
    }
}

/// A picture to be rendered.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    /// What was really taken.
    pub(crate) taken: Taken,
    /// Where the camera was carried, and its lens.
    pub(crate) kit: &'static Kit,
    /// Light and sky.
    pub(crate) weather: Weather,
    /// JPEG quality when it was taken.
    pub(crate) quality: u8,
    /// What was wrong then.
    pub(crate) defect: Defect,
    /// What was done to it afterwards.
    pub(crate) edit: Edit,
    /// What it says about itself.
    pub(crate) exif: Exif,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A JPEG.
    Photo(Box<Photo>),
    /// A trace.
    Trace(TraceFormat, Vec<Fix>),
}

/// A file to be made and uploaded.
#[derive(Debug, Clone)]
pub struct Item {
    /// Contributor, session and name, joined by `/`.
    pub path: String,
    /// Who uploads it.
    pub contributor: String,
    /// The folder of its session.
    pub session: String,
    /// The device that is said to have recorded it.
    pub device: String,
    /// When it is uploaded, in ms since 1970 UTC.
    pub uploaded_at_ms: i64,
    /// What its contributor does beside honest work.
    pub attack: Option<Attack>,
    pub(crate) content: Content,
    pub(crate) known: Known,
}

impl Item {
    /// What it is.
    #[must_use]
    pub fn label(&self) -> Label {
        self.known.label
    }

    /// Path of the file that it repeats.
    #[must_use]
    pub fn repeats(&self) -> Option<&str> {
        self.known.of.as_deref()
    }

    /// Whether it is a picture; the others are traces.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        matches!(self.content, Content::Photo(_))
    }
}

/// A session while its files are listed.
pub(crate) struct Session<'a> {
    person: &'a Person,
    folder: String,
    next_ms: i64,
    /// Its files so far.
    pub(crate) items: Vec<Item>,
}

impl<'a> Session<'a> {
    /// A session in `folder`, the first of whose files is uploaded at `upload_ms`.
    pub(crate) fn new(person: &'a Person, folder: String, upload_ms: i64) -> Self {
        Self {
            person,
            folder,
            next_ms: upload_ms,
            items: Vec::new(),
        }
    }

    /// Lists a trace; returns its path.
    pub(crate) fn trace(&mut self, fixes: Vec<Fix>, known: Known) -> String {
        let format = self.person.format;
        self.add(format.file(), Content::Trace(format, fixes), known)
    }

    /// Lists a picture, by its place in the session from 0; returns its path.
    pub(crate) fn photo(&mut self, place: usize, photo: Photo, mut known: Known) -> String {
        let shot = &photo.taken.shot;
        known.real = Some((shot.pose.at, shot.time_ms));
        self.add(&picture_name(place), Content::Photo(Box::new(photo)), known)
    }

    fn add(&mut self, name: &str, content: Content, known: Known) -> String {
        let path = path(&self.person.name, &self.folder, name);
        self.items.push(Item {
            path: path.clone(),
            contributor: self.person.name.clone(),
            session: self.folder.clone(),
            device: self.person.device.clone(),
            uploaded_at_ms: self.next_ms,
            attack: self.person.attack,
            content,
            known,
        });
        self.next_ms += 2_000;
        path
    }
}

/// Name of the picture at a place in its session, from 0.
fn picture_name(place: usize) -> String {
    format!("{:05}.jpg", place + 1)
}

fn path(contributor: &str, folder: &str, name: &str) -> String {
    format!("{contributor}/{folder}/{name}")
}

impl Outing {
    /// Path of a picture of the drive, by its place from 0.
    pub(crate) fn picture_path(&self, place: usize) -> String {
        path(&self.person.name, &self.folder, &picture_name(place))
    }

    /// Path of the trace of the drive.
    pub(crate) fn trace_path(&self) -> String {
        path(&self.person.name, &self.folder, self.person.format.file())
    }

    /// A picture of the drive as its camera writes it.
    pub(crate) fn photo(&self, taken: &Taken, projection: &Projection) -> Photo {
        let kit = self.person.kit;
        Photo {
            taken: *taken,
            kit,
            weather: self.weather,
            quality: kit.quality - u8::try_from(taken.moment % 3).unwrap_or(0),
            defect: Defect::None,
            edit: Edit::None,
            exif: exif(kit, &taken.shot, projection),
        }
    }

    /// The whole drive as a session: the trace, then the pictures.
    pub(crate) fn session(&self, projection: &Projection) -> Vec<Item> {
        let own = if self.person.attack.is_none() {
            Label::Honest
        } else {
            Label::Original
        };
        let mut session = Session::new(&self.person, self.folder.clone(), self.upload_ms);
        session.trace(self.fixes.clone(), Known::plain(own));
        for (place, taken) in self.taken.iter().enumerate() {
            let label = if taken.again { Label::Standing } else { own };
            session.photo(place, self.photo(taken, projection), Known::plain(label));
        }
        session.items
    }
}

fn exif(kit: &Kit, shot: &Shot, projection: &Projection) -> Exif {
    let (lat_e7, lon_e7) = projection.to_e7(shot.reported);
    let position = Position {
        lat_e7,
        lon_e7,
        accuracy_mm: kit
            .precise
            .then(|| num::round_unsigned(shot.accuracy_m * 1_000.0)),
        heading_cdeg: kit.precise.then_some(shot.heading_cdeg),
    };
    Exif {
        camera: kit.camera,
        time_ms: Some(shot.time_ms),
        offset_min: OFFSET_MIN,
        position: kit.geotags.then_some(position),
    }
}
