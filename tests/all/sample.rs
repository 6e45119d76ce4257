//! `cairn sample`: the same seed is the same world, its files are read back as they were meant, and its truth fits them.

use std::collections::BTreeMap;
use std::path::Path;

use cairn_datasets::city::world::{Attack, Imagined, Item, TraceFormat, World, WorldSpec};
use cairn_datasets::codec::parquet;
use cairn_datasets::digest::Digest;
use cairn_datasets::table::{Row, assert_sorted_unique};
use cairn_datasets::tables::TrueRecord;
use cairn_stages::ingest::trace::{self, RawFix, TraceLimits};
use cairn_tests::files_below;

use crate::fixtures::{CITY, cairn, scratch};

/// Arguments of a world small enough for a test.
const SMALL: [&str; 10] = [
    "--contributors",
    "4",
    "--drives",
    "2",
    "--hours",
    "0.08",
    "--frames",
    "8",
    "--width",
    "64",
];

fn sample(out: &str, further: &[&str]) -> serde_json::Value {
    let mut args = vec!["sample", "city", "--json", "--out", out];
    args.extend(SMALL);
    args.extend(["--height", "64"]);
    args.extend(further);
    serde_json::from_str(&cairn().succeed(&args)).unwrap()
}

fn digests(folder: &Path) -> BTreeMap<String, Digest> {
    let named = files_below(folder).into_iter();
    let named = named.map(|(name, bytes)| (name, Digest::of(&bytes)));
    named.collect()
}

fn rows<R: Row>(path: &Path) -> Vec<R> {
    R::from_batch(&parquet::read(std::fs::read(path).unwrap().into()).unwrap()).unwrap()
}

#[test]
fn the_same_seed_is_the_same_world_on_any_number_of_threads() {
    let scratch = scratch();
    let made = |name: &str, further: &[&str]| {
        let _ = sample(&scratch.arg(name), further);
        digests(&scratch.join(name))
    };
    let one = made("one", &["--threads", "1"]);
    assert!(one.len() > 100, "{} files", one.len());
    assert_eq!(one, made("three", &["--threads", "3"]));
    let other = made("other", &["--seed", "21"]);
    let same = one
        .iter()
        .filter(|(path, digest)| other.get(*path) == Some(digest))
        .count();
    assert_eq!(same, 0);
}

#[test]
fn the_truth_names_what_lies_in_the_source_and_reads_back() {
    let scratch = scratch();
    let said = sample(&scratch.arg("city"), &[]);
    let truth: Vec<TrueRecord> = rows(&scratch.join("city/truth.parquet"));
    assert_eq!(said["truth_rows"], truth.len());
    assert_sorted_unique(&truth).unwrap();
    let files = digests(&scratch.join("city/source"));
    let objects: BTreeMap<&str, &TrueRecord> = truth
        .iter()
        .filter(|row| row.kind == "object")
        .map(|row| (row.path.as_str(), row))
        .collect();
    assert_eq!(objects.len() + 1, files.len(), "uploads.csv is no object");
    assert!(objects.keys().all(|path| files.contains_key(*path)));
    // A copy names a file of somebody honest; an exact copy has its bytes.
    let mut exact = 0;
    for row in objects.values().filter(|row| row.label == "copy") {
        let of = objects[row.of_path.as_deref().unwrap()];
        assert!(["honest", "standing"].contains(&of.label.as_str()));
        if row.attack == "exact-copy" {
            assert_eq!(files[&row.path], files[&of.path]);
            exact += 1;
        }
    }
    assert!(exact > 0);
    let attacks: std::collections::BTreeSet<&str> = truth.iter().map(|row| row.attack.as_str()).collect();
    assert_eq!(attacks.len(), Attack::ALL.len() + 1, "every attack, and none");
    // Fixes point at fixes that are there.
    let keys: std::collections::BTreeSet<_> = truth
        .iter()
        .map(|row| (&row.path, &row.kind, row.ordinal))
        .collect();
    for row in truth.iter().filter(|row| row.kind == "fix") {
        if let (Some(path), Some(ordinal)) = (&row.of_path, row.of_ordinal) {
            assert!(keys.contains(&(path, &row.kind, ordinal)), "{row:?}");
        }
    }
}

#[test]
fn no_fixes_leaves_them_out() {
    let scratch = scratch();
    let _ = sample(&scratch.arg("city"), &["--no-fixes", "--attacks", "none"]);
    let truth: Vec<TrueRecord> = rows(&scratch.join("city/truth.parquet"));
    assert!(truth.iter().all(|row| row.kind != "fix" && row.attack.is_empty()));
}

#[test]
fn one_drive_reads_the_same_in_every_format() {
    let world = World::new(&WorldSpec {
        contributors: 12,
        frames_per_drive: 0,
        ..WorldSpec::default()
    });
    for number in (0..world.parties()).rev().take(12) {
        let party = world.party(number);
        let item = party.items.iter().find(|item| !item.is_picture()).unwrap();
        let read = |format, as_format| {
            let bytes = world.trace_as(item, format).unwrap().unwrap();
            let head = &bytes[..bytes.len().min(4_096)];
            assert_eq!(trace::sniff("", head), Some(as_format));
            let content = trace::read_trace(as_format, &bytes, &TraceLimits::default()).unwrap();
            assert_eq!(content.fault, None);
            content.fixes
        };
        let gpx = read(TraceFormat::Gpx, trace::TraceFormat::Gpx);
        let truth = world.records(item, true);
        assert_eq!(gpx.len(), truth.iter().filter(|row| row.kind == "fix").count());
        assert!(gpx.len() > 300);
        let place = |fix: &RawFix| (fix.time_us.unwrap(), fix.lat_e7.unwrap(), fix.lon_e7.unwrap());
        for (fix, row) in gpx.iter().zip(&truth) {
            assert_eq!(fix.time_us.unwrap(), row.true_at.unwrap().0 * 1_000);
            // Within 100 m of the truth, whatever the receiver does.
            assert!((fix.lat_e7.unwrap() - row.true_lat_e7.unwrap()).abs() < 9_000);
        }
        let fit = read(TraceFormat::Fit, trace::TraceFormat::Fit);
        let parquet = read(TraceFormat::Parquet, trace::TraceFormat::Parquet);
        let nmea = read(TraceFormat::Nmea, trace::TraceFormat::Nmea);
        for (other, tolerance) in [(&fit, 0), (&parquet, 0), (&nmea, 1)] {
            assert_eq!(other.len(), gpx.len());
            for (a, b) in other.iter().zip(&gpx) {
                let ((a_us, a_lat, a_lon), (b_us, b_lat, b_lon)) = (place(a), place(b));
                assert_eq!(a_us, b_us);
                assert!((a_lat - b_lat).abs() <= tolerance && (a_lon - b_lon).abs() <= tolerance);
            }
        }
        for (a, b) in nmea.iter().zip(&gpx).chain(parquet.iter().zip(&gpx)) {
            assert_eq!((a.hdop_milli, a.satellites), (b.hdop_milli, b.satellites));
        }
        assert!(
            fit.iter()
                .all(|fix| fix.accuracy_mm.is_some_and(|mm| (1_000..60_000).contains(&mm)))
        );
    }
}

#[test]
fn a_world_without_pictures_describes_them() {
    let scratch = scratch();
    let said = sample(&scratch.arg("city"), &["--metadata-only"]);
    let images: Vec<Imagined> = rows(&scratch.join("city/images.parquet"));
    assert_eq!(said["pictures"], images.len());
    assert_sorted_unique(&images).unwrap();
    let by_path: BTreeMap<&str, &Imagined> = images.iter().map(|row| (row.path.as_str(), row)).collect();
    let truth: Vec<TrueRecord> = rows(&scratch.join("city/truth.parquet"));
    let hash = |path: &str| Digest(by_path[path].pdq.as_slice().try_into().unwrap());
    let mut copies = 0;
    for row in truth.iter().filter(|row| row.kind == "image") {
        let set: u32 = by_path[row.path.as_str()]
            .pdq
            .iter()
            .map(|byte| byte.count_ones())
            .sum();
        if row.label == "honest" {
            assert_eq!(set, 128, "{}", row.path);
        }
        if let (true, Some(of)) = (
            ["exact-copy", "re-encode"].contains(&row.attack.as_str()),
            &row.of_path,
        ) {
            assert!(
                cairn_stages::pdq::distance(&hash(&row.path), &hash(of)) <= 8,
                "{}",
                row.path
            );
            copies += 1;
        }
    }
    assert!(copies > 0);
    // Its traces can be run.
    let out = scratch.join("out");
    let printed = cairn().publish(&scratch.join("city/source"), &out, &["--epoch", "all"]);
    assert_eq!(printed["inputs"]["objects"], said["objects"]);
}

#[test]
fn honest_drives_are_kept_and_what_shows_nothing_is_not() {
    let objects = CITY.published.table("objects");
    let truth: Vec<TrueRecord> = rows(&CITY.source.join("../truth.parquet"));
    let mut wrong = Vec::new();
    for row in truth.iter().filter(|row| row.kind == "object") {
        let at = objects.find("path", &row.path);
        let (verdict, reason) = (objects.text("verdict", at), objects.text("reason", at));
        let fine = match (row.label.as_str(), row.attack.as_str()) {
            ("honest", _) => verdict == "kept",
            ("unusable", _) => verdict != "kept",
            (_, "exact-copy") => reason.starts_with("O6"),
            (_, "metadata-edit") if row.label == "copy" => reason.starts_with("D2"),
            _ => true,
        };
        if !fine {
            wrong.push(format!(
                "{} is {} {}: {verdict} {reason}",
                row.path, row.label, row.detail
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The PDQ distances of an attack's first copies from their originals, in bits, turned as they lie nearest.
fn distances(world: &World, attack: Attack) -> Vec<u32> {
    let mut studio = world.studio();
    let hashes = |bytes: &[u8]| {
        let limits = cairn_stages::ingest::picture::PictureLimits::default();
        let picture = cairn_stages::ingest::picture::read(bytes, limits).unwrap();
        picture.features.pdq_dihedral
    };
    let parties: Vec<_> = (0..world.parties()).map(|number| world.party(number)).collect();
    let all: BTreeMap<&str, &Item> = parties
        .iter()
        .flat_map(|party| &party.items)
        .map(|item| (item.path.as_str(), item))
        .collect();
    let copies = parties.iter().filter(|party| party.attack == Some(attack));
    let copies = copies
        .flat_map(|party| &party.items)
        .filter(|item| item.is_picture());
    let apart = |item: &Item| {
        let copy = hashes(&studio.make(item));
        let original = hashes(&studio.make(all[item.repeats().unwrap()]));
        cairn_stages::pdq::least_distance(copy.as_flattened(), &Digest(original[0]))
    };
    copies.take(8).map(apart).collect()
}

#[test]
fn copies_lie_as_near_to_their_originals_as_an_edit_leaves_them() {
    let world = World::new(&WorldSpec {
        contributors: 5,
        drives: 2,
        drive_ms: 120_000,
        ..WorldSpec::default()
    });
    for (attack, most) in [
        (Attack::ExactCopy, 0),
        (Attack::MetadataEdit, 0),
        (Attack::ReEncode, 8),
        (Attack::Moved, 8),
        (Attack::ForgedExif, 8),
        (Attack::Resize, 20),
        (Attack::Brightness, 16),
        (Attack::Gamma, 16),
        (Attack::Mirrored, 16),
        (Attack::Rotated, 16),
        (Attack::Crop, 110),
        (Attack::Border, 110),
        // A frame half a second off shows other things near by, and may be as far as any other picture.
        (Attack::TimeShift, 160),
    ] {
        let found = distances(&world, attack);
        assert!(!found.is_empty(), "{}", attack.name());
        assert!(
            found.iter().all(|bits| *bits <= most),
            "{}: {found:?}",
            attack.name()
        );
    }
}
