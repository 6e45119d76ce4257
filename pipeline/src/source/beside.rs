//! Files beside the uploads: rows by the names of their columns, the same whatever the format.
//!
//! A [`Table`] says where such a file may lie and which columns are read of it; a decoder for each format (`csv`,
//! `jsonl`, `parquet`) gives its values as text with their place. So every rule on a value is written once, and each
//! format has the same errors. Columns that a table does not name are passed over. Values are trimmed, and an empty
//! one is as good as none.

use std::fmt;
use std::sync::Arc;

use cairn_datasets::ids::is_contributor_id;

use super::{SourceError, csv, jsonl, parquet};
use crate::store::Store;

/// Most bytes of one value: an object store's longest key is 1,024.
const MOST_VALUE_BYTES: usize = 4_096;
/// Most bytes of one line or record. A quote that is never closed makes a record of all that follows it.
pub(super) const MOST_LINE_BYTES: usize = 65_536;
/// Most letters of a file's own words in a message.
const MOST_QUOTED: usize = 200;

/// What an id is, for messages.
pub(crate) const ID_FORM: &str = "an id has 1 to 128 of A-Z a-z 0-9 . _ : -";

/// What a column holds. CSV and JSON spell it all as text; Parquet has further ways for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A moment; in Parquet also a timestamp of any unit, in UTC where it names no zone.
    Time,
    /// Bytes in hexadecimal digits; in Parquet also as they are.
    Bytes,
    /// An H3 cell in hexadecimal digits; in Parquet also a whole number.
    Cell,
    /// A whole number.
    Number,
}

/// A column that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

impl Column {
    pub(super) const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }

    pub(super) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }
}

/// A file of rows.
#[derive(Debug)]
pub(super) struct Table {
    /// Its names at the root of a source, of which one may be there. The ending says the format.
    pub(super) files: &'static [&'static str],
    /// The columns that are read.
    pub(super) columns: &'static [Column],
    /// The largest file that is read: all of it is held in memory.
    pub(super) most_bytes: u64,
}

/// Where in a file something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of a text, from 1.
    Line(u64),
    /// A row of a table, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// A file that is being read: what a decoder needs to know to make rows of it, and to say what is wrong.
#[derive(Debug)]
pub(super) struct Sheet {
    location: String,
    file: &'static str,
    pub(super) columns: &'static [Column],
}

impl Sheet {
    pub(super) fn fault(&self, place: Option<Place>, what: impl Into<String>) -> SourceError {
        SourceError::Beside {
            location: self.location.clone(),
            file: self.file,
            place,
            what: what.into(),
        }
    }

    /// The place of a column among those that are read.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Where each column that is read stands in a file with these columns.
    pub(super) fn find(
        &self,
        place: Option<Place>,
        names: &[String],
    ) -> Result<Vec<Option<usize>>, SourceError> {
        let mut found = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let mut standing = (0_usize..)
                .zip(names)
                .filter(|(_, name)| *name == column.name)
                .map(|(at, _)| at);
            let first = standing.next();
            if standing.next().is_some() {
                return Err(self.fault(place, format!("column `{}` is named twice", column.name)));
            }
            if first.is_none() && column.required {
                let there = quoted(&names.join(", "));
                let what = format!("column `{}` is missing; found `{there}`", column.name);
                return Err(self.fault(place, what));
            }
            found.push(first);
        }
        Ok(found)
    }

    /// A row of values in the order of the columns.
    pub(super) fn row(self: &Arc<Self>, place: Place, values: Vec<String>) -> Result<BesideRow, SourceError> {
        let row = BesideRow {
            sheet: self.clone(),
            place,
            values,
        };
        for (column, value) in self.columns.iter().zip(&row.values) {
            if value.len() > MOST_VALUE_BYTES {
                let what = format!(
                    "column `{}` holds {} bytes; {MOST_VALUE_BYTES} are the most",
                    column.name,
                    value.len()
                );
                return Err(row.fault(what));
            }
            if value.chars().any(char::is_control) {
                return Err(row.fault(format!("column `{}` holds a control character", column.name)));
            }
        }
        Ok(row)
    }
}

/// Rows in the order of the file. After an error there are none.
pub(super) type Rows = Box<dyn Iterator<Item = Result<BesideRow, SourceError>>>;

/// A row of a file beside the uploads, by the names of its columns.
#[derive(Debug)]
pub(super) struct BesideRow {
    sheet: Arc<Sheet>,
    place: Place,
    values: Vec<String>,
}

impl BesideRow {
    /// The value, empty when there is none.
    pub(super) fn get(&self, column: &str) -> &str {
        let value = self.sheet.index(column).and_then(|at| self.values.get(at));
        debug_assert!(
            value.is_some(),
            "`{column}` is not among the columns that are read"
        );
        value.map_or("", String::as_str)
    }

    pub(super) fn fault(&self, what: impl Into<String>) -> SourceError {
        self.sheet.fault(Some(self.place), what)
    }

    /// The value as what it should be; nothing when there is none.
    pub(super) fn parsed<T: std::str::FromStr<Err: fmt::Display>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, SourceError> {
        match self.get(column) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|e| self.fault(format!("column `{column}`: {e}"))),
        }
    }

    /// The value, which has to be there.
    pub(super) fn filled(&self, column: &str) -> Result<&str, SourceError> {
        match self.get(column) {
            "" => Err(self.fault(format!("column `{column}` is empty"))),
            text => Ok(text),
        }
    }

    /// The id in column `contributor`, which has to be there and one that objects can have (O7).
    pub(super) fn contributor(&self) -> Result<&str, SourceError> {
        let id = self.filled("contributor")?;
        if is_contributor_id(id) {
            return Ok(id);
        }
        Err(self.fault(format!("column `contributor`: `{id}` is no id; {ID_FORM}")))
    }

    /// The value as what it should be, which has to be there.
    pub(super) fn wanted<T: std::str::FromStr<Err: fmt::Display>>(
        &self,
        column: &str,
    ) -> Result<T, SourceError> {
        self.filled(column)?;
        self.parsed(column)?
            .ok_or_else(|| self.fault(format!("column `{column}` is empty")))
    }
}

/// The file of a table that is there; two are one too many.
pub(super) fn file_of(
    source: &Store,
    table: &Table,
    is_there: impl Fn(&str) -> bool,
) -> Result<Option<&'static str>, SourceError> {
    let mut found = None;
    for file in table.files {
        if !is_there(file) {
            continue;
        }
        if let Some(other) = found.replace(*file) {
            return Err(SourceError::Beside {
                location: source.location().to_owned(),
                file,
                place: None,
                what: format!("lies beside `{other}`, which says the same; leave one of them"),
            });
        }
    }
    Ok(found)
}

/// The rows of a table; none when it is not there.
pub(super) fn optional_rows(source: &Store, table: &Table) -> Result<Rows, SourceError> {
    let files: Vec<String> = table.files.iter().map(|file| (*file).to_owned()).collect();
    let found = source.look_up(&files)?;
    let is_there = |file: &str| found.iter().any(|object| object.path == file);
    match file_of(source, table, is_there)? {
        None => Ok(Box::new(std::iter::empty())),
        Some(file) => rows(source, table, file),
    }
}

/// The rows of one file of a table.
pub(super) fn rows(source: &Store, table: &Table, file: &'static str) -> Result<Rows, SourceError> {
    let sheet = Arc::new(Sheet {
        location: source.location().to_owned(),
        file,
        columns: table.columns,
    });
    let bytes = source.get_within(file, table.most_bytes)?;
    decode(&sheet, bytes)
}

fn decode(sheet: &Arc<Sheet>, bytes: bytes::Bytes) -> Result<Rows, SourceError> {
    let ending = sheet.file.rsplit_once('.').map_or("", |(_, ending)| ending);
    let mut rows: Rows = match ending {
        "jsonl" => Box::new(jsonl::JsonRows::new(sheet, bytes)),
        "parquet" => Box::new(parquet::ParquetRows::open(sheet, bytes)?),
        _ => Box::new(csv::CsvRows::open(sheet, bytes)?),
    };
    // What follows an error may be anything.
    let mut failed = false;
    Ok(Box::new(std::iter::from_fn(move || {
        let row = if failed { None } else { rows.next() };
        failed = row.as_ref().is_some_and(Result::is_err);
        row
    })))
}

/// A file's own words as a message quotes them: cut where they are many, without control characters.
pub(super) fn quoted(text: &str) -> String {
    let mut letters = text.chars().filter(|letter| !letter.is_control());
    let mut cut: String = letters.by_ref().take(MOST_QUOTED).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
#[path = "beside_tests.rs"]
mod tests;
