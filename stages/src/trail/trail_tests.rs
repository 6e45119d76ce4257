use proptest::prelude::*;

use super::plane::{Plane, PlaneTrail};
use super::*;
use cairn_datasets::cell::Cell;

fn moment(at: i64, lat_e7: i32, lon_e7: i32) -> Moment {
    Moment {
        at: Timestamp(at),
        position: Position { lat_e7, lon_e7 },
    }
}

#[test]
fn thinning_keeps_both_ends_and_steps_of_four_seconds() {
    let track: Vec<Moment> = (0..11).map(|s| moment(s * 1_000, 0, 0)).collect();
    let kept: Vec<i64> = thin(&track).iter().map(|m| m.at.0).collect();
    assert_eq!(kept, [0, 4_000, 8_000, 10_000]);
    assert_eq!(thin(&[]), []);
}

#[test]
fn a_cut_pack_gives_what_precedes_the_cut() {
    let track = [
        moment(1_778_500_000_000, 557_047_000, 131_910_000),
        moment(1_778_500_004_000, -5, 7),
    ];
    let bytes = pack(&track);
    assert_eq!(unpack(&bytes), track);
    assert_eq!(unpack(&bytes[..bytes.len() - 1]), track[..1]);
}

#[test]
fn a_walk_gives_what_asking_gives_in_any_order() {
    let cell = Cell::at(
        Position {
            lat_e7: 557_047_000,
            lon_e7: 131_910_000,
        },
        h3o::Resolution::Eleven,
    );
    let track: Vec<Moment> = (0..20)
        .map(|s| {
            moment(
                s * 4_000,
                557_047_000 + i32::try_from(s * s).unwrap() * 90,
                131_910_000,
            )
        })
        .collect();
    let trail = PlaneTrail::new(Plane::around(cell), Timestamp(0), &track);
    let mut walk = trail.walk();
    for time in [0, 4_000, 5_000, 76_000, 3_000, 0, 2_000, 80_000, 75_999, -1] {
        assert_eq!(walk.at(time), trail.at(time), "{time}");
    }
    assert_eq!(trail.at(76_001), None);
    assert_eq!(trail.at(-1), None);
}

proptest! {
    #[test]
    fn packed_moments_come_back(moments in proptest::collection::vec((any::<i32>(), -900_000_000_i32..=900_000_000, -1_800_000_000_i32..=1_800_000_000), 0..40)) {
        let moments: Vec<Moment> = moments.into_iter().map(|(at, lat, lon)| moment(i64::from(at) * 1_000, lat, lon)).collect();
        prop_assert_eq!(unpack(&pack(&moments)), moments);
    }
}
