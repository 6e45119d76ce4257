//! A small writer of MP4 files.

use super::super::gpmf::fixture::two_seconds;

/// A box.
pub(super) fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A box with a version, flags and big-endian words.
pub(super) fn table(kind: &[u8], values: &[u32]) -> Vec<u8> {
    boxed(kind, &[words(&[0]), words(values)].concat())
}

/// 2024-05-01 10:00 in seconds since 1904.
pub(super) const CREATED: u32 = 3_797_402_400;

/// A track to be written.
#[derive(Clone)]
pub(super) struct Spec {
    pub(super) format: [u8; 4],
    pub(super) samples: Vec<Vec<u8>>,
    /// Samples of a chunk.
    pub(super) per_chunk: u32,
    /// Ticks of a sample, of which 1,000 are a second.
    pub(super) step: u32,
    pub(super) created: u32,
    pub(super) wide_offsets: bool,
}

impl Spec {
    pub(super) fn new(format: [u8; 4], samples: Vec<Vec<u8>>) -> Self {
        Self {
            format,
            samples,
            per_chunk: 1,
            step: 1_000,
            created: CREATED,
            wide_offsets: false,
        }
    }

    /// `trak`, its samples one after the other from `at` of the file.
    fn trak(&self, mut at: u32) -> Vec<u8> {
        let count = u32::try_from(self.samples.len()).unwrap();
        let sizes: Vec<u32> = self
            .samples
            .iter()
            .map(|sample| u32::try_from(sample.len()).unwrap())
            .collect();
        let mut offsets = Vec::new();
        for chunk in sizes.chunks(usize::try_from(self.per_chunk).unwrap()) {
            offsets.extend(self.wide_offsets.then_some(0));
            offsets.push(at);
            at += chunk.iter().sum::<u32>();
        }
        let chunks = u32::try_from(offsets.len()).unwrap() / (1 + u32::from(self.wide_offsets));
        let entry = boxed(&self.format, &[0, 0, 0, 0, 0, 0, 0, 1]);
        let tables = [
            boxed(b"stsd", &[words(&[0, 1]), entry].concat()),
            table(b"stts", &[1, count, self.step]),
            table(b"stsc", &[1, 1, self.per_chunk, 1]),
            table(b"stsz", &[vec![0, count], sizes].concat()),
            table(
                if self.wide_offsets { b"co64" } else { b"stco" },
                &[vec![chunks], offsets].concat(),
            ),
        ];
        let minf = boxed(b"minf", &boxed(b"stbl", &tables.concat()));
        let header = table(
            b"mdhd",
            &[self.created, self.created, 1_000, count * self.step, 0],
        );
        let handler = table(b"hdlr", &[0, u32::from_be_bytes(*b"meta"), 0, 0, 0, 0]);
        boxed(b"trak", &boxed(b"mdia", &[header, handler, minf].concat()))
    }
}

/// Where `moov` stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Movie {
    First,
    Last,
}

/// A file of tracks, with more boxes in `moov`.
pub(super) fn mp4(movie: Movie, tracks: &[Spec], more: &[u8]) -> Vec<u8> {
    let file_type = boxed(b"ftyp", b"mp41\x20\x13\x10\x18mp41");
    let data: Vec<u8> = tracks.iter().flat_map(|track| track.samples.concat()).collect();
    let moov = |start: usize| {
        let mut at = start;
        let mut content = table(b"mvhd", &[CREATED, CREATED, 1_000, 0]);
        for track in tracks {
            content.extend(track.trak(u32::try_from(at).unwrap()));
            at += track.samples.concat().len();
        }
        content.extend(more);
        boxed(b"moov", &content)
    };
    match movie {
        Movie::First => {
            let length = moov(0).len();
            let moov = moov(file_type.len() + length + 8);
            [file_type, moov, boxed(b"mdat", &data)].concat()
        }
        Movie::Last => {
            // With a size of 64 bits, as large files have it.
            let mut mdat = words(&[1]);
            mdat.extend(b"mdat");
            mdat.extend(u64::try_from(data.len() + 16).unwrap().to_be_bytes());
            let moov = moov(file_type.len() + 16);
            [file_type, mdat, data, moov].concat()
        }
    }
}

/// A track of two seconds of GPMF.
pub(super) fn gpmd() -> Spec {
    Spec::new(*b"gpmd", two_seconds().to_vec())
}

/// A packet of kind 5.
pub(super) fn camm5(lat: f64, lon: f64, alt: f64) -> Vec<u8> {
    let mut bytes = vec![0, 0, 5, 0];
    for value in [lat, lon, alt] {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// A packet of kind 6, moving 3 m/s east and 4 m/s north, good to 2.5 m.
pub(super) fn camm6(time_s: f64, fix: i32, lat: f64, lon: f64) -> Vec<u8> {
    let mut bytes = vec![0, 0, 6, 0];
    bytes.extend(time_s.to_le_bytes());
    bytes.extend(fix.to_le_bytes());
    bytes.extend(lat.to_le_bytes());
    bytes.extend(lon.to_le_bytes());
    for value in [520.25_f32, 2.5, 4.0, 3.0, 4.0, 0.0, 0.5] {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// A packet of kind 2, a rotation.
pub(super) fn camm2() -> Vec<u8> {
    [&[0, 0, 2, 0][..], &[0; 12]].concat()
}

/// `BlackVue`'s box of sentences.
pub(super) fn blackvue(lines: &[u8]) -> Vec<u8> {
    boxed(
        b"free",
        &[boxed(b"cprt", b" {\"model\":\"X\"}"), boxed(b"gps ", lines)].concat(),
    )
}
