use super::{CivilTime, parse_civil_time, parse_date_us};

/// 2024-05-01T10:00:00Z
const MAY_FIRST_TEN: i64 = 1_714_557_600_000_000;

fn utc(text: &str) -> Option<i64> {
    parse_civil_time(text.as_bytes()).map(|time| time.utc_us(0))
}

#[test]
fn reads_every_shape_of_the_same_moment() {
    for text in [
        "2024-05-01T10:00:00Z",
        "2024-05-01t10:00:00z",
        "2024-05-01T10:00Z",
        "2024-05-01 10:00:00",
        "2024-05-01  10:00:00 UTC",
        "2024-05-01T12:00:00+02:00",
        "2024-05-01T12:00:00 +0200",
        "2024-05-01T12:00:00+02",
        "2024-05-01T04:30:00-05:30",
        "2024:05:01 10:00:00",
        "2024:05:01 10:00:00\0",
        "2024_05_01_10_00_00_000",
        "2024/5/1 10:0:0",
        "20240501T100000Z",
        "20240501100000",
        "20240501100000000",
        "\n 2024-05-01T10:00:00.000000000Z\t",
    ] {
        assert_eq!(utc(text), Some(MAY_FIRST_TEN), "{text}");
    }
}

#[test]
fn cuts_fractions_at_microseconds() {
    assert_eq!(utc("2024-05-01T10:00:00.1234567Z"), Some(MAY_FIRST_TEN + 123_456));
    assert_eq!(utc("2024-05-01T10:00:00,5Z"), Some(MAY_FIRST_TEN + 500_000));
    assert_eq!(utc("2024_05_01_10_00_00_678"), Some(MAY_FIRST_TEN + 678_000));
    assert_eq!(utc("2024-05-01T10:00:00."), None);
}

#[test]
fn says_whether_an_offset_was_written() {
    let bare = parse_civil_time(b"2024-05-01T10:00:00");
    assert_eq!(
        bare,
        Some(CivilTime {
            local_us: MAY_FIRST_TEN,
            offset_s: None
        })
    );
    let given = parse_civil_time(b"2024-05-01T10:00:00-07:00");
    assert_eq!(
        given,
        Some(CivilTime {
            local_us: MAY_FIRST_TEN,
            offset_s: Some(-25_200)
        })
    );
}

#[test]
fn refuses_what_is_no_moment() {
    for text in [
        "",
        "not-a-time",
        "2024-02-30T10:00:00Z",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2024-05-01",
        "10:00:00",
        "2024-05-01T24:00:00Z",
        "2024-05-01T10:60:00Z",
        "2024-05-01T10:00:61Z",
        "2024-05-01T10:00:99Z",
        "2024-05-01T10:00:00+99:00",
        "2024-05-01T10:00:00X",
        "1714557600",
        "2024-13-01T10:00:00Z",
        "99999-01-01T00:00:00Z",
        "２０２４-05-01T10:00:00Z",
    ] {
        assert_eq!(utc(text), None, "{text}");
    }
}

#[test]
fn a_leap_second_is_the_second_before_it() {
    assert_eq!(utc("2016-12-31T23:59:60Z"), utc("2016-12-31T23:59:59Z"));
}

#[test]
fn reads_dates_alone_only_where_asked() {
    assert_eq!(
        parse_date_us(b"2024:05:01\0"),
        Some(MAY_FIRST_TEN - 36_000_000_000)
    );
    assert_eq!(parse_date_us(b"2024:05:01 10:00:00"), None);
    assert_eq!(parse_date_us(b"0000:00:00"), None);
}
