use proptest::prelude::*;

use super::*;
use crate::geodesy::distance_mm;

fn at(lat_e7: i32, lon_e7: i32) -> Position {
    Position { lat_e7, lon_e7 }
}

#[test]
fn a_reach_over_the_antimeridian_has_two_spans_of_longitude() {
    let spans = |position| Reach::of(position, 1_112).lon_ranges().collect::<Vec<_>>();
    assert_eq!(spans(at(0, 0)).len(), 1);
    let seam = spans(at(0, 1_799_999_950));
    assert_eq!(seam.len(), 2);
    assert_eq!((seam[0].east, seam[1].west), (1_800_000_000, -1_800_000_000));
    assert_eq!(
        spans(at(900_000_000, 0)),
        [LonRange {
            west: -1_800_000_000,
            east: 1_800_000_000
        }]
    );
}

proptest! {
    /// What lies within the distance lies in the box, and the spans are those of the box.
    #[test]
    fn a_reach_holds_all_that_is_near(
        lat in -900_000_000_i32..=900_000_000, lon in -1_800_000_000_i32..=1_800_000_000,
        mm in 1_u64..100_000_000, north in -1_000_i64..1_000, east in -1_000_i64..1_000,
    ) {
        let position = at(lat, lon);
        let reach = Reach::of(position, mm);
        let step = i64::try_from(mm).unwrap() * 1_000 / 11_119 / 1_000;
        let cosine = libm::cos(position.lat_deg().to_radians()).max(1e-6);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a place to try")]
        let aside = ((east * step) as f64 / cosine).clamp(-1.8e9, 1.8e9) as i64;
        let other = crate::geodesy::wrapped(i64::from(lat) + north * step, i64::from(lon) + aside);
        let in_spans = reach.lon_ranges().any(|span| (span.west..=span.east).contains(&other.lon_e7));
        if distance_mm(position, other) <= mm {
            prop_assert!(reach.holds(other) && in_spans);
        }
        if reach.holds(other) {
            prop_assert!(in_spans);
        }
    }
}
