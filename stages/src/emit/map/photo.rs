//! What the map says of an image.

use std::sync::Arc;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::units::{Position, Ppm, Timestamp};

/// A kept image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// The image.
    pub image_id: Digest,
    /// Where it was taken.
    pub position: Position,
    /// Who sent it.
    pub contributor: Arc<str>,
    /// When it was taken.
    pub captured_at: Option<Timestamp>,
    /// Image quality (P3).
    pub quality_ppm: Ppm,
    /// Direction the camera looked at, degrees clockwise from north.
    pub heading_deg: Option<u32>,
    /// The cell at the reward resolution.
    pub cell: Cell,
}
