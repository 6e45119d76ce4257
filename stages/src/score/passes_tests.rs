use cairn_datasets::tables::{Image, Pass};
use cairn_datasets::units::{Ppm, Timestamp};

use super::super::samples::{image, pass};
use super::*;

/// Judges passes whose sequences are not confirmed.
fn judged(passes: &[Pass], images: &[Image]) -> Vec<Pass> {
    let mut rows: Vec<_> = passes.iter().map(|pass| (pass.clone(), false)).collect();
    judge(&Rules::default(), &mut rows, images, &[]);
    rows.into_iter().map(|(pass, _)| pass).collect()
}

fn good_image(pass: &Pass, number: u32, quality: u32) -> Image {
    let mut image = image(pass, number);
    image.quality_ppm = Ppm::new(quality);
    image
}

#[test]
fn policy_p1_a_single_fix_without_an_image_is_too_little() {
    let mut one = pass("ann", 1);
    one.fixes = 1;
    let rows = judged(std::slice::from_ref(&one), &[]);
    assert_eq!(rows[0].reason, Reason::TooLittle);
    assert_eq!((rows[0].measured, rows[0].threshold), (Some(1), Some(2)));

    let kept = judged(std::slice::from_ref(&one), &[image(&one, 1)]);
    assert_eq!(kept[0].verdict, Verdict::Kept);
    one.fixes = 2;
    assert_eq!(judged(&[one], &[])[0].verdict, Verdict::Kept);
}

#[test]
fn policy_p1_images_that_do_not_count_are_not_counted() {
    let mut one = pass("ann", 1);
    (one.fixes, one.images) = (0, 3);
    let mut lost = image(&one, 1);
    lost.decide(Finding::plain(Reason::NearDuplicate));
    let rows = judged(&[one], &[lost]);
    assert_eq!((rows[0].images, rows[0].reason), (0, Reason::TooLittle));
    assert_eq!(rows[0].best_image, None);
}

#[test]
fn policy_p2_position_is_a_ramp_over_the_accuracy() {
    let position = |mm| {
        let mut one = pass("ann", 1);
        one.accuracy_mm = mm;
        judged(&[one], &[])[0].position_ppm.parts()
    };
    assert_eq!(
        [2_000, 4_000, 6_000, 10_000].map(position),
        [1_000_000, 750_000, 500_000, 0]
    );
}

#[test]
fn policy_p4_a_fifth_without_an_image_and_the_rest_by_the_best() {
    let one = pass("ann", 1);
    let mut rows = [(one.clone(), true)];
    judge(&Rules::default(), &mut rows, &[], &[]);
    assert_eq!(rows[0].0.quality_ppm.parts(), 200_000);

    let images = [good_image(&one, 1, 250_000), good_image(&one, 2, 500_000)];
    let mut rows = [(one, true)];
    judge(&Rules::default(), &mut rows, &images, &[]);
    assert_eq!(rows[0].0.quality_ppm.parts(), 600_000);
    assert_eq!(rows[0].0.image_ppm.parts(), 500_000);
    assert_eq!(rows[0].0.best_image, Some(images[1].image_id));
    assert_eq!(rows[0].0.images, 2);
}

#[test]
fn policy_p4_of_equal_images_the_smaller_id_is_the_best() {
    let one = pass("ann", 1);
    let images = [
        good_image(&one, 1, 9),
        good_image(&one, 2, 9),
        good_image(&one, 3, 9),
    ];
    let least = images.iter().map(|i| i.image_id).min();
    assert_eq!(judged(&[one], &images)[0].best_image, least);
}

fn slow(contributor: &str, number: u32, accuracy_mm: u32) -> Pass {
    let mut slow = pass(contributor, number);
    slow.speed_mm_s = Some(149);
    slow.accuracy_mm = accuracy_mm;
    slow
}

#[test]
fn policy_p5_only_the_best_dwelling_pass_of_a_day_counts() {
    let passes = [
        slow("ann", 1, 5_000),
        slow("ann", 2, 3_000),
        slow("ann", 3, 3_000),
    ];
    // What makes their qualities differ: their sequences are confirmed.
    let rows: Vec<_> = passes.iter().map(|pass| (pass, true)).collect();
    let rows = judged_with(&rows, &[]);
    let reasons: Vec<_> = rows.iter().map(|p| p.reason).collect();
    assert_eq!(reasons, [Reason::Dwelling, Reason::None, Reason::Dwelling]);
    assert_eq!((rows[0].measured, rows[0].threshold), (Some(149), Some(150)));
}

#[test]
fn policy_p5_another_day_contributor_or_speed_is_not_touched() {
    let mut tomorrow = slow("ann", 2, 5_000);
    tomorrow.start_at = Timestamp(tomorrow.start_at.0 + Timestamp::DAY);
    let mut walking = slow("ann", 3, 5_000);
    walking.speed_mm_s = Some(150);
    let mut single = slow("ann", 4, 5_000);
    single.speed_mm_s = None;
    let rows = judged(
        &[
            slow("ann", 1, 2_000),
            tomorrow,
            walking,
            single,
            slow("ben", 1, 5_000),
        ],
        &[],
    );
    assert!(rows.iter().all(|p| p.verdict == Verdict::Kept), "{rows:#?}");
}

#[test]
fn policy_p5_the_best_is_the_one_that_is_worth_most() {
    let mut doubtful = slow("ann", 1, 2_000);
    doubtful.integrity_ppm = Ppm::ZERO;
    let passes = [doubtful, slow("ann", 2, 6_000)];
    let images = [
        good_image(&passes[0], 1, 1_000_000),
        good_image(&passes[1], 2, 1_000_000),
    ];
    let rows = judged(&passes, &images);
    assert_eq!([rows[0].reason, rows[1].reason], [Reason::Dwelling, Reason::None]);
}

fn confirmation(rows: &[Pass]) -> (u32, &str) {
    (rows[0].confirmation_ppm.parts(), rows[0].confirmed_by.as_str())
}

#[test]
fn policy_p6_track_and_image_that_agree_confirm() {
    let mut rows = [(pass("ann", 1), true)];
    judge(&Rules::default(), &mut rows, &[], &[]);
    assert_eq!(
        confirmation(std::slice::from_ref(&rows[0].0)),
        (1_000_000, "track-and-image")
    );
}

#[test]
fn policy_p6_an_image_of_another_contributor_confirms_a_pass_with_an_image() {
    let (ann, ben) = (pass("ann", 1), pass("ben", 1));
    let (of_ann, of_ben) = (image(&ann, 1), image(&ben, 1));
    let both = [ann.clone(), ben.clone()];
    assert_eq!(
        confirmation(&judged(&both, &[of_ann.clone(), of_ben.clone()])),
        (1_000_000, "other-image")
    );
    // A trace alone is confirmed by nobody.
    assert_eq!(
        confirmation(&judged(&both, std::slice::from_ref(&of_ben))),
        (0, "nothing")
    );
    let mut repeated = of_ben;
    repeated.decide(Finding::plain(Reason::Reused));
    assert_eq!(
        confirmation(&judged(&both, &[of_ann, repeated])),
        (500_000, "own-image")
    );
}

/// Judges passes of which those with a mark are of confirmed sequences.
fn judged_with(passes: &[(&Pass, bool)], images: &[Image]) -> Vec<Pass> {
    let mut rows: Vec<_> = passes
        .iter()
        .map(|(pass, sure)| ((*pass).clone(), *sure))
        .collect();
    judge(&Rules::default(), &mut rows, images, &[]);
    rows.into_iter().map(|(pass, _)| pass).collect()
}

#[test]
fn policy_p6_two_confirmed_others_confirm_and_one_does_not() {
    let (ann, ben, cem) = (pass("ann", 1), pass("ben", 1), pass("cem", 1));
    let (again, own) = (pass("ben", 2), image(&ann, 1));
    let of = |rows: &[(&Pass, bool)], images: &[Image]| {
        let rows = judged_with(rows, images);
        rows[0].confirmed_by.clone()
    };
    let own = std::slice::from_ref(&own);
    assert_eq!(
        of(&[(&ann, false), (&ben, true), (&again, true)], own),
        "own-image"
    );
    assert_eq!(
        of(&[(&ann, false), (&ben, true), (&cem, true)], own),
        "other-passes"
    );
    assert_eq!(of(&[(&ann, false), (&ben, true), (&cem, true)], &[]), "nothing");
    // Traces that nothing speaks for cannot speak for each other.
    assert_eq!(
        of(&[(&ann, false), (&ben, true), (&cem, false)], own),
        "own-image"
    );
    let mut copied = cem;
    copied.decide(Finding::plain(Reason::CopiedTrack));
    assert_eq!(
        of(&[(&ann, false), (&ben, true), (&copied, true)], own),
        "own-image"
    );
}

#[test]
fn policy_p6_own_image_confirms_by_half() {
    let ann = pass("ann", 1);
    let own = image(&ann, 1);
    assert_eq!(confirmation(&judged(&[ann], &[own])), (500_000, "own-image"));
}

#[test]
fn a_pass_decided_before_keeps_its_verdict_and_gets_its_qualities() {
    let mut copied = pass("ann", 1);
    copied.fixes = 0;
    copied.decide(Finding::measured(Reason::CopiedTrack, 7, 12));
    let own = good_image(&copied, 1, 1_000_000);
    let rows = judged(&[copied], &[own]);
    assert_eq!((rows[0].reason, rows[0].measured), (Reason::CopiedTrack, Some(7)));
    assert_eq!(rows[0].quality_ppm.parts(), 500_000);
}
