//! A world of any size in which the truth is known: honest people, and those who want more than is owed.
//!
//! The unit is the [`Party`]: one contributor with all files. Any party can be listed without the others, and any
//! file made without the rest, so that a caller may use as many threads as it likes and gets the same bytes.
//!
//! ```
//! use cairn_datasets::city::world::{World, WorldSpec};
//!
//! let spec = WorldSpec { contributors: 2, drives: 1, width: 64, height: 64, ..WorldSpec::default() };
//! let world = World::new(&spec);
//! let party = world.party(world.parties() - 1);
//! assert_eq!(party.name, "driver-00002");
//! assert!(party.items[0].path.starts_with("driver-00002/2026-05-"));
//! let trace = world.studio().make(&party.items[0]);
//! assert!(!trace.is_empty());
//! ```

mod attack;
mod columns;
mod copies;
mod drives;
mod edit;
mod fit;
mod item;
mod motion;
mod nmea;
mod outing;
mod people;
mod receiver;
mod records;
mod spec;
mod standin;
mod studio;

pub use attack::{Attack, Unit};
pub use item::{Item, Label};
pub use people::TraceFormat;
pub use spec::WorldSpec;
pub use standin::Imagined;
pub use studio::Studio;

use super::rng::Rng;
use super::streets::{Projection, Streets};
use outing::{Outing, Wanted};
use people::Person;

/// Streams of random numbers: one per purpose, then one per drive.
pub(crate) mod stream {
    pub(crate) const SCENE: u64 = 1;
    pub(crate) const TEXTURES: u64 = 2;
    /// One for each three hours since 1970.
    pub(crate) const WEATHER: u64 = 1 << 24;
    /// Drives of a person, the route that is the same each day, and what an attacker draws.
    pub(crate) const PER_PERSON: u64 = 1 << 12;
    pub(crate) const ROUTE: u64 = 1 << 11;
    pub(crate) const DRAWS: u64 = (1 << 11) + 16;
    pub(crate) const HONEST: u64 = 1 << 40;
    pub(crate) const ATTACKERS: u64 = 1 << 50;
    pub(crate) const PER_ATTACK: u64 = 1 << 42;
}

/// Pictures of a session of copies, at most.
const COPIES: u64 = 12;

/// A contributor with all files, in the order of their upload within each session.
#[derive(Debug, Clone)]
pub struct Party {
    /// Contributor id.
    pub name: String,
    /// What it does beside honest work.
    pub attack: Option<Attack>,
    /// The files.
    pub items: Vec<Item>,
}

/// The world of a spec. Small, whatever the spec's size: parties are listed when they are asked for.
#[derive(Debug, Clone)]
pub struct World {
    spec: WorldSpec,
    streets: Streets,
    projection: Projection,
}

impl World {
    /// The world of a spec.
    #[must_use]
    pub fn new(spec: &WorldSpec) -> Self {
        let spec = spec.clamped();
        Self {
            streets: Streets::with_sights(spec.blocks_east, spec.blocks_north),
            projection: Projection::new(),
            spec,
        }
    }

    /// How many parties there are.
    #[must_use]
    pub fn parties(&self) -> u64 {
        let attackers = Attack::ALL.iter().map(|&attack| self.spec.attackers(attack));
        attackers.sum::<u64>() + u64::from(self.spec.contributors)
    }

    /// The party of a number, from 0, in the order of their names; past the last there is an empty one.
    #[must_use]
    pub fn party(&self, number: u64) -> Party {
        let mut number = number;
        for &attack in Attack::ALL {
            let attackers = self.spec.attackers(attack);
            if number < attackers {
                return self.attackers_party(attack, number);
            }
            number -= attackers;
        }
        let person = Person::honest(&self.spec, number);
        let drives = if number < u64::from(self.spec.contributors) {
            self.spec.drives
        } else {
            0
        };
        let sessions = (0..drives).map(|drive| self.honest_outing(&person, drive).session(&self.projection));
        Party {
            items: sessions.flatten().collect(),
            name: person.name,
            attack: None,
        }
    }

    /// What makes the files' bytes. It is large; each thread needs one of its own.
    #[must_use]
    pub fn studio(&self) -> Studio {
        Studio::new(&self.spec, &self.streets)
    }

    fn attackers_party(&self, attack: Attack, number: u64) -> Party {
        let person = Person::attacker(&self.spec, attack, number);
        let records = self.spec.records_of(attack, number);
        // Ids of a group share the drives' streams, not what they draw.
        let own = number * stream::PER_PERSON + stream::DRAWS;
        let base = stream::ATTACKERS + attack.number() * stream::PER_ATTACK;
        let mut rng = Rng::new(self.spec.seed, base + own);
        let mut items = Vec::new();
        match attack.unit() {
            Unit::Drives => {
                for drive in 0..u32::try_from(records).unwrap_or(0) {
                    items.extend(self.drives(&person, attack, number, drive, &mut rng));
                }
            }
            Unit::Pictures => {
                let each = COPIES.min(u64::from(self.spec.frames_per_drive)).max(1);
                let mut left = records;
                let mut session = 0;
                while left > 0 {
                    let count = usize::try_from(left.min(each)).unwrap_or(0);
                    items.extend(match attack {
                        Attack::Blur | Attack::LensCap | Attack::Night => {
                            self.unusable(&person, attack, session, count)
                        }
                        Attack::Parked => self.parked(&person, session, count, &mut rng),
                        _ => self.copies(&person, attack, session, count, &mut rng),
                    });
                    left -= left.min(each);
                    session += 1;
                }
            }
        }
        Party {
            items,
            name: person.name,
            attack: Some(attack),
        }
    }

    fn honest_outing(&self, person: &Person, drive: u32) -> Outing {
        self.outing(person, drive, self.spec.frames_per_drive, None)
    }

    fn outing(&self, person: &Person, drive: u32, frames: u32, start_ms: Option<i64>) -> Outing {
        let wanted = Wanted {
            drive,
            frames,
            start_ms,
        };
        Outing::new(&self.spec, &self.streets, person, wanted)
    }

    /// An honest drive of anyone.
    fn victim(&self, rng: &mut Rng) -> Outing {
        let number = u64::from(rng.below(self.spec.contributors));
        let person = Person::honest(&self.spec, number);
        self.honest_outing(&person, rng.below(self.spec.drives))
    }
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
