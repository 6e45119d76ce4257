//! What the benches run on: files of the sample city, and rows made from nothing but a number.

pub mod published;

use std::fmt::Write as _;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::city::{CityFile, CitySpec, city};
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::{Candidate, Coverage, Reward};
use cairn_datasets::units::{Position, Ppm, Timestamp};

/// A frame of the sample city with metadata: the first JPEG it makes.
#[must_use]
pub fn frame() -> Vec<u8> {
    first(".jpg")
}

/// A trace of the sample city: the first GPX it makes.
#[must_use]
pub fn trace() -> Vec<u8> {
    first(".gpx")
}

fn first(ending: &str) -> Vec<u8> {
    let found = city(&CitySpec::default()).find(|file: &CityFile| file.path.ends_with(ending));
    found.map(|file| file.bytes).unwrap_or_default()
}

/// A GPX track of so many fixes a second apart, as loggers write it: elevation, time and HDOP.
#[must_use]
pub fn gpx_text(points: u32) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"bench\" \
         xmlns=\"http://www.topografix.com/GPX/1/1\">\n<trk><name>bench</name><trkseg>\n",
    );
    for (step, clock) in (0..points).zip(clock()) {
        let at = position(u64::from(step));
        let _ = writeln!(
            text,
            "<trkpt lat=\"{}\" lon=\"{}\"><ele>{}.{}</ele><time>2026-05-{:02}T{:02}:{:02}:{:02}Z</time><hdop>1.{}</hdop></trkpt>",
            degrees(at.lat_e7),
            degrees(at.lon_e7),
            30 + step % 50,
            step % 10,
            clock[0],
            clock[1],
            clock[2],
            clock[3],
            step % 7,
        );
    }
    text.push_str("</trkseg></trk>\n</gpx>\n");
    text
}

/// An NMEA log of so many fixes a second apart: RMC, GGA, GSA and a GSV of each.
#[must_use]
pub fn nmea_text(points: u32) -> String {
    let mut text = String::new();
    for (step, [day, hour, minute, second]) in (0..points).zip(clock()) {
        let at = position(u64::from(step));
        let (lat, lon) = (degrees_minutes(at.lat_e7, 2), degrees_minutes(at.lon_e7, 3));
        let time = format!("{hour:02}{minute:02}{second:02}.00");
        let bodies = [
            format!("GPRMC,{time},A,{lat},N,{lon},E,022.4,084.4,{day:02}0526,003.1,E"),
            format!(
                "GPGGA,{time},{lat},N,{lon},E,1,08,0.9,{}.4,M,46.9,M,,",
                500 + step % 50
            ),
            "GPGSA,A,3,04,05,09,12,24,25,29,31,,,,,1.8,0.9,1.5".to_owned(),
            "GPGSV,2,1,08,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45".to_owned(),
        ];
        for body in bodies {
            let checksum = body.bytes().fold(0, |sum, byte| sum ^ byte);
            let _ = write!(text, "${body}*{checksum:02X}\r\n");
        }
    }
    text
}

/// Day, hour, minute and second, a second apart.
fn clock() -> impl Iterator<Item = [u32; 4]> {
    (0_u32..).map(|s| [1 + s / 86_400 % 28, s / 3_600 % 24, s / 60 % 60, s % 60])
}

fn degrees(e7: i32) -> String {
    format!("{}.{:07}", e7 / 10_000_000, e7 % 10_000_000)
}

/// `ddmm.mmmmm` with so many digits of degrees.
fn degrees_minutes(e7: i32, digits: usize) -> String {
    let minutes_e5 = i64::from(e7 % 10_000_000) * 60 / 100;
    format!(
        "{:0digits$}{:02}.{:05}",
        e7 / 10_000_000,
        minutes_e5 / 100_000,
        minutes_e5 % 100_000
    )
}

/// A position on a spiral of some metres a step around a corner of Lund.
fn position(step: u64) -> Position {
    let step = i32::try_from(step % 1_000_000).unwrap_or_default();
    Position {
        lat_e7: 557_000_000 + step * 211,
        lon_e7: 131_900_000 + (step * 797) % 90_001,
    }
}

/// Candidates for near duplicates: hashes that differ in about half of their bits.
#[must_use]
pub fn candidates(count: u64) -> Vec<Candidate> {
    let Ok(eleven) = resolution(11) else {
        return Vec::new();
    };
    (0..count)
        .map(|step| {
            let name = format!("{step:08}");
            let (at, pdq) = (position(step / 8), Digest::of(name.as_bytes()));
            Candidate {
                image_id: Digest::of(name.as_bytes()),
                history: None,
                home: "tile".to_owned(),
                cell: Cell::at(at, eleven),
                lat_e7: at.lat_e7,
                lon_e7: at.lon_e7,
                heading_deg: Some(0),
                pdq,
                pdq_quality: 100,
                pdq_dihedral: pdq.0.repeat(8),
                thumbnail: pdq.0.repeat(32),
                sequence: None,
                uploaded_at: Some(Timestamp(0)),
                contributor: "ada".to_owned(),
                path: name,
                ordinal: 0,
            }
        })
        .collect()
}

/// The eight hashes of so many pictures, each 256 bytes: random bits, like those of pictures that show different places.
#[must_use]
pub fn hashes(count: u64) -> Vec<Vec<u8>> {
    let position = |number: u64| Digest::of(&number.to_le_bytes()).0;
    (0..count)
        .map(|step| (0..8).flat_map(|turn| position(step * 8 + turn)).collect())
        .collect()
}

/// So many candidates at one place, looking all ways, whose hashes have nothing to do with each other.
#[must_use]
pub fn crowd(count: u64) -> Vec<Candidate> {
    let mut rows = candidates(count);
    for ((step, row), dihedral) in (0_u32..).zip(&mut rows).zip(hashes(count)) {
        let place = position(0);
        (row.lat_e7, row.lon_e7) = (place.lat_e7, place.lon_e7);
        if let Ok(eleven) = resolution(11) {
            row.cell = Cell::at(place, eleven);
        }
        row.heading_deg = Some(step * 7 % 360);
        row.pdq = Digest(std::array::from_fn(|at| {
            dihedral.get(at).copied().unwrap_or_default()
        }));
        row.pdq_dihedral = dihedral;
    }
    rows
}

/// Coverage of so many different cells, in key order.
#[must_use]
pub fn coverage(count: u64) -> Vec<Coverage> {
    let Ok(eleven) = resolution(11) else {
        return Vec::new();
    };
    let mut cells: Vec<Cell> = (0..count)
        .map(|step| Cell::at(position(step * 7), eleven))
        .collect();
    cells.sort_unstable();
    cells.dedup();
    cells
        .into_iter()
        .map(|cell| Coverage {
            cell,
            score_ppm: Ppm::new(500_000),
            quality_ppm: Ppm::new(500_000),
            freshness_ppm: Ppm::ONE,
            confidence_ppm: Ppm::new(333_333),
            directions: 1,
            contributors: 1,
            passes: 1,
            images: 1,
            newest_captured_at: Some(Timestamp(0)),
            best_image: None,
        })
        .collect()
}

/// So many contributors, each with something to claim and an address.
#[must_use]
pub fn paid(count: u64) -> Vec<Reward> {
    (0..count)
        .map(|number| {
            let contributor = format!("contributor-{number}");
            let digits = Digest::of(contributor.as_bytes()).to_string();
            Reward {
                payout_address: digits.get(..40).map(|digits| format!("0x{digits}")),
                contributor,
                credit: number,
                weight_ppm: Ppm::ZERO,
                reward: number + 1,
                carried: 0,
                adjustment: 0,
                claim: number + 1,
                debt: 0,
            }
        })
        .collect()
}
