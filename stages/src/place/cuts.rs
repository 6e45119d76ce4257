//! What place hands to later rounds, cut for their groups.

use std::collections::BTreeSet;

use cairn_datasets::cell::Cell;
use cairn_datasets::table::TableError;
use cairn_datasets::tables::{Candidate, Fingerprint, Image, Pass, SequenceTile};
use cairn_datasets::verdict::Reason;

use super::PlacedSession;
use super::image::Placed;
use super::session::Session;
use super::tiles::Tiling;
use crate::groups::{bucket_group, session_group, tile_group};
use crate::kernel::Cut;

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
        summaries,
        private_images,
    } = placed;

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
        fingerprints(placed, &tile(placed.image.cell)).map(move |print| (bucket.clone(), print))
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
    let images = images.into_iter().map(|placed| placed.image);
    cuts.extend(Cut::by_group(
        images.map(|image: Image| (tile(image.cell), image)),
    )?);
    Ok(cuts)
}

/// An image for the tile that decides about it, and for every other one that holds it against its
/// own; nothing unless it passed clauses I.
fn candidates(placed: &Placed, tiling: Tiling) -> Vec<(String, Candidate)> {
    let image = &placed.image;
    let Some(position) = image.position().filter(|_| placed.passed) else {
        return Vec::new();
    };
    let row = |owned| Candidate {
        image_id: image.image_id,
        owned,
        cell: Cell::at(position, tiling.dedup),
        lat_e7: position.lat_e7,
        lon_e7: position.lon_e7,
        heading_deg: image.heading_deg,
        pdq: image.pdq,
        pdq_quality: image.pdq_quality,
        pdq_dihedral: placed.dihedral.clone(),
        thumbnail: placed.thumbnail.clone(),
        sequence: image.sequence,
        uploaded_at: image.uploaded_at,
        contributor: image.contributor.clone(),
        path: image.path.clone(),
        ordinal: image.ordinal,
    };
    let home = (tile_group(image.cell, tiling.tile), row(true));
    let halo = tiling.halo(position).into_iter().map(|tile| (tile, row(false)));
    std::iter::once(home).chain(halo).collect()
}

/// An image's digests: of its bytes (D1) and of its picture data (D2).
fn fingerprints(placed: &Placed, home: &str) -> [Fingerprint; 2] {
    let image = &placed.image;
    let row = |digest, clause| Fingerprint {
        digest,
        clause,
        path: image.path.clone(),
        ordinal: image.ordinal,
        id: image.image_id,
        uploaded_at: image.uploaded_at,
        contributor: image.contributor.clone(),
        passed: placed.passed,
        lat_e7: image.lat_e7,
        lon_e7: image.lon_e7,
        home: home.to_owned(),
    };
    [
        row(image.sha256, Reason::ImageSameBytes),
        row(image.picture_sha256, Reason::SamePicture),
    ]
}
