//! The JSON documents of a catalog.

use std::collections::BTreeSet;

use cairn_datasets::digest::Digest;
use cairn_datasets::units::Timestamp;
use serde_json::{Value, json};

use super::{CATALOG, ITEMS, Item, epoch_document, files_document, table_document};
use crate::emit::geometry::Bbox;

const STAC_VERSION: &str = "1.1.0";
/// Sizes and checksums of files.
pub(super) const FILE_EXTENSION: &str = "https://stac-extensions.github.io/file/v2.1.0/schema.json";
/// Columns and rows of tables. From this version on an item may say its rows without repeating the columns.
pub(super) const TABLE_EXTENSION: &str = "https://stac-extensions.github.io/table/v1.3.0/schema.json";
pub(super) const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
pub(super) const PARQUET: &str = "application/vnd.apache.parquet";

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: Option<String>,
    /// The type of its values.
    pub data_type: String,
}

/// A file of an epoch that is no table of its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Path below the output.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a catalog says of an epoch besides its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochInfo {
    /// Its name.
    pub name: String,
    /// The digest of its results.
    pub results_digest: Digest,
    /// The digest of the rules it went by.
    pub policy_digest: Digest,
    /// Its manifest and its views.
    pub assets: Vec<Asset>,
}

/// What the rows of a table are.
fn about(table: &str) -> String {
    let known = match table {
        "objects" => "Every stored object with its one verdict: what was measured, against which limit.",
        "images" => "Every image: where and when it was taken, its features and its verdict.",
        "passes" => "Passes of contributors through cells, with the parts of their quality and their credit.",
        "coverage" => "How well each H3 cell is covered: score, quality, freshness, confidence.",
        "standing" => "The direction slots of each H3 cell, as the next epoch finds them.",
        "credits" => "What each contributor earned in each H3 cell.",
        "rewards" => "What each contributor earned in the epoch and may claim.",
        "adjustments" => "Signed corrections of earlier epochs.",
        "changes" => "What changed in each H3 cell since the epoch before.",
        other => return format!("The table {other}."),
    };
    known.to_owned()
}

/// The box around some items, degrees; none when no item has a place.
fn box_around<'a>(items: impl IntoIterator<Item = &'a Item>) -> Option<Bbox> {
    items.into_iter().filter_map(|item| item.bbox).reduce(Bbox::union)
}

fn sides(bbox: Bbox) -> Value {
    json!([bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax])
}

/// Space and time of some items. One without a place says the whole earth, for the field may not be left out.
fn extent(items: &[&Item]) -> Value {
    let everywhere = Bbox {
        xmin: -180.0,
        ymin: -90.0,
        xmax: 180.0,
        ymax: 90.0,
    };
    let bbox = box_around(items.iter().copied()).unwrap_or(everywhere);
    let spans = items
        .iter()
        .map(|item| item.span.unwrap_or((item.as_of, item.as_of)));
    let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let moment = |of: fn((Timestamp, Timestamp)) -> Timestamp| span.map(|span| of(span).to_string());
    json!({
        "spatial": { "bbox": [sides(bbox)] },
        "temporal": { "interval": [[moment(|s| s.0), moment(|s| s.1)]] },
    })
}

/// The way from a document to a file, both below the output.
fn way(document: &str, file: &str) -> String {
    let up = document.matches('/').count();
    if up == 0 {
        format!("./{file}")
    } else {
        format!("{}{file}", "../".repeat(up))
    }
}

fn link(rel: &str, from: &str, to: &str, title: &str) -> Value {
    let kind = if rel == "item" { GEOJSON } else { JSON };
    json!({ "rel": rel, "href": way(from, to), "type": kind, "title": title })
}

fn to_root(from: &str) -> Value {
    link("root", from, CATALOG, TITLE)
}

const TITLE: &str = "Cairn";

/// The document of one file.
#[must_use]
pub fn item(item: &Item) -> Value {
    let here = item.document();
    let mut properties = json!({
        "title": title(item),
        "datetime": item.as_of.to_string(),
        "reward_epoch": item.epoch,
        "table:row_count": item.rows,
    });
    if let Some((from, to)) = item.span {
        properties["start_datetime"] = from.to_string().into();
        properties["end_datetime"] = to.to_string().into();
    }
    if let Some(tile) = item.tile() {
        properties["tile"] = tile.into();
    }
    let mut document = json!({
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [FILE_EXTENSION, TABLE_EXTENSION],
        "id": item.id(),
        "collection": item.table,
        "geometry": item.bbox.map(outline),
        "properties": properties,
        "links": [
            to_root(&here),
            link("parent", &here, &files_document(&item.table, &item.epoch), &item.epoch),
            link("collection", &here, &table_document(&item.table), &item.table),
        ],
        "assets": { "data": {
            "href": way(&here, &item.path),
            "type": PARQUET,
            "roles": ["data"],
            "file:size": item.bytes,
            "file:checksum": checksum(&item.sha256),
            "table:row_count": item.rows,
        } },
    });
    if let Some(bbox) = item.bbox {
        document["bbox"] = sides(bbox);
    }
    document
}

pub(super) fn title(item: &Item) -> String {
    match item.tile() {
        Some("none") => format!("{} of epoch {}, without a place", item.table, item.epoch),
        Some(_) => format!("{} of epoch {}, tile {}", item.table, item.epoch, item.name()),
        None => format!("{} of epoch {}", item.table, item.epoch),
    }
}

/// A digest as a multihash in hexadecimal: 12 is SHA-256, 20 its 32 bytes.
pub(super) fn checksum(sha256: &Digest) -> String {
    format!("1220{sha256}")
}

fn outline(bbox: Bbox) -> Value {
    let Bbox {
        xmin,
        ymin,
        xmax,
        ymax,
    } = bbox;
    let ring = [
        [xmin, ymin],
        [xmax, ymin],
        [xmax, ymax],
        [xmin, ymax],
        [xmin, ymin],
    ];
    json!({ "type": "Polygon", "coordinates": [ring] })
}

/// The document of a table's files in one epoch. `items` are those files, at least one.
#[must_use]
pub fn files(items: &[&Item]) -> Option<Value> {
    let first = items.first()?;
    let here = files_document(&first.table, &first.epoch);
    let mut links = vec![
        to_root(&here),
        link("parent", &here, &table_document(&first.table), &first.table),
    ];
    links.extend(
        items
            .iter()
            .map(|item| link("item", &here, &item.document(), &item.name())),
    );
    Some(json!({
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": format!("{}-{}", first.table, first.epoch),
        "title": first.epoch,
        "description": format!("{} Epoch {}.", about(&first.table), first.epoch),
        "links": links,
    }))
}

/// The document of an epoch: its manifest and its views. `items` are those of the epoch.
#[must_use]
pub fn epoch(info: &EpochInfo, items: &[&Item]) -> Value {
    let here = epoch_document(&info.name);
    let tables: BTreeSet<&str> = items.iter().map(|item| item.table.as_str()).collect();
    let mut links = vec![to_root(&here), link("parent", &here, CATALOG, TITLE)];
    let related = tables.iter().map(|table| {
        let title = format!("{table} of epoch {}", info.name);
        link("related", &here, &files_document(table, &info.name), &title)
    });
    links.extend(related);
    let mut assets = serde_json::Map::new();
    for asset in &info.assets {
        let (key, about) = view(&asset.path);
        let mut about = about;
        about["href"] = way(&here, &asset.path).into();
        about["file:size"] = asset.bytes.into();
        assets.insert(key, about);
    }
    let named: Vec<Value> = tables
        .iter()
        .map(|table| json!({ "name": table, "description": about(table) }))
        .collect();
    json!({
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [FILE_EXTENSION, TABLE_EXTENSION],
        "id": format!("epoch-{}", info.name),
        "title": format!("Epoch {}", info.name),
        "description": format!(
            "What reward epoch {} published besides its tables: the manifest that vouches for every file, and views of \
             them for people.",
            info.name
        ),
        "license": "other",
        "extent": extent(items),
        "reward_epoch": info.name,
        "results_digest": info.results_digest,
        "policy_digest": info.policy_digest,
        "table:tables": named,
        "links": links,
        "assets": assets,
    })
}

/// How a file of an epoch is called, and what it is.
fn view(path: &str) -> (String, Value) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (key, kind, role, title) = match name {
        "manifest.json" => ("manifest", JSON, "metadata", "Inputs, policy, digests and files"),
        "report.html" => ("report", "text/html", "overview", "Report for people"),
        "coverage.pmtiles" => ("map", "application/vnd.pmtiles", "visual", "Map of the coverage"),
        "changes.parquet" => (
            "changes",
            PARQUET,
            "data",
            "Cells that changed since the epoch before",
        ),
        other => (other, "application/octet-stream", "data", other),
    };
    (
        key.to_owned(),
        json!({ "type": kind, "roles": [role], "title": title }),
    )
}

/// The document of a table over all epochs. `items` are those of the table in their order, at least one.
#[must_use]
pub fn table(items: &[&Item], columns: &[ColumnInfo]) -> Option<Value> {
    let newest = *items.last()?;
    let here = table_document(&newest.table);
    let mut links = vec![to_root(&here), link("parent", &here, CATALOG, TITLE)];
    for epoch in epochs(items) {
        let mut child = link("child", &here, &files_document(&newest.table, epoch), epoch);
        if epoch == newest.epoch {
            child["latest"] = true.into();
        }
        links.push(child);
    }
    let columns: Vec<Value> = columns
        .iter()
        .map(|column| {
            let mut about = json!({ "name": column.name, "type": column.data_type });
            if let Some(description) = &column.description {
                about["description"] = description.as_str().into();
            }
            about
        })
        .collect();
    let mut document = json!({
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [FILE_EXTENSION, TABLE_EXTENSION],
        "id": newest.table,
        "title": newest.table,
        "description": about(&newest.table),
        "license": "other",
        "extent": extent(items),
        "item_assets": { "data": { "type": PARQUET, "roles": ["data"], "title": "Rows of the table" } },
        "links": links,
    });
    if columns.iter().any(|column| column["name"] == "geometry") {
        document["table:primary_geometry"] = "geometry".into();
    }
    if !columns.is_empty() {
        document["table:columns"] = columns.into();
    }
    Some(document)
}

/// The epochs of some items in their order, each once.
fn epochs<'a>(items: &[&'a Item]) -> Vec<&'a str> {
    let mut names: Vec<&str> = items.iter().map(|item| item.epoch.as_str()).collect();
    names.dedup();
    names
}

/// The root of the catalog. `items` are all items in their order.
#[must_use]
pub fn root(items: &[&Item]) -> Value {
    let tables: BTreeSet<&str> = items.iter().map(|item| item.table.as_str()).collect();
    let newest = items.last().map(|item| item.epoch.as_str());
    let mut links = vec![to_root(CATALOG)];
    links.extend(
        tables
            .iter()
            .map(|table| link("child", CATALOG, &table_document(table), table)),
    );
    for epoch in epochs(items) {
        let mut child = link(
            "child",
            CATALOG,
            &epoch_document(epoch),
            &format!("Epoch {epoch}"),
        );
        if Some(epoch) == newest {
            child["latest"] = true.into();
        }
        links.push(child);
    }
    links.push(json!({
        "rel": "alternate",
        "href": way(CATALOG, ITEMS),
        "type": PARQUET,
        "title": "Every item as a row (stac-geoparquet)",
    }));
    let mut document = json!({
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": "cairn",
        "title": TITLE,
        "description": "Street-level coverage and rewards that anyone can re-derive: a collection for each table, and one \
                        for each epoch with its manifest, report and map.",
        "links": links,
    });
    if let Some(newest) = newest {
        document["latest"] = newest.into();
    }
    document
}
