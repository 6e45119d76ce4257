//! Content identifiers as IPFS writes them, of the one form that is made here: version 1, SHA-256.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Bytes of an identifier.
pub const CID_BYTES: usize = 36;

/// What the bytes that an identifier names are, by their number in the table of multicodecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Codec {
    /// Bytes as they are: a part of a file.
    Raw = 0x55,
    /// A node with links, in protobuf.
    DagPb = 0x70,
}

/// The identifier of a block. It is written in lower-case base32, after a `b`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cid {
    /// What the block is.
    pub codec: Codec,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// A text that is no identifier of that form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no CID of version 1 with SHA-256 of raw bytes or dag-pb, in lower-case base32")]
pub struct CidError {
    /// What was given.
    pub text: String,
}

impl Cid {
    /// That of a block.
    ///
    /// ```
    /// use cairn_datasets::cid::{Cid, Codec};
    /// let cid = Cid::of(Codec::Raw, b"");
    /// assert_eq!(cid.to_string(), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    /// ```
    #[must_use]
    pub fn of(codec: Codec, block: &[u8]) -> Self {
        Self {
            codec,
            digest: Digest::of(block),
        }
    }

    /// As it stands in other blocks: the version, the codec, the name of SHA-256, its length, and the digest.
    #[must_use]
    pub fn bytes(&self) -> [u8; CID_BYTES] {
        let mut bytes = [0; CID_BYTES];
        bytes[..4].copy_from_slice(&[1, self.codec as u8, 0x12, 32]);
        bytes[4..].copy_from_slice(&self.digest.0);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let codec = match bytes.get(..4)? {
            [1, 0x55, 0x12, 32] => Codec::Raw,
            [1, 0x70, 0x12, 32] => Codec::DagPb,
            _ => return None,
        };
        let digest = Digest(bytes[4..].try_into().ok()?);
        Some(Self { codec, digest })
    }
}

/// RFC 4648, in lower case and without padding.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::from("b");
        let (mut held, mut bits) = (0_u32, 0);
        // Two bits of zero fill the last digit.
        for byte in self.bytes().into_iter().chain([0]) {
            held = held << 8 | u32::from(byte);
            bits += 8;
            while bits >= 5 && text.len() < 59 {
                bits -= 5;
                text.push(char::from(BASE32[(held >> bits & 31) as usize]));
            }
            held &= (1 << bits) - 1;
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cid({self})")
    }
}

impl FromStr for Cid {
    type Err = CidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut bytes = Vec::with_capacity(CID_BYTES);
            let (mut held, mut bits) = (0_u32, 0);
            for digit in text.strip_prefix('b')?.bytes() {
                let value = BASE32.iter().position(|known| *known == digit)?;
                held = held << 5 | u32::try_from(value).ok()?;
                bits += 5;
                if bits >= 8 {
                    bits -= 8;
                    bytes.push(u8::try_from(held >> bits).ok()?);
                    held &= (1 << bits) - 1;
                }
            }
            // What fills the last digit is zero: one text for one identifier.
            (held == 0).then_some(bytes)
        };
        let cid = read().as_deref().and_then(Self::from_bytes);
        // A digit too many may be all zero.
        cid.filter(|cid| cid.to_string() == text).ok_or_else(|| CidError {
            text: text.to_owned(),
        })
    }
}

impl Serialize for Cid {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cid {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder and an empty file, as every IPFS program names them.
    const KNOWN: [(Codec, &[u8], &str); 2] = [
        (
            Codec::Raw,
            b"",
            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        ),
        (
            Codec::DagPb,
            b"\x0a\x02\x08\x01",
            "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354",
        ),
    ];

    #[test]
    fn identifiers_are_written_as_others_write_them_and_read_back() {
        for (codec, block, text) in KNOWN {
            let cid = Cid::of(codec, block);
            assert_eq!(cid.to_string(), text);
            assert_eq!(text.parse::<Cid>().unwrap(), cid);
        }
    }

    #[test]
    fn an_identifier_has_one_text() {
        let text = KNOWN[0].2;
        let last_bits = text.strip_suffix('u').unwrap().to_owned() + "v";
        for wrong in [
            text.to_uppercase(),
            text[1..].to_owned(),
            format!("{text}a"),
            text[..58].to_owned(),
            format!("z{}", &text[1..]),
            last_bits,
            "b".to_owned(),
            String::new(),
            // Of version 0, and of another codec.
            "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn".to_owned(),
            "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua".to_owned(),
        ] {
            assert!(wrong.parse::<Cid>().is_err(), "{wrong}");
        }
    }
}
