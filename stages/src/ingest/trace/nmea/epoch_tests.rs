use super::super::sentence::{Report, Said, read};
use super::Epoch;

fn report(kind: [u8; 3], fields: &str) -> Report {
    match read(kind, fields.as_bytes()) {
        Ok(Said::Report(report)) => report,
        other => panic!("{fields}: {other:?}"),
    }
}

fn gga(minutes: &str, quality: u8, satellites: u8) -> Report {
    let fields = format!("120000,00{minutes},N,00000.6,E,{quality},{satellites},1.0,5,M,,,,");
    report(*b"GGA", &fields)
}

fn rmc(minutes: &str, status: &str) -> Report {
    report(
        *b"RMC",
        &format!("120000,{status},00{minutes},N,00000.6,E,1,90,010120"),
    )
}

fn epoch(reports: &[([u8; 2], Report)]) -> Epoch {
    let mut epoch = Epoch::default();
    for (talker, report) in reports {
        epoch.report(*talker, report);
    }
    epoch
}

#[test]
fn gga_gives_the_position_and_the_rest_fills_in() {
    for reports in [
        [(*b"GP", rmc("00.6", "A")), (*b"GP", gga("01.2", 1, 7))],
        [(*b"GP", gga("01.2", 1, 7)), (*b"GP", rmc("00.6", "A"))],
    ] {
        let fix = epoch(&reports).fix().unwrap();
        assert_eq!((fix.lat_e7, fix.lon_e7), (Some(200_000), Some(100_000)));
        assert_eq!((fix.satellites, fix.hdop_milli), (Some(7), Some(1_000)));
        assert_eq!((fix.speed_mm_s, fix.course_deg), (Some(514), Some(90)));
        assert_eq!(fix.fix_3d, None, "nobody said");
    }
}

#[test]
fn a_valid_position_comes_first_and_a_talker_without_a_fix_takes_nothing_from_another() {
    let reports = [(*b"GL", gga("01.2", 0, 0)), (*b"GP", gga("01.8", 1, 7))];
    let fix = epoch(&reports).fix().unwrap();
    assert_eq!(
        (fix.lat_e7, fix.satellites, fix.fix_3d),
        (Some(300_000), Some(7), None)
    );
}

#[test]
fn policy_f5_sees_no_fix() {
    for reports in [
        vec![(*b"GP", gga("01.2", 0, 7))],
        vec![(*b"GP", gga("01.2", 6, 7))],
        vec![(*b"GP", rmc("01.2", "V"))],
        vec![(*b"GP", rmc("01.2", "V")), (*b"GP", gga("01.2", 1, 7))],
        vec![(*b"GP", rmc("01.2", "A")), (*b"GP", gga("01.2", 0, 7))],
    ] {
        let mut epoch = epoch(&reports);
        epoch.mode(Some(3), None);
        assert_eq!(epoch.fix().unwrap().fix_3d, Some(false), "{reports:?}");
    }
}

#[test]
fn the_best_mode_of_the_constellations_counts() {
    for (modes, fix_3d) in [
        (vec![Some(3)], Some(true)),
        (vec![Some(1), Some(3), None], Some(true)),
        (vec![Some(2)], Some(false)),
        (vec![Some(1)], Some(false)),
        (vec![None], None),
    ] {
        let mut epoch = epoch(&[(*b"GN", gga("01.2", 1, 7))]);
        for mode in &modes {
            epoch.mode(*mode, Some(9_000));
        }
        let fix = epoch.fix().unwrap();
        assert_eq!(
            (fix.fix_3d, fix.hdop_milli),
            (fix_3d, Some(1_000)),
            "{modes:?}: GGA's own HDOP is kept"
        );
    }
}

#[test]
fn motion_and_spread_fill_in() {
    let mut epoch = epoch(&[(*b"GN", gga("01.2", 1, 7))]);
    epoch.motion(Some(7), Some(8));
    epoch.spread(Some(9));
    let fix = epoch.fix().unwrap();
    assert_eq!(
        (fix.speed_mm_s, fix.course_deg, fix.accuracy_mm),
        (Some(7), Some(8), Some(9))
    );
}

#[test]
fn another_time_or_another_position_of_the_same_voice_is_another_moment() {
    let epoch = epoch(&[(*b"GP", gga("01.2", 1, 7))]);
    let at = |time: &str| report(*b"GLL", &format!("0001.2,N,00000.6,E,{time},A"));
    assert!(!epoch.is_over(*b"GP", &at("120000")));
    assert!(!epoch.is_over(*b"GP", &at("120000.005")), "rounded");
    assert!(epoch.is_over(*b"GP", &at("120000.02")), "50 a second");
    assert!(!epoch.is_over(*b"GP", &at("")), "no time of its own");
    assert!(!epoch.is_over(*b"GP", &gga("01.2", 1, 7)), "said twice");
    assert!(
        epoch.is_over(*b"GP", &gga("01.3", 1, 7)),
        "a clock without fractions"
    );
    assert!(!epoch.is_over(*b"GL", &gga("01.3", 1, 7)), "another talker");
}

#[test]
fn a_date_with_a_fix_wins() {
    let none = report(*b"RMC", "120000,V,,,,,,,010199");
    assert_eq!(epoch(&[(*b"GP", none)]).day, Some((10_592, false)));
    let both = epoch(&[(*b"GP", none), (*b"GN", rmc("01.2", "A")), (*b"GP", none)]);
    assert_eq!(both.day, Some((18_262, true)));
    assert!(
        epoch(&[(*b"GP", none)]).fix().is_none(),
        "and no position is no fix"
    );
}
