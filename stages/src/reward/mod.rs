//! Reward: who is owed what share of the pool, in integers, exactly. Clauses R3-R7; R1 and R2
//! are where the gains come from, in score.
//!
//! ```text
//! passes ──► credit ──► credits ──────────────► split ──► credits with their rewards
//!           (tile)  └─► shares ──► rewards ──►  (contributors)
//!                                 (epoch)
//! files of adjustments ──► ledger ──┘ ▲
//! debts of earlier epochs ────────────┘
//! ```
//!
//! | file | clause | what |
//! |---|---|---|
//! | [`modes`] | R4 | what the passes of a cell are worth |
//! | [`credit`] | R3 | micro-credits of passes, of cells, of tiles |
//! | [`multipliers`] | R3 | demand and region |
//! | [`mod@apportion`] | R5 | the exact division that both others rest on |
//! | [`mod@rewards`] | R5, R7 | the pool over the contributors, and what each may claim |
//! | [`adjustments`] | R7 | signed corrections of closed epochs |
//! | [`debts`] | R7 | claims, and debts that carry over |
//! | [`line_items`] | R6 | a contributor's reward over the credits |
//!
//! No float is in here, nor any sum that can wrap.
#![deny(clippy::float_arithmetic)]

pub mod adjustments;
pub mod apportion;
pub mod credit;
pub mod debts;
pub mod line_items;
pub mod modes;
pub mod multipliers;
pub mod rewards;

#[cfg(test)]
mod samples;

pub use self::apportion::{Apportionment, apportion};
pub use self::credit::CreditKernel;
pub use self::debts::Corrections;
pub use self::line_items::SplitKernel;
pub use self::multipliers::Multipliers;
pub use self::rewards::{Rewards, rewards};

use crate::kernel::StageError;

/// `part / whole` in ppm, floored; 0 of nothing.
fn share_ppm(part: u64, whole: u128) -> cairn_datasets::units::Ppm {
    // u64 times a million is far from the end of u128.
    let parts = (u128::from(part) * 1_000_000)
        .checked_div(whole)
        .unwrap_or_default();
    cairn_datasets::units::Ppm::clamped(i64::try_from(parts).unwrap_or(i64::MAX))
}

/// The error of a value that left its range.
fn overflow(what: &'static str, value: impl std::fmt::Display, limit: impl std::fmt::Display) -> StageError {
    StageError::Overflow {
        what,
        value: value.to_string(),
        limit: limit.to_string(),
    }
}

#[cfg(test)]
#[path = "laws_tests.rs"]
mod laws;

#[cfg(test)]
#[path = "extremes_tests.rs"]
mod extremes;

#[cfg(test)]
#[path = "splitting_tests.rs"]
mod splitting;
