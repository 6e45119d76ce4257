//! Fixes: what GNSS receivers reported. They stay in the work store, since publishing them would
//! expose where people live.

use crate::table::table;
use crate::units::Timestamp;
use crate::verdict::Reason;

table! {
    /// One GNSS report as its file says it (work table).
    Fix in "fixes", key (path: String, ordinal: u32) {
        /// Path of the object it stands in.
        path: String,
        /// Its place in the object, from 0.
        ordinal: u32,
        /// The part of the object (track segment, trip) that it belongs to, from 0.
        segment: u32,
        /// When it was taken; null when the file does not say.
        captured_at: Option<Timestamp>,
        /// Latitude in 1e-7 degrees; null when missing, not finite or out of range.
        lat_e7: Option<i32>,
        /// Longitude in 1e-7 degrees; null when missing, not finite or out of range.
        lon_e7: Option<i32>,
        /// Horizontal accuracy in mm, as reported.
        accuracy_mm: Option<u32>,
        /// Horizontal dilution of precision, in thousandths.
        hdop_milli: Option<u32>,
        /// Satellites used.
        satellites: Option<u32>,
        /// Whether the receiver called it a 3D fix.
        fix_3d: Option<bool>,
    }
}

table! {
    /// What became of the fixes of one trace object (work table).
    TraceSummary in "trace_summaries", key (path: String) {
        /// Path of the object.
        path: String,
        /// Fixes in it.
        fixes: u32,
        /// Fixes kept.
        kept: u32,
        /// The clause that rejected most fixes (the first in the policy's order of equals), empty when none did.
        top_reason: Reason,
        /// How many fixes that clause rejected.
        top_count: u32,
        /// Fixes in a private place (X1); none of them is kept.
        private: u32,
        /// The latest time of a kept fix.
        captured_at: Option<Timestamp>,
    }
}
