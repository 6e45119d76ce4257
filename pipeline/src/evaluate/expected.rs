//! Which clauses are meant for which attack.

use cairn_datasets::tables::TrueRecord;

/// The clauses that a record deserves; any of them is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected(&'static [&'static str]);

impl Expected {
    /// Whether a clause should decide about it at all.
    #[must_use]
    pub fn deserves_verdict(self) -> bool {
        !self.0.is_empty()
    }

    /// Whether this clause is right.
    #[must_use]
    pub fn names(self, clause: &str) -> bool {
        // What D1 is to an image, O6 is to an object.
        let clause = if clause == "O6" { "D1" } else { clause };
        self.0.contains(&clause)
    }

    /// The clauses, the one that is meant first.
    #[must_use]
    pub fn clauses(self) -> &'static [&'static str] {
        self.0
    }
}

/// The clauses for what a record really is.
#[must_use]
pub fn expected(record: &TrueRecord) -> Expected {
    let is_picture = record.kind == "image";
    Expected(match (record.attack.as_str(), record.label.as_str()) {
        // The good pictures come second, and repeat the poor ones.
        ("poor-first", "original") if is_picture => &["D4", "D2", "D3"],
        // Where one stands, one picture is enough.
        ("" | "parked", "standing" | "repeat") => &["D3", "D4"],
        ("blur" | "lens-cap" | "night", "unusable") => &["I6"],
        (_, "unusable") => &["I6", "D3", "D4"],
        (attack, "copy" | "repeat" | "misdated" | "invented" | "part" | "poor") if is_picture => {
            picture(attack)
        }
        (attack, _) if !is_picture => trace(attack, &record.label),
        _ => &[],
    })
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

fn trace(attack: &str, label: &str) -> &'static [&'static str] {
    match (attack, label) {
        (_, "original" | "honest" | "standing") => &[],
        ("trace-copy" | "many-weeks", _) | ("sybil", "part") => &["D6", "D1"],
        ("white-jitter", _) => &["E2"],
        ("on-rails", _) => &["E3"],
        ("teleport", _) => &["E1", "F8"],
        ("two-places", _) => &["E7"],
        ("week-roll-over", _) => &["E6", "F4"],
        _ => &[],
    }
}
