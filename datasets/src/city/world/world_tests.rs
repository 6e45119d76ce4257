use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{Attack, Item, Label, World, WorldSpec};
use crate::table::{Row, assert_sorted_unique, sort_unique};
use crate::tables::TrueRecord;

/// A world small enough for a debug build.
fn small() -> WorldSpec {
    WorldSpec {
        contributors: 6,
        drives: 2,
        drive_ms: 120_000,
        frames_per_drive: 6,
        width: 64,
        height: 64,
        ..WorldSpec::default()
    }
}

fn items(world: &World) -> Vec<Item> {
    (0..world.parties()).flat_map(|n| world.party(n).items).collect()
}

fn digest(spec: &WorldSpec) -> Vec<u8> {
    let world = World::new(spec);
    let mut studio = world.studio();
    let mut hash = Sha256::new();
    for item in items(&world) {
        hash.update(item.path.as_bytes());
        hash.update(item.device.as_bytes());
        hash.update(item.uploaded_at_ms.to_le_bytes());
        hash.update(studio.make(&item));
        for row in world.records(&item, true) {
            hash.update(row.digest().0);
        }
    }
    hash.finalize().to_vec()
}

#[test]
fn the_same_spec_makes_the_same_bytes_and_another_seed_does_not() {
    assert_eq!(digest(&small()), digest(&small()));
    assert_ne!(digest(&small()), digest(&WorldSpec { seed: 21, ..small() }));
}

/// Changes whenever a byte of the world does: on purpose after an edit, never between machines or profiles.
#[test]
fn the_bytes_are_the_same_everywhere() {
    let spec = WorldSpec {
        contributors: 2,
        drives: 1,
        drive_ms: 60_000,
        ..small()
    };
    let digest = digest(&spec)
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(
        digest,
        "4c54f7744f89089b9863d87d91f9f57283ecb8a1de4b338762f294ea38a1ab0d"
    );
}

#[test]
fn files_can_be_made_in_any_order() {
    let world = World::new(&small());
    let items: Vec<Item> = items(&world).into_iter().step_by(17).collect();
    let mut forth = world.studio();
    let mut back = forth.clone();
    let first: Vec<Vec<u8>> = items.iter().map(|item| forth.make(item)).collect();
    let mut second: Vec<Vec<u8>> = items.iter().rev().map(|item| back.make(item)).collect();
    second.reverse();
    assert_eq!(first, second);
}

#[test]
fn parties_stand_in_the_order_of_their_names_and_records_in_that_of_their_keys() {
    let world = World::new(&small());
    let names: Vec<String> = (0..world.parties()).map(|n| world.party(n).name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let mut all = Vec::new();
    for number in 0..world.parties() {
        let party = world.party(number);
        let mut rows: Vec<TrueRecord> = party
            .items
            .iter()
            .flat_map(|item| world.records(item, true))
            .collect();
        sort_unique(&mut rows).unwrap();
        all.extend(rows);
    }
    assert_sorted_unique(&all).unwrap();
}

#[test]
fn every_attack_is_there_and_its_truth_is_consistent() {
    let world = World::new(&WorldSpec::default());
    let items = items(&world);
    let by_path: BTreeMap<&str, &Item> = items.iter().map(|item| (item.path.as_str(), item)).collect();
    assert_eq!(by_path.len(), items.len(), "paths are unique");
    let mut counts: BTreeMap<Attack, usize> = BTreeMap::new();
    for item in &items {
        assert!(
            item.path
                .starts_with(&format!("{}/{}/", item.contributor, item.session))
        );
        let week = 1_778_457_600_000..1_778_457_600_000 + 7 * 86_400_000;
        assert!(week.contains(&item.uploaded_at_ms), "{item:?}");
        let Some(attack) = item.attack else {
            assert!(matches!(item.label(), Label::Honest | Label::Standing));
            assert_eq!(item.repeats(), None);
            continue;
        };
        assert!(
            item.contributor
                .starts_with(&format!("attacker-{}-", attack.name()))
        );
        // What the attack is counted in; its own good drives are not the attack.
        let counted = match attack.unit() {
            super::Unit::Pictures => item.is_picture(),
            super::Unit::Drives => !item.is_picture(),
        };
        *counts.entry(attack).or_default() += usize::from(counted);
        if item.label() == Label::Copy {
            let of = by_path[item.repeats().unwrap()];
            assert!(
                matches!(of.label(), Label::Honest | Label::Standing),
                "{}",
                item.path
            );
            assert!(of.uploaded_at_ms < item.uploaded_at_ms, "{}", item.path);
            assert_eq!(of.is_picture(), item.is_picture());
        }
        if item.label() == Label::Repeat {
            let of = by_path[item.repeats().unwrap()];
            assert!(
                matches!(of.label(), Label::Original | Label::Standing),
                "{}",
                item.path
            );
            assert!(of.uploaded_at_ms < item.uploaded_at_ms, "{}", item.path);
        }
        if item.label() == Label::Poor {
            let of = by_path[item.repeats().unwrap()];
            assert!(of.uploaded_at_ms > item.uploaded_at_ms, "{}", item.path);
        }
    }
    assert_eq!(counts.len(), Attack::ALL.len());
    for (attack, count) in counts {
        assert!(count >= 30, "{} has {count}", attack.name());
    }
}

#[test]
fn the_truth_goes_through_arrow_and_back() {
    let world = World::new(&small());
    let rows: Vec<TrueRecord> = items(&world)
        .iter()
        .flat_map(|item| world.records(item, false))
        .collect();
    let batch = TrueRecord::to_batch(&rows).unwrap();
    assert_eq!(TrueRecord::from_batch(&batch).unwrap(), rows);
}

#[test]
fn no_attack_makes_honest_people_only() {
    let spec = WorldSpec {
        attacks: BTreeMap::new(),
        ..small()
    };
    let world = World::new(&spec);
    assert_eq!(world.parties(), 6);
    assert!(items(&world).iter().all(|item| item.attack.is_none()));
}

#[test]
fn odd_specs_make_a_world_too() {
    for (contributors, drives, drive_ms, frames_per_drive) in
        [(0, 0, 0, 0), (1, 1, 1, 1), (3, 7, 61_000, 10_000)]
    {
        let spec = WorldSpec {
            contributors,
            drives,
            drive_ms,
            frames_per_drive,
            width: 0,
            height: 0,
            blocks_east: 1,
            blocks_north: 1,
            ..WorldSpec::default()
        };
        let world = World::new(&spec);
        assert!(!items(&world).is_empty());
    }
}
