//! The telemetry of MP4 and `QuickTime` videos; their frames are not looked at.
//!
//! Positions are in a track of `GoPro`'s GPMF (`gpmd`) or of Google's CAMM (`camm`), in `BlackVue`'s box of NMEA sentences
//! (`free` / `gps `), or in sentences among the subtitles. The first of these that gives fixes counts: where two are there,
//! one was made from the other. `mdat` is only looked into where a table says that a sample lies; fragments (`moof`), which
//! no camera of these writes, are not read.
//!
//! The walk over the boxes is our own: of the kept crates `mp4parse` drops the kind of metadata samples, `mp4` and `re_mp4`
//! index and unwrap where tables disagree, `telemetry-parser` builds on the first and unwraps in places, and all of them
//! give up a file for one broken box.

mod boxes;
mod camm;
#[cfg(test)]
mod fixture;
mod samples;
mod sentences;

use self::boxes::{Boxes, MediaBox, header};
use self::camm::{Camm, CammFixes};
use self::samples::{Track, clock};
use self::sentences::Sentences;
use super::gpmf::{Telemetry, looks_like_gpmf};
use super::{Fault, TraceContent, TraceError, TraceFormat, TraceLimits, read_nmea};

/// Brands of pictures and of sequences of pictures in the same boxes.
const PICTURE_BRANDS: [&[u8; 4]; 11] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"crx ",
];

/// Whether the bytes begin like MP4 or `QuickTime` and are no picture.
pub(super) fn looks_like_video(head: &[u8]) -> bool {
    let Some((size, kind, header)) = header(head) else {
        return false;
    };
    // Text may have such a word at its fifth letter; read as a size, its first four are half a gigabyte and more.
    let modest = size < u64::from(u32::from_be_bytes(*b" \0\0\0"));
    match &kind {
        b"ftyp" if modest => {
            let first = usize::try_from(header).unwrap_or(usize::MAX);
            let end = usize::try_from(size).unwrap_or(usize::MAX).min(head.len());
            let brands = head.get(first..end).unwrap_or_default().as_chunks::<4>().0;
            !brands.is_empty() && !brands.iter().any(|brand| PICTURE_BRANDS.contains(&brand))
        }
        b"moov" | b"wide" | b"free" | b"skip" | b"pnot" => modest && (size == 0 || size >= header),
        b"mdat" => size == 0 || size >= header,
        _ => false,
    }
}

/// Reads the positions of a video.
///
/// # Errors
/// [`TraceError`] when the bytes do not begin like a video. One that only breaks later is `Ok` with a fault, and so is one
/// without positions, with a remark.
pub fn read_video(bytes: &[u8], limits: &TraceLimits) -> Result<TraceContent, TraceError> {
    if bytes.trim_ascii().is_empty() {
        return Err(TraceError::Empty);
    }
    if !looks_like_video(bytes) {
        return Err(TraceError::NotThat {
            format: TraceFormat::Video.name(),
            what: "no `ftyp`, `moov` or `mdat` box".to_owned(),
            byte: 0,
        });
    }
    let mut video = Video::new(bytes, limits);
    let fault = video.read();
    let mut content = video.choose();
    // A limit says more than where the file is cut.
    content.fault = content.fault.or(fault);
    Ok(content)
}

/// What the boxes of a file gave.
struct Video<'a> {
    file: &'a [u8],
    limits: &'a TraceLimits,
    /// Bytes of samples that may still be read.
    budget: u64,
    gpmf: Telemetry<'a>,
    gpmf_fault: Option<Fault>,
    /// Of the first track with fixes; there should be only one.
    camm: Option<CammFixes>,
    further_camm: u64,
    camm_fault: Option<Fault>,
    sentences: Sentences,
    /// Where the sentences begin in the file.
    sentences_at: u64,
    sentences_fault: Option<Fault>,
    moov_seen: bool,
    outside: u64,
    not_gpmf: u64,
    broken_gpmf: u64,
    unreadable_camm: u64,
    /// Boxes of dashcams' own formats.
    foreign: u64,
    single_positions: u64,
}

impl<'a> Video<'a> {
    fn new(file: &'a [u8], limits: &'a TraceLimits) -> Self {
        Self {
            file,
            limits,
            budget: u64::try_from(file.len()).unwrap_or(u64::MAX),
            gpmf: Telemetry::new(limits),
            gpmf_fault: None,
            camm: None,
            further_camm: 0,
            camm_fault: None,
            sentences: Sentences::default(),
            sentences_at: 0,
            sentences_fault: None,
            moov_seen: false,
            outside: 0,
            not_gpmf: 0,
            broken_gpmf: 0,
            unreadable_camm: 0,
            foreign: 0,
            single_positions: 0,
        }
    }

    /// Walks the file; returns where it breaks.
    fn read(&mut self) -> Option<Fault> {
        let mut boxes = Boxes::new(self.file, 0);
        let mut cut = None;
        for found in &mut boxes {
            match &found.kind {
                b"moov" => self.read_movie(&found),
                b"free" => {
                    if let Some(lines) = found.child(*b"gps ") {
                        self.sentences_at = lines.at;
                        self.sentences.take(lines.content);
                    }
                }
                _ => {}
            }
            if found.missing > 0 {
                cut = Some(Fault::Broken {
                    byte: u64::try_from(self.file.len()).unwrap_or(u64::MAX),
                    what: format!(
                        "the box `{}` lacks {} bytes",
                        found.kind.escape_ascii(),
                        found.missing
                    ),
                });
            }
        }
        cut.or_else(|| {
            boxes.broken_at.map(|byte| Fault::Broken {
                byte,
                what: "no box begins here".to_owned(),
            })
        })
    }

    fn read_movie(&mut self, movie: &MediaBox<'a>) {
        self.moov_seen = true;
        let created_us = movie
            .child(*b"mvhd")
            .and_then(clock)
            .and_then(|(created, _)| created);
        for found in movie.children() {
            match &found.kind {
                b"trak" => {
                    if let Some(track) = Track::read(&found) {
                        self.read_track(&track, created_us);
                    }
                }
                // Novatek's table of blocks among the frames, and the like.
                b"gps " | b"gps0" => self.foreign += 1,
                b"udta" => self.single_positions += u64::from(found.child(*b"\xA9xyz").is_some()),
                _ => {}
            }
        }
    }

    fn read_track(&mut self, track: &Track<'_>, created_us: Option<i64>) {
        let (file, mut budget) = (self.file, self.budget);
        if track.has(*b"gpmd") && self.gpmf_fault.is_none() {
            self.gpmf.start_track();
            let read = track.samples(file, &mut budget, |sample| {
                if sample.format == *b"gpmd" && looks_like_gpmf(sample.bytes) {
                    return self.read_payload(sample.bytes, sample.at);
                }
                self.not_gpmf += 1;
                Ok(())
            });
            self.gpmf_fault = self.count_outside(read);
        }
        let have_camm = self.camm.as_ref().is_some_and(|camm| !camm.fixes.is_empty());
        if track.has(*b"camm") && have_camm {
            self.further_camm += 1;
        } else if track.has(*b"camm") && self.camm_fault.is_none() {
            let mut camm = Camm::new(track.created_us.or(created_us), self.limits);
            let read = track.samples(file, &mut budget, |sample| {
                if sample.format == *b"camm" {
                    camm.read(&sample)
                } else {
                    Ok(())
                }
            });
            self.camm_fault = self.count_outside(read);
            self.unreadable_camm += camm.unreadable;
            self.camm = Some(camm.finish());
        }
        if (track.has(*b"text") || track.has(*b"tx3g")) && self.sentences_fault.is_none() {
            let sentences = &mut self.sentences;
            let at = &mut self.sentences_at;
            let read = track.samples(file, &mut budget, |sample| {
                if sentences.lines.is_empty() {
                    *at = sample.at;
                }
                sentences.take(sample.bytes);
                Ok(())
            });
            self.sentences_fault = self.count_outside(read);
        }
        self.budget = budget;
    }

    /// A payload that breaks does not end the track: the tables say where the next one lies.
    fn read_payload(&mut self, payload: &[u8], at: u64) -> Result<(), Fault> {
        match self.gpmf.read(payload, at) {
            Err(full @ Fault::TooManyPoints { .. }) => Err(full),
            Err(_) => {
                self.broken_gpmf += 1;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn count_outside(&mut self, read: Result<u64, Fault>) -> Option<Fault> {
        match read {
            Ok(outside) => {
                self.outside = self.outside.saturating_add(outside);
                None
            }
            Err(fault) => Some(fault),
        }
    }

    /// The fixes of the first source that has some, and what the others have to say.
    fn choose(self) -> TraceContent {
        let sources = [
            TraceContent {
                fault: self.gpmf_fault,
                ..self.gpmf.finish()
            },
            camm_content(self.camm.unwrap_or_default(), self.camm_fault),
            read_sentences(
                &self.sentences,
                self.sentences_at,
                self.sentences_fault,
                self.limits,
            ),
        ];
        let mut content = TraceContent::default();
        let mut left = 0;
        for source in sources {
            if content.fixes.is_empty() {
                let said = std::mem::replace(&mut content, source);
                content.fault = content.fault.or(said.fault);
                content.notes.remarks.splice(0..0, said.notes.remarks);
            } else {
                left += u64::try_from(source.fixes.len()).unwrap_or(u64::MAX);
            }
        }
        let notes = &mut content.notes;
        notes.remark(left, "positions of a second kind of telemetry were left");
        notes.remark(self.broken_gpmf, "GPMF payloads are broken");
        notes.remark(self.not_gpmf, "samples of a GPMF track are no GPMF");
        notes.remark(
            self.unreadable_camm,
            "CAMM samples could not be read to their end",
        );
        notes.remark(self.further_camm, "further CAMM tracks were left");
        notes.remark(self.outside, "samples lie outside the file");
        notes.remark(
            self.foreign,
            "boxes with a dashcam's own telemetry, which this version does not read",
        );
        notes.remark(
            self.single_positions,
            "single positions without a track were left",
        );
        if !self.moov_seen {
            notes
                .remarks
                .push("there is no `moov` box, which says where the tracks lie".to_owned());
        }
        if content.fixes.is_empty() {
            notes.remarks.push("no GPS track was found".to_owned());
        }
        notes.remarks.push("frames are not used".to_owned());
        content
    }
}

fn camm_content(camm: CammFixes, fault: Option<Fault>) -> TraceContent {
    let mut content = TraceContent {
        fixes: camm.fixes,
        fault,
        ..TraceContent::default()
    };
    let notes = &mut content.notes;
    let unknown = content.fixes.iter().filter(|fix| fix.lat_e7.is_none()).count();
    notes.unreadable_positions = u64::try_from(unknown).unwrap_or(u64::MAX);
    notes.remark(
        camm.by_creation,
        "CAMM positions have no time but that of the track's creation",
    );
    notes.remark(
        camm.repeats,
        "CAMM positions without a time were left for those with one",
    );
    content
}

fn read_sentences(
    sentences: &Sentences,
    at: u64,
    fault: Option<Fault>,
    limits: &TraceLimits,
) -> TraceContent {
    if sentences.lines.is_empty() {
        return TraceContent {
            fault,
            ..TraceContent::default()
        };
    }
    let mut content = read_nmea(&sentences.lines, limits).unwrap_or_else(|_| {
        let mut content = TraceContent::default();
        content.notes.remark(1, "box of NMEA sentences could not be read");
        content
    });
    // Its places are those of the sentences put together.
    let within = content.fault.map(|within| Fault::Broken {
        byte: at,
        what: format!("in the NMEA sentences from here on: {within}"),
    });
    content.fault = within.or(fault);
    content
}

#[cfg(test)]
#[path = "video_tests.rs"]
mod tests;
