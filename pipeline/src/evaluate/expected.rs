//! Which clauses are meant for which attack.

use cairn_datasets::tables::TrueRecord;

/// The clauses that a record deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Any of them is right.
    clauses: &'static [&'static str],
    /// Whether one of them should decide.
    wanted: bool,
}

impl Expected {
    /// One of these should decide; none of no clauses.
    const fn one_of(clauses: &'static [&'static str]) -> Self {
        Self {
            clauses,
            wanted: !clauses.is_empty(),
        }
    }

    /// One of these may decide: of several that are alike the first is kept, and nobody can say which it should be.
    const fn perhaps(clauses: &'static [&'static str]) -> Self {
        Self {
            clauses,
            wanted: false,
        }
    }

    /// Whether a clause should decide about it at all.
    #[must_use]
    pub fn deserves_verdict(self) -> bool {
        self.wanted
    }

    /// Whether this clause is right.
    #[must_use]
    pub fn names(self, clause: &str) -> bool {
        // What D1 is to an image, O6 is to an object.
        let clause = if clause == "O6" { "D1" } else { clause };
        self.clauses.contains(&clause)
    }

    /// The clauses of which one should decide, the one that is meant first.
    #[must_use]
    pub fn clauses(self) -> &'static [&'static str] {
        if self.wanted { self.clauses } else { &[] }
    }
}

/// The clauses for what a record really is.
#[must_use]
pub fn expected(record: &TrueRecord) -> Expected {
    let is_picture = record.kind == "image";
    let (attack, label) = (record.attack.as_str(), record.label.as_str());
    match (attack, label) {
        // Where one stands, one picture is enough.
        ("" | "parked", "standing" | "repeat") => Expected::perhaps(&["D3", "D4", "D5"]),
        (_, "part") => Expected::perhaps(&["D6", "D1"]),
        // The good pictures come second, and repeat the poor ones, unless those are too poor to be alike.
        ("poor-first", "original") => Expected::perhaps(&["D4", "D2", "D3", "D6", "D1"]),
        (_, "unusable") => Expected::one_of(&["I6"]),
        (_, "copy" | "repeat" | "misdated" | "invented" | "poor") if is_picture => {
            Expected::one_of(picture(attack))
        }
        (_, "original" | "honest" | "standing") => Expected::one_of(&[]),
        _ if is_picture => Expected::one_of(&[]),
        _ => Expected::one_of(trace(attack)),
    }
}

fn picture(attack: &str) -> &'static [&'static str] {
    match attack {
        "exact-copy" => &["D1"],
        "metadata-edit" => &["D2"],
        "re-encode" | "resize" | "brightness" | "gamma" | "crop" | "border" | "mirrored" | "rotated"
        | "time-shift" | "many-weeks" | "trace-copy" => &["D4", "D5", "D2", "D1", "D3"],
        "moved" | "forged-exif" => &["D5", "D4", "D2"],
        _ => &[],
    }
}

fn trace(attack: &str) -> &'static [&'static str] {
    match attack {
        "trace-copy" | "many-weeks" => &["D6", "D1"],
        "white-jitter" => &["E2"],
        "on-rails" => &["E3"],
        "teleport" => &["E1", "F8"],
        "two-places" => &["E7"],
        "week-roll-over" => &["E6", "F4"],
        _ => &[],
    }
}
