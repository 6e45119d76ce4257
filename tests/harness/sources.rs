//! Places and data to run on: scratch folders, the sample city, real files.

use std::io::Write;
use std::path::{Path, PathBuf};

use cairn_datasets::city::{CitySpec, city};
use tempfile::TempDir;

/// A folder that is gone when the value is.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// A new folder below another, which is made when it is not there.
    ///
    /// # Panics
    /// When the system gives none.
    #[must_use]
    pub fn below(parent: &Path) -> Self {
        std::fs::create_dir_all(parent).expect("the folder for scratch folders can be made");
        Self(tempfile::tempdir_in(parent).expect("a scratch folder can be made"))
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of something in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text, for a command line.
    #[must_use]
    pub fn arg(&self, name: &str) -> String {
        self.join(name).to_string_lossy().into_owned()
    }

    /// Writes a file in it, with its folders.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        write_file(&path, bytes.as_ref());
        path
    }
}

fn write_file(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file lies in a folder");
    std::fs::create_dir_all(folder).expect("a folder can be made");
    std::fs::write(path, bytes).expect("a file can be written");
}

/// A city for tests that compare runs: all kinds of files, small pictures.
#[must_use]
pub fn small_city() -> CitySpec {
    CitySpec {
        frames_per_drive: 8,
        width: 320,
        height: 180,
        ..CitySpec::default()
    }
}

/// Writes a sample city into a folder.
///
/// # Panics
/// When a file cannot be written.
pub fn write_city(spec: &CitySpec, folder: &Path) {
    for file in city(spec) {
        write_file(&folder.join(&file.path), &file.bytes);
    }
}

/// A folder of the real files, or `None` with a line that says so. They are not part of the repository:
/// `CAIRN_REAL` names their place, `../shared/real` beside the workspace is where they are looked for otherwise.
#[must_use]
pub fn real(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    let root = std::env::var_os("CAIRN_REAL").map_or_else(beside, PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    // Past the test runner's capture, so that it is seen without --nocapture.
    let _ = writeln!(std::io::stderr(), "skipped: {} is not there", path.display());
    None
}

/// Copies a folder. The last names come first, so that a listing in the order of making differs.
///
/// # Panics
/// When something cannot be copied.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    let entries = std::fs::read_dir(from).expect("a folder can be listed");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    paths.sort_unstable_by(|a, b| b.cmp(a));
    for path in paths {
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}
