//! Clause X1: what lies in a privacy zone, or near an end of a trip whose ends are trimmed.
//!
//! It is decided before any other clause looks at a fix or an image, from what the files say and
//! before anything is smoothed, so that nothing private has a part in what is published:
//!
//! - A position is *private* in a zone that holds for its contributor, and, where ends are trimmed,
//!   within `trim-ends-mm` of an end of any trip of its session (`ends.rs` says what a trip is). That
//!   takes in all from an end to the first moment further away, a trip that never leaves, and a later
//!   way past the same door.
//! - A trace that repeats an earlier object (O6) says where trips of its session end and when it was
//!   in a private place, like any other: what is private does not depend on who uploaded it first.
//! - Fixes with a private position are used for nothing. A track is cut there: each public part is
//!   smoothed by itself, and what the smoother then puts into a private place goes too.
//! - An image is private when the position it would be published with is; when it was taken while a
//!   trace of its session was in a private place, that is between the public fixes before and after
//!   one, or up to `max-time-to-trace-ms` beyond a private end, whatever its own file says; and, where
//!   ends are trimmed, when it has a position and no time, since then nobody can tell whether it is an
//!   end.
//! - The fix gates F hold every fix against the one before, private ones too, so that no public fix is
//!   judged otherwise for the sake of a zone.
//!
//! The radius of a trimmed end is no secret: of many trips to one door the borders lie on one circle.
//! Who wants a door hidden for good draws a zone that is not centred on it.

pub mod zone;
pub mod zones;

mod ends;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::tables::{Fix, Object, TraceSummary};
use cairn_datasets::units::{Position, Timestamp};

use super::gates::{GatedTrace, KeptFix};
use super::image::Placed;
use super::session::Session;
use super::track::{Track, TrackFix, cut, track, tracks};
use crate::policy::{PlacePolicy, TrimEnds};
use ends::{Ends, recordings, trip_ends};
use zones::{Layer, Zones};

/// What people keep to themselves: an input of a run.
#[derive(Clone, Debug, Default)]
pub struct Privacy {
    /// Privacy zones.
    pub zones: Zones,
    /// Contributors who ask for the ends of their trips to be trimmed.
    pub asked: BTreeSet<String>,
}

impl Privacy {
    /// SHA-256 over all of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let value = serde_json::json!({ "zones": self.zones.digest(), "asked": self.asked });
        Digest::of(canonical_json(&value).as_bytes())
    }

    /// Whether the ends of a contributor's trips are trimmed.
    fn trims(&self, policy: &PlacePolicy, contributor: &str) -> bool {
        policy.trim_ends_mm > 0
            && match policy.trim_ends {
                TrimEnds::Asked => self.asked.contains(contributor),
                TrimEnds::All => true,
                TrimEnds::Never => false,
            }
    }
}

/// One trace object of a session, and what the gates made of it.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The object.
    pub object: &'a Object,
    /// Its fixes in file order.
    pub fixes: &'a [Fix],
    /// Those that passed clauses F.
    pub gated: GatedTrace,
}

/// What is private in one session.
#[derive(Debug)]
pub struct Private<'a> {
    zones: Vec<&'a Layer>,
    ends: Ends,
    trims: bool,
    /// The session's tracks with all that is private, not smoothed; none when nothing can be private.
    tracks: Vec<Track>,
    policy: &'a PlacePolicy,
}

/// What is left of a session's traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Public {
    /// The tracks.
    pub tracks: Vec<Track>,
    /// What became of the fixes, by path.
    pub summaries: Vec<TraceSummary>,
    /// When the traces were in private places.
    pub hours: Hours,
}

impl<'a> Private<'a> {
    /// What is private in a session of a contributor, by its traces and by those that repeat earlier
    /// objects.
    #[must_use]
    pub fn new(
        privacy: &'a Privacy,
        policy: &'a PlacePolicy,
        contributor: &str,
        session: &Session,
        (traces, repeats): (&[Trace<'_>], &[Trace<'_>]),
    ) -> Self {
        let mut private = Self {
            zones: privacy.zones.of(contributor).collect(),
            ends: Ends::default(),
            trims: privacy.trims(policy, contributor),
            tracks: Vec::new(),
            policy,
        };
        let as_recorded = |traces: &[Trace<'_>]| -> Vec<Track> {
            traces
                .iter()
                .flat_map(|trace| unsmoothed(trace, policy))
                .collect()
        };
        if private.is_possible() {
            private.tracks = as_recorded(traces);
        }
        if private.trims {
            let all = [private.tracks.clone(), as_recorded(repeats)].concat();
            let recordings = recordings(&all, &session.shots, policy);
            private.ends = Ends::new(trip_ends(&recordings, policy), policy.trim_ends_mm);
        }
        private
    }

    fn is_possible(&self) -> bool {
        self.trims || !self.zones.is_empty()
    }

    /// Whether a position is private.
    #[must_use]
    pub fn hides(&self, position: Position) -> bool {
        self.zones.iter().any(|zones| zones.hides(position)) || self.ends.hide(position)
    }

    /// The tracks that tell the time zone of a camera: all of them, or, when nothing can be private,
    /// those that are public.
    #[must_use]
    pub fn clock<'b>(&'b self, public: &'b [Track]) -> &'b [Track] {
        if self.is_possible() { &self.tracks } else { public }
    }

    /// Takes away what is private of traces and smooths the rest. Of repeats only the private hours count.
    #[must_use]
    pub fn public(&self, traces: Vec<Trace<'_>>, repeats: Vec<Trace<'_>>) -> Public {
        let mut public = Public::default();
        let mut hours = Vec::new();
        if self.is_possible() {
            for mut repeat in repeats {
                let _ = self.take_away(&mut repeat, &mut hours);
            }
        }
        for mut trace in traces {
            let private = if self.is_possible() {
                let (tracks, private) = self.take_away(&mut trace, &mut hours);
                public.tracks.extend(tracks);
                private
            } else {
                let (object, kept) = (trace.object, &trace.gated.kept);
                let tracks = tracks(&object.path, object.uploaded_at, kept, self.policy);
                public.tracks.extend(tracks);
                0
            };
            let summary = trace.gated.summary(&trace.object.path, trace.fixes.len());
            public.summaries.push(TraceSummary { private, ..summary });
        }
        public.hours = Hours::new(hours);
        public
    }

    /// The public tracks of a trace, of whose kept fixes only theirs remain, and how many of its fixes
    /// are private: those that lie in a private place by their own word, whatever clauses F make of
    /// them, and those that the smoother put into one.
    fn take_away(&self, trace: &mut Trace<'_>, hours: &mut Vec<(Timestamp, Timestamp)>) -> (Vec<Track>, u32) {
        let (mut tracks, mut left) = (Vec::new(), Vec::with_capacity(trace.gated.kept.len()));
        let positions = trace
            .fixes
            .iter()
            .filter_map(|fix| Position::new(fix.lat_e7?, fix.lon_e7?));
        let mut private = positions.filter(|position| self.hides(*position)).count();
        for trip in cut(&trace.gated.kept, self.policy) {
            let hidden: Vec<bool> = trip.iter().map(|fix| self.hides(fix.position)).collect();
            let public = self.public_tracks(trace.object, trip, &hidden);
            let fixes = public.iter().flat_map(|track| &track.fixes);
            let ordinals: BTreeSet<u32> = fixes.map(|fix| fix.ordinal).collect();
            let is_public = |fix: &KeptFix| ordinals.contains(&fix.ordinal);
            hours.extend(private_hours(trip, is_public, self.policy));
            let open = hidden.iter().filter(|hidden| !**hidden).count();
            private += open.saturating_sub(ordinals.len());
            left.extend(trip.iter().filter(|fix| is_public(fix)).copied());
            tracks.extend(public);
        }
        trace.gated.kept = left;
        (tracks, u32::try_from(private).unwrap_or(u32::MAX))
    }

    /// The tracks of one trip: its public parts, each smoothed by itself.
    fn public_tracks(&self, object: &Object, trip: &[KeptFix], hidden: &[bool]) -> Vec<Track> {
        let pairs: Vec<(KeptFix, bool)> = trip.iter().copied().zip(hidden.iter().copied()).collect();
        let mut tracks = Vec::new();
        for part in pairs.chunk_by(|a, b| a.1 == b.1) {
            let fixes: Vec<KeptFix> = part.iter().filter(|(_, hidden)| !hidden).map(|p| p.0).collect();
            if fixes.is_empty() {
                continue;
            }
            let track = track(&object.path, object.uploaded_at, &fixes, self.policy);
            let placed: Vec<(TrackFix, bool)> = track
                .fixes
                .iter()
                .map(|fix| (*fix, self.hides(fix.position)))
                .collect();
            for part in placed.chunk_by(|a, b| a.1 == b.1) {
                if part.first().is_some_and(|(_, hidden)| !hidden) {
                    tracks.push(Track {
                        fixes: part.iter().map(|(fix, _)| *fix).collect(),
                        ..track.clone()
                    });
                }
            }
        }
        tracks
    }

    /// Whether an image is private, as it was placed on what is public.
    #[must_use]
    pub fn hides_image(&self, placed: &Placed, hours: &Hours) -> bool {
        if !self.is_possible() {
            return false;
        }
        let image = &placed.image;
        let untold = self.trims && image.captured_at.is_none();
        image
            .position()
            .is_some_and(|position| untold || self.hides(position))
            || image.captured_at.is_some_and(|at| hours.hold(at))
    }
}

/// A trace cut into tracks that are where the receiver said.
fn unsmoothed<'a>(trace: &'a Trace<'_>, policy: &'a PlacePolicy) -> impl Iterator<Item = Track> + use<'a> {
    let (path, uploaded_at) = (&trace.object.path, trace.object.uploaded_at);
    cut(&trace.gated.kept, policy).map(move |fixes| Track {
        path: path.clone(),
        uploaded_at,
        fixes: fixes
            .iter()
            .map(|fix| TrackFix {
                ordinal: fix.ordinal,
                at: fix.at,
                raw: fix.position,
                position: fix.position,
                course_deg: None,
                accuracy_mm: 0,
                hdop_milli: None,
            })
            .collect(),
        cross_track_mm: 0,
    })
}

/// The times of a trip from the public fix before a private one to the public one after it, both not
/// included; at an end of the trip as far as an image may lie from it.
fn private_hours(
    trip: &[KeptFix],
    is_public: impl Fn(&KeptFix) -> bool,
    policy: &PlacePolicy,
) -> Vec<(Timestamp, Timestamp)> {
    let beyond = i64::try_from(policy.max_time_to_trace_ms).unwrap_or(i64::MAX);
    let mut hours = Vec::new();
    let mut before: Option<&KeptFix> = None;
    let mut rest = trip.chunk_by(|a, b| is_public(a) == is_public(b)).peekable();
    while let Some(part) = rest.next() {
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            continue;
        };
        if !is_public(first) {
            let after = rest.peek().and_then(|part| part.first());
            let from = before.map_or(first.at.0.saturating_sub(beyond), |fix| {
                fix.at.0.saturating_add(1)
            });
            let to = after.map_or(last.at.0.saturating_add(beyond), |fix| fix.at.0.saturating_sub(1));
            hours.push((Timestamp(from), Timestamp(to)));
        }
        before = Some(last);
    }
    hours
}

/// Spans of time, to be asked by moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Start and end, both included, in order and apart from each other.
    spans: BTreeMap<Timestamp, Timestamp>,
}

impl Hours {
    fn new(mut spans: Vec<(Timestamp, Timestamp)>) -> Self {
        spans.sort_unstable();
        let mut merged: BTreeMap<Timestamp, Timestamp> = BTreeMap::new();
        for (from, to) in spans {
            match merged.last_entry() {
                Some(mut last) if *last.get() >= from => {
                    let end = (*last.get()).max(to);
                    last.insert(end);
                }
                _ => {
                    merged.insert(from, to);
                }
            }
        }
        Self { spans: merged }
    }

    /// Whether a moment lies in one of them.
    #[must_use]
    pub fn hold(&self, at: Timestamp) -> bool {
        self.spans
            .range(..=at)
            .next_back()
            .is_some_and(|(_, end)| at <= *end)
    }
}

#[cfg(test)]
#[path = "private_tests.rs"]
mod tests;
