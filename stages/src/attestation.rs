//! What signers say of a published epoch: an in-toto statement in a DSSE envelope, `attestation.json`.
//!
//! ```json
//! {
//!   "payloadType": "application/vnd.in-toto+json",
//!   "payload": "eyJfdHlwZSI6…",
//!   "signatures": [{ "keyid": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "sig": "…" }]
//! }
//! ```
//!
//! The payload is the canonical JSON of a [statement](statement), which follows from the manifest and, by the root of its
//! archive, from every byte that the manifest names. So all who sign one epoch sign the same bytes, and each signature is
//! added to those that are there. A key id is the public key itself, in base64: who verifies needs no other file.

use std::collections::BTreeSet;

use cairn_datasets::cid::Cid;
use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::manifest::Manifest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ed25519::{
    KEY_BYTES, KeyError, SIGNATURE_BYTES, decode, decode_any, encode, is_signed, public_key,
};

/// The file beside the manifest.
pub const ATTESTATION: &str = "attestation.json";
/// Most bytes of the file; some thousand signatures.
pub const MOST_BYTES: u64 = 1 << 20;
/// What the payload is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The statement's form.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What the statement says of its subject.
pub const PREDICATE_TYPE: &str = "urn:cairn:attestation:reward-epoch:v1";
/// The subject's name.
const SUBJECT: &str = "manifest.json";

/// A public key.
pub type Key = [u8; KEY_BYTES];

/// An envelope that says nothing of the epoch, or something else, or by nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// More than [`MOST_BYTES`].
    #[error("it has {bytes} bytes, and an envelope has {MOST_BYTES} at most")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// No envelope.
    #[error("it is no DSSE envelope: {what}")]
    Envelope {
        /// What is wrong.
        what: String,
    },
    /// An envelope around something else.
    #[error("its payload is `{found}`, and {PAYLOAD_TYPE} is wanted")]
    PayloadType {
        /// What it is said to be.
        found: String,
    },
    /// A payload that cannot be read.
    #[error("its payload is no statement: {what}")]
    Payload {
        /// What is wrong.
        what: String,
    },
    /// A payload of another manifest.
    #[error(
        "its payload is of another epoch or manifest: {field} is {found}, and {wanted} is what follows from the manifest here"
    )]
    Other {
        /// Where they differ, as a path in the statement.
        field: String,
        /// What the payload says.
        found: String,
        /// What it would say of this manifest.
        wanted: String,
    },
    /// A payload that says the right things in other bytes.
    #[error(
        "its payload is not the canonical JSON of its statement: other white space, another order or a repeated name"
    )]
    NotCanonical,
    /// Nobody signed.
    #[error("it has no signature")]
    NoSignature,
    /// A key id that is no key.
    #[error("the key id `{keyid}` {source}")]
    Key {
        /// The key id.
        keyid: String,
        /// What is wrong.
        source: KeyError,
    },
    /// A signature that is none by its key over this payload.
    #[error("the signature by `{keyid}` is not one by this key over this payload")]
    Signature {
        /// The key id.
        keyid: String,
    },
}

/// Whose signatures verify.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    /// Every key that signed, each once.
    pub keys: BTreeSet<Key>,
    /// Those of them that are trusted.
    pub trusted: BTreeSet<Key>,
    /// The root of the epoch's archive that they signed. It follows from files, so whoever has them checks it.
    pub car: Option<Cid>,
}

/// Who signed a manifest, by the bytes of the envelope and of the manifest. Every signature has to verify.
///
/// # Errors
/// [`AttestationError`] for the first thing that is wrong.
pub fn check(
    envelope: &[u8],
    manifest_bytes: &[u8],
    manifest: &Manifest,
    trusted: &[Key],
) -> Result<Signers, AttestationError> {
    let envelope = Envelope::read(envelope)?;
    let car = envelope.car()?;
    envelope.is_over(&statement(manifest_bytes, manifest, car))?;
    let keys = envelope.keys()?;
    Ok(Signers {
        trusted: trusted
            .iter()
            .filter(|key| keys.contains(*key))
            .copied()
            .collect(),
        keys,
        car,
    })
}

/// What is said of a published epoch: its manifest by digest, what else one may want to check alone, and which program
/// made it.
#[must_use]
pub fn statement(manifest_bytes: &[u8], manifest: &Manifest, car: Option<Cid>) -> Value {
    json!({
        "_type": STATEMENT_TYPE,
        "subject": [{ "name": SUBJECT, "digest": { "sha256": Digest::of(manifest_bytes) } }],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "reward_epoch": manifest.reward_epoch,
            "results_digest": manifest.results_digest,
            "trees": manifest.trees,
            "car": car,
            "build": manifest.build,
        },
    })
}

/// A DSSE envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

impl Envelope {
    /// An envelope around a statement that nobody signed yet.
    #[must_use]
    pub fn over(statement: &Value) -> Self {
        Self {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: encode(canonical_json(statement).as_bytes()),
            signatures: Vec::new(),
        }
    }

    /// The envelope in a file. Nothing is said of its signatures yet.
    ///
    /// # Errors
    /// [`AttestationError`] when it is none, or is around something else.
    pub fn read(bytes: &[u8]) -> Result<Self, AttestationError> {
        if bytes.len() as u64 > MOST_BYTES {
            let bytes = bytes.len() as u64;
            return Err(AttestationError::TooLarge { bytes });
        }
        let envelope: Self =
            serde_json::from_slice(bytes).map_err(|e| AttestationError::Envelope { what: e.to_string() })?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(AttestationError::PayloadType {
                found: envelope.payload_type,
            });
        }
        Ok(envelope)
    }

    /// The envelope as it is written.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// What is signed: DSSE's encoding of type and payload.
    ///
    /// # Errors
    /// [`AttestationError::Payload`] when the payload is no base64.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, AttestationError> {
        let payload = self.payload()?;
        let lengths = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len());
        Ok([lengths.as_bytes(), &payload].concat())
    }

    /// Adds a signature, in order of key ids: who signed decides the bytes, and not in which order. That of a key that
    /// signed before is replaced.
    pub fn add(&mut self, key: &Key, signature: &[u8; SIGNATURE_BYTES]) {
        self.signatures
            .retain(|there| public_key(&there.keyid).as_ref() != Ok(key));
        self.signatures.push(Signature {
            keyid: encode(key),
            sig: encode(signature),
        });
        self.signatures.sort();
    }

    /// That the payload is a statement and nothing else.
    ///
    /// # Errors
    /// [`AttestationError`] saying where it differs.
    pub fn is_over(&self, wanted: &Value) -> Result<(), AttestationError> {
        if let Some((field, found, wanted)) = difference("", &self.statement()?, wanted) {
            return Err(AttestationError::Other { field, found, wanted });
        }
        if self.payload()? != canonical_json(wanted).as_bytes() {
            return Err(AttestationError::NotCanonical);
        }
        Ok(())
    }

    /// The keys that signed.
    ///
    /// # Errors
    /// [`AttestationError`] when there is none, or a signature does not verify.
    pub fn keys(&self) -> Result<BTreeSet<Key>, AttestationError> {
        let signed = self.signed_bytes()?;
        if self.signatures.is_empty() {
            return Err(AttestationError::NoSignature);
        }
        let verified = self.signatures.iter().map(|signature| {
            let keyid = || signature.keyid.clone();
            let key = public_key(&signature.keyid).map_err(|source| AttestationError::Key {
                keyid: keyid(),
                source,
            })?;
            let is_valid = decode(&signature.sig).is_some_and(|by| is_signed(&key, &signed, &by));
            is_valid
                .then_some(key)
                .ok_or_else(|| AttestationError::Signature { keyid: keyid() })
        });
        verified.collect()
    }

    fn payload(&self) -> Result<Vec<u8>, AttestationError> {
        decode_any(&self.payload).ok_or_else(|| AttestationError::Payload {
            what: "it is no base64".to_owned(),
        })
    }

    fn statement(&self) -> Result<Value, AttestationError> {
        serde_json::from_slice(&self.payload()?)
            .map_err(|e| AttestationError::Payload { what: e.to_string() })
    }

    /// The root of the archive that the payload names.
    fn car(&self) -> Result<Option<Cid>, AttestationError> {
        let statement = self.statement()?;
        let Some(car) = statement.pointer("/predicate/car") else {
            return Ok(None);
        };
        serde_json::from_value(car.clone()).map_err(|e| AttestationError::Payload {
            what: format!("predicate.car: {e}"),
        })
    }
}

/// The first place where two values differ, with what stands there.
fn difference(at: &str, found: &Value, wanted: &Value) -> Option<(String, String, String)> {
    let below = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            let names: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
            names
                .into_iter()
                .find_map(|name| match (found.get(name), wanted.get(name)) {
                    (Some(found), Some(wanted)) => difference(&below(name), found, wanted),
                    (found, wanted) => Some((below(name), shown(found), shown(wanted))),
                })
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            let mut pairs = found.iter().zip(wanted).enumerate();
            pairs.find_map(|(index, (found, wanted))| difference(&format!("{at}[{index}]"), found, wanted))
        }
        _ if found == wanted => None,
        _ => Some((at.to_owned(), shown(Some(found)), shown(Some(wanted)))),
    }
}

/// Most characters of a value that are shown.
const SHOWN: usize = 100;

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "not there".to_owned();
    };
    let text = canonical_json(value);
    if text.chars().count() > SHOWN {
        return text.chars().take(SHOWN).chain(['…']).collect();
    }
    text
}

#[cfg(test)]
#[path = "attestation_tests.rs"]
mod tests;
