//! What a person reads after a run: a summary on the terminal, and a page.

mod collect;
pub mod data;
pub mod html;
pub mod shares;
mod summary;

pub(crate) use collect::{rewards, verdicts};
pub use summary::{grouped, percent, signatures, signed, summary};

use crate::engine::StageTime;
use crate::published::{PublishedError, Run};

/// The report as one page that needs no network, with the time that each stage took.
///
/// # Errors
/// [`PublishedError`] when the run cannot be read.
pub fn page(run: &Run, stages: Vec<StageTime>) -> Result<String, PublishedError> {
    let mut data = collect::collect(run)?;
    data.stages = stages;
    Ok(html::html(&data))
}
