use super::*;
use crate::place::fixtures::{after, at, kept};
use crate::place::gates::KeptFix;
use crate::place::track::{Track, tracks};
use crate::policy::PlacePolicy;

const HOUR: i64 = 3_600_000;

fn drive_of(seconds: u32) -> Vec<Track> {
    let kept: Vec<KeptFix> = (0..seconds)
        .map(|s| kept(s, after(i64::from(s) * 1_000), at(i64::from(s) * 10_000, 0)))
        .collect();
    tracks("a", None, &kept, &PlacePolicy::default())
}

/// What a clock that is `offset` ahead of UTC shows so many seconds into the drive.
fn civil(seconds: &[i64], offset: i64) -> Vec<Timestamp> {
    seconds.iter().map(|s| after(s * 1_000 + offset)).collect()
}

#[test]
fn policy_i_the_one_offset_that_lays_all_pictures_on_the_track_is_the_cameras() {
    let tracks = drive_of(600);
    let index = TraceIndex::new(&tracks);
    // Lund in summer is UTC+2; the sun says UTC+0:53.
    assert_eq!(
        offset_ms(&civil(&[0, 300, 599], 2 * HOUR), &index, &PlacePolicy::default()),
        Some(2 * HOUR)
    );
    assert_eq!(to_utc(after(2 * HOUR), 2 * HOUR), after(0));
}

#[test]
fn policy_i3_no_offset_fits_pictures_that_the_track_does_not_cover() {
    let tracks = drive_of(600);
    let index = TraceIndex::new(&tracks);
    assert_eq!(
        offset_ms(&civil(&[0, 606], 2 * HOUR), &index, &PlacePolicy::default()),
        None
    );
    assert_eq!(offset_ms(&[], &index, &PlacePolicy::default()), None);
    assert_eq!(
        offset_ms(&civil(&[0], 0), &TraceIndex::new(&[]), &PlacePolicy::default()),
        None
    );
    // Tokyo time in Lund: a coincidence is likelier.
    assert_eq!(
        offset_ms(&civil(&[0, 300], 9 * HOUR), &index, &PlacePolicy::default()),
        None
    );
}

#[test]
fn policy_i3_where_several_offsets_fit_nothing_tells_them_apart() {
    let tracks = drive_of(2 * 3_600);
    let index = TraceIndex::new(&tracks);
    assert_eq!(
        offset_ms(&civil(&[600, 1_200], 2 * HOUR), &index, &PlacePolicy::default()),
        None
    );
    // A picture near each end leaves one.
    assert_eq!(
        offset_ms(&civil(&[600, 7_000], 2 * HOUR), &index, &PlacePolicy::default()),
        Some(2 * HOUR)
    );
}

#[test]
fn solar_time_goes_round_at_the_date_line() {
    let kiritimati = Position {
        lat_e7: 18_000_000,
        lon_e7: -1_574_000_000,
    };
    // The sun is 10.49 h behind Greenwich there, or 13.51 h ahead.
    assert_eq!(from_solar_ms(14 * HOUR, kiritimati), 1_776_000);
    assert_eq!(from_solar_ms(-10 * HOUR, kiritimati), 1_776_000);
    assert_eq!(from_solar_ms(0, kiritimati), 37_776_000);
    assert!(OFFSETS.is_sorted());
}
