use cairn_datasets::digest::Digest;
use cairn_datasets::table::Row;
use cairn_datasets::units::Timestamp;

use super::*;

fn object(path: &str, kind: &str) -> Object {
    Object {
        path: path.into(),
        contributor: "ann".into(),
        session: "monday".into(),
        device: None,
        uploaded_at: None,
        bytes: 1,
        sha256: Some(Digest::of(path.as_bytes())),
        signature: String::new(),
        kind: kind.into(),
        format: String::new(),
        verdict: Verdict::Kept,
        reason: Reason::None,
        detail: String::new(),
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_epoch: None,
        images: u32::from(kind == "image"),
        fixes: 0,
        kept_fixes: 0,
        private_images: 0,
        private_fixes: 0,
        captured_at: None,
    }
}

fn summary(path: &str, kept: u32, top: (Reason, u32)) -> TraceSummary {
    TraceSummary {
        path: path.into(),
        fixes: 12,
        kept,
        top_reason: top.0,
        top_count: top.1,
        private: 0,
        captured_at: (kept > 0).then_some(Timestamp(77)),
    }
}

fn verdict(path: &str, finding: Finding) -> ImageVerdict {
    ImageVerdict {
        path: path.into(),
        ordinal: 0,
        sequence: Some(Digest::of(b"drive")),
        agrees: true,
        captured_at: Some(Timestamp(55)),
        verdict: finding.reason.verdict(),
        reason: finding.reason,
        measured: finding.measured,
        threshold: finding.threshold,
        duplicate_of: (finding.reason.verdict() == Verdict::Duplicate).then(|| "ben/first.jpg".into()),
        duplicate_epoch: (finding.reason.verdict() == Verdict::Duplicate).then(|| "2026-W19".into()),
    }
}

fn repeat(path: &str) -> Repeat {
    Repeat {
        repeat_id: Digest::of(path.as_bytes()),
        repeat_path: path.into(),
        repeat_reason: Some(Reason::SameBytes),
        repeat_of: Some(Digest::of(b"first")),
        repeat_of_path: Some("ben/first.gpx".into()),
        repeat_epoch: Some("2026-W19".into()),
        repeat_first_by: Some("history".into()),
        repeat_bits: Some(0),
        repeat_mm: None,
    }
}

fn settled(mut object: Object, found: &Found) -> Object {
    settle(&mut object, found).unwrap();
    object
}

fn with_trace(kept: u32, top: (Reason, u32)) -> Found {
    Found::new(vec![], vec![summary("a.gpx", kept, top)], vec![])
}

#[test]
fn an_object_that_ingest_rejected_stays_so() {
    let mut broken = object("a.gpx", "trace");
    broken.decide(Finding::plain(Reason::Unreadable));
    let found = Found::new(vec![repeat("a.gpx")], vec![], vec![]);
    assert_eq!(settled(broken.clone(), &found), broken);
}

#[test]
fn a_sidecar_that_ingest_kept_stays_kept() {
    let sidecar = object("a.jpg.xmp", "sidecar");
    assert_eq!(settled(sidecar.clone(), &Found::default()), sidecar);
}

#[test]
fn a_trace_with_a_kept_fix_is_kept() {
    let mut trace = object("a.gpx", "trace");
    trace.detail = "cut off at byte 900".into();
    let row = settled(trace, &with_trace(3, (Reason::FixInaccurate, 9)));
    assert_eq!((row.verdict, row.fixes, row.kept_fixes), (Verdict::Kept, 12, 3));
    assert_eq!(
        (row.captured_at, row.detail.as_str()),
        (Some(Timestamp(77)), "cut off at byte 900")
    );
}

#[test]
fn a_trace_without_a_kept_fix_is_rejected_by_what_rejected_most() {
    let mut trace = object("a.gpx", "trace");
    trace.detail = "cut off at byte 900".into();
    let row = settled(trace, &with_trace(0, (Reason::FixInaccurate, 9)));
    assert_eq!(
        (row.verdict, row.reason),
        (Verdict::Rejected, Reason::FixInaccurate)
    );
    assert_eq!((row.measured, row.threshold), (Some(9), Some(12)));
    assert_eq!(
        row.detail,
        "cut off at byte 900; none of its 12 fixes was kept; F6-inaccurate rejected 9"
    );
}

#[test]
fn a_trace_without_any_fix_is_unreadable() {
    let row = settled(object("a.gpx", "trace"), &Found::default());
    assert_eq!(
        (row.reason, row.detail.as_str()),
        (Reason::Unreadable, "there is no fix in it")
    );
}

#[test]
fn policy_o6_a_repeated_trace_names_the_earlier_object() {
    let found = Found::new(
        vec![repeat("a.gpx")],
        vec![summary("a.gpx", 3, (Reason::None, 0))],
        vec![],
    );
    let row = settled(object("a.gpx", "trace"), &found);
    assert_eq!((row.verdict, row.reason), (Verdict::Duplicate, Reason::SameBytes));
    assert_eq!(row.duplicate_of.as_deref(), Some("ben/first.gpx"));
    assert_eq!((row.fixes, row.kept_fixes, row.captured_at), (12, 0, None));
}

fn with_image(finding: Finding) -> Found {
    Found::new(vec![], vec![], vec![verdict("a.jpg", finding)])
}

#[test]
fn an_image_object_takes_its_images_verdict() {
    let row = settled(
        object("a.jpg", "image"),
        &with_image(Finding::measured(Reason::NearDuplicate, 3, 24)),
    );
    assert_eq!(
        (row.verdict, row.reason),
        (Verdict::Duplicate, Reason::NearDuplicate)
    );
    assert_eq!((row.measured, row.threshold), (Some(3), Some(24)));
    assert_eq!(row.duplicate_of.as_deref(), Some("ben/first.jpg"));
    assert_eq!(row.duplicate_epoch.as_deref(), Some("2026-W19"));
    assert_eq!(row.captured_at, Some(Timestamp(55)));
}

#[test]
fn policy_o6_is_what_d1_is_called_on_an_object() {
    let row = settled(
        object("a.jpg", "image"),
        &with_image(Finding::plain(Reason::ImageSameBytes)),
    );
    assert_eq!(row.reason, Reason::SameBytes);
    assert_eq!(row.duplicate_of.as_deref(), Some("ben/first.jpg"));
}

#[test]
fn an_object_of_several_images_is_kept_with_any_of_them() {
    let mut second = verdict("a.jpg", Finding::KEPT);
    second.ordinal = 1;
    let first = verdict("a.jpg", Finding::plain(Reason::Blurred));
    let found = Found::new(vec![], vec![], vec![first, second]);
    assert_eq!(settled(object("a.jpg", "image"), &found).verdict, Verdict::Kept);
}

#[test]
fn an_object_lost_on_the_way_is_a_broken_contract() {
    for (path, kind, fixes) in [("a.jpg", "image", 0), ("a.gpx", "trace", 4)] {
        let mut lost = object(path, kind);
        lost.fixes = fixes;
        let error = settle(&mut lost, &Found::default()).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
    }
}

fn tables(verdicts: &[ImageVerdict], tiles: &[(&[u8], &str)]) -> Tables {
    let tiles: Vec<_> = tiles
        .iter()
        .map(|(sequence, tile)| SequenceTile {
            sequence: Digest::of(sequence),
            tile: (*tile).into(),
        })
        .collect();
    let mut tables = Tables::default();
    tables.insert(
        Object::TABLE,
        Object::to_batch(&[object("a.jpg", "image")]).unwrap(),
    );
    tables.insert(ImageVerdict::TABLE, ImageVerdict::to_batch(verdicts).unwrap());
    tables.insert(SequenceTile::TABLE, SequenceTile::to_batch(&tiles).unwrap());
    tables
}

fn groups(tables: &Tables) -> Vec<(&'static str, String)> {
    let cuts = SettleKernel.apply("session=ann/monday", tables).unwrap();
    cuts.into_iter().map(|cut| (cut.table, cut.group)).collect()
}

#[test]
fn policy_p6_a_confirmed_sequence_is_told_to_each_of_its_tiles() {
    let kept = [verdict("a.jpg", Finding::KEPT)];
    let tiles: [(&[u8], &str); 3] = [(b"drive", "tile=1"), (b"drive", "tile=2"), (b"walk", "tile=3")];
    assert_eq!(
        groups(&tables(&kept, &tiles)),
        [
            ("objects", "objects".to_owned()),
            ("confirmations", "tile=1".to_owned()),
            ("confirmations", "tile=2".to_owned())
        ]
    );
}

#[test]
fn policy_p6_neither_a_far_nor_a_lost_image_confirms() {
    let tiles: [(&[u8], &str); 1] = [(b"drive", "tile=1")];
    let mut far = verdict("a.jpg", Finding::KEPT);
    far.agrees = false;
    assert_eq!(groups(&tables(&[far], &tiles)).len(), 1);
    let lost = verdict("a.jpg", Finding::plain(Reason::Blurred));
    assert_eq!(groups(&tables(&[lost], &tiles)).len(), 1);
}

#[test]
fn a_lost_object_is_reported_with_kernel_and_group() {
    let error = SettleKernel
        .apply("session=ann/monday", &tables(&[], &[]))
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(SettleKernel::ID) && text.contains("session=ann/monday") && text.contains("a.jpg"),
        "{text}"
    );
}

#[test]
fn policy_x1_a_private_image_leaves_its_object_a_reason_and_no_more() {
    let mut image = object("a.jpg", "image");
    image.captured_at = Some(Timestamp(9));
    image.detail = "cut off at byte 900".into();
    let private = PrivateImages {
        path: "a.jpg".into(),
        private: 1,
    };
    let row = settled(image, &Found::default().hiding(vec![private]));
    assert_eq!((row.verdict, row.reason), (Verdict::Rejected, Reason::Private));
    assert_eq!(
        (row.captured_at, row.detail.as_str(), row.private_images),
        (None, "", 1)
    );
    assert_eq!((row.measured, row.threshold), (None, None));
}

#[test]
fn policy_x1_a_trace_is_private_when_nothing_else_of_it_is_kept() {
    let with = |kept, private| {
        let mut trace = object("a.gpx", "trace");
        trace.captured_at = Some(Timestamp(99));
        trace.detail = "cut off at byte 900".into();
        let of = summary("a.gpx", kept, (Reason::FixInaccurate, 2));
        settled(
            trace,
            &Found::new(vec![], vec![TraceSummary { private, ..of }], vec![]),
        )
    };
    let private = with(0, 10);
    assert_eq!((private.reason, private.private_fixes), (Reason::Private, 10));
    assert_eq!((private.captured_at, private.detail.as_str()), (None, ""));
    let partly = with(3, 7);
    assert_eq!(
        (partly.reason, partly.kept_fixes, partly.private_fixes),
        (Reason::None, 3, 7)
    );
    assert_eq!(partly.captured_at, Some(Timestamp(77)));
    assert_eq!(with(0, 0).reason, Reason::FixInaccurate);
}
