//! Place: which fixes to believe, where and when each image was taken, and the passes of a
//! session.
//!
//! The group is one session: what one contributor uploaded into one folder. No verdict here
//! depends on anything outside of it, on the epoch's name, or on how the output is cut.
//!
//! ```text
//! fixes ──► gates (F1-F8) ──► without what is private (X1) ──► tracks, smoothed ──┐
//! shots ──► time and place (I1-I6), without what is private (X1) ◄────────────────┤
//!              └──► sequences ──► same place (D3) └──► passes (P1)
//! ```
//!
//! | input | rows |
//! |---|---|
//! | objects | of the session; those kept are readable |
//! | fixes, shots | of those objects |
//! | repeats | trace objects whose bytes were seen earlier (O6): their fixes are not used |
//!
//! | output | cut by | rows |
//! |---|---|---|
//! | images | tile, `tile=none` without a position | every public image once; quality is still zero |
//! | candidates | tile | every image that passed I, for its tile and those around it |
//! | fingerprints | bucket | two of every public image, for D1 and D2 |
//! | passes | tile | skeletons: verdict and quality come later |
//! | `sequence_tiles` | session | the tiles that a sequence has passes in |
//! | `trace_summaries` | session | every trace object used |
//! | `private_images` | session | how many images of an object are private: all that is said of them |
//!
//! Laws, each with a test: the order of the input's rows does not matter; a tile's resolution
//! changes no row of images, passes or fingerprints but for their `home`; every public image comes
//! out once; nothing private has a part in any other row; every D3 duplicate names an image that is earlier in the one order and is itself kept.

pub mod gates;
pub mod image;
pub mod locate;
pub mod passes;
pub mod private;
pub mod same_place;
pub mod sequence;
pub mod session;
pub mod smooth;
pub mod tiles;
pub mod trace_zone;
pub mod track;

mod cuts;

use std::collections::BTreeMap;

use cairn_datasets::cell::resolution;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Fix, Object, PrivateImages, TraceSummary};
use cairn_datasets::units::Timestamp;
use cairn_datasets::verdict::{Finding, Reason};

use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::{DedupPolicy, PlacePolicy, Policy};
use gates::{CaptureWindow, gate};
use image::{Placed, Placer};
use locate::TraceIndex;
use passes::{Member, MemberKind, Owner, Stay, passes};
use private::{Privacy, Private, Public, Trace};
use same_place::{View, same_place};
use sequence::{Sequence, headings, sequences, time_order};
use session::Session;
use tiles::Tiling;
use track::Track;

/// The kernel `place/2`.
#[derive(Clone, Debug)]
pub struct PlaceKernel {
    place: PlacePolicy,
    dedup: DedupPolicy,
    end: Timestamp,
    any_age: bool,
    tiling: Tiling,
    buckets: u32,
    privacy: Privacy,
}

impl PlaceKernel {
    /// The kernel for a policy and an epoch's `end`, cutting into tiles of an H3 resolution and
    /// into `buckets` buckets of digests. `any_age` is that of the epoch.
    ///
    /// # Errors
    /// [`StageError::Resolution`] for a resolution that H3 does not have.
    pub fn new(
        policy: &Policy,
        end: Timestamp,
        any_age: bool,
        tile_resolution: u64,
        buckets: u32,
    ) -> Result<Self, StageError> {
        Ok(Self {
            place: policy.place.clone(),
            dedup: policy.dedup.clone(),
            end,
            any_age,
            tiling: Tiling {
                tile: resolution(tile_resolution)?,
                cell: resolution(policy.place.cell_resolution)?,
                dedup: resolution(policy.dedup.cell_resolution)?,
            },
            buckets,
            privacy: Privacy::default(),
        })
    }

    /// The kernel that keeps private what people ask for (X1).
    #[must_use]
    pub fn keeping(self, privacy: Privacy) -> Self {
        Self { privacy, ..self }
    }

    /// Places and judges everything in a session.
    #[must_use]
    pub fn place(&self, session: &Session) -> PlacedSession {
        let Some(object) = session.objects.values().next() else {
            return PlacedSession::default();
        };
        let (contributor, name) = (object.contributor.as_str(), object.session.as_str());
        let traces = self.gated(session);
        let private = Private::new(&self.privacy, &self.place, contributor, session, &traces);
        let public = private.public(traces);
        let (mut images, private_images) = self.images(session, &private, &public);
        let Public {
            tracks, summaries, ..
        } = public;
        let sequences = sequences(contributor, name, &tracks, &images, &self.place);
        for sequence in &sequences {
            self.finish_images(sequence, &mut images);
        }
        let mut stays = Vec::new();
        for sequence in &sequences {
            let owner = Owner {
                contributor,
                session: name,
                sequence: sequence.id,
                has_track: sequence.track.is_some(),
            };
            let track = sequence.track.and_then(|track| tracks.get(track));
            let members = members(track, sequence, &images);
            stays.extend(passes(owner, members, &self.place, self.tiling.cell));
        }
        for stay in &stays {
            for index in &stay.images {
                if let Some(placed) = images.get_mut(*index) {
                    placed.image.pass_id = Some(stay.pass.pass_id);
                }
            }
        }
        PlacedSession {
            images,
            stays,
            summaries,
            private_images,
        }
    }

    /// The traces as the gates leave them.
    fn gated<'a>(&self, session: &'a Session) -> Vec<Trace<'a>> {
        let gated = |(object, fixes): (&'a Object, &'a [Fix])| {
            let window = CaptureWindow::new(&self.place, object.uploaded_at, self.end, self.any_age);
            Trace {
                object,
                fixes,
                gated: gate(fixes, &self.place, window),
            }
        };
        session.traces().map(gated).collect()
    }

    /// The public images in order of time, and how many others each object has.
    fn images(
        &self,
        session: &Session,
        private: &Private<'_>,
        public: &Public,
    ) -> (Vec<Placed>, Vec<PrivateImages>) {
        let index = TraceIndex::new(&public.tracks);
        let clock = TraceIndex::new(private.clock(&public.tracks));
        let placer = Placer {
            policy: &self.place,
            traces: &index,
            clock: &clock,
            end: self.end,
            any_age: self.any_age,
            cells: self.tiling.cell,
        };
        let (mut images, mut hidden) = (Vec::new(), BTreeMap::<&str, u32>::new());
        for shot in &session.shots {
            let Some(object) = session.objects.get(&shot.path) else {
                continue;
            };
            let placed = placer.place(shot.clone(), object);
            if private.hides_image(&placed, &public.hours) {
                *hidden.entry(&shot.path).or_default() += 1;
            } else {
                images.push(placed);
            }
        }
        images.sort_by(|a, b| time_order(a).cmp(&time_order(b)));
        let counted = |(path, private): (&str, u32)| PrivateImages {
            path: path.to_owned(),
            private,
        };
        (images, hidden.into_iter().map(counted).collect())
    }

    /// Names the sequence of its images, gives those without a direction one, and holds them
    /// against D3.
    fn finish_images(&self, sequence: &Sequence, images: &mut [Placed]) {
        let run: Vec<&Placed> = sequence
            .images
            .iter()
            .filter_map(|index| images.get(*index))
            .collect();
        let found = if sequence.track.is_none() {
            headings(&run, &self.place)
        } else {
            vec![None; run.len()]
        };
        let views: Vec<View<'_>> = run
            .iter()
            .zip(&found)
            .filter_map(|(placed, found)| view(placed, *found))
            .collect();
        let repeats = same_place(&views, &self.dedup);
        let ids: Vec<Digest> = run.iter().map(|placed| placed.image.image_id).collect();
        let threshold = i64::try_from(self.dedup.same_place_bits).unwrap_or(i64::MAX);
        for ((index, found), repeat) in sequence.images.iter().zip(found).zip(repeats) {
            let Some(Placed { image, .. }) = images.get_mut(*index) else {
                continue;
            };
            image.sequence = Some(sequence.id);
            image.heading_deg = image.heading_deg.or(found);
            if let Some(repeat) = repeat {
                let bits = i64::from(repeat.bits);
                image.decide(Finding::measured(Reason::SamePlace, bits, threshold));
                image.duplicate_of = ids.get(repeat.of).copied();
                image.duplicate_bits = Some(repeat.bits);
                image.duplicate_mm = Some(repeat.mm);
            }
        }
    }
}

fn view(placed: &Placed, found: Option<u32>) -> Option<View<'_>> {
    let image = &placed.image;
    Some(View {
        uploaded_at: image.uploaded_at,
        path: &image.path,
        ordinal: image.ordinal,
        position: image.position()?,
        heading_deg: image.heading_deg.or(found),
        pdq: &image.pdq,
        dihedral: &placed.dihedral,
        pdq_quality: image.pdq_quality,
    })
}

/// The fixes and the images of a sequence.
fn members<'a>(track: Option<&'a Track>, sequence: &Sequence, images: &'a [Placed]) -> Vec<Member<'a>> {
    let fixes = track.into_iter().flat_map(|track| {
        track.fixes.iter().map(|fix| Member {
            at: fix.at,
            kind: MemberKind::Fix,
            path: &track.path,
            ordinal: fix.ordinal,
            uploaded_at: track.uploaded_at,
            position: fix.position,
            accuracy_mm: fix.accuracy_mm,
            heading_deg: fix.course_deg,
        })
    });
    let images = sequence.images.iter().filter_map(|index| {
        let placed = images.get(*index)?;
        let image = &placed.image;
        Some(Member {
            at: image.captured_at?,
            kind: MemberKind::Image {
                index: *index,
                view_deg: placed.view_deg.filter(|_| !image.is_360),
            },
            path: &image.path,
            ordinal: image.ordinal,
            uploaded_at: image.uploaded_at,
            position: image.position()?,
            accuracy_mm: image.accuracy_mm?,
            heading_deg: image.heading_deg,
        })
    });
    fixes.chain(images).collect()
}

/// A session, placed and judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacedSession {
    /// Its public images in order of time.
    pub images: Vec<Placed>,
    /// Its passes.
    pub stays: Vec<Stay>,
    /// What became of its fixes, by path.
    pub summaries: Vec<TraceSummary>,
    /// How many images of an object are private, by path.
    pub private_images: Vec<PrivateImages>,
}

impl GroupKernel for PlaceKernel {
    fn id(&self) -> &'static str {
        "place/3"
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({
            "place": self.place,
            "dedup": self.dedup,
            "end": self.end,
            "any_age": self.any_age,
            "tile_resolution": u8::from(self.tiling.tile),
            "buckets": self.buckets,
            "privacy": self.privacy.digest(),
        })
    }

    fn apply(&self, group: &str, tables: &Tables) -> Result<Vec<Cut>, StageError> {
        let broken = |source| StageError::Table {
            kernel: self.id(),
            group: group.to_owned(),
            source,
        };
        let session = Session::read(tables).map_err(broken)?;
        cuts::cuts(&session, self.place(&session), self.tiling, self.buckets).map_err(broken)
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
