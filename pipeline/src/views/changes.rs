//! `changes.parquet`: what is new on the map, what is gone, and what is another since an earlier epoch.

use cairn_datasets::codec::parquet::Appender;
use cairn_datasets::epoch::EpochSpec;
use cairn_datasets::manifest::Manifest;
use cairn_datasets::table::{Row, TableError};
use cairn_datasets::tables::{Change, Coverage, Image};
use cairn_datasets::units::Timestamp;
use cairn_datasets::verdict::Verdict;
use cairn_stages::emit::changes as differences;

use crate::published::{PublishedError, Run};

/// The file, beside the tables.
pub const CHANGES: &str = "changes.parquet";
/// Rows that are encoded at once.
const BATCH: usize = 16_384;

/// The bytes of the file that leads from the map of one epoch to that of a later one.
///
/// Cells are those of the tables of coverage. Images are those that are kept; an image of the earlier epoch that was
/// uploaded outside of the later one is on the map as before, and is not told of.
///
/// # Errors
/// [`PublishedError`] when a table of either cannot be read.
pub fn changes(before: &Run, after: &Run) -> Result<Vec<u8>, PublishedError> {
    let mut file = Appender::new(Vec::new(), Change::schema())?;
    let cells = differences(before.stream::<Coverage>(), after.stream::<Coverage>());
    append(&mut file, cells)?;
    let again = Span::of(&after.manifest);
    let kept = |image: &Image| image.verdict == Verdict::Kept;
    let earlier = only(before.stream::<Image>(), move |image| {
        kept(image) && again.holds(image.uploaded_at)
    });
    let images = differences(earlier, only(after.stream::<Image>(), kept));
    append(&mut file, images)?;
    Ok(file.finish()?)
}

/// When the uploads of an epoch were made.
#[derive(Clone, Copy)]
enum Span {
    Always,
    Between(Timestamp, Timestamp),
}

impl Span {
    fn of(manifest: &Manifest) -> Self {
        match manifest.inputs.epoch.parse() {
            Ok(EpochSpec::Span { start, end, .. }) => Self::Between(start, end),
            _ => Self::Always,
        }
    }

    fn holds(self, uploaded_at: Option<Timestamp>) -> bool {
        match (self, uploaded_at) {
            (Self::Always, _) => true,
            (Self::Between(start, end), Some(at)) => start <= at && at < end,
            (Self::Between(..), None) => false,
        }
    }
}

fn only<R, E>(
    rows: impl Iterator<Item = Result<R, E>>,
    wanted: impl Fn(&R) -> bool,
) -> impl Iterator<Item = Result<R, E>> {
    rows.filter(move |row| row.as_ref().map_or(true, &wanted))
}

fn append(
    file: &mut Appender<Vec<u8>>,
    changes: impl Iterator<Item = Result<Change, PublishedError>>,
) -> Result<(), PublishedError> {
    let mut rows = Vec::with_capacity(BATCH);
    let mut flush = |rows: &mut Vec<Change>| -> Result<(), TableError> {
        file.append(&Change::to_batch(rows)?)?;
        rows.clear();
        Ok(())
    };
    for change in changes {
        rows.push(change?);
        if rows.len() == BATCH {
            flush(&mut rows)?;
        }
    }
    Ok(flush(&mut rows)?)
}
