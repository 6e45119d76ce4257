//! What it costs to find near duplicates: looking up pictures among ever more hashes, and a cell of ever more images.
//! `cargo bench -p cairn-benches --bench dedup`, minutes on one thread; with `-- cells` the cells alone; with `-- all` every picture is looked for, which takes
//! half an hour and more: of ten million sorted ones neighbours find the same places, still warm. Each size is measured once, as a run meets it, and the peak
//! of memory so far stands beside it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::cast_precision_loss, reason = "counts under 2^53")]

use std::hint::black_box;
use std::time::Instant;

use cairn_benches::{crowd, hashes};
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_stages::dedup::hash_index::{HashIndex, Query};
use cairn_stages::dedup::near_duplicates;
use cairn_stages::policy::DedupPolicy;

/// Pictures looked for among many more.
const LOOKED_FOR: u64 = 100_000;

fn main() {
    if std::env::args().any(|arg| arg == "all") {
        println!("\nD5: all pictures, each with its eight hashes, looked for among as many within 24 bits");
        for count in [10_000, 100_000, 1_000_000, 10_000_000] {
            index(count, count, 24);
        }
        return;
    }
    if !std::env::args().any(|arg| arg == "cells") {
        indexes();
    }
    println!("\nD4 with crops: all images of one cell, at one place, one thread");
    for count in [1_000, 10_000, 100_000] {
        hot_cell(count);
    }
}

fn indexes() {
    println!("\nD5: pictures, each with its eight hashes, looked for among so many within 24 bits");
    for count in [10_000, 100_000, 1_000_000, 10_000_000] {
        index(count, LOOKED_FOR.min(count), 24);
    }
    println!("\nD4: the same within 31 bits");
    for count in [10_000, 100_000, 1_000_000] {
        index(count, LOOKED_FOR.min(count), 31);
    }
}

fn index(count: u64, wanted: u64, bits: u32) {
    // Random bits are as far apart as pictures of different places.
    let first = |number: u64| Digest::of(&(number * 8).to_le_bytes());
    let indexed: Vec<Digest> = (0..count).map(first).collect();
    let wanted = hashes(wanted);
    let queries: Vec<Query<'_>> = wanted
        .iter()
        .map(|dihedral| Query {
            dihedral,
            before: indexed.len(),
        })
        .collect();
    let started = Instant::now();
    // Each is there itself. That is seen and not taken, so that every place is looked at.
    let mut seen = vec![false; queries.len()];
    let found = HashIndex::new(black_box(&indexed), bits).earliest(&queries, |query, hit| {
        if let Some(seen) = seen.get_mut(query) {
            *seen |= hit.at == query;
        }
        false
    });
    let seconds = started.elapsed().as_secs_f64();
    assert!(found.iter().all(Option::is_none) && seen.into_iter().all(|seen| seen));
    println!(
        "  {:>7} among {count:>10}: {seconds:>8.2} s, {:>7.1} us each, peak {} MB",
        queries.len(),
        seconds * 1e6 / queries.len() as f64,
        peak_mb()
    );
}

fn hot_cell(count: u64) {
    let rows = crowd(count);
    let started = Instant::now();
    let found = near_duplicates(
        &DedupPolicy::default(),
        &Epochs::only("bench"),
        "tile",
        black_box(&rows),
    );
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "  {count:>7} images: {seconds:>8.2} s, {:>7.1} us each, {} found, peak {} MB",
        seconds * 1e6 / count as f64,
        found.len(),
        peak_mb()
    );
}

/// The most memory that this process has held, where the system tells.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kb.unwrap_or_default() / 1_000
}
