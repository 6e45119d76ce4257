//! A short, deterministic run of the fuzz targets: their seeds, and mutations of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../fuzz/targets.rs"]
mod targets;

/// Mutations of each seed.
const ROUNDS: u64 = 60;
/// Most time for one input. Long inputs are given as seeds only where the parser is linear in them.
const MOST: Duration = Duration::from_secs(1);

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut seeds: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

/// The next number of a fixed sequence (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Changes some bytes, cuts something out, doubles something or ends the file early.
fn mutate(seed: &[u8], state: &mut u64) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=next(state) % 4 {
        if bytes.is_empty() {
            return bytes;
        }
        let mut place = || usize::try_from(next(state) % bytes.len() as u64).unwrap();
        let (a, b) = (place(), place());
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
        match next(state) % 6 {
            0 => bytes[from] ^= 1 << (next(state) % 8),
            1 => bytes[from] = *b"\x00\xff\x7f\x80<\",9".get(b % 8).unwrap(),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let part = bytes[from..to].to_vec();
                bytes.splice(from..from, part);
            }
            4 => bytes.truncate(from),
            _ => bytes[from..to].fill(0xff),
        }
    }
    bytes
}

fn timed(target: &str, what: &str, bytes: &[u8]) {
    let started = Instant::now();
    targets::run(target, bytes);
    let took = started.elapsed();
    assert!(took < MOST, "{target} took {took:?} for {what}");
}

#[test]
fn every_target_keeps_its_promises_on_its_seeds_and_on_mutations_of_them() {
    for target in targets::TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for (path, seed) in seeds {
            timed(target, &path.display().to_string(), &seed);
            let mut state = seed.len() as u64;
            for round in 0..ROUNDS {
                let mutated = mutate(&seed, &mut state);
                timed(target, &format!("{} in round {round}", path.display()), &mutated);
            }
        }
    }
}
