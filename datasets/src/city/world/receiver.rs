//! What a receiver makes of where it is: errors as receivers have them, and what it says about itself.

use super::super::num;
use super::super::rng::Rng;
use super::super::streets::Point;

/// How well a receiver hears.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receiver {
    /// Standard deviation of its error to the east and to the north each, under open sky, in metres.
    pub(crate) sigma_m: f64,
    /// Correlation of the error from one second to the next.
    pub(crate) persistence: f64,
}

impl Receiver {
    /// Any receiver: 2 to 8 m, better ones more often; correlation .9 to .98.
    pub(crate) fn any(rng: &mut Rng) -> Self {
        let luck = rng.unit();
        Self {
            sigma_m: 2.0 + 6.0 * luck * luck,
            persistence: rng.between(0.9, 0.98),
        }
    }
}

/// What it hears in one second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// Reported less true place.
    pub(crate) error: Point,
    /// Horizontal dilution of precision.
    pub(crate) hdop: f64,
    /// Satellites used.
    pub(crate) satellites: u32,
    /// The error that it estimates, in metres.
    pub(crate) accuracy_m: f64,
}

/// Errors of a first-order autoregression in each axis, one a second.
pub(crate) struct Noise {
    receiver: Receiver,
    now: Point,
}

impl Noise {
    /// An error that has lasted for long.
    pub(crate) fn new(receiver: Receiver, rng: &mut Rng) -> Self {
        let now = Point {
            x: receiver.sigma_m * rng.gauss(),
            y: receiver.sigma_m * rng.gauss(),
        };
        Self { receiver, now }
    }

    /// The error of the next second, in metres to the east and to the north.
    pub(crate) fn next(&mut self, rng: &mut Rng) -> Point {
        let Receiver { sigma_m, persistence } = self.receiver;
        let fresh = sigma_m * (1.0 - persistence * persistence).sqrt();
        self.now = Point {
            x: persistence * self.now.x + fresh * rng.gauss(),
            y: persistence * self.now.y + fresh * rng.gauss(),
        };
        self.now
    }
}

/// A disturbance that fades: where it pushes, how much of it is left, and what a second leaves of it.
#[derive(Debug, Clone, Copy)]
struct Push {
    by: Point,
    keep: f64,
    seconds: u32,
}

/// Most that an accuracy claims under open sky, in metres.
const OPEN_M: f64 = 9.0;

/// What is heard in each second; `None` while the sky is hidden. A receiver that starts `cold`, or comes out of a
/// tunnel, is far off and converges; between high houses it jumps aside for some seconds.
pub(crate) fn listen(receiver: Receiver, hidden: &[bool], cold: bool, rng: &mut Rng) -> Vec<Option<Heard>> {
    let sigma = receiver.sigma_m;
    let mut noise = Noise::new(receiver, rng);
    let mut push = cold.then(|| acquisition(rng));
    let mut out = Vec::with_capacity(hidden.len());
    let mut was_hidden = false;
    for &is_hidden in hidden {
        let wander = noise.next(rng);
        let (luck, satellites) = (rng.gauss(), rng.below(7));
        if is_hidden {
            out.push(None);
        } else {
            if was_hidden {
                push = Some(acquisition(rng));
            } else if push.is_none() && rng.below(240) == 0 {
                push = Some(canyon(rng));
            }
            let (error, off) = match push {
                Some(push) => (
                    wander.plus(1.0, push.by),
                    (push.by.x * push.by.x + push.by.y * push.by.y).sqrt(),
                ),
                None => (wander, 0.0),
            };
            out.push(Some(Heard {
                error,
                hdop: (0.55 + 0.11 * sigma + 0.05 * off + 0.06 * luck).clamp(0.5, 9.9),
                satellites: (9 + satellites)
                    .saturating_sub(num::round_unsigned(off / 8.0))
                    .max(4),
                accuracy_m: (sigma * (1.05 + 0.06 * luck)).clamp(2.0, OPEN_M) + 0.4 * off,
            }));
            push = push.and_then(Push::next);
        }
        was_hidden = is_hidden;
    }
    out
}

impl Push {
    fn next(self) -> Option<Self> {
        let seconds = self.seconds.checked_sub(1)?;
        let by = Point {
            x: self.keep * self.by.x,
            y: self.keep * self.by.y,
        };
        Some(Self { by, seconds, ..self })
    }
}

/// The first seconds after the sky was not seen.
fn acquisition(rng: &mut Rng) -> Push {
    Push {
        by: aside(rng.between(15.0, 45.0), rng),
        keep: 0.8,
        seconds: 16,
    }
}

/// Some seconds of reflections only.
fn canyon(rng: &mut Rng) -> Push {
    Push {
        by: aside(rng.between(15.0, 40.0), rng),
        keep: 0.985,
        seconds: 2 + rng.below(6),
    }
}

/// So many metres in any direction.
pub(crate) fn aside(by_m: f64, rng: &mut Rng) -> Point {
    let turn = rng.between(0.0, 2.0 * std::f64::consts::PI);
    Point {
        x: by_m * libm::sin(turn),
        y: by_m * libm::cos(turn),
    }
}

#[cfg(test)]
#[path = "receiver_tests.rs"]
mod tests;
