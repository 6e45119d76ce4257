//! Attacks on traces, and drives of the attackers' own that are sent more than once or show nothing.

use super::super::mischief::Defect;
use super::super::num;
use super::super::rng::Rng;
use super::super::streets::Point;
use super::super::time::{DAY_MS, HOUR_MS};
use super::World;
use super::attack::Attack;
use super::copies::{Later, pick};
use super::edit::{Edit, quality};
use super::item::{Item, Known, Label, Photo, Session};
use super::outing::{Fix, Outing};
use super::people::{Person, SYBILS};
use super::receiver::{Noise, Receiver, aside};

/// Pictures of an attacker's own drive.
const FRAMES: u32 = 8;
/// Pictures that go with half of the copied traces.
const COPIED: usize = 4;
/// What a GPS week counter of 10 bits loses when it starts again.
const ROLL_OVER_MS: i64 = 1_024 * 7 * DAY_MS;
/// Pictures of a parked car come so often.
const PARKED_MS: i64 = 5_000;

impl World {
    /// One drive of an attacker of a number, from 0.
    pub(crate) fn drives(
        &self,
        person: &Person,
        attack: Attack,
        number: u64,
        drive: u32,
        rng: &mut Rng,
    ) -> Vec<Item> {
        let own = |frames: u32| self.outing(person, drive, frames.min(self.spec.frames_per_drive), None);
        match attack {
            Attack::TraceCopy => self.trace_copy(person, drive, rng),
            Attack::WhiteJitter => invented(&own(0), Known::plain(Label::Invented), |outing| {
                white(outing, rng)
            }),
            Attack::OnRails => invented(
                &own(0),
                Known::plain(Label::Invented).saying("on the centre line"),
                rails,
            ),
            Attack::Invented => {
                let words = "an invented drive with a receiver's noise";
                invented(&own(0), Known::plain(Label::Invented).saying(words), |outing| {
                    outing.fixes.clone()
                })
            }
            Attack::Teleport => {
                let outing = own(0);
                let (fixes, leaps) = teleport(&outing, rng);
                let known =
                    Known::plain(Label::Invented).saying(format!("{leaps} leaps from street to street"));
                invented(&outing, known, |_| fixes.clone())
            }
            Attack::TwoPlaces => self.two_places(person, drive, rng),
            Attack::Sybil => self.part(person, number % SYBILS, drive),
            Attack::ManyWeeks => self.day_after_day(person, drive, rng),
            Attack::PoorFirst => self.poor_first(&own(FRAMES), rng),
            Attack::WeekRollOver => self.rolled_over(&own(FRAMES)),
            // The others are counted in pictures.
            _ => Vec::new(),
        }
    }

    /// Somebody's trace with noise, later, thinned; each other time with some of its pictures.
    fn trace_copy(&self, person: &Person, drive: u32, rng: &mut Rng) -> Vec<Item> {
        let victim = self.victim(rng);
        let later = Later::than(&victim, self.spec.drive_ms, rng);
        let sigma_m = rng.between(0.0, 8.0);
        let white = rng.below(2) == 0;
        let kept_ppm = 500_000 + rng.below(500_001);
        let receiver = Receiver {
            sigma_m,
            persistence: if white { 0.0 } else { 0.95 },
        };
        let mut noise = Noise::new(receiver, rng);
        let mut fixes = Vec::new();
        for (ordinal, fix) in (0..).zip(&victim.fixes) {
            let error = noise.next(rng);
            if rng.below(1_000_000) < kept_ppm {
                fixes.push(Fix {
                    time_ms: fix.time_ms + later.shift_ms,
                    at: fix.at.plus(1.0, error),
                    of: Some(ordinal),
                    ..*fix
                });
            }
        }
        let known = Known {
            noise_mm: Some(num::round_unsigned(sigma_m * 1_000.0)),
            kept_ppm: Some(kept_ppm),
            ..Known::plain(Label::Copy)
        };
        let words = format!(
            "{} noise {sigma_m:.1} m, shift {} s, thinned to {} %",
            if white { "white" } else { "correlated" },
            later.shift_ms / 1_000,
            kept_ppm / 10_000
        );
        let mut out = Session::new(person, format!("mine-{drive:03}"), later.upload_ms);
        out.trace(
            fixes,
            known
                .of(&victim.trace_path())
                .saying(words)
                .shifted(later.shift_ms),
        );
        if drive % 2 == 1 {
            let first = pick(victim.taken.len().saturating_sub(COPIED), rng);
            for (place, taken) in victim.taken.iter().enumerate().skip(first).take(COPIED) {
                let mut photo = victim.photo(taken, &self.projection);
                photo.edit = Edit::Encode(quality(60, 85, rng));
                self.claim(
                    &mut photo,
                    taken.shot.reported,
                    taken.shot.time_ms + later.shift_ms,
                    rng,
                );
                let known = Known::plain(Label::Copy).of(&victim.picture_path(place));
                let known = known.saying(photo.edit.words()).shifted(later.shift_ms);
                out.photo(place, photo, known);
            }
        }
        out.items
    }

    /// Drives in pairs: one that was driven, and one of the same device at the same time that was not.
    fn two_places(&self, person: &Person, drive: u32, rng: &mut Rng) -> Vec<Item> {
        let real = self.outing(person, drive / 2 * 2, 0, None);
        if drive.is_multiple_of(2) {
            return real.session(&self.projection);
        }
        let start_ms = real.start_ms + 30_000 + 1_000 * i64::from(rng.below(60));
        let mut other = self.outing(person, drive, 0, Some(start_ms));
        other.upload_ms = other.upload_ms.max(real.upload_ms);
        let words = format!("at the same time as {}", real.trace_path());
        invented(&other, Known::plain(Label::Invented).saying(words), |outing| {
            outing.fixes.clone()
        })
    }

    /// What one of several ids sends of the drive that they share.
    fn part(&self, person: &Person, part: u64, drive: u32) -> Vec<Item> {
        let outing = self.outing(person, drive, self.spec.frames_per_drive, None);
        let mine = |n: &usize| u64::try_from(*n).unwrap_or(0) % SYBILS == part;
        let known = || {
            let known = Known::plain(Label::Part).saying(format!("part {} of {SYBILS} of a drive", part + 1));
            Known {
                kept_ppm: Some(1_000_000 / u32::try_from(SYBILS).unwrap_or(1)),
                ..known
            }
        };
        let upload_ms = outing.upload_ms + i64::try_from(part).unwrap_or(0) * 600_000;
        let mut out = Session::new(person, outing.folder.clone(), upload_ms);
        let fixes = outing.fixes.iter().enumerate().filter(|(n, _)| mine(n));
        out.trace(fixes.map(|(_, fix)| *fix).collect(), known());
        for (place, taken) in outing.taken.iter().enumerate().filter(|(n, _)| mine(n)) {
            out.photo(place, outing.photo(taken, &self.projection), known());
        }
        out.items
    }

    /// The first drive once more under the date of a later day.
    fn day_after_day(&self, person: &Person, drive: u32, rng: &mut Rng) -> Vec<Item> {
        let frames = FRAMES.min(self.spec.frames_per_drive);
        let monday_ms = self.spec.week_start_ms + 9 * HOUR_MS;
        let mut first = self.outing(person, 0, frames, Some(monday_ms));
        first.upload_ms = first.upload_ms.min(monday_ms + self.spec.drive_ms + 6 * HOUR_MS);
        if drive == 0 {
            return first.session(&self.projection);
        }
        let shift_ms = i64::from(drive) * DAY_MS;
        let mut noise = Noise::new(
            Receiver {
                sigma_m: 1.0,
                persistence: 0.9,
            },
            rng,
        );
        let mut fixes = first.fixes.clone();
        for (ordinal, fix) in (0..).zip(&mut fixes) {
            fix.time_ms += shift_ms;
            fix.at = fix.at.plus(1.0, noise.next(rng));
            fix.of = Some(ordinal);
        }
        let words = format!("the first drive, dated {drive} days later");
        let known = |of: &str| {
            Known::plain(Label::Repeat)
                .of(of)
                .saying(words.clone())
                .shifted(shift_ms)
        };
        let upload_ms = first.upload_ms + shift_ms;
        let mut out = Session::new(person, format!("{}-again-{drive:03}", first.folder), upload_ms);
        let trace = Known {
            noise_mm: Some(1_000),
            ..known(&first.trace_path())
        };
        out.trace(fixes, trace);
        for (place, taken) in first.taken.iter().enumerate() {
            let mut photo = first.photo(taken, &self.projection);
            photo.edit = Edit::Encode(quality(60, 85, rng));
            photo.exif.time_ms = photo.exif.time_ms.map(|ms| ms + shift_ms);
            out.photo(place, photo, known(&first.picture_path(place)));
        }
        out.items
    }

    /// One drive sent twice, a poor version first.
    fn poor_first(&self, outing: &Outing, rng: &mut Rng) -> Vec<Item> {
        let known = |of: &str| {
            Known::plain(Label::Poor)
                .of(of)
                .saying("sent before the good one")
        };
        let mut poor = Session::new(&outing.person, format!("{}-a", outing.folder), outing.upload_ms);
        let mut fixes = outing.fixes.clone();
        for (ordinal, fix) in (0..).zip(&mut fixes) {
            fix.hdop += 1.5;
            fix.accuracy_m += 4.0;
            fix.of = Some(ordinal);
        }
        poor.trace(fixes, known(&outing.trace_path()));
        for (place, taken) in outing.taken.iter().enumerate() {
            let mut photo = outing.photo(taken, &self.projection);
            photo.edit = Edit::Resize(quality(15, 30, rng), 40);
            let known = known(&outing.picture_path(place)).saying(photo.edit.words());
            poor.photo(place, photo, known);
        }
        let mut good = outing.clone();
        good.upload_ms += 3 * HOUR_MS;
        let mut items = poor.items;
        items.extend(good.session(&self.projection));
        items
    }

    /// A drive whose receiver counts weeks with ten bits.
    fn rolled_over(&self, outing: &Outing) -> Vec<Item> {
        let known = || {
            Known::plain(Label::Misdated)
                .saying("1024 weeks too early")
                .shifted(-ROLL_OVER_MS)
        };
        let mut out = Session::new(&outing.person, outing.folder.clone(), outing.upload_ms);
        let mut fixes = outing.fixes.clone();
        for fix in &mut fixes {
            fix.time_ms -= ROLL_OVER_MS;
        }
        out.trace(fixes, known());
        for (place, taken) in outing.taken.iter().enumerate() {
            let mut photo = outing.photo(taken, &self.projection);
            photo.exif.time_ms = photo.exif.time_ms.map(|ms| ms - ROLL_OVER_MS);
            out.photo(place, photo, known());
        }
        out.items
    }

    /// A drive whose pictures show nothing.
    pub(crate) fn unusable(&self, person: &Person, attack: Attack, session: u32, count: usize) -> Vec<Item> {
        let frames = u32::try_from(count).unwrap_or(0);
        let outing = self.outing(person, session, frames, None);
        let (defect, words) = match attack {
            Attack::Blur => (Defect::Blurred, "far out of focus"),
            Attack::LensCap => (Defect::LensCap, "the cap was on"),
            _ => (Defect::Dark, "night without light"),
        };
        let mut out = Session::new(person, outing.folder.clone(), outing.upload_ms);
        out.trace(outing.fixes.clone(), Known::plain(Label::Original));
        for (place, taken) in outing.taken.iter().enumerate() {
            let photo = Photo {
                defect,
                ..outing.photo(taken, &self.projection)
            };
            out.photo(place, photo, Known::plain(Label::Unusable).saying(words));
        }
        out.items
    }

    /// A car that stands still while its camera goes on.
    pub(crate) fn parked(&self, person: &Person, session: u32, count: usize, rng: &mut Rng) -> Vec<Item> {
        let outing = self.outing(person, session, 1, None);
        let Some(first) = outing.taken.first().copied() else {
            return Vec::new();
        };
        let start_ms = first.shot.time_ms / 1_000 * 1_000;
        let seconds = PARKED_MS / 1_000 * i64::try_from(count).unwrap_or(0) + 10;
        // A receiver at rest holds its position: the error wanders, slowly.
        let receiver = Receiver {
            sigma_m: 1.0,
            persistence: 0.98,
        };
        let mut noise = Noise::new(receiver, rng);
        let Some(like) = outing.fixes.first().copied() else {
            return Vec::new();
        };
        let fixes = (0..seconds).map(|second| Fix {
            time_ms: start_ms + 1_000 * second,
            at: first.shot.reported.plus(1.0, noise.next(rng)),
            speed_m_s: 0.0,
            truth: Some((first.shot.pose.at, start_ms + 1_000 * second)),
            ..like
        });
        let mut out = Session::new(person, outing.folder.clone(), outing.upload_ms + 1_000 * seconds);
        let fixes = fixes.collect();
        out.trace(fixes, Known::plain(Label::Original).saying("standing"));
        let mut original: Option<String> = None;
        for (place, n) in (0..count).zip(0_i64..) {
            let mut taken = first;
            taken.shot.time_ms += n * PARKED_MS;
            taken.shot.reported = first.shot.reported.plus(1.0, aside(rng.between(0.0, 0.4), rng));
            taken.moment = rng.word();
            taken.again = n > 0;
            let known = match &original {
                None => Known::plain(Label::Original),
                Some(of) => Known::plain(Label::Repeat).of(of).saying("from the same spot"),
            };
            let path = out.photo(place, outing.photo(&taken, &self.projection), known);
            original.get_or_insert(path);
        }
        out.items
    }
}

/// A session of a trace alone that nobody drove as it says.
fn invented(outing: &Outing, known: Known, fixes: impl FnOnce(&Outing) -> Vec<Fix>) -> Vec<Item> {
    let mut fixes = fixes(outing);
    for fix in &mut fixes {
        fix.truth = None;
    }
    let mut out = Session::new(&outing.person, outing.folder.clone(), outing.upload_ms);
    out.trace(fixes, known);
    out.items
}

/// The true way under noise that no two fixes share.
fn white(outing: &Outing, rng: &mut Rng) -> Vec<Fix> {
    let sigma_m = rng.between(2.5, 6.0);
    let mut noise = Noise::new(
        Receiver {
            sigma_m,
            persistence: 0.0,
        },
        rng,
    );
    let shaken = outing.fixes.iter().map(|fix| Fix {
        at: outing.pose(fix.time_ms).at.plus(1.0, noise.next(rng)),
        hdop: 0.9,
        accuracy_m: 4.0,
        ..*fix
    });
    shaken.collect()
}

/// The centre line itself.
fn rails(outing: &Outing) -> Vec<Fix> {
    let drawn = outing.fixes.iter().map(|fix| Fix {
        at: outing.center(fix.time_ms),
        hdop: 0.8,
        accuracy_m: 3.0,
        satellites: 12,
        ..*fix
    });
    drawn.collect()
}

/// The trace with leaps of 300 to 900 m, each a minute or two after the last, and how many.
fn teleport(outing: &Outing, rng: &mut Rng) -> (Vec<Fix>, u32) {
    let mut out = outing.fixes.clone();
    let (mut away, mut leaps, mut next) = (Point { x: 0.0, y: 0.0 }, 0, 0);
    for fix in &mut out {
        if next == 0 {
            next = 50 + rng.below(70);
            if leaps > 0 || fix.time_ms > outing.start_ms + 20_000 {
                away = away.plus(1.0, aside(rng.between(300.0, 900.0), rng));
                leaps += 1;
            }
        }
        next -= 1;
        fix.at = fix.at.plus(1.0, away);
    }
    (out, leaps)
}
