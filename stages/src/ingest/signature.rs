//! Signatures of devices (O5, E11): Ed25519 over the 32 bytes of an object's SHA-256.
//!
//! What is signed is exactly those 32 bytes, nothing before or after them: any Ed25519 library signs with
//! `sign(sha256(object))`. How keys and signatures are written: [`crate::ed25519`].

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Upload;

use crate::ed25519::{KEY_BYTES, SIGNATURE_BYTES, decode, is_signed};

/// What an object's signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// By a device that is registered to the contributor, over these bytes.
    Valid,
    /// Given, and no such signature (O5).
    Invalid(Invalid),
    /// Not given, though a key is registered for the contributor or for the device (E11).
    Missing,
    /// Not given and not owed, or given with an object that could not be read.
    None,
}

/// Why a signature is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Whose it is cannot be known.
    #[error("the manifest of uploads gives a signature and names no device")]
    NoDevice,
    /// Nothing is known to check it by.
    #[error("no key is registered for the device that the manifest of uploads names")]
    UnknownDevice,
    /// The device is registered, to somebody else.
    #[error("the device that the manifest of uploads names is registered to another contributor")]
    OtherContributor,
    /// The text is none.
    #[error("the signature is not 64 bytes in base64 or in hexadecimal digits")]
    Malformed,
    /// It is of other bytes, or by another key.
    #[error("the signature does not fit these bytes and the key that is registered for the device")]
    DoesNotFit,
}

impl Signature {
    /// What the signature of an object with this digest is.
    #[must_use]
    pub fn of(upload: &Upload, sha256: &Digest) -> Self {
        let Some(text) = &upload.signature else {
            return Self::of_unread(upload);
        };
        match verify(upload, text, sha256) {
            Ok(()) => Self::Valid,
            Err(why) => Self::Invalid(why),
        }
    }

    /// What can be said about the signature of an object whose bytes were not read.
    #[must_use]
    pub fn of_unread(upload: &Upload) -> Self {
        let owed = upload.has_registered_key || upload.device_key.is_some();
        if owed && upload.signature.is_none() {
            Self::Missing
        } else {
            Self::None
        }
    }

    /// As the table of objects has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid(_) => "invalid",
            Self::Missing => "missing",
            Self::None => "",
        }
    }
}

fn verify(upload: &Upload, text: &str, sha256: &Digest) -> Result<(), Invalid> {
    if upload.device.is_none() {
        return Err(Invalid::NoDevice);
    }
    let key = upload.device_key.as_deref().ok_or(Invalid::UnknownDevice)?;
    if upload.device_contributor.as_ref() != Some(&upload.contributor) {
        return Err(Invalid::OtherContributor);
    }
    let signature = decode::<SIGNATURE_BYTES>(text).ok_or(Invalid::Malformed)?;
    let key = <[u8; KEY_BYTES]>::try_from(key).map_err(|_| Invalid::UnknownDevice)?;
    let fits = is_signed(&key, &sha256.0, &signature);
    fits.then_some(()).ok_or(Invalid::DoesNotFit)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
