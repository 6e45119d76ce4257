//! How well a window of a track lies on another track, moment by moment, after the best shift.
//!
//! The shift starts from the moments in a cell that both passed, and is refined by Gauss-Newton steps:
//! of all shifts by a small time s the sum of squares of `r - v s` is least at `sum(r v) / sum(v v)`,
//! where r is the way from the earlier track's place to the fix, and v the earlier track's velocity.
//!
//! Two drives along one street at other times differ *along* the way, by how long each waited at
//! each light, and hardly across it. The noise that somebody adds to a copy has no such direction.
//! So the root mean squares of both parts are compared: that tells more than any limit on the
//! distance alone. On 889 real shuttle trips the distances alone call 38 honest trips copies.
//!
//! On foot nobody differs so: all go at about one pace. What tells there is that a receiver's error lasts. Of two
//! who walk the same way, even side by side, each has an error of their own, and so what lies between them lasts, from
//! fix to fix. A copy has the error of its original, and what lies between them is only what was added: nothing,
//! or noise that somebody drew for each fix. (In a car that tells as well: noise may be drawn larger along the way.)

use crate::policy::DedupPolicy;
use crate::trail::plane::{Place, PlaneTrail};

/// Steps of the refinement.
const STEPS: usize = 3;
/// A step of less than this, in ms, ends it.
const FINE_MS: i64 = 100;
/// Longest step, in ms.
const LONGEST_MS: i64 = 20_000;
/// Fixes further off than this, in mm along an axis, have no say in the shift.
const FAR_MM: i64 = 100_000;
/// A first look is taken at about so many fixes of the window.
const GLANCE: usize = 12;
/// In it, one of five may be further off than this, in mm along an axis.
const GLANCE_MM: i64 = 60_000;
/// Slower than this, in mm/s, no direction is known.
const MOVES_MM_S: u64 = 2_000;
/// Over how long velocity is taken, in ms.
const VELOCITY_MS: i64 = 2_000;

/// Pace is taken over steps of this length in ms: what a receiver errs by is little beside it.
const PACE_MS: i64 = 30_000;
/// Fixes of an honest receiver further apart than this in ms may differ by noise that does not last.
const LASTING_MS: i64 = 6_000;
/// Twice the fewest pairs of fixes that say whether noise lasts.
const LEAST_PAIRS: i128 = 2 * 30;

/// A window that lies on an earlier track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    /// Lower median of the distances in mm.
    pub median_mm: u64,
    /// Their 90th percentile in mm.
    pub p90_mm: u64,
    /// What is added to a time of the later track to find the place in the earlier one, in ms.
    pub shift_ms: i64,
}

/// Holds the fixes of a window, in the order of time, against an earlier track. Both are in one plane,
/// with times since their passages through the cell.
#[must_use]
pub(super) fn fit(policy: &DedupPolicy, window: &[(i64, Place)], earlier: &PlaneTrail) -> Option<Fit> {
    let stride = (window.len() / GLANCE).max(1);
    let mut shift = step(window, earlier, 0, stride);
    if !glance(window, earlier, shift, stride) {
        return None;
    }
    for _ in 0..STEPS {
        let by = step(window, earlier, shift, 1);
        shift += by;
        if by.abs() < FINE_MS {
            break;
        }
    }
    let (median_mm, p90_mm) = distances(window, earlier, shift)?;
    let close = median_mm < policy.copy_median_mm && p90_mm < policy.copy_p90_mm;
    (close && is_same(policy, window, earlier, shift)).then_some(Fit {
        median_mm,
        p90_mm,
        shift_ms: shift,
    })
}

/// One step of the refinement, looking at every `stride`-th fix.
fn step(window: &[(i64, Place)], earlier: &PlaneTrail, shift: i64, stride: usize) -> i64 {
    let (mut here, mut ahead) = (earlier.walk(), earlier.walk());
    let (mut along, mut square) = (0_i128, 0_i128);
    for (time, place) in window.iter().step_by(stride) {
        let time = time + shift;
        let (Some(a), Some(b)) = (here.at(time), ahead.at(time + VELOCITY_MS)) else {
            continue;
        };
        let (off, way) = (place.less(a), b.less(a));
        if off.east.abs() > FAR_MM || off.north.abs() > FAR_MM {
            continue;
        }
        along += i128::from(off.east * way.east + off.north * way.north);
        square += i128::from(way.east * way.east + way.north * way.north);
    }
    let by = (along * i128::from(VELOCITY_MS)).checked_div(square).unwrap_or(0);
    i64::try_from(by).unwrap_or(0).clamp(-LONGEST_MS, LONGEST_MS)
}

/// Whether a first look speaks for a fit.
fn glance(window: &[(i64, Place)], earlier: &PlaneTrail, shift: i64, stride: usize) -> bool {
    let mut walk = earlier.walk();
    let (mut seen, mut far) = (0, 0);
    for (time, place) in window.iter().step_by(stride) {
        let near = walk.at(time + shift).is_some_and(|there| {
            let off = place.less(there);
            off.east.abs() < GLANCE_MM && off.north.abs() < GLANCE_MM
        });
        seen += 1;
        far += usize::from(!near);
    }
    far * 5 <= seen
}

/// Lower median and 90th percentile of the distances; a fix before or after the earlier track is as far as can be.
fn distances(window: &[(i64, Place)], earlier: &PlaneTrail, shift: i64) -> Option<(u64, u64)> {
    let mut walk = earlier.walk();
    let mut distances: Vec<u64> = window
        .iter()
        .map(|(time, place)| {
            walk.at(time + shift)
                .map_or(u64::MAX, |there| place.less(there).length())
        })
        .collect();
    distances.sort_unstable();
    let last = distances.len().checked_sub(1)?;
    Some((
        *distances.get(last / 2)?,
        *distances.get((distances.len() * 9).div_ceil(10) - 1)?,
    ))
}

/// Whether what lies between the two is what a copy has: noise alone, or in a car no more along the way than across it.
#[must_use]
pub(super) fn is_same(
    policy: &DedupPolicy,
    window: &[(i64, Place)],
    earlier: &PlaneTrail,
    shift: i64,
) -> bool {
    only_noise(policy, window, earlier, shift)
        || !is_slow(policy, window) && drives_alike(policy, window, earlier, shift)
}

/// Whether what is left is no larger along the way than across it, as far as the policy allows.
fn drives_alike(policy: &DedupPolicy, window: &[(i64, Place)], earlier: &PlaneTrail, shift: i64) -> bool {
    let (mut here, mut ahead) = (earlier.walk(), earlier.walk());
    let (mut along, mut across, mut count) = (0_u128, 0_u128, 0_u128);
    for (time, place) in window {
        let time = time + shift;
        let (Some(a), Some(b)) = (here.at(time), ahead.at(time + VELOCITY_MS)) else {
            continue;
        };
        let (off, way) = (place.less(a), b.less(a));
        let length = way.length();
        if length * 1_000 < MOVES_MM_S * VELOCITY_MS.unsigned_abs() {
            continue;
        }
        let part = |product: i64| u128::from(product.unsigned_abs() / length.max(1));
        along += part(off.east * way.east + off.north * way.north).pow(2);
        across += part(off.east * way.north - off.north * way.east).pow(2);
        count += 1;
    }
    let root = |sum: u128| sum.checked_div(count).unwrap_or(0).isqrt();
    let across = root(across).max(policy.copy_across_mm.into());
    root(along) * 1_000_000 <= across * u128::from(policy.copy_along_ppm)
}

/// Whether a window is one of somebody on foot, or in a jam: from half minute to half minute it covers little.
#[must_use]
pub(super) fn is_slow(policy: &DedupPolicy, window: &[(i64, Place)]) -> bool {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return true;
    };
    let (mut way, mut from) = (0_u64, first);
    for moment in window {
        if moment.0 - from.0 >= PACE_MS || moment == last {
            way = way.saturating_add(moment.1.less(from.1).length());
            from = moment;
        }
    }
    let time = last.0.abs_diff(first.0);
    u128::from(way) * 1_000 < u128::from(time) * u128::from(policy.copy_slow_mm_s)
}

/// Whether nothing lies between the two, or only noise that does not last from fix to fix. Fixes too far apart in
/// time cannot say so.
fn only_noise(policy: &DedupPolicy, window: &[(i64, Place)], earlier: &PlaneTrail, shift: i64) -> bool {
    let mut here = earlier.walk();
    let left = window
        .iter()
        .filter_map(|(time, place)| Some((*time, place.less(here.at(time + shift)?))));
    let left: Vec<(i64, Place)> = left.collect();
    let product = |a: Place, b: Place| {
        i128::from(a.east) * i128::from(b.east) + i128::from(a.north) * i128::from(b.north)
    };
    let (mut lasts, mut squares, mut pairs) = (0_i128, 0_i128, 0_i128);
    for pair in left.windows(2) {
        let [(from, a), (to, b)] = pair else { continue };
        if to - from <= LASTING_MS {
            lasts += product(*a, *b);
            squares += product(*a, *a) + product(*b, *b);
            pairs += 2;
        }
    }
    let same = i128::from(policy.copy_same_mm);
    let white = 2 * lasts * 1_000_000 < i128::from(policy.copy_white_ppm) * squares;
    pairs >= LEAST_PAIRS && (white || squares < same * same * pairs)
}

/// How often the speed changes in a window: each time it has moved by `copy-speed-step-mm-s` from
/// where it last changed.
#[must_use]
pub(super) fn speed_changes(policy: &DedupPolicy, window: &[(i64, Place)]) -> u64 {
    let mut changes = 0;
    let mut last: Option<u64> = None;
    for pair in window.windows(2) {
        let [(from, a), (to, b)] = pair else { continue };
        let time = u64::try_from(to - from).unwrap_or(1).max(1);
        let speed = b.less(*a).length().saturating_mul(1_000) / time;
        match last {
            None => last = Some(speed),
            Some(before) if speed.abs_diff(before) >= policy.copy_speed_step_mm_s => {
                changes += 1;
                last = Some(speed);
            }
            Some(_) => {}
        }
    }
    changes
}
