//! Where the cells of an epoch lie: groups of neighbouring cells, so that a map can begin where there is something.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_stages::emit::cell_geometry;
use geo::BoundingRect;
use serde::Serialize;

/// Cells of one place are at most some 50 km from the next: neighbours at this resolution.
const PLACE_RESOLUTION: u64 = 4;

/// Some cells that lie near each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Place {
    /// How many cells.
    pub(super) cells: u64,
    /// What was earned in them.
    pub(super) reward: u64,
    /// West, south, east and north in degrees.
    pub(super) bounds: [f64; 4],
}

/// The places of some cells with the rewards earned there, those that earned the most first.
pub(super) fn places(cells: impl IntoIterator<Item = (Cell, u64)>) -> Vec<Place> {
    let Ok(coarse) = resolution(PLACE_RESOLUTION) else {
        return Vec::new();
    };
    let mut regions: BTreeMap<Cell, Place> = BTreeMap::new();
    for (cell, reward) in cells {
        // A cell on the antimeridian is drawn in two parts, and would span the world.
        let Some(rect) = cell_geometry(cell)
            .bounding_rect()
            .filter(|rect| rect.width() < 180.0)
        else {
            continue;
        };
        let one = Place {
            cells: 1,
            reward,
            bounds: [rect.min().x, rect.min().y, rect.max().x, rect.max().y],
        };
        regions
            .entry(cell.parent(coarse))
            .and_modify(|place| place.join(&one))
            .or_insert(one);
    }
    let mut found = Vec::new();
    while let Some((cell, mut place)) = regions.pop_first() {
        let mut around = cell.with_ring();
        while let Some(near) = around.pop() {
            if let Some(more) = regions.remove(&near) {
                place.join(&more);
                around.extend(near.with_ring());
            }
        }
        found.push(place);
    }
    found.sort_by_key(|place| (Reverse(place.reward), Reverse(place.cells)));
    found
}

impl Place {
    fn join(&mut self, other: &Self) {
        self.cells += other.cells;
        self.reward = self.reward.saturating_add(other.reward);
        let ([w, s, e, n], [w2, s2, e2, n2]) = (self.bounds, other.bounds);
        self.bounds = [w.min(w2), s.min(s2), e.max(e2), n.max(n2)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_datasets::units::Position;

    #[test]
    fn cells_of_two_cities_are_two_places() {
        let at = |lat: i32, lon: i32| {
            let position = Position::new(lat * 100_000, lon * 100_000).unwrap();
            (Cell::at(position, resolution(11).unwrap()), 1)
        };
        let found = places([at(5570, 1319), at(5571, 1320), at(5572, 1318), at(4188, -8763)]);
        assert_eq!(found.iter().map(|place| place.cells).collect::<Vec<_>>(), [3, 1]);
        let [west, south, east, north] = found[0].bounds;
        assert!(
            west < 13.18 && east > 13.20 && south < 55.70 && north > 55.72,
            "{found:?}"
        );
        assert!(east - west < 0.1);
    }
}
