//! Ids: SHA-256 over what makes a thing itself, so that two runs name it alike.

use serde::Serialize;

use crate::cell::Cell;
use crate::digest::Digest;
use crate::units::Timestamp;

/// The longest contributor id.
pub const CONTRIBUTOR_ID_LENGTH: usize = 128;

/// Whether a text can be a contributor's id: 1 to 128 of `A-Z a-z 0-9 . _ : -`.
#[must_use]
pub fn is_contributor_id(text: &str) -> bool {
    (1..=CONTRIBUTOR_ID_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
}

/// An image: the `ordinal`-th picture of the object at `path` with these bytes.
#[must_use]
pub fn image_id(path: &str, sha256: &Digest, ordinal: u32) -> Digest {
    Digest::of_parts(&[b"image", path.as_bytes(), &sha256.0, &ordinal.to_le_bytes()])
}

/// A sequence: named by its first member.
#[must_use]
pub fn sequence_id(contributor: &str, session: &str, path: &str, ordinal: u32) -> Digest {
    let parts = [
        b"sequence",
        contributor.as_bytes(),
        session.as_bytes(),
        path.as_bytes(),
        &ordinal.to_le_bytes(),
    ];
    Digest::of_parts(&parts)
}

/// A pass: SHA-256 over contributor, sequence, cell and start.
#[must_use]
pub fn pass_id(contributor: &str, sequence: &Digest, cell: Cell, start: Timestamp) -> Digest {
    let (cell, start) = (cell.index().to_le_bytes(), start.0.to_le_bytes());
    Digest::of_parts(&[b"pass", contributor.as_bytes(), &sequence.0, &cell, &start])
}

/// The one order of all records: the history before the epoch and its older epochs first, then the upload time
/// with unknown last, then a draw that changes from epoch to epoch so that no id is favoured for ever, then the
/// path, then the place in the object. Capture time has no say: it is the uploader's word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence {
    history: (bool, Option<u32>),
    uploaded_at: (bool, Option<Timestamp>),
    draw: Digest,
    path: String,
    ordinal: u32,
}

impl Precedence {
    /// What decides between records of different contributors with the same upload time.
    #[must_use]
    pub fn draw(epoch: &str, contributor: &str) -> Digest {
        Digest::of_parts(&[epoch.as_bytes(), contributor.as_bytes()])
    }

    /// The place of a record in the order.
    #[must_use]
    pub fn new(
        epoch: &str,
        uploaded_at: Option<Timestamp>,
        contributor: &str,
        path: &str,
        ordinal: u32,
    ) -> Self {
        Self {
            history: (true, None),
            uploaded_at: (uploaded_at.is_none(), uploaded_at),
            draw: Self::draw(epoch, contributor),
            path: path.to_owned(),
            ordinal,
        }
    }
    /// What puts this record before another: `history`, `uploaded-at`, `draw`, `path` or `ordinal`; empty for
    /// one and the same.
    #[must_use]
    pub fn first_by(&self, later: &Self) -> &'static str {
        if self.history != later.history {
            "history"
        } else if self.uploaded_at != later.uploaded_at {
            "uploaded-at"
        } else if self.draw != later.draw {
            "draw"
        } else if self.path != later.path {
            "path"
        } else if self.ordinal != later.ordinal {
            "ordinal"
        } else {
            ""
        }
    }
}

/// The epochs that the records of a run are of: those of its history, oldest first, and its own. A record says
/// by a number which epoch of the history it is of; one without is of the run's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Epochs {
    /// Names of the history's epochs, oldest first.
    pub history: Vec<String>,
    /// Name of the run's own.
    pub own: String,
}

impl Epochs {
    /// An epoch without a history.
    #[must_use]
    pub fn only(own: impl Into<String>) -> Self {
        Self {
            history: Vec::new(),
            own: own.into(),
        }
    }

    /// The name of an epoch of the history; none of the run's own.
    #[must_use]
    pub fn past(&self, history: Option<u32>) -> Option<&str> {
        let at = usize::try_from(history?).ok()?;
        self.history.get(at).map(String::as_str)
    }

    /// The place of a record in the one order.
    #[must_use]
    pub fn precedence(
        &self,
        history: Option<u32>,
        uploaded_at: Option<Timestamp>,
        contributor: &str,
        path: &str,
        ordinal: u32,
    ) -> Precedence {
        let epoch = self.past(history).unwrap_or(&self.own);
        Precedence {
            history: (history.is_none(), history),
            ..Precedence::new(epoch, uploaded_at, contributor, path, ordinal)
        }
    }
}

#[cfg(test)]
#[path = "ids_tests.rs"]
mod tests;
