//! R7: signed corrections of closed epochs, from the operator's files to the ledger and back.
//!
//! # Laws
//! - [`files`] of [`ledger`] gives the files again: whoever has the ledger can check every signature.
//! - The ledger's amounts of a contributor add up to that contributor's adjustment, exactly.

use std::collections::BTreeMap;

use cairn_datasets::adjustments::{ADJUSTMENTS_VERSION, Adjustments, AdjustmentsError, Corrected, Line};
use cairn_datasets::digest::Digest;
use cairn_datasets::table::sort_unique;
use cairn_datasets::tables::Adjustment;

use super::overflow;
use crate::ed25519::{KeyError, SIGNATURE_BYTES, decode, encode, is_signed, public_key};
use crate::kernel::StageError;

/// A file of adjustments that no operator signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsignedError {
    /// It is no such file.
    #[error(transparent)]
    Form(#[from] AdjustmentsError),
    /// Its operator is none.
    #[error("its operator `{operator}` {source}")]
    Operator {
        /// The text that stands there.
        operator: String,
        /// What it is not.
        source: KeyError,
    },
    /// A key or a signature in another of its forms. Only one may be, because the text is part of the results.
    #[error("its {what} has to be written in base64 with + and /, padded, as `cairn adjust` does")]
    Spelling {
        /// `operator` or `signature`.
        what: &'static str,
    },
    /// Nobody signed it.
    #[error("it is not signed; `cairn adjust` makes signed files")]
    Missing,
    /// Signed by somebody else, or changed since.
    #[error(
        "its signature does not fit its content and the key of its operator; it was changed, or another key signed it"
    )]
    DoesNotFit,
}

/// Checks a file's form and its signature by the operator that it names.
///
/// # Errors
/// [`UnsignedError`] saying what is wrong.
pub fn verify(file: &Adjustments) -> Result<(), UnsignedError> {
    file.check()?;
    let operator = file.operator.clone();
    let key = public_key(&operator).map_err(|source| UnsignedError::Operator { operator, source })?;
    if encode(&key) != file.operator {
        return Err(UnsignedError::Spelling { what: "operator" });
    }
    if file.signature.is_empty() {
        return Err(UnsignedError::Missing);
    }
    let signature = decode::<SIGNATURE_BYTES>(&file.signature).ok_or(UnsignedError::DoesNotFit)?;
    if encode(&signature) != file.signature {
        return Err(UnsignedError::Spelling { what: "signature" });
    }
    let fits = is_signed(&key, &file.signed_bytes(), &signature);
    fits.then_some(()).ok_or(UnsignedError::DoesNotFit)
}

/// The ledger of an epoch: a row for each line of the files that it applies, in order of contributor, file and place.
///
/// # Errors
/// [`StageError::Rows`] when the same file stands twice.
pub fn ledger(files: &[Adjustments]) -> Result<Vec<Adjustment>, StageError> {
    let mut rows: Vec<Adjustment> = files
        .iter()
        .flat_map(|file| {
            let digest = file.digest();
            (1..).zip(&file.adjustments).map(move |(line, of)| Adjustment {
                contributor: of.contributor.clone(),
                file: digest,
                line,
                corrects_epoch: file.corrects.reward_epoch.clone(),
                corrects_digest: file.corrects.results_digest,
                amount: of.amount,
                reason: of.reason.clone(),
                operator: file.operator.clone(),
                signature: file.signature.clone(),
            })
        })
        .collect();
    sort_unique(&mut rows)?;
    Ok(rows)
}

/// The files that a ledger was made of, by the digest that the ledger gives each. Of a ledger that somebody changed,
/// files come out whose digest is another, or whose signature does not fit.
#[must_use]
pub fn files(ledger: &[Adjustment]) -> BTreeMap<Digest, Adjustments> {
    let mut lines: Vec<&Adjustment> = ledger.iter().collect();
    lines.sort_by_key(|row| (row.file, row.line));
    let mut files: BTreeMap<Digest, Adjustments> = BTreeMap::new();
    for row in lines {
        let file = files.entry(row.file).or_insert_with(|| Adjustments {
            version: ADJUSTMENTS_VERSION,
            corrects: Corrected {
                reward_epoch: row.corrects_epoch.clone(),
                results_digest: row.corrects_digest,
            },
            adjustments: Vec::new(),
            operator: row.operator.clone(),
            signature: row.signature.clone(),
        });
        file.adjustments.push(Line {
            contributor: row.contributor.clone(),
            amount: row.amount,
            reason: row.reason.clone(),
        });
    }
    files
}

/// What the ledger's lines of each contributor add up to, in units of the pool.
///
/// # Errors
/// [`StageError::Overflow`] when a sum leaves `i64`.
pub fn sums(ledger: &[Adjustment]) -> Result<BTreeMap<String, i64>, StageError> {
    add_up(
        "the sum of adjustments",
        ledger.iter().map(|row| (row.contributor.as_str(), row.amount)),
    )
}

/// Units by contributor.
pub(super) fn add_up<'a>(
    what: &'static str,
    units: impl IntoIterator<Item = (&'a str, i64)>,
) -> Result<BTreeMap<String, i64>, StageError> {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for (contributor, amount) in units {
        let sum = sums.entry(contributor).or_default();
        // 2^64 rows of 2^63 units each would be needed to leave i128.
        *sum = sum.saturating_add(i128::from(amount));
    }
    let whole = |(contributor, sum): (&str, i128)| {
        let sum = i64::try_from(sum).map_err(|_| units_overflow(what, contributor, sum))?;
        Ok((contributor.to_owned(), sum))
    };
    sums.into_iter().map(whole).collect()
}

/// The error of signed units that left `i64`, and whose they are.
pub(super) fn units_overflow(what: &'static str, contributor: &str, sum: i128) -> StageError {
    let limit = if sum < 0 { i64::MIN } else { i64::MAX };
    overflow(what, format!("{sum} for `{contributor}`"), limit)
}

#[cfg(test)]
#[path = "adjustments_tests.rs"]
mod tests;
