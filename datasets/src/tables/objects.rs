//! Stored objects: what a source holds, and what became of it.

use crate::digest::Digest;
use crate::table::table;
use crate::units::Timestamp;
use crate::verdict::{Reason, Verdict};

table! {
    /// One object as the source lists it (work table).
    Upload in "uploads", key (path: String) {
        /// Path of the object below the source.
        path: String,
        /// Who sent it.
        contributor: String,
        /// The session it belongs to: a folder of uploads, or what the manifest of uploads says.
        session: String,
        /// When it was uploaded; null when nobody knows.
        uploaded_at: Option<Timestamp>,
        /// SHA-256 that the manifest of uploads promises.
        claimed_sha256: Option<Digest>,
        /// The device that the manifest of uploads names.
        device: Option<String>,
        /// The signature that it gives, as it is written there.
        signature: Option<String>,
        /// Path of the XMP file that says more about this image.
        sidecar: Option<String>,
        /// The store's version mark of that file.
        sidecar_version: Option<String>,
        /// Stored size in bytes.
        bytes: u64,
        /// The store's own version mark of these bytes (an entity tag or a modification time).
        version: String,
    }
}

table! {
    /// One stored object and its one verdict (published).
    Object in "objects", key (path: String) {
        /// Path of the object below the source.
        path: String,
        /// Who sent it.
        contributor: String,
        /// The session it belongs to.
        session: String,
        /// When it was uploaded; null when nobody knows.
        uploaded_at: Option<Timestamp>,
        /// Stored size in bytes.
        bytes: u64,
        /// SHA-256 of its bytes; null when it was too large to read.
        sha256: Option<Digest>,
        /// `image`, `trace`, `video`, `sidecar` or `unknown`.
        kind: String,
        /// `kept`, `duplicate` or `rejected`.
        verdict: Verdict,
        /// The clause that decided, empty when kept.
        reason: Reason,
        /// In words: where it broke, or what precedes a fault and was kept.
        detail: String,
        /// The measured value, in the unit of the clause.
        measured: Option<i64>,
        /// The threshold it was held against.
        threshold: Option<i64>,
        /// Path of the earlier object that it repeats.
        duplicate_of: Option<String>,
        /// Images in it.
        images: u32,
        /// Fixes in it.
        fixes: u32,
        /// Fixes in it that were kept.
        kept_fixes: u32,
        /// Images in it that are private (X1): nothing else is published of them.
        private_images: u32,
        /// Fixes in it that are private (X1): nothing else is published of them.
        private_fixes: u32,
        /// The latest capture in it that is not private; null for a trace none of whose fixes is kept.
        captured_at: Option<Timestamp>,
    }
}
