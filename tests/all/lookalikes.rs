//! Every image of a sample city with every attack, held against every earlier one: what D1, D2, D4 and D5 find by
//! digests, tiles and an index is what the quadratic search finds, however the tiles are cut and whoever cuts them.

use std::collections::BTreeMap;

use cairn_datasets::cell::{Cell, resolution};
use cairn_datasets::digest::Digest;
use cairn_datasets::units::Position;
use cairn_stages::alike;
use cairn_stages::ingest::picture::{self, PictureLimits, features::Features};
use cairn_stages::pdq;
use cairn_tests::{Frame, Published};

use crate::fixtures::{CITY, World, cairn, scratch};
use crate::order::{Order, order};

/// An image as the clauses see it.
struct Seen {
    id: String,
    order: Order,
    digests: [String; 2],
    features: Features,
    at: Option<(Position, Cell)>,
    heading: Option<i128>,
    sequence: String,
    reason: String,
    duplicate_of: String,
}

impl Seen {
    /// Whether it passed O and I, and may be an original.
    fn passed(&self) -> bool {
        self.reason.is_empty() || self.reason.starts_with('D')
    }

    /// What another may resemble: it passed, stands somewhere and has a hash.
    fn shows(&self) -> bool {
        self.passed() && self.at.is_some() && self.features.pdq_quality >= 50
    }
}

/// The images of a run in the one order, with the features of their files.
fn seen(world: &World) -> Vec<Seen> {
    let images = world.published.table("images");
    let epoch = world.published.manifest["reward_epoch"].as_str().unwrap();
    let mut seen: Vec<Seen> = (0..images.rows())
        .map(|row| see(world, &images, row, epoch))
        .collect();
    seen.sort_by(|a, b| a.order.cmp(&b.order));
    seen
}

fn see(world: &World, images: &Frame, row: usize, epoch: &str) -> Seen {
    let text = |column: &str| images.text(column, row).to_owned();
    let bytes = std::fs::read(world.source.join(text("path"))).unwrap();
    let degrees = |column: &str| Some(i32::try_from(images.maybe_int(column, row)?).unwrap());
    let position = degrees("lat_e7").zip(degrees("lon_e7"));
    let position = position.and_then(|(lat, lon)| Position::new(lat, lon));
    Seen {
        id: text("image_id"),
        order: order(epoch, images, row),
        digests: [text("sha256"), text("picture_sha256")],
        features: picture::read(&bytes, PictureLimits::default()).unwrap().features,
        at: position.map(|at| (at, Cell::at(at, resolution(11).unwrap()))),
        heading: images.maybe_int("heading_deg", row),
        sequence: text("sequence"),
        reason: text("reason"),
        duplicate_of: text("duplicate_of"),
    }
}

/// The great-circle distance in metres, on a sphere.
fn metres(a: Position, b: Position) -> f64 {
    let radians = |e7: i32| (f64::from(e7) / 1e7).to_radians();
    let [lat_a, lat_b] = [a, b].map(|at| radians(at.lat_e7));
    let (north, east) = (lat_b - lat_a, radians(b.lon_e7) - radians(a.lon_e7));
    let half = (north / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (east / 2.0).sin().powi(2);
    2.0 * 6_371_008.8 * half.sqrt().asin()
}

/// Within 25 m and 30 degrees of each other.
fn close(a: &Seen, b: &Seen) -> bool {
    let turned = a.heading.zip(b.heading).map_or(0, |(a, b)| {
        let apart = (a - b).rem_euclid(360);
        apart.min(360 - apart)
    });
    turned <= 30 && about_there(a, b)
}

/// Within 25 m of each other.
fn about_there(a: &Seen, b: &Seen) -> bool {
    let apart = a.at.zip(b.at).map(|((a, _), (b, _))| metres(a, b));
    apart.is_some_and(|apart| apart <= 25.0)
}

fn bits(later: &Seen, earlier: &Seen) -> u32 {
    let apart = |hash: &[u8; 32]| pdq::distance(&Digest(*hash), &Digest(earlier.features.pdq));
    later.features.pdq_dihedral.iter().map(apart).min().unwrap()
}

/// What the clauses say of an image, given all before it: the clause and whom it repeats.
fn judge<'a>(later: &'a Seen, before: &'a [Seen]) -> (&'a str, &'a str) {
    let clauses = ["D1-same-bytes", "D2-same-picture"];
    for (clause, which) in clauses.into_iter().zip([0, 1]) {
        let mut same = before
            .iter()
            .filter(|other| other.passed() && other.digests[which] == later.digests[which]);
        if let Some(first) = same.next() {
            return (clause, &first.id);
        }
    }
    // What place found on the way stands.
    if !later.shows() || later.reason.starts_with("D3") {
        return (&later.reason, &later.duplicate_of);
    }
    let ring = later.at.map(|(_, cell)| cell.with_ring()).unwrap_or_default();
    let in_ring = |other: &Seen| other.at.is_some_and(|(_, cell)| ring.contains(&cell));
    let shown: Vec<&Seen> = before.iter().filter(|other| other.shows()).collect();
    for other in shown.iter().filter(|other| in_ring(other)) {
        let limit = if close(later, other) { 31 } else { 24 };
        if bits(later, other) <= limit {
            return ("D4-near-duplicate", &other.id);
        }
    }
    if let Some(other) = cropped(later, &shown) {
        return ("D4-crop", &other.id);
    }
    let reused = shown
        .iter()
        .find(|other| !in_ring(other) && bits(later, other) <= 24);
    reused.map_or(("", ""), |other| ("D5-reused", &other.id))
}

/// The earliest of the 32 nearest in bits that lies under it as a crop or a frame does.
fn cropped<'a>(later: &Seen, shown: &[&'a Seen]) -> Option<&'a Seen> {
    let apart = |other: &Seen| pdq::distance(&Digest(later.features.pdq), &Digest(other.features.pdq));
    let mut tries: Vec<(u32, usize)> = shown
        .iter()
        .enumerate()
        .filter(|(_, other)| later.sequence.is_empty() || later.sequence != other.sequence)
        .filter(|(_, other)| about_there(later, other))
        .map(|(at, other)| (apart(other), at))
        .filter(|(bits, _)| *bits <= 124)
        .collect();
    tries.sort_unstable();
    tries.truncate(32);
    let mut tries: Vec<usize> = tries.into_iter().map(|(_, at)| at).collect();
    tries.sort_unstable();
    let alike = |other: &Seen| {
        let [one, two] = [later, other].map(|seen| &seen.features.thumbnail);
        alike::overlay(one, two, 100_000, 955_000)
            .is_some_and(|lies| lies.part_ppm >= 850_000 && lies.is_crop_or_frame(60_000))
    };
    tries.into_iter().map(|at| shown[at]).find(|other| alike(other))
}

#[test]
fn policy_d_verdicts_are_those_of_holding_every_image_against_every_other() {
    let seen = seen(&CITY);
    let mut clauses: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (at, later) in seen.iter().enumerate() {
        let (clause, of) = judge(later, &seen[..at]);
        if (clause, of) != (later.reason.as_str(), later.duplicate_of.as_str()) {
            wrong.push(format!(
                "{}: published {} of {}, by every pair {clause} of {of}",
                later.order.3, later.reason, later.duplicate_of
            ));
        }
        *clauses.entry(clause).or_default() += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        seen.len(),
        wrong.join("\n")
    );
    // A search that finds nothing agrees with anything.
    for clause in [
        "",
        "D1-same-bytes",
        "D2-same-picture",
        "D4-near-duplicate",
        "D4-crop",
        "D5-reused",
    ] {
        assert!(
            clauses.get(clause).is_some_and(|count| *count > 3),
            "{clause}: {clauses:?}"
        );
    }
}

#[test]
fn neither_tiles_nor_threads_decide_about_a_sample_city() {
    for (resolution, threads) in [("4", "1"), ("5", "2"), ("7", "3"), ("8", "8")] {
        let scratch = scratch();
        let further = [
            "--epoch",
            "all",
            "--tile-resolution",
            resolution,
            "--threads",
            threads,
        ];
        let _ = cairn().publish(&CITY.source, &scratch.join("out"), &further);
        let other = Published::below(&scratch.join("out"));
        assert_eq!(
            other.table_digests(),
            CITY.published.table_digests(),
            "resolution {resolution}"
        );
        assert_eq!(other.digest(), CITY.published.digest());
    }
}
