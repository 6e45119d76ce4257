use cairn_datasets::units::Ppm;

use super::*;

fn pass(quality: u32, gain: u32, demand: u64) -> Pass {
    let digest = cairn_datasets::digest::Digest::of(b"pass");
    let cell = "861f05b07ffffff".parse().unwrap();
    let began = cairn_datasets::units::Timestamp(0);
    Pass {
        fixes: 2,
        accuracy_mm: 3_000,
        has_track: true,
        position_ppm: Ppm::ONE,
        confirmation_ppm: Ppm::ONE,
        confirmed_by: "other-passes".to_owned(),
        quality_ppm: Ppm::new(quality),
        slot: Some(0),
        gain_ppm: Ppm::new(gain),
        demand_ppm: demand,
        region_ppm: 1_000_000,
        ..Pass::unjudged(digest, "ada", digest, cell, "a.gpx", began)
    }
}

#[test]
fn policy_r3_a_gain_that_nobody_asked_for_is_not_laid_to_the_standing() {
    let said = |passes: &[Pass]| {
        let mut text = String::new();
        why_nothing(&mut text, passes);
        text
    };
    let undemanded = said(&[pass(500_000, 500_000, 0)]);
    assert!(
        undemanded.contains("1  what they add") && undemanded.contains("(R3)"),
        "{undemanded}"
    );
    assert!(!undemanded.contains("(R2)"), "{undemanded}");
    let stood = said(&[pass(500_000, 0, 1_000_000)]);
    assert!(stood.contains("(R2)") && !stood.contains("(R3)"), "{stood}");
}
