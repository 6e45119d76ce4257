//! The windows over which a trail is held against others.
//!
//! A trail is what an object recorded with no longer pause than a window's length: tracks, with tunnels between them. A
//! window holds so much that was *recorded*, however long the tunnels in it took: what is left of five minutes with a
//! tunnel in them is too little to tell two drives apart.

use cairn_datasets::units::Timestamp;

use super::{Moment, read, write};
use crate::policy::DedupPolicy;

/// Of a longer time between two moments, in ms, only so much counts as recorded.
const PAUSE_MS: i64 = 30_000;
/// What a shift may reach beyond a window, in ms.
const BEYOND_MS: i64 = 30_000;

/// First and last moment of a window, both included.
pub type Window = (Timestamp, Timestamp);

/// A trail, thinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    moments: Vec<Moment>,
    /// How much was recorded before each moment, in ms.
    recorded: Vec<i64>,
}

impl Trail {
    /// A trail of moments in order of time.
    #[must_use]
    pub fn new(moments: Vec<Moment>) -> Self {
        let mut total = 0;
        let steps = moments.windows(2).map(|pair| match pair {
            [a, b] => b.at.since(a.at).clamp(0, PAUSE_MS),
            _ => 0,
        });
        let sums = steps.map(|step| {
            total += step;
            total
        });
        let recorded = std::iter::once(0).chain(sums).take(moments.len()).collect();
        Self { moments, recorded }
    }

    /// Its windows: one starts every `copy-stride-ms` of what was recorded, and one ends with the trail. None
    /// where less was recorded than a window holds.
    #[must_use]
    pub fn windows(&self, policy: &DedupPolicy) -> Vec<Window> {
        let (length, stride) = (ms(policy.copy_window_ms), ms(policy.copy_stride_ms).max(1));
        let Some(last) = self
            .recorded
            .last()
            .map(|total| total - length)
            .filter(|last| *last >= 0)
        else {
            return Vec::new();
        };
        let starts = (0..)
            .map(|number| number * stride)
            .take_while(|start| *start < last);
        let window = |from: i64| {
            let first = self.recorded.partition_point(|recorded| *recorded < from);
            let end = self
                .recorded
                .partition_point(|recorded| *recorded <= from + length);
            let (first, end) = (self.moments.get(first)?, self.moments.get(end.checked_sub(1)?)?);
            Some((first.at, end.at))
        };
        starts.chain([last]).filter_map(window).collect()
    }

    /// What goes with a passage at a time: what was recorded within the length of a window before and after it, and
    /// a little more for the shift.
    #[must_use]
    pub fn around(&self, policy: &DedupPolicy, at: Timestamp) -> &[Moment] {
        let reach = ms(policy.copy_window_ms) + BEYOND_MS;
        let here = self
            .moments
            .partition_point(|moment| moment.at <= at)
            .saturating_sub(1);
        let middle = self.recorded.get(here).copied().unwrap_or_default();
        let start = self
            .recorded
            .partition_point(|recorded| *recorded < middle - reach);
        let end = self
            .recorded
            .partition_point(|recorded| *recorded <= middle + reach);
        self.moments.get(start..end).unwrap_or_default()
    }
}

fn ms(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX / 4)
}

/// Those of a trail's windows that hold a moment.
pub fn holding(windows: &[Window], at: Timestamp) -> impl Iterator<Item = Window> {
    let first = windows.partition_point(|(_, end)| *end < at);
    let rest = windows.iter().skip(first).copied();
    rest.take_while(move |(start, _)| *start <= at)
}

/// Packs windows: the starts and ends, each as the difference from the one before.
#[must_use]
pub fn pack_windows(windows: impl IntoIterator<Item = Window>) -> Vec<u8> {
    let (mut bytes, mut before) = (Vec::new(), 0_i64);
    for time in windows.into_iter().flat_map(|(start, end)| [start.0, end.0]) {
        write(&mut bytes, time.wrapping_sub(before));
        before = time;
    }
    bytes
}

/// Back from [`pack_windows`]; what is cut short ends the list.
#[must_use]
pub fn unpack_windows(mut bytes: &[u8]) -> Vec<Window> {
    let mut before = 0_i64;
    let mut next = || {
        before = before.wrapping_add(read(&mut bytes)?);
        Some(Timestamp(before))
    };
    std::iter::from_fn(|| Some((next()?, next()?))).collect()
}

#[cfg(test)]
#[path = "windows_tests.rs"]
mod tests;
