//! The catalog of an output: STAC documents that lead tools from `catalog.json` to every published file.
//!
//! Of the files only footers are read, and of an epoch that is in the catalog already not even those.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Schema, TimestampMillisecondType};
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::TableError;
use cairn_datasets::units::Timestamp;
use cairn_stages::emit::stac::{
    self, Asset, CATALOG, ColumnInfo, EpochInfo, FOLDER, ITEMS, Item, box_of_tile, epoch_document,
    files_document, item_rows, items_of, table_document,
};
use cairn_stages::emit::{Bbox, bbox_of_metadata};
use futures::{StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;
use serde_json::Value;

use crate::publish::{MANIFEST, epoch_folder};
use crate::published::{PublishedError, Run, StoredFile};
use crate::store::Store;
use crate::views::VIEWS;

/// Footers that are read at once.
const AT_ONCE: usize = 16;

/// Which epochs of an output are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All of them.
    All,
    /// One by its name, and those that the catalog does not have.
    Added(&'a str),
}

/// What a catalog holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cataloged {
    /// Epochs.
    pub epochs: usize,
    /// Files of tables, each an item.
    pub items: usize,
}

/// Writes the catalog of an output, and says what is in it.
///
/// # Errors
/// [`PublishedError`] when the store fails, or a published file or manifest is broken.
pub fn write(out: &Store, scope: Scope<'_>) -> Result<Cataloged, PublishedError> {
    let published = published(out)?;
    let mut items = match scope {
        Scope::All => Vec::new(),
        Scope::Added(name) => known(out)?
            .into_iter()
            .filter(|item| item.epoch != name && published.contains(&item.epoch))
            .collect(),
    };
    let there: BTreeSet<String> = items.iter().map(|item| item.epoch.clone()).collect();
    let mut named = BTreeSet::new();
    for name in published.difference(&there) {
        let run = Run::at(out.below(&epoch_folder(name)))?;
        let found = epoch_items(&run)?;
        let documents = epoch_documents(&run, &found)?;
        named.extend(documents.iter().map(|(path, _)| path.clone()));
        out.put_each(documents)?;
        items.extend(found);
    }
    items.sort_by(|a, b| a.order().cmp(&b.order()));
    let tables = tables(out, &items)?;
    named.extend(tables.keys().map(|table| table_document(table)));
    let documents = tables
        .iter()
        .map(|(table, value)| document(table_document(table), value));
    out.put_each(documents.collect())?;
    let all: Vec<&Item> = items.iter().collect();
    out.put_each(vec![document(CATALOG.to_owned(), &stac::root(&all))])?;
    // Last: it says which epochs are in the catalog, and the next run believes it.
    let rows = item_rows(&items, &tables).map_err(|source| fault(ITEMS, source))?;
    out.put(ITEMS, rows)?;
    if scope == Scope::All {
        sweep(out, &named)?;
    }
    Ok(Cataloged {
        epochs: published.len(),
        items: items.len(),
    })
}

fn fault(path: &str, source: TableError) -> PublishedError {
    PublishedError::File {
        path: path.to_owned(),
        source,
    }
}

/// The names of the epochs that have a manifest.
fn published(out: &Store) -> Result<BTreeSet<String>, PublishedError> {
    let folders = out.folders()?;
    let names = folders
        .iter()
        .filter_map(|folder| folder.strip_prefix("reward_epoch="));
    let manifests: BTreeMap<String, &str> = names
        .map(|name| (format!("{}/{MANIFEST}", epoch_folder(name)), name))
        .collect();
    let paths: Vec<String> = manifests.keys().cloned().collect();
    let found = out.look_up(&paths)?;
    let names = found.iter().filter_map(|found| manifests.get(&found.path));
    Ok(names.map(|name| (*name).to_owned()).collect())
}

/// The items that the catalog has. One that another build wrote is written anew.
fn known(out: &Store) -> Result<Vec<Item>, PublishedError> {
    let Some(bytes) = out.find(ITEMS)? else {
        return Ok(Vec::new());
    };
    Ok(items_of(bytes).unwrap_or_else(|what| {
        tracing::info!("{ITEMS} is written anew: {what}");
        Vec::new()
    }))
}

/// An item for each file of a run.
fn epoch_items(run: &Run) -> Result<Vec<Item>, PublishedError> {
    let tables = run.manifest.tables.iter();
    let files = tables.flat_map(|(table, record)| record.files.iter().map(move |file| (table, file)));
    run.store.block(async {
        futures::stream::iter(files.map(|(table, file)| async move {
            let footer = footer(run, file).await?;
            let told = told(&footer).map_err(|e| fault(&file.path, parquet_fault(&e)))?;
            Ok(Item {
                epoch: run.manifest.reward_epoch.clone(),
                as_of: run.manifest.inputs.as_of,
                table: table.clone(),
                path: format!("{}/{}", epoch_folder(&run.manifest.reward_epoch), file.path),
                rows: file.rows,
                bytes: file.bytes,
                sha256: file.sha256,
                bbox: if is_placed(&footer) {
                    told.0
                } else {
                    box_of_tile(&file.path)
                },
                span: told.1,
            })
        }))
        .buffered(AT_ONCE)
        .try_collect()
        .await
    })
}

async fn footer(run: &Run, file: &FileRecord) -> Result<ArrowReaderMetadata, PublishedError> {
    let mut reader = run.reader(file).await?;
    let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await;
    footer.map_err(|e| fault(&file.path, parquet_fault(&e)))
}

fn parquet_fault(error: &ParquetError) -> TableError {
    TableError::Format {
        format: "Parquet",
        what: error.to_string(),
    }
}

fn is_placed(footer: &ArrowReaderMetadata) -> bool {
    footer.schema().field_with_name("geometry").is_ok()
}

/// The box and the time that the footer of a file tells.
type Told = (Option<Bbox>, Option<(Timestamp, Timestamp)>);

fn told(footer: &ArrowReaderMetadata) -> Result<Told, ParquetError> {
    let metadata = footer.metadata().file_metadata().key_value_metadata();
    let geo = metadata.into_iter().flatten().find(|pair| pair.key == "geo");
    let bbox = geo.and_then(|pair| bbox_of_metadata(pair.value.as_deref()?));
    let mut span: Option<(Timestamp, Timestamp)> = None;
    for column in times(footer.schema()) {
        let groups = footer.metadata().row_groups();
        let bounds = StatisticsConverter::try_new(column, footer.schema(), footer.parquet_schema())?;
        let least = bounds.row_group_mins(groups.iter())?;
        let most = bounds.row_group_maxes(groups.iter())?;
        for bound in [least, most] {
            let Some(bound) = bound.as_primitive_opt::<TimestampMillisecondType>() else {
                continue;
            };
            for at in bound.iter().flatten().map(Timestamp) {
                span = Some(span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
            }
        }
    }
    Ok((bbox, span))
}

/// The columns that say when something was captured, or where none does, uploaded.
fn times(schema: &Schema) -> Vec<&str> {
    let fields = schema.fields().iter();
    let times =
        fields.filter(|f| f.name().ends_with("_at") && matches!(f.data_type(), DataType::Timestamp(..)));
    let names: Vec<&str> = times.map(|field| field.name().as_str()).collect();
    let captures: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| *name != "uploaded_at")
        .collect();
    if captures.is_empty() { names } else { captures }
}

/// The documents of one epoch: its own, one for each of its tables, and one for each file.
fn epoch_documents(run: &Run, items: &[Item]) -> Result<Vec<(String, Vec<u8>)>, PublishedError> {
    let manifest = &run.manifest;
    let shown = [MANIFEST].into_iter().chain(VIEWS).map(str::to_owned);
    let assets = run.store.look_up(&shown.collect::<Vec<_>>())?;
    let assets = assets.into_iter().map(|found| Asset {
        path: format!("{}/{}", epoch_folder(&manifest.reward_epoch), found.path),
        bytes: found.bytes,
    });
    let info = EpochInfo {
        name: manifest.reward_epoch.clone(),
        results_digest: manifest.results_digest,
        policy_digest: manifest.policy.digest,
        assets: assets.collect(),
    };
    let all: Vec<&Item> = items.iter().collect();
    let mut documents = vec![document(epoch_document(&info.name), &stac::epoch(&info, &all))];
    for (table, files) in by_table(items) {
        let files = stac::files(&files);
        documents.extend(files.map(|value| document(files_document(table, &info.name), &value)));
    }
    documents.extend(
        items
            .iter()
            .map(|item| document(item.document(), &stac::item(item))),
    );
    Ok(documents)
}

fn by_table(items: &[Item]) -> BTreeMap<&str, Vec<&Item>> {
    let mut tables: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items {
        tables.entry(&item.table).or_default().push(item);
    }
    tables
}

/// The documents of all tables, with the columns of the newest file of each.
fn tables(out: &Store, items: &[Item]) -> Result<BTreeMap<String, Value>, PublishedError> {
    let mut documents = BTreeMap::new();
    for (table, items) in by_table(items) {
        let Some(newest) = items.last() else { continue };
        let columns = columns(out, newest)?;
        documents.extend(stac::table(&items, &columns).map(|value| (table.to_owned(), value)));
    }
    Ok(documents)
}

fn columns(out: &Store, item: &Item) -> Result<Vec<ColumnInfo>, PublishedError> {
    let footer = out.block(async {
        let mut reader = StoredFile::open(out, &item.path, item.bytes).await?;
        let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await;
        footer.map_err(|e| fault(&item.path, parquet_fault(&e)))
    })?;
    let columns = footer.schema().fields().iter().map(|field| ColumnInfo {
        name: field.name().clone(),
        description: field.metadata().get("description").cloned(),
        data_type: type_name(field.data_type()),
    });
    Ok(columns.collect())
}

fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "string".to_owned(),
        DataType::Timestamp(..) => "timestamp[ms, UTC]".to_owned(),
        DataType::Struct(fields) => {
            let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            format!("struct<{}>", names.join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}

fn document(path: String, value: &Value) -> (String, Vec<u8>) {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    (path, text.into_bytes())
}

/// Takes away documents of what is not published any more.
fn sweep(out: &Store, named: &BTreeSet<String>) -> Result<(), PublishedError> {
    for found in out.below(FOLDER).list()? {
        let path = format!("{FOLDER}/{}", found.path);
        if !named.contains(&path) {
            out.delete(&path)?;
        }
    }
    Ok(())
}
