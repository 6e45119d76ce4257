//! Tables that carry digests to where they meet, and verdicts back to where they belong.

use crate::digest::Digest;
use crate::table::table;
use crate::units::Timestamp;
use crate::verdict::{Reason, Verdict};

table! {
    /// A digest of a record, brought together with all equal ones (work table).
    Fingerprint in "fingerprints", key (digest: Digest, clause: Reason, history: Option<u32>, path: String, ordinal: u32) {
        /// The digest.
        digest: Digest,
        /// The clause that fires for a later record with the same digest.
        clause: Reason,
        /// Which epoch of the history it is of, the oldest being 0; null: of this epoch.
        history: Option<u32>,
        /// Path of the object.
        path: String,
        /// Place in the object.
        ordinal: u32,
        /// The record's id: an image's, or the digest of an object.
        id: Digest,
        /// When it was uploaded.
        uploaded_at: Option<Timestamp>,
        /// Who sent it.
        contributor: String,
        /// Whether it passed O and I, so that later ones can be duplicates of it.
        passed: bool,
        /// Latitude in 1e-7 degrees.
        lat_e7: Option<i32>,
        /// Longitude in 1e-7 degrees.
        lon_e7: Option<i32>,
        /// The group that wants to hear of it.
        home: String,
    }
}

table! {
    /// A record that repeats an earlier one, by its digest or by what it shows (work table).
    Repeat in "repeats", key (repeat_id: Digest) {
        /// The record.
        repeat_id: Digest,
        /// Path of its object.
        repeat_path: String,
        /// The clause.
        repeat_reason: Option<Reason>,
        /// The earliest record it repeats.
        repeat_of: Option<Digest>,
        /// Path of that record's object.
        repeat_of_path: Option<String>,
        /// The epoch of the history which that record is of; null: this one.
        repeat_epoch: Option<String>,
        /// What puts that record first.
        repeat_first_by: Option<String>,
        /// PDQ distance between the two, in bits; 0 by digest.
        repeat_bits: Option<u32>,
        /// Distance between the two, in mm.
        repeat_mm: Option<u64>,
    }
}

table! {
    /// What an image finds when joined with the repeats (view).
    RepeatNote in "images+repeats", key (image_id: Digest) {
        /// The image.
        image_id: Digest,
        /// The clause, null when it repeats nothing.
        repeat_reason: Option<Reason>,
        /// The earliest image it repeats.
        repeat_of: Option<Digest>,
        /// Path of that image's object.
        repeat_of_path: Option<String>,
        /// The epoch of the history which that image is of; null: this one.
        repeat_epoch: Option<String>,
        /// What puts that image first.
        repeat_first_by: Option<String>,
        /// PDQ distance between the two, in bits; 0 by digest.
        repeat_bits: Option<u32>,
        /// Distance between the two, in mm.
        repeat_mm: Option<u64>,
    }
}

table! {
    /// An image's last verdict, sent back to its session (work table).
    ImageVerdict in "image_verdicts", key (path: String, ordinal: u32) {
        /// Path of the object.
        path: String,
        /// Place in the object.
        ordinal: u32,
        /// The image's sequence.
        sequence: Option<Digest>,
        /// Whether its own position agrees with the sequence's track (P6).
        agrees: bool,
        /// When it was taken.
        captured_at: Option<Timestamp>,
        /// `kept`, `duplicate` or `rejected`.
        verdict: Verdict,
        /// The clause that decided.
        reason: Reason,
        /// The measured value.
        measured: Option<i64>,
        /// The threshold.
        threshold: Option<i64>,
        /// Path of the object whose image it repeats.
        duplicate_of: Option<String>,
        /// The epoch of the history which that object is of; null: this one.
        duplicate_epoch: Option<String>,
    }
}
