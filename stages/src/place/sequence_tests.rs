use super::*;
use crate::place::fixtures::{END, after, at, object, shot_at};
use crate::place::image::Placer;
use crate::place::locate::TraceIndex;
use cairn_datasets::tables::Shot;
use h3o::Resolution;

fn placed(shots: Vec<Shot>) -> Vec<Placed> {
    let (policy, traces) = (PlacePolicy::default(), TraceIndex::new(&[]));
    let placer = Placer {
        policy: &policy,
        traces: &traces,
        clock: &traces,
        end: END,
        any_age: false,
        cells: Resolution::Eleven,
    };
    let mut images: Vec<Placed> = shots
        .into_iter()
        .map(|shot| {
            let of = object(&shot.path, "image");
            placer.place(shot, &of)
        })
        .collect();
    images.sort_by(|a, b| time_order(a).cmp(&time_order(b)));
    images
}

fn runs(images: &[Placed]) -> Vec<Vec<usize>> {
    let found = sequences("alice", "monday", &[], images, &PlacePolicy::default());
    assert!(found.iter().all(|sequence| sequence.track.is_none()));
    found.into_iter().map(|sequence| sequence.images).collect()
}

#[test]
fn policy_f_images_without_a_track_are_cut_at_120_s_and_200_m() {
    let images = placed(vec![
        shot_at("b/1.jpg", after(0), at(0, 0)),
        shot_at("b/2.jpg", after(120_000), at(199_000, 0)),
        shot_at("b/3.jpg", after(240_001), at(199_000, 0)),
        shot_at("b/4.jpg", after(241_000), at(401_000, 0)),
    ]);
    assert_eq!(runs(&images), [vec![0, 1], vec![2], vec![3]]);
}

#[test]
fn policy_f_images_without_a_track_are_kept_apart_by_camera() {
    let mut other = shot_at("b/2.jpg", after(1_000), at(0, 0));
    other.model = "Two".to_owned();
    let images = placed(vec![
        shot_at("b/1.jpg", after(0), at(0, 0)),
        other,
        shot_at("b/3.jpg", after(2_000), at(0, 0)),
    ]);
    assert_eq!(runs(&images), [vec![0, 2], vec![1]]);
}

#[test]
fn images_that_failed_are_no_members_and_cut_nothing() {
    let mut dark = shot_at("b/2.jpg", after(100_000), at(0, 0));
    dark.mean_milli = 5_000;
    let images = placed(vec![
        shot_at("b/1.jpg", after(0), at(0, 0)),
        dark,
        shot_at("b/3.jpg", after(120_000), at(0, 0)),
    ]);
    assert_eq!(runs(&images), [vec![0, 2]]);
}

#[test]
fn a_sequence_is_named_by_its_first_member() {
    let images = placed(vec![
        shot_at("b/2.jpg", after(0), at(0, 0)),
        shot_at("b/1.jpg", after(1_000), at(0, 0)),
    ]);
    let [only] = sequences("alice", "monday", &[], &images, &PlacePolicy::default())
        .try_into()
        .unwrap();
    assert_eq!(only.id, sequence_id("alice", "monday", "b/2.jpg", 0));
}

#[test]
fn a_run_of_images_gives_directions_where_it_moves() {
    let mut aside = shot_at("b/3.jpg", after(2_000), at(20_000, 0));
    aside.heading_deg = Some(77);
    let images = placed(vec![
        shot_at("b/1.jpg", after(0), at(0, 0)),
        shot_at("b/2.jpg", after(1_000), at(10_000, 0)),
        aside,
        shot_at("b/4.jpg", after(3_000), at(20_000, 10_000)),
        shot_at("b/5.jpg", after(4_000), at(20_000, 14_000)),
    ]);
    let policy = PlacePolicy::default();
    let run: Vec<&Placed> = images.iter().collect();
    // The fourth looks away from the third, since the fifth is only 4 m on; the fifth tells nothing.
    assert_eq!(headings(&run, &policy), [Some(0), Some(0), None, Some(90), None]);
    assert_eq!(headings(&run[..1], &policy), [None]);
    assert_eq!(headings(&[], &policy), [None; 0]);
}
