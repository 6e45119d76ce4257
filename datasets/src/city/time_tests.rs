use super::Civil;

#[test]
fn known_instants() {
    assert_eq!(Civil::from_ms(0).rfc3339(), "1970-01-01T00:00:00Z");
    assert_eq!(
        Civil::from_ms(1_778_457_600_000).rfc3339(),
        "2026-05-11T00:00:00Z"
    );
    assert_eq!(
        Civil::from_ms(1_709_210_096_007).rfc3339_ms(),
        "2024-02-29T12:34:56.007Z"
    );
    assert_eq!(Civil::from_ms(-1).rfc3339_ms(), "1969-12-31T23:59:59.999Z");
}
