//! Clauses F: which fixes of a trace object to believe.

use std::collections::BTreeMap;

use cairn_datasets::tables::{Fix, TraceSummary};
use cairn_datasets::units::{Position, Timestamp};
use cairn_datasets::verdict::Reason;

use crate::geodesy::distance_mm;
use crate::policy::PlacePolicy;

/// When a record may have been captured (F4 and I4).
///
/// Not after its upload, nor after the epoch's end; and, unless the epoch takes captures of any
/// age, not more than `max-age-days` before its upload. Where the upload is unknown the epoch's
/// end stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureWindow {
    latest: Timestamp,
    uploaded: Timestamp,
    max_age_ms: Option<i64>,
}

impl CaptureWindow {
    /// The window of an object that was uploaded then, in an epoch that ends then.
    #[must_use]
    pub fn new(policy: &PlacePolicy, uploaded_at: Option<Timestamp>, end: Timestamp, any_age: bool) -> Self {
        let days = i64::try_from(policy.max_age_days).unwrap_or(i64::MAX);
        Self {
            latest: uploaded_at.map_or(end, |uploaded| uploaded.min(end)),
            uploaded: uploaded_at.unwrap_or(end),
            max_age_ms: (!any_age).then(|| days.saturating_mul(Timestamp::DAY)),
        }
    }

    /// By how much a capture lies outside: its age in ms and the limit it broke, which is 0 for
    /// one that is too late (its age is then negative). `None` inside.
    #[must_use]
    pub fn miss(self, captured_at: Timestamp) -> Option<(i64, i64)> {
        if captured_at > self.latest {
            return Some((self.latest.since(captured_at), 0));
        }
        let age = self.uploaded.since(captured_at);
        self.max_age_ms.filter(|most| age > *most).map(|most| (age, most))
    }
}

/// Whether a position lies so near to 0,0 that it is a receiver's word for none (F3 and I2).
#[must_use]
pub fn on_null_island(position: Position, policy: &PlacePolicy) -> bool {
    from_null_island_e7(position) <= policy.null_island_e7
}

/// How far a position lies from 0,0: the larger of latitude and longitude, in 1e-7 degrees.
#[must_use]
pub fn from_null_island_e7(position: Position) -> u64 {
    u64::from(position.lat_e7.unsigned_abs().max(position.lon_e7.unsigned_abs()))
}

/// A fix that passed F1 to F8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFix {
    /// Its place in the object.
    pub ordinal: u32,
    /// The part of the object it belongs to.
    pub segment: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// Where, as the receiver said.
    pub position: Position,
    /// Horizontal accuracy in mm, as reported.
    pub accuracy_mm: Option<u32>,
    /// Horizontal dilution of precision in thousandths, as reported.
    pub hdop_milli: Option<u32>,
    /// Whether the trace starts again here, after a row of fixes that were too fast (F8).
    pub restarts: bool,
}

/// What the gates made of one trace object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatedTrace {
    /// The kept fixes by segment, in file order within it.
    pub kept: Vec<KeptFix>,
    /// How many fixes each clause rejected.
    pub rejected: BTreeMap<Reason, u32>,
    /// Kept fixes that moved faster than `flag-speed-mm-s`.
    pub flagged: u32,
}

/// The last kept fix of a segment, and how many in a row were too fast for it.
#[derive(Clone, Copy)]
struct Walk {
    at: Timestamp,
    position: Position,
    too_fast: u64,
}

/// Holds the fixes of one trace object, given in file order, against F1 to F8 in this order.
///
/// F1 to F6 look at one fix alone. F7 and F8 hold it against the last kept fix of its segment;
/// segments are walked apart, also where a file mixes them. Of `restart-after` fixes in a row
/// that are too fast, the last is kept and starts the trace again: then not they were wrong, but
/// the fix that they were held against. What F1 to F7 reject does not break such a row.
#[must_use]
pub fn gate(fixes: &[Fix], policy: &PlacePolicy, window: CaptureWindow) -> GatedTrace {
    let mut gated = GatedTrace::default();
    let mut walks = BTreeMap::<u32, Walk>::new();
    for fix in fixes {
        match judge(fix, policy, window, walks.get(&fix.segment)) {
            Ok(passed) => {
                gated.flagged += u32::from(passed.flagged);
                gated.kept.push(passed.fix);
                let walk = Walk {
                    at: passed.fix.at,
                    position: passed.fix.position,
                    too_fast: 0,
                };
                walks.insert(fix.segment, walk);
            }
            Err(reason) => {
                *gated.rejected.entry(reason).or_default() += 1;
                if let (Reason::FixTooFast, Some(walk)) = (reason, walks.get_mut(&fix.segment)) {
                    walk.too_fast += 1;
                }
            }
        }
    }
    gated.kept.sort_by_key(|fix| (fix.segment, fix.ordinal));
    gated
}

/// A fix that passed, and whether it is flagged as fast.
struct Passed {
    fix: KeptFix,
    flagged: bool,
}

fn judge(
    fix: &Fix,
    policy: &PlacePolicy,
    window: CaptureWindow,
    walk: Option<&Walk>,
) -> Result<Passed, Reason> {
    let at = fix.captured_at.ok_or(Reason::FixNoTime)?;
    let position = match (fix.lat_e7, fix.lon_e7) {
        (Some(lat), Some(lon)) => Position::new(lat, lon).ok_or(Reason::FixPosition)?,
        _ => return Err(Reason::FixPosition),
    };
    if on_null_island(position, policy) {
        return Err(Reason::FixNullIsland);
    }
    if window.miss(at).is_some() {
        return Err(Reason::FixTime);
    }
    let few = fix
        .satellites
        .is_some_and(|n| u64::from(n) < policy.min_satellites);
    if few || fix.fix_3d == Some(false) {
        return Err(Reason::FixWeak);
    }
    // HDOP says nothing new where the receiver gave an accuracy.
    let inaccurate = match (fix.accuracy_mm, fix.hdop_milli) {
        (Some(mm), _) => u64::from(mm) > policy.max_accuracy_mm,
        (None, Some(hdop)) => u64::from(hdop) > policy.max_hdop_milli,
        (None, None) => false,
    };
    if inaccurate {
        return Err(Reason::FixInaccurate);
    }
    let mut passed = Passed {
        fix: KeptFix {
            ordinal: fix.ordinal,
            segment: fix.segment,
            at,
            position,
            accuracy_mm: fix.accuracy_mm,
            hdop_milli: fix.hdop_milli,
            restarts: false,
        },
        flagged: false,
    };
    let Some(walk) = walk else {
        return Ok(passed);
    };
    if at <= walk.at {
        return Err(Reason::FixNotLater);
    }
    let (step, time) = (distance_mm(walk.position, position), at.since(walk.at));
    if faster(step, time, policy.max_speed_mm_s) {
        if walk.too_fast + 1 < policy.restart_after {
            return Err(Reason::FixTooFast);
        }
        passed.fix.restarts = true;
    } else {
        passed.flagged = faster(step, time, policy.flag_speed_mm_s);
    }
    Ok(passed)
}

/// Whether a step of so many mm in so many ms is faster than a limit in mm/s; exact.
fn faster(mm: u64, ms: i64, mm_per_s: u64) -> bool {
    i128::from(mm) * 1_000 > i128::from(mm_per_s) * i128::from(ms)
}

impl GatedTrace {
    /// The object's row of `trace_summaries`.
    ///
    /// `top_reason` is the clause that rejected most fixes, of equals the first of the policy.
    #[must_use]
    pub fn summary(&self, path: &str, fixes: usize) -> TraceSummary {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut top = (Reason::None, 0);
        for (&reason, &rejected) in &self.rejected {
            if rejected > top.1 {
                top = (reason, rejected);
            }
        }
        TraceSummary {
            path: path.to_owned(),
            fixes: count(fixes),
            kept: count(self.kept.len()),
            top_reason: top.0,
            top_count: top.1,
            private: 0,
            captured_at: self.kept.iter().map(|fix| fix.at).max(),
        }
    }
}

#[cfg(test)]
#[path = "gates_tests.rs"]
pub(super) mod tests;
