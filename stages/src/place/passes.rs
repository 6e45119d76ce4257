//! Clause P1: passes, one contributor's stay in one reward cell within one sequence.
//!
//! The members of a sequence (kept fixes where the smoother put them, and images that passed
//! clauses I) are walked in order of time, a fix before an image. All members in one cell are one
//! pass, also when the way leads out of the cell and back, since noise at a cell's edge is no new
//! visit; but a member later than the pass's start plus `pass-split-ms` opens the next pass. So
//! no pass is longer, and two passes of a sequence in a cell differ in their start, which makes
//! their ids differ.
//!
//! - `heading_deg` is the direction of view where files tell it: the mean of the headings that its
//!   images' own files give, 360-degree images aside. Else the mean course of its fixes, else the
//!   mean heading of all its images. A mean that cancels out (front and rear camera) counts as none.
//! - `accuracy_mm` is the lower median over the members.
//! - `speed_mm_s` is the fastest step between neighbouring fixes of the pass; with fewer than two
//!   fixes, between neighbouring images. A step from a fix to an image would measure how far the
//!   two disagree.
//! - `uploaded_at` is the latest of its members', and unknown when one is.
//! - `images` counts those that passed I; whether one of them is kept in the end, and so P1's
//!   minimum, is settled by score.

use std::collections::BTreeMap;

use cairn_datasets::cell::Cell;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::pass_id;
use cairn_datasets::tables::Pass;
use cairn_datasets::units::{Position, Timestamp, lower_median};
use h3o::Resolution;

use crate::geodesy::{distance_mm, mean_heading_deg};
use crate::policy::PlacePolicy;

/// What a member of a sequence is. Fixes order before images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// A kept fix.
    Fix,
    /// An image that passed clauses I.
    Image {
        /// Its place in the list of images.
        index: usize,
        /// The direction of view that its own file gives, unless it looks all around.
        view_deg: Option<u32>,
    },
}

/// A fix or an image, as a pass sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// When it was taken.
    pub at: Timestamp,
    /// Fix or image.
    pub kind: MemberKind,
    /// Path of its object.
    pub path: &'a str,
    /// Its place in the object.
    pub ordinal: u32,
    /// When that was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// Where it was.
    pub position: Position,
    /// Horizontal accuracy in mm.
    pub accuracy_mm: u32,
    /// Course of a fix, heading of an image, degrees clockwise from north.
    pub heading_deg: Option<u32>,
}

/// Whose passes they are.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// Who drove or walked.
    pub contributor: &'a str,
    /// The session.
    pub session: &'a str,
    /// The sequence.
    pub sequence: Digest,
    /// Whether it has a track.
    pub has_track: bool,
}

/// A pass with the images in it, by their place in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// The pass; what later stages judge is zero.
    pub pass: Pass,
    /// Its images.
    pub images: Vec<usize>,
    /// When and where its first and its last member were.
    pub ends: [(Timestamp, Position); 2],
}

/// The passes of one sequence, in order of cell and start.
#[must_use]
pub fn passes(
    owner: Owner<'_>,
    mut members: Vec<Member<'_>>,
    policy: &PlacePolicy,
    cells: Resolution,
) -> Vec<Stay> {
    // Two sorted runs, mostly: the sort only merges them.
    members.sort_by_key(|member| (member.at, member.kind, member.path, member.ordinal));
    let split = i64::try_from(policy.pass_split_ms).unwrap_or(i64::MAX);
    let mut stays: BTreeMap<(Cell, Timestamp), Vec<Member<'_>>> = BTreeMap::new();
    let mut open: BTreeMap<Cell, Timestamp> = BTreeMap::new();
    for member in members {
        let cell = Cell::at(member.position, cells);
        let start = open.entry(cell).or_insert(member.at);
        if member.at.since(*start) > split {
            *start = member.at;
        }
        stays.entry((cell, *start)).or_default().push(member);
    }
    stays
        .into_iter()
        .filter_map(|((cell, start), members)| stay(owner, cell, start, &members))
        .collect()
}

fn stay(owner: Owner<'_>, cell: Cell, start: Timestamp, members: &[Member<'_>]) -> Option<Stay> {
    let (first, last) = (members.first()?, members.last()?);
    let (fixes, images): (Vec<&Member<'_>>, Vec<&Member<'_>>) =
        members.iter().partition(|member| member.kind == MemberKind::Fix);
    let mut accuracy: Vec<i64> = members
        .iter()
        .map(|member| i64::from(member.accuracy_mm))
        .collect();
    let uploads: Option<Vec<Timestamp>> = members.iter().map(|member| member.uploaded_at).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let id = pass_id(owner.contributor, &owner.sequence, cell, start);
    let pass = Pass {
        session: owner.session.to_owned(),
        ordinal: first.ordinal,
        uploaded_at: uploads.and_then(|uploads| uploads.into_iter().max()),
        end_at: last.at,
        heading_deg: heading_deg(&fixes, &images),
        fixes: count(fixes.len()),
        images: count(images.len()),
        accuracy_mm: lower_median(&mut accuracy)
            .and_then(|mm| u32::try_from(mm).ok())
            .unwrap_or(u32::MAX),
        speed_mm_s: fastest(&fixes).or_else(|| fastest(&images)),
        has_track: owner.has_track,
        ..Pass::unjudged(id, owner.contributor, owner.sequence, cell, first.path, start)
    };
    let indices = images.iter().filter_map(|member| match member.kind {
        MemberKind::Image { index, .. } => Some(index),
        MemberKind::Fix => None,
    });
    Some(Stay {
        pass,
        images: indices.collect(),
        ends: [(first.at, first.position), (last.at, last.position)],
    })
}

fn heading_deg(fixes: &[&Member<'_>], images: &[&Member<'_>]) -> Option<u32> {
    let views = images.iter().filter_map(|member| match member.kind {
        MemberKind::Image { view_deg, .. } => view_deg,
        MemberKind::Fix => None,
    });
    let headings = |members: &[&Member<'_>]| {
        let known = members.iter().filter_map(|member| member.heading_deg);
        mean_heading_deg(known)
    };
    mean_heading_deg(views)
        .or_else(|| headings(fixes))
        .or_else(|| headings(images))
}

/// The fastest step in mm/s, floored; `None` where no step takes time.
fn fastest(members: &[&Member<'_>]) -> Option<u32> {
    members
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => {
                let ms = u64::try_from(b.at.since(a.at)).ok()?;
                let mm = distance_mm(a.position, b.position);
                let speed = mm.saturating_mul(1_000).checked_div(ms)?;
                Some(u32::try_from(speed).unwrap_or(u32::MAX))
            }
            _ => None,
        })
        .max()
}

#[cfg(test)]
#[path = "passes_tests.rs"]
mod tests;
