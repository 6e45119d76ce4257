use super::*;

#[test]
fn the_default_policy_holds_and_every_field_is_in_it() {
    let policy = Policy::default();
    assert_eq!(policy.check(), Ok(()));
    let resolved = policy.resolved();
    for field in Policy::fields() {
        assert!(
            !resolved[field.section][field.name].is_null(),
            "{}.{}",
            field.section,
            field.name
        );
    }
    let declared = Policy::fields().len();
    let written: usize = resolved
        .as_object()
        .unwrap()
        .values()
        .filter_map(|v| v.as_object())
        .map(serde_json::Map::len)
        .sum();
    assert_eq!(declared, written);
}

#[test]
fn a_value_out_of_range_is_named_with_its_bounds() {
    let mut policy = Policy::default();
    policy.place.cell_resolution = 16;
    let error = policy.check().unwrap_err().to_string();
    assert!(
        error.contains("place.cell-resolution") && error.contains("0 to 15"),
        "{error}"
    );
}

#[test]
fn any_changed_value_changes_the_digest() {
    let mut policy = Policy {
        reward: RewardPolicy::default(),
        ..Policy::default()
    };
    let before = policy.digest();
    policy.dedup.near_bits += 1;
    assert_ne!(before, policy.digest());
}
