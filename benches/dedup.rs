//! Near duplicates in a crowd: the index over hashes, and a cell of 100,000 images. Run with
//! `cargo bench -p cairn-benches --bench dedup`; a million hashes take minutes.

use std::hint::black_box;

use cairn_benches::{crowd, hashes};
use cairn_datasets::digest::Digest;
use cairn_datasets::ids::Epochs;
use cairn_stages::dedup::hash_index::{HashIndex, Query};
use cairn_stages::dedup::near_duplicates;
use cairn_stages::policy::DedupPolicy;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Each hash with the eight of its picture against all before it.
fn index(c: &mut Criterion) {
    let mut group = c.benchmark_group("hash index");
    group.sample_size(10);
    for (count, bits) in [
        (10_000, 24),
        (10_000, 31),
        (100_000, 24),
        (100_000, 31),
        (1_000_000, 24),
    ] {
        let dihedral = hashes(count);
        let first = |hashes: &Vec<u8>| {
            Digest(std::array::from_fn(|at| {
                hashes.get(at).copied().unwrap_or_default()
            }))
        };
        let indexed: Vec<Digest> = dihedral.iter().map(first).collect();
        let queries: Vec<Query<'_>> = dihedral
            .iter()
            .enumerate()
            .map(|(before, dihedral)| Query { dihedral, before })
            .collect();
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("{count} within {bits} bits"), |b| {
            b.iter(|| HashIndex::new(black_box(&indexed), bits).earliest(&queries, |_, _| true));
        });
    }
    group.finish();
}

fn hot_cell(c: &mut Criterion) {
    let epochs = Epochs::only("bench");
    let mut group = c.benchmark_group("hot cell");
    group.sample_size(10);
    for count in [10_000, 100_000] {
        let rows = crowd(count);
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("{count} images"), |b| {
            b.iter(|| near_duplicates(&DedupPolicy::default(), &epochs, "tile", black_box(&rows)));
        });
    }
    group.finish();
}

criterion_group!(benches, index, hot_cell);
criterion_main!(benches);
