//! `contributors.csv`: who is paid where.

use std::collections::BTreeMap;

use super::SourceError;
use super::beside::{Column, Kind, Table, optional_rows};
use crate::store::Store;

const CONTRIBUTORS: Table = Table {
    files: &["contributors.csv"],
    columns: &[
        Column::required("contributor", Kind::Text),
        Column::optional("payout_address", Kind::Text),
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
