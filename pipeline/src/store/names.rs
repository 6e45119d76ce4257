//! Names of files that the store's library cannot hold: not UTF-8, with control characters, or like those of its own
//! unfinished files (`name#1`).

use std::path::Path as FilePath;

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, Result};
use walkdir::WalkDir;

use super::Listed;

/// What a folder's listing gives, without the names that it cannot hold: they would end it.
pub(super) fn addressable(listing: BoxStream<'_, Result<ObjectMeta>>) -> Result<Vec<ObjectMeta>> {
    // Outside of a runtime a folder is listed at once; inside, the listing would end at the first error.
    let found = listing.collect::<Vec<_>>().now_or_never();
    let found = found.ok_or_else(|| object_store::Error::Generic {
        store: "folder",
        source: "it was listed inside of the I/O runtime".into(),
    })?;
    let is_held = |found: &Result<ObjectMeta>| !matches!(found, Err(object_store::Error::InvalidPath { .. }));
    found.into_iter().filter(is_held).collect()
}

/// The files below a folder that its listing leaves out.
pub(super) fn unaddressable(folder: &FilePath) -> std::result::Result<Vec<Listed>, String> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).follow_links(true) {
        // What cannot be followed is no file; what cannot be read ends the listing itself.
        let Ok(entry) = entry else { continue };
        let below = entry.path().strip_prefix(folder).map_err(|e| e.to_string())?;
        if entry.file_type().is_dir() || is_held(below) {
            continue;
        }
        let bytes = entry.metadata().map_or(0, |there| there.len());
        found.push(Listed::unaddressable(shown(below), bytes));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

fn is_held(below: &FilePath) -> bool {
    let name = below
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let unfinished = name
        .split_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    !unfinished && below.to_str().is_some_and(|path| Path::parse(path).is_ok())
}

/// A name as text: what is no letter is escaped.
fn shown(below: &FilePath) -> String {
    let mut text = String::new();
    for part in below.as_os_str().as_encoded_bytes().utf8_chunks() {
        for letter in part.valid().chars() {
            if letter.is_control() {
                text.extend(letter.escape_default());
            } else {
                text.push(letter);
            }
        }
        text.extend(part.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}
