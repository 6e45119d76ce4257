use super::*;

#[test]
fn names_of_models_stay_and_what_is_personal_goes() {
    for name in [
        "GoPro Max",
        "RICOH THETA Z1",
        "SAMSUNG-SM-G920A",
        "22101316UCP",
        "M2007J20CG",
        "KODAK CX7530 ZOOM DIGITAL CAMERA",
        "OLYMPUS IMAGING CORP.",
        "HERO12 Black",
        "EASTMAN KODAK COMPANY",
        "BLACKVUEDR900S",
    ] {
        assert_eq!(device_name(name).as_deref(), Some(name));
    }
    for name in [
        "jane@example.org",
        "Theta of jane@example.org",
        "C3331352471122",
        "Mini 3 Pro (1581F4XFC237L0)",
        "356938035643809",
        " \0",
    ] {
        assert_eq!(device_name(name), None, "{name}");
    }
}

#[test]
fn cameras_that_look_all_around_are_known_by_name() {
    for (make, model) in [
        ("RICOH", "RICOH THETA SC2"),
        ("Arashi Vision", "Insta360 X3"),
        ("GoPro", "GoPro Max"),
        ("SAMSUNG", "SM-R210"),
        ("DJI", "Osmo 360"),
    ] {
        assert!(sees_all_around(make, model), "{make} {model}");
    }
    for (make, model) in [("GoPro", "HERO9 Black"), ("samsung", "SM-G930F"), ("", "")] {
        assert!(!sees_all_around(make, model), "{make} {model}");
    }
}

#[test]
fn the_equivalent_focal_length_precedes_the_sensor_and_its_name_the_resolution() {
    let equivalent = Lens::of("SONY", "FDR-X1000V", Some(17), Some(2_800), Some(5_000)).unwrap();
    assert_eq!((equivalent.focal_um, equivalent.frame), (17_000, Frame::Film));
    let named = Lens::of("SONY", "FDR-X1000V", None, Some(2_800), Some(5_000)).unwrap();
    assert_eq!(
        (named.frame, named.projection),
        (Frame::LongSideUm(6_170), Projection::Equidistant)
    );
    let measured = Lens::of("Nobody", "X", None, Some(2_800), Some(5_000)).unwrap();
    assert_eq!(measured.frame, Frame::LongSideUm(5_000));
    assert_eq!(Lens::of("Nobody", "X", None, Some(2_800), None), None);
    assert_eq!(Lens::of("SONY", "FDR-X1000V", None, None, Some(5_000)), None);
    assert_eq!(Lens::of("", "", Some(u32::MAX), None, None), None);
}

#[test]
fn a_model_is_not_another_that_begins_like_it() {
    let frame = |make, model| Lens::of(make, model, None, Some(50_000), None).map(|lens| lens.frame);
    let nikon = "NIKON CORPORATION";
    assert_eq!(frame(nikon, "NIKON D70"), Some(Frame::LongSideUm(23_700)));
    assert_eq!(frame(nikon, "NIKON D70s"), Some(Frame::LongSideUm(23_700)));
    assert_eq!(frame(nikon, "NIKON D700"), None);
    assert_eq!(frame("Canon", "Canon EOS R5"), Some(Frame::LongSideUm(36_000)));
    assert_eq!(frame("Canon", "Canon EOS R50"), None);
    assert_eq!(frame("SONY", "ILCE-7M3"), Some(Frame::LongSideUm(35_600)));
}
