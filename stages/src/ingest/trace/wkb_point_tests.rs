use super::{degrees_of_f64, hexadecimal, point_of_wkb};

fn bytes(hex: &str) -> Vec<u8> {
    hexadecimal(hex.as_bytes(), 100).unwrap()
}

#[test]
fn reads_points_of_every_form() {
    let here = Some((-11.5, 48.5));
    for hex in [
        "010100000000000000000027C00000000000404840",
        "0000000001C0270000000000004048400000000000",
        "01E903000000000000000027C000000000004048400000000000000000",
        "0101000080000000000000 27C000000000004048400000000000000000",
        "0101000020E610000000000000000027C00000000000404840",
    ] {
        assert_eq!(point_of_wkb(&bytes(&hex.replace(' ', ""))), here, "{hex}");
    }
}

#[test]
fn other_bytes_are_none() {
    for hex in [
        "",
        "01",
        "0101000000",
        "020100000000000000000027C00000000000404840",
        "010200000000000000000027C00000000000404840",
        "0101000020110F000000000000000027C00000000000404840",
        "010100000000000000000027C000000000004048",
    ] {
        assert_eq!(point_of_wkb(&bytes(hex)), None, "{hex}");
    }
    assert_eq!(hexadecimal(b"0", 9), None);
    assert_eq!(hexadecimal(b"0g", 9), None);
    assert_eq!(hexadecimal(b"0000", 1), None);
}

#[test]
fn floats_are_rounded_once() {
    assert_eq!(degrees_of_f64(48.1, 90), Some(481_000_000));
    assert_eq!(degrees_of_f64(-0.000_000_05, 90), Some(-1));
    assert_eq!(degrees_of_f64(90.000_000_1, 90), None);
    assert_eq!(degrees_of_f64(f64::NAN, 90), None);
    assert_eq!(degrees_of_f64(f64::NEG_INFINITY, 90), None);
}
