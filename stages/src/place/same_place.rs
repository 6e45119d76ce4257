//! Clause D3: images that show the same place as their neighbour in the sequence.
//!
//! An image repeats another when they are less than `same-place-mm` apart, turned less than
//! `same-place-deg` (an unknown heading does not stand in the way), and at most
//! `same-place-bits` of PDQ apart. The distance in bits is the least over the eight dihedral
//! hashes of the later one; a hash below `min-pdq-quality` matches nothing. All three must hold:
//! receivers freeze, and geometry alone never discards a picture.
//!
//! Images are taken in the one order of precedence (upload, path, place in the object), and each
//! is held against its two neighbours in time among those that D3 has kept so far: the last kept
//! before it and the next kept after it. Where files were uploaded as they were taken, that is
//! "the last image that D3 kept" and no more. Where they were not (`img10.jpg` sorts before
//! `img9.jpg`), it keeps the law that every duplicate names an earlier record: were the later
//! capture thrown away for the earlier one here, and the other way round by upload in D4, both
//! would be lost.

use std::collections::BTreeSet;

use cairn_datasets::digest::Digest;
use cairn_datasets::units::{Position, Timestamp};

use crate::geodesy::{distance_mm, turn_deg};
use crate::pdq::least_distance;
use crate::policy::DedupPolicy;

/// One image of a sequence as D3 sees it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// When it was uploaded; unknown comes last.
    pub uploaded_at: Option<Timestamp>,
    /// Path of its object.
    pub path: &'a str,
    /// Its place in the object.
    pub ordinal: u32,
    /// Where it was.
    pub position: Position,
    /// Direction of view, degrees clockwise from north.
    pub heading_deg: Option<u32>,
    /// Its PDQ hash.
    pub pdq: &'a Digest,
    /// The eight PDQ hashes of the picture turned and mirrored, 32 bytes each.
    pub dihedral: &'a [u8],
    /// PDQ's own quality of the hash, 0 to 100.
    pub pdq_quality: u32,
}

/// What an image repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamePlace {
    /// The image it repeats, by its place in the list.
    pub of: usize,
    /// Distance in bits of 256.
    pub bits: u32,
    /// Distance in mm.
    pub mm: u64,
}

/// What each image of one sequence, given in order of time, repeats.
#[must_use]
pub fn same_place(views: &[View<'_>], policy: &DedupPolicy) -> Vec<Option<SamePlace>> {
    let mut order: Vec<(usize, &View<'_>)> = views.iter().enumerate().collect();
    order.sort_by_key(|(_, view)| precedence(view));
    let mut repeats = vec![None; views.len()];
    let mut kept = BTreeSet::new();
    for (index, view) in order {
        let before = kept.range(..index).next_back().copied();
        let after = kept.range(index..).next().copied();
        let earliest = [before, after]
            .into_iter()
            .flatten()
            .filter_map(|of| {
                let other = views.get(of)?;
                let (bits, mm) = matches(view, other, policy)?;
                Some((precedence(other), SamePlace { of, bits, mm }))
            })
            .min_by_key(|(precedence, _)| *precedence)
            .map(|(_, repeat)| repeat);
        match (earliest, repeats.get_mut(index)) {
            (Some(repeat), Some(slot)) => *slot = Some(repeat),
            _ => {
                kept.insert(index);
            }
        }
    }
    repeats
}

/// The one order within a session: all its records have the same contributor.
fn precedence<'a>(view: &View<'a>) -> (bool, Option<Timestamp>, &'a str, u32) {
    (
        view.uploaded_at.is_none(),
        view.uploaded_at,
        view.path,
        view.ordinal,
    )
}

/// Bits and mm between two images, when the later one by precedence repeats the earlier.
fn matches(later: &View<'_>, earlier: &View<'_>, policy: &DedupPolicy) -> Option<(u32, u64)> {
    let clear = |view: &View<'_>| u64::from(view.pdq_quality) >= policy.min_pdq_quality;
    let mm = distance_mm(later.position, earlier.position);
    let turned = match (later.heading_deg, earlier.heading_deg) {
        (Some(a), Some(b)) => u64::from(turn_deg(a, b)) >= policy.same_place_deg,
        _ => false,
    };
    if mm >= policy.same_place_mm || turned || !clear(later) || !clear(earlier) {
        return None;
    }
    let bits = least_distance(later.dihedral, earlier.pdq);
    (u64::from(bits) <= policy.same_place_bits).then_some((bits, mm))
}

#[cfg(test)]
#[path = "same_place_tests.rs"]
mod tests;
