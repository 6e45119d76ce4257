//! What the messages of a FIT file say, gathered to fixes.

use super::definition::{Definition, EVENT, FILE_ID, GPS_METADATA, RECORD, TIMESTAMP};
use crate::ingest::decimal::degrees_e7;
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceLimits};

/// 1989-12-31T00:00:00Z, from which FIT counts, in seconds since 1970.
const EPOCH_S: i64 = 631_065_600;
/// Smaller times count from the device's start.
const LEAST_UTC: i64 = 0x1000_0000;
/// Values of `file_id.type`, `event.event` and `event.event_type`.
const COURSE_FILE: i64 = 6;
const TIMER: i64 = 0;
const START: i64 = 0;

/// The fixes of all files of a chain.
pub(super) struct Recording<'l> {
    limits: &'l TraceLimits,
    content: TraceContent,
    /// A file or the timer has been started since the last fix.
    new_segment: bool,
    /// The file is a course: somebody's plan.
    is_plan: bool,
    /// The last time of any message of the file, as the file counts.
    last_timestamp: Option<i64>,
    without_position: u64,
    since_device_start: u64,
    camera_points: u64,
}

impl<'l> Recording<'l> {
    pub(super) fn new(limits: &'l TraceLimits) -> Self {
        Self {
            limits,
            content: TraceContent::default(),
            new_segment: false,
            is_plan: false,
            last_timestamp: None,
            without_position: 0,
            since_device_start: 0,
            camera_points: 0,
        }
    }

    /// Another file of the chain begins; what the last one said about itself ends.
    pub(super) fn start_file(&mut self) {
        self.new_segment = true;
        self.is_plan = false;
        self.last_timestamp = None;
    }

    /// Takes a data message that begins at `byte`.
    pub(super) fn message(
        &mut self,
        definition: &Definition,
        message: &[u8],
        time_offset: Option<u8>,
        byte: u64,
    ) -> Result<(), Fault> {
        let written = definition.integer(message, TIMESTAMP);
        self.last_timestamp = written.or(self.last_timestamp);
        let mut timestamp = written;
        if let (Some(offset), Some(last)) = (time_offset, self.last_timestamp) {
            self.last_timestamp = Some(next_with_low_bits(last, offset));
            timestamp = written.or(self.last_timestamp);
        }
        match definition.global {
            FILE_ID => self.is_plan = definition.integer(message, 0) == Some(COURSE_FILE),
            EVENT if definition.integer(message, 0) == Some(TIMER) => {
                self.new_segment |= definition.integer(message, 1) == Some(START);
            }
            GPS_METADATA => self.camera_points += 1,
            RECORD => {
                let unknown = timestamp.is_none() && time_offset.is_some();
                return self.record(definition, message, (timestamp, unknown), byte);
            }
            _ => {}
        }
        Ok(())
    }

    /// `time` is what the file counts, and whether a time is there that cannot be known.
    fn record(
        &mut self,
        definition: &Definition,
        message: &[u8],
        (timestamp, time_is_unknown): (Option<i64>, bool),
        byte: u64,
    ) -> Result<(), Fault> {
        let value = |number| definition.integer(message, number);
        let (latitude, longitude) = (value(0), value(1));
        if latitude.is_none() && longitude.is_none() {
            self.without_position += 1;
            return Ok(());
        }
        if self.is_plan {
            self.content.notes.route_points += 1;
            return Ok(());
        }
        if self.limits.reached(&self.content.fixes) {
            let limit = self.limits.max_points;
            return Err(Fault::TooManyPoints { byte, limit });
        }
        let since_device_start = timestamp.is_some_and(|timestamp| timestamp < LEAST_UTC);
        let segment = match self.content.fixes.last() {
            Some(fix) => fix.segment.saturating_add(u32::from(self.new_segment)),
            None => 0,
        };
        let mut fix = RawFix {
            segment,
            time_us: timestamp.filter(|_| !since_device_start).map(utc_us),
            accuracy_mm: value(31).and_then(|metres| u32::try_from(metres * 1_000).ok()),
            speed_mm_s: value(73)
                .or_else(|| value(6))
                .and_then(|speed| u32::try_from(speed).ok()),
            elevation_mm: value(78).or_else(|| value(2)).and_then(elevation_mm),
            ..RawFix::default()
        };
        let degrees = |value: Option<i64>, limit| degrees_e7(semicircles_e7(value?)?, limit);
        fix.set_position(degrees(latitude, 90), degrees(longitude, 180));
        self.content.notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
        self.content.notes.unreadable_times += u64::from(time_is_unknown);
        self.since_device_start += u64::from(since_device_start);
        self.content.fixes.push(fix);
        self.new_segment = false;
        Ok(())
    }

    pub(super) fn finish(self) -> TraceContent {
        let mut content = self.content;
        let notes = &mut content.notes;
        notes.remark(self.without_position, "records without a position");
        notes.remark(
            self.since_device_start,
            "times count from the device's start, and when that was is not said",
        );
        notes.remark(
            self.camera_points,
            "points of a camera's `gps_metadata`, which is not read",
        );
        content
    }
}

/// The next time from `last` on whose low five bits are these.
fn next_with_low_bits(last: i64, bits: u8) -> i64 {
    last.saturating_add((i64::from(bits) - last).rem_euclid(32))
}

/// Microseconds since 1970 of a count of seconds that has at most 33 bits.
fn utc_us(timestamp: i64) -> i64 {
    (timestamp + EPOCH_S) * 1_000_000
}

/// Semicircles, of which 2^31 are 180 degrees, as 1e-7 degrees, rounded half away from zero.
pub(super) fn semicircles_e7(semicircles: i64) -> Option<i64> {
    let semicircles = i32::try_from(semicircles).ok()?;
    let scaled = i64::from(semicircles) * 1_800_000_000;
    let magnitude = (scaled.abs() + (1 << 30)) >> 31;
    Some(magnitude * scaled.signum())
}

/// Fifths of a metre above a point 500 m below sea level as millimetres above it, within 100 km of the ground as in text.
fn elevation_mm(fifths: i64) -> Option<i64> {
    let elevation = fifths * 200 - 500_000;
    (-100_000_000..=100_000_000)
        .contains(&elevation)
        .then_some(elevation)
}
