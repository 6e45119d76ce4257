//! What a map says of itself.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::tile::{COVERAGE_KEYS, IMAGES_KEYS};
use super::{BUFFER, COVERAGE_LAYER, EXTENT, IMAGES_LAYER, TILE_IMAGE_BYTES};

/// What a map is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The epoch.
    pub reward_epoch: String,
    /// Digest of the results that it shows, in hex.
    pub results_digest: String,
    /// The zooms.
    pub zooms: RangeInclusive<u8>,
    /// Images that found no room in their tiles.
    pub images_left_out: u64,
}

/// The metadata of a map as JSON, whose values are texts because tools expect nothing else: names, fields and zooms of its layers as `TileJSON` 3.0 has them, and what it is about.
#[must_use]
pub fn metadata(about: &About) -> String {
    let types = |keys: &[&str]| -> Value {
        let texts = ["cell", "newest", "image_id", "contributor", "captured_at"];
        let of = |key: &&str| if texts.contains(key) { "String" } else { "Number" };
        keys.iter()
            .map(|key| ((*key).to_owned(), Value::from(of(key))))
            .collect()
    };
    let value = json!({
        "name": format!("coverage of {}", about.reward_epoch),
        "description": "Street-level coverage by H3 cell and what was paid for it, and the images that were kept.",
        "type": "overlay",
        "version": "1",
        "generator": "cairn",
        "reward_epoch": about.reward_epoch,
        "results_digest": about.results_digest,
        "images_left_out": about.images_left_out.to_string(),
        "tile_image_bytes": TILE_IMAGE_BYTES.to_string(),
        "extent": EXTENT.to_string(),
        "buffer": BUFFER.to_string(),
        "vector_layers": [
            {
                "id": COVERAGE_LAYER,
                "description": "H3 cells; a coarser one stands for `cells` of the reward resolution",
                "minzoom": about.zooms.start(),
                "maxzoom": about.zooms.end(),
                "fields": types(&COVERAGE_KEYS),
            },
            {
                "id": IMAGES_LAYER,
                "description": "kept images",
                "minzoom": about.zooms.end(),
                "maxzoom": about.zooms.end(),
                "fields": types(&IMAGES_KEYS),
            },
        ],
    });
    value.to_string()
}
