//! What the sample world knows about its records; made by `cairn sample`, read by whoever measures the clauses.

use crate::table::table;
use crate::units::Timestamp;

table! {
    /// What one record of a sample world really is. It lies beside the source, never below it.
    TrueRecord in "truth", key (path: String, kind: String, ordinal: u32) {
        /// Path of the object.
        path: String,
        /// `object`, `image` or `fix`.
        kind: String,
        /// Its place in the object, from 0; 0 for the object itself.
        ordinal: u32,
        /// Who sent it.
        contributor: String,
        /// The session it belongs to.
        session: String,
        /// The device that is said to have recorded it.
        device: String,
        /// What its contributor does beside honest work; empty for the honest.
        attack: String,
        /// What it is: `honest`; `standing` (honest, where the picture before was taken); of attackers `original` (their own,
        /// recorded there and then), `copy` (somebody else's), `invented` (nobody's), `repeat` (their own once more), `part`
        /// (of a drive that several ids share), `poor` (their own made worse), `misdated`, `unusable`.
        label: String,
        /// Path of the object that it repeats.
        of_path: Option<String>,
        /// The place in that object, from 0.
        of_ordinal: Option<u32>,
        /// Where it was really recorded: latitude in 1e-7 degrees; null when nowhere.
        true_lat_e7: Option<i32>,
        /// Where it was really recorded: longitude in 1e-7 degrees; null when nowhere.
        true_lon_e7: Option<i32>,
        /// When it was really recorded, UTC; null when never.
        true_at: Option<Timestamp>,
        /// What was done, in words.
        detail: String,
        /// Standard deviation of the noise added to each axis, in mm.
        noise_mm: Option<u32>,
        /// Share of the original's fixes that is left.
        kept_ppm: Option<u32>,
        /// From when it was recorded to when it says that it was, in ms.
        shift_ms: Option<i64>,
    }
}
