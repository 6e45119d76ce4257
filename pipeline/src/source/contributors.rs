//! `contributors.csv`: who is paid where, and who keeps the ends of trips private.

use std::collections::{BTreeMap, BTreeSet};

use cairn_stages::trees::address::Address;

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

/// What is registered of contributors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contributors {
    /// Payout addresses by contributor.
    pub payout_addresses: BTreeMap<String, String>,
    /// Those who ask for the ends of their trips to be trimmed (X1).
    pub asked_to_trim: BTreeSet<String>,
}

/// The contributors of a source; none when it has no `contributors.csv`.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong: a wish that was passed over would publish what it
/// should hide.
pub fn contributors(source: &Store) -> Result<Contributors, SourceError> {
    let mut contributors = Contributors::default();
    let mut seen = BTreeSet::new();
    for row in optional_rows(source, &CONTRIBUTORS)? {
        let row = row?;
        let id = row.contributor()?.to_owned();
        let address = row.get("payout_address");
        if let Err(error) = Address::of_payout(address) {
            return Err(row.fault(format!("column `payout_address`: {error}")));
        }
        if !address.is_empty() {
            contributors
                .payout_addresses
                .insert(id.clone(), address.to_owned());
        }
        match row.get("trim_ends") {
            "yes" => {
                contributors.asked_to_trim.insert(id.clone());
            }
            "" | "no" => {}
            other => {
                let what = format!("column `trim_ends` is `{other}`; write yes, no or nothing");
                return Err(row.fault(what));
            }
        }
        if let Some(id) = seen.replace(id) {
            let what = format!("contributor `{id}` is named twice; a contributor has one line");
            return Err(row.fault(what));
        }
    }
    Ok(contributors)
}
