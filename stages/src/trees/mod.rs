//! Two Merkle trees over an epoch: what may be claimed, and what became of every upload. Who knows a root can check one
//! leaf from its proof alone, and learns nothing else of the epoch than hashes.
//!
//! | | clause | |
//! |---|---|---|
//! | [`claims`] | R7 | what each payout address may claim, as contracts on EVM chains check it |
//! | [`dispositions`] | O | every object's verdict, and that an object is not there |

pub mod address;
pub mod claims;
pub mod dispositions;
pub mod dispute;
pub mod proof;

use cairn_datasets::manifest::{ClaimsTree, DispositionsTree, Trees};
use cairn_datasets::tables::{Object, Reward};

use self::address::AddressError;
use self::claims::Claims;
use self::dispositions::Dispositions;

/// The roots over an epoch's tables, as its manifest has them.
///
/// # Errors
/// [`AddressError`] when a payout address begins with `0x` and is none.
pub fn roots<'a>(
    objects: impl IntoIterator<Item = &'a Object>,
    rewards: &[Reward],
) -> Result<Trees, AddressError> {
    let dispositions = Dispositions::of(objects);
    let (amounts, _) = claims::sorted(rewards)?;
    Ok(Trees {
        claims: Claims::of(&amounts).map(|claims| ClaimsTree {
            root: claims.root().to_string(),
            leaves: claims.leaves() as u64,
            amount: claims.amount().to_string(),
        }),
        dispositions: DispositionsTree {
            root: dispositions.root(),
            leaves: dispositions.leaves(),
        },
    })
}

/// The sibling hashes from a leaf up to the root.
pub type Path<H> = Vec<H>;
