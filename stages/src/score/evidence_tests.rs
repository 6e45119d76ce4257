use super::super::samples::pass;
use super::*;

fn judged(change: impl FnOnce(&mut Pass)) -> (String, u32) {
    let mut pass = pass("ann", 0);
    change(&mut pass);
    judge(&Rules::default(), &mut pass);
    (pass.evidence, pass.integrity_ppm.parts())
}

fn says(code: &str, integrity: u32) -> (String, u32) {
    (code.to_owned(), integrity)
}

#[test]
fn policy_e_nothing_measured_says_nothing() {
    assert_eq!(judged(|_| ()), says("", 1_000_000));
}

#[test]
fn policy_e_each_clause_fires_at_its_threshold_and_not_before() {
    assert_eq!(judged(|p| p.excess_ppm = Some(80_000)), says("", 1_000_000));
    assert_eq!(judged(|p| p.excess_ppm = Some(80_001)), says("E1", 500_000));
    let white = |sigma, correlation| {
        judged(|p| (p.noise_mm, p.noise_correlation_ppm) = (Some(sigma), Some(correlation)))
    };
    assert_eq!(white(2_200, 0), says("", 1_000_000));
    assert_eq!(white(2_201, 99_999), says("E2", 500_000));
    assert_eq!(white(2_201, 100_000), says("", 1_000_000));
    assert_eq!(judged(|p| p.rails_mm = Some(70)), says("", 1_000_000));
    assert_eq!(judged(|p| p.rails_mm = Some(69)), says("E3", 500_000));
    assert_eq!(
        judged(|p| p.hdop_same_ppm = Some(1_000_000)),
        says("E4", 1_000_000)
    );
    assert_eq!(judged(|p| p.frozen_ms = Some(20_000)), says("E5", 1_000_000));
    assert_eq!(judged(|p| p.frozen_ms = Some(19_999)), says("", 1_000_000));
    assert_eq!(
        judged(|p| p.clock_ms = Some(-28 * 86_400_000)),
        says("E6", 500_000)
    );
    assert_eq!(
        judged(|p| p.clock_ms = Some(28 * 86_400_000 + 1)),
        says("", 1_000_000)
    );
    assert_eq!(judged(|p| p.trace_mm = Some(50_001)), says("E10", 1_000_000));
    assert_eq!(judged(|p| p.signature = "missing".into()), says("E11", 1_000_000));
}

#[test]
fn policy_e7_voids_a_pass_of_a_named_device_and_else_informs() {
    assert_eq!(
        judged(|p| p.two_places_mm = Some(5_000_000)),
        says("E7", 1_000_000)
    );
    let named = judged(|p| (p.two_places_mm, p.device) = (Some(5_000_000), Some("cam-1".into())));
    assert_eq!(named, says("E7", 0));
}

#[test]
fn policy_e_clauses_that_halve_halve_each() {
    let all = judged(|p| {
        (p.excess_ppm, p.rails_mm, p.clock_ms) = (Some(99_999), Some(0), Some(0));
        (p.noise_mm, p.noise_correlation_ppm) = (Some(3_000), Some(-100_000));
    });
    assert_eq!(all, says("E1 E2 E3 E6", 62_500));
}
