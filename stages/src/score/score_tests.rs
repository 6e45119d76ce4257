use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use cairn_datasets::digest::Digest;
use cairn_datasets::table::sort_unique;
use cairn_datasets::verdict::{Finding, Reason};
use proptest::prelude::*;

use super::samples::{HOUR, before_end, cell, epoch, image, pass};
use super::*;

fn kernel() -> ScoreKernel {
    ScoreKernel {
        rules: Rules::default(),
        epoch: epoch(),
    }
}

/// Passes as they come out of the join with the confirmations.
fn joined(passes: &[(Pass, bool)]) -> RecordBatch {
    let mut passes = passes.to_vec();
    passes.sort_by_key(|(pass, _)| pass.key());
    let (rows, confirmed): (Vec<_>, Vec<_>) = passes.into_iter().unzip();
    let batch = Pass::to_batch(&rows).unwrap();
    let column: BooleanArray = confirmed.into_iter().map(|yes| yes.then_some(true)).collect();
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("confirmed", DataType::Boolean, true)));
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(column) as ArrayRef);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn tables(rows: &CellRows) -> Tables {
    let mut tables = Tables::default();
    let (mut images, mut standing) = (rows.images.clone(), rows.standing.clone());
    sort_unique(&mut images).unwrap();
    sort_unique(&mut standing).unwrap();
    tables.insert(Pass::TABLE, joined(&rows.passes));
    tables.insert(Image::TABLE, Image::to_batch(&images).unwrap());
    let past: Vec<PastStanding> = standing.iter().map(past).collect();
    tables.insert(PastStanding::TABLE, PastStanding::to_batch(&past).unwrap());
    tables
}

fn past(slot: &Standing) -> PastStanding {
    PastStanding {
        cell: slot.cell,
        history: 0,
        slot: slot.slot,
        heading_deg: slot.heading_deg,
        quality_ppm: slot.quality_ppm,
        captured_at: slot.captured_at,
        uploaded_at: slot.uploaded_at,
    }
}

/// All rows that a kernel wrote.
#[derive(Debug, Default, PartialEq)]
struct Written {
    images: Vec<Image>,
    passes: Vec<Pass>,
    coverage: Vec<Coverage>,
    standing: Vec<Standing>,
}

impl Written {
    fn add(&mut self, cuts: Vec<Cut>) {
        for cut in cuts {
            assert_eq!(cut.group, "tile=x");
            match cut.table {
                "images" => self.images.extend(Image::from_batch(&cut.rows).unwrap()),
                "passes" => self.passes.extend(Pass::from_batch(&cut.rows).unwrap()),
                "coverage" => self.coverage.extend(Coverage::from_batch(&cut.rows).unwrap()),
                "standing" => self.standing.extend(Standing::from_batch(&cut.rows).unwrap()),
                other => panic!("an unknown table `{other}`"),
            }
        }
    }

    fn of(rows: &CellRows) -> Self {
        let mut written = Self::default();
        written.add(kernel().apply("tile=x", &tables(rows)).unwrap());
        written
    }
}

#[test]
fn images_without_a_cell_only_get_their_quality() {
    let mut lost = image(&pass("ann", 1), 1);
    (lost.cell, lost.pass_id) = (None, None);
    lost.decide(Finding::plain(Reason::NoPosition));
    let mut tables = Tables::default();
    tables.insert(Image::TABLE, Image::to_batch(&[lost]).unwrap());
    let cuts = kernel().apply("tile=none", &tables).unwrap();
    let [cut] = &cuts[..] else {
        panic!("one table is written: {cuts:?}");
    };
    assert_eq!((cut.table, cut.group.as_str()), ("images", "tile=none"));
    assert_eq!(
        Image::from_batch(&cut.rows).unwrap()[0].quality_ppm.parts(),
        1_000_000
    );
}

#[test]
fn passes_without_their_join_are_a_broken_contract() {
    let mut tables = Tables::default();
    tables.insert(Pass::TABLE, Pass::to_batch(&[pass("ann", 1)]).unwrap());
    let error = kernel().apply("tile=x", &tables).unwrap_err().to_string();
    assert!(
        error.contains("score/3") && error.contains("tile=x") && error.contains("confirmed"),
        "{error}"
    );
}

#[test]
fn a_cell_with_nothing_but_history_keeps_it() {
    let held = Standing {
        cell: cell(),
        slot: 0,
        heading_deg: None,
        quality_ppm: Ppm::new(700_000),
        captured_at: before_end(24),
        uploaded_at: None,
    };
    let rows = CellRows {
        standing: vec![held.clone()],
        ..CellRows::default()
    };
    let written = Written::of(&rows);
    assert_eq!(written.standing, [held]);
    assert_eq!(written.coverage[0].quality_ppm.parts(), 600_000);
    assert_eq!(
        (written.coverage[0].passes, written.coverage[0].best_image),
        (0, None)
    );
}

#[test]
fn policy_r1_the_earlier_upload_goes_first_whatever_was_captured_first() {
    let (mut ann, mut ben) = (pass("ann", 1), pass("ben", 1));
    ann.uploaded_at = Some(before_end(5));
    ann.end_at = before_end(30);
    ben.uploaded_at = Some(before_end(6));
    let rows = CellRows {
        passes: vec![(ann, true), (ben, true)],
        ..CellRows::default()
    };
    let written = Written::of(&rows);
    let gain = |who: &str| {
        let mut passes = written.passes.iter();
        passes.find(|p| p.contributor == who).map(|p| p.gain_ppm.parts())
    };
    assert_eq!((gain("ben"), gain("ann")), (Some(200_000), Some(0)));
}

#[test]
fn only_kept_passes_take_their_turn() {
    let mut copied = pass("ann", 1);
    copied.decide(Finding::plain(Reason::CopiedTrack));
    copied.gain_ppm = Ppm::ONE;
    let rows = CellRows {
        passes: vec![(copied, true)],
        ..CellRows::default()
    };
    let written = Written::of(&rows);
    assert_eq!(
        (written.passes[0].slot, written.passes[0].gain_ppm),
        (None, Ppm::ZERO)
    );
    assert!(written.coverage.is_empty() && written.standing.is_empty());
}

#[test]
fn coverage_counts_what_is_kept_and_names_the_best_image() {
    let (ann, ben) = (pass("ann", 1), pass("ben", 1));
    let mut dim = image(&ann, 1);
    dim.mean_milli = 65_000;
    let good = image(&ben, 2);
    let mut blurred = image(&ben, 3);
    blurred.decide(Finding::plain(Reason::Blurred));
    let rows = CellRows {
        passes: vec![(ann, false), (ben, false)],
        images: vec![dim, good.clone(), blurred],
        standing: vec![],
        witnesses: vec![],
    };
    let row = &Written::of(&rows).coverage[0];
    assert_eq!((row.contributors, row.passes, row.images), (2, 2, 2));
    assert_eq!(row.best_image, Some(good.image_id));
}

/// Cells of a small world, near and far.
fn cells() -> Vec<Cell> {
    let mut cells = cell().with_ring();
    cells.truncate(4);
    cells
}

type Draw = (usize, usize, [i64; 3], Option<u32>, [u32; 4], (bool, bool));

/// Random rows of a few cells and contributors.
pub(crate) fn world() -> impl Strategy<Value = CellRows> {
    let draw = (
        0_usize..4,
        0_usize..4,
        [-400_i64..1, -400_i64..1, 0_i64..3],
        prop::option::of(0_u32..360),
        [0_u32..4, 0_u32..12_000, 0_u32..1_000_001, 0_u32..3],
        (any::<bool>(), any::<bool>()),
    );
    let held = (
        0_usize..4,
        0_u32..2,
        prop::option::of(0_u32..360),
        0_u32..1_000_001,
        -300_i64..1,
    );
    (
        prop::collection::vec(draw, 0..30),
        prop::collection::vec(held, 0..6),
    )
        .prop_map(|(draws, held)| {
            let mut rows = CellRows::default();
            for (number, draw) in (0..).zip(draws) {
                add_draw(&mut rows, number, draw);
            }
            for (place, slot, heading_deg, quality, hours) in held {
                rows.standing.push(Standing {
                    cell: cells()[place],
                    slot,
                    heading_deg,
                    quality_ppm: Ppm::new(quality),
                    captured_at: before_end(-hours),
                    uploaded_at: (hours % 2 == 0).then(|| before_end(-hours)),
                });
            }
            rows.standing.sort_by_key(Row::key);
            rows.standing.dedup_by_key(|row| row.key());
            rows
        })
}

fn add_draw(rows: &mut CellRows, number: u32, draw: Draw) {
    let (place, who, [captured, uploaded, known], heading_deg, [fixes, accuracy, quality, images], flags) =
        draw;
    let mut pass = pass(["ann", "ben", "cem", "dora"][who], number);
    pass.cell = cells()[place];
    pass.heading_deg = heading_deg;
    pass.uploaded_at = (known > 0).then(|| before_end(-uploaded));
    pass.start_at = before_end(-captured);
    pass.end_at = cairn_datasets::units::Timestamp(pass.start_at.0 + HOUR / 20);
    (pass.fixes, pass.accuracy_mm) = (fixes, accuracy);
    // On rails (E3) halves it.
    pass.rails_mm = (!flags.0).then_some(0);
    pass.integrity_ppm = if flags.0 { Ppm::ONE } else { Ppm::new(500_000) };
    pass.speed_mm_s = [None, Some(100), Some(9_000)][usize::try_from(known).unwrap()];
    for index in 0..images {
        let mut image = image(&pass, number * 10 + index);
        image.sharpness = Ppm::new(quality / 5);
        if quality % 5 == 0 {
            image.decide(Finding::plain(Reason::NearDuplicate));
        }
        rows.images.push(image);
    }
    rows.passes.push((pass, flags.1));
}

fn only(rows: &CellRows, cell: Cell) -> CellRows {
    CellRows {
        passes: rows
            .passes
            .iter()
            .filter(|(p, _)| p.cell == cell)
            .cloned()
            .collect(),
        images: rows
            .images
            .iter()
            .filter(|i| i.cell == Some(cell))
            .cloned()
            .collect(),
        standing: rows.standing.iter().filter(|s| s.cell == cell).cloned().collect(),
        witnesses: vec![],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_a_tile_is_its_cells_one_by_one(rows in world()) {
        let mut apart = Written::default();
        for cell in cells() {
            let cuts = kernel().apply("tile=x", &tables(&only(&rows, cell))).unwrap();
            apart.add(cuts);
        }
        prop_assert_eq!(Written::of(&rows), apart);
    }

    #[test]
    fn law_the_order_of_rows_does_not_matter(rows in world(), turn in 0_usize..30) {
        let mut turned = rows.clone();
        turned.passes.rotate_left(turn.min(rows.passes.len()));
        turned.images.reverse();
        for place in cells() {
            let score = |rows: &CellRows| {
                let mut scored = score_cell(&Rules::default(), &epoch(), place, only(rows, place));
                scored.images.sort_by_key(Row::key);
                scored
            };
            let (a, b) = (score(&rows), score(&turned));
            prop_assert_eq!(a.passes, b.passes);
            prop_assert_eq!(a.images, b.images);
            prop_assert_eq!((a.coverage, a.standing), (b.coverage, b.standing));
        }
    }

    #[test]
    fn law_rows_in_are_rows_out_and_what_does_not_count_gains_nothing(rows in world()) {
        let written = Written::of(&rows);
        prop_assert_eq!(written.passes.len(), rows.passes.len());
        prop_assert_eq!(written.images.len(), rows.images.len());
        for pass in &written.passes {
            let counts = pass.verdict == Verdict::Kept;
            prop_assert_eq!(pass.slot.is_some(), counts);
            prop_assert!(counts || pass.gain_ppm == Ppm::ZERO);
            prop_assert!(pass.gain_ppm <= pass.quality_ppm);
        }
    }

    #[test]
    fn law_a_pass_with_a_better_position_never_gains_less(rows in world(), which in 0_usize..30, better in 0_u32..12_000) {
        prop_assume!(which < rows.passes.len());
        let place = rows.passes[which].0.cell;
        let id: Digest = rows.passes[which].0.pass_id;
        // What is better by accuracy must not also become a pass that another is held against.
        prop_assume!(rows.passes[which].0.speed_mm_s != Some(100));
        let mut improved = rows.clone();
        let accuracy = &mut improved.passes[which].0.accuracy_mm;
        *accuracy = (*accuracy).min(better);
        let gain = |rows: &CellRows| {
            let scored = score_cell(&Rules::default(), &epoch(), place, only(rows, place));
            scored.passes.iter().find(|p| p.pass_id == id).map(|p| p.gain_ppm)
        };
        prop_assert!(gain(&improved) >= gain(&rows));
    }

    /// R2's law seen from a cell: pieces of one confirmed drive, sent by whomever in whatever order.
    #[test]
    fn policy_r2_law_a_drive_sent_in_pieces_earns_the_drive_and_what_it_faded(
        pieces in prop::collection::vec((0_usize..4, 0_i64..600, 0_i64..48, 2_000_u32..9_000), 1..20),
    ) {
        let mut rows = CellRows::default();
        for (number, (who, second, hours, accuracy_mm)) in (0..).zip(&pieces) {
            let mut piece = pass(["ann", "ben", "cem", "dora"][*who], number);
            piece.end_at = cairn_datasets::units::Timestamp(before_end(60).0 + second * 1_000);
            piece.uploaded_at = Some(before_end(*hours));
            piece.accuracy_mm = *accuracy_mm;
            rows.passes.push((piece, true));
        }
        let scored = score_cell(&Rules::default(), &epoch(), cell(), rows);
        let total: u64 = scored.passes.iter().map(|p| u64::from(p.gain_ppm.parts())).sum();
        let best = scored.passes.iter().map(|p| u64::from(p.quality_ppm.parts())).max().unwrap();
        let seconds = |pick: fn(std::vec::IntoIter<i64>) -> Option<i64>| {
            let all: Vec<i64> = pieces.iter().map(|p| p.1).collect();
            pick(all.into_iter()).unwrap()
        };
        let took = u64::try_from(seconds(Iterator::max) - seconds(Iterator::min)).unwrap();
        prop_assert!(total >= best);
        prop_assert!(total <= best + best * took / (7 * 86_400));
    }
}

#[test]
fn policy_r2_a_cell_starts_from_the_last_epoch_that_left_something_in_it() {
    let slot = |history, quality| PastStanding {
        history,
        ..past(&Standing {
            cell: cell(),
            slot: 0,
            heading_deg: Some(10),
            quality_ppm: Ppm::new(quality),
            captured_at: before_end(48),
            uploaded_at: None,
        })
    };
    let second = PastStanding {
        slot: 1,
        ..slot(0, 300_000)
    };
    let found = latest(vec![slot(0, 100_000), second, slot(2, 200_000)]);
    let qualities: Vec<u32> = found[&cell()].iter().map(|s| s.quality_ppm.parts()).collect();
    assert_eq!(qualities, [200_000]);
}

#[test]
fn policy_p6_what_others_had_kept_in_the_history_confirms() {
    let witness = |contributor: &str, with_image| Witness {
        cell: cell(),
        contributor: contributor.into(),
        history: 0,
        with_image,
    };
    let confirmed = |witnesses: Vec<Witness>, with_image: bool| {
        let ann = pass("ann", 1);
        let rows = CellRows {
            images: with_image.then(|| image(&ann, 1)).into_iter().collect(),
            passes: vec![(ann, false)],
            witnesses,
            ..CellRows::default()
        };
        let scored = score_cell(&Rules::default(), &epoch(), cell(), rows);
        scored.passes[0].confirmed_by.clone()
    };
    assert_eq!(confirmed(vec![], true), "own-image");
    assert_eq!(confirmed(vec![witness("ann", true)], true), "own-image");
    assert_eq!(confirmed(vec![witness("ben", true)], true), "other-image");
    assert_eq!(confirmed(vec![witness("ben", false)], true), "own-image");
    let two = vec![witness("ben", false), witness("cid", false)];
    assert_eq!(confirmed(two.clone(), true), "other-passes");
    // A trace alone is confirmed by nobody.
    assert_eq!(confirmed(two, false), "nothing");
    assert_eq!(confirmed(vec![witness("ben", true)], false), "nothing");
}
