//! What attackers earned, beside what the same effort spent honestly earns.

use std::collections::BTreeMap;

use cairn_datasets::tables::{Pass, Reward, TrueRecord};
use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::Reason;
use serde::Serialize;

use super::Tables;

/// What one attack earned.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Earned {
    /// Its ids.
    pub contributors: u64,
    /// Credit of all of them, in micro-credits.
    pub credit: u64,
    /// What honest people earn with as many pictures or with as many fixes, whichever is more, in micro-credits.
    pub honestly: u64,
    /// The one by the other, ppm.
    pub share_ppm: Option<u64>,
    /// Whether it was really recorded there and then, at least in part, so that it is owed something.
    pub real_work: bool,
}

/// Who earned what.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Money {
    /// Credit of the honest, in micro-credits.
    pub honest: u64,
    /// What verdicts and evidence on honest passes cost them at most, in micro-credits: the worth of passes called
    /// copies, and the part that integrity takes.
    pub honest_lost: u64,
    /// That as a share of what they would have then, ppm.
    pub honest_lost_ppm: Option<u64>,
    /// Their credit in a run of the same world without attackers, who drive too and compete for the same cells; none
    /// when there was none to compare with.
    pub honest_without_attackers: Option<u64>,
    /// Each attack.
    pub attacks: BTreeMap<String, Earned>,
    /// All attacks that record nothing: what they earned by what the same effort earns honestly, ppm.
    pub attackers_share_ppm: Option<u64>,
}

/// Effort of some records: what they cost to make honestly.
#[derive(Clone, Copy, Default)]
struct Effort {
    pictures: u64,
    fixes: u64,
}

/// Reckons it up.
#[must_use]
pub fn money(truth: &[TrueRecord], tables: &Tables, without: Option<&[Reward]>) -> Money {
    let mut attack_of: BTreeMap<&str, &str> = BTreeMap::new();
    let mut efforts: BTreeMap<&str, Effort> = BTreeMap::new();
    let mut real: BTreeMap<&str, bool> = BTreeMap::new();
    let fixes: BTreeMap<&str, u64> = tables
        .objects
        .iter()
        .map(|object| (object.path.as_str(), u64::from(object.fixes)))
        .collect();
    for record in truth.iter().filter(|record| record.kind != "fix") {
        attack_of.insert(&record.contributor, &record.attack);
        let effort = efforts.entry(&record.attack).or_default();
        if record.kind == "image" {
            effort.pictures += 1;
        } else {
            effort.fixes += fixes.get(record.path.as_str()).copied().unwrap_or(0);
        }
        *real.entry(&record.attack).or_default() |=
            matches!(record.label.as_str(), "original" | "part" | "poor" | "misdated");
    }
    let mut credits: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ids: BTreeMap<&str, u64> = BTreeMap::new();
    for reward in &tables.rewards {
        if let Some(attack) = attack_of.get(reward.contributor.as_str()) {
            *credits.entry(attack).or_default() += reward.credit;
        }
    }
    for attack in attack_of.values() {
        *ids.entry(attack).or_default() += 1;
    }
    let honest = credits.get("").copied().unwrap_or(0);
    let work = efforts.get("").copied().unwrap_or_default();
    let honestly = |effort: Effort| {
        let by_pictures = share(honest, effort.pictures, work.pictures);
        by_pictures.max(share(honest, effort.fixes, work.fixes))
    };
    let attacks: BTreeMap<String, Earned> = efforts
        .iter()
        .filter(|(attack, _)| !attack.is_empty())
        .map(|(attack, effort)| {
            let credit = credits.get(attack).copied().unwrap_or(0);
            let honestly = honestly(*effort);
            let earned = Earned {
                contributors: ids.get(attack).copied().unwrap_or(0),
                credit,
                honestly,
                share_ppm: by(credit, honestly),
                real_work: real.get(attack).copied().unwrap_or(false),
            };
            ((*attack).to_owned(), earned)
        })
        .collect();
    let theirs = |pass: &&Pass| attack_of.get(pass.contributor.as_str()) == Some(&"");
    let honest_lost = tables.passes.iter().filter(theirs).map(taken).sum();
    let forged = || attacks.values().filter(|earned| !earned.real_work);
    let before = without.map(|rewards| {
        let theirs = rewards
            .iter()
            .filter(|r| attack_of.get(r.contributor.as_str()) == Some(&""));
        theirs.map(|r| r.credit).sum::<u64>()
    });
    Money {
        honest,
        honest_without_attackers: before,
        honest_lost,
        honest_lost_ppm: by(honest_lost, honest.saturating_add(honest_lost)),
        attackers_share_ppm: by(
            forged().map(|earned| earned.credit).sum(),
            forged().map(|earned| earned.honestly).sum(),
        ),
        attacks,
    }
}

/// What a verdict or evidence takes of a pass's worth, in micro-credits, at most: its slot may stand higher already.
fn taken(pass: &Pass) -> u64 {
    let worth = match pass.reason {
        Reason::CopiedTrack => pass.quality_ppm,
        Reason::None => {
            Ppm::clamped(i64::from(pass.quality_ppm.parts()) - i64::from(pass.effective().parts()))
        }
        _ => Ppm::ZERO,
    };
    let priced = u128::from(worth.parts()) * u128::from(pass.demand_ppm) * u128::from(pass.region_ppm);
    u64::try_from(priced / 1_000_000_000_000).unwrap_or(u64::MAX)
}

/// `whole * part / of`, floored.
fn share(whole: u64, part: u64, of: u64) -> u64 {
    let exact = (u128::from(whole) * u128::from(part)).checked_div(u128::from(of));
    exact.and_then(|share| u64::try_from(share).ok()).unwrap_or(0)
}

fn by(part: u64, of: u64) -> Option<u64> {
    (of > 0).then(|| share(1_000_000, part, of))
}
