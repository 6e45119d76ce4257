//! R7 in an audit: claims and debts, and the ledger with its signatures, none of which needs the source.

use std::collections::BTreeMap;

use cairn_datasets::adjustments::Adjustments;
use cairn_datasets::digest::Digest;
use cairn_datasets::manifest::Manifest;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Adjustment, Reward};
use cairn_stages::audit::first_divergence;
use cairn_stages::reward::adjustments::{files, ledger as ledger_of, verify};
use cairn_stages::reward::debts::settle;

use super::Report;
use super::full::list;
use crate::cli::Usage;
use crate::corrections::{self, CorrectionsError};
use crate::published::Run;

/// Checks what anyone can add up, and that the operator signed what is corrected.
pub(super) fn check(published: &Run, ledger: &[Adjustment], rewards: &[Reward], report: &mut Report) {
    check_claims(rewards, report);
    check_adjustments(ledger, rewards, report);
    check_signatures(ledger, &published.manifest, report);
    let claimed: u128 = rewards.iter().map(|row| u128::from(row.claim)).sum();
    let owing: i128 = rewards.iter().map(|row| i128::from(row.debt)).sum();
    report.checked.push(format!(
        "claims: {claimed} in all, {} left owing; {} adjustments{}",
        owing.unsigned_abs(),
        ledger.len(),
        match &published.manifest.inputs.operator {
            Some(operator) => format!(", signed by {operator}"),
            None => String::new(),
        }
    ));
}

/// Claim and debt follow from what stands beside them, row by row.
fn check_claims(rewards: &[Reward], report: &mut Report) {
    for row in rewards {
        let id = &row.contributor;
        if row.carried > 0 {
            let what = format!(
                "`{id}` has carried {}, and what carries over is 0 or below",
                row.carried
            );
            report.mismatch(Reward::TABLE, what);
        }
        let settled = settle(id, row.reward, row.carried, row.adjustment);
        match settled {
            Ok(settled) if settled == (row.claim, row.debt) => {}
            Ok((claim, debt)) => {
                let what = format!(
                    "`{id}` has claim {} and debt {}, and reward {}, carried {} and adjustment {} make claim {claim} and \
                     debt {debt}",
                    row.claim, row.debt, row.reward, row.carried, row.adjustment
                );
                report.mismatch(Reward::TABLE, what);
            }
            Err(error) => report.mismatch(Reward::TABLE, error),
        }
    }
}

/// The ledger's lines make the adjustments of the rewards.
fn check_adjustments(ledger: &[Adjustment], rewards: &[Reward], report: &mut Report) {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for row in ledger {
        let sum = sums.entry(&row.contributor).or_default();
        *sum = sum.saturating_add(i128::from(row.amount));
    }
    for row in rewards {
        let sum = sums.remove(row.contributor.as_str()).unwrap_or_default();
        if sum != i128::from(row.adjustment) {
            let what = format!(
                "the lines of `{}` add up to {sum}, and the rewards say {}",
                row.contributor, row.adjustment
            );
            report.mismatch(Adjustment::TABLE, what);
        }
    }
    if let Some(contributor) = sums.keys().next() {
        let what = format!("`{contributor}` has adjustments, and no row among the rewards");
        report.mismatch(Adjustment::TABLE, what);
    }
}

/// The ledger holds all that signatures cover: each file is put together again and checked, and the files are those of
/// the manifest.
fn check_signatures(ledger: &[Adjustment], manifest: &Manifest, report: &mut Report) {
    let inputs = &manifest.inputs;
    let files = files(ledger);
    let found: Vec<Digest> = files.keys().copied().collect();
    if found != inputs.adjustments {
        let what = format!(
            "its rows are of the files {}; the manifest names {}",
            list(&found),
            list(&inputs.adjustments)
        );
        report.mismatch(Adjustment::TABLE, what);
    }
    // What every row of a file says of it: the files are put together from their first rows.
    let again: Vec<Adjustments> = files.values().cloned().collect();
    match ledger_of(&again) {
        Err(error) => report.mismatch(Adjustment::TABLE, error),
        Ok(again) => {
            if let Some(divergence) = first_divergence(ledger, &again) {
                let what = format!("its rows are not those of the files that they make: {divergence}");
                report.mismatch(Adjustment::TABLE, what);
            }
        }
    }
    for (named, file) in &files {
        let results = file.corrects.results_digest;
        let what = if file.digest() == *named {
            match verify(file) {
                Err(error) => error.to_string(),
                Ok(()) if Some(&file.operator) != inputs.operator.as_ref() => {
                    format!(
                        "it is signed by {}, who is not the operator of the manifest",
                        file.operator
                    )
                }
                Ok(()) if !inputs.previous.contains(&results) => {
                    format!("it corrects the results {results}, which the run did not start from")
                }
                Ok(()) => continue,
            }
        } else {
            format!("its rows have digest {}", file.digest())
        };
        report.mismatch(Adjustment::TABLE, format!("file {named}: {what}"));
    }
}

/// A run is derived again with the files that it applied, and no other.
pub(super) fn same_files(manifest: &Manifest, paths: &[String]) -> anyhow::Result<()> {
    let read = paths.iter().map(|path| Ok(corrections::read(path)?.digest()));
    let mut named = read
        .collect::<Result<Vec<Digest>, CorrectionsError>>()
        .map_err(|e| Usage(e.to_string()))?;
    named.sort_unstable();
    let wanted = &manifest.inputs.adjustments;
    if named == *wanted {
        return Ok(());
    }
    let what = format!(
        "--adjustments: the run applied the files with the digests {}, and those named have {}",
        list(wanted),
        list(&named)
    );
    Err(Usage(what).into())
}
