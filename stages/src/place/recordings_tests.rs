use std::collections::BTreeSet;

use cairn_datasets::units::{Position, Timestamp};

use super::*;
use crate::place::track::TrackFix;
use crate::trail::windows::unpack_windows;

/// A track eastwards at 10 m/s from a second to another.
fn track(path: &str, from_s: i64, to_s: i64) -> Track {
    let fix = |second: i64| TrackFix {
        ordinal: u32::try_from(second).unwrap(),
        at: Timestamp(second * 1_000),
        raw: at(second),
        position: at(second),
        course_deg: Some(90),
        accuracy_mm: 5_000,
        hdop_milli: None,
    };
    Track {
        path: path.into(),
        uploaded_at: None,
        fixes: (from_s..=to_s).map(fix).collect(),
        cross_track_mm: 0,
    }
}

fn at(second: i64) -> Position {
    Position {
        lat_e7: 0,
        lon_e7: i32::try_from(second * 900).unwrap(),
    }
}

fn recorded(tracks: &[Track]) -> Recorded {
    let by = Recorder {
        contributor: "ann",
        home: "session=ann/monday",
    };
    let known: Vec<(Digest, &Track)> = tracks.iter().map(|track| (id(track), track)).collect();
    Recorded::of(by, &known, &DedupPolicy::default(), Resolution::Eleven)
}

fn id(track: &Track) -> Digest {
    Digest::of(format!("{} {}", track.path, track.fixes[0].ordinal).as_bytes())
}

#[test]
fn policy_d6_a_tunnel_parts_tracks_and_not_their_trail() {
    let tracks = [
        track("a.gpx", 0, 190),
        track("a.gpx", 340, 480),
        track("a.gpx", 700, 720),
    ];
    let found = recorded(&tracks);
    let first = id(&tracks[0]);
    let rows: Vec<_> = found
        .recordings
        .iter()
        .map(|(row, _)| (row.sequence, row.trail))
        .collect();
    assert_eq!(
        rows,
        [(first, first), (id(&tracks[1]), first), (id(&tracks[2]), first)]
    );
    let mut all = BTreeSet::new();
    for track in &tracks[..2] {
        let of = found.visits.iter().filter(|visit| visit.sequence == id(track));
        let of: Vec<&Visit> = of.collect();
        assert!(!of.is_empty(), "no passage of {:?}", track.fixes[0].at);
        for visit in of {
            assert_eq!((visit.trail, visit.ordinal), (first, 0));
            let windows = unpack_windows(&visit.windows);
            assert!(
                windows
                    .iter()
                    .all(|(start, end)| (*start..=*end).contains(&visit.at))
            );
            all.extend(windows);
            // In the tunnel it passed no cell that is known.
            assert!(!(Timestamp(200_000)..Timestamp(330_000)).contains(&visit.at));
        }
    }
    // A tunnel counts for 30 s.
    let window = |start, end| (Timestamp(start), Timestamp(end));
    assert_eq!(
        all,
        BTreeSet::from([window(0, 420_000), window(112_000, 720_000)])
    );
}

#[test]
fn policy_d6_a_long_pause_another_object_and_what_overlaps_part_trails() {
    for tracks in [
        [track("a.gpx", 0, 190), track("a.gpx", 491, 680)],
        [track("a.gpx", 0, 190), track("b.gpx", 340, 480)],
        [track("a.gpx", 0, 290), track("a.gpx", 290, 580)],
    ] {
        let found = recorded(&tracks);
        assert!(found.recordings.iter().all(|(row, _)| row.trail == row.sequence));
        assert_eq!(found.visits, []);
    }
    // Of one that is long enough there are passages.
    assert!(!recorded(&[track("a.gpx", 0, 300)]).visits.is_empty());
}
