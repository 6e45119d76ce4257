use super::{Malformed, Report, Said, Source, read};

fn report(kind: [u8; 3], fields: &str) -> Report {
    match read(kind, fields.as_bytes()) {
        Ok(Said::Report(report)) => report,
        other => panic!("{fields}: {other:?}"),
    }
}

fn gll(position: &str) -> Option<(i32, i32)> {
    report(*b"GLL", position).position
}

#[test]
fn positions_are_exact_and_rounded_half_away_from_zero() {
    assert_eq!(gll("4807.038,N,01131.000,E"), Some((481_173_000, 115_166_667)));
    assert_eq!(gll("4807.038,S,01131.000,W"), Some((-481_173_000, -115_166_667)));
    assert_eq!(gll("0000.000003,N,00000.0000029,E"), Some((1, 0)));
    assert_eq!(gll("0000.000003,S,00000.0000029999999999999,W"), Some((-1, 0)));
    assert_eq!(gll("0000.0000090,S,00000.00000899999999,W"), Some((-2, -1)));
    assert_eq!(
        gll("3725.58362,N,12205.61915,W"),
        Some((374_263_937, -1_220_936_525))
    );
    assert_eq!(gll("9000.0,N,18000.0,W"), Some((900_000_000, -1_800_000_000)));
}

#[test]
fn degrees_need_no_leading_zeros_nor_a_fraction() {
    assert_eq!(gll("07,N,107.5,E"), Some((1_166_667, 11_250_000)));
    assert_eq!(gll("4807,N,1131.,E"), Some((481_166_667, 115_166_667)));
}

#[test]
fn what_lies_outside_the_earth_is_no_position() {
    for none in [
        ",,,",
        "36000.0000,N,72000.0000,E",
        "8960.0000,N,00000.0000,E",
        "9000.00001,N,00000.0000,E",
        "0000.0,N,18000.00001,E",
        "99999999999999999999999999.0,N,00000.0,E",
    ] {
        assert_eq!(gll(none), None, "{none}");
    }
}

#[test]
fn a_position_that_cannot_be_read_spoils_the_sentence() {
    for fields in [
        "",
        "4807.038",
        "4807.038,N,01131.000",
        "4807.038,,01131.000,E",
        "4807.038,E,01131.000,N",
        "48O7.038,N,01131.000,E",
        "4807.0e1,N,01131.000,E",
        "4807.0.1,N,01131.000,E",
        "-4807.0,N,01131.000,E",
        "7.0,N,01131.000,E",
        ",N,01131.000,E",
    ] {
        assert_eq!(read(*b"GLL", fields.as_bytes()), Err(Malformed), "{fields}");
    }
}

#[test]
fn times_are_cut_at_microseconds() {
    let time = |text: &str| report(*b"GLL", &format!(",,,,{text}")).clock_us;
    assert_eq!(time("000000"), Some(0));
    assert_eq!(time("123519.25"), Some(45_319_250_000));
    assert_eq!(time("235959.9999999"), Some(86_399_999_999));
    assert_eq!(time("235960.5"), Some(86_399_500_000), "a leap second");
    assert_eq!(time(""), None);
    for wrong in [
        "240000",
        "126000",
        "120061",
        "12351",
        "12:35:19",
        "123519,5.",
        "12351x",
        "123519.x",
    ] {
        let fields = format!(",,,,{wrong},A").replace("5.,A", "5.");
        assert_eq!(read(*b"GLL", fields.as_bytes()), Err(Malformed), "{wrong}");
    }
}

#[test]
fn gga_says_what_it_says() {
    let said = report(*b"GGA", "123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
    assert_eq!(
        said,
        Report {
            source: Source::Gga,
            clock_us: Some(45_319_000_000),
            position: Some((481_173_000, 115_166_667)),
            valid: Some(true),
            day: None,
            satellites: Some(8),
            hdop_milli: Some(900),
            speed_mm_s: None,
            course_deg: None,
            elevation_mm: Some(545_400),
        }
    );
    let valid = |quality: &str| report(*b"GGA", &format!("123519,,,,,{quality},00,,,M,,M,,")).valid;
    assert_eq!(
        ["", "0", "6", "8"].map(valid),
        [None, Some(false), Some(false), Some(false)]
    );
    assert_eq!(["1", "2", "4", "5"].map(valid), [Some(true); 4]);
    assert_eq!(read(*b"GGA", b"123519,,,,,x,00"), Err(Malformed));
    assert_eq!(read(*b"GGA", b"123519,,,,,1"), Err(Malformed));
}

#[test]
fn rmc_says_what_it_says() {
    let said = report(
        *b"RMC",
        "123519.00,A,4807.038,N,01131.000,E,022.4,084.5,230394,003.1,W,A",
    );
    assert_eq!(said.day, Some(8_847));
    assert_eq!(said.speed_mm_s, Some(11_524), "22.4 kn are 11.5236 m/s");
    assert_eq!(said.course_deg, Some(85));
    assert_eq!(said.valid, Some(true));
    let valid = |status: &str, rest: &str| report(*b"RMC", &format!(",{status},,,,,,,{rest}")).valid;
    assert_eq!(valid("A", "230394"), Some(true));
    assert_eq!(valid("V", "230394,,,A"), Some(false));
    assert_eq!(valid("A", "230394,,,E"), Some(false), "dead reckoning");
    assert_eq!(valid("A", "230394,,,F,V"), Some(true), "float RTK");
    assert_eq!(valid("", "230394"), None);
    let day = |date: &str| report(*b"RMC", &format!(",A,,,,,,,{date}")).day;
    assert_eq!(day("010170"), Some(36_525), "2070");
    assert_eq!(day("060180"), Some(3_657), "1980");
    assert_eq!(["", "000000", "310299"].map(day), [None; 3]);
    assert_eq!(read(*b"RMC", b",A,,,,,,,2208-1"), Err(Malformed));
    assert_eq!(read(*b"RMC", b",A,,,,,,"), Err(Malformed));
}

#[test]
fn gns_has_a_fix_when_one_constellation_has() {
    let valid = |modes: &str| report(*b"GNS", &format!(",,,,,{modes},09,0.9,16.5,18.0,,,V")).valid;
    assert_eq!(
        ["AAN", "NNNA", "R", "NN", "E", ""].map(valid),
        [Some(true), Some(true), Some(true), Some(false), Some(false), None]
    );
    let said = report(*b"GNS", ",,,,,AAN,09,0.9,16.5,18.0,,,V");
    assert_eq!(
        (said.satellites, said.hdop_milli, said.elevation_mm),
        (Some(9), Some(900), Some(16_500))
    );
}

#[test]
fn the_others_say_what_they_say() {
    assert_eq!(
        read(*b"GSA", b"A,3,17,02,06,28,12,13,15,24,19,,,,1.48,0.76,1.27,1"),
        Ok(Said::Mode {
            mode: Some(3),
            hdop_milli: Some(760)
        })
    );
    assert_eq!(read(*b"GSA", b"A,4"), Err(Malformed));
    assert_eq!(read(*b"GSV", b"3,1,10,02,25"), Ok(Said::View));
    assert_eq!(read(*b"GSV", b"3,x,10"), Err(Malformed));
    assert_eq!(
        read(*b"VTG", b"65.13,T,52.07,M,10.000,N,18.5,K,D"),
        Ok(Said::Motion {
            speed_mm_s: Some(5_144),
            course_deg: Some(65)
        })
    );
    assert_eq!(read(*b"VTG", b"65.13,52.07,10.000,18.5"), Ok(Said::Other));
    assert_eq!(
        read(*b"ZDA", b"000001.50,02,01,1970,00,00"),
        Ok(Said::Date {
            day: 1,
            clock_us: 1_500_000
        })
    );
    assert_eq!(read(*b"ZDA", b",,,,,"), Ok(Said::Other));
    assert_eq!(read(*b"ZDA", b"000001.50,31,02,1970,00,00"), Err(Malformed));
    assert_eq!(
        read(*b"GST", b"000001,46,,,,3.0,4.0,5.3"),
        Ok(Said::Spread {
            clock_us: Some(1_000_000),
            accuracy_mm: Some(5_000)
        })
    );
    assert_eq!(
        read(*b"GST", b",46,,,,0.0,0.0,"),
        Ok(Said::Spread {
            clock_us: None,
            accuracy_mm: None
        })
    );
    assert_eq!(read(*b"HDT", b"1,T"), Ok(Said::Other));
}
