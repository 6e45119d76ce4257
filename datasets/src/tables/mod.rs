//! The tables that flow between stages, and those that a run publishes.

mod coverage;
mod credits;
mod fixes;
mod images;
mod objects;
mod passes;
mod verdicts;

pub use coverage::{Coverage, Standing};
pub use credits::{Credit, Reward, Share};
pub use fixes::{Fix, TraceSummary};
pub use images::{Candidate, Image, Shot};
pub use objects::{Object, Upload};
pub use passes::{Confirmation, ConfirmationNote, Pass, SequenceTile};
pub use verdicts::{Fingerprint, ImageVerdict, Repeat, RepeatNote};
