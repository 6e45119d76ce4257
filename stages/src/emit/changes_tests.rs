use cairn_datasets::cell::resolution;
use cairn_datasets::table::TableError;
use cairn_datasets::units::Position;
use proptest::prelude::*;

use super::*;

fn cell(number: i32) -> Cell {
    let at = Position {
        lat_e7: 500_000_000 + number * 10_000,
        lon_e7: 100_000_000,
    };
    Cell::at(at, resolution(11).unwrap())
}

fn covered(number: i32, score: u32) -> Coverage {
    Coverage {
        cell: cell(number),
        score_ppm: Ppm::new(score),
        quality_ppm: Ppm::new(2),
        freshness_ppm: Ppm::new(3),
        confidence_ppm: Ppm::new(4),
        directions: 1,
        contributors: 1,
        passes: 1,
        images: 0,
        newest_captured_at: None,
        best_image: None,
    }
}

fn table(cells: &[(i32, u32)]) -> Vec<Coverage> {
    let mut rows: Vec<Coverage> = cells
        .iter()
        .map(|(number, score)| covered(*number, *score))
        .collect();
    rows.sort_by_key(Row::key);
    rows
}

fn between(before: &[Coverage], after: &[Coverage]) -> Vec<Change> {
    let [before, after] = [before, after].map(|rows| rows.iter().cloned().map(Ok::<_, TableError>));
    changes(before, after).collect::<Result<_, _>>().unwrap()
}

#[test]
fn cells_are_added_removed_changed_and_unchanged() {
    let found = between(
        &table(&[(1, 10), (2, 20), (3, 30)]),
        &table(&[(2, 20), (3, 31), (4, 40)]),
    );
    let of = |number: i32| {
        found
            .iter()
            .find(|change| change.cell == Some(cell(number)))
            .unwrap()
    };
    let told = |number: i32| {
        let change = of(number);
        let ppm = |value: Option<Ppm>| value.map(Ppm::parts);
        (
            change.change.as_str(),
            change.columns.as_str(),
            ppm(change.before_ppm),
            ppm(change.after_ppm),
        )
    };
    assert_eq!(told(1), ("removed", "", Some(10), None));
    assert_eq!(told(2), ("unchanged", "", Some(20), Some(20)));
    assert_eq!(told(3), ("changed", "score_ppm", Some(30), Some(31)));
    assert_eq!(told(4), ("added", "", None, Some(40)));
    assert_eq!(
        (of(1).theme.as_str(), of(1).id.clone()),
        ("coverage", cell(1).to_string())
    );
}

#[test]
fn what_cannot_be_read_is_handed_on() {
    let broken = TableError::MissingColumn {
        table: "coverage",
        column: "cell",
    };
    let before = vec![Ok(covered(1, 1)), Err(broken)];
    let found: Vec<_> = changes(before.into_iter(), std::iter::empty::<Result<Coverage, _>>()).collect();
    assert!(found[0].is_ok() && found[1].is_err() && found.len() == 2);
}

proptest! {
    /// Each key of either stands once, in order; applying what is told to the one table gives the other.
    #[test]
    fn changes_lead_from_one_table_to_the_other(
        before in proptest::collection::btree_map(0..30_i32, 0..4_u32, 0..20),
        after in proptest::collection::btree_map(0..30_i32, 0..4_u32, 0..20),
    ) {
        let rows = |cells: &std::collections::BTreeMap<i32, u32>| table(&cells.iter().map(|(n, s)| (*n, *s)).collect::<Vec<_>>());
        let (before, after) = (rows(&before), rows(&after));
        let found = between(&before, &after);
        prop_assert!(found.windows(2).all(|pair| pair[0].key() < pair[1].key()));
        let stays = |change: &&Change| change.change != "removed";
        let there: Vec<(Option<Cell>, Option<Ppm>)> = found.iter().filter(stays).map(|c| (c.cell, c.after_ppm)).collect();
        let wanted: Vec<_> = after.iter().map(|row| (Some(row.cell), Some(row.score_ppm))).collect();
        prop_assert_eq!(there, wanted);
        let gone = found.iter().filter(|change| change.change == "removed").count();
        let new = found.iter().filter(|change| change.change == "added").count();
        prop_assert_eq!(before.len() + new, after.len() + gone);
    }
}
