//! Tracks on their way to where copies of them are found (D6), and what came of it.

use crate::cell::Cell;
use crate::digest::Digest;
use crate::table::table;
use crate::units::Timestamp;

table! {
    /// One track: an unbroken recording (work table).
    Recording in "recordings", key (rows: Digest, sequence: Digest) {
        /// SHA-256 over its rows: positions and the times between them.
        rows: Digest,
        /// The sequence it is the track of.
        sequence: Digest,
        /// The sequence of the first track of its trail.
        trail: Digest,
        /// Who recorded it.
        contributor: String,
        /// Path of its object.
        path: String,
        /// Its first fix's place in that object.
        ordinal: u32,
        /// When that was uploaded.
        uploaded_at: Option<Timestamp>,
        /// Its first fix.
        start_at: Timestamp,
        /// Its last fix.
        end_at: Timestamp,
        /// The group that wants to hear of it.
        home: String,
    }
}

table! {
    /// A track's passage through a cell where tracks are held against each other, with what its trail
    /// recorded around it (work table). A trail is the tracks of an object that follow each other within
    /// the length of a window.
    Visit in "track_visits", key (cell: Cell, sequence: Digest, at: Timestamp) {
        /// The cell.
        cell: Cell,
        /// The sequence of the track.
        sequence: Digest,
        /// The sequence of the first track of its trail.
        trail: Digest,
        /// The middle of the passage.
        at: Timestamp,
        /// Who recorded it.
        contributor: String,
        /// Path of its object.
        path: String,
        /// The trail's first fix's place in that object.
        ordinal: u32,
        /// When that was uploaded.
        uploaded_at: Option<Timestamp>,
        /// The windows of the trail that hold the passage, packed.
        windows: Vec<u8>,
        /// Times and positions around the passage, packed.
        points: Vec<u8>,
        /// The group that wants to hear of it.
        home: String,
    }
}

table! {
    /// A window of a trail that lies on an earlier one, or a track whose rows are an earlier one's (work table).
    TrackCopy in "track_copies", key (sequence: Digest, start_at: Timestamp, cell: Option<u64>) {
        /// The sequence of the later track; of a window, that of the first track of its trail.
        sequence: Digest,
        /// Start of the window.
        start_at: Timestamp,
        /// The cell where it was found out; null where the rows are the same.
        cell: Option<u64>,
        /// End of the window, included.
        end_at: Timestamp,
        /// The sequence of the earlier track.
        of_sequence: Digest,
        /// Path of its object.
        of_path: String,
        /// Its contributor's draw in the one order.
        of_draw: Digest,
        /// The place in the object of its first fix, or of that of its trail.
        of_ordinal: u32,
        /// When it was uploaded.
        of_uploaded_at: Option<Timestamp>,
        /// What is added to a time of the later track to find the place in the earlier one, in ms.
        shift_ms: i64,
        /// Lower median of the distances, in mm.
        median_mm: u32,
        /// Their 90th percentile, in mm.
        p90_mm: u32,
        /// The limit that the median was held against, in mm.
        limit_mm: u32,
    }
}

table! {
    /// A stretch of a sequence that lies on an earlier track, for a tile it has passes in (work table).
    CopiedSpan in "copied_spans", key (sequence: Digest, start_at: Timestamp) {
        /// The sequence.
        sequence: Digest,
        /// Start of the stretch.
        start_at: Timestamp,
        /// Its end, included.
        end_at: Timestamp,
        /// Path of the object of the earlier track.
        of_path: String,
        /// The sequence of the earlier track.
        of_sequence: Digest,
        /// Lower median of the distances, in mm.
        median_mm: u32,
        /// The limit that it was held against, in mm.
        limit_mm: u32,
    }
}
