//! Payloads to fixes.

use std::collections::BTreeMap;

use super::clock::{Pace, Payload, day_and_time_us, payload_start_us};
use super::element::{Layout, Scales, first_number};
use super::klv::{Block, Blocks};
use crate::ingest::civil_time::within_calendar;
use crate::ingest::decimal::degrees_e7;
use crate::ingest::trace::{Fault, RawFix, TraceContent, TraceLimits};

/// The stream that positions come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Positions that share a time.
    Gps5,
    /// Positions with a time each.
    Gps9,
    /// A drone's positions, with times since its start.
    Gpri,
}

/// The fixes of one block.
#[derive(Debug, Clone, Copy)]
struct Group {
    device: usize,
    source: Source,
    payload: Payload,
    /// The shared time is there and could not be read.
    start_unreadable: bool,
}

/// What is known of a device besides its fixes.
#[derive(Debug, Clone, Copy, Default)]
struct Device {
    /// It writes `GPS9`, so that its `GPS5` is left.
    has_gps9: bool,
    /// Microseconds since 1970 when its clock began, by its first `SYST`; its drift is far below a second.
    began_us: Option<i64>,
}

/// What a stream says of the positions that follow in it.
#[derive(Debug, Default)]
struct Stream<'a> {
    scales: Scales,
    types: &'a [u8],
    start_us: Option<i64>,
    start_unreadable: bool,
    fix: Option<i64>,
    dilution: Option<i64>,
}

/// Takes payloads in and gives fixes.
pub(in crate::ingest::trace) struct Telemetry<'l> {
    limits: &'l TraceLimits,
    /// In file order; the times of `GPS5` are missing and those of `GPRI` are the drone's until [`Self::finish`].
    fixes: Vec<RawFix>,
    /// In file order, each with at least one fix.
    groups: Vec<Group>,
    /// By track and id; the id is a number that cameras make up, and stays here.
    device_of: BTreeMap<(u32, Option<[u8; 4]>), usize>,
    devices: Vec<Device>,
    track: u32,
    broken: u64,
    estimates: u64,
}

impl<'l> Telemetry<'l> {
    pub(in crate::ingest::trace) fn new(limits: &'l TraceLimits) -> Self {
        Self {
            limits,
            fixes: Vec::new(),
            groups: Vec::new(),
            device_of: BTreeMap::new(),
            devices: Vec::new(),
            track: 0,
            broken: 0,
            estimates: 0,
        }
    }

    /// Devices from here on are others than those before, whatever their ids.
    pub(in crate::ingest::trace) fn start_track(&mut self) {
        self.track = self.track.saturating_add(1);
    }

    /// Reads the devices in `bytes`, which begin at `at` of the file.
    ///
    /// # Errors
    /// What ended the reading; the fixes before it were taken in.
    pub(in crate::ingest::trace) fn read(&mut self, bytes: &[u8], at: u64) -> Result<(), Fault> {
        for block in Blocks::new(bytes, at) {
            let block = block.map_err(|no_block| Fault::Broken {
                byte: no_block.at,
                what: "no GPMF block begins here".to_owned(),
            })?;
            let broken = self.broken;
            if block.key == *b"DEVC" && block.kind == 0 {
                self.read_device(&block)?;
            }
            if block.missing > 0 {
                // It broke the blocks within.
                self.broken = broken;
                return Err(Fault::Broken {
                    byte: at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
                    what: format!(
                        "the block that begins at byte {} lacks {} bytes",
                        block.at, block.missing
                    ),
                });
            }
        }
        Ok(())
    }

    fn read_device(&mut self, device: &Block<'_>) -> Result<(), Fault> {
        let mut id = None;
        for block in device.nested() {
            let Some(block) = self.whole(block) else { continue };
            match &block.key {
                b"DVID" => id = block.data.first_chunk().copied(),
                b"STRM" if block.kind == 0 => self.read_stream(&block, id)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The block, also one that is cut: what it has is read. Counts what is not in order.
    fn whole<'a, E>(&mut self, block: Result<Block<'a>, E>) -> Option<Block<'a>> {
        let block = block.ok();
        self.broken += u64::from(block.is_none_or(|block| block.missing > 0));
        block
    }

    fn read_stream(&mut self, stream: &Block<'_>, id: Option<[u8; 4]>) -> Result<(), Fault> {
        let mut about = Stream::default();
        for block in stream.nested() {
            let Some(block) = self.whole(block) else { continue };
            match &block.key {
                b"SCAL" => about.scales = Scales::read(&block),
                b"TYPE" => about.types = block.data,
                b"GPSF" => about.fix = first_number(&block),
                b"GPSP" => about.dilution = first_number(&block),
                b"GPSU" => {
                    about.start_us = payload_start_us(block.data);
                    about.start_unreadable = about.start_us.is_none();
                }
                b"SYST" => self.read_clock(&block, &about, id),
                b"GPS5" => self.read_fixes(Source::Gps5, &block, &about, id)?,
                b"GPS9" => self.read_fixes(Source::Gps9, &block, &about, id)?,
                b"GPRI" => self.read_fixes(Source::Gpri, &block, &about, id)?,
                b"GLPI" => {
                    let estimates = u64::try_from(block.elements().count()).unwrap_or(u64::MAX);
                    self.estimates = self.estimates.saturating_add(estimates);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn device(&mut self, id: Option<[u8; 4]>) -> usize {
        let next = self.devices.len();
        let device = *self.device_of.entry((self.track, id)).or_insert(next);
        if device == next {
            self.devices.push(Device::default());
        }
        device
    }

    /// `SYST`: the device's clock and the time of day at one moment.
    fn read_clock(&mut self, block: &Block<'_>, about: &Stream<'_>, id: Option<[u8; 4]>) {
        let layout = Layout::of(block, about.types, about.scales);
        let began_us = block.elements().next().and_then(|element| {
            let clock_us = layout.scaled(element, 0, 6).and_then(within_calendar)?;
            let unix_us = layout.scaled(element, 1, 6).and_then(within_calendar)?;
            within_calendar(unix_us - clock_us)
        });
        let device = self.device(id);
        if let Some(device) = self.devices.get_mut(device) {
            device.began_us = device.began_us.or(began_us);
        }
    }

    fn read_fixes(
        &mut self,
        source: Source,
        block: &Block<'_>,
        about: &Stream<'_>,
        id: Option<[u8; 4]>,
    ) -> Result<(), Fault> {
        let layout = Layout::of(block, about.types, about.scales);
        let mut samples = 0_u32;
        let mut full = Ok(());
        for element in block.elements() {
            if self.limits.reached(&self.fixes) {
                full = Err(Fault::TooManyPoints {
                    byte: block.at,
                    limit: self.limits.max_points,
                });
                break;
            }
            let fix = fix(source, element, &layout, about);
            self.fixes.push(fix);
            samples = samples.saturating_add(1);
        }
        if samples == 0 {
            return full;
        }
        let device = self.device(id);
        if let Some(device) = self.devices.get_mut(device) {
            device.has_gps9 |= source == Source::Gps9;
        }
        self.groups.push(Group {
            device,
            source,
            payload: Payload {
                start_us: about.start_us,
                samples,
            },
            start_unreadable: about.start_unreadable,
        });
        full
    }

    /// The fixes with their times; each device's are a segment.
    pub(in crate::ingest::trace) fn finish(mut self) -> TraceContent {
        let paces = self.paces();
        let mut content = TraceContent::default();
        let mut doubled = 0;
        let mut segments = BTreeMap::new();
        let mut fixes = self.fixes.into_iter();
        for (group, pace) in self.groups.iter().zip(paces) {
            let device = self.devices.get(group.device).copied().unwrap_or_default();
            let left = group.source == Source::Gps5 && device.has_gps9;
            for (at, mut fix) in (0..group.payload.samples).zip(&mut fixes) {
                if left {
                    doubled += 1;
                    continue;
                }
                match group.source {
                    Source::Gps5 => {
                        let start_us = group.payload.start_us;
                        fix.time_us = start_us.map(|start| start.saturating_add(pace.offset_us(at)));
                        content.notes.unreadable_times += u64::from(group.start_unreadable);
                    }
                    Source::Gps9 => {}
                    Source::Gpri => {
                        let began_us = fix.time_us.zip(device.began_us);
                        fix.time_us = began_us.map(|(since, began)| began.saturating_add(since));
                    }
                }
                content.notes.unreadable_positions += u64::from(fix.lat_e7.is_none());
                let next = u32::try_from(segments.len()).unwrap_or(u32::MAX);
                fix.segment = *segments.entry(group.device).or_insert(next);
                content.fixes.push(fix);
            }
        }
        let notes = &mut content.notes;
        notes.remark(doubled, "GPS5 positions are in GPS9 once more and were left");
        notes.remark(self.estimates, "estimates of a drone's position (GLPI) were left");
        notes.remark(
            self.broken,
            "GPMF blocks are broken or longer than what holds them",
        );
        content
    }

    /// How the samples of each group lie.
    fn paces(&mut self) -> Vec<Pace> {
        // Backwards for the payload that follows, of the same device.
        let mut following = vec![None; self.devices.len()];
        let mut next = Vec::with_capacity(self.groups.len());
        for group in self
            .groups
            .iter()
            .rev()
            .filter(|group| group.source == Source::Gps5)
        {
            if let Some(slot) = following.get_mut(group.device) {
                next.push(slot.replace(group.payload));
            }
        }
        let mut before = vec![None; self.devices.len()];
        let mut paces = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            if group.source != Source::Gps5 {
                paces.push(Pace::of(group.payload, None, None));
                continue;
            }
            let slot = before.get_mut(group.device);
            let pace = Pace::of(
                group.payload,
                next.pop().flatten(),
                slot.as_deref().copied().flatten(),
            );
            if let Some(slot) = slot {
                *slot = Some(pace);
            }
            paces.push(pace);
        }
        paces
    }
}

/// One element of a stream, without the time that it shares with others.
fn fix(source: Source, element: &[u8], layout: &Layout, about: &Stream<'_>) -> RawFix {
    let scaled = |field, decimals| layout.scaled(element, field, decimals);
    // Karma's begin with the time.
    let first = usize::from(source == Source::Gpri);
    let mut fix = RawFix {
        elevation_mm: scaled(first + 2, 3),
        ..RawFix::default()
    };
    fix.set_position(
        scaled(first, 7).and_then(|lat| degrees_e7(lat, 90)),
        scaled(first + 1, 7).and_then(|lon| degrees_e7(lon, 180)),
    );
    let unsigned = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    let three_d = |kind: i64| kind >= 3;
    match source {
        Source::Gps5 => {
            fix.speed_mm_s = unsigned(scaled(3, 3));
            fix.fix_3d = about.fix.map(three_d);
            // In hundredths.
            fix.hdop_milli = unsigned(about.dilution.map(|hundredths| hundredths.saturating_mul(10)));
        }
        Source::Gps9 => {
            fix.speed_mm_s = unsigned(scaled(3, 3));
            fix.time_us = scaled(5, 0)
                .zip(scaled(6, 6))
                .and_then(|(days, day_us)| day_and_time_us(days, day_us));
            fix.hdop_milli = unsigned(scaled(7, 3));
            fix.fix_3d = scaled(8, 0).map(three_d);
        }
        Source::Gpri => {
            fix.time_us = scaled(0, 6).and_then(within_calendar);
            fix.accuracy_mm = unsigned(scaled(4, 3));
            fix.speed_mm_s = unsigned(scaled(6, 3));
            let course_mdeg = unsigned(scaled(7, 3)).filter(|mdeg| *mdeg <= 360_000);
            fix.course_deg = course_mdeg.map(|mdeg| (mdeg + 500) / 1_000 % 360);
            fix.fix_3d = scaled(8, 0).map(three_d);
            fix.satellites = unsigned(scaled(9, 0));
        }
    }
    fix
}
