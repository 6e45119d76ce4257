//! The tables that lie in tiles, read once: checked file by file, and at level `rewards` worked out again tile by tile.
//!
//! What is held is some ten thousand passes for each thread, with what lies in their cells, and of the whole epoch the lines of
//! credits, 40 bytes each. Tables with a geometry are held file by file.

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
use super::tables::{Fold, Pages, Part, ReasonOf};
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

/// Passes of a tile that are worked out at once, and what lies in their cells with them.
const CHUNK: usize = 65_536;

/// A table of a tile, read in order.
struct Rows<'a, R: Row> {
    files: Vec<Pages<'a, R>>,
    at: usize,
    /// Rows that were read and not taken yet.
    held: Vec<R>,
    cell: fn(&R) -> Option<Cell>,
}

impl<'a, R: Publish> Rows<'a, R> {
    fn open(
        run: &Run,
        tile: &Tile<'a>,
        reason: ReasonOf<R>,
        cell: fn(&R) -> Option<Cell>,
    ) -> anyhow::Result<Self> {
        let files = tile.of::<R>().iter().map(|file| Pages::open(run, file, reason));
        Ok(Self {
            files: files.collect::<anyhow::Result<_>>()?,
            at: 0,
            held: Vec::new(),
            cell,
        })
    }

    /// Reads on; whether there was more.
    fn read(&mut self) -> anyhow::Result<bool> {
        while let Some(file) = self.files.get_mut(self.at) {
            if let Some(rows) = file.next()? {
                self.held.extend(rows);
                return Ok(true);
            }
            self.at += 1;
        }
        Ok(false)
    }

    fn last(&self) -> Option<Cell> {
        self.held.last().and_then(self.cell)
    }

    /// Reads at least so many rows, and gives the cell before which all is there; `None` when all is there.
    fn reach(&mut self, rows: usize) -> anyhow::Result<Option<Cell>> {
        loop {
            let first = self.held.first().and_then(self.cell);
            if self.held.len() >= rows && first != self.last() {
                return Ok(self.last());
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    /// Takes the rows before a cell, or all.
    fn before(&mut self, end: Option<Cell>) -> anyhow::Result<Vec<R>> {
        let Some(end) = end else {
            while self.read()? {}
            return Ok(std::mem::take(&mut self.held));
        };
        while self.last().is_none_or(|last| last < end) && self.read()? {}
        let cell = self.cell;
        let at = self
            .held
            .partition_point(|row| cell(row).is_none_or(|cell| cell < end));
        let rest = self.held.split_off(at);
        Ok(std::mem::replace(&mut self.held, rest))
    }

    fn finish(self) -> Vec<Part<R>> {
        self.files.into_iter().map(Pages::finish).collect()
    }
}

fn look(run: &Run, tile: &Tile<'_>, rules: Option<&Rules>) -> anyhow::Result<Seen> {
    let mut images = Rows::<Image>::open(run, tile, Some(|i| i.reason), |row| row.cell)?;
    let mut passes = Rows::<Pass>::open(run, tile, Some(|p| p.reason), |row| Some(row.cell))?;
    let mut coverage = Rows::<Coverage>::open(run, tile, None, |row| Some(row.cell))?;
    let mut standing = Rows::<Standing>::open(run, tile, None, |row| Some(row.cell))?;
    let mut credits = Rows::<Credit>::open(run, tile, None, |row| Some(row.cell))?;
    let mut replayed = Report::default();
    let (mut lines, mut repeats) = (Vec::new(), Vec::new());
    loop {
        let end = passes.reach(CHUNK)?;
        let published = Published {
            images: images.before(end)?,
            passes: passes.before(end)?,
            coverage: coverage.before(end)?,
            standing: standing.before(end)?,
            credits: credits.before(end)?,
        };
        if let Some(rules) = rules {
            let repeating = published
                .images
                .iter()
                .filter(|image| image.duplicate_of.is_some());
            repeats.extend(repeating.cloned());
            let mut found = Report::default();
            let credits = match &rules.history {
                Some(history) => published.replay(run, rules, history.runs(), &mut found)?,
                None => published.price(run, rules, &mut found)?,
            };
            replayed.add_first(found);
            lines.extend(credits);
        }
        if end.is_none() {
            break;
        }
    }
    Ok(Seen {
        images: images.finish(),
        passes: passes.finish(),
        coverage: coverage.finish(),
        standing: standing.finish(),
        credits: credits.finish(),
        replayed,
        lines,
        repeats,
    })
}

/// Rows of some cells as they were published.
struct Published {
    images: Vec<Image>,
    passes: Vec<Pass>,
    coverage: Vec<Coverage>,
    standing: Vec<Standing>,
    credits: Vec<Credit>,
}

impl Published {
    /// Works the cells out again from their passes and images and what the history left, and compares every row. Gives the lines of credits back.
    fn replay(
        self,
        run: &Run,
        rules: &Rules,
        history: &[Run],
        report: &mut Report,
    ) -> anyhow::Result<Vec<Credit>> {
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
        compare_credits(&self.credits, all.credits, report);
        Ok(self.credits)
    }

    /// Without the history: R3, from what each pass is said to add.
    fn price(self, run: &Run, rules: &Rules, report: &mut Report) -> anyhow::Result<Vec<Credit>> {
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
        compare_credits(&self.credits, credits, report);
        Ok(self.credits)
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
