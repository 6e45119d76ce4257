//! The rows of a published table that somebody asks for, without reading the others.
//!
//! Of a file only its footer, the columns that the question is about, and the pages of the rows that answer it are
//! fetched: a row group whose statistics or Bloom filter rule out an answer is passed over, and so is a file of another
//! tile.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use arrow::error::ArrowError;
use cairn_datasets::cell::Cell;
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::{Row, TableError};
use futures::{StreamExt, TryStreamExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ArrowReaderMetadata, RowFilter};
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::bloom_filter::Sbbf;
use parquet::errors::ParquetError;
use parquet::schema::types::SchemaDescriptor;

use super::stored::StoredFile;
use super::{PublishedError, Run};

/// Row groups that are searched at once.
const AT_ONCE: usize = 4;
/// Rows of a batch that is decoded at once.
const BATCH_ROWS: usize = 16_384;

/// What is asked of a table: the rows whose value in one column is one of some.
#[derive(Clone, Debug)]
pub struct Wanted {
    column: &'static str,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Cells(BTreeSet<u64>),
    Texts(BTreeSet<String>),
}

impl Wanted {
    /// The rows of some cells.
    #[must_use]
    pub fn cells(cells: impl IntoIterator<Item = Cell>) -> Arc<Self> {
        Arc::new(Self {
            column: "cell",
            values: Values::Cells(cells.into_iter().map(Cell::index).collect()),
        })
    }

    /// The rows whose `column`, one of text, holds a value.
    #[must_use]
    pub fn text(column: &'static str, value: impl Into<String>) -> Arc<Self> {
        Self::texts(column, [value.into()])
    }

    /// The rows whose `column`, one of text, holds one of some values.
    #[must_use]
    pub fn texts(column: &'static str, values: impl IntoIterator<Item = String>) -> Arc<Self> {
        Arc::new(Self {
            column,
            values: Values::Texts(values.into_iter().collect()),
        })
    }

    /// Whether a file can have any: of a tile, rows of its cells alone.
    fn may_be_in(&self, path: &str) -> bool {
        let Values::Cells(cells) = &self.values else {
            return true;
        };
        let tile = path.split('/').find_map(|part| part.strip_prefix("tile="));
        let Some(tile) = tile else { return true };
        let Ok(tile) = tile.parse::<Cell>() else {
            // `none`: rows without a cell.
            return false;
        };
        let mut inside = cells.iter().filter_map(|cell| Cell::try_from(*cell).ok());
        inside.any(|cell| cell.parent(tile.h3().resolution()) == tile)
    }

    /// Which values of its column answer.
    fn matches(&self, column: &ArrayRef) -> Result<BooleanArray, ArrowError> {
        let other_type = || ArrowError::SchemaError(format!("column `{}` is of another type", self.column));
        match &self.values {
            Values::Cells(cells) => {
                let array = column.as_primitive_opt::<UInt64Type>().ok_or_else(other_type)?;
                let held = array.iter().map(|v| Some(v.is_some_and(|v| cells.contains(&v))));
                Ok(held.collect())
            }
            Values::Texts(texts) => {
                let array = column.as_string_opt::<i32>().ok_or_else(other_type)?;
                let held = array.iter().map(|v| Some(v.is_some_and(|v| texts.contains(v))));
                Ok(held.collect())
            }
        }
    }

    /// Whether a value can lie between two bounds, each null where the file does not tell it.
    fn may_lie_between(&self, least: &ArrayRef, most: &ArrayRef, group: usize) -> bool {
        match &self.values {
            Values::Cells(cells) => {
                let bound = |array: &ArrayRef| {
                    let array = array.as_primitive_opt::<UInt64Type>()?;
                    array.is_valid(group).then(|| array.value(group))
                };
                let (Some(least), Some(most)) = (bound(least), bound(most)) else {
                    return true;
                };
                least <= most && cells.range(least..=most).next().is_some()
            }
            Values::Texts(texts) => {
                let bound = |array: &ArrayRef| {
                    let array = array.as_string_opt::<i32>()?;
                    array.is_valid(group).then(|| array.value(group).to_owned())
                };
                let (Some(least), Some(most)) = (bound(least), bound(most)) else {
                    return true;
                };
                least <= most && texts.range(least..=most).next().is_some()
            }
        }
    }

    /// The place of the column in which a Bloom filter can rule an answer out.
    fn filtered(&self, schema: &SchemaDescriptor) -> Option<usize> {
        let mut columns = schema.columns().iter();
        let is_text = matches!(self.values, Values::Texts(_));
        is_text.then(|| columns.position(|column| column.path().string() == self.column))?
    }

    /// Whether no value is among those that a filter knows.
    fn is_ruled_out(&self, filter: &Sbbf) -> bool {
        match &self.values {
            Values::Cells(_) => false,
            Values::Texts(texts) => !texts.iter().any(|text| filter.check(&text.as_str())),
        }
    }

    /// The row groups that can have an answer; all of them where the file has no statistics.
    fn groups(&self, file: &ArrowReaderMetadata) -> Result<Vec<usize>, ParquetError> {
        let groups = file.metadata().row_groups();
        let bounds = StatisticsConverter::try_new(self.column, file.schema(), file.parquet_schema())?;
        let (least, most) = (
            bounds.row_group_mins(groups.iter())?,
            bounds.row_group_maxes(groups.iter())?,
        );
        Ok((0..groups.len())
            .filter(|group| self.may_lie_between(&least, &most, *group))
            .collect())
    }
}

/// A row group of a file that can have an answer.
struct Part {
    reader: StoredFile,
    file: ArrowReaderMetadata,
    group: usize,
}

impl Run {
    /// The rows of a table that answer, in key order.
    ///
    /// # Errors
    /// [`PublishedError`] when a file is missing or broken.
    pub fn find<R: Row>(&self, wanted: &Arc<Wanted>) -> Result<Vec<R>, PublishedError> {
        let files = self.files(R::TABLE).iter();
        let files = files.filter(|file| wanted.may_be_in(&file.path));
        let answers = self.store.block(async {
            futures::stream::iter(files.map(|file| self.search::<R>(file, wanted)))
                .buffered(AT_ONCE)
                .try_collect::<Vec<Vec<R>>>()
                .await
        })?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn search<R: Row>(
        &self,
        file: &FileRecord,
        wanted: &Arc<Wanted>,
    ) -> Result<Vec<R>, PublishedError> {
        let fault = |source| PublishedError::File {
            path: file.path.clone(),
            source,
        };
        let parquet = |e: ParquetError| fault(format_fault(&e));
        let mut reader = StoredFile::open(&self.store, &file.path, file.bytes).await?;
        let metadata = self.footers.of(&file.path, &mut reader).await.map_err(parquet)?;
        let groups = wanted.groups(&metadata).map_err(parquet)?;
        let parts = groups.into_iter().map(|group| Part {
            reader: reader.clone(),
            file: metadata.clone(),
            group,
        });
        let searches = parts.map(|part| {
            let wanted = wanted.clone();
            // A task of its own: decoding is work, and the runtime has more than one thread.
            let task = tokio::spawn(async move { part.rows::<R>(&wanted).await });
            async move {
                let done = task.await.map_err(|e| ParquetError::External(Box::new(e)));
                done.map_err(parquet)?.map_err(parquet)
            }
        });
        let found = futures::stream::iter(searches)
            .buffered(AT_ONCE)
            .try_collect::<Vec<Vec<RecordBatch>>>()
            .await?;
        let mut rows = Vec::new();
        for batch in found.iter().flatten() {
            rows.extend(R::from_batch(batch).map_err(fault)?);
        }
        Ok(rows)
    }
}

impl Part {
    /// The rows of the group that answer, as batches of the table's own columns: a geometry follows from those.
    async fn rows<R: Row>(self, wanted: &Arc<Wanted>) -> Result<Vec<RecordBatch>, ParquetError> {
        let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(self.reader, self.file);
        if let Some(column) = wanted.filtered(builder.parquet_schema())
            && let Some(filter) = builder
                .get_row_group_column_bloom_filter(self.group, column)
                .await?
            && wanted.is_ruled_out(&filter)
        {
            return Ok(Vec::new());
        }
        let schema = R::schema();
        let own = schema.fields().iter().map(|field| field.name().as_str());
        let columns = ProjectionMask::columns(builder.parquet_schema(), own);
        let asked = ProjectionMask::columns(builder.parquet_schema(), [wanted.column]);
        let wanted = wanted.clone();
        let answers = ArrowPredicateFn::new(asked, move |batch| wanted.matches(batch.column(0)));
        builder
            .with_row_groups(vec![self.group])
            .with_projection(columns)
            .with_row_filter(RowFilter::new(vec![Box::new(answers)]))
            .with_batch_size(BATCH_ROWS)
            .build()?
            .try_collect()
            .await
    }
}

fn format_fault(error: &ParquetError) -> TableError {
    TableError::Format {
        format: "Parquet",
        what: error.to_string(),
    }
}
