use super::{
    DecimalFault, degrees_e7, latitude_e7, longitude_e7, parse_course_deg, parse_scaled, parse_unsigned,
};

#[test]
fn rounds_half_away_from_zero_on_the_written_digits() {
    assert_eq!(parse_scaled(b"0.00000005", 7), Ok(1));
    assert_eq!(parse_scaled(b"-0.00000005", 7), Ok(-1));
    assert_eq!(parse_scaled(b"0.00000004999999999999999999999999", 7), Ok(0));
    assert_eq!(parse_scaled(b"48.100010000000005", 7), Ok(481_000_100));
    assert_eq!(parse_scaled(b"1.0049999999999999", 2), Ok(100));
    assert_eq!(parse_scaled(b"9.99999995", 7), Ok(100_000_000));
}

#[test]
fn the_short_way_agrees_with_the_full_reader() {
    for (text, decimals, wanted) in [
        ("123456789012345678", 0, Ok(123_456_789_012_345_678)),
        ("-12345678901.234567", 6, Ok(-12_345_678_901_234_567)),
        ("999999999999999999", 7, Err(DecimalFault::TooLarge)),
        ("9.999999999999999", 3, Ok(10_000)),
        ("-.5", 0, Ok(-1)),
        ("1.4", 0, Ok(1)),
        ("1.49", 0, Ok(1)),
        ("1.05", 1, Ok(11)),
        ("7.", 9, Ok(7_000_000_000)),
        ("7", 12, Ok(7_000_000_000_000)),
    ] {
        assert_eq!(parse_scaled(text.as_bytes(), decimals), wanted, "{text}");
        let long = format!(" {text}");
        assert_eq!(
            parse_scaled(long.as_bytes(), decimals),
            wanted,
            "{text} by the full reader"
        );
    }
}

#[test]
fn reads_the_forms_that_devices_write() {
    assert_eq!(parse_scaled(b" 5 ", 0), Ok(5));
    assert_eq!(parse_scaled(b"+.5", 1), Ok(5));
    assert_eq!(parse_scaled(b"5.", 1), Ok(50));
    assert_eq!(parse_scaled(b"1.5E1", 0), Ok(15));
    assert_eq!(parse_scaled(b"15e-1", 0), Ok(2));
    assert_eq!(parse_scaled(b"4e-2", 0), Ok(0));
    assert_eq!(parse_scaled(b"0e99999999999999999999", 7), Ok(0));
    assert_eq!(parse_scaled(b"1e-99999999999999999999", 7), Ok(0));
    assert_eq!(parse_scaled(b"-0.0", 7), Ok(0));
}

#[test]
fn names_what_is_not_a_number() {
    assert_eq!(parse_scaled(b"  ", 7), Err(DecimalFault::Empty));
    for text in [
        "-", ".", "48,1", "1.2.3", "1e", "e5", "1e+", "0x10", "1 2", "--1", "1e5.5", "١",
    ] {
        assert_eq!(
            parse_scaled(text.as_bytes(), 7),
            Err(DecimalFault::NotANumber),
            "{text}"
        );
    }
    for text in ["NaN", "nan", "-inf", "Infinity", "-1.#INF"] {
        assert_eq!(
            parse_scaled(text.as_bytes(), 7),
            Err(DecimalFault::NotFinite),
            "{text}"
        );
    }
    for text in ["1e400", "99999999999999999999", "9223372036854775808"] {
        assert_eq!(
            parse_scaled(text.as_bytes(), 0),
            Err(DecimalFault::TooLarge),
            "{text}"
        );
    }
    let huge = "9".repeat(1_000_000);
    assert_eq!(parse_scaled(huge.as_bytes(), 7), Err(DecimalFault::TooLarge));
}

#[test]
fn keeps_positions_in_range() {
    assert_eq!(latitude_e7(b"90"), Some(900_000_000));
    assert_eq!(latitude_e7(b"90.00000004"), Some(900_000_000));
    assert_eq!(latitude_e7(b"90.0000001"), None);
    assert_eq!(longitude_e7(b"-180.0"), Some(-1_800_000_000));
    assert_eq!(longitude_e7(b"181"), None);
    assert_eq!(degrees_e7(i64::MAX, 90), None);
}

#[test]
fn keeps_measures_unsigned_and_courses_in_the_circle() {
    assert_eq!(parse_unsigned(b"1.25", 3), Some(1_250));
    assert_eq!(parse_unsigned(b"-1", 3), None);
    assert_eq!(parse_course_deg(b"359.6"), Some(0));
    assert_eq!(parse_course_deg(b"360"), Some(0));
    assert_eq!(parse_course_deg(b"-1"), None);
    assert_eq!(parse_course_deg(b"361"), None);
}
