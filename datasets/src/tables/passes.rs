//! Passes: one contributor's stay in one cell within one sequence.

use crate::cell::Cell;
use crate::digest::Digest;
use crate::table::table;
use crate::units::{Ppm, Timestamp};
use crate::verdict::{Reason, Verdict};

table! {
    /// One pass, judged and priced (published).
    Pass in "passes", key (cell: Cell, pass_id: Digest) {
        /// SHA-256 over contributor, sequence, cell and start.
        pass_id: Digest,
        /// Who drove or walked.
        contributor: String,
        /// The session it belongs to.
        session: String,
        /// The sequence it belongs to.
        sequence: Digest,
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// Path of the object that holds its first member: breaks ties of the order.
        path: String,
        /// The first member's place in that object.
        ordinal: u32,
        /// The latest upload among its members; null when one is unknown.
        uploaded_at: Option<Timestamp>,
        /// The first moment in the cell.
        start_at: Timestamp,
        /// The last moment in the cell.
        end_at: Timestamp,
        /// Direction of travel or of view, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// Kept fixes.
        fixes: u32,
        /// Kept images.
        images: u32,
        /// Lower median of the members' accuracy, in mm.
        accuracy_mm: u32,
        /// The fastest it moved, in mm/s; null with one member.
        speed_mm_s: Option<u32>,
        /// Whether the sequence has a track.
        has_track: bool,
        /// Position quality (P2), ppm.
        position_ppm: Ppm,
        /// Quality of the best kept image (P3), ppm.
        image_ppm: Ppm,
        /// That image.
        best_image: Option<Digest>,
        /// Confirmation (P6), ppm.
        confirmation_ppm: Ppm,
        /// What confirms it: `track-and-image`, `other-image`, `other-passes`, `own-image` or `nothing`.
        confirmed_by: String,
        /// Pass quality (P4), ppm.
        quality_ppm: Ppm,
        /// Integrity (E), ppm.
        integrity_ppm: Ppm,
        /// The direction slot it joined (C1); null when it was not considered.
        slot: Option<u32>,
        /// What the slot had before it (R2), ppm.
        standing_ppm: Ppm,
        /// What it adds to the slot (R2), ppm.
        gain_ppm: Ppm,
        /// Demand multiplier of the cell, ppm; may exceed a million.
        demand_ppm: u64,
        /// Region multiplier of the cell, ppm; may exceed a million.
        region_ppm: u64,
        /// What it earns, in micro-credits.
        credit: u64,
        /// `kept`, `duplicate` or `rejected`.
        verdict: Verdict,
        /// The clause that decided, empty when kept.
        reason: Reason,
        /// The measured value, in the unit of the clause.
        measured: Option<i64>,
        /// The threshold it was held against.
        threshold: Option<i64>,
        /// Share of the track's fixes with a speed or a change of speed beyond what vehicles do (E1), ppm.
        excess_ppm: Option<u32>,
        /// Sigma of the track's noise across its way (E2), lower quartile of its runs, in mm.
        noise_mm: Option<u32>,
        /// Lag-1 autocorrelation of that noise (E2), ppm.
        noise_correlation_ppm: Option<i32>,
        /// Sigma of the track's quietest runs across its way (E3), in mm.
        rails_mm: Option<u32>,
        /// Share of the track's most frequent HDOP among the fixes that tell one (E4), ppm.
        hdop_same_ppm: Option<u32>,
        /// The longest that the track stood to the last digit and then was elsewhere at once (E5), in ms.
        frozen_ms: Option<i64>,
        /// How far its capture is from what a clock that is off by 1024 or 2048 weeks, or starts at its zero, shows (E6), in ms.
        clock_ms: Option<i64>,
        /// The largest distance of one of its images from the track at its time (E10), in mm.
        trace_mm: Option<u64>,
        /// How far the device was from here at about the same time (E7), in mm; null where it was not elsewhere.
        two_places_mm: Option<u64>,
        /// The device that the object of its first member names; null when it names none.
        device: Option<String>,
        /// The device's signature on the object of its first member (E11), as in `objects`.
        signature: String,
        /// The clauses of evidence that fired, with a blank between them; empty when none did.
        evidence: String,
        /// Path of the object whose track it lies on (D6).
        duplicate_of: Option<String>,
        /// The sequence of that track.
        duplicate_sequence: Option<Digest>,
    }
}

/// What `confirmed_by` says of a pass whose sequence a track and a kept image confirm (P6).
pub const TRACK_AND_IMAGE: &str = "track-and-image";

impl Pass {
    /// R2: what it is good for, quality times integrity.
    #[must_use]
    pub fn effective(&self) -> Ppm {
        self.quality_ppm.times(self.integrity_ppm)
    }

    /// A pass of which nothing is known but whose it is, where it was and when it began: nothing counted, measured or
    /// judged, and nothing that speaks against it.
    #[must_use]
    pub fn unjudged(
        pass_id: Digest,
        contributor: &str,
        sequence: Digest,
        cell: Cell,
        path: &str,
        start_at: Timestamp,
    ) -> Self {
        Self {
            pass_id,
            contributor: contributor.to_owned(),
            session: String::new(),
            sequence,
            cell,
            path: path.to_owned(),
            ordinal: 0,
            uploaded_at: None,
            start_at,
            end_at: start_at,
            heading_deg: None,
            fixes: 0,
            images: 0,
            accuracy_mm: 0,
            speed_mm_s: None,
            has_track: false,
            position_ppm: Ppm::ZERO,
            image_ppm: Ppm::ZERO,
            best_image: None,
            confirmation_ppm: Ppm::ZERO,
            confirmed_by: String::new(),
            quality_ppm: Ppm::ZERO,
            integrity_ppm: Ppm::ONE,
            slot: None,
            standing_ppm: Ppm::ZERO,
            gain_ppm: Ppm::ZERO,
            demand_ppm: 0,
            region_ppm: 0,
            credit: 0,
            verdict: Verdict::Kept,
            reason: Reason::None,
            measured: None,
            threshold: None,
            excess_ppm: None,
            noise_mm: None,
            noise_correlation_ppm: None,
            rails_mm: None,
            hdop_same_ppm: None,
            frozen_ms: None,
            clock_ms: None,
            trace_mm: None,
            two_places_mm: None,
            device: None,
            signature: String::new(),
            evidence: String::new(),
            duplicate_of: None,
            duplicate_sequence: None,
        }
    }
}

table! {
    /// What a contributor had kept in a cell in the history: it confirms others (P6) (work table).
    Witness in "witnesses", key (cell: Cell, contributor: String, history: u32, with_image: bool) {
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// Who had something kept there.
        contributor: String,
        /// Which epoch of the history, the oldest being 0.
        history: u32,
        /// Whether it was an image, and not a pass.
        with_image: bool,
    }
}

table! {
    /// A tile that a sequence has passes in (work table).
    SequenceTile in "sequence_tiles", key (sequence: Digest, tile: String) {
        /// The sequence.
        sequence: Digest,
        /// The tile.
        tile: String,
    }
}

table! {
    /// A sequence whose track and a kept image agree (work table).
    Confirmation in "confirmations", key (sequence: Digest) {
        /// The sequence.
        sequence: Digest,
        /// Always true: what a pass finds when it is joined with this table.
        confirmed: bool,
    }
}

table! {
    /// What a pass finds when joined with the confirmations (view).
    ConfirmationNote in "passes+confirmations", key (pass_id: Digest) {
        /// The pass.
        pass_id: Digest,
        /// True when its sequence is confirmed, else null.
        confirmed: Option<bool>,
    }
}

table! {
    /// A moment at which a device was somewhere (work table).
    Presence in "presences", key (device: String, at: Timestamp, pass_id: Digest) {
        /// The device; of a contributor who names none, a blank and the contributor's id.
        device: String,
        /// When.
        at: Timestamp,
        /// The pass.
        pass_id: Digest,
        /// Who sent it.
        contributor: String,
        /// Whether the device's signature on it is valid.
        signed: bool,
        /// Latitude in 1e-7 degrees.
        lat_e7: i32,
        /// Longitude in 1e-7 degrees.
        lon_e7: i32,
        /// The group that wants to hear of it.
        home: String,
    }
}

table! {
    /// A pass whose device was elsewhere at about the same time (work table).
    TwoPlaces in "two_places", key (pass_id: Digest) {
        /// The pass.
        pass_id: Digest,
        /// How far away, in mm.
        two_places_mm: u64,
    }
}
