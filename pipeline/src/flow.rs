//! The flow: every stage in order, on one screen.

use std::collections::BTreeMap;

use cairn_datasets::digest::{Digest, TableHasher};
use cairn_datasets::epoch::{Epoch, EpochSpec};
use cairn_datasets::ids::Epochs;
use cairn_datasets::table::Row;
use cairn_datasets::tables::{
    Adjustment, Candidate, Confirmation, CopiedSpan, Credit, Fingerprint, Fix, Image, ImageVerdict, Object,
    Pass, PastStanding, Presence, PrivateImages, Recording, Repeat, Reward, SequenceTile, Share, Shot,
    TraceSummary, TrackCopy, TwoPlaces, Unmatched, Upload, Visit, Witness,
};
use cairn_datasets::units::Timestamp;
use cairn_stages::dedup::{CopyKernel, NearKernel, RepeatKernel, ReuseKernel, VerdictKernel};
use cairn_stages::groups::{EPOCH, OBJECTS, OUTSIDE};
use cairn_stages::ingest::IngestKernel;
use cairn_stages::kernel::{Cut, StageError};
use cairn_stages::place::PlaceKernel;
use cairn_stages::place::private::Privacy;
use cairn_stages::policy::Policy;
use cairn_stages::reward::credit::contributors_group;
use cairn_stages::reward::rewards::{self, rewards};
use cairn_stages::reward::{Corrections, CreditKernel, Multipliers, SplitKernel};
use cairn_stages::score::{Rules, ScoreKernel, SettleKernel, TwoPlacesKernel};

use crate::engine::{EngineError, Local, Round, Shelf};
use crate::history::History;
use crate::source::Listing;
use crate::store::Store;

/// Groups in which equal digests, and a contributor's credits, meet. How many there are decides
/// nothing about any row.
const BUCKETS: u32 = 64;

/// What a run takes in besides the uploads.
#[derive(Debug)]
pub struct Inputs {
    /// The rules.
    pub policy: Policy,
    /// The epoch asked for.
    pub spec: EpochSpec,
    /// Its end.
    pub end: Timestamp,
    /// Units to share out.
    pub pool: u64,
    /// Demand multipliers.
    pub demand: Multipliers,
    /// Region multipliers.
    pub region: Multipliers,
    /// Payout addresses by contributor.
    pub payout_addresses: BTreeMap<String, String>,
    /// SHA-256 over the registered devices, when there are any.
    pub devices: Option<Digest>,
    /// What people keep to themselves.
    pub privacy: Privacy,
    /// Earlier epochs.
    pub history: History,
    /// Corrections of them, each with the file that the operator signed.
    pub ledger: Vec<Adjustment>,
    /// What those add up to, and the debts that the history left.
    pub corrections: Corrections,
    /// H3 resolution of the tiles of files: a run setting.
    pub tile_resolution: u64,
}

/// What ingest found: enough to name the epoch.
#[derive(Debug)]
pub struct Read {
    shelf: Shelf,
    /// SHA-256 over the objects of the epoch.
    pub root: Digest,
    /// Objects of the epoch.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects of unknown upload time whose captures lie outside of the epoch.
    pub outside: u64,
}

/// The tables of a finished run, by group.
#[derive(Debug)]
pub struct Results {
    /// The objects, in the group [`OBJECTS`].
    pub objects: Shelf,
    /// Images, coverage and standing by tile.
    pub scored: Shelf,
    /// Passes by tile.
    pub credited: Shelf,
    /// Credits by tile.
    pub split: Shelf,
    /// One row for each contributor.
    pub rewards: Vec<Reward>,
    /// Units that nobody earned.
    pub unallocated: u64,
}

/// Names and versions of the kernels.
#[must_use]
pub fn kernels() -> Vec<String> {
    [
        IngestKernel::ID,
        RepeatKernel::ID,
        PlaceKernel::ID,
        NearKernel::ID,
        ReuseKernel::ID,
        VerdictKernel::ID,
        CopyKernel::ID,
        SettleKernel::ID,
        TwoPlacesKernel::ID,
        ScoreKernel::ID,
        CreditKernel::ID,
        rewards::ID,
        SplitKernel::ID,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Reads every object of the epoch once.
///
/// # Errors
/// [`EngineError`] when the source or the work store fails.
pub fn read(engine: &Local, source: &Store, listing: &Listing, inputs: &Inputs) -> Result<Read, EngineError> {
    let span = match inputs.spec {
        EpochSpec::All => None,
        EpochSpec::Span { start, end, .. } => Some((start, end)),
    };
    let kernel = IngestKernel {
        policy: inputs.policy.ingest.clone(),
        span,
        buckets: BUCKETS,
    };
    let shelf = engine.ingest(&kernel, source, &listing.uploads)?;
    let uploads: BTreeMap<&str, &Upload> = listing.uploads.iter().map(|u| (u.path.as_str(), u)).collect();
    let groups = shelf.groups(Object::TABLE);
    let groups: Vec<&String> = groups.iter().filter(|group| *group != OUTSIDE).collect();
    let named = engine.map("inputs", &groups, |group| {
        let rows = engine.rows::<Object>(&shelf, group)?;
        let named = rows.iter().map(|o| {
            let upload = uploads.get(o.path.as_str()).copied();
            (o.path.clone(), identity(o, upload), o.bytes)
        });
        Ok(named.collect::<Vec<_>>())
    })?;
    let mut objects: Vec<(String, Digest, u64)> = named.into_iter().flatten().collect();
    objects.sort_unstable();
    let mut root = TableHasher::new("inputs", &Object::schema());
    for (_, digest, _) in &objects {
        root.push(digest);
    }
    let outside = engine.rows::<Object>(&shelf, OUTSIDE)?.len() as u64;
    let bytes = objects.iter().map(|(_, _, bytes)| bytes).sum();
    Ok(Read {
        shelf,
        objects: root.rows(),
        root: root.finish(),
        bytes,
        outside,
    })
}

/// What makes an object the same input: who sent which bytes under which path, when, and what was promised of them.
fn identity(object: &Object, upload: Option<&Upload>) -> Digest {
    let text =
        |field: fn(&Upload) -> Option<&String>| upload.and_then(field).map_or(&[][..], String::as_bytes);
    let claimed = upload.and_then(|u| u.claimed_sha256).map(|digest| digest.0);
    let sha256 = object.sha256.map(|digest| digest.0);
    let uploaded = object.uploaded_at.map(|at| at.0.to_le_bytes());
    Digest::of_parts(&[
        object.path.as_bytes(),
        object.contributor.as_bytes(),
        object.session.as_bytes(),
        uploaded.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        &object.bytes.to_le_bytes(),
        sha256.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        claimed.as_ref().map_or(&[], |bytes| bytes.as_slice()),
        text(|u| u.device.as_ref()),
        text(|u| u.signature.as_ref()),
    ])
}

/// Runs all stages after ingest.
///
/// # Errors
/// [`EngineError`] naming the round and the group.
pub fn run(engine: &Local, inputs: &Inputs, epoch: &Epoch, read: &Read) -> Result<Results, EngineError> {
    let (policy, ingested) = (&inputs.policy, &read.shelf);
    let stage = |round: &'static str| {
        move |source: StageError| EngineError::Stage {
            round,
            group: EPOCH.to_owned(),
            source,
        }
    };

    let place = PlaceKernel::new(policy, epoch.end, epoch.any_age, inputs.tile_resolution, BUCKETS)
        .map_err(stage(PlaceKernel::ID))?
        .keeping(inputs.privacy.clone());
    let epochs = inputs.history.epochs(&epoch.name);
    let past = inputs.history.shelve(engine, place.tiling(), BUCKETS)?;

    let repeat = RepeatKernel {
        epochs: epochs.clone(),
    };
    let traces = past.traces.with(ingested);
    let copies = engine.run(&repeat, &Round::on::<Fingerprint>(&traces))?;

    let sessions = Round::on::<Object>(ingested)
        .with::<Fix>(ingested)
        .with::<Shot>(ingested)
        .with::<Repeat>(&copies);
    let placed = past.placed.with(&engine.run(&place, &sessions.except(OUTSIDE))?);

    let judged = judge_images(engine, inputs, &epochs, &placed)?;

    let lie_on = CopyKernel {
        dedup: policy.dedup.clone(),
        epoch: epoch.clone(),
    };
    let tracks = Round::on::<Visit>(&placed).and::<Recording>(&placed);
    let copied = engine.run(&lie_on, &tracks.only("tracks="))?;

    let sessions = Round::on::<Object>(ingested)
        .with::<Repeat>(&copies)
        .with::<Recording>(&placed)
        .with::<TrackCopy>(&copied)
        .with::<TraceSummary>(&placed)
        .with::<PrivateImages>(&placed)
        .with::<ImageVerdict>(&judged)
        .with::<SequenceTile>(&placed);
    let settled = engine.run(&SettleKernel, &sessions.except(OUTSIDE))?;

    let elsewhere = TwoPlacesKernel {
        evidence: policy.evidence.clone(),
    };
    let elsewhere = engine.run(&elsewhere, &Round::on::<Presence>(&placed))?;

    let score = ScoreKernel {
        rules: Rules::of(policy),
        epoch: epoch.clone(),
    };
    let tiles = Round::on::<Pass>(&placed)
        .joined::<Confirmation>(&settled, "sequence", "sequence")?
        .with::<CopiedSpan>(&settled)
        .with::<TwoPlaces>(&elsewhere)
        .and::<Image>(&judged)
        .and::<PastStanding>(&placed)
        .with::<Witness>(&placed);
    let scored = engine.run(&score, &tiles)?;

    let credit = CreditKernel {
        policy: policy.reward.clone(),
        demand: inputs.demand.clone(),
        region: inputs.region.clone(),
        buckets: BUCKETS,
    };
    let credited = engine.run(&credit, &Round::on::<Pass>(&scored))?;

    let shares = engine.rows::<Share>(&credited, EPOCH)?;
    let paid = rewards(
        &shares,
        inputs.pool,
        &inputs.payout_addresses,
        &inputs.corrections,
    )
    .map_err(stage(rewards::ID))?;
    let by_bucket = paid
        .rows
        .iter()
        .map(|row| (contributors_group(&row.contributor, BUCKETS), row.clone()));
    let payouts = engine.work().shelve(Cut::by_group(by_bucket)?)?;

    let split = SplitKernel {
        tile_resolution: inputs.tile_resolution,
    };
    let split = engine.run(&split, &Round::on::<Credit>(&credited).with::<Reward>(&payouts))?;

    Ok(Results {
        objects: settled,
        scored,
        credited,
        split,
        rewards: paid.rows,
        unallocated: paid.unallocated,
    })
}

/// All searches for images that were seen before (clauses D1 to D5), and the last word on each image.
fn judge_images(
    engine: &Local,
    inputs: &Inputs,
    epochs: &Epochs,
    placed: &Shelf,
) -> Result<Shelf, EngineError> {
    let policy = &inputs.policy;
    let repeat = RepeatKernel {
        epochs: epochs.clone(),
    };
    let repeats = engine.run(&repeat, &Round::on::<Fingerprint>(placed))?;

    let near = NearKernel {
        dedup: policy.dedup.clone(),
        epochs: epochs.clone(),
    };
    let tiles = Round::on::<Image>(placed)
        .joined::<Repeat>(&repeats, "image_id", "repeat_id")?
        .with::<Candidate>(placed);
    let searched = engine.run(&near, &tiles)?;

    let reuse = ReuseKernel {
        dedup: policy.dedup.clone(),
        epochs: epochs.clone(),
    };
    let slices = Round::on::<Unmatched>(&searched).with_all::<Candidate>(placed, EPOCH);
    let reused = engine.run(&reuse, &slices)?;

    let verdicts = VerdictKernel {
        dedup: policy.dedup.clone(),
        place: policy.place.clone(),
    };
    let tiles = Round::on::<Image>(&searched).joined::<Repeat>(&reused, "image_id", "repeat_id")?;
    engine.run(&verdicts, &tiles)
}

impl Results {
    /// All objects with their verdicts, by path.
    ///
    /// # Errors
    /// [`EngineError`] when the work store fails.
    pub fn objects(&self, engine: &Local) -> Result<Vec<Object>, EngineError> {
        engine.rows::<Object>(&self.objects, OBJECTS)
    }

    /// The shelf that holds table `R` by tile.
    #[must_use]
    pub fn tiles<R: Row>(&self) -> &Shelf {
        match R::TABLE {
            name if name == Pass::TABLE => &self.credited,
            name if name == Credit::TABLE => &self.split,
            _ => &self.scored,
        }
    }
}
