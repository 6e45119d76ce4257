//! All privacy zones of a run, to be asked by position.
//!
//! Zones are listed by squares of about a tenth of a degree that their boxes touch, so that a position
//! is held only against those near it, however many there are. A zone that touches very many squares
//! is asked of every position.

use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::units::Position;

use super::zone::Zone;

/// Squares are 2^20 units of 1e-7 degrees wide and high: 11.7 km along a meridian.
const SQUARE_BITS: u32 = 20;
/// A box that touches more squares than this is in no square's list.
const MOST_SQUARES: i64 = 1_024;

/// The privacy zones of a run: those that hold for everyone, and those of one contributor.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    digest: Option<Digest>,
    for_all: Layer,
    for_one: BTreeMap<String, Layer>,
}

/// Zones that hold for the same people.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    zones: Vec<Zone>,
    squares: BTreeMap<(i32, i32), Vec<usize>>,
    wide: Vec<usize>,
}

impl Zones {
    /// Zones, each with the contributor it holds for (`None`: for all), and the SHA-256 of what they
    /// were read from, by which a run names them.
    #[must_use]
    pub fn new(digest: Digest, zones: impl IntoIterator<Item = (Option<String>, Zone)>) -> Self {
        let mut all = Self {
            digest: Some(digest),
            ..Self::default()
        };
        for (contributor, zone) in zones {
            let layer = match contributor {
                None => &mut all.for_all,
                Some(contributor) => all.for_one.entry(contributor).or_default(),
            };
            layer.add(zone);
        }
        all
    }

    /// The digest they were made with; `None` when there are none.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The contributors that some zone is for.
    pub fn contributors(&self) -> impl Iterator<Item = &str> {
        self.for_one.keys().map(String::as_str)
    }

    /// Whether one of the zones that hold for a contributor contains a position.
    #[must_use]
    pub fn hide(&self, contributor: &str, position: Position) -> bool {
        self.of(contributor).any(|layer| layer.hides(position))
    }

    /// The zones that hold for a contributor.
    pub(super) fn of(&self, contributor: &str) -> impl Iterator<Item = &Layer> {
        [Some(&self.for_all), self.for_one.get(contributor)]
            .into_iter()
            .flatten()
            .filter(|layer| !layer.zones.is_empty())
    }
}

impl Layer {
    fn add(&mut self, zone: Zone) {
        let number = self.zones.len();
        for bounds in zone.bounds() {
            let (south, north) = (square(bounds.south), square(bounds.north));
            let (west, east) = (square(bounds.west), square(bounds.east));
            if (i64::from(north - south) + 1) * (i64::from(east - west) + 1) > MOST_SQUARES {
                self.wide.push(number);
                continue;
            }
            for lat in south..=north {
                for lon in west..=east {
                    self.squares.entry((lat, lon)).or_default().push(number);
                }
            }
        }
        self.zones.push(zone);
    }

    pub(super) fn hides(&self, position: Position) -> bool {
        let near = self
            .squares
            .get(&(square(position.lat_e7), square(position.lon_e7)));
        near.into_iter()
            .flatten()
            .chain(&self.wide)
            .filter_map(|number| self.zones.get(*number))
            .any(|zone| zone.contains(position))
    }
}

fn square(e7: i32) -> i32 {
    e7 >> SQUARE_BITS
}

#[cfg(test)]
#[path = "zones_tests.rs"]
mod tests;
