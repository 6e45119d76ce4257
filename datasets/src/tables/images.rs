//! Images: what their files say, and where and whether they count.

use crate::cell::Cell;
use crate::digest::Digest;
use crate::ids::{Epochs, Precedence};
use crate::table::table;
use crate::units::{Position, Ppm, Timestamp};
use crate::verdict::{Finding, Reason, Verdict};

table! {
    /// One image as its file says it (work table).
    Shot in "shots", key (path: String, ordinal: u32) {
        /// Path of the object it stands in.
        path: String,
        /// Its place in the object, from 0.
        ordinal: u32,
        /// SHA-256 of the object's bytes.
        sha256: Digest,
        /// SHA-256 of the picture data without metadata.
        picture_sha256: Digest,
        /// Width in pixels, as displayed.
        width: u32,
        /// Height in pixels, as displayed.
        height: u32,
        /// Latitude in 1e-7 degrees, as the file says.
        lat_e7: Option<i32>,
        /// Longitude in 1e-7 degrees, as the file says.
        lon_e7: Option<i32>,
        /// Direction the camera looked at, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// Horizontal accuracy in mm, as reported.
        accuracy_mm: Option<u32>,
        /// When it was taken, UTC; null when the file does not say, or says it without a zone and without a position.
        captured_at: Option<Timestamp>,
        /// The civil time of a file that gives neither zone nor position, read as if it were UTC.
        civil_at: Option<Timestamp>,
        /// How the time became UTC: `gps`, `offset`, `mapillary`, `position-zone`, `unknown-zone` or empty.
        time_source: String,
        /// Maker of the camera.
        make: String,
        /// Model of the camera.
        model: String,
        /// Horizontal field of view in 1/1000 degrees.
        field_of_view_mdeg: Option<u32>,
        /// Whether it is an equirectangular 360-degree picture.
        is_360: bool,
        /// Mean grey level of luma (0 to 255), in thousandths.
        mean_milli: u32,
        /// Standard deviation of luma, in thousandths of a grey level.
        std_milli: u32,
        /// Share of 8x8 blocks with a mean under 20.
        dark_ppm: Ppm,
        /// Share of 8x8 blocks with a mean over 235.
        burnt_ppm: Ppm,
        /// Share of AC energy at u + v >= 4 of the 8x8 DCT: how sharp it is.
        sharpness: Ppm,
        /// Laplacian energy per pixel at native scale, in thousandths.
        laplacian_milli: u64,
        /// Which cells of an 8x8 grid carry texture, a bit each, row by row from the lowest bit.
        texture: u64,
        /// The 256-bit PDQ hash, in hex.
        pdq: Digest,
        /// PDQ's own quality of that hash, 0 to 100.
        pdq_quality: u32,
        /// The eight PDQ hashes of the picture turned and mirrored, 32 bytes each; the first is `pdq`.
        pdq_dihedral: Vec<u8>,
        /// The picture at 32x32, a byte of luma each, row by row.
        thumbnail: Vec<u8>,
    }
}

table! {
    /// One image, placed and judged (published).
    Image in "images", key (cell: Option<Cell>, image_id: Digest) {
        /// SHA-256 over path, bytes and place in the object.
        image_id: Digest,
        /// Path of the object it stands in.
        path: String,
        /// Its place in the object, from 0.
        ordinal: u32,
        /// Who sent it.
        contributor: String,
        /// The session it belongs to.
        session: String,
        /// The sequence it belongs to; null when it was not placed.
        sequence: Option<Digest>,
        /// The pass it belongs to; null when it was not placed.
        pass_id: Option<Digest>,
        /// When it was uploaded; null when nobody knows.
        uploaded_at: Option<Timestamp>,
        /// When it was taken, UTC.
        captured_at: Option<Timestamp>,
        /// How the time became UTC: `gps`, `offset`, `mapillary`, `position-zone`, `trace-zone` or empty.
        time_source: String,
        /// Latitude in 1e-7 degrees.
        lat_e7: Option<i32>,
        /// Longitude in 1e-7 degrees.
        lon_e7: Option<i32>,
        /// Where the position is from: `file`, `trace` or empty.
        position_source: String,
        /// The H3 cell of the position at the reward resolution.
        cell: Option<Cell>,
        /// Direction the camera looked at, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// Horizontal accuracy in mm.
        accuracy_mm: Option<u32>,
        /// Distance in mm between its own position and its session's trace at its time.
        trace_mm: Option<u64>,
        /// Width in pixels, as displayed.
        width: u32,
        /// Height in pixels, as displayed.
        height: u32,
        /// Maker of the camera.
        make: String,
        /// Model of the camera.
        model: String,
        /// Horizontal field of view in 1/1000 degrees.
        field_of_view_mdeg: Option<u32>,
        /// Whether it is an equirectangular 360-degree picture.
        is_360: bool,
        /// SHA-256 of the object's bytes.
        sha256: Digest,
        /// SHA-256 of the picture data without metadata.
        picture_sha256: Digest,
        /// The 256-bit PDQ hash, in hex.
        pdq: Digest,
        /// PDQ's own quality of that hash, 0 to 100.
        pdq_quality: u32,
        /// Mean grey level of luma (0 to 255), in thousandths.
        mean_milli: u32,
        /// Standard deviation of luma, in thousandths of a grey level.
        std_milli: u32,
        /// Share of 8x8 blocks with a mean under 20, ppm.
        dark_ppm: Ppm,
        /// Share of 8x8 blocks with a mean over 235, ppm.
        burnt_ppm: Ppm,
        /// Share of AC energy at u + v >= 4 of the 8x8 DCT, ppm.
        sharpness: Ppm,
        /// Laplacian energy per pixel at native scale, in thousandths.
        laplacian_milli: u64,
        /// Which cells of an 8x8 grid carry texture, a bit each.
        texture: u64,
        /// Image quality (P3), ppm.
        quality_ppm: Ppm,
        /// `kept`, `duplicate` or `rejected`.
        verdict: Verdict,
        /// The clause that decided, empty when kept.
        reason: Reason,
        /// The measured value, in the unit of the clause.
        measured: Option<i64>,
        /// The threshold it was held against.
        threshold: Option<i64>,
        /// The earliest image that it repeats.
        duplicate_of: Option<Digest>,
        /// Path of that image's object.
        duplicate_path: Option<String>,
        /// The epoch of the history which that image is of; null: this one.
        duplicate_epoch: Option<String>,
        /// What puts that image first: `history`, `uploaded-at`, `draw` (SHA-256 over epoch and contributor), `path` or
        /// `ordinal`; empty when it repeats none.
        duplicate_first_by: String,
        /// PDQ distance to that image, in bits of 256.
        duplicate_bits: Option<u32>,
        /// Distance to that image, in mm.
        duplicate_mm: Option<u64>,
    }
}

/// The earliest image that another repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// That image.
    pub image_id: Digest,
    /// Path of its object.
    pub path: String,
    /// The epoch of the history which it is of; none: this one.
    pub epoch: Option<String>,
    /// What puts it first, as [`Precedence::first_by`](crate::ids::Precedence::first_by) has it.
    pub first_by: String,
    /// PDQ distance in bits.
    pub bits: u32,
    /// Distance on the ground in mm, where both have a position.
    pub mm: Option<u64>,
}

impl Image {
    /// Decides that it repeats another.
    pub fn repeats(&mut self, original: &Original, finding: Finding) {
        self.decide(finding);
        self.duplicate_of = Some(original.image_id);
        self.duplicate_path = Some(original.path.clone());
        self.duplicate_epoch.clone_from(&original.epoch);
        self.duplicate_first_by.clone_from(&original.first_by);
        self.duplicate_bits = Some(original.bits);
        self.duplicate_mm = original.mm;
    }

    /// Its position, when it has one.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Position::new(self.lat_e7?, self.lon_e7?)
    }
}

table! {
    /// One image as the searches for near duplicates see it: in a tile its own and those of the one-ring around
    /// them, in the epoch all, each time with those of the history (work table).
    Candidate in "candidates", key (image_id: Digest, history: Option<u32>) {
        /// The image.
        image_id: Digest,
        /// Which epoch of the history it is of, the oldest being 0; null: of this epoch.
        history: Option<u32>,
        /// The tile that decides about it; empty of one of the history, about which all is decided.
        home: String,
        /// Its cell at the dedup resolution.
        cell: Cell,
        /// Latitude in 1e-7 degrees.
        lat_e7: i32,
        /// Longitude in 1e-7 degrees.
        lon_e7: i32,
        /// Direction the camera looked at, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// The PDQ hash.
        pdq: Digest,
        /// PDQ's own quality of that hash, 0 to 100.
        pdq_quality: u32,
        /// The eight PDQ hashes of the picture turned and mirrored; empty of one of the history.
        pdq_dihedral: Vec<u8>,
        /// The picture at 32x32, a byte of luma each, row by row.
        thumbnail: Vec<u8>,
        /// The sequence it belongs to.
        sequence: Option<Digest>,
        /// When it was uploaded.
        uploaded_at: Option<Timestamp>,
        /// Who sent it.
        contributor: String,
        /// Path of its object.
        path: String,
        /// Its place in the object.
        ordinal: u32,
    }
}

impl Candidate {
    /// Its position.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            lat_e7: self.lat_e7,
            lon_e7: self.lon_e7,
        }
    }

    /// Its place in the one order.
    #[must_use]
    pub fn precedence(&self, epochs: &Epochs) -> Precedence {
        epochs.precedence(
            self.history,
            self.uploaded_at,
            &self.contributor,
            &self.path,
            self.ordinal,
        )
    }

    /// What a later image that is so far away, in bits and in mm, says it repeats.
    #[must_use]
    pub fn original(&self, epochs: &Epochs, later: &Self, bits: u32, mm: u64) -> Original {
        Original {
            image_id: self.image_id,
            path: self.path.clone(),
            epoch: epochs.past(self.history).map(str::to_owned),
            first_by: self
                .precedence(epochs)
                .first_by(&later.precedence(epochs))
                .to_owned(),
            bits,
            mm: Some(mm),
        }
    }
}

table! {
    /// An image that is still kept after all searches near by, for the search in the whole epoch (work table).
    Unmatched in "unmatched", key (image_id: Digest) {
        /// The image.
        image_id: Digest,
    }
}

table! {
    /// How many images of an object are private (work table).
    PrivateImages in "private_images", key (path: String) {
        /// Path of the object.
        path: String,
        /// Its private images.
        private: u32,
    }
}
