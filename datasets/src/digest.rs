//! SHA-256 digests of bytes and of canonical rows.
//!
//! A table's digest covers its rows, not its Parquet bytes: the digest of a row is SHA-256 over
//! its fields in schema order (a presence byte, then fixed-width little-endian numbers or a
//! length and bytes); the digest of a table is SHA-256 over its name, its column names and types,
//! and the digests of its rows in key order. So rows can be hashed in parallel, and tile size,
//! compression and Parquet version stay out of it.

use std::fmt;

use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// 32 bytes of SHA-256, or another 256-bit value; written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// SHA-256 of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 over several parts, each preceded by its length, so that no two lists of parts
    /// give the same input.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The first eight hex digits: enough to tell runs apart by eye.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Builds the digest of bytes that are never there all at once.
#[derive(Clone, Debug, Default)]
pub struct BytesHasher {
    hasher: Sha256,
    bytes: u64,
}

impl BytesHasher {
    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// How many bytes there were so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.hasher.finalize().into())
    }
}

/// JSON with the keys of every object sorted and no white space: equal values give equal text.
#[must_use]
pub fn canonical_json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
            let fields: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical_json(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(canonical_json).collect::<Vec<_>>().join(",")
            )
        }
        plain => plain.to_string(),
    }
}

/// A text that is no digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a SHA-256 digest: 64 hexadecimal digits are wanted")]
pub struct DigestError {
    /// What was given.
    pub text: String,
}

impl std::str::FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || DigestError {
            text: text.to_owned(),
        };
        if text.len() != 64 || !text.is_ascii() {
            return Err(fault());
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| fault())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| fault())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Builds the canonical bytes of one row, field by field.
#[derive(Clone, Debug, Default)]
pub struct RowEncoder {
    bytes: Vec<u8>,
}

impl RowEncoder {
    /// An absent value.
    pub fn null(&mut self) {
        self.bytes.push(0);
    }

    /// A value of fixed width.
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.bytes.push(1);
        self.bytes.extend_from_slice(bytes);
    }

    /// A value of any length.
    pub fn sized(&mut self, bytes: &[u8]) {
        self.bytes.push(1);
        self.bytes.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// The digest of what was encoded so far; the encoder is empty again after it.
    pub fn finish(&mut self) -> Digest {
        let digest = Digest::of(&self.bytes);
        self.bytes.clear();
        digest
    }
}

/// Builds the digest of a table from the digests of its rows in key order.
#[derive(Clone, Debug)]
pub struct TableHasher {
    hasher: Sha256,
    rows: u64,
}

impl TableHasher {
    /// Starts a table: its name and its columns are part of the digest.
    #[must_use]
    pub fn new(name: &str, schema: &Schema) -> Self {
        let mut hasher = Sha256::new();
        let mut field = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        field(name);
        for column in schema.fields() {
            field(column.name());
            field(&column.data_type().to_string());
        }
        Self { hasher, rows: 0 }
    }

    /// Adds the next row.
    pub fn push(&mut self, row: &Digest) {
        self.hasher.update(row.0);
        self.rows += 1;
    }

    /// The rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The table's digest.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.hasher.finalize().into())
    }
}
