//! The one order, by the words of POLICY.md: upload with unknown last, the draw, path, ordinal.

use cairn_datasets::digest::Digest;
use cairn_tests::Frame;

/// The place of a row in the one order of records of its epoch.
pub(crate) type Order = (bool, Option<i128>, Digest, String, i128);

/// That of an image or a pass. Of passes of one ordinal the id decides, which is for the caller to add.
pub(crate) fn order(epoch: &str, rows: &Frame, row: usize) -> Order {
    let uploaded = rows.maybe_int("uploaded_at", row);
    let mut drawn = Vec::new();
    for part in [epoch.as_bytes(), rows.text("contributor", row).as_bytes()] {
        drawn.extend_from_slice(&(part.len() as u64).to_le_bytes());
        drawn.extend_from_slice(part);
    }
    (
        uploaded.is_none(),
        uploaded,
        Digest::of(&drawn),
        rows.text("path", row).to_owned(),
        rows.int("ordinal", row),
    )
}
