//! Definition messages: how the data messages of a local type are laid out until the next definition of that type.

use super::Cursor;

/// `file_id`: what the file is.
pub(super) const FILE_ID: u16 = 0;
/// `record`: one moment of a recording.
pub(super) const RECORD: u16 = 20;
/// `event`: among others, the timer's starts and stops.
pub(super) const EVENT: u16 = 21;
/// `gps_metadata`: positions as Garmin's cameras write them.
pub(super) const GPS_METADATA: u16 = 160;
/// The field that is the time in every message that has one.
pub(super) const TIMESTAMP: u8 = 253;

/// The fields of a message that are read, without the timestamp.
fn read_fields(global: u16) -> &'static [u8] {
    match global {
        FILE_ID => &[0],
        RECORD => &[0, 1, 2, 6, 31, 73, 78],
        EVENT => &[0, 1],
        _ => &[],
    }
}

/// The byte before each message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MessageHeader {
    Definition {
        local: usize,
        /// Fields of the developer's own follow the others.
        developer: bool,
    },
    Data {
        local: usize,
        /// The last five bits of the time, where the message has no field for it.
        time_offset: Option<u8>,
    },
}

impl MessageHeader {
    pub(super) fn of(byte: u8) -> Self {
        if byte & 0x80 != 0 {
            return Self::Data {
                local: usize::from(byte >> 5 & 0x03),
                time_offset: Some(byte & 0x1F),
            };
        }
        let local = usize::from(byte & 0x0F);
        if byte & 0x40 == 0 {
            let time_offset = None;
            return Self::Data { local, time_offset };
        }
        let developer = byte & 0x20 != 0;
        Self::Definition { local, developer }
    }
}

/// The layout of a local type's data messages.
#[derive(Debug)]
pub(super) struct Definition {
    /// The message's number in Garmin's profile.
    pub(super) global: u16,
    /// Bytes of a data message after its header.
    pub(super) size: usize,
    big_endian: bool,
    /// Only the fields that are read, and of two with one number the first.
    fields: Vec<Field>,
}

/// Where a field lies in a data message, and how it is written.
#[derive(Debug)]
struct Field {
    number: u8,
    at: usize,
    size: usize,
    base_type: u8,
}

impl Definition {
    /// Reads a definition message after its header. An error says in words what was met.
    pub(super) fn read(cursor: &mut Cursor<'_>, developer: bool) -> Result<Self, String> {
        let cut_off = || "a definition message begins, and its end is not there".to_owned();
        let Some([_reserved, architecture, g0, g1, count]) = cursor.take(5).and_then(<[u8]>::first_chunk)
        else {
            return Err(cut_off());
        };
        let big_endian = match architecture {
            0 => false,
            1 => true,
            other => {
                return Err(format!(
                    "a definition message of architecture {other}, which is neither 0 nor 1"
                ));
            }
        };
        let global = if big_endian {
            u16::from_be_bytes([*g0, *g1])
        } else {
            u16::from_le_bytes([*g0, *g1])
        };
        let mut definition = Self {
            global,
            size: 0,
            big_endian,
            fields: Vec::new(),
        };
        let listed = cursor.take(usize::from(*count) * 3).ok_or_else(cut_off)?;
        for [number, size, base_type] in listed.as_chunks::<3>().0 {
            definition.push(*number, usize::from(*size), *base_type);
        }
        if developer {
            let count = cursor.byte().ok_or_else(cut_off)?;
            let listed = cursor.take(usize::from(count) * 3).ok_or_else(cut_off)?;
            for [_, size, _] in listed.as_chunks::<3>().0 {
                definition.size += usize::from(*size);
            }
        }
        Ok(definition)
    }

    fn push(&mut self, number: u8, size: usize, base_type: u8) {
        let is_read = number == TIMESTAMP || read_fields(self.global).contains(&number);
        if is_read && !self.fields.iter().any(|field| field.number == number) {
            self.fields.push(Field {
                number,
                at: self.size,
                size,
                base_type,
            });
        }
        self.size += size;
    }

    /// The value of a field in a data message of this layout; `None` where the message has no such field, the field no
    /// value, or the value is no single integer of at most 32 bits.
    pub(super) fn integer(&self, message: &[u8], number: u8) -> Option<i64> {
        let field = self.fields.iter().find(|field| field.number == number)?;
        let bytes = message.get(field.at..)?.get(..field.size)?;
        let (size, form) = form_of(field.base_type)?;
        if bytes.len() != size {
            return None;
        }
        let push = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
        let raw = if self.big_endian {
            bytes.iter().fold(0, push)
        } else {
            bytes.iter().rev().fold(0, push)
        };
        let unused_bits = match size {
            1 => 24,
            2 => 16,
            _ => 0,
        };
        let all_ones = u32::MAX >> unused_bits;
        let (value, has_value) = match form {
            Form::Unsigned => (i64::from(raw), raw != all_ones),
            Form::UnsignedOrZero => (i64::from(raw), raw != 0),
            Form::Signed => {
                let value = (raw << unused_bits).cast_signed() >> unused_bits;
                (i64::from(value), raw != all_ones >> 1)
            }
        };
        has_value.then_some(value)
    }
}

/// How an integer is written, which also says which of its values stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unsigned,
    UnsignedOrZero,
    Signed,
}

/// Bytes and form of an integer base type. The type's number is in the low five bits; the high bit only says that it has an
/// endianness.
fn form_of(base_type: u8) -> Option<(usize, Form)> {
    Some(match base_type & 0x1F {
        // enum, uint8 and byte
        0 | 2 | 13 => (1, Form::Unsigned),
        1 => (1, Form::Signed),
        3 => (2, Form::Signed),
        4 => (2, Form::Unsigned),
        5 => (4, Form::Signed),
        6 => (4, Form::Unsigned),
        10 => (1, Form::UnsignedOrZero),
        11 => (2, Form::UnsignedOrZero),
        12 => (4, Form::UnsignedOrZero),
        _ => return None,
    })
}
