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
        /// The Ed25519 public key (32 bytes) that is registered for that device.
        device_key: Option<Vec<u8>>,
        /// The contributor that the device is registered to.
        device_contributor: Option<String>,
        /// Whether any device is registered to the contributor of this object.
        has_registered_key: bool,
        /// Path of the XMP file that says more about this image.
        sidecar: Option<String>,
        /// The store's version mark of that file.
        sidecar_version: Option<String>,
        /// Stored size of that file in bytes.
        sidecar_bytes: Option<u64>,
        /// SHA-256 that the manifest of uploads promises of that file.
        sidecar_claimed_sha256: Option<Digest>,
        /// The device that the manifest of uploads names for that file.
        sidecar_device: Option<String>,
        /// The signature that it gives for that file.
        sidecar_signature: Option<String>,
        /// The Ed25519 public key that is registered for the device of that file.
        sidecar_device_key: Option<Vec<u8>>,
        /// The contributor that the device of that file is registered to.
        sidecar_device_contributor: Option<String>,
        /// How many images take this object for their sidecar.
        describes: u32,
        /// Stored size in bytes.
        bytes: u64,
        /// The store's own version mark of these bytes (an entity tag or a modification time).
        version: String,
    }
}

impl Upload {
    /// An object as a listing alone shows it: who sent it, and what was promised of it, nobody has said yet.
    #[must_use]
    pub fn listed(path: impl Into<String>, bytes: u64, version: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            contributor: String::new(),
            session: String::new(),
            uploaded_at: None,
            claimed_sha256: None,
            device: None,
            signature: None,
            device_key: None,
            device_contributor: None,
            has_registered_key: false,
            sidecar: None,
            sidecar_version: None,
            sidecar_bytes: None,
            sidecar_claimed_sha256: None,
            sidecar_device: None,
            sidecar_signature: None,
            sidecar_device_key: None,
            sidecar_device_contributor: None,
            describes: 0,
            bytes,
            version: version.into(),
        }
    }

    /// Names the sidecar of this image, with all that it is judged by.
    pub fn describe_by(&mut self, sidecar: &Self) {
        self.sidecar = Some(sidecar.path.clone());
        self.sidecar_version = Some(sidecar.version.clone());
        self.sidecar_bytes = Some(sidecar.bytes);
        self.sidecar_claimed_sha256 = sidecar.claimed_sha256;
        self.sidecar_device.clone_from(&sidecar.device);
        self.sidecar_signature.clone_from(&sidecar.signature);
        self.sidecar_device_key.clone_from(&sidecar.device_key);
        self.sidecar_device_contributor
            .clone_from(&sidecar.device_contributor);
    }

    /// The sidecar as the upload that it is itself.
    #[must_use]
    pub fn of_sidecar(&self) -> Option<Self> {
        let version = self.sidecar_version.clone().unwrap_or_default();
        Some(Self {
            contributor: self.contributor.clone(),
            session: self.session.clone(),
            claimed_sha256: self.sidecar_claimed_sha256,
            device: self.sidecar_device.clone(),
            signature: self.sidecar_signature.clone(),
            device_key: self.sidecar_device_key.clone(),
            device_contributor: self.sidecar_device_contributor.clone(),
            has_registered_key: self.has_registered_key,
            ..Self::listed(
                self.sidecar.clone()?,
                self.sidecar_bytes.unwrap_or_default(),
                version,
            )
        })
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
        /// The device that the manifest of uploads names; null when it names none.
        device: Option<String>,
        /// When it was uploaded; null when nobody knows.
        uploaded_at: Option<Timestamp>,
        /// Stored size in bytes.
        bytes: u64,
        /// SHA-256 of its bytes; null when it was too large to read.
        sha256: Option<Digest>,
        /// The device's signature: `valid`, `invalid`, `missing` (a key is registered for the contributor or the device,
        /// and no signature was given), or empty (none was given and none is owed, or the object could not be read).
        signature: String,
        /// `image`, `trace`, `video`, `sidecar` or `unknown`.
        kind: String,
        /// What its bytes are, once gzip or zstd is off: `JPEG`, `GPX`, `NMEA 0183` and so on; empty when unknown.
        format: String,
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
        /// The epoch of the history which that object is of; null: this one.
        duplicate_epoch: Option<String>,
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
