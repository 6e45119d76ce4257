//! The sample city from its files to a published epoch. Run with
//! `cargo bench -p cairn-benches --bench end_to_end`.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up has to stop")]

use cairn::commands::run::{Args, Geometries, run};
use cairn::engine::Bounds;
use cairn::progress::Progress;
use cairn::store::{Store, runtime};
use cairn_datasets::city::{CitySpec, city};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn end_to_end(c: &mut Criterion) {
    let io = runtime().expect("the I/O runtime");
    let home = tempfile::tempdir().expect("a folder");
    let source = home.path().join("source").to_string_lossy().into_owned();
    let store = Store::create(&source, &io).expect("a source");
    let mut bytes = 0;
    for file in city(&CitySpec::default()) {
        bytes += file.bytes.len() as u64;
        store.put(&file.path, file.bytes).expect("a file of the city");
    }
    let args = |folder: &std::path::Path| Args {
        source: source.clone(),
        out: folder.join("out").to_string_lossy().into_owned(),
        epoch: "all".into(),
        policy: None,
        set: Vec::new(),
        previous: Vec::new(),
        adjustments: Vec::new(),
        operator: None,
        pool: 1_000_000,
        as_of: None,
        threads: 0,
        work: Some(folder.join("work").to_string_lossy().into_owned()),
        bounds: Bounds::default(),
        tile_resolution: 6,
        geoparquet: Geometries::default(),
        json: false,
    };
    let mut group = c.benchmark_group("end to end");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("sample city", |b| {
        b.iter_batched(
            || tempfile::tempdir().expect("a folder"),
            |folder| run(&args(folder.path()), &io, Progress::silent()).expect("a run"),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
