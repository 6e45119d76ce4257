use super::*;
use crate::place::fixtures::{HOME, UPLOADED, after, at};

const OWNER: Owner<'static> = Owner {
    contributor: "alice",
    session: "monday",
    sequence: Digest([1; 32]),
    has_track: true,
};

fn member(ms: i64, position: Position, kind: MemberKind) -> Member<'static> {
    Member {
        at: after(ms),
        kind,
        path: "a",
        ordinal: u32::try_from(ms).unwrap(),
        uploaded_at: Some(UPLOADED),
        position,
        accuracy_mm: 3_000,
        heading_deg: None,
    }
}

fn fix(ms: i64, position: Position) -> Member<'static> {
    member(ms, position, MemberKind::Fix)
}

fn image(ms: i64, position: Position, index: usize, view_deg: Option<u32>) -> Member<'static> {
    Member {
        heading_deg: view_deg,
        ..member(ms, position, MemberKind::Image { index, view_deg })
    }
}

fn of(members: Vec<Member<'_>>) -> Vec<Stay> {
    passes(OWNER, members, &PlacePolicy::default(), Resolution::Eleven)
}

fn one(members: Vec<Member<'_>>) -> Pass {
    let [stay] = of(members).try_into().unwrap();
    stay.pass
}

#[test]
fn policy_p1_a_pass_holds_all_members_of_a_sequence_in_a_cell() {
    // A cell of resolution 11 is about 50 m across.
    let mut members: Vec<Member<'_>> = (0..40).map(|s| fix(s * 1_000, at(s * 5_000, 0))).collect();
    members.push(image(20_500, at(102_500, 0), 0, None));
    let stays = of(members);
    assert!((3..8).contains(&stays.len()), "{}", stays.len());
    assert_eq!(stays.iter().map(|stay| stay.pass.fixes).sum::<u32>(), 40);
    assert_eq!(stays.iter().map(|stay| stay.pass.images).sum::<u32>(), 1);
    let with_image = stays.iter().find(|stay| !stay.images.is_empty()).unwrap();
    assert_eq!(with_image.pass.cell, Cell::at(at(102_500, 0), Resolution::Eleven));
    for Stay { pass, .. } in &stays {
        assert_eq!(
            pass.pass_id,
            pass_id("alice", &OWNER.sequence, pass.cell, pass.start_at)
        );
        assert_eq!(after(i64::from(pass.ordinal)), pass.start_at);
        assert!(pass.speed_mm_s.unwrap().abs_diff(5_000) < 50);
    }
}

#[test]
fn policy_p1_a_flicker_out_of_the_cell_and_back_is_one_stay() {
    let away = at(300_000, 0);
    let stays = of(vec![fix(0, HOME), fix(1_000, away), fix(2_000, HOME)]);
    assert_eq!(stays.len(), 2);
    assert!(
        stays
            .iter()
            .any(|stay| stay.pass.fixes == 2 && stay.pass.end_at == after(2_000))
    );
}

#[test]
fn policy_p1_a_pass_is_split_at_10_min() {
    let stays = of((0..=30).map(|minute| fix(minute * 60_000, HOME)).collect());
    let spans: Vec<(i64, i64)> = stays
        .iter()
        .map(|stay| {
            (
                stay.pass.start_at.since(after(0)),
                stay.pass.end_at.since(after(0)),
            )
        })
        .collect();
    assert_eq!(
        spans,
        [(0, 600_000), (660_000, 1_260_000), (1_320_000, 1_800_000)]
    );
    assert_ne!(stays[0].pass.pass_id, stays[1].pass.pass_id);
}

#[test]
fn policy_p1_the_upload_of_a_pass_is_the_latest_of_its_members() {
    let mut members = vec![fix(0, HOME), image(1_000, HOME, 0, None)];
    members[1].uploaded_at = Some(Timestamp(UPLOADED.0 + 5));
    assert_eq!(one(members.clone()).uploaded_at, Some(Timestamp(UPLOADED.0 + 5)));
    members[0].uploaded_at = None;
    assert_eq!(one(members).uploaded_at, None);
}

#[test]
fn policy_p2_accuracy_of_a_pass_is_the_lower_median() {
    let mut members: Vec<Member<'_>> = (0..4).map(|s| fix(s * 1_000, HOME)).collect();
    for (member, mm) in members.iter_mut().zip([9_000, 3_000, 4_000, 8_000]) {
        member.accuracy_mm = mm;
    }
    assert_eq!(one(members).accuracy_mm, 4_000);
}

#[test]
fn policy_p5_speed_is_the_fastest_step_between_members_of_one_kind() {
    let still = vec![fix(0, HOME), image(500, at(20_000, 0), 0, None), fix(1_000, HOME)];
    assert_eq!(one(still).speed_mm_s, Some(0));
    let images = vec![image(0, HOME, 0, None), image(2_000, at(10_000, 0), 1, None)];
    assert!(one(images).speed_mm_s.unwrap().abs_diff(5_000) < 50);
    assert_eq!(one(vec![fix(0, HOME)]).speed_mm_s, None);
    // Two pictures of one moment say nothing.
    let burst = vec![image(0, HOME, 0, None), image(0, at(5_000, 0), 1, None)];
    assert_eq!(one(burst).speed_mm_s, None);
}

#[test]
fn policy_c1_direction_of_view_comes_before_direction_of_travel() {
    let mut members = vec![fix(0, HOME), fix(1_000, HOME)];
    for member in &mut members {
        member.heading_deg = Some(10);
    }
    assert_eq!(one(members.clone()).heading_deg, Some(10));
    members.push(image(500, HOME, 0, Some(200)));
    assert_eq!(one(members.clone()).heading_deg, Some(200));
    // Front and rear camera cancel out: then the course tells.
    members.push(image(600, HOME, 1, Some(20)));
    assert_eq!(one(members).heading_deg, Some(10));
    // A picture all around has a heading, but no direction of view.
    let mut around = image(0, HOME, 0, None);
    around.heading_deg = Some(90);
    assert_eq!(one(vec![around]).heading_deg, Some(90));
    assert_eq!(one(vec![image(0, HOME, 0, None)]).heading_deg, None);
}
