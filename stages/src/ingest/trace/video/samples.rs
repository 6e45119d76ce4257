//! A track's samples, found by its tables.

use super::boxes::{Boxes, MediaBox};
use crate::ingest::trace::Fault;

/// Seconds from 1904, from which these files count, to 1970.
const FROM_1904_S: i64 = 2_082_844_800;

/// A sample of a track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) bytes: &'a [u8],
    /// Offset in the file.
    pub(super) at: u64,
    /// What its bytes are, such as `gpmd`.
    pub(super) format: [u8; 4],
    /// When it is shown, in microseconds from the start of the track. Edit lists are not looked at.
    pub(super) shown_us: i64,
}

/// A track and its tables, in the file's bytes.
#[derive(Debug, Clone)]
pub(super) struct Track<'a> {
    /// What its samples may be, by the number that `stsc` gives, from 1.
    formats: Vec<[u8; 4]>,
    /// Ticks of a second.
    timescale: u32,
    /// When the track was made, in microseconds since 1970.
    pub(super) created_us: Option<i64>,
    durations: &'a [[u8; 8]],
    chunk_runs: &'a [[u8; 12]],
    sizes: Sizes<'a>,
    offsets: Offsets<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Sizes<'a> {
    /// So many samples of so many bytes.
    Same {
        bytes: u32,
        samples: u32,
    },
    Table(&'a [[u8; 4]]),
}

#[derive(Debug, Clone, Copy)]
enum Offsets<'a> {
    Short(&'a [[u8; 4]]),
    Long(&'a [[u8; 8]]),
}

impl Sizes<'_> {
    fn get(self, sample: usize) -> Option<u32> {
        match self {
            Self::Same { bytes, samples } => (sample < to_usize(samples)).then_some(bytes),
            Self::Table(sizes) => sizes.get(sample).map(|size| u32::from_be_bytes(*size)),
        }
    }
}

impl Offsets<'_> {
    fn get(self, chunk: usize) -> Option<u64> {
        match self {
            Self::Short(offsets) => offsets
                .get(chunk)
                .map(|offset| u64::from(u32::from_be_bytes(*offset))),
            Self::Long(offsets) => offsets.get(chunk).map(|offset| u64::from_be_bytes(*offset)),
        }
    }
}

/// The entries of a table that its box holds, which may be fewer than it claims.
fn entries<const N: usize>(table: Option<MediaBox<'_>>) -> &[[u8; N]] {
    let content = table.and_then(|table| table.versioned());
    let Some((claimed, entries)) = content.and_then(|(_, content)| content.split_first_chunk()) else {
        return &[];
    };
    let held = entries.as_chunks::<N>().0;
    held.get(..to_usize(u32::from_be_bytes(*claimed))).unwrap_or(held)
}

/// A big-endian word, counted from 0.
fn word(words: &[u8], at: usize) -> Option<u32> {
    words.as_chunks().0.get(at).copied().map(u32::from_be_bytes)
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl<'a> Track<'a> {
    /// The track of a `trak` box, `None` where a table is missing.
    pub(super) fn read(trak: &MediaBox<'a>) -> Option<Self> {
        let media = trak.child(*b"mdia")?;
        let tables = media.child(*b"minf")?.child(*b"stbl")?;
        let (created_us, timescale) = media.child(*b"mdhd").and_then(clock).unzip();
        let (_, sizes) = tables.child(*b"stsz")?.versioned()?;
        let (bytes, samples) = (word(sizes, 0)?, word(sizes, 1)?);
        let sizes = if bytes == 0 {
            let held = sizes.get(8..)?.as_chunks().0;
            Sizes::Table(held.get(..to_usize(samples)).unwrap_or(held))
        } else {
            Sizes::Same { bytes, samples }
        };
        let offsets = match tables.child(*b"stco") {
            Some(short) => Offsets::Short(entries(Some(short))),
            None => Offsets::Long(entries(Some(tables.child(*b"co64")?))),
        };
        Some(Self {
            formats: formats(tables.child(*b"stsd")?),
            timescale: timescale.unwrap_or(0),
            created_us: created_us.flatten(),
            durations: entries(tables.child(*b"stts")),
            chunk_runs: entries(tables.child(*b"stsc")),
            sizes,
            offsets,
        })
    }

    /// Whether samples of such a format may be in it.
    pub(super) fn has(&self, format: [u8; 4]) -> bool {
        self.formats.contains(&format)
    }

    /// Hands the samples to `each`, in the order of the track, and returns how many the file does not hold.
    ///
    /// `budget` is how many bytes of samples may still be read: tables that name the same bytes over and over would make the
    /// work as large as the square of the file.
    ///
    /// # Errors
    /// What `each` failed with, or that the budget is spent.
    pub(super) fn samples(
        &self,
        file: &[u8],
        budget: &mut u64,
        mut each: impl FnMut(Sample<'_>) -> Result<(), Fault>,
    ) -> Result<u64, Fault> {
        let mut outside = 0;
        let mut clock = Clock::new(self.durations, self.timescale);
        let mut runs = Runs {
            runs: self.chunk_runs,
        };
        let mut sample = 0;
        let mut chunk = 0;
        while let Some(mut at) = self.offsets.get(chunk) {
            chunk += 1;
            let (per_chunk, description) = runs.of(chunk);
            let format = description
                .checked_sub(1)
                .and_then(|place| self.formats.get(place))
                .copied();
            for _ in 0..per_chunk {
                let Some(size) = self.sizes.get(sample) else {
                    return Ok(outside);
                };
                sample += 1;
                let shown_us = clock.tick();
                let bytes = slice(file, at, size);
                // A sample that is not there costs a step as well.
                let cost = bytes.map_or(1, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(1));
                *budget = budget.checked_sub(cost).ok_or_else(|| Fault::Broken {
                    byte: at,
                    what: "the samples of the tracks are more than the file".to_owned(),
                })?;
                match (bytes, format) {
                    (Some(bytes), Some(format)) => each(Sample {
                        bytes,
                        at,
                        format,
                        shown_us,
                    })?,
                    (Some(_), None) => {}
                    (None, _) => outside += 1,
                }
                at = at.saturating_add(u64::from(size));
            }
        }
        Ok(outside)
    }
}

fn slice(file: &[u8], at: u64, size: u32) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    file.get(start..end)
}

fn formats(descriptions: MediaBox<'_>) -> Vec<[u8; 4]> {
    // A count comes first; what is there decides.
    let content = descriptions.versioned().and_then(|(_, content)| content.get(4..));
    Boxes::new(content.unwrap_or_default(), 0)
        .map(|entry| entry.kind)
        .collect()
}

/// Creation in microseconds since 1970 and ticks of a second, as `mdhd` and `mvhd` have them.
pub(super) fn clock(header: MediaBox<'_>) -> Option<(Option<i64>, u32)> {
    let (version, content) = header.versioned()?;
    if version == 1 {
        let created = content.first_chunk().copied().map(u64::from_be_bytes)?;
        return Some((created_us(created), word(content, 4)?));
    }
    Some((created_us(u64::from(word(content, 0)?)), word(content, 2)?))
}

fn created_us(written: u64) -> Option<i64> {
    let written_s = i64::try_from(written).ok()?;
    // A date before 1970 is none: some count from 1970 in spite of the format.
    let since_1970_s = match written_s {
        0 => return None,
        ..FROM_1904_S => written_s,
        FROM_1904_S.. => written_s - FROM_1904_S,
    };
    since_1970_s
        .checked_mul(1_000_000)
        .and_then(crate::ingest::civil_time::within_calendar)
}

/// How many samples a chunk has and what they are, by runs of chunks that are alike.
struct Runs<'a> {
    /// The run that holds, and those after it.
    runs: &'a [[u8; 12]],
}

impl Runs<'_> {
    /// Samples in a chunk, and the number of their description, both 0 where no run says. Chunks count from 1 and are asked
    /// for in order.
    fn of(&mut self, chunk: usize) -> (u32, usize) {
        while let [_, next, ..] = self.runs {
            if first_chunk(next) > chunk {
                break;
            }
            self.runs = self.runs.get(1..).unwrap_or_default();
        }
        let run = self
            .runs
            .first()
            .filter(|run| first_chunk(run.as_slice()) <= chunk);
        let per_chunk = run.and_then(|run| word(run, 1)).unwrap_or(0);
        let description = run.and_then(|run| word(run, 2)).unwrap_or(0);
        (per_chunk, to_usize(description))
    }
}

/// The first chunk of a run, from 1.
fn first_chunk(run: &[u8]) -> usize {
    word(run, 0).map_or(0, to_usize)
}

/// The time of one sample after the other, by runs of samples that last as long.
struct Clock<'a> {
    runs: &'a [[u8; 8]],
    timescale: u32,
    left: u32,
    ticks: u64,
    step: u32,
}

impl<'a> Clock<'a> {
    fn new(runs: &'a [[u8; 8]], timescale: u32) -> Self {
        Self {
            runs,
            timescale,
            left: 0,
            ticks: 0,
            step: 0,
        }
    }

    /// The time of the next sample in microseconds, cut; 0 where the track has no ticks. After the last run its step goes on.
    fn tick(&mut self) -> i64 {
        while self.left == 0
            && let [run, rest @ ..] = self.runs
        {
            self.left = word(run, 0).unwrap_or(0);
            self.step = word(run, 1).unwrap_or(0);
            self.runs = rest;
        }
        let now = u128::from(self.ticks) * 1_000_000 / u128::from(self.timescale.max(1));
        self.left = self.left.saturating_sub(1);
        self.ticks = self.ticks.saturating_add(u64::from(self.step));
        if self.timescale == 0 {
            return 0;
        }
        i64::try_from(now).unwrap_or(i64::MAX)
    }
}
