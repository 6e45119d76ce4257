//! audit: the same functions again, compared.
//!
//! What is compared is rows, so an audit names the first table and the first key that differ.

pub mod evidence;
pub mod replay;

use cairn_datasets::column::value_text;
use cairn_datasets::table::Row;

/// The first place where two versions of a table differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// Rows with the same key differ.
    #[error(
        "table `{table}`, key {key}: column `{column}` is {published} as published and {derived} as derived"
    )]
    Value {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// The first column that differs.
        column: String,
        /// What the published row holds.
        published: String,
        /// What the derived row holds.
        derived: String,
    },
    /// A row was published that cannot be derived.
    #[error("table `{table}`: the published row with key {key} cannot be derived")]
    Surplus {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
    },
    /// A row can be derived that was not published.
    #[error("table `{table}`: the row with key {key} is missing from what is published")]
    Missing {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
    },
}

/// The first divergence of two versions of a table, both in key order.
#[must_use]
pub fn first_divergence<R: Row + std::fmt::Debug>(published: &[R], derived: &[R]) -> Option<Divergence> {
    let (mut left, mut right) = (published.iter().peekable(), derived.iter().peekable());
    loop {
        let surplus = |row: &R| Divergence::Surplus {
            table: R::TABLE,
            key: format!("{:?}", row.key()),
        };
        let missing = |row: &R| Divergence::Missing {
            table: R::TABLE,
            key: format!("{:?}", row.key()),
        };
        match (left.next(), right.next()) {
            (None, None) => return None,
            (Some(row), None) => return Some(surplus(row)),
            (None, Some(row)) => return Some(missing(row)),
            (Some(a), Some(b)) if a.key() < b.key() => return Some(surplus(a)),
            (Some(a), Some(b)) if a.key() > b.key() => return Some(missing(b)),
            (Some(a), Some(b)) => {
                if let Some(difference) = differing_column(a, b) {
                    return Some(difference);
                }
            }
        }
    }
}

fn differing_column<R: Row>(published: &R, derived: &R) -> Option<Divergence> {
    if published.digest() == derived.digest() {
        return None;
    }
    let (a, b) = (
        R::to_batch(std::slice::from_ref(published)).ok()?,
        R::to_batch(std::slice::from_ref(derived)).ok()?,
    );
    let schema = R::schema();
    let differs = schema
        .fields()
        .iter()
        .enumerate()
        .find(|(i, _)| a.column(*i) != b.column(*i));
    let (index, column) = differs.map(|(i, field)| (i, field.name().clone()))?;
    Some(Divergence::Value {
        table: R::TABLE,
        key: format!("{:?}", published.key()),
        column,
        published: value_text(a.column(index), 0),
        derived: value_text(b.column(index), 0),
    })
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
