//! Ed25519 as every stage that meets a signature reads it.
//!
//! Keys and signatures are written in base64 (either alphabet, padded or not) or in hexadecimal digits; of 32 and 64
//! bytes the two forms differ in length, so none can be taken for the other.
//! Verification is the strict one: keys and commitments of small order and scalars out of range are refused, so that
//! nobody can make a signature that some programs take and others do not.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signature, VerifyingKey};

/// Bytes of a public key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// Whether a signature is one by a key, over exactly these bytes.
#[must_use]
pub fn is_signed(key: &[u8; KEY_BYTES], message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
    let signature = Signature::from_bytes(signature);
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// A text that is no public key.
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

/// A public key, checked: a point of the curve that is not weak.
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

/// The one text of a key or a signature where there may be but one: base64 with `+` and `/`, padded.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes of any length, from base64 of either alphabet.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// Exactly `N` bytes, from hexadecimal digits or base64.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    // What is longer is neither, and need not be decoded to know it.
    if text.len() > 2 * N {
        return None;
    }
    if text.len() == 2 * N {
        return hexadecimal(text);
    }
    decode_any(text)?.try_into().ok()
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
#[path = "ed25519_tests.rs"]
mod tests;
