//! One group per stage. Run with `cargo bench -p cairn-benches --bench stages`.

use std::hint::black_box;

use cairn_benches::{candidates, coverage, frame, trace};
use cairn_datasets::ids::Epochs;
use cairn_stages::dedup::near_duplicates;
use cairn_stages::emit::{GeoParquet, publish};
use cairn_stages::ingest::metadata::read_image_metadata;
use cairn_stages::ingest::picture::{self, PictureLimits};
use cairn_stages::ingest::trace::{TraceLimits, read_gpx};
use cairn_stages::policy::DedupPolicy;
use cairn_stages::reward::apportion;
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

criterion_group!(stages, ingest, dedup, reward, emit);
criterion_main!(stages);
