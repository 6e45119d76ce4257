//! CAMM, Google's camera motion metadata: little-endian packets of a kind each. Two kinds hold positions:
//!
//! - 6: with a time, a fix type and an accuracy.
//! - 5: latitude, longitude and altitude only. Its time is that of the track's creation, which the format calls UTC, and of
//!   the sample in the track. Where a track has both kinds, 5 repeats 6 and is left.
//!
//! The time of kind 6 should count from 1980 on the satellites' clock, and many writers count from 1970 in UTC. One choice
//! holds for a track: the meaning that is nearer to the track's creation, and the format's own where that is unknown.

use super::samples::Sample;
use crate::geodesy::whole_degrees;
use crate::ingest::civil_time::within_calendar;
use crate::ingest::decimal::degrees_e7;
use crate::ingest::number::round_f64;
use crate::ingest::trace::{Fault, RawFix, TraceLimits};

/// 1980-01-06 in seconds since 1970.
const GPS_EPOCH_S: f64 = 315_964_800.0;
/// When, in seconds since 1980-01-06, UTC fell 18 s behind the satellites' clock: 2017-01-01. The format is of the year
/// before, when it was 17 s.
const EIGHTEEN_BEHIND_FROM_S: f64 = 1_167_264_018.0;

/// What the time of a track counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Epoch {
    Gps,
    Unix,
}

/// The fixes of one track.
#[derive(Debug)]
pub(super) struct Camm<'l> {
    limits: &'l TraceLimits,
    created_us: Option<i64>,
    epoch: Option<Epoch>,
    /// Of kind 6.
    timed: Vec<RawFix>,
    /// Of kind 5.
    plain: Vec<RawFix>,
    /// Samples with something that is no packet.
    pub(super) unreadable: u64,
}

/// What a track gave.
#[derive(Debug, Default)]
pub(super) struct CammFixes {
    pub(super) fixes: Vec<RawFix>,
    /// Fixes of kind 5 that were left for those of kind 6.
    pub(super) repeats: u64,
    /// Fixes whose time is that of the track's creation.
    pub(super) by_creation: u64,
}

impl<'l> Camm<'l> {
    pub(super) fn new(created_us: Option<i64>, limits: &'l TraceLimits) -> Self {
        Self {
            limits,
            created_us,
            epoch: None,
            timed: Vec::new(),
            plain: Vec::new(),
            unreadable: 0,
        }
    }

    /// Reads the packets of a sample.
    ///
    /// # Errors
    /// That there are more fixes than the limit.
    pub(super) fn read(&mut self, sample: &Sample<'_>) -> Result<(), Fault> {
        let mut rest = sample.bytes;
        while let [_, _, low, high, packet @ ..] = rest {
            let kind = u16::from_le_bytes([*low, *high]);
            let Some((fields, after)) = bytes_of(kind).and_then(|bytes| packet.split_at_checked(bytes))
            else {
                break;
            };
            if (5..=6).contains(&kind) {
                let fixes = if kind == 5 { &self.plain } else { &self.timed };
                if self.limits.reached(fixes) {
                    return Err(Fault::TooManyPoints {
                        byte: sample.at,
                        limit: self.limits.max_points,
                    });
                }
            }
            match kind {
                5 => self.plain.extend(self.plain_fix(fields, sample.shown_us)),
                6 => {
                    let fix = self.timed_fix(fields);
                    self.timed.extend(fix);
                }
                _ => {}
            }
            rest = after;
        }
        self.unreadable += u64::from(!rest.is_empty());
        Ok(())
    }

    fn plain_fix(&self, fields: &[u8], shown_us: i64) -> Option<RawFix> {
        let time_us = self.created_us.and_then(|created| created.checked_add(shown_us));
        let mut fix = RawFix {
            time_us: time_us.and_then(within_calendar),
            elevation_mm: round_f64(double(fields, 16)? * 1e3),
            ..RawFix::default()
        };
        set_position(&mut fix, double(fields, 0)?, double(fields, 8)?);
        Some(fix)
    }

    fn timed_fix(&mut self, fields: &[u8]) -> Option<RawFix> {
        let written_s = double(fields, 0)?;
        let kind = i32::from_le_bytes(*fields.get(8..)?.first_chunk()?);
        let (east, north) = (single(fields, 40)?, single(fields, 44)?);
        let mut fix = RawFix {
            time_us: self.time_us(written_s),
            fix_3d: Some(kind >= 3),
            elevation_mm: round_f64(single(fields, 28)? * 1e3),
            // Nought is what writers put who do not know.
            accuracy_mm: unsigned(single(fields, 32)? * 1e3).filter(|mm| *mm > 0),
            speed_mm_s: unsigned(libm::hypot(east, north) * 1e3),
            ..RawFix::default()
        };
        if fix.speed_mm_s.is_some_and(|speed| speed > 0) {
            fix.course_deg = Some(whole_degrees(east, north));
        }
        set_position(&mut fix, double(fields, 12)?, double(fields, 20)?);
        Some(fix)
    }

    /// Microseconds since 1970.
    fn time_us(&mut self, written_s: f64) -> Option<i64> {
        if !written_s.is_finite() || written_s <= 0.0 {
            return None;
        }
        let micros = |epoch| {
            let since_1970_s = match epoch {
                Epoch::Unix => written_s,
                Epoch::Gps if written_s < EIGHTEEN_BEHIND_FROM_S => written_s + GPS_EPOCH_S - 17.0,
                Epoch::Gps => written_s + GPS_EPOCH_S - 18.0,
            };
            round_f64(since_1970_s * 1e6).and_then(within_calendar)
        };
        let created_us = self.created_us;
        let epoch = *self.epoch.get_or_insert_with(|| {
            let far = |epoch| Some(micros(epoch)?.abs_diff(created_us?));
            match (far(Epoch::Gps), far(Epoch::Unix)) {
                (Some(gps), Some(unix)) if unix < gps => Epoch::Unix,
                _ => Epoch::Gps,
            }
        });
        micros(epoch)
    }

    pub(super) fn finish(self) -> CammFixes {
        let plain = u64::try_from(self.plain.len()).unwrap_or(u64::MAX);
        if self.timed.is_empty() {
            let dated = self.created_us.is_some();
            return CammFixes {
                fixes: self.plain,
                repeats: 0,
                by_creation: if dated { plain } else { 0 },
            };
        }
        CammFixes {
            fixes: self.timed,
            repeats: plain,
            by_creation: 0,
        }
    }
}

/// Bytes after the kind.
fn bytes_of(kind: u16) -> Option<usize> {
    Some(match kind {
        1 => 8,
        0 | 2 | 3 | 4 | 7 => 12,
        5 => 24,
        6 => 56,
        _ => return None,
    })
}

fn double(fields: &[u8], at: usize) -> Option<f64> {
    fields
        .get(at..)?
        .first_chunk()
        .map(|bytes| f64::from_le_bytes(*bytes))
}

fn single(fields: &[u8], at: usize) -> Option<f64> {
    fields
        .get(at..)?
        .first_chunk()
        .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
}

fn unsigned(value: f64) -> Option<u32> {
    round_f64(value).and_then(|value| u32::try_from(value).ok())
}

fn set_position(fix: &mut RawFix, latitude: f64, longitude: f64) {
    let e7 = |degrees: f64, limit| round_f64(degrees * 1e7).and_then(|e7| degrees_e7(e7, limit));
    fix.set_position(e7(latitude, 90), e7(longitude, 180));
}
