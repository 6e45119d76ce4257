//! What a track says against itself (E1 to E5): measured here, held against the policy by score.
//!
//! Noise is measured against the track's own way, since nobody knows the true one: through each run of
//! fixes in motion a polynomial in time is laid by least squares, for east and north apart, and what is left
//! across its direction is the residual. A receiver's error lasts for minutes, so little of it is left, and
//! what is left still lasts from fix to fix; noise that somebody added is left whole, and white. Runs of 21
//! fixes get a cubic; sigma is the lower quartile of the runs, and the autocorrelation that of their quieter
//! half, since a sharp corner is no noise. Of the 27 real 1 Hz tracks of Kubicka et al. 2015 that move long
//! enough, none is white; with white noise of 3 m added all are.
//!
//! A forger who follows the map without any noise leaves less than a receiver does where the street is
//! straight. So for E3 the residual is taken through 11 fixes (quadratic), and the tenth percentile of the
//! runs counts: 76 mm at least on the real tracks, 47 mm at most on 28 of 30 drives along the lines of
//! their true routes.

use cairn_datasets::cell::Cell;
use cairn_datasets::units::Timestamp;

use super::track::Track;
use crate::geodesy::distance_mm;
use crate::policy::EvidencePolicy;
use crate::trail::plane::{Place, Plane};

/// Runs for E2: fixes, the degree of the polynomial, and the least speed from end to end in mm/s: slower
/// runs say nothing about a direction.
const NOISE: (usize, usize, u64) = (21, 3, 2_000);
/// The same for E3. On foot a watch filters so much, and a run is so short, that nothing is left of its noise.
const RAILS: (usize, usize, u64) = (11, 2, 5_000);
/// Fewest runs that say anything.
const LEAST_RUNS: usize = 6;
/// Fewer fixes in excess are a receiver's slip: one that jumps and comes back changes its speed four times.
const LEAST_EXCESS: u64 = 5;
/// Of fixes further apart than this in ms, a bend looks like noise.
const LONGEST_STEP_MS: i64 = 2_000;
/// Fewest fixes for E1 and E4.
const LEAST_FIXES: usize = 30;
/// Fewest fixes in one place that are a freeze.
const FROZEN_FIXES: usize = 10;
/// After a freeze the receiver is further off than this, in mm: it moved on meanwhile.
const THAWED_MM: u64 = 30_000;

/// What was measured of one track; `None` where it is too short to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackEvidence {
    /// E1: share of its fixes with a speed or a change of speed beyond what vehicles do, ppm.
    pub excess_ppm: Option<u32>,
    /// E2: sigma of its noise, lower quartile of the runs, in mm.
    pub noise_mm: Option<u32>,
    /// E2: lag-1 autocorrelation of its noise over the quieter half of the runs, ppm.
    pub noise_correlation_ppm: Option<i32>,
    /// E3: sigma of its quietest runs, tenth percentile, in mm.
    pub rails_mm: Option<u32>,
    /// E4: share of its most frequent HDOP among the fixes that tell one, ppm.
    pub hdop_same_ppm: Option<u32>,
    /// E5: the longest time in ms that it stood to the last digit and then was elsewhere at once; 0 when never.
    pub frozen_ms: Option<i64>,
}

impl TrackEvidence {
    /// Measures a track. `jumps` is how often the object's trace starts again beside it, too fast to be true.
    #[must_use]
    pub fn of(track: &Track, jumps: u32, policy: &EvidencePolicy) -> Self {
        let noise = Residuals::of(track, NOISE);
        let rails = Residuals::of(track, RAILS);
        Self {
            excess_ppm: excess_ppm(track, jumps, policy),
            noise_mm: noise.percentile(25),
            noise_correlation_ppm: noise.correlation_ppm(),
            rails_mm: rails.percentile(10),
            hdop_same_ppm: hdop_same_ppm(track),
            frozen_ms: (track.fixes.len() >= LEAST_FIXES).then(|| frozen_ms(track)),
        }
    }
}

/// How often the tracks of an object start again where nobody could have gone in the time since the fix
/// before: for each track, at its start and at its end.
#[must_use]
pub fn jumps(tracks: &[Track], policy: &EvidencePolicy) -> Vec<u32> {
    let mut jumps = vec![0; tracks.len()];
    for (index, pair) in tracks.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        let (Some(last), Some(first)) = (a.fixes.last(), b.fixes.first()) else {
            continue;
        };
        let time = first.at.since(last.at);
        if a.path != b.path || !(1..=JUMP_MS).contains(&time) {
            continue;
        }
        if faster(distance_mm(last.raw, first.raw), time, policy.jump_mm_s) {
            for jump in jumps.iter_mut().skip(index).take(2) {
                *jump += 1;
            }
        }
    }
    jumps
}

/// Longest time in ms between two tracks over which a jump is one.
const JUMP_MS: i64 = 120_000;
/// What a jump counts for in E1: so many fixes are wrong before a trace starts again (F8).
const JUMP_FIXES: u64 = 5;

/// E6: how far a capture is from the nearest of what broken clocks show, in ms: 1024 or 2048 weeks before the
/// upload (GPS counts weeks modulo 1024), or the zero of Unix time or of GPS time.
#[must_use]
pub fn clock_ms(captured_at: Timestamp, uploaded_at: Timestamp) -> Option<i64> {
    let rollover = 1_024 * 7 * Timestamp::DAY;
    let shown = [
        uploaded_at.0 - rollover,
        uploaded_at.0 - 2 * rollover,
        0,
        3_657 * Timestamp::DAY,
    ];
    let off = shown.map(|shown| captured_at.0 - shown);
    off.into_iter().min_by_key(|off| (off.abs(), *off))
}

fn faster(mm: u64, ms: i64, limit_mm_s: u64) -> bool {
    i128::from(mm) * 1_000 > i128::from(limit_mm_s) * i128::from(ms)
}

fn ppm(part: u64, whole: usize) -> Option<u32> {
    let share = part.saturating_mul(1_000_000).checked_div(whole as u64)?;
    u32::try_from(share.min(1_000_000)).ok()
}

fn excess_ppm(track: &Track, jumps: u32, policy: &EvidencePolicy) -> Option<u32> {
    if track.fixes.len() < LEAST_FIXES && jumps == 0 {
        return None;
    }
    let mut excess = u64::from(jumps) * JUMP_FIXES;
    let mut before: Option<i128> = None;
    for pair in track.fixes.windows(2) {
        let [a, b] = pair else { continue };
        let time = b.at.since(a.at).max(1);
        let mm = distance_mm(a.raw, b.raw);
        let speed = i128::from(mm) * 1_000 / i128::from(time);
        let hard = before.is_some_and(|before| {
            let change = (speed - before).abs() * 1_000 / i128::from(time);
            time <= LONGEST_STEP_MS && change > i128::from(policy.hard_mm_s2)
        });
        excess += u64::from(hard || faster(mm, time, policy.fast_mm_s));
        before = Some(speed);
    }
    ppm(if excess < LEAST_EXCESS { 0 } else { excess }, track.fixes.len())
}

fn hdop_same_ppm(track: &Track) -> Option<u32> {
    let mut told: Vec<u32> = track.fixes.iter().filter_map(|fix| fix.hdop_milli).collect();
    if told.len() < LEAST_FIXES {
        return None;
    }
    told.sort_unstable();
    let most = told.chunk_by(|a, b| a == b).map(<[u32]>::len).max()?;
    ppm(most as u64, told.len())
}

fn frozen_ms(track: &Track) -> i64 {
    let mut longest = 0;
    let mut runs = track.fixes.chunk_by(|a, b| a.raw == b.raw).peekable();
    while let Some(run) = runs.next() {
        let (Some(first), Some(last), Some(next)) =
            (run.first(), run.last(), runs.peek().and_then(|run| run.first()))
        else {
            continue;
        };
        if run.len() >= FROZEN_FIXES && distance_mm(last.raw, next.raw) > THAWED_MM {
            longest = longest.max(last.at.since(first.at));
        }
    }
    longest
}

/// What is left across the way, run by run.
#[derive(Clone, Debug, Default)]
struct Residuals {
    /// Of each run: sigma in mm, the sum of squares, and that of the products of neighbours.
    runs: Vec<[f64; 3]>,
}

impl Residuals {
    fn of(track: &Track, (fixes, degree, moving): (usize, usize, u64)) -> Self {
        let mut all = Self::default();
        for run in track.fixes.chunks_exact(fixes) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            let steady = run.windows(2).all(|pair| match pair {
                [a, b] => b.at.since(a.at) <= LONGEST_STEP_MS,
                _ => true,
            });
            let moves = faster(distance_mm(first.raw, last.raw), last.at.since(first.at), moving);
            if !steady || !moves {
                continue;
            }
            let plane = Plane::around(Cell::at(first.raw, h3o::Resolution::Eleven));
            let places: Vec<(i64, Place)> = run
                .iter()
                .map(|fix| (fix.at.since(first.at), plane.enter(fix.raw)))
                .collect();
            all.add(&across(&places, degree), degree);
        }
        all
    }

    #[expect(clippy::cast_precision_loss, reason = "a score of fixes")]
    fn add(&mut self, left: &[f64], degree: usize) {
        let squares: f64 = left.iter().map(|r| r * r).sum();
        let products: f64 = left.windows(2).map(|pair| pair.iter().product::<f64>()).sum();
        let free = left.len().saturating_sub(degree + 1).max(1);
        self.runs
            .push([libm::sqrt(squares / free as f64), squares, products]);
    }

    /// The runs from the quietest on, when there are enough.
    fn sorted(&self) -> Option<Vec<[f64; 3]>> {
        let mut runs = self.runs.clone();
        runs.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        (runs.len() >= LEAST_RUNS).then_some(runs)
    }

    fn percentile(&self, percent: usize) -> Option<u32> {
        let runs = self.sorted()?;
        let [sigma, ..] = runs.get((runs.len() - 1) * percent / 100)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let mm = libm::round(*sigma).clamp(0.0, 1e9) as u32;
        Some(mm)
    }

    /// Over the quieter half of the runs: a sharp corner is no noise, and would drown it.
    fn correlation_ppm(&self) -> Option<i32> {
        let runs = self.sorted()?;
        let quiet = runs.iter().take(runs.len().div_ceil(2));
        let (squares, products) = quiet.fold((0.0, 0.0), |sum, [_, squares, products]| {
            (sum.0 + squares, sum.1 + products)
        });
        if squares <= 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "-1 to 1, in ppm")]
        let ppm = libm::round(products / squares * 1e6).clamp(-1e6, 1e6) as i32;
        Some(ppm)
    }
}

/// What is left of each place across the direction of the polynomial through all of them, in mm.
#[expect(clippy::cast_precision_loss, reason = "mm within a run")]
fn across(places: &[(i64, Place)], degree: usize) -> Vec<f64> {
    let span = places.last().map_or(1, |last| last.0).max(1) as f64;
    let times: Vec<f64> = places
        .iter()
        .map(|(time, _)| *time as f64 / span * 2.0 - 1.0)
        .collect();
    let (east, north): (Vec<f64>, Vec<f64>) = places
        .iter()
        .map(|(_, place)| (place.east as f64, place.north as f64))
        .unzip();
    let (east_fit, north_fit) = (
        polynomial(&times, &east, degree),
        polynomial(&times, &north, degree),
    );
    let value = |fit: &[f64], at: f64| fit.iter().rev().fold(0.0, |sum, c| sum * at + c);
    let slope = |fit: &[f64], at: f64| {
        let mut terms: Vec<f64> = (1_u32..)
            .zip(fit.iter().skip(1))
            .map(|(power, c)| f64::from(power) * c)
            .collect();
        terms.reverse();
        terms.iter().fold(0.0, |sum, c| sum * at + c)
    };
    times
        .iter()
        .zip(east.iter().zip(&north))
        .map(|(at, (east, north))| {
            let (off_east, off_north) = (east - value(&east_fit, *at), north - value(&north_fit, *at));
            let (to_east, to_north) = (slope(&east_fit, *at), slope(&north_fit, *at));
            let length = libm::hypot(to_east, to_north).max(1e-9);
            (off_east * to_north - off_north * to_east) / length
        })
        .collect()
}

/// The coefficients of the least-squares polynomial, constant first: normal equations, solved by Gauss-Jordan
/// elimination. On times from -1 to 1 they are well conditioned for the degrees in use.
fn polynomial(times: &[f64], values: &[f64], degree: usize) -> Vec<f64> {
    let count = degree + 1;
    let mut rows: Vec<Vec<f64>> = vec![vec![0.0; count + 1]; count];
    for (time, value) in times.iter().zip(values) {
        let powers: Vec<f64> = std::iter::successors(Some(1.0), |power| Some(power * time))
            .take(count)
            .collect();
        for (row, a) in rows.iter_mut().zip(&powers) {
            for (cell, b) in row.iter_mut().zip(powers.iter().chain(std::iter::once(value))) {
                *cell += a * b;
            }
        }
    }
    for pivot in 0..count {
        let Some(by) = rows.get(pivot).cloned() else {
            continue;
        };
        let head = by.get(pivot).copied().unwrap_or(0.0);
        if libm::fabs(head) < 1e-12 {
            return vec![0.0; count];
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let times = if index == pivot {
                1.0 - 1.0 / head
            } else {
                row.get(pivot).copied().unwrap_or(0.0) / head
            };
            for (cell, of) in row.iter_mut().zip(&by) {
                *cell -= times * of;
            }
        }
    }
    rows.iter().filter_map(|row| row.last().copied()).collect()
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
