//! One trip: how the vehicle moves, when the camera fires, and what the receiver thinks.

use super::num;
use super::path::Path;
use super::rng::Rng;
use super::streets::Point;

/// Step of the simulation in ms.
const STEP_MS: i64 = 50;
/// Steps from one fix to the next: 1 Hz.
const STEPS_PER_FIX: i64 = 20;
/// Distance from the centre line to where a walker goes, in metres.
const WALK_M: f64 = 6.6;
/// Distance from the centre line to the middle of a lane, in metres.
const LANE_M: f64 = 1.6;

/// When the camera fires.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trigger {
    /// Each so many ms.
    EveryMs(i64),
    /// Each so many metres.
    EveryM(f64),
}

/// How a trip goes.
#[derive(Debug, Clone)]
pub(crate) struct Trip {
    /// Start in ms since 1970 UTC.
    pub(crate) start_ms: i64,
    /// Speed on straights in m/s.
    pub(crate) cruise_m_s: f64,
    /// Lowest speed, in bends, in m/s.
    pub(crate) slow_m_s: f64,
    /// On the pavement rather than in the lane.
    pub(crate) on_foot: bool,
    /// When the camera fires.
    pub(crate) trigger: Trigger,
    /// Pictures to take.
    pub(crate) shots: u32,
    /// Standard deviation of the receiver's error to the east and to the north each, in metres.
    pub(crate) sigma_m: f64,
}

/// Where a camera really is and where it looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    /// True place.
    pub(crate) at: Point,
    /// Unit vector of the viewing direction.
    pub(crate) ahead: Point,
    /// Metres to the left of the centre line.
    pub(crate) side_m: f64,
}

/// One picture taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shot {
    /// Capture time in ms since 1970 UTC.
    pub(crate) time_ms: i64,
    /// The truth.
    pub(crate) pose: Pose,
    /// The place that the receiver reports.
    pub(crate) reported: Point,
    /// The error that the receiver estimates, in metres.
    pub(crate) accuracy_m: f64,
    /// The direction that the compass reports, in 1/100 degrees from north.
    pub(crate) heading_cdeg: u32,
}

/// One report of the receiver.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GnssFix {
    /// Time in ms since 1970 UTC.
    pub(crate) time_ms: i64,
    /// The place it reports.
    pub(crate) at: Point,
    /// Height above the sea in metres.
    pub(crate) elevation_m: f64,
    /// Horizontal dilution of precision.
    pub(crate) hdop: f64,
    /// Satellites used.
    pub(crate) satellites: u32,
}

/// What a trip leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    /// Pictures in order of time.
    pub(crate) shots: Vec<Shot>,
    /// Fixes in order of time, 1 Hz, from a little before the first picture to a little after the last.
    pub(crate) fixes: Vec<GnssFix>,
}

/// A receiver's error: a first-order autoregression in each axis, so that neighbouring fixes err alike, as
/// satellite errors and reflections make them do.
#[derive(Debug, Clone)]
struct Wander {
    sigma_m: f64,
    before: Point,
    after: Point,
}

/// Correlation of the error from one second to the next.
const PERSISTENCE: f64 = 0.955;

impl Wander {
    fn new(sigma_m: f64, rng: &mut Rng) -> Self {
        let mut draw = || Point {
            x: sigma_m * rng.gauss(),
            y: sigma_m * rng.gauss(),
        };
        let after = draw();
        Self {
            sigma_m,
            before: after,
            after,
        }
    }

    fn next(&mut self, rng: &mut Rng) {
        self.before = self.after;
        let fresh = self.sigma_m * (1.0 - PERSISTENCE * PERSISTENCE).sqrt();
        self.after = Point {
            x: PERSISTENCE * self.before.x + fresh * rng.gauss(),
            y: PERSISTENCE * self.before.y + fresh * rng.gauss(),
        };
    }

    /// The error a share of the way from one fix to the next.
    fn at(&self, share: f64) -> Point {
        Point {
            x: self.before.x + share * (self.after.x - self.before.x),
            y: self.before.y + share * (self.after.y - self.before.y),
        }
    }
}

/// Drives, or walks, along `path` until all pictures are taken or the path ends.
pub(crate) fn drive(trip: &Trip, path: &Path, rng: &mut Rng) -> Drive {
    let mut wander = Wander::new(trip.sigma_m, rng);
    let mut out = Drive {
        shots: Vec::new(),
        fixes: Vec::new(),
    };
    // Distances along the path: where the vehicle is, and where the last picture was.
    let (mut s, mut last_place) = (4.0, -1e9);
    let (mut speed, mut mood) = (trip.slow_m_s, 0.0);
    let mut last_shot_ms = i64::MIN / 2;
    let mut tail = 0;
    let mut step: i64 = 0;
    while tail < 3 {
        let time_ms = trip.start_ms + step * STEP_MS;
        let pose = pose(path, s, trip.on_foot);
        if step % STEPS_PER_FIX == 0 {
            wander.next(rng);
            // Pace is a matter of traffic, which lasts for seconds.
            mood = 0.9 * mood + 0.06 * rng.gauss();
            out.fixes
                .push(fix(time_ms, pose.at.plus(1.0, wander.at(0.0)), trip.sigma_m, rng));
            let wanted = limit(trip, path, s) * (1.0 + mood).clamp(0.8, 1.25);
            speed += (wanted - speed).clamp(-2.2, 1.4);
            tail += i64::from(done(trip, &out, path, s));
        }
        let due = match trip.trigger {
            Trigger::EveryMs(ms) => time_ms - last_shot_ms >= ms,
            Trigger::EveryM(m) => s - last_place >= m,
        };
        // The receiver needs a few seconds before the first picture.
        if due && step >= 2 * STEPS_PER_FIX && !done(trip, &out, path, s) {
            let share = num::double(step % STEPS_PER_FIX) / num::double(STEPS_PER_FIX);
            out.shots
                .push(shot(time_ms, pose, wander.at(share), trip.sigma_m, rng));
            (last_shot_ms, last_place) = (time_ms, s);
        }
        s += speed * num::double(STEP_MS) / 1_000.0;
        step += 1;
    }
    out
}

fn done(trip: &Trip, drive: &Drive, path: &Path, s: f64) -> bool {
    let wanted = usize::try_from(trip.shots).unwrap_or(usize::MAX);
    drive.shots.len() >= wanted || s >= path.length() - 8.0
}

/// Speed for the bend ahead.
fn limit(trip: &Trip, path: &Path, s: f64) -> f64 {
    let reach = 1.6 * trip.cruise_m_s;
    let (now, soon) = (path.direction(s), path.direction(s + reach));
    let straightness = now.x * soon.x + now.y * soon.y;
    if straightness < 0.85 {
        trip.slow_m_s
    } else {
        trip.cruise_m_s
    }
}

/// Traffic keeps to the left.
fn pose(path: &Path, s: f64, on_foot: bool) -> Pose {
    let ahead = path.direction(s);
    let side = if on_foot { WALK_M } else { LANE_M };
    Pose {
        at: path.at(s).plus(-side, ahead.right()),
        ahead,
        side_m: side,
    }
}

fn shot(time_ms: i64, pose: Pose, error: Point, sigma_m: f64, rng: &mut Rng) -> Shot {
    let turn = 2.0 * rng.gauss();
    let degrees = libm::atan2(pose.ahead.x, pose.ahead.y) * 180.0 / std::f64::consts::PI + turn;
    let positive = if degrees < 0.0 { degrees + 360.0 } else { degrees };
    Shot {
        time_ms,
        pose,
        reported: pose.at.plus(1.0, error),
        accuracy_m: (sigma_m * rng.between(1.1, 1.6)).max(3.0),
        heading_cdeg: num::round_unsigned(positive * 100.0).min(35_999),
    }
}

fn fix(time_ms: i64, at: Point, sigma_m: f64, rng: &mut Rng) -> GnssFix {
    GnssFix {
        time_ms,
        at,
        elevation_m: 61.0 + 0.004 * at.x + 0.6 * rng.gauss(),
        hdop: (0.5 + 0.14 * sigma_m + 0.08 * rng.gauss()).max(0.5),
        satellites: 9 + rng.below(8),
    }
}

/// A trip that stands still: `count` pictures, `every_ms` apart, from where `shot` was taken. A receiver at
/// rest holds its position, so the fixes barely move.
pub(crate) fn park(shot: &Shot, count: u32, every_ms: i64, rng: &mut Rng) -> Vec<Shot> {
    (0..count)
        .map(|i| Shot {
            time_ms: shot.time_ms + i64::from(i) * every_ms,
            reported: Point {
                x: shot.reported.x + 0.1 * rng.gauss(),
                y: shot.reported.y + 0.1 * rng.gauss(),
            },
            ..*shot
        })
        .collect()
}

#[cfg(test)]
#[path = "drive_tests.rs"]
mod tests;
