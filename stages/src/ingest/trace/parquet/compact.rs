//! Thrift's compact protocol, as far as it takes to measure a Parquet file before it is read.
//!
//! The parquet crate reserves what some lengths in a file say, and a reservation of terabytes ends the process. So the parts
//! in which such lengths stand are walked first: every list must fit in what is left, every known field must have its own
//! type, so that both readers see the same fields at the same places.

/// Deepest nesting of structs and lists; Parquet has eight.
const MOST_DEPTH: u32 = 16;
/// Most row groups: the crate numbers them with 16 bits.
const MOST_ROW_GROUPS: u64 = 32_767;
/// Most columns and groups of a schema.
const MOST_SCHEMA_ELEMENTS: u64 = 10_000;
/// Deepest nesting of a schema, which the crate follows by recursion.
const MOST_SCHEMA_DEPTH: usize = 32;

/// What is wrong with the bytes.
pub(super) type Bad = &'static str;

/// What a known field must be.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Bool,
    Byte,
    Integer,
    Binary,
    Struct(Fields),
}

type Fields = &'static [(i16, Shape)];

const NOTHING: Fields = &[];
const TIME_UNIT: Fields = &[
    (1, Shape::Struct(NOTHING)),
    (2, Shape::Struct(NOTHING)),
    (3, Shape::Struct(NOTHING)),
];
const TIME: Fields = &[(1, Shape::Bool), (2, Shape::Struct(TIME_UNIT))];
const LOGICAL_TYPE: Fields = &[
    (1, Shape::Struct(NOTHING)),
    (2, Shape::Struct(NOTHING)),
    (3, Shape::Struct(NOTHING)),
    (4, Shape::Struct(NOTHING)),
    (5, Shape::Struct(&[(1, Shape::Integer), (2, Shape::Integer)])),
    (6, Shape::Struct(NOTHING)),
    (7, Shape::Struct(TIME)),
    (8, Shape::Struct(TIME)),
    (10, Shape::Struct(&[(1, Shape::Byte), (2, Shape::Bool)])),
    (11, Shape::Struct(NOTHING)),
    (12, Shape::Struct(NOTHING)),
    (13, Shape::Struct(NOTHING)),
    (14, Shape::Struct(NOTHING)),
    (15, Shape::Struct(NOTHING)),
    (16, Shape::Struct(&[(1, Shape::Byte)])),
    (17, Shape::Struct(&[(1, Shape::Binary)])),
    (18, Shape::Struct(&[(1, Shape::Binary), (2, Shape::Integer)])),
];
const SCHEMA_ELEMENT: Fields = &[
    (1, Shape::Integer),
    (2, Shape::Integer),
    (3, Shape::Integer),
    (4, Shape::Binary),
    (5, Shape::Integer),
    (6, Shape::Integer),
    (7, Shape::Integer),
    (8, Shape::Integer),
    (9, Shape::Integer),
    (10, Shape::Struct(LOGICAL_TYPE)),
];
/// Data pages: numbers of values, nulls and rows, encoding, lengths of levels, whether compressed.
const DATA_PAGE: Fields = &[
    (1, Shape::Integer),
    (2, Shape::Integer),
    (3, Shape::Integer),
    (4, Shape::Integer),
];
const DICTIONARY_PAGE: Fields = &[(1, Shape::Integer), (2, Shape::Integer), (3, Shape::Bool)];
const DATA_PAGE_V2: Fields = &[
    (1, Shape::Integer),
    (2, Shape::Integer),
    (3, Shape::Integer),
    (4, Shape::Integer),
    (5, Shape::Integer),
    (6, Shape::Integer),
    (7, Shape::Bool),
];
const PAGE_HEADER: Fields = &[
    (1, Shape::Integer),
    (2, Shape::Integer),
    (3, Shape::Integer),
    (4, Shape::Integer),
    (5, Shape::Struct(DATA_PAGE)),
    (6, Shape::Struct(NOTHING)),
    (7, Shape::Struct(DICTIONARY_PAGE)),
    (8, Shape::Struct(DATA_PAGE_V2)),
];

/// What a page says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Bytes of the header.
    pub(super) header_bytes: u64,
    pub(super) uncompressed_bytes: u64,
    pub(super) compressed_bytes: u64,
    /// Values of a dictionary, which the crate reserves at once; `None` for other pages.
    pub(super) dictionary_values: Option<u64>,
    /// Number of the encoding of a data page's values.
    pub(super) encoding: i64,
}

/// Reads the header of the page at the start of the bytes.
pub(super) fn page(bytes: &[u8]) -> Result<Page, Bad> {
    const IMPLAUSIBLE: Bad = "a page whose sizes are missing or negative";
    let mut compact = Compact { rest: bytes };
    let mut integers = [None; 4];
    let mut page = Page::default();
    compact.fields(PAGE_HEADER, 0, &mut |path, value| match path {
        [at @ 1..=3] => {
            if let Some(slot) = usize::try_from(*at).ok().and_then(|at| integers.get_mut(at)) {
                *slot = Some(value);
            }
        }
        [5, 2] | [8, 4] => page.encoding = value,
        [7, 1] => page.dictionary_values = u64::try_from(value).ok(),
        _ => {}
    })?;
    let size = |at: usize| {
        let value = integers.get(at).copied().flatten();
        value
            .and_then(|value| i32::try_from(value).ok())
            .and_then(|value| u64::try_from(value).ok())
            .ok_or(IMPLAUSIBLE)
    };
    page.uncompressed_bytes = size(2)?;
    page.compressed_bytes = size(3)?;
    page.header_bytes = u64::try_from(bytes.len() - compact.rest.len()).unwrap_or(u64::MAX);
    Ok(page)
}

/// Walks a footer up to its list of row groups.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), Bad> {
    const NO_FOOTER: Bad = "a footer without version, schema, rows and row groups in this order";
    let mut compact = Compact { rest: bytes };
    let mut last = 0;
    for wanted in 1..=4 {
        match compact.field(&mut last)? {
            Some((at, kind)) if at == wanted => match wanted {
                1 | 3 if is_integer(kind) => {
                    compact.varint()?;
                }
                2 if kind == LIST => compact.schema()?,
                4 if kind == LIST => {
                    let (_, groups) = compact.list()?;
                    if groups > MOST_ROW_GROUPS {
                        return Err("more row groups than Parquet numbers");
                    }
                    return Ok(());
                }
                _ => return Err(NO_FOOTER),
            },
            _ => return Err(NO_FOOTER),
        }
    }
    Err(NO_FOOTER)
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

fn is_integer(kind: u8) -> bool {
    (4..=6).contains(&kind)
}

/// Gets the path of each known integer and its value.
type Visit<'v> = dyn FnMut(&[i16], i64) + 'v;

struct Compact<'a> {
    rest: &'a [u8],
}

impl Compact<'_> {
    fn byte(&mut self) -> Result<u8, Bad> {
        let (byte, rest) = self.rest.split_first().ok_or("the bytes end inside a header")?;
        self.rest = rest;
        Ok(*byte)
    }

    fn varint(&mut self) -> Result<u64, Bad> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        // A tenth byte is one that the crate reads otherwise.
        Err("an integer of more than nine bytes")
    }

    fn integer(&mut self) -> Result<i64, Bad> {
        let value = self.varint()?;
        let half = i64::try_from(value >> 1).unwrap_or(i64::MAX);
        Ok(if value & 1 == 0 { half } else { -half - 1 })
    }

    fn skip_bytes(&mut self, count: u64) -> Result<(), Bad> {
        let rest = usize::try_from(count)
            .ok()
            .and_then(|count| self.rest.get(count..));
        self.rest = rest.ok_or("a length beyond the bytes that are there")?;
        Ok(())
    }

    /// The next field's number and type, or `None` at the end of the struct.
    fn field(&mut self, last: &mut i16) -> Result<Option<(i16, u8)>, Bad> {
        let byte = self.byte()?;
        let (delta, kind) = (byte >> 4, byte & 0xF);
        if kind == 0 {
            return Ok(None);
        }
        // Only fields far apart have their number written out, and Parquet has none.
        let at = last.checked_add(i16::from(delta)).filter(|_| delta > 0);
        *last = at.ok_or("a field out of order")?;
        Ok(Some((*last, kind)))
    }

    /// A list's element type and size, which the bytes left can hold.
    fn list(&mut self) -> Result<(u8, u64), Bad> {
        let byte = self.byte()?;
        let size = match byte >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        if size > u64::try_from(self.rest.len()).unwrap_or(u64::MAX) {
            return Err("a list longer than the bytes that are there");
        }
        Ok((byte & 0xF, size))
    }

    fn schema(&mut self) -> Result<(), Bad> {
        let (kind, size) = self.list()?;
        if kind != STRUCT || size > MOST_SCHEMA_ELEMENTS {
            return Err("a schema of too many columns");
        }
        // Children still to come of each group that is open.
        let mut open: Vec<i64> = Vec::new();
        for _ in 0..size {
            let mut children = 0;
            self.fields(SCHEMA_ELEMENT, 0, &mut |path, value| {
                if path == [5] {
                    children = value;
                }
            })?;
            if let Some(left) = open.last_mut() {
                *left = left.saturating_sub(1);
            }
            if children > 0 {
                open.push(children);
            }
            while open.last().is_some_and(|left| *left <= 0) {
                open.pop();
            }
            if open.len() > MOST_SCHEMA_DEPTH {
                return Err("a schema nested too deep");
            }
        }
        Ok(())
    }

    /// Walks the fields of a struct.
    fn fields(&mut self, known: Fields, depth: u32, visit: &mut Visit<'_>) -> Result<(), Bad> {
        let mut last = 0;
        while let Some((at, kind)) = self.field(&mut last)? {
            let Some((_, shape)) = known.iter().find(|(field, _)| *field == at) else {
                self.skip(kind, depth + 1)?;
                continue;
            };
            match shape {
                Shape::Bool if matches!(kind, TRUE | FALSE) => {}
                Shape::Byte if kind == BYTE => {
                    self.byte()?;
                }
                Shape::Integer if is_integer(kind) => {
                    let value = self.integer()?;
                    visit(&[at], value);
                }
                Shape::Binary if kind == BINARY => self.skip(kind, depth)?,
                Shape::Struct(fields) if kind == STRUCT && depth < MOST_DEPTH => {
                    self.fields(fields, depth + 1, &mut |path, value| {
                        // Nothing of interest lies deeper than two.
                        if let [inner] = path {
                            visit(&[at, *inner], value);
                        }
                    })?;
                }
                _ => return Err("a field of the wrong type"),
            }
        }
        Ok(())
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Result<(), Bad> {
        if depth > MOST_DEPTH {
            return Err("nested too deep");
        }
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.byte().map(|_| ()),
            4..=6 => self.varint().map(|_| ()),
            DOUBLE => self.skip_bytes(8),
            BINARY => {
                let length = self.varint()?;
                self.skip_bytes(length)
            }
            LIST => {
                let (element, size) = self.list()?;
                if size > 0 && matches!(element, TRUE | FALSE) {
                    return Err("a list of truth values, which no reader agrees on");
                }
                for _ in 0..size {
                    self.skip(element, depth + 1)?;
                }
                Ok(())
            }
            STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
            _ => Err("a type that Parquet does not use"),
        }
    }
}
