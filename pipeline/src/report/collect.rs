//! Reads from a published run what its page shows.

use std::collections::BTreeMap;

use cairn_datasets::tables::{Coverage, Credit, Image, Object, Pass, Reward};
use cairn_datasets::verdict::{Reason, Verdict};
use cairn_stages::emit::cell_geometry;
use geo::Geometry;

use super::data::{
    CellView, FindingView, QualityView, ReportData, RewardView, SpreadView, TableView, VerdictView,
};
use super::shares::{lorenz, shares};
use crate::published::{PublishedError, Run};

/// Most cells on the map: the best ones. A page of 20,000 has about 3 MB.
const MOST_CELLS: usize = 20_000;
/// Most objects in the list of those that were not kept.
const MOST_FINDINGS: usize = 5_000;

/// What the page of a run shows.
///
/// # Errors
/// [`PublishedError`] when the run cannot be read.
pub(super) fn collect(run: &Run) -> Result<ReportData, PublishedError> {
    let manifest = &run.manifest;
    let objects = run.rows::<Object>()?;
    let mut coverage = run.rows::<Coverage>()?;
    let rewards = rewards(run, &objects)?;
    let qualities = qualities(run, &coverage)?;
    let cells_total = coverage.len() as u64;
    let cells = cells(run, &mut coverage)?;
    let (findings, findings_total) = findings(&objects);
    Ok(ReportData {
        reward_epoch: manifest.reward_epoch.clone(),
        as_of: manifest.inputs.as_of.to_string(),
        results_digest: manifest.results_digest.to_string(),
        policy_digest: manifest.policy.digest.to_string(),
        version: manifest.build.version.clone(),
        pool: manifest.pool,
        unallocated: manifest.unallocated,
        objects: manifest.inputs.objects,
        bytes: manifest.inputs.bytes,
        tables: tables(run),
        verdicts: verdicts(run),
        spread: spread(&rewards),
        rewards,
        qualities,
        stages: Vec::new(),
        cells,
        findings,
        findings_total,
        cells_total,
    })
}

fn tables(run: &Run) -> Vec<TableView> {
    let tables = run.manifest.tables.iter();
    tables
        .map(|(name, table)| TableView {
            name: name.clone(),
            rows: table.rows,
            digest: table.digest.to_string(),
        })
        .collect()
}

/// How many rows of each table each clause decided, and what it means.
pub(crate) fn verdicts(run: &Run) -> Vec<VerdictView> {
    let view = |table: &str, code: &str, count: u64| {
        let reason = Reason::from_code(code).unwrap_or_default();
        VerdictView {
            table: table.to_owned(),
            reason: code.to_owned(),
            verdict: reason.verdict().to_string(),
            meaning: reason.meaning().to_owned(),
            count,
        }
    };
    let tables = run.manifest.verdicts.iter();
    let counts = tables.flat_map(|(table, counts)| counts.iter().map(move |c| (table, c)));
    let private = run.manifest.private;
    let private = [("images", private.images), ("fixes", private.fixes)];
    counts
        .map(|(table, (code, count))| view(table, code, *count))
        .chain(
            private
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(what, count)| view(what, Reason::Private.code(), count)),
        )
        .collect()
}

/// What each contributor gets, and for what, in order of their ids.
///
/// # Errors
/// [`PublishedError`] when the run cannot be read.
pub(crate) fn rewards(run: &Run, objects: &[Object]) -> Result<Vec<RewardView>, PublishedError> {
    let mut views: BTreeMap<String, RewardView> = BTreeMap::new();
    let mut of = |contributor: &str, change: &dyn Fn(&mut RewardView)| {
        let view = views.entry(contributor.to_owned()).or_default();
        change(view);
    };
    for object in objects {
        of(&object.contributor, &|view| {
            view.objects += 1;
            match object.verdict {
                Verdict::Kept => view.kept += 1,
                Verdict::Duplicate => view.duplicates += 1,
                Verdict::Rejected => view.rejected += 1,
            }
        });
    }
    for pass in run.stream::<Pass>() {
        let pass = pass?;
        if pass.verdict == Verdict::Kept {
            of(&pass.contributor, &|view| view.passes += 1);
        }
    }
    for credit in run.stream::<Credit>() {
        let credit = credit?;
        if credit.credit > 0 {
            of(&credit.contributor, &|view| view.cells += 1);
        }
    }
    for reward in run.rows::<Reward>()? {
        of(&reward.contributor, &|view| {
            view.credit = reward.credit;
            view.weight_ppm = reward.weight_ppm.parts();
            view.reward = reward.reward;
            view.corrected = i128::from(reward.carried) + i128::from(reward.adjustment);
            view.claim = reward.claim;
            view.debt = reward.debt.into();
        });
    }
    Ok(views
        .into_iter()
        .map(|(contributor, view)| RewardView { contributor, ..view })
        .collect())
}

fn spread(rewards: &[RewardView]) -> SpreadView {
    let amounts: Vec<u128> = rewards.iter().map(|r| u128::from(r.reward)).collect();
    SpreadView {
        shares: shares(amounts.clone()),
        lorenz: lorenz(amounts),
    }
}

/// How good the kept images and passes and the covered cells are; of what there is nothing, nothing is shown.
fn qualities(run: &Run, coverage: &[Coverage]) -> Result<Vec<QualityView>, PublishedError> {
    let mut images = QualityView::of("Kept images", "quality (P3)");
    for image in run.stream::<Image>() {
        let image = image?;
        if image.verdict == Verdict::Kept {
            images.count(image.quality_ppm);
        }
    }
    let mut passes = QualityView::of("Kept passes", "quality (P4)");
    for pass in run.stream::<Pass>() {
        let pass = pass?;
        if pass.verdict == Verdict::Kept {
            passes.count(pass.quality_ppm);
        }
    }
    let mut cells = QualityView::of("Covered cells", "score (C5)");
    for cell in coverage {
        cells.count(cell.score_ppm);
    }
    let all = [images, passes, cells];
    Ok(all
        .into_iter()
        .filter(|view| view.bins.iter().any(|count| *count > 0))
        .collect())
}

fn cells(run: &Run, coverage: &mut Vec<Coverage>) -> Result<Vec<CellView>, PublishedError> {
    if coverage.len() > MOST_CELLS {
        coverage.sort_by_key(|c| (std::cmp::Reverse(c.score_ppm), c.cell));
        coverage.truncate(MOST_CELLS);
        coverage.sort_by_key(|c| c.cell);
    }
    let mut earners: BTreeMap<_, Vec<(String, u64)>> = BTreeMap::new();
    for credit in run.stream::<Credit>() {
        let credit = credit?;
        let of_cell = earners.entry(credit.cell).or_default();
        of_cell.push((credit.contributor, credit.credit));
    }
    let view = |c: Coverage| CellView {
        cell: c.cell.to_string(),
        ring: ring(&c),
        score_ppm: c.score_ppm.parts(),
        quality_ppm: c.quality_ppm.parts(),
        freshness_ppm: c.freshness_ppm.parts(),
        confidence_ppm: c.confidence_ppm.parts(),
        directions: c.directions,
        contributors: c.contributors,
        passes: c.passes,
        images: c.images,
        newest: c.newest_captured_at.map(|at| at.to_string()),
        credits: earners.remove(&c.cell).unwrap_or_default(),
    };
    Ok(coverage.drain(..).map(view).collect())
}

/// The outline without its closing point; of a cell on the antimeridian its larger part, since the page draws one ring.
fn ring(coverage: &Coverage) -> Vec<[f64; 2]> {
    let outline = match cell_geometry(coverage.cell) {
        Geometry::Polygon(polygon) => Some(polygon),
        Geometry::MultiPolygon(parts) => parts.0.into_iter().max_by_key(|part| part.exterior().0.len()),
        _ => None,
    };
    let points = outline
        .map(|polygon| polygon.exterior().0.clone())
        .unwrap_or_default();
    let open = points.len().saturating_sub(1);
    points.iter().take(open).map(|c| [c.x, c.y]).collect()
}

fn findings(objects: &[Object]) -> (Vec<FindingView>, u64) {
    let unkept = || objects.iter().filter(|o| o.verdict != Verdict::Kept);
    let view = |o: &Object| FindingView {
        path: o.path.clone(),
        contributor: o.contributor.clone(),
        reason: o.reason.code().to_owned(),
        detail: o.detail.clone(),
        measured: o.measured,
        threshold: o.threshold,
        duplicate_of: o.duplicate_of.clone(),
    };
    (
        unkept().take(MOST_FINDINGS).map(view).collect(),
        unkept().count() as u64,
    )
}
