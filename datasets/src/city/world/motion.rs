//! How a vehicle moves along its route: traffic, bends, red lights.

use super::super::num;
use super::super::path::Path;
use super::super::rng::Rng;

/// How somebody drives or walks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Speed on straights in m/s.
    pub(crate) cruise_m_s: f64,
    /// Lowest speed in bends in m/s.
    pub(crate) slow_m_s: f64,
    /// On the pavement rather than in the lane.
    pub(crate) on_foot: bool,
}

/// Where a vehicle is on its path at a whole second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct State {
    /// Metres from the start of the path.
    pub(crate) along_m: f64,
    /// Speed in m/s.
    pub(crate) speed_m_s: f64,
}

/// Steps of the simulation in a second.
const STEPS: u32 = 4;
/// One light in so many is red.
const RED: u32 = 4;
/// Metres from the light at which one stands.
const STAND_M: f64 = 9.0;

/// The states of `seconds` seconds, the start included.
pub(crate) fn motion(style: Style, path: &Path, seconds: u32, rng: &mut Rng) -> Vec<State> {
    let step = 1.0 / f64::from(STEPS);
    let mut lights = lights(style, path, rng).into_iter().peekable();
    let (mut along, mut speed, mut mood) = (4.0, style.slow_m_s, 0.0);
    let mut waiting = 0.0;
    let mut out = Vec::new();
    for _ in 0..=seconds {
        out.push(State {
            along_m: along,
            speed_m_s: speed,
        });
        // Pace is a matter of traffic, which lasts for seconds.
        mood = 0.9 * mood + 0.06 * rng.gauss();
        let wanted = limit(style, path, along) * (1.0 + mood).clamp(0.8, 1.25);
        for _ in 0..STEPS {
            if waiting > 0.0 {
                waiting -= step;
                continue;
            }
            let to_stop = lights.peek().map_or(path.length() - 8.0, |&(at, _)| at) - along;
            // What still can be braked away at 1.8 m/s^2.
            let allowed = (3.6 * to_stop.max(0.0)).sqrt();
            speed = (speed + (wanted.min(allowed) - speed).clamp(-3.0 * step, 1.4 * step)).max(0.0);
            if to_stop < 0.5 {
                speed = 0.0;
                // At the end of the path it stands for good.
                waiting = lights.next().map_or(1e9, |(_, wait)| wait);
            }
            along += speed * step;
        }
    }
    out
}

/// Where the lights are red, and for how many seconds.
fn lights(style: Style, path: &Path, rng: &mut Rng) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for &corner in path.corners() {
        let red = rng.below(RED) == 0 && !style.on_foot;
        let wait = rng.between(6.0, 35.0);
        if red && corner > 30.0 && corner < path.length() - 40.0 {
            out.push((corner - STAND_M, wait));
        }
    }
    out
}

/// Speed for the bend ahead.
fn limit(style: Style, path: &Path, along: f64) -> f64 {
    let reach = 1.6 * style.cruise_m_s;
    let (now, soon) = (path.direction(along), path.direction(along + reach));
    if now.x * soon.x + now.y * soon.y < 0.85 {
        style.slow_m_s
    } else {
        style.cruise_m_s
    }
}

/// The state a share of the way from one second to the next.
pub(crate) fn between(states: &[State], time_ms: i64) -> State {
    let last = states.len().saturating_sub(1);
    let at = |n: i64| usize::try_from(n).unwrap_or(0).min(last);
    let here = at(time_ms.div_euclid(1_000));
    let next = at(time_ms.div_euclid(1_000) + 1);
    let share = num::double(time_ms.rem_euclid(1_000)) / 1_000.0;
    let mix = |a: f64, b: f64| a + share * (b - a);
    let (here, next) = (states[here], states[next]);
    State {
        along_m: mix(here.along_m, next.along_m),
        speed_m_s: mix(here.speed_m_s, next.speed_m_s),
    }
}
