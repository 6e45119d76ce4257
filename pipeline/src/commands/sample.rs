//! `cairn sample`: data in which the truth is known, at any size.

mod pictures;
mod rows;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cairn_datasets::city::world::{Attack, World, WorldSpec};
use clap::Subcommand;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::cli::{Ending, Usage, say, say_json};
use crate::report::grouped;
use crate::store::{is_remote, runtime};

/// What `cairn sample` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Sample,
}

/// What there is.
#[derive(Clone, Debug, Subcommand)]
pub enum Sample {
    /// A city: honest contributors, attackers, and a table of what every record really is.
    City(CityArgs),
}

/// What `cairn sample city` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct CityArgs {
    /// Folder for the source and the truth.
    #[arg(long)]
    pub out: String,
    /// Decides everything that is left to chance.
    #[arg(long, default_value_t = 20)]
    pub seed: u64,
    /// Honest contributors.
    #[arg(long, default_value_t = 40)]
    pub contributors: u32,
    /// Drives of each contributor, over five days.
    #[arg(long, default_value_t = 3)]
    pub drives: u32,
    /// Hours that each contributor drives, all drives together.
    #[arg(long, default_value_t = 0.4)]
    pub hours: f64,
    /// Pictures of each contributor, all drives together.
    #[arg(long, default_value_t = 72)]
    pub frames: u32,
    /// Width of pictures in pixels.
    #[arg(long, default_value_t = 640)]
    pub width: u32,
    /// Height of pictures in pixels.
    #[arg(long, default_value_t = 360)]
    pub height: u32,
    /// Attacks, each at its usual rate.
    #[arg(long, default_value = "all")]
    pub attacks: Which,
    /// One attack and its rate, as a share of the honest pictures or drives. May be given several times.
    #[arg(long = "attack", value_name = "NAME=RATE")]
    pub rates: Vec<String>,
    /// Render nothing: traces and descriptions of pictures in Parquet, for sizes that no disk has pictures for.
    #[arg(long)]
    pub metadata_only: bool,
    /// Leave the rows of single fixes out of the truth.
    #[arg(long)]
    pub no_fixes: bool,
    /// Threads; 0 takes one for each core. They change no byte.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which attacks there are unless single ones are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    /// All of them.
    All,
    /// None of them.
    None,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    /// Contributors.
    parties: u64,
    /// Objects of the source.
    objects: u64,
    /// Pictures, rendered or described.
    pictures: u64,
    /// Bytes of all objects.
    bytes: u64,
    /// Rows of the truth.
    rows: u64,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or when a folder cannot be written.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let Sample::City(args) = &args.what;
    let world = World::new(&spec(args)?);
    check_out(args)?;
    let runtime = runtime()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()?;
    let made = pool.install(|| make(args, &world, &runtime))?;
    tell(args, made)?;
    Ok(Ending::Fine)
}

/// A world is written where there is none: files of two would be taken for one.
fn check_out(args: &CityArgs) -> Result<(), Usage> {
    let fault = |what: &str| Err(Usage(format!("--out {}: {what}", args.out)));
    if is_remote(&args.out) {
        return fault("give a folder; copy it to a bucket afterwards");
    }
    if Path::new(&source_of(args)).exists() {
        return fault("has a `source` already; remove it, or give another folder");
    }
    Ok(())
}

fn make(args: &CityArgs, world: &World, runtime: &Arc<Runtime>) -> anyhow::Result<Made> {
    if args.metadata_only {
        rows::make(args, world, runtime)
    } else {
        pictures::make(args, world, runtime)
    }
}

fn spec(args: &CityArgs) -> Result<WorldSpec, Usage> {
    let drives = args.drives.max(1);
    if !(args.hours.is_finite() && args.hours > 0.0) {
        return Err(Usage(format!("--hours {}: give a number over 0", args.hours)));
    }
    let mut attacks: BTreeMap<Attack, u32> = match args.attacks {
        Which::All => Attack::ALL
            .iter()
            .map(|&attack| (attack, attack.default_ppm()))
            .collect(),
        Which::None => BTreeMap::new(),
    };
    for text in &args.rates {
        let (attack, ppm) = rate(text)?;
        attacks.insert(attack, ppm);
    }
    Ok(WorldSpec {
        seed: args.seed,
        contributors: args.contributors,
        drives,
        drive_ms: whole(args.hours * 3_600_000.0 / f64::from(drives)),
        frames_per_drive: args.frames.div_ceil(drives),
        width: args.width,
        height: args.height,
        parquet_traces: args.metadata_only,
        attacks,
        ..WorldSpec::default()
    })
}

/// `NAME=RATE`, the rate in parts per million.
fn rate(text: &str) -> Result<(Attack, u32), Usage> {
    let fault = |what: &str| Usage(format!("--attack {text}: {what}"));
    let (name, rate) = text
        .split_once('=')
        .ok_or_else(|| fault("write NAME=RATE, as in crop=0.01"))?;
    let attack = Attack::named(name).ok_or_else(|| {
        let names: Vec<&str> = Attack::ALL.iter().map(|attack| attack.name()).collect();
        fault(&format!(
            "there is no such attack; there are {}",
            names.join(", ")
        ))
    })?;
    let share: f64 = rate
        .parse()
        .ok()
        .filter(|share| (0.0..=10.0).contains(share))
        .ok_or_else(|| fault("the rate is a share of the honest pictures or drives, 0 to 10"))?;
    Ok((attack, u32::try_from(whole(share * 1e6)).unwrap_or(u32::MAX)))
}

#[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
fn whole(x: f64) -> i64 {
    x.round() as i64
}

fn source_of(args: &CityArgs) -> String {
    format!("{}/source", args.out)
}

fn tell(args: &CityArgs, made: Made) -> anyhow::Result<()> {
    let source = source_of(args);
    let truth = format!("{}/{}", args.out, rows::TRUTH);
    let images = args
        .metadata_only
        .then(|| format!("{}/{}", args.out, rows::IMAGES));
    if args.json {
        return say_json(&json!({
            "source": source,
            "truth": truth,
            "images": images,
            "contributors": made.parties,
            "objects": made.objects,
            "pictures": made.pictures,
            "bytes": made.bytes,
            "truth_rows": made.rows,
        }));
    }
    let described = images.map_or(String::new(), |images| {
        format!(
            "Descriptions of {} pictures in {images}\n",
            grouped(made.pictures)
        )
    });
    say(&format!(
        "Made a city: {} contributors, {} objects, {} kB, in {source}\n\
         {described}\
         What each of them really is: {} rows in {truth}\n\
         Next: cairn run --source {source} --out {}/out --epoch all\n",
        grouped(made.parties),
        grouped(made.objects),
        grouped(made.bytes / 1_000),
        grouped(made.rows),
        args.out,
    ))
}

#[cfg(test)]
#[path = "sample_tests.rs"]
mod tests;
