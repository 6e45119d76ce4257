//! NMEA 0183, alone or among anything else: binary protocols, AIS, notes, JSON, time stamps of a logger.
//!
//! An own reader, because the `nmea` crate keeps one state for all sentences instead of a fix for each moment, reads
//! numbers through floats, and takes only text that is already cut into sentences.
//!
//! RMC, GGA, GNS, GLL, GSA, VTG, ZDA and GST of any talker that stand for the same time of day become one fix. A moment
//! for which the receiver gives a position but calls it no fix is kept with `fix_3d` false, so that F5 rejects it; one
//! without a position is counted.

mod dates;
mod epoch;
mod frame;
mod sentence;

use self::dates::{Dates, forget_undated, time_us};
use self::epoch::Epoch;
use self::frame::{Frame, Frames, Sentence};
use self::sentence::{Malformed, Report, Said};
use super::{Fault, RawFix, TraceContent, TraceError, TraceFormat, TraceLimits, csv, gnss_logger};
use crate::ingest::text;

/// Whether there is a sentence among the first bytes, and they are not those of a format that may quote one.
pub(super) fn looks_like_nmea(head: &[u8]) -> bool {
    let mut frames = Frames::new(head).filter(is_telling).peekable();
    if frames.peek().is_none() {
        return false;
    }
    let decoded = text::decode(head);
    if gnss_logger::looks_like_gnss_logger(&decoded.text) || csv::looks_like_csv(&decoded.text) {
        return false;
    }
    let mut letters = decoded.text.trim_start().bytes();
    match (letters.next(), letters.find(|byte| !byte.is_ascii_whitespace())) {
        // XML or JSON may hold a sentence in a text, and then not at the start of a line.
        (Some(b'<' | b'{'), _) | (Some(b'['), Some(b'{')) => frames.any(|frame| match frame {
            Frame::Sentence(found) => {
                let before = found.at.checked_sub(1).and_then(|at| head.get(at));
                matches!(before, None | Some(b'\n' | b'\r'))
            }
            _ => false,
        }),
        _ => true,
    }
}

/// A sentence that no chance makes: with a checksum, or with a position.
fn is_telling(frame: &Frame<'_>) -> bool {
    match frame {
        Frame::Ais | Frame::Proprietary => true,
        Frame::Sentence(found) => match sentence::read(found.kind, found.fields) {
            Ok(Said::Report(report)) => found.checked || report.position.is_some(),
            Ok(_) => found.checked,
            Err(Malformed) => false,
        },
        Frame::WrongChecksum | Frame::Cut => false,
    }
}

/// Reads the fixes of a log.
///
/// **One fix for each moment.** A sentence with another time of day starts the next one; GSA and VTG, which have no time,
/// belong to the moment before them. Of several positions of one moment a valid one is taken before one that is not, and
/// then GGA before GNS, RMC and GLL. The speed is that of RMC or else VTG; the accuracy is the root of the squares of the
/// deviations north and east in GST.
///
/// **Dates** are those of RMC and ZDA; two digits of a year mean 1980 to 2079. Moments between go on from the last date,
/// over midnights, those before the first date go back from it, and without any date the fixes have no time. The date of an
/// RMC that has no fix counts for its own moment only. A receiver whose week count has rolled over is believed.
///
/// **Whole sentences only**: a wrong checksum or a missing field that a fix stands on leaves the sentence out, and the
/// remarks count it. Without a checksum a sentence counts when it reaches the end of its line. All is one segment.
///
/// # Errors
/// [`TraceError`] when there is not one whole sentence.
pub fn read_nmea(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    let mut log = Log::new(limits);
    log.run(bytes);
    let tally = log.tally;
    if tally.read + tally.other + tally.proprietary + tally.ais == 0 {
        if bytes.trim_ascii().is_empty() {
            return Err(TraceError::Empty);
        }
        return Err(TraceError::NotThat {
            format: TraceFormat::Nmea.name(),
            what: "there is no whole sentence".to_owned(),
            byte: 0,
        });
    }
    Ok(log.finish())
}

/// Sentences by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    /// Of the kinds that are read.
    read: u64,
    /// Of these, the ones without a checksum.
    unchecked: u64,
    wrong_checksum: u64,
    /// Cut, or without what their kind promises.
    malformed: u64,
    proprietary: u64,
    ais: u64,
    /// Of other kinds.
    other: u64,
    /// Moments for which the receiver has no position.
    without_position: u64,
}

/// The state of one pass over the sentences.
struct Log<'l> {
    limits: &'l TraceLimits,
    content: TraceContent,
    tally: Tally,
    dates: Dates,
    epoch: Epoch,
    /// A GST that came before the moment it is about.
    early_spread: Option<(i64, Option<u32>)>,
}

impl<'l> Log<'l> {
    fn new(limits: &'l TraceLimits) -> Self {
        Self {
            limits,
            content: TraceContent::default(),
            tally: Tally::default(),
            dates: Dates::new(),
            epoch: Epoch::default(),
            early_spread: None,
        }
    }

    fn run(&mut self, bytes: &[u8]) {
        for frame in Frames::new(bytes) {
            match frame {
                Frame::Sentence(found) => self.hear(&found),
                Frame::Proprietary => self.tally.proprietary += 1,
                Frame::Ais => self.tally.ais += 1,
                Frame::WrongChecksum => self.tally.wrong_checksum += 1,
                Frame::Cut => self.tally.malformed += 1,
            }
            if self.content.fault.is_some() {
                return;
            }
        }
        self.close();
    }

    fn hear(&mut self, found: &Sentence<'_>) {
        let Ok(said) = sentence::read(found.kind, found.fields) else {
            self.tally.malformed += 1;
            return;
        };
        if said == Said::Other {
            // Any text may hold a `$ABCDE,`.
            self.tally.other += u64::from(found.checked);
            return;
        }
        self.tally.read += 1;
        self.tally.unchecked += u64::from(!found.checked);
        match said {
            Said::Report(report) => self.report(found, &report),
            Said::Mode { mode, hdop_milli } => self.epoch.mode(mode, hdop_milli),
            Said::Motion {
                speed_mm_s,
                course_deg,
            } => self.epoch.motion(speed_mm_s, course_deg),
            Said::Date { day, clock_us } => self.dates.set(day, clock_us, &mut self.content.fixes),
            Said::Spread {
                clock_us,
                accuracy_mm,
            } if clock_us == self.epoch.clock_us => self.epoch.spread(accuracy_mm),
            Said::Spread {
                clock_us,
                accuracy_mm,
            } => self.early_spread = clock_us.map(|clock_us| (clock_us, accuracy_mm)),
            Said::View | Said::Other => {}
        }
    }

    fn report(&mut self, found: &Sentence<'_>, report: &Report) {
        if self.epoch.is_over(found.talker, report) {
            self.close();
        }
        if !self.epoch.is_reported() {
            self.epoch.at = found.at;
        }
        self.epoch.report(found.talker, report);
        if let Some((clock_us, accuracy_mm)) = self.early_spread
            && self.epoch.clock_us == Some(clock_us)
        {
            self.epoch.spread(accuracy_mm);
            self.early_spread = None;
        }
    }

    /// Ends the moment and keeps its fix.
    fn close(&mut self) {
        let epoch = std::mem::take(&mut self.epoch);
        let time_us = epoch.clock_us.map(|clock_us| self.time_us(&epoch, clock_us));
        let Some(fix) = epoch.fix() else {
            self.tally.without_position += u64::from(epoch.is_reported());
            return;
        };
        if self.limits.reached(&self.content.fixes) {
            self.content.fault = Some(Fault::TooManyPoints {
                byte: u64::try_from(epoch.at).unwrap_or(u64::MAX),
                limit: self.limits.max_points,
            });
            return;
        }
        self.content.fixes.push(RawFix { time_us, ..fix });
    }

    fn time_us(&mut self, epoch: &Epoch, clock_us: i64) -> i64 {
        match epoch.day {
            Some((day, true)) => {
                self.dates.set(day, clock_us, &mut self.content.fixes);
                time_us(day, clock_us)
            }
            // A receiver without a fix may have its date from a clock that ran down.
            Some((day, false)) => {
                self.dates.step(clock_us);
                time_us(day, clock_us)
            }
            None => self.dates.step(clock_us),
        }
    }

    fn finish(mut self) -> TraceContent {
        let undated = forget_undated(&mut self.content.fixes);
        let tally = self.tally;
        let notes = &mut self.content.notes;
        notes.remark(tally.wrong_checksum, "sentences with a wrong checksum");
        notes.remark(tally.malformed, "malformed sentences");
        notes.remark(tally.unchecked, "sentences without a checksum");
        notes.remark(tally.proprietary, "proprietary sentences");
        notes.remark(tally.other, "sentences of other kinds");
        notes.remark(tally.ais, "AIS messages");
        notes.remark(tally.without_position, "moments without a position");
        notes.remark(undated, "fixes without a date");
        self.content
    }
}

#[cfg(test)]
#[path = "nmea_tests.rs"]
mod tests;
