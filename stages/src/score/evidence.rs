//! Clauses E: what speaks against a pass, and what of its integrity that leaves.
//!
//! It is graded and never secret: each measured value is a column, each threshold a field of the policy.
//! None of it stops a forger who takes the trouble: who knows what is measured can make a track that
//! measures well.

use cairn_datasets::tables::Pass;
use cairn_datasets::units::{Ppm, Timestamp};

use super::Rules;

/// What a clause does to integrity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It is 0.
    Voids,
    /// It is halved.
    Halves,
    /// It stays; the clause informs.
    Informs,
}

/// Names the clauses that fire for a pass, and sets its integrity.
pub fn judge(rules: &Rules, pass: &mut Pass) {
    let fired = fired(rules, pass);
    let mut integrity = Ppm::ONE.parts();
    for (_, weight) in &fired {
        match weight {
            Weight::Voids => integrity = 0,
            Weight::Halves => integrity /= 2,
            Weight::Informs => {}
        }
    }
    let codes: Vec<&str> = fired.iter().map(|(code, _)| *code).collect();
    pass.evidence = codes.join(" ");
    pass.integrity_ppm = Ppm::new(integrity);
}

/// The clauses that fire for a pass and lower its integrity.
#[must_use]
pub fn lowering(rules: &Rules, pass: &Pass) -> Vec<&'static str> {
    let fired = fired(rules, pass).into_iter();
    fired
        .filter(|(_, weight)| *weight != Weight::Informs)
        .map(|(code, _)| code)
        .collect()
}

fn fired(rules: &Rules, pass: &Pass) -> Vec<(&'static str, Weight)> {
    let limits = &rules.evidence;
    let over = |value: Option<u32>, limit: u64| value.is_some_and(|value| u64::from(value) > limit);
    let under = |value: Option<u32>, limit: u64| value.is_some_and(|value| u64::from(value) < limit);
    let white = pass
        .noise_correlation_ppm
        .is_some_and(|ppm| i64::from(ppm) < i64::try_from(limits.white_ppm).unwrap_or(i64::MAX));
    let clock = u64::try_from(Timestamp::DAY)
        .unwrap_or(u64::MAX)
        .saturating_mul(limits.clock_days);
    // Who names no device may well have two.
    let two_places = if pass.device.is_some() {
        Weight::Voids
    } else {
        Weight::Informs
    };
    let clauses = [
        ("E1", over(pass.excess_ppm, limits.excess_ppm), Weight::Halves),
        (
            "E2",
            white && over(pass.noise_mm, limits.white_sigma_mm),
            Weight::Halves,
        ),
        ("E3", under(pass.rails_mm, limits.rails_mm), Weight::Halves),
        (
            "E4",
            pass.hdop_same_ppm
                .is_some_and(|ppm| u64::from(ppm) >= limits.hdop_same_ppm),
            Weight::Informs,
        ),
        (
            "E5",
            pass.frozen_ms
                .is_some_and(|ms| ms > 0 && ms.unsigned_abs() >= limits.frozen_ms),
            Weight::Informs,
        ),
        (
            "E6",
            pass.clock_ms.is_some_and(|ms| ms.unsigned_abs() <= clock),
            Weight::Halves,
        ),
        ("E7", pass.two_places_mm.is_some(), two_places),
        (
            "E10",
            pass.trace_mm.is_some_and(|mm| mm > rules.place.agree_mm),
            Weight::Informs,
        ),
        ("E11", pass.signature == "missing", Weight::Informs),
    ];
    clauses
        .into_iter()
        .filter(|(_, fires, _)| *fires)
        .map(|(code, _, weight)| (code, weight))
        .collect()
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
