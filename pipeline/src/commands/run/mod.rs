//! `cairn run`: the uploads of an epoch to published tiles and rewards.

mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::epoch::{Epoch, EpochSpec};
use cairn_datasets::manifest::{self, Manifest, ViewRecord};
use cairn_datasets::tables::{Adjustment, Reward};
use cairn_datasets::units::Timestamp;
use cairn_stages::emit::GeoParquet;
use cairn_stages::place::private::Privacy;
use cairn_stages::policy::Policy;
use cairn_stages::reward::adjustments::sums;
use cairn_stages::reward::{Corrections, Multipliers};
use serde_json::json;
use tokio::runtime::Runtime;

use self::work::Work;
use crate::cli::{Ending, Usage, say, say_json};
use crate::corrections::{self, CorrectionsError};
use crate::engine::{Bounds, Local, WorkStore};
use crate::flow::{self, Inputs};
use crate::history::History;
use crate::progress::Progress;
use crate::publish::{self, Header, MANIFEST, Output, REPORT, RUN, epoch_folder};
use crate::published::Run;
use crate::report;
use crate::source::{self, Listing, SourceError};
use crate::store::{Store, is_remote, runtime};
use crate::views::changes::{CHANGES, changes};
use crate::views::claims::claims;
use crate::views::map::{self, MAP};
use crate::views::stac::{self, Scope};
use crate::zones;

/// What `cairn run` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The uploads: a folder, or a URL that begins with s3://, gs://, az://, http:// or https://. A web server
    /// that does not list needs an `uploads.csv`.
    #[arg(long)]
    pub source: String,
    /// Where the epoch is published to: a folder, or the URL of a bucket.
    #[arg(long)]
    pub out: String,
    /// `all`, an ISO week like 2026-W20, or FROM/TO.
    #[arg(long, default_value = "all")]
    pub epoch: String,
    /// Policy file; what it does not name keeps its default.
    #[arg(long)]
    pub policy: Option<String>,
    /// Puts a value over the policy: SECTION.FIELD=VALUE. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// An earlier epoch that was published: what it holds is earlier than all uploads, and the map starts from
    /// what it left. May be given several times.
    #[arg(long, value_name = "RUN")]
    pub previous: Vec<String>,
    /// Signed corrections of an earlier epoch, as `cairn adjust` makes them. That epoch has to be among --previous.
    /// May be given several times.
    #[arg(long, value_name = "FILE")]
    pub adjustments: Vec<String>,
    /// The Ed25519 public key whose signature adjustments need.
    #[arg(long, value_name = "PUBLIC_KEY")]
    pub operator: Option<String>,
    /// Units to share out among the contributors.
    #[arg(long, default_value_t = 1_000_000)]
    pub pool: u64,
    /// The moment that ages are counted to, with `--epoch all`.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Threads; 0 takes one for each core.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// Folder or URL of a bucket for intermediate results; a run that was interrupted goes on from it. The
    /// default is a folder of the user's cache, emptied when the run is published.
    #[arg(long)]
    pub work: Option<String>,
    /// What is in flight at once.
    #[command(flatten)]
    pub bounds: Bounds,
    /// H3 resolution of the tiles of files.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(0..=15))]
    pub tile_resolution: u64,
    /// How geometries lie in the files: `1.1`, which every reader takes, or `2.0`, Parquet's own type GEOMETRY, which
    /// some refuse.
    #[arg(long, value_enum, default_value_t)]
    pub geoparquet: Geometries,
    /// Print the manifest, with timings, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Versions of GeoParquet by their names on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Geometries {
    /// WKB in a binary column.
    #[default]
    #[value(name = "1.1")]
    V1_1,
    /// Parquet's own type GEOMETRY.
    #[value(name = "2.0")]
    V2_0,
}

impl From<Geometries> for GeoParquet {
    fn from(asked: Geometries) -> Self {
        match asked {
            Geometries::V1_1 => Self::V1_1,
            Geometries::V2_0 => Self::V2_0,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// It was published.
    Published {
        /// Where the epoch lies.
        location: String,
        /// Its manifest.
        manifest: Box<Manifest>,
        /// What differs from run to run.
        run: serde_json::Value,
    },
    /// The epoch was closed before, and nothing was changed.
    Closed {
        /// Where the epoch lies.
        location: String,
        /// Its name.
        epoch: String,
    },
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    match run(args, &runtime, Progress::new())? {
        Outcome::Closed { location, epoch } => {
            let text = format!(
                "Epoch {epoch} is closed: {location}/{MANIFEST} was published before, and nothing was changed.\n\
                 Choose another --out to run it again.\n"
            );
            if args.json {
                say_json(&json!({ "closed": true, "reward_epoch": epoch, "location": location }))?;
            } else {
                say(&text)?;
            }
        }
        Outcome::Published {
            location,
            manifest,
            run,
        } => {
            if args.json {
                let mut value = serde_json::to_value(&manifest)?;
                value["run"] = run;
                say_json(&value)?;
            } else {
                say(&report::summary(&Run::open(&location, &runtime)?)?)?;
            }
        }
    }
    Ok(Ending::Fine)
}

/// What decides the results besides the uploads, read from the arguments before anything is done.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The rules.
    pub policy: Policy,
    /// The epoch.
    pub spec: EpochSpec,
    /// The moment that ages are counted to.
    pub as_of: Option<Timestamp>,
}

fn asked(args: &Args) -> anyhow::Result<Asked> {
    let usage = |error: &dyn std::fmt::Display| Usage(error.to_string());
    let policy = crate::policy_file::load(args.policy.as_deref(), &args.set).map_err(|e| usage(&e))?;
    let spec: EpochSpec = args.epoch.parse().map_err(|e| usage(&e))?;
    let as_of = args.as_of.as_deref().map(str::parse::<Timestamp>).transpose();
    let as_of = as_of.map_err(|e| Usage(format!("--as-of: {e}")))?;
    if as_of.is_some() && spec != EpochSpec::All {
        return Err(Usage(format!(
            "--as-of goes with --epoch all; epoch {spec} has an end of its own"
        ))
        .into());
    }
    let finest = policy.place.cell_resolution.min(policy.dedup.cell_resolution);
    if args.tile_resolution > finest {
        let text = format!(
            "--tile-resolution {} is finer than the cells, which have {finest}",
            args.tile_resolution
        );
        return Err(Usage(text).into());
    }
    Ok(Asked { policy, spec, as_of })
}

/// Runs an epoch and publishes it, unless it is closed already.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn run(args: &Args, runtime: &Arc<Runtime>, progress: Progress) -> anyhow::Result<Outcome> {
    execute(args, asked(args)?, runtime, progress)
}

/// Runs an epoch by given rules, whatever the arguments say of them.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn execute(
    args: &Args,
    asked: Asked,
    runtime: &Arc<Runtime>,
    progress: Progress,
) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let source = Store::open(&args.source, runtime).map_err(|e| Usage(format!("--source: {e}")))?;
    let out = Store::create(&args.out, runtime).context("--out")?;
    let work = Work::of(args, &asked);
    if let EpochSpec::Span { .. } = asked.spec
        && let Some(closed) = closed(&out, &asked.spec.name(&Digest::of(b"")))?
    {
        work.close();
        return Ok(closed);
    }
    let listing = source::list(&source, &asked.spec)?;
    let inputs = inputs(args, asked, &source, &listing, runtime)?;
    let store = work.open(runtime)?;
    let places = [source.location(), out.location(), store.location()];
    let remote = places.into_iter().any(is_remote);
    let engine = Local::new(args.threads, WorkStore::new(store), progress)?;
    let engine = engine.within(&args.bounds, remote);
    let (source, out) = (
        source.with_requests(engine.lanes()),
        out.with_requests(engine.lanes()),
    );

    let read = flow::read(&engine, &source, &listing, &inputs)?;
    let ingested = started.elapsed();
    if read.objects == 0 {
        // Closing it would shut out for ever what is uploaded later.
        let error = SourceError::OutsideEpoch {
            location: source.location().to_owned(),
            objects: listing.uploads.len() + listing.outside,
        };
        return Err(error.into());
    }
    let epoch = Epoch {
        name: inputs.spec.name(&read.root),
        end: inputs.end,
        any_age: inputs.spec == EpochSpec::All,
    };
    if let Some(closed) = closed(&out, &epoch.name)? {
        work.close();
        return Ok(closed);
    }
    let results = flow::run(&engine, &inputs, &epoch, &read)?;

    // Stages take their time, and another run may have published the epoch meanwhile.
    if let Some(closed) = closed(&out, &epoch.name)? {
        work.close();
        return Ok(closed);
    }
    let folder = out.below(&epoch_folder(&epoch.name));
    let header = Header {
        epoch: &epoch,
        inputs: record(&inputs, &epoch, &read),
        policy: &inputs.policy,
        pool: inputs.pool,
        ledger: &inputs.ledger,
    };
    let output = Output {
        engine: &engine,
        folder: &folder,
        form: args.geoparquet.into(),
    };
    let mut manifest = publish::tables(&output, &results, header)?;
    let overtaken = || {
        anyhow::anyhow!(
            "another run published epoch {} while this one was writing to {location}; files of this run may have \
             taken the place of its own: `cairn audit {location}` says whether they did",
            epoch.name,
            location = folder.location(),
        )
    };
    if closed(&out, &epoch.name)?.is_some() {
        return Err(overtaken());
    }
    publish::sweep(&folder, &manifest)?;
    let run = json!({
        "seconds": started.elapsed().as_secs_f64(),
        "seconds_ingest": ingested.as_secs_f64(),
        "threads": engine.threads(),
        "engine": "local",
        "started_at": Timestamp(now().0 - i64::try_from(started.elapsed().as_millis()).unwrap_or(0)).to_string(),
        "source": source.location(),
        "objects_outside_epoch": listing.outside as u64 + read.outside,
        "objects_not_in_manifest_of_uploads": listing.unnamed,
        "tile_resolution": args.tile_resolution,
        "stages": engine.times(),
    });
    folder.put(RUN, serde_json::to_vec_pretty(&run)?)?;
    let published = Run::new(folder.clone(), manifest.clone());
    manifest.views = put_views(
        &engine,
        &published,
        &results.rewards,
        inputs.history.runs().last(),
    )?;
    // Last of all: what it closes is whole.
    if !folder.put_if_absent(MANIFEST, publish::manifest_bytes(&manifest))? {
        return Err(overtaken());
    }
    enter_in_catalog(&out, &epoch.name);
    work.close();
    Ok(Outcome::Published {
        location: folder.location().to_owned(),
        manifest: Box::new(manifest),
        run,
    })
}

/// Puts what shows a run beside its tables; what changed, since the last epoch of its history. Gives the records of what
/// is the same whenever it is made.
fn put_views(
    engine: &Local,
    run: &Run,
    rewards: &[Reward],
    before: Option<&Run>,
) -> anyhow::Result<BTreeMap<String, ViewRecord>> {
    let page = report::page(run, engine.times())?;
    run.store.put(REPORT, page.into_bytes())?;
    let mut views = vec![(MAP, engine.compute(|| map::pmtiles(run, |_| true))?)];
    if let Some(before) = before {
        views.push((CHANGES, changes(before, run)?));
    }
    for (path, text) in claims(rewards)? {
        views.push((path, text.into_bytes()));
    }
    let mut records = BTreeMap::new();
    for (path, bytes) in views {
        records.insert(path.to_owned(), ViewRecord::of(&bytes));
        run.store.put(path, bytes)?;
    }
    Ok(records)
}

/// The epoch is published: a catalog that cannot be written now can be written later.
fn enter_in_catalog(out: &Store, epoch: &str) {
    if let Err(error) = stac::write(out, Scope::Added(epoch)) {
        tracing::warn!(
            "epoch {epoch} is published, but the catalog of its output is not up to date: {error}; `cairn catalog {}` writes it",
            out.location(),
        );
    }
}

/// All that decides the results besides the uploads, from the arguments and from the files beside the uploads.
fn inputs(
    args: &Args,
    asked: Asked,
    source: &Store,
    listing: &Listing,
    runtime: &Arc<Runtime>,
) -> anyhow::Result<Inputs> {
    let end = asked.spec.end(asked.as_of, listing.latest_upload(), now());
    let history = History::open(&args.previous, end, runtime);
    let history = history.map_err(|e| Usage(format!("--previous: {e}")))?;
    let (ledger, corrections) = corrections(args, &history)?;
    let registered = source::contributors(source)?;
    let zones = zones::zones(source)?;
    let wishes = registered.asked_to_trim.iter().map(String::as_str);
    warn_of_strangers(listing, &wishes.chain(zones.contributors()).collect());
    Ok(Inputs {
        end,
        history,
        ledger,
        corrections,
        policy: asked.policy,
        spec: asked.spec,
        pool: args.pool,
        demand: source::demand(source)?.into_iter().collect(),
        region: source::regions(source)?.into_iter().collect(),
        payout_addresses: registered.payout_addresses,
        devices: listing.devices.digest(),
        privacy: Privacy {
            zones,
            asked: registered.asked_to_trim,
        },
        tile_resolution: args.tile_resolution,
    })
}

/// The ledger, and what it and the history's debts come to for each contributor.
fn corrections(args: &Args, history: &History) -> anyhow::Result<(Vec<Adjustment>, Corrections)> {
    let ledger = corrections::collect(&args.adjustments, args.operator.as_deref(), history);
    let ledger = ledger.map_err(|error| match error {
        CorrectionsError::History(source) => anyhow::Error::from(source),
        asked => Usage(asked.to_string()).into(),
    })?;
    let settled = Corrections {
        adjustments: sums(&ledger)?,
        carried: history.open_debts()?,
    };
    Ok((ledger, settled))
}

/// Wishes for privacy of contributors who sent nothing: an id that is spelled otherwise keeps nothing private.
fn warn_of_strangers(listing: &Listing, wishing: &BTreeSet<&str>) {
    let known: BTreeSet<&str> = listing.uploads.iter().map(|u| u.contributor.as_str()).collect();
    let strangers: Vec<&str> = wishing.difference(&known).copied().collect();
    if !strangers.is_empty() {
        tracing::warn!(
            "{} contributors with trimmed ends or privacy zones have no upload in this epoch ({}{}); ids have to be \
             spelled as they are for the uploads",
            strangers.len(),
            strangers.iter().take(5).copied().collect::<Vec<_>>().join(", "),
            if strangers.len() > 5 { ", …" } else { "" },
        );
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn closed(out: &Store, name: &str) -> anyhow::Result<Option<Outcome>> {
    let folder = out.below(&epoch_folder(name));
    let is_closed = folder.find(MANIFEST)?.is_some();
    Ok(is_closed.then(|| Outcome::Closed {
        location: folder.location().to_owned(),
        epoch: name.to_owned(),
    }))
}

fn record(inputs: &Inputs, epoch: &Epoch, read: &flow::Read) -> manifest::Inputs {
    let (addresses, asked) = (&inputs.payout_addresses, &inputs.privacy.asked);
    let contributors = json!({ "payout_addresses": addresses, "trim_ends": asked });
    let nothing = addresses.is_empty() && asked.is_empty();
    let named =
        |multipliers: &Multipliers| (*multipliers != Multipliers::default()).then(|| multipliers.digest());
    manifest::Inputs {
        objects: read.objects,
        bytes: read.bytes,
        root: read.root,
        epoch: inputs.spec.to_string(),
        as_of: epoch.end,
        previous: inputs.history.digests(),
        before: inputs.history.before(),
        demand: named(&inputs.demand),
        region: named(&inputs.region),
        contributors: (!nothing).then(|| Digest::of(canonical_json(&contributors).as_bytes())),
        devices: inputs.devices,
        zones: inputs.privacy.zones.digest(),
        operator: corrections::operator_of(&inputs.ledger),
        adjustments: corrections::files_of(&inputs.ledger),
        adjusted: inputs.history.adjusted(),
    }
}
