//! Sentences that several answers share.

use std::collections::BTreeMap;
use std::fmt::Write;

use cairn_datasets::tables::Pass;
use cairn_datasets::verdict::{Reason, Verdict};

use crate::publish::counted_as;
use crate::report::{grouped, percent};

/// A verdict in a clause: `kept`, or `rejected by I6-covered (the lens was covered …): 1326 against a
/// threshold of 2000 (1/1000 grey level)`.
pub(super) fn verdict(
    verdict: Verdict,
    reason: Reason,
    measured: Option<i64>,
    threshold: Option<i64>,
) -> String {
    let name = match verdict {
        Verdict::Kept => return "kept".to_owned(),
        Verdict::Duplicate => "a duplicate",
        Verdict::Rejected => "rejected",
    };
    let numbers = match (measured, threshold) {
        (Some(m), Some(t)) => format!(": {m} against a threshold of {t} ({})", reason.unit()),
        (Some(m), None) => format!(": {m} {}", reason.unit()),
        _ => String::new(),
    };
    format!(
        "{name} by {reason} ({}){numbers}",
        reason.meaning().trim_end_matches('.')
    )
}

#[expect(clippy::cast_precision_loss, reason = "for people, to a tenth of a metre")]
pub(super) fn metres(mm: u64) -> f64 {
    mm as f64 / 1e3
}

pub(super) fn pass_line(text: &mut String, pass: &Pass) {
    let evidence = evidence(pass);
    let original = pass
        .duplicate_of
        .as_ref()
        .map_or(String::new(), |path| format!("; it lies on the track in {path}"));
    let slot = pass.slot.map_or(String::new(), |slot| {
        format!(
            "; slot {slot} had {} and gained {}",
            percent(pass.standing_ppm.parts()),
            percent(pass.gain_ppm.parts())
        )
    });
    let _ = writeln!(
        text,
        "  Pass in cell {} at {}: {} fixes, {} images, position {}, image {}, confirmation {} ({}), quality {}, \
         integrity {}{evidence}{slot}; credit {}; {}{original}.",
        pass.cell,
        pass.start_at,
        pass.fixes,
        pass.images,
        percent(pass.position_ppm.parts()),
        percent(pass.image_ppm.parts()),
        percent(pass.confirmation_ppm.parts()),
        pass.confirmed_by,
        percent(pass.quality_ppm.parts()),
        percent(pass.integrity_ppm.parts()),
        grouped(pass.credit),
        verdict(pass.verdict, pass.reason, pass.measured, pass.threshold),
    );
}

/// The clauses of evidence that fired, each with what was measured; the thresholds are those of the policy.
fn evidence(pass: &Pass) -> String {
    if pass.evidence.is_empty() {
        return String::new();
    }
    let told = |code: &str| {
        let (name, value, unit) = match code {
            "E1" => ("fixes in excess", pass.excess_ppm.map(i64::from), "ppm"),
            "E2" => (
                "white noise, autocorrelation",
                pass.noise_correlation_ppm.map(i64::from),
                "ppm",
            ),
            "E3" => ("on rails, sigma", pass.rails_mm.map(i64::from), "mm"),
            "E4" => ("fixes with one HDOP", pass.hdop_same_ppm.map(i64::from), "ppm"),
            "E5" => ("frozen for", pass.frozen_ms, "ms"),
            "E6" => ("off a broken clock by", pass.clock_ms, "ms"),
            "E7" => (
                "its device was elsewhere, by",
                pass.two_places_mm.and_then(|mm| i64::try_from(mm).ok()),
                "mm",
            ),
            "E10" => (
                "a picture off the track by",
                pass.trace_mm.and_then(|mm| i64::try_from(mm).ok()),
                "mm",
            ),
            _ => return format!("{code} no valid signature"),
        };
        value.map_or_else(
            || format!("{code} {name}"),
            |value| format!("{code} {name} {value} {unit}"),
        )
    };
    let told: Vec<String> = pass.evidence.split(' ').map(told).collect();
    format!(" ({})", told.join(", "))
}

/// Which epoch of the history a record is of; nothing of this one.
pub(super) fn of_epoch(epoch: Option<&str>) -> String {
    epoch.map_or(String::new(), |epoch| format!(" of epoch {epoch}"))
}

/// How many records got which reason, a line each.
pub(super) fn tally(text: &mut String, reasons: impl Iterator<Item = Reason>) {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_insert(0_u64) += 1;
    }
    for (reason, count) in counts {
        let name = counted_as(reason);
        let _ = writeln!(
            text,
            "  {:>8}  {}",
            grouped(count),
            format!("{name:<22} {}", reason.meaning()).trim_end()
        );
    }
}
