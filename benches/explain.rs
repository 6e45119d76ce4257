//! How long `cairn explain` takes about rows of a published run of a million images, and `cairn simulate` about all of it.
//! `cargo bench -p cairn-benches --bench explain`; with `-- one-tile` all cells lie in one tile, the largest files that a
//! run can have. The run is made first, which takes a minute or two; in the folder that `CAIRN_BENCH_RUNS` names it is kept, and
//! found the next time.
//!
//! Each question is asked as the command asks it: the run is opened, the manifest and the rewards are read, and what the
//! question is about is looked for. The files are in the system's cache.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use cairn::commands::explain::{Answer, Explainer};
use cairn::commands::simulate;
use cairn::published::Run;
use cairn::store::{Store, runtime};
use cairn_benches::published::{Known, MadeUp, draw, known};
use cairn_datasets::cell::Cell;
use cairn_datasets::table::Row;
use cairn_datasets::tables::Image;
use cairn_datasets::verdict::Verdict;
use tokio::runtime::Runtime;

/// Images of the run.
const IMAGES: u64 = 1_000_000;
/// Questions about the rows of a verdict table, a third about each verdict.
const ROWS: usize = 60;
/// Questions about cells and about contributors.
const OTHERS: usize = 20;

fn main() -> anyhow::Result<()> {
    let one_tile = std::env::args().any(|arg| arg == "one-tile");
    let tile_resolution = if one_tile { 2 } else { 6 };
    let temporary = tempfile::tempdir()?;
    let runs =
        std::env::var_os("CAIRN_BENCH_RUNS").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let folder = runs.join(format!("tiles-{tile_resolution}/reward_epoch=2026-W20"));
    let runtime = runtime()?;
    let location = written(&folder, tile_resolution, &runtime)?;
    let asked = Asked {
        location: &location,
        runtime: &runtime,
    };
    let run = Run::open(&location, &runtime)?;
    let rows = |table| run.manifest.tables.get(table).map_or(0, |table| table.rows);
    println!(
        "\n{} images in {} files, {} passes, {} objects, {} contributors\n{:?}\nof each question: median, 95 of 100, most; processor time on average",
        rows("images"),
        run.files(Image::TABLE).len(),
        rows("passes"),
        rows("objects"),
        rows("rewards"),
        run.manifest.verdicts,
    );
    asked.rows()?;
    asked.others()?;
    println!("  peak of memory so far {} MB", peak_mb());
    asked.simulate()
}

/// The run, made where it is not there yet.
fn written(folder: &Path, tile_resolution: u64, runtime: &Arc<Runtime>) -> anyhow::Result<String> {
    std::fs::create_dir_all(folder)?;
    let location = folder.to_str().context("a folder whose name is text")?.to_owned();
    if !folder.join(cairn::publish::MANIFEST).exists() {
        let started = Instant::now();
        let made_up = MadeUp {
            images: IMAGES,
            tile_resolution,
        };
        made_up.write(Store::open(&location, runtime)?)?;
        println!(
            "made in {:.0} s, peak of memory {} MB",
            started.elapsed().as_secs_f64(),
            peak_mb()
        );
    }
    Ok(location)
}

/// So many images drawn at random of those that answer.
fn drawn(count: usize, what: u64, answers: impl Fn(&Known) -> bool) -> anyhow::Result<Vec<Known>> {
    let mut found = Vec::new();
    for at in 0.. {
        if found.len() == count {
            break;
        }
        let known = known(draw(at, what) % IMAGES)?;
        if answers(&known) {
            found.push(known);
        }
    }
    Ok(found)
}

struct Asked<'a> {
    location: &'a str,
    runtime: &'a Arc<Runtime>,
}

impl Asked<'_> {
    /// Rows of the verdict tables.
    fn rows(&self) -> anyhow::Result<()> {
        let (mut rows, mut passes) = (Vec::new(), Vec::new());
        for verdict in [Verdict::Kept, Verdict::Duplicate, Verdict::Rejected] {
            rows.extend(drawn(ROWS / 3, 100, |row| row.verdict == verdict)?);
            passes.extend(drawn(ROWS / 3, 101, |row| row.pass_verdict == verdict)?);
        }
        self.each("--object, an image", &rows, |e, row| e.object(&row.path))?;
        self.each("--image", &rows, |e, row| e.image(&row.image.to_string()))?;
        self.each("--pass", &passes, |e, row| e.pass(&row.pass.to_string()))?;
        let copied = |row: &Known| row.pass_verdict == Verdict::Duplicate;
        let mut traces = drawn(ROWS / 2, 102, |row| row.trace.is_some() && !copied(row))?;
        traces.extend(drawn(ROWS / 2, 103, copied)?);
        self.each("--object, a trace", &traces, |e, row| {
            e.object(row.trace.as_deref().unwrap_or_default())
        })
    }

    /// What has many rows.
    fn others(&self) -> anyhow::Result<()> {
        let others = drawn(OTHERS, 104, |_| true)?;
        let cells: Vec<Cell> = others.iter().map(|row| row.cell).collect();
        self.each("--cell", &cells, |e, cell| e.cell(*cell))?;
        self.each("--contributor", &others, |e, row| e.contributor(&row.contributor))?;
        self.each("--contributor, the busiest", &["rider-00000"], |e, who| {
            e.contributor(who)
        })
    }

    fn each<T>(
        &self,
        what: &str,
        questions: &[T],
        ask: impl Fn(&mut Explainer<'_>, &T) -> anyhow::Result<Answer>,
    ) -> anyhow::Result<()> {
        let mut times = Vec::with_capacity(questions.len());
        let mut otherwise = 0;
        let before = processor();
        for question in questions {
            let started = Instant::now();
            let run = Run::open(self.location, self.runtime)?;
            let mut explainer = Explainer::new(&run, &[], self.runtime)?;
            let answer = ask(&mut explainer, question)?;
            times.push(started.elapsed());
            otherwise += usize::from(answer.text.contains("would get"));
        }
        let processor = processor().saturating_sub(before) / u32::try_from(times.len().max(1))?;
        times.sort_unstable();
        let of_100 = |share: usize| {
            let at = (times.len() * share).div_ceil(100).saturating_sub(1);
            times.get(at).copied().unwrap_or_default()
        };
        println!(
            "  {what:<28} {:>6} ms {:>6} ms {:>6} ms; {:>6} ms   of {}, {otherwise} with what would be otherwise",
            ms(of_100(50)),
            ms(of_100(95)),
            ms(of_100(100)),
            ms(processor),
            times.len(),
        );
        Ok(())
    }

    fn simulate(&self) -> anyhow::Result<()> {
        let args = simulate::Args {
            runs: vec![self.location.to_owned()],
            policy: None,
            set: vec!["score.fade-ms=86400000".to_owned()],
            previous: Vec::new(),
            json: false,
        };
        let (started, before) = (Instant::now(), processor());
        let run = Run::open(self.location, self.runtime)?;
        let simulated = simulate::simulate(vec![run], &args, self.runtime)?;
        println!(
            "  simulate --set score.fade-ms=86400000: {:.1} s, {:.1} s of processor time, peak of memory {} MB; {} win, {} lose",
            started.elapsed().as_secs_f64(),
            processor().saturating_sub(before).as_secs_f64(),
            peak_mb(),
            simulated.epochs.iter().map(|epoch| epoch.winners).sum::<usize>(),
            simulated.epochs.iter().map(|epoch| epoch.losers).sum::<usize>(),
        );
        Ok(())
    }
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}

/// The processor time of all threads so far, in steps of 10 ms, where the system tells: beside other work it says more
/// than the clock.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name stands in brackets; after it, user and system time are the 12th and 13th.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
}

/// The most memory that this process has held, where the system tells.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kb.unwrap_or_default() / 1_000
}
