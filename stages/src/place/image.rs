//! Clauses I: where and when each image was taken, and whether it can count.
//!
//! The clauses are held in their order, and the first that fires is the finding. What they leave
//! open is decided so:
//! - I1 needs a time to look for on a trace. An image with neither position nor time is I1 where
//!   its session has no track, and I3 where it has one: there the time is what is missing.
//! - A position out of range, or half of one, is none. One on null island is I2 and no position
//!   either: the row carries none, although a trace might have one.
//! - An image that is rejected for another reason keeps its position and cell, so that people can
//!   see it on the map.
//! - Several tracks can cover one moment (two devices). An image with a position of its own is
//!   held against the nearest of them in space, one without is put on the nearest in time.
//! - I4 measures the age at upload in ms; a capture in the future has a negative one.
//! - A dark or burnt picture is measured by its mean, else by the share of such blocks.

use cairn_datasets::cell::Cell;
use cairn_datasets::ids::image_id;
use cairn_datasets::tables::{Image, Object, Shot};
use cairn_datasets::units::{Position, Ppm, Timestamp};
use cairn_datasets::verdict::{Finding, Reason};
use h3o::Resolution;

use super::gates::{CaptureWindow, from_null_island_e7, on_null_island};
use super::locate::{OnTrack, TraceIndex};
use super::trace_zone::to_utc;
use super::track::accuracy_mm;
use crate::policy::PlacePolicy;

/// What all images of a session are placed by.
#[derive(Debug)]
pub struct Placer<'a> {
    /// The clauses' numbers.
    pub policy: &'a PlacePolicy,
    /// The session's tracks.
    pub traces: &'a TraceIndex<'a>,
    /// The session's tracks with what is private of them: only the time zone is taken from these.
    pub clock: &'a TraceIndex<'a>,
    /// The epoch's end.
    pub end: Timestamp,
    /// Whether captures of any age count.
    pub any_age: bool,
    /// Resolution of the reward cells.
    pub cells: Resolution,
}

/// An image with its place and the finding of clauses I.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its row, without sequence and pass so far.
    pub image: Image,
    /// The track it lies on, by its place in the list.
    pub track: Option<usize>,
    /// The direction of view that its own file gives, degrees clockwise from north.
    pub view_deg: Option<u32>,
    /// The eight PDQ hashes of the picture turned and mirrored.
    pub dihedral: Vec<u8>,
    /// The picture at 32x32.
    pub thumbnail: Vec<u8>,
    /// Whether no clause I fired. Such an image has a time, a position and a cell.
    pub passed: bool,
}

/// Where an image was, and on which authority.
struct Place {
    position: Position,
    source: &'static str,
    accuracy_mm: u32,
}

impl Placer<'_> {
    /// Places and judges one image of an object.
    #[must_use]
    pub fn place(&self, mut shot: Shot, object: &Object) -> Placed {
        let (captured_at, time_source) = self.time(&shot);
        let own = shot
            .lat_e7
            .zip(shot.lon_e7)
            .and_then(|(lat, lon)| Position::new(lat, lon));
        let on = self.on_track(own, captured_at);
        let covered = on.filter(|(on, _)| on.away_ms <= self.policy.max_time_to_trace_ms);
        let trace_mm = own.and(covered).map(|(_, mm)| mm);
        let place = self.where_it_was(&shot, own, covered.map(|(on, _)| on));

        let finding = self
            .no_position(own, on.map(|(on, _)| on.away_ms), captured_at)
            .or_else(|| self.null_island(own))
            .or_else(|| captured_at.is_none().then(|| Finding::plain(Reason::NoTime)))
            .or_else(|| self.bad_time(captured_at, object.uploaded_at))
            .or_else(|| far_from_trace(trace_mm, self.policy))
            .or_else(|| unusable(&shot, self.policy));

        let course = covered.and_then(|(on, _)| on.course_deg);
        let view_deg = shot.heading_deg.map(|deg| deg % 360);
        let dihedral = std::mem::take(&mut shot.pdq_dihedral);
        let thumbnail = std::mem::take(&mut shot.thumbnail);
        let mut image = row(shot, object);
        image.captured_at = captured_at;
        image.time_source = time_source;
        image.heading_deg = view_deg.or(course);
        image.trace_mm = trace_mm;
        if let Some(place) = place {
            image.lat_e7 = Some(place.position.lat_e7);
            image.lon_e7 = Some(place.position.lon_e7);
            place.source.clone_into(&mut image.position_source);
            image.accuracy_mm = Some(place.accuracy_mm);
            image.cell = Some(Cell::at(place.position, self.cells));
        }
        let passed = finding.is_none();
        image.decide(finding.unwrap_or(Finding::KEPT));
        Placed {
            dihedral,
            thumbnail,
            track: covered.map(|(on, _)| on.track),
            image,
            view_deg,
            passed,
        }
    }

    /// The time in UTC, and how it became that.
    fn time(&self, shot: &Shot) -> (Option<Timestamp>, String) {
        if shot.captured_at.is_some() {
            return (shot.captured_at, shot.time_source.clone());
        }
        match shot.civil_at.and_then(|civil| to_utc(civil, self.clock)) {
            Some(utc) => (Some(utc), "trace-zone".to_owned()),
            None => (None, String::new()),
        }
    }

    /// The track that was nearest, and how far its position was from the image's own, in mm. For
    /// an image with a position only tracks that cover its time are asked, on null island none.
    fn on_track(&self, own: Option<Position>, at: Option<Timestamp>) -> Option<(OnTrack, u64)> {
        match own {
            Some(own) if on_null_island(own, self.policy) => None,
            Some(own) => self
                .traces
                .nearest_in_space(at?, own, self.policy.max_time_to_trace_ms),
            None => self.traces.nearest(at?).map(|on| (on, 0)),
        }
    }

    fn where_it_was(&self, shot: &Shot, own: Option<Position>, covered: Option<OnTrack>) -> Option<Place> {
        match own {
            Some(position) => (!on_null_island(position, self.policy)).then(|| Place {
                position,
                source: "file",
                accuracy_mm: accuracy_mm(shot.accuracy_mm, self.policy.least_accuracy_mm, self.policy),
            }),
            None => covered.map(|on| Place {
                position: on.position,
                source: "trace",
                accuracy_mm: on.accuracy_mm,
            }),
        }
    }

    /// I1: measured in ms to the nearest fix of the session.
    fn no_position(
        &self,
        own: Option<Position>,
        away_ms: Option<u64>,
        captured_at: Option<Timestamp>,
    ) -> Option<Finding> {
        let most = self.policy.max_time_to_trace_ms;
        let only_time_is_missing = captured_at.is_none() && !self.traces.is_empty();
        if own.is_some() || only_time_is_missing || away_ms.is_some_and(|away| away <= most) {
            return None;
        }
        Some(Finding {
            reason: Reason::NoPosition,
            measured: away_ms.map(signed),
            threshold: Some(signed(most)),
        })
    }

    /// I2: measured in 1e-7 degrees from 0,0.
    fn null_island(&self, own: Option<Position>) -> Option<Finding> {
        let own = own.filter(|own| on_null_island(*own, self.policy))?;
        let measured = signed(from_null_island_e7(own));
        Some(Finding::measured(
            Reason::NullIsland,
            measured,
            signed(self.policy.null_island_e7),
        ))
    }

    /// I4: see [`CaptureWindow::miss`].
    fn bad_time(&self, at: Option<Timestamp>, uploaded_at: Option<Timestamp>) -> Option<Finding> {
        let window = CaptureWindow::new(self.policy, uploaded_at, self.end, self.any_age);
        let (age, limit) = window.miss(at?)?;
        Some(Finding::measured(Reason::ImageTime, age, limit))
    }
}

/// I5: measured in mm.
fn far_from_trace(trace_mm: Option<u64>, policy: &PlacePolicy) -> Option<Finding> {
    let mm = trace_mm.filter(|mm| *mm > policy.max_trace_distance_mm)?;
    Some(Finding::measured(
        Reason::FarFromTrace,
        signed(mm),
        signed(policy.max_trace_distance_mm),
    ))
}

/// I6: covered, blank, dark, burnt out, blurred, in this order; measured in thousandths of a grey
/// level, or in ppm of the blocks.
#[must_use]
pub fn unusable(shot: &Shot, policy: &PlacePolicy) -> Option<Finding> {
    let (mean, std) = (u64::from(shot.mean_milli), u64::from(shot.std_milli));
    let ppm = |share: Ppm| u64::from(share.parts());
    let (dark, burnt, sharpness) = (ppm(shot.dark_ppm), ppm(shot.burnt_ppm), ppm(shot.sharpness));
    let below = |reason, value, limit| (value < limit, reason, value, limit);
    let above = |reason, value, limit| (value > limit, reason, value, limit);
    let share = |reason, value, limit| (value >= limit, reason, value, limit);
    let blurred = policy.blurred_ppm;
    let clauses = [
        below(Reason::Covered, mean, policy.covered_mean_milli),
        below(Reason::Blank, std, policy.blank_std_milli),
        below(Reason::Dark, mean, policy.dark_mean_milli),
        share(Reason::Dark, dark, policy.dark_share_ppm),
        above(Reason::BurntOut, mean, policy.burnt_mean_milli),
        share(Reason::BurntOut, burnt, policy.burnt_share_ppm),
        (sharpness <= blurred, Reason::Blurred, sharpness, blurred),
    ];
    let (_, reason, value, limit) = clauses.into_iter().find(|clause| clause.0)?;
    Some(Finding::measured(reason, signed(value), signed(limit)))
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The row of an image as far as its file and its object tell it.
fn row(shot: Shot, object: &Object) -> Image {
    Image {
        image_id: image_id(&shot.path, &shot.sha256, shot.ordinal),
        path: shot.path,
        ordinal: shot.ordinal,
        contributor: object.contributor.clone(),
        session: object.session.clone(),
        sequence: None,
        pass_id: None,
        uploaded_at: object.uploaded_at,
        captured_at: None,
        time_source: String::new(),
        lat_e7: None,
        lon_e7: None,
        position_source: String::new(),
        cell: None,
        heading_deg: None,
        accuracy_mm: None,
        trace_mm: None,
        width: shot.width,
        height: shot.height,
        make: shot.make,
        model: shot.model,
        field_of_view_mdeg: shot.field_of_view_mdeg,
        is_360: shot.is_360,
        sha256: shot.sha256,
        picture_sha256: shot.picture_sha256,
        pdq: shot.pdq,
        pdq_quality: shot.pdq_quality,
        mean_milli: shot.mean_milli,
        std_milli: shot.std_milli,
        dark_ppm: shot.dark_ppm,
        burnt_ppm: shot.burnt_ppm,
        sharpness: shot.sharpness,
        laplacian_milli: shot.laplacian_milli,
        texture: shot.texture,
        quality_ppm: Ppm::ZERO,
        verdict: Reason::None.verdict(),
        reason: Reason::None,
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_path: None,
        duplicate_epoch: None,
        duplicate_first_by: String::new(),
        duplicate_bits: None,
        duplicate_mm: None,
    }
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
