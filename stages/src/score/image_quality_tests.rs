use cairn_datasets::tables::Image;
use cairn_datasets::units::Ppm;

use super::super::samples::{image, pass};
use super::*;

fn quality(change: impl Fn(&mut Image)) -> u32 {
    let mut sample = image(&pass("ann", 1), 1);
    change(&mut sample);
    image_quality(&Rules::default(), &sample).parts()
}

#[test]
fn policy_p3_a_flawless_image_has_full_quality() {
    assert_eq!(quality(|_| {}), 1_000_000);
}

#[test]
fn policy_p3_sharpness_rises_from_blurred_to_sharp() {
    assert_eq!(quality(|i| i.sharpness = Ppm::new(10_000)), 0);
    assert_eq!(quality(|i| i.sharpness = Ppm::new(105_000)), 500_000);
    assert_eq!(quality(|i| i.sharpness = Ppm::new(200_000)), 1_000_000);
}

#[test]
fn policy_p3_exposure_is_the_lesser_ramp() {
    assert_eq!(quality(|i| i.mean_milli = 40_000), 0);
    assert_eq!(quality(|i| i.mean_milli = 75_000), 500_000);
    assert_eq!(quality(|i| i.mean_milli = 110_000), 1_000_000);
    assert_eq!(quality(|i| i.mean_milli = 180_000), 1_000_000);
    assert_eq!(quality(|i| i.mean_milli = 197_500), 500_000);
    assert_eq!(quality(|i| i.mean_milli = 215_000), 0);
}

#[test]
fn policy_p3_dark_and_burnt_blocks_are_lost() {
    let lost = |dark, burnt| {
        quality(|i| {
            i.dark_ppm = Ppm::new(dark);
            i.burnt_ppm = Ppm::new(burnt);
        })
    };
    assert_eq!(lost(200_000, 100_000), 700_000);
    assert_eq!(lost(700_000, 700_000), 0);
}

#[test]
fn policy_p3_contrast_rises_with_the_deviation() {
    assert_eq!(quality(|i| i.std_milli = 15_000), 0);
    assert_eq!(quality(|i| i.std_milli = 30_000), 500_000);
}

#[test]
fn policy_p3_detail_is_pixels_per_degree() {
    // 1,050 pixels over 60 degrees are 17.5 to the degree: halfway from 5 to 30.
    assert_eq!(quality(|i| i.width = 1_050), 500_000);
    assert_eq!(quality(|i| i.width = 300), 0);
    assert_eq!(quality(|i| i.field_of_view_mdeg = None), 300_000);
    assert_eq!(quality(|i| i.field_of_view_mdeg = Some(0)), 300_000);
}

#[test]
fn policy_p3_360_degree_images_have_ends_of_their_own() {
    let detail = |width| {
        quality(|i| {
            i.is_360 = true;
            i.field_of_view_mdeg = None;
            i.width = width;
        })
    };
    // 3,600 pixels around are 10 to the degree: halfway from 4 to 16.
    assert_eq!(detail(3_600), 500_000);
    assert_eq!(detail(5_760), 1_000_000);
    assert_eq!(detail(1_440), 0);
}

#[test]
fn policy_p3_the_widest_image_there_can_be_does_not_overflow() {
    assert_eq!(quality(|i| i.width = u32::MAX), 1_000_000);
}

#[test]
fn policy_p3_faults_multiply_with_the_floors_of_the_text() {
    let quality = quality(|i| {
        i.sharpness = Ppm::new(73_333);
        i.mean_milli = 61_234;
        i.std_milli = 33_333;
        i.width = 911;
    });
    let (sharp, exposed, contrast, detail) = (333_331_u64, 303_342, 611_100, 407_320);
    assert_eq!(
        u64::from(quality),
        (sharp * exposed / 1_000_000) * (contrast * detail / 1_000_000) / 1_000_000
    );
}
