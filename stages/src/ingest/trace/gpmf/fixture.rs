//! GPMF by hand, the corpus where it is there, and bytes gone wrong.

use std::path::Path;

/// A block with its padding.
pub(in crate::ingest::trace) fn block(key: &[u8], kind: u8, size: usize, data: &[u8]) -> Vec<u8> {
    let mut bytes = key.to_vec();
    bytes.push(kind);
    bytes.push(u8::try_from(size).unwrap());
    bytes.extend(u16::try_from(data.len() / size).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A block of blocks.
pub(in crate::ingest::trace) fn nest(key: &[u8], blocks: &[Vec<u8>]) -> Vec<u8> {
    block(key, 0, 1, &blocks.concat())
}

/// Integers big-endian.
pub(in crate::ingest::trace) fn longs(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A `GPS5` stream with a time, a fix type and positions in 1e-7 degrees.
pub(in crate::ingest::trace) fn gps5(time: &[u8; 16], fix: i32, positions: &[(i32, i32)]) -> Vec<u8> {
    let samples: Vec<u8> = positions
        .iter()
        .flat_map(|(lat, lon)| longs(&[*lat, *lon, 12_345, 2_500, 260]))
        .collect();
    nest(
        b"STRM",
        &[
            block(b"TSMP", b'L', 4, &longs(&[3])),
            block(b"GPSF", b'L', 4, &longs(&[fix])),
            block(b"GPSU", b'U', 16, time),
            block(b"GPSP", b'S', 2, &158_u16.to_be_bytes()),
            block(b"UNIT", b'c', 3, b"degdegm\0\0m/sm/s"),
            block(
                b"SCAL",
                b'l',
                4,
                &longs(&[10_000_000, 10_000_000, 1_000, 1_000, 100]),
            ),
            block(b"GPS5", b'l', 20, &samples),
        ],
    )
}

/// A device with streams.
pub(in crate::ingest::trace) fn device(id: i32, streams: &[Vec<u8>]) -> Vec<u8> {
    let mut blocks = vec![
        block(b"DVID", b'L', 4, &longs(&[id])),
        block(b"DVNM", b'c', 1, b"Camera"),
    ];
    blocks.extend_from_slice(streams);
    nest(b"DEVC", &blocks)
}

/// Two seconds of one camera.
pub(in crate::ingest::trace) fn two_seconds() -> [Vec<u8>; 2] {
    let first = gps5(
        b"240501100000.000",
        3,
        &[
            (481_000_000, 115_000_000),
            (481_000_010, 115_000_020),
            (481_000_020, 115_000_040),
        ],
    );
    let second = gps5(
        b"240501100000.900",
        3,
        &[(481_000_030, 115_000_060), (481_000_040, 115_000_080)],
    );
    [device(1, &[first]), device(1, &[second])]
}

/// A raw stream of the corpus, or one line that says that it is not there.
#[expect(clippy::disallowed_methods, reason = "tests read the real files")]
pub(in crate::ingest::trace) fn real(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/real/corpus/gopro-telemetry/samples")
        .join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: no real file at {}", path.display());
    }
    bytes
}

/// A fixed sequence of numbers below a bound (xorshift64*).
pub(in crate::ingest::trace) struct Dice(pub(in crate::ingest::trace) u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let roll = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(roll).unwrap() % bound.max(1)
    }

    /// The seed with a few bytes or whole numbers changed, cut, doubled or taken out.
    pub(in crate::ingest::trace) fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        const NASTY: [u32; 8] = [0, 1, 7, 8, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, u32::MAX];
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let end = (at + self.below(100)).min(bytes.len());
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => {
                    bytes.drain(at..end);
                }
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => {
                    let at = at / 4 * 4;
                    if let Some(word) = bytes.get_mut(at..at + 4) {
                        word.copy_from_slice(&NASTY[self.below(NASTY.len())].to_be_bytes());
                    }
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(self.below(256)).unwrap();
                    }
                }
            }
        }
        bytes
    }
}
