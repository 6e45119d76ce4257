//! What the map has: coverage of each cell, and the standing that the next epoch starts from.

use crate::cell::Cell;
use crate::digest::Digest;
use crate::table::table;
use crate::units::{Ppm, Timestamp};

table! {
    /// How well one cell is covered (published).
    Coverage in "coverage", key (cell: Cell) {
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// Score (C5), ppm.
        score_ppm: Ppm,
        /// Quality (C2): mean standing of the filled slots at the epoch's end, ppm.
        quality_ppm: Ppm,
        /// Freshness (C3), ppm.
        freshness_ppm: Ppm,
        /// Confidence (C4), ppm.
        confidence_ppm: Ppm,
        /// Filled direction slots, 0 to 2.
        directions: u32,
        /// Independent contributors with a kept pass.
        contributors: u32,
        /// Kept passes.
        passes: u32,
        /// Kept images.
        images: u32,
        /// The newest capture among the accepted passes.
        newest_captured_at: Option<Timestamp>,
        /// The kept image of the best quality.
        best_image: Option<Digest>,
    }
}

table! {
    /// One direction slot of one cell, as the next epoch finds it (published).
    Standing in "standing", key (cell: Cell, slot: u32) {
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// The slot, 0 or 1.
        slot: u32,
        /// The heading of its opener, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// Quality of the last accepted pass at its capture, not faded, ppm.
        quality_ppm: Ppm,
        /// When that pass was captured.
        captured_at: Timestamp,
        /// When that pass was uploaded.
        uploaded_at: Option<Timestamp>,
    }
}

table! {
    /// One direction slot of one cell as an epoch of the history left it (work table).
    PastStanding in "past_standing", key (cell: Cell, history: u32, slot: u32) {
        /// The H3 cell at the reward resolution.
        cell: Cell,
        /// Which epoch of the history, the oldest being 0.
        history: u32,
        /// The slot, 0 or 1.
        slot: u32,
        /// The heading of its opener, degrees clockwise from north.
        heading_deg: Option<u32>,
        /// Quality of the last accepted pass at its capture, not faded, ppm.
        quality_ppm: Ppm,
        /// When that pass was captured.
        captured_at: Timestamp,
        /// When that pass was uploaded.
        uploaded_at: Option<Timestamp>,
    }
}

impl From<PastStanding> for Standing {
    fn from(past: PastStanding) -> Self {
        Self {
            cell: past.cell,
            slot: past.slot,
            heading_deg: past.heading_deg,
            quality_ppm: past.quality_ppm,
            captured_at: past.captured_at,
            uploaded_at: past.uploaded_at,
        }
    }
}
