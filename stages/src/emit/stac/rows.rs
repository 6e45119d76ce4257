//! Items as rows: a Parquet file by the stac-geoparquet specification, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, RecordBatch, StringArray, StructArray, TimestampMillisecondArray,
    UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{
    DataType, Field, Fields, Float64Type, Schema, TimeUnit, TimestampMillisecondType, UInt64Type,
};
use arrow::error::ArrowError;
use bytes::Bytes;
use cairn_datasets::codec::parquet::{self, Layout};
use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::table::TableError;
use cairn_datasets::units::Timestamp;
use serde_json::{Value, json};

use super::documents::{FILE_EXTENSION, JSON, PARQUET, TABLE_EXTENSION, checksum, title};
use super::{CATALOG, Item, table_document};
use crate::emit::geometry::{Bbox, Shape, box_shape};
use crate::emit::publish::{GEO, GeoParquet, geo_metadata, with_geometry};

/// Version of stac-geoparquet's metadata.
const VERSION: &str = "1.0.0";

/// Items as the bytes of a GeoParquet file. Links and assets start at the folder that
/// the file lies in, the output; those of assets without a dot, so that they can be put behind any URL or key.
/// `collections` are the documents of the tables by name.
///
/// # Errors
/// [`TableError`] when the writer refuses.
pub fn item_rows(items: &[Item], collections: &BTreeMap<String, Value>) -> Result<Vec<u8>, TableError> {
    let shapes: Vec<Option<Shape>> = items.iter().map(|item| item.bbox.and_then(box_shape)).collect();
    let refused = |source: ArrowError| TableError::Arrow {
        table: "items",
        source,
    };
    let plain = columns(items).map_err(refused)?;
    let batch = with_geometry(&plain, &shapes, GeoParquet::V1_1).map_err(refused)?;
    let metadata = vec![
        (GEO, geo_metadata(&shapes, GeoParquet::V1_1)),
        (
            "stac-geoparquet",
            canonical_json(&json!({ "version": VERSION, "collections": collections })),
        ),
        ("stac:geoparquet_version", VERSION.to_owned()),
    ];
    let layout = Layout {
        metadata,
        ..Layout::default()
    };
    parquet::write(&batch, &layout)
}

fn columns(items: &[Item]) -> Result<RecordBatch, ArrowError> {
    let count = items.len();
    let all = |of: &dyn Fn(&Item) -> String| texts(items.iter().map(|item| Some(of(item))));
    let spans =
        |end: fn((Timestamp, Timestamp)) -> Timestamp| moments(items.iter().map(|item| item.span.map(end)));
    let rows = || numbers(items.iter().map(|item| item.rows));
    let extensions = items
        .iter()
        .flat_map(|_| [Some(FILE_EXTENSION), Some(TABLE_EXTENSION)]);
    let data = structs([
        ("href", all(&|item| item.path.clone())),
        ("type", all(&|_| PARQUET.to_owned())),
        (
            "roles",
            lists(count, 1, texts(items.iter().map(|_| Some("data"))))?,
        ),
        ("file:size", numbers(items.iter().map(|item| item.bytes))),
        ("file:checksum", all(&|item| checksum(&item.sha256))),
        ("table:row_count", rows()),
    ]);
    let columns = [
        ("id", all(&Item::id)),
        ("collection", all(&|item| item.table.clone())),
        ("stac_version", all(&|_| "1.1.0".to_owned())),
        ("stac_extensions", lists(count, 2, texts(extensions))?),
        ("title", all(&title)),
        ("datetime", moments(items.iter().map(|item| Some(item.as_of)))),
        ("start_datetime", spans(|span| span.0)),
        ("end_datetime", spans(|span| span.1)),
        ("reward_epoch", all(&|item| item.epoch.clone())),
        ("tile", texts(items.iter().map(Item::tile))),
        ("table:row_count", rows()),
        ("links", lists(count, 2, links(items))?),
        ("assets", structs([("data", data)])),
    ];
    let optional = ["start_datetime", "end_datetime", "tile"];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), optional.contains(name)))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The links of each item: to the root, and to its collection.
fn links(items: &[Item]) -> ArrayRef {
    let both = |of: &dyn Fn(&Item) -> [String; 2]| texts(items.iter().flat_map(|item| of(item).map(Some)));
    structs([
        (
            "href",
            both(&|item| [CATALOG, &table_document(&item.table)].map(|to| format!("./{to}"))),
        ),
        ("rel", both(&|_| ["root", "collection"].map(str::to_owned))),
        ("type", both(&|_| [JSON, JSON].map(str::to_owned))),
    ])
}

fn texts<T: AsRef<str>>(values: impl IntoIterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringArray>())
}

fn numbers(values: impl IntoIterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(values))
}

fn moments(values: impl IntoIterator<Item = Option<Timestamp>>) -> ArrayRef {
    let moments: TimestampMillisecondArray = values.into_iter().map(|value| value.map(|at| at.0)).collect();
    Arc::new(moments.with_timezone("UTC"))
}

fn structs<const N: usize>(columns: [(&str, ArrayRef); N]) -> ArrayRef {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, column)| (Field::new(name, column.data_type().clone(), false), column))
        .unzip();
    Arc::new(StructArray::new(Fields::from(fields), arrays, None))
}

/// `count` lists of `each` values.
fn lists(count: usize, each: usize, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let field = Arc::new(Field::new("item", values.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(each, count));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
}

/// The items that a file of [`item_rows`] holds, in its order.
///
/// # Errors
/// [`TableError`] when it is no such file.
pub fn items_of(file: Bytes) -> Result<Vec<Item>, TableError> {
    let batch = parquet::read(file)?;
    let data = parts(column(&batch, "assets")?, "assets")?;
    let data = parts(part(data, "data")?, "data")?;
    let (epoch, table) = (
        text(column(&batch, "reward_epoch")?)?,
        text(column(&batch, "collection")?)?,
    );
    let (path, sha256) = (text(part(data, "href")?)?, text(part(data, "file:checksum")?)?);
    let (rows, bytes) = (
        number(part(data, "table:row_count")?)?,
        number(part(data, "file:size")?)?,
    );
    let as_of = moment(column(&batch, "datetime")?)?;
    let (from, to) = (
        moment(column(&batch, "start_datetime")?)?,
        moment(column(&batch, "end_datetime")?)?,
    );
    let bbox = column(&batch, "bbox")?;
    let sides = ["xmin", "ymin", "xmax", "ymax"];
    let sides = sides.map(|side| {
        part(parts(bbox, "bbox")?, side)?
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(strange)
    });
    let [xmin, ymin, xmax, ymax] = sides;
    let (xmin, ymin, xmax, ymax) = (xmin?, ymin?, xmax?, ymax?);
    (0..batch.num_rows())
        .map(|row| {
            let digest = sha256
                .value(row)
                .strip_prefix("1220")
                .and_then(|hex| hex.parse::<Digest>().ok());
            Ok(Item {
                epoch: epoch.value(row).to_owned(),
                as_of: Timestamp(as_of.value(row)),
                table: table.value(row).to_owned(),
                path: path.value(row).to_owned(),
                rows: rows.value(row),
                bytes: bytes.value(row),
                sha256: digest.ok_or_else(strange)?,
                bbox: bbox.is_valid(row).then(|| Bbox {
                    xmin: xmin.value(row),
                    ymin: ymin.value(row),
                    xmax: xmax.value(row),
                    ymax: ymax.value(row),
                }),
                span: (from.is_valid(row) && to.is_valid(row))
                    .then(|| (Timestamp(from.value(row)), Timestamp(to.value(row)))),
            })
        })
        .collect()
}

fn strange() -> TableError {
    TableError::Format {
        format: "stac-geoparquet",
        what: "it is not as this build writes it".to_owned(),
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a ArrayRef, TableError> {
    let missing = TableError::MissingColumn {
        table: "items",
        column: name,
    };
    batch.column_by_name(name).ok_or(missing)
}

fn parts<'a>(array: &'a ArrayRef, name: &str) -> Result<&'a StructArray, TableError> {
    let fault = TableError::Column {
        column: name.to_owned(),
        what: "is no struct".to_owned(),
    };
    array.as_struct_opt().ok_or(fault)
}

fn part<'a>(array: &'a StructArray, name: &'static str) -> Result<&'a ArrayRef, TableError> {
    let missing = TableError::MissingColumn {
        table: "items",
        column: name,
    };
    array.column_by_name(name).ok_or(missing)
}

fn text(array: &ArrayRef) -> Result<&StringArray, TableError> {
    array.as_string_opt::<i32>().ok_or_else(strange)
}

fn number(array: &ArrayRef) -> Result<&UInt64Array, TableError> {
    array.as_primitive_opt::<UInt64Type>().ok_or_else(strange)
}

fn moment(array: &ArrayRef) -> Result<&TimestampMillisecondArray, TableError> {
    let wanted = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let array = (array.data_type() == &wanted).then_some(array);
    array
        .and_then(|a| a.as_primitive_opt::<TimestampMillisecondType>())
        .ok_or_else(strange)
}
