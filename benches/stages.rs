//! One group per stage. Run with `cargo bench -p cairn-benches --bench stages`.

use std::hint::black_box;

use cairn_benches::{candidates, coverage, frame, paid, trace};
use cairn_datasets::ids::Epochs;
use cairn_stages::dedup::near_duplicates;
use cairn_stages::emit::{GeoParquet, publish};
use cairn_stages::ingest::metadata::read_image_metadata;
use cairn_stages::ingest::picture::{self, PictureLimits};
use cairn_stages::ingest::trace::{TraceLimits, read_gpx};
use cairn_stages::policy::DedupPolicy;
use cairn_stages::reward::apportion;
use cairn_stages::trees::proof::Proof;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn ingest(c: &mut Criterion) {
    let (frame, gpx) = (frame(), trace());
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Elements(1));
    group.bench_function("picture, all features", |b| {
        b.iter(|| picture::read(black_box(&frame), PictureLimits::default()));
    });
    group.bench_function("metadata", |b| b.iter(|| read_image_metadata(black_box(&frame))));
    group.throughput(Throughput::Bytes(gpx.len() as u64));
    group.bench_function("gpx", |b| {
        b.iter(|| read_gpx(black_box(&gpx), &TraceLimits::default()));
    });
    group.finish();
}

fn dedup(c: &mut Criterion) {
    let epochs = Epochs::only("bench");
    let rows = candidates(10_000);
    let mut group = c.benchmark_group("dedup");
    group.throughput(Throughput::Elements(rows.len() as u64));
    group.bench_function("near duplicates", |b| {
        b.iter(|| near_duplicates(&DedupPolicy::default(), &epochs, "tile", black_box(&rows)));
    });
    group.finish();
}

fn reward(c: &mut Criterion) {
    let weights: Vec<(u64, u128)> = (0..100_000).map(|i| (i, u128::from(i % 977 + 1))).collect();
    let mut group = c.benchmark_group("reward");
    group.throughput(Throughput::Elements(weights.len() as u64));
    group.bench_function("apportion", |b| {
        b.iter(|| apportion(1 << 60, black_box(&weights)));
    });
    group.finish();
}

fn emit(c: &mut Criterion) {
    let rows = coverage(10_000);
    let mut group = c.benchmark_group("emit");
    group.throughput(Throughput::Elements(rows.len() as u64));
    group.bench_function("coverage to GeoParquet", |b| {
        b.iter(|| publish(black_box(&rows), GeoParquet::default()));
    });
    group.finish();
}

/// An epoch of 100,000 contributors; one of them proves the claim to who has the proof's file and the root.
fn prove(c: &mut Criterion) {
    let paid = paid(100_000);
    let make = || Proof::of_claim("bench", black_box(&paid), "contributor-4711");
    let (root, file) = make().map_or_else(
        |_| (String::new(), Vec::new()),
        |proof| (proof.root(), serde_json::to_vec(&proof).unwrap_or_default()),
    );
    let verify = || {
        let proof: Option<Proof> = serde_json::from_slice(black_box(&file)).ok();
        proof.and_then(|proof| proof.verify(black_box(&root)).ok())
    };
    assert!(verify().is_some(), "a proof that proves nothing is no measure");
    let mut group = c.benchmark_group("prove");
    group.bench_function("verify a claim from its file", |b| b.iter(verify));
    group.sample_size(10);
    group.bench_function("make its proof", |b| b.iter(make));
    group.finish();
}

criterion_group!(stages, ingest, dedup, reward, emit, prove);
criterion_main!(stages);
