use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Fix, Image, Shot};
use proptest::prelude::*;

use super::zone::Zone;
use super::*;
use crate::geodesy::distance_mm;
use crate::place::fixtures::{HOME, after, at, drive, fix, kernel, session, shot, shot_at};
use crate::place::gates::tests::any_trace;
use crate::place::session::Session;
use crate::place::{PlaceKernel, PlacedSession};
use crate::policy::Policy;

fn zone(centre: Position, radius_mm: u64) -> Privacy {
    let zone = Zone::circle(centre, radius_mm).unwrap();
    Privacy {
        zones: Zones::new(Digest::of(b"file"), [(None, zone)]),
        asked: BTreeSet::new(),
    }
}

fn asked() -> Privacy {
    Privacy {
        zones: Zones::default(),
        asked: BTreeSet::from(["alice".to_owned()]),
    }
}

fn keeping(privacy: Privacy) -> PlaceKernel {
    kernel(&Policy::default()).keeping(privacy)
}

fn images(placed: &PlacedSession) -> BTreeMap<&str, &Image> {
    let images = placed.images.iter().map(|placed| &placed.image);
    images.map(|image| (image.path.as_str(), image)).collect()
}

fn hidden(placed: &PlacedSession) -> Vec<&str> {
    placed
        .private_images
        .iter()
        .map(|row| row.path.as_str())
        .collect()
}

/// A drive of 200 s with a picture each 5 s.
fn pictured() -> Session {
    let shots =
        (0..40_i64).map(|n| shot_at(&format!("b/{n:03}.jpg"), after(n * 5_000), at(n * 50_000, 2_000)));
    session(drive(200), shots.collect())
}

#[test]
fn policy_x1_nothing_asked_changes_nothing() {
    let plain = kernel(&Policy::default()).place(&pictured());
    // A zone elsewhere, and another contributor who asks.
    let mut elsewhere = zone(at(9_000_000, 0), 50_000);
    elsewhere.asked.insert("ben".to_owned());
    assert_eq!(keeping(elsewhere).place(&pictured()), plain);
    let mut never = Policy::default();
    never.place.trim_ends = TrimEnds::Never;
    assert_eq!(kernel(&never).keeping(asked()).place(&pictured()), plain);
    let mut zero = Policy::default();
    zero.place.trim_ends_mm = 0;
    assert_eq!(kernel(&zero).keeping(asked()).place(&pictured()), plain);
}

#[test]
fn policy_x1_trimmed_ends_take_fixes_and_images_away_and_count_them() {
    let placed = keeping(asked()).place(&pictured());
    // 0 to 100 m and 1,890 to 1,990 m, at 10 m a fix.
    let [summary] = placed.summaries.as_slice() else {
        panic!("one trace")
    };
    assert_eq!((summary.fixes, summary.kept, summary.private), (200, 178, 22));
    assert_eq!(summary.captured_at, Some(after(188_000)));
    let expected = ["b/000.jpg", "b/001.jpg", "b/002.jpg", "b/038.jpg", "b/039.jpg"];
    assert_eq!(hidden(&placed), expected);
    assert_eq!(placed.images.len(), 35);
    let all = policy_for_all().place(&pictured());
    assert_eq!(all, placed);
}

fn policy_for_all() -> PlaceKernel {
    let mut policy = Policy::default();
    policy.place.trim_ends = TrimEnds::All;
    kernel(&policy)
}

#[test]
fn policy_x1_a_trip_that_never_leaves_is_private_as_a_whole() {
    let standing = (0..60).map(|s| fix(s, after(i64::from(s) * 1_000), at(i64::from(s % 7) * 9_000, 0)));
    let shots = vec![shot_at("b/1.jpg", after(30_000), at(9_000, 0))];
    let placed = keeping(asked()).place(&session(standing.collect(), shots));
    assert!(placed.images.is_empty() && placed.stays.is_empty());
    assert_eq!((placed.summaries[0].kept, placed.summaries[0].private), (0, 60));
    assert_eq!(
        (hidden(&placed), placed.summaries[0].captured_at),
        (vec!["b/1.jpg"], None)
    );
}

#[test]
fn policy_x1_images_without_a_track_are_trimmed_by_their_own_ends() {
    let shots = (0..20_i64).map(|n| shot_at(&format!("b/{n:03}.jpg"), after(n * 5_000), at(n * 30_000, 0)));
    let placed = keeping(asked()).place(&session(Vec::new(), shots.collect()));
    let expected = [
        "b/000.jpg",
        "b/001.jpg",
        "b/002.jpg",
        "b/003.jpg",
        "b/016.jpg",
        "b/017.jpg",
        "b/018.jpg",
        "b/019.jpg",
    ];
    assert_eq!(hidden(&placed), expected);
    assert_eq!(
        placed.stays.iter().map(|stay| stay.images.len()).sum::<usize>(),
        12
    );
}

#[test]
fn policy_x1_pictures_that_would_not_count_are_hidden_first() {
    let mut session = pictured();
    session.shots[0].mean_milli = 500;
    session.shots[20].mean_milli = 500;
    // Without a time nobody can tell whether it is an end.
    session.shots[21].captured_at = None;
    let placed = keeping(asked()).place(&session);
    let images = images(&placed);
    assert!(!images.contains_key("b/000.jpg") && !images.contains_key("b/021.jpg"));
    assert_eq!(images["b/020.jpg"].reason.code(), "I6-covered");
    // A zone asks for no time.
    assert!(
        keeping(zone(at(0, 0), 50_000))
            .place(&session)
            .images
            .iter()
            .any(|p| p.image.path == "b/021.jpg")
    );
}

#[test]
fn policy_x1_an_image_is_where_its_track_was_whatever_its_file_says() {
    let mut session = pictured();
    // A frozen position from the middle of the way, and none at all.
    (session.shots[0].lat_e7, session.shots[0].lon_e7) = (Some(at(900_000, 0).lat_e7), Some(HOME.lon_e7));
    (session.shots[1].lat_e7, session.shots[1].lon_e7) = (None, None);
    // Taken 4 s before the recorder started.
    session.shots.push(Shot {
        captured_at: Some(after(-4_000)),
        ..shot("c/before.jpg")
    });
    session.objects.insert(
        "c/before.jpg".into(),
        crate::place::fixtures::object("c/before.jpg", "image"),
    );
    let placed = keeping(asked()).place(&session);
    for path in ["b/000.jpg", "b/001.jpg", "c/before.jpg"] {
        assert!(hidden(&placed).contains(&path), "{path}");
    }
}

#[test]
fn policy_x1_a_zone_cuts_the_track_and_no_image_is_drawn_through_it() {
    // From 45 to 55 s the way lies in the zone. A picture without a position each half second.
    let shots = (80..120_i64).map(|n| Shot {
        captured_at: Some(after(n * 500)),
        ..shot(&format!("b/{n:03}.jpg"))
    });
    let centre = at(500_000, 0);
    let placed = keeping(zone(centre, 55_500)).place(&session(drive(100), shots.collect()));
    assert_eq!((placed.summaries[0].kept, placed.summaries[0].private), (89, 11));
    let sequences: BTreeSet<_> = placed.stays.iter().map(|stay| stay.pass.sequence).collect();
    assert_eq!(sequences.len(), 2);
    // Those up to the fix at 44 s, and from that at 56 s on.
    let hours: Vec<i64> = placed
        .images
        .iter()
        .filter_map(|p| p.image.captured_at)
        .map(|at| at.since(after(0)))
        .collect();
    assert!(hours.contains(&44_000) && hours.contains(&56_000));
    assert!(hours.iter().all(|ms| !(44_001..56_000).contains(ms)), "{hours:?}");
    assert!(placed.images.iter().all(|p| {
        p.image
            .position()
            .is_some_and(|at| distance_mm(at, centre) > 55_500)
    }));
}

#[test]
fn policy_x1_a_repeated_trace_protects_its_session_as_the_first_one_does() {
    // Its bytes came earlier, from somebody else or in another folder (O6).
    let mut repeated = pictured();
    repeated.repeated = std::mem::take(&mut repeated.fixes);
    let door = zone(at(500_000, 0), 55_500);
    for privacy in [asked(), door.clone()] {
        let placed = keeping(privacy.clone()).place(&repeated);
        assert_eq!(hidden(&placed), hidden(&keeping(privacy).place(&pictured())));
        assert!(placed.summaries.is_empty());
        assert!(
            placed
                .stays
                .iter()
                .all(|stay| stay.pass.fixes == 0 && !stay.pass.has_track)
        );
    }
    // Pictures whose own files put them outside of the zone, taken while the trace was in it.
    for shot in &mut repeated.shots {
        let far = at(3_000_000, 0);
        (shot.lat_e7, shot.lon_e7) = (Some(far.lat_e7), Some(far.lon_e7));
    }
    assert_eq!(
        hidden(&keeping(door).place(&repeated)),
        ["b/009.jpg", "b/010.jpg", "b/011.jpg"]
    );
    assert_eq!(kernel(&Policy::default()).place(&repeated).private_images, []);
}

#[test]
fn policy_x1_a_private_trace_still_tells_a_camera_the_time_zone() {
    // The camera's clock shows Swedish summer time; the trace lies in a zone as a whole.
    let civil = Shot {
        civil_at: Some(after(50_000 + 7_200_000)),
        ..shot("b/1.jpg")
    };
    let placed = keeping(zone(HOME, 5_000_000)).place(&session(drive(100), vec![civil]));
    assert_eq!(hidden(&placed), ["b/1.jpg"]);
}

#[test]
fn policy_x1_comes_before_f_but_no_public_fix_is_judged_otherwise() {
    let mut fixes = drive(100);
    for fix in fixes.iter_mut().take(8) {
        fix.accuracy_mm = Some(90_000);
    }
    let placed = keeping(zone(HOME, 55_500)).place(&session(fixes, Vec::new()));
    let summary = &placed.summaries[0];
    assert_eq!((summary.private, summary.kept), (6, 92));
}

#[test]
fn policy_x1_what_the_kernel_keeps_private_is_in_its_settings() {
    use crate::kernel::GroupKernel;
    let settings = |privacy| keeping(privacy).settings();
    assert_ne!(settings(asked()), settings(Privacy::default()));
    assert_ne!(settings(zone(HOME, 1)), settings(Privacy::default()));
}

/// Where the trips of a trace start and end.
fn ends_of(fixes: &[Fix], policy: &Policy) -> Vec<Position> {
    let window = crate::place::gates::CaptureWindow::new(
        &policy.place,
        Some(crate::place::fixtures::UPLOADED),
        crate::place::fixtures::END,
        false,
    );
    let gated = crate::place::gates::gate(fixes, &policy.place, window);
    let parts: Vec<_> = cut(&gated.kept, &policy.place)
        .map(|trip| (&trip[0], &trip[trip.len() - 1]))
        .collect();
    // Where another part goes on soon after and near by, the trip has no end.
    let goes_on = |end: &KeptFix, start: &KeptFix| {
        let wait = start.at.since(end.at);
        (0..=i64::try_from(policy.place.max_time_to_trace_ms).unwrap()).contains(&wait)
            && distance_mm(end.position, start.position) <= policy.place.track_step_mm
    };
    let starts = parts
        .iter()
        .map(|(start, _)| *start)
        .filter(|start| !parts.iter().any(|(_, end)| goes_on(end, start)));
    let ends = parts
        .iter()
        .map(|(_, end)| *end)
        .filter(|end| !parts.iter().any(|(start, _)| goes_on(end, start)));
    starts.chain(ends).map(|fix| fix.position).collect()
}

/// Walks of a few turns, with stops, pictures and bad fixes among them.
fn any_session() -> impl Strategy<Value = Session> {
    let steps = prop::collection::vec((-12_000_i64..12_000, -12_000_i64..12_000, 1_i64..4), 1..120);
    let shots = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..20);
    (steps, shots, any_trace(6)).prop_map(|(steps, shots, noise)| {
        let (mut north, mut east, mut seconds) = (0, 0, 0);
        let mut fixes: Vec<Fix> = Vec::new();
        for (ordinal, (up, right, wait)) in (0..).zip(steps) {
            (north, east, seconds) = (north + up, east + right, seconds + wait);
            fixes.push(fix(ordinal, after(seconds * 1_000), at(north, east)));
        }
        let shots = shots.into_iter().enumerate().map(|(n, (of, placed))| {
            let near = &fixes[of.index(fixes.len())];
            let position = Position {
                lat_e7: near.lat_e7.unwrap(),
                lon_e7: near.lon_e7.unwrap(),
            };
            let mut shot = shot_at(&format!("b/{n:02}.jpg"), near.captured_at.unwrap(), position);
            if !placed {
                (shot.lat_e7, shot.lon_e7) = (None, None);
            }
            shot
        });
        let shots = shots.collect();
        for mut fix in noise {
            fix.ordinal = u32::try_from(fixes.len()).unwrap();
            fixes.push(fix);
        }
        session(fixes, shots)
    })
}

fn trimming(mm: u64) -> PlaceKernel {
    let mut policy = Policy::default();
    policy.place.trim_ends_mm = mm;
    kernel(&policy).keeping(asked())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Nothing that comes out of place lies within the distance of an end of a track.
    #[test]
    fn nothing_public_is_near_an_end(session in any_session(), mm in 1_u64..200_000) {
        let placed = trimming(mm).place(&session);
        let ends = ends_of(&session.fixes, &Policy::default());
        let privacy = asked();
        let mut policy = Policy::default();
        policy.place.trim_ends_mm = mm;
        let public = public_tracks(&session, &privacy, &policy);
        let fixes = public.iter().flat_map(|track| &track.fixes).map(|fix| fix.position);
        let images = placed.images.iter().filter_map(|p| p.image.position());
        for position in fixes.chain(images) {
            prop_assert!(ends.iter().all(|end| distance_mm(*end, position) > mm));
        }
        let fixes: usize = public.iter().map(|track| track.fixes.len()).sum();
        prop_assert_eq!(placed.stays.iter().map(|stay| stay.pass.fixes as usize).sum::<usize>(), fixes);
    }

    /// Every fix and every image is public or counted, and a longer distance leaves no more.
    #[test]
    fn nothing_is_lost_and_a_longer_distance_leaves_no_more(
        session in any_session(), mm in 1_u64..200_000, more in 0_u64..200_000,
    ) {
        let (near, far) = (trimming(mm).place(&session), trimming(mm + more).place(&session));
        for placed in [&near, &far] {
            let private: u32 = placed.private_images.iter().map(|row| row.private).sum();
            prop_assert_eq!(placed.images.len() + private as usize, session.shots.len());
            for summary in &placed.summaries {
                prop_assert!(summary.kept + summary.private <= summary.fixes);
            }
        }
        // Before smoothing the public fixes of the longer distance are among those of the shorter;
        // a smoothed one may lie on either side of a border, so fixes are compared as files give them.
        let raw = |mm| {
            let mut policy = Policy::default();
            policy.place.trim_ends_mm = mm;
            let privacy = asked();
            hidden_fixes(&session, &privacy, &policy)
        };
        prop_assert!(raw(mm).is_subset(&raw(mm + more)));
    }

    /// No zone leaves anything in it.
    #[test]
    fn nothing_public_lies_in_a_zone(session in any_session(), north in -200_000_i64..200_000, mm in 1_u64..150_000) {
        let centre = at(north, 0);
        let placed = keeping(zone(centre, mm)).place(&session);
        let public = public_tracks(&session, &zone(centre, mm), &Policy::default());
        let fixes = public.iter().flat_map(|track| &track.fixes).map(|fix| fix.position);
        let images = placed.images.iter().filter_map(|p| p.image.position());
        for position in fixes.chain(images) {
            prop_assert!(distance_mm(centre, position) > mm);
        }
    }
}

fn private_of<T>(
    session: &Session,
    privacy: &Privacy,
    policy: &Policy,
    then: impl FnOnce(&Private<'_>, Vec<Trace<'_>>) -> T,
) -> T {
    let kernel = kernel(policy);
    let traces = kernel.gated(session.traces());
    let private = Private::new(privacy, &policy.place, "alice", session, (&traces, &[]));
    then(&private, traces)
}

fn public_tracks(session: &Session, privacy: &Privacy, policy: &Policy) -> Vec<Track> {
    private_of(session, privacy, policy, |private, traces| {
        private.public(traces, Vec::new()).tracks
    })
}

fn hidden_fixes(session: &Session, privacy: &Privacy, policy: &Policy) -> BTreeSet<u32> {
    private_of(session, privacy, policy, |private, traces| {
        let fixes = traces.iter().flat_map(|trace| &trace.gated.kept);
        fixes
            .filter(|fix| private.hides(fix.position))
            .map(|fix| fix.ordinal)
            .collect()
    })
}
