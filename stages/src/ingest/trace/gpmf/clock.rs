//! When the samples of a payload were taken.

use crate::ingest::civil_time::{parse_civil_time, within_calendar};

/// How long a payload lasts where nothing better is known: cameras write one each second.
const NOMINAL_US: i64 = 1_000_000;
/// Payloads of a time-lapse lie further apart than a second. What is further than this is a clock that was set.
const MOST_PAYLOAD_US: i64 = 60_000_000;
/// 2000-01-01 in seconds since 1970.
const YEAR_2000_S: i64 = 946_684_800;

/// `GPSU`, `yymmddhhmmss.sss` in UTC and this century, as microseconds since 1970.
pub(super) fn payload_start_us(text: &[u8]) -> Option<i64> {
    let text = text.get(..16).unwrap_or(text);
    let dated = [b"20", text].concat();
    parse_civil_time(&dated).map(|time| time.utc_us(0))
}

/// Whole days since 2000 and microseconds since midnight, as `GPS9` has them, as microseconds since 1970.
pub(super) fn day_and_time_us(days: i64, day_us: i64) -> Option<i64> {
    let day_s = days.checked_mul(86_400)?.checked_add(YEAR_2000_S)?;
    day_s
        .checked_mul(1_000_000)?
        .checked_add(day_us)
        .and_then(within_calendar)
}

/// A payload whose samples share one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payload {
    /// When it starts, in microseconds since 1970.
    pub(super) start_us: Option<i64>,
    /// Its samples; not 0.
    pub(super) samples: u32,
}

/// The distance of samples as `span_us / samples`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    span_us: i64,
    samples: u32,
}

impl Pace {
    /// How the samples of `payload` lie: evenly between its start and that of the next payload of its receiver. Where
    /// there is no next one, or its clock was set in between, they go on at the pace `before`, and without that as if the
    /// payload took one second.
    pub(super) fn of(payload: Payload, next: Option<Payload>, before: Option<Self>) -> Self {
        let next_us = next.and_then(|next| next.start_us);
        let span_us = payload
            .start_us
            .zip(next_us)
            .map(|(start, next)| next.saturating_sub(start));
        match span_us.filter(|span| (1..=MOST_PAYLOAD_US).contains(span)) {
            Some(span_us) => Self {
                span_us,
                samples: payload.samples.max(1),
            },
            None => before.unwrap_or(Self {
                span_us: NOMINAL_US,
                samples: payload.samples.max(1),
            }),
        }
    }

    /// Microseconds from a payload's start to its sample `at`, from 0; cut at whole microseconds.
    pub(super) fn offset_us(self, at: u32) -> i64 {
        i64::from(at).saturating_mul(self.span_us) / i64::from(self.samples)
    }
}
