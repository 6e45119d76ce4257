//! What a run published.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::Frame;

/// Every published table.
pub const TABLES: [&str; 8] = [
    "objects",
    "images",
    "passes",
    "coverage",
    "standing",
    "credits",
    "rewards",
    "adjustments",
];

/// The key of each published table.
pub const KEYED_BY: [(&str, &[&str]); 8] = [
    ("objects", &["path"]),
    ("images", &["cell", "image_id"]),
    ("passes", &["cell", "pass_id"]),
    ("coverage", &["cell"]),
    ("standing", &["cell", "slot"]),
    ("credits", &["cell", "contributor"]),
    ("rewards", &["contributor"]),
    ("adjustments", &["contributor", "file", "line"]),
];

/// A published epoch.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Json,
}

impl Published {
    /// The only epoch below an output.
    ///
    /// # Panics
    /// When there is none, or another one.
    #[must_use]
    pub fn below(out: &Path) -> Self {
        let entries = std::fs::read_dir(out).unwrap_or_else(|e| panic!("{}: {e}", out.display()));
        let epochs: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an output can be listed").path())
            .filter(|path| path.to_string_lossy().contains("reward_epoch="))
            .collect();
        match epochs.as_slice() {
            [folder] => Self::at(folder),
            several => panic!("{} epochs in {}", several.len(), out.display()),
        }
    }

    /// The epoch in a folder.
    ///
    /// # Panics
    /// When it has no manifest.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
        Self {
            folder: folder.to_owned(),
            manifest: serde_json::from_str(&text).expect("a manifest is JSON"),
        }
    }

    /// Its folder as text, for a command line.
    #[must_use]
    pub fn arg(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    /// The digest of its results.
    ///
    /// # Panics
    /// When the manifest has none.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.manifest["results_digest"].as_str().expect("a digest")
    }

    /// Digest of each table.
    #[must_use]
    pub fn table_digests(&self) -> BTreeMap<String, String> {
        let of = |table: &str| self.manifest["tables"][table]["digest"].to_string();
        TABLES.map(|table| (table.to_owned(), of(table))).into()
    }

    /// The files of a table, below its folder, in the order of their rows.
    ///
    /// # Panics
    /// When the manifest does not name the table.
    #[must_use]
    pub fn files(&self, table: &str) -> Vec<String> {
        let files = self.manifest["tables"][table]["files"]
            .as_array()
            .expect("files of a table");
        files
            .iter()
            .map(|file| file["path"].as_str().expect("a path").to_owned())
            .collect()
    }

    /// A table in one.
    #[must_use]
    pub fn table(&self, name: &str) -> Frame {
        let mut frame = Frame::default();
        for file in self.files(name) {
            frame.read(&self.folder.join(file));
        }
        frame
    }

    /// A number of the manifest.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        self.manifest[name].as_u64().expect("a number of the manifest")
    }

    /// The bytes of every Parquet file by its path.
    #[must_use]
    pub fn parquet_bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = files_below(&self.folder);
        files.retain(|path, _| path.ends_with(".parquet"));
        files
    }
}

/// Every file below a folder: its path and its bytes.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|e| panic!("{}: {e}", next.display())) {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder");
                let bytes = std::fs::read(&path).expect("a file can be read");
                found.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    found
}
