//! Signatures of devices (O5, E11): Ed25519 over the 32 bytes of an object's SHA-256.
//!
//! What is signed is exactly those 32 bytes, nothing before or after them: any Ed25519 library signs with
//! `sign(sha256(object))`. Keys and signatures are written in base64 (either alphabet, padded or not) or in hexadecimal
//! digits; of 32 and 64 bytes the two forms differ in length, so none can be taken for the other.
//! Verification is the strict one: keys and commitments of small order and scalars out of range are refused, so that
//! nobody can make a signature that some programs take and others do not.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Upload;
use ed25519_dalek::{Signature as Ed25519, VerifyingKey};

/// Bytes of a public key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

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
    let key = VerifyingKey::from_bytes(&key).map_err(|_| Invalid::DoesNotFit)?;
    key.verify_strict(&sha256.0, &Ed25519::from_bytes(&signature))
        .map_err(|_| Invalid::DoesNotFit)
}

/// A text that is no public key a device can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither of the two forms.
    #[error("is not 32 bytes in base64 or in 64 hexadecimal digits; write the raw Ed25519 public key")]
    Form,
    /// 32 bytes that are no key.
    #[error("is 32 bytes that are no Ed25519 public key: they are no point of the curve")]
    NotOnCurve,
    /// A key for which anybody can make signatures.
    #[error("is a weak Ed25519 public key (of small order), for which anybody can make signatures")]
    Weak,
}

/// A device's public key, checked: a point of the curve that is not weak.
///
/// # Errors
/// [`KeyError`] saying which it is not.
pub fn public_key(text: &str) -> Result<[u8; KEY_BYTES], KeyError> {
    let bytes = decode::<KEY_BYTES>(text).ok_or(KeyError::Form)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::NotOnCurve)?;
    if key.is_weak() {
        return Err(KeyError::Weak);
    }
    Ok(bytes)
}

/// Padded or not: both are in use, and padding says nothing that the length does not.
const FORM: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, FORM);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, FORM);

/// Exactly `N` bytes, from hexadecimal digits or base64.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    // What is longer is neither, and need not be decoded to know it.
    if text.len() > 2 * N {
        return None;
    }
    if text.len() == 2 * N {
        return hexadecimal(text);
    }
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.ok()?.try_into().ok()
}

fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16)?;
            *byte = *byte << 4 | u8::try_from(value).ok()?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
