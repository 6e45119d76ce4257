//! What is believed where an image says a thing more than once. The order is at the head of `metadata`.

use super::exif::ExifFacts;
use super::field_of_view;
use super::mapillary::MapillaryFacts;
use super::xmp::{Panorama, XmpFacts};
use super::{
    Captured, Heading, HeadingReference, ImageMetadata, Lens, MetadataFault, MetadataSource, Position,
    TimeSource, camera, displayed,
};
use crate::ingest::civil_time::CivilTime;
use crate::time_zone::local_to_utc_us;

/// Everything that was said.
pub(super) struct Sources {
    pub(super) mapillary: MapillaryFacts,
    pub(super) exif: ExifFacts,
    pub(super) xmp: XmpFacts,
    pub(super) sidecar: XmpFacts,
}

impl Sources {
    /// What is believed of it; `stored` is the size in the file.
    pub(super) fn metadata(self, stored: Option<(u32, u32)>, faults: Vec<MetadataFault>) -> ImageMetadata {
        let (position, position_source) = self.position().unzip();
        let problem = [
            self.exif.position_problem,
            self.mapillary.position_problem,
            self.xmp.position_problem,
            self.sidecar.position_problem,
        ];
        let clock = self.clock();
        let captured = self.captured(clock, position);
        let is_void = self.exif.is_void && position_source == Some(MetadataSource::Exif);
        let Self {
            mapillary,
            exif,
            xmp,
            sidecar,
        } = &self;
        let first = |texts: [&Option<String>; 4]| texts.into_iter().flatten().next().cloned();
        let make = first([&exif.make, &mapillary.make, &xmp.make, &sidecar.make]);
        let model = first([&exif.model, &mapillary.model, &xmp.model, &sidecar.model]);
        let size = stored.map(|stored| displayed(exif.orientation, stored));
        let (make_name, model_name) = (make.as_deref().unwrap_or(""), model.as_deref().unwrap_or(""));
        let panorama = self.panorama(make_name, model_name, size);
        let focal_length_35mm = exif
            .focal_length_35mm
            .or(xmp.focal_length_35mm)
            .or(sidecar.focal_length_35mm);
        let lens = Lens::of(
            make_name,
            model_name,
            focal_length_35mm,
            exif.focal_length_um,
            exif.sensor_um,
        );
        let field_of_view_millideg = match &panorama {
            Some(panorama) => field_of_view::of_panorama(panorama, size),
            None => lens
                .zip(size)
                .and_then(|(lens, size)| field_of_view::of_lens(lens, size)),
        };
        ImageMetadata {
            position,
            position_source,
            position_problem: problem
                .into_iter()
                .flatten()
                .next()
                .filter(|_| position.is_none()),
            captured,
            heading: self.heading(),
            accuracy_mm: [
                mapillary.accuracy_mm,
                exif.accuracy_mm.filter(|_| !is_void),
                xmp.accuracy_mm,
                sidecar.accuracy_mm,
            ]
            .into_iter()
            .flatten()
            .next(),
            is_void,
            make,
            model,
            orientation: exif.orientation,
            width: stored.map(|(width, _)| width),
            height: stored.map(|(_, height)| height),
            field_of_view_millideg,
            is_360: panorama.is_some_and(|panorama| field_of_view::is_all_around(&panorama, size)),
            faults,
        }
    }

    fn position(&self) -> Option<(Position, MetadataSource)> {
        let sidecars = self.sidecar.mapillary.as_ref().and_then(|facts| facts.position);
        [
            (self.mapillary.position, MetadataSource::Mapillary),
            (self.exif.position, MetadataSource::Exif),
            (self.xmp.position, MetadataSource::Xmp),
            (sidecars, MetadataSource::Sidecar),
            (self.sidecar.position, MetadataSource::Sidecar),
        ]
        .into_iter()
        .filter_map(|(position, source)| Some((position?, source)))
        // Exactly 0,0 is what a camera without a fix writes (I2): any other position is better.
        .min_by_key(|(position, _)| (position.lat_e7, position.lon_e7) == (0, 0))
    }

    /// The camera's clock as the file has it, with the offset of an XMP time that shows the same second.
    fn clock(&self) -> Option<CivilTime> {
        let mut clock = self.exif.clock.or(self.xmp.clock)?;
        let second = |clock: CivilTime| clock.local_us.div_euclid(1_000_000);
        if clock.offset_s.is_none() {
            clock.offset_s = [self.xmp.clock, self.sidecar.clock]
                .into_iter()
                .flatten()
                .filter(|other| second(*other) == second(clock))
                .find_map(|other| other.offset_s);
        }
        Some(clock)
    }

    fn captured(&self, clock: Option<CivilTime>, position: Option<Position>) -> Option<Captured> {
        let told = |time_us: Option<i64>, source| time_us.map(|time_us| Captured { time_us, source });
        let sidecars = self
            .sidecar
            .mapillary
            .as_ref()
            .and_then(|facts| facts.captured_us);
        let in_file = told(self.mapillary.captured_us, TimeSource::MapillaryUtc)
            .or(told(self.exif.gps_time_us, TimeSource::GpsDateTime))
            .or(told(self.xmp.gps_time_us, TimeSource::GpsDateTime))
            .or(clock.and_then(|clock| in_utc(clock, position)));
        in_file
            .or(told(sidecars, TimeSource::MapillaryUtc))
            .or(told(self.sidecar.gps_time_us, TimeSource::GpsDateTime))
            .or(self.sidecar.clock.and_then(|clock| in_utc(clock, position)))
            .or(told(
                clock.or(self.sidecar.clock).map(|clock| clock.local_us),
                TimeSource::ZoneUnknown,
            ))
    }

    /// The first that was measured, else a computed one, flagged.
    fn heading(&self) -> Option<Heading> {
        let from_mapillary = self.mapillary.heading;
        let from_exif = self.exif.heading.map(|heading| Heading {
            computed: from_mapillary
                .is_some_and(|other| other.computed && is_same_direction(other.centideg, heading.centideg)),
            ..heading
        });
        let by_compass = |facts: &XmpFacts, source| {
            facts.direction.map(|(centideg, magnetic)| Heading {
                centideg,
                reference: if magnetic {
                    HeadingReference::Magnetic
                } else {
                    HeadingReference::True
                },
                source,
                computed: false,
            })
        };
        let by_pose = |facts: &XmpFacts, source| {
            facts.pose_centideg.map(|centideg| Heading {
                centideg,
                reference: HeadingReference::True,
                source,
                computed: false,
            })
        };
        let sidecars = self.sidecar.mapillary.as_ref().and_then(|facts| facts.heading);
        let all = [
            from_exif,
            from_mapillary,
            by_compass(&self.xmp, MetadataSource::Xmp),
            by_pose(&self.xmp, MetadataSource::Xmp),
            sidecars.map(|heading| Heading {
                source: MetadataSource::Sidecar,
                ..heading
            }),
            by_compass(&self.sidecar, MetadataSource::Sidecar),
            by_pose(&self.sidecar, MetadataSource::Sidecar),
        ];
        all.iter()
            .flatten()
            .find(|heading| !heading.computed)
            .or(all.iter().flatten().next())
            .copied()
    }

    /// The sphere that the image is a part of, by the file, the sidecar, or its camera and shape.
    fn panorama(&self, make: &str, model: &str, size: Option<(u32, u32)>) -> Option<Panorama> {
        let told = [self.xmp.panorama, self.sidecar.panorama];
        let known = || {
            let shaped = size.is_some_and(|(width, height)| height.checked_mul(2) == Some(width));
            (shaped && camera::sees_all_around(make, model)).then(Panorama::whole)
        };
        told.into_iter()
            .find(|panorama| panorama.is_equirectangular)
            .or_else(known)
    }
}

/// The moment that a clock showed, if its offset is written or the position's zone tells it.
fn in_utc(clock: CivilTime, position: Option<Position>) -> Option<Captured> {
    if clock.offset_s.is_some() {
        return Some(Captured {
            time_us: clock.utc_us(0),
            source: TimeSource::OffsetGiven,
        });
    }
    let time_us = local_to_utc_us(clock.local_us, position?)?;
    Some(Captured {
        time_us,
        source: TimeSource::PositionTimeZone,
    })
}

/// Within 0.02 degrees: both are rounded on their way into the file.
fn is_same_direction(one: u32, other: u32) -> bool {
    let apart = one.abs_diff(other);
    apart.min(36_000_u32.saturating_sub(apart)) <= 2
}

#[cfg(test)]
#[path = "belief_tests.rs"]
mod tests;
