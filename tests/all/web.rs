//! Sources on web servers that cannot list, stores that cannot be reached, and bounds on what is in flight.

use std::time::{Duration, Instant};

use cairn_tests::{Ran, Scratch, Web, copy_folder};

use crate::fixtures::{SMALL, cairn, scratch, small_city_source};

fn run(scratch: &Scratch, source: &str, further: &[&str]) -> Ran {
    let (out, work) = (scratch.arg("out"), scratch.arg("work"));
    let mut args = vec![
        "run", "--json", "--source", source, "--out", &out, "--work", &work,
    ];
    args.extend(further);
    cairn().with([("CAIRN_STORE_RETRY_SECONDS", "5")]).run(&args)
}

fn printed(ran: &Ran) -> serde_json::Value {
    assert_eq!(ran.code, Some(0), "{ran}");
    serde_json::from_str(&ran.stdout).expect("--json prints JSON")
}

/// The small city in a folder `site/city`, with a manifest of uploads that names all of it and one object more.
fn site() -> Scratch {
    let scratch = scratch();
    copy_folder(small_city_source(), &scratch.join("site/city"));
    let _ = std::fs::remove_file(scratch.join("site/city/uploads.csv"));
    let mut lines = vec!["path,contributor".to_owned()];
    for path in cairn_tests::files_below(&scratch.join("site/city")).keys() {
        if let Some((contributor, _)) = path.split_once('/') {
            lines.push(format!("{path},{contributor}"));
        }
    }
    lines.push("ada/gone.gpx,ada".to_owned());
    scratch.write("site/city/uploads.csv", lines.join("\n"));
    scratch
}

#[test]
fn a_web_server_that_does_not_list_is_read_by_the_manifest() {
    let scratch = site();
    let here = printed(&cairn().run(&[
        "run",
        "--json",
        "--source",
        &scratch.arg("site/city"),
        "--out",
        &scratch.arg("out-here"),
        "--work",
        &scratch.arg("work-here"),
    ]));
    for ranges in [false, true] {
        let web = Web::of(&scratch.join("site"), ranges);
        let there = printed(&run(&scratch, &web.url("city/"), &[]));
        assert_eq!(there["results_digest"], here["results_digest"]);
        assert_eq!(
            web.requests("PROPFIND"),
            1,
            "it is not asked again what it cannot do"
        );
        std::fs::remove_dir_all(scratch.join("out")).unwrap();
        std::fs::remove_dir_all(scratch.join("work")).unwrap();
    }
}

#[test]
fn a_web_server_without_a_manifest_cannot_be_a_source() {
    let scratch = site();
    std::fs::remove_file(scratch.join("site/city/uploads.csv")).unwrap();
    let web = Web::of(&scratch.join("site"), true);
    let ran = run(&scratch, &web.url("city"), &[]);
    ran.failed_saying(1, &[&web.url("city"), "uploads.csv", "does not list", "501"]);
}

#[test]
fn an_object_that_changes_while_it_is_read_ends_the_run_and_is_taken_the_next_time() {
    let scratch = scratch();
    let trace = |lat: &str| {
        let points = (0..30).fold(String::new(), |points, second| {
            let time = format!("2026-05-12T08:00:{second:02}Z");
            points + &format!("<trkpt lat=\"{lat}{second:02}\" lon=\"13.19\"><time>{time}</time></trkpt>")
        });
        format!("<gpx version=\"1.1\"><trk><trkseg>{points}</trkseg></trk></gpx>")
    };
    scratch.write(
        "site/uploads.csv",
        "path,contributor\nada/one.gpx,ada\nbob/two.gpx,bob\n",
    );
    scratch.write("site/ada/one.gpx", trace("55.70"));
    scratch.write("site/bob/two.gpx", trace("55.71"));
    let web = Web::of(&scratch.join("site"), true);
    web.replace_on_get("bob/two.gpx", trace("55.72").as_bytes());
    let ran = run(&scratch, &web.url(""), &[]);
    ran.failed_saying(
        1,
        &[
            "`bob/two.gpx`",
            "was replaced after it was listed",
            "same command",
        ],
    );
    let _ = printed(&run(&scratch, &web.url(""), &[]));
}

#[test]
fn a_trace_of_many_pieces_comes_whole() {
    let scratch = scratch();
    let points = (0..60).fold(String::new(), |points, second| {
        let filling = "filling ".repeat(50_000);
        let time = format!("2026-05-12T08:00:{second:02}Z");
        points
            + &format!(
                "<!-- {filling} --><trkpt lat=\"55.70{second:02}\" lon=\"13.19\"><time>{time}</time></trkpt>"
            )
    });
    let trace = format!("<gpx version=\"1.1\"><trk><trkseg>{points}</trkseg></trk></gpx>");
    assert!(trace.len() > 20 << 20);
    scratch.write("site/uploads.csv", "path,contributor\nada/one.gpx,ada\n");
    scratch.write("site/ada/one.gpx", trace);
    let web = Web::of(&scratch.join("site"), true);
    let there = printed(&run(&scratch, &web.url(""), &["--memory", "1"]));
    let in_parts = web.requests("GET");
    std::fs::remove_dir_all(scratch.join("out")).unwrap();
    let whole_only = Web::of(&scratch.join("site"), false);
    let again = printed(&run(&scratch, &whole_only.url(""), &["--memory", "1"]));
    assert_eq!(there["results_digest"], again["results_digest"]);
    // One more to find out, and two less: it came in three pieces.
    assert_eq!(in_parts, whole_only.requests("GET") + 1);
    let out = scratch.arg("out-here");
    let here = printed(&cairn().run(&[
        "run",
        "--json",
        "--source",
        &scratch.arg("site"),
        "--out",
        &out,
        "--work",
        &scratch.arg("work-here"),
    ]));
    assert_eq!(there["results_digest"], here["results_digest"]);
}

#[test]
fn a_web_server_takes_no_results() {
    let scratch = scratch();
    let source = SMALL.source_arg();
    let url = "http://127.0.0.1:9/out";
    let ran = cairn().run(&["run", "--source", &source, "--out", url]);
    ran.failed_saying(1, &["--out", url, "read only", "a folder or a bucket"]);
    let ran = cairn().run(&[
        "run",
        "--source",
        &source,
        "--out",
        &scratch.arg("out"),
        "--work",
        url,
    ]);
    ran.failed_saying(1, &["--work", url, "read only"]);
}

#[test]
fn what_was_published_is_read_over_the_web() {
    let web = Web::of(SMALL.published.folder.parent().unwrap(), true);
    let url = web.url(&SMALL.published.folder.file_name().unwrap().to_string_lossy());
    let audit = cairn().run(&["audit", &url]);
    assert_eq!(audit.code, Some(0), "{audit}");
    assert!(audit.stdout.contains("does not list"), "{audit}");
}

/// Nothing outside of this machine is asked: whoever hands out credentials is looked for at a port that nobody
/// listens at.
#[test]
fn without_credentials_a_bucket_is_refused_within_seconds() {
    let scratch = scratch();
    let nobody = "http://127.0.0.1:9";
    for (url, hint) in [
        ("s3://bucket/prefix", "AWS_ACCESS_KEY_ID"),
        ("gs://bucket/prefix", "GOOGLE_SERVICE_ACCOUNT"),
        ("az://container/prefix", "AZURE_STORAGE_ACCOUNT_NAME"),
    ] {
        for account in [false, true] {
            let mut cairn = cairn().with([
                ("AWS_METADATA_ENDPOINT", nobody),
                ("GCE_METADATA_HOST", "127.0.0.1:9"),
                ("GCE_METADATA_IP", "127.0.0.1:9"),
                ("IDENTITY_ENDPOINT", nobody),
                ("HOME", "/nonexistent"),
            ]);
            if account {
                cairn = cairn.with([("AZURE_STORAGE_ACCOUNT_NAME", "someone")]);
            }
            let started = Instant::now();
            let ran = cairn.run(&["run", "--source", url, "--out", &scratch.arg("out")]);
            ran.failed_saying(2, &["--source", url, hint]);
            assert!(
                started.elapsed() < Duration::from_secs(15),
                "{:?}",
                started.elapsed()
            );
        }
    }
}

#[test]
fn locations_hold_no_secrets() {
    let scratch = scratch();
    for url in [
        "s3://bucket/x?token=hidden",
        "https://ada:hidden@example.org/x",
        "gs://bucket/x#hidden",
    ] {
        let ran = cairn().run(&["run", "--source", url, "--out", &scratch.arg("out")]);
        ran.failed_saying(2, &["--source", "credentials come from the environment"]);
        assert!(!ran.stderr.contains("hidden"), "{ran}");
    }
    for url in [
        "ftp://ada:hidden@example.org/x",
        "s4://bucket/x?token=hidden",
        "https://ada:hidden@exa mple.org/x",
        "https://ada:hid#hidden@example.org:port/x",
        "file://ada:hidden@here/x",
    ] {
        let ran = cairn().run(&["run", "--source", url, "--out", &scratch.arg("out")]);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(!ran.stderr.contains("hid"), "{ran}");
        let ran = cairn().run(&["audit", url]);
        assert!(!ran.stderr.contains("hid"), "{ran}");
    }
    let ran = cairn().run(&["run", "--source", "file://here", "--out", &scratch.arg("out")]);
    ran.failed_saying(2, &["file://here", "file:///folder"]);
}

#[test]
fn results_are_the_same_however_little_is_in_flight() {
    for further in [
        ["--memory", "1", "--concurrency", "1", "--threads", "1"],
        ["--memory", "1", "--concurrency", "40", "--threads", "2"],
        ["--memory", "100000", "--concurrency", "9", "--threads", "3"],
    ] {
        let scratch = scratch();
        let url = format!("file://{}", SMALL.source_arg());
        let found = printed(&run(&scratch, &url, &further));
        assert_eq!(
            found["results_digest"], SMALL.printed["results_digest"],
            "{further:?}"
        );
    }
}
