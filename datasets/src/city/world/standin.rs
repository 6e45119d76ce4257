//! Pictures without pixels: what a picture's file would say, under a stand-in for its hash.

use super::super::mischief::Defect;
use super::super::rng::Rng;
use super::World;
use super::edit::Edit;
use super::item::{Content, Item, Photo};
use crate::table::table;
use crate::units::Timestamp;

table! {
    /// A picture that was never rendered, as its file and its features would have it.
    Imagined in "imagined_images", key (path: String) {
        /// Where its file would lie.
        path: String,
        /// Who sent it.
        contributor: String,
        /// The session it belongs to.
        session: String,
        /// The device that is said to have taken it.
        device: String,
        /// When it was uploaded.
        uploaded_at: Timestamp,
        /// When it says it was taken.
        captured_at: Timestamp,
        /// Latitude in 1e-7 degrees, as its file or its session's trace has it.
        lat_e7: i32,
        /// Longitude in 1e-7 degrees, as its file or its session's trace has it.
        lon_e7: i32,
        /// Direction it looks at, degrees clockwise from north.
        heading: u32,
        /// A stand-in for its PDQ hash: 128 random bits set for an original, some bits from it for a copy.
        pdq: Vec<u8>,
        /// PDQ's quality, 0 to 100.
        pdq_quality: u32,
    }
}

impl World {
    /// A picture without pixels; `None` for a trace.
    #[must_use]
    pub fn imagined(&self, item: &Item) -> Option<Imagined> {
        let Content::Photo(photo) = &item.content else {
            return None;
        };
        let shot = &photo.taken.shot;
        let (lat_e7, lon_e7) = match &photo.exif.position {
            Some(position) => (position.lat_e7, position.lon_e7),
            None => self.projection.to_e7(shot.reported),
        };
        Some(Imagined {
            path: item.path.clone(),
            contributor: item.contributor.clone(),
            session: item.session.clone(),
            device: item.device.clone(),
            uploaded_at: Timestamp(item.uploaded_at_ms),
            captured_at: Timestamp(photo.exif.time_ms.unwrap_or(shot.time_ms)),
            lat_e7,
            lon_e7,
            heading: (shot.heading_cdeg + 50) / 100 % 360,
            pdq: self.hash(&item.path, photo).to_vec(),
            pdq_quality: if photo.defect == Defect::None { 100 } else { 0 },
        })
    }

    /// What the camera saw decides, not who sends it: a copy starts from its original's bits.
    fn hash(&self, path: &str, photo: &Photo) -> [u8; 32] {
        let mut bits = half_set(&mut Rng::new(self.spec.seed, photo.taken.seen));
        turn(&mut bits, photo.edit);
        let (least, most) = flips(photo);
        // Two copies of one picture differ from each other too.
        let copy = path.bytes().fold(photo.taken.seen, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut rng = Rng::new(self.spec.seed ^ HASHES, copy);
        for _ in 0..least + rng.below(most - least + 1) {
            let at = place(rng.below(BITS));
            bits[at] = !bits[at];
        }
        let mut out = [0; 32];
        // The lowest frequency is the lowest bit of the last byte, as in PDQ's usual form.
        for (byte, eight) in out.iter_mut().rev().zip(bits.chunks_exact(8)) {
            *byte = eight.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        }
        out
    }
}

const BITS: u32 = 256;
/// Keeps the numbers of hashes apart from all others of the seed.
const HASHES: u64 = 0x7064_7100;

fn place(n: u32) -> usize {
    usize::try_from(n).unwrap_or(0)
}

/// As many bits set as not, in any order.
fn half_set(rng: &mut Rng) -> Vec<bool> {
    let mut bits: Vec<bool> = (0..BITS).map(|n| n < BITS / 2).collect();
    for n in (1..BITS).rev() {
        bits.swap(place(n), place(rng.below(n + 1)));
    }
    bits
}

/// What turning does to the signs of frequencies, the first of which is 1 on each axis, and so to bits.
fn turn(bits: &mut Vec<bool>, edit: Edit) {
    let (transpose, rows, columns) = match edit {
        Edit::Mirror(_) => (false, false, true),
        Edit::Rotate(_, 1) => (true, false, true),
        Edit::Rotate(_, 2) => (false, true, true),
        Edit::Rotate(_, 3) => (true, true, false),
        _ => return,
    };
    let turned = (0..256_usize).map(|n| {
        let (i, j) = (n / 16, n % 16);
        let from = if transpose { 16 * j + i } else { n };
        let odd = (rows && i % 2 == 0) != (columns && j % 2 == 0);
        bits[from] != odd
    });
    *bits = turned.collect();
}

/// How many bits at least and at most differ from what was seen, about as measured on rendered pictures of 640 x 360.
fn flips(photo: &Photo) -> (u32, u32) {
    let taken = &photo.taken;
    match photo.edit {
        // Another moment of the same view: people, noise, and for a shifted frame the way driven meanwhile.
        Edit::None if taken.shifted => (20, 130),
        Edit::None if taken.again => (0, 16),
        Edit::None => (0, 0),
        Edit::Encode(_) => (0, 4),
        Edit::Resize(..) => (0, 10),
        Edit::Brightness(..) | Edit::Gamma(..) | Edit::Mirror(_) | Edit::Rotate(..) => (0, 8),
        Edit::Crop(..) | Edit::Border(..) => (24, 90),
    }
}
