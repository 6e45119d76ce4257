use super::{is_all_around, of_lens, of_panorama};
use crate::ingest::metadata::camera::{Frame, Lens, Projection};
use crate::ingest::metadata::xmp::Panorama;

fn film(focal_mm: u32) -> Lens {
    Lens {
        focal_um: focal_mm * 1_000,
        frame: Frame::Film,
        projection: Projection::Rectilinear,
    }
}

#[test]
fn lenses_by_their_diagonal() {
    // A 3:2 frame is film's own: 2 atan(36 / 2f).
    assert_eq!(of_lens(film(50), (6_000, 4_000)), Some(39_598));
    assert_eq!(of_lens(film(50), (4_000, 6_000)), Some(26_991));
    assert_eq!(of_lens(film(24), (4_032, 3_024)), Some(71_592));
    assert_eq!(of_lens(film(0), (4_032, 3_024)), None);
    let far = Lens {
        focal_um: u32::MAX,
        ..film(1)
    };
    assert_eq!(of_lens(far, (u32::MAX, 1)), Some(1));
}

#[test]
fn panoramas_by_their_share_of_the_circle() {
    let panorama = |full_width, cropped_width| Panorama {
        is_equirectangular: true,
        full_width,
        cropped_width,
    };
    assert_eq!(
        of_panorama(&panorama(Some(8_000), Some(4_000)), Some((100, 50))),
        Some(180_000)
    );
    assert_eq!(
        of_panorama(&panorama(Some(8_000), None), Some((2_000, 1_000))),
        Some(90_000)
    );
    assert_eq!(
        of_panorama(&panorama(Some(4_000), Some(9_000)), None),
        Some(360_000)
    );
    assert_eq!(
        of_panorama(&panorama(None, None), Some((5_760, 2_880))),
        Some(360_000)
    );
    assert_eq!(of_panorama(&panorama(None, None), Some((5_760, 2_000))), None);
    assert_eq!(of_panorama(&panorama(Some(0), Some(1)), None), None);
}

#[test]
fn sensors_by_their_longer_side() {
    let lens = |projection| Lens {
        focal_um: 2_800,
        frame: Frame::LongSideUm(6_170),
        projection,
    };
    // 2 atan(6.17 / 5.6), and 6.17 / 2.8 in radians.
    assert_eq!(
        of_lens(lens(Projection::Rectilinear), (1_920, 1_080)),
        Some(95_545)
    );
    assert_eq!(
        of_lens(lens(Projection::Equidistant), (1_920, 1_080)),
        Some(126_255)
    );
    // Upright, the width shows the sensor's shorter side.
    assert_eq!(
        of_lens(lens(Projection::Equidistant), (1_080, 1_920)),
        Some(71_019)
    );
}

#[test]
fn all_around_is_the_full_circle() {
    let panorama = |full_width, cropped_width| Panorama {
        is_equirectangular: true,
        full_width,
        cropped_width,
    };
    assert!(is_all_around(&panorama(Some(8_000), Some(7_990)), None));
    assert!(!is_all_around(&panorama(Some(8_000), Some(4_000)), None));
    assert!(is_all_around(&Panorama::whole(), Some((5_760, 2_880))));
    assert!(
        is_all_around(&Panorama::whole(), Some((5_760, 2_000))),
        "it says so"
    );
}
