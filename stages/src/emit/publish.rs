//! Rows to the bytes of a published file, and to the digests that vouch for it.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryBuilder, Float64Builder, RecordBatch, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use cairn_datasets::codec::parquet::{self, Layout};
use cairn_datasets::digest::Digest;
use cairn_datasets::table::{Row, TableError, assert_sorted_unique, field};
use cairn_datasets::tables::{Adjustment, Coverage, Credit, Image, Object, Pass, Reward, Standing};

use super::geometry::{Bbox, Shape, cell_shape, point_shape, round7};

/// A table that the world sees.
pub trait Publish: Row {
    /// Whether its files carry a geometry.
    const HAS_GEOMETRY: bool = false;
    /// Columns whose values hardly repeat within a file.
    const DISTINCT: &'static [&'static str] = &[];
    /// Columns that people look rows up by and that the key does not order.
    const LOOKED_UP: &'static [&'static str] = &[];

    /// The geometry of a row, derived from its other columns.
    fn shape(&self) -> Option<Shape> {
        None
    }
}

impl Publish for Object {
    const DISTINCT: &'static [&'static str] = &["path", "sha256"];
    const LOOKED_UP: &'static [&'static str] = &["sha256"];
}
impl Publish for Pass {
    const DISTINCT: &'static [&'static str] = &["pass_id"];
    const LOOKED_UP: &'static [&'static str] = &["pass_id", "contributor"];
}
impl Publish for Standing {}
impl Publish for Credit {}
impl Publish for Reward {}
impl Publish for Adjustment {}

impl Publish for Image {
    const HAS_GEOMETRY: bool = true;
    const DISTINCT: &'static [&'static str] = &[
        "image_id",
        "path",
        "sha256",
        "picture_sha256",
        "pdq",
        "texture",
        "geometry",
        "bbox.xmin",
        "bbox.ymin",
        "bbox.xmax",
        "bbox.ymax",
    ];
    const LOOKED_UP: &'static [&'static str] = &["image_id", "path", "contributor"];

    fn shape(&self) -> Option<Shape> {
        point_shape(self.position()?)
    }
}

impl Publish for Coverage {
    const HAS_GEOMETRY: bool = true;
    const DISTINCT: &'static [&'static str] = &[
        "cell",
        "geometry",
        "bbox.xmin",
        "bbox.ymin",
        "bbox.xmax",
        "bbox.ymax",
    ];

    fn shape(&self) -> Option<Shape> {
        cell_shape(self.cell)
    }
}

/// A file ready to be written.
#[derive(Clone, Debug)]
pub struct PublishedFile {
    /// The bytes of the Parquet file.
    pub bytes: Vec<u8>,
    /// The digest of each row, in order.
    pub rows: Vec<Digest>,
}

/// How geometries lie in files: a run setting, which changes no row and no digest of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeoParquet {
    /// GeoParquet 1.1: WKB in a binary column, which every reader takes.
    #[default]
    V1_1,
    /// GeoParquet 2.0: Parquet's own logical type GEOMETRY, with statistics of its own; some readers refuse it.
    V2_0,
}

impl GeoParquet {
    fn version(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1.0",
            Self::V2_0 => "2.0.0",
        }
    }

    /// What a file says of itself; the default where it says nothing.
    fn of(file: &Schema) -> Self {
        let geo = file.metadata().get(GEO);
        let geo = geo.and_then(|geo| serde_json::from_str::<serde_json::Value>(geo).ok());
        match geo {
            Some(geo) if geo["version"] == Self::V2_0.version() => Self::V2_0,
            _ => Self::V1_1,
        }
    }
}

/// Rows in key order to a Parquet file; with a geometry, to a GeoParquet file whose `bbox` column covers it.
///
/// # Errors
/// [`TableError`] when the keys do not rise, or the writer refuses.
pub fn publish<R: Publish>(rows: &[R], form: GeoParquet) -> Result<PublishedFile, TableError> {
    assert_sorted_unique(rows)?;
    let digests = rows.iter().map(Row::digest).collect();
    let (batch, geo) = content(rows, form)?;
    let layout = Layout {
        metadata: geo.into_iter().map(|geo| (GEO, geo)).collect(),
        distinct: R::DISTINCT,
        looked_up: R::LOOKED_UP,
    };
    let bytes = parquet::write(&batch, &layout)?;
    Ok(PublishedFile { bytes, rows: digests })
}

/// Key of the metadata that makes a Parquet file a GeoParquet file.
pub(super) const GEO: &str = "geo";

/// The columns of a published file, with what is derived from others, and its `geo` metadata.
fn content<R: Publish>(rows: &[R], form: GeoParquet) -> Result<(RecordBatch, Option<String>), TableError> {
    let plain = R::to_batch(rows)?;
    if !R::HAS_GEOMETRY {
        return Ok((plain, None));
    }
    let shapes: Vec<Option<Shape>> = rows.iter().map(Publish::shape).collect();
    let batch = with_geometry(&plain, &shapes, form).map_err(|source| TableError::Arrow {
        table: R::TABLE,
        source,
    })?;
    Ok((batch, Some(geo_metadata(&shapes, form))))
}

/// What a published file holds besides its rows that does not follow from them: a column that is
/// derived (no digest of rows covers those), or the `geo` metadata. `None` when all is as it
/// should be.
///
/// # Errors
/// [`TableError`] when the rows cannot be written.
pub fn first_underived<R: Publish>(file: &RecordBatch, rows: &[R]) -> Result<Option<String>, TableError> {
    let (derived, geo) = content(rows, GeoParquet::of(&file.schema()))?;
    let schema = derived.schema();
    let columns = schema.fields().iter().zip(derived.columns());
    let differs = columns
        .filter(|(field, _)| R::schema().field_with_name(field.name()).is_err())
        .find(|(field, column)| file.column_by_name(field.name()) != Some(column));
    if let Some((field, _)) = differs {
        return Ok(Some(format!("column `{}`", field.name())));
    }
    let surplus = file.schema();
    let surplus = surplus
        .fields()
        .iter()
        .find(|f| schema.field_with_name(f.name()).is_err());
    if let Some(field) = surplus {
        return Ok(Some(format!("column `{}`", field.name())));
    }
    let same_geo = file.schema().metadata().get(GEO) == geo.as_ref();
    Ok((!same_geo).then(|| format!("the `{GEO}` metadata")))
}

pub(super) fn with_geometry(
    plain: &RecordBatch,
    shapes: &[Option<Shape>],
    form: GeoParquet,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut geometry = BinaryBuilder::new();
    for shape in shapes {
        geometry.append_option(shape.as_ref().map(|s| &s.wkb));
    }
    let bbox = bbox_column(shapes);
    let mut shape = field(
        "geometry",
        DataType::Binary,
        true,
        "WKB, OGC:CRS84 (longitude, latitude in degrees)",
    );
    if form == GeoParquet::V2_0 {
        shape.metadata_mut().extend(native_type());
    }
    let covering = field(
        "bbox",
        DataType::Struct(bbox_fields()),
        true,
        "bounding box of the geometry, degrees",
    );
    let fields: Vec<Field> = plain
        .schema()
        .fields()
        .iter()
        .map(|f| f.as_ref().clone())
        .chain([shape, covering])
        .collect();
    let mut columns = plain.columns().to_vec();
    columns.push(Arc::new(geometry.finish()));
    columns.push(bbox);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// What makes the writer give a binary column the logical type GEOMETRY, whose default is OGC:CRS84.
fn native_type() -> [(String, String); 2] {
    [
        ("ARROW:extension:name", "geoarrow.wkb"),
        ("ARROW:extension:metadata", "{}"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
}

fn bbox_fields() -> Fields {
    ["xmin", "ymin", "xmax", "ymax"]
        .into_iter()
        .map(|name| Field::new(name, DataType::Float64, false))
        .collect()
}

fn bbox_column(shapes: &[Option<Shape>]) -> ArrayRef {
    let side = |of: fn(&Bbox) -> f64| -> ArrayRef {
        let mut column = Float64Builder::with_capacity(shapes.len());
        for shape in shapes {
            column.append_value(shape.as_ref().map_or(0.0, |s| of(&s.bbox)));
        }
        Arc::new(column.finish())
    };
    let sides = vec![
        side(|b| b.xmin),
        side(|b| b.ymin),
        side(|b| b.xmax),
        side(|b| b.ymax),
    ];
    let there: NullBuffer = shapes.iter().map(Option::is_some).collect();
    Arc::new(StructArray::new(bbox_fields(), sides, Some(there)))
}

/// The `geo` metadata. Its `crs` is left out: the default is OGC:CRS84, and some readers misread the spelled-out form.
pub(super) fn geo_metadata(shapes: &[Option<Shape>], form: GeoParquet) -> String {
    let mut kinds: Vec<&str> = shapes.iter().flatten().map(|s| s.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut column = serde_json::json!({
        "encoding": "WKB",
        "geometry_types": kinds,
        "orientation": "counterclockwise",
    });
    if form == GeoParquet::V1_1 {
        // The statistics of the native type are in its place.
        column["covering"] = serde_json::json!({ "bbox": {
            "xmin": ["bbox", "xmin"], "ymin": ["bbox", "ymin"],
            "xmax": ["bbox", "xmax"], "ymax": ["bbox", "ymax"],
        } });
    }
    if let Some(all) = shapes.iter().flatten().map(|s| s.bbox).reduce(Bbox::union) {
        column["bbox"] = serde_json::json!([all.xmin, all.ymin, all.xmax, all.ymax]);
    }
    let metadata = serde_json::json!({
        "version": form.version(),
        "primary_column": "geometry",
        "columns": { "geometry": column },
    });
    cairn_datasets::digest::canonical_json(&metadata)
}

/// The box, degrees, that the `geo` metadata of a published file tells; none when no row has a place.
#[must_use]
pub fn bbox_of_metadata(geo: &str) -> Option<Bbox> {
    let geo: serde_json::Value = serde_json::from_str(geo).ok()?;
    let sides = geo["columns"]["geometry"]["bbox"].as_array()?;
    // A reader of JSON may miss the last bit of a number, and coordinates have seven digits.
    let sides: Option<Vec<f64>> = sides.iter().map(|side| side.as_f64().map(round7)).collect();
    match sides?.as_slice() {
        [xmin, ymin, xmax, ymax] => Some(Bbox {
            xmin: *xmin,
            ymin: *ymin,
            xmax: *xmax,
            ymax: *ymax,
        }),
        _ => None,
    }
}

#[cfg(test)]
#[path = "publish_tests.rs"]
mod tests;
