use proptest::prelude::*;

use super::*;

fn circle(lat_e7: i32, lon_e7: i32, radius_mm: u64) -> Zone {
    Zone::circle(Position { lat_e7, lon_e7 }, radius_mm).unwrap()
}

fn digest() -> Digest {
    Digest::of(b"zones")
}

#[test]
fn policy_x1_a_zone_of_one_contributor_hides_nothing_of_others() {
    let home = Position {
        lat_e7: 557_000_000,
        lon_e7: 131_000_000,
    };
    let zones = Zones::new(
        digest(),
        [(Some("ada".to_owned()), circle(home.lat_e7, home.lon_e7, 50_000))],
    );
    assert!(zones.hide("ada", home) && !zones.hide("ben", home));
    let both = Zones::new(digest(), [(None, circle(home.lat_e7, home.lon_e7, 50_000))]);
    assert!(both.hide("ada", home) && both.hide("ben", home));
    assert!(zones.contributors().eq(["ada"]) && both.contributors().next().is_none());
}

proptest! {
    /// The squares find what asking every zone finds.
    #[test]
    fn squares_change_no_answer(
        zones in prop::collection::vec(
            (-900_000_000_i32..=900_000_000, prop_oneof![Just(1_799_999_000), -1_800_000_000_i32..=1_800_000_000],
             prop_oneof![1_u64..1_000_000, 1_u64..100_000_000]), 1..30),
        beside in prop::collection::vec((any::<prop::sample::Index>(), -9_000_000_i64..9_000_000, -9_000_000_i64..9_000_000), 40),
    ) {
        let shapes: Vec<Zone> = zones.iter().map(|(lat, lon, mm)| circle(*lat, *lon, *mm)).collect();
        let indexed = Zones::new(digest(), shapes.iter().cloned().map(|zone| (None, zone)));
        for (of, north, east) in beside {
            let (lat, lon, _) = zones[of.index(zones.len())];
            for scale in [1, 100] {
                let position = crate::geodesy::wrapped(i64::from(lat) + north / scale, i64::from(lon) + east / scale);
                let slowly = shapes.iter().any(|zone| zone.contains(position));
                prop_assert_eq!(indexed.hide("anyone", position), slowly);
            }
        }
    }
}
