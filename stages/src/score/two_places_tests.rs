use cairn_datasets::units::Timestamp;

use super::*;

fn seen(contributor: &str, pass: &str, at: i64, east_e7: i32, signed: bool) -> Presence {
    Presence {
        device: "cam-1".into(),
        at: Timestamp(at),
        pass_id: Digest::of(pass.as_bytes()),
        contributor: contributor.into(),
        signed,
        lat_e7: 0,
        lon_e7: east_e7,
        home: format!("tile={pass}"),
    }
}

fn found(rows: &[Presence]) -> Vec<String> {
    let found = two_places(&EvidencePolicy::default(), rows);
    found.into_iter().map(|(home, _)| home).collect()
}

#[test]
fn policy_e7_a_device_in_two_places_at_once_speaks_against_both_passes() {
    // 5 km apart, 10 s apart.
    let rows = [
        seen("ann", "a", 0, 0, false),
        seen("ann", "b", 10_000, 450_000, false),
    ];
    assert_eq!(found(&rows).len(), 2);
    // What a drive can do, what noise can do, and what a minute can do.
    assert_eq!(
        found(&[
            seen("ann", "a", 0, 0, false),
            seen("ann", "b", 60_000, 310_000, false)
        ]),
        [""; 0]
    );
    assert_eq!(
        found(&[seen("ann", "a", 0, 0, false), seen("ann", "b", 0, 17_000, false)]),
        [""; 0]
    );
    assert_eq!(
        found(&[
            seen("ann", "a", 0, 0, false),
            seen("ann", "b", 60_001, 900_000, false)
        ]),
        [""; 0]
    );
}

#[test]
fn policy_e7_naming_anothers_device_does_not_hurt_its_owner() {
    let owner = seen("ann", "a", 0, 0, true);
    let thief = seen("eve", "b", 0, 900_000, false);
    assert_eq!(found(&[owner.clone(), thief.clone()]), ["tile=b"]);
    // Unsigned both: neither can accuse the other.
    let unsigned = Presence {
        signed: false,
        ..owner
    };
    assert_eq!(found(&[unsigned, thief]), [""; 0]);
}

#[test]
fn policy_e7_the_order_of_rows_changes_nothing() {
    let mut rows: Vec<Presence> = (0..40_i32)
        .map(|n| {
            seen(
                ["ann", "eve"][usize::from(n % 3 == 0)],
                &n.to_string(),
                i64::from(n) * 7_000,
                n % 5 * 200_000,
                n % 2 == 0,
            )
        })
        .collect();
    let mut sorted = found(&rows);
    sorted.sort();
    rows.reverse();
    let mut again = found(&rows);
    again.sort();
    assert!(!sorted.is_empty());
    assert_eq!(sorted, again);
}

/// Two drives at once with one device, a pass each 8 s, from 2 to 20 km apart; and honest drives one after the other.
#[test]
fn policy_e7_two_drives_at_once_are_seen_and_drives_in_turn_are_not() {
    let drive = |name: &str, start: i64, east: i32| -> Vec<Presence> {
        let pass = |n: i64| {
            let at = i32::try_from(n).unwrap();
            seen(
                "ann",
                &format!("{name}-{n}"),
                start + n * 8_000,
                east + at * 9_000,
                false,
            )
        };
        (0..60).map(pass).collect()
    };
    for km in [2, 5, 20] {
        let mut rows = drive("a", 0, 0);
        rows.extend(drive("b", 3_000, km * 90_000));
        let found = found(&rows).len();
        assert!(
            found * 100 >= rows.len() * 95,
            "{km} km: {found} of {}",
            rows.len()
        );
    }
    let mut turns = drive("a", 0, 0);
    turns.extend(drive("b", 490_000, 60 * 9_000));
    assert_eq!(found(&turns), [""; 0]);
}
