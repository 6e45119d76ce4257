//! The adjustments that a run applies (R7): files that an operator signed, held against the history.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use cairn_datasets::adjustments::{Adjustments, Corrected, Line};
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::Adjustment;
use cairn_stages::ed25519::{encode, public_key};
use cairn_stages::kernel::StageError;
use cairn_stages::reward::adjustments::{UnsignedError, ledger, sums, verify};

use crate::engine::EngineError;
use crate::history::History;

/// The largest file that is read: four times what the most adjustments with usual reasons take.
const MOST_BYTES: u64 = 64 << 20;

/// Adjustments that cannot be applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionsError {
    /// Whose they have to be is not said.
    #[error(
        "--adjustments {path}: say whose signature counts with --operator PUBLIC_KEY; `cairn keys public` prints a key's"
    )]
    NoOperator {
        /// The first file.
        path: String,
    },
    /// The operator's key is none.
    #[error("--operator: `{text}` {source}")]
    Operator {
        /// What was given.
        text: String,
        /// What it is not.
        source: cairn_stages::ed25519::KeyError,
    },
    /// A file cannot be read.
    #[error("--adjustments {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is too large.
    #[error("--adjustments {path}: is larger than {MOST_BYTES} bytes; make several files of it")]
    TooLarge {
        /// The file.
        path: String,
    },
    /// A file is none of adjustments.
    #[error("--adjustments {path}: is no file of adjustments: {what}")]
    Form {
        /// The file.
        path: String,
        /// What JSON says of it, with the place.
        what: String,
    },
    /// A file is not signed as it should be.
    #[error("--adjustments {path}: {source}")]
    Unsigned {
        /// The file.
        path: String,
        /// What is wrong.
        source: UnsignedError,
    },
    /// A file is signed by somebody else.
    #[error("--adjustments {path}: is signed by {signed_by}, and --operator is {operator}")]
    OtherOperator {
        /// The file.
        path: String,
        /// Who signed it.
        signed_by: String,
        /// Whose signature counts.
        operator: String,
    },
    /// The corrected epoch is not in the history.
    #[error(
        "--adjustments {path}: corrects epoch {epoch} with the results {results}, which no --previous is; name that \
         run, too"
    )]
    NotInHistory {
        /// The file.
        path: String,
        /// The epoch it names.
        epoch: String,
        /// The results it names.
        results: Digest,
    },
    /// The name and the results are those of two epochs.
    #[error(
        "--adjustments {path}: names epoch {named}, and the results that it corrects are of epoch {epoch}"
    )]
    OtherEpoch {
        /// The file.
        path: String,
        /// The epoch it names.
        named: String,
        /// The epoch with those results.
        epoch: String,
    },
    /// The same content twice.
    #[error("--adjustments {path}: says the same as {other}; leave one out")]
    Twice {
        /// The file.
        path: String,
        /// The other.
        other: String,
    },
    /// An earlier epoch did it.
    #[error("--adjustments {path}: was applied before, in {by}; leave it out")]
    Applied {
        /// The file.
        path: String,
        /// The epoch that applied it.
        by: String,
    },
    /// One correction of two files.
    #[error(
        "--adjustments {path}: adjustment {line} ({amount} for `{contributor}`: {reason}) stands in {other}, too; where \
         both are meant, give each a reason of its own"
    )]
    LineAgain {
        /// The file.
        path: String,
        /// Its place in it, from 1.
        line: usize,
        /// Its units.
        amount: i64,
        /// Whom it concerns.
        contributor: String,
        /// Its reason.
        reason: String,
        /// Where else it stands.
        other: String,
    },
    /// A sum is out of range.
    #[error("--adjustments: {0}")]
    Sum(#[from] StageError),
    /// The history cannot be read.
    #[error(transparent)]
    History(#[from] EngineError),
}

/// Reads a file of adjustments and checks its signature by the operator that it names.
///
/// # Errors
/// [`CorrectionsError`] naming the file and what is wrong with it.
pub fn read(path: &str) -> Result<Adjustments, CorrectionsError> {
    let unreadable = |source| CorrectionsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(CorrectionsError::TooLarge {
            path: path.to_owned(),
        });
    }
    let file: Adjustments = serde_json::from_slice(&bytes).map_err(|e| CorrectionsError::Form {
        path: path.to_owned(),
        what: e.to_string(),
    })?;
    verify(&file).map_err(|source| CorrectionsError::Unsigned {
        path: path.to_owned(),
        source,
    })?;
    Ok(file)
}

/// An operator's public key in the one text that files and manifests have.
///
/// # Errors
/// [`CorrectionsError::Operator`] when it is no key.
pub fn operator(text: &str) -> Result<String, CorrectionsError> {
    let key = public_key(text).map_err(|source| CorrectionsError::Operator {
        text: text.to_owned(),
        source,
    })?;
    Ok(encode(&key))
}

/// The ledger of the files at some paths, in whatever order they are named: each is signed by the operator, corrects an
/// epoch of the history, and says nothing that was applied before.
///
/// # Errors
/// [`CorrectionsError`] naming the first file that is refused, and why.
pub fn collect(
    paths: &[String],
    by: Option<&str>,
    history: &History,
) -> Result<Vec<Adjustment>, CorrectionsError> {
    let by = by.map(operator).transpose()?;
    let Some(first) = paths.first() else {
        return Ok(Vec::new());
    };
    let by = by.ok_or_else(|| CorrectionsError::NoOperator { path: first.clone() })?;
    let mut known = Known::of(history)?;
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let file = read(path)?;
        if file.operator != by {
            return Err(CorrectionsError::OtherOperator {
                path: path.clone(),
                signed_by: file.operator,
                operator: by,
            });
        }
        corrects_one_of(history, path, &file.corrects)?;
        known.add(path, &file)?;
        files.push(file);
    }
    let ledger = ledger(&files)?;
    // Said before anything is read: the run would end with it.
    let _ = sums(&ledger)?;
    Ok(ledger)
}

fn corrects_one_of(history: &History, path: &str, corrects: &Corrected) -> Result<(), CorrectionsError> {
    let mut manifests = history.runs().iter().map(|run| &run.manifest);
    let Some(corrected) = manifests.find(|of| of.results_digest == corrects.results_digest) else {
        return Err(CorrectionsError::NotInHistory {
            path: path.to_owned(),
            epoch: corrects.reward_epoch.clone(),
            results: corrects.results_digest,
        });
    };
    if corrected.reward_epoch != corrects.reward_epoch {
        return Err(CorrectionsError::OtherEpoch {
            path: path.to_owned(),
            named: corrects.reward_epoch.clone(),
            epoch: corrected.reward_epoch.clone(),
        });
    }
    Ok(())
}

/// What was applied already, or stands in another file, and where.
struct Known {
    /// Files that earlier epochs applied, with those that did as far as they are named.
    applied: BTreeMap<Digest, String>,
    /// Files of this run.
    named: BTreeMap<Digest, String>,
    /// Corrections by the results they correct. A file that was signed again with a line more is another file, and its
    /// old lines are still the same.
    lines: BTreeMap<(Digest, Line), String>,
}

impl Known {
    fn of(history: &History) -> Result<Self, CorrectionsError> {
        let unnamed = || "an epoch that none of --previous is".to_owned();
        let mut applied: BTreeMap<Digest, String> = history
            .adjusted()
            .into_iter()
            .map(|file| (file, unnamed()))
            .collect();
        let mut lines = BTreeMap::new();
        for (run, row) in history.corrections()? {
            let by = format!("epoch {}", run.manifest.reward_epoch);
            applied.insert(row.file, by.clone());
            let line = Line {
                contributor: row.contributor,
                amount: row.amount,
                reason: row.reason,
            };
            lines.insert((row.corrects_digest, line), format!("the ledger of {by}"));
        }
        Ok(Self {
            applied,
            named: BTreeMap::new(),
            lines,
        })
    }

    fn add(&mut self, path: &str, file: &Adjustments) -> Result<(), CorrectionsError> {
        let (digest, path) = (file.digest(), path.to_owned());
        if let Some(by) = self.applied.get(&digest) {
            return Err(CorrectionsError::Applied { path, by: by.clone() });
        }
        if let Some(other) = self.named.insert(digest, path.clone()) {
            return Err(CorrectionsError::Twice { path, other });
        }
        for (line, of) in (1..).zip(&file.adjustments) {
            let key = (file.corrects.results_digest, of.clone());
            if let Some(other) = self.lines.insert(key, path.clone()) {
                return Err(CorrectionsError::LineAgain {
                    path,
                    line,
                    amount: of.amount,
                    contributor: of.contributor.clone(),
                    reason: of.reason.clone(),
                    other,
                });
            }
        }
        Ok(())
    }
}

/// The digests of the files that a ledger was made of, rising.
#[must_use]
pub fn files_of(ledger: &[Adjustment]) -> Vec<Digest> {
    let once: BTreeSet<Digest> = ledger.iter().map(|row| row.file).collect();
    once.into_iter().collect()
}

/// The operator who signed a ledger, if it has any row.
#[must_use]
pub fn operator_of(ledger: &[Adjustment]) -> Option<String> {
    ledger.first().map(|row| row.operator.clone())
}
