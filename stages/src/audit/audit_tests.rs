use cairn_datasets::tables::Share;

use super::*;

fn share(contributor: &str, credit: u64) -> Share {
    Share {
        contributor: contributor.into(),
        credit,
    }
}

#[test]
fn equal_tables_do_not_diverge() {
    let rows = [share("ada", 1), share("bob", 2)];
    assert_eq!(first_divergence(&rows, &rows), None);
}

#[test]
fn a_changed_value_is_named_with_table_key_and_column() {
    let found = first_divergence(
        &[share("ada", 1), share("bob", 2)],
        &[share("ada", 1), share("bob", 3)],
    )
    .unwrap();
    assert_eq!(
        found.to_string(),
        "table `shares`, key (\"bob\",): column `credit` is 2 as published and 3 as derived"
    );
}

#[test]
fn a_row_too_many_and_a_row_too_few_are_told_apart() {
    let (all, less) = ([share("ada", 1), share("bob", 2)], [share("bob", 2)]);
    assert!(matches!(
        first_divergence(&all, &less),
        Some(Divergence::Surplus { .. })
    ));
    assert!(matches!(
        first_divergence(&less, &all),
        Some(Divergence::Missing { .. })
    ));
    assert!(matches!(
        first_divergence(&all, &all[..1]),
        Some(Divergence::Surplus { .. })
    ));
}
