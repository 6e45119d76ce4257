//! How large a world, and who is in it.

use std::collections::BTreeMap;

use super::attack::{Attack, Unit};

/// What to make. The same spec always makes the same bytes. Values out of range are moved to its nearer end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldSpec {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Honest contributors, 1..=1,000,000.
    pub contributors: u32,
    /// Drives of each, 1..=1,000, over five days.
    pub drives: u32,
    /// How long each drive lasts, in ms, 60 s to 4 h.
    pub drive_ms: i64,
    /// Pictures of each drive, at most 10,000.
    pub frames_per_drive: u32,
    /// Width of pictures in pixels, 64..=4096.
    pub width: u32,
    /// Height of pictures in pixels, 64..=4096.
    pub height: u32,
    /// Blocks of 90 m from west to east, at most 60; 0 takes as many as the contributors fill.
    pub blocks_east: u32,
    /// Blocks of 130 m from south to north, at most 60; 0 takes as many as the contributors fill.
    pub blocks_north: u32,
    /// The Monday midnight at which the week of all uploads starts, in ms since 1970 UTC, 1e12..=8e12.
    pub week_start_ms: i64,
    /// Whether traces are Parquet, whatever the device: for worlds without pictures.
    pub parquet_traces: bool,
    /// Parts per million that each attack makes of the honest pictures or drives, at most 10,000,000.
    pub attacks: BTreeMap<Attack, u32>,
}

impl Default for WorldSpec {
    /// Forty who map honestly, and every attack, in the week 2026-W20.
    fn default() -> Self {
        Self {
            seed: 20,
            contributors: 40,
            drives: 3,
            drive_ms: 480_000,
            frames_per_drive: 24,
            width: 640,
            height: 360,
            blocks_east: 0,
            blocks_north: 0,
            week_start_ms: 1_778_457_600_000,
            parquet_traces: false,
            attacks: Attack::ALL
                .iter()
                .map(|&attack| (attack, attack.default_ppm()))
                .collect(),
        }
    }
}

/// Pictures or drives of one attacker at most: money is counted per attack, and nobody should stand out.
const PICTURES_EACH: u64 = 24;
/// See [`PICTURES_EACH`].
const DRIVES_EACH: u64 = 6;

impl WorldSpec {
    /// The spec with every value in its range, so that nothing after it can overflow or run out of memory.
    pub(crate) fn clamped(&self) -> Self {
        let contributors = self.contributors.clamp(1, 1_000_000);
        let wide = [(5, 5), (16, 8), (36, 10), (100, 14), (400, 24), (1_600, 42)];
        let side = wide
            .iter()
            .find(|(most, _)| contributors <= *most)
            .map_or(60, |(_, side)| *side);
        let blocks = |given: u32, taken: u32| if given == 0 { taken } else { given.min(60) };
        Self {
            contributors,
            drives: self.drives.clamp(1, 1_000),
            drive_ms: self.drive_ms.clamp(60_000, 4 * 3_600_000) / 1_000 * 1_000,
            frames_per_drive: self.frames_per_drive.min(10_000),
            width: self.width.clamp(64, 4096),
            height: self.height.clamp(64, 4096),
            blocks_east: blocks(self.blocks_east, side),
            blocks_north: blocks(self.blocks_north, (side * 3 / 4).max(3)),
            week_start_ms: self.week_start_ms.clamp(1_000_000_000_000, 8_000_000_000_000) / 1_000 * 1_000,
            attacks: self
                .attacks
                .iter()
                .map(|(&attack, &ppm)| (attack, ppm.min(10_000_000)))
                .collect(),
            ..self.clone()
        }
    }

    /// Pictures or drives that an attack makes.
    pub(crate) fn records(&self, attack: Attack) -> u64 {
        let drives = u64::from(self.contributors) * u64::from(self.drives);
        let base = match attack.unit() {
            Unit::Drives => drives,
            Unit::Pictures => drives * u64::from(self.frames_per_drive),
        };
        let ppm = self.attacks.get(&attack).copied().unwrap_or(0);
        // At most 1e13 * 1e7, which 128 bits hold.
        let records = (u128::from(base) * u128::from(ppm)).div_ceil(1_000_000);
        u64::try_from(records).unwrap_or(u64::MAX)
    }

    /// Contributors who do it.
    pub(crate) fn attackers(&self, attack: Attack) -> u64 {
        let records = self.records(attack);
        match attack {
            Attack::Sybil => records
                .div_ceil(DRIVES_EACH)
                .next_multiple_of(super::people::SYBILS),
            _ => records.div_ceil(most_each(attack)),
        }
    }

    /// Pictures or drives of the attacker of a number, from 0.
    pub(crate) fn records_of(&self, attack: Attack, number: u64) -> u64 {
        let (records, attackers) = (self.records(attack), self.attackers(attack));
        if attackers == 0 || number >= attackers {
            return 0;
        }
        if attack == Attack::Sybil {
            // All ids of a group send the same drives.
            return records.div_ceil(attackers);
        }
        let each = most_each(attack);
        records.saturating_sub(number * each).min(each)
    }
}

fn most_each(attack: Attack) -> u64 {
    match attack.unit() {
        Unit::Pictures => PICTURES_EACH,
        Unit::Drives => DRIVES_EACH,
    }
}
