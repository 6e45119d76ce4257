//! The tables that lie in tiles, read once: checked file by file, and at level `rewards` worked out again tile by tile.
//!
//! What is held is a tile for each thread, and of the whole epoch the lines of credits, 40 bytes each.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::epoch::Epoch;
use cairn_datasets::manifest::FileRecord;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{Coverage, Credit, Image, Pass, Standing};
use cairn_datasets::units::Ppm;
use cairn_datasets::verdict::Verdict;
use cairn_stages::audit::first_divergence;
use cairn_stages::audit::replay::ReplayedCell;
use cairn_stages::emit::Publish;
use cairn_stages::policy::{Policy, RewardMode};
use cairn_stages::reward::Multipliers;
use cairn_stages::reward::credit::{credit, credits_of};
use rayon::prelude::*;

use super::Report;
use super::rewards::Lines;
use super::tables::{Fold, Part, ReasonOf, read};
use crate::history::History;
use crate::published::{Run, Wanted};
use crate::replay::{self, Left};

/// What a tile is worked out again by.
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) epoch: Epoch,
    /// The epochs that the run started from, oldest first; `None` when one of them is not at hand.
    pub(super) history: Option<History>,
}

/// A table's files in a tile.
type Files<'a> = Vec<&'a FileRecord>;

/// The files of a tile by table.
#[derive(Default)]
struct Tile<'a>(BTreeMap<&'static str, Files<'a>>);

impl<'a> Tile<'a> {
    fn of<R: Row>(&self) -> &[&'a FileRecord] {
        self.0.get(R::TABLE).map_or(&[], Vec::as_slice)
    }
}

/// What is known of a tile once it was read.
struct Seen {
    images: Vec<Part<Image>>,
    passes: Vec<Part<Pass>>,
    coverage: Vec<Part<Coverage>>,
    standing: Vec<Part<Standing>>,
    credits: Vec<Part<Credit>>,
    /// What a replay finds different.
    replayed: Report,
    lines: Vec<Credit>,
    repeats: Vec<Image>,
}

/// What the tiles gave.
#[derive(Default)]
pub(super) struct Walked {
    /// What the replay found, which says nothing where the tables are not those that were published.
    pub(super) replayed: Report,
    /// All lines of credits.
    pub(super) lines: Lines,
    /// Images that say that they repeat another.
    pub(super) repeats: Vec<Image>,
}

/// Reads and checks all tiles, on the threads of the pool that it is called in; with rules, works them out again.
pub(super) fn walk(run: &Run, rules: Option<&Rules>, report: &mut Report) -> anyhow::Result<Walked> {
    let tiles = tiles(run);
    let mut folds = (
        Fold::<Image>::new(),
        Fold::<Pass>::new(),
        Fold::<Coverage>::new(),
        Fold::<Standing>::new(),
        Fold::<Credit>::new(),
    );
    let mut walked = Walked::default();
    for tiles in tiles.chunks(rayon::current_num_threads().max(1)) {
        let seen: Vec<Seen> = tiles
            .par_iter()
            .map(|tile| look(run, tile, rules))
            .collect::<anyhow::Result<_>>()?;
        for (tile, seen) in tiles.iter().zip(seen) {
            take(&mut folds.0, tile, seen.images, report);
            take(&mut folds.1, tile, seen.passes, report);
            take(&mut folds.2, tile, seen.coverage, report);
            take(&mut folds.3, tile, seen.standing, report);
            take(&mut folds.4, tile, seen.credits, report);
            walked.replayed.add_first(seen.replayed);
            walked.lines.extend(&seen.lines);
            walked.repeats.extend(seen.repeats);
        }
    }
    folds.0.finish(run, report);
    folds.1.finish(run, report);
    folds.2.finish(run, report);
    folds.3.finish(run, report);
    folds.4.finish(run, report);
    Ok(walked)
}

fn take<R: Publish>(fold: &mut Fold<R>, tile: &Tile<'_>, parts: Vec<Part<R>>, report: &mut Report) {
    for (file, part) in tile.of::<R>().iter().zip(parts) {
        fold.take(file, part, report);
    }
}

/// The tiles in the order of their rows: what has no cell comes first.
fn tiles(run: &Run) -> Vec<Tile<'_>> {
    let mut tiles: BTreeMap<(bool, &str), Tile<'_>> = BTreeMap::new();
    for table in [
        Image::TABLE,
        Pass::TABLE,
        Coverage::TABLE,
        Standing::TABLE,
        Credit::TABLE,
    ] {
        for file in run.files(table) {
            let name = file.path.split('/').find_map(|part| part.strip_prefix("tile="));
            let name = name.unwrap_or_default();
            let tile = tiles.entry((name != "none", name)).or_default();
            tile.0.entry(table).or_default().push(file);
        }
    }
    tiles.into_values().collect()
}

fn rows<R: Publish>(
    run: &Run,
    tile: &Tile<'_>,
    reason: ReasonOf<R>,
) -> anyhow::Result<(Vec<R>, Vec<Part<R>>)> {
    let (mut rows, mut parts) = (Vec::new(), Vec::new());
    for file in tile.of::<R>() {
        let (held, part) = read::<R>(run, file, reason)?;
        rows.extend(held);
        parts.push(part);
    }
    Ok((rows, parts))
}

fn look(run: &Run, tile: &Tile<'_>, rules: Option<&Rules>) -> anyhow::Result<Seen> {
    let (images, image_parts) = rows::<Image>(run, tile, Some(|i| i.reason))?;
    let (passes, pass_parts) = rows::<Pass>(run, tile, Some(|p| p.reason))?;
    let (coverage, coverage_parts) = rows::<Coverage>(run, tile, None)?;
    let (standing, standing_parts) = rows::<Standing>(run, tile, None)?;
    let (credits, credit_parts) = rows::<Credit>(run, tile, None)?;
    let mut replayed = Report::default();
    let mut repeats = Vec::new();
    if let Some(rules) = rules {
        repeats.extend(
            images
                .iter()
                .filter(|image| image.duplicate_of.is_some())
                .cloned(),
        );
        let published = Published {
            images,
            passes,
            coverage,
            standing,
            credits: &credits,
        };
        match &rules.history {
            Some(history) => published.replay(run, rules, history.runs(), &mut replayed)?,
            None => published.price(run, rules, &mut replayed)?,
        }
    }
    Ok(Seen {
        images: image_parts,
        passes: pass_parts,
        coverage: coverage_parts,
        standing: standing_parts,
        credits: credit_parts,
        replayed,
        lines: if rules.is_some() { credits } else { Vec::new() },
        repeats,
    })
}

/// The rows of a tile as they were published.
struct Published<'a> {
    images: Vec<Image>,
    passes: Vec<Pass>,
    coverage: Vec<Coverage>,
    standing: Vec<Standing>,
    credits: &'a [Credit],
}

impl Published<'_> {
    /// Works the tile out again from its passes and images and what the history left, and compares every row.
    fn replay(self, run: &Run, rules: &Rules, history: &[Run], report: &mut Report) -> anyhow::Result<()> {
        let mapped = self.standing.iter().map(|slot| slot.cell);
        let mut tables = replay::gathered(self.passes.clone(), self.images.clone(), mapped);
        let inputs = &run.manifest.inputs;
        for tables in tables.values_mut() {
            if inputs.demand.is_none() {
                tables.demand_ppm = Multipliers::ONE;
            }
            if inputs.region.is_none() {
                tables.region_ppm = Multipliers::ONE;
            }
        }
        let wanted = Wanted::cells(tables.keys().copied());
        let left: Vec<Left> = history
            .iter()
            .map(|run| Left::of(run, &wanted))
            .collect::<Result<_, _>>()?;
        let left: Vec<&Left> = left.iter().collect();
        let cells = replay::replay_cells(&rules.policy, &rules.epoch, tables, &left)?;
        let all = Derived::of(cells);
        let placed: Vec<Image> = self
            .images
            .into_iter()
            .filter(|image| image.cell.is_some())
            .collect();
        compare(&placed, &all.images, report);
        compare(&self.passes, &all.passes, report);
        compare(&self.coverage, &all.coverage, report);
        compare(&self.standing, &all.standing, report);
        compare_credits(self.credits, all.credits, report);
        Ok(())
    }

    /// Without the history: R3, from what each pass is said to add.
    fn price(self, run: &Run, rules: &Rules, report: &mut Report) -> anyhow::Result<()> {
        let inputs = &run.manifest.inputs;
        let mut derived = self.passes.clone();
        let mut by_cell: BTreeMap<Cell, Vec<Pass>> = BTreeMap::new();
        for pass in &mut derived {
            if inputs.demand.is_none() {
                pass.demand_ppm = Multipliers::ONE;
            }
            if inputs.region.is_none() {
                pass.region_ppm = Multipliers::ONE;
            }
            if pass.verdict != Verdict::Kept {
                pass.credit = 0;
            } else if rules.policy.reward.mode == RewardMode::Improvement {
                pass.credit = credit(pass.gain_ppm, pass.demand_ppm, pass.region_ppm)?;
            }
            by_cell.entry(pass.cell).or_default().push(pass.clone());
        }
        compare(&self.passes, &derived, report);
        let mut credits = Vec::new();
        for (cell, passes) in by_cell {
            credits.extend(credits_of(cell, &passes)?);
        }
        compare_credits(self.credits, credits, report);
        Ok(())
    }
}

/// Cells that were worked out again, as tables.
#[derive(Default)]
struct Derived {
    images: Vec<Image>,
    passes: Vec<Pass>,
    coverage: Vec<Coverage>,
    standing: Vec<Standing>,
    credits: Vec<Credit>,
}

impl Derived {
    fn of(cells: Vec<ReplayedCell>) -> Self {
        let mut all = Self::default();
        for cell in cells {
            all.images.extend(cell.images);
            all.passes.extend(cell.passes);
            all.coverage.extend(cell.coverage);
            all.standing.extend(cell.standing);
            all.credits.extend(cell.credits);
        }
        all.images.sort_by_key(Row::key);
        all.standing.sort_by_key(Row::key);
        all.credits.sort_by_key(Row::key);
        all
    }
}

/// Lines by what was earned: what they are paid of it is a question of the whole epoch.
fn compare_credits(published: &[Credit], mut derived: Vec<Credit>, report: &mut Report) {
    let paid: BTreeMap<_, (Ppm, u64)> = published
        .iter()
        .map(|row| (row.key(), (row.weight_ppm, row.reward)))
        .collect();
    for row in &mut derived {
        if let Some(paid) = paid.get(&row.key()) {
            (row.weight_ppm, row.reward) = *paid;
        }
    }
    compare(published, &derived, report);
}

fn compare<R: Row + std::fmt::Debug + Sync>(published: &[R], derived: &[R], report: &mut Report) {
    if let Some(divergence) = first_divergence(published, derived) {
        report.diverges(R::TABLE, divergence);
    }
}
