//! What place hands to later rounds, cut for their groups.

use std::collections::BTreeSet;

use cairn_datasets::cell::Cell;
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{Candidate, Fingerprint, Image, Pass, Presence, SequenceTile};
use cairn_datasets::units::{Position, Timestamp};
use cairn_datasets::verdict::{Reason, Verdict};

use super::PlacedSession;
use super::image::Placed;
use super::passes::Stay;
use super::session::Session;
use super::tiles::Tiling;
use crate::groups::{EPOCH, bucket_group, devices_group, session_group, tile_group, tracks_group};
use crate::kernel::Cut;
use crate::trail::visits::cell_digest;

/// All cuts of a session, table by table, groups in order.
///
/// # Errors
/// [`TableError::KeyOrder`] when two rows have the same key, which a broken input can bring.
pub(super) fn cuts(
    session: &Session,
    placed: PlacedSession,
    tiling: Tiling,
    buckets: u32,
) -> Result<Vec<Cut>, TableError> {
    let Some(object) = session.objects.values().next() else {
        return Ok(Vec::new());
    };
    let group = session_group(&object.contributor, &object.session);
    let tile = |cell| tile_group(cell, tiling.tile);
    let PlacedSession {
        images,
        stays,
        recorded,
        summaries,
        private_images,
    } = placed;

    let presences: Vec<(String, Presence)> = stays
        .iter()
        .flat_map(|stay| presences(stay, &tile(Some(stay.pass.cell)), buckets))
        .collect();
    let passes: Vec<Pass> = stays.into_iter().map(|stay| stay.pass).collect();
    // A sequence has many passes in a tile.
    let sequence_tiles: BTreeSet<_> = passes
        .iter()
        .map(|pass| (pass.sequence, tile(Some(pass.cell))))
        .collect();
    let sequence_tiles = sequence_tiles
        .into_iter()
        .map(|(sequence, tile)| (group.clone(), SequenceTile { sequence, tile }));
    // Both digests of an image meet where its picture's does, since equal bytes hold equal pictures:
    // one kernel then sees all that an image repeats, and names it once.
    let fingerprints = images.iter().flat_map(|placed| {
        let bucket = bucket_group(&placed.image.picture_sha256, buckets);
        let home = tile(placed.image.cell);
        fingerprints(&placed.image, placed.passed, &home, None).map(move |print| (bucket.clone(), print))
    });

    let mut cuts = Cut::by_group(images.iter().flat_map(|placed| candidates(placed, tiling)))?;
    cuts.extend(Cut::by_group(fingerprints)?);
    cuts.extend(Cut::by_group(
        passes.into_iter().map(|pass| (tile(Some(pass.cell)), pass)),
    )?);
    cuts.extend(Cut::by_group(sequence_tiles)?);
    cuts.extend(Cut::by_group(
        summaries.into_iter().map(|row| (group.clone(), row)),
    )?);
    cuts.extend(Cut::by_group(
        private_images.into_iter().map(|row| (group.clone(), row)),
    )?);
    let recordings = recorded.recordings.into_iter().flat_map(|(row, own)| {
        let bucket = own.then(|| (tracks_group(&row.rows, buckets), row.clone()));
        std::iter::once((group.clone(), row)).chain(bucket)
    });
    cuts.extend(Cut::by_group(recordings)?);
    cuts.extend(Cut::by_group(presences)?);
    let visits = recorded.visits.into_iter();
    cuts.extend(Cut::by_group(
        visits.map(|visit| (tracks_group(&cell_digest(visit.cell), buckets), visit)),
    )?);
    let images = images.into_iter().map(|placed| placed.image);
    cuts.extend(Cut::by_group(
        images.map(|image: Image| (tile(image.cell), image)),
    )?);
    Ok(cuts)
}

/// When and where a pass began and ended, for the bucket of its device.
fn presences(stay: &Stay, home: &str, buckets: u32) -> Vec<(String, Presence)> {
    let pass = &stay.pass;
    let nameless = || format!(" {}", pass.contributor);
    let device = pass.device.clone().unwrap_or_else(nameless);
    let group = devices_group(&device, buckets);
    let row = |(at, position): (Timestamp, Position)| Presence {
        device: device.clone(),
        at,
        pass_id: pass.pass_id,
        contributor: pass.contributor.clone(),
        signed: pass.signature == "valid",
        lat_e7: position.lat_e7,
        lon_e7: position.lon_e7,
        home: home.to_owned(),
    };
    let [first, last] = stay.ends;
    let last = (last.0 > first.0).then_some(last);
    std::iter::once(first)
        .chain(last)
        .map(|end| (group.clone(), row(end)))
        .collect()
}

/// An image for the tile that decides about it, for every other one that holds it against its own, and for the
/// search in the whole epoch; nothing unless it passed clauses I.
fn candidates(placed: &Placed, tiling: Tiling) -> Vec<(String, Candidate)> {
    let home = tile_group(placed.image.cell, tiling.tile);
    if placed.passed {
        let pixels = (&*placed.dihedral, &*placed.thumbnail);
        shown(&placed.image, pixels, home, None, tiling)
    } else {
        Vec::new()
    }
}

/// An image with a position, for everyone who holds it against theirs.
fn shown(
    image: &Image,
    (dihedral, thumbnail): (&[u8], &[u8]),
    home: String,
    history: Option<u32>,
    tiling: Tiling,
) -> Vec<(String, Candidate)> {
    let Some(position) = image.position() else {
        return Vec::new();
    };
    let row = Candidate {
        image_id: image.image_id,
        history,
        home,
        cell: Cell::at(position, tiling.dedup),
        lat_e7: position.lat_e7,
        lon_e7: position.lon_e7,
        heading_deg: image.heading_deg,
        pdq: image.pdq,
        pdq_quality: image.pdq_quality,
        pdq_dihedral: dihedral.to_vec(),
        thumbnail: thumbnail.to_vec(),
        sequence: image.sequence,
        uploaded_at: image.uploaded_at,
        contributor: image.contributor.clone(),
        path: image.path.clone(),
        ordinal: image.ordinal,
    };
    let own = tile_group(image.cell, tiling.tile);
    // The search in the whole epoch lays no pictures over each other.
    let anywhere = Candidate {
        thumbnail: Vec::new(),
        ..row.clone()
    };
    let near = tiling.halo(position).into_iter().chain([own]);
    near.map(|group| (group, row.clone()))
        .chain([(EPOCH.to_owned(), anywhere)])
        .collect()
}

/// An image's digests: of its bytes (D1) and of its picture data (D2).
fn fingerprints(image: &Image, passed: bool, home: &str, history: Option<u32>) -> [Fingerprint; 2] {
    let row = |digest, clause| Fingerprint {
        digest,
        clause,
        history,
        path: image.path.clone(),
        ordinal: image.ordinal,
        id: image.image_id,
        uploaded_at: image.uploaded_at,
        contributor: image.contributor.clone(),
        passed,
        lat_e7: image.lat_e7,
        lon_e7: image.lon_e7,
        home: home.to_owned(),
    };
    [
        row(image.sha256, Reason::ImageSameBytes),
        row(image.picture_sha256, Reason::SamePicture),
    ]
}

/// Published images of an epoch of the history, for the searches that this epoch's are held against them in.
///
/// # Errors
/// [`TableError::KeyOrder`] when two rows have the same key, which a broken file can bring.
pub(crate) fn past(
    images: &[Image],
    history: u32,
    tiling: Tiling,
    buckets: u32,
) -> Result<Vec<Cut>, TableError> {
    // What failed O or I is no original.
    let passed = || images.iter().filter(|image| image.verdict != Verdict::Rejected);
    let candidates =
        passed().flat_map(|image| shown(image, (&[], &[]), String::new(), Some(history), tiling));
    let prints = passed().flat_map(|image| {
        let bucket = bucket_group(&image.picture_sha256, buckets);
        fingerprints(image, true, "", Some(history)).map(move |print| (bucket.clone(), print))
    });
    let mut cuts = Cut::by_group(candidates)?;
    cuts.extend(Cut::by_group(prints)?);
    Ok(cuts)
}
