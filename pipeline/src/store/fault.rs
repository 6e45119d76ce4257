//! What a store says when it does not do what is asked of it, in words for people.

use std::error::Error as _;

/// A store that does not do what is asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A location of a kind that this build cannot open.
    #[error(
        "`{location}`: a store of kind `{scheme}` cannot be opened; give a folder, or a URL that begins with \
         file://, s3://, gs://, az://, http:// or https://"
    )]
    Scheme {
        /// What was given.
        location: String,
        /// The URL's scheme.
        scheme: String,
    },
    /// A location of a kind that was left out of this build.
    #[error(
        "`{location}`: this build has no object stores; build with the feature `cloud`, or give a folder"
    )]
    Feature {
        /// What was given.
        location: String,
    },
    /// A folder that has to be there and is not, or cannot be made.
    #[error("folder `{location}`: {what}")]
    Folder {
        /// The folder.
        location: String,
        /// What is wrong.
        what: String,
    },
    /// A URL that leads nowhere, or a store that does not let us in.
    #[error("`{location}`: {what}")]
    Place {
        /// What was given.
        location: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// One object could not be read or written.
    #[error("{action}{} in `{location}`: {}", quoted(.path), in_words(.said))]
    Object {
        /// What was tried: `reading`, `looking for`, `writing`, `listing`, `deleting`.
        action: &'static str,
        /// The object; empty when it is the store.
        path: String,
        /// The store.
        location: String,
        /// What the store said. Its chain of causes is in the message already.
        said: object_store::Error,
    },
    /// An object is larger than what is read into memory of its kind.
    #[error("`{path}` in `{location}` has {bytes} bytes; {limit} are the most")]
    TooLarge {
        /// The object.
        path: String,
        /// The store.
        location: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// An object is not any more what the listing showed.
    #[error(
        "`{path}` in `{location}` {what} after it was listed; nothing was published, and the same command \
         takes the source as it is then"
    )]
    Changed {
        /// The object.
        path: String,
        /// The store.
        location: String,
        /// What happened to it.
        what: &'static str,
    },
    /// A setting of the environment that is none.
    #[error("{variable} is `{value}`; give a whole number of seconds, or leave it unset for {default}")]
    Setting {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it is when nothing is set.
        default: u64,
    },
    /// The asynchronous runtime did not start.
    #[error("the I/O runtime did not start: {source}")]
    Runtime {
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether the store answered that there is no such object.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let Self::Object { said, .. } = self else {
            return false;
        };
        // A missing bucket is answered with the same status, and is no missing object.
        matches!(said, object_store::Error::NotFound { .. }) && !said.to_string().contains("NoSuchBucket")
    }
}

fn quoted(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" `{path}`")
    }
}

/// What a store said and what to do about it, in one line.
pub(super) fn in_words(error: &object_store::Error) -> String {
    use object_store::Error;
    let said = one_line(error);
    if said.contains("NoSuchBucket") || said.contains("ContainerNotFound") {
        return format!("there is no such bucket ({said})");
    }
    let denied = || {
        format!("access is denied: the credentials of the environment have to be right and allow it ({said})")
    };
    match error {
        Error::NotFound { .. } => format!("is not there ({said})"),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => denied(),
        // A listing's status is in its words only.
        _ if said.contains("403 Forbidden") || said.contains("401 Unauthorized") => denied(),
        _ if said.contains("scheme is not allowed") => {
            format!("the endpoint is not https; AWS_ALLOW_HTTP=true allows that ({said})")
        }
        _ => said,
    }
}

/// Longest answer of a store that is passed on.
const LONGEST: usize = 600;

/// The whole chain of causes in one line; of an XML answer its code and message.
fn one_line(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    if let (Some(code), message) = (between(&text, "Code"), between(&text, "Message")) {
        let start = text.find("<?xml").or_else(|| text.find('<')).unwrap_or(0);
        let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', ':']);
        text = format!("{before}: {code}: {}", message.unwrap_or_default());
    }
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

fn between<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    Some(rest.split_once(&format!("</{tag}>"))?.0)
}
