//! Tables: typed rows with a total unique key, and their way into Arrow and into digests.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::digest::{Digest, RowEncoder, TableHasher};

/// A broken contract between tables: always a fault of the program or of a file somebody changed,
/// never of an upload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A column is not what its table's schema says.
    #[error("column `{column}` {what}")]
    Column {
        /// The column.
        column: String,
        /// What is wrong with it.
        what: String,
    },
    /// A column of the schema is not there.
    #[error("table `{table}` lacks its column `{column}`")]
    MissingColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Two rows have the same key, or a row stands before one with a smaller key.
    #[error("table `{table}`: the row with key {key} stands after {before}; keys must rise")]
    KeyOrder {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// The key of the row before it.
        before: String,
    },
    /// Arrow refused a batch.
    #[error("table `{table}`: {source}")]
    Arrow {
        /// The table.
        table: &'static str,
        /// Arrow's own words.
        source: arrow::error::ArrowError,
    },
    /// Bytes that are not the file they should be.
    #[error("{format} bytes cannot be read: {what}")]
    Format {
        /// `Parquet` or `Arrow IPC`.
        format: &'static str,
        /// What the reader said.
        what: String,
    },
}

/// A typed row of a table.
pub trait Row: Clone + Send + Sync + Sized + 'static {
    /// The table's name.
    const TABLE: &'static str;
    /// The columns of the key, most significant first; they order the rows.
    const KEY: &'static [&'static str];
    /// The key as a value that orders like the table.
    type Key: Ord + std::fmt::Debug;

    /// This row's key.
    fn key(&self) -> Self::Key;
    /// Columns, types, and of each a description and a unit.
    fn schema() -> SchemaRef;
    /// Rows to columns.
    ///
    /// # Errors
    /// [`TableError::Arrow`] when Arrow refuses the columns.
    fn to_batch(rows: &[Self]) -> Result<RecordBatch, TableError>;
    /// Columns to rows; further columns are passed over.
    ///
    /// # Errors
    /// [`TableError`] when a column is missing or does not hold what it should.
    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>, TableError>;
    /// Adds the row's canonical bytes.
    fn encode(&self, row: &mut RowEncoder);
    /// The columns in which another row differs, in the order of the table.
    fn differing(&self, other: &Self) -> Vec<&'static str>;

    /// The digest of this row alone.
    fn digest(&self) -> Digest {
        let mut encoder = RowEncoder::default();
        self.encode(&mut encoder);
        encoder.finish()
    }
}

/// Sorts rows by their key and checks that no two are equal.
///
/// # Errors
/// [`TableError::KeyOrder`] naming a key that stands twice.
pub fn sort_unique<R: Row>(rows: &mut [R]) -> Result<(), TableError> {
    rows.sort_unstable_by_key(Row::key);
    assert_sorted_unique(rows)
}

/// Checks that the keys rise strictly.
///
/// # Errors
/// [`TableError::KeyOrder`] naming the first key that does not.
pub fn assert_sorted_unique<R: Row>(rows: &[R]) -> Result<(), TableError> {
    for pair in rows.windows(2) {
        if let [before, row] = pair
            && before.key() >= row.key()
        {
            return Err(TableError::KeyOrder {
                table: R::TABLE,
                key: format!("{:?}", row.key()),
                before: format!("{:?}", before.key()),
            });
        }
    }
    Ok(())
}

/// The digest of a whole table held in memory.
#[must_use]
pub fn table_digest<R: Row>(rows: &[R]) -> Digest {
    let mut hasher = TableHasher::new(R::TABLE, &R::schema());
    for row in rows {
        hasher.push(&row.digest());
    }
    hasher.finish()
}

/// A field with its metadata: `description`, and the `unit` that its name and type tell.
#[must_use]
pub fn field(name: &str, data_type: DataType, nullable: bool, description: &str) -> Field {
    let unit = unit_of(name, &data_type);
    let told = [
        ("description", description.trim()),
        ("unit", unit.unwrap_or_default()),
    ];
    let told = told.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Field::new(name, data_type, nullable).with_metadata(told.into_iter().collect())
}

/// Units by the ends of columns' names.
const BY_ENDING: [(&str, &str); 9] = [
    ("_ppm", "1e-6"),
    ("_e7", "1e-7 degree"),
    ("_mdeg", "1e-3 degree"),
    ("_deg", "degree"),
    ("_mm", "mm"),
    ("_mm_s", "mm/s"),
    ("_ms", "ms"),
    ("_milli", "1e-3"),
    ("_bits", "bit"),
];

/// The unit of a column, `1` for a number without one and `none` for what is no number; `None` for a number whose name
/// tells no unit, which no published column has.
///
/// A unit stands at the end of a name (`accuracy_mm`), or the name stands here.
#[must_use]
pub fn unit_of(name: &str, data_type: &DataType) -> Option<&'static str> {
    if matches!(data_type, DataType::Timestamp(..)) {
        return Some("ms since 1970-01-01T00:00:00Z");
    }
    if !data_type.is_numeric() {
        return Some("none");
    }
    let by_ending = BY_ENDING.iter().find(|(ending, _)| name.ends_with(ending));
    by_ending.map(|(_, unit)| *unit).or(match name {
        "cell" => Some("H3 index"),
        "width" | "height" => Some("pixel"),
        "bytes" => Some("byte"),
        "credit" => Some("micro-credit"),
        "reward" | "carried" | "adjustment" | "claim" | "debt" | "amount" => Some("unit of the pool"),
        "sharpness" => Some("1e-6"),
        "pdq_quality" => Some("1e-2"),
        "measured" | "threshold" => Some("that of the clause in reason"),
        "ordinal" | "line" | "slot" | "texture" | "directions" | "contributors" | "passes" | "images"
        | "fixes" | "kept_fixes" | "private_images" | "private_fixes" => Some("1"),
        _ => None,
    })
}

/// A schema from its fields.
pub(crate) fn schema_of(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// Declares a table: the row type, its columns in order, and its key.
///
/// The doc comment of a field becomes the column's description in every file.
macro_rules! table {
    (
        $(#[$meta:meta])*
        $row:ident in $name:literal, key ($($key:ident: $key_type:ty),+ $(,)?) {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl $crate::table::Row for $row {
            const TABLE: &'static str = $name;
            const KEY: &'static [&'static str] = &[$(stringify!($key)),+];
            type Key = ($($key_type,)+);

            fn key(&self) -> Self::Key {
                ($(self.$key.clone().into(),)+)
            }

            fn schema() -> arrow::datatypes::SchemaRef {
                use $crate::column::Column;
                $crate::table::schema_of(vec![$(
                    $crate::table::field(
                        stringify!($field),
                        <$type>::data_type(),
                        <$type>::NULLABLE,
                        concat!($($doc),+),
                    ),
                )+])
            }

            fn to_batch(rows: &[Self]) -> Result<arrow::array::RecordBatch, $crate::table::TableError> {
                use $crate::column::Column;
                let columns = vec![$({
                    let mut builder = <$type as Column>::Builder::default();
                    for row in rows {
                        row.$field.append(&mut builder);
                    }
                    <$type as Column>::finish(builder)
                }),+];
                arrow::array::RecordBatch::try_new(Self::schema(), columns)
                    .map_err(|source| $crate::table::TableError::Arrow { table: $name, source })
            }

            fn from_batch(batch: &arrow::array::RecordBatch) -> Result<Vec<Self>, $crate::table::TableError> {
                use $crate::column::Column;
                $(
                    let column = batch.column_by_name(stringify!($field)).ok_or(
                        $crate::table::TableError::MissingColumn { table: $name, column: stringify!($field) },
                    )?;
                    let mut $field = <$type>::read(stringify!($field), column)?.into_iter();
                )+
                let mut rows = Vec::with_capacity(batch.num_rows());
                while let ($(Some($field),)+) = ($($field.next(),)+) {
                    rows.push(Self { $($field),+ });
                }
                Ok(rows)
            }

            fn encode(&self, row: &mut $crate::digest::RowEncoder) {
                use $crate::column::Column;
                $(self.$field.encode(row);)+
            }

            fn differing(&self, other: &Self) -> Vec<&'static str> {
                let columns = [$((stringify!($field), self.$field == other.$field)),+];
                columns.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
            }
        }
    };
}

pub(crate) use table;
