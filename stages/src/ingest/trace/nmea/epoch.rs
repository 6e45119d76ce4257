//! What several sentences say about one moment, as one fix.

use super::super::RawFix;
use super::sentence::{Report, Source};

/// Sentences of one moment may round its time to hundredths or thousandths of a second; no receiver reports that often.
const ROUNDING_US: u64 = 9_999;

/// Sentences of one time of day.
#[derive(Debug, Clone, Default)]
pub(super) struct Epoch {
    /// Offset of its first sentence.
    pub(super) at: usize,
    /// Microseconds since midnight UTC.
    pub(super) clock_us: Option<i64>,
    /// A day, as days since 1970, and whether the receiver had a fix when it named it.
    pub(super) day: Option<(i64, bool)>,
    /// By source: the talker that spoke first, what it reported, and whether any of the source's talkers has a fix.
    heard: [Option<Heard>; 4],
    /// What the position was taken from: whether valid, and the source.
    rank: Option<(bool, Source)>,
    fix: RawFix,
    /// Highest mode of the GSA sentences: there is one for each constellation.
    mode: Option<u8>,
    mode_hdop_milli: Option<u32>,
    accuracy_mm: Option<u32>,
    speed_mm_s: Option<u32>,
    course_deg: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    talker: [u8; 2],
    position: Option<(i32, i32)>,
    valid: Option<bool>,
}

impl Epoch {
    /// Whether a report is of another moment: another time, or the same sentence of the same talker with another position
    /// or without a time.
    pub(super) fn is_over(&self, talker: [u8; 2], report: &Report) -> bool {
        if let (Some(mine), Some(theirs)) = (self.clock_us, report.clock_us)
            && mine.abs_diff(theirs) > ROUNDING_US
        {
            return true;
        }
        self.heard(report.source).is_some_and(|heard| {
            heard.talker == talker && (heard.position != report.position || report.clock_us.is_none())
        })
    }

    /// Whether any sentence with a position, or with the word that there is none, was heard.
    pub(super) fn is_reported(&self) -> bool {
        self.heard.iter().any(Option::is_some)
    }

    fn heard(&self, source: Source) -> Option<&Heard> {
        self.heard.get(source as usize)?.as_ref()
    }

    pub(super) fn report(&mut self, talker: [u8; 2], report: &Report) {
        self.clock_us = self.clock_us.or(report.clock_us);
        if let Some(slot) = self.heard.get_mut(report.source as usize) {
            let heard = slot.get_or_insert(Heard {
                talker,
                position: report.position,
                valid: None,
            });
            // `None < Some(false) < Some(true)`.
            heard.valid = heard.valid.max(report.valid);
        }
        let has_fix = report.valid != Some(false);
        if let Some(day) = report.day
            && self.day.is_none_or(|(_, certain)| !certain)
        {
            self.day = Some((day, has_fix));
        }
        let Some((lat_e7, lon_e7)) = report.position else {
            return;
        };
        let rank = (has_fix, report.source);
        let better = self.rank.is_none_or(|known| rank > known);
        if better {
            self.rank = Some(rank);
            self.fix.lat_e7 = Some(lat_e7);
            self.fix.lon_e7 = Some(lon_e7);
        }
        let fix = &mut self.fix;
        prefer(&mut fix.satellites, report.satellites, better);
        prefer(&mut fix.hdop_milli, report.hdop_milli, better);
        prefer(&mut fix.speed_mm_s, report.speed_mm_s, better);
        prefer(&mut fix.course_deg, report.course_deg, better);
        prefer(&mut fix.elevation_mm, report.elevation_mm, better);
    }

    pub(super) fn mode(&mut self, mode: Option<u8>, hdop_milli: Option<u32>) {
        self.mode = self.mode.max(mode);
        self.mode_hdop_milli = self.mode_hdop_milli.or(hdop_milli);
    }

    pub(super) fn motion(&mut self, speed_mm_s: Option<u32>, course_deg: Option<u32>) {
        self.speed_mm_s = self.speed_mm_s.or(speed_mm_s);
        self.course_deg = self.course_deg.or(course_deg);
    }

    pub(super) fn spread(&mut self, accuracy_mm: Option<u32>) {
        self.accuracy_mm = self.accuracy_mm.or(accuracy_mm);
    }

    /// The fix, its time still unknown; `None` when no sentence had a position.
    ///
    /// It is no three-dimensional fix when one kind of sentence says that there is no fix at all, whatever the others say;
    /// otherwise GSA decides, and without GSA it is not known.
    pub(super) fn fix(&self) -> Option<RawFix> {
        self.rank?;
        let mut fix = self.fix;
        let refused = self
            .heard
            .iter()
            .flatten()
            .any(|heard| heard.valid == Some(false));
        fix.fix_3d = if refused {
            Some(false)
        } else {
            self.mode.map(|mode| mode == 3)
        };
        fix.hdop_milli = fix.hdop_milli.or(self.mode_hdop_milli);
        fix.speed_mm_s = fix.speed_mm_s.or(self.speed_mm_s);
        fix.course_deg = fix.course_deg.or(self.course_deg);
        fix.accuracy_mm = self.accuracy_mm;
        Some(fix)
    }
}

fn prefer<T>(known: &mut Option<T>, said: Option<T>, better: bool) {
    if said.is_some() && (better || known.is_none()) {
        *known = said;
    }
}

#[cfg(test)]
#[path = "epoch_tests.rs"]
mod tests;
