use super::*;

#[test]
fn halves_go_away_from_zero_and_what_is_not_counted_exactly_is_nothing() {
    assert_eq!((round_f64(-2.5), round_f64(2.49)), (Some(-3), Some(2)));
    assert_eq!(
        [1e300, 9_007_199_254_740_994.0, f64::NAN, f64::NEG_INFINITY].map(round_f64),
        [None; 4]
    );
    assert_eq!((divide_rounded(-5, 2), divide_rounded(7, -5)), (-3, -1));
}
