//! Two tracks that passed a cell: a quick look at where each was at the same time before and after.
//!
//! It is all that is done with most pairs of honest drives along one street, so it is made to be
//! cheap: positions every half minute as small integers, those next to the passage first.

use super::fit::{Fit, fit};
use crate::policy::DedupPolicy;
use crate::trail::plane::{Place, PlaneTrail};

/// Time between two looks, in ms.
const BEAT_MS: i64 = 30_000;
/// At each of them the two may be so far apart along an axis, in mm: noise, and what a moment in the
/// cell that is off by some seconds makes of it.
const APART_MM: i32 = 50_000;
/// Nowhere: further from anything than [`APART_MM`], also from itself.
const NOWHERE: [i32; 2] = [i32::MIN, i32::MIN];

/// A track's passage through a cell.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    /// The track's place in the one order.
    pub rank: usize,
    /// The track around it, its times since the passage.
    pub trail: PlaneTrail,
    /// Its windows around the passage: start and end since the passage in ms, both included.
    pub windows: Vec<(i64, i64)>,
    /// Where it was at the beats 1, -1, 2, -2 and so on.
    beats: Vec<[i32; 2]>,
}

/// What two passages have in common.
impl Passing {
    /// A passage, prepared for being held against others.
    #[must_use]
    pub(super) fn new(
        policy: &DedupPolicy,
        rank: usize,
        trail: PlaneTrail,
        windows: Vec<(i64, i64)>,
    ) -> Self {
        let place = |beat: i64| {
            let Place { east, north } = trail.at(beat * BEAT_MS)?;
            Some([i32::try_from(east).ok()?, i32::try_from(north).ok()?])
        };
        let beats = (1..=beats(policy))
            .flat_map(|beat| [beat, -beat])
            .map(|beat| place(beat).unwrap_or(NOWHERE))
            .collect();
        Self {
            rank,
            trail,
            windows,
            beats,
        }
    }

    /// The windows that may lie on an earlier track, going by the beats within each: all but one of them near.
    #[must_use]
    pub(super) fn may_lie_on(&self, earlier: &Self) -> bool {
        let near = |index: usize| match (self.beats.get(index), earlier.beats.get(index)) {
            (Some(a), Some(b)) => is_near(*a, *b),
            _ => false,
        };
        let count = |indices: [usize; 3]| indices.into_iter().filter(|index| near(*index)).count();
        // A window of ten beats around the passage has three of them on one side.
        if self.beats.len() >= 20 && count([0, 2, 4]) < 2 && count([1, 3, 5]) < 2 {
            return false;
        }
        self.windows.iter().any(|window| self.window_may(*window, near))
    }

    fn window_may(&self, (from, to): (i64, i64), near: impl Fn(usize) -> bool) -> bool {
        let mut missed = 0;
        for index in 0..self.beats.len() {
            let beat = i64::try_from(index / 2 + 1).unwrap_or(i64::MAX);
            let time = if index % 2 == 0 { beat } else { -beat } * BEAT_MS;
            missed += usize::from((from..=to).contains(&time) && !near(index));
        }
        missed <= 1
    }

    /// How a window of this track lies on an earlier one.
    #[must_use]
    pub(super) fn lies_on(
        &self,
        policy: &DedupPolicy,
        (from, to): (i64, i64),
        earlier: &Self,
    ) -> Option<Fit> {
        fit(policy, self.trail.between(from, to), &earlier.trail)
    }
}

fn is_near([a_east, a_north]: [i32; 2], [b_east, b_north]: [i32; 2]) -> bool {
    // NOWHERE against a place saturates, and against itself is told by its own value.
    a_east != NOWHERE[0]
        && b_east != NOWHERE[0]
        && a_east.saturating_sub(b_east).saturating_abs() <= APART_MM
        && a_north.saturating_sub(b_north).saturating_abs() <= APART_MM
}

/// Beats within the length of a window.
fn beats(policy: &DedupPolicy) -> i64 {
    i64::try_from(policy.copy_window_ms).unwrap_or(i64::MAX) / BEAT_MS
}
