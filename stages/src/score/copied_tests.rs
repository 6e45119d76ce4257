use super::super::samples::{before_end, pass};
use super::*;

fn track(path: &str, start: i64, end: i64) -> Recording {
    Recording {
        rows: Digest::of(path.as_bytes()),
        sequence: Digest::of(path.as_bytes()),
        trail: Digest::of(path.as_bytes()),
        contributor: "ann".into(),
        path: path.into(),
        ordinal: 0,
        uploaded_at: None,
        start_at: Timestamp(start),
        end_at: Timestamp(end),
        home: "session=ann/monday".into(),
    }
}

fn copy(
    path: &str,
    (start, end): (i64, i64),
    of: &str,
    uploaded_at: Option<i64>,
    median_mm: u32,
) -> TrackCopy {
    TrackCopy {
        sequence: Digest::of(path.as_bytes()),
        start_at: Timestamp(start),
        cell: Some(median_mm.into()),
        end_at: Timestamp(end),
        of_sequence: Digest::of(of.as_bytes()),
        of_path: of.into(),
        of_draw: Digest([0; 32]),
        of_ordinal: 0,
        of_uploaded_at: uploaded_at.map(Timestamp),
        shift_ms: 0,
        median_mm,
        p90_mm: median_mm,
        limit_mm: 12_000,
    }
}

#[test]
fn policy_d6_an_object_is_a_copy_when_all_its_time_is_covered() {
    let tracks = [track("a.gpx", 0, 500)];
    let whole = vec![
        copy("a.gpx", (0, 300), "x.gpx", Some(1), 10),
        copy("a.gpx", (200, 500), "y.gpx", Some(2), 70),
    ];
    let whole = Copied::new(whole, &tracks);
    let found = whole.objects(&tracks);
    let object = &found["a.gpx"];
    assert_eq!(object.finding, Finding::measured(Reason::CopiedTrack, 70, 12_000));
    assert_eq!(object.of_path, "x.gpx");
    let part = vec![
        copy("a.gpx", (0, 300), "x.gpx", Some(1), 10),
        copy("a.gpx", (301, 500), "x.gpx", Some(1), 10),
    ];
    let part = Copied::new(part, &tracks);
    assert_eq!(part.objects(&tracks), BTreeMap::new());
    assert_eq!(Copied::default().objects(&tracks), BTreeMap::new());
}

#[test]
fn policy_d6_a_track_of_its_own_keeps_its_object() {
    let mut other = track("b.gpx", 0, 50);
    other.path = "a.gpx".into();
    let copies = |tracks: &[Recording]| {
        let copied = Copied::new(vec![copy("a.gpx", (0, 500), "x.gpx", Some(1), 0)], tracks);
        copied.objects(tracks).len()
    };
    assert_eq!(copies(&[track("a.gpx", 0, 500)]), 1);
    assert_eq!(copies(&[track("a.gpx", 0, 500), other.clone()]), 0);
    // A single fix takes no time.
    other.end_at = other.start_at;
    assert_eq!(copies(&[track("a.gpx", 0, 500), other]), 1);
}

#[test]
fn policy_d6_a_window_counts_for_each_track_of_its_trail_that_it_touches() {
    let piece = |name: &str, start, end| Recording {
        sequence: Digest::of(name.as_bytes()),
        path: "a.gpx".into(),
        ..track("a.gpx", start, end)
    };
    let tracks = [piece("1", 0, 190), piece("2", 340, 480), piece("3", 700, 800)];
    let windows = vec![
        copy("a.gpx", (0, 300), "x.gpx", Some(1), 10),
        copy("a.gpx", (180, 480), "x.gpx", Some(1), 20),
    ];
    let copied = Copied::new(windows, &tracks);
    let spans: Vec<_> = copied.spans.keys().copied().collect();
    let at = |name: &str, start| (Digest::of(name.as_bytes()), Timestamp(start));
    let mut known = vec![at("1", 0), at("1", 180), at("2", 180)];
    known.sort_unstable();
    assert_eq!(spans, known);
    assert_eq!(copied.objects(&tracks[..2])["a.gpx"].finding.measured, Some(20));
    assert!(copied.objects(&tracks).is_empty(), "the third is its own");
}

#[test]
fn policy_d6_the_earliest_original_counts_and_an_unknown_upload_is_last() {
    let rows = vec![
        copy("a.gpx", (0, 300), "unknown.gpx", None, 0),
        copy("a.gpx", (0, 300), "late.gpx", Some(9), 1),
        copy("a.gpx", (0, 300), "early.gpx", Some(3), 900),
        copy("a.gpx", (0, 300), "early.gpx", Some(3), 800),
    ];
    let mut turned = rows.clone();
    turned.reverse();
    let tracks = [track("a.gpx", 0, 300)];
    let copied = Copied::new(rows, &tracks);
    assert_eq!(copied, Copied::new(turned, &tracks));
    let spans: Vec<_> = copied
        .spans
        .values()
        .map(|c| (c.of_path.as_str(), c.median_mm))
        .collect();
    assert_eq!(spans, [("early.gpx", 800)]);
}

#[test]
fn policy_d6_same_rows_go_before_windows() {
    let mut whole = copy("a.gpx", (0, 500), "late.gpx", Some(9), 0);
    whole.cell = None;
    let windows = vec![copy("a.gpx", (0, 300), "early.gpx", Some(3), 1), whole];
    let copied = Copied::new(windows, &[track("a.gpx", 0, 500)]);
    let spans: Vec<_> = copied.spans.values().map(|c| c.of_path.as_str()).collect();
    assert_eq!(spans, ["late.gpx"]);
}

#[test]
fn policy_d6_passes_that_start_in_a_span_are_duplicates_and_name_the_original() {
    let copied = |start: i64, end: i64| CopiedSpan {
        sequence: Digest::of(b"ann"),
        start_at: Timestamp(before_end(24).0 + start),
        end_at: Timestamp(before_end(24).0 + end),
        of_path: "ben/1.gpx".into(),
        of_sequence: Digest::of(b"ben"),
        median_mm: 4_000,
        limit_mm: 12_000,
    };
    let spans = Spans::new(vec![copied(0, 9)]);
    let mut mine = pass("ann", 0);
    spans.judge(&mut mine);
    assert_eq!(
        (mine.verdict, mine.reason),
        (Verdict::Duplicate, Reason::CopiedTrack)
    );
    assert_eq!((mine.measured, mine.threshold), (Some(4_000), Some(12_000)));
    assert_eq!(mine.duplicate_of.as_deref(), Some("ben/1.gpx"));
    assert_eq!(mine.duplicate_sequence, Some(Digest::of(b"ben")));
    let mut other = pass("cid", 0);
    spans.judge(&mut other);
    assert_eq!(other.verdict, Verdict::Kept);
    let mut before = pass("ann", 0);
    Spans::new(vec![copied(1, 9), copied(-9, -1)]).judge(&mut before);
    assert_eq!((before.verdict, before.duplicate_of), (Verdict::Kept, None));
}
