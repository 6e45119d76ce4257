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
//! | repeats | trace objects whose bytes were seen earlier (O6): their fixes say what is private (X1), and are used for nothing else |
//!
//! | output | cut by | rows |
//! |---|---|---|
//! | images | tile, `tile=none` without a position | every public image once; quality is still zero |
//! | candidates | tile | every image that passed I, for its tile and those around it |
//! | fingerprints | bucket | two of every public image, for D1 and D2 |
//! | passes | tile | skeletons: verdict and quality come later |
//! | presences | devices | when and where each pass began and ended (E7) |
//! | `sequence_tiles` | session | the tiles that a sequence has passes in |
//! | recordings | session, tracks | one of every track; in the group `tracks` where its rows are its own (D6) |
//! | `track_visits` | tracks | the passages of tracks through the cells where they are held against each other (D6) |
//! | `trace_summaries` | session | every trace object used |
//! | `private_images` | session | how many images of an object are private: all that is said of them |
//!
//! Laws, each with a test: the order of the input's rows does not matter; a tile's resolution
//! changes no row of images, passes or fingerprints but for their `home`; every public image comes
//! out once; nothing private has a part in any other row; every D3 duplicate names an image that is earlier in the one order and is itself kept.

pub mod evidence;
pub mod gates;
pub mod image;
pub mod locate;
pub mod passes;
pub mod private;
pub mod recordings;
pub mod same_place;
pub mod sequence;
pub mod session;
pub mod smooth;
pub mod tiles;
pub mod trace_zone;
pub mod track;

mod cuts;

pub(crate) use cuts::past as past_images;

use std::collections::BTreeMap;

use cairn_datasets::cell::resolution;
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Precedence;
use cairn_datasets::tables::{Fix, Image, Object, Original, PrivateImages, TraceSummary};
use cairn_datasets::units::Timestamp;
use cairn_datasets::verdict::{Finding, Reason};

use crate::groups::session_group;
use crate::kernel::{Cut, GroupKernel, StageError, Tables};
use crate::policy::{DedupPolicy, EvidencePolicy, PlacePolicy, Policy};
use evidence::{TrackEvidence, clock_ms, jumps};
use gates::{CaptureWindow, gate};
use image::{Placed, Placer};
use locate::TraceIndex;
use passes::{Member, MemberKind, Owner, Stay, passes};
use private::{Privacy, Private, Public, Trace};
use recordings::{Recorded, Recorder};
use same_place::{View, same_place};
use sequence::{Sequence, headings, sequences, time_order};
use session::Session;
use tiles::Tiling;
use track::Track;

/// Places and judges what a session holds.
#[derive(Clone, Debug)]
pub struct PlaceKernel {
    place: PlacePolicy,
    dedup: DedupPolicy,
    evidence: EvidencePolicy,
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
            evidence: policy.evidence.clone(),
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

    /// How it cuts.
    #[must_use]
    pub fn tiling(&self) -> Tiling {
        self.tiling
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
        let (traces, repeats) = (self.gated(session.traces()), self.gated(session.repeats()));
        let private = Private::new(
            &self.privacy,
            &self.place,
            contributor,
            session,
            (&traces, &repeats),
        );
        let public = private.public(traces, repeats);
        let (mut images, private_images) = self.images(session, &private, &public);
        let Public {
            tracks, summaries, ..
        } = public;
        let sequences = sequences(contributor, name, &tracks, &images, &self.place);
        for sequence in &sequences {
            self.finish_images(sequence, &mut images);
        }
        let jumps = jumps(&tracks, &self.evidence);
        let (mut stays, mut recorded) = (Vec::new(), Vec::new());
        for sequence in &sequences {
            let owner = Owner {
                contributor,
                session: name,
                sequence: sequence.id,
                has_track: sequence.track.is_some(),
            };
            let track = sequence.track.and_then(|track| tracks.get(track));
            recorded.extend(track.map(|track| (sequence.id, track)));
            let members = members(track, sequence, &images);
            let found = sequence.track.and_then(|number| {
                let jumps = jumps.get(number).copied().unwrap_or(0);
                Some(TrackEvidence::of(tracks.get(number)?, jumps, &self.evidence))
            });
            let mut own = passes(owner, members, &self.place, self.tiling.cell);
            for stay in &mut own {
                self.testify(stay, found.unwrap_or_default(), session, &images);
            }
            stays.extend(own);
        }
        for stay in &stays {
            for index in &stay.images {
                if let Some(placed) = images.get_mut(*index) {
                    placed.image.pass_id = Some(stay.pass.pass_id);
                }
            }
        }
        let home = session_group(contributor, name);
        let recorder = Recorder {
            contributor,
            home: &home,
        };
        PlacedSession {
            images,
            stays,
            recorded: Recorded::of(recorder, &recorded, &self.dedup, self.tiling.dedup),
            summaries,
            private_images,
        }
    }

    /// Writes into a pass what is measured for and against it (E).
    fn testify(&self, stay: &mut Stay, found: TrackEvidence, session: &Session, images: &[Placed]) {
        let pass = &mut stay.pass;
        pass.excess_ppm = found.excess_ppm;
        pass.noise_mm = found.noise_mm;
        pass.noise_correlation_ppm = found.noise_correlation_ppm;
        pass.rails_mm = found.rails_mm;
        pass.hdop_same_ppm = found.hdop_same_ppm;
        pass.frozen_ms = found.frozen_ms;
        pass.clock_ms = clock_ms(pass.start_at, pass.uploaded_at.unwrap_or(self.end));
        let far = |index: &usize| images.get(*index)?.image.trace_mm;
        pass.trace_mm = stay.images.iter().filter_map(far).max();
        if let Some(object) = session.objects.get(&pass.path) {
            pass.signature.clone_from(&object.signature);
            pass.device.clone_from(&object.device);
        }
    }

    /// The traces as the gates leave them.
    fn gated<'a>(&self, traces: impl Iterator<Item = (&'a Object, &'a [Fix])>) -> Vec<Trace<'a>> {
        let gated = |(object, fixes): (&'a Object, &'a [Fix])| {
            let window = CaptureWindow::new(&self.place, object.uploaded_at, self.end, self.any_age);
            Trace {
                object,
                fixes,
                gated: gate(fixes, &self.place, window),
            }
        };
        traces.map(gated).collect()
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
        let records: Vec<(Digest, Precedence)> = run.iter().map(|placed| record(&placed.image)).collect();
        let paths: Vec<String> = run.iter().map(|placed| placed.image.path.clone()).collect();
        let threshold = i64::try_from(self.dedup.same_place_bits).unwrap_or(i64::MAX);
        for (((index, found), repeat), (_, own)) in
            sequence.images.iter().zip(found).zip(repeats).zip(&records)
        {
            let Some(Placed { image, .. }) = images.get_mut(*index) else {
                continue;
            };
            image.sequence = Some(sequence.id);
            image.heading_deg = image.heading_deg.or(found);
            if let Some(repeat) = repeat {
                let Some(((image_id, first), path)) = records.get(repeat.of).zip(paths.get(repeat.of)) else {
                    continue;
                };
                let original = Original {
                    image_id: *image_id,
                    path: path.clone(),
                    epoch: None,
                    first_by: first.first_by(own).to_owned(),
                    bits: repeat.bits,
                    mm: Some(repeat.mm),
                };
                let bits = i64::from(repeat.bits);
                image.repeats(&original, Finding::measured(Reason::SamePlace, bits, threshold));
            }
        }
    }
}

/// An image of a session by its id, and its place in the order of the session: all have one contributor, so the
/// draw of the epoch decides nothing.
fn record(image: &Image) -> (Digest, Precedence) {
    let order = Precedence::new(
        "",
        image.uploaded_at,
        &image.contributor,
        &image.path,
        image.ordinal,
    );
    (image.image_id, order)
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
    /// Its tracks, as copies of them are looked for.
    pub recorded: Recorded,
    /// What became of its fixes, by path.
    pub summaries: Vec<TraceSummary>,
    /// How many images of an object are private, by path.
    pub private_images: Vec<PrivateImages>,
}

impl PlaceKernel {
    /// Its name and version.
    pub const ID: &'static str = "place/5";
}

impl GroupKernel for PlaceKernel {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn settings(&self) -> serde_json::Value {
        serde_json::json!({
            "place": self.place,
            "dedup": self.dedup,
            "evidence": self.evidence,
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
