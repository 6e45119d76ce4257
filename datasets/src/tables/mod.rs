//! The tables that flow between stages, and those that a run publishes.

mod changes;
mod coverage;
mod credits;
mod fixes;
mod images;
mod objects;
mod passes;
mod tracks;
mod truth;
mod verdicts;

pub use changes::Change;
pub use coverage::{Coverage, PastStanding, Standing};
pub use credits::{Adjustment, Credit, Reward, Share};
pub use fixes::{Fix, TraceSummary};
pub use images::{Candidate, Image, Original, PrivateImages, Shot, Unmatched};
pub use objects::{Object, Upload};
pub use passes::{
    Confirmation, ConfirmationNote, Pass, Presence, SequenceTile, TRACK_AND_IMAGE, TwoPlaces, Witness,
};
pub use tracks::{CopiedSpan, Recording, TrackCopy, Visit};
pub use truth::TrueRecord;
pub use verdicts::{Fingerprint, ImageVerdict, Repeat, RepeatNote};

use crate::verdict::Finding;

/// Rows that carry a verdict get `decide`, which sets its four columns together.
macro_rules! judged {
    ($($row:ty),*) => {$(
        impl $row {
            /// Sets verdict, reason, measured value and threshold together.
            pub fn decide(&mut self, finding: Finding) {
                self.verdict = finding.reason.verdict();
                self.reason = finding.reason;
                self.measured = finding.measured;
                self.threshold = finding.threshold;
            }
        }
    )*};
}

judged!(Object, Image, Pass);
