use super::{of_lens, of_panorama};
use crate::ingest::metadata::xmp::Panorama;

#[test]
fn lenses_by_their_diagonal() {
    // A 3:2 frame is film's own: 2 atan(36 / 2f).
    assert_eq!(of_lens(50, (6_000, 4_000)), Some(39_598));
    assert_eq!(of_lens(50, (4_000, 6_000)), Some(26_991));
    assert_eq!(of_lens(24, (4_032, 3_024)), Some(71_592));
    assert_eq!(of_lens(0, (4_032, 3_024)), None);
    assert_eq!(of_lens(u32::MAX, (u32::MAX, 1)), Some(0));
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
