//! `privacy-zones.geojson` beside the uploads: what nobody may see of where they were taken (X1).
//!
//! The file is a `FeatureCollection`, a `Feature` or a geometry of RFC 7946. A zone is a `Polygon` or a
//! `MultiPolygon`, holes left out, or a `Point` with the property `radius_m`. A feature whose property
//! `contributor` names someone holds for that one alone. A file that is wrong anywhere stops the run:
//! a zone that was passed over would publish what it should hide.
//!
//! The manifest names the file by the SHA-256 of its bytes. Who has only a few small zones should add a
//! member with some random text (`"salt": "…"`), or that digest can be guessed, and the zones with it.

use cairn_datasets::digest::Digest;
use cairn_datasets::ids::is_contributor_id;
use cairn_datasets::units::Position;
use cairn_stages::place::private::zone::Zone;
use cairn_stages::place::private::zones::Zones;
use geojson::{Geometry, GeometryValue, PolygonType};
use serde::Deserialize;
use serde_json::Value;

use crate::source::{ID_FORM, SourceError};
use crate::store::Store;

/// The file.
pub const ZONES: &str = "privacy-zones.geojson";
/// The largest file that is read: all of it is held in memory.
const MOST_BYTES: u64 = 256 << 20;

/// A zone and the contributor it holds for; `None`: for all.
type Held = (Option<String>, Zone);

/// The privacy zones of a source; none when it has no such file.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong: it names the feature and what to do.
pub fn zones(source: &Store) -> Result<Zones, SourceError> {
    if source.look_up(&[ZONES.to_owned()])?.is_empty() {
        return Ok(Zones::default());
    }
    let bytes = source.get_within(ZONES, MOST_BYTES)?;
    let zones = read(&bytes).map_err(|what| SourceError::Beside {
        location: source.location().to_owned(),
        file: ZONES,
        place: None,
        what,
    })?;
    Ok(Zones::new(Digest::of(&bytes), zones))
}

fn read(bytes: &[u8]) -> Result<Vec<Held>, String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(text).map_err(|e| format!("is not JSON: {e}"))?;
    on_wgs84(&value)?;
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut zones = Vec::new();
    match (kind, value.get("features").and_then(Value::as_array)) {
        ("FeatureCollection", Some(features)) => {
            for (index, one) in features.iter().enumerate() {
                let named = |what: String| format!("feature {} of {}: {what}", index + 1, features.len());
                if one.get("type").and_then(Value::as_str) != Some("Feature") {
                    return Err(named("its `type` is not `Feature`".to_owned()));
                }
                zones.extend(feature(one).map_err(named)?);
            }
        }
        ("FeatureCollection", None) => return Err("has no list `features`".to_owned()),
        ("Feature", _) => zones = feature(&value).map_err(|what| format!("feature 1 of 1: {what}"))?,
        ("", _) => return Err("has no `type`; a GeoJSON FeatureCollection is wanted".to_owned()),
        _ => {
            let shapes = shapes(&value, None).map_err(|what| format!("its geometry: {what}"))?;
            zones.extend(shapes.into_iter().map(|zone| (None, zone)));
        }
    }
    if zones.is_empty() {
        return Err("holds no zone; remove the file when there are none".to_owned());
    }
    Ok(zones)
}

/// GeoJSON of before RFC 7946 may name another reference system.
fn on_wgs84(value: &Value) -> Result<(), String> {
    let name = value.pointer("/crs/properties/name").and_then(Value::as_str);
    match name {
        Some(name)
            if !["CRS84", "EPSG:4326", "EPSG::4326"]
                .iter()
                .any(|known| name.ends_with(known)) =>
        {
            Err(format!(
                "its `crs` is `{name}`; give longitude and latitude on WGS 84, and no `crs` (RFC 7946)"
            ))
        }
        _ => Ok(()),
    }
}

fn feature(value: &Value) -> Result<Vec<Held>, String> {
    let property = |name: &str| {
        value
            .get("properties")
            .and_then(|properties| properties.get(name))
            .filter(|value| !value.is_null())
    };
    let contributor = match property("contributor") {
        None => None,
        Some(Value::String(id)) if is_contributor_id(id) => Some(id.clone()),
        Some(other) => {
            return Err(format!(
                "its property `contributor` is {other}; give a contributor's id, or leave it out for all ({ID_FORM})"
            ));
        }
    };
    let geometry = value.get("geometry").filter(|geometry| !geometry.is_null());
    let geometry = geometry.ok_or("it has no geometry; give it a Polygon, or a Point with `radius_m`")?;
    let shapes = shapes(geometry, property("radius_m"))?;
    Ok(shapes
        .into_iter()
        .map(|zone| (contributor.clone(), zone))
        .collect())
}

fn shapes(geometry: &Value, radius_m: Option<&Value>) -> Result<Vec<Zone>, String> {
    let geometry =
        Geometry::deserialize(geometry).map_err(|e| format!("its geometry cannot be read: {e}"))?;
    match (geometry.value, radius_m) {
        (GeometryValue::Point { coordinates }, Some(radius)) => {
            let zone = Zone::circle(position(coordinates.as_slice())?, radius_mm(radius)?);
            Ok(vec![zone.map_err(|e| e.to_string())?])
        }
        (GeometryValue::Point { .. }, None) => Err(
            "a Point is no zone by itself; give its feature the property `radius_m`, in metres".to_owned(),
        ),
        (GeometryValue::Polygon { .. } | GeometryValue::MultiPolygon { .. }, Some(_)) => {
            Err("the property `radius_m` goes with a Point; draw the polygon as wide as the zone".to_owned())
        }
        (GeometryValue::Polygon { coordinates }, None) => Ok(vec![polygon(&coordinates)?]),
        (GeometryValue::MultiPolygon { coordinates }, None) if coordinates.is_empty() => {
            Err("its MultiPolygon holds no polygon".to_owned())
        }
        (GeometryValue::MultiPolygon { coordinates }, None) => {
            let parts = coordinates.iter().enumerate();
            parts
                .map(|(index, rings)| polygon(rings).map_err(|e| format!("polygon {}: {e}", index + 1)))
                .collect()
        }
        (other, _) => Err(format!(
            "a {} has no inside; give a Polygon, a MultiPolygon, or a Point with `radius_m`",
            other.type_name()
        )),
    }
}

fn polygon(rings: &PolygonType) -> Result<Zone, String> {
    let ring = |ring: &Vec<geojson::Position>| ring.iter().map(|p| position(p.as_slice())).collect();
    let rings = rings
        .iter()
        .map(ring)
        .collect::<Result<Vec<Vec<Position>>, String>>()?;
    Zone::polygon(rings).map_err(|e| e.to_string())
}

/// A position to the nearest 1e-7 degrees; a height is passed over.
fn position(coordinates: &[f64]) -> Result<Position, String> {
    let [lon, lat, ..] = coordinates else {
        return Err(format!(
            "the position {coordinates:?} is too short; give [longitude, latitude]"
        ));
    };
    let e7 = |degrees: f64, most: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "180 degrees at most")]
        (degrees.abs() <= most).then(|| (degrees * 1e7).round() as i32)
    };
    e7(*lat, 90.0)
        .zip(e7(*lon, 180.0))
        .and_then(|(lat, lon)| Position::new(lat, lon))
        .ok_or_else(|| {
            format!(
                "the position [{lon}, {lat}] is out of range; the longitude comes first, -180 to 180, then the \
                 latitude, -90 to 90"
            )
        })
}

fn radius_mm(radius_m: &Value) -> Result<u64, String> {
    let metres = radius_m
        .as_f64()
        .filter(|metres| (0.001..=100_000.0).contains(metres));
    let metres = metres.ok_or_else(|| {
        format!("its `radius_m` is {radius_m}; a number of metres up to 100000 is wanted, without quotes")
    })?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1e8")]
    Ok((metres * 1e3).round() as u64)
}

#[cfg(test)]
#[path = "zones_tests.rs"]
mod tests;
