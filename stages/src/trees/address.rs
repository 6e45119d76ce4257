//! Addresses of EVM chains, with the checksum that their capitals are (ERC-55, formerly EIP-55).

use std::fmt;

use sha3::{Digest as _, Keccak256};

/// Bytes of an address.
pub const ADDRESS_BYTES: usize = 20;

/// An address of an EVM chain. It is written with `0x` and its checksum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub [u8; ADDRESS_BYTES]);

/// A text that begins like an address of an EVM chain and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Too short, too long, or something that is no digit.
    #[error("`{text}` is no address: after 0x stand 40 hexadecimal digits")]
    Form {
        /// What was given.
        text: String,
    },
    /// A digit is another than it was, or its case is.
    #[error(
        "`{text}` has a wrong checksum: these digits are written {right}; a digit or its case is wrong, so compare it with the wallet's"
    )]
    Checksum {
        /// What was given.
        text: String,
        /// The same digits with their checksum.
        right: Address,
    },
}

impl Address {
    /// The EVM address that a payout address is; `None` when it is of another chain, which is a text that does not begin
    /// with `0x`. Digits all in one case have no checksum, and are taken.
    ///
    /// ```
    /// use cairn_stages::trees::address::Address;
    /// let address = Address::of_payout("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").unwrap().unwrap();
    /// assert_eq!(address.to_string(), "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    /// assert_eq!(Address::of_payout("7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2"), Ok(None));
    /// ```
    ///
    /// # Errors
    /// [`AddressError`] when it begins with `0x` and is no address, or one with another checksum.
    pub fn of_payout(text: &str) -> Result<Option<Self>, AddressError> {
        let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) else {
            return Ok(None);
        };
        let form = || AddressError::Form {
            text: text.escape_debug().take(2 * ADDRESS_BYTES + 20).collect(),
        };
        if digits.len() != 2 * ADDRESS_BYTES {
            return Err(form());
        }
        let mut address = Self([0; ADDRESS_BYTES]);
        for (byte, pair) in address.0.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| form())?;
            if pair.starts_with('+') {
                return Err(form());
            }
            *byte = u8::from_str_radix(pair, 16).map_err(|_| form())?;
        }
        let has = |is: fn(&char) -> bool| digits.chars().any(|digit| is(&digit));
        let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
        if mixed && address.digits() != digits {
            let text = text.to_owned();
            return Err(AddressError::Checksum { text, right: address });
        }
        Ok(Some(address))
    }

    /// The digits with their checksum: a letter is a capital where the same place of Keccak-256 over the small ones is
    /// above 7.
    fn digits(&self) -> String {
        let nibbles =
            |bytes: &[u8]| -> Vec<u8> { bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect() };
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        let small: String = nibbles(&self.0).into_iter().map(digit).collect();
        let hash = Keccak256::digest(small.as_bytes());
        let cased = |(digit, nibble): (char, u8)| {
            if nibble > 7 {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        };
        small.chars().zip(nibbles(&hash)).map(cased).collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", self.digits())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
