//! The page's own files: from a folder, or from the program.

use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::files::kind;
use crate::cli::Usage;

/// What is said when there is no page.
pub(super) const HOW_TO_BUILD: &str = "\
This build has no page of its own, so the newest epoch's report is shown. To have the map:
  cd pipeline/viewer && npm ci && npm run build
and give --page pipeline/viewer/dist, or build with --features viewer";

/// Where the page comes from.
#[derive(Clone, Debug)]
pub(super) enum Page {
    /// A folder, with its path in full and without links.
    Folder(PathBuf),
    /// The program.
    #[cfg(feature = "viewer")]
    Built,
    /// Nowhere.
    #[cfg_attr(feature = "viewer", expect(dead_code, reason = "the program has a page"))]
    Missing,
}

#[cfg(feature = "viewer")]
#[derive(rust_embed::RustEmbed)]
#[folder = "viewer/dist"]
struct Built;

impl Page {
    pub(super) fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        let Some(folder) = folder else {
            #[cfg(feature = "viewer")]
            return Ok(Self::Built);
            #[cfg(not(feature = "viewer"))]
            return Ok(Self::Missing);
        };
        let wrong = |what: String| Usage(format!("--page {}: {what}", folder.display()));
        let real = folder.canonicalize().map_err(|e| wrong(e.to_string()))?;
        if !real.join("index.html").is_file() {
            return Err(
                wrong("has no index.html; `npm run build` makes one in viewer/dist".to_owned()).into(),
            );
        }
        Ok(Self::Folder(real))
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The answer with one of its files. A name that is not plain, or leads out of the folder, is none of them.
    pub(super) fn file(&self, path: &str) -> Option<Response> {
        let bytes = match self {
            Self::Folder(folder) => read(folder, path)?,
            #[cfg(feature = "viewer")]
            Self::Built => Built::get(path)?.data.into_owned(),
            Self::Missing => return None,
        };
        Some(([(header::CONTENT_TYPE, kind(path))], Body::from(bytes)).into_response())
    }
}

fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    let named = Path::new(path);
    let plain = named
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.contains(['\\', ':', '%', '\0']) {
        return None;
    }
    let real = folder.join(named).canonicalize().ok()?;
    real.starts_with(folder).then(|| std::fs::read(real).ok())?
}
