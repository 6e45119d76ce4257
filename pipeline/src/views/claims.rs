//! `claims.json` and `unclaimed.json`: who may claim what, as contracts and people read it.

use cairn_datasets::tables::Reward;
use cairn_stages::trees::address::AddressError;
use cairn_stages::trees::claims::{Claims, sorted};

/// The tree of claims, as `@openzeppelin/merkle-tree` loads it.
pub const CLAIMS: &str = "claims.json";
/// The claims that the tree does not hold.
pub const UNCLAIMED: &str = "unclaimed.json";

/// The files of an epoch's claims by path: none where nobody has a payout address.
///
/// # Errors
/// [`AddressError`] when a payout address begins with `0x` and is none.
pub fn claims(rewards: &[Reward]) -> Result<Vec<(&'static str, String)>, AddressError> {
    if rewards.iter().all(|row| row.payout_address.is_none()) {
        return Ok(Vec::new());
    }
    let (amounts, unclaimed) = sorted(rewards)?;
    let claims = Claims::of(&amounts).map(|claims| (CLAIMS, claims.dump()));
    // Texts always have a form.
    let listed = serde_json::to_string_pretty(&unclaimed).unwrap_or_default() + "\n";
    let unclaimed = (!unclaimed.is_empty()).then_some((UNCLAIMED, listed));
    Ok(claims.into_iter().chain(unclaimed).collect())
}
