//! A run over real files of twenty contributors: what is known about them must be found.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use cairn_tests::{Frame, Published, copy_folder, files_below, real};

use crate::fixtures::{NETWORK, cairn, scratch};

/// Reasons that need neither a number nor a word: the clause says all there is to say.
const SAY_ALL_THEMSELVES: [&str; 2] = ["I1-no-position", "I3-no-time"];

fn listed(source: &std::path::Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(source.join("uploads.csv")).unwrap();
    let paths = text.lines().skip(1).filter_map(|line| line.split(',').next());
    paths.map(str::to_owned).collect()
}

#[test]
fn every_listed_object_has_one_verdict() {
    let Some(world) = NETWORK.as_ref() else { return };
    let objects = world.published.table("objects");
    let paths: Vec<String> = (0..objects.rows())
        .map(|row| objects.text("path", row).to_owned())
        .collect();
    assert_eq!(paths.len(), 315);
    assert_eq!(paths.into_iter().collect::<BTreeSet<_>>(), listed(&world.source));
    for row in 0..objects.rows() {
        let (verdict, reason) = (objects.text("verdict", row), objects.text("reason", row));
        assert!(["kept", "duplicate", "rejected"].contains(&verdict), "{verdict}");
        assert_eq!(
            verdict == "kept",
            reason.is_empty(),
            "{}",
            objects.text("path", row)
        );
    }
}

#[test]
fn what_is_printed_is_the_manifest_with_timings() {
    let Some(world) = NETWORK.as_ref() else { return };
    let mut printed = world.printed.clone();
    let run = printed.as_object_mut().unwrap().remove("run").unwrap();
    assert_eq!(printed, world.published.manifest);
    assert!(run["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn policy_r5_r6_rewards_make_the_pool_and_lines_make_rewards() {
    let Some(world) = NETWORK.as_ref() else { return };
    sums_hold(&world.published, 1_000_000);
}

/// R5 and R6, added up from the published files.
pub(crate) fn sums_hold(published: &Published, pool: i128) {
    let rewards = published.table("rewards");
    let paid: i128 = (0..rewards.rows()).map(|row| rewards.int("reward", row)).sum();
    assert_eq!(paid + i128::from(published.number("unallocated")), pool);
    assert_eq!(i128::from(published.number("pool")), pool);
    let credits = published.table("credits");
    let mut lines: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for row in 0..credits.rows() {
        let line = lines.entry(credits.text("contributor", row)).or_default();
        line.0 += credits.int("credit", row);
        line.1 += credits.int("reward", row);
    }
    for row in 0..rewards.rows() {
        let of = lines.remove(rewards.text("contributor", row));
        let expected = (rewards.int("credit", row), rewards.int("reward", row));
        assert_eq!(of, Some(expected), "{}", rewards.text("contributor", row));
    }
    assert!(lines.is_empty(), "credits of {lines:?}, who have no reward");
}

/// The picture numbers of image ids, and the path of each.
fn paths_of(images: &Frame) -> BTreeMap<&str, &str> {
    (0..images.rows())
        .map(|row| (images.text("image_id", row), images.text("path", row)))
        .collect()
}

/// Hamming distance of two hashes in hex.
fn bits(a: &str, b: &str) -> u32 {
    let digit = |c: char| c.to_digit(16).unwrap();
    a.chars()
        .zip(b.chars())
        .map(|(a, b)| (digit(a) ^ digit(b)).count_ones())
        .sum()
}

#[test]
fn no_reencoded_twin_is_kept_and_each_names_its_own_original() {
    let Some(world) = NETWORK.as_ref() else { return };
    let images = world.published.table("images");
    let paths = paths_of(&images);
    let objects = world.published.table("objects");
    let mut originals = BTreeSet::new();
    let mut twins = 0;
    for row in 0..images.rows() {
        let path = images.text("path", row);
        if images.text("contributor", row) != "opensfm-reencoded" {
            continue;
        }
        twins += 1;
        assert_eq!(images.text("verdict", row), "duplicate", "{path}");
        let original = images.text("duplicate_of", row);
        let original_path = paths.get(original).copied().unwrap_or_default();
        assert!(
            original_path.starts_with("opensfm/"),
            "{path} is said to repeat `{original_path}`"
        );
        let object = objects.find("path", path);
        assert_eq!(objects.text("duplicate_of", object), original_path, "{path}");
        // The nearest of all originals, by hashes held against each other here.
        let near = |of: usize| bits(images.text("pdq", row), images.text("pdq", of));
        let opensfm = (0..images.rows()).filter(|of| images.text("contributor", *of) == "opensfm");
        let nearest = opensfm.min_by_key(|of| near(*of)).unwrap();
        assert!(near(nearest) <= 24, "{path} has no twin: {} bits", near(nearest));
        assert_eq!(images.text("path", nearest), original_path, "{path}");
        originals.insert(original_path);
    }
    assert_eq!((twins, originals.len()), (30, 30));
    let rewards = world.published.table("rewards");
    let paid = (0..rewards.rows()).any(|row| rewards.text("contributor", row) == "opensfm-reencoded");
    assert!(!paid, "copies earned something");
}

#[test]
fn policy_d3_all_frames_of_the_walk_in_lund_are_kept() {
    let Some(world) = NETWORK.as_ref() else { return };
    let objects = world.published.table("objects");
    let lund: Vec<usize> = (0..objects.rows())
        .filter(|row| objects.text("path", *row).starts_with("opensfm/lund/"))
        .collect();
    assert_eq!(lund.len(), 29);
    for row in lund {
        let said = (objects.text("verdict", row), objects.text("reason", row));
        assert_eq!(said, ("kept", ""), "{}", objects.text("path", row));
    }
}

#[test]
fn policy_i6_both_lens_caps_are_rejected_with_numbers() {
    let Some(world) = NETWORK.as_ref() else { return };
    let objects = world.published.table("objects");
    let caps: Vec<usize> = (0..objects.rows())
        .filter(|row| objects.text("path", *row).contains("LENS_CAP"))
        .collect();
    assert_eq!(caps.len(), 2);
    for row in caps {
        assert!(
            objects.text("reason", row).starts_with("I6-"),
            "{}",
            objects.text("reason", row)
        );
        let (measured, threshold) = (objects.int("measured", row), objects.int("threshold", row));
        assert!(measured < threshold, "{measured} of {threshold}");
    }
}

#[test]
fn every_object_that_is_not_kept_says_why() {
    let Some(world) = NETWORK.as_ref() else { return };
    let objects = world.published.table("objects");
    for row in 0..objects.rows() {
        let (path, reason) = (objects.text("path", row), objects.text("reason", row));
        if objects.text("verdict", row) == "kept" {
            continue;
        }
        assert!(is_code(reason), "{path}: `{reason}`");
        let numbers =
            objects.maybe_int("measured", row).is_some() && objects.maybe_int("threshold", row).is_some();
        let words = !objects.text("detail", row).is_empty() || !objects.text("duplicate_of", row).is_empty();
        let plain = SAY_ALL_THEMSELVES.contains(&reason);
        assert!(
            numbers || words || plain,
            "{path}: {reason} has neither numbers nor words"
        );
    }
}

/// A clause, a hyphen, a slug: `D4-near-duplicate`.
fn is_code(text: &str) -> bool {
    let Some((clause, slug)) = text.split_once('-') else {
        return false;
    };
    let mut letters = clause.chars();
    letters.next().is_some_and(|c| "OXFIDPE".contains(c))
        && letters.as_str().parse::<u8>().is_ok()
        && !slug.is_empty()
        && slug
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn counts_of_reasons_in_the_manifest_are_those_of_the_rows() {
    let Some(world) = NETWORK.as_ref() else { return };
    reasons_are_counted(&world.published);
}

/// DESIGN.md, 3.9: the sums of each reason are in the manifest.
pub(crate) fn reasons_are_counted(published: &Published) {
    for table in ["objects", "images", "passes"] {
        let frame = published.table(table);
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for row in 0..frame.rows() {
            let reason = frame.text("reason", row);
            *counts
                .entry(if reason.is_empty() { "kept" } else { reason })
                .or_default() += 1;
        }
        assert_eq!(
            published.manifest["verdicts"][table],
            serde_json::json!(counts),
            "{table}"
        );
    }
}

#[test]
fn hostile_files_stop_nothing_and_take_no_time() {
    let Some(hostile) = real("network/hostile") else {
        return;
    };
    let scratch = scratch();
    copy_folder(&hostile, &scratch.join("source/hostile"));
    let files = files_below(&scratch.join("source")).len();
    let started = Instant::now();
    let printed = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let taken = started.elapsed().as_secs_f64();
    assert_eq!(printed["inputs"]["objects"], files);
    let verdicts = printed["verdicts"]["objects"].as_object().unwrap();
    let counted: u64 = verdicts.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, files as u64);
    // What a billion laughs, 20,000 nested elements and a huge declared size may cost, in debug too.
    let run = printed["run"]["seconds"].as_f64().unwrap();
    assert!(run < 3.0, "{run} s in the run, {taken} s in all");
}

/// Every run of characters in some bytes that reads like an e-mail address.
fn addresses(bytes: &[u8]) -> BTreeSet<String> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"._+-".contains(b);
    let ats = bytes.iter().enumerate().filter(|(_, b)| **b == b'@');
    ats.filter_map(|(at, _)| {
        let before = bytes[..at].iter().rev().take_while(|b| part(b)).count();
        let after = bytes[at + 1..].iter().take_while(|b| part(b)).count();
        let domain = std::str::from_utf8(&bytes[at + 1..at + 1 + after])
            .ok()?
            .trim_end_matches('.');
        let top = domain.rsplit_once('.')?.1;
        // Compressed data is full of `a@b.c`: an address has a name, and a top-level domain of letters.
        let real =
            before >= 3 && top.len() >= 2 && domain.len() >= 6 && top.bytes().all(|b| b.is_ascii_lowercase());
        let from = &bytes[at - before..at];
        real.then(|| format!("{}@{domain}", String::from_utf8_lossy(from)))
    })
    .collect()
}

#[test]
fn no_address_of_an_upload_is_published() {
    let Some(world) = NETWORK.as_ref() else { return };
    let sent: BTreeSet<String> = files_below(&world.source)
        .values()
        .flat_map(|bytes| addresses(bytes))
        .collect();
    assert!(
        !sent.is_empty(),
        "the uploads hold an address, else this test tests nothing"
    );
    let mut published = Vec::new();
    for (path, bytes) in files_below(&world.published.folder) {
        published.extend(
            addresses(&bytes)
                .into_iter()
                .map(|address| (path.clone(), address)),
        );
    }
    for table in cairn_tests::TABLES {
        for (column, values) in world.published.table(table).columns() {
            let texts = values.iter().map(|value| format!("{value:?}"));
            let found = texts.flat_map(|text| addresses(text.as_bytes()));
            published.extend(found.map(|address| (format!("{table}.{column}"), address)));
        }
    }
    published.retain(|(_, address)| sent.contains(address));
    assert_eq!(published, []);
}
