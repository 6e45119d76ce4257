use cairn_datasets::units::Position;
use proptest::prelude::*;

use super::*;

/// A trail with a moment at each of these seconds.
fn trail(seconds: impl IntoIterator<Item = i64>) -> Trail {
    let moment = |second: i64| Moment {
        at: Timestamp(second * 1_000),
        position: Position { lat_e7: 0, lon_e7: 0 },
    };
    Trail::new(seconds.into_iter().map(moment).collect())
}

fn windows(trail: &Trail) -> Vec<(i64, i64)> {
    let windows = trail.windows(&DedupPolicy::default());
    windows
        .iter()
        .map(|(start, end)| (start.0 / 1_000, end.0 / 1_000))
        .collect()
}

#[test]
fn windows_start_every_stride_and_one_ends_with_the_trail() {
    assert_eq!(
        windows(&trail((0..=480).step_by(4))),
        [(0, 300), (152, 448), (180, 480)]
    );
    assert_eq!(windows(&trail((0..=300).step_by(4))), [(0, 300)]);
    assert_eq!(windows(&trail((0..=296).step_by(4))), []);
    assert_eq!(windows(&trail([])), []);
    assert_eq!(windows(&trail([7])), []);
}

#[test]
fn a_window_holds_as_much_with_a_tunnel_in_it() {
    // 100 s, a tunnel of 180 s that counts for 30, and 200 s.
    let tunnel = trail((0..=100).step_by(4).chain((280..=480).step_by(4)));
    assert_eq!(windows(&tunnel), [(0, 448), (32, 480)]);
    // Without a long pause nothing else counts than time.
    let sparse = trail((0..=600).step_by(20));
    assert_eq!(windows(&sparse), [(0, 300), (160, 440), (300, 600)]);
}

#[test]
fn around_a_passage_lies_a_window_of_what_was_recorded() {
    let policy = DedupPolicy::default();
    let tunnel = trail((0..=400).step_by(4).chain((500..=1_000).step_by(4)));
    let around = tunnel.around(&policy, Timestamp(402_000));
    let ends = |around: &[Moment]| (around[0].at.0 / 1_000, around[around.len() - 1].at.0 / 1_000);
    assert_eq!(ends(around), (72, 800));
    assert_eq!(ends(tunnel.around(&policy, Timestamp(0))), (0, 328));
}

proptest! {
    #[test]
    fn packed_windows_come_back(times in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..20)) {
        let windows: Vec<Window> = times.into_iter().map(|(a, b)| (Timestamp(a), Timestamp(b))).collect();
        let packed = pack_windows(windows.clone());
        prop_assert_eq!(unpack_windows(&packed), windows);
    }

    /// Whatever was recorded in a trail that is long enough lies in a window.
    #[test]
    fn windows_leave_nothing_out(steps in proptest::collection::vec(1_i64..200, 60..200)) {
        let times: Vec<i64> = steps.iter().scan(0, |time, step| { *time += step; Some(*time) }).collect();
        let trail = trail(times.iter().copied());
        let windows = windows(&trail);
        prop_assume!(!windows.is_empty());
        for time in times {
            prop_assert!(windows.iter().any(|(start, end)| (*start..=*end).contains(&time)), "{time} of {windows:?}");
        }
    }
}
