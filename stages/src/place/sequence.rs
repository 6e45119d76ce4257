//! Sequences: what a session holds of one track between cuts, with the images placed on it; and
//! runs of images without a track, cut alike, per camera (make and model).
//!
//! Members are the kept fixes and the images that passed clauses I. A sequence is named by its
//! first member: the earliest in time, a fix before an image, then by path and place. A member
//! belongs to one sequence, so no two sequences share a name (an object with pictures gives no
//! fixes: see [`super::session`]).
//!
//! A run of images is its own trace: an image in it whose file gives no direction of view looks
//! towards the next image, if that is more than `course-step-mm` away, or else away from the one
//! before.

use std::collections::BTreeMap;

use cairn_datasets::digest::Digest;
use cairn_datasets::ids::sequence_id;
use cairn_datasets::units::{Position, Timestamp};

use super::image::Placed;
use super::track::{Track, is_cut};
use crate::geodesy::{bearing_deg, distance_mm};
use crate::policy::PlacePolicy;

/// One sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its id.
    pub id: Digest,
    /// Its track, by its place in the list; `None` for a run of images.
    pub track: Option<usize>,
    /// Its images, by their place in the list, in order of time.
    pub images: Vec<usize>,
}

/// The order of an image in its sequence: time, path, place in the object.
#[must_use]
pub fn time_order(placed: &Placed) -> (Option<Timestamp>, &str, u32) {
    let image = &placed.image;
    (image.captured_at, image.path.as_str(), image.ordinal)
}

/// The sequences of a session, those of tracks first. `images` must stand in [`time_order`].
#[must_use]
pub fn sequences(
    contributor: &str,
    session: &str,
    tracks: &[Track],
    images: &[Placed],
    policy: &PlacePolicy,
) -> Vec<Sequence> {
    let mut on_tracks = vec![Vec::new(); tracks.len()];
    let mut cameras: BTreeMap<(&str, &str), Vec<(usize, &Placed)>> = BTreeMap::new();
    for (index, placed) in images.iter().enumerate().filter(|(_, placed)| placed.passed) {
        if let Some(on_track) = placed.track.and_then(|track| on_tracks.get_mut(track)) {
            on_track.push((index, placed));
        } else {
            let camera = (placed.image.make.as_str(), placed.image.model.as_str());
            cameras.entry(camera).or_default().push((index, placed));
        }
    }
    let named = |track: Option<usize>, path: &str, ordinal: u32, run: &[(usize, &Placed)]| Sequence {
        id: sequence_id(contributor, session, path, ordinal),
        track,
        images: run.iter().map(|(index, _)| *index).collect(),
    };
    let mut sequences = Vec::new();
    for (number, (track, run)) in tracks.iter().zip(&on_tracks).enumerate() {
        let Some(fix) = track.fixes.first() else {
            continue;
        };
        let earlier = run
            .first()
            .filter(|(_, placed)| placed.image.captured_at < Some(fix.at));
        let (path, ordinal) = match earlier {
            Some((_, placed)) => (placed.image.path.as_str(), placed.image.ordinal),
            None => (track.path.as_str(), fix.ordinal),
        };
        sequences.push(named(Some(number), path, ordinal, run));
    }
    for camera in cameras.values() {
        for run in camera.chunk_by(|a, b| !is_cut(moment(a.1), moment(b.1), policy)) {
            if let Some((_, first)) = run.first() {
                sequences.push(named(None, &first.image.path, first.image.ordinal, run));
            }
        }
    }
    sequences
}

/// When and where an image that passed was taken.
fn moment(placed: &Placed) -> (Timestamp, Position) {
    // An image that passed has both.
    let at = placed.image.captured_at.unwrap_or(Timestamp(0));
    let nowhere = Position { lat_e7: 0, lon_e7: 0 };
    (at, placed.image.position().unwrap_or(nowhere))
}

/// The headings of a run of images whose files give none, from the way between them; `None` where
/// the file gives one, and where nobody moved.
#[must_use]
pub fn headings(run: &[&Placed], policy: &PlacePolicy) -> Vec<Option<u32>> {
    let mut headings = Vec::with_capacity(run.len());
    let mut before: Option<&Placed> = None;
    let mut rest = run;
    while let [placed, after @ ..] = rest {
        let ahead = after.first().and_then(|next| way(placed, next, policy));
        let heading = ahead.or_else(|| way(before?, placed, policy));
        headings.push(heading.filter(|_| placed.view_deg.is_none()));
        before = Some(placed);
        rest = after;
    }
    headings
}

fn way(from: &Placed, to: &Placed, policy: &PlacePolicy) -> Option<u32> {
    let (a, b) = (from.image.position()?, to.image.position()?);
    (distance_mm(a, b) > policy.course_step_mm)
        .then(|| bearing_deg(a, b))
        .flatten()
}

#[cfg(test)]
#[path = "sequence_tests.rs"]
mod tests;
