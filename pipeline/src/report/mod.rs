//! What a person reads after a run: a summary on the terminal, and a page.

mod collect;
pub mod data;
pub mod html;
mod summary;

pub(crate) use collect::{rewards, verdicts};
pub use summary::{grouped, percent, signatures, signed, summary};

use crate::published::{PublishedError, Run};

/// The report as one page that needs no network.
///
/// # Errors
/// [`PublishedError`] when the run cannot be read.
pub fn page(run: &Run) -> Result<String, PublishedError> {
    Ok(html::html(&collect::collect(run)?))
}
