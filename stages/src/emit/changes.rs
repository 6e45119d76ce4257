//! What changed on the map from one epoch to the next: cells by their coverage, images that are kept.

use std::cmp::Ordering;
use std::iter::Peekable;

use cairn_datasets::cell::Cell;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Change, Coverage, Image};
use cairn_datasets::units::Ppm;

/// A row of the map, as its changes name it.
pub trait Mapped: Row {
    /// Its id within its table: the cell, or the image.
    fn id(&self) -> String;
    /// Its cell.
    fn cell(&self) -> Option<Cell>;
    /// How good it is: score or quality.
    fn worth(&self) -> Ppm;
}

impl Mapped for Coverage {
    fn id(&self) -> String {
        self.cell.to_string()
    }
    fn cell(&self) -> Option<Cell> {
        Some(self.cell)
    }
    fn worth(&self) -> Ppm {
        self.score_ppm
    }
}

impl Mapped for Image {
    fn id(&self) -> String {
        self.image_id.to_string()
    }
    fn cell(&self) -> Option<Cell> {
        self.cell
    }
    fn worth(&self) -> Ppm {
        self.quality_ppm
    }
}

/// Walks two tables, both in key order, side by side; gives a row for each key of either, in key order. What cannot be
/// read is handed on in its place.
pub fn changes<R, E>(
    before: impl Iterator<Item = Result<R, E>>,
    after: impl Iterator<Item = Result<R, E>>,
) -> impl Iterator<Item = Result<Change, E>>
where
    R: Mapped,
{
    Walk {
        before: before.peekable(),
        after: after.peekable(),
    }
}

struct Walk<B: Iterator, A: Iterator> {
    before: Peekable<B>,
    after: Peekable<A>,
}

impl<R, E, B, A> Iterator for Walk<B, A>
where
    R: Mapped,
    B: Iterator<Item = Result<R, E>>,
    A: Iterator<Item = Result<R, E>>,
{
    type Item = Result<Change, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let order = match (self.before.peek(), self.after.peek()) {
            (None, None) => return None,
            (Some(Err(_)), _) | (Some(Ok(_)), None) => Ordering::Less,
            (_, Some(Err(_))) | (None, Some(Ok(_))) => Ordering::Greater,
            (Some(Ok(before)), Some(Ok(after))) => before.key().cmp(&after.key()),
        };
        let before = (order != Ordering::Greater).then(|| self.before.next()).flatten();
        let after = (order != Ordering::Less).then(|| self.after.next()).flatten();
        Some(change(before.transpose(), after.transpose()))
    }
}

fn change<R, E>(before: Result<Option<R>, E>, after: Result<Option<R>, E>) -> Result<Change, E>
where
    R: Mapped,
{
    let (before, after) = (before?, after?);
    let (kind, columns) = match (&before, &after) {
        (Some(before), Some(after)) => {
            let columns = before.differing(after).join(",");
            (
                if columns.is_empty() {
                    "unchanged"
                } else {
                    "changed"
                },
                columns,
            )
        }
        (Some(_), None) => ("removed", String::new()),
        (None, _) => ("added", String::new()),
    };
    let there = after.as_ref().or(before.as_ref());
    Ok(Change {
        theme: R::TABLE.to_owned(),
        cell: there.and_then(R::cell),
        id: there.map(R::id).unwrap_or_default(),
        change: kind.to_owned(),
        columns,
        before_ppm: before.as_ref().map(R::worth),
        after_ppm: after.as_ref().map(R::worth),
    })
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
