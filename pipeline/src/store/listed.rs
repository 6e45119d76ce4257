//! What a listing shows of an object.

use object_store::ObjectMeta;

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Path below the store's root.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// The store's version mark: an entity tag, or else the time of modification.
    pub version: String,
}

/// What a version mark begins with that is a time of modification.
const MODIFIED: &str = "modified ";
/// What a version mark begins with that says nothing.
const UNMARKED: &str = "unmarked ";
/// The version mark of what has a name that the store's library cannot hold.
const UNADDRESSABLE: &str = "unaddressable";

impl Listed {
    /// A file that is there and cannot be read, because of its name.
    pub(super) fn unaddressable(shown: String, bytes: u64) -> Self {
        Self {
            path: shown,
            bytes,
            version: UNADDRESSABLE.to_owned(),
        }
    }

    /// Whether it can be shown, and not be read.
    #[must_use]
    pub fn is_unaddressable(&self) -> bool {
        self.version == UNADDRESSABLE
    }

    pub(super) fn of(meta: ObjectMeta) -> Self {
        let version = meta.e_tag.unwrap_or_else(|| {
            if meta.last_modified.timestamp() == 0 {
                // A server that says neither may serve something else next time: no work done for one run is
                // good for another.
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                format!("{UNMARKED}{}", now.unwrap_or_default().as_nanos())
            } else {
                format!("{MODIFIED}{}", meta.last_modified.to_rfc3339())
            }
        });
        Self {
            path: meta.location.to_string(),
            bytes: meta.size,
            version,
        }
    }

    /// Whether an answer is about what was listed, as far as the store says.
    pub(super) fn is_still(&self, meta: &ObjectMeta) -> bool {
        let tag = |text: &str| text.trim_start_matches("W/").trim_matches('"').to_owned();
        let same_mark = if let Some(at) = self.version.strip_prefix(MODIFIED) {
            meta.last_modified.timestamp() == 0 || meta.last_modified.to_rfc3339() == at
        } else if self.version.starts_with(UNMARKED) {
            true
        } else {
            meta.e_tag
                .as_deref()
                .is_none_or(|now| tag(now) == tag(&self.version))
        };
        same_mark && meta.size == self.bytes
    }
}

/// Empty objects that stand for the folder of others, as web consoles make them.
pub(super) fn drop_folder_marks(sorted: &mut Vec<Listed>) {
    let folders: std::collections::BTreeSet<String> = sorted
        .iter()
        .flat_map(|object| {
            object
                .path
                .match_indices('/')
                .map(|(at, _)| object.path.get(..at))
        })
        .flatten()
        .map(str::to_owned)
        .collect();
    sorted.retain(|object| object.bytes > 0 || !folders.contains(&object.path));
}
