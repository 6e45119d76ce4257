//! The sample city knows what each of its files really is: a run must find it out, and lose no honest frame.

use std::collections::BTreeMap;

use cairn_datasets::city::{CitySpec, Truth, truth};
use cairn_tests::Frame;

use crate::fixtures::DEMO;

/// What became of a file: verdict, reason, and what it repeats.
fn said(objects: &Frame, row: usize) -> (String, String, String) {
    let text = |column: &str| objects.text(column, row).to_owned();
    (text("verdict"), text("reason"), text("duplicate_of"))
}

/// Whether a verdict is what a file deserves.
fn fits(truth: &Truth, verdict: &str, reason: &str, of: &str) -> bool {
    let by = |clause: &str| reason.split('-').next() == Some(clause);
    match truth {
        Truth::Honest | Truth::Trace | Truth::BrokenTrace | Truth::TeleportingTrace => verdict == "kept",
        Truth::ExactCopy { of: original } => by("O6") && of == original,
        Truth::EditedCopy { of: original } => by("D2") && of == original,
        Truth::Reencoded { of: original } => by("D4") && of == original,
        Truth::Parked { of: original } => by("D3") && of == original,
        Truth::Blurred => reason == "I6-blurred",
        Truth::LensCap => reason == "I6-covered",
        // A night without light shows no grey levels that differ, and is dark.
        Truth::Dark => ["I6-dark", "I6-blank"].contains(&reason),
        // What is left of the picture may be read; it is in a session of its own, far from any trace.
        Truth::Truncated => verdict == "rejected",
        Truth::NotAnImage | Truth::UnknownKind => by("O2"),
        Truth::Empty => by("O2") || by("O3"),
        Truth::WrongDigest => by("O5"),
        Truth::NullPosition => by("I2"),
        Truth::NoTime => by("I3"),
        other => panic!("the city has a new kind of file: {other:?}"),
    }
}

#[test]
fn every_file_gets_the_verdict_it_deserves() {
    let objects = DEMO.published.table("objects");
    let truth = truth(&CitySpec::default());
    assert_eq!(objects.rows(), truth.len());
    let wrong: Vec<String> = truth
        .iter()
        .filter_map(|(path, truth)| {
            let (verdict, reason, of) = said(&objects, objects.find("path", path));
            (!fits(truth, &verdict, &reason, &of))
                .then(|| format!("{path} is {truth:?}: {verdict} {reason} {of}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        truth.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_kind_of_file_is_in_the_demo() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (_, truth) in truth(&CitySpec::default()) {
        let name = format!("{truth:?}");
        let kind = name.split([' ', '{']).next().unwrap_or_default().to_owned();
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(kinds.len(), 18, "{kinds:?}");
    assert!(kinds["Honest"] > 100, "{kinds:?}");
}

#[test]
fn what_cannot_be_read_is_described_as_what_it_is() {
    let objects = DEMO.published.table("objects");
    for (path, truth) in truth(&CitySpec::default()) {
        let detail = objects.text("detail", objects.find("path", &path));
        let wanted = match truth {
            Truth::Empty => "empty",
            Truth::NotAnImage => "called an image",
            Truth::UnknownKind => "first bytes",
            Truth::Truncated => "ends without",
            Truth::WrongDigest => "promises SHA-256",
            _ => continue,
        };
        assert!(detail.contains(wanted), "{path}: {detail}");
    }
}

#[test]
fn who_only_copies_earns_nothing() {
    let rewards = DEMO.published.table("rewards");
    let paid: BTreeMap<&str, i128> = (0..rewards.rows())
        .map(|row| (rewards.text("contributor", row), rewards.int("reward", row)))
        .collect();
    assert_eq!(paid.get("magpie").copied().unwrap_or(0), 0, "{paid:?}");
    assert_eq!(paid.values().filter(|reward| **reward > 0).count(), 5, "{paid:?}");
}

#[test]
fn a_broken_trace_keeps_what_precedes_the_fault_and_says_so() {
    let objects = DEMO.published.table("objects");
    for (path, truth) in truth(&CitySpec::default()) {
        let row = objects.find("path", &path);
        let (fixes, kept) = (objects.int("fixes", row), objects.int("kept_fixes", row));
        match truth {
            Truth::BrokenTrace => {
                assert!(
                    kept > 3 && objects.text("detail", row).contains("byte"),
                    "{path}: {kept} of {fixes}"
                );
            }
            // Jumps of kilometres are dropped (F8), most of the trace stays.
            Truth::TeleportingTrace => assert!(kept < fixes && 2 * kept > fixes, "{path}: {kept} of {fixes}"),
            Truth::Trace => assert!(10 * kept > 9 * fixes, "{path}: {kept} of {fixes}"),
            _ => {}
        }
    }
}

#[test]
fn the_sums_hold_and_the_reasons_are_counted() {
    crate::network::sums_hold(&DEMO.published, 1_000_000);
    crate::network::reasons_are_counted(&DEMO.published);
}
