//! Buckets: sources, outputs and work stores on a real S3 server, whole and behind a network that fails.
//!
//! They run when `CAIRN_S3_TESTS=1`; the server is a package from `PyPI`, kept below the target folder.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use cairn_tests::{Cairn, Fault, Proxy, Ran, S3, Seen, Server, files_below};

use crate::fixtures::{SMALL, cairn, scratch, small_city_source};

pub(crate) static SERVER: LazyLock<Option<S3>> = LazyLock::new(|| {
    let folder = crate::fixtures::place("s3-server");
    S3::start(Path::new(env!("CARGO_TARGET_TMPDIR")), &folder)
});

/// The program with access to a port of this machine, and with little patience.
fn on(port: u16, retry_seconds: &str) -> Cairn {
    let environment = S3::environment(port);
    let pairs = environment.iter().map(|(name, value)| (*name, value.as_str()));
    cairn().with(pairs).with([
        ("CAIRN_STORE_RETRY_SECONDS", retry_seconds),
        ("CAIRN_STORE_TIMEOUT_SECONDS", "2"),
    ])
}

/// A bucket with the small city below `source`.
fn city_in(s3: &S3, bucket: &str) {
    s3.make_bucket(bucket);
    let files = files_below(small_city_source()).into_iter();
    s3.put(
        bucket,
        files.map(|(path, bytes)| (format!("source/{path}"), bytes)),
    );
}

fn run(cairn: &Cairn, source: &str, out: &str, work: &str) -> Ran {
    cairn.run(&["run", "--json", "--source", source, "--out", out, "--work", work])
}

fn printed(ran: &Ran) -> serde_json::Value {
    assert_eq!(ran.code, Some(0), "{ran}");
    serde_json::from_str(&ran.stdout).expect("--json prints JSON")
}

/// The tables of an epoch in a bucket are those of the same files on disk, byte for byte.
fn same_tables(s3: &S3, bucket: &str) {
    let name = SMALL.published.folder.file_name().unwrap().to_string_lossy();
    let folder = format!("out/{name}");
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (path, bytes) in s3.files(bucket, &folder) {
        let path = path.strip_prefix(&format!("{folder}/")).unwrap().to_owned();
        if path.ends_with(".parquet") {
            found.insert(path, bytes);
        }
    }
    assert!(found == SMALL.published.parquet_bytes(), "other files or bytes");
}

#[test]
fn source_output_and_work_in_buckets_give_what_folders_give() {
    let Some(s3) = SERVER.as_ref() else { return };
    city_in(s3, "whole");
    let cairn = on(s3.port(), "60");
    let places = ["s3://whole/source", "s3://whole/out", "s3://whole/work"];
    // Left by a run that was interrupted.
    let name = SMALL.published.folder.file_name().unwrap().to_string_lossy();
    let leftover = format!("out/{name}/passes/tile=none/part-9.parquet");
    s3.put("whole", [(leftover, b"half a file".to_vec())]);

    let first = printed(&run(&cairn, places[0], places[1], places[2]));
    assert_eq!(first["results_digest"], SMALL.printed["results_digest"]);
    same_tables(s3, "whole");
    assert!(!s3.files("whole", "work").is_empty());

    let second = printed(&run(&cairn, places[0], places[1], places[2]));
    assert_eq!(second["closed"], true, "{second}");

    let published = format!("s3://whole/out/{name}");
    let audit = cairn.run(&["audit", &published, "--source", places[0]]);
    assert_eq!(audit.code, Some(0), "{audit}");
    let explain = cairn.run(&[
        "explain",
        "s3://whole/out",
        "--object",
        SMALL.published.table("objects").text("path", 0),
    ]);
    assert_eq!(explain.code, Some(0), "{explain}");
    let scratch = scratch();
    let csv = [
        "export",
        &published,
        "--format",
        "csv",
        "--out",
        &scratch.arg("coverage.csv"),
    ];
    assert_eq!(cairn.run(&csv).code, Some(0));
    let there = "s3://whole/exports/coverage.csv";
    let into_bucket = ["export", &published, "--format", "csv", "--out", there];
    assert_eq!(cairn.run(&into_bucket).code, Some(0));
    let (_, bytes) = s3.files("whole", "exports").into_iter().next().unwrap();
    assert_eq!(bytes, std::fs::read(scratch.join("coverage.csv")).unwrap());
    let viewed = Server::start(&cairn, "s3://whole/out", &[]);
    let epoch = viewed.get("/api/epochs").json()["epochs"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let rewards = std::fs::read(SMALL.published.folder.join("rewards.parquet")).unwrap();
    let file = format!("/data/{epoch}/rewards.parquet");
    assert_eq!(viewed.get(&file).body, rewards);
    assert_eq!(viewed.range(&file, "bytes=4-99").body, rewards[4..100]);
    let who = SMALL.published.table("rewards").text("contributor", 0).to_owned();
    let said = cairn.succeed(&["explain", &published, "--contributor", &who]);
    let answer = viewed.get(&format!("/api/{epoch}/contributor/{who}")).json();
    assert_eq!(answer["text"], said.as_str());
    // The catalog of the bucket is that of the folder.
    let out = SMALL.published.folder.parent().unwrap();
    for path in ["catalog.json", "items.parquet", "stac/coverage/collection.json"] {
        let there: BTreeMap<String, Vec<u8>> = s3.files("whole", "out").into_iter().collect();
        let bytes = there.get(&format!("out/{path}"));
        assert!(bytes == Some(&std::fs::read(out.join(path)).unwrap()), "{path}");
    }
}

/// A trace of twenty seconds, somewhere of its own.
fn small_trace(number: u32) -> Vec<u8> {
    let (lat, lon) = (
        50. + f64::from(number / 100) * 0.002,
        8. + f64::from(number % 100) * 0.003,
    );
    let points = (0..20).fold(String::new(), |points, second| {
        let lat = lat + f64::from(second) * 5e-5;
        points
            + &format!(
                "<trkpt lat=\"{lat:.6}\" lon=\"{lon:.6}\"><time>2026-05-12T08:00:{second:02}Z</time></trkpt>"
            )
    });
    format!("<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>{points}</trkseg></trk></gpx>")
        .into_bytes()
}

#[test]
fn ten_thousand_small_objects_are_listed_and_read() {
    const OBJECTS: u32 = 10_000;
    let Some(s3) = SERVER.as_ref() else { return };
    s3.make_bucket("many");
    let path = |number: u32| format!("c{:03}/walk/{number:05}.gpx", number % 250);
    let started = Instant::now();
    s3.put(
        "many",
        (0..OBJECTS).map(|number| (path(number), small_trace(number))),
    );
    let stored = started.elapsed();
    let scratch = scratch();
    for number in 0..OBJECTS {
        scratch.write(&format!("source/{}", path(number)), small_trace(number));
    }
    let there = printed(&run(
        &on(s3.port(), "60"),
        "s3://many",
        &scratch.arg("out-s3"),
        &scratch.arg("work-s3"),
    ));
    let here = printed(&run(
        &cairn(),
        &scratch.arg("source"),
        &scratch.arg("out"),
        &scratch.arg("work"),
    ));
    assert_eq!(there["inputs"]["objects"], OBJECTS);
    assert_eq!(there["results_digest"], here["results_digest"]);
    let seconds = |run: &serde_json::Value, what: &str| run["run"][what].as_f64().unwrap();
    let line = format!(
        "measured: {OBJECTS} objects put in {:.1} s; listed and read from S3 in {:.1} s (from a folder {:.1} s); \
         whole runs {:.1} s and {:.1} s",
        stored.as_secs_f64(),
        seconds(&there, "seconds_ingest"),
        seconds(&here, "seconds_ingest"),
        seconds(&there, "seconds"),
        seconds(&here, "seconds"),
    );
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn faults_that_pass_change_nothing() {
    let Some(s3) = SERVER.as_ref() else { return };
    city_in(s3, "faulty");
    let proxy = Proxy::to(s3.port());
    proxy.plan(|seen| match seen.number {
        n if n % 11 == 3 => Fault::Status(500, "InternalError"),
        n if n % 13 == 5 => Fault::Status(503, "SlowDown"),
        n if n % 17 == 7 => Fault::Cut,
        n if n % 19 == 8 => Fault::Reset,
        n if n % 97 == 9 => Fault::Stall(Duration::from_secs(3)),
        n if n % 23 == 10 => Fault::Status(429, "TooManyRequests"),
        _ => Fault::None,
    });
    let cairn = on(proxy.port(), "60");
    let ran = run(
        &cairn,
        "s3://faulty/source",
        "s3://faulty/out",
        "s3://faulty/work",
    );
    assert_eq!(printed(&ran)["results_digest"], SMALL.printed["results_digest"]);
    same_tables(s3, "faulty");
    assert!(proxy.count(|_| true) > 200, "hardly a fault was made");
}

/// Reading an object of a bucket, and not its listing.
fn reads(seen: &Seen) -> bool {
    seen.method == "GET" && !seen.target.contains("list-type")
}

#[test]
fn one_object_that_cannot_be_read_is_named_and_the_rest_is_kept() {
    let Some(s3) = SERVER.as_ref() else { return };
    city_in(s3, "stuck");
    let objects = SMALL.published.table("objects");
    let stuck = objects.text("path", objects.rows() / 2).to_owned();
    let proxy = Proxy::to(s3.port());
    let cairn = on(proxy.port(), "2");
    for (status, code, says) in [
        (403, "AccessDenied", "access is denied"),
        (500, "InternalError", "InternalError"),
    ] {
        let scratch = scratch();
        let (out, work) = (scratch.arg("out"), scratch.arg("work"));
        let name = stuck.clone();
        proxy.plan(move |seen| {
            if reads(seen) && seen.target.ends_with(&name) {
                Fault::Status(status, code)
            } else {
                Fault::None
            }
        });
        let ran = run(&cairn, "s3://stuck/source", &out, &work);
        ran.failed_saying(
            1,
            &["reading", &stuck, "s3://stuck/source", says, "made by a test"],
        );
        let first = proxy.count(reads);
        proxy.plan(|_| Fault::None);
        let resumed = printed(&run(&cairn, "s3://stuck/source", &out, &work));
        assert_eq!(resumed["results_digest"], SMALL.printed["results_digest"]);
        let second = proxy.count(reads);
        assert!(second > 0 && second * 2 < first, "{second} reads after {first}");
    }
}

/// A store that gives other bytes than it was given: of an upload the object is named, of a published file its table.
#[test]
fn an_audit_on_a_store_that_lies_says_no_and_names_what_was_changed() {
    let Some(s3) = SERVER.as_ref() else { return };
    city_in(s3, "lying");
    let proxy = Proxy::to(s3.port());
    let cairn = on(proxy.port(), "10");
    let printed = printed(&run(
        &cairn,
        "s3://lying/source",
        "s3://lying/out",
        "s3://lying/work",
    ));
    let published = format!(
        "s3://lying/out/reward_epoch={}",
        printed["reward_epoch"].as_str().unwrap()
    );
    let objects = SMALL.published.table("objects");
    let kept = (0..objects.rows())
        .find(|row| objects.text("verdict", *row) == "kept")
        .unwrap();
    let upload = objects.text("path", kept).to_owned();
    for (lie, table) in [
        (upload.as_str(), "objects"),
        ("rewards.parquet", "rewards"),
        ("coverage.pmtiles", "coverage.pmtiles"),
    ] {
        let name = lie.to_owned();
        proxy.plan(move |seen| {
            if reads(seen) && seen.target.ends_with(&name) {
                Fault::Lie
            } else {
                Fault::None
            }
        });
        let ran = cairn.run(&["audit", &published, "--source", "s3://lying/source"]);
        assert_eq!(ran.code, Some(3), "{lie}: {ran}");
        assert!(
            ran.stdout.contains(&format!("MISMATCH {table}: ")) && ran.stdout.contains("No: "),
            "{ran}"
        );
        assert!(lie != upload || ran.stdout.contains(&upload), "{ran}");
        assert!(proxy.count(|seen| seen.target.ends_with(lie)) > 0);
    }
}

#[test]
fn a_store_that_does_not_let_us_in_is_told_at_once() {
    let Some(s3) = SERVER.as_ref() else { return };
    let scratch = scratch();
    let (out, work) = (scratch.arg("out"), scratch.arg("work"));
    let cairn = on(s3.port(), "60");
    run(&cairn, "s3://nowhere/at-all", &out, &work)
        .failed_saying(1, &["s3://nowhere/at-all", "no such bucket"]);
    let ran = run(&cairn, &SMALL.source_arg(), "s3://nowhere/out", &work);
    ran.failed_saying(1, &["--out", "s3://nowhere/out", "no such bucket"]);
    let stranger = cairn.clone().with([("AWS_SECRET_ACCESS_KEY", "another")]);
    run(&stranger, "s3://ready", &out, &work)
        .failed_saying(1, &["s3://ready", "access is denied", "credentials"]);
    let careful = cairn.with([("AWS_ALLOW_HTTP", "false"), ("CAIRN_STORE_RETRY_SECONDS", "2")]);
    run(&careful, "s3://ready", &out, &work).failed_saying(1, &["s3://ready", "AWS_ALLOW_HTTP"]);
}

#[test]
fn names_are_taken_as_they_are() {
    let Some(s3) = SERVER.as_ref() else { return };
    let scratch = scratch();
    s3.make_bucket("names");
    let names = [
        "a b", "50%", "#1", "~", "åäö", "a+b", "[x]", "q?", "*", "%41", "'",
    ];
    for (number, name) in (0..).zip(&names) {
        let path = format!("source/ada/{name}/{name}.gpx");
        scratch.write(&path, small_trace(number));
        s3.put("names", [(path, small_trace(number))]);
    }
    let here = printed(&run(
        &cairn(),
        &scratch.arg("source"),
        &scratch.arg("out"),
        &scratch.arg("work"),
    ));
    let cairn = on(s3.port(), "60");
    let there = printed(&run(
        &cairn,
        "s3://names/source/",
        &scratch.arg("out-s3"),
        &scratch.arg("work-s3"),
    ));
    assert_eq!(here["results_digest"], there["results_digest"]);
    let published = cairn_tests::Published::below(&scratch.join("out"));
    let objects = published.table("objects");
    let kept = (0..objects.rows())
        .filter(|row| objects.text("verdict", *row) == "kept")
        .count();
    assert_eq!(kept, names.len(), "{objects:?}");
}

/// Who signs an epoch in a bucket at the same moment as others loses nobody's signature, theirs included.
#[test]
fn several_sign_at_once_in_a_bucket_and_all_are_there() {
    let Some(s3) = SERVER.as_ref() else { return };
    s3.make_bucket("signed");
    let files = files_below(&SMALL.published.folder).into_iter();
    s3.put(
        "signed",
        files.map(|(path, bytes)| (format!("epoch/{path}"), bytes)),
    );
    let (cairn, scratch) = (on(s3.port(), "10"), scratch());
    let keys: Vec<(String, String)> = (0..4)
        .map(|number| {
            let file = scratch.arg(&format!("{number}.pem"));
            let public = cairn.succeed(&["keys", "generate", "--out", &file]);
            (file, public.trim().to_owned())
        })
        .collect();
    let ran: Vec<Ran> = std::thread::scope(|scope| {
        let signers: Vec<_> = keys
            .iter()
            .map(|(file, _)| {
                let cairn = &cairn;
                scope.spawn(move || cairn.run(&["attest", "s3://signed/epoch", "--key", file, "--json"]))
            })
            .collect();
        signers
            .into_iter()
            .map(|signer| signer.join().expect("it ran"))
            .collect()
    });
    let printed: Vec<serde_json::Value> = ran.iter().map(printed).collect();
    let mut audit = vec!["audit", "s3://signed/epoch", "--require-signers", "4"];
    audit.extend(keys.iter().flat_map(|(_, public)| ["--signer", public]));
    let said = cairn.succeed(&audit);
    assert!(said.contains("Yes: "), "{said}");

    // The archive of the bucket's epoch, in the bucket, has the root that they signed.
    let car = printed[0]["car"].as_str().unwrap();
    assert!(
        printed
            .iter()
            .all(|one| one["car"] == car && one["added"] == true)
    );
    let said = cairn.succeed(&[
        "export",
        "s3://signed/epoch",
        "--format",
        "car",
        "--out",
        "s3://signed/archive/epoch.car",
    ]);
    assert!(said.contains(&format!("root {car}\n")), "{said}");
    let there = &s3.files("signed", "archive")["archive/epoch.car"];
    let file = scratch.join("epoch.car");
    let said = cairn.succeed(&[
        "export",
        &SMALL.published.folder.to_string_lossy(),
        "--format",
        "car",
        "--out",
        &file.to_string_lossy(),
    ]);
    assert!(said.contains(&format!("root {car}\n")), "{said}");
    assert!(*there == std::fs::read(file).unwrap(), "another archive");
}
