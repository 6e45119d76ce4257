//! Simulated traffic to test with: streets with lights and limits, drivers who differ, receivers whose
//! errors last, and those who copy.

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Recording, Visit};
use cairn_datasets::units::{Position, Timestamp};
use h3o::Resolution;

use crate::policy::DedupPolicy;
use crate::trail::visits::passages;
use crate::trail::windows::{Trail, holding, pack_windows};
use crate::trail::{Moment, pack, thin};

/// A seeded source of numbers (S. Vigna's `SplitMix64`).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub(super) fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Normal with sigma 1.
    pub(super) fn normal(&mut self) -> f64 {
        libm::sqrt(-2.0 * libm::log(self.part().max(1e-12))) * libm::cos(std::f64::consts::TAU * self.part())
    }
}

/// An error that lasts: autoregressive, with a correlation from second to second.
pub(super) struct Wander {
    sigma: f64,
    lasting: f64,
    now: [f64; 2],
}

impl Wander {
    pub(super) fn new(sigma: f64, lasting: f64, dice: &mut Dice) -> Self {
        let now = [sigma * dice.normal(), sigma * dice.normal()];
        Self { sigma, lasting, now }
    }

    pub(super) fn next(&mut self, dice: &mut Dice) -> [f64; 2] {
        let fresh = self.sigma * libm::sqrt(1.0 - self.lasting * self.lasting);
        self.now = self.now.map(|value| self.lasting * value + fresh * dice.normal());
        self.now
    }
}

/// A bus route: corners in m, lights (place, cycle, red share), and limits (from, m/s).
pub(super) struct Route {
    corners: Vec<[f64; 2]>,
    lights: Vec<[f64; 3]>,
    limits: Vec<[f64; 2]>,
    length: f64,
}

impl Route {
    pub(super) fn new(dice: &mut Dice, length: f64, origin: [f64; 2]) -> Self {
        let (mut corners, mut way, mut course) = (vec![origin], 0.0, dice.part() * std::f64::consts::TAU);
        while way < length {
            let step = 200.0 + dice.part() * 400.0;
            course += match dice.part() {
                part if part < 0.15 => 1.57,
                part if part < 0.3 => -1.57,
                _ => dice.normal() * 0.1,
            };
            let [x, y] = corners[corners.len() - 1];
            corners.push([x + step * libm::cos(course), y + step * libm::sin(course)]);
            way += step;
        }
        let (mut lights, mut at) = (Vec::new(), 150.0);
        while at < way {
            lights.push([at, 60.0 + dice.part() * 40.0, 0.35 + 0.3 * dice.part()]);
            at += 150.0 + dice.part() * 400.0;
        }
        let (mut limits, mut at) = (Vec::new(), 0.0);
        while at < way {
            limits.push([at, 8.0 + dice.part() * 7.0]);
            at += 500.0 + dice.part() * 1_000.0;
        }
        Self {
            corners,
            lights,
            limits,
            length: way,
        }
    }

    fn at(&self, mut way: f64) -> [f64; 2] {
        for pair in self.corners.windows(2) {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            let step = libm::hypot(bx - ax, by - ay);
            if way <= step {
                return [ax + (bx - ax) * way / step, ay + (by - ay) * way / step];
            }
            way -= step;
        }
        self.corners[self.corners.len() - 1]
    }

    /// A drive along it, a fix a second, by a driver of their own kind at a time of their own.
    pub(super) fn drive(&self, dice: &mut Dice, start: i64) -> Vec<Moment> {
        let temper = (1.0 + 0.1 * dice.normal()).clamp(0.75, 1.25);
        let pull = 1.2 + dice.part();
        let phases: Vec<f64> = self.lights.iter().map(|light| dice.part() * light[1]).collect();
        let mut error = Wander::new(4.7, 0.96, dice);
        let (mut way, mut speed, mut mood, mut second) = (0.0, 0.0_f64, 0.0, 0_i64);
        let mut fixes = Vec::new();
        while way < self.length - 5.0 {
            mood = 0.9 * mood + 0.3 * dice.normal();
            let limit = self
                .limits
                .iter()
                .rev()
                .find(|l| l[0] <= way)
                .map_or(10.0, |l| l[1]);
            let mut wanted = (limit * temper + mood).max(0.5);
            let time = f64::from(i32::try_from(second).unwrap());
            for (light, phase) in self.lights.iter().zip(&phases) {
                let away = light[0] - way;
                let cycle = (time + phase) / light[1];
                if away > 0.0 && away < 120.0 && cycle - libm::floor(cycle) < light[2] {
                    wanted = wanted.min(libm::sqrt(3.6 * (away - 3.0).max(0.0)));
                }
            }
            speed = if speed < wanted {
                (speed + pull).min(wanted)
            } else {
                (speed - 2.2).max(wanted)
            };
            way += speed;
            second += 1;
            let ([x, y], [ex, ey]) = (self.at(way), error.next(dice));
            fixes.push(moment(start + second * 1_000, [x + ex, y + ey]));
        }
        fixes
    }
}

/// Somebody on foot for twenty minutes: a pace of their own that hardly changes, and a receiver.
pub(super) fn walk(dice: &mut Dice, start: i64, sigma: f64, lasting: f64) -> Vec<Moment> {
    let pace = 1.4 + 0.02 * dice.normal();
    let mut error = Wander::new(sigma, lasting, dice);
    (0..1_200_i32)
        .map(|second| {
            let [x, y] = error.next(dice);
            moment(
                start + i64::from(second) * 1_000,
                [x, pace * f64::from(second) + y],
            )
        })
        .collect()
}

/// What somebody did to a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgery {
    /// Sigma of the noise in m, on each axis.
    pub(super) sigma: f64,
    /// Its correlation from fix to fix.
    pub(super) lasting: f64,
    /// Share of fixes left out.
    pub(super) thinned: f64,
    /// Fixes cut off at each end.
    pub(super) trimmed: usize,
}

pub(super) fn forge(track: &[Moment], how: Forgery, dice: &mut Dice) -> Vec<Moment> {
    let shift = i64::try_from(dice.next() % 2_000_000_000).unwrap() - 1_000_000_000;
    let mut noise = Wander::new(how.sigma, how.lasting, dice);
    let kept = track.len().saturating_sub(2 * how.trimmed);
    let mut copy = Vec::new();
    for fix in track.iter().skip(how.trimmed).take(kept) {
        let [x, y] = noise.next(dice);
        if dice.part() >= how.thinned {
            let to = moment(0, [x, y]).position;
            copy.push(Moment {
                at: Timestamp(fix.at.0 + shift),
                position: Position {
                    lat_e7: fix.position.lat_e7 + to.lat_e7 - HOME.lat_e7,
                    lon_e7: fix.position.lon_e7 + to.lon_e7 - HOME.lon_e7,
                },
            });
        }
    }
    copy
}

const HOME: Position = Position {
    lat_e7: 418_700_000,
    lon_e7: -876_500_000,
};

#[expect(clippy::cast_possible_truncation, reason = "a city")]
fn moment(at: i64, [x, y]: [f64; 2]) -> Moment {
    let e7 = |metres: f64, scale: f64| libm::round(metres * 1_000.0 / (11.1195 * scale)) as i32;
    Moment {
        at: Timestamp(at),
        position: Position {
            lat_e7: HOME.lat_e7 + e7(y, 1.0),
            lon_e7: HOME.lon_e7 + e7(x, 0.7446),
        },
    }
}

/// A track of a contributor, uploaded then.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) uploaded_at: i64,
    pub(super) fixes: Vec<Moment>,
}

pub(super) fn sequence(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// What place makes of it.
pub(super) fn visits(policy: &DedupPolicy, upload: &Upload) -> Vec<Visit> {
    let moments = thin(&upload.fixes);
    let trail = Trail::new(moments.clone());
    let windows = trail.windows(policy);
    if windows.is_empty() {
        return Vec::new();
    }
    passages(&moments, Resolution::Eleven)
        .into_iter()
        .map(|passage| Visit {
            cell: passage.cell,
            sequence: sequence(&upload.name),
            trail: sequence(&upload.name),
            at: passage.at,
            contributor: upload.name.clone(),
            path: format!("{}/drive.gpx", upload.name),
            ordinal: 0,
            uploaded_at: Some(Timestamp(upload.uploaded_at)),
            windows: pack_windows(holding(&windows, passage.at)),
            points: pack(trail.around(policy, passage.at)),
            home: format!("session={}/day", upload.name),
        })
        .collect()
}

pub(super) fn recording(upload: &Upload) -> Recording {
    let (first, last) = (upload.fixes[0], upload.fixes[upload.fixes.len() - 1]);
    let rows: Vec<u8> = upload
        .fixes
        .iter()
        .flat_map(|m| {
            pack(&[Moment {
                at: Timestamp(m.at.since(first.at)),
                ..*m
            }])
        })
        .collect();
    Recording {
        rows: Digest::of(&rows),
        sequence: sequence(&upload.name),
        trail: sequence(&upload.name),
        contributor: upload.name.clone(),
        path: format!("{}/drive.gpx", upload.name),
        ordinal: 0,
        uploaded_at: Some(Timestamp(upload.uploaded_at)),
        start_at: first.at,
        end_at: last.at,
        home: format!("session={}/day", upload.name),
    }
}

/// The cell of a place, for tests about cells.
pub(super) fn cell(fix: &Moment) -> Cell {
    Cell::at(fix.position, Resolution::Eleven)
}
