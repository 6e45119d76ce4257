use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::table::Row;
use cairn_datasets::tables::{Candidate, Fingerprint, Fix, Image, Object, Pass, Repeat, SequenceTile, Shot};
use cairn_datasets::verdict::Verdict;
use proptest::prelude::*;

use super::fixtures::{END, HOME, after, at, drive, kernel, session, shot, shot_at};
use super::gates::tests::any_trace;
use super::*;

fn tables(session: &Session) -> Tables {
    let objects: Vec<Object> = session.objects.values().cloned().collect();
    let mut tables = Tables::default();
    tables.insert("objects", Object::to_batch(&objects).unwrap());
    tables.insert("fixes", Fix::to_batch(&session.fixes).unwrap());
    tables.insert("shots", Shot::to_batch(&session.shots).unwrap());
    tables
}

fn cuts(kernel: &PlaceKernel, tables: &Tables) -> Vec<Cut> {
    kernel.apply("session=alice/monday", tables).unwrap()
}

/// The rows of a table with the group of each.
fn rows<R: Row>(cuts: &[Cut]) -> Vec<(String, R)> {
    cuts.iter()
        .filter(|cut| cut.table == R::TABLE)
        .flat_map(|cut| {
            R::from_batch(&cut.rows)
                .unwrap()
                .into_iter()
                .map(|row| (cut.group.clone(), row))
        })
        .collect()
}

/// The rows of a table in key order, whatever tile they lie in.
fn table<R: Row>(cuts: &[Cut]) -> Vec<R> {
    let mut rows: Vec<R> = rows(cuts).into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(Row::key);
    rows
}

/// A drive of 10 minutes with a picture each 5 s, some of them bad or without a position.
fn rich() -> Session {
    let mut shots: Vec<Shot> = (0..120_i64)
        .map(|n| shot_at(&format!("b/{n:03}.jpg"), after(n * 5_000), at(n * 50_000, 2_000)))
        .collect();
    shots[3].captured_at = None;
    shots[5].mean_milli = 500;
    (shots[7].lat_e7, shots[7].lon_e7) = (None, None);
    (shots[8].lat_e7, shots[8].lon_e7) = (Some(0), Some(0));
    (shots[9].lat_e7, shots[9].captured_at) = (None, None);
    shots.push(shot_at("c/far.jpg", after(100_000), at(0, 900_000)));
    shots.push(shot_at("c/later.jpg", after(3_000_000), at(0, 0)));
    session(drive(600), shots)
}

#[test]
fn every_image_comes_out_once_with_a_finding_and_in_its_tile() {
    let session = rich();
    let cuts = cuts(&kernel(&Policy::default()), &tables(&session));
    let images = rows::<Image>(&cuts);
    assert_eq!(images.len(), session.shots.len());
    let reasons: BTreeMap<&str, usize> = images.iter().fold(BTreeMap::new(), |mut counts, (_, image)| {
        *counts.entry(image.reason.code()).or_default() += 1;
        counts
    });
    let expected = [
        ("", 117),
        ("I2-null-island", 1),
        ("I3-no-time", 2),
        ("I5-far-from-trace", 1),
        ("I6-covered", 1),
    ];
    assert_eq!(reasons, BTreeMap::from(expected));
    for (group, image) in &images {
        assert_eq!(
            *group,
            crate::groups::tile_group(image.cell, h3o::Resolution::Six)
        );
        assert_eq!(image.cell.is_some(), image.position().is_some());
        assert_eq!(image.sequence.is_some(), image.verdict == Verdict::Kept);
        assert_eq!(image.pass_id.is_some(), image.verdict == Verdict::Kept);
    }
}

#[test]
fn passes_know_their_images_and_images_their_passes() {
    let cuts = cuts(&kernel(&Policy::default()), &tables(&rich()));
    let (images, passes) = (table::<Image>(&cuts), table::<Pass>(&cuts));
    assert_eq!(passes.iter().map(|pass| pass.fixes).sum::<u32>(), 600);
    for pass in &passes {
        let mine = images.iter().filter(|image| image.pass_id == Some(pass.pass_id));
        assert_eq!(mine.clone().count(), pass.images as usize);
        assert!(mine.clone().all(|image| image.cell == Some(pass.cell)));
        assert!(mine.clone().all(|image| image.sequence == Some(pass.sequence)));
        assert!(pass.start_at <= pass.end_at);
    }
    let ids: BTreeSet<_> = passes.iter().map(|pass| pass.pass_id).collect();
    assert_eq!(ids.len(), passes.len());
    // Those of the track, and the one picture taken long after it.
    let sequences: BTreeSet<_> = passes.iter().map(|pass| pass.sequence).collect();
    assert_eq!(sequences.len(), 2);
    assert_eq!(passes.iter().filter(|pass| !pass.has_track).count(), 1);
    let tiles: BTreeSet<_> = table::<SequenceTile>(&cuts)
        .into_iter()
        .map(|row| (row.sequence, row.tile))
        .collect();
    let expected: BTreeSet<_> = rows::<Pass>(&cuts)
        .into_iter()
        .map(|(group, pass)| (pass.sequence, group))
        .collect();
    assert_eq!(tiles, expected);
}

#[test]
fn fingerprints_go_to_buckets_and_say_whether_i_was_passed() {
    let session = rich();
    let cuts = cuts(&kernel(&Policy::default()), &tables(&session));
    let prints = rows::<Fingerprint>(&cuts);
    assert_eq!(prints.len(), 2 * session.shots.len());
    let images: BTreeMap<Digest, Image> = table::<Image>(&cuts)
        .into_iter()
        .map(|image| (image.image_id, image))
        .collect();
    for (group, print) in prints {
        let image = &images[&print.id];
        assert_eq!(group, crate::groups::bucket_group(&image.picture_sha256, 16));
        assert_eq!(print.passed, image.verdict != Verdict::Rejected);
        assert_eq!(
            print.home,
            crate::groups::tile_group(image.cell, h3o::Resolution::Six)
        );
        let digest = if print.clause == Reason::ImageSameBytes {
            image.sha256
        } else {
            image.picture_sha256
        };
        assert_eq!(print.digest, digest);
    }
}

#[test]
fn candidates_are_those_that_passed_once_owned_each() {
    let cuts = cuts(&kernel(&Policy::default()), &tables(&rich()));
    let passed: BTreeSet<Digest> = table::<Image>(&cuts)
        .into_iter()
        .filter(|image| image.verdict != Verdict::Rejected)
        .map(|image| image.image_id)
        .collect();
    let owned: Vec<Digest> = rows::<Candidate>(&cuts)
        .into_iter()
        .filter(|(group, row)| *group == row.home)
        .map(|(_, row)| row.image_id)
        .collect();
    assert_eq!(owned.len(), passed.len());
    assert_eq!(owned.into_iter().collect::<BTreeSet<_>>(), passed);
}

#[test]
fn policy_d3_a_frozen_fix_keeps_its_pictures_and_a_still_camera_does_not() {
    let mut shots: Vec<Shot> = (0..3)
        .map(|n| shot_at(&format!("lund/{n}.jpg"), after(n * 2_000), HOME))
        .collect();
    let frozen = kernel(&Policy::default()).place(&session(Vec::new(), shots.clone()));
    assert!(
        frozen
            .images
            .iter()
            .all(|placed| placed.image.verdict == Verdict::Kept)
    );
    shots[1].pdq = shots[0].pdq;
    shots[1].pdq_dihedral = shots[0].pdq_dihedral.clone();
    let still = kernel(&Policy::default()).place(&session(Vec::new(), shots));
    let image = &still.images[1].image;
    assert_eq!(
        (image.verdict, image.reason.code()),
        (Verdict::Duplicate, "D3-same-place")
    );
    assert_eq!(image.duplicate_of, Some(still.images[0].image.image_id));
    assert_eq!((image.duplicate_bits, image.duplicate_mm), (Some(0), Some(0)));
    assert_eq!((image.measured, image.threshold), (Some(0), Some(62)));
    // It is still a member, and still a candidate for others to be held against.
    assert!(image.pass_id.is_some() && still.images[1].passed);
}

#[test]
fn policy_d3_comes_after_i() {
    let mut shots: Vec<Shot> = (0..2)
        .map(|n| shot_at(&format!("{n}.jpg"), after(n * 2_000), HOME))
        .collect();
    shots[1].pdq_dihedral = shots[0].pdq_dihedral.clone();
    shots[1].mean_milli = 0;
    let placed = kernel(&Policy::default()).place(&session(Vec::new(), shots));
    assert_eq!(placed.images[1].image.reason, Reason::Covered);
}

#[test]
fn policy_o6_fixes_of_a_repeated_object_are_not_used_at_all() {
    let mut shot = shot("b/1.jpg");
    shot.captured_at = Some(after(10_000));
    let mut tables = tables(&session(drive(60), vec![shot]));
    let repeat = Repeat {
        repeat_id: Digest([9; 32]),
        repeat_path: "a/drive.gpx".to_owned(),
        repeat_reason: Some(Reason::SameBytes),
        repeat_of: None,
        repeat_of_path: None,
        repeat_epoch: None,
        repeat_first_by: None,
        repeat_bits: None,
        repeat_mm: None,
    };
    tables.insert("repeats", Repeat::to_batch(&[repeat]).unwrap());
    let cuts = cuts(&kernel(&Policy::default()), &tables);
    assert_eq!(table::<Image>(&cuts)[0].reason, Reason::NoPosition);
    assert!(table::<Pass>(&cuts).is_empty());
    assert!(table::<TraceSummary>(&cuts).is_empty());
}

#[test]
fn rows_of_objects_that_are_not_kept_are_passed_over() {
    let mut session = rich();
    for object in session
        .objects
        .values_mut()
        .filter(|object| object.path != "b/000.jpg")
    {
        object.decide(Finding::plain(Reason::Unreadable));
    }
    let cuts = cuts(&kernel(&Policy::default()), &tables(&session));
    assert_eq!(table::<Image>(&cuts).len(), 1);
    assert!(table::<TraceSummary>(&cuts).is_empty());
    assert!(self::cuts(&kernel(&Policy::default()), &Tables::default()).is_empty());
}

#[test]
fn a_sequence_of_a_track_is_named_by_a_picture_that_was_taken_before_its_first_fix() {
    let mut early = shot("b/1.jpg");
    early.captured_at = Some(after(-3_000));
    let placed = kernel(&Policy::default()).place(&session(drive(10), vec![early]));
    let expected = cairn_datasets::ids::sequence_id("alice", "monday", "b/1.jpg", 0);
    assert!(placed.stays.iter().all(|stay| stay.pass.sequence == expected));
    assert_eq!(
        placed.stays.iter().map(|stay| stay.pass.start_at).min(),
        Some(after(-3_000))
    );
}

#[test]
fn settings_name_what_the_result_depends_on_and_not_the_epochs_name() {
    let settings = kernel(&Policy::default()).settings();
    let keys: Vec<&str> = settings.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = BTreeSet::from([
        "place",
        "privacy",
        "dedup",
        "evidence",
        "end",
        "any_age",
        "tile_resolution",
        "buckets",
    ]);
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), expected);
    assert!(PlaceKernel::new(&Policy::default(), END, false, 16, 1).is_err());
}

#[test]
fn a_hundred_thousand_fixes_take_no_time() {
    let fixes = (0..100_000_u32)
        .map(|s| super::fixtures::fix(s, after(i64::from(s) * 100), at(i64::from(s) * 1_000, 0)))
        .collect();
    let placed = kernel(&Policy::default()).place(&session(fixes, Vec::new()));
    assert_eq!(
        placed.stays.iter().map(|stay| stay.pass.fixes).sum::<u32>(),
        100_000
    );
}

#[test]
fn policy_d4_the_resolution_of_tiles_changes_nothing_that_images_are_compared_with() {
    let shots: Vec<Shot> = (0..300_i64)
        .map(|n| {
            shot_at(
                &format!("{n:03}.jpg"),
                after(n * 1_000),
                at(n * 14_000, n % 7 * 20_000),
            )
        })
        .collect();
    let tables = tables(&session(Vec::new(), shots));
    let compared = |resolution: u64| -> BTreeSet<(Digest, Digest)> {
        let kernel = PlaceKernel::new(&Policy::default(), END, false, resolution, 16).unwrap();
        let mut tiles: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
        for (group, row) in rows::<Candidate>(&cuts(&kernel, &tables)) {
            tiles.entry(group).or_default().push(row);
        }
        let mut pairs = BTreeSet::new();
        for (group, rows) in &tiles {
            for own in rows.iter().filter(|row| row.home == *group) {
                let ring = own.cell.with_ring();
                let near = rows.iter().filter(|row| ring.contains(&row.cell));
                pairs.extend(near.map(|row| (own.image_id, row.image_id)));
            }
        }
        pairs
    };
    let one_tile = compared(0);
    assert!(one_tile.len() > 1_000);
    for resolution in [6, 8, 10, 11, 13] {
        assert!(compared(resolution) == one_tile, "{resolution}");
    }
}

#[test]
fn policy_f_two_devices_of_a_session_are_two_sequences() {
    let mut fixes = drive(60);
    let beside = |f: Fix| Fix {
        path: "a/phone.gpx".to_owned(),
        lon_e7: f.lon_e7.map(|lon| lon + 16_000),
        ..f
    };
    fixes.extend(drive(60).into_iter().map(beside));
    let shots = vec![
        shot_at("b/car.jpg", after(30_000), at(300_000, 10_000)),
        shot_at("b/phone.jpg", after(30_000), at(300_000, 95_000)),
    ];
    let placed = kernel(&Policy::default()).place(&session(fixes, shots));
    let sequences: BTreeSet<_> = placed.stays.iter().map(|stay| stay.pass.sequence).collect();
    assert_eq!(sequences.len(), 2);
    let of = |index: usize| placed.images[index].image.sequence.unwrap();
    assert_ne!(of(0), of(1));
    assert!(
        placed
            .images
            .iter()
            .all(|placed| placed.image.trace_mm.unwrap() < 12_000)
    );
}

#[test]
fn policy_i3_a_session_whose_tracks_explain_its_clock_places_its_pictures() {
    let clocks = (0..3_i64).map(|n| Shot {
        civil_at: Some(after(7_200_000 + n * 250_000)),
        ..shot(&format!("b/{n}.jpg"))
    });
    let placed = kernel(&Policy::default()).place(&session(drive(600), clocks.collect()));
    for (n, placed) in (0_i64..).zip(&placed.images) {
        assert_eq!(placed.image.captured_at, Some(after(n * 250_000)));
        assert_eq!(
            (placed.image.time_source.as_str(), placed.image.verdict),
            ("trace-zone", Verdict::Kept)
        );
    }
}

/// Garbage and good pictures, with paths of their own.
fn any_shots() -> impl Strategy<Value = Vec<Shot>> {
    let one = (
        prop::option::weighted(
            0.9,
            prop_oneof![(0..200_000_i64).prop_map(after), any::<i64>().prop_map(Timestamp)],
        ),
        prop::option::weighted(
            0.7,
            prop_oneof![(0..5_000_i32).prop_map(|d| HOME.lat_e7 + d), any::<i32>()],
        ),
        prop::option::of(any::<u32>()),
        0..4_u8,
        any::<bool>(),
    );
    prop::collection::vec(one, 0..25).prop_map(|shots| {
        let build = |(n, (captured_at, lat_e7, heading_deg, look, civil)): (usize, (_, _, _, u8, bool))| {
            let twin = shot(&format!("look-{look}"));
            Shot {
                captured_at,
                civil_at: (civil && captured_at.is_none()).then(|| after(7_200_000)),
                lat_e7,
                lon_e7: lat_e7.map(|_| HOME.lon_e7),
                heading_deg,
                pdq: twin.pdq,
                pdq_dihedral: twin.pdq_dihedral,
                ..shot(&format!("b/{n}.jpg"))
            }
        };
        shots.into_iter().enumerate().map(build).collect()
    })
}

fn same_cuts(a: &[Cut], b: &[Cut]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a.table, &a.group, &a.rows) == (b.table, &b.group, &b.rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        (fixes, mixed) in any_trace(60).prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
        (shots, shuffled) in any_shots().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
    ) {
        let kernel = kernel(&Policy::default());
        let straight = cuts(&kernel, &tables(&session(fixes, shots)));
        let permuted = cuts(&kernel, &tables(&session(mixed, shuffled)));
        prop_assert!(same_cuts(&straight, &permuted));
    }

    #[test]
    fn the_resolution_of_tiles_changes_no_row(fixes in any_trace(60), shots in any_shots(), resolution in 0..13_u64) {
        let tables = tables(&session(fixes, shots));
        let six = cuts(&kernel(&Policy::default()), &tables);
        let other = PlaceKernel::new(&Policy::default(), END, false, resolution, 16).unwrap();
        let other = cuts(&other, &tables);
        prop_assert_eq!(table::<Image>(&six), table::<Image>(&other));
        prop_assert_eq!(table::<Pass>(&six), table::<Pass>(&other));
        let plain = |cuts: &[Cut]| -> Vec<Fingerprint> {
            table::<Fingerprint>(cuts).into_iter().map(|row| Fingerprint { home: String::new(), ..row }).collect()
        };
        prop_assert_eq!(plain(&six), plain(&other));
    }

    #[test]
    fn garbage_is_judged_and_counted(fixes in any_trace(80), shots in any_shots()) {
        let session = session(fixes, shots);
        let policy = Policy::default();
        let any_age = PlaceKernel::new(&policy, END, true, 6, 16).unwrap();
        for kernel in [kernel(&policy), any_age] {
            let cuts = cuts(&kernel, &tables(&session));
            prop_assert_eq!(table::<Image>(&cuts).len(), session.shots.len());
            let kept: u32 = table::<TraceSummary>(&cuts).iter().map(|row| row.kept).sum();
            prop_assert_eq!(table::<Pass>(&cuts).iter().map(|pass| pass.fixes).sum::<u32>(), kept);
            for image in table::<Image>(&cuts) {
                prop_assert_eq!(image.verdict == Verdict::Rejected, image.sequence.is_none());
            }
        }
    }

    #[test]
    fn a_later_start_moves_times_and_nothing_else(shift in 0..1_000_000_i64) {
        let move_fix = |f: Fix| Fix { captured_at: f.captured_at.map(|t| Timestamp(t.0 + shift)), ..f };
        let moved: Vec<Fix> = drive(60).into_iter().map(move_fix).collect();
        let kernel = kernel(&Policy::default());
        let (a, b) = (kernel.place(&session(drive(60), Vec::new())), kernel.place(&session(moved, Vec::new())));
        let plain = |s: &PlacedSession| -> Vec<_> {
            s.stays.iter().map(|s| (s.pass.cell, s.pass.fixes, s.pass.heading_deg, s.pass.speed_mm_s)).collect()
        };
        prop_assert_eq!(plain(&a), plain(&b));
    }
}
