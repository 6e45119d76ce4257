//! Smoothing of a track: a constant-velocity Kalman filter forward, Rauch-Tung-Striebel backward.
//!
//! Model, for east and north alike and apart (Y. Bar-Shalom, X. R. Li, T. Kirubarajan,
//! "Estimation with Applications to Tracking and Navigation", 2001, section 6.2.2): the state is
//! position and velocity, driven by white-noise acceleration of power spectral density q. Over a
//! time t
//!
//! ```text
//! F = | 1 t |    Q = q | t³/3 t²/2 |    H = | 1 0 |    R = sigma²
//!     | 0 1 |          | t²/2  t   |
//! ```
//!
//! Unlike acceleration that is constant over a step, this Q does not change with the rate of the
//! receiver. q is `acceleration-milli`, 4 m²/s³ by default: over a second the velocity of a road
//! vehicle changes by about sqrt(q) = 2 m/s, what firm braking or a bend taken briskly does. Measured
//! on 15 real 1 Hz tracks with true routes (Kubicka et al. 2015): smoothing moves 90 % of the fixes by
//! less than 1.1 m (median track) and the median distance to the route by less than 0.1 m either
//! way, since a receiver's errors last for minutes; q = 1 m²/s³ begins to cut corners. The smoother is H. E. Rauch,
//! F. Tung, C. T. Striebel, "Maximum Likelihood Estimates of Linear Dynamic Systems", AIAA
//! Journal 3(8), 1965.
//!
//! A reported accuracy is the radius that holds 68 % of the fixes (Android's and iOS's meaning).
//! For a normal error that is alike in all directions the radius is Rayleigh distributed, so that
//! sigma per axis = radius / sqrt(-2 ln 0.32) = radius / 1.5096.
//!
//! Both axes have the same R, Q and start, hence the same covariances: they are computed once.
//! Positions are metres in a plane at the first fix, its cosine of latitude fixed for the track;
//! since the plane is left by the way it was entered, its distortion cancels out.

use cairn_datasets::units::{Position, Timestamp, lower_median};

use crate::geodesy::{EARTH_RADIUS_MM, lon_step_e7, whole_degrees, wrapped};
use crate::policy::PlacePolicy;

/// Variance of the unknown first velocity in m²/s²: so wide that it pulls at nothing.
const FIRST_VELOCITY: f64 = 1e6;
/// Radius that holds 68 % over sigma per axis.
const RADIUS_68: f64 = 1.5096;
/// Least position sigma in m: a receiver that claims less would turn the track to stone.
const LEAST_SIGMA_M: f64 = 0.5;
/// Longest step of the filter in s; no track has gaps near it.
const LONGEST_STEP_S: f64 = 1e6;
/// Median of the absolute values to standard deviation, of a normal distribution.
const MEDIAN_TO_SIGMA_MILLI: i64 = 1_483;
/// Metres in 1e-7 degrees of a meridian.
const METRES_PER_E7: f64 = EARTH_RADIUS_MM * 1e-3 * std::f64::consts::PI / 180.0 * 1e-7;
/// Least cosine of latitude: within about 6 km of a pole east is no longer stretched further.
const LEAST_COSINE: f64 = 1e-3;

/// What the filter gets: one fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was taken. Times should rise; where they do not, the step takes no time.
    pub at: Timestamp,
    /// Where, as the receiver said.
    pub position: Position,
    /// The radius in mm that holds 68 %, as reported.
    pub accuracy_mm: Option<u32>,
}

/// What the smoother makes of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where it was.
    pub position: Position,
    /// Direction of travel, degrees clockwise from north. Below `course-speed-mm-s` that of the
    /// last faster fix before, or else of the first one after; `None` when the whole track is slower.
    pub course_deg: Option<u32>,
}

/// A smoothed track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Smoothed {
    /// A point for each sample, in order.
    pub points: Vec<Point>,
    /// Sigma of what was smoothed away across the course, in mm: 1.483 times the lower median of
    /// its absolute value, over the fixes that move; 0 when none does.
    pub cross_track_mm: u32,
}

/// Position and velocity along both axes, in m and m/s.
#[derive(Clone, Copy, Default)]
struct State {
    east: f64,
    north: f64,
    east_speed: f64,
    north_speed: f64,
}

/// The covariance of position and velocity, the same for both axes.
#[derive(Clone, Copy, Default)]
struct Covariance {
    position: f64,
    cross: f64,
    velocity: f64,
}

/// One step of the filter, as the smoother needs it.
#[derive(Clone, Copy, Default)]
struct Step {
    /// Seconds since the step before.
    time: f64,
    predicted: (State, Covariance),
    filtered: (State, Covariance),
}

/// Smooths the fixes of one track.
#[must_use]
pub fn smooth(samples: &[Sample], policy: &PlacePolicy) -> Smoothed {
    let Some(first) = samples.first() else {
        return Smoothed::default();
    };
    let plane = Plane::at(first.position);
    let raw = plane.enter(samples);
    let states = backward(&forward(samples, &raw, policy));
    let least_speed = thousandth(policy.course_speed_mm_s);
    let courses = courses(&states, least_speed);
    let points = states
        .iter()
        .zip(&courses)
        .map(|(state, course)| Point {
            position: plane.leave(*state),
            course_deg: *course,
        })
        .collect();
    Smoothed {
        points,
        cross_track_mm: cross_track_mm(&raw, &states, least_speed),
    }
}

/// Metres east and north of a track's first fix.
struct Plane {
    origin: Position,
    metres_per_lon_e7: f64,
}

impl Plane {
    fn at(origin: Position) -> Self {
        let cosine = libm::cos(origin.lat_deg() * (std::f64::consts::PI / 180.0));
        Self {
            origin,
            metres_per_lon_e7: METRES_PER_E7 * cosine.max(LEAST_COSINE),
        }
    }

    /// Positions in the plane. Longitudes are unrolled step by step, so that a track may cross
    /// the antimeridian, or go round the world.
    #[expect(
        clippy::cast_precision_loss,
        reason = "1e-7 degrees of a journey stay far below 2^53"
    )]
    fn enter(&self, samples: &[Sample]) -> Vec<(f64, f64)> {
        let (mut east_e7, mut before) = (0_i64, self.origin);
        let place = |sample: &Sample| {
            east_e7 += lon_step_e7(before.lon_e7, sample.position.lon_e7);
            before = sample.position;
            let north_e7 = i64::from(before.lat_e7) - i64::from(self.origin.lat_e7);
            (
                east_e7 as f64 * self.metres_per_lon_e7,
                north_e7 as f64 * METRES_PER_E7,
            )
        };
        samples.iter().map(place).collect()
    }

    fn leave(&self, state: State) -> Position {
        #[expect(clippy::cast_possible_truncation, reason = "`as` holds it inside i64")]
        let e7 = |metres: f64, scale: f64| libm::round(metres / scale).clamp(-1e15, 1e15) as i64;
        wrapped(
            i64::from(self.origin.lat_e7) + e7(state.north, METRES_PER_E7),
            i64::from(self.origin.lon_e7) + e7(state.east, self.metres_per_lon_e7),
        )
    }
}

/// Variance of a fix's position along one axis, in m².
fn variance(accuracy_mm: Option<u32>, policy: &PlacePolicy) -> f64 {
    let reported = accuracy_mm.map(|radius| thousandth(u64::from(radius)) / RADIUS_68);
    let sigma = reported
        .unwrap_or_else(|| thousandth(policy.default_sigma_mm))
        .max(LEAST_SIGMA_M);
    sigma * sigma
}

/// A thousandth of a number of the policy, or of a receiver: mm to m.
fn thousandth(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX)) * 1e-3
}

/// The Kalman filter over all fixes.
fn forward(samples: &[Sample], raw: &[(f64, f64)], policy: &PlacePolicy) -> Vec<Step> {
    let acceleration = thousandth(policy.acceleration_milli);
    let mut steps: Vec<Step> = Vec::with_capacity(samples.len());
    let mut before: Option<(Timestamp, Step)> = None;
    for (sample, &(east, north)) in samples.iter().zip(raw) {
        let noise = variance(sample.accuracy_mm, policy);
        let step = match before {
            None => {
                let state = State {
                    east,
                    north,
                    ..State::default()
                };
                let covariance = Covariance {
                    position: noise,
                    cross: 0.0,
                    velocity: FIRST_VELOCITY,
                };
                Step {
                    time: 0.0,
                    predicted: (state, covariance),
                    filtered: (state, covariance),
                }
            }
            Some((at, step)) => {
                let time = seconds(sample.at.since(at));
                let predicted = predict(step.filtered, time, acceleration);
                let filtered = update(predicted, (east, north), noise);
                Step {
                    time,
                    predicted,
                    filtered,
                }
            }
        };
        before = Some((sample.at, step));
        steps.push(step);
    }
    steps
}

/// Milliseconds to seconds, at least 0.
#[expect(clippy::cast_precision_loss, reason = "clamped right after")]
fn seconds(ms: i64) -> f64 {
    (ms as f64 * 1e-3).clamp(0.0, LONGEST_STEP_S)
}

/// `x' = F x`, `P' = F P Fᵀ + Q`, with q in m²/s³.
fn predict((state, p): (State, Covariance), t: f64, q: f64) -> (State, Covariance) {
    let moved = State {
        east: state.east + state.east_speed * t,
        north: state.north + state.north_speed * t,
        ..state
    };
    let spread = Covariance {
        position: p.position + 2.0 * t * p.cross + t * t * p.velocity + q * t * t * t / 3.0,
        cross: p.cross + t * p.velocity + q * t * t / 2.0,
        velocity: p.velocity + q * t,
    };
    (moved, spread)
}

/// The update with a measured position. With S = P + R the gain is K = (P11, P12) / S, and
/// 1 - K1 is taken as R / S, which loses nothing where P is large.
fn update((state, p): (State, Covariance), seen: (f64, f64), noise: f64) -> (State, Covariance) {
    let total = p.position + noise;
    let (gain, speed_gain, rest) = (p.position / total, p.cross / total, noise / total);
    let (east, north) = (seen.0 - state.east, seen.1 - state.north);
    let moved = State {
        east: state.east + gain * east,
        north: state.north + gain * north,
        east_speed: state.east_speed + speed_gain * east,
        north_speed: state.north_speed + speed_gain * north,
    };
    let narrowed = Covariance {
        position: rest * p.position,
        cross: rest * p.cross,
        velocity: (p.velocity - speed_gain * p.cross).max(0.0),
    };
    (moved, narrowed)
}

/// The Rauch-Tung-Striebel pass: `x_s = x + C (x_s' - x')` with `C = P Fᵀ P'⁻¹`, where a prime
/// marks the step after, the predicted one.
fn backward(steps: &[Step]) -> Vec<State> {
    let mut states: Vec<State> = Vec::with_capacity(steps.len());
    let mut after: Option<(Step, State)> = None;
    for step in steps.iter().rev() {
        let state = match after {
            None => step.filtered.0,
            Some((next, smoothed)) => correct(step.filtered, &next, smoothed),
        };
        after = Some((*step, state));
        states.push(state);
    }
    states.reverse();
    states
}

fn correct((state, p): (State, Covariance), next: &Step, smoothed: State) -> State {
    let (predicted, n) = next.predicted;
    let determinant = n.position * n.velocity - n.cross * n.cross;
    // Equal times over and over can leave nothing to invert: then the filter's word stands.
    if !(determinant > f64::MIN_POSITIVE && determinant.is_finite()) {
        return state;
    }
    // A row of P Fᵀ times P'⁻¹.
    let row = |a: f64, b: f64| {
        let (one, other) = (a * n.velocity - b * n.cross, b * n.position - a * n.cross);
        (one / determinant, other / determinant)
    };
    let place = row(p.position + next.time * p.cross, p.cross);
    let speed = row(p.cross + next.time * p.velocity, p.velocity);
    let east = (
        smoothed.east - predicted.east,
        smoothed.east_speed - predicted.east_speed,
    );
    let north = (
        smoothed.north - predicted.north,
        smoothed.north_speed - predicted.north_speed,
    );
    let add = |to: f64, row: (f64, f64), by: (f64, f64)| {
        let sum = to + row.0 * by.0 + row.1 * by.1;
        if sum.is_finite() { sum } else { to }
    };
    State {
        east: add(state.east, place, east),
        north: add(state.north, place, north),
        east_speed: add(state.east_speed, speed, east),
        north_speed: add(state.north_speed, speed, north),
    }
}

/// The course at each point; see [`Point::course_deg`].
fn courses(states: &[State], least_speed: f64) -> Vec<Option<u32>> {
    let own = |state: &State| {
        let moves = libm::hypot(state.east_speed, state.north_speed) >= least_speed;
        moves.then(|| whole_degrees(state.east_speed, state.north_speed))
    };
    let mut last = states.iter().find_map(own);
    states
        .iter()
        .map(|state| {
            last = own(state).or(last);
            last
        })
        .collect()
}

/// See [`Smoothed::cross_track_mm`].
fn cross_track_mm(raw: &[(f64, f64)], states: &[State], least_speed: f64) -> u32 {
    let mut residuals: Vec<i64> = raw
        .iter()
        .zip(states)
        .filter_map(|(&(east, north), state)| {
            let speed = libm::hypot(state.east_speed, state.north_speed);
            if speed < least_speed {
                return None;
            }
            let (off_east, off_north) = (east - state.east, north - state.north);
            let across = (off_east * state.north_speed - off_north * state.east_speed) / speed;
            #[expect(clippy::cast_possible_truncation, reason = "clamped to 1000 km")]
            let mm = libm::round(libm::fabs(across) * 1e3).clamp(0.0, 1e9) as i64;
            Some(mm)
        })
        .collect();
    let median = lower_median(&mut residuals).unwrap_or(0);
    u32::try_from(median * MEDIAN_TO_SIGMA_MILLI / 1_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "smooth_tests.rs"]
mod tests;
