//! `contributors.csv`: who is paid where, and who keeps the ends of trips private.

use std::collections::{BTreeMap, BTreeSet};

use super::SourceError;
use super::beside::{Column, Kind, Table, optional_rows};
use crate::store::Store;

const CONTRIBUTORS: Table = Table {
    files: &["contributors.csv"],
    columns: &[
        Column::required("contributor", Kind::Text),
        Column::optional("payout_address", Kind::Text),
        Column::optional("trim_ends", Kind::Text),
    ],
    most_bytes: 256 << 20,
};

/// Payout addresses by contributor.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn payout_addresses(source: &Store) -> Result<BTreeMap<String, String>, SourceError> {
    let mut addresses = BTreeMap::new();
    for row in optional_rows(source, &CONTRIBUTORS)? {
        let row = row?;
        let address = row.get("payout_address");
        if !address.is_empty() {
            addresses.insert(row.get("contributor").to_owned(), address.to_owned());
        }
    }
    Ok(addresses)
}

/// Contributors who ask for the ends of their trips to be trimmed (X1).
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn asked_to_trim(source: &Store) -> Result<BTreeSet<String>, SourceError> {
    let mut asked = BTreeSet::new();
    for row in optional_rows(source, &CONTRIBUTORS)? {
        let row = row?;
        match row.get("trim_ends") {
            "yes" => {
                asked.insert(row.get("contributor").to_owned());
            }
            "" | "no" => {}
            other => {
                let what = format!("column `trim_ends` is `{other}`; write yes, no or nothing");
                return Err(row.fault(what));
            }
        }
    }
    Ok(asked)
}
