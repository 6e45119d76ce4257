//! `demand.csv` and `regions.csv`, or `.parquet`: what cells are worth (R3).

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;

use super::SourceError;
use super::beside::{Column, Kind, Table, optional_rows};
use crate::store::Store;

const DEMAND: Table = multipliers_in(&["demand.csv", "demand.parquet"]);
const REGIONS: Table = multipliers_in(&["regions.csv", "regions.parquet"]);

const fn multipliers_in(files: &'static [&'static str]) -> Table {
    const COLUMNS: &[Column] = &[
        Column::required("cell", Kind::Cell),
        Column::required("multiplier_ppm", Kind::Number),
    ];
    Table {
        files,
        columns: COLUMNS,
        most_bytes: 256 << 20,
    }
}

/// Demand multipliers in ppm by cell: what is wanted where, in this epoch.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn demand(source: &Store) -> Result<BTreeMap<Cell, u64>, SourceError> {
    multipliers(source, &DEMAND)
}

/// Region multipliers in ppm by cell: what a place is worth, for longer.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn regions(source: &Store) -> Result<BTreeMap<Cell, u64>, SourceError> {
    multipliers(source, &REGIONS)
}

fn multipliers(source: &Store, table: &Table) -> Result<BTreeMap<Cell, u64>, SourceError> {
    let mut multipliers = BTreeMap::new();
    for row in optional_rows(source, table)? {
        let row = row?;
        let cell = row.wanted::<Cell>("cell")?;
        let multiplier = row.wanted::<Parts>("multiplier_ppm")?.0;
        if multipliers.insert(cell, multiplier).is_some() {
            return Err(row.fault(format!("cell {cell} is named twice")));
        }
    }
    Ok(multipliers)
}

/// A whole number of parts per million.
struct Parts(u64);

impl std::str::FromStr for Parts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault =
            |_| format!("`{text}` is not a whole number of parts per million; write 1.5 times as 1500000");
        text.parse().map(Self).map_err(fault)
    }
}
