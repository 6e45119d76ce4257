//! Where a store is: a folder, or a URL.

use std::path::PathBuf;

use object_store::ObjectStoreScheme;
use object_store::path::Path;
use url::Url;

use super::StoreError;

/// A location, taken apart.
#[derive(Debug)]
pub(super) enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket or a web server, and the path in it.
    Remote {
        url: Url,
        scheme: ObjectStoreScheme,
        path: Path,
    },
}

impl Place {
    pub(super) fn of(location: &str) -> Result<Self, StoreError> {
        let Some((scheme, _)) = location.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(location)));
        };
        let wrong = |what: String| StoreError::Place {
            location: bare(location),
            what,
        };
        let unknown = || StoreError::Scheme {
            location: bare(location),
            scheme: scheme.to_owned(),
        };
        let url = Url::parse(location).map_err(|e| wrong(format!("is no URL: {e}")))?;
        if url.scheme() == "file" {
            let folder = url.to_file_path();
            let what = "names no folder of this machine; write it like file:///folder".to_owned();
            return folder.map(Self::Folder).map_err(|()| wrong(what));
        }
        // What a location says is written to reports, so no secret may be in it.
        let secret = url.query().is_some() || url.password().is_some() || url.fragment().is_some();
        let (kind, path) = ObjectStoreScheme::parse(&url).map_err(|_| unknown())?;
        let named = !url.username().is_empty() && kind == ObjectStoreScheme::Http;
        if secret || named {
            let what = "a location has no user, password, `?` or `#`; credentials come from the environment";
            return Err(wrong(what.to_owned()));
        }
        match kind {
            ObjectStoreScheme::AmazonS3
            | ObjectStoreScheme::GoogleCloudStorage
            | ObjectStoreScheme::MicrosoftAzure
            | ObjectStoreScheme::Http => Ok(Self::Remote {
                url,
                scheme: kind,
                path,
            }),
            _ => Err(unknown()),
        }
    }
}

/// A URL as it may be repeated, whether it can be read or not: without what stands before an `@`, or after a `?` or
/// `#`, which may be a key.
fn bare(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else {
        return location.to_owned();
    };
    let shown = rest.split(['?', '#']).next().unwrap_or_default();
    match (shown.rsplit_once('@'), rest.contains('@')) {
        (Some((_, shown)), _) => format!("{scheme}://{shown}"),
        // Nobody can tell where the key ends.
        (None, true) => format!("{scheme}://…"),
        (None, false) => format!("{scheme}://{shown}"),
    }
}

/// A location that means the same from any folder: what names the work of a command.
#[must_use]
pub fn absolute(location: &str) -> String {
    match Place::of(location) {
        Ok(Place::Folder(folder)) => {
            let whole = std::path::absolute(&folder).unwrap_or(folder);
            whole.to_string_lossy().into_owned()
        }
        _ => location.trim_end_matches('/').to_owned(),
    }
}

/// Whether requests to a location travel, so that many at a time are worth their while.
#[must_use]
pub fn is_remote(location: &str) -> bool {
    matches!(Place::of(location), Ok(Place::Remote { .. }))
}
