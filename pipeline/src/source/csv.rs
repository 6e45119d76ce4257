//! Rows of CSV files.

use std::io::Cursor;
use std::sync::Arc;

use bytes::Bytes;
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::SourceError;
use super::beside::{BesideRow, MOST_LINE_BYTES, Place, Sheet};

/// Reads a CSV file: the first line has the names of the columns, to the letter.
pub(super) struct CsvRows {
    sheet: Arc<Sheet>,
    reader: Reader<Cursor<Bytes>>,
    /// Where the columns that are read stand.
    standing: Vec<Option<usize>>,
    record: StringRecord,
}

impl CsvRows {
    pub(super) fn open(sheet: &Arc<Sheet>, bytes: Bytes) -> Result<Self, SourceError> {
        let first = Some(Place::Line(1));
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .from_reader(Cursor::new(bytes));
        let header = reader.headers().map_err(|e| sheet.fault(first, said(&e)))?;
        if header.as_slice().len() > MOST_LINE_BYTES {
            return Err(sheet.fault(first, too_long(header)));
        }
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        Ok(Self {
            standing: sheet.find(first, &names)?,
            sheet: sheet.clone(),
            reader,
            record: StringRecord::new(),
        })
    }

    fn row(&self) -> Result<BesideRow, SourceError> {
        let place = Place::Line(self.record.position().map_or(0, csv::Position::line));
        if self.record.as_slice().len() > MOST_LINE_BYTES {
            return Err(self.sheet.fault(Some(place), too_long(&self.record)));
        }
        let value = |at: &Option<usize>| at.and_then(|at| self.record.get(at)).unwrap_or("").to_owned();
        self.sheet.row(place, self.standing.iter().map(value).collect())
    }
}

impl Iterator for CsvRows {
    type Item = Result<BesideRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => Some(self.row()),
            Err(error) => {
                let place = error.position().map(|at| Place::Line(at.line()));
                Some(Err(self.sheet.fault(place, said(&error))))
            }
        }
    }
}

fn too_long(record: &StringRecord) -> String {
    format!(
        "has {} bytes; {MOST_LINE_BYTES} are the most, so a quote may not be closed",
        record.as_slice().len()
    )
}

/// What a CSV reader says, without the place, which is said before it.
fn said(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} fields, and the header names {expected_len}")
        }
        ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
