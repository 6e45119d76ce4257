//! Attacks on pictures: what others took, changed, under other metadata.

use super::super::exif::{Camera, Position};
use super::super::num;
use super::super::rng::Rng;
use super::super::streets::Point;
use super::super::time::HOUR_MS;
use super::World;
use super::attack::Attack;
use super::edit::{Edit, quality};
use super::item::{Item, Known, Label, Photo, Session};
use super::outing::{Outing, Taken};
use super::people::Person;
use super::receiver::aside;

/// The camera that copies pretend to come from.
pub(crate) const OTHER_CAMERA: Camera = Camera {
    make: "Nemo",
    model: "N1",
    film_mm: 26,
};
/// Nearest that a picture from elsewhere was taken, in metres, where the city is large enough.
const ELSEWHERE_M: f64 = 250.0;
/// Frames of a video at 30 Hz by which a shifted one is off, at most.
const FRAMES: u32 = 18;
/// How long a forged trace goes on before and after the pictures, in ms.
const AROUND_MS: i64 = 60_000;

/// A copier's upload: when, and how much later than the truth its times are.
pub(crate) struct Later {
    /// When the first file is uploaded, in ms since 1970 UTC.
    pub(crate) upload_ms: i64,
    /// Milliseconds added to all times.
    pub(crate) shift_ms: i64,
}

impl Later {
    /// Some hours after the victim's upload; the times lie between the truth and that.
    pub(crate) fn than(victim: &Outing, spec_drive_ms: i64, rng: &mut Rng) -> Self {
        let end_ms = victim.start_ms + spec_drive_ms;
        let sent_ms = victim.upload_ms + 2_000 * i64::try_from(victim.taken.len() + 1).unwrap_or(0);
        let upload_ms = sent_ms + rng.around(10 * HOUR_MS, 8 * HOUR_MS) / 1_000 * 1_000;
        let room_ms = upload_ms - end_ms - HOUR_MS / 2;
        let shift_ms = num::round(rng.between(600_000.0, num::double(room_ms)));
        Self {
            upload_ms,
            shift_ms: shift_ms / 1_000 * 1_000,
        }
    }
}

impl World {
    /// A session of at most `count` copies of one victim's pictures.
    pub(crate) fn copies(
        &self,
        person: &Person,
        attack: Attack,
        session: u32,
        count: usize,
        rng: &mut Rng,
    ) -> Vec<Item> {
        if attack == Attack::ForgedExif {
            return self.forged(person, session, count, rng);
        }
        let victim = self.victim(rng);
        let later = Later::than(&victim, self.spec.drive_ms, rng);
        let first = pick(victim.taken.len().saturating_sub(count), rng);
        let run = victim.taken.iter().enumerate().skip(first).take(count);
        let folder = format!("mine-{session:03}");
        let mut out = Session::new(person, folder, later.upload_ms);
        // Every other session has a trace that fits: the same way by a receiver of the copier's own.
        if attack != Attack::ExactCopy
            && session % 2 == 1
            && let Some(last) = victim.taken.get(first + count - 1)
        {
            let times = victim.taken[first].shot.time_ms - AROUND_MS..last.shot.time_ms + AROUND_MS;
            let fixes = forged_trace(&victim, person, &times, later.shift_ms, rng);
            let known = Known::plain(Label::Invented).of(&victim.trace_path());
            let words = "the way of the copied pictures, by another receiver";
            out.trace(fixes, known.saying(words).shifted(later.shift_ms));
        }
        for (place, taken) in run {
            let mut photo = victim.photo(taken, &self.projection);
            let known = Known::plain(Label::Copy).of(&victim.picture_path(place));
            if attack == Attack::ExactCopy {
                out.photo(place, photo, known.saying("the same bytes"));
                continue;
            }
            let words = self.disguise(&mut photo, &victim, attack, later.shift_ms, rng);
            out.photo(place, photo, known.saying(words).shifted(later.shift_ms));
        }
        out.items
    }

    /// Changes a picture as an attack does, and says how.
    fn disguise(
        &self,
        photo: &mut Photo,
        victim: &Outing,
        attack: Attack,
        shift_ms: i64,
        rng: &mut Rng,
    ) -> String {
        let edit = edit(attack, rng);
        photo.edit = edit;
        let mut words = edit.words();
        if attack == Attack::TimeShift {
            let sign = if rng.below(2) == 0 { -1 } else { 1 };
            let by_ms = sign * i64::from(1 + rng.below(FRAMES)) * 100 / 3;
            photo.taken = moved_in_time(&photo.taken, victim, by_ms, rng);
            words = format!("a frame {by_ms} ms from the one sent");
        }
        let away_m = match attack {
            Attack::Moved => rng.between(50.0, 200.0),
            _ => rng.between(0.0, 4.0),
        };
        let at = photo.taken.shot.reported.plus(1.0, aside(away_m, rng));
        self.claim(photo, at, photo.taken.shot.time_ms + shift_ms, rng);
        format!("{words}; {away_m:.1} m from where it was reported")
    }

    /// Lets a picture claim a place and a time, from another camera.
    pub(crate) fn claim(&self, photo: &mut Photo, at: Point, time_ms: i64, rng: &mut Rng) {
        let (lat_e7, lon_e7) = self.projection.to_e7(at);
        photo.exif.camera = OTHER_CAMERA;
        photo.exif.time_ms = Some(time_ms);
        photo.exif.position = Some(Position {
            lat_e7,
            lon_e7,
            accuracy_mm: Some(num::round_unsigned(rng.between(3_000.0, 6_000.0))),
            heading_cdeg: Some(photo.taken.shot.heading_cdeg),
        });
    }

    /// Pictures from elsewhere on a drive of the attacker's own.
    fn forged(&self, person: &Person, session: u32, count: usize, rng: &mut Rng) -> Vec<Item> {
        let frames = u32::try_from(count).unwrap_or(0);
        let own = self.outing(person, session, frames, None);
        let distance = |victim: &Outing| {
            let pairs = own.taken.iter().zip(&victim.taken);
            pairs
                .map(|(a, b)| a.shot.pose.at.distance(b.shot.pose.at))
                .fold(f64::MAX, f64::min)
        };
        let mut victim = self.victim(rng);
        for _ in 0..8 {
            if distance(&victim) > ELSEWHERE_M {
                break;
            }
            victim = self.victim(rng);
        }
        let upload_ms = Later::than(&victim, self.spec.drive_ms, rng)
            .upload_ms
            .max(own.upload_ms);
        let mut out = Session::new(person, own.folder.clone(), upload_ms);
        out.trace(own.fixes.clone(), Known::plain(Label::Original));
        for (place, (mine, theirs)) in own.taken.iter().zip(&victim.taken).enumerate() {
            let mut photo = victim.photo(theirs, &self.projection);
            photo.edit = Edit::Encode(quality(60, 85, rng));
            self.claim(&mut photo, mine.shot.reported, mine.shot.time_ms, rng);
            if let Some(position) = &mut photo.exif.position {
                position.heading_cdeg = Some(mine.shot.heading_cdeg);
            }
            let away = mine.shot.pose.at.distance(theirs.shot.pose.at);
            let known = Known::plain(Label::Copy)
                .of(&victim.picture_path(place))
                .saying(format!("{}; taken {away:.0} m away", photo.edit.words()))
                .shifted(mine.shot.time_ms - theirs.shot.time_ms);
            out.photo(place, photo, known);
        }
        out.items
    }
}

/// The change that an attack makes to pixels.
fn edit(attack: Attack, rng: &mut Rng) -> Edit {
    let q = quality(60, 90, rng);
    let sign = if rng.below(2) == 0 { -1 } else { 1 };
    match attack {
        Attack::ReEncode => Edit::Encode(quality(35, 80, rng)),
        Attack::Moved => Edit::Encode(q),
        Attack::Resize => Edit::Resize(q, 50 + rng.below(100)),
        Attack::Crop => Edit::Crop(q, [(); 4].map(|()| 20 + rng.below(31))),
        Attack::Brightness => Edit::Brightness(q, sign * (12 + i32::try_from(rng.below(29)).unwrap_or(0))),
        Attack::Gamma => {
            let by = 100 + rng.below(201);
            Edit::Gamma(q, if sign < 0 { 1_000 - by } else { 1_000 + by })
        }
        Attack::Mirrored => Edit::Mirror(q),
        Attack::Rotated => Edit::Rotate(q, 1 + rng.below(3)),
        Attack::Border => Edit::Border(q, 15 + rng.below(46), if rng.below(2) == 0 { 0 } else { 244 }),
        // Metadata only, or another frame, which is compressed once like any.
        _ => Edit::None,
    }
}

/// The frame of a victim's video some ms from a picture.
fn moved_in_time(taken: &Taken, victim: &Outing, by_ms: i64, rng: &mut Rng) -> Taken {
    let mut other = *taken;
    other.shot.time_ms += by_ms;
    let pose = victim.pose(other.shot.time_ms);
    other.shot.reported = Point {
        x: taken.shot.reported.x + pose.at.x - taken.shot.pose.at.x,
        y: taken.shot.reported.y + pose.at.y - taken.shot.pose.at.y,
    };
    other.shot.pose = pose;
    other.moment = rng.word();
    other.shifted = true;
    other
}

/// A trace along a victim's way, of the times in `times`, shifted.
fn forged_trace(
    victim: &Outing,
    person: &Person,
    times: &std::ops::Range<i64>,
    shift_ms: i64,
    rng: &mut Rng,
) -> Vec<super::outing::Fix> {
    let heard = victim.listen(person.receiver, false, rng);
    let mut fixes = victim.observe(&heard, rng);
    fixes.retain(|fix| times.contains(&fix.time_ms));
    for fix in &mut fixes {
        fix.time_ms += shift_ms;
        fix.truth = None;
    }
    fixes
}

/// A place in `0..=last`.
pub(crate) fn pick(last: usize, rng: &mut Rng) -> usize {
    let last = u32::try_from(last).unwrap_or(u32::MAX - 1);
    usize::try_from(rng.below(last + 1)).unwrap_or(0)
}
