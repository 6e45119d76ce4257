//! Rows of JSON Lines: one object a line, values as text. Blank lines are passed over, and so are keys that no column
//! has, as CSV's further columns are.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};

use super::SourceError;
use super::beside::{BesideRow, MOST_LINE_BYTES, Place, Sheet, quoted};

/// The mark that some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a file of JSON Lines.
pub(super) struct JsonRows {
    sheet: Arc<Sheet>,
    /// What has not been read.
    rest: Bytes,
    line: u64,
}

impl JsonRows {
    pub(super) fn new(sheet: &Arc<Sheet>, mut bytes: Bytes) -> Self {
        if bytes.starts_with(BYTE_ORDER_MARK) {
            bytes = bytes.split_off(BYTE_ORDER_MARK.len());
        }
        Self {
            sheet: sheet.clone(),
            rest: bytes,
            line: 0,
        }
    }

    fn row(&self, line: &[u8]) -> Result<BesideRow, SourceError> {
        let place = Place::Line(self.line);
        let fault = |what: String| self.sheet.fault(Some(place), what);
        if line.len() > MOST_LINE_BYTES {
            let what = format!("has {} bytes; {MOST_LINE_BYTES} are the most", line.len());
            return Err(fault(what));
        }
        let text = std::str::from_utf8(line).map_err(|_| fault("is not UTF-8".to_owned()))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Fields(&self.sheet)
            .deserialize(&mut reader)
            .and_then(|values| reader.end().map(|()| values));
        let values = read.map_err(|e| fault(said(&e)))?;
        self.sheet.row(place, values)
    }
}

impl Iterator for JsonRows {
    type Item = Result<BesideRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|byte| *byte == b'\n');
            let line = self.rest.split_to(end.unwrap_or(self.rest.len()));
            if end.is_some() {
                let _ = self.rest.split_to(1);
            }
            self.line += 1;
            let line = line.trim_ascii();
            if !line.is_empty() {
                return Some(self.row(line));
            }
        }
        None
    }
}

/// What the JSON reader says. Its line is always the first, and its column is what it calls a letter.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (what, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
    if error.is_data() {
        return quoted(what);
    }
    format!("is no JSON object: {} at letter {}", quoted(what), error.column())
}

/// The values of one object, in the order of the columns.
struct Fields<'a>(&'a Sheet);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Vec<String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object, one a line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<Option<String>> = vec![None; self.0.columns.len()];
        while let Some(key) = object.next_key::<String>()? {
            let column = self
                .0
                .columns
                .iter()
                .zip(&mut values)
                .find(|(c, _)| c.name == key);
            let Some((column, value)) = column else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = column.name;
            if value.replace(object.next_value_seed(Text(name))?).is_some() {
                return Err(Error::custom(format!("column `{name}` is named twice")));
            }
        }
        for (column, value) in self.0.columns.iter().zip(&values) {
            if column.required && value.is_none() {
                return Err(Error::custom(format!("column `{}` is missing", column.name)));
            }
        }
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }
}

/// A text, or null for none.
struct Text(&'static str);

impl Text {
    fn refused<E: Error>(&self, what: &str) -> E {
        E::custom(format!("column `{}` holds {what}; write it as text", self.0))
    }
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.trim().to_owned())
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Err(self.refused(&format!("{value}")))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Err(self.refused(&format!("the number {value}")))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Err(self.refused(&format!("the number {value}")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        Err(self.refused(&format!("the number {value}")))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.refused("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.refused("an object"))
    }
}
