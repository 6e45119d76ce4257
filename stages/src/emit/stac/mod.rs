//! What a catalog says of published files: STAC 1.1 documents, and the same items as rows of stac-geoparquet.
//!
//! All of it follows from manifests and from the footers of the files. How the documents lie below an output:
//!
//! ```text
//! catalog.json                              every epoch and every table
//! items.parquet                             every item as a row
//! stac/epochs/EPOCH/collection.json         the views of an epoch
//! stac/TABLE/collection.json                a table over all epochs, with its columns
//! stac/TABLE/EPOCH/catalog.json             its files in one epoch
//! stac/TABLE/EPOCH/TILE.json                an item: one file
//! ```

mod documents;
mod rows;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::units::Timestamp;

use super::geometry::{Bbox, bbox_of_descendants};

pub use documents::{Asset, ColumnInfo, EpochInfo, epoch, files, item, root, table};
pub use rows::{item_rows, items_of};

/// The root of a catalog, below an output.
pub const CATALOG: &str = "catalog.json";
/// All items of a catalog as rows, below an output.
pub const ITEMS: &str = "items.parquet";
/// The folder of a catalog's other documents, below an output.
pub const FOLDER: &str = "stac";

/// What a catalog says of one published file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The epoch.
    pub epoch: String,
    /// The epoch's end: the moment that its rows hold for.
    pub as_of: Timestamp,
    /// The table that the file is of.
    pub table: String,
    /// Path below the output.
    pub path: String,
    /// Rows in the file.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// The box around its rows, degrees; none where they have no place.
    pub bbox: Option<Bbox>,
    /// Its earliest and latest capture; none where its rows have no time.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Item {
    /// The order of items: as the epochs end, then by table and file.
    #[must_use]
    pub fn order(&self) -> (Timestamp, &str, &str, &str) {
        (self.as_of, &self.epoch, &self.table, &self.path)
    }

    /// The tile that the file holds, as its folder is named; none for a table that lies in one file.
    #[must_use]
    pub fn tile(&self) -> Option<&str> {
        tile_of(&self.path)
    }

    /// The name among the files of its table and epoch: its tile, or the table's name.
    #[must_use]
    pub fn name(&self) -> String {
        let part = self
            .path
            .rsplit("part-")
            .next()
            .and_then(|rest| rest.strip_suffix(".parquet"));
        match (self.tile(), part) {
            (None, _) => self.table.clone(),
            (Some(tile), None | Some("0")) => tile.to_owned(),
            (Some(tile), Some(part)) => format!("{tile}-{part}"),
        }
    }

    /// The id, which no other item of the catalog has.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}-{}", self.table, self.epoch, self.name())
    }

    /// Where its document lies, below the output.
    #[must_use]
    pub fn document(&self) -> String {
        format!("{FOLDER}/{}/{}/{}.json", self.table, self.epoch, self.name())
    }
}

/// The tile of a path, as its folder is named.
fn tile_of(path: &str) -> Option<&str> {
    path.split('/').find_map(|part| part.strip_prefix("tile="))
}

/// A box, degrees, that holds every cell of the tile that a path names; none when it names no cell.
///
/// Of a file without geometries no more is known. Cells may stick out of the cell that they descend from.
#[must_use]
pub fn box_of_tile(path: &str) -> Option<Bbox> {
    bbox_of_descendants(tile_of(path)?.parse::<Cell>().ok()?)
}

/// Where the document of an epoch lies, below the output.
#[must_use]
pub fn epoch_document(epoch: &str) -> String {
    format!("{FOLDER}/epochs/{epoch}/collection.json")
}

/// Where the document of a table lies, below the output.
#[must_use]
pub fn table_document(table: &str) -> String {
    format!("{FOLDER}/{table}/collection.json")
}

/// Where the document of a table's files in one epoch lies, below the output.
#[must_use]
pub fn files_document(table: &str, epoch: &str) -> String {
    format!("{FOLDER}/{table}/{epoch}/catalog.json")
}

#[cfg(test)]
#[path = "stac_tests.rs"]
mod tests;
