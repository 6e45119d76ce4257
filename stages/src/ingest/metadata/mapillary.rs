//! Mapillary's JSON in the EXIF image description.

use serde_json::{Map, Value};

use super::{
    Heading, HeadingReference, MetadataFault, MetadataSource, Position, PositionProblem, device_name, exif,
    position_of,
};
use crate::ingest::civil_time::parse_civil_time;
use crate::ingest::decimal::parse_scaled;
use crate::ingest::number::round_f64;

/// What the JSON says. Its user names, keys, hashes and e-mail addresses are not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MapillaryFacts {
    pub(super) position: Option<Position>,
    pub(super) position_problem: Option<PositionProblem>,
    pub(super) captured_us: Option<i64>,
    pub(super) heading: Option<Heading>,
    pub(super) accuracy_mm: Option<u32>,
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
}

impl MapillaryFacts {
    /// `None` when the description is other text; broken JSON is a fault.
    pub(super) fn read(description: &str, faults: &mut Vec<MetadataFault>) -> Option<Self> {
        let description = description.trim();
        if !description.starts_with('{') || !description.contains("\"MAP") {
            return None;
        }
        let object = match serde_json::from_str::<Map<String, Value>>(description) {
            Ok(object) => object,
            Err(error) => {
                let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
                faults.push(MetadataFault::MapillaryJson {
                    line: count(error.line()),
                    column: count(error.column()),
                });
                return None;
            }
        };
        let mut facts = Self {
            accuracy_mm: object
                .get("MAPGPSAccuracyMeters")
                .and_then(|value| unsigned(value, 3)),
            make: object.get("MAPDeviceMake").and_then(name),
            model: object.get("MAPDeviceModel").and_then(name),
            ..Self::default()
        };
        facts.set_position(&object, faults);
        facts.set_captured(&object, faults);
        facts.set_heading(&object, faults);
        Some(facts)
    }

    fn set_position(&mut self, object: &Map<String, Value>, faults: &mut Vec<MetadataFault>) {
        let (latitude, longitude) = (object.get("MAPLatitude"), object.get("MAPLongitude"));
        let result = match (latitude, longitude) {
            (None, None) => return,
            (Some(_), None) | (None, Some(_)) => Err(PositionProblem::HalfMissing),
            (Some(latitude), Some(longitude)) => match (scaled(latitude, 7), scaled(longitude, 7)) {
                (Some(lat_e7), Some(lon_e7)) => position_of(lat_e7, lon_e7),
                _ => Err(PositionProblem::Unreadable),
            },
        };
        match result {
            Ok(position) => self.position = Some(position),
            Err(problem) => {
                self.position_problem = Some(problem);
                faults.push(MetadataFault::MapillaryKey {
                    key: "MAPLatitude and MAPLongitude",
                });
            }
        }
    }

    fn set_captured(&mut self, object: &Map<String, Value>, faults: &mut Vec<MetadataFault>) {
        let Some(written) = object.get("MAPCaptureTime") else {
            return;
        };
        // An offset is not part of the format, but where one is written it is meant.
        self.captured_us = written
            .as_str()
            .and_then(|text| parse_civil_time(text.as_bytes()))
            .map(|time| time.utc_us(0))
            .filter(|time_us| *time_us >= exif::FIRST_REAL_TIME_US);
        if self.captured_us.is_none() {
            faults.push(MetadataFault::MapillaryKey {
                key: "MAPCaptureTime",
            });
        }
    }

    fn set_heading(&mut self, object: &Map<String, Value>, faults: &mut Vec<MetadataFault>) {
        let Some(compass) = object.get("MAPCompassHeading") else {
            return;
        };
        let angle = |key| {
            compass
                .get(key)
                .and_then(|value| unsigned(value, 2))
                .filter(|angle| *angle <= 36_000)
        };
        let (from_true, magnetic) = (angle("TrueHeading"), angle("MagneticHeading"));
        let found = from_true
            .map(|angle| (angle, HeadingReference::True))
            .or(magnetic.map(|angle| (angle, HeadingReference::Magnetic)));
        match found {
            Some((angle, reference)) => {
                self.heading = Some(Heading {
                    centideg: angle % 36_000,
                    reference,
                    source: MetadataSource::Mapillary,
                    computed: from_true == magnetic && compass.get("AccuracyDegrees").is_none(),
                });
            }
            None => faults.push(MetadataFault::MapillaryKey {
                key: "MAPCompassHeading",
            }),
        }
    }
}

/// A number, or a text that is one, times `10^decimals`.
fn scaled(value: &Value, decimals: u32) -> Option<i64> {
    match value {
        Value::Number(number) => {
            let factor = f64::from(10_u32.checked_pow(decimals)?);
            round_f64(number.as_f64()? * factor)
        }
        Value::String(text) => parse_scaled(text.as_bytes(), decimals).ok(),
        _ => None,
    }
}

fn unsigned(value: &Value, decimals: u32) -> Option<u32> {
    scaled(value, decimals).and_then(|number| u32::try_from(number).ok())
}

fn name(value: &Value) -> Option<String> {
    // `none` is what the tools write for a missing maker.
    device_name(value.as_str()?).filter(|name| !name.eq_ignore_ascii_case("none"))
}
